// rainbow report: what runs came to, game by game and over games and seeds, each figure with its interval.
#include <stdlib.h>
#include <string.h>

#include "cli/report.h"

typedef struct words { // as they were given
    const char *score, *resamples, *seed, *against, *with, *svg;
    bool csv, markdown, json, runs;
} words;

// "last", "best" or "mean:K"; `name` for people.
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

static int read_options(const cli_command *command, const words *w, rb_report_options *out, char *score,
                        size_t bytes)
{
    int seed = 1;
    *out = (rb_report_options){.against = w->against, .resamples = 2000};
    if (w->csv + w->markdown + w->json > 1)
        return cli_usage(command, "one of --csv, --markdown and --json, not several");
    if (w->with && strcmp(w->with, "dopamine"))
        return cli_usage(command, "--with=%s: there is dopamine", w->with);
    out->dopamine = w->with != NULL;
    int status = read_score(command, w->score, out, score, bytes);
    if (status == CLI_DONE) status = cli_whole_number(command, "resamples", w->resamples, 1, &out->resamples);
    if (status == CLI_DONE && out->resamples > 1000000)
        status = cli_usage(command, "--resamples=%s: must be 1000000 at most", w->resamples);
    if (status == CLI_DONE) status = cli_whole_number(command, "seed", w->seed, 0, &seed);
    out->seed = (uint64_t)seed;
    return status;
}

static int report(const cli_command *command, int count, const char *const *all)
{
    words w = {0};
    const cli_option options[] = {{.name = "score", .value = &w.score},
                                  {.name = "resamples", .value = &w.resamples},
                                  {.name = "seed", .value = &w.seed},
                                  {.name = "against", .value = &w.against},
                                  {.name = "with", .value = &w.with},
                                  {.name = "svg", .value = &w.svg},
                                  {.name = "csv", .flag = &w.csv},
                                  {.name = "markdown", .flag = &w.markdown},
                                  {.name = "json", .flag = &w.json},
                                  {.name = "runs", .flag = &w.runs},
                                  {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    char score[64];
    rb_report_options how;
    int status = cli_take_options(command, options, &count, all, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, count);
    if (status == CLI_DONE && !count) status = cli_usage(command, "which runs?");
    if (status == CLI_DONE) status = read_options(command, &w, &how, score, sizeof score);
    rb_error error = {0};
    rb_report *made = NULL;
    if (status == CLI_DONE && rb_report_make(&made, rest, count, &how, &error)) status = cli_fail(&error);
    free(rest);
    if (status == CLI_DONE) {
        const cli_report_view view = {
            .report = made, .score = score, .seed = how.seed, .runs = w.runs, .dopamine = how.dopamine};
        status = w.csv    ? cli_report_csv(&view)
                 : w.json ? cli_report_json(&view)
                          : cli_report_text(&view, w.markdown);
    }
    if (status == CLI_DONE && w.svg && rb_report_draw(made, w.svg, &error)) status = cli_fail(&error);
    rb_report_free(made);
    return status;
}

const cli_command cli_report = {
    .name = "report",
    .usage =
        "RUN|DIRECTORY... [--score last|best|mean:K] [--against GROUP] [--with dopamine]\n"
        "                      [--runs] [--csv|--markdown|--json] [--svg FILE] [--resamples N] [--seed S]",
    .help = "what runs came to: scores of each game, and figures over games and seeds with 95 % intervals",
    .details =
        "Runs of one run.group and preset whose settings differ in nothing but environment and seed are a "
        "group. A\n"
        "directory stands for the runs in it. Atari games that have published scores are also measured from "
        "random\n"
        "play (0) to a human (1), and over those games and all seeds come interquartile mean, median, mean, "
        "optimality\n"
        "gap and performance profile (Agarwal et al. 2021). docs/report.md says what each figure means.\n\n"
        "  --score S        of a run: its last evaluation (the default), its best, or the mean of its last "
        "K\n"
        "  --against GROUP  the chance that runs of the other groups beat this one's; with two groups, the "
        "second\n"
        "                   is taken if nothing is said\n"
        "  --with dopamine  the figures of Dopamine's DQN, C51 and Rainbow at about as many frames\n"
        "  --runs           each run too\n"
        "  --csv            one figure a line: group, over, game, figure, at, value, low, high\n"
        "  --markdown       tables for a page\n"
        "  --json           one object: score, resamples, seed, groups, improvement, remarks\n"
        "  --svg FILE       also a picture of intervals and performance profile, with its gnuplot script and "
        "data\n"
        "  --resamples N    of the bootstrap; 2000 by default\n"
        "  --seed S         of the bootstrap; 1 by default\n",
    .run = report,
};
