#include "nn/optimiser.h"

rb_optimiser rb_optimiser_make(const rb_optim_params *params)
{
    return (rb_optimiser){.params = *params, .rate = params->learning_rate};
}

void rb_optimiser_visit(rb_optimiser *optimiser, rb_visitor *visitor)
{
    rb_visit_open(visitor, "optimiser");
    rb_visit_u64(visitor, "updates", &optimiser->updates);
    rb_visit_close(visitor);
}
