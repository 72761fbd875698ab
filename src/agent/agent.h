// The agent: acts on observations, learns from batches. Every part of Rainbow is a switch (config/params.def:
// agent, net, explore, optim).
#ifndef RB_AGENT_AGENT_H
#define RB_AGENT_AGENT_H

#include "base/arena.h"
#include "base/rng.h"
#include "base/visit.h"
#include "compute/compute.h"
#include "config/params.h"
#include "nn/net.h"
#include "replay/batch.h"

typedef struct rb_device rb_device; // agent/device.h

typedef struct rb_agent_spec {
    rb_agent_params agent;
    rb_net_params net;
    rb_explore_params explore;
    rb_optim_params optim;
    rb_obs_kind kind;
    int planes, height, width; // of one observation
    int vector, frames;        // floats behind each of its frames, as in replay/batch.h
    int normalised; // numbers of a frame, if observations are normalised by their running statistics; else 0
    double clip;    // of the normalised numbers
    int actions;
    bool masked;   // batches have masks of the allowed actions
    bool intense;  // and intensities
    int64_t slots; // of replay, whose frames the device keeps too (replay.on_device); 0: it does not
    int streams;   // most observations in one rb_agent_act
    uint64_t seed;
    rb_device *device; // NULL: the processor. It lives at least as long as the agent
} rb_agent_spec;

typedef struct rb_learned { // the statistics of one update
    float loss;             // mean over the batch, weighted
    float q_mean;           // mean over the batch of each state's largest Q-value among allowed actions
    float clipped;          // share of the targets' mass outside the support (C51), 0 otherwise
    float above;            // the part of it above v_max
} rb_learned;

typedef struct rb_agent rb_agent;

rb_status rb_agent_create(rb_agent **out, const rb_agent_spec *spec, rb_compute *compute, rb_arena *arena,
                          rb_error *error);
size_t rb_agent_bytes(const rb_agent_spec *spec, int threads);

// Observations, here and in rb_agent_act and the like, are as the environment gives them. If they are
// normalised (spec.normalised), the agent does it, with the statistics of the frames that it was shown: an
// observation of a training environment is shown once, before the agent acts on it, together with those of
// all environments that act at the same time. A batch gets the present statistics once, when it is drawn.
void rb_agent_follow(rb_agent *agent, const void *observations, int count);
void rb_agent_normalise_batch(const rb_agent *agent, rb_batch *batch);
// Epsilon-greedy on `count` observations ([count][planes][H][W]); observation i has epsilon[i] and draws from
// explore_rng[i]. `masks`: the allowed actions, [count][A], 1 or 0; NULL: all are. No other is ever chosen.
// `q` may be NULL, else it receives the Q-values [count][A], also of forbidden actions.
void rb_agent_act(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                  const double *epsilon, rb_rng *explore_rng, int32_t *actions, float *q);
// The same without noise and with one epsilon, for evaluations. It uses its own tape, so it never disturbs
// training.
void rb_agent_act_greedy(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                         double epsilon, rb_rng *explore_rng, int32_t *actions, float *q);
// V(s) = max over the allowed actions of Q(s, a), without noise, of `count` observations: values [count].
void rb_agent_state_values(rb_agent *agent, const void *observations, const uint8_t *masks, int count,
                           float *values);
// The agent's view of one observation, without noise, as in rb_agent_act_greedy: q [A] and the spread of the
// returns: with atoms the probabilities [A][Z] of the returns in rb_agent_support, with quantiles these
// [A][N], else nothing.
void rb_agent_q_values(rb_agent *agent, const void *observation, float *q, float *spread);
// [atoms], ascending; without atoms NULL, and *atoms is 1.
const float *rb_agent_support(const rb_agent *agent, int *atoms);
// N, how many quantiles rb_agent_q_values gives for each action, those of the fractions (j + 1/2) / N; 0:
// none.
int rb_agent_quantiles(const rb_agent *agent);
// With agent.rollout_steps there is no target network, and a batch's returns are its targets: next states are
// not read, and the functions for the target network do nothing.
//
// One update from a batch, after rb_agent_normalise_batch: loss, backward, optimiser, new noise; writes
// batch->priorities. RB_ERR_NUMBER if the loss or a target is not finite; the weights are then unchanged.
rb_status rb_agent_learn(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error);
// The same in two halves. The first, rb_agent_learn_gradient, writes the priorities; the batch is no longer
// needed after it. The second, rb_agent_learn_apply, changes the weights, mostly in the background; meanwhile
// the next batch can be sampled, and the next first half can do what does not need the new weights. Results
// are bit-identical to rb_agent_learn.
rb_status rb_agent_learn_gradient(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error);
// The first half in smaller parts, for a caller with idle time before the update is due. `begin` does the
// part that does not need the weights still being changed by the last rb_agent_learn_apply. Each `ahead` does
// one more part, or nothing if all are done. Then call rb_agent_learn_gradient with the same batch, or
// `begin` with another one. Results are bit-identical however many parts were done ahead. If the target
// network changes meanwhile, the parts done are discarded.
//
// With a device, `begin` sends it the batch, and `start` lets it compute while the caller does something
// else, such as to draw and to `begin` with the next batch, in other memory; rb_agent_learn_gradient then
// only waits. Without one, `start` does nothing.
//
// With rb_agent_spec.slots, rb_agent_frames writes frames into the device's copy of replay, and `begin` sends
// a batch's slots in place of its observations.
enum { RB_FRAMES_MOST = 16 };
void rb_agent_frames(rb_agent *agent, const int32_t *slots, const void *frames,
                     int count); // RB_FRAMES_MOST at most
void rb_agent_learn_begin(rb_agent *agent, rb_batch *batch);
void rb_agent_learn_ahead(rb_agent *agent, rb_batch *batch);
rb_status rb_agent_learn_start(rb_agent *agent, const rb_batch *batch, rb_error *error);
void rb_agent_learn_apply(rb_agent *agent);   // once after each rb_agent_learn_gradient that was RB_OK
void rb_agent_learn_finish(rb_agent *agent);  // waits for the background work; functions that need the
                                              // weights call it themselves
void rb_agent_target_copy(rb_agent *agent);   // copies the online network to the target network
void rb_agent_target_update(rb_agent *agent); // moves the target network towards the online one by the
                                              // fraction agent.target_tau
// The returns of the next update's batch: how many rewards they sum, and their gamma, which both change with
// agent.anneal_updates.
void rb_agent_window(const rb_agent *agent, int *steps, double *gamma);
// After an update: new weights, if agent.reset_every_updates makes them due.
void rb_agent_reset_if_due(rb_agent *agent);
// Draws fresh noise for acting and for the next update. rb_agent_learn ends with it; the loop calls it before
// the first update.
void rb_agent_new_noise(rb_agent *agent);

// Sets the learning rate from the share of the run that is done, 0 .. 1, if annealing is on.
void rb_agent_anneal(rb_agent *agent, double done);
double rb_agent_epsilon(const rb_agent *agent, int64_t step); // the exploration schedule, at this step
uint64_t rb_agent_updates(const rb_agent *agent);
bool rb_agent_has_device(const rb_agent *agent);
// With a device: a failure of it in a function that can't return one, such as rb_agent_act.
rb_status rb_agent_check(const rb_agent *agent, rb_error *error);
rb_net *rb_agent_online(rb_agent *agent);
rb_net *rb_agent_target(rb_agent *agent);     // NULL with agent.rollout_steps
const rb_net *rb_agent_seen(rb_agent *agent); // the online network, only to look at
rb_tape *rb_agent_tape(rb_agent *agent); // the tape of the last rb_agent_learn_gradient, with its backward
                                         // pass
void rb_agent_visit(rb_agent *agent, rb_visitor *visitor);
// With a device, a checkpoint need not wait for the weights: `keep` copies them aside there, and the next
// rb_agent_visit that saves an image leaves a gap for the networks. Another thread then calls `kept`, which
// brings the copy into networks of its own and fills the gap, while the agent goes on; and looks at its
// online network with `kept_online`. False: the agent's own networks are as new, or the device failed; then
// the visit is as ever.
bool rb_agent_keep(rb_agent *agent);
rb_status rb_agent_kept(rb_agent *agent, void *image, rb_error *error);
const rb_net *rb_agent_kept_online(const rb_agent *agent);

#endif
