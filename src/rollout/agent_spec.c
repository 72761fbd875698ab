#include "rollout/agent_spec.h"

#include <math.h>

#include "rollout/evaluator.h"

int64_t rb_largest_batch(const rb_params *params)
{
    const rb_agent_params *p = &params->agent;
    if (p->rollout_steps) return (params->env.count * p->rollout_steps + p->minibatches - 1) / p->minibatches;
    return p->group_updates ? rb_updates_of_turn(params) * p->batch : p->batch;
}

int64_t rb_updates_of_turn(const rb_params *params)
{
    const rb_agent_params *p = &params->agent;
    return (params->env.count + p->update_every_steps - 1) / p->update_every_steps * p->updates;
}

int rb_largest_streams(const rb_params *params)
{
    const int training = (int)params->env.count, evaluation = rb_evaluator_width(params->eval.episodes);
    return training > evaluation ? training : evaluation;
}

rb_agent_spec rb_agent_spec_make(const rb_params *params, const rb_env_spec *env, int stack, int streams)
{
    rb_agent_spec spec = {.agent = params->agent,
                          .net = params->net,
                          .explore = params->explore,
                          .optim = params->optim,
                          .kind = env->kind,
                          .planes = env->channels * stack,
                          .height = env->height,
                          .width = env->width,
                          .vector = env->vector,
                          .frames = stack,
                          .normalised = params->env.normalise ? env->channels * env->height * env->width : 0,
                          .clip = params->env.normalise_clip,
                          .actions = env->actions,
                          .masked = env->masks,
                          .intense = params->replay.intensity > 0,
                          .slots = params->replay.on_device
                                       ? params->replay.capacity / params->env.count * params->env.count
                                       : 0,
                          .streams = streams,
                          .seed = (uint64_t)params->run.seed};
    spec.agent.batch = rb_largest_batch(params);
    if (spec.explore.share > 0)
        spec.explore.steps = llround(spec.explore.share * (double)params->run.max_steps);
    return spec;
}

int rb_observation_shape(int64_t shape[3], int planes, int height, int width, int stack)
{
    if (height > 1 || width > 1) {
        shape[0] = planes, shape[1] = height, shape[2] = width;
        return 3;
    }
    shape[0] = stack > 1 ? stack : planes, shape[1] = planes / stack;
    return stack > 1 ? 2 : 1;
}
