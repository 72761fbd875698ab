// Replay: memory, appending and state. Sampling and priorities are in sampler.c.
#include "replay/replay_state.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include "base/mask.h"

static size_t frame_bytes_of(const rb_replay_spec *spec)
{
    size_t values = (size_t)spec->channels * (size_t)spec->height * (size_t)spec->width;
    return rb_obs_bytes(spec->kind, values) + (size_t)spec->vector * sizeof(float);
}

static int64_t rows_of(const rb_replay_spec *spec)
{
    return spec->params.capacity / spec->streams;
}

static uint32_t table_size_of(const rb_replay_spec *spec)
{
    uint32_t size = 2;
    while (size < 2 * (uint32_t)spec->batch) size *= 2;
    return size;
}

// The rows that a ring must hold however badly frames compress: enough for a whole batch of starts in one
// endless episode.
static int64_t least_rows_of(const rb_replay_spec *spec)
{
    int64_t least = spec->n_step + spec->stack + 1 + (spec->batch + spec->streams - 1) / spec->streams;
    return least < rows_of(spec) ? least : rows_of(spec);
}

static bool is_packed(const rb_replay_spec *spec)
{
    return spec->params.compress != RB_COMPRESS_NONE;
}

bool rb_replay_can_compress(const rb_replay_spec *spec)
{
    return !is_packed(spec) && spec->kind == RB_OBS_U8 && rb_packed_available();
}

// In doubles, so that even a plan too large for any machine is a valid number. The sums match those of
// rb_replay_create.
double rb_replay_bytes(const rb_replay_spec *spec)
{
    double rows = (double)rows_of(spec) * spec->streams, batch = spec->batch;
    double frame = (double)spec->channels * spec->height * spec->width * (double)rb_obs_bytes(spec->kind, 1) +
                   (double)spec->vector * sizeof(float);
    double bytes = sizeof(rb_replay) + spec->streams * (double)sizeof(rb_ring);
    bytes += rows * (double)sizeof(rb_row);
    bytes += rows * (double)rb_mask_bytes(spec->masked_actions) + 2 * batch * spec->masked_actions;
    if (is_packed(spec))
        bytes += rb_packed_scratch_bytes(frame_bytes_of(spec)) +
                 spec->streams * rb_packed_bytes(rows_of(spec), least_rows_of(spec), frame_bytes_of(spec),
                                                 spec->params.compress_ratio);
    else
        bytes += rows * frame;
    bytes += (double)rb_sum_tree_bytes((int64_t)rows > 0 ? (int64_t)rows : 1);
    bytes += (spec->n_step + 1) * (double)sizeof(double);
    bytes += 2 * batch * spec->stack * frame; // states and next states
    bytes += batch * (sizeof(int32_t) + 4 * sizeof(float) + sizeof(uint64_t));
    if (spec->params.intensity > 0) bytes += batch * 2 * sizeof(float);
    if (spec->params.on_device) bytes += batch * 2 * spec->stack * sizeof(int32_t);
    bytes += batch * (sizeof(double) + sizeof(int64_t)) + table_size_of(spec) * (double)sizeof(uint32_t);
    return bytes;
}

// A ring must be so large that windows never meet its write head, and must have room for a whole batch of
// starts in one endless episode.
static rb_status check_spec(const rb_replay_spec *spec, rb_error *error)
{
    int64_t streams = spec->streams, reach = spec->n_step + spec->stack;
    int64_t least = streams * (reach + 1), for_batch = spec->batch + streams * reach;
    if (for_batch > least) least = for_batch;
    if (spec->params.capacity < least)
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.capacity = %lld: must be at least %lld with %d environments, stacks of "
                            "%d, %d-step returns and "
                            "batches of %d",
                            (long long)spec->params.capacity, (long long)least, spec->streams, spec->stack,
                            spec->n_step, spec->batch);
    if (is_packed(spec) && spec->kind != RB_OBS_U8)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "replay.compress: only pictures (bytes) can be compressed, but this environment's "
            "observations are floats; set it to none");
    if (spec->params.shift && spec->height * spec->width == 1)
        return rb_error_set(error, RB_ERR_USAGE,
                            "replay.shift = %lld: shifts pictures, but this environment's observations are "
                            "vectors; set it to 0",
                            (long long)spec->params.shift);
    if (spec->params.intensity > 0 && spec->height * spec->width == 1)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "replay.intensity = %g: makes pictures brighter or darker, but this environment's "
            "observations are vectors; set it to 0",
            spec->params.intensity);
    if (is_packed(spec) && !rb_packed_available())
        return rb_error_set(
            error, RB_ERR_MISSING,
            "replay.compress = lz4: this program was built without LZ4; install liblz4-dev and "
            "build again");
    if (rows_of(spec) * streams >= UINT32_MAX || rb_replay_bytes(spec) >= (double)(PTRDIFF_MAX / 2))
        return rb_error_set(error, RB_ERR_MEMORY,
                            "replay.capacity = %lld: needs %.3g GB, more than any machine has",
                            (long long)spec->params.capacity, rb_replay_bytes(spec) / 1e9);
    return RB_OK;
}

static void take_batch(rb_batch *batch, const rb_replay_spec *spec, size_t frame_bytes, rb_arena *arena)
{
    size_t observations = (size_t)spec->batch * (size_t)spec->stack * frame_bytes;
    *batch = (rb_batch){
        .size = spec->batch,
        .kind = spec->kind,
        .planes = spec->stack * spec->channels,
        .height = spec->height,
        .width = spec->width,
        .vector = spec->vector,
        .frames = spec->stack,
        .states = rb_arena_take(arena, observations),
        .next_states = rb_arena_take(arena, observations),
        .actions = RB_TAKE(arena, int32_t, spec->batch),
        .returns = RB_TAKE(arena, float, spec->batch),
        .discounts = RB_TAKE(arena, float, spec->batch),
        .weights = RB_TAKE(arena, float, spec->batch),
        .tickets = RB_TAKE(arena, uint64_t, spec->batch),
        .priorities = RB_TAKE(arena, float, spec->batch),
    };
    if (spec->params.intensity > 0) {
        batch->intensities = RB_TAKE(arena, float, spec->batch);
        batch->next_intensities = RB_TAKE(arena, float, spec->batch);
    }
    if (spec->params.on_device) batch->slots = RB_TAKE(arena, int32_t, 2 * spec->batch * spec->stack);
    if (!spec->masked_actions) return;
    batch->masks = RB_TAKE(arena, uint8_t, spec->batch * spec->masked_actions);
    batch->next_masks = RB_TAKE(arena, uint8_t, spec->batch * spec->masked_actions);
}

void rb_replay_take_batch(const rb_replay *replay, rb_batch *out, rb_arena *arena)
{
    take_batch(out, &replay->spec, frame_bytes_of(&replay->spec), arena);
}

rb_status rb_replay_create(rb_replay **out, const rb_replay_spec *spec, rb_arena *arena, rb_error *error)
{
    assert(spec->streams >= 1 && spec->stack >= 1 && spec->n_step >= 1 && spec->batch >= 1 &&
           spec->params.beta_steps >= 1);
    rb_status status = check_spec(spec, error);
    if (status != RB_OK) return status;
    size_t frame_bytes = frame_bytes_of(spec);
    rb_replay *replay = RB_TAKE(arena, rb_replay, 1);
    if (!replay) return rb_arena_check(arena, error);
    *replay = (rb_replay){
        .spec = *spec, .rows = rows_of(spec), .max_priority = 1, .table_size = table_size_of(spec)};
    replay->rings = RB_TAKE(arena, rb_ring, spec->streams);
    replay->powers = RB_TAKE(arena, double, spec->n_step + 1);
    replay->places = RB_TAKE(arena, double, spec->batch);
    replay->indices = RB_TAKE(arena, int64_t, spec->batch);
    replay->rank_table = RB_TAKE(arena, uint32_t, replay->table_size);
    rb_sum_tree_init(&replay->tree, replay->rows * spec->streams, arena);
    take_batch(&replay->batch, spec, frame_bytes, arena);
    if (is_packed(spec)) rb_packed_scratch_init(&replay->packed_scratch, frame_bytes, arena);
    for (int i = 0; replay->rings && i < spec->streams; i++) {
        rb_ring_init(&replay->rings[i], replay->rows, frame_bytes, spec->masked_actions, !is_packed(spec),
                     arena);
        if (is_packed(spec))
            rb_packed_init(&replay->rings[i].packed, replay->rows, least_rows_of(spec), frame_bytes,
                           spec->params.compress_ratio, &replay->packed_scratch, &replay->rings[i].gate,
                           arena);
        replay->rings[i].stack = spec->stack;
        replay->rings[i].n_step = spec->n_step;
        replay->rings[i].black_start = spec->black_start;
        replay->rings[i].whole = spec->whole;
    }
    status = rb_arena_check(arena, error);
    if (status != RB_OK) return status;
    rb_replay_window(replay, spec->n_step, spec->gamma);
    *out = replay;
    return RB_OK;
}

void rb_replay_window(rb_replay *replay, int steps, double gamma)
{
    assert(steps >= 1 && steps <= replay->spec.n_step);
    replay->window = steps;
    for (int i = 0; i <= steps; i++) replay->powers[i] = i == 0 ? 1.0 : replay->powers[i - 1] * gamma;
}

static void set_leaf(rb_replay *replay, int stream, uint64_t serial, double value)
{
    int64_t leaf = stream * replay->rows + rb_ring_slot(&replay->rings[stream], serial);
    replay->starts += (value > 0) - (rb_sum_tree_get(&replay->tree, leaf) > 0);
    rb_sum_tree_set(&replay->tree, leaf, value);
}

static void apply(rb_replay *replay, int stream, rb_ring_change change)
{
    double fresh =
        replay->spec.params.prioritized ? pow(replay->max_priority, replay->spec.params.alpha) : 1.0;
    for (uint64_t s = change.lost_from; s < change.lost_to; s++) set_leaf(replay, stream, s, 0);
    for (uint64_t s = change.ready_from; s < change.ready_to; s++) set_leaf(replay, stream, s, fresh);
}

void rb_replay_begin(rb_replay *replay, int stream, const void *frame)
{
    assert(stream >= 0 && stream < replay->spec.streams);
    apply(replay, stream, rb_ring_begin(&replay->rings[stream], frame));
}

void rb_replay_append(rb_replay *replay, int stream, int action, float reward, bool terminated,
                      bool truncated, const void *next_frame)
{
    assert(stream >= 0 && stream < replay->spec.streams);
    apply(replay, stream,
          rb_ring_append(&replay->rings[stream], action, reward, terminated, truncated, next_frame));
}

void rb_replay_allow(rb_replay *replay, int stream, const uint8_t *allowed)
{
    assert(stream >= 0 && stream < replay->spec.streams);
    rb_ring *ring = &replay->rings[stream];
    assert(ring->head > 0);
    if (ring->open || !(ring->row[rb_ring_slot(ring, ring->head - 1)].flags & RB_ROW_ACTED))
        rb_ring_allow(ring, allowed);
}

int64_t rb_replay_size(const rb_replay *replay)
{
    int64_t steps = 0;
    for (int i = 0; i < replay->spec.streams; i++) steps += replay->rings[i].steps;
    return steps;
}

int64_t rb_replay_capacity(const rb_replay *replay)
{
    return replay->spec.params.capacity;
}

int64_t rb_replay_evicted_early(const rb_replay *replay)
{
    int64_t rows = 0;
    for (int i = 0; i < replay->spec.streams; i++) rows += replay->rings[i].evicted_early;
    return rows;
}

double rb_replay_frames_bytes(const rb_replay *replay)
{
    double bytes = 0;
    for (int i = 0; i < replay->spec.streams; i++) {
        const rb_ring *ring = &replay->rings[i];
        bytes += ring->frames ? (double)rb_ring_filled(ring) * (double)ring->frame_bytes
                              : rb_packed_stored_bytes(&ring->packed);
    }
    return bytes;
}

int64_t rb_replay_starts(const rb_replay *replay)
{
    return replay->starts;
}

rb_batch *rb_replay_batch(rb_replay *replay)
{
    return &replay->batch;
}

double rb_replay_beta(const rb_replay *replay, int64_t step)
{
    const rb_replay_params *params = &replay->spec.params;
    double share = (double)step / (double)params->beta_steps;
    if (share >= 1) return params->beta_end;
    return params->beta_start + (params->beta_end - params->beta_start) * (share > 0 ? share : 0);
}

// A leaf is above 0 exactly if its row is drawable, and no leaf is above the largest priority's.
static void check_leaves(rb_replay *replay, int stream, rb_visitor *visitor)
{
    const rb_ring *ring = &replay->rings[stream];
    const rb_replay_params *params = &replay->spec.params;
    const double most = params->prioritized ? pow(replay->max_priority, params->alpha) * (1 + 1e-9) : 1;
    for (int64_t slot = 0; slot < rb_ring_filled(ring); slot++) {
        const double leaf = replay->tree.level[0][stream * replay->rows + slot];
        const uint64_t serial = rb_ring_serial(ring, slot);
        const bool drawable = serial >= rb_ring_oldest(ring) && rb_ring_drawable(ring, serial);
        if (!(leaf >= 0 && leaf <= most) || (leaf > 0) != drawable) {
            rb_visitor_fail(visitor, RB_ERR_FORMAT,
                            "replay: stream %d: the priority of row %llu is %g, but must be %s %g", stream,
                            (unsigned long long)serial, leaf,
                            drawable ? "above 0 and at most" : "0, because it can't be sampled; the most is",
                            most);
            return;
        }
    }
}

// Only the leaves of filled slots are saved; sums and counts follow from them.
void rb_replay_visit(rb_replay *replay, rb_visitor *visitor)
{
    bool loading = rb_visitor_loading(visitor);
    double *leaves = rb_sum_tree_leaves(&replay->tree);
    rb_visit_open(visitor, "replay");
    rb_visit_expect(visitor, "streams", (uint64_t)replay->spec.streams);
    rb_visit_expect(visitor, "prioritized", replay->spec.params.prioritized);
    rb_visit_f64(visitor, "max_priority", &replay->max_priority);
    rb_visit_limit_f64(visitor, "max_priority", replay->max_priority, 1, 2 * (double)FLT_MAX);
    if (loading)
        for (int64_t i = 0; i < replay->tree.size; i++) leaves[i] = 0;
    for (int i = 0; i < replay->spec.streams && !rb_visitor_failed(visitor); i++) {
        char name[32];
        snprintf(name, sizeof name, "stream%d", i);
        rb_ring *ring = &replay->rings[i];
        rb_visit_open(visitor, name);
        rb_ring_visit(ring, visitor);
        if (!rb_visitor_failed(visitor))
            rb_visit_f64s(visitor, "leaves", leaves + i * replay->rows, (size_t)rb_ring_filled(ring));
        rb_visit_close(visitor);
    }
    rb_visit_close(visitor);
    if (loading) rb_visit_outside(visitor);
    for (int i = 0; i < replay->spec.streams && loading && !rb_visitor_failed(visitor); i++) {
        rb_ring_check(&replay->rings[i], visitor);
        if (!rb_visitor_failed(visitor)) check_leaves(replay, i, visitor);
    }
    if (!loading || rb_visitor_failed(visitor)) return;
    replay->starts = 0;
    for (int64_t i = 0; i < replay->tree.size; i++) replay->starts += leaves[i] > 0;
    rb_sum_tree_rebuild(&replay->tree);
}

void rb_replay_visit_batch(rb_replay *replay, rb_visitor *visitor)
{
    rb_batch *batch = &replay->batch;
    int32_t count = batch->size;
    rb_visit_open(visitor, "batch");
    rb_visit_i32(visitor, "size", &count);
    if (!rb_visitor_failed(visitor) && (count < 1 || count > replay->spec.batch))
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: a batch has %d samples, but at most %d are allowed",
                        (int)count, replay->spec.batch);
    if (!rb_visitor_failed(visitor)) {
        batch->size = count;
        const size_t size = (size_t)count;
        const size_t bytes = size * rb_batch_observation_bytes(batch);
        rb_visit_bytes(visitor, "states", batch->states, bytes);
        rb_visit_bytes(visitor, "next_states", batch->next_states, bytes);
        if (batch->masks) {
            const size_t masks = size * (size_t)replay->spec.masked_actions;
            rb_visit_bytes(visitor, "masks", batch->masks, masks);
            rb_visit_bytes(visitor, "next_masks", batch->next_masks, masks);
        }
        if (batch->intensities) {
            rb_visit_f32s(visitor, "intensities", batch->intensities, size);
            rb_visit_f32s(visitor, "next_intensities", batch->next_intensities, size);
        }
        rb_visit_bytes(visitor, "actions", batch->actions, size * sizeof *batch->actions);
        rb_visit_f32s(visitor, "returns", batch->returns, size);
        rb_visit_f32s(visitor, "discounts", batch->discounts, size);
        rb_visit_f32s(visitor, "weights", batch->weights, size);
        rb_visit_bytes(visitor, "tickets", batch->tickets, size * sizeof *batch->tickets);
    }
    rb_visit_close(visitor);
}

static void check_action(rb_visitor *visitor, const char *what, int64_t i, int action, int actions)
{
    if (action >= 0 && action < actions) return;
    rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: %s %lld has action %d, but must have one from 0 to %d",
                    what, (long long)i, action, actions - 1);
}

void rb_replay_check_waits(const rb_replay *replay, rb_visitor *visitor, int stream)
{
    if (rb_visitor_loading(visitor) && !replay->rings[stream].open)
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: stream %d does not wait for an action", stream);
}

// Every stored state allows some action, and the action that was taken.
static void check_masks(const rb_ring *ring, rb_visitor *visitor)
{
    for (uint64_t serial = rb_ring_oldest(ring); serial < ring->head; serial++) {
        const rb_row *row = &ring->row[rb_ring_slot(ring, serial)];
        const uint8_t *bits = rb_ring_mask(ring, serial);
        const bool taken = !(row->flags & RB_ROW_ACTED) || bits[row->action / 8] >> row->action % 8 & 1;
        if (taken && rb_mask_packed_valid(bits, ring->masked_actions)) continue;
        rb_visitor_fail(
            visitor, RB_ERR_FORMAT, "replay: row %llu has a mask that %s", (unsigned long long)serial,
            taken ? "allows no action, or one that does not exist" : "forbids the action that was taken");
        return;
    }
}

// The vectors behind `count` frames of bytes.
static void check_vectors(const rb_replay *replay, rb_visitor *visitor, const uint8_t *frames, size_t count)
{
    const size_t bytes = frame_bytes_of(&replay->spec), numbers = (size_t)replay->spec.vector;
    for (size_t i = 0; i < count && !rb_visitor_failed(visitor); i++)
        rb_visit_finite_floats(visitor, "frames", frames + (i + 1) * bytes - numbers * sizeof(float),
                               numbers);
}

void rb_replay_check_loaded(const rb_replay *replay, rb_visitor *visitor, int actions)
{
    for (int i = 0; i < replay->spec.streams && rb_visitor_loading(visitor); i++) {
        const rb_ring *ring = &replay->rings[i];
        const size_t filled = (size_t)rb_ring_filled(ring);
        for (size_t slot = 0; slot < filled && !rb_visitor_failed(visitor); slot++) {
            const rb_row *row = &ring->row[slot];
            if (!(row->flags & RB_ROW_ACTED)) continue;
            check_action(visitor, "row", (int64_t)slot, row->action, actions);
            rb_visit_finite_f32(visitor, "reward", &row->reward, 1);
        }
        if (ring->masks && !rb_visitor_failed(visitor)) check_masks(ring, visitor);
        if (replay->spec.kind == RB_OBS_F32 && ring->frames)
            rb_visit_finite_f32(visitor, "frames", (const float *)ring->frames,
                                filled * ring->frame_bytes / sizeof(float));
        else if (replay->spec.vector && ring->frames)
            check_vectors(replay, visitor, ring->frames, filled);
    }
}

void rb_replay_check_batch(const rb_replay *replay, rb_visitor *visitor, int actions)
{
    const rb_batch *batch = &replay->batch;
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    const size_t size = (size_t)batch->size, values = rb_batch_observation_bytes(batch) / sizeof(float);
    for (int i = 0; i < batch->size; i++) check_action(visitor, "sample", i, batch->actions[i], actions);
    if (batch->intensities) {
        rb_visit_finite_f32(visitor, "intensities", batch->intensities, size);
        rb_visit_finite_f32(visitor, "next_intensities", batch->next_intensities, size);
    }
    for (int i = 0; batch->masks && i < batch->size; i++)
        if (rb_mask_odd(batch->masks + i * actions, actions) >= 0 ||
            rb_mask_odd(batch->next_masks + i * actions, actions) >= 0 ||
            !rb_mask_count(batch->masks + i * actions, actions) ||
            !rb_mask_count(batch->next_masks + i * actions, actions))
            rb_visitor_fail(
                visitor, RB_ERR_FORMAT,
                "replay: sample %d has a mask that allows no action, or values other than 0 and 1", i);
    rb_visit_finite_f32(visitor, "returns", batch->returns, size);
    rb_visit_finite_f32(visitor, "discounts", batch->discounts, size);
    rb_visit_finite_f32(visitor, "weights", batch->weights, size);
    if (batch->kind != RB_OBS_F32 && batch->vector) {
        check_vectors(replay, visitor, batch->states, size * (size_t)batch->frames);
        check_vectors(replay, visitor, batch->next_states, size * (size_t)batch->frames);
    }
    if (batch->kind != RB_OBS_F32) return;
    rb_visit_finite_f32(visitor, "states", batch->states, size * values);
    rb_visit_finite_f32(visitor, "next_states", batch->next_states, size * values);
}
