// rainbow plot: the learning curves of runs, in one picture or in the terminal.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/plot_terminal.h"

static cJSON *number_or_null(double value)
{
    return isnan(value) ? cJSON_CreateNull() : cJSON_CreateNumber(value);
}

static const char *band_of(const rb_plot_curve *curve)
{
    return curve->runs < 2 ? NULL : curve->runs < RB_PLOT_INTERVAL_RUNS ? "range" : "95 % interval";
}

static cJSON *as_json(const rb_plot_result *r, const rb_plot_options *options)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "picture", r->picture);
    cJSON_AddStringToObject(object, "script", r->script);
    cJSON_AddStringToObject(object, "data", r->data);
    cJSON_AddStringToObject(object, "x", options->x);
    cJSON_AddStringToObject(object, "y", options->y);
    cJSON_AddNumberToObject(object, "smooth", r->window);
    cJSON *curves = cJSON_AddArrayToObject(object, "curves");
    for (int i = 0; i < r->count; i++) {
        const rb_plot_curve *c = &r->curves[i];
        cJSON *curve = cJSON_CreateObject();
        cJSON_AddStringToObject(curve, "label", c->label);
        cJSON_AddNumberToObject(curve, "runs", c->runs);
        cJSON_AddNumberToObject(curve, "points", c->points);
        cJSON_AddNumberToObject(curve, "last_x", c->last_x);
        cJSON_AddNumberToObject(curve, "last", c->last);
        cJSON_AddItemToObject(curve, "last_low", number_or_null(c->last_low));
        cJSON_AddItemToObject(curve, "last_high", number_or_null(c->last_high));
        cJSON_AddItemToObject(curve, "band",
                              band_of(c) ? cJSON_CreateString(band_of(c)) : cJSON_CreateNull());
        cJSON_AddItemToArray(curves, curve);
    }
    cJSON *remarks = cJSON_AddArrayToObject(object, "remarks");
    for (int i = 0; i < r->remark_count; i++)
        cJSON_AddItemToArray(remarks, cJSON_CreateString(r->remarks[i]));
    return object;
}

static int print_text(const rb_plot_result *r, const rb_plot_options *options)
{
    int width = 5;
    for (int i = 0; i < r->count; i++)
        if ((int)strlen(r->curves[i].label) > width) width = (int)strlen(r->curves[i].label);
    printf("%s\n%-*s  %4s  %12s  %12s  %s\n", r->picture, width, "curve", "runs", options->x, options->y,
           "band");
    for (int i = 0; i < r->count; i++) {
        const rb_plot_curve *c = &r->curves[i];
        char x[32], band[80] = "-";
        rb_text_thousands(x, sizeof x, (int64_t)c->last_x);
        if (!strcmp(options->x, "hours")) snprintf(x, sizeof x, "%.3f", c->last_x);
        if (!isnan(c->last_low))
            snprintf(band, sizeof band, "%.4g to %.4g, %s", c->last_low, c->last_high, band_of(c));
        printf("%-*s  %4d  %12s  %12.4g  %s\n", width, c->label, c->runs, x, c->last, band);
    }
    return CLI_DONE;
}

static int read_window(const cli_command *command, const char *text, double *window)
{
    if (!text) return CLI_DONE;
    char *end;
    *window = strtod(text, &end);
    const double unit = *end == 'k' ? 1e3 : *end == 'M' ? 1e6 : 1;
    if (end == text ||
        strcmp(end, unit == 1     ? ""
                    : unit == 1e3 ? "k"
                                  : "M") ||
        !(*window >= 0) || !isfinite(*window))
        return cli_usage(command, "--smooth=%s: must be a number, 0 or more, in the unit of --x", text);
    *window *= unit;
    return CLI_DONE;
}

// ---- in the terminal

static void add_curves(cli_chart *chart, cli_chart_curve *curves, const rb_plot_result *r, const char *label)
{
    for (int i = 0; i < r->count; i++) {
        const rb_plot_curve *c = &r->curves[i];
        curves[chart->count++] = (cli_chart_curve){label ? label : c->label, c->points, c->x, c->mean};
    }
}

// `evals` is NULL, or the evaluations of the one curve of `r`.
static int print_chart(const rb_plot_result *r, const rb_plot_result *evals, const rb_plot_options *options)
{
    char caption[700];
    cli_chart_curve *curves = malloc((size_t)(r->count + 1) * sizeof *curves);
    cli_chart chart = {caption, r->y_title, options->x, curves, 0};
    if (!curves) return cli_no_memory();
    snprintf(caption, sizeof caption, "%s%s", r->caption, *r->seeds_caption ? "; mean of the seeds" : "");
    add_curves(&chart, curves, r, evals ? "games while training" : NULL);
    if (evals) {
        add_curves(&chart, curves, evals, "means of the evaluations");
        snprintf(caption, sizeof caption, "%s: %s%s", r->curves[0].label, r->caption,
                 *r->seeds_caption ? "; mean of the seeds" : "");
        chart.y_title = "return of a game";
    }
    const int status = cli_chart_print(&chart);
    free(curves);
    return status;
}

// One curve of returns is drawn together with its evaluations, unless the user has chosen what to draw.
static int show(int count, const char *const *runs, const rb_plot_options *options, const rb_plot_result *r,
                bool chosen)
{
    rb_plot_options how = *options;
    rb_plot_result evals = {0};
    how.y = "eval";
    how.window = -1;
    const bool both = !chosen && r->count == 1 &&
                      rb_plot(runs, count, &how, &evals, &(rb_error){0}) == RB_OK && evals.count == 1;
    const int status = print_chart(r, both ? &evals : NULL, options);
    rb_plot_result_free(&evals);
    return status;
}

// ---- the command

// "TEXT=PATH" names a curve. A path that exists is a path, whatever its name.
static const char *split_label(char *word)
{
    if (!access(word, F_OK)) return NULL;
    char *first = strchr(word, '=');
    for (char *at = first; at; at = strchr(at + 1, '='))
        if (!access(at + 1, F_OK)) {
            first = at;
            break;
        }
    if (!first) return NULL;
    *first = 0;
    return first + 1;
}

typedef struct named_paths {
    char **words; // copies, "TEXT\0PATH" if there is a label
    const char **paths, **labels;
} named_paths;

static bool name_paths(int count, const char *const *words, named_paths *out)
{
    const size_t room = (size_t)count + 1;
    *out = (named_paths){calloc(room, sizeof *out->words), calloc(room, sizeof *out->paths),
                         calloc(room, sizeof *out->labels)};
    for (int i = 0; i < count && out->words && out->paths && out->labels; i++) {
        out->words[i] = strdup(words[i]);
        if (!out->words[i]) return false;
        const char *path = split_label(out->words[i]);
        out->paths[i] = path ? path : out->words[i];
        out->labels[i] = path && *out->words[i] ? out->words[i] : NULL;
    }
    return out->words && out->paths && out->labels;
}

static void free_paths(int count, named_paths *paths)
{
    for (int i = 0; i < count && paths->words; i++) free(paths->words[i]);
    free(paths->words);
    free(paths->paths);
    free(paths->labels);
}

typedef struct form {
    bool json, terminal, chosen; // chosen: --y was given
} form;

static int plot_runs(int count, const char *const *words, rb_plot_options *options, form as)
{
    rb_error error = {0};
    rb_plot_result result;
    named_paths named;
    if (!name_paths(count, words, &named)) {
        free_paths(count, &named);
        return cli_no_memory();
    }
    options->labels = named.labels;
    const rb_status drawn = rb_plot(named.paths, count, options, &result, &error);
    for (int i = 0; i < result.remark_count; i++) fprintf(stderr, "rainbow: %s\n", result.remarks[i]);
    const int status = drawn         ? cli_fail(&error)
                       : as.json     ? cli_print_json(as_json(&result, options))
                       : as.terminal ? show(count, named.paths, options, &result, as.chosen)
                                     : print_text(&result, options);
    rb_plot_result_free(&result);
    free_paths(count, &named);
    return status;
}

enum { OUT, TERMINAL, Y, X, GROUP_SEEDS, SMOOTH, TITLE, JSON };

static const char *y_value(int i, const char **help)
{
    static const char *const values[][2] = {{"return", "returns of games while training; the default"},
                                            {"eval", "means of evaluations"},
                                            {"loss", "loss of the updates"},
                                            {"q_mean", "mean Q-value"},
                                            {"epsilon", "share of random actions"},
                                            {"length", "steps of each game"},
                                            {"median", "median of each evaluation"},
                                            {"min", "lowest return of each evaluation"},
                                            {"max", "highest return of each evaluation"},
                                            {"std", "standard deviation of each evaluation"}};
    if (i >= (int)(sizeof values / sizeof *values)) return NULL;
    *help = values[i][1];
    return values[i][0];
}

static const cli_option options[] = {
    [OUT] = CLI_VALUE("out", "FILE.svg",
                      "the picture, .svg or .png; default: plot.svg. Its gnuplot script (.gp) and data "
                      "(.dat) stay beside it",
                      .letter = 'o', .writes = true),
    [TERMINAL] = CLI_FLAG("terminal", "draw with letters in the terminal instead, without gnuplot"),
    [Y] =
        CLI_VALUE("y", "WHAT",
                  "the vertical axis: any column of train.csv or eval.csv (train.NAME and eval.NAME if both "
                  "have it), such as one of these",
                  .value = y_value),
    [X] = CLI_VALUE("x", "steps|frames|episodes|updates|seconds|hours",
                    "the horizontal axis; episodes are games, time is that of training; default: steps"),
    [GROUP_SEEDS] = CLI_FLAG(
        "group-seeds",
        "draw runs that are equal in all settings that decide the result, except the seed, as one curve: "
        "their "
        "mean, with a band: the mean's 95 % interval (Student's t over the seeds), or the range of fewer "
        "than 4 seeds. If the runs of each curve have a run.group of their own, the curve has that name"),
    [SMOOTH] = CLI_VALUE(
        "smooth", "WINDOW",
        "draw each point as the mean over the last WINDOW of x, 0: as it is; the picture "
        "says which. Default: a fiftieth of the longest run, or five of the longest games if that is "
        "more, and 0 for evaluations"),
    [TITLE] = CLI_VALUE("title", "TEXT", "write this above the picture"),
    [JSON] = CLI_FLAG("json", "print one object: picture, script, data, x, y, smooth, and curves (each: "
                              "label, runs, points, last_x, last, last_low, last_high, band), remarks"),
    {0},
};

static int plot(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    rb_plot_options how = {.picture = given[OUT] ? given[OUT] : "plot.svg",
                           .x = given[X] ? given[X] : "steps",
                           .y = given[Y] ? given[Y] : "return",
                           .title = given[TITLE],
                           .group_seeds = given[GROUP_SEEDS] != NULL,
                           .window = -1};
    const form as = {given[JSON] != NULL, given[TERMINAL] != NULL, given[Y] != NULL};
    if (!words->count) return cli_usage(command, "no run is named");
    if (as.terminal && (given[OUT] || given[TITLE] || as.json))
        return cli_usage(command, "--terminal draws no file: leave out --out, --title and --json");
    if (as.terminal) how.picture = NULL;
    int status = read_window(command, given[SMOOTH], &how.window);
    return status == CLI_DONE ? plot_runs(words->count, words->rest, &how, as) : status;
}

const cli_command cli_plot = {
    .name = "plot",
    .usage = "[TEXT=]RUN|DIRECTORY... [OPTION...]",
    .help = "plot the learning curves of runs, in one picture or in the terminal",
    .details = "A directory stands for the runs in it. TEXT=PATH gives the curve of that run, or of the runs "
               "below that "
               "directory, the name TEXT in the legend; runs with different names are never averaged. Curves "
               "stand in "
               "the order in which they are named.",
    .options = options,
    .examples = {{"rainbow plot runs/default/cartpole-s1 --terminal",
                  "Draws the games and evaluations of one run in the terminal"},
                 {"rainbow plot Rainbow=runs/default --y eval --group-seeds",
                  "Draws evaluations of all runs in a directory, with a name of your own for the curve"}},
    .words = CLI_ANY_WORDS,
    .run = plot,
};
