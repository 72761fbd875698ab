// Chains: nodes whose pictures are computed together, while they are in the first-level cache or in
// registers. A chain begins with a convolution or a pool, and has, in this order:
//
//     a max-pool, which reads the convolution's lines as soon as they are there; the backward pass needs only
//     the places of the largest numbers, so no more of the convolution's picture exists than some lines
//     or an addition, added up where the convolution writes its result
//     and, after any of these, a ReLU that is a node of its own, so the result is written twice
#ifndef RB_NN_NET_CHAINS_H
#define RB_NN_NET_CHAINS_H

#include "nn/net_impl.h"

typedef struct rb_net_chain {
    int first, pool, addition, relu; // nodes; -1: not in this chain
    int last;
} rb_net_chain;

rb_net_chain rb_net_chain_at(const rb_net *net, int node); // the one that begins with this node
bool rb_net_pool_in_chain(const rb_net *net, int node); // whether this pool belongs to a convolution's chain
enum { RB_POOL_LINES = 2 };                             // that a pool in a chain computes at a time
int rb_net_lines_kept(const rb_pool_layer *pool);       // of the convolution, for them
// Whether a backward pass, or what comes after the nodes, reads a node's output, or a norm's statistics,
// which are in the same row. If not, it exists once per thread; and the result of a convolution before an
// addition does not exist at all.
bool rb_net_node_kept(const rb_net *net, int node);
bool rb_net_node_exists(const rb_net *net, int node);
// Whether the gradient that passes a block by is added where the block's first convolution, this node, writes
// the gradient of its input.
bool rb_net_joins_block(const rb_net *net, int node);

#endif
