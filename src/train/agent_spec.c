#include "train/agent_spec.h"

rb_agent_spec rb_agent_spec_make(const rb_params *params, const rb_env_spec *env, int stack, int streams)
{
    return (rb_agent_spec){.agent = params->agent,
                           .net = params->net,
                           .explore = params->explore,
                           .optim = params->optim,
                           .kind = env->kind,
                           .planes = env->channels * stack,
                           .height = env->height,
                           .width = env->width,
                           .actions = env->actions,
                           .streams = streams,
                           .seed = (uint64_t)params->run.seed};
}
