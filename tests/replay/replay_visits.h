// A replay's state through its visitor: hashed, saved to memory and loaded again. Include after cmocka.h.
#ifndef RB_TESTS_REPLAY_VISITS_H
#define RB_TESTS_REPLAY_VISITS_H

#include "replay/replay.h"

static inline uint64_t hash_of(rb_replay *replay)
{
    rb_visitor *visitor;
    uint64_t hash = 0;
    assert_int_equal(rb_visitor_hash(&visitor, NULL), RB_OK);
    rb_replay_visit(replay, visitor);
    assert_int_equal(rb_visitor_finish(visitor, &hash, NULL), RB_OK);
    return hash;
}

static inline void save(rb_replay *replay, void **data, size_t *bytes)
{
    rb_visitor *visitor;
    assert_int_equal(rb_visitor_save_memory(&visitor, NULL), RB_OK);
    rb_replay_visit(replay, visitor);
    assert_int_equal(rb_visitor_finish_memory(visitor, data, bytes, NULL), RB_OK);
}

static inline rb_status load(rb_replay *replay, const void *data, size_t bytes, rb_error *error)
{
    rb_visitor *visitor;
    rb_status status = rb_visitor_load_memory(&visitor, data, bytes, error);
    if (status != RB_OK) return status;
    rb_replay_visit(replay, visitor);
    return rb_visitor_finish(visitor, NULL, error);
}

#endif
