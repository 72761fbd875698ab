// The axes of a picture of curves: which column of which table, and how captions name it.
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "results/plot_job.h"

// Columns that have words of their own; any other column is called by its name.
static const rb_plot_column known[] = {
    {"return", RB_TRAIN_CSV, RB_COLUMN_RETURN, "return of a game while training", "Mean returns of the games",
     "Every game"},
    {"eval", RB_EVAL_CSV, RB_COLUMN_MEAN, "mean return of an evaluation", "Means of the evaluations",
     "Every evaluation"},
    {"loss", RB_TRAIN_CSV, RB_COLUMN_LOSS, "loss", "Means of the loss", "One value per game"},
    {"q_mean", RB_TRAIN_CSV, RB_COLUMN_Q_MEAN, "Q-value of the best action, mean of a batch",
     "Means of the Q-value", "One value per game"},
    {RB_COLUMN_LENGTH, RB_TRAIN_CSV, RB_COLUMN_LENGTH, "steps of a game while training",
     "Mean lengths of the games", "Every game"},
    {RB_COLUMN_EPSILON, RB_TRAIN_CSV, RB_COLUMN_EPSILON, "epsilon", "Means of epsilon", "One value per game"},
    {RB_COLUMN_MEAN, RB_EVAL_CSV, RB_COLUMN_MEAN, "mean return of an evaluation", "Means of the evaluations",
     "Every evaluation"},
    {RB_COLUMN_STD, RB_EVAL_CSV, RB_COLUMN_STD, "standard deviation of an evaluation's returns",
     "Standard deviations of the evaluations", "Every evaluation"},
    {RB_COLUMN_MIN, RB_EVAL_CSV, RB_COLUMN_MIN, "lowest return of an evaluation",
     "Lowest returns of the evaluations", "Every evaluation"},
    {RB_COLUMN_MAX, RB_EVAL_CSV, RB_COLUMN_MAX, "highest return of an evaluation",
     "Highest returns of the evaluations", "Every evaluation"},
    {RB_COLUMN_MEDIAN, RB_EVAL_CSV, RB_COLUMN_MEDIAN, "median return of an evaluation",
     "Median returns of the evaluations", "Every evaluation"},
};
enum { KNOWN = sizeof known / sizeof *known };

// Adds "train.csv (step, frames ...)" to the list; sets *found if the table has the column.
static void look_into(const char *run, const char *file, const char *column, bool *found, char *list,
                      size_t bytes)
{
    char path[RB_PATH_MAX];
    rb_csv_table *table;
    if (rb_path_join(path, sizeof path, run, file, NULL) || !rb_file_exists(path) ||
        rb_csv_table_read(&table, path, NULL))
        return;
    *found = rb_csv_table_column(table, column) != NULL;
    size_t used = strlen(list);
    const char *name;
    for (int i = 0; used < bytes && (name = rb_csv_table_name(table, i)); i++)
        used += (size_t)snprintf(list + used, bytes - used, "%s%.40s", i ? ", " : used ? "; " : "", name);
    if (used < bytes) snprintf(list + used, bytes - used, " (%s)", file);
    rb_csv_table_free(table);
}

// A column that the first run with tables has: "seconds", or "eval.seconds" if both tables have it.
static rb_status find_column(rb_plot_job *j, rb_error *error)
{
    static const char *const files[] = {RB_TRAIN_CSV, RB_EVAL_CSV}, *const prefixes[] = {"train.", "eval."};
    const char *y = j->options->y, *run = NULL;
    char list[400] = "";
    for (int m = 0; m < j->count && !*list; m++) {
        run = j->members[m].path;
        for (int i = 0; i < 2; i++) {
            const bool prefixed = rb_text_starts(y, prefixes[i]), other = rb_text_starts(y, prefixes[1 - i]);
            const char *name = prefixed ? y + strlen(prefixes[i]) : y;
            bool found = false;
            look_into(run, files[i], name, &found, list, sizeof list);
            if (!found || other || j->column.file) continue;
            rb_text_copy(j->own, sizeof j->own, name);
            snprintf(j->own_means, sizeof j->own_means, "Means of %.60s", j->own);
            j->column = (rb_plot_column){y,      files[i],     j->own,
                                         j->own, j->own_means, i ? "Every evaluation" : "One value per game"};
        }
    }
    if (j->column.file) return RB_OK;
    return rb_error_set(error, RB_ERR_USAGE,
                        "y = %.60s: no table of %.120s has this column; there are %s; eval: the mean of an "
                        "evaluation",
                        y, run, *list ? list : "no tables yet");
}

rb_status rb_plot_choose_columns(rb_plot_job *j, rb_error *error)
{
    static const struct {
        const char *name, *column;
        double scale;
        const char *missing; // what eval.csv does not count
    } xs[] = {{"steps", RB_COLUMN_STEP, 1, NULL},          {"frames", RB_COLUMN_FRAMES, 1, NULL},
              {"episodes", RB_COLUMN_EPISODE, 1, "games"}, {"updates", RB_COLUMN_UPDATES, 1, "updates"},
              {"seconds", RB_COLUMN_SECONDS, 1, NULL},     {"hours", RB_COLUMN_SECONDS, 1 / 3600., NULL}};
    const char *missing = NULL;
    for (size_t i = 0; i < sizeof xs / sizeof *xs; i++) {
        if (strcmp(j->options->x, xs[i].name)) continue;
        j->x = xs[i].column;
        j->x_scale = xs[i].scale;
        missing = xs[i].missing;
    }
    if (!j->x)
        return rb_error_set(error, RB_ERR_USAGE,
                            "x = %s: must be steps, frames, episodes, updates, seconds or hours",
                            j->options->x);
    for (int i = 0; i < KNOWN; i++)
        if (!strcmp(j->options->y, known[i].name)) j->column = known[i];
    const rb_status status = j->column.file ? RB_OK : find_column(j, error);
    if (!status && missing && rb_plot_is_evaluation(j))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "x = %s: eval.csv does not count %s; draw evaluations over steps, frames, seconds or "
            "hours",
            j->options->x, missing);
    return status;
}

bool rb_plot_is_evaluation(const rb_plot_job *j)
{
    return !strcmp(j->column.file, RB_EVAL_CSV);
}
