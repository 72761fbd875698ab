// A crew: the worker processes of one vector's Gymnasium environments, and the sockets and memory that each
// environment shares with its worker.
//
// The first environment that joins makes the crew, and the last one that leaves ends it. Several threads may
// use environments of one crew at once. A dead worker is restarted by the first of its environments that
// requests it; each of the others switches to its own new socket and block when it notices.
#ifndef RB_ENV_GYM_CREW_H
#define RB_ENV_GYM_CREW_H

#include "env/gym_block.h"
#include "env/registry.h"

typedef struct rb_gym_crew rb_gym_crew;

typedef struct rb_gym_seat { // one environment's end
    rb_gym_crew *crew;
    int index;      // in the crew
    int generation; // its worker's: increases by one at each start
    int socket, memory;
    rb_gym_block *block;
    size_t block_bytes;
    rb_gym_shape shape; // after rb_gym_seat_wait_made
} rb_gym_seat;

// Takes the next free seat of *crew; if *crew is NULL, makes it and starts its workers. Does not wait for the
// worker's first answer. The `seed` of the first environment to join seeds the workers' global random
// numbers.
rb_status rb_gym_crew_join(rb_gym_crew **crew, const rb_env_options *options, uint32_t seed,
                           rb_gym_seat *seat, rb_error *error);
void rb_gym_crew_leave(rb_gym_seat *seat); // a zeroed seat is fine

// The result of a wait.
typedef enum rb_gym_news {
    RB_GYM_ANSWER,  // the worker did the request
    RB_GYM_REFUSED, // it did not; `error` has the reason
    RB_GYM_DIED,    // the worker has ended
    RB_GYM_LATE,    // no answer within gym.timeout_seconds; reported in `error`
    RB_GYM_STOPPED, // no answer yet, but the run is to stop (rb_vector_spec.stop): RB_INTERRUPTED in `error`
} rb_gym_news;

// Sends a request. The wait reports a dead worker.
void rb_gym_seat_ask(rb_gym_seat *seat, char request);
// `what` names the request in the error: "step()".
rb_gym_news rb_gym_seat_wait(rb_gym_seat *seat, const char *what, rb_error *error);
bool rb_gym_seat_heard(const rb_gym_seat *seat); // true: the next wait returns at once
void rb_gym_seat_stepped(rb_gym_seat *seat);     // a step was answered: this worker works
void rb_gym_seat_played(rb_gym_seat *seat);      // a game came to its end: this worker did not lose it
// Waits for the first answer of a new worker, which follows no request: the environment is made, and its
// description is in the block.
rb_gym_news rb_gym_seat_wait_made(rb_gym_seat *seat, rb_error *error);
// Waits until the worker has made its other environments, too, before which it answers no request. Each has
// gym.timeout_seconds. False: one was not made in time, or the run is to stop.
bool rb_gym_seat_wait_served(const rb_gym_seat *seat);
// After RB_GYM_DIED or RB_GYM_LATE: starts a new worker and does not wait for its first answer. `notice`
// describes the death for one of the worker's environments and is "" for the others. RB_ERR_ENV: the worker
// has been replaced too often (gym.restarts).
rb_status rb_gym_seat_restart(rb_gym_seat *seat, char *notice, size_t notice_bytes, rb_error *error);
int rb_gym_seat_worker(const rb_gym_seat *seat); // the process id

#endif
