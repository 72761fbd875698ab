// A report for programs: one figure per line (CSV), or one object (JSON).
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "cli/report.h"

// ---- CSV: group,over,game,figure,at,value,low,high ----

static void text_field(const char *text)
{
    if (!strpbrk(text, ",\"\n")) {
        printf("%s,", text);
        return;
    }
    putchar('"');
    for (; *text; text++) printf(*text == '"' ? "\"\"" : "%c", *text);
    printf("\",");
}

static void number_field(double value, char end)
{
    if (isnan(value))
        printf("%c", end); // it is missing
    else
        printf("%.12g%c", value, end);
}

static void line(const char *group, const char *over, const char *game, const char *figure, double at,
                 rb_interval i)
{
    text_field(group);
    text_field(over);
    text_field(game);
    text_field(figure);
    number_field(at, ',');
    number_field(i.value, ',');
    number_field(i.low, ',');
    number_field(i.high, '\n');
}

static void plain(const char *group, const char *game, const char *figure, double value)
{
    line(group, "", game, figure, NAN, (rb_interval){value, NAN, NAN});
}

static void cell_lines(const rb_report *r, const rb_report_cell *cell)
{
    const char *group = r->groups[cell->group].name, *game = r->games[cell->game].name;
    plain(group, game, "runs", cell->runs);
    plain(group, game, "unfinished", cell->unfinished);
    plain(group, game, "frames", (double)cell->most_frames);
    plain(group, game, "sticky", cell->sticky);
    if (*cell->life_loss) {
        char figure[64];
        snprintf(figure, sizeof figure, "life loss %s", cell->life_loss);
        plain(group, game, figure, 1);
    }
    line(group, "", game, "mean", NAN, cell->mean);
    plain(group, game, "median", cell->median);
    plain(group, game, "best", cell->best);
    plain(group, game, "last", cell->last);
    if (!isnan(cell->normalised.value)) line(group, "", game, "normalised", NAN, cell->normalised);
    for (int a = 0; a < RB_DOPAMINE_AGENTS && cell->published_frames; a++) {
        char figure[64];
        snprintf(figure, sizeof figure, "dopamine %s", rb_dopamine_name(a));
        line(group, "", game, figure, (double)cell->published_frames, cell->published[a]);
    }
}

static void group_lines(const rb_report *r, const rb_report_group *group)
{
    if (!group->known_games) return;
    line(group->name, "", "", "iqm", NAN, group->iqm);
    line(group->name, "", "", "median", NAN, group->median);
    line(group->name, "", "", "mean", NAN, group->mean);
    line(group->name, "", "", "optimality gap", NAN, group->gap);
    for (int i = 0; i < RB_PROFILE_POINTS; i++)
        line(group->name, "", "", "profile", r->above[i], group->profile[i]);
}

int cli_report_csv(const cli_report_view *view)
{
    const rb_report *r = view->report;
    printf("group,over,game,figure,at,value,low,high\n");
    for (int i = 0; i < r->cell_count; i++) cell_lines(r, &r->cells[i]);
    for (int i = 0; view->runs && i < r->run_count; i++)
        line(r->groups[r->runs[i].group].name, "", r->games[r->runs[i].game].name, "score",
             (double)r->runs[i].seed, (rb_interval){r->runs[i].score, NAN, NAN});
    for (int g = 0; g < r->group_count; g++) group_lines(r, &r->groups[g]);
    for (int i = 0; i < r->pair_count; i++)
        line(r->groups[r->pairs[i].group].name, r->groups[r->pairs[i].over].name, "", "improvement", NAN,
             r->pairs[i].probability);
    for (int i = 0; i < r->remark_count; i++) fprintf(stderr, "rainbow: %s\n", r->remarks[i]);
    return CLI_DONE;
}

// ---- JSON; a missing number is null ----

static cJSON *add_interval(cJSON *object, const char *name, rb_interval i)
{
    cJSON *item = cJSON_AddObjectToObject(object, name);
    cJSON_AddNumberToObject(item, "value", i.value);
    cJSON_AddNumberToObject(item, "low", i.low);
    cJSON_AddNumberToObject(item, "high", i.high);
    return item;
}

static cJSON *add_object(cJSON *array)
{
    cJSON *item = cJSON_CreateObject();
    cJSON_AddItemToArray(array, item);
    return item;
}

static void add_runs(const rb_report *r, const rb_report_cell *cell, cJSON *array)
{
    for (int i = 0; i < r->run_count; i++) {
        const rb_report_run *run = &r->runs[i];
        if (run->group != cell->group || run->game != cell->game) continue;
        cJSON *item = add_object(array);
        cJSON_AddStringToObject(item, "run", run->path);
        cJSON_AddNumberToObject(item, "seed", (double)run->seed);
        cJSON_AddStringToObject(item, "state", rb_run_state_name(run->state));
        cJSON_AddNumberToObject(item, "evaluations", run->evaluations);
        cJSON_AddNumberToObject(item, "frames", (double)run->frames);
        cJSON_AddNumberToObject(item, "mean", run->mean);
        cJSON_AddNumberToObject(item, "median", run->median);
        cJSON_AddNumberToObject(item, "best", run->best);
        cJSON_AddNumberToObject(item, "best_frames", (double)run->best_frames);
        cJSON_AddNumberToObject(item, "last", run->last);
        cJSON_AddNumberToObject(item, "score", run->score);
        cJSON_AddNumberToObject(item, "normalised", run->normalised);
    }
}

static void add_cell(const rb_report *r, const rb_report_cell *cell, cJSON *array)
{
    cJSON *item = add_object(array);
    cJSON_AddStringToObject(item, "game", r->games[cell->game].name);
    cJSON_AddNumberToObject(item, "random", r->games[cell->game].random);
    cJSON_AddNumberToObject(item, "human", r->games[cell->game].human);
    cJSON_AddNumberToObject(item, "sticky", cell->sticky);
    cJSON_AddStringToObject(item, "life_loss", cell->life_loss);
    cJSON_AddNumberToObject(item, "unfinished", cell->unfinished);
    cJSON_AddNumberToObject(item, "least_frames", (double)cell->least_frames);
    cJSON_AddNumberToObject(item, "most_frames", (double)cell->most_frames);
    add_interval(item, "mean", cell->mean);
    cJSON_AddNumberToObject(item, "median", cell->median);
    cJSON_AddNumberToObject(item, "best", cell->best);
    cJSON_AddNumberToObject(item, "last", cell->last);
    add_interval(item, "normalised", cell->normalised);
    if (cell->published_frames) {
        cJSON *dopamine = cJSON_AddObjectToObject(item, "dopamine");
        cJSON_AddNumberToObject(dopamine, "frames", (double)cell->published_frames);
        for (int a = 0; a < RB_DOPAMINE_AGENTS; a++)
            add_interval(dopamine, rb_dopamine_name(a), cell->published[a]);
    }
    add_runs(r, cell, cJSON_AddArrayToObject(item, "runs"));
}

static void add_group(const rb_report *r, int g, cJSON *array)
{
    const rb_report_group *group = &r->groups[g];
    cJSON *item = add_object(array);
    cJSON_AddStringToObject(item, "name", group->name);
    cJSON *games = cJSON_AddArrayToObject(item, "games");
    for (int i = 0; i < r->cell_count; i++)
        if (r->cells[i].group == g) add_cell(r, &r->cells[i], games);
    cJSON_AddNumberToObject(item, "known_games", group->known_games);
    cJSON_AddNumberToObject(item, "known_runs", group->known_runs);
    add_interval(item, "iqm", group->iqm);
    add_interval(item, "median", group->median);
    add_interval(item, "mean", group->mean);
    add_interval(item, "optimality_gap", group->gap);
    cJSON *profile = cJSON_AddArrayToObject(item, "profile");
    for (int i = 0; group->known_games && i < RB_PROFILE_POINTS; i++) {
        cJSON *point = add_object(profile);
        cJSON_AddNumberToObject(point, "above", r->above[i]);
        add_interval(point, "share", group->profile[i]);
    }
}

int cli_report_json(const cli_report_view *view)
{
    const rb_report *r = view->report;
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "score", view->score);
    cJSON_AddNumberToObject(object, "resamples", r->resamples);
    cJSON_AddNumberToObject(object, "seed", (double)view->seed);
    cJSON *groups = cJSON_AddArrayToObject(object, "groups"),
          *pairs = cJSON_AddArrayToObject(object, "improvement"),
          *remarks = cJSON_AddArrayToObject(object, "remarks");
    for (int g = 0; g < r->group_count; g++) add_group(r, g, groups);
    for (int i = 0; i < r->pair_count; i++) {
        cJSON *item = add_object(pairs);
        cJSON_AddStringToObject(item, "group", r->groups[r->pairs[i].group].name);
        cJSON_AddStringToObject(item, "over", r->groups[r->pairs[i].over].name);
        cJSON_AddNumberToObject(item, "games", r->pairs[i].games);
        add_interval(item, "probability", r->pairs[i].probability);
    }
    for (int i = 0; i < r->remark_count; i++)
        cJSON_AddItemToArray(remarks, cJSON_CreateString(r->remarks[i]));
    return cli_print_json(object);
}
