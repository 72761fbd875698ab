// Softmax without overflow: the largest logit is subtracted before the exponentials are taken.
#ifndef RB_AGENT_LOGITS_H
#define RB_AGENT_LOGITS_H

#include <math.h>

// Several largest numbers, so that no comparison waits for the one before.
static inline float rb_logits_top(const float *logits, int count)
{
    enum { WAYS = 8 };
    float most[WAYS], top = logits[0];
    int z = 0;
    for (int w = 0; w < WAYS; w++) most[w] = top;
    for (; z + WAYS <= count; z += WAYS)
        for (int w = 0; w < WAYS; w++) most[w] = logits[z + w] > most[w] ? logits[z + w] : most[w];
    for (; z < count; z++) top = logits[z] > top ? logits[z] : top;
    for (int w = 0; w < WAYS; w++) top = most[w] > top ? most[w] : top;
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
