// See ring.h.
#include "replay/ring.h"

#include <assert.h>
#include <string.h>
#include "base/mask.h"

enum { LINE = 64 }; // bytes of a cache line
static const int64_t head_most = INT64_C(1)
                                 << 48; // more rows than any run has; times 256 streams fits a ticket

void rb_ring_init(rb_ring *ring, int64_t rows, size_t frame_bytes, int masked_actions, bool plain,
                  rb_arena *arena)
{
    *ring = (rb_ring){.rows = rows, .frame_bytes = frame_bytes, .masked_actions = masked_actions};
    if (masked_actions) ring->masks = rb_arena_take(arena, (size_t)rows * rb_mask_bytes(masked_actions));
    if (plain) ring->frames = rb_arena_take(arena, (size_t)rows * frame_bytes);
    ring->row = RB_TAKE(arena, rb_row, rows);
    rb_gate_open(&ring->gate);
}

// The oldest row that the ring would hold with this head, by the number of rows alone.
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

uint8_t *rb_ring_mask(const rb_ring *ring, uint64_t serial)
{
    return ring->masks + (size_t)rb_ring_slot(ring, serial) * rb_mask_bytes(ring->masked_actions);
}

void rb_ring_allow(rb_ring *ring, const uint8_t *allowed)
{
    if (ring->masks) rb_mask_pack(rb_ring_mask(ring, ring->head - 1), allowed, ring->masked_actions);
}

// Stores into the row at the head, or again into the newest row.
static void store_frame(rb_ring *ring, uint64_t serial, bool key, const void *frame)
{
    if (ring->frames) {
        rb_gate_wait(&ring->gate, oldest_row(ring, serial + 1));
        memcpy(frame_at(ring, serial), frame, ring->frame_bytes);
    } else {
        if (serial < ring->packed.next) rb_packed_pop(&ring->packed);
        rb_packed_append(&ring->packed, frame, key, oldest_row(ring, serial + 1));
    }
}

// Stores the newest row's frame. This removes rows: the one overwritten, or those whose frames had to make
// room. Each row whose stack contains a removed row is lost too: those right after it, as long as their stack
// reaches back to it.
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
    if (!ring->masks) return;
    rb_gate_wait(&ring->gate, oldest_row(ring, serial + 1)); // a checkpoint reads masks where they are
    rb_ring_allow(ring, NULL);
}

// Finds the episode's steps up to `last` (its newest one) whose windows have just become complete: at its end
// all that were waiting, otherwise the one n steps back. `cut`: the episode ends after its last step was
// stored, and that step has made the one n steps back ready already, which may have a learned priority by
// now.
static void make_ready(const rb_ring *ring, uint64_t last, bool ended, bool cut, rb_ring_change *change)
{
    uint64_t n = (uint64_t)ring->n_step - (cut ? 1 : 0), taken = last - ring->first + 1;
    if (!ended && taken < n) return;
    change->ready_from = taken < n ? ring->first : last + 1 - n;
    change->ready_to = ended ? last + 1 : change->ready_from + 1;
    if (change->ready_from == change->ready_to) return;
    // With more rows than n + stack, none of their frames has been overwritten yet.
    assert(change->ready_from >= rb_ring_oldest(ring) + row_of(ring, change->ready_from)->depth);
}

rb_ring_change rb_ring_begin(rb_ring *ring, const void *frame)
{
    rb_ring_change change = {0};
    uint64_t newest = ring->head - 1;
    if (ring->open && newest == ring->first) { // an episode without steps: its row is rewritten
        make_place(ring, newest, true, frame, &change);
        rb_ring_allow(ring, NULL);
        return change;
    }
    bool cut = ring->open;
    if (cut) row_of(ring, newest - 1)->flags |= RB_ROW_TRUNCATED;
    write_row(ring, 0, frame, &change);
    if (cut) make_ready(ring, newest - 1, true, true, &change);
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
    make_ready(ring, last, terminated || truncated, false, &change);
    if (terminated || truncated) ring->open = false;
    return change;
}

// Frame i of a row's stack (0 the oldest): the frame of an earlier row, or, before the episode's beginning,
// its first frame again.
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

// Unpacks a row's stack.
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

void rb_ring_stack_slots(const rb_ring *ring, uint64_t serial, int64_t first, int64_t black, int32_t *out)
{
    const int depth = row_of(ring, serial)->depth;
    for (int i = 0; i < ring->stack; i++) {
        const int64_t slot = rb_ring_slot(ring, stack_serial(ring, serial, depth, i));
        out[i] = (int32_t)(is_black(ring, depth, i) ? black : first + slot);
    }
}

void rb_ring_copy_frame(const rb_ring *ring, uint64_t serial, void *out)
{
    rb_packed_reader reader = {.packed = &ring->packed};
    if (ring->frames)
        memcpy(out, frame_at(ring, serial), ring->frame_bytes);
    else
        rb_packed_read(&reader, serial, out);
}

void rb_ring_copy_stack(const rb_ring *ring, uint64_t serial, void *out)
{
    rb_packed_reader reader = {.packed = &ring->packed};
    if (ring->frames)
        copy_plain(ring, serial, out);
    else
        copy_packed(ring, &reader, serial, out);
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
    // Frames in both stacks are copied: the reader is already past them.
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

// Two cache lines of each frame: after those the processor predicts the rest by itself, and prefetching whole
// frames would only get in its way (measured).
static void prefetch_plain(const rb_ring *ring, uint64_t serial)
{
    for (int back = 0; back < ring->stack; back++) {
        const uint8_t *frame =
            frame_at(ring, serial - (uint64_t)back); // possibly an irrelevant row, but valid memory
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

rb_ring_window rb_ring_read(const rb_ring *ring, uint64_t serial, int n, const double *powers)
{
    rb_ring_window window = {0};
    assert(n <= ring->n_step);
    while (window.steps < n) {
        const rb_row *row = row_of(ring, serial + (uint64_t)window.steps);
        assert(row->flags & RB_ROW_ACTED);
        window.reward += powers[window.steps++] * (double)row->reward;
        window.terminated = row->flags & RB_ROW_TERMINATED;
        if (row->flags & (RB_ROW_TERMINATED | RB_ROW_TRUNCATED)) break;
    }
    return window;
}

bool rb_ring_drawable(const rb_ring *ring, uint64_t serial)
{
    if (serial < rb_ring_oldest(ring) + row_of(ring, serial)->depth) return false;
    for (int k = 0; k < ring->n_step; k++) {
        if (serial + (uint64_t)k >= ring->head) return false;
        const uint16_t flags = row_of(ring, serial + (uint64_t)k)->flags;
        if (!(flags & RB_ROW_ACTED)) return false;
        if (flags & (RB_ROW_TERMINATED | RB_ROW_TRUNCATED)) return true;
    }
    return true;
}

uint64_t rb_ring_settled(const rb_ring *ring)
{
    if (ring->whole) return rb_ring_reach(ring);
    return ring->head > 2 ? ring->head - 2 : 0;
}

uint64_t rb_ring_reach(const rb_ring *ring)
{
    uint64_t oldest = oldest_row(ring, ring->head);
    return ring->frames || ring->packed.oldest > oldest ? oldest : ring->packed.oldest;
}

bool rb_ring_has_row(const rb_ring *ring, uint64_t serial)
{
    return serial < ring->head && serial >= oldest_row(ring, ring->head);
}

// Packed frames are saved compressed. A hash sees them unpacked, so that it equals the hash of an
// uncompressed ring.
static void visit_frames(rb_ring *ring, size_t filled, rb_visitor *visitor)
{
    if (ring->frames) {
        rb_visit_bytes(visitor, "frames", ring->frames, filled * ring->frame_bytes);
        return;
    }
    if (!rb_visitor_hashing(visitor)) {
        rb_packed_visit(&ring->packed, 0, visitor);
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

// How a loaded row must look, from the rows around it; returns what is wrong, or NULL. `begins`: it is the
// first of an episode, or may be because the row before it is gone.
static const char *row_fault(const rb_ring *ring, uint64_t serial, bool *begins)
{
    const rb_row *row = row_of(ring, serial), *before = row_of(ring, serial - 1);
    const bool acted = row->flags & RB_ROW_ACTED, ends = row->flags & (RB_ROW_TERMINATED | RB_ROW_TRUNCATED);
    const bool newest = serial + 1 == ring->head, known = serial > rb_ring_oldest(ring);
    const bool last = known && before->flags & RB_ROW_TRUNCATED; // holds a truncated episode's last frame
    *begins = known ? !(before->flags & RB_ROW_ACTED) || before->flags & RB_ROW_TERMINATED : serial == 0;
    const int next_depth = before->depth + 1 < ring->stack ? before->depth + 1 : before->depth;
    if (row->flags & ~(RB_ROW_ACTED | RB_ROW_TERMINATED | RB_ROW_TRUNCATED)) return "unknown flags";
    if ((ends && !acted) || (row->flags & RB_ROW_TERMINATED && row->flags & RB_ROW_TRUNCATED))
        return "an impossible end";
    if (row->depth >= ring->stack) return "a depth beyond the stack";
    if (*begins ? row->depth != 0 : known && row->depth != next_depth) return "another depth than its place";
    if (last && acted) return "an action after the episode's end";
    if (!acted && !newest && known && !last) return "no action";
    if (newest && acted && !(row->flags & RB_ROW_TERMINATED)) return "no row after it";
    if (newest && ring->open != (!acted && !last)) return "an episode that is open and ended";
    return NULL;
}

static void check_rows(const rb_ring *ring, rb_visitor *visitor)
{
    const uint64_t oldest = rb_ring_oldest(ring), reach = (uint64_t)(ring->n_step + ring->stack);
    uint64_t first = 0, needed = ring->head > reach ? ring->head - reach : 0;
    bool begins, any = false;
    for (uint64_t serial = oldest; serial < ring->head; serial++) {
        const char *fault = row_fault(ring, serial, &begins);
        if (fault) {
            rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: row %llu has %s (flags %d, depth %d)",
                            (unsigned long long)serial, fault, row_of(ring, serial)->flags,
                            row_of(ring, serial)->depth);
            return;
        }
        if (begins) first = serial, any = true;
    }
    if (needed < ring->first) needed = ring->first;
    if (oldest > needed)
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: row %llu is the oldest, but row %llu is needed",
                        (unsigned long long)oldest, (unsigned long long)needed);
    if (any ? ring->first != first : ring->first > oldest)
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: the newest episode begins at row %llu, not at %llu",
                        (unsigned long long)first, (unsigned long long)ring->first);
}

// The rows that may still change; the others are in files of their own.
static void visit_unsettled(rb_ring *ring, rb_visitor *visitor)
{
    const uint64_t settled = rb_ring_settled(ring);
    for (uint64_t serial = settled; serial < ring->head; serial++) {
        rb_visit_bytes(visitor, "row", row_of(ring, serial), sizeof(rb_row));
        if (ring->masks)
            rb_visit_bytes(visitor, "mask", rb_ring_mask(ring, serial), rb_mask_bytes(ring->masked_actions));
        if (ring->frames) rb_visit_bytes(visitor, "frame", frame_at(ring, serial), ring->frame_bytes);
    }
    if (!ring->frames) rb_packed_visit(&ring->packed, settled, visitor);
}

void rb_ring_visit(rb_ring *ring, rb_visitor *visitor)
{
    rb_visit_expect(visitor, "rows", (uint64_t)ring->rows);
    rb_visit_expect(visitor, "frame_bytes", ring->frame_bytes);
    rb_visit_expect(visitor, "stack", (uint64_t)ring->stack);
    rb_visit_expect(visitor, "n_step", (uint64_t)ring->n_step);
    if (ring->masks) rb_visit_expect(visitor, "masked_actions", (uint64_t)ring->masked_actions);
    rb_visit_u64(visitor, "head", &ring->head);
    rb_visit_u64(visitor, "first", &ring->first);
    rb_visit_limits(visitor, "head", (int64_t)ring->head, 0, head_most);
    rb_visit_bool(visitor, "open", &ring->open);
    if (rb_visitor_failed(visitor)) return;
    if (ring->first > ring->head || (ring->open && ring->first == ring->head)) {
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: an episode begins after its newest frame");
        return;
    }
    if (rb_visitor_outside(visitor)) {
        visit_unsettled(ring, visitor);
        return;
    }
    size_t filled = (size_t)rb_ring_filled(ring);
    rb_visit_bytes(visitor, "row", ring->row, filled * sizeof(rb_row));
    if (ring->masks)
        rb_visit_bytes(visitor, "masks", ring->masks, filled * rb_mask_bytes(ring->masked_actions));
    visit_frames(ring, filled, visitor);
}

void rb_ring_check(rb_ring *ring, rb_visitor *visitor)
{
    if (rb_visitor_failed(visitor)) return;
    if (!ring->frames && ring->packed.next != ring->head)
        rb_visitor_fail(visitor, RB_ERR_FORMAT, "replay: the numbers of frames and rows differ");
    else if (!ring->frames && !rb_packed_check(&ring->packed))
        rb_visitor_fail(visitor, RB_ERR_FORMAT,
                        "replay: a compressed frame cannot be read, so the file is damaged");
    else
        check_rows(ring, visitor);
    if (rb_visitor_failed(visitor)) return;
    ring->steps = 0;
    for (uint64_t serial = rb_ring_oldest(ring); serial < ring->head; serial++)
        if (row_of(ring, serial)->flags & RB_ROW_ACTED) ring->steps++;
}
