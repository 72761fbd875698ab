#include "rollout/c_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

void rb_c_name_of(char out[RB_C_NAME_MAX], const char *file)
{
    const char *slash = strrchr(file, '/'), *from = slash ? slash + 1 : file;
    size_t used = 0, bytes = strcspn(from, ".");
    if (!isalpha((unsigned char)*from))
        used = (size_t)snprintf(out, RB_C_NAME_MAX, "%s", bytes ? "agent_" : "agent");
    for (size_t i = 0; i < bytes && used + 1 < RB_C_NAME_MAX; i++)
        out[used++] = is_word(from[i]) ? from[i] : '_';
    out[used] = 0;
}

bool rb_c_name_fits(const char *name)
{
    size_t bytes = 0;
    while (is_word(name[bytes])) bytes++;
    return isalpha((unsigned char)*name) && !name[bytes] && bytes < RB_C_NAME_MAX;
}

// Writes text, with this file's words for those that stand for them.
void rb_c_put(const rb_c_text *s, const char *text, size_t bytes)
{
    for (size_t at = 0; at < bytes;) {
        size_t end = at + 1;
        if (is_word(text[at]))
            while (end < bytes && is_word(text[end])) end++;
        const size_t size = end - at;
        const char *word = text + at;
        const bool layer = (size == 12 && !memcmp(word, "agent_linear", 12)) ||
                           (size == 10 && !memcmp(word, "agent_conv", 10));
        if (size > 6 && !memcmp(word, "agent_", 6))
            fprintf(s->file, "%s_%.*s%s", s->name, (int)size - 6, word + 6, layer ? s->suffix : "");
        else if (size > 6 && !memcmp(word, "AGENT_", 6))
            fprintf(s->file, "%s_%.*s", s->upper, (int)size - 6, word + 6);
        else if (size == 5 && !memcmp(word, "AGENT", 5))
            fputs(s->name, s->file);
        else if (size == 6 && !memcmp(word, "WEIGHT", 6))
            fputs(s->weight, s->file);
        else if (size == 5 && !memcmp(word, "INPUT", 5))
            fputs(s->input, s->file);
        else
            fprintf(s->file, "%.*s", (int)size, word);
        at = end;
    }
}

void rb_c_say(const rb_c_text *s, const char *format, ...)
{
    char text[2000];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    rb_c_put(s, text, strlen(text));
}

// A name of someone else's within a comment: it can neither end the comment nor begin a line.
void rb_c_put_quoted(const rb_c_text *s, const char *words)
{
    // A backslash at a line's end would continue the comment, and so would ??/, which stands for one in C99.
    for (; *words; words++)
        fputc((unsigned char)*words < ' ' || strchr("\\?", *words) ? '.' : *words, s->file);
}

// Copies from an embedded text the paragraph that defines `what`: a function, or a type.
void rb_c_copy(const rb_c_text *s, const char *text, const char *what)
{
    char head[64];
    snprintf(head, sizeof head, "agent_%s", what);
    for (const char *next; text; text = next) {
        next = strstr(text, "\n\n");
        const size_t bytes = next ? (size_t)(next - text) : strlen(text);
        if (next) next += 2;
        for (const char *line = text; line && line < text + bytes;) {
            const size_t length = strcspn(line, "\n");
            const char *found = strstr(line, head);
            const bool defines = !strncmp(line, "static ", 7) || !strncmp(line, "typedef ", 8);
            if (defines && found && found < line + length && !is_word(found[strlen(head)])) {
                rb_c_put(s, text, bytes);
                rb_c_say(s, text[bytes - 1] == '\n' ? "\n" : "\n\n");
                return;
            }
            line += length + (line[length] == '\n');
        }
    }
}

void rb_c_put_float(const rb_c_text *s, float value)
{
    char text[32];
    snprintf(text, sizeof text, "%.8g", (double)value);
    if (strtof(text, NULL) != value) snprintf(text, sizeof text, "%.9g", (double)value);
    fprintf(s->file, "%s%sf", text, strpbrk(text, ".e") ? "" : ".0");
}

void rb_c_put_array(const rb_c_text *s, const char *type, const char *name, int number, rb_c_numbers kind,
                    const void *values, int64_t count)
{
    rb_c_say(s, "static const %s agent_%s", type, name);
    if (number >= 0) rb_c_say(s, "%d", number);
    rb_c_say(s, "[%" PRId64 "] = {\n", count);
    const int per_line = kind == RB_C_FLOATS ? 8 : 25;
    for (int64_t i = 0; i < count; i++) {
        if (kind == RB_C_FLOATS)
            rb_c_put_float(s, ((const float *)values)[i]);
        else
            fprintf(s->file, "%d",
                    kind == RB_C_BYTES   ? ((const uint8_t *)values)[i]
                    : kind == RB_C_INT8S ? ((const int8_t *)values)[i]
                                         : ((const int16_t *)values)[i]);
        fputs(i + 1 == count ? "};\n" : (i + 1) % per_line ? "," : ",\n", s->file);
    }
}

rb_c_text rb_c_text_make(FILE *file, const char *name)
{
    rb_c_text text = {.file = file, .input = "float", .weight = "float", .suffix = ""};
    snprintf(text.name, sizeof text.name, "%s", name);
    for (size_t i = 0; text.name[i]; i++) text.upper[i] = (char)toupper((unsigned char)text.name[i]);
    return text;
}
