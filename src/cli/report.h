// Shared by the files of `rainbow report`: the report in its four forms.
#ifndef RB_CLI_REPORT_H
#define RB_CLI_REPORT_H

#include "cli/cli.h"

typedef struct cli_report_view {
    const rb_report *report;
    const char *score; // "the last evaluation"
    uint64_t seed;
    bool runs;     // print each run too
    bool dopamine; // print published curves
} cli_report_view;

int cli_report_text(const cli_report_view *view, bool markdown); // the exit status, as the others
int cli_report_csv(const cli_report_view *view);
int cli_report_json(const cli_report_view *view);

#endif
