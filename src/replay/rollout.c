// See rollout.h.
#include "replay/rollout.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include "base/mask.h"
#include "replay/replay_state.h"

typedef struct sample {
    uint64_t ticket;
    float target;
    uint32_t unused; // no padding: saved as is
} sample;

struct rb_rollout {
    rb_rollout_spec spec;
    rb_replay *replay;
    uint64_t *from; // [streams] serial of the first row of the rollout that is being played
    float *value;   // [streams][rows] V of the state in each slot of the rings; NaN: missing
    float **asked;  // [streams * rows] the values of the last rb_rollout_missing
    int asked_count;
    sample *samples; // of the closed rollout, in the order of this epoch
    int64_t count;   // 0: none is closed
    int64_t done;    // minibatches, of all epochs
};

// A step takes two rows if it truncates an episode. Besides those there is the newest state, the frames of
// the first state's stack, and what is appended before the closed rollout has been learned from.
static int64_t rows_of(const rb_rollout_spec *spec, int stack)
{
    return 2 * ((int64_t)spec->steps + 2) + stack + 2;
}

int64_t rb_rollout_capacity(const rb_rollout_spec *spec, int stack)
{
    return spec->streams * rows_of(spec, stack);
}

int rb_rollout_batch(const rb_rollout_spec *spec)
{
    const int64_t all = (int64_t)spec->streams * spec->steps;
    return (int)((all + spec->minibatches - 1) / spec->minibatches);
}

double rb_rollout_bytes(const rb_rollout_spec *spec, int stack)
{
    return (double)rb_rollout_capacity(spec, stack) * (sizeof(float) + sizeof(float *) + sizeof(sample));
}

static void forget_values(rb_rollout *o)
{
    for (int64_t i = 0; i < o->spec.streams * o->replay->rows; i++) o->value[i] = NAN;
}

rb_status rb_rollout_create(rb_rollout **out, const rb_rollout_spec *spec, rb_replay *replay, rb_arena *arena,
                            rb_error *error)
{
    assert(spec->steps >= 1 && spec->minibatches >= 1 && spec->epochs >= 1 &&
           spec->streams == replay->spec.streams && replay->spec.n_step == 1 &&
           replay->rows >= rows_of(spec, replay->spec.stack));
    rb_rollout *o = RB_TAKE(arena, rb_rollout, 1);
    if (!o) return rb_arena_check(arena, error);
    *o = (rb_rollout){.spec = *spec, .replay = replay};
    const int64_t rows = spec->streams * replay->rows;
    o->from = RB_TAKE(arena, uint64_t, spec->streams);
    o->value = RB_TAKE(arena, float, rows);
    o->asked = RB_TAKE(arena, float *, rows);
    o->samples = RB_TAKE(arena, sample, rows);
    const rb_status status = rb_arena_check(arena, error);
    if (status) return status;
    forget_values(o);
    *out = o;
    return RB_OK;
}

const rb_rollout_spec *rb_rollout_spec_of(const rb_rollout *o)
{
    return &o->spec;
}

static const rb_row *row_of(const rb_rollout *o, int stream, uint64_t serial)
{
    const rb_ring *ring = &o->replay->rings[stream];
    return &ring->row[rb_ring_slot(ring, serial)];
}

static float *value_of(const rb_rollout *o, int stream, uint64_t serial)
{
    return &o->value[stream * o->replay->rows + rb_ring_slot(&o->replay->rings[stream], serial)];
}

// The first row of the rollout. A stream that made far more steps than the others has lost its oldest.
static uint64_t first_of(const rb_rollout *o, int stream)
{
    const rb_ring *ring = &o->replay->rings[stream];
    uint64_t first = o->from[stream], oldest = rb_ring_oldest(ring);
    if (first < oldest) first = oldest;
    while (first < ring->head && (row_of(o, stream, first)->flags & RB_ROW_ACTED) &&
           !rb_ring_drawable(ring, first))
        first++;
    return first;
}

void rb_rollout_note(rb_rollout *o, int stream, float value)
{
    *value_of(o, stream, o->replay->rings[stream].head - 1) = value;
}

bool rb_rollout_has_room(const rb_rollout *o, int stream)
{
    const rb_ring *ring = &o->replay->rings[stream];
    const int64_t rows = (int64_t)(ring->head - o->from[stream]) + o->replay->spec.stack;
    return rows + 2 <= o->replay->rows; // the last frame of an episode, and the first one of the next
}

// ---- closing

static bool needs_value(const rb_rollout *o, int stream,
                        uint64_t serial) // of the state after this row's step
{
    const uint16_t flags = row_of(o, stream, serial)->flags;
    return (flags & RB_ROW_ACTED) && !(flags & RB_ROW_TERMINATED);
}

int rb_rollout_missing(rb_rollout *o, void *states, uint8_t *masks, int most)
{
    uint8_t *to = states;
    o->asked_count = 0;
    for (int i = 0; i < o->spec.streams; i++) {
        const rb_ring *ring = &o->replay->rings[i];
        for (uint64_t s = first_of(o, i); s < ring->head && o->asked_count < most; s++) {
            if (!needs_value(o, i, s) || !isnan(*value_of(o, i, s + 1))) continue;
            rb_ring_copy_stack(ring, s + 1, to);
            to += (size_t)ring->stack * ring->frame_bytes;
            if (ring->masks)
                rb_mask_unpack(masks + (size_t)o->asked_count * (size_t)ring->masked_actions,
                               rb_ring_mask(ring, s + 1), ring->masked_actions);
            o->asked[o->asked_count++] = value_of(o, i, s + 1);
        }
    }
    return o->asked_count;
}

void rb_rollout_supply(rb_rollout *o, const float *values)
{
    for (int i = 0; i < o->asked_count; i++) *o->asked[i] = values[i];
}

// The returns of one stream, from its newest step backwards.
static void close_stream(rb_rollout *o, int stream)
{
    const rb_ring *ring = &o->replay->rings[stream];
    const double gamma = o->spec.gamma, lambda = o->spec.lambda;
    const uint64_t first = first_of(o, stream);
    double later = 0;     // G_{t+1}
    bool follows = false; // there is one, of the same episode
    for (uint64_t s = ring->head; s-- > first;) {
        const rb_row *row = row_of(o, stream, s);
        if (!(row->flags & RB_ROW_ACTED)) { // the newest state, or the last one of a truncated episode
            follows = false;
            continue;
        }
        double target = (double)row->reward;
        if (!(row->flags & RB_ROW_TERMINATED)) {
            const double value = (double)*value_of(o, stream, s + 1);
            target += gamma * (follows ? (1 - lambda) * value + lambda * later : value);
        }
        later = target;
        follows = true;
        o->samples[o->count++] =
            (sample){.ticket = s * (uint64_t)o->spec.streams + (uint64_t)stream, .target = (float)target};
    }
}

static void shuffle(rb_rollout *o, rb_rng *rng)
{
    for (int64_t i = o->count - 1; i > 0; i--) {
        const uint32_t j = rb_rng_below(rng, (uint32_t)i + 1);
        const sample s = o->samples[i];
        o->samples[i] = o->samples[j];
        o->samples[j] = s;
    }
}

// The next rollout begins with the states that wait for an action.
static void begin(rb_rollout *o)
{
    for (int i = 0; i < o->spec.streams; i++) {
        const rb_ring *ring = &o->replay->rings[i];
        o->from[i] = ring->open ? ring->head - 1 : ring->head;
    }
    forget_values(o);
}

void rb_rollout_close(rb_rollout *o, rb_rng *rng)
{
    o->count = o->done = 0;
    for (int i = 0; i < o->spec.streams; i++) close_stream(o, i);
    shuffle(o, rng);
    begin(o);
}

void rb_rollout_discard(rb_rollout *o)
{
    o->count = o->done = 0;
    begin(o);
}

// ---- learning

// As many as configured, unless the steps are too few, or too many because a stream was ahead of the others.
static int64_t minibatches_of(const rb_rollout *o)
{
    const int64_t most = rb_rollout_batch(&o->spec), least = (o->count + most - 1) / most;
    if (o->count < o->spec.minibatches) return o->count;
    return least > o->spec.minibatches ? least : o->spec.minibatches;
}

int64_t rb_rollout_left(const rb_rollout *o)
{
    return o->count ? minibatches_of(o) * o->spec.epochs - o->done : 0;
}

bool rb_rollout_gather(rb_rollout *o, rb_batch *batch, int ahead)
{
    const int64_t all = minibatches_of(o), k = o->done % all + ahead;
    if (k >= all) return false;
    const int64_t from = k * o->count / all, to = (k + 1) * o->count / all;
    batch->size = (int)(to - from);
    for (int i = 0; i < batch->size; i++) {
        batch->tickets[i] = o->samples[from + i].ticket;
        batch->weights[i] = 1;
    }
    rb_replay_gather_states(o->replay, batch);
    for (int i = 0; i < batch->size; i++) {
        batch->returns[i] = o->samples[from + i].target;
        batch->discounts[i] = 0;
    }
    return true;
}

void rb_rollout_learned(rb_rollout *o, rb_rng *rng)
{
    o->done++;
    if (!rb_rollout_left(o))
        o->count = o->done = 0;
    else if (o->done % minibatches_of(o) == 0)
        shuffle(o, rng);
}

// ---- state

static void check_samples(const rb_rollout *o, rb_visitor *visitor)
{
    int stream;
    uint64_t serial;
    for (int64_t k = 0; k < o->count; k++) {
        const sample *s = &o->samples[k];
        if (isfinite(s->target) && rb_replay_ticket(o->replay, s->ticket, &stream, &serial)) continue;
        rb_visitor_fail(visitor, RB_ERR_FORMAT,
                        "rollout: sample %lld has target %g and ticket %llu, but must have a finite one and "
                        "that of a step that is stored",
                        (long long)k, (double)s->target, (unsigned long long)s->ticket);
        return;
    }
}

void rb_rollout_visit(rb_rollout *o, rb_visitor *visitor)
{
    rb_visit_open(visitor, "rollout");
    for (int i = 0; i < o->spec.streams; i++) {
        char name[32];
        snprintf(name, sizeof name, "from%d", i);
        rb_visit_u64(visitor, name, &o->from[i]);
        rb_visit_limits(visitor, name, (int64_t)o->from[i], 0, (int64_t)o->replay->rings[i].head);
    }
    rb_visit_i64(visitor, "count", &o->count);
    rb_visit_limits(visitor, "count", o->count, 0, o->spec.streams * o->replay->rows);
    rb_visit_i64(visitor, "done", &o->done);
    if (!rb_visitor_failed(visitor)) {
        rb_visit_limits(visitor, "done", o->done, 0, o->count ? minibatches_of(o) * o->spec.epochs - 1 : 0);
        rb_visit_bytes(visitor, "samples", o->samples, (size_t)o->count * sizeof(sample));
    }
    rb_visit_close(visitor);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    forget_values(o);
    check_samples(o, visitor);
}
