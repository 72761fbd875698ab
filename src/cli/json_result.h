// --json-result: what became of a run, as one object on the last line of standard output, for programs that
// start trainings (docs/clusters.md).
#ifndef RB_CLI_JSON_RESULT_H
#define RB_CLI_JSON_RESULT_H

#include "cli/cli.h"

typedef struct cli_json_result {
    const char *directory;  // NULL: it was not made
    const char *status;     // "ended", "stopped" or "failed"
    const char *error;      // the sentence of a failure, or NULL
    const rb_progress *now; // of a run that this process trained; NULL: it trained none
} cli_json_result;

// Of a run that has ended, the numbers are those of end.json. Prints nothing but the line; CLI_DONE, or
// CLI_FAILED without memory.
int cli_json_result_print(const cli_json_result *result);

#endif
