// See ring.h.
#include "replay/ring.h"

#include <assert.h>
#include <string.h>

enum { LINE = 64 }; // bytes of a cache line

void rb_ring_init(rb_ring *ring, int64_t rows, size_t frame_bytes, bool plain, rb_arena *arena)
{
    *ring = (rb_ring){.rows = rows, .frame_bytes = frame_bytes};
    if (plain) ring->frames = rb_arena_take(arena, (size_t)rows * frame_bytes);
    ring->row = RB_TAKE(arena, rb_row, rows);
}

// The oldest row that would be there with this head, as far as rows go.
static uint64_t oldest_row(const rb_ring *ring, uint64_t head)
{
    uint64_t rows = (uint64_t)ring->rows;
    return head > rows ? head - rows : 0;
}

uint64_t rb_ring_oldest(const rb_ring *ring)
{
    uint64_t oldest = oldest_row(ring, ring->head);
    return ring->frames || ring->packed.oldest < oldest ? oldest : ring->packed.oldest;
}

int64_t rb_ring_filled(const rb_ring *ring)
{
    return (int64_t)(ring->head - oldest_row(ring, ring->head));
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

// Into the row at the head, or once more into the newest one.
static void store_frame(rb_ring *ring, uint64_t serial, bool key, const void *frame)
{
    if (ring->frames) {
        memcpy(frame_at(ring, serial), frame, ring->frame_bytes);
    } else {
        if (serial < ring->packed.next) rb_packed_pop(&ring->packed);
        rb_packed_append(&ring->packed, frame, key, oldest_row(ring, serial + 1));
    }
}

// Stores the newest row's frame. With the rows that go for it (the one that was there, or those whose frames
// had to make room) goes every row whose stack they were part of: those right after them, as long as their
// episode's rows before them reach back to them.
static void make_place(rb_ring *ring, uint64_t serial, bool key, const void *frame, rb_ring_change *change)
{
    uint64_t before = rb_ring_oldest(ring);
    store_frame(ring, serial, key, frame);
    ring->head = serial + 1;
    uint64_t oldest = rb_ring_oldest(ring), in_time = oldest_row(ring, ring->head);
    if (oldest == before) return;
    for (uint64_t gone = before; gone < oldest; gone++)
        if (row_of(ring, gone)->flags & RB_ROW_ACTED) ring->steps--;
    change->lost_from = before;
    change->lost_to = oldest;
    while (change->lost_to < serial && row_of(ring, change->lost_to)->depth > change->lost_to - oldest)
        change->lost_to++;
    ring->evicted_early += (int64_t)(oldest - (in_time > before ? in_time : before));
}

static void write_row(rb_ring *ring, int depth, const void *frame, rb_ring_change *change)
{
    uint64_t serial = ring->head;
    make_place(ring, serial, depth == 0, frame, change);
    *row_of(ring, serial) = (rb_row){.depth = (uint16_t)depth};
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
        make_place(ring, newest, true, frame, &change);
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

// Frame i of a row's stack (0 the oldest): that of a row before it, or past the episode's beginning its first
// one once more.
static uint64_t stack_serial(const rb_ring *ring, uint64_t serial, int depth, int i)
{
    int back = ring->stack - 1 - i;
    return serial - (uint64_t)(back < depth ? back : depth);
}

static bool is_black(const rb_ring *ring, int depth, int i)
{
    return ring->black_start && ring->stack - 1 - i > depth;
}

static void copy_plain(const rb_ring *ring, uint64_t serial, uint8_t *out)
{
    int depth = row_of(ring, serial)->depth;
    for (int i = 0; i < ring->stack; i++, out += ring->frame_bytes) {
        if (is_black(ring, depth, i))
            memset(out, 0, ring->frame_bytes);
        else
            memcpy(out, frame_at(ring, stack_serial(ring, serial, depth, i)), ring->frame_bytes);
    }
}

// Unpacks a row's stack. A frame that the stack before it holds already is copied from there.
static void copy_packed(const rb_ring *ring, rb_packed_reader *reader, uint64_t serial, uint8_t *out)
{
    int depth = row_of(ring, serial)->depth;
    for (int i = 0; i < ring->stack; i++, out += ring->frame_bytes) {
        if (is_black(ring, depth, i))
            memset(out, 0, ring->frame_bytes);
        else
            rb_packed_read(reader, stack_serial(ring, serial, depth, i), out);
    }
}

void rb_ring_copy_stacks(const rb_ring *ring, uint64_t serial, uint64_t next, void *out, void *next_out)
{
    if (ring->frames) {
        copy_plain(ring, serial, out);
        copy_plain(ring, next, next_out);
        return;
    }
    size_t frame_bytes = ring->frame_bytes;
    rb_packed_reader reader = {.packed = &ring->packed};
    copy_packed(ring, &reader, serial, out);
    // Frames that both stacks have, now that the reader stands behind them.
    int next_depth = row_of(ring, next)->depth;
    uint8_t *to = next_out;
    for (int i = 0; i < ring->stack; i++, to += frame_bytes) {
        uint64_t which = stack_serial(ring, next, next_depth, i);
        if (is_black(ring, next_depth, i))
            memset(to, 0, frame_bytes);
        else if (which <= serial)
            memcpy(to, (uint8_t *)out + ((size_t)ring->stack - 1 - (size_t)(serial - which)) * frame_bytes,
                   frame_bytes);
        else
            rb_packed_read(&reader, which, to);
    }
}

void rb_ring_prefetch_row(const rb_ring *ring, uint64_t serial)
{
    __builtin_prefetch(row_of(ring, serial));
    if (!ring->frames) rb_packed_prefetch_entry(&ring->packed, serial);
}

// Two lines of each frame: from there on the processor sees by itself where it goes, and to ask for whole
// frames would only keep it from it (measured).
static void prefetch_plain(const rb_ring *ring, uint64_t serial)
{
    for (int back = 0; back < ring->stack; back++) {
        const uint8_t *frame =
            frame_at(ring, serial - (uint64_t)back); // a row that may not matter, but is memory
        __builtin_prefetch(frame);
        if (ring->frame_bytes > LINE) __builtin_prefetch(frame + LINE);
    }
}

void rb_ring_prefetch_frames(const rb_ring *ring, uint64_t serial, uint64_t next)
{
    if (ring->frames) {
        prefetch_plain(ring, serial);
        prefetch_plain(ring, next);
    } else {
        rb_packed_prefetch(&ring->packed, serial - row_of(ring, serial)->depth, next);
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

// Packed frames are saved as they are; a hash sees them unpacked, so that it is a plain ring's.
static void visit_frames(rb_ring *ring, size_t filled, rb_visitor *visitor)
{
    if (ring->frames) {
        rb_visit_bytes(visitor, "frames", ring->frames, filled * ring->frame_bytes);
        return;
    }
    if (!rb_visitor_hashing(visitor)) {
        rb_packed_visit(&ring->packed, visitor);
        if (!rb_visitor_failed(visitor) && ring->packed.next != ring->head)
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: frames without rows");
        return;
    }
    rb_visit_pieces(visitor, "frames", filled * ring->frame_bytes);
    rb_packed_reader reader = {.packed = &ring->packed};
    uint8_t *frame = ring->packed.scratch->blob;
    for (size_t slot = 0; slot < filled; slot++) {
        uint64_t serial = rb_ring_serial(ring, (int64_t)slot);
        if (serial < rb_ring_oldest(ring))
            memset(frame, 0, ring->frame_bytes);
        else
            rb_packed_read(&reader, serial, frame);
        rb_visit_piece(visitor, frame, ring->frame_bytes);
    }
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
    size_t filled = (size_t)rb_ring_filled(ring);
    rb_visit_bytes(visitor, "row", ring->row, filled * sizeof(rb_row));
    visit_frames(ring, filled, visitor);
    if (!rb_visitor_loading(visitor) || rb_visitor_failed(visitor)) return;
    ring->steps = 0;
    for (size_t i = 0; i < filled; i++)
        if (ring->row[i].depth >= ring->stack) {
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: a row %zu frames deep in stacks of %d",
                            (size_t)ring->row[i].depth, ring->stack);
            return;
        }
    for (uint64_t serial = rb_ring_oldest(ring); serial < ring->head; serial++)
        if (row_of(ring, serial)->flags & RB_ROW_ACTED) ring->steps++;
}
