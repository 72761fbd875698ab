#include "rainbow/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

rb_status rb_error_set(rb_error *error, rb_status status, const char *format, ...)
{
    if (!error) return status;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error->message, sizeof error->message, format, arguments);
    va_end(arguments);
    error->status = status;
    return status;
}

rb_status rb_error_context(rb_error *error, rb_status status, const char *format, ...)
{
    if (!error) return status;
    char whole[sizeof error->message];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(whole, sizeof whole, format, arguments);
    va_end(arguments);
    if (length >= 0 && (size_t)length < sizeof whole)
        snprintf(whole + length, sizeof whole - (size_t)length, ": %s", error->message);
    memcpy(error->message, whole, sizeof whole);
    return status;
}
