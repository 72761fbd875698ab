// States: loaded into the instance that saved them and into one with another seed, which then play on.
#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "inspect/check_impl.h"

// Loads a state, plays on, saves again, and compares everything with the twin's record.
static bool restore(rb_check *c, rb_actor *actor, rb_check_saved *s, char *words, size_t bytes)
{
    rb_error error = {0};
    rb_check_doing(c, "load");
    if (rb_actor_load(actor, &s->state, &error)) {
        snprintf(words, bytes, "load: %.200s", error.message);
        return false;
    }
    actor->game_steps = s->game_steps;
    if (rb_actor_hash(actor) != s->look) {
        snprintf(words, bytes, "after loading, the observation differs");
        return false;
    }
    rb_check_doing(c, "step");
    rb_played now[RB_CHECK_AFTER];
    rb_state after = {0};
    rb_status status = rb_actor_play_all(actor, c->actions + s->at, RB_CHECK_AFTER, now, &error);
    if (!status) status = rb_check_save(c, actor, &after, &error);
    char differ[160];
    int at = rb_played_differ(c->other + s->at, now, RB_CHECK_AFTER, differ, sizeof differ);
    bool same = after.bytes == s->after.bytes && !memcmp(after.data, s->after.data, after.bytes);
    if (status)
        snprintf(words, bytes, "after loading: %.200s", error.message);
    else if (at >= 0)
        snprintf(words, bytes, "saved after %d steps, loaded and continued: %s", s->at, differ);
    else if (!same)
        snprintf(words, bytes, "saved after %d steps, loaded and continued, its state differs", s->at);
    rb_state_free(&after);
    return !status && at < 0 && same;
}

// Without can_save, states hold what other games need to begin: a reset follows the load.
static rb_status begin_other_games(rb_check *c, rb_actor *twin, rb_error *error)
{
    rb_actor fresh = {0};
    rb_played unseen[RB_CHECK_AFTER];
    const int steps = c->steps < RB_CHECK_AFTER ? c->steps : RB_CHECK_AFTER;
    rb_status status = rb_check_save(c, twin, &c->states[0].state, error);
    if (status) return rb_error_context(error, status, "save");
    c->state_count = 1;
    status = rb_actor_open(&fresh, c->params, c->seed + 1000, c->arena, error);
    rb_check_doing(c, "load");
    if (!status) status = rb_actor_load(&fresh, &c->states[0].state, error);
    if (status) status = rb_error_context(error, status, "load");
    rb_check_doing(c, "reset after load");
    if (!status && (status = rb_actor_reset(&fresh, error)))
        status = rb_error_context(error, status, "reset after load");
    rb_check_doing(c, "step");
    if (!status) status = rb_actor_play_all(&fresh, c->actions, steps, unseen, error);
    rb_actor_close(&fresh);
    return status;
}

static void check_other_games(rb_check *c, rb_actor *twin)
{
    rb_error error = {0};
    if (!twin->class->save)
        rb_check_say(c, RB_CHECK_ABSENT, "save and load", "a resumed run starts new games");
    else if (begin_other_games(c, twin, &error))
        rb_check_say(c, RB_CHECK_FAIL, "save and load", "%s", error.message);
    else
        rb_check_say(c, RB_CHECK_PASS, "save and load", "a resumed run starts other games; %zu bytes",
                     c->states[0].state.bytes);
}

void rb_check_states(rb_check *c, rb_actor *twin)
{
    rb_check_result *out = c->out;
    if (!out->can_save) return check_other_games(c, twin);
    rb_error error = {0};
    rb_actor fresh = {0};
    char words[320] = "", first[320] = "";
    const char *where = "";
    rb_status status = rb_actor_open(&fresh, c->params, c->seed + 1000, c->arena, &error);
    if (status) {
        rb_check_say(c, RB_CHECK_FAIL, "save and load", "create: %s", error.message);
        return;
    }
    size_t largest = 0;
    for (int i = 0; i < c->state_count; i++) {
        rb_check_saved *s = &c->states[i];
        if (s->at + RB_CHECK_AFTER > c->steps) continue;
        if (s->state.bytes > largest) largest = s->state.bytes;
        for (int k = 0; k < 2; k++) {
            bool exact = restore(c, k ? twin : &fresh, s, words, sizeof words);
            out->restores++;
            out->restores_exact += exact;
            if (exact || *first) continue;
            rb_text_copy(first, sizeof first, words);
            where = k ? "" : "into an instance with another seed: ";
        }
    }
    if (!out->restores)
        rb_check_say(c, RB_CHECK_NOTE, "save and load", "not tried: this needs at least %d steps",
                     RB_CHECK_AFTER);
    else if (out->restores_exact == out->restores)
        rb_check_say(c, RB_CHECK_PASS, "save and load", "%d of %d restores continued exactly; %zu bytes",
                     out->restores_exact, out->restores, largest);
    else
        rb_check_say(c, RB_CHECK_FAIL, "save and load", "%d of %d restores continued exactly; %s%.220s",
                     out->restores_exact, out->restores, where, first);
    rb_actor_close(&fresh);
}

// A truncated state and a full disk: both must be reported as errors.
void rb_check_bad_states(rb_check *c)
{
    if (!c->state_count) return;
    rb_error error = {0};
    rb_actor actor;
    rb_state part = c->states[0].state;
    if (part.bytes < 2) return;
    part.most = part.bytes / 2;
    rb_check_doing(c, "load of half a state");
    if (rb_actor_open(&actor, c->params, c->seed, c->arena, &error)) return;
    bool refused = rb_actor_load(&actor, &part, &error) != RB_OK;
    rb_actor_close(&actor);
    bool told = true;
    if (!rb_actor_open(&actor, c->params, c->seed, c->arena, &error)) {
        rb_state full = {.most = part.most};
        rb_check_doing(c, "save onto a full disk");
        told = rb_actor_reset(&actor, &error) || rb_actor_save(&actor, &full, &error) != RB_OK;
        rb_state_free(&full);
        rb_actor_close(&actor);
    }
    if (refused && told)
        rb_check_say(c, RB_CHECK_PASS, "bad states", "half a state and a full disk are reported as errors");
    else
        rb_check_say(c, RB_CHECK_FAIL, "bad states", "%s: if a transfer returns false, %s must fail",
                     refused ? "save reports success on a full disk" : "load accepts half a state",
                     refused ? "save" : "load");
}
