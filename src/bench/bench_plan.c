// What a training will take on this machine: its memory from the plan, its time from two short measurements,
// the environments alone (until learning begins) and a whole training (from then on).
#include "base/cpu.h"
#include "config/config.h"
#include "rainbow/bench.h"
#include "rainbow/run.h"

// Measured with a replay that is soon full: only the sum tree's depth depends on its size.
enum { START = 500, CAPACITY = 20000 };

static rb_status measurable(rb_config **out, const rb_config *config, rb_error *error)
{
    const rb_params *p = &config->params;
    rb_status status = rb_config_copy(out, config, error);
    if (!status && p->replay.capacity > CAPACITY)
        status = rb_config_set(*out, "replay.capacity", "20000", "estimate", error);
    if (!status && p->agent.start_steps > START)
        status = rb_config_set(*out, "agent.start_steps", "500", "estimate", error);
    return status;
}

rb_status rb_bench_plan(const rb_config *config, double seconds, rb_bench_plan_result *out, rb_error *error)
{
    const rb_params *p = &config->params;
    rb_config *shorter = NULL;
    rb_bench_env_result env;
    rb_bench_train_result train;
    *out = (rb_bench_plan_result){.steps = p->run.max_steps,
                                  .episodes = p->run.max_episodes,
                                  .lives = p->run.max_lives,
                                  .minutes = p->run.max_minutes};
    out->threads = p->compute.threads ? (int)p->compute.threads : rb_cpu_get()->cores;
    rb_status status = rb_run_memory(config, &out->bytes, error);
    if (!status) status = measurable(&shorter, config, error);
    if (!status)
        status = rb_bench_env(shorter, &(rb_bench_env_options){seconds / 4, seconds / 16}, &env, error);
    if (!status)
        status = rb_bench_train(shorter, &(rb_bench_train_options){seconds, seconds / 4}, &train, error);
    rb_config_destroy(shorter);
    if (status) return status;
    const double start = (double)(p->agent.start_steps < out->steps ? p->agent.start_steps : out->steps);
    out->playing = env.steps_per_second, out->learning = train.steps_per_second;
    out->busy_share = train.queued_share + train.stolen_share;
    out->seconds = start / out->playing + ((double)out->steps - start) / out->learning;
    return RB_OK;
}
