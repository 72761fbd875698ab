// The message, a bit 1, zeros and the length in bits make whole blocks of 64 bytes; each block turns the
// state of four words in 64 rounds.
#include "base/md5.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { BLOCK = 64 };

static uint32_t rotate(uint32_t x, int bits)
{
    return x << bits | x >> (32 - bits);
}

static void turn(uint32_t state[4], const unsigned char block[BLOCK])
{
    static const int shifts[4][4] = {{7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};
    uint32_t word[16], a = state[0], b = state[1], c = state[2], d = state[3];
    for (int i = 0; i < 16; i++)
        word[i] = (uint32_t)block[4 * i] | (uint32_t)block[4 * i + 1] << 8 |
                  (uint32_t)block[4 * i + 2] << 16 | (uint32_t)block[4 * i + 3] << 24;
    for (int i = 0; i < 64; i++) {
        uint32_t mixed;
        int which;
        switch (i / 16) {
        case 0:
            mixed = (b & c) | (~b & d), which = i;
            break;
        case 1:
            mixed = (d & b) | (~d & c), which = (5 * i + 1) % 16;
            break;
        case 2:
            mixed = b ^ c ^ d, which = (3 * i + 5) % 16;
            break;
        default:
            mixed = c ^ (b | ~d), which = 7 * i % 16;
        }
        const uint32_t constant = (uint32_t)(4294967296.0 * fabs(sin(i + 1)));
        const uint32_t next = b + rotate(a + mixed + constant + word[which], shifts[i / 16][i % 4]);
        a = d, d = c, c = b, b = next;
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
}

void rb_md5_text(char out[RB_MD5_TEXT_BYTES], const void *data, size_t bytes)
{
    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    const unsigned char *at = data;
    unsigned char last[2 * BLOCK] = {0};
    const size_t whole = bytes / BLOCK * BLOCK, rest = bytes - whole;
    for (size_t i = 0; i < whole; i += BLOCK) turn(state, at + i);
    if (rest) memcpy(last, at + whole, rest);
    last[rest] = 0x80;
    const size_t end = rest + 9 <= BLOCK ? BLOCK : 2 * BLOCK;
    for (int i = 0; i < 8; i++) last[end - 8 + (size_t)i] = (unsigned char)((uint64_t)bytes * 8 >> 8 * i);
    for (size_t i = 0; i < end; i += BLOCK) turn(state, last + i);
    for (int i = 0; i < 16; i++)
        snprintf(out + 2 * i, 3, "%02x", (unsigned)(state[i / 4] >> 8 * (i % 4) & 0xff));
}
