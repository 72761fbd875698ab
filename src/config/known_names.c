// The names that other programs use, as data: those of the sources, then those of known_names.def; and the
// sentence for people who type them here.
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/scripts.h"
#include "config/table.h"

static const struct line {
    const char *program, *theirs, *ours, *remark; // program: NULL in the rows that belong to the one above
} lines[] = {
#define RB_PROGRAM(program_, help_)       {.program = program_},
#define RB_KNOWN(theirs_, ours_, remark_) {.theirs = theirs_, .ours = ours_, .remark = remark_},
#include "config/known_names.def"
#undef RB_PROGRAM
#undef RB_KNOWN
};

enum { LINES = sizeof lines / sizeof lines[0] };

static bool of_sources(int *i, rb_known_name *out)
{
    for (int s = 0; s < rb_source_count(); s++) {
        const rb_source_row *row;
        for (int r = 0; (row = rb_source_row_get(s, r)); r++) {
            if (!row->is_name || (*i)-- > 0) continue;
            *out = (rb_known_name){rb_source_get(s)->preset, row->theirs, row->ours,
                                   rb_scripts_in(row->remark), true};
            return true;
        }
    }
    return false;
}

int rb_known_name_count(void)
{
    rb_known_name one;
    int most = 1 << 20, count = most;
    of_sources(&most, &one);
    count -= most;
    for (int i = 0; i < LINES; i++) count += !lines[i].program;
    return count;
}

rb_known_name rb_known_name_get(int i)
{
    rb_known_name found = {0};
    const char *program = NULL;
    if (of_sources(&i, &found)) return found;
    for (int k = 0; k < LINES; k++) {
        if (lines[k].program) program = lines[k].program;
        if (lines[k].program || i-- > 0) continue;
        return (rb_known_name){program, lines[k].theirs, lines[k].ours, rb_scripts_in(lines[k].remark),
                               false};
    }
    return found;
}

static char plain(char c)
{
    return c == '-' ? '_' : (char)tolower((unsigned char)c);
}

static bool same(const char *a, const char *b)
{
    while (*a && plain(*a) == plain(*b)) a++, b++;
    return !*a && !*b;
}

// "env.count", or "explore.start and explore.end", each with `before`.
static void write_keys(const char *keys, const char *before, char *out, size_t bytes)
{
    size_t used = 0;
    for (const char *at = keys; *at && used < bytes;) {
        const size_t length = strcspn(at, " ");
        used += (size_t)snprintf(out + used, bytes - used, "%s%s%.*s", used ? " and " : "", before,
                                 (int)length, at);
        at += length + strspn(at + length, " ");
    }
}

// Adds one meaning of a name to the sentence: "n_envs of vectorised-rainbow is --env.count here (remark)".
static size_t add_meaning(const rb_known_name *known, const char *before, char *out, size_t bytes)
{
    char keys[160];
    write_keys(known->ours, before, keys, sizeof keys);
    const bool says = *known->remark;
    const int used = *known->ours
                         ? snprintf(out, bytes, "; %s of %s is %s here%s%s%s", known->theirs, known->program,
                                    keys, says ? " (" : "", known->remark, says ? ")" : "")
                         : snprintf(out, bytes, "; %s of %s needs no counterpart here: %s", known->theirs,
                                    known->program, known->remark);
    return used < 0 ? 0 : (size_t)used;
}

bool rb_known_name_tell(const char *name, const char *what, char *out, size_t bytes)
{
    enum { MEANINGS = 3 }; // a longer sentence helps nobody
    const char *dot = strrchr(name, '.'), *tail = dot ? dot + 1 : name, *told[MEANINGS];
    size_t used = (size_t)snprintf(out, bytes, "no %s%s", what, name);
    int meanings = 0;
    for (int i = 0, count = rb_known_name_count(); i < count && meanings < MEANINGS; i++) {
        const rb_known_name known = rb_known_name_get(i);
        bool new = same(known.theirs, name) || same(known.theirs, tail);
        for (int k = 0; k < meanings && new; k++) new = strcmp(told[k], known.ours) != 0;
        if (!new || used >= bytes) continue;
        told[meanings++] = known.ours;
        used += add_meaning(&known, strstr(what, "--") ? "--" : "", out + used, bytes - used);
    }
    return meanings > 0;
}

bool rb_known_name_means_other(const char *name, const char *key)
{
    for (int i = 0, count = rb_known_name_count(); i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        if (known.is_source && same(known.theirs, name) && strcmp(known.ours, key) != 0) return true;
    }
    return false;
}
