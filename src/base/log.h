// Messages to a person while something runs. The library prints nothing itself: it calls the function that
// the program has set.
#ifndef RB_BASE_LOG_H
#define RB_BASE_LOG_H

// RB_LOG_DETAIL is for users who asked for more output.
typedef enum rb_log_level { RB_LOG_INFO, RB_LOG_WARNING, RB_LOG_DETAIL } rb_log_level;
typedef void (*rb_log_fn)(void *context, rb_log_level level, const char *message);

typedef struct rb_log {
    rb_log_fn fn; // NULL: silent
    void *context;
} rb_log;

void rb_log_write(const rb_log *log, rb_log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
