// Optimisers: how a gradient becomes a step. The moments live with the weights in the layers; here are the
// rule, its constants and its count of updates.
#ifndef RB_NN_OPTIMISER_H
#define RB_NN_OPTIMISER_H

#include "base/visit.h"
#include "config/params.h"

typedef struct rb_optimiser {
    rb_optim_params params;
    double rate;      // the learning rate now: the parameters' own, or less of it where it anneals
    uint64_t updates; // made so far: Adam's bias correction
} rb_optimiser;

rb_optimiser rb_optimiser_make(const rb_optim_params *params);
void rb_optimiser_visit(rb_optimiser *optimiser, rb_visitor *visitor);

#endif
