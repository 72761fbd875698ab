// A crew: the worker processes of one vector's Gymnasium environments, and what each environment shares with
// its worker.
//
// Crews are made by the first environment that joins and end with the last one that leaves. Environments of
// one crew may be used by several threads at once. A worker that died is started again by the first of its
// environments that asks for it; each of the others then takes up its own new socket and block when it
// notices.
#ifndef RB_ENV_GYM_CREW_H
#define RB_ENV_GYM_CREW_H

#include "env/gym_block.h"
#include "env/registry.h"

typedef struct rb_gym_crew rb_gym_crew;

typedef struct rb_gym_seat { // one environment's end
    rb_gym_crew *crew;
    int index;      // in the crew
    int generation; // of the worker that it talks to: each start is one more
    int socket, memory;
    rb_gym_block *block;
    size_t block_bytes;
} rb_gym_seat;

// Takes the next free seat of *crew, which is made, and its workers are started, where it is NULL. The
// worker's first answer is not waited for. `seed`, of the first to join, is for the workers' own dice.
rb_status rb_gym_crew_join(rb_gym_crew **crew, const rb_env_options *options, uint32_t seed,
                           rb_gym_seat *seat, rb_error *error);
void rb_gym_crew_leave(rb_gym_seat *seat); // a seat of zeros is fine

// What a wait came back with.
typedef enum rb_gym_news {
    RB_GYM_ANSWER,  // the worker did it
    RB_GYM_REFUSED, // it didn't: `error` says why
    RB_GYM_DIED,    // there is no worker any more
    RB_GYM_LATE,    // nothing was heard for gym.timeout_seconds: `error` says so
} rb_gym_news;

// A dead worker shows in the wait.
void rb_gym_seat_ask(rb_gym_seat *seat, char request);
// `what` was asked for, for the error: "step()".
rb_gym_news rb_gym_seat_wait(rb_gym_seat *seat, const char *what, rb_error *error);
bool rb_gym_seat_heard(const rb_gym_seat *seat); // the next wait returns at once
void rb_gym_seat_stepped(rb_gym_seat *seat);     // a step was answered: this worker is of use
void rb_gym_seat_played(rb_gym_seat *seat);      // a game was not lost with it
// The first answer of a new worker, to no request: the environment is made, and its description is in the
// block.
rb_gym_news rb_gym_seat_wait_made(rb_gym_seat *seat, rb_error *error);
// After RB_GYM_DIED: a new worker, whose first answer is not waited for. `notice` gets what happened, for one
// of the worker's environments; for the others "". RB_ERR_ENV: it dies again and again.
rb_status rb_gym_seat_restart(rb_gym_seat *seat, char *notice, size_t notice_bytes, rb_error *error);
int rb_gym_seat_worker(const rb_gym_seat *seat); // the process

#endif
