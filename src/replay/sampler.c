// Sampling: chooses starts, builds their transitions, and updates the priorities.
//
// Uniform: B distinct ranks among the N drawable starts by Floyd's method (Bentley and Floyd 1987, "A sample
// of brilliance"), which takes B random numbers even if there are few starts. Rank r is the place r + 1/2 on
// the tree of ones. Prioritised (Schaul et al. 2015): the running sum is cut into B equal segments and one
// place is drawn in each, or, independently, B places are drawn on all of it. P(i) = p_i^alpha / sum; the
// weight (N P(i))^-beta divided by the batch's largest is (p_min^alpha / p_i^alpha)^beta, in which p_min is
// the batch's smallest: N and the sum cancel. A start drawn twice stays in the batch twice.
#include "replay/replay_state.h"

#include <assert.h>
#include <math.h>
#include <string.h>
#include "base/mask.h"

// A drawable start's leaf stays above 0 whatever its priority, because 0 means "cannot be drawn".
static const double least_leaf = 1e-30;

static bool insert_rank(rb_replay *replay, uint32_t rank)
{
    uint32_t mask = replay->table_size - 1;
    uint32_t at = (rank * 2654435769u >> 7) & mask; // Knuth's multiplier; the table is at most half full
    while (replay->rank_table[at] != 0) {
        if (replay->rank_table[at] == rank + 1) return false;
        at = (at + 1) & mask;
    }
    replay->rank_table[at] = rank + 1;
    return true;
}

static void draw_uniform(rb_replay *replay, rb_rng *rng, int count)
{
    memset(replay->rank_table, 0, replay->table_size * sizeof(uint32_t));
    for (int i = 0; i < count; i++) {
        uint32_t last = (uint32_t)(replay->starts - count + i), rank = rb_rng_below(rng, last + 1);
        if (!insert_rank(replay, rank)) {
            rank = last;
            insert_rank(replay, rank);
        }
        replay->places[i] = rank + 0.5;
    }
}

static void draw_stratified(rb_replay *replay, rb_rng *rng, int count)
{
    double stretch = rb_sum_tree_total(&replay->tree) / count;
    for (int i = 0; i < count; i++) replay->places[i] = (i + rb_rng_double(rng)) * stretch;
}

static void draw_independent(rb_replay *replay, rb_rng *rng, int count)
{
    const double total = rb_sum_tree_total(&replay->tree);
    for (int i = 0; i < count; i++) replay->places[i] = rb_rng_double(rng) * total;
}

static void weigh(const rb_replay *replay, double beta, rb_batch *batch)
{
    double least = INFINITY;
    for (int i = 0; i < batch->size; i++) {
        double leaf = rb_sum_tree_get(&replay->tree, replay->indices[i]);
        if (leaf < least) least = leaf;
    }
    for (int i = 0; i < batch->size; i++)
        batch->weights[i] = (float)pow(least / rb_sum_tree_get(&replay->tree, replay->indices[i]), beta);
}

uint64_t rb_replay_ticket_of(const rb_replay *replay, int64_t leaf)
{
    int64_t stream = leaf / replay->rows;
    uint64_t serial = rb_ring_serial(&replay->rings[stream], leaf % replay->rows);
    return serial * (uint64_t)replay->spec.streams + (uint64_t)stream;
}

static void split_ticket(const rb_replay *replay, uint64_t ticket, int *stream, uint64_t *serial)
{
    *stream = (int)(ticket % (uint64_t)replay->spec.streams);
    *serial = ticket / (uint64_t)replay->spec.streams;
}

bool rb_replay_ticket(const rb_replay *replay, uint64_t ticket, int *stream, uint64_t *serial)
{
    split_ticket(replay, ticket, stream, serial);
    const rb_ring *ring = &replay->rings[*stream];
    if (*serial < rb_ring_oldest(ring) || *serial >= ring->head) return false;
    return rb_sum_tree_get(&replay->tree, *stream * replay->rows + rb_ring_slot(ring, *serial)) > 0;
}

static void prefetch_row(const rb_replay *replay, uint64_t ticket)
{
    int stream;
    uint64_t serial;
    split_ticket(replay, ticket, &stream, &serial);
    rb_ring_prefetch_row(&replay->rings[stream], serial);
}

// Random rows are far apart in memory: the next sample's first lines are fetched while this sample's frames
// are copied.
static void prefetch_sample(const rb_replay *replay, uint64_t ticket)
{
    int stream;
    uint64_t serial;
    split_ticket(replay, ticket, &stream, &serial);
    rb_ring_prefetch_frames(&replay->rings[stream], serial, serial + (uint64_t)replay->window);
}

void rb_replay_gather(const rb_replay *replay, rb_batch *batch)
{
    size_t observation = (size_t)replay->spec.stack * replay->rings[0].frame_bytes;
    uint8_t *states = batch->states, *next_states = batch->next_states;
    for (int i = 0; i < batch->size; i++) {
        int stream;
        uint64_t serial;
        split_ticket(replay, batch->tickets[i], &stream, &serial);
        const rb_ring *ring = &replay->rings[stream];
        rb_ring_window window = rb_ring_read(ring, serial, replay->window, replay->powers);
        if (i + 1 < batch->size) prefetch_sample(replay, batch->tickets[i + 1]);
        // No row holds the state after a terminal, and nothing reads it: the last state takes its place.
        uint64_t next = serial + (uint64_t)window.steps - (window.terminated ? 1 : 0);
        rb_ring_copy_stacks(ring, serial, next, states + (size_t)i * observation,
                            next_states + (size_t)i * observation);
        if (batch->slots) {
            const int64_t first = stream * replay->rows, black = rb_replay_slots(replay);
            int32_t *slots = batch->slots + (size_t)i * (size_t)ring->stack;
            rb_ring_stack_slots(ring, serial, first, black, slots);
            rb_ring_stack_slots(ring, next, first, black, slots + (size_t)batch->size * (size_t)ring->stack);
        }
        if (batch->masks) {
            const int actions = ring->masked_actions;
            rb_mask_unpack(batch->masks + (size_t)i * (size_t)actions, rb_ring_mask(ring, serial), actions);
            rb_mask_unpack(batch->next_masks + (size_t)i * (size_t)actions, rb_ring_mask(ring, next),
                           actions);
        }
        batch->actions[i] = ring->row[rb_ring_slot(ring, serial)].action;
        batch->returns[i] = (float)window.reward;
        batch->discounts[i] = window.terminated ? 0.0f : (float)replay->powers[window.steps];
    }
}

void rb_replay_gather_states(const rb_replay *replay, rb_batch *batch)
{
    const size_t observation = (size_t)replay->spec.stack * replay->rings[0].frame_bytes;
    const int actions = replay->spec.masked_actions;
    for (int i = 0; i < batch->size; i++) {
        int stream;
        uint64_t serial;
        split_ticket(replay, batch->tickets[i], &stream, &serial);
        const rb_ring *ring = &replay->rings[stream];
        rb_ring_copy_stack(ring, serial, (uint8_t *)batch->states + (size_t)i * observation);
        if (batch->masks)
            rb_mask_unpack(batch->masks + (size_t)i * (size_t)actions, rb_ring_mask(ring, serial), actions);
        batch->actions[i] = ring->row[rb_ring_slot(ring, serial)].action;
    }
}

bool rb_replay_sample(rb_replay *replay, rb_rng *rng, double beta, rb_batch *batch)
{
    int count = batch->size;
    assert(count <= replay->spec.batch && batch->kind == replay->spec.kind);
    if (replay->starts < count) return false;
    if (!replay->spec.params.prioritized)
        draw_uniform(replay, rng, count);
    else if (replay->spec.params.draws == RB_DRAWS_INDEPENDENT)
        draw_independent(replay, rng, count);
    else
        draw_stratified(replay, rng, count);
    rb_sum_tree_find(&replay->tree, replay->places, count, replay->indices);
    for (int i = 0; i < count; i++) {
        int64_t leaf = replay->indices[i];
        batch->tickets[i] = rb_replay_ticket_of(replay, leaf);
        prefetch_row(replay, batch->tickets[i]);
    }
    weigh(replay, beta, batch);
    rb_replay_gather(replay, batch);
    return true;
}

// A priority that is not finite is ignored: the start keeps its old one. A priority below 0 (rounding of a
// divergence) counts as 0.
void rb_replay_update(rb_replay *replay, const rb_batch *batch)
{
    const rb_replay_params *params = &replay->spec.params;
    if (!params->prioritized) return;
    int stream;
    uint64_t serial;
    for (int i = 0; i < batch->size; i++) { // the learner has run since: nothing of this is cached
        split_ticket(replay, batch->tickets[i], &stream, &serial);
        int64_t slot = rb_ring_slot(&replay->rings[stream], serial);
        __builtin_prefetch(&replay->rings[stream].row[slot], 1);
        rb_sum_tree_prefetch(&replay->tree, stream * replay->rows + slot);
    }
    for (int i = 0; i < batch->size; i++) {
        if (!isfinite(batch->priorities[i]) || !rb_replay_ticket(replay, batch->tickets[i], &stream, &serial))
            continue;
        int64_t slot = rb_ring_slot(&replay->rings[stream], serial);
        rb_row *row = &replay->rings[stream].row[slot];
        if (row->flags & RB_ROW_MARK) continue; // twice in the batch: the first one counts
        row->flags |= RB_ROW_MARK;
        double priority = fmax(batch->priorities[i], 0) + params->priority_epsilon;
        if (priority > replay->max_priority) replay->max_priority = priority;
        rb_sum_tree_set(&replay->tree, stream * replay->rows + slot,
                        fmax(pow(priority, params->alpha), least_leaf));
    }
    for (int i = 0; i < batch->size; i++) {
        if (!rb_replay_ticket(replay, batch->tickets[i], &stream, &serial)) continue;
        rb_ring *ring = &replay->rings[stream];
        ring->row[rb_ring_slot(ring, serial)].flags &= (uint16_t)~RB_ROW_MARK;
    }
}
