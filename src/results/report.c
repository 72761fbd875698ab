// Reports: the figures of groups, games and pairs, computed from the runs that report_runs.c found.
#include "rainbow/report.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort.h"
#include "base/text.h"
#include "results/published.h"
#include "results/report_runs.h"
#include "results/report_stats.h"

typedef struct work {
    rb_report *report;
    const rb_report_options *options;
    rb_bootstrap how;
    // At most two sets of scores at a time.
    int *first[2];
    double *values[2];
} work;

static const rb_interval none = {NAN, NAN, NAN};

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
}

// Adds the runs of a cell to a set of scores.
static void add_scores(work *w, int set, int *games, const rb_report_cell *cell, bool normalised)
{
    int at = *games ? w->first[set][*games] : 0;
    w->first[set][0] = 0;
    for (int i = 0; i < w->report->run_count; i++) {
        const rb_report_run *run = &w->report->runs[i];
        if (run->group == cell->group && run->game == cell->game)
            w->values[set][at++] = normalised ? run->normalised : run->score;
    }
    w->first[set][++*games] = at;
}

static rb_scores set_of(const work *w, int set, int games)
{
    return (rb_scores){games, w->first[set], w->values[set]};
}

// If each game has a single run, every resample is the same: an interval without width would claim a
// certainty that one run does not give. Runs that agree keep theirs.
static void keep_intervals(const rb_scores *x, const rb_scores *y, rb_interval *figures, int count)
{
    if (x->first[x->games] > x->games || y->first[y->games] > y->games) return;
    for (int i = 0; i < count; i++) figures[i].low = figures[i].high = NAN;
}

// ---- cells: one group's runs of one game ----

static void lay_published(rb_report_cell *cell, const char *name)
{
    rb_published published;
    if (!rb_published_find(name + strlen("atari/"), &published)) return;
    const int point = rb_published_nearest((double)cell->most_frames);
    for (int a = 0; a < RB_DOPAMINE_AGENTS; a++) cell->published[a] = published.dopamine[a][point];
    if (!isnan(cell->published[0].value))
        cell->published_frames = (int64_t)rb_published_millions[point] * 1000000;
}

static rb_status fill_cell(work *w, rb_report_cell *cell, const rb_report_run *runs, rb_error *error)
{
    const rb_report_game *game = &w->report->games[cell->game];
    rb_interval figures[RB_AGGREGATES];
    int games = 0;
    add_scores(w, 0, &games, cell, false);
    const rb_scores scores = set_of(w, 0, games);
    rb_status status = rb_scores_aggregate(&scores, &w->how, figures, error);
    if (status) return status;
    keep_intervals(&scores, &scores, figures, RB_AGGREGATES);
    cell->mean = figures[RB_MEAN];
    const double one = game->human - game->random; // NaN if not known
    cell->normalised =
        (rb_interval){(cell->mean.value - game->random) / one, (cell->mean.low - game->random) / one,
                      (cell->mean.high - game->random) / one};
    cell->best = -INFINITY;
    cell->least_frames = INT64_MAX;
    cell->sticky = runs[0].sticky;
    cell->life_loss = runs[0].life_loss;
    for (int i = 0; i < cell->runs; i++) {
        cell->last += runs[i].last / cell->runs;
        cell->unfinished += runs[i].state != RB_RUN_ENDED;
        if (runs[i].best > cell->best) cell->best = runs[i].best;
        if (runs[i].frames < cell->least_frames) cell->least_frames = runs[i].frames;
        if (runs[i].frames > cell->most_frames) cell->most_frames = runs[i].frames;
    }
    rb_sort_ascending(w->values[0], cell->runs);
    cell->median = (w->values[0][(cell->runs - 1) / 2] + w->values[0][cell->runs / 2]) / 2;
    for (int a = 0; a < RB_DOPAMINE_AGENTS; a++) cell->published[a] = none;
    if (w->options->dopamine && game->known) lay_published(cell, game->name);
    return RB_OK;
}

static rb_status fill_cells(work *w, rb_error *error)
{
    rb_report *report = w->report;
    report->cells = calloc((size_t)report->run_count, sizeof *report->cells);
    if (!report->cells) return no_memory(error);
    for (int i = 0, next; i < report->run_count; i = next) {
        const rb_report_run *run = &report->runs[i];
        rb_report_cell *cell = &report->cells[report->cell_count++];
        for (next = i; next < report->run_count && report->runs[next].group == run->group &&
                       report->runs[next].game == run->game;)
            next++;
        *cell = (rb_report_cell){.group = run->group, .game = run->game, .runs = next - i};
        report->groups[run->group].games++;
        rb_status status = fill_cell(w, cell, run, error);
        if (status) return status;
    }
    return RB_OK;
}

// ---- groups: over games and seeds ----

static void choose_scale(rb_report *report)
{
    double most = 1, scale = 1;
    for (int i = 0; i < report->run_count; i++)
        if (report->runs[i].normalised > most) most = report->runs[i].normalised;
    while (scale < most && scale < 8) scale *= 2;
    for (int i = 0; i < RB_PROFILE_POINTS; i++) report->above[i] = scale * i / (RB_PROFILE_POINTS - 1);
}

static rb_status fill_group(work *w, int g, rb_error *error)
{
    rb_report *report = w->report;
    rb_report_group *group = &report->groups[g];
    int games = 0;
    group->iqm = group->median = group->mean = group->gap = none;
    for (int i = 0; i < RB_PROFILE_POINTS; i++) group->profile[i] = none;
    for (int i = 0; i < report->cell_count; i++) {
        const rb_report_cell *cell = &report->cells[i];
        if (cell->group == g && report->games[cell->game].known) add_scores(w, 0, &games, cell, true);
    }
    group->known_games = games;
    if (!games) return RB_OK;
    group->known_runs = w->first[0][games];
    const rb_scores scores = set_of(w, 0, games);
    rb_interval figures[RB_AGGREGATES];
    rb_status status = rb_scores_aggregate(&scores, &w->how, figures, error);
    if (status) return status;
    keep_intervals(&scores, &scores, figures, RB_AGGREGATES);
    group->iqm = figures[RB_IQM];
    group->median = figures[RB_MEDIAN];
    group->mean = figures[RB_MEAN];
    group->gap = figures[RB_GAP];
    status = rb_scores_profile(&scores, &w->how, report->above, RB_PROFILE_POINTS, group->profile, error);
    keep_intervals(&scores, &scores, group->profile, RB_PROFILE_POINTS);
    return status;
}

// ---- pairs ----

static rb_status fill_pair(work *w, rb_report_pair *pair, rb_error *error)
{
    const rb_report *report = w->report;
    int x = 0, y = 0;
    pair->probability = none;
    for (int i = 0; i < report->cell_count; i++)
        for (int j = 0; j < report->cell_count; j++) {
            const rb_report_cell *a = &report->cells[i], *b = &report->cells[j];
            if (a->group != pair->group || b->group != pair->over || a->game != b->game) continue;
            add_scores(w, 0, &x, a, false);
            add_scores(w, 1, &y, b, false);
        }
    pair->games = x;
    if (!x) return RB_OK;
    const rb_scores of_x = set_of(w, 0, x), of_y = set_of(w, 1, y);
    const rb_status status = rb_scores_improvement(&of_x, &of_y, &w->how, &pair->probability, error);
    keep_intervals(&of_x, &of_y, &pair->probability, 1);
    return status;
}

// Finds a group by its name, with or without settings, or by one side of its "GROUP/PRESET" if only one group
// has it.
static rb_status find_group(const rb_report *report, const char *text, int *out, rb_error *error)
{
    int found = 0;
    char all[600] = "";
    for (int g = 0; g < report->group_count; g++) {
        const char *name = report->groups[g].name, *slash = strchr(name, '/');
        const size_t bytes = strlen(text), used = strlen(all);
        snprintf(all + used, sizeof all - used, "%s%s", g ? ", " : "", name);
        const bool whole = !strcmp(name, text);
        const bool begins = !strncmp(name, text, bytes) && name[bytes] == ' '; // its settings may be left out
        if (whole || begins ||
            (slash &&
             (!strcmp(slash + 1, text) || ((size_t)(slash - name) == bytes && !memcmp(name, text, bytes))))) {
            *out = g;
            found++;
        }
        if (whole) return RB_OK;
    }
    if (found == 1) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE, "--against=%s: %s; the groups are: %s", text,
                        found ? "names more than one group" : "no such group", all);
}

static rb_status fill_pairs(work *w, rb_error *error)
{
    rb_report *report = w->report;
    int over = 1;
    if (w->options->against) {
        rb_status status = find_group(report, w->options->against, &over, error);
        if (status) return status;
        if (report->group_count == 1)
            return rb_error_set(error, RB_ERR_USAGE, "--against=%s: all runs belong to that group",
                                w->options->against);
    } else if (report->group_count != 2) {
        return RB_OK;
    }
    report->pairs = calloc((size_t)report->group_count, sizeof *report->pairs);
    if (!report->pairs) return no_memory(error);
    for (int g = 0; g < report->group_count; g++) {
        if (g == over) continue;
        rb_report_pair *pair = &report->pairs[report->pair_count++];
        *pair = (rb_report_pair){.group = g, .over = over};
        rb_status status = fill_pair(w, pair, error);
        if (status) return status;
    }
    return RB_OK;
}

// ---- what a reader should know ----

static rb_status remark_lengths(rb_report *report, rb_error *error)
{
    int games = 0, shown = 0;
    for (int g = 0; g < report->game_count; g++) {
        int64_t least = INT64_MAX, most = 0;
        for (int i = 0; i < report->cell_count; i++) {
            const rb_report_cell *cell = &report->cells[i];
            if (cell->game != g) continue;
            if (cell->least_frames < least) least = cell->least_frames;
            if (cell->most_frames > most) most = cell->most_frames;
        }
        if ((double)most <= 1.02 * (double)least) continue; // a difference of one game does not count
        games++;
        shown = g;
    }
    if (!games) return RB_OK;
    return rb_report_remark(report, error,
                            "%s%s: runs of the same game end at different numbers of frames, so their scores "
                            "do not reflect equal training.",
                            report->games[shown].name, games > 1 ? " and others" : "");
}

static rb_status remark_counts(rb_report *report, rb_error *error)
{
    int few = 0, uneven = 0;
    for (int i = 0; i < report->cell_count; i++) {
        few += report->cells[i].runs < 3;
        uneven += i && report->cells[i].group == report->cells[i - 1].group &&
                  report->games[report->cells[i].game].known &&
                  report->games[report->cells[i - 1].game].known &&
                  report->cells[i].runs != report->cells[i - 1].runs;
    }
    rb_status status = RB_OK;
    if (few)
        status = rb_report_remark(
            report, error,
            "%s fewer than 3 runs: the interval of two runs means little, and a single run has none.",
            few == report->cell_count ? "Each game has" : "Some games have");
    if (!status && uneven)
        status = rb_report_remark(
            report, error,
            "Games of a group have different numbers of runs: games with more runs weigh more in "
            "the interquartile mean.");
    return status;
}

// A game whose published scores are so near to each other that one difference of protocol matters more than
// they do: Video Pinball.
static rb_status remark_scales(rb_report *report, rb_error *error)
{
    static const double near = 0.1; // of the score of random play
    rb_status status = RB_OK;
    for (int g = 0; g < report->game_count && !status; g++) {
        const rb_report_game *game = &report->games[g];
        if (!game->known || fabs(game->human - game->random) >= near * fabs(game->random)) continue;
        status = rb_report_remark(report, error,
                                  "%s: the published scores of random play (%.6g) and of a human (%.6g) are "
                                  "nearly equal, so its human-normalised scores mean little, and they weigh "
                                  "on the means of the group: compare raw scores.",
                                  game->name, game->random, game->human);
    }
    return status;
}

static rb_status remark(work *w, rb_error *error)
{
    rb_report *report = w->report;
    char unknown[300] = "";
    int published = 0;
    for (int g = 0; g < report->game_count; g++) {
        const size_t used = strlen(unknown);
        if (!report->games[g].known)
            snprintf(unknown + used, sizeof unknown - used, "%s%s", used ? ", " : "", report->games[g].name);
    }
    for (int i = 0; i < report->cell_count; i++) published += report->cells[i].published_frames > 0;
    rb_status status = RB_OK;
    if (*unknown)
        status =
            rb_report_remark(report, error,
                             "No scores of random play or humans are published for %s%s: only raw scores are "
                             "shown.",
                             unknown, strlen(unknown) + 1 == sizeof unknown ? "..." : "");
    if (!status) status = remark_scales(report, error);
    if (!status) status = remark_counts(report, error);
    if (!status) status = remark_lengths(report, error);
    for (int p = 0; p < report->pair_count && !status; p++)
        if (!report->pairs[p].games)
            status = rb_report_remark(report, error, "%.200s and %.200s have no game in common.",
                                      report->groups[report->pairs[p].group].name,
                                      report->groups[report->pairs[p].over].name);
    if (!status && w->options->dopamine)
        status = rb_report_remark(
            report, error,
            published ? "Dopamine's figures are training returns of five seeds (lowest .. highest) over the "
                        "1st, 2nd, 4th, 10th, 50th or 200th million frames (the one nearest to the runs' "
                        "end), with sticky actions of 0.25; evaluations explore less."
                      : "Dopamine's figures are not known for any of these games.");
    return status;
}

// ---- the whole ----

void rb_report_free(rb_report *report)
{
    if (!report) return;
    free(report->runs);
    free(report->games);
    free(report->cells);
    free(report->groups);
    free(report->pairs);
    free(report->remarks);
    free(report);
}

static rb_status fill(work *w, rb_error *error)
{
    const size_t runs = (size_t)w->report->run_count;
    for (int set = 0; set < 2; set++) {
        w->first[set] = malloc((runs + 1) * sizeof(int));
        w->values[set] = malloc(runs * sizeof(double));
        if (!w->first[set] || !w->values[set]) return no_memory(error);
    }
    choose_scale(w->report);
    rb_status status = fill_cells(w, error);
    for (int g = 0; g < w->report->group_count && !status; g++) status = fill_group(w, g, error);
    if (!status) status = fill_pairs(w, error);
    return status ? status : remark(w, error);
}

rb_status rb_report_make(rb_report **out, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error)
{
    *out = NULL;
    rb_report *report = calloc(1, sizeof *report);
    if (!report) return no_memory(error);
    report->resamples = options->resamples ? options->resamples : 2000;
    work w = {
        .report = report, .options = options, .how = {.seed = options->seed, .resamples = report->resamples}};
    rb_status status = rb_report_read(report, paths, count, options, error);
    if (!status) status = fill(&w, error);
    for (int set = 0; set < 2; set++) {
        free(w.first[set]);
        free(w.values[set]);
    }
    if (status)
        rb_report_free(report);
    else
        *out = report;
    return status;
}
