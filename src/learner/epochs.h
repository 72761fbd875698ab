// Learning without replay (PQN, Gallici et al. 2024): a complete rollout is closed and learned from in epochs
// of minibatches, and then discarded. Called by learning.c, if agent.rollout_steps is above 0.
#ifndef RB_LEARNER_EPOCHS_H
#define RB_LEARNER_EPOCHS_H

#include "learner/learning.h"

// Closes the rollout if epochs are due, and makes those. Set *stop ends a turn after any minibatch.
rb_status rb_epochs_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error);
void rb_epochs_visit(rb_learning *learning, rb_visitor *visitor);

#endif
