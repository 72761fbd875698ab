// Playing an environment so that everything it does can be compared: the basis of the checks in check_env.c.
//
// An *actor* is one instance, made as in training but stepped by hand. A *play* is a list of actions and the
// outcome of each: reward, flags, and a hash of the observation. If the environment reports masks, an action
// in the list selects one of those that are allowed, and the hash covers the mask too. When a game ends, a
// new one begins within the same entry, whose hash then covers both the last observation and the first.
#ifndef RB_INSPECT_CHECK_PLAY_H
#define RB_INSPECT_CHECK_PLAY_H

#include "base/arena.h"
#include "config/params.h"
#include "env/vector.h"

typedef struct rb_actor {
    rb_vector *vector; // with one environment
    const rb_env_class *class;
    rb_env *env;
    rb_env_spec spec;
    uint8_t *frame, *other;     // one frame each, followed by a guard
    uint8_t *mask, *mask_other; // one mask each, followed by a guard; NULL without masks
    int64_t masks, allowed;     // masks seen, and the sum of the actions they allowed
    size_t frame_bytes;
    int64_t game_steps; // since the reset; the caller applies the time limit
    bool begins;        // play begins each step and waits until it is ready, if the class has begin
} rb_actor;

// Makes an instance; the arena keeps its memory, rb_actor_close frees the rest.
rb_status rb_actor_open(rb_actor *actor, const rb_params *params, uint64_t seed, rb_arena *arena,
                        rb_error *error);
void rb_actor_close(rb_actor *actor); // may be called twice
rb_status rb_actor_reset(rb_actor *actor, rb_error *error);

typedef struct rb_played { // one action and its outcome
    double reward;
    uint64_t observation;   // hash
    int32_t frames, action; // action: the one taken
    uint8_t terminated, truncated, life_lost, limit;
    uint8_t unused[4]; // explicit padding, so that entries can be compared as bytes
} rb_played;

// Plays one action; resets if the game ended, by itself or by its time limit.
rb_status rb_actor_play(rb_actor *actor, int action, rb_played *out, rb_error *error);
// Plays `count` actions; an error names the step.
rb_status rb_actor_play_all(rb_actor *actor, const int32_t *actions, int count, rb_played *out,
                            rb_error *error);
// The first entry that differs, in words: "step 12: reward 1 and 0". -1 and "" if none differs.
int rb_played_differ(const rb_played *a, const rb_played *b, int count, char *words, size_t bytes);

uint64_t rb_actor_hash(rb_actor *actor); // hash of the current observation

// Checks what observe or render writes by asking twice, into memory filled with different bytes: counts
// values left unwritten, and bytes written beyond the end. `value_bytes`: size of one value.
typedef struct rb_fill {
    size_t unwritten, beyond, changing, not_finite; // values; bytes; values; values (floats)
} rb_fill;
rb_fill rb_actor_fill_frame(rb_actor *actor);
rb_fill rb_actor_fill_mask(rb_actor *actor);
rb_fill rb_actor_fill_picture(rb_actor *actor, uint8_t *a, uint8_t *b); // [h][w][3] each, followed by a guard
enum { RB_CHECK_GUARD = 256 };                                          // bytes after the end of the output

typedef struct rb_state { // a saved state; set it to zero first
    char *data;
    size_t bytes, room, at;
    size_t most; // transfers beyond this size fail; 0: no limit
} rb_state;
rb_status rb_actor_save(rb_actor *actor, rb_state *state, rb_error *error);
rb_status rb_actor_load(rb_actor *actor, rb_state *state, rb_error *error);
void rb_state_free(rb_state *state);

#endif
