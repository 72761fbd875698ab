// A file of weights that a run begins with. The first byte chooses the network, the rest is the file. A file
// that is accepted leaves finite weights, one that is refused leaves the network as it was.
#include <math.h>

#include "fuzz/fuzz.h"
#include "nn/net.h"
#include "rollout/init_weights.h"
#include "rainbow/rainbow.h"

static const char *const settings[][8] = {
    {"--preset=cartpole-dqn", "--net.mlp=12", "--net.hidden=8"},
    {"--preset=cartpole", "--net.mlp=16", "--net.hidden=16"},
    {"--preset=cartpole-dqn", "--net.mlp=12", "--net.hidden=8", "--agent.categorical=true", "--agent.atoms=7",
     "--agent.v_min=-100"},
    {"--preset=cartpole-dqn", "--net.layers=batch_norm, linear 6, relu", "--net.hidden=0"},
};
enum { NETWORKS = sizeof settings / sizeof *settings };

typedef struct network {
    rb_config *config;
    rb_pool *pool;
    rb_arena *arena;
    rb_net *net;
    float *before, *after; // all its numbers
    size_t count;
} network;

static void make(network *n, int which)
{
    rb_error error = {0};
    rb_compute *compute;
    const char *words[9] = {"cartpole"};
    int count = 1;
    for (; settings[which][count - 1]; count++) words[count] = settings[which][count - 1];
    FUZZ_CHECK(!rb_config_create(&n->config, &error));
    FUZZ_CHECK(!rb_config_arguments(n->config, count, words, &error));
    FUZZ_CHECK(!rb_pool_create(&n->pool, 1, &error) && !rb_arena_create(&n->arena, &error));
    FUZZ_CHECK(!rb_compute_create(&compute, n->pool, NULL, false, n->arena, &error));
    const rb_agent_params *agent = &n->config->params.agent;
    const rb_net_spec spec = {.params = n->config->params.net,
                              .planes = 4,
                              .height = 1,
                              .width = 1,
                              .actions = 2,
                              .outputs = agent->categorical ? (int)agent->atoms : 1};
    FUZZ_CHECK(!rb_net_create(&n->net, &spec, false, compute, n->arena, &error));
    rb_net_init(n->net, 1);
    for (int i = 0; i < rb_net_tensor_count(n->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(n->net, i, &info);
        n->count += info.count;
    }
    n->before = calloc(n->count, sizeof(float));
    n->after = calloc(n->count, sizeof(float));
    FUZZ_CHECK(n->before && n->after);
}

static void copy(const network *n, float *out)
{
    for (int i = 0; i < rb_net_tensor_count(n->net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(n->net, i, &info);
        rb_net_tensor_get(n->net, i, out);
        out += info.count;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static network networks[NETWORKS];
    rb_init_weights read;
    rb_error error = {0};
    if (!bytes) return 0;
    rb_rainbow_init();
    network *n = &networks[*data % NETWORKS];
    if (!n->net) make(n, *data % NETWORKS);
    FUZZ_CHECK(
        !rb_config_set(n->config, "run.init_weights", fuzz_file("weights", data + 1, bytes - 1), NULL, NULL));
    copy(n, n->before);
    const rb_status status = rb_init_weights_read(n->net, n->config, &read, &error);
    copy(n, n->after);
    if (status) {
        FUZZ_CHECK(*error.message && !memcmp(n->before, n->after, n->count * sizeof(float)));
    } else {
        for (size_t i = 0; i < n->count; i++) FUZZ_CHECK(isfinite(n->after[i]));
    }
    return 0;
}
