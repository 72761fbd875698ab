// Published scores: see published.h. The table is part of the program; a game's line is parsed when it is
// looked up.
#include "results/published.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

extern const char rb_published_table[];
extern const size_t rb_published_table_bytes;

const char *rb_dopamine_name(int agent)
{
    static const char *const names[RB_DOPAMINE_AGENTS] = {"dqn", "c51", "rainbow"};
    return names[agent];
}
const int rb_published_millions[RB_PUBLISHED_POINTS] = {1, 2, 4, 10, 50, 200};

// The line that begins with "game,"; NULL if there is none.
static const char *find_line(const char *game)
{
    const size_t bytes = strlen(game);
    const char *at = rb_published_table, *end = at + rb_published_table_bytes;
    while (bytes && at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        if (!line_end) return NULL;
        if ((size_t)(line_end - at) > bytes && !memcmp(at, game, bytes) && at[bytes] == ',') return at;
        at = line_end + 1;
    }
    return NULL;
}

// Reads a number, NaN if the field is empty, and moves `*at` past it. Every line ends within the table.
static double read_number(const char **at)
{
    char *end;
    if (**at == ',' || **at == '\n') return NAN;
    const double value = strtod(*at, &end);
    *at = end;
    return value;
}

static void skip(const char **at, const char *letters)
{
    *at += strspn(*at, letters);
}

// "1.81 (1.64 .. 1.92)"
static rb_interval read_range(const char **at)
{
    rb_interval range = {NAN, NAN, NAN};
    range.value = read_number(at);
    if (isnan(range.value)) return range;
    skip(at, " (");
    range.low = read_number(at);
    skip(at, " .");
    range.high = read_number(at);
    skip(at, ")");
    return range;
}

bool rb_published_find(const char *game, rb_published *out)
{
    const char *at = find_line(game);
    if (!at || !strcmp(game, "game")) return false;
    at += strlen(game) + 1;
    out->random = read_number(&at);
    at++;
    out->human = read_number(&at);
    at++;
    read_number(&at); // skips rainbow_paper: its evaluation follows other rules, so it is not comparable
    for (int agent = 0; agent < RB_DOPAMINE_AGENTS; agent++)
        for (int i = 0; i < RB_PUBLISHED_POINTS; i++) {
            at++;
            out->dopamine[agent][i] = read_range(&at);
        }
    return true;
}

int rb_published_nearest(double frames)
{
    int nearest = 0;
    for (int i = 1; i < RB_PUBLISHED_POINTS; i++) {
        const double between = 1e6 * sqrt((double)rb_published_millions[i - 1] * rb_published_millions[i]);
        if (frames > between) nearest = i;
    }
    return nearest;
}
