// The command line: one file per command, and what they share. This room knows include/rainbow/ and
// base/text.h.
//
// Results go to standard output, everything else to standard error. Exit status: 0 done, 1 failed, 2 wrong
// usage, 75 or 130 stopped by a signal (signals.h).
#ifndef RB_CLI_CLI_H
#define RB_CLI_CLI_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include "rainbow/rainbow.h"

struct cJSON;

// An option: --name, or --name VALUE and --name=VALUE if it takes a value.
//
// The tables of options are the only place that knows them. Help, the man page, shell completion and the
// check of unknown options are made from them. An argument in capital letters names the kind of value, and so
// how a shell completes it: ENV, RUN, CHECKPOINT, DIRECTORY, PRESET, FILE (also "FILE.png"), COMMAND; "a|b"
// is a choice. The words of a command's usage follow the same rule.
typedef struct cli_option {
    const char *name;
    const char *argument;                           // NULL: it takes no value
    const char *help;                               // a phrase without capital letter and full stop
    char letter;                                    // 'o': -o is short for it; 0: none
    const char *(*value)(int i, const char **help); // value i and its help, if values have names; NULL ends
    bool
        writes; // the value is a file that the command writes, so its directory must exist before work begins
} cli_option;

// Rows of a table: an option that takes no value, and one that takes a value. Other fields may follow the
// help.
#define CLI_FLAG(name_, ...)                                                                                 \
    {                                                                                                        \
        .name = name_, .help = __VA_ARGS__                                                                   \
    }
#define CLI_VALUE(name_, argument_, ...)                                                                     \
    {                                                                                                        \
        .name = name_, .argument = argument_, .help = __VA_ARGS__                                            \
    }

// For commands that read a run or take --config. cli_sort_words acts on it, by its name.
#define CLI_TRUST                                                                                            \
    CLI_FLAG("trust", "run the code that the run's config.ini or --config names (./FILE.so, gym.python, "    \
                      "gym.import, gym.wrappers, the plugin of compute.device); needed "                     \
                      "once for code that you have never chosen yourself")

// For commands that read a run, likewise.
#define CLI_PYTHON                                                                                           \
    CLI_VALUE("python", "PROGRAM", "Python interpreter that has Gymnasium, instead of the run's (gym.python)")

// For commands that use a run's weights; cli_best_weights acts on it.
#define CLI_BEST CLI_FLAG("best", "use the weights of the run's highest evaluation, RUN/checkpoints/best")

// What a command takes beside its own options.
typedef enum cli_settings {
    CLI_NO_SETTINGS,
    CLI_RUN_SETTINGS, // --GROUP.KEY=VALUE of some groups: cli_run_options
    CLI_ALL_SETTINGS, // all that rb_config_arguments reads: cli_setting_options
} cli_settings;
enum { CLI_SETTINGS_IN_BRIEF = 3 };          // the first ones; the short forms follow
const cli_option *cli_setting_options(void); // GROUP.KEY stands for every parameter
extern const cli_option cli_run_options[];   // likewise

typedef struct cli_example {
    const char *line; // "rainbow eval runs/default/cartpole-s1"
    const char *does; // a sentence without full stop
} cli_example;

enum { CLI_OPTIONS_MOST = 16, CLI_EXAMPLES = 2, CLI_ANY_WORDS = 1 << 20 };

typedef struct cli_words {               // of a command line, behind the command
    const char *given[CLI_OPTIONS_MOST]; // by place in the table: the value, "" of a flag, NULL: not given
    const char **rest;                   // the other words, with room for one more
    int count;                           // of `rest`
    const char *const *line;             // all words as they were given, up to --
    int line_count;
    const char *const *passed; // the words behind --, if the command passes them on
    int passed_count;
} cli_words;

typedef struct cli_command {
    const char *name;
    const char *usage;         // what follows the name; "\n" between forms
    const char *help;          // a phrase without capital letter and full stop, in one line
    const char *details;       // paragraphs with an empty line between, or NULL
    const cli_option *options; // ended by a NULL name
    cli_example examples[CLI_EXAMPLES];
    int words;             // at most, apart from options and settings
    cli_settings settings; // if CLI_ALL_SETTINGS, rb_config_arguments judges what `words` leaves
    int (*run)(const struct cli_command *command, cli_words *words); // the exit status
    // If its first word chooses ("bench learner"): the choices, ended by NULL. `run` then gets words that
    // choose none.
    const struct cli_command *const *parts;
    const char *passes; // what follows -- are words for another program, of this kind; NULL: -- is an error
} cli_command;

extern const cli_command *const cli_commands[]; // all of them, ended by NULL
extern const cli_command cli_frames, cli_watch, cli_play, cli_record, cli_train, cli_eval, cli_check,
    cli_bench, cli_cluster, cli_envs, cli_presets, cli_params, cli_plot, cli_report, cli_export, cli_doctor,
    cli_help;

enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_STOPPED = 75,      // a run was stopped by a signal other than Ctrl-C and can be resumed
    CLI_INTERRUPTED = 130, // the same by Ctrl-C
    CLI_SIGNAL = 128       // + the signal's number: it ended the command, which has nothing to resume
};

// Sorts a command's words: its options into `given`, the others into `rest`. Words that the command does not
// take are reported, unless they are settings. CLI_DONE, CLI_USAGE or CLI_FAILED.
int cli_sort_words(const cli_command *command, int count, const char *const *line, cli_words *out);
void cli_words_free(cli_words *words);
// Reports the first of the words that is an option, or beyond the number of words that the command takes.
int cli_no_more(const cli_command *command, int count, const char *const *rest);
// Report a word that is no option of the command, with the option that was meant. cli_misspelt: the first of
// the words that is nearer to an option of the command than to a setting; CLI_DONE if there is none.
int cli_unknown_option(const cli_command *command, const char *word);
int cli_misspelt(const cli_command *command, int count, const char *const *words);

// Read an option's value if it was given (text is not NULL). CLI_DONE or CLI_USAGE.
int cli_whole_number(const cli_command *command, const char *name, const char *text, int least, int *out);
int cli_seed(const cli_command *command, const char *text, uint64_t *out); // of --seed, the range of run.seed
int cli_share(const cli_command *command, const char *name, const char *text, double *out); // 0 to 1

// With --best (`best` is not NULL), *path becomes the run's best weights, written to `kept`. CLI_DONE, or the
// status of an error that was reported.
int cli_best_weights(const char **path, const char *best, char *kept, size_t bytes);

bool cli_program_path(char *out, size_t bytes); // the absolute path of this program; false: unknown
int cli_usage(const cli_command *command, const char *format, ...) __attribute__((format(printf, 2, 3)));
int cli_unknown_command(const char *word); // reports it; CLI_USAGE
int cli_no_memory(void);
int cli_fail(const rb_error *error);      // prints its sentence; returns the exit status that belongs to it
int cli_print_json(struct cJSON *object); // to standard output; deletes it; NULL: no memory

// How much goes to standard error. Quiet: only warnings and errors. Verbose: details too.
typedef enum cli_talk { CLI_NORMAL, CLI_QUIET, CLI_VERBOSE } cli_talk;
extern cli_talk cli_talks;                                                    // set once, by train
void cli_note(const char *format, ...) __attribute__((format(printf, 1, 2))); // a line, unless quiet

// The progress of a run on standard error: a panel on a terminal (panel.h), otherwise one line per minute.
typedef struct cli_progress {
    const char *name;                      // the run's name
    const volatile sig_atomic_t *stopping; // not 0: the run was asked to stop
    double next_seconds;                   // when the next line is due; below 0: the first report sets it
    double next_eval_seconds;              // the same within an evaluation
    rb_progress last;
    bool any;
} cli_progress;
cli_progress cli_progress_begin(const volatile sig_atomic_t *stopping);
void cli_progress_show(void *progress, const rb_progress *now);            // rb_run_hooks.progress
void cli_progress_message(void *progress, bool warning, const char *text); // rb_run_hooks.message
void cli_progress_detail(void *progress, const char *text);                // rb_run_hooks.detail
void cli_progress_end(cli_progress *progress);
// The progress of `rainbow eval` on standard error: a line that is redrawn, or one line per minute.
typedef struct cli_eval_progress {
    double shown, next_seconds;
} cli_eval_progress;
cli_eval_progress cli_eval_progress_begin(void);
void cli_eval_progress_show(void *progress, int ended, int of, int64_t steps, double seconds);
void cli_eval_progress_end(void);
void cli_progress_line(const rb_progress *now, char *out, size_t bytes);
// "evaluating, 3 of 10 games", with the steps of all games once there are many.
void cli_evaluating(char *out, size_t bytes, int ended, int of, int64_t steps);
// Whether a line is due, for a log. every_seconds: progress.every_seconds, at which the run reports.
bool cli_progress_is_due(double *next_seconds, double seconds, double every_seconds);
void cli_number(char *out, size_t bytes, const char *format, double value); // NaN: "-"
void cli_bytes(char *out, size_t bytes, double value);                      // "123 MB", "7.06 GB"
void cli_free_memory(char *out, size_t bytes, const rb_progress *now);      // "12.3 of 31.5 GB free"
void cli_clock(char *out, size_t bytes, double seconds);                    // "1:12:20"

#endif
