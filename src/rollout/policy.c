#include "rollout/policy.h"

#include <string.h>

#include "base/cpu.h"
#include "base/file.h"
#include "base/text.h"
#include "config/trust.h"
#include "env/contract.h"
#include "env/vector_spec.h"
#include "rollout/agent_spec.h"
#include "rollout/compute_spec.h"
#include "rollout/init_weights.h"
#include "rollout/memory_needs.h"
#include "rollout/saved.h"
#include "rollout/weights.h"

// Whether a key belongs to one of the groups that environments are made from.
static bool is_about_environments(const char *key)
{
    for (const char *const *group = rb_env_groups; *group; group++) {
        const size_t bytes = strlen(*group);
        if (!strncmp(key, *group, bytes) && key[bytes] == '.') return true;
    }
    return false;
}

static rb_status change(rb_config *config, const char *word, rb_error *error)
{
    char key[64] = "", groups[160] = "";
    const size_t bytes = strcspn(word, "=");
    if (rb_text_starts(word, "--") && word[bytes] && bytes - 2 < sizeof key)
        memcpy(key, word + 2, bytes - 2), key[bytes - 2] = 0;
    if (is_about_environments(key))
        return rb_config_set(config, key, word + bytes + 1, "command line", error);
    for (const char *const *group = rb_env_groups; *group; group++) {
        const size_t used = strlen(groups);
        const char *between = !used ? "" : group[1] ? ", " : " and ";
        snprintf(groups + used, sizeof groups - used, "%s%s", between, *group);
    }
    return rb_error_set(error, RB_ERR_USAGE,
                        "%s: only a run's settings in the groups %s can be changed to watch it, for example "
                        "--atari.sticky=0",
                        word, groups);
}

// *written: as it is in the file, without the changes; the caller frees it.
static rb_status read_config(rb_policy *p, rb_config **written, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, p->checkpoint, "config.ini", error);
    if (!status) status = rb_config_create(&p->config, error);
    if (!status) status = rb_run_config_read(p->config, path, error);
    if (!status) status = rb_config_copy(written, p->config, error);
    for (int i = 0; i < p->change_count && !status; i++) status = change(p->config, p->changes[i], error);
    if (!status) status = rb_config_check_trust(p->config, error);
    if (!status) rb_trust_keep();
    return status;
}

// Opens the environment once to read its spec.
static rb_status make_agent(rb_policy *p, int width, rb_error *error)
{
    const rb_params *params = &p->config->params;
    const rb_vector_spec look = rb_vector_spec_make_games(params, 0, RB_RNG_EVAL_ENV, 1);
    rb_vector *envs = NULL;
    rb_status status = rb_vector_create(&envs, &look, p->arena, error);
    if (!status) {
        rb_agent_spec spec =
            rb_agent_spec_make(params, rb_vector_env_spec(envs), rb_vector_stack(envs), width);
        p->stack = rb_vector_stack(envs);
        p->masks = rb_vector_env_spec(envs)->masks;
        rb_action_names(p->action_names, sizeof p->action_names, rb_vector_env_spec(envs));
        spec.agent.batch = 2; // it never learns; the fewest samples that batch normalisation accepts
        status = rb_memory_needs_check(params, &spec, rb_pool_threads(p->pool), width,
                                       rb_cpu_memory_available(), error);
        if (!status) status = rb_agent_create(&p->agent, &spec, p->compute, p->arena, error);
    }
    rb_vector_destroy(envs);
    return status;
}

// Everything but the weights, by p->config.
static rb_status make(rb_policy *p, int threads, int width, rb_error *error)
{
    rb_status status = rb_arena_create(&p->arena, error);
    if (!status) status = rb_pool_create(&p->pool, threads ? threads : rb_cpu_get()->cores, error);
    // The run's own kernels, or the fastest if this processor lacks them: weights are f32 in every run.
    if (!status && rb_compute_make(&p->compute, &p->config->params.compute, p->pool, p->arena, NULL))
        status = rb_compute_create(&p->compute, p->pool, NULL, false, p->arena, error);
    return status ? status : make_agent(p, width, error);
}

rb_status rb_policy_open(rb_policy *p, const char *path, int threads, int width, rb_error *error)
{
    rb_config *written = NULL;
    rb_cpu_flush_denormals();
    rb_status status = rb_checkpoint_find(p->checkpoint, sizeof p->checkpoint, path, false, error);
    if (!status) status = read_config(p, &written, error);
    if (!status) status = make(p, threads, width, error);
    if (!status) status = rb_weights_load(rb_agent_online(p->agent), p->checkpoint, written, &p->step, error);
    rb_config_destroy(written);
    return status;
}

rb_status rb_policy_open_file(rb_policy *p, const rb_config *config, int threads, int width, rb_error *error)
{
    rb_init_weights read;
    rb_cpu_flush_denormals();
    rb_status status = rb_config_copy(&p->config, config, error);
    if (!status) status = rb_config_check(p->config, error);
    if (!status) status = make(p, threads, width, error);
    if (!status) status = rb_init_weights_read(rb_agent_online(p->agent), p->config, &read, error);
    if (status) return status;
    rb_text_copy(p->checkpoint, sizeof p->checkpoint, p->config->params.run.init_weights);
    p->step = read.step;
    return RB_OK;
}

void rb_policy_close(rb_policy *p)
{
    rb_pool_destroy(p->pool);
    rb_arena_destroy(p->arena);
    rb_config_destroy(p->config);
    *p = (rb_policy){0};
}

rb_status rb_policy_check_file(const rb_config *config, rb_error *error)
{
    rb_policy p = {0};
    if (!*config->params.run.init_weights) return RB_OK;
    const rb_status status = rb_policy_open_file(&p, config, 1, 1, error);
    rb_policy_close(&p);
    return status;
}

// "best" is one path whose weights are replaced, so the step tells what the path cannot.
rb_status rb_policy_renew(rb_policy *p, const char *path, bool *newer, rb_error *error)
{
    char found[sizeof p->checkpoint];
    int64_t step;
    *newer = false;
    rb_status status = rb_checkpoint_find(found, sizeof found, path, false, error);
    if (!status) status = rb_weights_load(rb_agent_online(p->agent), found, NULL, &step, error);
    if (status) return status;
    *newer = strcmp(found, p->checkpoint) || step != p->step;
    p->step = step;
    rb_text_copy(p->checkpoint, sizeof p->checkpoint, found);
    return RB_OK;
}
