#include "train/turn.h"

#include "train/run_state.h"

void rb_turn_init(rb_turn *turn, const rb_run *run, rb_arena *arena)
{
    const int count = (int)run->params->env.count;
    turn->asynchronous = run->params->env.asynchronous;
    turn->which = RB_TAKE(arena, int, count);
    turn->chosen = RB_TAKE(arena, int32_t, count);
    turn->coins = RB_TAKE(arena, rb_rng, count);
    turn->played = RB_TAKE(arena, int64_t, count);
}

void rb_turn_begin(rb_run *run)
{
    rb_turn *turn = &run->turn;
    turn->away = 0;
    turn->count = rb_vector_count(run->envs);
    for (int i = 0; i < turn->count; i++) turn->which[i] = i;
}

void rb_turn_act(rb_run *run)
{
    rb_turn *turn = &run->turn;
    for (int k = 0; k < turn->count; k++) turn->coins[k] = run->coins[turn->which[k]];
    rb_agent_act(run->agent, rb_vector_observations_of(run->envs, turn->which, turn->count), turn->count,
                 rb_agent_epsilon(run->agent, run->step), turn->coins, turn->chosen, NULL);
    for (int k = 0; k < turn->count; k++) {
        turn->played[k] = rb_vector_game_steps(run->envs, turn->which[k]);
        run->coins[turn->which[k]] = turn->coins[k];
        run->actions[turn->which[k]] = turn->chosen[k];
    }
    if (turn->asynchronous)
        rb_vector_start_some(run->envs, run->pool, run->actions, turn->which, turn->count);
    else
        rb_vector_start(run->envs, run->pool, run->actions);
    turn->away += turn->count;
}

rb_status rb_turn_wait(rb_run *run, rb_error *error)
{
    rb_turn *turn = &run->turn;
    rb_status status = turn->asynchronous
                           ? rb_vector_wait_some(run->envs, run->pool, turn->which, &turn->count, error)
                           : rb_vector_wait(run->envs, run->pool, error);
    turn->away -= turn->count;
    return status;
}

rb_status rb_turn_abandon(rb_run *run)
{
    run->turn.away = 0;
    return rb_vector_wait(run->envs, run->pool, NULL);
}
