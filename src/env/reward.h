// From an environment's reward to the learner's: env.reward and env.reward_scale.
#ifndef RB_ENV_REWARD_H
#define RB_ENV_REWARD_H

#include <math.h>

#include "config/params.h"
#include "rainbow/error.h"

// `rule`: a value of env.reward; a step of a single frame has one sign, so RB_REWARD_FRAME_SIGNS is that
// sign.
static inline float rb_reward_learned(int32_t rule, double scale, double reward)
{
    const double sign = (reward > 0) - (reward < 0);
    return (float)((rule == RB_REWARD_RAW ? reward : sign) * scale);
}

// A loss squares errors of this size, which must stay within the range of floats.
static const float rb_reward_most = 1e18f;

// RB_ERR_NUMBER if a reward, or what the learner gets of it, cannot be learned from. `name`: what returned
// it, in step `step` of an episode, from 1.
static inline rb_status rb_reward_check(const char *name, double reward, float learned, int64_t step,
                                        rb_error *error)
{
    if (!isfinite(reward))
        return rb_error_set(error, RB_ERR_NUMBER, "%s returned a reward that is not a finite number", name);
    if (fabsf(learned) <= rb_reward_most) return RB_OK;
    return rb_error_set(
        error, RB_ERR_NUMBER,
        "%s returned the reward %g in step %lld of a game; the learner's reward must be within +-%g, whose "
        "square a float holds: a smaller env.reward_scale, or env.reward = sign, makes it so",
        name, reward, (long long)step, (double)rb_reward_most);
}

#endif
