#include "nn/net_chains.h"

static bool is(const rb_net *net, int n, rb_node_kind kind)
{
    return n >= 0 && n < net->nodes && net->node[n].kind == kind;
}

static bool is_lone_relu(const rb_net *net, int n)
{
    return is(net, n, RB_NODE_NORM) && net->norm[net->node[n].index].kind == RB_NORM_NONE;
}

bool rb_net_pool_in_chain(const rb_net *net, int n)
{
    return is(net, n, RB_NODE_POOL) && is(net, n - 1, RB_NODE_CONV) &&
           rb_pool_has_places(&net->pool[net->node[n].index]);
}

int rb_net_lines_kept(const rb_pool_layer *pool)
{
    const int lines = (RB_POOL_LINES - 1) * pool->lines.step + pool->lines.kernel;
    return lines < pool->lines.size ? lines : pool->lines.size;
}

rb_net_chain rb_net_chain_at(const rb_net *net, int n)
{
    rb_net_chain chain = {.first = n, .pool = -1, .addition = -1, .relu = -1, .last = n};
    if (net->node[n].kind == RB_NODE_NORM) return chain;
    if (rb_net_pool_in_chain(net, n + 1))
        chain.last = chain.pool = n + 1;
    else if (is(net, n + 1, RB_NODE_ADDITION))
        chain.last = chain.addition = n + 1;
    if (is_lone_relu(net, chain.last + 1)) chain.last = chain.relu = chain.last + 1;
    return chain;
}

bool rb_net_node_exists(const rb_net *net, int n)
{
    return !is(net, n + 1, RB_NODE_ADDITION);
}

bool rb_net_node_kept(const rb_net *net, int n)
{
    if (n == net->nodes - 1 || (is(net, n, RB_NODE_POOL) && !rb_net_pool_in_chain(net, n))) return true;
    if (is(net, n, RB_NODE_NORM) && !is_lone_relu(net, n)) return true; // with its statistics
    if (rb_net_pool_in_chain(net, n + 1)) return false;
    return !is_lone_relu(net, n + 1) || rb_net_node_relu(net, n); // whose mask a block's first node needs
}

bool rb_net_joins_block(const rb_net *net, int n)
{
    return is_lone_relu(net, n - 1) && net->node[n - 1].block && is(net, n, RB_NODE_CONV) &&
           net->conv[net->node[n].index].flipped && !rb_net_node_relu(net, n - 2);
}
