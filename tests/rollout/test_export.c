// Exports: the model's parts read back, for a network with every switch and for one with none; exports that
// are not possible. tests/onnx/ checks that the model computes what the network does.
#include "train/run_fixture.h"

#include <math.h>

#include "io/onnx.h"
#include "io/safetensors.h"

#ifdef RB_HAVE_PROTOBUF_C
#include <onnx.pb-c.h>
#endif

static char run_path[RB_PATH_MAX], file[RB_PATH_MAX];

#define SMALL                                                                                                \
    "--run.max_steps=60", "--agent.start_steps=30", "--replay.capacity=200", "--agent.batch=4",              \
        "--net.hidden=8", "--eval.every_steps=0", "--compute.threads=1", "--tensorboard.enabled=false"

static void make_run(const rb_config *config)
{
    rb_run *run = create(config);
    snprintf(run_path, sizeof run_path, "%s", rb_run_directory(run));
    snprintf(file, sizeof file, "%.1000s/agent.onnx", run_path);
    assert_int_equal(rb_run_train(run, NULL), RB_OK);
    rb_run_destroy(run);
}

#ifdef RB_HAVE_PROTOBUF_C
static Rb__Onnx__Model *read_model(void)
{
    char *bytes;
    size_t count;
    assert_int_equal(rb_file_read(file, &bytes, &count, NULL), RB_OK);
    Rb__Onnx__Model *model = rb__onnx__model__unpack(NULL, count, (const uint8_t *)bytes);
    assert_non_null(model);
    free(bytes);
    return model;
}

static void assert_operators(const Rb__Onnx__Graph *graph, const char *expected)
{
    char all[1000] = "";
    size_t used = 0;
    for (size_t i = 0; i < graph->n_nodes; i++)
        used += (size_t)snprintf(all + used, sizeof all - used, "%s%s", i ? " " : "", graph->nodes[i]->op);
    assert_string_equal(all, expected);
}

static void assert_value(const Rb__Onnx__Value *value, const char *name, int type, const int *sizes)
{
    const Rb__Onnx__Type__Shape *shape = value->type->array->shape;
    assert_string_equal(value->name, name);
    assert_int_equal(value->type->array->type, type);
    assert_string_equal(shape->dimensions[0]->free, "N");
    for (size_t i = 1; i < shape->n_dimensions; i++)
        assert_int_equal(shape->dimensions[i]->fixed, sizes[i - 1]);
    assert_int_equal(sizes[shape->n_dimensions - 1], 0);
}

static const char *note(const Rb__Onnx__Model *model, const char *key)
{
    for (size_t i = 0; i < model->n_notes; i++)
        if (!strcmp(model->notes[i]->key, key)) return model->notes[i]->value;
    return NULL;
}

// Every weight tensor except the noise's is in the model under its name, with its shape and values. Returns
// how many there are.
static size_t assert_weights(const Rb__Onnx__Graph *graph)
{
    rb_export_result result;
    rb_safetensors *weights;
    char path[RB_PATH_MAX];
    size_t found = 0;
    snprintf(path, sizeof path, "%.1000s/agent.st", run_path);
    assert_int_equal(rb_export_safetensors(run_path, path, &result, NULL), RB_OK);
    assert_int_equal(rb_safetensors_open(&weights, path, NULL), RB_OK);
    assert_string_equal(rb_safetensors_note_find(weights, "step"), "60");
    for (int i = 0; i < rb_safetensors_count(weights); i++) {
        const rb_safetensor *tensor = rb_safetensors_get(weights, i);
        const Rb__Onnx__Tensor *same = NULL;
        for (size_t t = 0; t < graph->n_tensors; t++)
            if (!strcmp(graph->tensors[t]->name, tensor->name)) same = graph->tensors[t];
        if (strstr(tensor->name, "_sigma") || strstr(tensor->name, "num_batches_tracked")) {
            assert_null(same);
            continue;
        }
        assert_non_null(same);
        assert_int_equal(same->type, RB_ONNX_FLOAT);
        assert_int_equal(same->n_shape, tensor->dims);
        for (int d = 0; d < tensor->dims; d++) assert_int_equal(same->shape[d], tensor->shape[d]);
        float *values = malloc(tensor->count * sizeof *values);
        rb_safetensors_read(weights, i, values);
        assert_int_equal(same->values.len, tensor->count * sizeof *values);
        assert_memory_equal(same->values.data, values, same->values.len);
        free(values);
        found++;
    }
    rb_safetensors_close(weights);
    return found;
}

static void test_all_switches(void **unused)
{
    (void)unused;
    rb_config *config = CONFIGURE("minatar/breakout", "--preset=minatar-rainbow", SMALL, "--run.name=all");
    rb_export_result result;
    make_run(config);
    rb_config_destroy(config);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
    assert_string_equal(result.env, "minatar/breakout");
    assert_int_equal(result.step, 60);
    assert_true(result.atoms > 1);
    Rb__Onnx__Model *model = read_model();
    const Rb__Onnx__Graph *graph = model->graph;
    assert_operators(graph, "Cast Mul Conv Relu Flatten Gemm Relu Gemm Relu Gemm Gemm "
                            "Reshape Reshape ReduceMean Sub Add Softmax MatMul");
    assert_int_equal(graph->n_inputs, 1);
    assert_value(graph->inputs[0], "Image Sequence", RB_ONNX_UINT8, (int[]){4, 10, 10, 0});
    assert_int_equal(graph->n_outputs, 2);
    assert_value(graph->outputs[0], "Q-Values", RB_ONNX_FLOAT, (int[]){result.actions, 0});
    assert_value(graph->outputs[1], "Probabilities", RB_ONNX_FLOAT, (int[]){result.actions, result.atoms, 0});
    assert_int_equal(assert_weights(graph), 2 * 5);
    assert_string_equal(note(model, "env"), "minatar/breakout");
    assert_string_equal(note(model, "actions"), result.action_names);
    assert_string_equal(note(model, "net.noisy"), "factorised");
    assert_non_null(note(model, "minatar.sticky"));
    assert_null(note(model, "atari.sticky"));
    rb__onnx__model__free_unpacked(model, NULL);

    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_FLOAT32, &result, NULL), RB_OK);
    model = read_model();
    assert_int_equal(model->graph->inputs[0]->type->array->type, RB_ONNX_FLOAT);
    assert_string_equal(model->graph->nodes[0]->op, "Mul");
    rb__onnx__model__free_unpacked(model, NULL);
}

// Without and with atoms: a second input, and the values of forbidden actions replaced at the end.
static void test_masks(void **unused)
{
    (void)unused;
    for (int kind = 0; kind < 3; kind++) {
        rb_config *config =
            CONFIGURE(RB_TEST_OWN "/reversi.so", SMALL, "--run.name=masked", "--run.overwrite=true");
        rb_export_result result;
        set(config, "agent.categorical", kind == 1 ? "true" : "false");
        if (kind == 2) set(config, "env.masks", "false");
        make_run(config);
        rb_config_destroy(config);
        assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
        assert_int_equal(result.masked, kind < 2);
        Rb__Onnx__Model *model = read_model();
        const Rb__Onnx__Graph *graph = model->graph;
        const Rb__Onnx__Node *last = graph->nodes[graph->n_nodes - 1];
        assert_int_equal(graph->n_inputs, kind < 2 ? 2 : 1);
        assert_value(graph->inputs[0], "Image Sequence", RB_ONNX_UINT8, (int[]){2, 6, 6, 0});
        assert_value(graph->outputs[0], "Q-Values", RB_ONNX_FLOAT, (int[]){36, 0});
        assert_string_equal(last->outputs[0], "Q-Values");
        assert_string_equal(last->op, kind < 2 ? "Where" : "Add");
        if (kind < 2) {
            assert_value(graph->inputs[1], "Action Mask", RB_ONNX_UINT8, (int[]){36, 0});
            assert_string_equal(last->inputs[0], "allowed");
            assert_string_equal(last->inputs[2], "forbidden");
            assert_string_equal(graph->nodes[graph->n_nodes - 2]->op, "Cast");
            assert_string_equal(graph->nodes[graph->n_nodes - 2]->inputs[0], "Action Mask");
        }
        rb__onnx__model__free_unpacked(model, NULL);
        assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_FLOAT32, &result, NULL), RB_OK);
        model = read_model();
        if (kind < 2) assert_value(model->graph->inputs[1], "Action Mask", RB_ONNX_FLOAT, (int[]){36, 0});
        rb__onnx__model__free_unpacked(model, NULL);
    }
}

// Observations are raw outside and normalised inside.
static void test_normalised(void **unused)
{
    (void)unused;
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", SMALL, "--run.name=normalised",
                                  "--env.normalise=true", "--env.normalise_clip=4");
    rb_export_result result;
    make_run(config);
    rb_config_destroy(config);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
    Rb__Onnx__Model *model = read_model();
    assert_operators(model->graph, "Sub Mul Clip Gemm Relu Gemm Relu Gemm Identity");
    assert_string_equal(model->graph->nodes[0]->inputs[0], "Image Sequence");
    assert_string_equal(note(model, "env.normalise"), "true");
    for (size_t t = 0; t < model->graph->n_tensors; t++) {
        const Rb__Onnx__Tensor *tensor = model->graph->tensors[t];
        float value;
        memcpy(&value, tensor->values.data, sizeof value);
        if (!strcmp(tensor->name, "normalise.high")) assert_true(value == 4);
        if (!strcmp(tensor->name, "normalise.low")) assert_true(value == -4);
    }
    rb__onnx__model__free_unpacked(model, NULL);
}

static void test_settings_of_a_family(void **unused)
{
    (void)unused;
    rb_config *config = CONFIGURE("gridworld", SMALL, "--run.name=grid", "--grid.slip=0.25");
    rb_export_result result;
    make_run(config);
    rb_config_destroy(config);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
    Rb__Onnx__Model *model = read_model();
    assert_string_equal(note(model, "grid.slip"), "0.25");
    assert_string_equal(note(model, "grid.edge_reward"), "-1");
    assert_null(note(model, "minatar.sticky"));
    assert_null(note(model, "gym.kwargs"));
    rb__onnx__model__free_unpacked(model, NULL);
}

static void test_long_settings(void **unused)
{
    (void)unused;
    enum { LAYERS = 32 };
    char layers[LAYERS * 24] = "";
    for (int i = 0; i < LAYERS; i++) strcat(layers, i ? ", conv 2 3 1 1, relu" : "conv 2 3 1 1, relu");
    rb_config *config = CONFIGURE("minatar/breakout", SMALL, "--run.name=long");
    rb_export_result result;
    set(config, "net.layers", layers);
    make_run(config);
    rb_config_destroy(config);
    assert_true(strlen(layers) > 600);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
    Rb__Onnx__Model *model = read_model();
    assert_string_equal(note(model, "net.layers"), layers);
    rb__onnx__model__free_unpacked(model, NULL);
}

static void test_no_switch(void **unused)
{
    (void)unused;
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", SMALL, "--run.name=none");
    rb_export_result result;
    make_run(config);
    rb_config_destroy(config);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, NULL), RB_OK);
    Rb__Onnx__Model *model = read_model();
    assert_value(model->graph->inputs[0], "Image Sequence", RB_ONNX_FLOAT, (int[]){4, 0});
    assert_int_equal(model->graph->n_outputs, 1);
    assert_value(model->graph->outputs[0], "Q-Values", RB_ONNX_FLOAT, (int[]){2, 0});
    assert_string_equal(model->graph->nodes[0]->op, "Gemm");
    assert_int_equal(model->graph->n_tensors, assert_weights(model->graph));
    rb__onnx__model__free_unpacked(model, NULL);

    // The same file again.
    char *once, *twice;
    size_t once_bytes, twice_bytes;
    assert_int_equal(rb_file_read(file, &once, &once_bytes, NULL), RB_OK);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_FLOAT32, &result, NULL), RB_OK);
    assert_int_equal(rb_file_read(file, &twice, &twice_bytes, NULL), RB_OK);
    assert_int_equal(once_bytes, twice_bytes);
    assert_memory_equal(once, twice, once_bytes);
    assert_true(result.bytes == (double)once_bytes);
    free(once);
    free(twice);

    rb_error error = {0};
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_UINT8, &result, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "cartpole has float observations"));
}
#else
static void test_without(void **unused)
{
    (void)unused;
    rb_config *config = CONFIGURE("cartpole", "--preset=cartpole-dqn", SMALL, "--run.name=none");
    rb_export_result result;
    rb_error error = {0};
    make_run(config);
    rb_config_destroy(config);
    assert_int_equal(rb_export_onnx(run_path, file, RB_EXPORT_AS_OBSERVED, &result, &error), RB_ERR_MISSING);
    assert_non_null(strstr(error.message, "protobuf-c"));
    assert_false(rb_file_exists(file));
}
#endif

static void test_trace(void **unused)
{
    (void)unused;
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole-dqn", SMALL, "--run.name=traced", "--env.stack=2");
    make_run(config);
    rb_config_destroy(config);
    char path[RB_PATH_MAX];
    rb_eval_result result;
    snprintf(path, sizeof path, "%.1000s/trace.st", run_path);
    rb_eval_options how = {
        .episodes = 3, .epsilon = 1, .seed = 1, .threads = 1, .trace = path, .trace_steps = 20};
    assert_int_equal(rb_evaluate(run_path, &how, &result, NULL), RB_OK);
    rb_eval_result_free(&result);
    // Whole numbers are not read by our reader but by all others (tests/onnx): the header is checked.
    char *bytes;
    size_t count;
    assert_int_equal(rb_file_read(path, &bytes, &count, NULL), RB_OK);
    const char *header = bytes + 8;
    assert_non_null(strstr(header, "\"observations\":{\"dtype\":\"F32\",\"shape\":[20,2,4]"));
    assert_non_null(strstr(header, "\"q_values\":{\"dtype\":\"F32\",\"shape\":[20,2]"));
    assert_non_null(strstr(header, "\"actions\":{\"dtype\":\"I32\",\"shape\":[20]"));
    assert_non_null(strstr(header, "\"games\":{\"dtype\":\"I32\",\"shape\":[20]"));
    free(bytes);

    rb_error error = {0};
    how.trace = "/nowhere/trace.st";
    assert_int_equal(rb_evaluate(run_path, &how, &result, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere/trace.st"));
    how.trace_steps = INT64_C(1) << 52;
    assert_int_equal(rb_evaluate(run_path, &how, &result, &error), RB_ERR_MEMORY);
}

static void test_what_is_not_there(void **unused)
{
    (void)unused;
    rb_export_result result;
    rb_error error = {0};
    char to[RB_PATH_MAX];
    snprintf(to, sizeof to, "%s/never.onnx", root);
    assert_int_equal(rb_export_onnx("/nowhere", to, RB_EXPORT_AS_OBSERVED, &result, &error), RB_ERR_FILE);
    assert_non_null(strstr(error.message, "/nowhere"));
    assert_false(rb_file_exists(to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef RB_HAVE_PROTOBUF_C
        cmocka_unit_test(test_all_switches),
        cmocka_unit_test(test_normalised),
        cmocka_unit_test(test_settings_of_a_family),
        cmocka_unit_test(test_long_settings),
        cmocka_unit_test(test_no_switch),
        cmocka_unit_test(test_masks),
#else
        cmocka_unit_test(test_without),
#endif
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_what_is_not_there),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
