// Replay: stores every frame once, and samples batches.
//
// There is one ring per stream (environment). A row holds the frame o_t and, after the agent acted on it, the
// action a_t, the reward r_t and how the step ended. The frame after a step is written into the next row at
// once, so the newest state is stored too. A truncated episode keeps its true last frame in a row that is
// never a start; a terminal episode needs no such row. Frames are stored uncompressed or compressed
// (packed.h). Stacks, n-step returns and discounts are computed at sampling time (batch.h; DESIGN.md,
// "Transition").
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
    int vector;       // floats behind each frame's picture; 0: none
    bool black_start; // fill the stack before an episode's first frame with zeros, not with that frame
    int streams;      // environments; they share the capacity evenly
    int n_step;       // the most that rb_replay_window may set; a step can be sampled once so many follow it
    double gamma;
    int batch;
    int masked_actions; // store a mask of this many actions with each frame; 0: no masks
    bool whole;         // so small that all rows are saved with the state, none in files of their own
} rb_replay_spec;

typedef struct rb_replay rb_replay;

bool rb_replay_can_compress(const rb_replay_spec *spec); // pictures, not compressed yet, and LZ4 is available
double rb_replay_bytes(const rb_replay_spec *spec);      // the memory that rb_replay_create takes
// RB_ERR_USAGE if the capacity is too small for the streams, the stack, n and the batch, or if floats are to
// be compressed; RB_ERR_MISSING if this program was built without LZ4; RB_ERR_MEMORY.
rb_status rb_replay_create(rb_replay **out, const rb_replay_spec *spec, rb_arena *arena, rb_error *error);

// Stores an episode's first frame. An episode that is still open is truncated at its newest frame (this
// happens if a run is resumed with an environment that cannot be saved).
void rb_replay_begin(rb_replay *replay, int stream, const void *frame);
// Stores the step taken from the newest frame and the frame it led to (needed also at a truncation; not read
// after a terminal).
void rb_replay_append(rb_replay *replay, int stream, int action, float reward, bool terminated,
                      bool truncated, const void *next_frame);

// Stores which actions are allowed at the frame that was stored last: [masked_actions], 1 or 0 for each.
// Without this call all of them are, also with NULL. Does nothing after a terminal, whose frame is not
// stored, or without masks.
void rb_replay_allow(rb_replay *replay, int stream, const uint8_t *allowed);

int64_t rb_replay_size(const rb_replay *replay);     // steps stored
int64_t rb_replay_capacity(const rb_replay *replay); // steps
int64_t rb_replay_starts(const rb_replay *replay);   // of these, the steps that can be sampled now
// Rows dropped early since the replay was made, because compressed frames took more space than planned: the
// capacity is not reached.
int64_t rb_replay_evicted_early(const rb_replay *replay);
// Bytes that the stored frames take now; for compressed frames without the free space around them. Looks at
// every row.
double rb_replay_frames_bytes(const rb_replay *replay);

// From now on, batches have returns of this many steps and with this gamma. At first those of the spec.
void rb_replay_window(rb_replay *replay, int steps, double gamma);
// Samples a batch, in time that grows with log(capacity). Returns false while there are fewer starts than
// samples in a batch. Uniform: distinct starts, weights of 1. Prioritised: one start in each of B equal
// segments of the sum, or B independent starts (replay.draws).
bool rb_replay_sample(rb_replay *replay, rb_rng *rng, double beta, rb_batch *batch);
// Updates the priorities from a batch. Ignored: a start overwritten since, the second occurrence of a start
// in the batch, a priority that is not finite. A priority below 0 counts as 0. Uniform: does nothing.
void rb_replay_update(rb_replay *replay, const rb_batch *batch);
// A batch of the right shape, owned by replay; its size may be lowered.
rb_batch *rb_replay_batch(rb_replay *replay);
// Memory for another batch of that shape, of the largest size: rb_replay_sample fills it too.
void rb_replay_take_batch(const rb_replay *replay, rb_batch *out, rb_arena *arena);
double rb_replay_beta(const rb_replay *replay, int64_t step); // linear from beta_start to beta_end
// For a copy of all frames elsewhere (replay.on_device): how many slots they take; a batch's slots name one
// more, whose frame is black.
int64_t rb_replay_slots(const rb_replay *replay);
// Copies up to `most` frames that are new since this was called last, and where they go, and returns how many
// these are; 0: the copy is as new as replay. sent: [streams], 0 at first, or after a load.
int rb_replay_fresh(const rb_replay *replay, uint64_t *sent, int most, int32_t *slots, void *frames);
size_t rb_replay_frame_bytes(const rb_replay *replay);
void rb_replay_visit(rb_replay *replay, rb_visitor *visitor); // filled rows only
// Visits rb_replay_batch, if a batch was sampled and its update is still to come: everything except what the
// agent writes.
void rb_replay_visit_batch(rb_replay *replay, rb_visitor *visitor);
// After loading: every stored action is one of `actions` and was allowed, and numbers are finite.
void rb_replay_check_loaded(const rb_replay *replay, rb_visitor *visitor, int actions);
// The same for a stream of a run, which waits for an action.
void rb_replay_check_waits(const rb_replay *replay, rb_visitor *visitor, int stream);
void rb_replay_check_batch(const rb_replay *replay, rb_visitor *visitor, int actions);

#endif
