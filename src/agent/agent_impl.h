// The inside of an agent, shared by agent.c (networks, passes, updates) and heads.c (what outputs mean, and
// what they learn).
#ifndef RB_AGENT_AGENT_IMPL_H
#define RB_AGENT_AGENT_IMPL_H

#include "agent/agent.h"
#include "agent/device.h"
#include "agent/munchausen.h"
#include "agent/targets.h"

struct rb_agent {
    rb_agent_spec spec;
    int head;  // RB_HEAD_..., never AUTO
    int atoms; // Z: 1 for scalar values, and with the implicit head
    rb_c51_support support;
    float *places;                            // [Z] the atoms' values
    float *fractions;                         // of the loss: quantile head [N], implicit head [B][N]
    float *next_fractions, *choice_fractions; // implicit head: of passes for s', see rb_fractions_of
    float *soft_fractions;                    // and Munchausen's for s
    float *act_fractions;                     // [streams][K]
    rb_net *online, *target;                  // target: NULL with agent.rollout_steps
    rb_optimiser optimiser;
    uint64_t updates;
    uint64_t online_draws, target_draws; // noise draws made so far; the first online draw is number 0
    bool noise_ahead;                    // the target network's noise for the next update is already drawn
    int parts_ahead;                     // parts of the next update's gradient already done
    rb_learned learned;                  // of that update, and its largest |target|; valid after PART_JUDGE
    float largest;

    rb_tape *learn;                     // [B] for s, with a backward pass
    rb_tape *next_online, *next_target; // [B] for s'; next_online is NULL unless double
    rb_tape *state_target;              // [B] for s, by the target network: Munchausen, else NULL
    rb_tape *act, *greedy;              // [streams]
    float *q_state, *q_chooser;         // [B][A]: for s; for s' by the network that chooses
    rb_soft soft;                       // Munchausen's policies
    float *q_soft;                      // [B][A] and the Q-values of s that they are made from
    float *q_target, *values;           // HL-Gauss: [B][A] the target network's for s', [B] scalar targets
    float *targets;                     // [B][Z]
    float *gradient;                    // [B][A][Z]
    float *q_act;                       // [streams][A]
    float *normalised;                  // [streams] observations; NULL: they are not normalised
    double *same_epsilon;               // [streams]

    rb_device *device;                 // NULL: the processor
    bool here_old;                     // the device's weights are newer than those of `online` and `target`
    bool there_old;                    // or older
    bool loaded;                       // the device has the next update's batch
    bool begun;                        // and computes it
    rb_error failed;                   // of the device, until somebody asks
    rb_net *kept_online, *kept_target; // a copy for a checkpoint; NULL: the processor computes
    bool keeps;                        // the next image that is saved leaves the networks out
    size_t kept_at, kept_bytes;        // their place in it
    char kept_path[64];
    uint32_t keys[2][2 * RB_DEVICE_KEYS]; // of the current noise of both networks
};

// Whether the online network chooses the next action. A soft maximum chooses none.
static inline bool rb_chooses_online(const rb_agent_spec *spec)
{
    return spec->agent.double_q && !spec->agent.munchausen;
}

static inline bool rb_has_histograms(const rb_agent_spec *spec)
{
    return rb_head_of(&spec->agent) == RB_HEAD_CATEGORICAL &&
           spec->agent.categorical_target == RB_CATEGORICAL_HL_GAUSS;
}

// The implicit head's fractions for each sample of a pass, 1 with other heads. Target passes for s' give the
// target's quantiles first, then those whose mean chooses the action, unless the online network chooses.
typedef struct rb_fraction_counts {
    int state, next, choice, values;
} rb_fraction_counts;

static inline rb_fraction_counts rb_fractions_of(const rb_agent_spec *spec)
{
    const rb_agent_params *p = &spec->agent;
    if (rb_head_of(p) != RB_HEAD_IMPLICIT) return (rb_fraction_counts){1, 1, 1, 1};
    return (rb_fraction_counts){.state = (int)p->tau_samples,
                                .next = (int)(p->tau_targets + (rb_chooses_online(spec) ? 0 : p->tau_values)),
                                .choice = (int)p->tau_values,
                                .values = (int)p->tau_values};
}

// Which of the online network's draws a pass uses.
typedef struct rb_noise_draws {
    int state, acting, next; // 1 .. count
    int count;
} rb_noise_draws;

static inline rb_noise_draws rb_draws_of(const rb_agent_spec *spec)
{
    if (spec->net.noisy == RB_NOISY_OFF || spec->net.noisy_draws == RB_NOISY_DRAWS_SHARED)
        return (rb_noise_draws){1, 1, 1, 1};
    return (rb_noise_draws){1, 2, 3, rb_chooses_online(spec) ? 3 : 2}; // without double, s' needs none
}

static inline size_t rb_agent_numbers(const rb_agent_spec *spec)
{
    return (size_t)spec->planes * (size_t)spec->height * (size_t)spec->width;
}

// normalised.c: at most spec.streams observations as the network reads them, until the next call.
const void *rb_agent_normalised(const rb_agent *agent, const void *observations, int count);

// agent_device.c: with a device. Before the agent's own networks are read, and before they are changed too.
void rb_agent_bring(rb_agent *agent);
void rb_agent_device_noise(rb_agent *agent, bool target, uint64_t draw);
bool rb_agent_device_act(rb_agent *agent, int noise, const void *observations, int count, float *q);
void rb_agent_device_load(rb_agent *agent, const rb_batch *batch);
rb_status rb_agent_device_learn(rb_agent *agent, const rb_batch *batch, rb_error *error); // begins
rb_status rb_agent_device_learned(rb_agent *agent, rb_batch *batch, rb_error *error);     // ends
void rb_agent_device_blend(rb_agent *agent, double share);
void rb_agent_device_loaded(rb_agent *agent); // the state, from a file
// agent_kept.c: both networks' records, or a gap for them.
void rb_agent_visit_networks(rb_net *online, rb_net *target, rb_visitor *visitor);
void rb_agent_leave_gap(rb_agent *agent, rb_visitor *visitor);

// Turns outputs of a pass with `each` fractions for each sample (1 unless the head is implicit) into Q-values
// q [count][A]: with an implicit head from the last K of each sample's quantiles.
void rb_agent_values(const rb_agent *agent, float *q, const float *outputs, int each, int count);
// Computes the targets, the loss, the priorities and the gradient with respect to the online network's
// outputs, from the outputs of the passes. *largest: the largest |target|.
rb_learned rb_agent_judge(rb_agent *agent, rb_batch *batch, float *largest);

#endif
