#include "rollout/memory_needs.h"

#include <stdio.h>

#include "base/text.h"
#include "env/atari.h"
#include "env/registry.h"

// Of one environment, as measured by the process's memory with 1 and with 33 of them, and rounded up: 1.25 MB
// with an emulator, whose log of actions grows; 0.6 MB for a task with pictures; some kilobytes for any
// other. Code of the user may hold anything.
enum {
    EMULATOR_BYTES = 2 << 20,
    PICTURES_BYTES = 1 << 20,
    TASK_BYTES = 64 << 10,
    CUSTOM_BYTES = 6 << 20,
    GYM_WORKER_BYTES = 60 << 20
};

static double one_environment_bytes(const char *env)
{
    if (rb_atari_match(env)) return EMULATOR_BYTES;
    if (rb_text_starts(env, "gym/") || rb_env_is_file(env)) return CUSTOM_BYTES;
    return rb_text_ends(env, "-pixels") ? PICTURES_BYTES : TASK_BYTES;
}

double rb_environments_bytes(const rb_params *p, int threads, int count)
{
    const int64_t most = p->env.workers ? p->env.workers : threads, workers = most < count ? most : count;
    const bool gym = rb_text_starts(p->run.env, "gym/");
    return (double)count * one_environment_bytes(p->run.env) + (gym ? (double)workers * GYM_WORKER_BYTES : 0);
}

rb_status rb_memory_needs_check(const rb_params *p, const rb_agent_spec *agent, int threads, int count,
                                double available, rb_error *error)
{
    const double network = (double)rb_agent_bytes(agent, threads),
                 need = network + rb_environments_bytes(p, threads, count);
    if (need <= available) return RB_OK;
    char need_text[32], network_text[32], available_text[32], layers[96] = "";
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(network_text, sizeof network_text, network);
    rb_text_bytes(available_text, sizeof available_text, available);
    if (*p->net.layers) snprintf(layers, sizeof layers, ", net.layers = %.60s", p->net.layers);
    return rb_error_set(
        error, RB_ERR_MEMORY,
        "this agent needs %s of memory, %s of it for its network (net.hidden = %lld, net.mlp = "
        "%.60s%s), and the machine has %s free",
        need_text, network_text, (long long)p->net.hidden, p->net.mlp, layers, available_text);
}
