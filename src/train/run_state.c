// A run's state: what decides its future, visited for checkpoints and hashes.
#include "train/run_state.h"

#include <stdio.h>

#include "rollout/agent_spec.h"

// The most that run.max_steps can be, and the last vector step, which can go beyond it.
static const int64_t steps_most = INT64_C(1000000000000) + 256;

void rb_run_visit(rb_run *run, rb_visitor *v)
{
    rb_visit_i64(v, "step", &run->step);
    rb_visit_i64(v, "frames", &run->frames);
    rb_visit_i64(v, "evaluated_step", &run->evaluated_step);
    rb_visit_limits(v, "step", run->step, 0, steps_most);
    rb_visit_limits(v, "frames", run->frames, 0, INT64_MAX / 2);
    rb_visit_limits(v, "evaluated_step", run->evaluated_step, -1, run->step);
    // The ledger counts games and restores the count; if the count decides something, it is state.
    int64_t games = rb_metrics_games(run->metrics);
    const rb_agent_params *agent = &run->params->agent;
    if (agent->target_every_episodes && !agent->rollout_steps) rb_visit_i64(v, "games", &games);
    rb_agent_visit(run->agent, v);
    rb_replay_visit(run->replay, v);
    rb_replay_check_loaded(run->replay, v, rb_vector_env_spec(run->envs)->actions);
    for (int i = 0; i < rb_vector_count(run->envs); i++) rb_replay_check_waits(run->replay, v, i);
    rb_vector_visit(run->envs, v);
    rb_learning_visit(&run->learning, v, rb_vector_env_spec(run->envs)->actions);
    for (int i = 0; i < rb_vector_count(run->envs); i++) {
        char name[16];
        snprintf(name, sizeof name, "coin%d", i);
        rb_rng_visit(&run->explore_rng[i], v, name);
        if (run->params->explore.by != RB_EXPLORE_BY_EPISODES) continue;
        snprintf(name, sizeof name, "began%d", i);
        rb_visit_i64(v, name, &run->game_began[i]);
        rb_visit_limits(v, name, run->game_began[i], 0, run->step);
    }
}

void rb_run_visit_half(rb_run *run, rb_visitor *v)
{
    const int actions = rb_vector_env_spec(run->envs)->actions;
    if (rb_visitor_loading(v)) run->half = rb_visitor_left(v) > 0;
    if (!run->half) return;
    rb_visit_open(v, "turn");
    rb_visit_i64(v, "owed", &run->learning.owed);
    rb_visit_limits(v, "owed", run->learning.owed, 0, rb_updates_of_turn(run->params));
    for (int i = 0; i < rb_vector_count(run->envs); i++) {
        rb_visit_i32(v, "action", &run->actions[i]);
        rb_visit_limits(v, "action", run->actions[i], 0, actions - 1);
    }
    rb_vector_visit_step(run->envs, v);
    rb_visit_close(v);
    if (rb_visitor_loading(v) && !rb_visitor_failed(v) && !rb_vector_env_spec(run->envs)->can_save)
        rb_visitor_fail(v, RB_ERR_FORMAT, "holds the middle of a turn, which this environment can't resume");
}

void rb_run_begin_episode(rb_run *run, int i)
{
    rb_replay_begin(run->replay, i, rb_vector_first_frame(run->envs, i));
    rb_replay_allow(run->replay, i, rb_vector_mask(run->envs, i));
}

rb_status rb_run_hash(rb_run *run, uint64_t *hash, rb_error *error)
{
    rb_visitor *v;
    rb_status status = rb_visitor_hash(&v, error);
    if (status) return status;
    rb_run_visit(run, v);
    return rb_visitor_finish(v, hash, error);
}
