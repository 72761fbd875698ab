#include "replay/chunk.h"

#include <string.h>

#include "base/mask.h"
#include "replay/replay_state.h"

enum { COUNT_BYTES = 4, BLOCK_BYTES = 1 << 20 };

int rb_replay_streams(const rb_replay *replay)
{
    return replay->spec.streams;
}

int64_t rb_replay_rows(const rb_replay *replay)
{
    return replay->rows;
}

void rb_replay_settled(const rb_replay *replay, int stream, uint64_t *reach, uint64_t *settled)
{
    const rb_ring *ring = &replay->rings[stream];
    *reach = rb_ring_reach(ring);
    *settled = rb_ring_settled(ring);
    if (*settled < *reach) *settled = *reach;
}

rb_gate *rb_replay_gate(rb_replay *replay, int stream)
{
    return &replay->rings[stream].gate;
}

void rb_chunk_take(rb_chunk *chunk, const rb_replay *replay, int stream, uint64_t from, uint64_t to,
                   rb_row *row)
{
    const rb_ring *ring = &replay->rings[stream];
    for (uint64_t serial = from; serial < to; serial++)
        row[serial - from] =
            rb_ring_has_row(ring, serial) ? ring->row[rb_ring_slot(ring, serial)] : (rb_row){0};
    *chunk = (rb_chunk){.stream = stream,
                        .from = from,
                        .to = to,
                        .oldest = ring->frames ? from : ring->packed.oldest,
                        .oldest_row = ring->head - (uint64_t)rb_ring_filled(ring),
                        .row = row};
}

static size_t mask_bytes(const rb_ring *ring) // of one row
{
    return rb_mask_bytes(ring->masked_actions);
}

static size_t most_bytes(const rb_ring *ring, int64_t rows)
{
    const size_t frames =
        ring->frames ? (size_t)rows * ring->frame_bytes : rb_packed_image_bytes(ring->frame_bytes, rows);
    return COUNT_BYTES + (size_t)rows * (sizeof(rb_row) + mask_bytes(ring)) + frames;
}

int64_t rb_chunk_block_rows(const rb_replay *replay)
{
    const size_t each = most_bytes(&replay->rings[0], 1);
    return each < BLOCK_BYTES ? (int64_t)(BLOCK_BYTES / each) : 1;
}

size_t rb_chunk_most_bytes(const rb_replay *replay)
{
    return most_bytes(&replay->rings[0], rb_chunk_block_rows(replay));
}

static uint8_t *frame_at(const rb_ring *ring, uint64_t serial)
{
    return ring->frames + (size_t)rb_ring_slot(ring, serial) * ring->frame_bytes;
}

static void exclusive_or(uint8_t *restrict out, const uint8_t *restrict a, const uint8_t *restrict b,
                         size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) out[i] = a[i] ^ b[i];
}

// A row that was gone when the rows were copied has a zero mask.
static void copy_masks(const rb_chunk *chunk, const rb_ring *ring, uint64_t from, uint64_t to, uint8_t *out)
{
    const size_t each = mask_bytes(ring);
    for (uint64_t serial = from; serial < to; serial++, out += each) {
        if (serial < chunk->oldest_row)
            memset(out, 0, each);
        else
            memcpy(out, rb_ring_mask(ring, serial), each);
    }
}

size_t rb_chunk_image(const rb_chunk *chunk, const rb_replay *replay, uint64_t from, uint64_t to,
                      uint8_t *out)
{
    const rb_ring *ring = &replay->rings[chunk->stream];
    const size_t rows = (size_t)(to - from), row_bytes = rows * sizeof(rb_row), each = ring->frame_bytes;
    for (int i = 0; i < COUNT_BYTES; i++) out[i] = (uint8_t)(rows >> 8 * i);
    memcpy(out + COUNT_BYTES, chunk->row + (from - chunk->from), row_bytes);
    const size_t before = COUNT_BYTES + row_bytes + rows * mask_bytes(ring);
    if (ring->masks) copy_masks(chunk, ring, from, to, out + COUNT_BYTES + row_bytes);
    uint8_t *frames = out + before;
    if (!ring->frames) return before + rb_packed_image(&ring->packed, chunk->oldest, from, to, frames);
    memcpy(frames, frame_at(ring, from), each);
    for (size_t i = 1; i < rows; i++)
        exclusive_or(frames + i * each, frame_at(ring, from + i), frame_at(ring, from + i - 1), each);
    return before + rows * each;
}

static bool restore_frames(rb_ring *ring, uint64_t from, uint64_t to, uint8_t *frames, size_t bytes)
{
    const size_t each = ring->frame_bytes;
    if (!ring->frames) return rb_packed_restore(&ring->packed, from, to, frames, bytes);
    if (bytes != (size_t)(to - from) * each) return false;
    for (uint64_t serial = from; serial < to; serial++, frames += each) {
        for (size_t i = 0; serial > from && i < each; i++) frames[i] ^= (frames - each)[i];
        if (rb_ring_has_row(ring, serial)) memcpy(frame_at(ring, serial), frames, each);
    }
    return true;
}

int64_t rb_chunk_restore(rb_replay *replay, int stream, uint64_t from, uint8_t *image, size_t bytes)
{
    rb_ring *ring = &replay->rings[stream];
    const uint64_t settled = rb_ring_settled(ring);
    uint64_t rows = 0;
    for (int i = COUNT_BYTES - 1; i >= 0 && bytes >= COUNT_BYTES; i--) rows = rows << 8 | image[i];
    if (!rows || from > settled || rows > settled - from ||
        rows > (bytes - COUNT_BYTES) / (sizeof(rb_row) + mask_bytes(ring)))
        return 0;
    const uint8_t *row = image + COUNT_BYTES, *mask = row + rows * sizeof(rb_row);
    for (uint64_t i = 0; i < rows; i++)
        if (rb_ring_has_row(ring, from + i))
            memcpy(&ring->row[rb_ring_slot(ring, from + i)], row + i * sizeof(rb_row), sizeof(rb_row));
    for (uint64_t i = 0; ring->masks && i < rows; i++)
        if (rb_ring_has_row(ring, from + i))
            memcpy(rb_ring_mask(ring, from + i), mask + i * mask_bytes(ring), mask_bytes(ring));
    const size_t before = COUNT_BYTES + (size_t)rows * (sizeof(rb_row) + mask_bytes(ring));
    return restore_frames(ring, from, from + rows, image + before, bytes - before) ? (int64_t)rows : 0;
}
