#include "train/disk_plan.h"

#include <inttypes.h>

#include "base/text.h"
#include "env/contract.h"

enum { ROW_BYTES = 20 }; // of a step in replay, besides its frame: its priority and its row

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

// Networks, moments and tables as a state holds them. The environments are not asked: they may not have
// begun.
static double state_bytes(rb_run *run)
{
    rb_visitor *v;
    if (rb_visitor_hash(&v, NULL)) return 0;
    rb_agent_visit(run->agent, v);
    rb_metrics_visit(run->metrics, v);
    const double bytes = (double)rb_visitor_size(v);
    rb_visitor_finish(v, NULL, NULL);
    return bytes;
}

rb_disk_plan rb_disk_plan_make(rb_run *run)
{
    const rb_params *p = run->params;
    const rb_env_spec *env = rb_vector_env_spec(run->envs);
    const int64_t every = p->checkpoint.every_steps, end = p->run.max_steps;
    const int64_t step = every ? smaller((run->step / every + 1) * every, end) : end;
    const double parameters = (double)rb_net_parameters(rb_agent_seen(run->agent));
    const int64_t capacity = rb_replay_capacity(run->replay);
    const double rows = (double)smaller(step, capacity),
                 new_rows = (double)smaller(step - run->step, capacity);
    const double frame = (double)rb_env_frame_bytes(env),
                 batch = 2.0 * (double)p->agent.batch * rb_vector_stack(run->envs) * frame;
    const double least = state_bytes(run) + sizeof(float) * parameters + ROW_BYTES * rows;
    return (rb_disk_plan){step, least, least + batch + new_rows * frame};
}

void rb_disk_plan_warn(rb_run *run)
{
    const rb_disk_plan plan = rb_disk_plan_make(run);
    const double room = rb_file_free_bytes(run->directory);
    const char *which = run->saved_step < 0 ? "first" : "next";
    char least[32], most[32], free[32];
    if (room < 0 || room >= plan.most_bytes || run->step >= plan.step) return;
    rb_text_bytes(least, sizeof least, plan.least_bytes);
    rb_text_bytes(most, sizeof most, plan.most_bytes);
    rb_text_bytes(free, sizeof free, room);
    rb_log_write(
        &run->log, RB_LOG_WARNING,
        "the %s checkpoint, at step %" PRId64 ", %s: it will need from %s to %s, as far as replay can be "
        "compressed, and the disk of %s has %s free; free some, or choose another with --run.root",
        which, plan.step, room < plan.least_bytes ? "will not fit on the disk" : "may not fit on the disk",
        least, most, run->directory, free);
}
