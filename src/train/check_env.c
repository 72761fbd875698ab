// The checks of `rainbow check` (rainbow/check.h): random play, and what breaks the contract of
// rainbow/env.h.
//
//     first    the reference: one instance plays all steps; everything after is held against its record
//     twin     another of the same seed plays the same actions, is drawn and saved on the way: equal entries
//              mean that the seed decides everything, and that drawing and saving change nothing
//     states   what the twin saved, loaded into itself and into an instance of another seed, played on from
//     company  instances that take turns, of which one is destroyed on the way, and instances on threads
//     resets   where games start, and what memory many of them take
//
// Where the twin differs, a third instance that is neither drawn nor saved tells which of the two it was.
#include "rainbow/check.h"

#include <malloc.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "base/clock.h"
#include "base/cpu.h"
#include "base/sort.h"
#include "base/text.h"
#include "config/config.h"
#include "env/contract.h"
#include "train/check_play.h"

enum {
    STATES = 5,          // saved on the way
    AFTER_STEPS = 120,   // played on from each
    COMPANY_STEPS = 300, // of instances beside each other
    THREADS = 4,
    STARTS = 20,
    BLOCKS = 4,        // of resets, for memory
    BLOCK_RESETS = 50, // each followed by
    BLOCK_STEPS = 5,
    DRAWN_EVERY = 50, // steps
};

typedef struct saved {
    int at; // steps played
    int64_t game_steps;
    uint64_t look;
    rb_state state, after; // and AFTER_STEPS later
} saved;

typedef struct check {
    const rb_params *params;
    rb_check_result *out;
    rb_arena *arena;
    uint64_t seed;
    int steps;
    int32_t *actions;         // [steps]
    rb_played *first, *other; // [steps]
    double *times;            // [steps] seconds
    uint8_t *picture, *again; // render's, with guards
    rb_fill frame_fill, picture_fill;
    saved states[STATES];
    int state_count;
} check;

// ---- lines

static void line(check *c, rb_check_verdict verdict, const char *what, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void line(check *c, rb_check_verdict verdict, const char *what, const char *format, ...)
{
    rb_check_result *out = c->out;
    if (out->count == RB_CHECK_LINES) return;
    rb_check_line *l = &out->lines[out->count];
    l->verdict = verdict;
    rb_text_copy(l->what, sizeof l->what, what);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(l->found, sizeof l->found, format, arguments);
    va_end(arguments);
    out->failures += verdict == RB_CHECK_FAIL;
    out->count++;
}

static void doing(check *c, const char *what)
{
    rb_text_copy(c->out->doing, sizeof c->out->doing, what);
}

static const char *plural(int64_t n)
{
    return n == 1 ? "" : "s";
}

// ---- the reference

static void describe(check *c, const rb_actor *actor)
{
    rb_check_result *out = c->out;
    const rb_env_spec *s = &actor->spec;
    rb_text_copy(out->kind, sizeof out->kind, s->kind == RB_OBS_F32 ? "floats" : "bytes");
    out->channels = s->channels, out->height = s->height, out->width = s->width;
    out->stack = s->stack, out->actions = s->actions, out->max_episode_steps = s->max_episode_steps;
    out->screen_height = s->screen_height, out->screen_width = s->screen_width, out->can_save = s->can_save;
    rb_error error = {0};
    rb_env_spec again = {0};
    rb_status status = rb_env_class_check(actor->class, &error);
    if (!status) status = rb_env_spec_check(actor->class, s, &error);
    actor->class->spec(actor->env, &again);
    if (status)
        line(c, RB_CHECK_FAIL, "spec", "%s", error.message);
    else if (again.kind != s->kind || again.channels != s->channels || again.height != s->height ||
             again.width != s->width || again.actions != s->actions || again.can_save != s->can_save)
        line(c, RB_CHECK_FAIL, "spec", "asked a second time it says something else");
    else
        line(c, RB_CHECK_PASS, "spec", "%d x %d x %d %s, stacked by %d; %d action%s", s->channels, s->height,
             s->width, out->kind, s->stack, s->actions, plural(s->actions));
}

// What a play amounts to for a person.
static void sum_up(check *c)
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

static void judge_fill(check *c, const char *what, const rb_fill *f, size_t values, const char *all_well)
{
    if (f->beyond)
        line(c, RB_CHECK_FAIL, what, "it writes behind the end of the %zu values it was given room for",
             values);
    else if (f->unwritten)
        line(c, RB_CHECK_FAIL, what, "%zu of %zu values are not written", f->unwritten, values);
    else if (f->not_finite)
        line(c, RB_CHECK_FAIL, what, "values that are NaN or infinite, %zu in all", f->not_finite);
    else if (f->changing)
        line(c, RB_CHECK_FAIL, what, "asked twice in a row it gives different values");
    else
        line(c, RB_CHECK_PASS, what, "%s", all_well);
}

static void judge_rewards(check *c)
{
    for (int i = 0; i < c->steps; i++) {
        const rb_played *p = &c->first[i];
        if (isfinite(p->reward) && p->frames >= 0) continue;
        if (!isfinite(p->reward))
            line(c, RB_CHECK_FAIL, "steps", "step %d: the reward is %s", i,
                 isnan(p->reward) ? "NaN" : "infinite");
        else
            line(c, RB_CHECK_FAIL, "steps", "step %d: it took %d frames", i, p->frames);
        return;
    }
    line(c, RB_CHECK_PASS, "steps", "%d random steps", c->steps);
}

// Whether there is a record to hold others against.
static bool play_first(check *c, rb_actor *actor)
{
    rb_error error = {0};
    doing(c, "reset");
    if (rb_actor_reset(actor, &error)) {
        line(c, RB_CHECK_FAIL, "reset", "%s", error.message);
        return false;
    }
    doing(c, "observe");
    add_fill(&c->frame_fill, rb_actor_fill_frame(actor));
    doing(c, "step");
    for (int i = 0; i < c->steps; i++) {
        const double start = rb_clock_seconds();
        rb_status status = rb_actor_play(actor, c->actions[i], &c->first[i], &error);
        c->times[i] = rb_clock_seconds() - start;
        if (status) {
            line(c, RB_CHECK_FAIL, "steps", "step %d, action %d: %s", i, c->actions[i], error.message);
            return false;
        }
        if (i % DRAWN_EVERY == 0) add_fill(&c->frame_fill, rb_actor_fill_frame(actor));
    }
    judge_rewards(c);
    char well[64];
    snprintf(well, sizeof well, "whole%s, and the same when asked again",
             actor->spec.kind == RB_OBS_F32 ? ", finite" : "");
    judge_fill(c, "observation", &c->frame_fill,
               actor->frame_bytes / (actor->spec.kind == RB_OBS_F32 ? sizeof(float) : 1), well);
    sum_up(c);
    rb_sort_ascending(c->times, c->steps);
    c->out->step_us = c->times[c->steps / 2] * 1e6;
    return true;
}

// ---- the twin

static void draw(check *c, rb_actor *actor)
{
    if (!actor->spec.screen_height) return;
    doing(c, "render");
    add_fill(&c->picture_fill, rb_actor_fill_picture(actor, c->picture, c->again));
    doing(c, "step");
}

static rb_status save(check *c, rb_actor *actor, rb_state *to, rb_error *error)
{
    doing(c, "save");
    rb_status status = rb_actor_save(actor, to, error);
    doing(c, "step");
    return status;
}

// Plays all steps; `disturbed`: drawn and saved on the way.
static rb_status play_other(check *c, rb_actor *actor, bool disturbed, rb_error *error)
{
    const bool saves = disturbed && actor->spec.can_save;
    rb_status status = rb_actor_reset(actor, error);
    if (!status && saves && c->state_count == 0) { // before anything was played is a state too
        c->states[0] = (saved){.at = 0, .look = rb_actor_look(actor)};
        status = save(c, actor, &c->states[0].state, error);
        if (!status) c->state_count = 1;
    }
    doing(c, "step");
    for (int i = 0; !status && i < c->steps; i++) {
        status = rb_actor_play(actor, c->actions[i], &c->other[i], error);
        const int at = i + 1;
        if (!status && disturbed && i % DRAWN_EVERY == 0) draw(c, actor);
        for (int s = 0; !status && saves && s < c->state_count; s++)
            if (c->states[s].at + AFTER_STEPS == at) status = save(c, actor, &c->states[s].after, error);
        const bool due = c->state_count < STATES && at == c->steps * c->state_count / STATES;
        if (!status && saves && due && at + AFTER_STEPS <= c->steps) {
            saved *s = &c->states[c->state_count];
            *s = (saved){.at = at, .game_steps = actor->game_steps, .look = rb_actor_look(actor)};
            status = save(c, actor, &s->state, error);
            if (!status) c->state_count++;
        }
    }
    return status;
}

// Whether the seed decides everything; the sentence of the first difference is left in `words`.
static bool judge_twin(check *c, rb_status status, const rb_error *error)
{
    char words[160];
    rb_check_result *out = c->out;
    if (status) {
        line(c, RB_CHECK_FAIL, "same seed", "a second instance fails where the first did not: %s",
             error->message);
        return false;
    }
    if (rb_played_differ(c->first, c->other, c->steps, words, sizeof words) < 0) {
        line(c, RB_CHECK_PASS, "same seed", "two instances play the same games");
        return true;
    }
    // Was it drawing and saving?
    rb_actor third;
    rb_error own = {0};
    rb_played *kept = c->other;
    bool clean = false;
    rb_played *plain = calloc((size_t)c->steps, sizeof *plain);
    if (plain && !rb_actor_open(&third, c->params, c->seed, c->arena, &own)) {
        c->other = plain;
        clean =
            !play_other(c, &third, false, &own) && rb_played_differ(c->first, plain, c->steps, NULL, 0) < 0;
        c->other = kept;
        rb_actor_close(&third);
    }
    free(plain);
    if (clean && (out->can_save || out->screen_height)) {
        line(c, RB_CHECK_PASS, "same seed", "two instances play the same games");
        line(c, RB_CHECK_FAIL, "no side effects", "%s%s%s changes the game (%s)",
             out->screen_height ? "render" : "", out->screen_height && out->can_save ? " or " : "",
             out->can_save ? "save" : "", words);
        return true;
    }
    line(c, RB_CHECK_FAIL, "same seed", "two instances with the same seed and actions differ: %s", words);
    return false;
}

// ---- states

// Loads a state, plays on, saves again, and holds all of it against what the twin did.
static bool restore(check *c, rb_actor *actor, saved *s, char *words, size_t bytes)
{
    rb_error error = {0};
    doing(c, "load");
    if (rb_actor_load(actor, &s->state, &error)) {
        snprintf(words, bytes, "load: %.200s", error.message);
        return false;
    }
    actor->game_steps = s->game_steps;
    if (rb_actor_look(actor) != s->look) {
        snprintf(words, bytes, "after loading, the observation is another");
        return false;
    }
    doing(c, "step");
    rb_played now[AFTER_STEPS];
    rb_state after = {0};
    rb_status status = rb_actor_play_all(actor, c->actions + s->at, AFTER_STEPS, now, &error);
    if (!status) status = save(c, actor, &after, &error);
    char differ[160];
    int at = rb_played_differ(c->other + s->at, now, AFTER_STEPS, differ, sizeof differ);
    bool same = after.bytes == s->after.bytes && !memcmp(after.data, s->after.data, after.bytes);
    if (status)
        snprintf(words, bytes, "after loading: %.200s", error.message);
    else if (at >= 0)
        snprintf(words, bytes, "saved after %d steps, loaded and played on: %s", s->at, differ);
    else if (!same)
        snprintf(words, bytes, "saved after %d steps, loaded and played on, its state is another one", s->at);
    rb_state_free(&after);
    return !status && at < 0 && same;
}

static void check_states(check *c, rb_actor *twin)
{
    rb_check_result *out = c->out;
    if (!out->can_save) {
        line(c, RB_CHECK_ABSENT, "save and load", "a resumed training starts new games");
        return;
    }
    rb_error error = {0};
    rb_actor fresh = {0};
    char words[320] = "", first[320] = "";
    const char *where = "";
    rb_status status = rb_actor_open(&fresh, c->params, c->seed + 1000, c->arena, &error);
    if (status) {
        line(c, RB_CHECK_FAIL, "save and load", "create: %s", error.message);
        return;
    }
    size_t largest = 0;
    for (int i = 0; i < c->state_count; i++) {
        saved *s = &c->states[i];
        if (s->at + AFTER_STEPS > c->steps) continue;
        if (s->state.bytes > largest) largest = s->state.bytes;
        for (int k = 0; k < 2; k++) {
            bool exact = restore(c, k ? twin : &fresh, s, words, sizeof words);
            out->restores++;
            out->restores_exact += exact;
            if (exact || *first) continue;
            rb_text_copy(first, sizeof first, words);
            where = k ? "" : "into an instance of another seed: ";
        }
    }
    if (!out->restores)
        line(c, RB_CHECK_NOTE, "save and load", "not tried: that takes at least %d steps", AFTER_STEPS);
    else if (out->restores_exact == out->restores)
        line(c, RB_CHECK_PASS, "save and load", "%d of %d restores went on exactly; %zu bytes",
             out->restores_exact, out->restores, largest);
    else
        line(c, RB_CHECK_FAIL, "save and load", "%d of %d restores went on exactly; %s%.220s",
             out->restores_exact, out->restores, where, first);
    rb_actor_close(&fresh);
}

// A state that ends too early, and a disk that is full: both must be told.
static void check_bad_states(check *c)
{
    if (!c->out->can_save || !c->state_count) return;
    rb_error error = {0};
    rb_actor actor;
    rb_state part = c->states[0].state;
    if (part.bytes < 2) return;
    part.most = part.bytes / 2;
    doing(c, "load of half a state");
    if (rb_actor_open(&actor, c->params, c->seed, c->arena, &error)) return;
    bool refused = rb_actor_load(&actor, &part, &error) != RB_OK;
    rb_actor_close(&actor);
    bool told = true;
    if (!rb_actor_open(&actor, c->params, c->seed, c->arena, &error)) {
        rb_state full = {.most = part.most};
        doing(c, "save onto a full disk");
        told = rb_actor_reset(&actor, &error) || rb_actor_save(&actor, &full, &error) != RB_OK;
        rb_state_free(&full);
        rb_actor_close(&actor);
    }
    if (refused && told)
        line(c, RB_CHECK_PASS, "bad states", "half a state is refused, and a full disk is told");
    else
        line(c, RB_CHECK_FAIL, "bad states", "%s: every transfer that returns false is a failure of %s",
             refused ? "save says that all is well on a full disk"
                     : "load takes half a state for a whole one",
             refused ? "save" : "load");
}

// ---- company

// A and B take turns with a third of another seed, which is destroyed on the way.
static rb_status take_turns(check *c, int steps, rb_played *a, rb_played *b, rb_error *error)
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

static rb_status play_on_threads(check *c, thread_play *plays, rb_error *error)
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

static void check_company(check *c)
{
    const int steps = c->steps < COMPANY_STEPS ? c->steps : COMPANY_STEPS;
    rb_error error = {0};
    char words[160];
    rb_played *played = calloc((size_t)steps * THREADS, sizeof *played);
    if (!played) return line(c, RB_CHECK_NOTE, "independent", "not tried: no memory");
    doing(c, "several instances in turns");
    rb_status status = take_turns(c, steps, played, played + steps, &error);
    const char *how = "in turns with others";
    if (!status && rb_played_differ(c->first, played, steps, words, sizeof words) < 0 &&
        rb_played_differ(c->first, played + steps, steps, words, sizeof words) < 0) {
        thread_play plays[THREADS] = {0};
        for (int k = 0; k < THREADS; k++)
            plays[k] = (thread_play){.actions = c->actions, .steps = steps, .played = played + k * steps};
        how = "beside others on threads";
        doing(c, "several instances on threads");
        status = play_on_threads(c, plays, &error);
        for (int k = 0; !status && k < THREADS && !*words; k++)
            rb_played_differ(c->first, plays[k].played, steps, words, sizeof words);
    }
    if (status)
        line(c, RB_CHECK_FAIL, "independent", "%s: %s", how, error.message);
    else if (*words)
        line(c, RB_CHECK_FAIL, "independent",
             "an instance plays differently %s (%s): a static or global variable?", how, words);
    else
        line(c, RB_CHECK_PASS, "independent", "instances in turns and on %d threads play as one alone",
             THREADS);
    free(played);
}

// ---- resets

// Bytes in use: of the heap, exactly, or where the allocator does not tell (sanitizers), of the process in
// whole pages, of which some come and go for reasons of its own. `least`: what is worth a word.
static double memory_in_use(double *least)
{
    *least = BLOCK_RESETS;
#if defined __GLIBC__ && (__GLIBC__ > 2 || __GLIBC_MINOR__ >= 33)
    struct mallinfo2 info = mallinfo2();
    if (info.uordblks) return (double)info.uordblks + (double)info.hblkhd;
#endif
    *least = 1 << 16;
    FILE *file = fopen("/proc/self/statm", "r");
    long total = 0, resident = 0;
    bool read = file && fscanf(file, "%ld %ld", &total, &resident) == 2;
    if (file) fclose(file);
    return read ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

static rb_status count_starts(check *c, rb_actor *actor, int *different, rb_error *error)
{
    uint64_t looks[STARTS];
    double seconds[STARTS];
    *different = 0;
    for (int i = 0; i < STARTS; i++) {
        const double start = rb_clock_seconds();
        rb_status status = rb_actor_reset(actor, error);
        seconds[i] = rb_clock_seconds() - start;
        if (status) return status;
        looks[i] = rb_actor_look(actor);
        bool seen = false;
        for (int k = 0; k < i; k++) seen = seen || looks[k] == looks[i];
        *different += !seen;
        rb_played unseen; // so that most resets come in the middle of a game
        for (int k = 0; !status && k < 3; k++)
            status = rb_actor_play(actor, c->actions[(3 * i + k) % c->steps], &unseen, error);
        if (status) return status;
    }
    rb_sort_ascending(seconds, STARTS);
    c->out->reset_us = seconds[STARTS / 2] * 1e6;
    return RB_OK;
}

static rb_status measure_memory(check *c, rb_actor *actor, double grown[BLOCKS], double *least,
                                rb_error *error)
{
    for (int b = 0; b < BLOCKS; b++) {
        const double before = memory_in_use(least);
        for (int i = 0; i < BLOCK_RESETS; i++) {
            rb_status status = rb_actor_reset(actor, error);
            rb_played unseen;
            for (int k = 0; !status && k < BLOCK_STEPS; k++)
                status = rb_actor_play(actor, c->actions[(b + i + k) % c->steps], &unseen, error);
            if (status) return status;
        }
        grown[b] = memory_in_use(least) - before;
    }
    return RB_OK;
}

static void check_resets(check *c, rb_actor *actor)
{
    rb_error error = {0};
    int different = 0;
    double grown[BLOCKS] = {0}, least = 0;
    doing(c, "reset in the middle of games");
    rb_status status = count_starts(c, actor, &different, &error);
    if (!status) status = measure_memory(c, actor, grown, &least, &error);
    if (status) return line(c, RB_CHECK_FAIL, "reset", "in the middle of a game: %s", error.message);
    rb_check_result *out = c->out;
    if (out->games)
        line(c, RB_CHECK_PASS, "reset", "after %lld game%s and in the middle of others",
             (long long)out->games, plural(out->games));
    else
        line(c, RB_CHECK_NOTE, "reset", "in the middle of games only: none ended within %d steps", c->steps);
    if (different == 1)
        line(c, RB_CHECK_NOTE, "starts", "all of %d games begin with the same observation", STARTS);
    else
        line(c, RB_CHECK_NOTE, "starts", "%d games begin with %d different observations", STARTS, different);
    out->bytes_per_reset = grown[BLOCKS - 1] / BLOCK_RESETS;
    bool steadily = true; // the first block may fill caches
    for (int b = 1; b < BLOCKS; b++) steadily = steadily && grown[b] >= least;
    if (steadily)
        line(c, RB_CHECK_FAIL, "memory", "grows by %.0f bytes with every game of %d steps",
             out->bytes_per_reset, BLOCK_STEPS);
    else
        line(c, RB_CHECK_PASS, "memory", "does not grow over %d games", BLOCKS * BLOCK_RESETS);
}

// ---- all of them

static rb_status prepare(check *c, const rb_actor *actor, rb_error *error)
{
    const size_t steps = (size_t)c->steps;
    const size_t picture =
        (size_t)actor->spec.screen_height * (size_t)actor->spec.screen_width * 3 + RB_CHECK_GUARD;
    c->actions = calloc(steps, sizeof *c->actions);
    c->first = calloc(steps, sizeof *c->first);
    c->other = calloc(steps, sizeof *c->other);
    c->times = calloc(steps, sizeof *c->times);
    c->picture = malloc(picture);
    c->again = malloc(picture);
    if (!c->actions || !c->first || !c->other || !c->times || !c->picture || !c->again)
        return rb_error_set(error, RB_ERR_MEMORY, "no memory to check an environment");
    rb_rng dice = rb_rng_stream(c->seed, RB_RNG_EXPLORE, 0);
    const int choices = actor->spec.actions;
    for (int i = 0; i < c->steps; i++) // each action once, then any
        c->actions[i] = i < choices ? i : (int32_t)rb_rng_below(&dice, (uint32_t)choices);
    return RB_OK;
}

static void run_checks(check *c, rb_actor *first, rb_actor *twin)
{
    rb_error error = {0};
    describe(c, first);
    if (!play_first(c, first)) return;
    rb_status status = play_other(c, twin, true, &error);
    bool repeats = judge_twin(c, status, &error);
    if (first->spec.screen_height && !status)
        judge_fill(c, "render", &c->picture_fill,
                   (size_t)first->spec.screen_height * (size_t)first->spec.screen_width * 3,
                   "whole, and the same when asked again");
    else if (!first->spec.screen_height)
        line(c, RB_CHECK_ABSENT, "render", "no picture for people");
    if (repeats) {
        check_states(c, twin);
        check_bad_states(c);
        check_company(c);
    } else {
        line(c, RB_CHECK_NOTE, "save and load",
             "not tried, nor others that compare: games can't be repeated");
    }
    check_resets(c, first);
}

static void drop(check *c)
{
    for (int i = 0; i < STATES; i++) {
        rb_state_free(&c->states[i].state);
        rb_state_free(&c->states[i].after);
    }
    free(c->actions);
    free(c->first);
    free(c->other);
    free(c->times);
    free(c->picture);
    free(c->again);
    rb_arena_destroy(c->arena);
}

rb_status rb_check_env(const rb_config *config, int steps, rb_check_result *out, rb_error *error)
{
    const rb_params *params = &config->params;
    *out = (rb_check_result){.bytes_per_reset = NAN, .return_mean = NAN, .length_mean = NAN};
    out->return_min = out->return_max = NAN;
    rb_text_copy(out->env, sizeof out->env, params->run.env);
    check c = {.params = params, .out = out, .seed = (uint64_t)params->run.seed, .steps = steps};
    if (steps < 1) return rb_error_set(error, RB_ERR_USAGE, "a check takes at least 1 step");
    if (!*params->run.env) return rb_error_set(error, RB_ERR_USAGE, "no environment was named");
    rb_cpu_flush_denormals(); // as where environments step in a training
    rb_actor first = {0}, twin = {0};
    rb_status status = rb_arena_create(&c.arena, error);
    doing(&c, "create");
    const double start = rb_clock_seconds();
    if (!status) status = rb_actor_open(&first, params, c.seed, c.arena, error);
    out->create_ms = (rb_clock_seconds() - start) * 1e3;
    if (!status) status = rb_actor_open(&twin, params, c.seed, c.arena, error);
    if (!status) status = prepare(&c, &first, error);
    if (!status) run_checks(&c, &first, &twin);
    doing(&c, "destroy");
    rb_actor_close(&first);
    rb_actor_close(&twin);
    drop(&c);
    doing(&c, "");
    return status;
}
