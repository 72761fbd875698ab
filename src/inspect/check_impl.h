// The inside of the checks, shared by check_env.c (their order and their lines), check_twin.c,
// check_states.c, check_concurrent.c and check_resets.c.
#ifndef RB_INSPECT_CHECK_IMPL_H
#define RB_INSPECT_CHECK_IMPL_H

#include "inspect/check_play.h"
#include "rainbow/check.h"

enum {
    RB_CHECK_STATES = 5,  // saved along the way
    RB_CHECK_AFTER = 120, // steps played on from each state
};

typedef struct rb_check_saved {
    int at; // steps played
    int64_t game_steps;
    uint64_t look;
    rb_state state, after; // the states at that step, and RB_CHECK_AFTER steps later
} rb_check_saved;

typedef struct rb_check {
    const rb_params *params;
    rb_check_result *out;
    rb_arena *arena;
    uint64_t seed;
    int steps;
    bool begins;              // the environment has begin and ready
    int32_t *actions;         // [steps]
    rb_played *first, *other; // [steps]
    double *times;            // [steps] seconds
    uint8_t *picture, *again; // pictures from render, with guards
    rb_fill frame_fill, mask_fill, picture_fill;
    rb_check_saved states[RB_CHECK_STATES];
    int state_count;
} rb_check;

// Adds a line to the result.
void rb_check_say(rb_check *c, rb_check_verdict verdict, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
// Records what is being done, to be named in the report if it never returns.
void rb_check_doing(rb_check *c, const char *what);
// "s", or nothing after a 1.
static inline const char *rb_check_plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

// The reference (check_twin.c): checks the environment's spec; plays all steps once, false if they can't be
// played.
void rb_check_describe(rb_check *c, const rb_actor *actor);
bool rb_check_first(rb_check *c, rb_actor *actor);
// Whether render filled its picture and stayed within bounds.
void rb_check_fill(rb_check *c, const char *what, const rb_fill *f, size_t values, const char *all_well);
// The twin: plays the same steps into c->other, `disturbed` by drawing, saving and begin; then compares,
// false if games can't be repeated.
rb_status rb_check_save(rb_check *c, rb_actor *actor, rb_state *to, rb_error *error);
rb_status rb_check_other(rb_check *c, rb_actor *actor, bool disturbed, rb_error *error);
bool rb_check_twin(rb_check *c, rb_status status, const rb_error *error);
// Compares the rest with the reference; each function adds its own lines.
void rb_check_states(rb_check *c, rb_actor *twin);
void rb_check_bad_states(rb_check *c);
void rb_check_concurrent(rb_check *c);
void rb_check_resets(rb_check *c, rb_actor *actor);

#endif
