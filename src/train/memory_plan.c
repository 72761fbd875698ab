#include "train/memory_plan.h"

#include <stdio.h>

#include "base/text.h"

// What a process needs besides what is planned: code, stacks, the emulators' own memory is counted by
// environment.
enum { env_bytes_each = 6 << 20 };

rb_memory_plan rb_memory_plan_make(const rb_replay_spec *replay, const rb_agent_spec *agent, int environments)
{
    return (rb_memory_plan){.replay_bytes = rb_replay_bytes(replay),
                            .agent_bytes = (double)rb_agent_bytes(agent),
                            .env_bytes = (double)environments * env_bytes_each};
}

rb_status rb_memory_plan_check(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                               rb_error *error)
{
    double rest = plan->agent_bytes + plan->env_bytes, need = plan->replay_bytes + rest;
    if (need <= available) return RB_OK;
    char need_text[32], replay_text[32], available_text[32], advice[128] = "";
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(replay_text, sizeof replay_text, plan->replay_bytes);
    rb_text_bytes(available_text, sizeof available_text, available);
    double per_step = plan->replay_bytes / (double)replay->params.capacity;
    double fits = (0.95 * available - rest) / per_step;
    if (fits >= 1000)
        snprintf(advice, sizeof advice, "; --replay.capacity=%.0f would fit",
                 (double)(int64_t)(fits / 1000) * 1000);
    return rb_error_set(error, RB_ERR_MEMORY,
                        "this run needs %s of memory, %s of it for replay.capacity = %lld steps, and the "
                        "machine has %s free%s",
                        need_text, replay_text, (long long)replay->params.capacity, available_text, advice);
}

void rb_memory_plan_text(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                         char *out, size_t bytes)
{
    char replay_text[32], agent_text[32], env_text[32], available_text[32], steps[32];
    rb_text_bytes(replay_text, sizeof replay_text, plan->replay_bytes);
    rb_text_bytes(agent_text, sizeof agent_text, plan->agent_bytes);
    rb_text_bytes(env_text, sizeof env_text, plan->env_bytes);
    rb_text_bytes(available_text, sizeof available_text, available);
    rb_text_count(steps, sizeof steps, (double)replay->params.capacity);
    snprintf(out, bytes, "memory: replay %s (%s steps), network %s, environments %s; %s free", replay_text,
             steps, agent_text, env_text, available_text);
}
