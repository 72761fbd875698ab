// Runs for a report: finds them, reads them, and sorts them into groups and games.
//
// Two runs belong to one group if they share run.group, run.preset and the *recipe*: the value of every
// parameter that can't be changed on resume, except those of the run itself (environment, seed, name ...). So
// a study that varied one parameter falls into one group for each of its values.
#include "results/report_runs.h"

#include <limits.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/sort.h"
#include "base/text.h"
#include "env/atari.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "rainbow/config.h"
#include "results/published.h"

typedef struct found { // a run, before it is sorted
    rb_report_run run;
    char game[128], base[200]; // base: "GROUP/PRESET"
    char *recipe;              // lines of "key = value"
} found;

typedef struct finds {
    rb_report *report;
    const rb_report_options *options;
    found *list;
    int count, capacity;
    bool shortened; // the requested mean covers more evaluations than some run has
} finds;

rb_status rb_report_remark(rb_report *report, rb_error *error, const char *format, ...)
{
    void *more = realloc(report->remarks, ((size_t)report->remark_count + 1) * sizeof *report->remarks);
    if (!more) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    report->remarks = more;
    va_list list;
    va_start(list, format);
    vsnprintf(report->remarks[report->remark_count++], sizeof *report->remarks, format, list);
    va_end(list);
    return RB_OK;
}

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
static rb_status read_table(found *f, finds *all, int *rows, rb_error *error)
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

static rb_status write_recipe(found *f, const rb_config *config, rb_error *error)
{
    size_t bytes;
    FILE *text = open_memstream(&f->recipe, &bytes);
    if (!text) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    char value[1024];
    rb_status status = RB_OK;
    for (int i = 0; i < rb_param_count() && !status; i++) {
        const rb_param_info *param = rb_param_get(i);
        if (param->resume || rb_text_starts(param->key, "run.")) continue;
        status = rb_config_get(config, param->key, value, sizeof value, error);
        fprintf(text, "%s=%s\n", param->key, value);
    }
    if (fclose(text) && !status) status = rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    return status;
}

static rb_status read_settings(found *f, rb_error *error)
{
    char path[RB_PATH_MAX], env[1024] = "", group[1024] = "", preset[1024] = "", seed[64] = "",
                            game[RB_ATARI_GAME_MAX];
    rb_config *config = NULL;
    rb_status status = rb_path_join(path, sizeof path, f->run.path, "config.ini", error);
    if (!status) status = rb_config_create(&config, error);
    if (!status) status = rb_config_read(config, path, error);
    if (!status) status = rb_config_get(config, "run.env", env, sizeof env, error);
    if (!status) status = rb_config_get(config, "run.group", group, sizeof group, error);
    if (!status) status = rb_config_get(config, "run.preset", preset, sizeof preset, error);
    if (!status) status = rb_config_get(config, "run.seed", seed, sizeof seed, error);
    if (!status) status = write_recipe(f, config, error);
    rb_config_destroy(config);
    if (status) return status;
    f->run.seed = strtoll(seed, NULL, 10);
    snprintf(f->base, sizeof f->base, "%s/%s", group, *preset ? preset : "no preset");
    if (rb_atari_match(env) && !rb_atari_game(env, game, NULL))
        snprintf(f->game, sizeof f->game, "atari/%s", game);
    else
        rb_text_copy(f->game, sizeof f->game, env);
    return RB_OK;
}

static rb_status add_run(finds *all, const char *path, rb_error *error)
{
    char real[PATH_MAX], other[PATH_MAX];
    if (!realpath(path, real)) rb_text_copy(real, sizeof real, path);
    for (int i = 0; i < all->count; i++)
        if (realpath(all->list[i].run.path, other) && !strcmp(real, other)) return RB_OK; // named twice
    if (all->count == all->capacity) {
        const int capacity = all->capacity ? 2 * all->capacity : 16;
        found *list = realloc(all->list, (size_t)capacity * sizeof *list);
        if (!list) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
        all->list = list;
        all->capacity = capacity;
    }
    found *f = &all->list[all->count++];
    memset(f, 0, sizeof *f);
    int rows = 0;
    if (!rb_text_copy(f->run.path, sizeof f->run.path, path))
        return rb_error_set(error, RB_ERR_USAGE, "%.200s...: the path is too long", path);
    rb_status status = read_settings(f, error);
    if (!status && !*f->game) {
        free(all->list[--all->count].recipe);
        return rb_report_remark(all->report, error, "%s has a config.ini without run.env and is left out.",
                                path);
    }
    if (!status) status = read_table(f, all, &rows, error);
    if (!status && !rows) {
        free(all->list[--all->count].recipe);
        status = rb_report_remark(all->report, error, "%s has no evaluation yet and is left out.", path);
    }
    return status;
}

// ---- finding runs ----

// Looks for a run, or for runs at most two levels below a directory.
static rb_status search(finds *all, const char *path, int levels, int *runs, rb_error *error)
{
    char config[RB_PATH_MAX];
    rb_status status = rb_path_join(config, sizeof config, path, "config.ini", error);
    if (status) return status;
    if (rb_file_exists(config)) {
        ++*runs;
        return add_run(all, path, error);
    }
    if (!levels || !rb_file_is_directory(path)) return RB_OK;
    char **names;
    int count;
    if ((status = rb_file_list(path, &names, &count, error))) return status;
    for (int i = 0; i < count && !status; i++) {
        char below[RB_PATH_MAX];
        status = rb_path_join(below, sizeof below, path, names[i], error);
        if (!status) status = search(all, below, levels - 1, runs, error);
    }
    rb_file_list_free(names, count);
    return status;
}

static rb_status find_runs(finds *all, const char *const *paths, int count, rb_error *error)
{
    for (int i = 0; i < count; i++) {
        int runs = 0;
        rb_status status = search(all, paths[i], 2, &runs, error);
        if (status) return status;
        if (!runs)
            return rb_error_set(
                error, RB_ERR_FILE, "%s: %s", paths[i],
                !rb_file_exists(paths[i])
                    ? "no such run"
                    : "is not a run's directory (it has no config.ini), and no runs are below it");
    }
    if (!all->count)
        return rb_error_set(error, RB_ERR_USAGE, "nothing to report: %s",
                            all->report->remark_count ? all->report->remarks[0] : "no run was named");
    return RB_OK;
}

// ---- groups and games ----

// The length of the line `at` of a recipe, without its end.
static int line_bytes(const char *at)
{
    return (int)strcspn(at, "\n");
}

// Whether a line, which has the same key in each recipe, differs among the groups with that base.
static bool differs(const finds *all, const int *first, const rb_report *report, const char *base, int line)
{
    const char *one = NULL;
    int bytes = 0;
    for (int g = 0; g < report->group_count; g++) {
        const found *f = &all->list[first[g]];
        if (strcmp(f->base, base)) continue;
        const char *at = f->recipe;
        for (int i = 0; i < line; i++) at += line_bytes(at) + 1;
        if (one && (line_bytes(at) != bytes || memcmp(one, at, (size_t)bytes))) return true;
        one = at;
        bytes = line_bytes(at);
    }
    return false;
}

// "GROUP/PRESET"; if several groups share that, also what they differ in.
static void name_group(const finds *all, const int *first, rb_report *report, int group)
{
    enum { NAMED = 3 };
    const found *f = &all->list[first[group]];
    char *name = report->groups[group].name;
    const size_t bytes = sizeof report->groups[group].name;
    size_t used = (size_t)snprintf(name, bytes, "%s", f->base);
    int shown = 0, line = 0, before = 0;
    for (int g = 0; g < group; g++) before += !strcmp(all->list[first[g]].base, f->base);
    for (const char *at = f->recipe; *at; at += line_bytes(at) + 1, line++) {
        if (!differs(all, first, report, f->base, line) || ++shown > NAMED || used + 1 >= bytes) continue;
        used += (size_t)snprintf(name + used, bytes - used, " %.*s", line_bytes(at), at);
    }
    if (shown > NAMED || used >= bytes) {
        used = strlen(name) < bytes - 12 ? strlen(name) : bytes - 12;
        snprintf(name + used, bytes - used, " #%d", before + 1);
    }
}

static rb_status set_groups(finds *all, rb_error *error)
{
    rb_report *report = all->report;
    int *first = malloc((size_t)all->count * sizeof *first);
    report->groups = calloc((size_t)all->count, sizeof *report->groups);
    if (!first || !report->groups) {
        free(first);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    }
    for (int i = 0; i < all->count; i++) {
        found *f = &all->list[i];
        int g = 0;
        while (g < report->group_count &&
               (strcmp(all->list[first[g]].base, f->base) || strcmp(all->list[first[g]].recipe, f->recipe)))
            g++;
        if (g == report->group_count) first[report->group_count++] = i;
        f->run.group = g;
    }
    for (int g = 0; g < report->group_count; g++) name_group(all, first, report, g);
    free(first);
    return RB_OK;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const rb_report_game *)a)->name, ((const rb_report_game *)b)->name);
}

static rb_status set_games(finds *all, rb_error *error)
{
    rb_report *report = all->report;
    report->games = calloc((size_t)all->count, sizeof *report->games);
    if (!report->games) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    for (int i = 0; i < all->count; i++) {
        int g = 0;
        while (g < report->game_count && strcmp(report->games[g].name, all->list[i].game)) g++;
        if (g == report->game_count)
            rb_text_copy(report->games[report->game_count++].name, sizeof report->games->name,
                         all->list[i].game);
    }
    qsort(report->games, (size_t)report->game_count, sizeof *report->games, by_name);
    for (int g = 0; g < report->game_count; g++) {
        rb_report_game *game = &report->games[g];
        rb_published published;
        game->random = game->human = NAN;
        game->known = rb_text_starts(game->name, "atari/") &&
                      rb_published_find(game->name + strlen("atari/"), &published);
        if (!game->known) continue;
        game->random = published.random;
        game->human = published.human;
    }
    for (int i = 0; i < all->count; i++) {
        rb_report_run *run = &all->list[i].run;
        while (strcmp(report->games[run->game].name, all->list[i].game)) run->game++;
        const rb_report_game *game = &report->games[run->game];
        run->normalised = (run->score - game->random) / (game->human - game->random);
    }
    return RB_OK;
}

static int by_place(const void *a, const void *b)
{
    const rb_report_run *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->game != y->game) return x->game < y->game ? -1 : 1;
    if (x->seed != y->seed) return x->seed < y->seed ? -1 : 1;
    return strcmp(x->path, y->path);
}

// Stores the runs in order. Runs with the same seed are the same run: only the first is kept.
static rb_status set_runs(finds *all, rb_error *error)
{
    rb_report *report = all->report;
    report->runs = malloc((size_t)all->count * sizeof *report->runs);
    if (!report->runs) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
    for (int i = 0; i < all->count; i++) report->runs[i] = all->list[i].run;
    qsort(report->runs, (size_t)all->count, sizeof *report->runs, by_place);
    for (int i = 0; i < all->count; i++) {
        const rb_report_run *run = &report->runs[i],
                            *last = report->run_count ? &report->runs[report->run_count - 1] : NULL;
        if (last && last->group == run->group && last->game == run->game && last->seed == run->seed) {
            rb_status status =
                rb_report_remark(report, error,
                                 "%.200s has the same settings and seed as %.200s and is left out: it "
                                 "adds nothing.",
                                 run->path, last->path);
            if (status) return status;
            continue;
        }
        report->groups[run->group].runs++;
        report->runs[report->run_count++] = *run;
    }
    return RB_OK;
}

rb_status rb_report_read(rb_report *report, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error)
{
    finds all = {.report = report, .options = options};
    rb_status status = find_runs(&all, paths, count, error);
    if (!status) status = set_groups(&all, error);
    if (!status) status = set_games(&all, error);
    if (!status) status = set_runs(&all, error);
    if (!status && all.shortened)
        status = rb_report_remark(
            report, error, "Some runs have fewer than %d evaluations: their mean covers those they have.",
            options->mean_of);
    for (int i = 0; i < all.count; i++) free(all.list[i].recipe);
    free(all.list);
    return status;
}
