#include "train/memory_plan.h"

#include <stdio.h>
#include <string.h>
#include <stdlib.h>

#include "base/cpu.h"
#include "base/sort.h"
#include "base/text.h"
#include "learner/replay_spec.h"
#include "rollout/evaluator.h"
#include "rollout/memory_needs.h"

enum {
    PROCESS_BYTES = 24 << 20, // needed beyond the plan: code and stacks
    COPIED_BYTES = 20,        // of a step in replay: its priority and its row, but never its frame
};

rb_status rb_memory_plan_check(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                               rb_error *error)
{
    double rest = plan->agent_bytes + plan->env_bytes + plan->copy_bytes, need = plan->replay_bytes + rest;
    if (need <= available) return RB_OK;
    char need_text[32], replay_text[32], available_text[32], advice[160] = "";
    const char *what =
        replay->whole ? "a rollout (agent.rollout_steps, env.count), in all" : "replay.capacity =";
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(replay_text, sizeof replay_text, plan->replay_bytes);
    rb_text_bytes(available_text, sizeof available_text, available);
    double per_step = plan->replay_bytes / (double)replay->params.capacity;
    double fits = (0.95 * available - rest) / per_step;
    if (fits >= 1000 && !replay->whole)
        snprintf(advice, sizeof advice, "; --replay.capacity=%.0f would fit",
                 (double)(int64_t)(fits / 1000) * 1000);
    rb_replay_spec packed = *replay;
    packed.params.compress = RB_COMPRESS_LZ4;
    if (!replay->whole && rb_replay_can_compress(replay) && rb_replay_bytes(&packed) + rest <= available) {
        size_t used = strlen(advice);
        snprintf(advice + used, sizeof advice - used, "%s",
                 used ? ", and so would --replay.compress=lz4" : "; --replay.compress=lz4 would fit");
    }
    return rb_error_set(
        error, RB_ERR_MEMORY,
        "this run needs %s of memory, %s of it for %s %lld steps, and the machine has %s free%s", need_text,
        replay_text, what, (long long)replay->params.capacity, available_text, advice);
}

rb_memory_plan rb_memory_plan_make(const rb_params *p, const rb_replay_spec *replay,
                                   const rb_agent_spec *agent)
{
    const int threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
    const int eval_width = rb_evaluator_width(p->eval.episodes), streams = (int)p->env.count;
    const double agent_bytes = (double)rb_agent_bytes(agent, threads); // its copy has no packs and tapes
    return (rb_memory_plan){.replay_bytes = rb_replay_spec_bytes(p, replay),
                            .agent_bytes = agent_bytes,
                            .copy_bytes = agent_bytes + COPIED_BYTES * (double)replay->params.capacity,
                            .env_bytes = rb_environments_bytes(p, threads, streams) +
                                         rb_environments_bytes(p, threads, eval_width)};
}

double rb_memory_plan_bytes(const rb_memory_plan *plan)
{
    return plan->replay_bytes + plan->agent_bytes + plan->env_bytes + plan->copy_bytes + PROCESS_BYTES;
}

rb_status rb_memory_plan_check_together(const rb_memory_plan *plans, int count, int jobs, double available,
                                        double *need, rb_error *error)
{
    *need = 0;
    if (jobs > count) jobs = count;
    double *sizes = malloc(sizeof *sizes * (size_t)count), all = 0;
    if (!sizes) return rb_error_set(error, RB_ERR_MEMORY, "no memory to plan %d runs", count);
    for (int i = 0; i < count; i++) sizes[i] = rb_memory_plan_bytes(&plans[i]);
    rb_sort_ascending(sizes, count);
    int fits = 0; // how many of the largest
    for (int i = 0; i < jobs; i++) {
        *need += sizes[count - 1 - i];
        if (*need <= available) fits = i + 1;
    }
    for (int i = 0; i < count; i++) all += sizes[i];
    free(sizes);
    if (*need <= available) return RB_OK;
    char need_text[32], mean_text[32], available_text[32], advice[48] = "";
    rb_text_bytes(need_text, sizeof need_text, *need);
    rb_text_bytes(mean_text, sizeof mean_text, all / count);
    rb_text_bytes(available_text, sizeof available_text, available);
    if (fits) snprintf(advice, sizeof advice, "; --jobs=%d would fit", fits);
    return rb_error_set(error, RB_ERR_MEMORY,
                        "%d run%s at once need%s %s of memory (%s each on average), and the machine has %s "
                        "free%s",
                        jobs, jobs == 1 ? "" : "s", jobs == 1 ? "s" : "", need_text, mean_text,
                        available_text, advice);
}

void rb_memory_plan_text(const rb_memory_plan *plan, const rb_replay_spec *replay, double available,
                         char *out, size_t bytes)
{
    char replay_text[32], agent_text[32], env_text[32], copy_text[32], available_text[32], steps[32];
    rb_text_bytes(replay_text, sizeof replay_text, plan->replay_bytes);
    rb_text_bytes(agent_text, sizeof agent_text, plan->agent_bytes);
    rb_text_bytes(env_text, sizeof env_text, plan->env_bytes);
    rb_text_bytes(copy_text, sizeof copy_text, plan->copy_bytes);
    rb_text_bytes(available_text, sizeof available_text, available);
    rb_text_count(steps, sizeof steps, (double)replay->params.capacity);
    snprintf(out, bytes, "memory: %s %s (%s steps%s), network %s, environments %s, checkpoints %s; %s free",
             replay->whole ? "rollout" : "replay", replay_text, steps,
             replay->params.compress ? ", compressed" : "", agent_text, env_text, copy_text, available_text);
}
