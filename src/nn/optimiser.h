// Optimisers: the rule that turns a gradient into a step, its constants and its count of updates. The moments
// live with the weights in the layers.
#ifndef RB_NN_OPTIMISER_H
#define RB_NN_OPTIMISER_H

#include "base/visit.h"
#include "compute/kernels.h"
#include "config/params.h"

typedef struct rb_optimiser {
    rb_optim_params params;
    double rate;      // the current learning rate: the parameters' value, reduced by annealing
    uint64_t updates; // made so far, for Adam's bias correction
} rb_optimiser;

rb_optimiser rb_optimiser_make(const rb_optim_params *params);
// The rule of the next step, for a gradient with this norm (needed only for clipping).
rb_rule rb_optimiser_rule(const rb_optimiser *optimiser, double norm);
void rb_optimiser_visit(rb_optimiser *optimiser, rb_visitor *visitor);

#endif
