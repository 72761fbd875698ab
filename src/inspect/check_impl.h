// The checks from the inside: what check_env.c (the order of them and their lines), check_twin.c,
// check_states.c, check_concurrent.c and check_resets.c share.
#ifndef RB_INSPECT_CHECK_IMPL_H
#define RB_INSPECT_CHECK_IMPL_H

#include "inspect/check_play.h"
#include "rainbow/check.h"

enum {
    RB_CHECK_STATES = 5,  // saved on the way
    RB_CHECK_AFTER = 120, // steps played on from each
};

typedef struct rb_check_saved {
    int at; // steps played
    int64_t game_steps;
    uint64_t look;
    rb_state state, after; // then, and RB_CHECK_AFTER steps later
} rb_check_saved;

typedef struct rb_check {
    const rb_params *params;
    rb_check_result *out;
    rb_arena *arena;
    uint64_t seed;
    int steps;
    int32_t *actions;         // [steps]
    rb_played *first, *other; // [steps]
    double *times;            // [steps] seconds
    uint8_t *picture, *again; // render's, with guards
    rb_fill frame_fill, picture_fill;
    rb_check_saved states[RB_CHECK_STATES];
    int state_count;
} rb_check;

// A line of the result.
void rb_check_say(rb_check *c, rb_check_verdict verdict, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// What is being done, for whoever has to tell that it never came back.
void rb_check_doing(rb_check *c, const char *what);
// "s", or nothing after a 1.
static inline const char *rb_check_plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

// The reference (check_twin.c): what the environment says of itself; all steps once, false where they can't
// be played.
void rb_check_describe(rb_check *c, const rb_actor *actor);
bool rb_check_first(rb_check *c, rb_actor *actor);
// Whether render's picture was filled, and stayed inside its bounds.
void rb_check_fill(rb_check *c, const char *what, const rb_fill *f, size_t values, const char *all_well);
// The twin: the same steps into c->other, `disturbed` by drawing and saving; then the judgement, false where
// games can't be repeated.
rb_status rb_check_save(rb_check *c, rb_actor *actor, rb_state *to, rb_error *error);
rb_status rb_check_other(rb_check *c, rb_actor *actor, bool disturbed, rb_error *error);
bool rb_check_twin(rb_check *c, rb_status status, const rb_error *error);
// What is held against the reference after that, each with its lines.
void rb_check_states(rb_check *c, rb_actor *twin);
void rb_check_bad_states(rb_check *c);
void rb_check_concurrent(rb_check *c);
void rb_check_resets(rb_check *c, rb_actor *actor);

#endif
