// Exported C files: each kind of network is written, compiled as strict C99 without a warning, loaded, and
// compared with the network itself; also the mask, the stack of frames, names that could break the text,
// 8-bit weights, the self-test, and exports that are not possible. tests/export_c/ plays whole games with
// such files, also on ARM and in a browser.
#include "train/run_fixture.h"

#include <dlfcn.h>
#include <math.h>
#include <sys/wait.h>

#include "agent/acting.h"
#include "agent/quantiles.h"
#include "nn/net_kit.h"
#include "rollout/c_quantise.h"
#include "rollout/c_run.h"
#include "rollout/c_source.h"
#include "rollout/c_text.h"

enum { COUNT = 40, ACTIONS = 3, ATOMS = 11, FRACTIONS = 5, NETS = 23 };

static const struct {
    const char *layers;
    bool bytes;
    int planes, height, width;
    int cosines; // above 0: an implicit head
} lists[NETS] = {
    {"conv 32 8 4, relu, conv 64 4 2, relu, linear 24", true, 4, 36, 36, 0},
    {"conv 1 1 1", true, 1, 3, 3, 0},
    {"conv 17 3 5, relu", true, 3, 9, 8, 0},                // strides wider than the window
    {"conv 5 9 1 4, relu, conv 3 2 7 1", true, 2, 9, 9, 0}, // padding, as large as the window allows
    {"conv 16 3 1, batch_norm, relu, linear 20, relu", true, 4, 10, 10, 0},
    {"conv 3 1 1 2, relu, conv 70 3 2, layer_norm, relu", false, 5, 7, 11, 0},
    {"conv 6 1 1, relu, linear 9, relu, linear 5, layer_norm, relu", false, 4, 1, 1, 0},
    {"relu", true, 1, 4, 5, 0}, // of the observation's bytes
    {"relu, relu, batch_norm, batch_norm, relu, layer_norm", false, 3, 4, 5, 0},
    {"linear 1", false, 7, 1, 1, 0},
    {"linear 33, batch_norm, relu, batch_norm, linear 2, relu", true, 7, 3, 1, 0},
    {"layer_norm, conv 4 3 1 1, relu", true, 2, 6, 6, 0},
    {"channel_norm, conv 6 3 1 1, channel_norm, relu, conv 19 2 2, relu, channel_norm", true, 3, 6, 8, 0},
    {"", true, 4, 5, 5, 0}, // the streams read the observation
    {"conv 5 3 1 1, spectral_norm, max_pool 3 2 1, residual, spectral_norm, relu, adaptive_max_pool 3", true,
     3, 11, 9, 0},
    {"residual, residual, relu, max_pool 2", true, 2, 6, 7,
     0},                                                      // the first block adds the observation's bytes
    {"residual, adaptive_average_pool 4", false, 3, 5, 7, 0}, // and here its numbers
    {"max_pool 2, conv 7 3 1, relu, residual, global_average_pool, linear 9", false, 2, 12, 9, 0},
    {"conv 5 3 1, relu, linear 12, relu", true, 3, 7, 6, 8},
    {"conv 6 3 1, layer_norm, relu, residual, relu", true, 2, 6, 8, 5},
    {"", true, 3, 4, 5, 7}, // the embedding multiplies the observation's bytes
    {"linear 9, batch_norm, relu", false, 5, 1, 1, 64},
    {"linear 20, relu", false, 6, 1, 1, 0}, // two frames of 3 numbers, normalised
};

typedef struct subject {
    rb_net *net;
    rb_c_plan plan;
    uint8_t *observations;
    size_t observation_bytes;
    float q[COUNT * ACTIONS], largest; // of the network
    float support[ATOMS];
} subject;

static kit k;
static subject subjects[NETS];

static void random_weights(rb_net *net, uint64_t seed)
{
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, 1);
    rb_net_init(net, seed);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        float *values = malloc(info.count * sizeof *values);
        rb_net_tensor_get(net, i, values);
        const bool norm = strstr(info.name, "norm") != NULL,
                   variance = strstr(info.name, "running_var") != NULL;
        for (size_t n = 0; norm && n < info.count && !strstr(info.name, "num_batches"); n++)
            values[n] = (float)rb_rng_range(&rng, variance ? 0.5 : -1, 1.5);
        rb_net_tensor_set(net, i, values);
        free(values);
    }
    rb_net_draw_noise(net, seed, RB_RNG_NOISE, 0);
}

static void make_subject(subject *s, int i)
{
    rb_net_spec spec = {.bytes = lists[i].bytes,
                        .planes = lists[i].planes,
                        .height = lists[i].height,
                        .width = lists[i].width,
                        .normalised = i == NETS - 1 ? 3 : 0,
                        .clip = 1.5,
                        .actions = ACTIONS,
                        .outputs = i % 3 && !lists[i].cosines ? ATOMS : 1,
                        .cosines = lists[i].cosines};
    snprintf(spec.params.layers, sizeof spec.params.layers, "%s", lists[i].layers);
    if (!*lists[i].layers) spec.params.trunk = RB_TRUNK_MLP;
    spec.params.hidden = i % 4 ? 8 : 0;
    spec.params.sigma0 = 0.5;
    spec.params.dueling = i % 2 == 0;
    spec.params.noisy = i % 3 == 0 ? RB_NOISY_FACTORISED : i % 3 == 1 ? RB_NOISY_INDEPENDENT : RB_NOISY_OFF;
    spec.params.norm = (int32_t)(i % 4 % 3);
    spec.params.centre = lists[i].bytes && i % 2;
    spec.params.unscaled = lists[i].bytes && i == 2;
    spec.params.relu_outputs = i % 5 == 4;
    s->net = kit_net(&k, &spec, spec.normalised > 0); // a network that trains has statistics
    random_weights(s->net, (uint64_t)i + 1);

    const size_t numbers = (size_t)(spec.planes * spec.height * spec.width);
    s->observation_bytes = numbers * (spec.bytes ? 1 : sizeof(float));
    s->observations = malloc(COUNT * s->observation_bytes);
    rb_rng rng = rb_rng_stream(3, RB_RNG_TEST, (uint64_t)i);
    for (size_t n = 0; n < COUNT * numbers; n++)
        if (spec.bytes)
            s->observations[n] = (uint8_t)rb_rng_below(&rng, 256);
        else
            ((float *)(void *)s->observations)[n] = (float)rb_rng_range(&rng, -1, 1);
    rb_support_fill(s->support, ATOMS, -10, 30);
    const void *seen = s->observations;
    float normalised[COUNT * 6];
    if (spec.normalised) {
        float *values = (float *)(void *)s->observations;
        for (size_t n = 0; n < COUNT * numbers; n++) values[n] = values[n] * 1e3f + 4e3f;
        rb_net_follow(s->net, values, 2 * COUNT, 3);
        rb_net_normalise(s->net, values, COUNT, normalised);
        seen = normalised;
    }
    float fractions[COUNT * FRACTIONS];
    for (int n = 0; n < COUNT * FRACTIONS; n++)
        fractions[n] = ((float)(n % FRACTIONS) + 0.5f) / (float)FRACTIONS;
    const int each = spec.cosines ? FRACTIONS : 0;
    rb_tape *tape;
    assert_int_equal(rb_tape_create_each(&tape, s->net, COUNT, each, false, k.arena, &k.error), RB_OK);
    const float *outputs =
        rb_net_forward_pass(&(rb_forward){s->net, tape, seen, COUNT, 0, each, fractions, NULL});
    const bool quantiles = i % 3 == 2 || spec.cosines;
    const rb_quantiles all =
        spec.cosines
            ? (rb_quantiles){outputs, FRACTIONS, (ptrdiff_t)FRACTIONS * ACTIONS, 1, ACTIONS}
            : (rb_quantiles){outputs, spec.outputs, (ptrdiff_t)ACTIONS * spec.outputs, spec.outputs, 1};
    if (quantiles)
        rb_quantiles_mean(s->q, &all, COUNT, ACTIONS);
    else
        rb_q_values(s->q, outputs, COUNT, ACTIONS, spec.outputs, s->support);
    s->largest = 1;
    for (int n = 0; n < COUNT * ACTIONS; n++) s->largest = fmaxf(s->largest, fabsf(s->q[n]));
    assert_int_equal(rb_c_plan_make(&s->plan, s->net, i == 0 || spec.normalised ? 2 : 1,
                                    spec.outputs > 1 && !quantiles ? s->support : NULL, FRACTIONS, k.arena,
                                    &k.error),
                     RB_OK);
}

static int make_all(void **state)
{
    if (make_root(state)) return -1;
    k = kit_open(1, "reference");
    for (int i = 0; i < NETS; i++) make_subject(&subjects[i], i);
    return 0;
}

static int drop_all(void **state)
{
    for (int i = 0; i < NETS; i++) free(subjects[i].observations);
    kit_close(&k);
    return drop_root(state);
}

// ---- the compiler ----

static void write_source(const rb_c_plan *plan, const subject *s, const char *name, const char *env,
                         const char *actions)
{
    char path[RB_PATH_MAX], *text;
    size_t bytes;
    float q[ACTIONS], *scratch = calloc((size_t)plan->scratch, sizeof *scratch);
    rb_c_run(plan, s->observations, scratch, q, NULL);
    free(scratch);
    const rb_c_words words = {.name = name,
                              .env = env,
                              .action_names = actions,
                              .agreement = "Nothing was compared.",
                              .observation = s->observations,
                              .q = q,
                              .action = rb_q_best(q, ACTIONS)};
    assert_int_equal(rb_c_source_make(plan, &words, &text, &bytes, &k.error), RB_OK);
    snprintf(path, sizeof path, "%s/%s.c", root, name);
    assert_int_equal(rb_file_write(path, text, bytes, &k.error), RB_OK);
    free(text);
}

// The status of a shell's line, run in the test's directory.
static int shell(const char *line)
{
    char all[4000];
    snprintf(all, sizeof all, "cd %s && %s", root, line);
    const int status = system(all);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

#define STRICT RB_TEST_CC " -std=c99 -Wall -Wextra -Werror -pedantic -O1 "

static void *load(const char *object)
{
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", root, object);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) fail_msg("%s", dlerror());
    return library;
}

static void *find(void *library, const char *name, const char *what)
{
    char symbol[100];
    snprintf(symbol, sizeof symbol, "%s_%s", name, what);
    void *found = dlsym(library, symbol);
    assert_non_null(found);
    return found;
}

typedef void (*q_values_fn)(const void *observation, float *q);
typedef int (*act_fn)(const void *observation, const uint8_t *mask);

// All files of this name, in one shared object: their names must not meet.
static void *compile_all(const char *name)
{
    char line[400], object[40];
    snprintf(object, sizeof object, "%s.so", name);
    snprintf(line, sizeof line, STRICT "-shared -fPIC %s?*.c -o %s", name, object);
    assert_int_equal(shell(line), 0);
    return load(object);
}

// What the file computes is what was run here, and near to the network within `share` of its largest Q-value.
static void assert_computes(void *library, const subject *s, const rb_c_plan *plan, const char *name,
                            float share)
{
    const q_values_fn q_values = (q_values_fn)find(library, name, "q_values");
    const act_fn act = (act_fn)find(library, name, "act");
    float *scratch = calloc((size_t)plan->scratch, sizeof *scratch);
    for (int n = 0; n < COUNT; n++) {
        const void *observation = s->observations + (size_t)n * s->observation_bytes;
        float ours[ACTIONS], theirs[ACTIONS];
        rb_c_run(plan, observation, scratch, ours, NULL);
        q_values(observation, theirs);
        for (int a = 0; a < ACTIONS; a++) {
            if (fabsf(ours[a] - theirs[a]) > 1e-6f * s->largest)
                fail_msg("%s: Q of action %d is %g, here %g", name, a, theirs[a], ours[a]);
            if (fabsf(theirs[a] - s->q[n * ACTIONS + a]) > share * s->largest)
                fail_msg("%s: Q of action %d is %g, that of the network %g", name, a, theirs[a],
                         s->q[n * ACTIONS + a]);
        }
        const int best = rb_q_best(theirs, ACTIONS);
        assert_int_equal(act(observation, NULL), best);
    }
    free(scratch);
}

static void test_every_network(void **state)
{
    (void)state;
    char name[20];
    for (int i = 0; i < NETS; i++) {
        snprintf(name, sizeof name, "net%d", i);
        write_source(&subjects[i].plan, &subjects[i], name, "a task", "");
    }
    void *library = compile_all("net");
    for (int i = 0; i < NETS; i++) {
        snprintf(name, sizeof name, "net%d", i);
        assert_computes(library, &subjects[i], &subjects[i].plan, name, 1e-5f);
    }
    dlclose(library);
}

static void test_every_network_in_8_bits(void **state)
{
    (void)state;
    char name[20];
    static rb_c_plan plans[NETS];
    int quantised = 0;
    for (int i = 0; i < NETS; i++) {
        const subject *s = &subjects[i];
        plans[i] = s->plan;
        assert_int_equal(rb_c_quantise(&plans[i], s->observations, COUNT, k.arena, &k.error), RB_OK);
        const bool smaller = rb_c_plan_constant_bytes(&plans[i]) < rb_c_plan_constant_bytes(&s->plan);
        for (int l = 0; l < plans[i].count; l++) {
            const rb_c_layer *layer = &plans[i].layer[l];
            const bool last = l == plans[i].advantage || l == plans[i].value;
            if (layer->type != RB_C_FLOAT) assert_int_equal(layer->type, last ? RB_C_INT16 : RB_C_INT8);
            if (layer->type != RB_C_FLOAT) assert_true(smaller);
            quantised += layer->type == RB_C_INT8;
        }
        snprintf(name, sizeof name, "small%d", i);
        write_source(&plans[i], s, name, "a task", "");
    }
    assert_true(quantised > NETS);
    void *library = compile_all("small");
    for (int i = 0; i < NETS; i++) {
        snprintf(name, sizeof name, "small%d", i);
        assert_computes(library, &subjects[i], &plans[i], name, 0.05f);
    }
    dlclose(library);
}

static void test_mask(void **state)
{
    (void)state;
    write_source(&subjects[4].plan, &subjects[4], "masked0", "a task", "");
    void *library = compile_all("masked");
    const q_values_fn q_values = (q_values_fn)find(library, "masked0", "q_values");
    const act_fn act = (act_fn)find(library, "masked0", "act");
    for (int n = 0; n < COUNT; n++)
        for (unsigned set = 0; set < 1u << ACTIONS; set++) {
            const void *observation = subjects[4].observations + (size_t)n * subjects[4].observation_bytes;
            uint8_t mask[ACTIONS];
            float q[ACTIONS];
            int best = -1;
            q_values(observation, q);
            for (int a = 0; a < ACTIONS; a++) {
                mask[a] = set >> a & 1;
                if (mask[a] && (best < 0 || q[a] > q[best])) best = a;
            }
            assert_int_equal(act(observation, mask), best);
        }
    dlclose(library);
}

// The first frames of a game, and a second game.
static void test_stack(void **state)
{
    (void)state;
    enum { FRAME = 2 * 36 * 36 };
    for (int black = 0; black < 2; black++) {
        rb_c_plan plan = subjects[0].plan;
        char name[20];
        plan.black_start = black;
        snprintf(name, sizeof name, "frames%d", black);
        write_source(&plan, &subjects[0], name, "a task", "");
    }
    void *library = compile_all("frames");
    for (int black = 0; black < 2; black++) {
        const char *name = black ? "frames1" : "frames0";
        void (*begin)(void *stack) = (void (*)(void *))find(library, name, "begin");
        const uint8_t *(*push)(void *stack, const void *frame) =
            (const uint8_t *(*)(void *, const void *))find(library, name, "push");
        const uint8_t *frames = subjects[0].observations, none[FRAME] = {0};
        void *stack = malloc(2 * FRAME + sizeof(int));
        for (int game = 0; game < 2; game++) {
            begin(stack);
            const uint8_t *before = black ? none : frames;
            for (int step = 0; step < 3; step++) {
                const uint8_t *now = frames + (size_t)step * FRAME, *seen = push(stack, now);
                assert_memory_equal(seen, before, FRAME);
                assert_memory_equal(seen + FRAME, now, FRAME);
                before = now;
            }
        }
        free(stack);
    }
    dlclose(library);
}

static void test_probabilities_and_own_memory(void **state)
{
    (void)state;
    const subject *s = &subjects[4];
    write_source(&s->plan, s, "own0", "a task", "");
    assert_int_equal(shell(STRICT "-shared -fPIC -D OWN0_NO_MEMORY own0.c -o own.so"), 0);
    void *library = load("own.so");
    assert_null(dlsym(library, "own0_act"));
    void (*evaluate)(float *, const void *, float *, float *) =
        (void (*)(float *, const void *, float *, float *))find(library, "own0", "evaluate");
    float *scratch = calloc((size_t)s->plan.scratch, sizeof *scratch), q[ACTIONS], p[ACTIONS * ATOMS];
    evaluate(scratch, s->observations, q, p);
    for (int a = 0; a < ACTIONS; a++) {
        double sum = 0, mean = 0;
        for (int z = 0; z < ATOMS; z++) sum += p[a * ATOMS + z], mean += p[a * ATOMS + z] * s->support[z];
        assert_true(fabs(sum - 1) < 1e-6 && fabs(mean - (double)s->q[a]) < 1e-4);
    }
    free(scratch);
    dlclose(library);
}

// In a program of two files, and with names from outside that try to leave their comment.
static void test_self_test_and_declarations(void **state)
{
    (void)state;
    write_source(&subjects[0].plan, &subjects[0], "agent_0", "*/ int x = \"; // \\",
                 "a\nint y;, \\, */, ?\?/");
    assert_int_equal(shell(STRICT "-D AGENT_0_SELF_TEST agent_0.c -o self && ./self"), 0);
    assert_int_equal(shell("echo '#define AGENT_0_DECLARE\n#include \"agent_0.c\"\n"
                           "int main(void) { static agent_0_stack s; static uint8_t f[AGENT_0_FRAME]; "
                           "agent_0_begin(&s); return agent_0_act(agent_0_push(&s, f), 0) < 0; }' > main.c"),
                     0);
    assert_int_equal(shell(STRICT "main.c agent_0.c -o both && ./both"), 0);
    // A wrong weight is noticed.
    assert_int_equal(
        shell("sed 's/agent_0_bias0\\[32\\] = {/&\\n9.0f,/; s/bias0\\[32\\]/bias0[33]/' agent_0.c > "
              "wrong.c && ! cmp -s agent_0.c wrong.c"),
        0);
    assert_int_equal(shell(STRICT "-D AGENT_0_SELF_TEST wrong.c -o wrong && ./wrong"), 1);
}

static void test_names(void **state)
{
    (void)state;
    const char *const names[][2] = {{"agent.c", "agent"},     {"a/b.d/my-agent.x.c", "my_agent"},
                                    {"2048.c", "agent_2048"}, {"_x.c", "agent__x"},
                                    {".c", "agent"},          {"dir/", "agent"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char out[RB_C_NAME_MAX];
        rb_c_name_of(out, names[i][0]);
        assert_string_equal(out, names[i][1]);
        assert_true(rb_c_name_fits(out));
    }
    char out[RB_C_NAME_MAX], long_name[100];
    memset(long_name, 'x', sizeof long_name - 1), long_name[sizeof long_name - 1] = 0;
    rb_c_name_of(out, long_name);
    assert_int_equal(strlen(out), RB_C_NAME_MAX - 1);
    const char *const bad[] = {"", "1a", "_a", "a-b", "a b", "a;", "\xc3\xa4", long_name};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(rb_c_name_fits(bad[i]));
}

static void test_run(void **state)
{
    (void)state;
    rb_config *config =
        CONFIGURE("minatar/breakout", "--run.name=c", "--run.max_steps=60", "--agent.start_steps=30",
                  "--replay.capacity=200", "--agent.batch=4", "--net.hidden=8", "--env.stack=2",
                  "--eval.every_steps=0", "--compute.threads=1", "--tensorboard.enabled=false");
    char path[RB_PATH_MAX], file[RB_PATH_MAX];
    rb_run *run = create(config);
    snprintf(path, sizeof path, "%s", rb_run_directory(run));
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    rb_run_destroy(run);
    rb_config_destroy(config);

    rb_export_result result;
    rb_export_c_result c;
    rb_error error = {0};
    for (int int8 = 0; int8 < 2; int8++) {
        const rb_export_c_options how = {.int8 = int8, .decisions = 30};
        snprintf(file, sizeof file, "%s/played.c", root);
        if (rb_export_c(path, file, &how, &result, &c, &error)) fail_msg("%s", error.message);
        assert_string_equal(c.name, "played");
        assert_int_equal(c.decisions, 30);
        assert_true(c.equal >= (int8 ? 0.9 : 1) && c.q_difference < (int8 ? 0.1 : 1e-4) && c.q_largest > 0);
        assert_true(c.scratch_bytes > 0 && c.stack_bytes == 2 * 400 + 4 && c.constant_bytes > 4000);
        assert_true(result.dims == 4 && result.shape[1] == 8 && !result.floats && result.actions == 6);
        assert_int_equal(shell(STRICT "-D PLAYED_SELF_TEST played.c -o played && ./played"), 0);
    }
    const rb_export_c_options bad_name = {.name = "no-name", .decisions = 1}, none = {.decisions = 0};
    snprintf(file, sizeof file, "%s/never.c", root);
    assert_int_equal(rb_export_c(path, file, &bad_name, &result, &c, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "no-name"));
    assert_int_equal(rb_export_c(path, file, &none, &result, &c, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "at least 1"));
    assert_false(rb_file_exists(file));
    const rb_export_c_options fine = {.decisions = 1};
    assert_int_equal(rb_export_c(path, "/nowhere/a.c", &fine, &result, &c, &error), RB_ERR_FILE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_network),
        cmocka_unit_test(test_every_network_in_8_bits),
        cmocka_unit_test(test_mask),
        cmocka_unit_test(test_stack),
        cmocka_unit_test(test_probabilities_and_own_memory),
        cmocka_unit_test(test_self_test_and_declarations),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_run),
    };
    return cmocka_run_group_tests(tests, make_all, drop_all);
}
