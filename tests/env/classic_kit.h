// What the tests of the small tasks share: instances, saved states, and episodes of Gymnasium's played again.
// A file that includes it names the class under test:
//
//     static const rb_env_class *class = &rb_acrobot_class;
#ifndef RB_TEST_CLASSIC_KIT_H
#define RB_TEST_CLASSIC_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/file.h"
#include "env/registry.h"

static const rb_env_class *class;

typedef struct tape { // a saved state
    char bytes[256];
    size_t used, size;
} tape;

static inline bool tape_put(rb_env_stream *stream, void *data, size_t bytes)
{
    tape *t = stream->context;
    assert_true(t->used + bytes <= sizeof t->bytes);
    memcpy(t->bytes + t->used, data, bytes);
    t->size = t->used += bytes;
    return true;
}

static inline bool tape_get(rb_env_stream *stream, void *data, size_t bytes)
{
    tape *t = stream->context;
    if (t->used + bytes > t->size) return false;
    memcpy(data, t->bytes + t->used, bytes);
    t->used += bytes;
    return true;
}

static inline tape save(rb_env *env)
{
    tape t = {0};
    rb_env_stream stream = {tape_put, &t};
    assert_int_equal(class->save(env, &stream, NULL), RB_OK);
    return t;
}

static inline rb_status load(rb_env *env, const tape *saved, rb_error *error)
{
    tape t = *saved;
    t.used = 0;
    rb_env_stream stream = {tape_get, &t};
    return class->load(env, &stream, error);
}

// The world is the first thing in a saved state.
static inline void state_of(rb_env *env, double *state, size_t count)
{
    tape t = save(env);
    memcpy(state, t.bytes, count * sizeof(double));
}

static inline void set_state(rb_env *env, const double *state, size_t count)
{
    tape t = save(env);
    memcpy(t.bytes, state, count * sizeof(double));
    assert_int_equal(load(env, &t, NULL), RB_OK);
}

static inline rb_env *make(const char *name, uint64_t seed)
{
    rb_env *env;
    rb_env_options options = {.settings.name = name};
    assert_int_equal(class->create(&env, &options, seed, NULL), RB_OK);
    assert_int_equal(class->reset(env, NULL), RB_OK);
    return env;
}

static inline rb_env_spec spec_of(rb_env *env)
{
    rb_env_spec spec = {0};
    class->spec(env, &spec);
    return spec;
}

static inline uint64_t fnv(uint64_t hash, const void *data, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) hash = (hash ^ ((const uint8_t *)data)[i]) * 0x100000001B3u;
    return hash;
}

static inline const char *take(const char **at, size_t bytes)
{
    const char *here = *at;
    *at += bytes;
    return here;
}

static inline uint32_t take_u32(const char **at)
{
    uint32_t value;
    memcpy(&value, take(at, sizeof value), sizeof value);
    return value;
}

// A saved game goes on exactly, with its dice; `action` chooses for an instance's step i. A state cut short
// is refused.
static inline void check_saved_game(int (*action)(rb_env *env, int i))
{
    rb_env *env = make(class->name, 3), *copy = make(class->name, 99);
    rb_env_step step = {0};
    for (int i = 0; i < 5; i++) class->step(env, action(env, i), &step, NULL);
    const rb_env_spec spec = spec_of(env);
    const size_t bytes = (size_t)spec.channels * (size_t)spec.height * (size_t)spec.width * sizeof(float);
    float *seen = malloc(bytes), *again = malloc(bytes);
    tape saved = save(env);
    assert_int_equal(load(copy, &saved, NULL), RB_OK);
    int ends = 0;
    for (int i = 0; i < 1000; i++) {
        rb_env_step twin;
        class->observe(env, seen);
        class->observe(copy, again);
        assert_memory_equal(seen, again, bytes);
        class->step(env, action(env, i), &step, NULL);
        class->step(copy, action(copy, i), &twin, NULL);
        tape a = save(env), b = save(copy);
        assert_memory_equal(&a, &b, sizeof a);
        assert_int_equal(step.terminated, twin.terminated);
        if (!step.terminated) continue;
        ends++;
        class->reset(env, NULL);
        class->reset(copy, NULL);
    }
    assert_true(ends >= 2); // so the dice were thrown
    saved.size -= 1;
    rb_error error;
    assert_int_equal(load(copy, &saved, &error), RB_ERR_FORMAT);
    class->destroy(env);
    class->destroy(copy);
    free(seen);
    free(again);
}

typedef struct golden { // a file that tests/data/make_classic.py made
    const char *at;
    size_t numbers;
    uint32_t mark, limit;
    int exact, ended, full; // episodes: the same to the bit; that ended; that were as long as the limit
} golden;

// Plays one episode again from its start. At each mark the state must be Gymnasium's within 1e-12, and goes
// on from Gymnasium's, so that another cosine's last bit is not magnified further.
static inline void replay_episode(golden *g, rb_env *env)
{
    double state[4];
    const size_t bytes = g->numbers * sizeof(double);
    const rb_env_spec spec = spec_of(env);
    class->reset(env, NULL);
    memcpy(state, take(&g->at, bytes), bytes);
    set_state(env, state, g->numbers);
    const uint32_t steps = take_u32(&g->at);
    const bool terminates = *take(&g->at, 1);
    const char *actions = take(&g->at, (steps + 3) / 4);
    uint64_t hash = 0xCBF29CE484222325u, expected;
    memcpy(&expected, take(&g->at, 8), 8);
    for (uint32_t t = 0; t < steps; t++) {
        rb_env_step step = {0};
        float seen[8];
        assert_int_equal(class->step(env, actions[t / 4] >> 2 * (t % 4) & 3, &step, NULL), RB_OK);
        assert_int_equal(step.terminated, t + 1 == steps && terminates);
        assert_false(step.truncated || step.life_lost);
        uint8_t terminated = step.terminated;
        state_of(env, state, g->numbers);
        class->observe(env, seen);
        hash = fnv(hash, state, bytes);
        hash = fnv(hash, seen, (size_t)spec.channels * sizeof(float));
        hash = fnv(hash, &step.reward, sizeof step.reward);
        hash = fnv(hash, &terminated, 1);
        if ((t + 1) % g->mark && t + 1 < steps) continue;
        double truth[4];
        memcpy(truth, take(&g->at, bytes), bytes);
        for (size_t i = 0; i < g->numbers; i++) assert_true(fabs(state[i] - truth[i]) <= 1e-12);
        set_state(env, truth, g->numbers);
    }
    g->exact += hash == expected;
    g->ended += terminates;
    g->full += steps == g->limit;
}

static inline golden replay_gymnasium(const char *path)
{
    char *file;
    size_t bytes;
    assert_int_equal(rb_file_read(path, &file, &bytes, NULL), RB_OK);
    golden g = {.at = file};
    assert_memory_equal(take(&g.at, 8), "RBCLASS1", 8);
    const uint32_t note = take_u32(&g.at);
    take(&g.at, note);
    assert_int_equal(take_u32(&g.at), 100);
    g.numbers = take_u32(&g.at);
    g.mark = take_u32(&g.at);
    rb_env *env = make(class->name, 1);
    g.limit = (uint32_t)spec_of(env).max_episode_steps;
    for (int i = 0; i < 100; i++) replay_episode(&g, env);
    assert_ptr_equal(g.at, file + bytes);
    class->destroy(env);
    free(file);
    return g;
}

#endif
