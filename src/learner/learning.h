// Learning from steps, wherever they come from: decides when updates are due, draws their batches from replay
// and makes them. With agent.rollout_steps (PQN) epochs are due instead, of the rollout that is complete. A
// run's loop (train/loop.c) and a program that owns its loop (rainbow/learner.h) both learn through this, so
// the same steps give the same weights, bit for bit.
//
//     for each step that is started     due += rb_learning_due(...)
//     before the results are appended   rb_learning_turn(learning, due, ...), rb_learning_settle(learning, ...)
//     after they are                    rb_learning_target_if_due(...)
//
// Between the first two a device may still compute the turn's last update, while the caller waits for its
// environments. Everything is as if it had waited for the update instead, to the bit:
//
//     priorities    update | wait, priorities | draw the next batch, send it
//     uniform       update | draw the next batch, send it | wait
#ifndef RB_LEARNER_LEARNING_H
#define RB_LEARNER_LEARNING_H

#include "agent/agent.h"
#include <signal.h>
#include "replay/rollout.h"

typedef struct rb_learning {
    const rb_params *params; // agent and run.max_steps are read
    rb_agent *agent;
    rb_replay *replay;
    rb_rollout *rollout;               // NULL: learns from replay
    int64_t rollout_step;              // at which the closed rollout ended
    float *values;                     // [samples of a batch]
    const volatile sig_atomic_t *stop; // set: no further minibatch in this turn; NULL: never
    rb_rng sampling;
    bool drawn;      // replay's batch is the next update's
    bool started;    // and a device computes with it
    bool drawn_next; // `next` is the batch after it, drawn with this stream:
    rb_rng sampling_next;
    rb_batch next;  // [0]: without, as priorities of an update decide what is drawn after it
    uint64_t *sent; // [streams] replay's rows that a device has (rb_replay_fresh); NULL: it keeps no frames
    int32_t *slots; // [RB_FRAMES_MOST] of those that it gets now,
    void *frames;   // and they
    bool waits;     // for each update of a device at once, for the tests of those that it does not wait for
    int64_t owed;   // updates of a turn that a device failed to make
    void *context;
    void (*learned)(void *context, const rb_learned *learned); // after each update; NULL: none
    void (*target)(void *context);                             // after each update of the target; NULL: none
} rb_learning;

// Fills the struct, and makes the rollout if there is to be one; the other parts stay the caller's.
rb_status rb_learning_init(rb_learning *learning, const rb_params *params, rb_agent *agent, rb_replay *replay,
                           rb_arena *arena, rb_error *error);
// The number of updates due for one more step that was started, the `nth` of all environments together, from
// 1: agent.updates at every agent.update_every_steps-th, but none at one of a game's first
// agent.skip_episode_steps steps. `played`: steps of its game before it. With rollouts it is 1 at the first
// step after a complete one: that step is chosen before the rollout is learned from, because its Q-values end
// the rollout's returns, and the environments make it meanwhile.
int64_t rb_learning_due(const rb_params *params, int64_t nth, int64_t played);
// After acting, for a rollout: the Q-values [count][A] of the streams' newest states, and their masks or
// NULL.
void rb_learning_acted(rb_learning *learning, const int *streams, int count, const float *q,
                       const uint8_t *masks, int actions);
// Makes `due` updates on the replay as it is; if they are grouped, as one update whose batch holds all of
// theirs. Without any due, it continues to prepare the next one. `step`: steps appended so far; before
// agent.start_steps, and while replay has too few, there are no updates, only new noise.
rb_status rb_learning_turn(rb_learning *learning, int64_t due, int64_t step, rb_error *error);
// Ends what the turn of this step left running; always called after it. If a device failed, `owed` is what is
// left of `due`: after a resume a turn of so many makes up for it, if nothing was appended meanwhile.
rb_status rb_learning_settle(rb_learning *learning, int64_t step, rb_error *error);
// Whether *stop interrupted the epochs of a rollout, and updates are left.
bool rb_learning_owes(const rb_learning *learning);
// Makes the rest of them; call it before acting again.
rb_status rb_learning_resume(rb_learning *learning, rb_error *error);
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
