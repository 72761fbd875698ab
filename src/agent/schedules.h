// Quantities that change with the run's steps.
#ifndef RB_AGENT_SCHEDULES_H
#define RB_AGENT_SCHEDULES_H

#include <stdint.h>

// From `start` at step 0 in a straight line to `end` at step `steps`, and `end` from there on (at once if
// `steps` is 0).
double rb_schedule_linear(double start, double end, int64_t steps, int64_t step);
// end + (start - end) * exp(-rate * step): from `start` towards `end`, which it never quite reaches.
double rb_schedule_exponential(double start, double end, double rate, int64_t step);
// From `start` at step 0 to `end` at step `steps` and after it, by the same factor in every step; both are
// above 0.
double rb_schedule_geometric(double start, double end, int64_t steps, int64_t step);

#endif
