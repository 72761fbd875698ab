// A memory arena: a run takes all of its memory from here during setup, none afterwards, and frees it all at
// once. Blocks come from the operating system as they are needed (zeroed, aligned to 64 bytes); a request of
// 1 MiB or more gets its own pages, and huge pages are requested for it.
#ifndef RB_BASE_ARENA_H
#define RB_BASE_ARENA_H

#include <stddef.h>
#include "rainbow/error.h"

typedef struct rb_arena rb_arena;

rb_status rb_arena_create(rb_arena **out, rb_error *error);
void rb_arena_destroy(rb_arena *arena); // NULL is fine

// Zeroed, 64-byte aligned. NULL if the system is out of memory: the arena remembers the failure, so a create
// function may take all it needs and check once, at its end, with rb_arena_check.
void *rb_arena_take(rb_arena *arena, size_t bytes);
rb_status rb_arena_check(const rb_arena *arena, rb_error *error); // RB_ERR_MEMORY names the size that failed
size_t rb_arena_bytes(const rb_arena *arena);                     // taken so far
char *rb_arena_text(rb_arena *arena, const char *text);           // a copy of the string

#define RB_TAKE(arena, type, count) ((type *)rb_arena_take((arena), (size_t)(count) * sizeof(type)))

#endif
