// Settled rows of a replay as blocks of bytes, for files of their own: a checkpoint writes only the rows that
// are new since the checkpoint before it (train/replay_files.h), while training goes on.
//
//     count    4 bytes, little endian
//     rows     [from .. to)    12 bytes each, copied before training goes on
//     masks    [from .. to)    packed bits (base/mask.h), only if the environment has masks
//     frames   plain:          o_from, o_from ^ o_from+1, o_from+1 ^ o_from+2, ...
//              compressed:     as they are in memory (packed.h)
//
// Successive frames differ in few places, so their differences compress well. Frames and masks are read from
// the ring itself: it does not overwrite them before the reader has moved the ring's gate.
#ifndef RB_REPLAY_CHUNK_H
#define RB_REPLAY_CHUNK_H

#include "base/gate.h"
#include "replay/replay.h"
#include "replay/ring.h"

typedef struct rb_chunk { // rows [from, to) of one stream
    int stream;
    uint64_t from, to;   // serials
    uint64_t oldest;     // serial of the oldest frame stored when the rows were copied
    uint64_t oldest_row; // the same of the oldest row, of which the frame may be gone
    const rb_row *row;   // [to - from]
    int file;            // for the caller
} rb_chunk;

int rb_replay_streams(const rb_replay *replay);
// What a checkpoint has to hold of a stream now, besides what rb_replay_visit visits: rows [reach, settled).
void rb_replay_settled(const rb_replay *replay, int stream, uint64_t *reach, uint64_t *settled);
int64_t rb_replay_rows(const rb_replay *replay); // capacity of one stream
rb_gate *rb_replay_gate(rb_replay *replay, int stream);

// Copies the rows and notes the oldest frame, between two steps. `row` ([to - from]) must stay as long as the
// chunk.
void rb_chunk_take(rb_chunk *chunk, const rb_replay *replay, int stream, uint64_t from, uint64_t to,
                   rb_row *row);
int64_t rb_chunk_block_rows(const rb_replay *replay); // the most rows in an image
size_t rb_chunk_most_bytes(const rb_replay *replay);  // of an image
// Makes the image of the chunk's rows [from, to), at most rb_chunk_block_rows; in any thread, while the gate
// is at `from` or below. Returns its size.
size_t rb_chunk_image(const rb_chunk *chunk, const rb_replay *replay, uint64_t from, uint64_t to,
                      uint8_t *out);
// Stores an image's rows, the first of which is `from`, into a replay that is being loaded; the image is
// changed. Rows that the replay no longer holds are left out. Returns the number of rows; 0: it is not such
// an image.
int64_t rb_chunk_restore(rb_replay *replay, int stream, uint64_t from, uint8_t *image, size_t bytes);
#endif
