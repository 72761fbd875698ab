// Linear annealing, as exploration's epsilon falls in Mnih et al. (2015): every step takes off the same
// amount. Exponential: every step takes off the same share of what is left above the end. The one is worked
// out from the step, not by multiplying step after step, so that a resumed run has it to the bit.
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
