#include "base/task.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

struct rb_task {
    pthread_t thread;
    rb_task_fn fn;
    void *context;
    double cpu_seconds;
    atomic_bool done;
};

static double thread_seconds(void)
{
    struct timespec cpu = {0};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return (double)cpu.tv_sec + 1e-9 * (double)cpu.tv_nsec;
}

static void *work(void *context)
{
    enum { NICE = 5 };
    rb_task *task = context;
    setpriority(PRIO_PROCESS, 0, NICE); // on Linux, of this thread alone
    task->fn(task->context);
    task->cpu_seconds = thread_seconds();
    atomic_store_explicit(&task->done, true, memory_order_release);
    return NULL;
}

rb_status rb_task_start(rb_task **out, rb_task_fn fn, void *context, rb_error *error)
{
    rb_task *task = calloc(1, sizeof *task);
    if (!task) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a thread");
    task->fn = fn;
    task->context = context;
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int failed = pthread_create(&task->thread, NULL, work, task);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (failed) {
        free(task);
        return rb_error_set(error, RB_ERR_MEMORY, "the system started no thread: %s", strerror(failed));
    }
    *out = task;
    return RB_OK;
}

bool rb_task_is_done(const rb_task *task)
{
    return atomic_load_explicit(&task->done, memory_order_acquire);
}

double rb_task_finish(rb_task *task)
{
    pthread_join(task->thread, NULL);
    const double seconds = task->cpu_seconds;
    free(task);
    return seconds;
}
