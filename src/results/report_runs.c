// Runs for a report: finds them and reads them. report_groups.c sorts them.
#include "results/report_runs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "results/find_runs.h"

// ---- one run ----

// Sorts `values`.
static void summarise(rb_report_run *run, const double *frames, double *values, int rows,
                      const rb_report_options *options)
{
    const int of = options->score == RB_SCORE_MEAN && options->mean_of < rows ? options->mean_of : rows;
    double sum = 0, tail = 0;
    int best = 0;
    for (int i = 0; i < rows; i++) {
        sum += values[i];
        if (i >= rows - of) tail += values[i];
        if (values[i] > values[best]) best = i;
    }
    run->evaluations = rows;
    run->mean = sum / rows;
    run->last = values[rows - 1];
    run->best = values[best];
    run->best_frames = (int64_t)frames[best];
    run->frames = (int64_t)frames[rows - 1];
    run->score = options->score == RB_SCORE_LAST   ? run->last
                 : options->score == RB_SCORE_BEST ? run->best
                                                   : tail / of;
    rb_sort_ascending(values, rows);
    run->median = (values[(rows - 1) / 2] + values[rows / 2]) / 2;
}

// *rows: the number of evaluations.
static rb_status read_table(rb_found_run *f, rb_found_runs *all, int *rows, rb_error *error)
{
    char path[RB_PATH_MAX];
    *rows = 0;
    rb_status status = rb_path_join(path, sizeof path, f->run.path, RB_EVAL_CSV, error);
    if (status || !rb_file_exists(path)) return status;
    rb_csv_table *table;
    if ((status = rb_csv_table_read(&table, path, error))) return status;
    *rows = rb_csv_table_rows(table);
    const double *frames = rb_csv_table_column(table, RB_COLUMN_FRAMES),
                 *mean = rb_csv_table_column(table, RB_COLUMN_MEAN);
    double *values = NULL;
    if (!frames || !mean) {
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: has no column named %s", path,
                              frames ? "mean" : "frames");
    } else {
        for (int i = 0; i < *rows && !status; i++)
            if (!isfinite(mean[i]) || !(frames[i] >= 0 && frames[i] < 9e18))
                status = rb_error_set(error, RB_ERR_NUMBER, "%s:%d: %s is not a finite number", path, i + 2,
                                      isfinite(mean[i]) ? "frames" : "mean");
        if (!status && *rows && !(values = malloc((size_t)*rows * sizeof *values)))
            status = rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    }
    if (!status && *rows) {
        memcpy(values, mean, (size_t)*rows * sizeof *values);
        summarise(&f->run, frames, values, *rows, all->options);
        if (all->options->score == RB_SCORE_MEAN && all->options->mean_of > *rows) all->shortened = true;
    }
    free(values);
    rb_csv_table_free(table);
    return status;
}

static rb_status read_settings(rb_found_run *f, rb_error *error)
{
    rb_status status = rb_run_facts_read(&f->facts, f->run.path, error);
    if (status) return status;
    const rb_run_params *p = &f->facts.config->params.run;
    f->run.seed = p->seed;
    f->run.state = rb_run_facts_state(f->run.path);
    f->run.sticky = rb_run_facts_sticky(f->facts.config);
    f->run.life_loss = rb_run_facts_life_loss(f->facts.config);
    snprintf(f->base, sizeof f->base, "%.120s/%.70s", p->group, *p->preset ? p->preset : "no preset");
    rb_run_facts_game(f->facts.config, f->game, sizeof f->game);
    return RB_OK;
}

static rb_status add_run(rb_found_runs *all, const char *path, rb_error *error)
{
    bool twice;
    const rb_status looked = rb_seen_add(&all->seen, path, &twice, error);
    if (looked || twice) return looked;
    if (all->count == all->capacity) {
        const int capacity = all->capacity ? 2 * all->capacity : 16;
        rb_found_run *list = realloc(all->list, (size_t)capacity * sizeof *list);
        if (!list) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
        all->list = list;
        all->capacity = capacity;
    }
    rb_found_run *f = &all->list[all->count++];
    memset(f, 0, sizeof *f);
    int rows = 0;
    if (!rb_text_copy(f->run.path, sizeof f->run.path, path))
        return rb_error_set(error, RB_ERR_USAGE, "%.200s...: the path is too long", path);
    rb_status status = read_settings(f, error);
    if (!status && !*f->game) {
        rb_run_facts_free(&all->list[--all->count].facts);
        return rb_report_remark(all->report, error, "%s has a config.ini without run.env and is left out.",
                                path);
    }
    if (!status) status = read_table(f, all, &rows, error);
    if (!status && !rows) {
        rb_run_facts_free(&all->list[--all->count].facts);
        return rb_report_remark(all->report, error, "%s has no evaluation yet and is left out.", path);
    }
    for (int i = 0; i + 1 < all->count && !status; i++) {
        const rb_run_facts *other = &all->list[i].facts;
        if (other->shared || !rb_run_facts_interchangeable(&f->facts, other)) continue;
        rb_run_facts_share(&f->facts, other);
        break;
    }
    return status;
}

// ---- finding runs ----

static rb_status add_found(void *to, const char *path, bool named, rb_error *error)
{
    (void)named;
    return add_run(to, path, error);
}

static rb_status find_runs(rb_found_runs *all, const char *const *paths, int count, rb_error *error)
{
    for (int i = 0; i < count; i++) {
        const rb_status status = rb_find_runs(paths[i], false, add_found, all, error);
        if (status) return status;
    }
    if (!all->count)
        return rb_error_set(error, RB_ERR_USAGE, "nothing to report: %s",
                            all->report->remark_count ? all->report->remarks[0] : "no run was named");
    return RB_OK;
}

rb_status rb_report_read(rb_report *report, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error)
{
    rb_found_runs all = {.report = report, .options = options};
    rb_status status = find_runs(&all, paths, count, error);
    if (!status) status = rb_report_sort(&all, error);
    if (!status && all.shortened)
        status = rb_report_remark(
            report, error, "Some runs have fewer than %d evaluations: their mean covers those they have.",
            options->mean_of);
    for (int i = 0; i < all.count; i++) rb_run_facts_free(&all.list[i].facts);
    free(all.list);
    rb_seen_free(&all.seen);
    return status;
}
