// Action repeat and sticky actions for any environment: compared with the inner environment stepped by hand,
// and with a recorder that keeps every action it gets.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "env/gym.h"
#include "env/registry.h"
#include "env/repeat.h"
#include "env/vector.h"

// ---- a recorder ----

enum { MOST = 20000, LENGTH = 50 }; // recorded steps; steps per game

typedef struct recorder {
    int actions[MOST], count, step, begun;
    bool begins; // has begin and ready
} recorder;

static rb_status recorder_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    (void)seed, (void)error;
    recorder *r = (recorder *)options; // one instance, which the test can look into
    r->begun = -1;
    *out = (rb_env *)r;
    return RB_OK;
}
static void recorder_destroy(rb_env *env)
{
    (void)env;
}
static void recorder_spec(const rb_env *env, rb_env_spec *out)
{
    (void)env;
    *out = (rb_env_spec){.kind = RB_OBS_U8,
                         .channels = 1,
                         .height = 1,
                         .width = 1,
                         .stack = 1,
                         .actions = 1000,
                         .frames_per_step = 2,
                         .max_episode_steps = 30};
}
static rb_status recorder_reset(rb_env *env, rb_error *error)
{
    (void)error;
    ((recorder *)env)->step = 0;
    return RB_OK;
}
static rb_status recorder_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    recorder *r = (recorder *)env;
    if (r->begun >= 0) assert_int_equal(r->begun, action);
    r->begun = -1;
    assert_true(r->count < MOST);
    r->actions[r->count++] = action;
    r->step++;
    out->reward = r->step;
    out->life_lost = r->step == 6;
    out->terminated = r->step == LENGTH;
    out->frames = r->step == 2 ? 5 : 0;
    return RB_OK;
}
static void recorder_observe(const rb_env *env, void *frame)
{
    *(uint8_t *)frame = (uint8_t)((const recorder *)env)->step;
}
static void recorder_begin(rb_env *env, int action)
{
    ((recorder *)env)->begun = action;
}
static const rb_env_class recorder_class = {
    .abi = RB_ENV_ABI,
    .name = "recorder",
    .create = recorder_create,
    .destroy = recorder_destroy,
    .spec = recorder_spec,
    .reset = recorder_reset,
    .step = recorder_step,
    .observe = recorder_observe,
    .begin = recorder_begin,
};

typedef struct held { // an environment of held decisions
    rb_env_class class;
    rb_env *env;
} held;

static held held_open(const rb_env_class *inner, const void *options, int skip, double sticky, bool limited,
                      uint64_t seed)
{
    held h = {.class = rb_repeat_class(inner)};
    rb_repeat_options how = {inner, options, skip, sticky, limited, true};
    rb_error error = {0};
    if (h.class.create(&h.env, &how, seed, &error)) fail_msg("%s", error.message);
    return h;
}

static rb_env_step held_step(const held *h, int action)
{
    rb_env_step out = {0};
    assert_int_equal(h->class.step(h->env, action, &out, NULL), RB_OK);
    return out;
}

// ---- frame skip ----

static void rewards_frames_and_lost_lives_are_summed(void **state)
{
    (void)state;
    static recorder r;
    r = (recorder){0};
    held h = held_open(&recorder_class, &r, 4, 0, false, 1);
    rb_env_spec spec = {0};
    h.class.spec(h.env, &spec);
    assert_int_equal(spec.frames_per_step, 8);
    assert_int_equal(spec.max_episode_steps, 8); // 30 inner steps
    assert_null(h.class.save);
    assert_null(h.class.render);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    rb_env_step first = held_step(&h, 7);
    assert_true(rb_repeat_frames.signs(h.env) == 4);
    rb_env_step second = held_step(&h, 8);
    assert_true(first.reward == 1 + 2 + 3 + 4 && second.reward == 5 + 6 + 7 + 8);
    assert_int_equal(first.frames, 2 + 5 + 2 + 2);
    assert_int_equal(second.frames, 8);
    assert_false(first.life_lost);
    assert_true(second.life_lost); // in the middle of it
    uint8_t seen;
    h.class.observe(h.env, &seen);
    assert_int_equal(seen, 8);
    for (int i = 2; i < 12; i++) assert_false(held_step(&h, i).terminated);
    rb_env_step last = held_step(&h, 12); // 2 of 4 steps
    assert_true(last.terminated && !last.truncated && last.reward == 49 + 50);
    assert_true(rb_repeat_frames.signs(h.env) == 2);
    for (int i = 0; i < 8; i++) assert_int_equal(r.actions[i], i < 4 ? 7 : 8);
    assert_int_equal(r.count, LENGTH);
    h.class.destroy(h.env);
}

static void the_inner_limit_counts_inner_steps(void **state)
{
    (void)state;
    static recorder r;
    r = (recorder){0};
    held h = held_open(&recorder_class, &r, 4, 0, true, 1);
    for (int game = 0; game < 2; game++) {
        assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
        for (int i = 0; i < 7; i++) assert_false(held_step(&h, 0).truncated);
        rb_env_step last = held_step(&h, 0);
        assert_true(last.truncated && !last.terminated);
        assert_int_equal(last.frames, 4); // two steps: 28 to 30
    }
    h.class.destroy(h.env);
}

// Compared with CartPole stepped by hand.
static void a_held_cartpole_is_cartpole_stepped_several_times(void **state)
{
    (void)state;
    const rb_env_class *class = &rb_cartpole_class;
    rb_env_options options = {.settings.name = "cartpole"};
    held h = held_open(class, &options, 3, 0, true, 5);
    rb_env *bare;
    assert_int_equal(class->create(&bare, &options, 5, NULL), RB_OK);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    assert_int_equal(class->reset(bare, NULL), RB_OK);
    int games = 0;
    for (int i = 0; i < 500; i++) {
        int action = (i * i + i / 3) % 2;
        rb_env_step by_hand = {0};
        double reward = 0;
        for (int k = 0; k < 3 && !by_hand.terminated; k++) {
            by_hand = (rb_env_step){0};
            assert_int_equal(class->step(bare, action, &by_hand, NULL), RB_OK);
            reward += by_hand.reward;
        }
        rb_env_step out = held_step(&h, action);
        float seen[4], there[4];
        h.class.observe(h.env, seen);
        class->observe(bare, there);
        assert_memory_equal(seen, there, sizeof seen);
        assert_true(out.reward == reward);
        assert_int_equal(out.terminated, by_hand.terminated);
        if (!out.terminated) continue;
        games++;
        assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
        assert_int_equal(class->reset(bare, NULL), RB_OK);
    }
    assert_true(games > 5);
    h.class.destroy(h.env);
    class->destroy(bare);
}

// ---- sticky actions ----

// The share of inner steps that repeated the previous action, among those that could: never a game's first.
static double share_held(double sticky, int skip, bool begun)
{
    static recorder r;
    r = (recorder){0};
    held h = held_open(&recorder_class, &r, skip, sticky, false, 3);
    int decision = 0, sticks = 0, could = 0;
    while (r.count + LENGTH < MOST) {
        assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
        bool over = false;
        while (!over) {
            int before = r.count, action = decision++ % 1000; // never the same twice in a row
            if (begun) h.class.begin(h.env, action);
            over = held_step(&h, action).terminated;
            for (int k = before; k < r.count; k++) {
                int first_of_game = k % LENGTH == 0, previous = k ? r.actions[k - 1] : -1;
                if (first_of_game) assert_int_equal(r.actions[k], action);
                assert_true(r.actions[k] == action || r.actions[k] == previous);
                if (first_of_game || previous == action) continue;
                could++;
                sticks += r.actions[k] == previous;
            }
        }
    }
    h.class.destroy(h.env);
    return could ? (double)sticks / could : -1;
}

static void sticky_actions_have_their_chance_in_every_inner_step(void **state)
{
    (void)state;
    assert_true(share_held(0, 1, false) == 0);
    assert_true(share_held(1, 4, false) == 1);
    for (int skip = 1; skip <= 4; skip += 3) {
        double share = share_held(0.25, skip, false);
        assert_true(share > 0.23 && share < 0.27);          // sigma is at most 0.006
        assert_true(share_held(0.25, skip, true) == share); // with or without begin: the same random numbers
    }
}

// ---- state ----

typedef struct memory {
    uint8_t bytes[4096];
    size_t used, at;
} memory;

static bool memory_write(rb_env_stream *stream, void *data, size_t bytes)
{
    memory *m = stream->context;
    assert_true(m->used + bytes <= sizeof m->bytes);
    memcpy(m->bytes + m->used, data, bytes);
    m->used += bytes;
    return true;
}
static bool memory_read(rb_env_stream *stream, void *data, size_t bytes)
{
    memory *m = stream->context;
    if (m->at + bytes > m->used) return false;
    memcpy(data, m->bytes + m->at, bytes);
    m->at += bytes;
    return true;
}

static double played(const held *h, int steps) // a number that depends on the games' course
{
    double sum = 0;
    for (int i = 0; i < steps; i++) {
        rb_env_step out = held_step(h, (i / 2) % 2);
        float seen[4];
        h->class.observe(h->env, seen);
        sum = 0.9 * sum + seen[0] + 3 * seen[2] + out.frames;
        if (out.terminated || out.truncated) assert_int_equal(h->class.reset(h->env, NULL), RB_OK);
    }
    return sum;
}

static void a_saved_game_goes_on_exactly(void **state)
{
    (void)state;
    rb_env_options options = {.settings.name = "cartpole"};
    held h = held_open(&rb_cartpole_class, &options, 2, 0.3, true, 5),
         other = held_open(&rb_cartpole_class, &options, 2, 0.3, true, 6);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    assert_int_equal(other.class.reset(other.env, NULL), RB_OK);
    for (int before = 1; before < 60; before += 9) {
        static memory m;
        m = (memory){0};
        rb_env_stream out = {memory_write, &m}, in = {memory_read, &m};
        rb_error error = {0};
        played(&h, before);
        assert_int_equal(h.class.save(h.env, &out, &error), RB_OK);
        double truth = played(&h, 100);
        assert_int_equal(other.class.load(other.env, &in, &error), RB_OK);
        assert_int_equal(m.at, m.used);
        assert_true(played(&other, 100) == truth);
        for (m.used--; m.used > 0; m.used /= 2) {
            m.at = 0;
            assert_int_equal(other.class.load(other.env, &in, &error), RB_ERR_FORMAT);
        }
        m.at = 0;
    }
    h.class.destroy(h.env);
    other.class.destroy(other.env);
}

// ---- in a vector ----

static rb_status vector_status(const rb_vector_spec *spec, const rb_env_class *class, const void *options,
                               rb_env_spec *seen, rb_error *error)
{
    rb_arena *arena;
    rb_vector *vector = NULL;
    assert_int_equal(rb_arena_create(&arena, NULL), RB_OK);
    rb_status status = rb_vector_create_with_class(&vector, spec, class, options, arena, error);
    if (!status) *seen = *rb_vector_env_spec(vector);
    rb_vector_destroy(vector);
    rb_arena_destroy(arena);
    return status;
}

static void the_vector_holds_decisions_where_it_is_asked_to(void **state)
{
    (void)state;
    rb_vector_spec spec = {.seed = 5, .purpose = RB_RNG_ENV, .count = 2};
    rb_env_options options = {.settings.name = "cartpole"};
    rb_env_spec seen = {0};
    rb_error error = {0};
    assert_int_equal(vector_status(&spec, &rb_cartpole_class, &options, &seen, &error), RB_OK);
    assert_int_equal(seen.frames_per_step, 1);
    spec.settings.env.frame_skip = 3;
    assert_int_equal(vector_status(&spec, &rb_cartpole_class, &options, &seen, &error), RB_OK);
    assert_int_equal(seen.frames_per_step, 3);
    assert_int_equal(seen.max_episode_steps, 167);
}

static void what_has_such_rules_of_its_own_is_told(void **state)
{
    (void)state;
    static const struct {
        const rb_env_class *class;
        int skip;
        double sticky;
        const char *sentence;
    } cases[] = {
        {&rb_atari_class, 2, 0,
         "env.frame_skip = 2: Atari games have their own setting for this: use atari.frame_skip"},
        {&rb_atari_class, 1, 0.5,
         "env.sticky = 0.5: Atari games have their own setting for this: use atari.sticky"},
        {&rb_minatar_class, 1, 0.1,
         "env.sticky = 0.1: MinAtar games have their own setting for this: use minatar.sticky"},
        {&rb_gym_class, 3, 0,
         "env.frame_skip = 3: Gymnasium environments under gym.pictures = atari have their own setting for "
         "this: use "
         "atari.frame_skip"},
        {&rb_minatar_class, 2, 0, NULL},
        {&rb_gym_class, 1, 0.5, NULL},
        {&rb_cartpole_class, 2, 0.5, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rb_error error = {0};
        rb_env_params params = {.frame_skip = cases[i].skip, .sticky = cases[i].sticky};
        rb_status status = rb_repeat_check(&params, cases[i].class, true, &error);
        assert_int_equal(status, cases[i].sentence ? RB_ERR_USAGE : RB_OK);
        if (cases[i].sentence) assert_string_equal(error.message, cases[i].sentence);
    }
    rb_env_params params = {.frame_skip = 3};
    assert_int_equal(rb_repeat_check(&params, &rb_gym_class, false, NULL), RB_OK); // pictures as they are

    rb_vector_spec spec = {.seed = 5, .purpose = RB_RNG_ENV, .count = 1, .settings.env = {.frame_skip = 2}};
    rb_env_options options = {.settings.name = "atari/breakout"};
    rb_env_spec seen;
    rb_error error = {0};
    assert_int_equal(vector_status(&spec, &rb_atari_class, &options, &seen, &error), RB_ERR_USAGE);
    assert_string_equal(error.message, cases[0].sentence);
}

// ---- masks ----

// A recorder whose mask forbids action 7 from inner step `forbidden_from` on.
static int forbidden_from;
static void recorder_mask(const rb_env *env, uint8_t *allowed)
{
    memset(allowed, 1, 1000);
    allowed[7] = ((const recorder *)env)->step < forbidden_from;
}
static void masked_recorder_spec(const rb_env *env, rb_env_spec *out)
{
    recorder_spec(env, out);
    out->masks = true;
}

// With masks a decision may be one inner step, so decisions can't count the environment's own limit of 30:
// the wrapper does.
static void a_limit_with_masks_counts_inner_steps(void **state)
{
    (void)state;
    static recorder r;
    rb_env_class class = recorder_class;
    class.mask = recorder_mask;
    class.spec = masked_recorder_spec;
    r = (recorder){0};
    forbidden_from = 1;
    held h = held_open(&class, &r, 4, 0, true, 1);
    rb_env_spec spec = {0};
    h.class.spec(h.env, &spec);
    assert_int_equal(spec.max_episode_steps, 0);
    assert_true(spec.ends);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    for (int i = 0; i < 29; i++) assert_false(held_step(&h, 7).truncated); // one inner step each
    assert_true(held_step(&h, 7).truncated);
    h.class.destroy(h.env);
}

// A forbidden action is neither held nor sticky; the draws are those of an environment without masks.
static void a_forbidden_action_is_not_repeated(void **state)
{
    (void)state;
    static recorder r, other;
    rb_env_class class = recorder_class;
    class.mask = recorder_mask;
    class.spec = masked_recorder_spec;
    r = (recorder){0};
    forbidden_from = 6;
    held h = held_open(&class, &r, 4, 0, false, 1);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    uint8_t allowed[1000];
    h.class.mask(h.env, allowed);
    assert_int_equal(allowed[7], 1);
    assert_true(held_step(&h, 7).reward == 1 + 2 + 3 + 4);
    assert_true(held_step(&h, 7).reward == 5 + 6); // forbidden after the 6th
    h.class.mask(h.env, allowed);
    assert_int_equal(allowed[7], 0);
    assert_true(held_step(&h, 8).reward == 7 + 8 + 9 + 10);
    h.class.destroy(h.env);

    r = other = (recorder){0};
    h = held_open(&class, &r, 1, 0.5, false, 5);
    held plain = held_open(&recorder_class, &other, 1, 0.5, false, 5);
    assert_int_equal(h.class.reset(h.env, NULL), RB_OK);
    assert_int_equal(plain.class.reset(plain.env, NULL), RB_OK);
    int sticky = 0, refused = 0;
    for (int i = 0; i < LENGTH; i++) {
        const int action = i < 6 ? 7 : 8 + i % 3;
        held_step(&h, action), held_step(&plain, action);
        if (i >= 6) assert_true(r.actions[i] != 7);
        sticky += i >= 6 && other.actions[i] != action && other.actions[i] != 7;
        refused += i >= 6 && other.actions[i] == 7;
        if (i >= 6 && other.actions[i] != 7) assert_int_equal(r.actions[i], other.actions[i]);
    }
    assert_true(sticky > 5 && refused > 0);
    h.class.destroy(h.env);
    plain.class.destroy(plain.env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewards_frames_and_lost_lives_are_summed),
        cmocka_unit_test(a_forbidden_action_is_not_repeated),
        cmocka_unit_test(a_limit_with_masks_counts_inner_steps),
        cmocka_unit_test(the_inner_limit_counts_inner_steps),
        cmocka_unit_test(a_held_cartpole_is_cartpole_stepped_several_times),
        cmocka_unit_test(sticky_actions_have_their_chance_in_every_inner_step),
        cmocka_unit_test(a_saved_game_goes_on_exactly),
        cmocka_unit_test(the_vector_holds_decisions_where_it_is_asked_to),
        cmocka_unit_test(what_has_such_rules_of_its_own_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
