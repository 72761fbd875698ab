// What has to be known before several runs start side by side: processors and memory. That they run as
// processes is the program's business (cli/jobs.c).
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/cpu.h"
#include "base/text.h"
#include "config/config.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "rainbow/run.h"
#include "rollout/agent_spec.h"
#include "train/memory_plan.h"
#include "learner/replay_spec.h"

int rb_processors(void)
{
    return rb_cpu_get()->cores;
}

// An environment is made once, to read its spec.
static rb_status plan_run(rb_memory_plan *plan, rb_replay_spec *replay, const rb_config *config,
                          rb_error *error)
{
    const rb_params *p = &config->params;
    rb_vector_spec look = rb_vector_spec_make(p, 0, 1);
    rb_arena *arena = NULL;
    rb_vector *envs = NULL;
    if (!*p->run.env)
        return rb_error_set(error, RB_ERR_USAGE, "no environment was named (`rainbow envs` lists them)");
    rb_status status = rb_config_check(config, error);
    if (!status) status = rb_arena_create(&arena, error);
    if (!status) status = rb_vector_create(&envs, &look, arena, error);
    if (!status) {
        const rb_env_spec *env = rb_vector_env_spec(envs);
        const int stack = rb_vector_stack(envs);
        const rb_agent_spec agent = rb_agent_spec_make(p, env, stack, rb_largest_streams(p));
        *replay = rb_replay_spec_make(p, env, stack);
        *plan = rb_memory_plan_make(p, replay, &agent);
    }
    rb_vector_destroy(envs);
    rb_arena_destroy(arena);
    return status;
}

rb_status rb_run_memory(const rb_config *config, double *bytes, rb_error *error)
{
    rb_memory_plan plan;
    rb_replay_spec replay;
    rb_status status = plan_run(&plan, &replay, config, error);
    if (!status) *bytes = rb_memory_plan_bytes(&plan);
    return status;
}

rb_status rb_jobs_check(rb_config *const *configs, int count, int jobs, char *plan, size_t plan_bytes,
                        rb_error *error)
{
    double need, available = rb_cpu_memory_available();
    rb_memory_plan *plans = malloc(sizeof *plans * (size_t)count);
    rb_replay_spec *replays = malloc(sizeof *replays * (size_t)count);
    rb_status status =
        plans && replays ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory to plan %d runs", count);
    for (int i = 0; !status && i < count; i++) status = plan_run(&plans[i], &replays[i], configs[i], error);
    // A run that does not fit even alone gets the error of a single run, with the size of replay that would
    // fit.
    for (int i = 0; !status && i < count; i++)
        status = rb_memory_plan_check(&plans[i], &replays[i], available, error);
    if (!status) status = rb_memory_plan_check_together(plans, count, jobs, available, &need, error);
    free(plans);
    free(replays);
    if (status) return status;
    char need_text[32], available_text[32];
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(available_text, sizeof available_text, available);
    snprintf(plan, plan_bytes, "memory: %s for %d run%s at once; %s free", need_text, jobs,
             jobs == 1 ? "" : "s", available_text);
    return RB_OK;
}
