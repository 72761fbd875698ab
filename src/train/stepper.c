#include "train/stepper.h"

#include "train/run_state.h"

void rb_stepper_init(rb_stepper *stepper, const rb_run *run, rb_arena *arena)
{
    const int count = (int)run->params->env.count;
    stepper->asynchronous = run->params->env.asynchronous;
    stepper->which = RB_TAKE(arena, int, count);
    stepper->chosen = RB_TAKE(arena, int32_t, count);
    stepper->explore_rng = RB_TAKE(arena, rb_rng, count);
    stepper->epsilon = RB_TAKE(arena, double, count);
    stepper->played = RB_TAKE(arena, int64_t, count);
    if (run->params->agent.rollout_steps)
        stepper->q = RB_TAKE(arena, float, count *rb_vector_env_spec(run->envs)->actions);
}

void rb_stepper_begin(rb_run *run)
{
    rb_stepper *stepper = &run->stepper;
    stepper->away = 0;
    stepper->count = rb_vector_count(run->envs);
    for (int i = 0; i < stepper->count; i++) stepper->which[i] = i;
}

double rb_stepper_epsilon(const rb_run *run, int i)
{
    const bool holds = run->params->explore.by == RB_EXPLORE_BY_EPISODES;
    return rb_agent_epsilon(run->agent, holds ? run->game_began[i] : run->step);
}

rb_status rb_stepper_act(rb_run *run, rb_error *error)
{
    rb_stepper *stepper = &run->stepper;
    for (int k = 0; k < stepper->count; k++) {
        stepper->explore_rng[k] = run->explore_rng[stepper->which[k]];
        stepper->epsilon[k] = rb_stepper_epsilon(run, stepper->which[k]);
    }
    const void *observations = rb_vector_observations_of(run->envs, stepper->which, stepper->count);
    const uint8_t *masks = rb_vector_masks_of(run->envs, stepper->which, stepper->count);
    rb_agent_follow(run->agent, observations, stepper->count);
    rb_agent_act(run->agent, observations, masks, stepper->count, stepper->epsilon, stepper->explore_rng,
                 stepper->chosen, stepper->q);
    rb_status status = rb_agent_check(run->agent, error);
    if (status) return rb_error_context(error, status, "step %lld", (long long)run->step);
    rb_learning_acted(&run->learning, stepper->which, stepper->count, stepper->q, masks,
                      rb_vector_env_spec(run->envs)->actions);
    for (int k = 0; k < stepper->count; k++) {
        stepper->played[k] = rb_vector_game_steps(run->envs, stepper->which[k]);
        run->explore_rng[stepper->which[k]] = stepper->explore_rng[k];
        run->actions[stepper->which[k]] = stepper->chosen[k];
    }
    if (stepper->asynchronous)
        rb_vector_start_some(run->envs, run->pool, run->actions, stepper->which, stepper->count);
    else
        rb_vector_start(run->envs, run->pool, run->actions);
    stepper->away += stepper->count;
    return RB_OK;
}

rb_status rb_stepper_wait(rb_run *run, rb_error *error)
{
    rb_stepper *stepper = &run->stepper;
    rb_status status = stepper->asynchronous
                           ? rb_vector_wait_some(run->envs, run->pool, stepper->which, &stepper->count, error)
                           : rb_vector_wait(run->envs, run->pool, error);
    stepper->away -= stepper->count;
    return status;
}
