// Runs for a report, sorted into groups and games.
//
// Two runs belong to one group if they share run.group, run.preset and the value of every parameter that
// decides a result (config/experiment.c), at their start and at their end, apart from the environment. So a
// study that varied one parameter falls into one group for each of its values, and so do runs of different
// length or evaluation.
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "results/published.h"
#include "results/report_runs.h"

const char *rb_run_state_name(rb_run_state state)
{
    static const char *const names[] = {
        [RB_RUN_ENDED] = "ended", [RB_RUN_RUNNING] = "running", [RB_RUN_UNFINISHED] = "unfinished"};
    return names[state];
}

static rb_status no_memory(rb_error *error)
{
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for the report");
}

rb_status rb_report_remark(rb_report *report, rb_error *error, const char *format, ...)
{
    void *more = realloc(report->remarks, ((size_t)report->remark_count + 1) * sizeof *report->remarks);
    if (!more) return no_memory(error);
    report->remarks = more;
    va_list list;
    va_start(list, format);
    vsnprintf(report->remarks[report->remark_count++], sizeof *report->remarks, format, list);
    va_end(list);
    return RB_OK;
}

// ---- groups ----

typedef struct same_base { // the groups that share GROUP/PRESET
    const rb_config **configs;
    int count, which; // `which`: the group to be named
    char stem[80]; // the name of its runs without their seeds, if no other of these groups has it; otherwise
                   // ""
} same_base;

// The names of a group's runs, if they are equal but for their seeds.
static void find_stem(const rb_found_runs *all, int group, char *out, size_t bytes)
{
    *out = 0;
    for (int i = 0; i < all->count; i++) {
        const rb_found_run *f = &all->list[i];
        char stem[RB_PATH_MAX];
        if (f->run.group != group) continue;
        rb_run_facts_stem(f->run.path, f->run.seed, stem, sizeof stem);
        if (*out && strcmp(stem, out) != 0) *stem = 0;
        rb_text_copy(out, bytes, stem);
        if (!*stem) return;
    }
}

static bool has_own_stem(const rb_found_runs *all, const int *first, int groups, int group)
{
    char mine[80], other[80];
    find_stem(all, group, mine, sizeof mine);
    for (int g = 0; g < groups && *mine; g++) {
        if (g == group || strcmp(all->list[first[g]].base, all->list[first[group]].base)) continue;
        find_stem(all, g, other, sizeof other);
        if (!strcmp(mine, other)) return false;
    }
    return *mine;
}

static void find_same_base(const rb_found_runs *all, const int *first, int groups, int group, same_base *out)
{
    out->count = 0;
    for (int g = 0; g < groups; g++) {
        if (strcmp(all->list[first[g]].base, all->list[first[group]].base)) continue;
        if (g == group) out->which = out->count;
        out->configs[out->count++] = all->list[first[g]].facts.config;
    }
    find_stem(all, group, out->stem, sizeof out->stem);
    if (out->count == 1 || !has_own_stem(all, first, groups, group)) *out->stem = 0;
}

enum { SETTINGS_NAMED = 3 }; // in a group's name; one less behind the name of its runs

static int settings_named(const same_base *same)
{
    return *same->stem ? SETTINGS_NAMED - 1 : SETTINGS_NAMED;
}

// "GROUP/PRESET"; if several groups share that, also the name of the runs, if it tells the groups apart, and
// the settings in which they differ.
static void name_group(const rb_found_run *f, const same_base *same, char *name, size_t bytes)
{
    const int most = settings_named(same);
    char settings[RB_TEXT_MAX], began[200], all[2 * RB_TEXT_MAX];
    const int found =
        rb_config_differences(same->configs, same->count, same->which, most, " ", settings, sizeof settings);
    rb_run_facts_began(&f->facts, began, sizeof began);
    if (same->count == 1) *began = 0;
    snprintf(all, sizeof all, "%s%s%s%s%s%s%s", *same->stem ? " " : "", same->stem, found ? " " : "",
             settings, *began ? " (began with " : "", began, *began ? ")" : "");
    const size_t room = bytes - strlen(f->base) - sizeof " #1000";
    snprintf(name, bytes, "%s%.*s", f->base, (int)room, all);
    if (found > most && *same->stem)
        snprintf(name + strlen(name), bytes - strlen(name), " ...");
    else if (found > most || strlen(all) > room)
        snprintf(name + strlen(name), bytes - strlen(name), " #%d", same->which + 1);
}

// Names all settings in which the groups of a base differ, if their names have no place for them.
static rb_status remark_settings(rb_report *report, const rb_found_run *f, const same_base *same,
                                 rb_error *error)
{
    char settings[RB_TEXT_MAX], number[24];
    const int found = rb_config_differences(same->configs, same->count, same->which, RB_PARAMS_MOST, ", ",
                                            settings, sizeof settings);
    if (found <= settings_named(same)) return RB_OK;
    snprintf(number, sizeof number, "#%d", same->which + 1);
    return rb_report_remark(report, error, "%.100s %.60s has %.320s.", f->base,
                            *same->stem ? same->stem : number, settings);
}

static rb_status name_groups(rb_found_runs *all, const int *first, rb_error *error)
{
    rb_report *report = all->report;
    same_base same = {.configs = malloc((size_t)all->count * sizeof *same.configs)};
    if (!same.configs) return no_memory(error);
    rb_status status = RB_OK;
    for (int g = 0; g < report->group_count && !status; g++) {
        const rb_found_run *f = &all->list[first[g]];
        find_same_base(all, first, report->group_count, g, &same);
        name_group(f, &same, report->groups[g].name, sizeof report->groups[g].name);
        status = remark_settings(report, f, &same, error);
    }
    free(same.configs);
    return status;
}

static rb_status set_groups(rb_found_runs *all, rb_error *error)
{
    rb_report *report = all->report;
    int *first = malloc((size_t)all->count * sizeof *first);
    report->groups = calloc((size_t)all->count, sizeof *report->groups);
    if (!first || !report->groups) {
        free(first);
        return no_memory(error);
    }
    for (int i = 0; i < all->count; i++) {
        rb_found_run *f = &all->list[i];
        int g = 0;
        while (g < report->group_count && (strcmp(all->list[first[g]].base, f->base) ||
                                           !rb_run_facts_same(&all->list[first[g]].facts, &f->facts)))
            g++;
        if (g == report->group_count) first[report->group_count++] = i;
        f->run.group = g;
    }
    rb_status status = name_groups(all, first, error);
    free(first);
    return status;
}

// ---- games ----

static int by_name(const void *a, const void *b)
{
    return strcmp(((const rb_report_game *)a)->name, ((const rb_report_game *)b)->name);
}

static rb_status set_games(rb_found_runs *all, rb_error *error)
{
    rb_report *report = all->report;
    report->games = calloc((size_t)all->count, sizeof *report->games);
    if (!report->games) return no_memory(error);
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

// ---- runs ----

// Of runs with the same settings and seed, the longest comes first.
static int by_place(const void *a, const void *b)
{
    const rb_report_run *x = a, *y = b;
    if (x->group != y->group) return x->group < y->group ? -1 : 1;
    if (x->game != y->game) return x->game < y->game ? -1 : 1;
    if (x->seed != y->seed) return x->seed < y->seed ? -1 : 1;
    if (x->frames != y->frames) return x->frames > y->frames ? -1 : 1;
    if (x->state != y->state) return x->state < y->state ? -1 : 1;
    return strcmp(x->path, y->path);
}

// Stores the runs in order. Runs with the same settings and seed are no independent samples: only the longest
// counts, and a remark says what became of the others.
static rb_status set_runs(rb_found_runs *all, rb_error *error)
{
    rb_report *report = all->report;
    report->runs = malloc((size_t)all->count * sizeof *report->runs);
    if (!report->runs) return no_memory(error);
    for (int i = 0; i < all->count; i++) report->runs[i] = all->list[i].run;
    qsort(report->runs, (size_t)all->count, sizeof *report->runs, by_place);
    for (int i = 0; i < all->count; i++) {
        const rb_report_run *run = &report->runs[i],
                            *last = report->run_count ? &report->runs[report->run_count - 1] : NULL;
        if (last && last->group == run->group && last->game == run->game && last->seed == run->seed) {
            char frames[32];
            rb_text_thousands(frames, sizeof frames, run->frames);
            rb_status status = rb_report_remark(
                report, error,
                "%.150s (score %.6g at frame %s) has the same settings and seed as %.150s and is not counted "
                "again%s.",
                run->path, run->score, frames, last->path,
                last->frames > run->frames ? ": the other one is longer" : "");
            if (status) return status;
            continue;
        }
        report->groups[run->group].runs++;
        report->runs[report->run_count++] = *run;
    }
    return RB_OK;
}

// Names the runs of which a resume changed what decides the result.
static rb_status remark_changed(rb_found_runs *all, rb_error *error)
{
    rb_status status = RB_OK;
    for (int i = 0; i < all->count && !status; i++) {
        char began[200];
        rb_run_facts_began(&all->list[i].facts, began, sizeof began);
        if (*began)
            status = rb_report_remark(all->report, error,
                                      "%.200s was resumed with other settings; it began with %s.",
                                      all->list[i].run.path, began);
    }
    return status;
}

// Names some of the runs that have not ended.
static rb_status remark_unfinished(rb_report *report, rb_error *error)
{
    enum { NAMED = 3 };
    char list[400] = "";
    int count = 0;
    for (int i = 0; i < report->run_count; i++) {
        const rb_report_run *run = &report->runs[i];
        if (run->state == RB_RUN_ENDED || ++count > NAMED) continue;
        const size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s%.100s (%s)", used ? ", " : "", run->path,
                 rb_run_state_name(run->state));
    }
    if (!count) return RB_OK;
    char more[40] = "";
    if (count > NAMED) snprintf(more, sizeof more, " and %d more", count - NAMED);
    return rb_report_remark(report, error, "Not ended: %s%s. Their scores count as they are now.", list,
                            more);
}

rb_status rb_report_sort(rb_found_runs *all, rb_error *error)
{
    rb_status status = set_groups(all, error);
    if (!status) status = set_games(all, error);
    if (!status) status = set_runs(all, error);
    if (!status) status = remark_changed(all, error);
    return status ? status : remark_unfinished(all->report, error);
}
