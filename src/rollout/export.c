// Writes a trained network for other programs (rainbow/export.h): opens a checkpoint as a policy, and writes
// its network in the requested format. Notes describe how an observation is made, with the parameters' own
// keys, so that another program can make the same one.
#include "rainbow/export.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "base/cpu.h"
#include "base/text.h"
#include "env/registry.h"
#include "nn/net_graph.h"
#include "rollout/agent_spec.h"
#include "rollout/export_facts.h"
#include "rollout/onnx_model.h"
#include "rollout/export_policy.h"
#include "rollout/weights.h"

enum { NOTES_MAX = 128 };

typedef struct notes {
    int count;
    rb_safetensors_note note[NOTES_MAX];
} notes;

static void add(notes *n, rb_arena *arena, const char *key, const char *value)
{
    if (n->count == NOTES_MAX) return;
    char *kept = rb_arena_text(arena, value);
    if (kept) n->note[n->count++] = (rb_safetensors_note){key, kept};
}

// True for a setting that only one family of environments reads, if `env` belongs to it. Gymnasium
// environments also read Atari's.
static bool tells_family(const char *key, const char *env)
{
    char group[32];
    snprintf(group, sizeof group, "%.*s", (int)strcspn(key, "."), key);
    const rb_env_family *family = rb_env_family_of_group(group);
    if (!family) return false;
    return family->has_form(env) || (family == &rb_atari_family && rb_gym_family.has_form(env));
}

// True for settings of the network, of every environment, and of this kind of environment, except paths of
// this machine.
static bool tells(const char *key, const char *env)
{
    if (rb_text_ends(key, ".rom_dir") || rb_text_ends(key, ".python")) return false;
    static const char *const of_training[] = {"env.count", "env.workers", "env.asynchronous"},
                             *const of_agent[] = {"agent.gamma",     "agent.categorical", "agent.head",
                                                  "agent.atoms",     "agent.v_min",       "agent.v_max",
                                                  "agent.quantiles", "agent.tau_values"};
    for (size_t i = 0; i < sizeof of_training / sizeof *of_training; i++)
        if (!strcmp(key, of_training[i])) return false;
    for (size_t i = 0; i < sizeof of_agent / sizeof *of_agent; i++)
        if (!strcmp(key, of_agent[i])) return true;
    return rb_text_starts(key, "env.") || rb_text_starts(key, "net.") || tells_family(key, env);
}

// `sums`: with the checksum of a safetensors file, which must come first.
static rb_status collect(notes *n, const rb_policy *p, bool sums, rb_error *error)
{
    const rb_params *params = &p->config->params;
    char value[RB_CONFIG_VALUE_MAX];
    if (sums) n->note[n->count++] = rb_safetensors_checksum;
    add(n, p->arena, "rainbow", RB_VERSION);
    add(n, p->arena, "env", params->run.env);
    add(n, p->arena, "preset", params->run.preset);
    snprintf(value, sizeof value, "%" PRId64, p->step);
    add(n, p->arena, "step", value);
    add(n, p->arena, "actions", p->action_names);
    for (int i = 0; i < rb_param_count(); i++) {
        const char *key = rb_param_get(i)->key;
        if (!tells(key, params->run.env)) continue;
        rb_status status = rb_config_get(p->config, key, value, sizeof value, error);
        if (status) return status;
        add(n, p->arena, key, value);
    }
    return rb_arena_check(p->arena, error);
}

static void input_words(char *out, size_t bytes, const rb_policy *p, const rb_net_spec *spec, bool floats)
{
    const bool picture = spec->height > 1 || spec->width > 1;
    size_t used = 0;
#define SAY(...)                                                                                             \
    if (used < bytes) used += (size_t)snprintf(out + used, bytes - used, __VA_ARGS__)
    SAY("observations of %.128s, %s", p->config->params.run.env, // a path may be long
        spec->bytes        ? floats ? "bytes as floats, 0 .. 255 (scaled inside)" : "bytes (scaled inside)"
        : spec->normalised ? "floats (normalised inside)"
                           : "floats");
    if (p->stack > 1) SAY(", the last %d frames, the oldest first", p->stack);
    if (picture && spec->planes > p->stack) SAY(", %d planes each", spec->planes / p->stack);
    if (spec->vector) SAY(", beside a vector");
#undef SAY
}

static rb_status write_onnx(rb_policy *p, const char *file, rb_export_input wanted, rb_export_result *out,
                            rb_error *error)
{
    const rb_net *net = rb_agent_online(p->agent);
    const rb_net_spec *spec = rb_net_spec_of(net);
    if (wanted == RB_EXPORT_UINT8 && !spec->bytes)
        return rb_error_set(error, RB_ERR_USAGE,
                            "%s has float observations, which bytes can't hold: its input must be float32",
                            p->config->params.run.env);
    rb_onnx_input_shape input = rb_onnx_input_shape_of(spec, p->stack, wanted == RB_EXPORT_FLOAT32);
    input.masked = p->masks;
    int atoms;
    char words[300], doc[400];
    rb_onnx *model;
    notes n = {0};
    rb_status status = collect(&n, p, false, error);
    snprintf(doc, sizeof doc, "%s after %" PRId64 " steps", p->config->params.run.env, p->step);
    if (!status) status = rb_onnx_create(&model, "policy", doc, p->arena, error);
    if (status) return rb_error_context(error, status, "%s", file);
    input_words(words, sizeof words, p, spec, input.floats);
    rb_onnx_add_network(model, net, &input, words, rb_agent_support(p->agent, &atoms),
                        rb_agent_quantiles(p->agent));
    for (int i = 0; i < n.count; i++) rb_onnx_note(model, n.note[i].key, n.note[i].value);
    out->dims = input.dims;
    for (int d = 0; d < input.dims; d++) out->shape[d] = (int)input.shape[d];
    out->floats = input.floats;
    out->masked = input.masked;
    int64_t vector[3];
    if (spec->vector)
        out->vector_dims = 1 + rb_observation_shape(vector, rb_net_vector(spec), 1, 1, spec->frames);
    for (int d = 1; d < out->vector_dims; d++) out->vector_shape[d] = (int)vector[d - 1];
    out->numbers = rb_export_numbers(net, false);
    return rb_onnx_write(model, file, error);
}

rb_status rb_export_policy_onnx(rb_policy *p, const char *file, rb_export_input input, rb_export_result *out,
                                rb_error *error)
{
    *out = (rb_export_result){0};
    const rb_status status = write_onnx(p, file, input, out, error);
    if (!status) rb_export_describe(out, p, file);
    return status;
}

rb_status rb_export_policy_safetensors(rb_policy *p, const char *file, rb_export_result *out, rb_error *error)
{
    const rb_net *net = rb_agent_online(p->agent);
    notes n = {0};
    *out = (rb_export_result){0};
    rb_status status = collect(&n, p, true, error);
    if (!status) status = rb_weights_write(net, file, n.note, n.count, error);
    if (status) return status;
    out->numbers = rb_export_numbers(net, true);
    rb_export_describe(out, p, file);
    return RB_OK;
}

rb_status rb_export_onnx(const char *path, const char *file, rb_export_input input, rb_export_result *out,
                         rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
    rb_policy p = {0};
    *out = (rb_export_result){0};
    rb_status status = rb_policy_open(&p, path, 1, 1, error);
    if (!status) status = rb_export_policy_onnx(&p, file, input, out, error);
    rb_policy_close(&p);
    return status;
}

rb_status rb_export_safetensors(const char *path, const char *file, rb_export_result *out, rb_error *error)
{
    RB_CPU_FLUSH_DENORMALS;
    rb_policy p = {0};
    *out = (rb_export_result){0};
    rb_status status = rb_policy_open(&p, path, 1, 1, error);
    if (!status) status = rb_export_policy_safetensors(&p, file, out, error);
    rb_policy_close(&p);
    return status;
}
