#include "cli/plain_output.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// ---- the text

// The length of the character that begins with this byte; 0: none does.
static int length_of(unsigned char first)
{
    return first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
}

static uint32_t code_of(const unsigned char *c, int length)
{
    uint32_t code = length == 1 ? c[0] : length == 2 ? c[0] & 31u : length == 3 ? c[0] & 15u : c[0] & 7u;
    for (int i = 1; i < length; i++) code = code << 6 | (c[i] & 63u);
    return code;
}

// Controls of both sets, and those that reverse the order in which text is shown.
static bool is_control(uint32_t code)
{
    if (code == '\n' || code == '\t') return false;
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || (code >= 0x200e && code <= 0x200f) ||
           (code >= 0x2028 && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

static size_t show_bytes(const unsigned char *bytes, int count, char *out)
{
    size_t used = 0;
    for (int i = 0; i < count; i++) used += (size_t)sprintf(out + used, "\\x%02x", bytes[i]);
    return used;
}

// The held bytes are one whole character.
static size_t show_character(const cli_plain *plain, char *out)
{
    const uint32_t code = code_of(plain->held, plain->count);
    if (is_control(code))
        return code < 0x100 ? (size_t)sprintf(out, "\\x%02x", code) : (size_t)sprintf(out, "\\u%04x", code);
    memcpy(out, plain->held, (size_t)plain->count);
    return (size_t)plain->count;
}

size_t cli_plain_text(cli_plain *plain, const char *text, size_t bytes, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < bytes; i++) {
        const unsigned char c = (unsigned char)text[i];
        if (plain->count && (c & 0xc0) != 0x80) { // the character before was not ended
            used += show_bytes(plain->held, plain->count, out + used);
            plain->count = 0;
        }
        plain->held[plain->count++] = c;
        const int length = length_of(plain->held[0]);
        if (length > plain->count) continue;
        used +=
            length ? show_character(plain, out + used) : show_bytes(plain->held, plain->count, out + used);
        plain->count = 0;
    }
    return used;
}

// ---- the streams

typedef struct filter {
    int descriptor;
    cli_plain plain;
} filter;

static ssize_t write_plain(void *cookie, const char *text, size_t bytes)
{
    filter *f = cookie;
    char stack[4096], *out = stack;
    if (CLI_PLAIN_MOST * (bytes + 4) > sizeof stack) out = malloc(CLI_PLAIN_MOST * (bytes + 4));
    if (!out) return 0;
    size_t left = cli_plain_text(&f->plain, text, bytes, out);
    const char *at = out;
    while (left) {
        const ssize_t done = write(f->descriptor, at, left);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) break;
        at += done;
        left -= (size_t)done;
    }
    const int why = errno;
    if (out != stack) free(out);
    errno = why;
    return left ? 0 : (ssize_t)bytes;
}

static FILE *filtered(filter *f, FILE *stream, int mode)
{
    FILE *made = fopencookie(f, "w", (cookie_io_functions_t){.write = write_plain});
    if (!made) return stream;
    setvbuf(made, NULL, mode, mode == _IONBF ? 0 : BUFSIZ);
    return made;
}

void cli_plain_output(void)
{
    static filter out = {.descriptor = STDOUT_FILENO}, error = {.descriptor = STDERR_FILENO};
    if (isatty(STDOUT_FILENO)) stdout = filtered(&out, stdout, _IOLBF);
    stderr = filtered(&error, stderr, _IONBF);
}
