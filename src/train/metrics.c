#include "train/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/cpu.h"
#include "base/file.h"
#include "io/csv.h"
#include "io/csv_table.h"
#include "train/ending.h"
#include "train/run_state.h"

enum {
    recent = 100,
    evaluations_most = 1000
}; // games behind the progress line's mean return; run.stop_evaluations

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
    double eval_mean;           // NaN before the first
    double eval_std, eval_best; // the same
    int64_t eval_step;          // -1 before the first
    int64_t eval_games;         // of the training when it was made
    int64_t evaluations;
    double eval_means[evaluations_most]; // the newest, as the table has them
    double loss_ema, q_ema;              // for the progress line; NaN before the first update
    double seconds, running_since;       // the clock runs where running_since >= 0
    double shown_at, measured_seconds;
    int64_t measured_step, measured_frames;
    double speed, frame_speed; // steps and frames a second, smoothed
    rb_activity activity;
    int eval_ended, eval_ended_of; // games of the evaluation that is being made
    double measured_at, process_bytes, machine_free_bytes, machine_bytes; // memory, once a second
    rb_history history;               // made again from the table on resume
    bool told_squeezed;               // that compressed frames take more than was planned
    uint64_t train_bytes, eval_bytes; // of the tables, as a checkpoint saw them
};

static const char train_header[] =
    "step,frames,episode,env,return,length,epsilon,loss,q_mean,updates,seconds";
const char rb_eval_header[] = "step,frames,episodes,mean,std,min,max,median,seconds";

rb_status rb_metrics_create(rb_metrics **out, int environments, rb_arena *arena, rb_error *error)
{
    rb_metrics *m = RB_TAKE(arena, rb_metrics, 1);
    totals *starts = RB_TAKE(arena, totals, environments);
    rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    m->environments = environments;
    m->game_start = starts;
    m->eval_mean = m->eval_std = m->eval_best = m->loss_ema = m->q_ema = NAN;
    m->eval_step = -1;
    m->running_since = m->shown_at = m->measured_at = -1;
    *out = m;
    return RB_OK;
}

void rb_metrics_destroy(rb_metrics *m)
{
    if (!m) return;
    rb_csv_close(m->train, NULL);
    rb_csv_close(m->eval, NULL);
}

static rb_status open_table(rb_csv **out, const char *directory, const char *name, const char *header,
                            bool resumed, uint64_t bytes, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, name, error);
    if (!status && !resumed)
        status = rb_file_remove_tree(path, error); // of a run that ended before its first checkpoint
    if (status) return status;
    return resumed ? rb_csv_append(out, path, header, (int64_t)bytes, error)
                   : rb_csv_create(out, path, header, error);
}

static void remember_evaluation(rb_metrics *m, int64_t step, double mean, double std)
{
    m->eval_means[m->evaluations++ % evaluations_most] = mean;
    m->eval_step = step;
    m->eval_mean = mean;
    m->eval_std = std;
    m->eval_best = fmax(m->eval_best, mean); // of a number and NaN the number
}

// What the tables hold of a run that goes on.
static rb_status remember_tables(rb_metrics *m, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv_table *train = NULL, *table = NULL;
    rb_status status = rb_path_join(path, sizeof path, directory, "train.csv", error);
    if (!status) status = rb_csv_table_read(&train, path, error);
    const int games = status ? 0 : rb_csv_table_rows(train);
    const double *steps = games ? rb_csv_table_column(train, "step") : NULL;
    for (int i = 0; i < games; i++)
        rb_history_add(&m->history, (int64_t)steps[i], rb_csv_table_column(train, "return")[i],
                       rb_csv_table_column(train, "epsilon")[i], rb_csv_table_column(train, "loss")[i],
                       rb_csv_table_column(train, "q_mean")[i]);
    if (!status) status = rb_path_join(path, sizeof path, directory, "eval.csv", error);
    if (!status) status = rb_csv_table_read(&table, path, error);
    for (int i = 0; !status && i < rb_csv_table_rows(table); i++)
        remember_evaluation(m, (int64_t)rb_csv_table_column(table, "step")[i],
                            rb_csv_table_column(table, "mean")[i], rb_csv_table_column(table, "std")[i]);
    rb_csv_table_free(table);
    m->eval_games = 0;
    for (int i = 0; !status && i < games && steps[i] <= (double)m->eval_step; i++) m->eval_games++;
    rb_csv_table_free(train);
    return status;
}

rb_status rb_metrics_open(rb_metrics *m, const char *directory, bool resumed, rb_error *error)
{
    rb_status status =
        open_table(&m->train, directory, "train.csv", train_header, resumed, m->train_bytes, error);
    if (!status)
        status = open_table(&m->eval, directory, "eval.csv", rb_eval_header, resumed, m->eval_bytes, error);
    return status || !resumed ? status : remember_tables(m, directory, error);
}

void rb_metrics_activity(rb_metrics *m, rb_activity activity, int games, int of)
{
    m->activity = activity;
    m->eval_ended = games;
    m->eval_ended_of = of;
}

const rb_history *rb_metrics_history(const rb_metrics *m)
{
    return &m->history;
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

rb_metrics_total rb_metrics_so_far(const rb_metrics *m)
{
    return (rb_metrics_total){m->now.loss, m->now.q, m->now.updates, seconds_now(m)};
}

// Digits that mean something: a table is read by people too.
static double hundredths(double x)
{
    return round(x * 100) / 100;
}

static double rounded(double x)
{
    char text[32];
    snprintf(text, sizeof text, "%.6g", x);
    return strtod(text, NULL);
}

static double smooth(double mean, double value)
{
    return isnan(mean) ? value : 0.99 * mean + 0.01 * value;
}

void rb_metrics_learned(rb_metrics *m, const rb_learned *learned)
{
    m->now.loss += (double)learned->loss;
    m->now.q += (double)learned->q_mean;
    m->now.updates++;
    m->loss_ema = smooth(m->loss_ema, (double)learned->loss);
    m->q_ema = smooth(m->q_ema, (double)learned->q_mean);
}

void rb_metrics_game(rb_metrics *m, const rb_run *run, int environment, const rb_vector_result *result)
{
    totals *start = &m->game_start[environment];
    double updates = (double)(m->now.updates - start->updates); // none: the means are empty fields
    rb_csv *csv = m->train;
    const int64_t step = run->step + rb_vector_count(run->envs);
    const double epsilon = rounded(rb_agent_epsilon(run->agent, run->step)),
                 loss = updates > 0 ? rounded((m->now.loss - start->loss) / updates) : NAN,
                 q = updates > 0 ? rounded((m->now.q - start->q) / updates) : NAN;
    rb_history_add(&m->history, step, result->game_return, epsilon, loss, q);
    m->returns[m->games++ % recent] = result->game_return;
    rb_csv_i64(csv, step);
    rb_csv_i64(csv, run->frames);
    rb_csv_i64(csv, m->games);
    rb_csv_i64(csv, environment);
    rb_csv_f64(csv, result->game_return);
    rb_csv_i64(csv, result->game_steps);
    rb_csv_f64(csv, epsilon);
    rb_csv_f64(csv, loss);
    rb_csv_f64(csv, q);
    rb_csv_i64(csv, (int64_t)rb_agent_updates(run->agent));
    rb_csv_f64(csv, hundredths(seconds_now(m)));
    rb_csv_end(csv);
    *start = m->now;
}

void rb_metrics_evaluation_row(const rb_metrics *m, const rb_run *run, const rb_eval_result *r, rb_csv *csv)
{
    rb_csv_i64(csv, run->step);
    rb_csv_i64(csv, run->frames);
    rb_csv_i64(csv, r->episodes);
    rb_csv_f64(csv, rounded(r->mean));
    rb_csv_f64(csv, rounded(r->std));
    rb_csv_f64(csv, r->min);
    rb_csv_f64(csv, r->max);
    rb_csv_f64(csv, r->median);
    rb_csv_f64(csv, hundredths(seconds_now(m)));
    rb_csv_end(csv);
}

rb_status rb_metrics_evaluation(rb_metrics *m, const rb_run *run, const rb_eval_result *r, rb_error *error)
{
    // As a resumed run will read it.
    remember_evaluation(m, run->step, rounded(r->mean), rounded(r->std));
    m->eval_games = m->games;
    rb_log_write(&run->log, RB_LOG_INFO,
                 "step %lld: %d games, mean %.2f, std %.2f, from %.10g to %.10g (%.0f s)",
                 (long long)run->step, r->episodes, r->mean, r->std, r->min, r->max, r->seconds);
    rb_metrics_evaluation_row(m, run, r, m->eval);
    return rb_csv_flush(m->eval, error);
}

static double mean_return(const rb_metrics *m)
{
    int64_t n = m->games < recent ? m->games : recent;
    double sum = 0;
    for (int64_t i = 0; i < n; i++) sum += m->returns[i];
    return n ? sum / (double)n : NAN;
}

int64_t rb_metrics_games(const rb_metrics *m)
{
    return m->games;
}

int64_t rb_metrics_games_evaluated(const rb_metrics *m)
{
    return m->eval_games;
}

double rb_metrics_trailing(const rb_metrics *m, int64_t count)
{
    double sum = 0;
    if (m->evaluations < count) return NAN;
    for (int64_t i = m->evaluations - count; i < m->evaluations; i++)
        sum += m->eval_means[i % evaluations_most];
    return sum / (double)count;
}

// A mean over the last seconds.
static void follow(double *mean, double value, double seconds)
{
    *mean = *mean > 0 ? *mean + (1 - exp(-seconds / 5)) * (value - *mean) : value;
}

rb_progress rb_metrics_now(const rb_metrics *m, const rb_run *run)
{
    const double seconds = seconds_now(m);
    rb_progress progress = {.step = run->step,
                            .max_steps = run->params->run.max_steps,
                            .max_episodes = run->params->run.max_episodes,
                            .done = rb_run_done_now(run, seconds),
                            .ended = rb_run_ending(run),
                            .frames = run->frames,
                            .updates = (int64_t)rb_agent_updates(run->agent),
                            .games = m->games,
                            .return_mean = mean_return(m),
                            .eval_mean = m->eval_mean,
                            .eval_std = m->eval_std,
                            .eval_best = m->eval_best,
                            .eval_step = m->eval_step,
                            .epsilon = rb_agent_epsilon(run->agent, run->step),
                            .loss = m->loss_ema,
                            .q_mean = m->q_ema,
                            .replay_size = rb_replay_size(run->replay),
                            .replay_capacity = run->params->replay.capacity,
                            .steps_per_second = m->speed,
                            .seconds = seconds,
                            .seconds_left = rb_run_seconds_left(run, seconds, m->speed),
                            .frames_per_second = m->frame_speed,
                            .process_bytes = m->process_bytes,
                            .machine_free_bytes = m->machine_free_bytes,
                            .machine_bytes = m->machine_bytes,
                            .activity = m->activity,
                            .eval_games = m->eval_ended,
                            .eval_games_of = m->eval_ended_of,
                            .curve_steps = run->params->run.max_steps};
    while (progress.curve_steps / 2 >= run->step && progress.curve_steps > 2 * RB_CURVE_POINTS)
        progress.curve_steps = (progress.curve_steps + 1) / 2;
    rb_history_returns(&m->history, progress.curve_steps, RB_CURVE_POINTS, progress.curve);
    return progress;
}

static void measure_from_here(rb_metrics *m, const rb_run *run)
{
    m->measured_seconds = seconds_now(m);
    m->measured_step = run->step;
    m->measured_frames = run->frames;
}

void rb_metrics_begin(rb_metrics *m, const rb_run *run)
{
    rb_metrics_clock(m, true);
    measure_from_here(m, run);
}

rb_status rb_metrics_progress(rb_metrics *m, const rb_run *run, bool at_once, rb_error *error)
{
    double now = rb_clock_seconds();
    if (!at_once && m->shown_at >= 0 && now - m->shown_at < 0.1) return RB_OK;
    rb_status status = rb_csv_flush(m->train, error); // whoever follows the table sees each game
    if (status) return status;
    double seconds = seconds_now(m);
    const double past = seconds - m->measured_seconds;
    if (past >= 0.05) { // less is no measure
        follow(&m->speed, (double)(run->step - m->measured_step) / past, past);
        follow(&m->frame_speed, (double)(run->frames - m->measured_frames) / past, past);
        measure_from_here(m, run);
    }
    if (m->measured_at < 0 || now - m->measured_at >= 1) {
        if (m->measured_at < 0) m->machine_bytes = rb_cpu_memory_total();
        m->measured_at = now;
        m->process_bytes = rb_cpu_memory_used();
        m->machine_free_bytes = rb_cpu_memory_available();
    }
    m->shown_at = now;
    const rb_progress progress = rb_metrics_now(m, run);
    if (!m->told_squeezed && rb_replay_squeezed(run->replay) > 0) {
        m->told_squeezed = true;
        rb_log_write(
            &run->log, RB_LOG_WARNING,
            "replay: these pictures compress less than %g times (replay.compress_ratio), so the oldest "
            "steps go before %lld are kept; %lld are",
            run->params->replay.compress_ratio, (long long)progress.replay_capacity,
            (long long)progress.replay_size);
    }
    if (run->hooks.progress) run->hooks.progress(run->hooks.context, &progress);
    return RB_OK;
}

rb_status rb_metrics_sync(rb_metrics *m, rb_error *error)
{
    rb_status status = rb_csv_sync(m->train, error);
    return status ? status : rb_csv_sync(m->eval, error);
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
