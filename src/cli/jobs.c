// The processes of several runs side by side.
//
//     parent   starts up to `most` children, draws their reports, passes on the signals of signals.h as SIGTERM
//     child    one run, from rb_run_resume to its end; reports through a pipe; its exit status tells how it ended
//
// Processes instead of threads: a failure of one run (a crash, too little memory) leaves the others alone,
// and the runs share no data. When the parent ends for any reason, the system sends its children SIGTERM:
// they save a checkpoint and end, so no run continues unseen.
#include "cli/jobs.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/signals.h"
#include "cli/sudden_end.h"
#include "cli/terminal.h"

typedef enum report_kind { PROGRESS, MESSAGE, DETAIL, WARNING, FAILURE } report_kind;

enum { LOCK_WAIT_SECONDS = 150 };

// Written and read in one piece: a pipe keeps up to PIPE_BUF (4096) bytes together.
typedef struct report {
    report_kind kind;
    union {
        rb_progress progress;
        char text[1024];
    };
} report;

// ---- the child

static struct child {
    int pipe;
    rb_progress last;
    double sent_seconds; // of training, in the newest progress sent; they stand still during an evaluation
    rb_activity sent_activity;
    bool unsent;
} child;

// If the parent has ended, the report is lost; a signal stops the run.
static void send_report(const report *r)
{
    while (write(child.pipe, r, sizeof *r) < 0 && errno == EINTR) {
    }
}

static void send_text(report_kind kind, const char *text)
{
    report r = {.kind = kind};
    snprintf(r.text, sizeof r.text, "%s", text);
    send_report(&r);
}

static void send_progress(void)
{
    report r = {.kind = PROGRESS};
    r.progress = child.last;
    child.sent_seconds = child.last.seconds;
    child.sent_activity = child.last.activity;
    child.unsent = false;
    send_report(&r);
}

static void on_progress(void *context, const rb_progress *now)
{
    (void)context;
    child.last = *now;
    child.unsent = true;
    if (now->activity != RB_TRAINING || now->activity != child.sent_activity ||
        now->seconds > child.sent_seconds + 0.5)
        send_progress();
}

static void on_message(void *context, bool warning, const char *text)
{
    (void)context;
    send_text(warning ? WARNING : MESSAGE, text);
}

static void on_detail(void *context, const char *text)
{
    (void)context;
    if (cli_talks == CLI_VERBOSE) send_text(DETAIL, text);
}

// The parent decides what the terminal's signals mean; a batch system may send its own to every process.
static void take_signals(pid_t parent, const sigset_t *mask)
{
    cli_signals_forget();
    signal(SIGINT, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
    cli_signals_catch(NULL, NULL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) cli_stop_signal = SIGTERM; // the parent ended before this request
}

// In a signal handler, which may not use snprintf.
static void send_sudden_end(const char *sentence)
{
    static report r = {.kind = FAILURE};
    for (size_t i = 0; i + 1 < sizeof r.text && sentence[i]; i++) r.text[i] = sentence[i];
    send_report(&r);
}

// Its exit status is the command's.
static int train_child(const cli_job *job, int change_count, const char *const *changes)
{
    rb_error error = {0};
    rb_run_hooks hooks = {
        .progress = on_progress, .message = on_message, .detail = on_detail, .stop = &cli_stop_signal};
    rb_run *run = NULL;
    child.sent_seconds = -1;
    cli_sudden_end_expect();
    cli_sudden_end_of(NULL, send_sudden_end);
    enum { OWN_MOST = 64 };
    const char **words = malloc((size_t)(change_count + OWN_MOST + 1) * sizeof *words);
    if (!words) return cli_no_memory();
    for (int i = 0; i < change_count; i++) words[i] = changes[i];
    if (job->changes) change_count += cli_split_lines(job->changes, words + change_count, OWN_MOST);
    if (job->one_thread) words[change_count++] = "--compute.threads=1";
    rb_status status = rb_run_resume(&run, job->directory, change_count, words, &hooks, &error);
    // The process of an earlier start may still be ending, or its node may have failed, whose locks a file
    // server gives up after a while.
    for (int waited = 0;
         status == RB_ERR_EXISTS && job->patient && waited < LOCK_WAIT_SECONDS && !cli_stop_signal;
         waited++) {
        if (!waited) send_text(MESSAGE, "another process still holds this run; waiting for its end");
        sleep(1);
        status = rb_run_resume(&run, job->directory, change_count, words, &hooks, &error);
    }
    if (status == RB_ERR_EXISTS && cli_stop_signal) status = RB_INTERRUPTED;
    free(words);
    if (status == RB_OK) {
        cli_sudden_end_of(run, send_sudden_end);
        status = rb_run_train(run, &error);
        cli_sudden_end_of(NULL, send_sudden_end);
    }
    if (child.unsent) send_progress();
    if (status != RB_OK && status != RB_INTERRUPTED) send_text(FAILURE, error.message);
    rb_run_destroy(run);
    return status == RB_OK ? CLI_DONE : status == RB_INTERRUPTED ? CLI_STOPPED : CLI_FAILED;
}

// ---- the parent

int cli_split_lines(char *text, const char **lines, int most)
{
    int count = 0;
    for (char *at = text; *at && count < most;) {
        char *end = strchr(at, '\n');
        lines[count++] = at;
        if (!end) break;
        *end = 0;
        at = end + 1;
    }
    return count;
}

rb_status cli_job_find(cli_job *job, rb_config *config, rb_error *error)
{
    enum { CHANGES_BYTES = 1 << 16 };
    static char changes[CHANGES_BYTES];
    rb_presence presence;
    job->config = config;
    rb_config_get(config, "run.seed", job->seed, sizeof job->seed, NULL);
    rb_status status =
        rb_run_find(config, &presence, job->directory, sizeof job->directory, changes, sizeof changes, error);
    if (status != RB_OK) return status;
    if (presence == RB_COMPLETE) {
        rb_run_numbers numbers;
        job->state = CLI_JOB_DONE;
        job->any = rb_run_numbers_read(&numbers, job->directory, NULL) == RB_OK;
        if (job->any)
            job->last = (rb_progress){.step = (int64_t)numbers.step,
                                      .seconds = numbers.seconds,
                                      .return_mean = numbers.return_mean,
                                      .eval_mean = numbers.eval_mean};
    }
    if (presence == RB_RESUMABLE && *changes) job->changes = strdup(changes);
    if (presence == RB_ABSENT) status = rb_run_claim(config, job->directory, sizeof job->directory, error);
    return status;
}

typedef struct team {
    cli_job *jobs;
    int count, running;
    cli_board board;
    sigset_t mask; // the original one, for children and for waiting
    int change_count;
    const char *const *changes;
} team;

static void fail_job(cli_job *job, const char *sentence)
{
    job->state = CLI_JOB_FAILED;
    snprintf(job->reason, sizeof job->reason, "%s", sentence);
    cli_board_failure(job, sentence);
}

static void start_job(team *t, cli_job *job)
{
    int ends[2];
    char sentence[128];
    if (pipe(ends)) {
        snprintf(sentence, sizeof sentence, "its pipe can't be created: %s", strerror(errno));
        fail_job(job, sentence);
        return;
    }
    fflush(NULL); // so that nothing is written twice
    pid_t parent = getpid(), process = fork();
    if (process == 0) {
        cli_terminal_forget();
        close(ends[0]);
        child.pipe = ends[1];
        take_signals(parent, &t->mask);
        _exit(train_child(job, t->change_count, t->changes));
    }
    close(ends[1]);
    if (process < 0) {
        snprintf(sentence, sizeof sentence, "its process can't be started: %s", strerror(errno));
        close(ends[0]);
        fail_job(job, sentence);
        return;
    }
    job->process = process;
    job->pipe = ends[0];
    job->state = CLI_JOB_RUNNING;
    t->running++;
}

// The pipe has ended, so the process has ended or is about to.
static void settle_job(team *t, cli_job *job)
{
    int status = 0;
    close(job->pipe);
    while (waitpid(job->process, &status, 0) < 0 && errno == EINTR) {
    }
    t->running--;
    if (WIFSIGNALED(status) && job->told) {
        job->state = CLI_JOB_FAILED;
        return;
    }
    if (WIFSIGNALED(status) && !cli_second_signal) {
        char sentence[256];
        snprintf(sentence, sizeof sentence,
                 "its process was ended by signal %d (%s); --resume continues from its newest checkpoint",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
        fail_job(job, sentence);
        return;
    }
    bool stopped = WIFSIGNALED(status) || WEXITSTATUS(status) == CLI_STOPPED;
    job->state = stopped                           ? CLI_JOB_INTERRUPTED
                 : WEXITSTATUS(status) == CLI_DONE ? CLI_JOB_DONE
                                                   : CLI_JOB_FAILED;
    cli_board_end_of(&t->board, job);
}

static void hear_job(team *t, cli_job *job)
{
    report r;
    ssize_t bytes = read(job->pipe, &r, sizeof r);
    if (bytes < 0 && errno == EINTR) return;
    if (bytes != (ssize_t)sizeof r) {
        settle_job(t, job);
    } else if (r.kind == PROGRESS) {
        job->last = r.progress;
        job->any = true;
        cli_board_progress(&t->board, job);
    } else {
        r.text[sizeof r.text - 1] = 0;
        if (r.kind == FAILURE) {
            job->told = true;
            snprintf(job->reason, sizeof job->reason, "%s", r.text);
            cli_board_failure(job, r.text);
        } else {
            cli_board_message(job, r.kind == WARNING, r.text);
        }
    }
}

static void signal_all(const team *t, int number)
{
    for (int i = 0; i < t->count; i++)
        if (t->jobs[i].state == CLI_JOB_RUNNING) kill(t->jobs[i].process, number);
}

// Waits until a child reports or a signal comes.
static void wait_and_hear(team *t, struct pollfd *polls, cli_job **polled)
{
    int count = 0;
    for (int i = 0; i < t->count; i++) {
        if (t->jobs[i].state != CLI_JOB_RUNNING) continue;
        polls[count] = (struct pollfd){.fd = t->jobs[i].pipe, .events = POLLIN};
        polled[count++] = &t->jobs[i];
    }
    if (ppoll(polls, (nfds_t)count, NULL, &t->mask) <= 0) return;
    for (int i = 0; i < count; i++)
        if (polls[i].revents) hear_job(t, polled[i]);
}

void cli_jobs_train(cli_job *jobs, int count, int most, int change_count, const char *const *changes)
{
    team t = {.jobs = jobs,
              .count = count,
              .board = cli_board_begin(jobs, count),
              .change_count = change_count,
              .changes = changes};
    struct pollfd *polls = malloc((size_t)count * sizeof *polls);
    cli_job **polled = malloc((size_t)count * sizeof *polled);
    if (!polls || !polled) {
        cli_no_memory();
        free(polls);
        free(polled);
        return;
    }
    // Blocked except while the parent waits, so that none arrives between checking and waiting.
    cli_signals_block(&t.mask);
    cli_signals_catch(NULL, NULL);
    int next = 0, reported = 0;
    for (;;) {
        for (; next < count && t.running < most && !cli_stop_signal; next++)
            if (jobs[next].state == CLI_JOB_WAITING) start_job(&t, &jobs[next]);
        if (!t.running) break;
        cli_board_draw(&t.board);
        wait_and_hear(&t, polls, polled);
        const int signals = (cli_stop_signal != 0) + (cli_second_signal != 0);
        if (reported == signals) continue;
        reported = signals;
        t.board.stopping = true;
        cli_terminal_erase();
        if (reported == 1)
            cli_note("rainbow: saving checkpoints of %d run%s, then stopping%s", t.running,
                     t.running == 1 ? "" : "s",
                     cli_signals_are_patient() ? "" : "; interrupt again to stop at once");
        else
            fprintf(stderr, "rainbow: stopped at once: what %s learned since the newest checkpoint is lost\n",
                    t.running == 1 ? "this run" : "these runs");
        signal_all(&t, reported == 1 ? SIGTERM : SIGKILL);
    }
    cli_terminal_close();
    free(polls);
    free(polled);
}
