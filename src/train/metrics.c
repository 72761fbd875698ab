#include "train/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "io/csv.h"
#include "io/csv_mend.h"
#include "io/csv_sum.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "train/metrics_impl.h"
#include "train/run_state.h"

rb_status rb_metrics_create(rb_metrics **out, int environments, rb_arena *arena, rb_error *error)
{
    rb_metrics *m = RB_TAKE(arena, rb_metrics, 1);
    rb_totals *starts = RB_TAKE(arena, rb_totals, environments);
    rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    m->environments = environments;
    m->game_start = starts;
    m->eval_mean = m->eval_std = m->eval_best = m->loss_ema = m->q_ema = NAN;
    m->eval_step = -1;
    m->running_since = m->flushed_at = m->shown_at = m->reported_at = m->measured_at = -1;
    *out = m;
    return RB_OK;
}

void rb_metrics_destroy(rb_metrics *m)
{
    if (!m) return;
    rb_csv_close(m->train, NULL);
    rb_csv_close(m->eval, NULL);
}

// `bytes`: the table's length at the checkpoint.
static rb_status open_table(rb_csv **out, const rb_run *run, const char *name, const char *header,
                            bool resumed, uint64_t bytes, rb_error *error)
{
    char path[RB_PATH_MAX];
    int64_t kept = (int64_t)bytes;
    rb_status status = rb_path_join(path, sizeof path, run->directory, name, error);
    if (!status && !resumed)
        status = rb_file_remove_tree(path, error); // left by a run that ended before its first checkpoint
    if (!status && resumed) status = rb_csv_mend(path, header, run->step, &kept, &run->log, error);
    if (status) return status;
    if (!resumed) rb_csv_sum_remove(path);
    status =
        resumed ? rb_csv_append(out, path, header, kept, error) : rb_csv_create(out, path, header, error);
    return status ? status : rb_csv_keep_sum(*out, error);
}

static void remember_evaluation(rb_metrics *m, int64_t step, double mean, double std)
{
    m->eval_means[m->evaluations++ % RB_METRICS_EVALUATIONS] = mean;
    m->eval_step = step;
    m->eval_mean = mean;
    m->eval_std = std;
    m->eval_best = fmax(m->eval_best, mean); // fmax ignores a NaN
}

// Reads the tables of a resumed run.
static rb_status remember_tables(rb_metrics *m, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv_table *train = NULL, *table = NULL;
    rb_status status = rb_path_join(path, sizeof path, directory, RB_TRAIN_CSV, error);
    if (!status) status = rb_csv_table_read(&train, path, error);
    const int games = status ? 0 : rb_csv_table_rows(train);
    const double *steps = games ? rb_csv_table_column(train, RB_COLUMN_STEP) : NULL;
    for (int i = 0; i < games; i++)
        rb_history_add(&m->history, (int64_t)steps[i], rb_csv_table_column(train, RB_COLUMN_RETURN)[i],
                       rb_csv_table_column(train, RB_COLUMN_EPSILON)[i],
                       rb_csv_table_column(train, RB_COLUMN_LOSS)[i],
                       rb_csv_table_column(train, RB_COLUMN_Q_MEAN)[i]);
    if (!status) status = rb_path_join(path, sizeof path, directory, RB_EVAL_CSV, error);
    if (!status) status = rb_csv_table_read(&table, path, error);
    for (int i = 0; !status && i < rb_csv_table_rows(table); i++)
        remember_evaluation(m, (int64_t)rb_csv_table_column(table, RB_COLUMN_STEP)[i],
                            rb_csv_table_column(table, RB_COLUMN_MEAN)[i],
                            rb_csv_table_column(table, RB_COLUMN_STD)[i]);
    rb_csv_table_free(table);
    m->eval_games = 0;
    for (int i = 0; !status && i < games && steps[i] <= (double)m->eval_step; i++) m->eval_games++;
    rb_csv_table_free(train);
    return status;
}

// A run of an earlier version continues its table as it is.
static bool is_old_table(const rb_run *run)
{
    char path[RB_PATH_MAX], line[sizeof RB_EVAL_HEADER_OLD + 1] = "";
    if (rb_path_join(path, sizeof path, run->directory, RB_EVAL_CSV, NULL)) return false;
    FILE *from = rb_file_open(path, NULL); // a named pipe would wait for its writer
    const size_t got = from ? fread(line, 1, sizeof line - 1, from) : 0;
    if (from) fclose(from);
    return got == sizeof line - 1 && !strcmp(line, RB_EVAL_HEADER_OLD "\n");
}

rb_status rb_metrics_open(rb_metrics *m, const rb_run *run, bool resumed, rb_error *error)
{
    rb_status status =
        open_table(&m->train, run, RB_TRAIN_CSV, RB_TRAIN_HEADER, resumed, m->train_bytes, error);
    m->old_eval_table = resumed && is_old_table(run);
    if (!status)
        status =
            open_table(&m->eval, run, RB_EVAL_CSV, m->old_eval_table ? RB_EVAL_HEADER_OLD : RB_EVAL_HEADER,
                       resumed, m->eval_bytes, error);
    return status || !resumed ? status : remember_tables(m, run->directory, error);
}

void rb_metrics_moved(rb_metrics *m, const char *directory)
{
    char path[RB_PATH_MAX];
    if (!rb_path_join(path, sizeof path, directory, RB_TRAIN_CSV, NULL)) rb_csv_moved(m->train, path);
    if (!rb_path_join(path, sizeof path, directory, RB_EVAL_CSV, NULL)) rb_csv_moved(m->eval, path);
}

rb_status rb_metrics_rescue(rb_metrics *m, const char *directory, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status = rb_path_join(path, sizeof path, directory, RB_TRAIN_CSV, error);
    if (!status) status = rb_csv_rescue(m->train, path, error);
    if (!status) status = rb_path_join(path, sizeof path, directory, RB_EVAL_CSV, error);
    return status ? status : rb_csv_rescue(m->eval, path, error);
}

void rb_metrics_activity(rb_metrics *m, rb_activity activity)
{
    m->activity = activity;
    m->eval_ended = m->eval_ended_of = 0;
    m->eval_steps = 0;
}

void rb_metrics_evaluating(rb_metrics *m, int games, int of, int64_t steps, double seconds)
{
    m->activity = RB_EVALUATING;
    m->eval_ended = games;
    m->eval_ended_of = of;
    m->eval_steps = steps;
    m->eval_seconds = seconds;
}

bool rb_metrics_first_cut(rb_metrics *m)
{
    const bool first = !m->told_cut;
    m->told_cut = true;
    return first;
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

double rb_metrics_seconds(const rb_metrics *m)
{
    return m->seconds + (m->running_since >= 0 ? rb_clock_seconds() - m->running_since : 0);
}

rb_metrics_total rb_metrics_so_far(const rb_metrics *m)
{
    return (rb_metrics_total){m->now.loss, m->now.q, m->now.updates, rb_metrics_seconds(m)};
}

// Rounds to meaningful digits: people read the tables too.
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
    rb_totals *start = &m->game_start[environment];
    double updates = (double)(m->now.updates - start->updates); // 0: the means are empty fields
    rb_csv *csv = m->train;
    const int64_t step = run->step + run->stepper.count; // at the end of this turn
    const double epsilon = rounded(rb_stepper_epsilon(run, environment)),
                 loss = updates > 0 ? rounded((m->now.loss - start->loss) / updates) : NAN,
                 q = updates > 0 ? rounded((m->now.q - start->q) / updates) : NAN;
    rb_history_add(&m->history, step, result->game_return, epsilon, loss, q);
    m->returns[m->games++ % RB_METRICS_RECENT] = result->game_return;
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
    rb_csv_f64(csv, hundredths(rb_metrics_seconds(m)));
    rb_csv_end(csv);
    *start = m->now;
}

static double rounded_trailing(const rb_metrics *m, const rb_run *run)
{
    const int64_t count = run->params->run.stop_evaluations;
    const double mean = count ? rb_metrics_trailing(m, count) : NAN;
    return isnan(mean) ? NAN : rounded(mean);
}

void rb_metrics_evaluation_row(const rb_metrics *m, const rb_run *run, const rb_eval_result *r, rb_csv *csv)
{
    rb_csv_i64(csv, run->step);
    rb_csv_i64(csv, run->frames);
    rb_csv_i64(csv, r->episodes);
    // The best weights' own row is compared with later means, after a resume too.
    rb_csv_f64(csv, csv == m->eval ? rounded(r->mean) : r->mean);
    rb_csv_f64(csv, rounded(r->std));
    rb_csv_f64(csv, r->min);
    rb_csv_f64(csv, r->max);
    rb_csv_f64(csv, r->median);
    rb_csv_f64(csv, hundredths(rb_metrics_seconds(m)));
    if (csv != m->eval || !m->old_eval_table) rb_csv_f64(csv, rounded_trailing(m, run));
    rb_csv_end(csv);
}

rb_status rb_metrics_evaluation(rb_metrics *m, const rb_run *run, const rb_eval_result *r, rb_error *error)
{
    // Rounded, as a resumed run will read it.
    remember_evaluation(m, run->step, rounded(r->mean), rounded(r->std));
    m->eval_games = m->games;
    char step[32];
    rb_text_thousands(step, sizeof step, run->step);
    if (r->episodes == 1)
        rb_log_write(&run->log, RB_LOG_INFO, "step %s: evaluation of 1 game: return %.10g (%.0f s)", step,
                     r->mean, r->seconds);
    else
        rb_log_write(&run->log, RB_LOG_INFO,
                     "step %s: evaluation of %d games: mean %.2f, std %.2f, from %.10g to %.10g (%.0f s)",
                     step, r->episodes, r->mean, r->std, r->min, r->max, r->seconds);
    rb_metrics_evaluation_row(m, run, r, m->eval);
    return rb_csv_flush(m->eval, error);
}

void rb_metrics_evaluation_failed(rb_metrics *m)
{
    m->eval_games = m->games;
}

int64_t rb_metrics_evaluated(const rb_metrics *m)
{
    return m->eval_step;
}

int64_t rb_metrics_games(const rb_metrics *m)
{
    return m->games;
}

int64_t rb_metrics_games_evaluated(const rb_metrics *m)
{
    return m->eval_games;
}

double rb_metrics_best(const rb_metrics *m)
{
    return m->eval_best;
}

double rb_metrics_trailing(const rb_metrics *m, int64_t count)
{
    double sum = 0;
    if (m->evaluations < count) return NAN;
    for (int64_t i = m->evaluations - count; i < m->evaluations; i++)
        sum += m->eval_means[i % RB_METRICS_EVALUATIONS];
    return sum / (double)count;
}

rb_status rb_metrics_flush(rb_metrics *m, rb_error *error)
{
    rb_status status = rb_csv_flush(m->train, error);
    return status ? status : rb_csv_flush(m->eval, error);
}

rb_status rb_metrics_sync(rb_metrics *m, rb_error *error)
{
    rb_status status = rb_csv_sync(m->train, error);
    return status ? status : rb_csv_sync(m->eval, error);
}

void rb_metrics_visit(rb_metrics *m, rb_visitor *v)
{
    double seconds = rb_metrics_seconds(m);
    if (m->train) {
        m->train_bytes = (uint64_t)rb_csv_tell(m->train);
        m->eval_bytes = (uint64_t)rb_csv_tell(m->eval);
    }
    rb_visit_open(v, "ledger");
    rb_visit_u64(v, "train_bytes", &m->train_bytes);
    rb_visit_u64(v, "eval_bytes", &m->eval_bytes);
    rb_visit_f64(v, "seconds", &seconds);
    rb_visit_i64(v, "games", &m->games);
    rb_visit_f64s(v, "returns", m->returns, RB_METRICS_RECENT);
    rb_visit_f64(v, "eval_mean", &m->eval_mean);
    rb_visit_f64(v, "loss_ema", &m->loss_ema);
    rb_visit_f64(v, "q_ema", &m->q_ema);
    rb_visit_bytes(v, "now", &m->now, sizeof m->now);
    rb_visit_bytes(v, "game_start", m->game_start, sizeof *m->game_start * (size_t)m->environments);
    rb_visit_limits(v, "train_bytes", (int64_t)m->train_bytes, 0, INT64_MAX);
    rb_visit_limits(v, "eval_bytes", (int64_t)m->eval_bytes, 0, INT64_MAX);
    rb_visit_limit_f64(v, "seconds", seconds, 0, 1e12);
    rb_visit_limits(v, "games", m->games, 0, INT64_MAX / 2);
    rb_visit_close(v);
    if (rb_visitor_loading(v)) m->seconds = seconds;
}
