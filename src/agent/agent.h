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

typedef struct rb_agent_spec {
    rb_agent_params agent;
    rb_net_params net;
    rb_explore_params explore;
    rb_optim_params optim;
    rb_obs_kind kind;
    int planes, height, width; // of one observation
    int actions;
    int streams; // most observations in one rb_agent_act
    uint64_t seed;
} rb_agent_spec;

typedef struct rb_learned { // what one update says of itself
    float loss;             // mean over the batch, weighted
    float q_mean;           // mean over the batch of the largest Q-value of the state
    float clipped;          // share of the targets' mass that lay outside the support (C51), 0 otherwise
    float above;            // the part of it above v_max
} rb_learned;

typedef struct rb_agent rb_agent;

rb_status rb_agent_create(rb_agent **out, const rb_agent_spec *spec, rb_compute *compute, rb_arena *arena,
                          rb_error *error);
size_t rb_agent_bytes(const rb_agent_spec *spec, int threads);

// Epsilon-greedy on `count` observations ([count][planes][H][W]); each has a coin of its own from coins[i].
// `q` may be NULL, else [count][A]: their Q-values.
void rb_agent_act(rb_agent *agent, const void *observations, int count, double epsilon, rb_rng *explore_rng,
                  int32_t *actions, float *q);
// The same without noise, for evaluations: another tape, so it never disturbs training.
void rb_agent_act_greedy(rb_agent *agent, const void *observations, int count, double epsilon,
                         rb_rng *explore_rng, int32_t *actions, float *q);
// What the agent makes of one observation, without noise, as rb_agent_act_greedy sees it: q [A] and, with
// atoms, probabilities [A][Z] of the returns rb_agent_support says.
void rb_agent_q_values(rb_agent *agent, const void *observation, float *q, float *probabilities);
// [atoms], ascending; without atoms NULL, and *atoms is 1.
const float *rb_agent_support(const rb_agent *agent, int *atoms);
// One update from a batch: loss, backward, optimiser, new noise; writes batch->priorities. RB_ERR_NUMBER when
// the loss or a target is not finite: the weights are then what they were.
rb_status rb_agent_learn(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error);
// The same in two halves, and an end. After the first one the priorities are there and the batch is no longer
// needed. The second half changes the weights, and does most of that in the background: meanwhile the next
// batch is drawn, and the next first half begins with what does not need them. The bits are those of
// rb_agent_learn.
rb_status rb_agent_learn_gradient(rb_agent *agent, rb_batch *batch, rb_learned *out, rb_error *error);
// The first half in smaller steps, for whoever has time to spare before it is due. `begin` does what needs no
// weights that may still be on their way from the last rb_agent_learn_apply; each `ahead` does a part more,
// and none when all is done. Then comes rb_agent_learn_gradient, with the same batch, or `begin` with another
// one. Whatever was done ahead, the bits are the same; a target network that changes meanwhile undoes it.
void rb_agent_learn_begin(rb_agent *agent, rb_batch *batch);
void rb_agent_learn_ahead(rb_agent *agent, rb_batch *batch);
void rb_agent_learn_apply(rb_agent *agent);   // once after each rb_agent_learn_gradient that was RB_OK
void rb_agent_learn_finish(rb_agent *agent);  // whatever needs the weights does this by itself
void rb_agent_target_copy(rb_agent *agent);   // the target network becomes the online one
void rb_agent_target_update(rb_agent *agent); // it goes agent.target_tau of the way there
// Fresh noise for acting and for the next update. rb_agent_learn ends with it; the loop asks for it before
// the first update.
void rb_agent_new_noise(rb_agent *agent);

// The share of the run that is done, 0 .. 1: where the learning rate anneals, it follows.
void rb_agent_anneal(rb_agent *agent, double done);
double rb_agent_epsilon(const rb_agent *agent, int64_t step); // exploration's schedule
uint64_t rb_agent_updates(const rb_agent *agent);
rb_net *rb_agent_online(rb_agent *agent);
rb_net *rb_agent_target(rb_agent *agent);
rb_tape *rb_agent_tape(rb_agent *agent); // of the last rb_agent_learn_gradient: its backward pass
void rb_agent_visit(rb_agent *agent, rb_visitor *visitor);

#endif
