// Replay: what was seen, each frame once, and batches drawn from it.
//
// One ring a stream (environment). A row holds the frame o_t, and once it was acted on the action a_t, the
// reward r_t and how the step ended. The frame after a step is written at once into the next row, so the
// newest state is there; a truncated episode keeps its true last frame in a row of its own that is never a
// start; a terminal one needs none. Frames are kept as they are or compressed (packed.h). Stacks, n-step
// returns and discounts are made at sampling time (batch.h; DESIGN.md, "Transition").
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

bool rb_replay_can_compress(const rb_replay_spec *spec); // pictures, plain so far, and LZ4 is there
double rb_replay_bytes(const rb_replay_spec *spec);      // that rb_replay_create will take
// RB_ERR_USAGE when the capacity is too small for the streams, the stack, n and the batch, or when floats are
// to be compressed; RB_ERR_MISSING when this program was built without LZ4; RB_ERR_MEMORY.
rb_status rb_replay_create(rb_replay **out, const rb_replay_spec *spec, rb_arena *arena, rb_error *error);

// An episode's first frame. An episode that is still open is cut here: its steps count as truncated at its
// newest frame (an environment that can't be saved does so when its run goes on).
void rb_replay_begin(rb_replay *replay, int stream, const void *frame);
// The step taken from the newest frame, and the frame it led to (needed also at a truncation; not read after
// a terminal).
void rb_replay_append(rb_replay *replay, int stream, int action, float reward, bool terminated,
                      bool truncated, const void *next_frame);

int64_t rb_replay_size(const rb_replay *replay);   // steps stored
int64_t rb_replay_starts(const rb_replay *replay); // of them, those that can be drawn now
// Rows that went before their time, since the replay was made, because compressed frames took more than was
// planned: the capacity is not reached.
int64_t rb_replay_evicted_early(const rb_replay *replay);
// Bytes that the frames in it take now, packed ones without what lies free around them. Looks at every row.
double rb_replay_frames_bytes(const rb_replay *replay);

// Fills a batch, in time that grows with log(capacity); false while there are fewer starts than a batch.
// Uniform: different starts, weights of 1. Prioritised: one start in each of B equal stretches of the sum.
bool rb_replay_sample(rb_replay *replay, rb_rng *rng, double beta, rb_batch *batch);
// Takes the priorities back. Left alone: a start overwritten since, one that is in the batch twice (the first
// counts), a priority that is not finite. One below 0 counts as 0. Uniform: nothing to do.
void rb_replay_update(rb_replay *replay, const rb_batch *batch);
// A batch of the right shape, replay's own; its size may be lowered.
rb_batch *rb_replay_batch(rb_replay *replay);
double rb_replay_beta(const rb_replay *replay, int64_t step); // linear from beta_start to beta_end
void rb_replay_visit(rb_replay *replay, rb_visitor *visitor); // filled rows only
// Of rb_replay_batch, where one was drawn and its update is still to come: all but what the agent writes.
void rb_replay_visit_batch(rb_replay *replay, rb_visitor *visitor);

#endif
