// A report for people: tables in plain text or in Markdown, then remarks.
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/report.h"

// ---- a table: cells row by row, the first row its head ----

enum { CELL_BYTES = 288 };

typedef struct table {
    int columns, count, room;
    char (*cells)[CELL_BYTES];
    bool failed; // no memory: nothing more is added
} table;

static void put(table *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void put(table *t, const char *format, ...)
{
    if (t->count == t->room && !t->failed) {
        const int room = t->room ? 2 * t->room : 64;
        void *cells = realloc(t->cells, (size_t)room * sizeof *t->cells);
        t->failed = !cells;
        if (cells) t->cells = cells;
        if (cells) t->room = room;
    }
    if (t->failed) return;
    va_list list;
    va_start(list, format);
    vsnprintf(t->cells[t->count++], CELL_BYTES, format, list);
    va_end(list);
}

static void put_head(table *t, int columns, const char *const *names)
{
    t->columns = columns;
    for (int i = 0; i < columns; i++) put(t, "%s", names[i]);
}

// Names in the first column are left-aligned, the others right-aligned; Markdown marks this below the head.
static int print_table(table *t, bool markdown)
{
    const int rows = t->count / t->columns;
    for (int row = 0; row < rows && !t->failed; row++) {
        for (int c = 0; c < t->columns; c++) {
            const char *text = t->cells[row * t->columns + c];
            int width = 0;
            for (int r = 0; r < rows; r++) {
                const int own = (int)strlen(t->cells[r * t->columns + c]);
                if (own > width) width = own;
            }
            if (markdown)
                printf("%s%s%s", c ? " | " : "| ", text, c + 1 < t->columns ? "" : " |\n");
            else
                printf(c ? "  %*s%s" : "%-*s%s", width, text, c + 1 < t->columns ? "" : "\n");
        }
        if (markdown && !row)
            for (int c = 0; c < t->columns; c++)
                printf("|%s%s", c ? "--:" : "---", c + 1 < t->columns ? "" : "|\n");
    }
    printf("\n");
    free(t->cells);
    return t->failed ? cli_no_memory() : CLI_DONE;
}

// ---- numbers ----

static const char *number(char out[32], double value, int decimals)
{
    if (isnan(value))
        snprintf(out, 32, "-");
    else
        snprintf(out, 32, "%.*f", decimals, value);
    return out;
}

// Decimals of a raw score: as many as are significant.
static int decimals_of(double value)
{
    return fabs(value) >= 1000 ? 0 : fabs(value) >= 100 ? 1 : 2;
}

static void put_number(table *t, double value, int decimals)
{
    char text[32];
    put(t, "%s", number(text, value, decimals));
}

static void put_interval(table *t, rb_interval i, int decimals)
{
    char value[32], low[32], high[32];
    if (isnan(i.value))
        put(t, "-");
    else if (isnan(i.low)) // runs that agree have an interval, a single run has none
        put(t, "%s", number(value, i.value, decimals));
    else
        put(t, "%s [%s .. %s]", number(value, i.value, decimals), number(low, i.low, decimals),
            number(high, i.high, decimals));
}

static void put_frames(table *t, int64_t least, int64_t most)
{
    char from[32], to[32];
    rb_text_thousands(from, sizeof from, least);
    rb_text_thousands(to, sizeof to, most);
    put(t, "%s%s%s", from, least == most ? "" : " .. ", least == most ? "" : to);
}

static void put_runs(table *t, const rb_report_cell *cell)
{
    if (cell->unfinished)
        put(t, "%d (%d not ended)", cell->runs, cell->unfinished);
    else
        put(t, "%d", cell->runs);
}

// What makes scores of the same game incomparable: sticky actions, and a lost life as an end.
static void put_flags(table *t, double sticky, const char *life_loss)
{
    if (isnan(sticky))
        put(t, "-");
    else
        put(t, "%.4g", sticky);
    put(t, "%s", *life_loss ? life_loss : "-");
}

// ---- the parts ----

static void title(const cli_report_view *view, bool markdown, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static void title(const cli_report_view *view, bool markdown, const char *format, ...)
{
    (void)view;
    va_list list;
    va_start(list, format);
    printf("%s", markdown ? "### " : "");
    vprintf(format, list);
    printf(markdown ? "\n\n" : "\n");
    va_end(list);
}

static int print_games(const cli_report_view *view, int group, bool markdown)
{
    const rb_report *r = view->report;
    static const char *const names[] = {
        "game",        "runs",   "frames", "sticky", "life loss",
        "mean [95 %]", "median", "best",   "last",   "human-normalised [95 %]"};
    table t = {0};
    put_head(&t, sizeof names / sizeof *names, names);
    for (int i = 0; i < r->cell_count; i++) {
        const rb_report_cell *cell = &r->cells[i];
        if (cell->group != group) continue;
        put(&t, "%s", r->games[cell->game].name);
        put_runs(&t, cell);
        put_frames(&t, cell->least_frames, cell->most_frames);
        put_flags(&t, cell->sticky, cell->life_loss);
        put_interval(&t, cell->mean, decimals_of(cell->mean.value));
        put_number(&t, cell->median, decimals_of(cell->median));
        put_number(&t, cell->best, decimals_of(cell->best));
        put_number(&t, cell->last, decimals_of(cell->last));
        put_interval(&t, cell->normalised, 3);
    }
    title(view, markdown, "%s: %d run%s of %d game%s", r->groups[group].name, r->groups[group].runs,
          r->groups[group].runs == 1 ? "" : "s", r->groups[group].games,
          r->groups[group].games == 1 ? "" : "s");
    return print_table(&t, markdown);
}

static int print_published(const cli_report_view *view, int group, bool markdown)
{
    const rb_report *r = view->report;
    table t = {0};
    t.columns = 3 + RB_DOPAMINE_AGENTS;
    put(&t, "game");
    put(&t, "ours");
    put(&t, "Dopamine at");
    for (int a = 0; a < RB_DOPAMINE_AGENTS; a++) put(&t, "%s", rb_dopamine_name(a));
    for (int i = 0; i < r->cell_count; i++) {
        const rb_report_cell *cell = &r->cells[i];
        if (cell->group != group || !cell->published_frames) continue;
        char frames[32];
        rb_text_thousands(frames, sizeof frames, cell->published_frames);
        put(&t, "%s", r->games[cell->game].name);
        put_interval(&t, cell->mean, decimals_of(cell->mean.value));
        put(&t, "%s frames", frames);
        for (int a = 0; a < RB_DOPAMINE_AGENTS; a++)
            put_interval(&t, cell->published[a], decimals_of(cell->published[a].value));
    }
    if (t.count == t.columns) {
        free(t.cells);
        return CLI_DONE;
    }
    title(view, markdown, "%s beside Dopamine", r->groups[group].name);
    return print_table(&t, markdown);
}

static int print_runs(const cli_report_view *view, int group, bool markdown)
{
    const rb_report *r = view->report;
    static const char *const names[] = {"run",    "game",      "seed",        "state", "frames",
                                        "sticky", "life loss", "evaluations", "mean",  "median",
                                        "best",   "at frame",  "last",        "score", "human-normalised"};
    table t = {0};
    put_head(&t, sizeof names / sizeof *names, names);
    for (int i = 0; i < r->run_count; i++) {
        const rb_report_run *run = &r->runs[i];
        if (run->group != group) continue;
        put(&t, "%s", run->path);
        put(&t, "%s", r->games[run->game].name);
        put(&t, "%" PRId64, run->seed);
        put(&t, "%s", rb_run_state_name(run->state));
        put_frames(&t, run->frames, run->frames);
        put_flags(&t, run->sticky, run->life_loss);
        put(&t, "%d", run->evaluations);
        put_number(&t, run->mean, decimals_of(run->mean));
        put_number(&t, run->median, decimals_of(run->median));
        put_number(&t, run->best, decimals_of(run->best));
        put_frames(&t, run->best_frames, run->best_frames);
        put_number(&t, run->last, decimals_of(run->last));
        put_number(&t, run->score, decimals_of(run->score));
        put_number(&t, run->normalised, 3);
    }
    title(view, markdown, "Runs of %s", r->groups[group].name);
    return print_table(&t, markdown);
}

static int print_aggregates(const cli_report_view *view, bool markdown)
{
    const rb_report *r = view->report;
    static const char *const names[] = {"group",  "games", "runs",          "interquartile mean",
                                        "median", "mean",  "optimality gap"};
    table t = {0};
    put_head(&t, sizeof names / sizeof *names, names);
    for (int g = 0; g < r->group_count; g++) {
        const rb_report_group *group = &r->groups[g];
        if (!group->known_games) continue;
        put(&t, "%s", group->name);
        put(&t, "%d", group->known_games);
        put(&t, "%d", group->known_runs);
        put_interval(&t, group->iqm, 3);
        put_interval(&t, group->median, 3);
        put_interval(&t, group->mean, 3);
        put_interval(&t, group->gap, 3);
    }
    title(view, markdown, "Over games and seeds, human-normalised (0 random, 1 human)");
    return print_table(&t, markdown);
}

static int print_profile(const cli_report_view *view, bool markdown)
{
    static const int points[] = {0, 10, 25, 50, RB_PROFILE_POINTS - 1};
    enum { POINTS = sizeof points / sizeof *points };
    const rb_report *r = view->report;
    table t = {.columns = 1 + POINTS};
    put(&t, "group");
    for (int i = 0; i < POINTS; i++) put(&t, "above %.4g", r->above[points[i]]);
    for (int g = 0; g < r->group_count; g++) {
        if (!r->groups[g].known_games) continue;
        put(&t, "%s", r->groups[g].name);
        for (int i = 0; i < POINTS; i++) put_interval(&t, r->groups[g].profile[points[i]], 2);
    }
    title(view, markdown, "Performance profile: share of runs whose human-normalised score is above");
    return print_table(&t, markdown);
}

static int print_pairs(const cli_report_view *view, bool markdown)
{
    const rb_report *r = view->report;
    static const char *const names[] = {"group", "over", "games", "probability [95 %]"};
    table t = {0};
    put_head(&t, sizeof names / sizeof *names, names);
    for (int i = 0; i < r->pair_count; i++) {
        const rb_report_pair *pair = &r->pairs[i];
        if (!pair->games) continue; // nothing to compare
        put(&t, "%s", r->groups[pair->group].name);
        put(&t, "%s", r->groups[pair->over].name);
        put(&t, "%d", pair->games);
        put_interval(&t, pair->probability, 3);
    }
    if (t.count == t.columns) {
        free(t.cells);
        return CLI_DONE;
    }
    title(view, markdown,
          "Probability of improvement: that a run of the one beats a run of the other in a game");
    return print_table(&t, markdown);
}

// ---- sweeps: groups that differ in their settings only ----

// The length of "GROUP/PRESET" in a group's name; the settings, if there are any, follow a space.
static int base_of(const char *name)
{
    return (int)strcspn(name, " ");
}

static int best_first(const void *a, const void *b)
{
    const rb_report_cell *x = *(const rb_report_cell *const *)a, *y = *(const rb_report_cell *const *)b;
    if (x->mean.value != y->mean.value) return x->mean.value > y->mean.value ? -1 : 1;
    return x->group - y->group;
}

static int print_settings(const cli_report_view *view, const rb_report_cell **cells, int count, bool markdown)
{
    const rb_report *r = view->report;
    static const char *const names[] = {"settings", "runs", "mean [95 %]", ""};
    table t = {0};
    qsort(cells, (size_t)count, sizeof *cells, best_first);
    put_head(&t, sizeof names / sizeof *names, names);
    for (int i = 0; i < count; i++) {
        const char *name = r->groups[cells[i]->group].name;
        put(&t, "%s", name[base_of(name)] ? name + base_of(name) + 1 : "-");
        put_runs(&t, cells[i]);
        put_interval(&t, cells[i]->mean, decimals_of(cells[i]->mean.value));
        put(&t, "%s", !i ? "best" : cells[i]->mean.high >= cells[0]->mean.low ? "overlaps the best" : "");
    }
    const char *first = r->groups[cells[0]->group].name;
    title(view, markdown, "Settings of %.*s in %s, the best first", base_of(first), first,
          r->games[cells[0]->game].name);
    return print_table(&t, markdown);
}

// For each game, the settings that runs of one GROUP/PRESET played it with.
static int print_sweeps(const cli_report_view *view, bool markdown)
{
    const rb_report *r = view->report;
    const rb_report_cell **cells = malloc(((size_t)r->cell_count + 1) * sizeof *cells);
    bool *printed = calloc((size_t)r->cell_count + 1, sizeof *printed);
    int status = cells && printed ? CLI_DONE : cli_no_memory();
    for (int i = 0; i < r->cell_count && status == CLI_DONE; i++) {
        const char *name = r->groups[r->cells[i].group].name;
        int count = 0;
        for (int k = i; k < r->cell_count; k++) {
            const char *other = r->groups[r->cells[k].group].name;
            if (printed[k] || r->cells[k].game != r->cells[i].game || base_of(other) != base_of(name) ||
                strncmp(other, name, (size_t)base_of(name)) != 0)
                continue;
            printed[k] = true;
            cells[count++] = &r->cells[k];
        }
        if (count > 1) status = print_settings(view, cells, count, markdown);
    }
    free(cells);
    free(printed);
    return status;
}

int cli_report_text(const cli_report_view *view, bool markdown)
{
    const rb_report *r = view->report;
    char resamples[32];
    bool known = false;
    int status = CLI_DONE;
    rb_text_thousands(resamples, sizeof resamples, r->resamples);
    if (markdown) printf("## Report\n\n");
    printf("A run's score is %s.%sIntervals: 95 %%, %s bootstrap resamples of the runs of each game, seed "
           "%" PRIu64 ".\n\n",
           view->score, markdown ? "\n" : " ", resamples, view->seed);
    for (int g = 0; g < r->group_count && status == CLI_DONE; g++) {
        known = known || r->groups[g].known_games;
        status = print_games(view, g, markdown);
        if (status == CLI_DONE && view->dopamine) status = print_published(view, g, markdown);
        if (status == CLI_DONE && view->runs) status = print_runs(view, g, markdown);
    }
    if (status == CLI_DONE) status = print_sweeps(view, markdown);
    if (status == CLI_DONE && known) status = print_aggregates(view, markdown);
    if (status == CLI_DONE && known) status = print_profile(view, markdown);
    if (status == CLI_DONE && r->pair_count) status = print_pairs(view, markdown);
    for (int i = 0; i < r->remark_count; i++) printf("%s%s\n", markdown ? "- " : "Note: ", r->remarks[i]);
    return status;
}
