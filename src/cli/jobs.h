// Several runs of `rainbow train` side by side: what seeds.c, train_many.c, jobs.c and board.c share.
#ifndef RB_CLI_JOBS_H
#define RB_CLI_JOBS_H

#include <sys/types.h>
#include "cli/cli.h"

enum { CLI_RUNS_MOST = 1000 };

typedef enum cli_job_state {
    CLI_JOB_WAITING,
    CLI_JOB_RUNNING,
    CLI_JOB_DONE,
    CLI_JOB_INTERRUPTED,
    CLI_JOB_FAILED
} cli_job_state;

typedef struct cli_job { // one run
    char directory[1024];
    char seed[24];
    char *changes;           // of this run alone, one word per line; NULL: none
    const rb_config *config; // NULL: unreadable
    bool one_thread;         // its settings leave the number of threads open
    cli_job_state state;
    pid_t process;    // while it runs
    int pipe;         // carries the reports of its process
    bool any;         // `last` is set
    bool told;        // why it failed
    char reason[512]; // the same, as a sentence
    bool old_failure; // it failed in an earlier process and is left alone
    bool patient;     // wait for a process that still holds the run's lock
    rb_progress last;
    double next_seconds; // when its next line is due
} cli_job;

// The last part of the run's directory.
const char *cli_job_name(const cli_job *job);

// "1..4", "1,3,7", "1..3,10" -> the numbers, each once; CLI_DONE or CLI_USAGE.
int cli_read_seeds(const cli_command *command, const char *text, int64_t *seeds, int *count);

// Trains every waiting job, `most` at a time, each in its own process, with the changes of `rb_run_resume`.
// Ends when all have ended, or have stopped after a signal (signals.h).
void cli_jobs_train(cli_job *jobs, int count, int most, int change_count, const char *const *changes);

// `rainbow train` of more than one run; the exit status. `seeds` may be NULL; `words`: the rest of the line.
// `present`: --resume-if-present.
int cli_train_many(const cli_command *command, const char *seeds, const char *most, bool present, int count,
                   const char *const *words);
// Looks for the job's run, and claims it if it is new. The settings' run.name is set; job->state is
// CLI_JOB_DONE if the run has ended.
rb_status cli_job_find(cli_job *job, rb_config *config, rb_error *error);
// Splits lines in place; at most `most`. Returns their number.
int cli_split_lines(char *text, const char **lines, int most);
int cli_resume_many(const cli_command *command, const char *most, int run_count, const char *const *runs,
                    int change_count, const char *const *changes);

// Their joint progress on standard error: on a terminal one line per running job, drawn in place
// (terminal.h); elsewhere one line per job and minute.
typedef struct cli_board {
    int name_width;
    bool stopping;
    cli_job *jobs;
    int count;
} cli_board;
cli_board cli_board_begin(cli_job *jobs, int count);
void cli_board_draw(cli_board *board);
void cli_board_progress(cli_board *board, cli_job *job); // job->last is new
void cli_board_message(const cli_job *job, bool warning, const char *text);
void cli_board_failure(const cli_job *job, const char *text);      // printed even with --quiet
void cli_board_end_of(const cli_board *board, const cli_job *job); // its last line

#endif
