// When the vector's steps are made and by which thread: all together, or each on its own.
//
// The pool's threads compute a step; for a class with `begin` it is computed elsewhere, and only begun and
// waited for here. If all environments together finish sooner than a sleeping thread wakes up, the caller
// steps them itself when it waits: every vector starts this way, until most of its steps have taken longer.
#include "base/clock.h"
#include "env/vector_impl.h"

static const double nap_seconds = 20e-6, patience_seconds = 5, slow_seconds = 20e-6;
enum { SLOW_STEPS = 50 }; // once slow steps outnumber quick ones by this many, the pool makes them

static bool elsewhere(const rb_vector *vector)
{
    return vector->class->begin != NULL;
}

static bool is_handed_out(const rb_vector *vector)
{
    return vector->slow_steps >= SLOW_STEPS;
}

static void begin_step(rb_vector *vector, int i)
{
    const rb_slot *s = &vector->slots[i];
    if (s->status == RB_OK && s->action != RB_VECTOR_REST) vector->class->begin(s->env, s->action);
}

static rb_status first_failure(const rb_vector *vector, rb_error *error)
{
    for (int i = 0; i < vector->count; i++)
        if (!vector->slots[i].away && vector->slots[i].status != RB_OK)
            return rb_error_set(error, vector->slots[i].status, "%s", vector->slots[i].error.message);
    return RB_OK;
}

void rb_vector_start(rb_vector *vector, rb_pool *pool, const int32_t *actions)
{
    for (int i = 0; i < vector->count; i++) vector->slots[i].action = actions[i];
    vector->together = true;
    if (elsewhere(vector))
        for (int i = 0; i < vector->count; i++) begin_step(vector, i);
    else if (is_handed_out(vector))
        rb_pool_start(pool, &vector->group, rb_vector_step_piece, vector, vector->count);
}

static void step_all_here(rb_vector *vector)
{
    const double since = rb_clock_seconds();
    for (int i = 0; i < vector->count; i++) rb_vector_step_piece(vector, i);
    if (elsewhere(vector)) return;
    if (rb_clock_seconds() - since > slow_seconds)
        vector->slow_steps++;
    else if (vector->slow_steps > 0)
        vector->slow_steps--;
}

static void step_alone(void *context, int piece)
{
    (void)piece;
    rb_slot *s = context;
    rb_vector_step_piece(s->vector, (int)(s - s->vector->slots));
}

void rb_vector_start_some(rb_vector *vector, rb_pool *pool, const int32_t *actions, const int *which,
                          int count)
{
    for (int k = 0; k < count; k++) {
        rb_slot *s = &vector->slots[which[k]];
        vector->away[vector->away_count++] = which[k];
        s->action = actions[which[k]];
        s->away = true;
        if (elsewhere(vector))
            begin_step(vector, which[k]);
        else
            rb_pool_start(pool, &s->alone, step_alone, s, 1);
    }
}

static bool has_arrived(const rb_vector *vector, int i)
{
    const rb_slot *s = &vector->slots[i];
    if (!elsewhere(vector)) return rb_pool_is_done(&s->alone);
    return s->status != RB_OK || s->action == RB_VECTOR_REST || vector->class->ready(s->env);
}

static void bring_in(rb_vector *vector, rb_pool *pool, int i)
{
    if (elsewhere(vector))
        rb_vector_step_piece(vector, i);
    else
        rb_pool_wait(pool, &vector->slots[i].alone);
    vector->slots[i].away = false;
}

rb_status rb_vector_wait(rb_vector *vector, rb_pool *pool, rb_error *error)
{
    if (vector->together && !elsewhere(vector) && is_handed_out(vector))
        rb_pool_wait(pool, &vector->group);
    else if (vector->together)
        step_all_here(vector);
    vector->together = false;
    for (int k = 0; k < vector->away_count; k++) bring_in(vector, pool, vector->away[k]);
    vector->away_count = 0;
    rb_vector_tell_notices(vector);
    return first_failure(vector, error);
}

// Moves the environments that are done from the pending list to `which`. Without `patient`, waits for the one
// that started first: it has its own timeout and reports when that is over.
static int arrivals(rb_vector *vector, rb_pool *pool, int *which, bool patient)
{
    int came = 0, still = 0;
    for (int k = 0; k < vector->away_count; k++) {
        const int i = vector->away[k];
        if (!has_arrived(vector, i) && (patient || k > 0)) {
            vector->away[still++] = i;
            continue;
        }
        bring_in(vector, pool, i);
        int at = came++;
        for (; at > 0 && which[at - 1] > i; at--) which[at] = which[at - 1];
        which[at] = i;
    }
    vector->away_count = still;
    return came;
}

// Steps the first environment that no thread has begun; false if there is none.
static bool help(rb_vector *vector)
{
    for (int k = 0; k < vector->away_count; k++)
        if (rb_pool_help(&vector->slots[vector->away[k]].alone)) return true;
    return false;
}

rb_status rb_vector_wait_some(rb_vector *vector, rb_pool *pool, int *which, int *count, rb_error *error)
{
    const double since = elsewhere(vector) ? rb_clock_seconds() : 0;
    bool patient = true;
    *count = arrivals(vector, pool, which, patient);
    for (unsigned round = 0; *count == 0 && vector->away_count > 0; round++) {
        if (elsewhere(vector) && rb_clock_seconds() - since > patience_seconds)
            patient = false;
        else if (elsewhere(vector))
            rb_clock_nap(nap_seconds); // the others need the processor to finish
        else if (!help(vector))
            rb_pool_pause(round);
        *count = arrivals(vector, pool, which, patient);
    }
    rb_vector_tell_notices(vector);
    return first_failure(vector, error);
}
