// Text: bounded formatting, strict parsing of numbers, nearest names, sizes for people.
#ifndef RB_BASE_TEXT_H
#define RB_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool rb_text_copy(char *out, size_t bytes, const char *text); // false if it was truncated
// The whole text must be a number: "1000", "1_000_000", "1e6", "50k", "1M"; nothing else.
bool rb_text_i64(const char *text, int64_t *value);
bool rb_text_f64(const char *text, double *value); // the whole text, finite
bool rb_text_bool(const char *text, bool *value);  // true false yes no on off 1 0
bool rb_text_starts(const char *text, const char *prefix);
bool rb_text_ends(const char *text, const char *suffix);
// Bytes of the letter of UTF-8 that `text` begins with, 1 .. 4; 0: none does, as where a cut has left a piece
// of a letter.
int rb_text_letter(const char *text);
void rb_text_mend(char *text); // bytes that belong to no letter become '?'
void rb_text_trim(char *text);
// Compares as strcmp does, but numbers in the texts by their values: "s2" before "s10", "0.25" before "0.5".
int rb_text_compare_natural(const char *a, const char *b);
// Number of edits (insert, drop, change, swap of neighbours); ASCII case is ignored.
int rb_text_distance(const char *a, const char *b);
// The name nearest to `text`, or NULL if none is near enough to suggest (more than a third of its letters
// differ).
const char *rb_text_nearest(const char *text, const char *const *names, int count);
void rb_text_bytes(char *out, size_t size, double bytes);      // "7.06 GB" (powers of 1000)
void rb_text_thousands(char *out, size_t size, int64_t count); // "1,000,000"
enum { RB_TEXT_WORD_MAX = 4200 };                              // room for any path, in quotes
// A word of a shell command, in single quotes if it needs them; cut if there is no room. For messages that
// show commands to type. Safe in a signal handler.
void rb_text_shell(char *out, size_t size, const char *text);
void rb_text_count(char *out, size_t size, double count); // "950", "12.5 k", "1.2 M"

#endif
