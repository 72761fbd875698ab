// Scalar targets:  R + discount * Q_target(s', argmax_a Q_chooser(s', a))
//
// The argmax is over the actions that are allowed in s'. The batch's discount is gamma^k for the k steps
// really taken, and 0 after a terminal (replay/batch.h). So this one line covers n-step returns, windows cut
// short by an episode's end, terminals and truncations.
#include "agent/targets.h"

#include "agent/acting.h"

void rb_targets_scalar(float *targets, const rb_batch *batch, int actions, const float *chooser,
                       const float *value)
{
    for (int i = 0; i < batch->size; i++) {
        const int row = i * actions;
        const uint8_t *mask = batch->next_masks ? batch->next_masks + row : NULL;
        const int best = rb_q_best_allowed(chooser + row, mask, actions);
        targets[i] = batch->returns[i] + batch->discounts[i] * value[row + best];
    }
}
