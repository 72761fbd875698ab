#include "base/text.h"

#include <inttypes.h>
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool rb_text_copy(char *out, size_t bytes, const char *text)
{
    return snprintf(out, bytes, "%s", text) < (int)bytes;
}

// Parses a number without its underscores and with its suffix applied: "1_000", "50k", "1M", "2e6".
static bool parse(const char *text, bool suffixes, double *value)
{
    char plain[64];
    size_t used = 0;
    if (!*text || isspace((unsigned char)*text)) return false;
    for (const char *at = text; *at; at++) {
        bool between_digits = at > text && isdigit((unsigned char)at[-1]) && isdigit((unsigned char)at[1]);
        if (*at == '_' && between_digits) continue;
        if (!isdigit((unsigned char)*at) && !strchr("+-.eEkKM", *at)) return false; // no hex, no "inf"
        if (used + 1 == sizeof plain) return false;
        plain[used++] = *at;
    }
    plain[used] = 0;
    double factor = 1;
    if (suffixes && used > 1 && strchr("kKM", plain[used - 1])) {
        factor = plain[used - 1] == 'M' ? 1e6 : 1e3;
        plain[used - 1] = 0;
    }
    char *end;
    *value = strtod(plain, &end) * factor;
    return *end == 0 && end != plain && isfinite(*value);
}

bool rb_text_i64(const char *text, int64_t *value)
{
    char *end;
    errno = 0;
    long long exact = strtoll(text, &end, 10); // plain digits keep all 64 bits
    if (*text && !isspace((unsigned char)*text) && !*end && end != text && !errno) {
        *value = exact;
        return true;
    }
    double number;
    if (!parse(text, true, &number) || number != floor(number) || fabs(number) > 9007199254740992.0)
        return false;
    *value = (int64_t)number;
    return true;
}

bool rb_text_f64(const char *text, double *value)
{
    return parse(text, true, value);
}

bool rb_text_bool(const char *text, bool *value)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no", "off", "0"};
    for (int i = 0; i < 4; i++) {
        if (!strcasecmp(text, yes[i]) || !strcasecmp(text, no[i])) {
            *value = !strcasecmp(text, yes[i]);
            return true;
        }
    }
    return false;
}

int rb_text_letter(const char *text)
{
    const unsigned char *c = (const unsigned char *)text;
    const int bytes = c[0] < 0x80   ? 1
                      : c[0] < 0xc2 ? 0
                      : c[0] < 0xe0 ? 2
                      : c[0] < 0xf0 ? 3
                      : c[0] < 0xf5 ? 4
                                    : 0;
    for (int i = 1; i < bytes; i++)
        if ((c[i] & 0xc0) != 0x80) return 0;
    return bytes;
}

void rb_text_mend(char *text)
{
    for (int bytes; *text; text += bytes ? bytes : 1) {
        bytes = rb_text_letter(text);
        if (!bytes) *text = '?';
    }
}

bool rb_text_starts(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool rb_text_ends(const char *text, const char *suffix)
{
    size_t all = strlen(text), end = strlen(suffix);
    return all >= end && strcmp(text + all - end, suffix) == 0;
}

void rb_text_trim(char *text)
{
    size_t start = strspn(text, " \t\r\n"), length = strlen(text + start);
    while (length && isspace((unsigned char)text[start + length - 1])) length--;
    memmove(text, text + start, length);
    text[length] = 0;
}

// Optimal string alignment distance: three rows of the usual table, because swaps reach back two.
// Compares the numbers at *a and *b, which have these digits, and moves behind them.
static int compare_numbers(const char **a, size_t a_digits, const char **b, size_t b_digits, bool fraction)
{
    const char *x = *a, *y = *b;
    *a += a_digits;
    *b += b_digits;
    if (fraction) { // .25 before .5
        const int order = strncmp(x, y, a_digits < b_digits ? a_digits : b_digits);
        return order ? order : (a_digits > b_digits) - (a_digits < b_digits);
    }
    for (; a_digits > 1 && *x == '0'; a_digits--) x++;
    for (; b_digits > 1 && *y == '0'; b_digits--) y++;
    return a_digits != b_digits ? (a_digits > b_digits) - (a_digits < b_digits) : strncmp(x, y, a_digits);
}

int rb_text_compare_natural(const char *a, const char *b)
{
    static const char digits[] = "0123456789";
    bool number = false, fraction = false; // what the texts have just before here
    while (*a && *b) {
        const size_t one = strspn(a, digits), other = strspn(b, digits);
        if (one && other) {
            const int order = compare_numbers(&a, one, &b, other, fraction);
            if (order) return order;
            number = !fraction;
            fraction = false;
        } else if (*a == *b) {
            fraction = number && *a == '.';
            number = false;
            a++;
            b++;
        } else {
            break;
        }
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int rb_text_distance(const char *a, const char *b)
{
    enum { MOST = 128 };
    int rows[3][MOST + 1], n = (int)strnlen(a, MOST), m = (int)strnlen(b, MOST);
    for (int j = 0; j <= m; j++) rows[0][j] = j;
    for (int i = 1; i <= n; i++) {
        int *now = rows[i % 3], *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= m; j++) {
            int ca = tolower((unsigned char)a[i - 1]), cb = tolower((unsigned char)b[j - 1]);
            int best = above[j - 1] + (ca != cb);
            if (above[j] + 1 < best) best = above[j] + 1;
            if (now[j - 1] + 1 < best) best = now[j - 1] + 1;
            if (i > 1 && j > 1 && ca == tolower((unsigned char)b[j - 2]) &&
                cb == tolower((unsigned char)a[i - 2]) && two_above[j - 2] + 1 < best)
                best = two_above[j - 2] + 1;
            now[j] = best;
        }
    }
    return rows[n % 3][m];
}

const char *rb_text_nearest(const char *text, const char *const *names, int count)
{
    const char *nearest = NULL;
    int least = 0;
    for (int i = 0; i < count; i++) {
        int distance = rb_text_distance(text, names[i]);
        if (!nearest || distance < least) {
            nearest = names[i];
            least = distance;
        }
    }
    int length = (int)strlen(text);
    return nearest && least * 3 <= (length > 3 ? length : 3) ? nearest : NULL;
}

void rb_text_bytes(char *out, size_t size, double bytes)
{
    static const char *const units[] = {"B", "kB", "MB", "GB", "TB"};
    int unit = 0;
    while (unit < 4 && bytes >= 999.5) {
        bytes /= 1000;
        unit++;
    }
    snprintf(out, size, "%.*f %s",
             unit == 0 || bytes >= 99.95 ? 0
             : bytes >= 9.995            ? 1
                                         : 2,
             bytes, units[unit]);
}

void rb_text_count(char *out, size_t size, double count)
{
    if (count < 999.5)
        snprintf(out, size, "%.0f", count);
    else if (count < 999500)
        snprintf(out, size, "%.1f k", count / 1e3);
    else
        snprintf(out, size, "%.1f M", count / 1e6);
}

void rb_text_thousands(char *out, size_t size, int64_t count)
{
    char digits[24];
    const int length = snprintf(digits, sizeof digits, "%lld", (long long)count), sign = count < 0;
    size_t used = 0;
    for (int i = 0; i < length && used + 2 < size; i++) {
        if (i > sign && (length - i) % 3 == 0) out[used++] = ',';
        out[used++] = digits[i];
    }
    out[used] = 0;
}

void rb_text_shell(char *out, size_t size, const char *text)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=+,:@-";
    const bool quoted = !*text || strspn(text, plain) != strlen(text);
    size_t used = 0;
    if (quoted && used + 1 < size) out[used++] = '\'';
    for (; *text && used + 6 < size; text++) {
        if (quoted && *text == '\'')
            for (const char *at = "'\\'"; *at; at++) out[used++] = *at;
        out[used++] = *text;
    }
    if (quoted && used + 1 < size) out[used++] = '\'';
    out[used] = 0;
}
