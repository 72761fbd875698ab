// rainbow plot: the learning curves of runs, in one picture.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static cJSON *number_or_null(double value)
{
    return isnan(value) ? cJSON_CreateNull() : cJSON_CreateNumber(value);
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
           "95 % interval");
    for (int i = 0; i < r->count; i++) {
        const rb_plot_curve *c = &r->curves[i];
        char x[32], interval[64] = "-";
        rb_text_thousands(x, sizeof x, (int64_t)c->last_x);
        if (!isnan(c->last_low))
            snprintf(interval, sizeof interval, "%.4g to %.4g", c->last_low, c->last_high);
        printf("%-*s  %4d  %12s  %12.4g  %s\n", width, c->label, c->runs, x, c->last, interval);
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

static int plot_runs(int count, const char *const *runs, const rb_plot_options *options, bool json)
{
    rb_error error = {0};
    rb_plot_result result;
    rb_status drawn = rb_plot(runs, count, options, &result, &error);
    for (int i = 0; i < result.remark_count; i++) fprintf(stderr, "rainbow: %s\n", result.remarks[i]);
    int status = drawn == RB_OK
                     ? json ? cli_print_json(as_json(&result, options)) : print_text(&result, options)
                     : cli_fail(&error);
    rb_plot_result_free(&result);
    return status;
}

enum { OUT, Y, X, GROUP_SEEDS, SMOOTH, TITLE, JSON };

static const char *y_value(int i, const char **help)
{
    static const char *const values[][2] = {{"return", "returns of games while training; the default"},
                                            {"eval", "means of evaluations"},
                                            {"loss", "loss of the updates"},
                                            {"q_mean", "mean Q-value"}};
    if (i >= (int)(sizeof values / sizeof *values)) return NULL;
    *help = values[i][1];
    return values[i][0];
}

static const cli_option options[] = {
    [OUT] = CLI_VALUE("out", "FILE.svg",
                      "the picture, .svg or .png; default: plot.svg. Its gnuplot script (.gp) and data "
                      "(.dat) stay beside it",
                      .letter = 'o'),
    [Y] = CLI_VALUE("y", "WHAT", "the vertical axis, one of these", .value = y_value),
    [X] = CLI_VALUE("x", "steps|frames|seconds|updates",
                    "the horizontal axis; seconds are those of training; default: steps"),
    [GROUP_SEEDS] =
        CLI_FLAG("group-seeds", "draw runs that are equal in all settings that decide the result, except "
                                "the seed, as one curve: their mean, with a band that is the mean's 95 % "
                                "interval (Student's t over the seeds). If the "
                                "runs of each curve have a run.group of their own, the curve has that name"),
    [SMOOTH] = CLI_VALUE("smooth", "WINDOW",
                         "draw each point as the mean over the last WINDOW of x, 0: as it is; the picture "
                         "says which. Default: a fiftieth of the longest run, and 0 for evaluations"),
    [TITLE] = CLI_VALUE("title", "TEXT", "write this above the picture"),
    [JSON] = CLI_FLAG("json", "print one object: picture, script, data, x, y, smooth, and curves (each: "
                              "label, runs, points, last_x, last, last_low, last_high), remarks"),
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
    if (!words->count) return cli_usage(command, "no run is named");
    int status = read_window(command, given[SMOOTH], &how.window);
    return status == CLI_DONE ? plot_runs(words->count, words->rest, &how, given[JSON] != NULL) : status;
}

const cli_command cli_plot = {
    .name = "plot",
    .usage = "RUN... [OPTION...]",
    .help = "plot the learning curves of runs in one picture",
    .options = options,
    .examples = {{"rainbow plot runs/default/cartpole-s1 -o cartpole.svg",
                  "Draws the returns of one run's training games"},
                 {"rainbow plot runs/default/* --y eval --group-seeds",
                  "Draws evaluations, one curve for all seeds of a training"}},
    .words = RB_PLOT_RUNS,
    .run = plot,
};
