// Masks: which of several choices are allowed, as one byte per choice (1 allowed, 0 forbidden), or packed as
// one bit per choice where many masks are stored. A mask that is NULL allows every choice.
#ifndef RB_BASE_MASK_H
#define RB_BASE_MASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool rb_mask_allows(const uint8_t *mask, int choice)
{
    return !mask || mask[choice];
}

// The number of allowed choices.
static inline int rb_mask_count(const uint8_t *mask, int choices)
{
    if (!mask) return choices;
    int count = 0;
    for (int i = 0; i < choices; i++) count += mask[i] != 0;
    return count;
}

// The allowed choice that has `n` allowed ones before it; 0 <= n < rb_mask_count.
static inline int rb_mask_nth(const uint8_t *mask, int choices, int n)
{
    if (!mask) return n;
    int last = 0;
    for (int i = 0; i < choices; i++) {
        if (!mask[i]) continue;
        last = i;
        if (n-- == 0) break;
    }
    return last;
}

// The first choice whose byte is neither 0 nor 1; -1: there is none.
static inline int rb_mask_odd(const uint8_t *mask, int choices)
{
    for (int i = 0; i < choices; i++)
        if (mask[i] > 1) return i;
    return -1;
}

// ---- packed, the lowest bit first; unused bits are 0

static inline size_t rb_mask_bytes(int choices)
{
    return ((size_t)choices + 7) / 8;
}

static inline void rb_mask_pack(uint8_t *bits, const uint8_t *mask, int choices)
{
    for (size_t i = 0; i < rb_mask_bytes(choices); i++) bits[i] = 0;
    for (int i = 0; i < choices; i++)
        if (rb_mask_allows(mask, i)) bits[i / 8] |= (uint8_t)(1 << i % 8);
}

static inline void rb_mask_unpack(uint8_t *mask, const uint8_t *bits, int choices)
{
    for (int i = 0; i < choices; i++) mask[i] = bits[i / 8] >> i % 8 & 1;
}

// Whether packed bits allow a choice, and none that does not exist.
static inline bool rb_mask_packed_valid(const uint8_t *bits, int choices)
{
    int any = 0;
    for (int i = 0; i < 8 * (int)rb_mask_bytes(choices); i++) {
        const int bit = bits[i / 8] >> i % 8 & 1;
        if (bit && i >= choices) return false;
        any |= bit;
    }
    return any;
}

#endif
