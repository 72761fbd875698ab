// The program's own exit, _exit, _Exit, quick_exit and err. The loader binds a custom environment's
// references to them, so an exit() inside a call of the environment leaves that call, which fails, and the
// run is saved (env/plugin_call.h). Outside of such a call they do what libc's do.
//
// They are the program's and not the library's: a library must not redefine its host's exit. A host that
// wants the same protection defines them as this file does.
#include <dlfcn.h>
#include <err.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "rainbow/run.h"

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
    rb_env_leave(status);
    end_by("exit", status);
}

void quick_exit(int status)
{
    rb_env_leave(status);
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
    rb_env_leave(status);
    for (;;) syscall(SYS_exit_group, status);
}

void _Exit(int status)
{
    _exit(status);
}
