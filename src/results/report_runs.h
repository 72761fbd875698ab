// A report's input: the runs' directories (report_runs.c), sorted into groups and games (report_groups.c).
// report.c computes the figures.
#ifndef RB_RESULTS_REPORT_RUNS_H
#define RB_RESULTS_REPORT_RUNS_H

#include "rainbow/report.h"
#include "results/run_facts.h"
#include "results/seen.h"

typedef struct rb_found_run { // a run, before it is sorted
    rb_report_run run;
    char game[128], base[200]; // base: "GROUP/PRESET"
    rb_run_facts facts;
} rb_found_run;

typedef struct rb_found_runs {
    rb_report *report;
    const rb_report_options *options;
    rb_found_run *list;
    int count, capacity;
    rb_seen seen;
    bool shortened; // the requested mean covers more evaluations than some run has
} rb_found_runs;

// Finds the runs and fills report->runs (by group, game and seed), ->games, ->groups (names and numbers of
// runs), and remarks about runs that are left out. RB_ERR_USAGE, RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_NUMBER,
// RB_ERR_MEMORY; free the report in any case.
rb_status rb_report_read(rb_report *report, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error);
// The second half of it: from the runs found to the report.
rb_status rb_report_sort(rb_found_runs *all, rb_error *error);

rb_status rb_report_remark(rb_report *report, rb_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
