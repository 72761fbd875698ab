// One function in a thread of its own, for work that must not keep its caller waiting (pool.h is for work
// whose caller waits for it). The thread gives way to others when processors are short, and receives no
// signals.
#ifndef RB_BASE_TASK_H
#define RB_BASE_TASK_H

#include <stdbool.h>
#include "rainbow/error.h"

typedef struct rb_task rb_task;
typedef void (*rb_task_fn)(void *context);

rb_status rb_task_start(rb_task **out, rb_task_fn fn, void *context, rb_error *error);
bool rb_task_is_done(const rb_task *task); // rb_task_finish would not wait
// Waits until the function has returned, and frees the task. Returns the processor time it took, in seconds.
double rb_task_finish(rb_task *task);

#endif
