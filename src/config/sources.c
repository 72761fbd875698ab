// The systems that users may know already, as data (sources.def).
#include "rainbow/config.h"

#include <pthread.h>
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

// Where each source's line is, from which its rows follow; behind the last one is the end of the table.
static int starts[LINES + 1], sources;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void find_starts(void)
{
    for (int i = 0; i < LINES; i++)
        if (lines[i].source.preset) starts[sources++] = i;
    starts[sources] = LINES;
}

int rb_source_count(void)
{
    pthread_once(&once, find_starts);
    return sources;
}

const rb_source_info *rb_source_get(int i)
{
    return i >= 0 && i < rb_source_count() ? &lines[starts[i]].source : NULL;
}

const rb_source_row *rb_source_row_get(int source, int i)
{
    if (source < 0 || source >= rb_source_count() || i < 0) return NULL;
    return i < starts[source + 1] - starts[source] - 1 ? &lines[starts[source] + 1 + i].row : NULL;
}
