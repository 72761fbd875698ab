// Munchausen targets. With pi = softmax(q / tau), q of the target network, the target of a scalar agent is
//
//     R + alpha * clip(tau ln pi(a | s), clip, 0) + discount * sum_a' pi(a' | s') (q(s', a') - tau ln pi(a' | s'))
//
// The reward for the log-probability is 0 for an action that the policy is sure of and down to alpha * clip
// for one that it would not take, which widens the gap between the best action and the others. R is an n-step
// return; the reward is that of its first step alone, whose state and action are in the batch (Clark et al.
// 2024).
//
// Logarithms are q - max - tau ln sum exp((q - max) / tau), which neither overflows nor loses the rare
// action.
//
// Atoms: the sum over a' becomes a mixture. Its mean is the target above, so nothing is lost but what the
// support cuts off.
#include "agent/munchausen.h"

#include <math.h>
#include "agent/logits.h"
#include "base/mask.h"

void rb_soft_policy(float *policy, float *entropy, const float *q, const uint8_t *mask, int actions,
                    double tau)
{
    double top = -INFINITY, sum = 0;
    for (int a = 0; a < actions; a++)
        if (rb_mask_allows(mask, a) && !((double)q[a] <= top)) top = (double)q[a];
    for (int a = 0; a < actions; a++)
        if (rb_mask_allows(mask, a)) sum += exp(((double)q[a] - top) / tau);
    const double scaled_log_sum = tau * log(sum);
    for (int a = 0; a < actions; a++) {
        const bool allowed = rb_mask_allows(mask, a);
        policy[a] = allowed ? (float)(exp(((double)q[a] - top) / tau) / sum) : 0;
        entropy[a] = allowed ? (float)(scaled_log_sum - ((double)q[a] - top)) : 0;
    }
}

static double clipped_log(const float *entropy, int action, double clip)
{
    const double log = -(double)entropy[action];
    return log < clip ? clip : log > 0 ? 0 : log;
}

void rb_soft_make(rb_soft *out, const rb_batch *batch, int actions, const rb_agent_params *params,
                  const float *q_state, const float *q_next)
{
    const double tau = params->munchausen_tau;
    for (int i = 0; i < batch->size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        float *policy = out->policy + row, *entropy = out->entropy + row;
        // First for s, in the place of s'.
        rb_soft_policy(policy, entropy, q_state + row, batch->masks ? batch->masks + row : NULL, actions,
                       tau);
        out->bonus[i] = (float)(params->munchausen_alpha *
                                clipped_log(entropy, batch->actions[i], params->munchausen_clip));
        rb_soft_policy(policy, entropy, q_next + row, batch->next_masks ? batch->next_masks + row : NULL,
                       actions, tau);
    }
}

void rb_targets_scalar_soft(float *targets, const rb_batch *batch, int actions, const rb_soft *soft,
                            const float *value)
{
    for (int i = 0; i < batch->size; i++) {
        const size_t row = (size_t)i * (size_t)actions;
        double next = 0;
        for (int a = 0; a < actions; a++)
            if (soft->policy[row + (size_t)a] != 0) // also if it is not a number
                next += (double)soft->policy[row + (size_t)a] *
                        ((double)value[row + (size_t)a] + (double)soft->entropy[row + (size_t)a]);
        targets[i] =
            (float)((double)batch->returns[i] + (double)soft->bonus[i] + (double)batch->discounts[i] * next);
    }
}

rb_c51_summary rb_targets_c51_soft(float *targets, const rb_batch *batch, int actions,
                                   const rb_c51_support *support, const rb_soft *soft, const float *logits)
{
    double outside = 0, above = 0, largest = 0;
    const int atoms = support->atoms;
    for (int i = 0; i < batch->size; i++, targets += atoms) {
        const double base = (double)batch->returns[i] + (double)soft->bonus[i];
        double expected = 0;
        for (int z = 0; z < atoms; z++) targets[z] = 0;
        for (int a = 0; a < actions; a++) {
            const size_t at = (size_t)i * (size_t)actions + (size_t)a;
            const double share = (double)soft->policy[at];
            if (share == 0) continue;
            const float *next = logits + at * (size_t)atoms, top = rb_logits_top(next, atoms);
            const double sum = rb_logits_sum(next, atoms, top);
            for (int z = 0; z < atoms; z++) {
                const double place = support->v_min + (support->v_max - support->v_min) * z / (atoms - 1);
                const double value = base + (double)batch->discounts[i] * (place + (double)soft->entropy[at]);
                const float mass = (float)(share * (double)expf(next[z] - top) / sum);
                if (rb_c51_project(targets, support, value, mass)) {
                    outside += (double)mass;
                    if (value >= support->v_max) above += (double)mass;
                }
                expected += (double)mass * value;
            }
        }
        if (!isnan(largest) && !(fabs(expected) <= largest)) largest = fabs(expected);
    }
    return (rb_c51_summary){.clipped = (float)(outside / batch->size),
                            .above = (float)(above / batch->size),
                            .largest = (float)largest};
}
