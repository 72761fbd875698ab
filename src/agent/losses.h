// Losses of a batch, their gradient with respect to the network's outputs, and the priority of every sample.
// Legend: B samples, A actions, Z atoms.
#ifndef RB_AGENT_LOSSES_H
#define RB_AGENT_LOSSES_H

#include "replay/batch.h"

// Scalar: d = q[i][action] - targets[i]. `kind` is agent.loss (RB_LOSS_...). Returns the mean over the batch
// of weight * loss(d); writes gradient [B][A] (0 for the actions not taken) and batch->priorities = |d|. q
// [B][A], targets [B].
float rb_loss_scalar(float *gradient, rb_batch *batch, int actions, int kind, const float *q,
                     const float *targets);

// Atoms: the cross-entropy between targets [B][Z] (distributions) and the softmax of the taken action's
// logits (logits [B][A][Z]). Returns the mean over the batch of weight * cross-entropy; writes gradient
// [B][A][Z] and batch->priorities. `priority` is agent.priority (RB_PRIORITY_...): the divergence of the
// prediction from the target, which is 0 if they agree, or the plain cross-entropy, which never is.
float rb_loss_c51(float *gradient, rb_batch *batch, int actions, int atoms, int priority, const float *logits,
                  const float *targets);

#endif
