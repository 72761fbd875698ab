// The ends of the program that it did not choose: a crash, its own or an environment's; an exit() that could
// not be caught (env/plugin_call.h); a second signal. Each gets one sentence that reports what is lost and
// how to resume. After a crash the program then ends by the same signal, so a core file shows the place.
//
// A crash may have damaged any memory, so a run is not saved after it. A checkpoint that is being written was
// copied earlier, so it is waited for.
#ifndef RB_CLI_SUDDEN_END_H
#define RB_CLI_SUDDEN_END_H

#include "rainbow/rainbow.h"

// From now on, until cli_sudden_end_passed. A forked child that goes on in place of its parent calls it
// again.
void cli_sudden_end_expect(void);
void cli_sudden_end_passed(void); // the program ends as it wants to
// The run that trains; NULL: none does. `say` gets the sentences and must be safe in a signal handler; NULL:
// standard error.
void cli_sudden_end_of(const rb_run *run, void (*say)(const char *sentence));
// "HOW at step N: what is lost".
void cli_sudden_end_tell(const char *how);

#endif
