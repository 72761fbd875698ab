// Shared by the files of rb_plot: one picture while it is made.
#ifndef RB_RESULTS_PLOT_JOB_H
#define RB_RESULTS_PLOT_JOB_H

#include "results/gnuplot_style.h"
#include "results/plots.h"
#include "results/run_facts.h"

typedef struct rb_plot_member { // a run
    char path[RB_PATH_MAX];
    const char *label;  // the user's, NULL: none
    rb_run_facts facts; // without a config: not needed, or missing
    rb_run_state state; // if there is a config
    int64_t seed;       // likewise
    rb_points points;
    int group, place; // group -1: left out
    bool named;       // by the user; otherwise found below a directory
} rb_plot_member;

typedef struct rb_plot_column {
    const char *name; // the value of --y
    const char *file, *column;
    const char *title;       // beside the axis
    const char *means, *raw; // begin the caption of a smoothed picture and of one that is not
} rb_plot_column;

typedef struct rb_plot_job {
    const rb_plot_options *options;
    rb_gnuplot plot;
    const char *x;  // column of the table
    double x_scale; // from its values to the unit of the axis
    rb_plot_column column;
    char own[64], own_means[80]; // the words of a column that has none in the table of plot_columns.c
    rb_plot_member *members;     // [count]
    rb_band *bands;              // [groups]
    int count, groups;
    double end; // end of the longest run
    bool cut;   // some group ends before one of its runs
    rb_plot_result *out;
} rb_plot_job;

// ---- plot_columns.c: what the axes show

rb_status rb_plot_choose_columns(rb_plot_job *job, rb_error *error);
bool rb_plot_is_evaluation(const rb_plot_job *job);

// ---- plot_groups.c: which runs belong together, and the curves' names

// Reads the members' settings. An error only if seeds are grouped; otherwise the legend does without them.
rb_status rb_plot_read_settings(rb_plot_job *job, rb_error *error);
// Puts the members in the order of the legend, and sets their groups. Runs whose settings do not agree in
// everything that decides the result are never in one group. Of runs with the same settings and seed, only
// the longest stays; remarks say so, and name the runs that have not ended.
rb_status rb_plot_make_groups(rb_plot_job *job, rb_error *error);
rb_status rb_plot_remark(rb_plot_job *job, rb_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void rb_plot_name(const rb_plot_job *job, int group, char *out, size_t bytes);

// ---- plot_script.c: the files for gnuplot; `what` is the job

// What a reader must know about how the curves were made: fills the captions of the result.
void rb_plot_write_captions(rb_plot_job *job);
void rb_plot_write_data(const void *what, FILE *to);
void rb_plot_write_script(const void *what, FILE *to);

#endif
