// For tests that look at the state of a run's loop, without its files at the end.
#ifndef LOOP_FIXTURE_H
#define LOOP_FIXTURE_H

#include "train/run_fixture.h"

#include "train/run_state.h"

// Makes the whole run's steps; returns the hash of the state after them.
static inline uint64_t loop_hash(const rb_config *config)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_loop(run, run->params->run.max_steps, &error)) fail_msg("%s", error.message);
    uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

#endif
