// The processes of several runs side by side.
//
//     parent   starts up to `most` children, draws their reports, passes on Ctrl-C, SIGTERM and SIGHUP as SIGTERM
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

#include "cli/terminal.h"

typedef enum report_kind { PROGRESS, MESSAGE, DETAIL, WARNING, FAILURE } report_kind;

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
    rb_run *run; // set once, when it is created
    volatile sig_atomic_t stopping;
    int pipe;
    rb_progress last;
    double sent_seconds; // time of the newest progress sent
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
    child.unsent = false;
    send_report(&r);
}

static void on_progress(void *context, const rb_progress *now)
{
    (void)context;
    child.last = *now;
    child.unsent = true;
    if (now->seconds > child.sent_seconds + 0.5) send_progress();
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

static void stop_child(int number)
{
    (void)number;
    child.stopping = 1;
    if (child.run) rb_run_stop(child.run);
}

static void take_signals(pid_t parent, const sigset_t *mask)
{
    struct sigaction stop = {.sa_handler = stop_child, .sa_flags = SA_RESTART};
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTERM, &stop, NULL);
    signal(SIGINT, SIG_IGN); // a terminal sends it to parent and children; the parent decides
    signal(SIGHUP, SIG_IGN);
    signal(SIGALRM, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) child.stopping = 1; // the parent ended before this request
}

// Its exit status is the command's.
static int train_child(const cli_job *job, int change_count, const char *const *changes)
{
    rb_error error = {0};
    rb_run_hooks hooks = {NULL, on_progress, on_message, on_detail};
    rb_run *run = NULL;
    child.sent_seconds = -1;
    const char **words = malloc((size_t)(change_count + 1) * sizeof *words);
    if (!words) return cli_no_memory();
    for (int i = 0; i < change_count; i++) words[i] = changes[i];
    if (job->one_thread) words[change_count++] = "--compute.threads=1";
    rb_status status = rb_run_resume(&run, job->directory, change_count, words, &hooks, &error);
    free(words);
    if (status == RB_OK) {
        child.run = run;
        if (child.stopping) rb_run_stop(run); // while it was being made
        status = rb_run_train(run, &error);
    }
    if (child.unsent) send_progress();
    if (status != RB_OK && status != RB_INTERRUPTED) send_text(FAILURE, error.message);
    child.run = NULL;
    rb_run_destroy(run);
    return status == RB_OK ? CLI_DONE : status == RB_INTERRUPTED ? CLI_INTERRUPTED : CLI_FAILED;
}

// ---- the parent

static volatile sig_atomic_t stop_signals; // 0, 1: stop with checkpoints, 2: at once
static volatile sig_atomic_t may_repeat = 1;

// Some senders send a signal twice at once: a signal counts as another one only a second later.
static void allow_repeat(int number)
{
    (void)number;
    may_repeat = 1;
}

static void count_signal(int number)
{
    (void)number;
    if (!may_repeat || stop_signals == 2) return;
    may_repeat = 0;
    stop_signals++;
    alarm(1);
}

// The terminal has closed: shells and systems send this more than once.
static void hang_up(int number)
{
    if (!stop_signals) count_signal(number);
}

// These signals are blocked except while the parent waits, so that none arrives between checking and waiting.
// A signal that was ignored from the start stays ignored.
static void catch_signals(sigset_t *before)
{
    static const struct {
        int number;
        void (*handler)(int);
    } signals[] = {
        {SIGINT, count_signal}, {SIGTERM, count_signal}, {SIGHUP, hang_up}, {SIGALRM, allow_repeat}};
    enum { SIGNALS = sizeof signals / sizeof *signals };
    sigset_t block;
    sigemptyset(&block);
    for (int i = 0; i < SIGNALS; i++) sigaddset(&block, signals[i].number);
    sigprocmask(SIG_BLOCK, &block, before);
    for (int i = 0; i < SIGNALS; i++) {
        struct sigaction action = {.sa_handler = signals[i].handler, .sa_mask = block}, was;
        const int number = signals[i].number;
        if (number != SIGALRM && !sigaction(number, NULL, &was) && was.sa_handler == SIG_IGN) continue;
        sigaction(number, &action, NULL);
    }
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
    if (WIFSIGNALED(status) && stop_signals < 2) {
        char sentence[256];
        snprintf(sentence, sizeof sentence,
                 "its process was ended by signal %d (%s); --resume continues from its newest checkpoint",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
        fail_job(job, sentence);
        return;
    }
    bool stopped = WIFSIGNALED(status) || WEXITSTATUS(status) == CLI_INTERRUPTED;
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
        if (r.kind == FAILURE)
            cli_board_failure(job, r.text);
        else
            cli_board_message(job, r.kind == WARNING, r.text);
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
    catch_signals(&t.mask);
    int next = 0, reported = 0;
    for (;;) {
        for (; next < count && t.running < most && !stop_signals; next++)
            if (jobs[next].state == CLI_JOB_WAITING) start_job(&t, &jobs[next]);
        if (!t.running) break;
        cli_board_draw(&t.board);
        wait_and_hear(&t, polls, polled);
        if (reported == stop_signals) continue;
        reported = stop_signals;
        t.board.stopping = true;
        cli_terminal_erase();
        if (reported == 1)
            cli_note(
                "rainbow: saving checkpoints of %d run%s, then stopping; interrupt again to stop at once",
                t.running, t.running == 1 ? "" : "s");
        signal_all(&t, reported == 1 ? SIGTERM : SIGKILL);
    }
    cli_terminal_close();
    alarm(0);
    free(polls);
    free(polled);
}
