#include "train/metrics.h"

#include <math.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/file.h"
#include "io/csv.h"
#include "train/run_state.h"

enum { recent = 100 }; // games behind the progress line's mean return

typedef struct totals { // over all updates so far
    double loss, q;
    uint64_t updates;
} totals;

struct rb_metrics {
    rb_csv *train, *eval;
    int environments;
    totals now;
    totals *game_start; // [environments]
    double returns[recent];
    int64_t games;
    double eval_mean;         // NaN before the first
    double loss_ema, q_ema;   // for the progress line; NaN before the first update
    double seconds, running_since; // the clock runs where running_since >= 0
    double shown_at, shown_seconds;
    int64_t shown_step;
    double speed; // steps a second, smoothed
    uint64_t train_bytes, eval_bytes; // of the tables, as a checkpoint saw them
};

static const char train_header[] = "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds";
static const char eval_header[] = "step,frames,episodes,mean,std,min,max,median,seconds";

rb_status rb_metrics_create(rb_metrics **out, int environments, rb_arena *arena, rb_error *error)
{
    rb_metrics *m = RB_TAKE(arena, rb_metrics, 1);
    totals *starts = RB_TAKE(arena, totals, environments);
    rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    m->environments = environments;
    m->game_start = starts;
    m->eval_mean = m->loss_ema = m->q_ema = NAN;
    m->running_since = m->shown_at = -1;
    *out = m;
    return RB_OK;
}

void rb_metrics_destroy(rb_metrics *m)
{
    if (!m) return;
    rb_csv_close(m->train);
    rb_csv_close(m->eval);
}

rb_status rb_metrics_open(rb_metrics *m, const char *directory, bool resumed, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, "train.csv", error);
    if (!status) status = rb_csv_open(&m->train, path, train_header, resumed ? (int64_t)m->train_bytes : -1, error);
    if (!status) status = rb_path_join(path, sizeof path, directory, "eval.csv", error);
    if (!status) status = rb_csv_open(&m->eval, path, eval_header, resumed ? (int64_t)m->eval_bytes : -1, error);
    return status;
}

void rb_metrics_clock(rb_metrics *m, bool running)
{
    double now = rb_clock_seconds();
    if (m->running_since >= 0) m->seconds += now - m->running_since;
    m->running_since = running ? now : -1;
}

static double seconds_now(const rb_metrics *m)
{
    return m->seconds + (m->running_since >= 0 ? rb_clock_seconds() - m->running_since : 0);
}

static double smooth(double mean, double value) { return isnan(mean) ? value : 0.99 * mean + 0.01 * value; }

void rb_metrics_learned(rb_metrics *m, const rb_learned *learned)
{
    m->now.loss += (double)learned->loss;
    m->now.q += (double)learned->q_mean;
    m->now.updates++;
    m->loss_ema = smooth(m->loss_ema, (double)learned->loss);
    m->q_ema = smooth(m->q_ema, (double)learned->q_mean);
}

rb_status rb_metrics_game(rb_metrics *m, const rb_run *run, int environment, const rb_vector_result *result, rb_error *error)
{
    totals *start = &m->game_start[environment];
    uint64_t updates = m->now.updates - start->updates;
    char loss[32] = "", q[32] = "";
    if (updates) {
        snprintf(loss, sizeof loss, "%.6g", (m->now.loss - start->loss) / (double)updates);
        snprintf(q, sizeof q, "%.6g", (m->now.q - start->q) / (double)updates);
    }
    *start = m->now;
    m->returns[m->games++ % recent] = result->game_return;
    return rb_csv_row(m->train, error, "%lld,%lld,%lld,%d,%.10g,%lld,%.4g,%s,%s,%llu,%.2f",
                      (long long)(run->step + rb_vector_count(run->envs)), (long long)run->frames, (long long)m->games, environment,
                      result->game_return, (long long)result->game_steps, rb_agent_epsilon(run->agent, run->step), loss, q,
                      (unsigned long long)rb_agent_updates(run->agent), seconds_now(m));
}

rb_status rb_metrics_evaluation(rb_metrics *m, const rb_run *run, const rb_eval_result *r, rb_error *error)
{
    m->eval_mean = r->mean;
    rb_log_write(&run->log, RB_LOG_INFO, "step %lld: %d games, mean %.2f, std %.2f, from %.10g to %.10g (%.0f s)", (long long)run->step,
                 r->episodes, r->mean, r->std, r->min, r->max, r->seconds);
    return rb_csv_row(m->eval, error, "%lld,%lld,%d,%.10g,%.6g,%.10g,%.10g,%.10g,%.2f", (long long)run->step, (long long)run->frames,
                      r->episodes, r->mean, r->std, r->min, r->max, r->median, seconds_now(m));
}

static double mean_return(const rb_metrics *m)
{
    int64_t n = m->games < recent ? m->games : recent;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += m->returns[i];
    return n ? sum / (double)n : NAN;
}

void rb_metrics_progress(rb_metrics *m, const rb_run *run, bool at_once)
{
    if (!run->hooks.progress) return;
    double now = rb_clock_seconds();
    if (!at_once && m->shown_at >= 0 && now - m->shown_at < 0.1) return;
    double seconds = seconds_now(m);
    if (m->shown_at >= 0 && seconds > m->shown_seconds) {
        double speed = (double)(run->step - m->shown_step) / (seconds - m->shown_seconds);
        double weight = 1 - exp((m->shown_seconds - seconds) / 5); // a mean over the last seconds
        m->speed = m->speed > 0 ? m->speed + weight * (speed - m->speed) : speed;
    }
    m->shown_at = now;
    m->shown_seconds = seconds;
    m->shown_step = run->step;
    int64_t left = run->params->run.max_steps - run->step;
    rb_progress progress = {.step = run->step,
                            .max_steps = run->params->run.max_steps,
                            .frames = run->frames,
                            .updates = (int64_t)rb_agent_updates(run->agent),
                            .games = m->games,
                            .return_mean = mean_return(m),
                            .eval_mean = m->eval_mean,
                            .epsilon = rb_agent_epsilon(run->agent, run->step),
                            .loss = m->loss_ema,
                            .q_mean = m->q_ema,
                            .replay_size = rb_replay_size(run->replay),
                            .replay_capacity = run->params->replay.capacity,
                            .steps_per_second = m->speed,
                            .seconds = seconds,
                            .seconds_left = m->speed > 0 ? (double)left / m->speed : NAN};
    run->hooks.progress(run->hooks.context, &progress);
}

void rb_metrics_visit(rb_metrics *m, rb_visitor *v)
{
    double seconds = seconds_now(m);
    if (m->train) {
        m->train_bytes = (uint64_t)rb_csv_tell(m->train);
        m->eval_bytes = (uint64_t)rb_csv_tell(m->eval);
    }
    rb_visit_open(v, "ledger");
    rb_visit_u64(v, "train_bytes", &m->train_bytes);
    rb_visit_u64(v, "eval_bytes", &m->eval_bytes);
    rb_visit_f64(v, "seconds", &seconds);
    rb_visit_i64(v, "games", &m->games);
    rb_visit_f64s(v, "returns", m->returns, recent);
    rb_visit_f64(v, "eval_mean", &m->eval_mean);
    rb_visit_f64(v, "loss_ema", &m->loss_ema);
    rb_visit_f64(v, "q_ema", &m->q_ema);
    rb_visit_bytes(v, "now", &m->now, sizeof m->now);
    rb_visit_bytes(v, "game_start", m->game_start, sizeof *m->game_start * (size_t)m->environments);
    rb_visit_close(v);
    if (rb_visitor_loading(v)) m->seconds = seconds;
}
