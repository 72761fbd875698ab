// The lines of a check's result, and the record of what it is doing now.
#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "inspect/check_impl.h"

void rb_check_say(rb_check *c, rb_check_verdict verdict, const char *what, const char *format, ...)
{
    rb_check_result *out = c->out;
    if (out->count == RB_CHECK_LINES) return;
    rb_check_line *l = &out->lines[out->count];
    l->verdict = verdict;
    rb_text_copy(l->what, sizeof l->what, what);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->found, sizeof l->found, format, arguments);
    va_end(arguments);
    out->failures += verdict == RB_CHECK_FAIL;
    out->count++;
}

void rb_check_doing(rb_check *c, const char *what)
{
    rb_text_copy(c->out->doing, sizeof c->out->doing, what);
}
