// Shared by the tests of networks: a pool and kernels, and a net with its tapes.
#ifndef RB_TESTS_NET_KIT_H
#define RB_TESTS_NET_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nn/net.h"

typedef struct kit {
    rb_pool *pool;
    rb_arena *arena;
    rb_compute *compute;
    rb_error error;
} kit;

static inline kit kit_open(int threads, const char *kernels)
{
    kit k = {0};
    assert_int_equal(rb_pool_create(&k.pool, threads, &k.error), RB_OK);
    assert_int_equal(rb_arena_create(&k.arena, &k.error), RB_OK);
    assert_int_equal(rb_compute_create(&k.compute, k.pool, kernels, false, k.arena, &k.error), RB_OK);
    return k;
}

static inline void kit_close(kit *k)
{
    rb_arena_destroy(k->arena);
    rb_pool_destroy(k->pool);
}

static inline rb_net *kit_net(kit *k, const rb_net_spec *spec, bool trains)
{
    rb_net *net;
    if (rb_net_create(&net, spec, trains, k->compute, k->arena, &k->error)) fail_msg("%s", k->error.message);
    return net;
}

static inline rb_tape *kit_tape(kit *k, const rb_net *net, int batch, bool backward)
{
    rb_tape *tape;
    assert_int_equal(rb_tape_create(&tape, net, batch, backward, k->arena, &k->error), RB_OK);
    return tape;
}

static inline uint64_t kit_hash(rb_net *net)
{
    rb_error error;
    rb_visitor *v;
    uint64_t hash;
    assert_int_equal(rb_visitor_hash(&v, &error), RB_OK);
    rb_net_visit(net, v);
    assert_int_equal(rb_visitor_finish(v, &hash, &error), RB_OK);
    return hash;
}

#endif
