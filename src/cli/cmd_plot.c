// rainbow plot: learning curves of one run or of many, in one picture.
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
        return cli_usage(command, "--smooth=%s: must be a number, 0 or more, in units of --x", text);
    *window *= unit;
    return CLI_DONE;
}

static int plot_runs(int count, const char *const *runs, const rb_plot_options *options, bool json)
{
    rb_error error = {0};
    rb_plot_result result;
    rb_status drawn = rb_plot(runs, count, options, &result, &error);
    int status = drawn == RB_OK
                     ? json ? cli_print_json(as_json(&result, options)) : print_text(&result, options)
                     : cli_fail(&error);
    rb_plot_result_free(&result);
    return status;
}

static int plot(const cli_command *command, int count, const char *const *words)
{
    rb_plot_options how = {.picture = "plot.svg", .x = "steps", .y = "return", .window = -1};
    const char *smooth = NULL;
    bool json = false;
    const cli_option options[] = {
        {.name = "out", .value = &how.picture}, {.name = "x", .value = &how.x},
        {.name = "y", .value = &how.y},         {.name = "title", .value = &how.title},
        {.name = "smooth", .value = &smooth},   {.name = "group-seeds", .flag = &how.group_seeds},
        {.name = "json", .flag = &json},        {0}};
    const char **all = malloc((size_t)(count + 1) * sizeof *all),
               **rest = malloc((size_t)(count + 1) * sizeof *rest);
    int status = all && rest ? CLI_DONE : cli_no_memory();
    for (int i = 0; status == CLI_DONE && i < count; i++)
        all[i] = strcmp(words[i], "-o") ? words[i] : "--out";
    if (status == CLI_DONE) status = cli_take_options(command, options, &count, all, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, RB_PLOT_RUNS);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which runs?");
    if (status == CLI_DONE) status = read_window(command, smooth, &how.window);
    if (status == CLI_DONE) status = plot_runs(count, rest, &how, json);
    free(all);
    free(rest);
    return status;
}

const cli_command cli_plot = {
    .name = "plot",
    .usage = "RUN... [-o FILE.svg|.png] [--y return|eval|loss|q_mean] [--x steps|frames|seconds|updates]\n"
             "                    [--group-seeds] [--smooth WINDOW] [--title TEXT] [--json]",
    .help = "lay the curves of runs over each other in one picture",
    .details = "  -o FILE         the picture, by default plot.svg; its gnuplot script (.gp) and data (.dat) "
               "stay beside it\n"
               "  --y WHAT        return: of games while training (the default); eval: means of evaluations; "
               "loss; q_mean\n"
               "  --x WHAT        steps (the default), frames, seconds of training or updates\n"
               "  --group-seeds   runs whose settings differ in nothing but the seed become one curve: their "
               "mean, and a "
               "band\n"
               "                  that is the mean's 95 % interval (Student's t over the seeds). Where each "
               "curve's runs have a "
               "run.group\n"
               "                  of their own, its name is the curve's\n"
               "  --smooth WINDOW each point is the mean over the last WINDOW of x; 0: every point as it is. "
               "By default a "
               "fiftieth\n"
               "                  of the longest run, and evaluations as they are. The picture says which\n"
               "  --title TEXT    above the picture\n"
               "  --json          one object: picture, script, data, x, y, smooth, and curves (for each: "
               "label, runs, points, "
               "last_x,\n"
               "                  last, last_low, last_high)\n",
    .run = plot,
};
