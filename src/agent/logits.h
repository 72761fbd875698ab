// Softmax without overflow: the largest logit is subtracted before the exponentials are taken.
#ifndef RB_AGENT_LOGITS_H
#define RB_AGENT_LOGITS_H

#include <math.h>

static inline float rb_logits_top(const float *logits, int count)
{
    float top = logits[0];
    for (int z = 1; z < count; z++)
        if (logits[z] > top) top = logits[z];
    return top;
}

// The sum of exp(logit - top), in double: the divisor of the exponentials.
static inline double rb_logits_sum(const float *logits, int count, float top)
{
    double sum = 0;
    for (int z = 0; z < count; z++) sum += expf(logits[z] - top);
    return sum;
}

#endif
