// One value: from text to its field and back. Numbers are read strictly and written so that reading them
// gives the same bits.
#include "config/table.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"

static void *field(const rb_param *param, rb_params *params)
{
    return (char *)params + param->offset;
}

static const void *field_const(const rb_param *param, const rb_params *params)
{
    return (const char *)params + param->offset;
}

// The position of `text` in "a|b|c", in any case, or -1.
static int choice_position(const char *choices, const char *text)
{
    size_t bytes = strlen(text);
    int position = 0;
    for (const char *at = choices; at; position++) {
        const char *bar = strchr(at, '|');
        size_t here = bar ? (size_t)(bar - at) : strlen(at);
        if (here == bytes && !strncasecmp(at, text, bytes)) return position;
        at = bar ? bar + 1 : NULL;
    }
    return -1;
}

static void choice_name(const char *choices, int position, char *out, size_t bytes)
{
    const char *at = choices;
    while (position-- > 0) at = strchr(at, '|') + 1;
    snprintf(out, bytes, "%.*s", (int)strcspn(at, "|"), at);
}

// "a, b or c"
static void choice_list(const char *choices, char *out, size_t bytes)
{
    size_t used = 0;
    for (const char *at = choices; *at && used < bytes;) {
        size_t here = strcspn(at, "|");
        const char *next = at[here] ? at + here + 1 : at + here;
        const char *joint = at == choices ? "" : *next ? ", " : " or ";
        used += (size_t)snprintf(out + used, bytes - used, "%s%.*s", joint, (int)here, at);
        at = next;
    }
}

// 1000000 as "1,000,000"
static void grouped(int64_t value, char *out, size_t bytes)
{
    char digits[24];
    int count = snprintf(digits, sizeof digits, "%" PRId64, value);
    size_t used = 0;
    for (int i = 0; i < count && used + 2 < bytes; i++) {
        out[used++] = digits[i];
        int left = count - 1 - i;
        if (left > 0 && left % 3 == 0 && digits[i] != '-') out[used++] = ',';
    }
    out[used] = 0;
}

// A decimal that reads back as the same double: 15 digits say all that was ever written with 15 or fewer, 17
// say every double.
static void exact(double value, char *out, size_t bytes)
{
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, bytes, "%.*g", digits, value);
        if (strtod(out, NULL) == value) return;
    }
}

void rb_value_limits(const rb_param *param, char *least, char *most, size_t bytes)
{
    if (param->kind == RB_KIND_INT) {
        grouped(param->int_least, least, bytes);
        grouped(param->int_most, most, bytes);
    } else {
        exact(param->real_least, least, bytes);
        exact(param->real_most, most, bytes);
    }
}

static void number_expected(const rb_param *param, bool number, char *why, size_t why_bytes)
{
    char least[32], most[32];
    rb_value_limits(param, least, most, sizeof least);
    const char *what = number ? "" : param->kind == RB_KIND_INT ? "a whole number " : "a number ";
    snprintf(why, why_bytes, "must be %sbetween %s and %s%s%s", what, least, most, *param->unit ? " " : "",
             param->unit);
}

// "None" and the like, which many programs take for "off".
static bool is_nothing(const char *text)
{
    static const char *const words[] = {"none", "off", "never", "false", "no"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (!strcasecmp(text, words[i])) return true;
    return false;
}

// The parameter's help says that 0 turns something off, so "None" is 0.
static bool zero_is_nothing(const rb_param *param)
{
    static const char *const phrases[] = {"0: off", "0: no ", "0: none"};
    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (strstr(param->help, phrases[i])) return true;
    return false;
}

// A choice that begins with "off" or "none" takes either word, and False.
static int position_of_nothing(const char *choices)
{
    return choice_position(choices, "off") == 0 || choice_position(choices, "none") == 0 ? 0 : -1;
}

// What follows "must be ..." if people bring other values from elsewhere.
static const char *advice_for(const char *key)
{
    static const char *const advice[][2] = {
        {"net.noisy", "; factorised is the usual kind"},
    };
    for (size_t i = 0; i < sizeof advice / sizeof *advice; i++)
        if (!strcmp(advice[i][0], key)) return advice[i][1];
    return "";
}

void rb_value_default(const rb_param *param, rb_params *params)
{
    void *to = field(param, params);
    switch (param->kind) {
    case RB_KIND_INT:
        *(int64_t *)to = param->int_default;
        break;
    case RB_KIND_REAL:
        *(double *)to = param->real_default;
        break;
    case RB_KIND_BOOL:
        *(bool *)to = param->int_default != 0;
        break;
    case RB_KIND_CHOICE:
        *(int32_t *)to = choice_position(param->choices, param->text_default);
        break;
    case RB_KIND_TEXT:
        rb_text_copy(to, RB_TEXT_MAX, param->text_default);
        break;
    }
}

bool rb_value_parse(const rb_param *param, const char *text, rb_params *params, char *why, size_t why_bytes)
{
    void *to = field(param, params);
    switch (param->kind) {
    case RB_KIND_INT: {
        int64_t value = 0;
        bool number = rb_text_i64(text, &value) || (zero_is_nothing(param) && is_nothing(text));
        if (!number || value < param->int_least || value > param->int_most) {
            number_expected(param, number, why, why_bytes);
            return false;
        }
        *(int64_t *)to = value;
        return true;
    }
    case RB_KIND_REAL: {
        double value = 0;
        bool number = rb_text_f64(text, &value) || (zero_is_nothing(param) && is_nothing(text));
        if (!number || value < param->real_least || value > param->real_most) {
            number_expected(param, number, why, why_bytes);
            return false;
        }
        *(double *)to = value;
        return true;
    }
    case RB_KIND_BOOL: {
        bool value = false;
        if (!rb_text_bool(text, &value) && !is_nothing(text)) {
            snprintf(why, why_bytes, "must be true or false");
            return false;
        }
        *(bool *)to = value;
        return true;
    }
    case RB_KIND_CHOICE: {
        int position = choice_position(param->choices, text);
        if (position < 0 && is_nothing(text)) position = position_of_nothing(param->choices);
        if (position < 0) {
            char list[256];
            choice_list(param->choices, list, sizeof list);
            snprintf(why, why_bytes, "must be %s%s", list, advice_for(param->key));
            return false;
        }
        *(int32_t *)to = position;
        return true;
    }
    case RB_KIND_TEXT:
        for (const char *c = text; *c; c++)
            if ((unsigned char)*c < ' ' || *c == 127) {
                snprintf(why, why_bytes, "must be one line without control characters");
                return false;
            }
        if (strlen(text) >= RB_TEXT_MAX) {
            snprintf(why, why_bytes, "must be shorter than %d bytes", RB_TEXT_MAX);
            return false;
        }
        rb_text_copy(to, RB_TEXT_MAX, text);
        return true;
    }
    return false;
}

void rb_value_format(const rb_param *param, const rb_params *params, char *out, size_t bytes)
{
    const void *from = field_const(param, params);
    switch (param->kind) {
    case RB_KIND_INT:
        snprintf(out, bytes, "%" PRId64, *(const int64_t *)from);
        break;
    case RB_KIND_REAL:
        exact(*(const double *)from, out, bytes);
        break;
    case RB_KIND_BOOL:
        snprintf(out, bytes, "%s", *(const bool *)from ? "true" : "false");
        break;
    case RB_KIND_CHOICE:
        choice_name(param->choices, *(const int32_t *)from, out, bytes);
        break;
    case RB_KIND_TEXT:
        snprintf(out, bytes, "%s", (const char *)from);
        break;
    }
}

bool rb_value_equal(const rb_param *param, const rb_params *a, const rb_params *b)
{
    const void *x = field_const(param, a), *y = field_const(param, b);
    switch (param->kind) {
    case RB_KIND_INT:
        return *(const int64_t *)x == *(const int64_t *)y;
    case RB_KIND_REAL:
        return *(const double *)x == *(const double *)y;
    case RB_KIND_BOOL:
        return *(const bool *)x == *(const bool *)y;
    case RB_KIND_CHOICE:
        return *(const int32_t *)x == *(const int32_t *)y;
    case RB_KIND_TEXT:
        return !strcmp(x, y);
    }
    return false;
}
