// See sudden_end.h. Everything here must be safe in a signal handler: no snprintf, no allocation.
#include "cli/sudden_end.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"
#include "cli/terminal.h"

static const rb_run *volatile trained;
static void (*volatile report)(const char *sentence);
static volatile pid_t process; // that the ends are expected in; 0: in none

static void print(const char *sentence)
{
    static const char before[] = "\nrainbow: ", after[] = "\n";
    if (write(STDERR_FILENO, before, sizeof before - 1) < 0 ||
        write(STDERR_FILENO, sentence, strlen(sentence)) < 0 || write(STDERR_FILENO, after, 1) < 0) {
        // nothing to be done
    }
}

// ---- the sentence

typedef struct sentence {
    char text[3000];
    size_t used;
} sentence;

static void add(sentence *s, const char *text)
{
    while (*text && s->used + 1 < sizeof s->text) s->text[s->used++] = *text++;
    s->text[s->used] = 0;
}

// At least `digits` digits.
static void add_number(sentence *s, int64_t number, int digits)
{
    char text[24], *at = text + sizeof text - 1;
    *at = 0;
    do *--at = (char)('0' + number % 10);
    while (number /= 10, --digits > 0 || number);
    add(s, at);
}

static void add_resume(sentence *s, const rb_run *run, int64_t saved)
{
    char word[RB_TEXT_WORD_MAX];
    rb_text_shell(word, sizeof word, rb_run_directory(run));
    add(s, "; `rainbow train --resume "), add(s, word), add(s, "` continues from ");
    add(s, rb_run_directory(run)), add(s, "/checkpoints/step_"), add_number(s, saved, 12);
}

static void add_what_is_lost(sentence *s, const rb_run *run)
{
    int64_t step = 0, saved = -1;
    rb_run_unsaved(run, &step, &saved);
    add(s, " at step "), add_number(s, step, 1);
    if (saved < 0) {
        add(s, ": no checkpoint was complete, so all of the run is lost");
        return;
    }
    if (saved == step) {
        add(s, ": its checkpoint is complete, nothing is lost");
    } else {
        add(s, ": "), add_number(s, step - saved, 1), add(s, " steps since the checkpoint of step ");
        add_number(s, saved, 1), add(s, " are lost");
    }
    add_resume(s, run, saved);
}

static void tell(const char *how, const char *what, const char *why)
{
    sentence s = {.used = 0};
    cli_terminal_restore();
    add(&s, how), add(&s, what), add(&s, why);
    if (trained) add_what_is_lost(&s, trained);
    (report ? report : print)(s.text);
}

void cli_sudden_end_tell(const char *how)
{
    tell(how, "", "");
}

// ---- a crash

static const struct {
    int number;
    const char *how;
} crashes[] = {{SIGSEGV, " (SIGSEGV: memory that it may not access)"},
               {SIGBUS, " (SIGBUS: memory that is not there)"},
               {SIGFPE, " (SIGFPE: arithmetic without a result, such as a division by 0)"},
               {SIGILL, " (SIGILL: an instruction that this processor does not have)"},
               {SIGABRT, " (SIGABRT: abort() or a failed assertion)"},
               {SIGQUIT, " (SIGQUIT)"}};
enum { CRASHES = sizeof crashes / sizeof crashes[0] };
static struct sigaction before[CRASHES]; // a sanitizer's, or the system's

// Only of an environment's crash: the thread that writes is another one, and the copy is whole.
static void wait_for_checkpoint(void)
{
    enum { NAPS = 1000 };
    const struct timespec nap = {.tv_nsec = 30 * 1000 * 1000};
    for (int i = 0; i < NAPS && trained && rb_run_saving(trained); i++) nanosleep(&nap, NULL);
}

static void crash(int number, siginfo_t *info, void *context)
{
    static char another;
    const char *function, *path = rb_env_running(&function), *how = "";
    (void)context;
    while (__atomic_test_and_set(&another, __ATOMIC_SEQ_CST)) pause(); // the first one ends the program
    for (int i = 0; i < CRASHES; i++) {
        if (crashes[i].number != number) continue;
        how = crashes[i].how;
        sigaction(number, &before[i], NULL);
    }
    if (path && number != SIGQUIT) {
        wait_for_checkpoint();
        sentence place = {.used = 0};
        add(&place, ": the environment crashed in its function "), add(&place, function);
        tell(path, place.text, how);
    } else {
        tell("the program ", number == SIGQUIT ? "was ended" : "crashed", how);
    }
    // Comes when the handler returns. A fault comes again by itself, from its own place.
    if (info->si_code <= 0) raise(number);
}

// ---- an exit

static void leave(void)
{
    if (process != getpid()) return;
    process = 0;
    cli_sudden_end_tell("code outside of Rainbow called exit(), which ended the program");
    _exit(CLI_FAILED);
}

// ---- when

void cli_sudden_end_expect(void)
{
    struct sigaction action = {.sa_sigaction = crash, .sa_flags = SA_SIGINFO | SA_ONSTACK}, was;
    static bool caught;
    process = getpid();
    if (caught) return;
    caught = true;
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < CRASHES; i++) {
        if (sigaction(crashes[i].number, NULL, &was) || was.sa_handler == SIG_IGN) continue; // nohup means it
        before[i] = was;
        sigaction(crashes[i].number, &action, NULL);
    }
    atexit(leave);
}

void cli_sudden_end_passed(void)
{
    process = 0;
}

void cli_sudden_end_of(const rb_run *run, void (*say)(const char *sentence))
{
    trained = run;
    report = say;
}
