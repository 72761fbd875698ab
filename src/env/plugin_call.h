// Calls of functions in a custom environment's shared object, which may end the process: on purpose, by
// exit(), or by a crash.
//
// An exit() inside a call comes back here as a failure of that call. The program defines exit, _exit, _Exit,
// quick_exit and err itself, so the loader binds the object's references to these definitions, which leave
// the call by longjmp; outside of a call they do what libc does. Nothing of libc has run when the call is
// left, so the program goes on as after any other failure. The instance was left in the middle of a function:
// it must not be called again. Calls of exit inside libc, such as error()'s, are not bound to these
// definitions.
//
// A crash is not survived, since it may have damaged any memory. Its signal's handler can ask which function
// was running.
#ifndef RB_ENV_PLUGIN_CALL_H
#define RB_ENV_PLUGIN_CALL_H

#include <stdbool.h>

typedef void (*rb_plugin_fn)(void *context);

// Calls fn(context), which calls `function` of the object `path`. False: it called exit(*status).
bool rb_plugin_call(const char *path, const char *function, rb_plugin_fn fn, void *context, int *status);
// The object and the function that the calling thread is in; NULL: in none. May be called from a signal
// handler.
const char *rb_plugin_running(const char **function);

#endif
