// Weights that a run begins with: those of Stable-Baselines3 and CleanRL give PyTorch's Q-values
// (tests/data/make_other_weights.py), ours are taken bit by bit, and what does not fit is refused with its
// tensors and the settings that it needs.
#include "train/stop_and_resume.h"

#include <math.h>

#include "io/safetensors.h"
#include "nn/net_kit.h"
#include "rollout/init_weights.h"
#include "rollout/weights.h"

enum { SAMPLES = 6, PIXELS = 44, ACTIONS_MOST = 3 };
#define DATA RB_TEST_DATA "/"

// A configuration of cartpole with these settings, separated by ';', and a file.
static rb_config *settings(const char *words, const char *file)
{
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", "--compute.threads=1");
    char text[512];
    snprintf(text, sizeof text, "%s", words);
    for (char *rest = text, *word; (word = strtok_r(rest, ";", &rest));) {
        char *equals = strchr(word, '=');
        *equals = 0;
        set(config, word, equals + 1);
    }
    set(config, "run.init_weights", file);
    return config;
}

typedef struct scene {
    kit kit;
    rb_net_spec spec;
    rb_net *net;
    rb_config *config;
} scene;

// A network of these settings, for 4 numbers, or for pictures of 4 frames.
static scene open_scene(const char *words, const char *file, bool pictures, int actions)
{
    scene s = {.kit = kit_open(1, NULL), .config = settings(words, file)};
    const rb_agent_params *agent = &s.config->params.agent;
    s.spec = (rb_net_spec){.params = s.config->params.net,
                           .bytes = pictures,
                           .planes = 4,
                           .height = pictures ? PIXELS : 1,
                           .width = pictures ? PIXELS : 1,
                           .normalised = s.config->params.env.normalise ? 4 : 0,
                           .clip = s.config->params.env.normalise_clip,
                           .actions = actions,
                           .outputs = agent->categorical ? (int)agent->atoms : 1};
    s.net = kit_net(&s.kit, &s.spec, true);
    rb_net_init(s.net, 1);
    return s;
}

static void close_scene(scene *s)
{
    rb_config_destroy(s->config);
    kit_close(&s->kit);
}

// ---- Q-values

// As make_other_weights.py makes them.
static void make_observations(const scene *s, void *out)
{
    if (!s->spec.bytes)
        for (int i = 0; i < SAMPLES * 4; i++) ((float *)out)[i] = (float)((i * 37 + 11) % 64) / 32.0f - 1.0f;
    else
        for (int i = 0; i < SAMPLES * 4 * PIXELS * PIXELS; i++)
            ((uint8_t *)out)[i] = (uint8_t)((i * 31 + i / PIXELS * 17 + i / (PIXELS * PIXELS) * 101) % 256);
}

// The expected return of an action over its atoms.
static double expectation(const rb_agent_params *p, const float *logits)
{
    double sum = 0, weighted = 0;
    for (int z = 0; z < (int)p->atoms; z++) {
        const double share = exp((double)logits[z]),
                     value = p->v_min + (p->v_max - p->v_min) * z / (double)(p->atoms - 1);
        sum += share, weighted += share * value;
    }
    return weighted / sum;
}

static void check_q_values(scene *s, const char *name)
{
    static uint8_t observations[SAMPLES * 4 * PIXELS * PIXELS] __attribute__((aligned(64)));
    const rb_agent_params *agent = &s->config->params.agent;
    float expected[SAMPLES * ACTIONS_MOST];
    rb_safetensors *golden;
    assert_int_equal(rb_safetensors_open(&golden, DATA "other_weights_q.safetensors", NULL), RB_OK);
    const int at = rb_safetensors_find(golden, name);
    assert_true(at >= 0);
    assert_int_equal(rb_safetensors_get(golden, at)->count, SAMPLES * s->spec.actions);
    rb_safetensors_read(golden, at, expected);
    rb_safetensors_close(golden);
    make_observations(s, observations);
    rb_tape *tape = kit_tape(&s->kit, s->net, SAMPLES, false);
    const float *out = rb_net_forward(s->net, tape, observations, SAMPLES, 0);
    for (int i = 0; i < SAMPLES * s->spec.actions; i++) {
        const double q = agent->categorical ? expectation(agent, out + i * s->spec.outputs) : (double)out[i],
                     want = (double)expected[i];
        if (!(fabs(q - want) <= 1e-5 * fmax(1, fabs(want))))
            fail_msg("%s: value %d is %.9g instead of %.9g", name, i, q, want);
    }
}

#define SMALL_CONVS "net.layers=conv 5 8 4, relu, conv 6 4 2, relu, conv 7 3 1, relu;net.hidden=16"

static const struct {
    const char *name, *program, *settings;
    bool pictures;
    int actions;
} others[] = {
    {"sb3_cartpole", "Stable-Baselines3", "net.mlp=64;net.hidden=64", false, 2},
    {"sb3_cartpole", "Stable-Baselines3", "net.mlp=64-64;net.hidden=0", false, 2},
    {"sb3_cartpole", "Stable-Baselines3", "net.layers=linear 64, relu;net.hidden=64", false, 2},
    {"sb3_cnn", "Stable-Baselines3", SMALL_CONVS, true, 3},
    {"cleanrl_dqn", "CleanRL", "net.mlp=12;net.hidden=8", false, 2},
    {"cleanrl_dqn_atari", "CleanRL", SMALL_CONVS, true, 3},
    {"cleanrl_c51", "CleanRL",
     "net.mlp=12;net.hidden=8;agent.categorical=true;agent.atoms=7;agent.v_min=-100;agent.v_max=100", false,
     2},
    {"cleanrl_rainbow", "CleanRL",
     SMALL_CONVS ";net.dueling=true;net.noisy=factorised;agent.categorical=true;agent.atoms=5;"
                 "agent.v_min=-10;agent.v_max=10",
     true, 3},
    {"torch_rainbow", "Rainbow",
     "net.mlp=16;net.hidden=16;net.dueling=true;net.noisy=independent;agent.categorical=true;agent.v_min=-10;"
     "agent.v_max=10",
     false, 2},
};

static void test_other_programs_q_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        char file[RB_PATH_MAX];
        rb_init_weights read;
        rb_error error = {0};
        snprintf(file, sizeof file, DATA "%s.safetensors", others[i].name);
        scene s = open_scene(others[i].settings, file, others[i].pictures, others[i].actions);
        if (rb_init_weights_read(s.net, s.config, &read, &error)) fail_msg("%s", error.message);
        assert_string_equal(read.program, others[i].program);
        assert_int_equal(read.tensors, rb_net_tensor_count(s.net));
        assert_int_equal(read.step, -1);
        check_q_values(&s, others[i].name);
        close_scene(&s);
    }
}

// ---- what does not fit

// Files with one fault each, made from a good one: a copy without one tensor, with one more, with another
// name, shape or value.
typedef struct edit {
    const rb_safetensors *file;
    int drop;    // -1: none
    float first; // the first value of the last tensor, if not 0
    rb_safetensor tensors[64];
    int place[64], count; // -1: the additional one
} edit;

static void fill_edited(void *context, int i, void *out)
{
    const edit *e = context;
    float *values = out;
    if (e->place[i] < 0)
        for (size_t k = 0; k < e->tensors[i].count; k++) values[k] = 0;
    else
        rb_safetensors_read(e->file, e->place[i], values);
    if (e->first != 0 && i + 1 == e->count) values[0] = e->first;
}

static const char *edited(const char *name, const char *drop, const char *add, const char *rename,
                          float first)
{
    static char path[RB_PATH_MAX];
    char from[RB_PATH_MAX];
    rb_safetensors *file;
    edit e = {.first = first};
    snprintf(from, sizeof from, DATA "%s.safetensors", name);
    snprintf(path, sizeof path, "%s/edited.safetensors", root);
    assert_int_equal(rb_safetensors_open(&file, from, NULL), RB_OK);
    e.file = file;
    for (int i = 0; i < rb_safetensors_count(file); i++) {
        if (drop && !strcmp(rb_safetensors_get(file, i)->name, drop)) continue;
        e.place[e.count] = i;
        e.tensors[e.count++] = *rb_safetensors_get(file, i);
    }
    if (add) {
        e.place[e.count] = -1;
        e.tensors[e.count++] = (rb_safetensor){.name = add, .dims = 2, .shape = {2, 3}, .count = 6};
    }
    if (rename) e.tensors[e.count - 1].name = rename;
    assert_int_equal(rb_safetensors_write(path, e.tensors, e.count, NULL, 0, fill_edited, &e, NULL), RB_OK);
    rb_safetensors_close(file);
    return path;
}

// The network must stay as it was. `part`: of the sentence, which names the file.
static void is_refused(const char *words, const char *file, bool pictures, int actions, const char *part)
{
    scene s = open_scene(words, file, pictures, actions);
    const uint64_t before = kit_hash(s.net);
    rb_init_weights read;
    rb_error error = {0};
    assert_int_equal(rb_init_weights_read(s.net, s.config, &read, &error), RB_ERR_FORMAT);
    if (!strstr(error.message, part) || strncmp(error.message, file, strlen(file)))
        fail_msg("%s\n... instead of ...\n%s", error.message, part);
    assert_true(kit_hash(s.net) == before);
    close_scene(&s);
}

static void test_wrong_tensors(void **state)
{
    (void)state;
    static const char fits[] = "net.mlp=12;net.hidden=8", dqn[] = "cleanrl_dqn";
    is_refused(fits, edited(dqn, "network.4.bias", NULL, NULL, 0), false, 2, "head.1.bias (2) is missing");
    is_refused(fits, edited(dqn, NULL, "actor.weight", NULL, 0), false, 2,
               "actor.weight (2 x 3) has no place");
    is_refused(fits, edited(dqn, NULL, "network.6.weight", NULL, 0), false, 2,
               "network.6.weight (2 x 3) has no place");
    is_refused(fits, edited(dqn, NULL, NULL, NULL, NAN), false, 2, "network.4.weight[0] is nan");
    is_refused(fits, edited(dqn, NULL, NULL, NULL, -INFINITY), false, 2, "[0] is -inf, but must be a finite");
    is_refused(fits, DATA "small.safetensors", false, 2, "(expected 12 x 4)");
    is_refused(fits, DATA "other_weights_q.safetensors", false, 2, "are named as in no network known here");
    is_refused(fits, edited("cleanrl_c51", NULL, NULL, NULL, 0), false, 2,
               "network.4.weight is 14 x 8 (expected 2 x 8, head.1.weight), network.4.bias is 14 (expected "
               "2, head.1.bias); give --agent.categorical=true --agent.atoms=7 --agent.v_min=-100 "
               "--agent.v_max=100 for a network like theirs");
}

// The settings that the sentence names make the file fit.
static void test_remedies(void **state)
{
    (void)state;
    static const struct {
        const char *name, *words, *part;
        bool pictures;
    } cases[] = {
        {"sb3_cartpole", "net.mlp=256", "give --net.mlp=64 --net.hidden=64 for a network like theirs", false},
        {"sb3_cartpole", "net.layers=linear 9, relu;net.hidden=0;net.dueling=true;net.noisy=factorised",
         "give --net.mlp=64 --net.layers=\"\" --net.hidden=64 --net.dueling=false --net.noisy=off for",
         false},
        {"sb3_cartpole", "net.mlp=64;net.hidden=64;net.norm=layer", "trunk.0.norm.weight (64) is missing",
         false},
        {"sb3_cartpole", "net.mlp=64;net.hidden=64;net.norm=layer", "give --net.norm=none for", false},
        {"cleanrl_rainbow",
         SMALL_CONVS ";net.dueling=true;agent.categorical=true;agent.atoms=5;agent.v_min=-9",
         "give --net.noisy=factorised --agent.v_min=-10 for", true},
        {"cleanrl_rainbow", SMALL_CONVS,
         "give --net.dueling=true --net.noisy=factorised --agent.categorical=true --agent.atoms=5 for", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char file[RB_PATH_MAX];
        snprintf(file, sizeof file, DATA "%s.safetensors", cases[i].name);
        is_refused(cases[i].words, file, cases[i].pictures, cases[i].pictures ? 3 : 2, cases[i].part);
    }
    is_refused("net.mlp=64;net.hidden=64", DATA "sb3_cartpole.safetensors", false, 3,
               "the settings of the network agree, so they are for other observations or actions than those "
               "of cartpole");
}

// Weights of the right shapes that these settings would read otherwise.
static void test_other_meanings(void **state)
{
    (void)state;
    static const char c51[] = "net.mlp=12;net.hidden=8;agent.categorical=true;agent.atoms=7;";
    char words[256];
    snprintf(words, sizeof words, "%sagent.v_min=-10;agent.v_max=100", c51);
    is_refused(words, DATA "cleanrl_c51.safetensors", false, 2,
               "would mean something else with these settings; they need --agent.v_min=-100");
    is_refused("net.mlp=12;net.hidden=8;net.relu_outputs=true", DATA "cleanrl_dqn.safetensors", false, 2,
               "they need --net.relu_outputs=false");
    is_refused(SMALL_CONVS ";net.centre=true", DATA "sb3_cnn.safetensors", true, 3,
               "they need --net.centre=false");
    is_refused("net.layers=linear 12, linear 8, relu;net.hidden=0", DATA "cleanrl_dqn.safetensors", false, 2,
               "they need --net.layers=\"LAYER, relu, LAYER, relu, ...\"");
    is_refused("net.mlp=12;net.hidden=8;net.shared_bias=true", DATA "cleanrl_dqn.safetensors", false, 2,
               "network.4.bias has a bias of its own for each action");
    snprintf(words, sizeof words, "%sagent.v_min=-100;agent.v_max=100", c51);
    is_refused(words, edited("cleanrl_c51", "atoms", "atoms", NULL, 0), false, 2,
               "atoms must be at least 2 numbers that rise in equal steps");
}

// ---- ours

static void test_ours_bit_by_bit(void **state)
{
    (void)state;
    char file[RB_PATH_MAX];
    rb_init_weights read;
    rb_error error = {0};
    static const char rainbow[] =
        "net.mlp=9;net.hidden=7;net.dueling=true;net.noisy=factorised;net.norm=batch;"
        "agent.categorical=true;agent.atoms=5;agent.v_max=8";
    scene s = open_scene(rainbow, "", false, 2), other = open_scene(rainbow, "", false, 2);
    snprintf(file, sizeof file, "%s/weights.safetensors", root);
    rb_net_init(other.net, 2);
    assert_true(kit_hash(other.net) != kit_hash(s.net));
    if (rb_weights_save(s.net, root, s.config, 60, &error)) fail_msg("%s", error.message);
    set(other.config, "run.init_weights", file);
    if (rb_init_weights_read(other.net, other.config, &read, &error)) fail_msg("%s", error.message);
    assert_true(kit_hash(other.net) == kit_hash(s.net));
    assert_string_equal(read.program, "Rainbow");
    assert_int_equal(read.step, 60);
    close_scene(&other);
    close_scene(&s);

    // Its metadata has the settings, those that no shape shows, too.
    is_refused("net.mlp=9;net.hidden=7", file, false, 2,
               "give --net.norm=batch --net.dueling=true --net.noisy=factorised --agent.categorical=true "
               "--agent.atoms=5 --agent.v_max=8 for a network like theirs");
    is_refused("net.mlp=9;net.hidden=7;net.dueling=true;net.noisy=factorised;net.norm=batch;"
               "agent.categorical=true;agent.atoms=5;agent.v_max=7;net.relu_outputs=true",
               file, false, 2, "they need --net.relu_outputs=false --agent.v_max=8");
}

// scripts/torch-to-safetensors puts the statistics of VecNormalize beside a model's weights.
enum { STATISTICS = 3 };
static const char *const statistic_names[STATISTICS] = {"normalise.count", "normalise.mean", "normalise.var"};
static const float statistic_values[STATISTICS][4] = {{50}, {1, -2, 3, 1e3f}, {4, 9, 0.25f, 1e6f}};

static void fill_with_statistics(void *context, int i, void *out)
{
    const rb_safetensors *file = context;
    const int own = rb_safetensors_count(file);
    if (i < own)
        rb_safetensors_read(file, i, out);
    else
        memcpy(out, statistic_values[i - own], sizeof(float) * (i == own ? 1 : 4));
}

static void test_statistics_beside_anothers_weights(void **state)
{
    (void)state;
    char file[RB_PATH_MAX];
    rb_safetensors *model;
    rb_safetensor tensors[64];
    rb_init_weights read;
    rb_error error = {0};
    assert_int_equal(rb_safetensors_open(&model, DATA "sb3_cartpole.safetensors", &error), RB_OK);
    const int own = rb_safetensors_count(model);
    assert_in_range(own, 1, 64 - STATISTICS);
    for (int i = 0; i < own; i++) tensors[i] = *rb_safetensors_get(model, i);
    for (int k = 0; k < STATISTICS; k++)
        tensors[own + k] = (rb_safetensor){.name = statistic_names[k], .count = k ? 4 : 1, .dims = k ? 1 : 0};
    for (int k = 1; k < STATISTICS; k++) tensors[own + k].shape[0] = 4;
    snprintf(file, sizeof file, "%s/normalised.safetensors", root);
    assert_int_equal(
        rb_safetensors_write(file, tensors, own + STATISTICS, NULL, 0, fill_with_statistics, model, &error),
        RB_OK);
    rb_safetensors_close(model);
    scene s = open_scene("net.mlp=64;net.hidden=64;env.normalise=true", file, false, 2);
    if (rb_init_weights_read(s.net, s.config, &read, &error)) fail_msg("%s", error.message);
    assert_string_equal(read.program, "Stable-Baselines3");
    const float seen[4] = {3, 4, 2, 1e3f}, wanted[4] = {1, 2, -2, 0}; // (x - mean) / sqrt(var)
    float out[4];
    rb_net_normalise(s.net, seen, 1, out);
    for (int i = 0; i < 4; i++) assert_true(fabsf(out[i] - wanted[i]) < 1e-5f);
    close_scene(&s);
    is_refused("net.mlp=64;net.hidden=64", file, false, 2,
               "give --env.normalise=true for a network like theirs");
}

// The statistics of normalised observations come with the weights, and with no others.
static void test_normalised_observations(void **state)
{
    (void)state;
    char file[RB_PATH_MAX];
    rb_init_weights read;
    rb_error error = {0};
    static const char words[] = "net.mlp=9;net.hidden=7;env.normalise=true";
    const float frames[8] = {1, 20, 300, -4, 3, 30, 500, -8};
    scene s = open_scene(words, "", false, 2), other = open_scene(words, "", false, 2);
    rb_net_follow(s.net, frames, 2, 4);
    snprintf(file, sizeof file, "%s/weights.safetensors", root);
    if (rb_weights_save(s.net, root, s.config, 60, &error)) fail_msg("%s", error.message);
    set(other.config, "run.init_weights", file);
    if (rb_init_weights_read(other.net, other.config, &read, &error)) fail_msg("%s", error.message);
    float ours[8], theirs[8];
    rb_net_normalise(s.net, frames, 2, ours);
    rb_net_normalise(other.net, frames, 2, theirs);
    assert_memory_equal(ours, theirs, sizeof ours);
    assert_true(ours[1] != frames[1]);
    close_scene(&other);
    close_scene(&s);

    is_refused("net.mlp=9;net.hidden=7", file, false, 2,
               "normalise.var (4) has no place; give --env.normalise=true for a network like theirs");
    is_refused("net.mlp=9;net.hidden=7;env.normalise=true;env.normalise_clip=5", file, false, 2,
               "they need --env.normalise_clip=10");
    is_refused("net.mlp=64;net.hidden=64;env.normalise=true", DATA "sb3_cartpole.safetensors", false, 2,
               "normalise.count (one number) is missing; give --env.normalise=false for");
}

// Strides and ReLUs, which no shape shows.
static void test_our_layers(void **state)
{
    (void)state;
    char file[RB_PATH_MAX];
    scene s = open_scene("net.layers=conv 5 8 4, relu;net.hidden=0", "", true, 3);
    snprintf(file, sizeof file, "%s/weights.safetensors", root);
    assert_int_equal(rb_weights_save(s.net, root, s.config, 1, NULL), RB_OK);
    close_scene(&s);
    is_refused("net.layers=conv 5 8 4;net.hidden=0", file, true, 3,
               "they need --net.layers=\"conv 5 8 4, relu\"");
    is_refused("net.layers=conv 5 8 4, relu;net.hidden=0;net.centre=true", file, true, 3,
               "they need --net.centre=false");
    rb_init_weights read;
    s = open_scene("net.layers=Conv2d(5 8 4) ReLU;net.hidden=0", file, true, 3); // the same list
    assert_int_equal(rb_init_weights_read(s.net, s.config, &read, NULL), RB_OK);
    close_scene(&s);
}

// ---- runs

static rb_config *small_run(const char *file)
{
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", "--run.max_steps=200",
                                  "--agent.start_steps=60", "--replay.capacity=300", "--agent.batch=8",
                                  "--net.mlp=64", "--net.hidden=64", "--eval.every_steps=0",
                                  "--eval.episodes=1", "--compute.threads=1", "--tensorboard.enabled=false");
    set(config, "run.init_weights", file);
    return config;
}

// Both networks begin with the file; a stop does not change what follows, even once the file is gone.
static void test_a_run_begins_and_resumes(void **state)
{
    (void)state;
    char file[RB_PATH_MAX], *bytes;
    size_t size;
    rb_error error = {0};
    snprintf(file, sizeof file, "%s/begin.safetensors", root);
    assert_int_equal(rb_file_read(DATA "sb3_cartpole.safetensors", &bytes, &size, NULL), RB_OK);
    assert_int_equal(rb_file_write(file, bytes, size, NULL), RB_OK);

    rb_config *config = small_run(file), *random = small_run("");
    assert_false(rb_config_same_experiment(config, random));
    rb_run *run = create(config);
    rb_init_weights read;
    kit k = kit_open(1, NULL);
    rb_net *alone = kit_net(&k, rb_net_spec_of(rb_agent_online(run->agent)), true);
    assert_int_equal(rb_init_weights_read(alone, config, &read, NULL), RB_OK);
    for (int i = 0; i < rb_net_tensor_count(alone); i++) {
        float of_file[64 * 64], online[64 * 64], target[64 * 64];
        rb_net_tensor info;
        rb_net_tensor_info(alone, i, &info);
        rb_net_tensor_get(alone, i, of_file);
        rb_net_tensor_get(rb_agent_online(run->agent), i, online);
        rb_net_tensor_get(rb_agent_target(run->agent), i, target);
        assert_memory_equal(online, of_file, info.count * sizeof *online);
        assert_memory_equal(target, of_file, info.count * sizeof *target);
    }
    kit_close(&k);
    rb_run_destroy(run);

    const uint64_t whole = train(config);
    assert_true(whole != train(random));
    run = create(config);
    char directory[RB_PATH_MAX];
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    if (rb_loop(run, 100, &error)) fail_msg("%s", error.message);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    rb_run_destroy(run);
    char claimed[RB_PATH_MAX];
    assert_int_equal(rb_run_claim(config, claimed, sizeof claimed, NULL), RB_OK);
    assert_int_equal(unlink(file), 0);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == whole);
    rb_run_destroy(run);

    // A run that is only claimed has not begun: it reads the file when it does.
    snprintf(directory, sizeof directory, "%s", claimed);
    assert_int_equal(rb_run_claim(config, claimed, sizeof claimed, NULL), RB_ERR_FILE);
    assert_int_equal(rb_run_resume(&run, directory, 0, NULL, NULL, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, file));
    assert_int_equal(rb_file_write(file, bytes, size, NULL), RB_OK);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == whole);
    rb_run_destroy(run);
    free(bytes);
    rb_config_destroy(config);
    rb_config_destroy(random);
}

// A run whose weights do not fit leaves no directory.
static void test_a_refused_run_leaves_nothing(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_run *run;
    rb_config *config = small_run(DATA "cleanrl_dqn.safetensors");
    char path[RB_PATH_MAX];
    set(config, "run.group", "refused");
    assert_int_equal(rb_run_create(&run, config, NULL, &error), RB_ERR_FORMAT);
    assert_null(run);
    snprintf(path, sizeof path, "%s/refused", root);
    assert_false(rb_file_exists(path));
    rb_config_destroy(config);
}

// rb_evaluate_file plays as a run would that begins with the file.
static void test_a_file_is_evaluated(void **state)
{
    (void)state;
    rb_error error = {0};
    rb_config *config = small_run(DATA "sb3_cartpole.safetensors");
    rb_eval_result result = {0}, random = {0};
    const rb_eval_options options = {.episodes = 4, .seed = 1, .threads = 1};
    if (rb_evaluate_file(config, &options, &result, &error)) fail_msg("%s", error.message);
    assert_int_equal(result.step, -1);
    assert_string_equal(result.checkpoint, DATA "sb3_cartpole.safetensors");
    if (!(result.mean == 500)) fail_msg("the trained agent scores %g", result.mean);
    rb_eval_result_free(&result);
    set(config, "run.init_weights", "");
    assert_int_equal(rb_evaluate_file(config, &options, &random, &error), RB_ERR_USAGE);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_programs_q_values),
        cmocka_unit_test(test_wrong_tensors),
        cmocka_unit_test(test_remedies),
        cmocka_unit_test(test_other_meanings),
        cmocka_unit_test(test_ours_bit_by_bit),
        cmocka_unit_test(test_normalised_observations),
        cmocka_unit_test(test_statistics_beside_anothers_weights),
        cmocka_unit_test(test_our_layers),
        cmocka_unit_test(test_a_run_begins_and_resumes),
        cmocka_unit_test(test_a_refused_run_leaves_nothing),
        cmocka_unit_test(test_a_file_is_evaluated),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
