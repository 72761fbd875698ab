// The signals that ask a training to stop: Ctrl-C, a closed terminal, and those that batch systems send
// before a time limit or a preemption.
//
//     SIGINT                      Ctrl-C
//     SIGTERM                     most systems, before SIGKILL
//     SIGHUP                      a terminal that has closed
//     SIGUSR1, SIGUSR2            Slurm (--signal), Grid Engine (-notify)
//     SIGXCPU                     a limit of processor time
//
// The first one asks: the run saves a checkpoint and ends. A second one, a second later or more, ends the
// program at once. Some senders (timeout, a terminal's whole group) send a signal twice at once; and SIGHUP
// and SIGXCPU never count as a second one, because systems repeat them.
//
// Batch systems send one signal as a warning and others later (Slurm: USR1 before the time limit, then TERM,
// then KILL), so a command that they repeat waits for SIGKILL: only Ctrl-C is a second one.
#ifndef RB_CLI_SIGNALS_H
#define RB_CLI_SIGNALS_H

#include <signal.h>
#include <stdbool.h>

extern volatile sig_atomic_t cli_stop_signal;   // the first; 0: none yet
extern volatile sig_atomic_t cli_second_signal; // the one that ends the program at once; 0: none yet

// Handles these signals from now on; one that is ignored stays so (nohup; a job that a script put into the
// background). `first` and `second` are called by the signal handler; they may be NULL.
void cli_signals_catch(void (*first)(int number), void (*second)(int number));
void cli_signals_patient(void); // from now on, only SIGINT counts as a second signal
bool cli_signals_are_patient(void);
void cli_signals_release(void);           // back to the system's own handling
void cli_signals_block(sigset_t *before); // blocks them for the caller; `before`: the mask until now
void cli_signals_end(int number);         // for `second`: the system's own handling ends the program
void cli_signals_forget(void);            // in a new process: none has arrived

int cli_stop_status(
    void); // the exit status after a stop: CLI_INTERRUPTED after Ctrl-C, otherwise CLI_STOPPED

#endif
