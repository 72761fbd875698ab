#include "train/best.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "io/csv.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "rollout/weights.h"
#include "train/metrics.h"

static rb_status find_link(const rb_run *run, char *path, size_t bytes, rb_error *error)
{
    return rb_path_join(path, bytes, run->directory, "checkpoints/best", error);
}

static bool holds_an_evaluation(const char *path)
{
    rb_csv_table *table = NULL;
    const bool holds =
        rb_file_exists(path) && !rb_csv_table_read(&table, path, NULL) && rb_csv_table_rows(table) == 1;
    rb_csv_table_free(table);
    return holds;
}

// A process may have been killed when new weights were complete, but not yet in their place. Their evaluation
// is written last.
static void recover(const char *link)
{
    static const char *const names[] = {"best_a", "best_b"};
    char directory[RB_PATH_MAX + 8], path[RB_PATH_MAX + 32], now[16];
    if (rb_file_exists(link) || rb_file_link_read(link, now, sizeof now)) return;
    for (int i = 0; i < 2; i++) {
        snprintf(directory, sizeof directory, "%.*s%s", (int)(strlen(link) - strlen("best")), link, names[i]);
        snprintf(path, sizeof path, "%s/evaluation.csv", directory);
        if (!holds_an_evaluation(path)) continue;
        if (rb_file_link(link, names[i], NULL)) rb_file_rename(directory, link, NULL);
        return;
    }
}

rb_status rb_best_open(rb_run *run, rb_error *error)
{
    char link[RB_PATH_MAX], path[RB_PATH_MAX];
    rb_csv_table *table = NULL;
    rb_status status = find_link(run, link, sizeof link, error);
    if (!status) recover(link);
    if (!status) status = rb_path_join(path, sizeof path, link, "evaluation.csv", error);
    if (status || !rb_file_exists(link)) return status;
    const bool read = !rb_csv_table_read(&table, path, NULL);
    const double *mean = read ? rb_csv_table_column(table, RB_COLUMN_MEAN) : NULL;
    if (mean && rb_csv_table_rows(table) == 1) {
        run->best_mean = mean[0];
    } else { // the weights beside it may be sound
        run->best_mean = rb_metrics_best(run->metrics);
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "%s: is missing or damaged: it must hold exactly one evaluation; the weights beside it "
                     "are kept until "
                     "an evaluation is above the highest mean of " RB_EVAL_CSV " (%.2f)",
                     path, run->best_mean);
    }
    rb_csv_table_free(table);
    return RB_OK;
}

static rb_status write_evaluation(const rb_run *run, const char *directory, const rb_eval_result *result,
                                  rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_csv *csv = NULL;
    rb_status status = rb_path_join(path, sizeof path, directory, "evaluation.csv", error);
    if (!status) status = rb_csv_create(&csv, path, RB_EVAL_HEADER, error);
    if (!status) status = rb_csv_keep_sum(csv, error);
    if (status) {
        rb_csv_close(csv, NULL);
        return status;
    }
    rb_metrics_evaluation_row(run->metrics, run, result, csv);
    status = rb_csv_sync(csv, error);
    rb_status closed = rb_csv_close(csv, status ? NULL : error);
    return status ? status : closed;
}

static rb_status write_all(const rb_run *run, const char *directory, const rb_eval_result *result,
                           rb_error *error)
{
    char config[RB_PATH_MAX];
    rb_status status = rb_file_remove_tree(directory, error); // left by a killed process
    if (!status) status = rb_file_make_directories(directory, error);
    if (!status)
        status = rb_weights_save(rb_agent_seen(run->agent), directory, run->config, run->step, error);
    if (!status) status = rb_path_join(config, sizeof config, directory, "config.ini", error);
    if (!status) status = rb_config_write(run->config, config, error);
    return status ? status : write_evaluation(run, directory, result, error);
}

// Makes the link name the new directory. Where there are no symbolic links, or a copy has turned the link
// into a directory, `best` is that directory itself. It can't be replaced in one step: if the process is
// killed between the two, rb_best_open finds the new one.
static rb_status put_in_place(const char *link, const char *target, const char *directory, const char *old,
                              rb_error *error)
{
    char now[16];
    const bool is_link = rb_file_link_read(link, now, sizeof now);
    if (is_link || !rb_file_exists(link)) {
        const rb_status status = rb_file_link(link, target, error);
        if (!status) return rb_file_remove_tree(old, error);
        if (is_link) return status;
    }
    if (error) *error = (rb_error){0};
    const rb_status status = rb_file_remove_tree(link, error);
    return status ? status : rb_file_rename(directory, link, error);
}

rb_status rb_best_consider(rb_run *run, const rb_eval_result *result, rb_error *error)
{
    if (!run->params->checkpoint.best || !(isnan(run->best_mean) || result->mean > run->best_mean))
        return RB_OK;
    char link[RB_PATH_MAX], directory[RB_PATH_MAX + 8], old[RB_PATH_MAX + 8], now[16];
    rb_status status = find_link(run, link, sizeof link, error);
    if (status) return status;
    const bool a = rb_file_link_read(link, now, sizeof now) && !strcmp(now, "best_a");
    snprintf(directory, sizeof directory, "%s_%s", link, a ? "b" : "a");
    snprintf(old, sizeof old, "%s_%s", link, a ? "a" : "b");
    status = write_all(run, directory, result, error);
    if (!status) status = put_in_place(link, a ? "best_b" : "best_a", directory, old, error);
    if (status)
        return rb_error_context(error, status, "the best weights, from step %" PRId64 ", could not be saved",
                                run->step);
    run->best_mean = result->mean;
    rb_log_write(&run->log, RB_LOG_DETAIL, "step %" PRId64 ": the highest mean so far, saved as %s",
                 run->step, link);
    return RB_OK;
}
