// What the tests of Atari games share: opening a game, saving it to memory, checksums.
#ifndef RB_TESTS_ATARI_TESTS_H
#define RB_TESTS_ATARI_TESTS_H

#include <stdarg.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include "env/atari.h"
#include "env/emulator.h"
#include "env/registry.h"

// Settings under which nothing is drawn and nothing is added: one frame a step, no idle frames, no sticky
// actions.
static inline rb_env_options atari_options(const char *name)
{
    rb_env_options options = {.settings.name = name};
    options.settings.atari =
        (rb_atari_params){.frame_skip = 1, .size = 84, .pool = RB_POOL_GREY, .mode = -1, .difficulty = -1};
    return options;
}

// A group setup: the tests need the emulator, and say so.
static inline int atari_needs_emulator(void **state)
{
    (void)state;
    rb_error error;
    const rb_emulator *emulator;
    if (rb_emulator_open(&emulator, &error) == RB_OK) return 0;
    print_error("These tests play real games. %s\n", error.message);
    return -1;
}

static inline rb_env *atari_open(const rb_env_options *options, uint64_t seed)
{
    rb_error error = {0};
    rb_env *env = NULL;
    if (rb_atari_class.create(&env, options, seed, &error))
        fail_msg("%s: %s", options->settings.name, error.message);
    return env;
}

static inline void atari_reset(rb_env *env)
{
    rb_error error = {0};
    if (rb_atari_class.reset(env, &error)) fail_msg("%s", error.message);
}

static inline rb_env_step atari_step(rb_env *env, int action)
{
    rb_error error = {0};
    rb_env_step out;
    if (rb_atari_class.step(env, action, &out, &error)) fail_msg("%s", error.message);
    return out;
}

// The actions of the golden files (tests/data/make_atari.py).
static inline int atari_draw(uint32_t *x, int actions)
{
    *x = 1664525u * *x + 1013904223u;
    return (int)((*x >> 16) % (uint32_t)actions);
}

static inline uint32_t crc32_add(uint32_t crc, const void *data, size_t bytes) // as zlib's crc32(data, crc)
{
    static uint32_t table[256];
    if (!table[1]) {
        for (uint32_t i = 0; i < 256; i++) {
            uint32_t c = i;
            for (int k = 0; k < 8; k++) c = c & 1 ? 0xedb88320u ^ (c >> 1) : c >> 1;
            table[i] = c;
        }
    }
    crc = ~crc;
    const uint8_t *at = data;
    for (size_t i = 0; i < bytes; i++) crc = table[(crc ^ at[i]) & 255] ^ (crc >> 8);
    return ~crc;
}

// A state in memory, growing when written, at an end when read.
typedef struct atari_memory {
    uint8_t *data;
    size_t bytes, at;
} atari_memory;

static inline bool atari_memory_write(rb_env_stream *stream, void *data, size_t bytes)
{
    atari_memory *memory = stream->context;
    memory->data = realloc(memory->data, memory->bytes + bytes + 1);
    memcpy(memory->data + memory->bytes, data, bytes);
    memory->bytes += bytes;
    return true;
}

static inline bool atari_memory_read(rb_env_stream *stream, void *data, size_t bytes)
{
    atari_memory *memory = stream->context;
    if (memory->at + bytes > memory->bytes) return false;
    memcpy(data, memory->data + memory->at, bytes);
    memory->at += bytes;
    return true;
}

#endif
