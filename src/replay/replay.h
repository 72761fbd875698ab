// Replay: what was seen, each frame once, and batches drawn from it.
//
// One ring a stream (environment). A row holds the frame o_t, and once it was acted on the action a_t, the
// reward r_t and how the step ended. The frame after a step is written at once into the next row, so the
// newest state is there; a truncated episode keeps its true last frame in a row of its own that is never a
// start; a terminal one needs none. Stacks, n-step returns and discounts are made at sampling time (batch.h;
// DESIGN.md, "Transition").
#ifndef RB_REPLAY_REPLAY_H
#define RB_REPLAY_REPLAY_H

#include <stdbool.h>
#include "base/arena.h"
#include "base/rng.h"
#include "base/visit.h"
#include "config/params.h"
#include "replay/batch.h"

typedef struct rb_replay_spec {
    rb_replay_params params; // beta_steps resolved (never 0)
    rb_obs_kind kind;
    int channels, height, width, stack;
    bool black_start; // what is before an episode's first frame: zeros, or that frame again
    int streams;      // environments; the capacity is shared out evenly
    int n_step;
    double gamma;
    int batch;
} rb_replay_spec;

typedef struct rb_replay rb_replay;

double rb_replay_bytes(const rb_replay_spec *spec); // that rb_replay_create will take
rb_status rb_replay_create(rb_replay **out, const rb_replay_spec *spec, rb_arena *arena, rb_error *error);

void rb_replay_begin(rb_replay *replay, int stream, const void *frame); // an episode's first frame
// The step taken from the newest frame, and the frame it led to (needed also at a truncation; not read after
// a terminal).
void rb_replay_append(rb_replay *replay, int stream, int action, float reward, bool terminated,
                      bool truncated, const void *next_frame);

int64_t rb_replay_size(const rb_replay *replay);   // steps stored
int64_t rb_replay_starts(const rb_replay *replay); // of them, those that can be drawn now
bool rb_replay_sample(rb_replay *replay, rb_rng *rng, double beta,
                      rb_batch *batch);                          // false while fewer starts than a batch
void rb_replay_update(rb_replay *replay, const rb_batch *batch); // takes the priorities back
rb_batch *rb_replay_batch(rb_replay *replay);                    // a batch of the right shape, replay's own
double rb_replay_beta(const rb_replay *replay, int64_t step);
void rb_replay_visit(rb_replay *replay, rb_visitor *visitor);

#endif
