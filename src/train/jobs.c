// What several runs side by side have to know before any of them starts: processors and memory. That they are
// processes is the program's business (cli/jobs.c).
#include <stdlib.h>

#include "base/arena.h"
#include "base/cpu.h"
#include "config/config.h"
#include "env/vector.h"
#include "rainbow/run.h"
#include "train/memory_plan.h"

int rb_processors(void)
{
    return rb_cpu_get()->cores;
}

// An environment is made once, to be asked what it shows.
static rb_status plan_run(rb_memory_plan *plan, const rb_config *config, rb_error *error)
{
    const rb_params *p = &config->params;
    rb_vector_spec look = {
        .name = p->run.env, .env = p->env, .atari = p->atari, .purpose = RB_RNG_ENV, .count = 1};
    rb_arena *arena = NULL;
    rb_vector *envs = NULL;
    rb_status status = rb_config_check(config, error);
    if (!status) status = rb_arena_create(&arena, error);
    if (!status) status = rb_vector_create(&envs, &look, arena, error);
    if (!status) {
        rb_replay_spec replay;
        rb_agent_spec agent;
        *plan = rb_memory_plan_specs(p, rb_vector_env_spec(envs), rb_vector_stack(envs), &replay, &agent);
    }
    rb_vector_destroy(envs);
    rb_arena_destroy(arena);
    return status;
}

rb_status rb_jobs_check(rb_config *const *configs, int count, int jobs, rb_error *error)
{
    rb_memory_plan *plans = malloc(sizeof *plans * (size_t)count);
    rb_status status = plans ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory to plan %d runs", count);
    for (int i = 0; !status && i < count; i++) status = plan_run(&plans[i], configs[i], error);
    if (!status) status = rb_memory_plan_check_together(plans, count, jobs, rb_cpu_memory_available(), error);
    free(plans);
    return status;
}
