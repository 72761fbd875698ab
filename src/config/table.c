// The parameter table as data, made from params.def: one definition serves defaults, ranges, errors, files
// and the reference page.
//
// Each line of the table expands to one rb_param with the offset of its field, so reading and writing any
// value is one function for each of the five kinds.
#include "config/table.h"

#include <string.h>
#include "base/text.h"

#define FIELD(GROUP, KEY) .key = #GROUP "." #KEY, .group = #GROUP, .offset = offsetof(rb_params, GROUP.KEY)

static const rb_param table[] = {
#define RB_GROUP(group_, help_)
#define RB_INT(group_, key_, def_, least_, most_, unit_, resume_, help_)                                     \
    {FIELD(group_, key_), .kind = RB_KIND_INT, .int_default = (def_), .int_least = (least_),                 \
     .int_most = (most_), .unit = (unit_),     .resume = (resume_),   .help = (help_)},
#define RB_REAL(group_, key_, def_, least_, most_, unit_, resume_, help_)                                    \
    {FIELD(group_, key_),  .kind = RB_KIND_REAL, .real_default = (def_), .real_least = (least_),             \
     .real_most = (most_), .unit = (unit_),      .resume = (resume_),    .help = (help_)},
#define RB_BOOL(group_, key_, def_, resume_, help_)                                                          \
    {FIELD(group_, key_), .kind = RB_KIND_BOOL, .int_default = (def_),                                       \
     .unit = "",          .resume = (resume_),  .help = (help_)},
#define RB_CHOICE(group_, key_, def_, names_, resume_, help_)                                                \
    {FIELD(group_, key_), .kind = RB_KIND_CHOICE, .text_default = (def_), .choices = (names_),               \
     .unit = "",          .resume = (resume_),    .help = (help_)},
#define RB_TEXT(group_, key_, def_, resume_, help_)                                                          \
    {FIELD(group_, key_), .kind = RB_KIND_TEXT, .text_default = (def_),                                      \
     .unit = "",          .resume = (resume_),  .help = (help_)},
#define RB_END(group_)
#include "config/params.def"
#undef RB_GROUP
#undef RB_INT
#undef RB_REAL
#undef RB_BOOL
#undef RB_CHOICE
#undef RB_TEXT
#undef RB_END
};

enum { COUNT = sizeof table / sizeof table[0] };

static const struct {
    const char *name, *help;
} groups[] = {
#define RB_GROUP(group_, help_) {#group_, help_},
#define RB_INT(...)
#define RB_REAL(...)
#define RB_BOOL(...)
#define RB_CHOICE(...)
#define RB_TEXT(...)
#define RB_END(group_)
#include "config/params.def"
#undef RB_GROUP
#undef RB_INT
#undef RB_REAL
#undef RB_BOOL
#undef RB_CHOICE
#undef RB_TEXT
#undef RB_END
};

int rb_table_count(void)
{
    return COUNT;
}

const rb_param *rb_table_get(int i)
{
    return &table[i];
}

const rb_param *rb_table_find(const char *key)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(table[i].key, key)) return &table[i];
    return NULL;
}

const char *rb_table_group_help(int i)
{
    if (i > 0 && !strcmp(table[i].group, table[i - 1].group)) return NULL;
    for (size_t g = 0; g < sizeof groups / sizeof groups[0]; g++)
        if (!strcmp(groups[g].name, table[i].group)) return groups[g].help;
    return NULL;
}

static const char *tail_of(const char *key)
{
    const char *dot = strrchr(key, '.');
    return dot ? dot + 1 : key;
}

const char *rb_table_same_tail(const char *key)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(tail_of(table[i].key), tail_of(key))) return table[i].key;
    return NULL;
}

// A missing or wrong group is likelier than a typing error in both parts, so an exact match of the last part
// comes first.
const char *rb_table_nearest(const char *key)
{
    const char *names[COUNT];
    const char *near = rb_table_same_tail(key);
    for (int i = 0; i < COUNT; i++) names[i] = table[i].key;
    if (!near) near = rb_text_nearest(key, names, COUNT);
    if (near) return near;
    for (int i = 0; i < COUNT; i++) names[i] = tail_of(table[i].key);
    near = rb_text_nearest(tail_of(key), names, COUNT);
    for (int i = 0; near && i < COUNT; i++)
        if (names[i] == near) return table[i].key;
    return NULL;
}
