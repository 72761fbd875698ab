#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

// Blocks are chained; each begins with this header. Small requests share a block of block_bytes. Large ones
// get their own mapping, so huge pages can be requested and the pages of a big replay cost nothing until they
// are written.
enum { ALIGNMENT = 64, BLOCK_BYTES = 1 << 20 };

typedef struct block {
    struct block *next;
    size_t mapped;
} block;

struct rb_arena {
    block *blocks;
    char *free, *end; // the unused rest of the newest small block
    size_t handed_out, failed;
};

static size_t round_up(size_t bytes, size_t to)
{
    return (bytes + to - 1) / to * to;
}

static char *map_block(rb_arena *arena, size_t payload)
{
    size_t mapped = round_up(payload + ALIGNMENT, 4096);
    void *memory =
        mmap(NULL, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return NULL;
    if (mapped >= BLOCK_BYTES) madvise(memory, mapped, MADV_HUGEPAGE);
    block *b = memory;
    b->next = arena->blocks;
    b->mapped = mapped;
    arena->blocks = b;
    return (char *)memory + ALIGNMENT;
}

rb_status rb_arena_create(rb_arena **out, rb_error *error)
{
    *out = calloc(1, sizeof **out);
    return *out ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory for an arena");
}

void rb_arena_destroy(rb_arena *arena)
{
    if (!arena) return;
    for (block *b = arena->blocks, *next; b; b = next) {
        next = b->next;
        munmap(b, b->mapped);
    }
    free(arena);
}

void *rb_arena_take(rb_arena *arena, size_t bytes)
{
    if (bytes > PTRDIFF_MAX / 2) { // a size that overflowed on its way here
        arena->failed = bytes;
        return NULL;
    }
    size_t rounded = round_up(bytes ? bytes : 1, ALIGNMENT);
    char *result;
    if (rounded >= BLOCK_BYTES) {
        result = map_block(arena, rounded);
    } else {
        if ((size_t)(arena->end - arena->free) < rounded) {
            arena->free = map_block(arena, BLOCK_BYTES);
            arena->end = arena->free ? arena->free + BLOCK_BYTES : NULL;
        }
        result = arena->free;
        if (result) arena->free += rounded;
    }
    if (!result)
        arena->failed = bytes;
    else
        arena->handed_out += rounded;
    return result;
}

rb_status rb_arena_check(const rb_arena *arena, rb_error *error)
{
    if (!arena->failed) return RB_OK;
    return rb_error_set(error, RB_ERR_MEMORY,
                        "out of memory: the system refused %.1f MB more (after %.1f MB)",
                        (double)arena->failed / 1e6, (double)arena->handed_out / 1e6);
}

size_t rb_arena_bytes(const rb_arena *arena)
{
    return arena->handed_out;
}

char *rb_arena_text(rb_arena *arena, const char *text)
{
    size_t bytes = strlen(text) + 1;
    char *copy = rb_arena_take(arena, bytes);
    return copy ? memcpy(copy, text, bytes) : NULL;
}
