// A report's input: the runs' directories, sorted into groups and games. report.c computes the figures.
#ifndef RB_RESULTS_REPORT_RUNS_H
#define RB_RESULTS_REPORT_RUNS_H

#include "rainbow/report.h"

// Finds the runs and fills report->runs (by group, game and seed), ->games, ->groups (names and numbers of
// runs), and remarks about runs that are left out. RB_ERR_USAGE, RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_NUMBER,
// RB_ERR_MEMORY; free the report in any case.
rb_status rb_report_read(rb_report *report, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error);

rb_status rb_report_remark(rb_report *report, rb_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
