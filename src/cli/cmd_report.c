// rainbow report: the results of runs, per game and over games and seeds, each figure with its interval.
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

enum { SCORE, AGAINST, WITH, RUNS, CSV, MARKDOWN, JSON, SVG, HTML, RESAMPLES, SEED };

static const cli_option options[] = {
    [SCORE] = CLI_VALUE(
        "score", "last|best|mean:K",
        "the score of a run: its last evaluation (the default), its best, or the mean of its last K"),
    [AGAINST] = CLI_VALUE("against", "GROUP",
                          "print the probability that runs of the other groups beat runs of this one; "
                          "default if there are two groups: the second"),
    [WITH] = CLI_VALUE("with", "dopamine",
                       "print the figures of Dopamine's DQN, C51 and Rainbow at about as many frames"),
    [RUNS] = CLI_FLAG("runs", "print each run too"),
    [CSV] = CLI_FLAG("csv", "print one figure per line: group, over, game, figure, at, value, low, high"),
    [MARKDOWN] = CLI_FLAG("markdown", "print tables in Markdown"),
    [JSON] = CLI_FLAG("json", "print one object: score, resamples, seed, groups, improvement, remarks"),
    [SVG] = CLI_VALUE("svg", "FILE",
                      "also draw the intervals and the performance profile, with the gnuplot script and data "
                      "beside the picture",
                      .writes = true),
    [HTML] =
        CLI_VALUE("html", "FILE.html",
                  "also write one page with tables, curves, a video of each game's best run, settings, and "
                  "what differs between groups; it needs no other file and no network",
                  .writes = true),
    [RESAMPLES] = CLI_VALUE("resamples", "N", "number of bootstrap resamples; default: 2000"),
    [SEED] = CLI_VALUE("seed", "N", "seed of the bootstrap; default: 1"),
    {0},
};

// "last", "best" or "mean:K"; `name` is what the report calls it.
static int read_score(const cli_command *command, const char *text, rb_report_options *out, char *name,
                      size_t bytes)
{
    snprintf(name, bytes, "its last evaluation");
    if (!text || !strcmp(text, "last")) return CLI_DONE;
    if (!strcmp(text, "best")) {
        out->score = RB_SCORE_BEST;
        snprintf(name, bytes, "its best evaluation");
        return CLI_DONE;
    }
    char *end = NULL;
    const long of = strncmp(text, "mean:", 5) ? 0 : strtol(text + 5, &end, 10);
    if (of < 1 || of > 1000000 || *end)
        return cli_usage(
            command, "--score=%s: must be last, best or mean:K, the mean of the last K evaluations", text);
    out->score = RB_SCORE_MEAN;
    out->mean_of = (int)of;
    snprintf(name, bytes, "the mean of its last %ld evaluation%s", of, of == 1 ? "" : "s");
    return CLI_DONE;
}

static int read_options(const cli_command *command, const char *const *given, rb_report_options *out,
                        char *score, size_t bytes)
{
    *out = (rb_report_options){.against = given[AGAINST], .resamples = 2000, .seed = 1};
    if (!!given[CSV] + !!given[MARKDOWN] + !!given[JSON] > 1)
        return cli_usage(command, "choose one of --csv, --markdown and --json");
    if (given[WITH] && strcmp(given[WITH], "dopamine"))
        return cli_usage(command, "--with=%s: must be dopamine", given[WITH]);
    out->dopamine = given[WITH] != NULL;
    int status = read_score(command, given[SCORE], out, score, bytes);
    if (status == CLI_DONE)
        status = cli_whole_number(command, "resamples", given[RESAMPLES], 1, &out->resamples);
    if (status == CLI_DONE && out->resamples > 1000000)
        status = cli_usage(command, "--resamples=%s: must be at most 1000000", given[RESAMPLES]);
    if (status == CLI_DONE) status = cli_seed(command, given[SEED], &out->seed);
    return status;
}

static int report(const cli_command *command, cli_words *words)
{
    const char *const *given = words->given;
    if (!words->count) return cli_usage(command, "no run is named");
    char score[64];
    rb_report_options how;
    int status = read_options(command, given, &how, score, sizeof score);
    if (status != CLI_DONE) return status;
    rb_error error = {0};
    rb_report *made = NULL;
    if (rb_report_make(&made, words->rest, words->count, &how, &error)) return cli_fail(&error);
    const cli_report_view view = {.report = made,
                                  .score = score,
                                  .seed = how.seed,
                                  .runs = given[RUNS] != NULL,
                                  .dopamine = how.dopamine};
    status = given[CSV]    ? cli_report_csv(&view)
             : given[JSON] ? cli_report_json(&view)
                           : cli_report_text(&view, given[MARKDOWN] != NULL);
    if (status == CLI_DONE && given[SVG] && rb_report_draw(made, given[SVG], &error))
        status = cli_fail(&error);
    if (status == CLI_DONE && given[HTML] && rb_report_html(made, given[HTML], score, how.seed, &error))
        status = cli_fail(&error);
    rb_report_free(made);
    return status;
}

const cli_command cli_report = {
    .name = "report",
    .usage = "RUN|DIRECTORY... [OPTION...]",
    .help = "summarise runs: scores per game, and figures over games and seeds with 95 % intervals",
    .details =
        "Runs with the same run.group and preset form a group if all settings that decide a result are "
        "the same, except environment and seed. Of two runs with the same settings and seed the longer "
        "counts. Runs that have not ended are marked. A directory stands for the runs in it. Scores of Atari "
        "games with published "
        "scores are also normalised, from random play (0) to a human (1); over those games and all "
        "seeds the report has the interquartile mean, median, mean, optimality gap and performance "
        "profile (Agarwal et al. 2021). docs/report.md explains each figure.",
    .options = options,
    .examples = {{"rainbow report runs", "Summarises all runs below runs"},
                 {"rainbow report runs/default --score mean:3 --markdown",
                  "Scores each run by its last three evaluations, and prints Markdown"}},
    .words = CLI_ANY_WORDS,
    .run = report,
};
