// See check_play.h.
#include "inspect/check_play.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "base/clock.h"
#include "base/mask.h"
#include "env/contract.h"
#include "env/vector_spec.h"

// ---- an instance

rb_status rb_actor_open(rb_actor *actor, const rb_params *params, uint64_t seed, rb_arena *arena,
                        rb_error *error)
{
    *actor = (rb_actor){0};
    rb_vector_spec spec = rb_vector_spec_make(params, seed, 1);
    spec.screens = true; // check render too, if there is one
    rb_status status = rb_vector_create(&actor->vector, &spec, arena, error);
    if (status) return status;
    actor->class = rb_vector_class(actor->vector);
    actor->env = rb_vector_env(actor->vector, 0);
    actor->spec = *rb_vector_env_spec(actor->vector);
    actor->frame_bytes = rb_env_frame_bytes(&actor->spec);
    actor->frame = malloc(actor->frame_bytes + RB_CHECK_GUARD);
    actor->other = malloc(actor->frame_bytes + RB_CHECK_GUARD);
    if (actor->spec.masks) {
        actor->mask = malloc((size_t)actor->spec.actions + RB_CHECK_GUARD);
        actor->mask_other = malloc((size_t)actor->spec.actions + RB_CHECK_GUARD);
    }
    const bool masks = !actor->spec.masks || (actor->mask && actor->mask_other);
    if (actor->frame && actor->other && masks) return RB_OK;
    rb_actor_close(actor);
    return rb_error_set(error, RB_ERR_MEMORY, "no memory for an environment");
}

void rb_actor_close(rb_actor *actor)
{
    rb_vector_destroy(actor->vector);
    free(actor->frame);
    free(actor->other);
    free(actor->mask);
    free(actor->mask_other);
    *actor = (rb_actor){0};
}

// Keeps a failure of the environment; one without a message gets it: what failed, and what was expected.
static rb_status failed(const char *function, rb_status status, const rb_error *own, rb_error *error)
{
    if (own->message[0]) return rb_error_set(error, status, "%s", own->message);
    return rb_error_set(error, status,
                        "%s returned status %d without a message; a function that fails must end with "
                        "`return rb_env_fail(error, \"why\")`",
                        function, (int)status);
}

// Reads the mask of a game that has not terminated.
static rb_status look_at_mask(rb_actor *actor, rb_error *error)
{
    rb_error own = {0};
    if (!actor->mask) return RB_OK;
    memset(actor->mask, 0xff, (size_t)actor->spec.actions);
    actor->class->mask(actor->env, actor->mask);
    rb_status status = rb_env_check_observed(&own);
    if (status) return failed("mask", status, &own, error);
    status = rb_env_mask_check(actor->mask, actor->spec.actions, error);
    if (status) return status;
    actor->masks++;
    actor->allowed += rb_mask_count(actor->mask, actor->spec.actions);
    return RB_OK;
}

rb_status rb_actor_reset(rb_actor *actor, rb_error *error)
{
    rb_error own = {0};
    rb_status status = actor->class->reset(actor->env, &own);
    actor->game_steps = 0;
    return status ? failed("reset", status, &own, error) : look_at_mask(actor, error);
}

// ---- playing

// FNV-1a over words: only equality matters.
static uint64_t hash(uint64_t seed, const void *data, size_t bytes)
{
    const uint8_t *at = data;
    uint64_t h = seed ^ UINT64_C(0xcbf29ce484222325);
    for (; bytes >= 8; bytes -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        h = (h ^ word) * UINT64_C(0x100000001b3);
        h ^= h >> 29;
    }
    for (; bytes; bytes--, at++) h = (h ^ *at) * UINT64_C(0x100000001b3);
    return h;
}

uint64_t rb_actor_hash(rb_actor *actor)
{
    actor->class->observe(actor->env, actor->frame);
    const uint64_t seen = hash(0, actor->frame, actor->frame_bytes);
    return actor->mask ? hash(seen, actor->mask, (size_t)actor->spec.actions) : seen;
}

// As training does it with environments that are computed elsewhere.
static rb_status begin_and_wait(rb_actor *actor, int action, rb_error *error)
{
    static const double most = 10; // seconds
    const double start = rb_clock_seconds();
    actor->class->begin(actor->env, action);
    while (!actor->class->ready(actor->env)) {
        if (rb_clock_seconds() - start > most)
            return rb_error_set(error, RB_ERR_ENV, "ready was still false %g seconds after begin", most);
        rb_clock_nap(1e-4);
    }
    return RB_OK;
}

rb_status rb_actor_play(rb_actor *actor, int action, rb_played *out, rb_error *error)
{
    rb_env_step step = {0};
    rb_error own = {0};
    *out = (rb_played){0};
    if (actor->mask) {
        const int allowed = rb_mask_count(actor->mask, actor->spec.actions);
        action = rb_mask_nth(actor->mask, actor->spec.actions, action % allowed);
    }
    out->action = action;
    rb_status status = actor->begins && actor->class->begin ? begin_and_wait(actor, action, error) : RB_OK;
    if (status) return status;
    status = actor->class->step(actor->env, action, &step, &own);
    if (status) return failed("step", status, &own, error);
    if (step.cut) return rb_error_set(error, RB_ERR_ENV, "the game was lost before the step was done");
    actor->game_steps++;
    out->reward = step.reward;
    out->frames = step.frames;
    out->terminated = step.terminated;
    out->truncated = step.truncated;
    out->life_lost = step.life_lost;
    const int64_t most = rb_vector_limit_steps(actor->vector);
    out->limit = most && actor->game_steps >= most;
    if (!out->terminated) status = look_at_mask(actor, error);
    if (status) return status;
    out->observation = rb_actor_hash(actor);
    status = rb_env_check_observed(&own);
    if (status) return failed("observe", status, &own, error);
    if (!out->terminated && !out->truncated && !out->limit) return RB_OK;
    status = rb_actor_reset(actor, error);
    if (status) return status;
    uint64_t first = rb_actor_hash(actor);
    out->observation = hash(out->observation, &first, sizeof first);
    return RB_OK;
}

rb_status rb_actor_play_all(rb_actor *actor, const int32_t *actions, int count, rb_played *out,
                            rb_error *error)
{
    for (int i = 0; i < count; i++) {
        rb_status status = rb_actor_play(actor, actions[i], &out[i], error);
        if (status) return rb_error_context(error, status, "step %d", i);
    }
    return RB_OK;
}

int rb_played_differ(const rb_played *a, const rb_played *b, int count, char *words, size_t bytes)
{
    if (bytes) words[0] = 0;
    for (int i = 0; i < count; i++) {
        const rb_played *p = &a[i], *q = &b[i];
        if (!memcmp(p, q, sizeof *p)) continue;
        if (memcmp(&p->reward, &q->reward, sizeof p->reward) != 0)
            snprintf(words, bytes, "step %d: rewards %.9g and %.9g", i, p->reward, q->reward);
        else if (p->terminated != q->terminated || p->truncated != q->truncated)
            snprintf(words, bytes, "step %d: the game ends in only one of them", i);
        else if (p->life_lost != q->life_lost)
            snprintf(words, bytes, "step %d: a life is lost in only one of them", i);
        else if (p->action != q->action)
            snprintf(words, bytes, "step %d: other actions are allowed", i);
        else if (p->frames != q->frames)
            snprintf(words, bytes, "step %d: %d frames and %d", i, p->frames, q->frames);
        else
            snprintf(words, bytes, "step %d: different observations", i);
        return i;
    }
    return -1;
}

// ---- output

enum { FILL_A = 0xa5, FILL_B = 0x5a };

static rb_fill judge(const uint8_t *a, const uint8_t *b, size_t values, size_t value_bytes, bool floats)
{
    rb_fill fill = {0};
    for (size_t i = 0; i < values; i++) {
        const uint8_t *p = a + i * value_bytes, *q = b + i * value_bytes;
        bool left = true;
        for (size_t k = 0; k < value_bytes; k++) left = left && p[k] == FILL_A && q[k] == FILL_B;
        if (left) {
            fill.unwritten++;
            continue;
        }
        fill.changing += memcmp(p, q, value_bytes) != 0;
        float number = 0;
        if (floats) memcpy(&number, p, sizeof number);
        fill.not_finite += floats && !isfinite(number);
    }
    for (size_t i = 0; i < RB_CHECK_GUARD; i++)
        fill.beyond += a[values * value_bytes + i] != FILL_A || b[values * value_bytes + i] != FILL_B;
    return fill;
}

rb_fill rb_actor_fill_frame(rb_actor *actor)
{
    const size_t value_bytes = rb_obs_bytes(actor->spec.kind, 1);
    memset(actor->frame, FILL_A, actor->frame_bytes + RB_CHECK_GUARD);
    memset(actor->other, FILL_B, actor->frame_bytes + RB_CHECK_GUARD);
    actor->class->observe(actor->env, actor->frame);
    actor->class->observe(actor->env, actor->other);
    rb_fill fill = judge(actor->frame, actor->other, actor->frame_bytes / value_bytes, value_bytes,
                         actor->spec.kind == RB_OBS_F32);
    size_t at;
    float value;
    if (actor->spec.kind != RB_OBS_F32)
        fill.not_finite += rb_env_frame_odd(&actor->spec, actor->frame, &at, &value);
    return fill;
}

rb_fill rb_actor_fill_mask(rb_actor *actor)
{
    const size_t bytes = (size_t)actor->spec.actions;
    memset(actor->mask, FILL_A, bytes + RB_CHECK_GUARD);
    memset(actor->mask_other, FILL_B, bytes + RB_CHECK_GUARD);
    actor->class->mask(actor->env, actor->mask);
    actor->class->mask(actor->env, actor->mask_other);
    return judge(actor->mask, actor->mask_other, bytes, 1, false);
}

rb_fill rb_actor_fill_picture(rb_actor *actor, uint8_t *a, uint8_t *b)
{
    const size_t bytes = (size_t)actor->spec.screen_height * (size_t)actor->spec.screen_width * 3;
    memset(a, FILL_A, bytes + RB_CHECK_GUARD);
    memset(b, FILL_B, bytes + RB_CHECK_GUARD);
    actor->class->render(actor->env, a);
    actor->class->render(actor->env, b);
    return judge(a, b, bytes, 1, false);
}

// ---- states

static bool write_state(rb_env_stream *stream, void *data, size_t bytes)
{
    rb_state *s = stream->context;
    if (s->most && bytes > s->most - s->bytes) return false;
    if (bytes > s->room - s->bytes) {
        size_t room = 2 * s->room + bytes + 4096;
        char *more = realloc(s->data, room);
        if (!more) return false;
        s->data = more;
        s->room = room;
    }
    if (bytes) memcpy(s->data + s->bytes, data, bytes);
    s->bytes += bytes;
    return true;
}

static bool read_state(rb_env_stream *stream, void *data, size_t bytes)
{
    rb_state *s = stream->context;
    const size_t end = s->most ? s->most : s->bytes;
    if (bytes > end - s->at) return false;
    if (bytes) memcpy(data, s->data + s->at, bytes);
    s->at += bytes;
    return true;
}

rb_status rb_actor_save(rb_actor *actor, rb_state *state, rb_error *error)
{
    rb_error own = {0};
    rb_env_stream stream = {write_state, state};
    state->bytes = 0;
    rb_status status = actor->class->save(actor->env, &stream, &own);
    return status ? failed("save", status, &own, error) : RB_OK;
}

rb_status rb_actor_load(rb_actor *actor, rb_state *state, rb_error *error)
{
    rb_error own = {0};
    rb_env_stream stream = {read_state, state};
    state->at = 0;
    rb_status status = actor->class->load(actor->env, &stream, &own);
    if (status) return failed("load", status, &own, error);
    if (!state->most && state->at != state->bytes)
        return rb_error_set(error, RB_ERR_FORMAT, "load read %zu of the %zu bytes that save wrote", state->at,
                            state->bytes);
    return state->most ? RB_OK : look_at_mask(actor, error);
}

void rb_state_free(rb_state *state)
{
    free(state->data);
    *state = (rb_state){0};
}
