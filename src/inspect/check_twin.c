// The reference and its twin: one instance plays all steps; another with the same seed, drawn and saved along
// the way, must have the same record.
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/sort.h"
#include "base/text.h"
#include "env/contract.h"
#include "inspect/check_impl.h"

enum { DRAWN_EVERY = 50 }; // steps

// `masks` may be what the settings made of it.
static bool alike(const rb_env_spec *a, const rb_env_spec *b)
{
    return a->kind == b->kind && a->channels == b->channels && a->height == b->height &&
           a->width == b->width && a->vector == b->vector && a->actions == b->actions &&
           a->can_save == b->can_save && a->stack == b->stack && a->screen_height == b->screen_height &&
           a->screen_width == b->screen_width && a->max_episode_steps == b->max_episode_steps &&
           a->frames_per_step == b->frames_per_step && a->ends == b->ends;
}

void rb_check_describe(rb_check *c, const rb_actor *actor)
{
    rb_check_result *out = c->out;
    const rb_env_spec *s = &actor->spec;
    rb_text_copy(out->kind, sizeof out->kind, s->kind == RB_OBS_F32 ? "floats" : "bytes");
    out->channels = s->channels, out->height = s->height, out->width = s->width;
    out->stack = rb_vector_stack(actor->vector), out->actions = s->actions;
    out->max_episode_steps = rb_vector_limit_steps(actor->vector);
    out->screen_height = s->screen_height, out->screen_width = s->screen_width, out->can_save = s->can_save;
    out->masks = s->masks;
    out->vector = s->vector;
    c->begins = actor->class->begin != NULL;
    char beside[48] = "";
    if (s->vector) snprintf(beside, sizeof beside, " and a vector of %d floats", s->vector);
    rb_error error = {0};
    rb_env_spec again = {0};
    rb_status status = rb_env_class_check(actor->class, &error);
    if (!status) status = rb_env_spec_check(actor->class, s, &error);
    actor->class->spec(actor->env, &again);
    if (status)
        rb_check_say(c, RB_CHECK_FAIL, "spec", "%s", error.message);
    else if (!alike(&again, s))
        rb_check_say(c, RB_CHECK_FAIL, "spec", "a second call gives a different spec");
    else
        rb_check_say(c, RB_CHECK_PASS, "spec", "%d x %d x %d %s%s, stacked by %d; %d action%s", s->channels,
                     s->height, s->width, out->kind, beside, out->stack, s->actions,
                     rb_check_plural(s->actions));
}

// Summarises a play for people.
static void sum_up(rb_check *c)
{
    rb_check_result *out = c->out;
    double game = 0, sum = 0;
    int64_t length = 0, lengths = 0;
    out->return_min = INFINITY, out->return_max = -INFINITY;
    for (int i = 0; i < c->steps; i++) {
        const rb_played *p = &c->first[i];
        game += p->reward;
        length++;
        out->frames += p->frames;
        out->lives_lost += p->life_lost;
        if (!p->terminated && !p->truncated && !p->limit) continue;
        out->games++;
        out->return_min = fmin(out->return_min, game), out->return_max = fmax(out->return_max, game);
        sum += game, lengths += length;
        game = 0, length = 0;
    }
    out->steps = c->steps;
    out->return_mean = out->games ? sum / (double)out->games : NAN;
    out->length_mean = out->games ? (double)lengths / (double)out->games : NAN;
    if (!out->games) out->return_min = out->return_max = NAN;
}

static void add_fill(rb_fill *to, rb_fill more)
{
    to->unwritten = more.unwritten > to->unwritten ? more.unwritten : to->unwritten;
    to->beyond += more.beyond, to->changing += more.changing, to->not_finite += more.not_finite;
}

void rb_check_fill(rb_check *c, const char *what, const rb_fill *f, size_t values, const char *all_well)
{
    if (f->beyond)
        rb_check_say(c, RB_CHECK_FAIL, what, "it writes beyond the end of its %zu values", values);
    else if (f->unwritten)
        rb_check_say(c, RB_CHECK_FAIL, what, "%zu of %zu values are not written", f->unwritten, values);
    else if (f->not_finite)
        rb_check_say(c, RB_CHECK_FAIL, what, "NaN or infinite values: %zu", f->not_finite);
    else if (f->changing)
        rb_check_say(c, RB_CHECK_FAIL, what, "two calls in a row give different values");
    else
        rb_check_say(c, RB_CHECK_PASS, what, "%s", all_well);
}

static void look(rb_check *c, rb_actor *actor)
{
    add_fill(&c->frame_fill, rb_actor_fill_frame(actor));
    if (actor->mask) add_fill(&c->mask_fill, rb_actor_fill_mask(actor));
}

static void judge_masks(rb_check *c, const rb_actor *actor)
{
    char well[96];
    if (!actor->mask) return;
    snprintf(well, sizeof well, "%.3g of %d actions are allowed on average; the same on a second call",
             (double)actor->allowed / (double)actor->masks, actor->spec.actions);
    rb_check_fill(c, "masks", &c->mask_fill, (size_t)actor->spec.actions, well);
}

static void judge_rewards(rb_check *c)
{
    for (int i = 0; i < c->steps; i++) {
        const rb_played *p = &c->first[i];
        if (isfinite(p->reward) && p->frames >= 0) continue;
        if (!isfinite(p->reward))
            rb_check_say(c, RB_CHECK_FAIL, "steps", "step %d: the reward is %s", i,
                         isnan(p->reward) ? "NaN" : "infinite");
        else
            rb_check_say(c, RB_CHECK_FAIL, "steps", "step %d: it took %d frames", i, p->frames);
        return;
    }
    rb_check_say(c, RB_CHECK_PASS, "steps", "%d random steps", c->steps);
}

// Plays the reference. Returns whether there is a record to compare with.
bool rb_check_first(rb_check *c, rb_actor *actor)
{
    rb_error error = {0};
    rb_check_doing(c, "reset");
    if (rb_actor_reset(actor, &error)) {
        rb_check_say(c, RB_CHECK_FAIL, "reset", "%s", error.message);
        return false;
    }
    rb_check_doing(c, "observe");
    look(c, actor);
    rb_check_doing(c, "step");
    for (int i = 0; i < c->steps; i++) {
        const double start = rb_clock_seconds();
        rb_status status = rb_actor_play(actor, c->actions[i], &c->first[i], &error);
        c->times[i] = rb_clock_seconds() - start;
        if (status) {
            rb_check_say(c, RB_CHECK_FAIL, "steps", "step %d, action %d: %s", i, c->first[i].action,
                         error.message);
            return false;
        }
        if (i % DRAWN_EVERY == 0) look(c, actor);
    }
    judge_rewards(c);
    char well[64];
    snprintf(well, sizeof well, "complete%s, and the same on a second call",
             actor->spec.kind == RB_OBS_F32 || actor->spec.vector ? ", finite" : "");
    rb_check_fill(c, "observation", &c->frame_fill, actor->frame_bytes / rb_obs_bytes(actor->spec.kind, 1),
                  well);
    judge_masks(c, actor);
    sum_up(c);
    rb_sort_ascending(c->times, c->steps);
    c->out->step_us = c->times[c->steps / 2] * 1e6;
    return true;
}

static void draw(rb_check *c, rb_actor *actor)
{
    if (!actor->spec.screen_height) return;
    rb_check_doing(c, "render");
    add_fill(&c->picture_fill, rb_actor_fill_picture(actor, c->picture, c->again));
    rb_check_doing(c, "step");
}

rb_status rb_check_save(rb_check *c, rb_actor *actor, rb_state *to, rb_error *error)
{
    rb_check_doing(c, "save");
    rb_status status = rb_actor_save(actor, to, error);
    rb_check_doing(c, "step");
    return status;
}

// Plays all steps; `disturbed`: begins them before it waits for them, and draws and saves along the way.
rb_status rb_check_other(rb_check *c, rb_actor *actor, bool disturbed, rb_error *error)
{
    const bool saves = disturbed && actor->spec.can_save;
    rb_status status = rb_actor_reset(actor, error);
    if (!status && saves && c->state_count == 0) { // the state before the first step counts too
        c->states[0] = (rb_check_saved){.at = 0, .look = rb_actor_hash(actor)};
        status = rb_check_save(c, actor, &c->states[0].state, error);
        if (!status) c->state_count = 1;
    }
    rb_check_doing(c, "step");
    actor->begins = disturbed;
    for (int i = 0; !status && i < c->steps; i++) {
        status = rb_actor_play(actor, c->actions[i], &c->other[i], error);
        const int at = i + 1;
        if (!status && disturbed && i % DRAWN_EVERY == 0) draw(c, actor);
        for (int s = 0; !status && saves && s < c->state_count; s++)
            if (c->states[s].at + RB_CHECK_AFTER == at)
                status = rb_check_save(c, actor, &c->states[s].after, error);
        const bool due =
            c->state_count < RB_CHECK_STATES && at == c->steps * c->state_count / RB_CHECK_STATES;
        if (!status && saves && due && at + RB_CHECK_AFTER <= c->steps) {
            rb_check_saved *s = &c->states[c->state_count];
            *s = (rb_check_saved){.at = at, .game_steps = actor->game_steps, .look = rb_actor_hash(actor)};
            status = rb_check_save(c, actor, &s->state, error);
            if (!status) c->state_count++;
        }
    }
    actor->begins = false;
    return status;
}

// "render, save or begin": what may have changed the game; "" if the environment has none of them.
static void name_disturbers(const rb_check *c, char *out, size_t bytes)
{
    const char *names[3];
    int count = 0;
    if (c->out->screen_height) names[count++] = "render";
    if (c->out->can_save) names[count++] = "save";
    if (c->begins) names[count++] = "begin";
    *out = 0;
    for (int i = 0; i < count; i++) {
        const size_t used = strlen(out);
        snprintf(out + used, bytes - used, "%s%s", !i ? "" : i + 1 == count ? " or " : ", ", names[i]);
    }
}

static void same_games(rb_check *c)
{
    rb_check_say(c, RB_CHECK_PASS, "same seed", "two instances play the same games");
}

// Whether the seed decides everything; otherwise `words` describes the first difference.
bool rb_check_twin(rb_check *c, rb_status status, const rb_error *error)
{
    char words[160], disturbers[32];
    if (status) {
        rb_check_say(c, RB_CHECK_FAIL, "same seed", "a second instance fails, but the first did not: %s",
                     error->message);
        return false;
    }
    if (rb_played_differ(c->first, c->other, c->steps, words, sizeof words) < 0) {
        same_games(c);
        if (c->begins)
            rb_check_say(c, RB_CHECK_PASS, "begin and ready", "%d steps begun before they were waited for",
                         c->steps);
        return true;
    }
    // Find out whether drawing, saving or beginning causes the difference.
    rb_actor third;
    rb_error own = {0};
    rb_played *kept = c->other;
    bool clean = false;
    rb_played *plain = calloc((size_t)c->steps, sizeof *plain);
    if (plain && !rb_actor_open(&third, c->params, c->seed, c->arena, &own)) {
        c->other = plain;
        clean = !rb_check_other(c, &third, false, &own) &&
                rb_played_differ(c->first, plain, c->steps, NULL, 0) < 0;
        c->other = kept;
        rb_actor_close(&third);
    }
    free(plain);
    name_disturbers(c, disturbers, sizeof disturbers);
    if (clean && *disturbers) {
        same_games(c);
        rb_check_say(c, RB_CHECK_FAIL, "no side effects", "%s changes the game (%s)", disturbers, words);
        return true;
    }
    rb_check_say(c, RB_CHECK_FAIL, "same seed", "two instances with the same seed and actions differ: %s",
                 words);
    return false;
}
