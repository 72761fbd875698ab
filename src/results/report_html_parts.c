// The parts of a report's page: tables of results, curves, settings, runs (videos: report_html_videos.c).
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "results/html.h"
#include "results/run_facts.h"

static int decimals_of(double value)
{
    return fabs(value) >= 1000 ? 0 : fabs(value) >= 100 ? 1 : 2;
}

static void put_count(FILE *to, int64_t count)
{
    char text[32];
    rb_text_thousands(text, sizeof text, count);
    rb_html_cell(to, text);
}

// ---- results

static void put_games(FILE *to, const rb_report *r)
{
    bool known = false; // otherwise the last column would be empty
    for (int i = 0; i < r->cell_count; i++) known |= !isnan(r->cells[i].normalised.value);
    rb_html_table(to, known ? "group|game|runs|frames|mean|median|best|last|human-normalised"
                            : "group|game|runs|frames|mean|median|best|last");
    for (int i = 0; i < r->cell_count; i++) {
        const rb_report_cell *c = &r->cells[i];
        char runs[60];
        snprintf(runs, sizeof runs, c->unfinished ? "%d (%d not ended)" : "%d", c->runs, c->unfinished);
        fprintf(to, "<tr>");
        rb_html_cell(to, r->groups[c->group].name);
        rb_html_cell(to, r->games[c->game].name);
        rb_html_cell(to, runs);
        put_count(to, c->most_frames);
        rb_html_interval(to, c->mean, decimals_of(c->mean.value));
        rb_html_number(to, c->median, decimals_of(c->median));
        rb_html_number(to, c->best, decimals_of(c->best));
        rb_html_number(to, c->last, decimals_of(c->last));
        if (known) rb_html_interval(to, c->normalised, 3);
        fprintf(to, "</tr>\n");
    }
    rb_html_table_end(to);
}

static void put_profile(FILE *to, const rb_report *r)
{
    rb_html_curve *curves = calloc((size_t)r->group_count, sizeof *curves);
    double *values = malloc((size_t)r->group_count * 3 * RB_PROFILE_POINTS * sizeof *values);
    rb_html_chart chart = {.caption = "Performance profile, with 95 % intervals",
                           .x_title = "human-normalised score",
                           .y_title = "share of runs above",
                           .x_scale = 1,
                           .x = rb_plot_axis_to(r->above[RB_PROFILE_POINTS - 1], 8),
                           .y = {0, 1, 0.2},
                           .curves = curves};
    for (int g = 0; g < r->group_count && curves && values; g++) {
        if (!r->groups[g].known_games) continue;
        double *share = values + (size_t)g * 3 * RB_PROFILE_POINTS, *low = share + RB_PROFILE_POINTS,
               *high = low + RB_PROFILE_POINTS;
        for (int i = 0; i < RB_PROFILE_POINTS; i++) {
            share[i] = r->groups[g].profile[i].value;
            low[i] = r->groups[g].profile[i].low;
            high[i] = r->groups[g].profile[i].high;
        }
        curves[chart.count++] =
            (rb_html_curve){r->groups[g].name, RB_PROFILE_POINTS, r->above, share, low, high};
    }
    rb_html_figure(to, &chart);
    free(curves);
    free(values);
}

static void put_aggregates(FILE *to, const rb_report *r)
{
    bool known = false;
    for (int g = 0; g < r->group_count; g++) known |= r->groups[g].known_games > 0;
    if (!known) return;
    rb_html_heading(to, 2, "Over games and seeds");
    fprintf(to, "<p>Human-normalised: 0 is random play, 1 a human.</p>\n");
    rb_html_table(to, "group|games|runs|interquartile mean|median|mean|optimality gap");
    for (int g = 0; g < r->group_count; g++) {
        const rb_report_group *group = &r->groups[g];
        if (!group->known_games) continue;
        fprintf(to, "<tr>");
        rb_html_cell(to, group->name);
        put_count(to, group->known_games);
        put_count(to, group->known_runs);
        rb_html_interval(to, group->iqm, 3);
        rb_html_interval(to, group->median, 3);
        rb_html_interval(to, group->mean, 3);
        rb_html_interval(to, group->gap, 3);
        fprintf(to, "</tr>\n");
    }
    rb_html_table_end(to);
    put_profile(to, r);
}

void rb_html_results(FILE *to, const rb_html_page *page)
{
    const rb_report *r = page->report;
    rb_html_heading(to, 2, "Results");
    put_games(to, r);
    put_aggregates(to, r);
    int pairs = 0;
    for (int i = 0; i < r->pair_count; i++) pairs += r->pairs[i].games > 0; // games that both groups have
    if (!pairs) return;
    rb_html_heading(to, 2, "Probability of improvement");
    fprintf(to,
            "<p>The probability that a run of the first group beats a run of the second in a game.</p>\n");
    rb_html_table(to, "group|over|games|probability");
    for (int i = 0; i < r->pair_count; i++) {
        if (!r->pairs[i].games) continue;
        fprintf(to, "<tr>");
        rb_html_cell(to, r->groups[r->pairs[i].group].name);
        rb_html_cell(to, r->groups[r->pairs[i].over].name);
        put_count(to, r->pairs[i].games);
        rb_html_interval(to, r->pairs[i].probability, 3);
        fprintf(to, "</tr>\n");
    }
    rb_html_table_end(to);
}

// ---- curves

static void put_plot(FILE *to, const rb_plot_result *plot, const char *x)
{
    char caption[500];
    double end = 0;
    rb_html_curve *curves = calloc((size_t)plot->count, sizeof *curves);
    for (int i = 0; i < plot->count && curves; i++) {
        const rb_plot_curve *c = &plot->curves[i];
        curves[i] = (rb_html_curve){c->label, c->points, c->x, c->mean, c->low, c->high};
        end = fmax(end, c->last_x);
    }
    snprintf(caption, sizeof caption, "%s%s%s.", plot->caption, *plot->seeds_caption ? "; " : "",
             plot->seeds_caption);
    rb_html_chart chart = {.caption = caption,
                           .y_title = plot->y_title,
                           .y = rb_plot_axis_around(plot->low, plot->high, 6),
                           .curves = curves,
                           .count = curves ? plot->count : 0};
    chart.x_title = rb_plot_unit(end, x, &chart.x_scale);
    chart.x = rb_plot_axis_to(fmax(end, 1) / chart.x_scale, 7);
    rb_html_figure(to, &chart);
    free(curves);
}

// Evaluations, or returns of training games, of all groups in one game. Evaluations of seeds that were not at
// the same steps are averaged over windows; a table that is missing is no curve.
static void put_curve(FILE *to, const rb_report *r, int game, const char *y)
{
    const char **paths = malloc((size_t)r->run_count * sizeof *paths),
               **labels = malloc((size_t)r->run_count * sizeof *labels);
    rb_plot_options how = {.x = "steps", .y = y, .labels = labels, .group_seeds = true, .window = -1};
    rb_plot_result plot;
    rb_error error = {0};
    int count = 0;
    for (int i = 0; i < r->run_count && paths && labels; i++) {
        if (r->runs[i].game != game) continue;
        paths[count] = r->runs[i].path;
        labels[count++] = r->groups[r->runs[i].group].name;
    }
    rb_status status = count ? rb_plot(paths, count, &how, &plot, &error) : RB_ERR_MEMORY;
    if (status == RB_ERR_USAGE) {
        int64_t most = 1;
        for (int i = 0; i < r->run_count; i++)
            if (r->runs[i].game == game && r->runs[i].frames > most) most = r->runs[i].frames;
        how.x = "frames"; // which all runs know here
        how.window = rb_plot_step((double)most, 20);
        status = rb_plot(paths, count, &how, &plot, &error);
    }
    if (!status) {
        put_plot(to, &plot, how.x);
        rb_plot_result_free(&plot);
    }
    free(paths);
    free(labels);
}

void rb_html_curves(FILE *to, const rb_html_page *page)
{
    rb_html_heading(to, 2, "Curves");
    for (int g = 0; g < page->report->game_count; g++) {
        rb_html_heading(to, 3, page->report->games[g].name);
        put_curve(to, page->report, g, "eval");
        put_curve(to, page->report, g, "return");
    }
}

// ---- settings

static void value_of(const rb_config *config, const char *key, char *out)
{
    if (!config || rb_config_get(config, key, out, RB_TEXT_MAX, NULL)) snprintf(out, RB_TEXT_MAX, "–");
}

// The settings that are not the same in all groups; run.name and the like tell runs apart anyway.
static void put_differences(FILE *to, const rb_report *r, const rb_run_facts *facts)
{
    char first[RB_TEXT_MAX], other[RB_TEXT_MAX];
    bool any = false;
    for (int i = 0; i < rb_param_count(); i++) {
        const rb_param_info *param = rb_param_get(i);
        bool same = true;
        value_of(facts[0].config, param->key, first);
        for (int g = 1; g < r->group_count; g++) {
            value_of(facts[g].config, param->key, other);
            same &= !strcmp(first, other);
        }
        if (same || !param->decides) continue;
        if (!any) {
            rb_html_heading(to, 2, "What differs between the groups");
            rb_html_table(to, "");
            fprintf(to, "<tr class=\"words\"><th>setting</th>");
            for (int g = 0; g < r->group_count; g++) {
                fprintf(to, "<th>");
                rb_html_text(to, r->groups[g].name);
                fprintf(to, "</th>");
            }
            fprintf(to, "</tr>\n");
        }
        any = true;
        fprintf(to, "<tr class=\"words\">");
        rb_html_cell(to, param->key);
        for (int g = 0; g < r->group_count; g++) {
            value_of(facts[g].config, param->key, other);
            rb_html_cell(to, *other ? other : "–");
        }
        fprintf(to, "</tr>\n");
    }
    if (any) rb_html_table_end(to);
}

void rb_html_settings(FILE *to, const rb_html_page *page)
{
    const rb_report *r = page->report;
    rb_run_facts *facts = calloc((size_t)r->group_count, sizeof *facts);
    char value[RB_TEXT_MAX];
    if (!facts) return;
    for (int i = r->run_count - 1; i >= 0; i--) { // the first run of each group
        rb_run_facts_free(&facts[r->runs[i].group]);
        if (rb_run_facts_read(&facts[r->runs[i].group], r->runs[i].path, NULL))
            facts[r->runs[i].group] = (rb_run_facts){0};
    }
    put_differences(to, r, facts);
    rb_html_heading(to, 2, "Settings");
    fprintf(to, "<p>The settings of each group's first run; those in bold differ from the default.</p>\n");
    for (int g = 0; g < r->group_count; g++) {
        fprintf(to, "<details><summary>");
        rb_html_text(to, r->groups[g].name);
        fprintf(to, "</summary>\n");
        rb_html_table(to, "setting|value|default");
        for (int i = 0; i < rb_param_count(); i++) {
            const rb_param_info *param = rb_param_get(i);
            value_of(facts[g].config, param->key, value);
            fprintf(to, "<tr class=\"words%s\">", strcmp(value, param->by_default) ? " changed" : "");
            rb_html_cell(to, param->key);
            rb_html_cell(to, value);
            rb_html_cell(to, param->by_default);
            fprintf(to, "</tr>\n");
        }
        rb_html_table_end(to);
        fprintf(to, "</details>\n");
        rb_run_facts_free(&facts[g]);
    }
    free(facts);
}

// ---- runs

void rb_html_runs(FILE *to, const rb_html_page *page)
{
    const rb_report *r = page->report;
    rb_html_heading(to, 2, "Runs");
    rb_html_table(to, "run|group|game|seed|state|frames|evaluations|best|last|score");
    for (int i = 0; i < r->run_count; i++) {
        const rb_report_run *run = &r->runs[i];
        fprintf(to, "<tr>");
        rb_html_cell(to, run->path);
        rb_html_cell(to, r->groups[run->group].name);
        rb_html_cell(to, r->games[run->game].name);
        fprintf(to, "<td>%" PRId64 "</td>", run->seed);
        rb_html_cell(to, rb_run_state_name(run->state));
        put_count(to, run->frames);
        put_count(to, run->evaluations);
        rb_html_number(to, run->best, decimals_of(run->best));
        rb_html_number(to, run->last, decimals_of(run->last));
        rb_html_number(to, run->score, decimals_of(run->score));
        fprintf(to, "</tr>\n");
    }
    rb_html_table_end(to);
}
