#include "learner/replay_spec.h"

#include "rollout/agent_spec.h"

rb_replay_spec rb_replay_spec_make(const rb_params *p, const rb_env_spec *env, int stack)
{
    rb_replay_spec spec = {.params = p->replay,
                           .kind = env->kind,
                           .channels = env->channels,
                           .height = env->height,
                           .width = env->width,
                           .stack = stack,
                           .black_start = p->env.stack_start == RB_STACK_BLACK,
                           .streams = (int)p->env.count,
                           .n_step = (int)p->agent.n_step,
                           .gamma = p->agent.gamma,
                           .batch = (int)rb_largest_batch(p),
                           .masked_actions = env->masks ? env->actions : 0};
    if (!spec.params.beta_steps) spec.params.beta_steps = p->run.max_steps;
    return spec;
}
