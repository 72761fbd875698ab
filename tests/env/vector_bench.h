// A vector of scripted environments for its tests, and its expected results: a direct calculation from the
// script of every game.
#ifndef RB_TESTS_VECTOR_BENCH_H
#define RB_TESTS_VECTOR_BENCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "env/scripted_env.h"
#include "env/vector.h"

enum { FRAME = 4, MOST = 16 };

typedef struct bench { // a vector with its pool and memory
    rb_arena *arena;
    rb_pool *pool;
    rb_vector *vector;
    script script;
    int32_t actions[MOST];
} bench;

static inline rb_vector_spec spec_of(int count)
{
    return (rb_vector_spec){.seed = 5, .purpose = RB_RNG_ENV, .count = count};
}

static inline void bench_open(bench *b, const rb_vector_spec *spec, const rb_env_class *class, int threads)
{
    assert_int_equal(rb_arena_create(&b->arena, NULL), RB_OK);
    assert_int_equal(rb_pool_create(&b->pool, threads, NULL), RB_OK);
    assert_int_equal(rb_vector_create_with_class(&b->vector, spec, class,
                                                 class == &scripted_class ? &b->script : NULL, b->arena,
                                                 NULL),
                     RB_OK);
    assert_int_equal(rb_vector_reset(b->vector, NULL), RB_OK);
}

static inline void bench_close(bench *b)
{
    rb_vector_destroy(b->vector);
    rb_pool_destroy(b->pool);
    rb_arena_destroy(b->arena);
    assert_int_equal(b->script.alive, 0);
}

static inline void bench_step(bench *b)
{
    rb_vector_start(b->vector, b->pool, b->actions);
    assert_int_equal(rb_vector_wait(b->vector, b->pool, NULL), RB_OK);
}

static inline uint64_t bench_hash(bench *b)
{
    rb_visitor *v;
    uint64_t hash = 0;
    assert_int_equal(rb_visitor_hash(&v, NULL), RB_OK);
    rb_vector_visit(b->vector, v);
    assert_int_equal(rb_visitor_finish(v, &hash, NULL), RB_OK);
    return hash;
}

// The expected results: one environment played by its script, its stack rebuilt from the list of the
// episode's frames.
typedef struct twin {
    int id, game, step, episode_frames;
    uint8_t frames[64][FRAME]; // the learner's episode
    double game_return;
} twin;

static inline void twin_frame(twin *t)
{
    scripted_frame(t->frames[t->episode_frames++], t->id, t->game, t->step);
}

static inline void twin_begin(twin *t)
{
    t->game++;
    t->step = t->episode_frames = 0;
    t->game_return = 0;
    twin_frame(t);
}

static inline void check_stack(const twin *t, const uint8_t *stack, int depth, bool black)
{
    for (int k = 0; k < depth; k++) {
        static const uint8_t zeros[FRAME];
        int at = t->episode_frames - depth + k;
        const uint8_t *expected = at >= 0 ? t->frames[at] : black ? zeros : t->frames[0];
        assert_memory_equal(stack + k * FRAME, expected, FRAME);
    }
}

static inline void check_step(twin *t, const bench *b, int i, int64_t limit, bool life_ends, bool sign)
{
    rb_vector_result r = rb_vector_results(b->vector)[i];
    t->step++;
    double reward = scripted_reward(t->id, t->step);
    t->game_return += reward;
    bool end = t->step == scripted_length(t->id, t->game), cut = limit && t->step == limit;
    bool life = life_ends && scripted_life_lost(t->id, t->game, t->step);
    bool terminated = life || (end && !scripted_truncates(t->id, t->game));
    assert_true(r.reward == reward && r.frames == 4);
    assert_true(r.learner_reward == (sign ? (float)((reward > 0) - (reward < 0)) : (float)reward));
    assert_int_equal(r.terminated, terminated);
    assert_int_equal(r.truncated, !terminated && (end || cut));
    assert_int_equal(r.game_over, end || cut);
    assert_true(r.game_return == t->game_return && r.game_steps == t->step);
    twin_frame(t);
    assert_memory_equal(rb_vector_next_frame(b->vector, i), t->frames[t->episode_frames - 1], FRAME);
    if (r.game_over) {
        twin_begin(t);
    } else if (r.terminated) {
        t->episode_frames = 0;
        twin_frame(t);
    }
    if (r.terminated || r.truncated)
        assert_memory_equal(rb_vector_first_frame(b->vector, i), t->frames[0], FRAME);
}

#endif
