// Playing an environment so that everything it does can be compared: what the checks of check_env.c stand on.
//
// An *actor* is one instance, made as a training makes it, but driven by hand. A *play* is a list of actions
// and what came of each: reward, flags, and a hash of the observation. A game that ended is begun again
// within the same entry, whose hash then covers both the last observation and the first.
#ifndef RB_INSPECT_CHECK_PLAY_H
#define RB_INSPECT_CHECK_PLAY_H

#include "base/arena.h"
#include "config/params.h"
#include "env/vector.h"

typedef struct rb_actor {
    rb_vector *vector; // of one
    const rb_env_class *class;
    rb_env *env;
    rb_env_spec spec;
    uint8_t *frame, *other; // one frame each, with guards behind
    size_t frame_bytes;
    int64_t game_steps; // since the reset; the time limit is the caller's
} rb_actor;

// Makes an instance; the arena keeps its memory, rb_actor_close the rest.
rb_status rb_actor_open(rb_actor *actor, const rb_params *params, uint64_t seed, rb_arena *arena,
                        rb_error *error);
void rb_actor_close(rb_actor *actor); // a second time is fine
rb_status rb_actor_reset(rb_actor *actor, rb_error *error);

typedef struct rb_played { // one action, and what came of it
    double reward;
    uint64_t observation; // hash
    int32_t frames;
    uint8_t terminated, truncated, life_lost, limit;
    uint8_t unused[4]; // so that entries can be compared as bytes
} rb_played;

// One action; resets where the game ended, by itself or by its time limit.
rb_status rb_actor_play(rb_actor *actor, int action, rb_played *out, rb_error *error);
// `count` actions; on a failure the sentence says at which step.
rb_status rb_actor_play_all(rb_actor *actor, const int32_t *actions, int count, rb_played *out,
                            rb_error *error);
// The first entry that differs, in words: "step 12: reward 1 and 0". -1 and "" where none does.
int rb_played_differ(const rb_played *a, const rb_played *b, int count, char *words, size_t bytes);

uint64_t rb_actor_hash(rb_actor *actor); // the hash of the observation now

// What observe or render writes, judged by asking twice into memory filled with something else: values it
// leaves as they were, and bytes it writes behind the end. `value_bytes`: of one value.
typedef struct rb_fill {
    size_t unwritten, beyond, changing, not_finite; // values; bytes; values; values (floats)
} rb_fill;
rb_fill rb_actor_fill_frame(rb_actor *actor);
rb_fill rb_actor_fill_picture(rb_actor *actor, uint8_t *a, uint8_t *b); // [h][w][3] and the guard each
enum { RB_CHECK_GUARD = 256 };                                          // bytes behind what is written

typedef struct rb_state { // a saved one; zero it first
    char *data;
    size_t bytes, room, at;
    size_t most; // transfers fail beyond; 0: never
} rb_state;
rb_status rb_actor_save(rb_actor *actor, rb_state *state, rb_error *error);
rb_status rb_actor_load(rb_actor *actor, rb_state *state, rb_error *error);
void rb_state_free(rb_state *state);

#endif
