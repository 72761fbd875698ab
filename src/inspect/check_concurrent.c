// Company: instances that alternate, one of which is destroyed along the way, and instances on threads.
#include <stdlib.h>
#include "inspect/check_impl.h"

enum { COMPANY_STEPS = 300, THREADS = 4 };

// A and B alternate with a third instance with another seed, which is destroyed along the way.
static rb_status take_turns(rb_check *c, int steps, rb_played *a, rb_played *b, rb_error *error)
{
    rb_actor actors[3] = {0};
    rb_status status = RB_OK;
    for (int k = 0; !status && k < 3; k++)
        status = rb_actor_open(&actors[k], c->params, c->seed + (k == 1 ? 7 : 0), c->arena, error);
    for (int k = 0; !status && k < 3; k++) status = rb_actor_reset(&actors[k], error);
    for (int i = 0; !status && i < steps; i++) {
        rb_played unseen;
        status = rb_actor_play(&actors[0], c->actions[i], &a[i], error);
        if (!status && i < steps / 2)
            status = rb_actor_play(&actors[1], c->actions[steps - 1 - i], &unseen, error);
        if (i == steps / 2) rb_actor_close(&actors[1]);
        if (!status) status = rb_actor_play(&actors[2], c->actions[i], &b[i], error);
    }
    for (int k = 0; k < 3; k++) rb_actor_close(&actors[k]);
    return status;
}

typedef struct thread_play {
    rb_actor actor;
    const int32_t *actions;
    int steps;
    rb_played *played;
    rb_status status;
    rb_error error;
} thread_play;

static void play_piece(void *context, int piece)
{
    thread_play *p = (thread_play *)context + piece;
    p->status = rb_actor_reset(&p->actor, &p->error);
    if (!p->status) p->status = rb_actor_play_all(&p->actor, p->actions, p->steps, p->played, &p->error);
}

static rb_status play_on_threads(rb_check *c, thread_play *plays, rb_error *error)
{
    rb_pool *pool = NULL;
    rb_status status = rb_pool_create(&pool, THREADS, error);
    for (int k = 0; !status && k < THREADS; k++)
        status = rb_actor_open(&plays[k].actor, c->params, c->seed, c->arena, error);
    if (!status) rb_pool_for(pool, play_piece, plays, THREADS);
    for (int k = 0; !status && k < THREADS; k++)
        if (plays[k].status) status = rb_error_set(error, plays[k].status, "%s", plays[k].error.message);
    for (int k = 0; k < THREADS; k++) rb_actor_close(&plays[k].actor);
    rb_pool_destroy(pool);
    return status;
}

void rb_check_concurrent(rb_check *c)
{
    const int steps = c->steps < COMPANY_STEPS ? c->steps : COMPANY_STEPS;
    rb_error error = {0};
    char words[160];
    rb_played *played = calloc((size_t)steps * THREADS, sizeof *played);
    if (!played) return rb_check_say(c, RB_CHECK_NOTE, "independent", "not tried: no memory");
    rb_check_doing(c, "several instances alternating");
    rb_status status = take_turns(c, steps, played, played + steps, &error);
    const char *how = "when alternating with others";
    if (!status && rb_played_differ(c->first, played, steps, words, sizeof words) < 0 &&
        rb_played_differ(c->first, played + steps, steps, words, sizeof words) < 0) {
        thread_play plays[THREADS] = {0};
        for (int k = 0; k < THREADS; k++)
            plays[k] = (thread_play){.actions = c->actions, .steps = steps, .played = played + k * steps};
        how = "when others run on threads";
        rb_check_doing(c, "several instances on threads");
        status = play_on_threads(c, plays, &error);
        for (int k = 0; !status && k < THREADS && !*words; k++)
            rb_played_differ(c->first, plays[k].played, steps, words, sizeof words);
    }
    if (status)
        rb_check_say(c, RB_CHECK_FAIL, "independent", "%s: %s", how, error.message);
    else if (*words)
        rb_check_say(c, RB_CHECK_FAIL, "independent",
                     "an instance plays differently %s (%s): a static or global variable?", how, words);
    else
        rb_check_say(c, RB_CHECK_PASS, "independent",
                     "alternating instances and instances on %d threads play like one alone", THREADS);
    free(played);
}
