#include "learner/replay_spec.h"

#include "rollout/agent_spec.h"

rb_replay_spec rb_replay_spec_make(const rb_params *p, const rb_env_spec *env, int stack)
{
    rb_replay_spec spec = {.params = p->replay,
                           .kind = env->kind,
                           .channels = env->channels,
                           .height = env->height,
                           .width = env->width,
                           .vector = env->vector,
                           .stack = stack,
                           .black_start = p->env.stack_start == RB_STACK_BLACK,
                           .streams = (int)p->env.count,
                           .n_step = (int)rb_most_steps(&p->agent),
                           .gamma = p->agent.gamma,
                           .batch = (int)rb_largest_batch(p),
                           .masked_actions = env->masks ? env->actions : 0};
    if (!spec.params.beta_steps) spec.params.beta_steps = p->run.max_steps;
    if (!p->agent.rollout_steps) return spec;
    const rb_rollout_spec rollout = rb_rollout_spec_make(p);
    spec.params.capacity = rb_rollout_capacity(&rollout, stack);
    spec.params.compress = RB_COMPRESS_NONE;
    spec.whole = true;
    return spec;
}

rb_rollout_spec rb_rollout_spec_make(const rb_params *p)
{
    return (rb_rollout_spec){.streams = (int)p->env.count,
                             .steps = (int)p->agent.rollout_steps,
                             .minibatches = (int)p->agent.minibatches,
                             .epochs = (int)p->agent.epochs,
                             .gamma = p->agent.gamma,
                             .lambda = p->agent.lambda};
}

double rb_replay_spec_bytes(const rb_params *p, const rb_replay_spec *spec)
{
    if (!p->agent.rollout_steps) return rb_replay_bytes(spec);
    const rb_rollout_spec rollout = rb_rollout_spec_make(p);
    return rb_replay_bytes(spec) + rb_rollout_bytes(&rollout, spec->stack);
}
