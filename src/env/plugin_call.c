// See plugin_call.h.
#include "env/plugin_call.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

typedef struct call {
    jmp_buf back;
    const char *path, *function;
} call;

static _Thread_local call *volatile current; // NULL: this thread is in no call
static _Thread_local int exit_status;
static _Thread_local pid_t process; // that the thread made its newest call in

// A function that calls itself without end leaves no room on its stack for the handler of its signal. A
// program whose handler asks for a stack of its own gets one in each thread.
static void prepare_thread(void)
{
    enum { HANDLER_BYTES = 64 << 10 };
    static _Thread_local char stack[HANDLER_BYTES];
    stack_t now, ours = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction handler;
    if (sigaction(SIGSEGV, NULL, &handler) || !(handler.sa_flags & SA_ONSTACK)) return;
    if (!sigaltstack(NULL, &now) && now.ss_flags & SS_DISABLE) sigaltstack(&ours, NULL);
}

static void forget_call(void)
{
    current = NULL;
    process = 0;
}

// In a process that an object's function has forked, exit() is meant; and once libc is at its end, no call
// can be left any more.
static void prepare_process(void)
{
    pthread_atfork(NULL, NULL, forget_call);
    atexit(forget_call);
}

bool rb_plugin_call(const char *path, const char *function, rb_plugin_fn fn, void *context, int *status)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    call here = {.path = path, .function = function};
    if (!process) {
        pthread_once(&once, prepare_process);
        prepare_thread();
        process = getpid();
    }
    if (setjmp(here.back)) {
        *status = exit_status;
        return false;
    }
    current = &here;
    fn(context);
    current = NULL;
    return true;
}

const char *rb_plugin_running(const char **function)
{
    const call *here = current;
    *function = here ? here->function : NULL;
    return here ? here->path : NULL;
}

// Does nothing in the child of vfork either, which shares its parent's memory.
void rb_plugin_leave(int status)
{
    call *here = current;
    if (!here || process != getpid()) return;
    current = NULL;
    exit_status = status;
    longjmp(here->back, 1);
}
