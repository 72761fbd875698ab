#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

void rb_log_write(const rb_log *log, rb_log_level level, const char *format, ...)
{
    if (!log || !log->fn) return;
    char message[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    log->fn(log->context, level, message);
}
