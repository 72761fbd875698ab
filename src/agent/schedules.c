// Linear annealing, as for epsilon in Mnih et al. (2015): every step subtracts the same amount. Exponential:
// every step removes the same fraction of the distance to the end. Both are computed from the step, not
// accumulated step by step, so a resumed run gets bit-identical values.
#include "agent/schedules.h"

#include <math.h>

double rb_schedule_linear(double start, double end, int64_t steps, int64_t step)
{
    if (step >= steps) return end;
    if (step <= 0) return start;
    return start + (end - start) * ((double)step / (double)steps);
}

double rb_schedule_exponential(double start, double end, double rate, int64_t step)
{
    return end + (start - end) * exp(-rate * (double)step);
}

double rb_schedule_geometric(double start, double end, int64_t steps, int64_t step)
{
    if (step >= steps) return end;
    if (step <= 0) return start;
    return start * exp(log(end / start) * ((double)step / (double)steps));
}
