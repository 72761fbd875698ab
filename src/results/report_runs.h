// What a report reads: runs' directories, put into groups and games. The figures are in report.c.
#ifndef RB_RESULTS_REPORT_RUNS_H
#define RB_RESULTS_REPORT_RUNS_H

#include "rainbow/report.h"

// Finds the runs and fills report->runs (by group, game and seed), ->games, ->groups (names and counts of
// runs) and remarks about runs that are left out. RB_ERR_USAGE, RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_NUMBER,
// RB_ERR_MEMORY; the report is to be freed in any case.
rb_status rb_report_read(rb_report *report, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error);

rb_status rb_report_remark(rb_report *report, rb_error *error, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
