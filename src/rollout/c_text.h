// Text of an exported C file. It is written with the prefix `agent_` (and AGENT_), and gets the file's own on
// its way into the file, so that the loops that are compiled here are those of the file:
//
//     agent_act      NAME_act           AGENT_ACTIONS   UPPER_ACTIONS         AGENT     NAME
//     agent_linear   NAME_linear + suffix, agent_conv likewise
//     INPUT          the type of what a layer reads     WEIGHT   the type of its weights
#ifndef RB_ROLLOUT_C_TEXT_H
#define RB_ROLLOUT_C_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "rainbow/export.h"

enum { RB_C_NAME_MAX = RB_EXPORT_NAME_MAX };

typedef struct rb_c_text {
    FILE *file;
    char name[RB_C_NAME_MAX], upper[RB_C_NAME_MAX];
    const char *input, *weight, *suffix;
} rb_c_text;

// A prefix from a file's name: "games/my-agent.c" gives my_agent.
void rb_c_name_of(char out[RB_C_NAME_MAX], const char *file);
// Whether it is a C identifier that begins with a letter and is shorter than RB_C_NAME_MAX.
bool rb_c_name_fits(const char *name);

rb_c_text rb_c_text_make(FILE *file, const char *name);
void rb_c_put(const rb_c_text *text, const char *words, size_t bytes);
// At most 2,000 characters.
void rb_c_say(const rb_c_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
// A name of someone else's within a comment, as it is, except that it can neither end the comment nor begin a
// line.
void rb_c_put_quoted(const rb_c_text *text, const char *words);
// Copies the paragraph of `from` that defines agent_`what`: a function or a type, with the comment above it.
void rb_c_copy(const rb_c_text *text, const char *from, const char *what);

typedef enum rb_c_numbers { RB_C_FLOATS, RB_C_BYTES, RB_C_INT8S, RB_C_INT16S } rb_c_numbers;
// A constant that is read as exactly this float.
void rb_c_put_float(const rb_c_text *text, float value);
// static const TYPE agent_NAMEnumber[count] = {...}; number -1: none.
void rb_c_put_array(const rb_c_text *text, const char *type, const char *name, int number, rb_c_numbers kind,
                    const void *values, int64_t count);

#endif
