// What a copy of the frames on a device needs (replay.on_device): the rows that are new, and their slots.
#include "replay/replay_state.h"

int64_t rb_replay_slots(const rb_replay *replay)
{
    return replay->rows * replay->spec.streams;
}

size_t rb_replay_frame_bytes(const rb_replay *replay)
{
    return replay->rings[0].frame_bytes;
}

// The only row that is ever written twice is the newest, as long as its episode has no step.
static uint64_t lasting(const rb_ring *ring)
{
    return ring->open && ring->head - 1 == ring->first ? ring->first : ring->head;
}

int rb_replay_fresh(const rb_replay *replay, uint64_t *sent, int most, int32_t *slots, void *frames)
{
    int count = 0;
    for (int i = 0; i < replay->spec.streams && count < most; i++) {
        const rb_ring *ring = &replay->rings[i];
        if (sent[i] < rb_ring_oldest(ring)) sent[i] = rb_ring_oldest(ring);
        for (; count < most && sent[i] < ring->head; count++) {
            rb_ring_copy_frame(ring, sent[i], (char *)frames + (size_t)count * ring->frame_bytes);
            slots[count] = (int32_t)(i * replay->rows + rb_ring_slot(ring, sent[i]++));
        }
    }
    for (int i = 0; !count && i < replay->spec.streams; i++)
        if (replay->rings[i].head) sent[i] = lasting(&replay->rings[i]);
    return count;
}
