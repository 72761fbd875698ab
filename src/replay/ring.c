// See ring.h.
#include "replay/ring.h"

#include <assert.h>
#include <string.h>

size_t rb_ring_row_bytes(size_t frame_bytes)
{
    return frame_bytes + sizeof(rb_row);
}

void rb_ring_init(rb_ring *ring, int64_t rows, size_t frame_bytes, rb_arena *arena)
{
    *ring = (rb_ring){.rows = rows, .frame_bytes = frame_bytes};
    ring->frames = rb_arena_take(arena, (size_t)rows * frame_bytes);
    ring->row = RB_TAKE(arena, rb_row, rows);
}

uint64_t rb_ring_oldest(const rb_ring *ring)
{
    uint64_t rows = (uint64_t)ring->rows;
    return ring->head > rows ? ring->head - rows : 0;
}

int64_t rb_ring_slot(const rb_ring *ring, uint64_t serial)
{
    return (int64_t)(serial % (uint64_t)ring->rows);
}

uint64_t rb_ring_serial(const rb_ring *ring, int64_t slot)
{
    uint64_t newest = ring->head - 1;
    int64_t back = rb_ring_slot(ring, newest) - slot;
    return newest - (uint64_t)(back < 0 ? back + ring->rows : back);
}

static rb_row *row_of(const rb_ring *ring, uint64_t serial)
{
    return &ring->row[rb_ring_slot(ring, serial)];
}

static uint8_t *frame_at(const rb_ring *ring, uint64_t serial)
{
    return ring->frames + (size_t)rb_ring_slot(ring, serial) * ring->frame_bytes;
}

const uint8_t *rb_ring_frame(const rb_ring *ring, uint64_t serial)
{
    return frame_at(ring, serial);
}

// Writes a frame into the next row. With the row that was there goes every row whose stack it was part of:
// those right after it, as long as their episode's rows before them reach back to it.
static void write_row(rb_ring *ring, int depth, const void *frame, rb_ring_change *change)
{
    uint64_t rows = (uint64_t)ring->rows, serial = ring->head;
    rb_row *row = row_of(ring, serial);
    if (serial >= rows) {
        uint64_t gone = serial - rows;
        if (row->flags & RB_ROW_ACTED) ring->steps--;
        change->lost_from = gone;
        change->lost_to = gone + 1;
        while (change->lost_to < serial && row_of(ring, change->lost_to)->depth >= change->lost_to - gone)
            change->lost_to++;
    }
    *row = (rb_row){.depth = (uint16_t)depth};
    memcpy(frame_at(ring, serial), frame, ring->frame_bytes);
    ring->head = serial + 1;
    ring->open = true;
}

// The episode's steps up to `last` (its newest one) whose windows have just become whole: after its end all
// that were waiting, otherwise the one that is n steps back.
static void make_ready(const rb_ring *ring, uint64_t last, bool ended, rb_ring_change *change)
{
    uint64_t n = (uint64_t)ring->n_step, taken = last - ring->first + 1;
    if (!ended && taken < n) return;
    change->ready_from = taken < n ? ring->first : last + 1 - n;
    change->ready_to = ended ? last + 1 : change->ready_from + 1;
    // With more rows than n + stack no frame of these has been overwritten yet.
    assert(change->ready_from >= rb_ring_oldest(ring) + row_of(ring, change->ready_from)->depth);
}

rb_ring_change rb_ring_begin(rb_ring *ring, const void *frame)
{
    rb_ring_change change = {0};
    uint64_t newest = ring->head - 1;
    if (ring->open && newest == ring->first) { // an episode of no steps: its row is written again
        memcpy(frame_at(ring, newest), frame, ring->frame_bytes);
        return change;
    }
    bool cut = ring->open;
    if (cut) row_of(ring, newest - 1)->flags |= RB_ROW_TRUNCATED;
    write_row(ring, 0, frame, &change);
    if (cut) make_ready(ring, newest - 1, true, &change);
    ring->first = ring->head - 1;
    return change;
}

rb_ring_change rb_ring_append(rb_ring *ring, int action, float reward, bool terminated, bool truncated,
                              const void *next_frame)
{
    assert(ring->open);
    rb_ring_change change = {0};
    uint64_t last = ring->head - 1;
    rb_row *row = row_of(ring, last);
    row->action = action;
    row->reward = reward;
    row->flags = RB_ROW_ACTED;
    if (terminated)
        row->flags |= RB_ROW_TERMINATED;
    else if (truncated)
        row->flags |= RB_ROW_TRUNCATED;
    ring->steps++;
    int depth = row->depth + 1 < ring->stack ? row->depth + 1 : row->depth;
    if (!terminated) write_row(ring, depth, next_frame, &change);
    make_ready(ring, last, terminated || truncated, &change);
    if (terminated || truncated) ring->open = false;
    return change;
}

void rb_ring_copy_stack(const rb_ring *ring, uint64_t serial, void *out)
{
    uint8_t *to = out;
    int depth = row_of(ring, serial)->depth;
    for (int back = ring->stack - 1; back >= 0; back--, to += ring->frame_bytes) {
        if (back > depth && ring->black_start)
            memset(to, 0, ring->frame_bytes);
        else
            memcpy(to, frame_at(ring, serial - (uint64_t)(back < depth ? back : depth)), ring->frame_bytes);
    }
}

rb_ring_window rb_ring_read(const rb_ring *ring, uint64_t serial, const double *powers)
{
    rb_ring_window window = {0};
    while (window.steps < ring->n_step) {
        const rb_row *row = row_of(ring, serial + (uint64_t)window.steps);
        assert(row->flags & RB_ROW_ACTED);
        window.reward += powers[window.steps++] * (double)row->reward;
        window.terminated = row->flags & RB_ROW_TERMINATED;
        if (row->flags & (RB_ROW_TERMINATED | RB_ROW_TRUNCATED)) break;
    }
    return window;
}

void rb_ring_visit(rb_ring *ring, rb_visitor *visitor)
{
    rb_visit_expect(visitor, "rows", (uint64_t)ring->rows);
    rb_visit_expect(visitor, "frame_bytes", ring->frame_bytes);
    rb_visit_expect(visitor, "stack", (uint64_t)ring->stack);
    rb_visit_expect(visitor, "n_step", (uint64_t)ring->n_step);
    rb_visit_u64(visitor, "head", &ring->head);
    rb_visit_u64(visitor, "first", &ring->first);
    rb_visit_bool(visitor, "open", &ring->open);
    if (rb_visitor_failed(visitor)) return;
    if (ring->first > ring->head || (ring->open && ring->first == ring->head)) {
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: an episode begins after its newest frame");
        return;
    }
    size_t filled =
        (size_t)(ring->head - rb_ring_oldest(ring)); // slots 0 .. filled-1, in a full ring all of them
    rb_visit_bytes(visitor, "row", ring->row, filled * sizeof(rb_row));
    rb_visit_bytes(visitor, "frames", ring->frames, filled * ring->frame_bytes);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    ring->steps = 0;
    for (size_t i = 0; i < filled; i++) {
        if (ring->row[i].depth >= ring->stack) {
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: a row %zu frames deep in stacks of %d",
                            (size_t)ring->row[i].depth, ring->stack);
            return;
        }
        if (ring->row[i].flags & RB_ROW_ACTED) ring->steps++;
    }
}
