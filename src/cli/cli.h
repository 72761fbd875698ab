// The command line: one file a command, and what they share. This room knows include/rainbow/ only.
//
// Results go to standard output, everything else to standard error. Exit status: 0 done, 1 failed, 2 wrong
// usage, 130 interrupted.
#ifndef RB_CLI_CLI_H
#define RB_CLI_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include "rainbow/rainbow.h"

struct cJSON;

typedef struct cli_command {
    const char *name;
    const char *usage; // what follows the name: "RUN|CHECKPOINT [--json]"
    const char *help;  // one line
    const char *details;
    int (*run)(const struct cli_command *command, int count, const char *const *words); // the exit status
    // Where its first word chooses ("bench learner"): what there is, ended by NULL. `run` then gets the words
    // that choose nothing.
    const struct cli_command *const *parts;
} cli_command;

extern const cli_command cli_frames, cli_watch, cli_play, cli_record, cli_train, cli_eval, cli_check,
    cli_bench, cli_envs, cli_presets, cli_params, cli_plot, cli_report, cli_export, cli_doctor;

enum { CLI_DONE = 0, CLI_FAILED = 1, CLI_USAGE = 2, CLI_INTERRUPTED = 130 };

// Options of a command's own: --name (flag) or --name=VALUE, --name VALUE (value).
typedef struct cli_option {
    const char *name;
    bool *flag;
    const char **value;
} cli_option;

// Takes the options of the list (ended by a NULL name) out of the words and leaves the other words, *count of
// them, in `rest`. CLI_DONE or CLI_USAGE.
int cli_take_options(const cli_command *command, const cli_option *options, int *count,
                     const char *const *words, const char **rest);
// Reports the first word that is left beyond `most`. CLI_DONE or CLI_USAGE.
int cli_no_more(const cli_command *command, const cli_option *options, int count, const char *const *rest,
                int most);

// Reads an option's number where it was given (text is not NULL). CLI_DONE or CLI_USAGE.
int cli_whole_number(const cli_command *command, const char *name, const char *text, int least, int *out);

int cli_usage(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_no_memory(void);
int cli_fail(const rb_error *error);      // prints its sentence; the exit status that belongs to it
int cli_print_json(struct cJSON *object); // to standard output; deletes it; NULL: no memory

// How much is said on standard error. Quiet: warnings and errors alone. Verbose: details too.
typedef enum cli_talk { CLI_NORMAL, CLI_QUIET, CLI_VERBOSE } cli_talk;
extern cli_talk cli_talks;                                                    // set once, by train
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2))); // a line, unless quiet

// The progress of a run on standard error: a panel on a terminal (panel.h), otherwise a plain line a minute.
typedef struct cli_progress {
    const char *name;                      // of the run
    const volatile sig_atomic_t *stopping; // it was told to stop
    double next_seconds;                   // of the next plain line; below 0: the first report sets it
    rb_progress last;
    bool any;
} cli_progress;
cli_progress cli_progress_begin(const volatile sig_atomic_t *stopping);
void cli_progress_show(void *progress, const rb_progress *now);            // rb_run_hooks.progress
void cli_progress_message(void *progress, bool warning, const char *text); // rb_run_hooks.message
void cli_progress_detail(void *progress, const char *text);                // rb_run_hooks.detail
void cli_progress_end(cli_progress *progress);
void cli_progress_line(const rb_progress *now, char *out, size_t bytes);
bool cli_progress_is_due(double *next_seconds, double seconds);             // of a plain line, for a log
void cli_number(char *out, size_t bytes, const char *format, double value); // NaN: "-"
void cli_bytes(char *out, size_t bytes, double value);                      // "123 MB", "7.06 GB"
void cli_clock(char *out, size_t bytes, double seconds);                    // "1:12:20"

#endif
