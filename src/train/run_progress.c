// A run's progress record, as passed to the hook: measured speed and memory, and the estimated end.
#include <math.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "train/ending.h"
#include "train/metrics_impl.h"
#include "train/run_state.h"

static double mean_return(const rb_metrics *m)
{
    int64_t n = m->games < RB_METRICS_RECENT ? m->games : RB_METRICS_RECENT;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += m->returns[i];
    return n ? sum / (double)n : NAN;
}

// A moving mean over the last seconds.
static void follow(double *mean, double value, double seconds)
{
    *mean = *mean > 0 ? *mean + (1 - exp(-seconds / 5)) * (value - *mean) : value;
}

// Whether the speed so far is that of the steps still to come.
static bool speed_lasts(const rb_metrics *m, const rb_run *run)
{
    const bool learns = m->now.updates > 0 || run->params->agent.start_steps < run->params->run.max_steps;
    return !learns || m->speed_kind == RB_SPEED_WITH_UPDATES;
}

rb_progress rb_metrics_now(const rb_metrics *m, const rb_run *run)
{
    const double seconds = rb_metrics_seconds(m);
    const int64_t trailing = run->params->run.stop_evaluations;
    rb_progress progress = {.step = run->step,
                            .max_steps = run->params->run.max_steps,
                            .max_episodes = run->params->run.max_episodes,
                            .lives = run->episodes.lives,
                            .max_lives = run->params->run.max_lives,
                            .done = rb_run_done_now(run, seconds),
                            .ended = rb_run_ending(run),
                            .frames = run->frames,
                            .updates = (int64_t)rb_agent_updates(run->agent),
                            .games = m->games,
                            .return_mean = mean_return(m),
                            .eval_mean = m->eval_mean,
                            .eval_trailing = trailing ? rb_metrics_trailing(m, trailing) : NAN,
                            .stop_evaluations = trailing,
                            .stop_score = run->params->run.stop_score,
                            .eval_std = m->eval_std,
                            .eval_best = m->eval_best,
                            .eval_step = m->eval_step,
                            .epsilon = rb_stepper_epsilon(run, 0),
                            .loss = m->loss_ema,
                            .q_mean = m->q_ema,
                            .replay_size = rb_replay_size(run->replay),
                            .replay_capacity = rb_replay_capacity(run->replay),
                            .steps_per_second = m->speed,
                            .seconds = seconds,
                            .seconds_left = rb_run_seconds_left(run, seconds, m->speed, speed_lasts(m, run)),
                            .warming_up = !speed_lasts(m, run) && rb_run_ending(run) == RB_GOING,
                            .every_seconds = run->params->progress.every_seconds,
                            .frames_per_second = m->frame_speed,
                            .process_bytes = m->process_bytes,
                            .machine_free_bytes = m->machine_free_bytes,
                            .machine_bytes = m->machine_bytes,
                            .activity = m->activity,
                            .eval_games = m->eval_ended,
                            .eval_games_of = m->eval_ended_of,
                            .eval_steps = m->eval_steps,
                            .eval_seconds = m->eval_seconds,
                            .curve_steps = run->params->run.max_steps};
    while (progress.curve_steps / 2 >= run->step && progress.curve_steps > 2 * RB_CURVE_POINTS)
        progress.curve_steps = (progress.curve_steps + 1) / 2;
    rb_history_returns(&m->history, progress.curve_steps, RB_CURVE_POINTS, progress.curve);
    return progress;
}

static void measure_from_here(rb_metrics *m, const rb_run *run)
{
    m->measured_seconds = rb_metrics_seconds(m);
    m->measured_step = run->step;
    m->measured_frames = run->frames;
}

// Steps without updates are many times faster than steps with them, so the speed is measured anew from the
// first update on: then it has both, as they overlap.
static void notice_updates(rb_metrics *m, const rb_run *run)
{
    if (!m->now.updates || m->speed_kind != RB_SPEED_WITHOUT_UPDATES) return;
    m->speed_kind = RB_SPEED_BEGINS;
    measure_from_here(m, run);
}

static void measure_speed(rb_metrics *m, const rb_run *run)
{
    const double past = rb_metrics_seconds(m) - m->measured_seconds;
    if (past < 0.05) return; // too noisy
    if (m->speed_kind == RB_SPEED_BEGINS) {
        m->speed = m->frame_speed = 0;
        m->speed_kind = RB_SPEED_WITH_UPDATES;
    }
    follow(&m->speed, (double)(run->step - m->measured_step) / past, past);
    follow(&m->frame_speed, (double)(run->frames - m->measured_frames) / past, past);
    measure_from_here(m, run);
}

void rb_metrics_begin(rb_metrics *m, const rb_run *run)
{
    rb_metrics_clock(m, true);
    measure_from_here(m, run);
}

// So that readers of the table see each game. A table that can't be written now is tried again; a checkpoint,
// which needs it, fails if it still can't.
// RB_ERR_FULL is for the caller, who may wait for room (full_disk.h).
static rb_status flush_table(rb_metrics *m, const rb_run *run, rb_error *error)
{
    rb_error why = {0};
    const rb_status status = rb_csv_flush(m->train, &why);
    if (status == RB_ERR_FULL) return rb_error_set(error, status, "%s", why.message);
    const bool failed = status != RB_OK;
    if (failed && !m->told_full)
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "step %lld: %s; training continues, and its rows are kept for now", (long long)run->step,
                     why.message);
    if (!failed && m->told_full)
        rb_log_write(&run->log, RB_LOG_WARNING, "step %lld: the tables can be written again; no row is lost",
                     (long long)run->step);
    m->told_full = failed;
    return RB_OK;
}

rb_status rb_metrics_progress(rb_metrics *m, const rb_run *run, bool at_once, rb_error *error)
{
    double now = rb_clock_seconds();
    const double every = run->params->progress.every_seconds;
    if (!at_once && m->shown_at >= 0 && now - m->shown_at < (every > 0 ? fmin(every, 0.1) : 0.1))
        return RB_OK;
    // Once per second, not ten times: many runs may share a file server.
    const bool write = at_once || m->flushed_at < 0 || now - m->flushed_at >= 1;
    if (write) m->flushed_at = now;
    const rb_status flushed = write ? flush_table(m, run, error) : RB_OK;
    notice_updates(m, run);
    measure_speed(m, run);
    if (m->measured_at < 0 || now - m->measured_at >= 1) {
        if (m->measured_at < 0) m->machine_bytes = rb_cpu_memory_total();
        m->measured_at = now;
        m->process_bytes = rb_cpu_memory_used();
        m->machine_free_bytes = rb_cpu_memory_available();
    }
    m->shown_at = now;
    const rb_progress progress = rb_metrics_now(m, run);
    if (!m->told_evicted && rb_replay_evicted_early(run->replay) > 0) {
        m->told_evicted = true;
        rb_log_write(
            &run->log, RB_LOG_WARNING,
            "replay: these frames compress less than %g times (replay.compress_ratio), so replay keeps "
            "fewer than %lld steps; it holds %lld",
            run->params->replay.compress_ratio, (long long)progress.replay_capacity,
            (long long)progress.replay_size);
    }
    const bool due = at_once || m->reported_at < 0 || now - m->reported_at >= every;
    if (due) m->reported_at = now;
    if (due && run->hooks.progress) run->hooks.progress(run->hooks.context, &progress);
    return flushed;
}
