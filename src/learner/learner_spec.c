#include "learner/learner_spec.h"

rb_env_spec rb_learner_env_spec(const rb_learner_spec *spec)
{
    return (rb_env_spec){.kind = spec->kind,
                         .channels = spec->channels,
                         .height = spec->height,
                         .width = spec->width,
                         .stack = spec->stack ? spec->stack : 1,
                         .actions = spec->actions,
                         .action_names = spec->action_names,
                         .frames_per_step = 1,
                         .masks = spec->masks,
                         .vector = spec->vector};
}

rb_learner_spec rb_learner_spec_of(const rb_env_spec *env, int stack, int streams, bool manual)
{
    return (rb_learner_spec){.kind = env->kind,
                             .channels = env->channels,
                             .height = env->height,
                             .width = env->width,
                             .stack = stack,
                             .actions = env->actions,
                             .streams = streams,
                             .manual = manual,
                             .masks = env->masks,
                             .vector = env->vector};
}
