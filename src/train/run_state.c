// A run's state: what decides its future, visited for checkpoints and hashes.
#include "train/run_state.h"

#include <stdio.h>

void rb_run_visit(rb_run *run, rb_visitor *v)
{
    rb_visit_i64(v, "step", &run->step);
    rb_visit_i64(v, "frames", &run->frames);
    rb_visit_i64(v, "evaluated_step", &run->evaluated_step);
    // The ledger counts games and restores the count; if the count decides something, it is state.
    int64_t games = rb_metrics_games(run->metrics);
    if (run->params->agent.target_every_episodes) rb_visit_i64(v, "games", &games);
    rb_agent_visit(run->agent, v);
    rb_replay_visit(run->replay, v);
    rb_vector_visit(run->envs, v);
    rb_rng_visit(&run->sampling, v, "sampling");
    rb_visit_bool(v, "drawn", &run->drawn);
    if (run->drawn) rb_replay_visit_batch(run->replay, v);
    for (int i = 0; i < rb_vector_count(run->envs); i++) {
        char name[16];
        snprintf(name, sizeof name, "coin%d", i);
        rb_rng_visit(&run->explore_rng[i], v, name);
    }
}

rb_status rb_run_hash(rb_run *run, uint64_t *hash, rb_error *error)
{
    rb_visitor *v;
    rb_status status = rb_visitor_hash(&v, error);
    if (status) return status;
    rb_run_visit(run, v);
    return rb_visitor_finish(v, hash, error);
}
