// The systems that users may know already, as data (sources.def).
#include "rainbow/config.h"

#include <stddef.h>

static const struct {
    rb_source_info source;
    rb_source_row row;
} lines[] = {
#define RB_SOURCE(preset_, page_, help_) {.source = {.preset = preset_, .page = page_, .help = help_}},
#define RB_NAMED(theirs_, value_, ours_, remark_)                                                            \
    {.row = {.theirs = theirs_, .value = value_, .ours = ours_, .remark = remark_, .is_name = true}},
#define RB_SAID(theirs_, value_, ours_, remark_)                                                             \
    {.row = {.theirs = theirs_, .value = value_, .ours = ours_, .remark = remark_}},
#include "config/sources.def"
#undef RB_SOURCE
#undef RB_NAMED
#undef RB_SAID
};

enum { LINES = sizeof lines / sizeof lines[0] };

// A source's line, from which its rows follow.
static int find(int source)
{
    for (int i = 0; i < LINES; i++)
        if (lines[i].source.preset && source-- == 0) return i;
    return -1;
}

int rb_source_count(void)
{
    int count = 0;
    for (int i = 0; i < LINES; i++) count += lines[i].source.preset != NULL;
    return count;
}

const rb_source_info *rb_source_get(int i)
{
    const int at = find(i);
    return at < 0 ? NULL : &lines[at].source;
}

const rb_source_row *rb_source_row_get(int source, int i)
{
    const int at = find(source) + 1;
    if (at < 1 || i < 0) return NULL;
    for (int k = at; k <= at + i; k++)
        if (k >= LINES || lines[k].source.preset) return NULL;
    return &lines[at + i].row;
}
