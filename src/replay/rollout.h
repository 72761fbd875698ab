// A rollout: the newest steps of replay, learned from once and then discarded (PQN, Gallici et al. 2024).
//
// Replay stores the steps as always, in rings that are just large enough. A rollout is the rows of each
// stream since the last one was closed. Closing it computes the lambda-return of each step, from the end
// backwards,
//
//     G_t = r_t + gamma ((1 - lambda) V(s_{t+1}) + lambda G_{t+1}),    V(s) = max_a Q(s, a), a allowed in s
//
// with G_t = r_t at a terminal, and G_t = r_t + gamma V(s_{t+1}) at the rollout's last step and at the last
// step of a truncated episode, whose true last state is s_{t+1}. Then each epoch shuffles the steps and
// divides them into minibatches, which are ordinary batches (batch.h) with a discount of 0: the return is the
// target.
//
//     stream 0    ... |  s a r  s a r  s a r  s a r | s          the last state waits for an action, or has
//     stream 1    ... |  s a r  s a r  s  s a r     | s          just acted; its V ends the recursion
//                     from         truncated        head
//
// V of most states is known from acting, since the weights do not change while a rollout is played. A value
// that is missing (after a resume, and of the last states of truncated episodes) is asked for when the
// rollout is closed: the same network gives the same value, bit for bit. So values are not part of the saved
// state.
#ifndef RB_REPLAY_ROLLOUT_H
#define RB_REPLAY_ROLLOUT_H

#include "replay/replay.h"

typedef struct rb_rollout_spec {
    int streams;
    int steps;       // T: of each stream in one rollout
    int minibatches; // of one epoch
    int epochs;
    double gamma, lambda;
} rb_rollout_spec;

typedef struct rb_rollout rb_rollout;

int64_t rb_rollout_capacity(const rb_rollout_spec *spec, int stack); // of the replay that it needs, in steps
int rb_rollout_batch(const rb_rollout_spec *spec);                   // the largest minibatch
double rb_rollout_bytes(const rb_rollout_spec *spec, int stack);
rb_status rb_rollout_create(rb_rollout **out, const rb_rollout_spec *spec, rb_replay *replay, rb_arena *arena,
                            rb_error *error);

const rb_rollout_spec *rb_rollout_spec_of(const rb_rollout *rollout);

// Notes V of a stream's newest state. The weights must be those with which its rollout is closed.
void rb_rollout_note(rb_rollout *rollout, int stream, float value);
// Whether a stream can make another step without overwriting one of this rollout: always, if the streams go
// side by side.
bool rb_rollout_has_room(const rb_rollout *rollout, int stream);

// Closing: first the states whose value is missing are asked for, a few at a time, until there are none, then
// the returns are computed and the first epoch begins.
//
//     while ((count = rb_rollout_missing(rollout, states, masks, most)))    V of `states` -> values
//         rb_rollout_supply(rollout, values);
//     rb_rollout_close(rollout, rng);
//
// states: [most][planes][H][W]; masks [most][A], not written if the replay has none.
int rb_rollout_missing(rb_rollout *rollout, void *states, uint8_t *masks, int most);
void rb_rollout_supply(rb_rollout *rollout, const float *values); // for the states of the last call
void rb_rollout_close(rb_rollout *rollout, rb_rng *rng);
void rb_rollout_discard(rb_rollout *rollout); // begins the next one without learning from this one

int64_t rb_rollout_left(const rb_rollout *rollout); // minibatches still to be learned from, 0: none is closed
// Fills a batch with the next minibatch, or with the one `ahead` after it; false: that is of another epoch,
// whose order is not drawn yet.
bool rb_rollout_gather(rb_rollout *rollout, rb_batch *batch, int ahead);
void rb_rollout_learned(rb_rollout *rollout, rb_rng *rng); // the minibatch is done; may begin an epoch

// After replay's own visit. The values that are known are forgotten on loading.
void rb_rollout_visit(rb_rollout *rollout, rb_visitor *visitor);

#endif
