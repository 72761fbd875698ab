// Calls of functions in a custom environment's shared object, which may end the process: on purpose, by
// exit(), or by a crash.
//
// An exit() inside a call can come back here as a failure of that call. `rainbow` defines exit, _exit, _Exit,
// quick_exit and err itself (cli/exits.c), so the loader binds the object's references to these definitions,
// which leave the call by rb_plugin_leave; outside of a call they do what libc does. Nothing of libc has run
// when the call is left, so the program continues as after any other failure. The instance was left in the
// middle of a function: it must not be called again. Calls of exit inside libc, such as error()'s, are not
// bound to these definitions.
//
// In a program that does not define them, such as one that links librainbow, an exit() ends the process: a
// library must not redefine its host's exit.
//
// A crash is not survived, since it may have damaged any memory. Its signal's handler can ask which function
// was running.
#ifndef RB_ENV_PLUGIN_CALL_H
#define RB_ENV_PLUGIN_CALL_H

#include <stdbool.h>

typedef void (*rb_plugin_fn)(void *context);

// Calls fn(context), which calls `function` of the object `path`. False: it was left with *status.
bool rb_plugin_call(const char *path, const char *function, rb_plugin_fn fn, void *context, int *status);
// Leaves the call that the calling thread is in; returns if it is in none.
void rb_plugin_leave(int status);
// The object and the function that the calling thread is in; NULL: in none. May be called from a signal
// handler.
const char *rb_plugin_running(const char **function);

#endif
