// See plugin_call.h.
#include "env/plugin_call.h"

#include <dlfcn.h>
#include <err.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef struct call {
    jmp_buf back;
    const char *path, *function;
} call;

static _Thread_local call *volatile current; // NULL: this thread is in no call
static _Thread_local int exit_status;
static _Thread_local pid_t process; // that the thread made its newest call in

// A function that calls itself without end leaves no room on its stack for the handler of its signal.
static void prepare_thread(void)
{
    enum { HANDLER_BYTES = 64 << 10 };
    static _Thread_local char stack[HANDLER_BYTES];
    stack_t now, ours = {.ss_sp = stack, .ss_size = sizeof stack};
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

// Returns if the process is to end: no call is running in this thread, or this is the child of vfork, which
// shares its parent's memory.
static void leave_call(int status)
{
    call *here = current;
    if (!here || process != getpid()) return;
    current = NULL;
    exit_status = status;
    longjmp(here->back, 1);
}

// The definitions of libc, for all other calls.
static _Noreturn void end_by(const char *name, int status)
{
    void *function = dlsym(RTLD_NEXT, name);
    void (*end)(int);
    memcpy(&end, &function, sizeof end); // C has no conversion
    end(status);
    for (;;) pause();
}

void exit(int status)
{
    leave_call(status);
    end_by("exit", status);
}

void quick_exit(int status)
{
    leave_call(status);
    end_by("quick_exit", status);
}

// libc's own definitions of these would call its own exit.
void verrx(int status, const char *format, va_list arguments)
{
    vwarnx(format, arguments);
    exit(status);
}

void verr(int status, const char *format, va_list arguments)
{
    vwarn(format, arguments);
    exit(status);
}

void errx(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    verrx(status, format, arguments);
}

void err(int status, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    verr(status, format, arguments);
}

// These two may be called where dlsym may not: in signal handlers, and between vfork and exec.
void _exit(int status)
{
    leave_call(status);
    for (;;) syscall(SYS_exit_group, status);
}

void _Exit(int status)
{
    _exit(status);
}
