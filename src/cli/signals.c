#include "cli/signals.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "cli/cli.h"

static const int stops[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};
enum { STOPS = sizeof stops / sizeof stops[0] };

volatile sig_atomic_t cli_stop_signal, cli_second_signal;

static volatile sig_atomic_t caught;     // a first signal; the program may be stopping without one
static volatile sig_atomic_t may_repeat; // a second has passed since the first
static bool patient;
static void (*on_first)(int), (*on_second)(int);

static void allow_repeat(int number)
{
    (void)number;
    may_repeat = 1;
}

static void take(int number)
{
    const int kept = errno;
    if (!caught) {
        caught = 1;
        if (!cli_stop_signal) cli_stop_signal = number; // else its time is over already
        alarm(1);
        if (on_first) on_first(number);
    } else if (may_repeat && !cli_second_signal && number != SIGHUP && number != SIGXCPU &&
               (!patient || number == SIGINT)) {
        cli_second_signal = number;
        if (on_second) on_second(number);
    }
    errno = kept;
}

static sigset_t all(void)
{
    sigset_t set;
    sigemptyset(&set);
    for (int i = 0; i < STOPS; i++) sigaddset(&set, stops[i]);
    sigaddset(&set, SIGALRM);
    return set;
}

void cli_signals_catch(void (*first)(int), void (*second)(int))
{
    struct sigaction action = {.sa_handler = take, .sa_flags = SA_RESTART, .sa_mask = all()}, before;
    on_first = first;
    on_second = second;
    for (int i = 0; i < STOPS; i++)
        if (sigaction(stops[i], NULL, &before) || before.sa_handler != SIG_IGN)
            sigaction(stops[i], &action, NULL);
    action.sa_handler = allow_repeat;
    sigaction(SIGALRM, &action, NULL);
}

void cli_signals_patient(void)
{
    patient = true;
}

bool cli_signals_are_patient(void)
{
    return patient;
}

void cli_signals_release(void)
{
    struct sigaction before;
    alarm(0);
    for (int i = 0; i < STOPS; i++)
        if (!sigaction(stops[i], NULL, &before) && before.sa_handler == take) signal(stops[i], SIG_DFL);
    signal(SIGALRM, SIG_DFL);
}

void cli_signals_block(sigset_t *before)
{
    const sigset_t set = all();
    sigprocmask(SIG_BLOCK, &set, before);
}

void cli_signals_end(int number)
{
    signal(number, SIG_DFL);
    raise(number); // comes when the handler returns
}

void cli_signals_forget(void)
{
    cli_stop_signal = cli_second_signal = caught = may_repeat = 0;
}

int cli_stop_status(void)
{
    return cli_stop_signal == SIGINT ? CLI_INTERRUPTED : CLI_STOPPED;
}
