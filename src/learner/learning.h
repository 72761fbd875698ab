// Learning from steps, wherever they come from: decides when updates are due, draws their batches from replay
// and makes them. A run's loop (train/loop.c) and a program that owns its loop (rainbow/learner.h) both learn
// through this, so the same steps give the same weights, bit for bit.
//
//     for each step that is started     due += rb_learning_due(...)
//     before the results are appended   rb_learning_turn(learning, due, ...)
//     after they are                    rb_learning_target_if_due(...)
#ifndef RB_LEARNER_LEARNING_H
#define RB_LEARNER_LEARNING_H

#include "agent/agent.h"
#include "replay/replay.h"

typedef struct rb_learning {
    const rb_params *params; // agent and run.max_steps are read
    rb_agent *agent;
    rb_replay *replay;
    rb_rng sampling;
    bool drawn; // replay's batch is the next update's
    void *context;
    void (*learned)(void *context, const rb_learned *learned); // after each update; NULL: none
    void (*target)(void *context);                             // after each update of the target; NULL: none
} rb_learning;

// Fills the struct; the parts stay the caller's.
void rb_learning_init(rb_learning *learning, const rb_params *params, rb_agent *agent, rb_replay *replay);
// The number of updates due for one more step that was started, the `nth` of all environments together, from
// 1: agent.updates at every agent.update_every_steps-th, but none at one of a game's first
// agent.skip_episode_steps steps. `played`: steps of its game before it.
int64_t rb_learning_due(const rb_agent_params *params, int64_t nth, int64_t played);
// Makes `due` updates on the replay as it is; if they are grouped, as one update whose batch holds all of
// theirs. Without any due, it continues to prepare the next one. `step`: steps appended so far; before
// agent.start_steps, and while replay has too few, there are no updates, only new noise.
rb_status rb_learning_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error);
// Updates the target network if counting from one step, or game, to the other makes an update due.
void rb_learning_target_if_due(rb_learning *learning, int64_t step_before, int64_t step, int64_t games_before,
                               int64_t games);
// The state that is not the agent's or replay's: sampling's random stream, and the batch that was drawn.
// `actions`: their number, to check what is loaded.
void rb_learning_visit(rb_learning *learning, rb_visitor *visitor, int actions);

// True if counting from `before` to `after` reaches a multiple of `every` (0: never).
static inline bool rb_is_due(int64_t before, int64_t after, int64_t every)
{
    return every > 0 && before / every != after / every;
}

#endif
