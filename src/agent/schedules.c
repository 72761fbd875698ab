// Linear annealing, as exploration's epsilon falls in Mnih et al. (2015): every step takes off the same
// amount. What compounds (a factor a step) is another curve, and none of the recipes here means it.
#include "agent/schedules.h"

double rb_schedule_linear(double start, double end, int64_t steps, int64_t step)
{
    if (step >= steps) return end;
    if (step <= 0) return start;
    return start + (end - start) * ((double)step / (double)steps);
}
