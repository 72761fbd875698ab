// rainbow export: a trained network, for other programs.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"

typedef struct wish { // from the command line
    const char *onnx, *c, *safetensors, *input;
    rb_export_c_options c_options;
    bool json;
} wish;

enum { DECISIONS = 1000 }; // by default, and as the help of --decisions has it

static const char *file_of(const wish *w)
{
    return w->onnx ? w->onnx : w->c ? w->c : w->safetensors;
}

static cJSON *as_json(const wish *w, const rb_export_result *r, const rb_export_c_result *c)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", file_of(w));
    cJSON_AddStringToObject(object, "format", w->onnx ? "onnx" : w->c ? "c" : "safetensors");
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddStringToObject(object, "checkpoint", r->checkpoint);
    cJSON_AddNumberToObject(object, "step", (double)r->step);
    cJSON_AddNumberToObject(object, "actions", r->actions);
    cJSON_AddNumberToObject(object, "atoms", r->atoms);
    cJSON_AddNumberToObject(object, "quantiles", r->quantiles);
    cJSON_AddStringToObject(object, "action_names", r->action_names);
    cJSON_AddNumberToObject(object, "numbers", (double)r->numbers);
    cJSON_AddNumberToObject(object, "bytes", r->bytes);
    if (w->safetensors) return object;
    cJSON *shape = cJSON_AddArrayToObject(object, "shape");
    for (int d = w->c ? 1 : 0; d < r->dims; d++)
        cJSON_AddItemToArray(shape, d ? cJSON_CreateNumber(r->shape[d]) : cJSON_CreateNull());
    cJSON_AddStringToObject(object, "input", r->floats ? "float32" : "uint8");
    if (w->onnx) cJSON_AddBoolToObject(object, "masks", r->masked);
    cJSON *vector = w->onnx && r->vector_dims ? cJSON_AddArrayToObject(object, "vector") : NULL;
    for (int d = 0; vector && d < r->vector_dims; d++)
        cJSON_AddItemToArray(vector, d ? cJSON_CreateNumber(r->vector_shape[d]) : cJSON_CreateNull());
    if (!w->c) return object;
    cJSON_AddStringToObject(object, "name", c->name);
    cJSON_AddStringToObject(object, "weights", w->c_options.int8 ? "int8" : "float32");
    cJSON_AddNumberToObject(object, "constant_bytes", c->constant_bytes);
    cJSON_AddNumberToObject(object, "scratch_bytes", c->scratch_bytes);
    cJSON_AddNumberToObject(object, "stack_bytes", c->stack_bytes);
    cJSON_AddNumberToObject(object, "decisions", (double)c->decisions);
    cJSON_AddNumberToObject(object, "equal", c->equal);
    cJSON_AddNumberToObject(object, "q_difference", c->q_difference);
    cJSON_AddNumberToObject(object, "q_largest", c->q_largest);
    return object;
}

static void print_c(const wish *w, const rb_export_result *r, const rb_export_c_result *c)
{
    char text[32], constants[32], scratch[32], stack[32];
    printf("function   int %s_act(const %s *observation, const uint8_t *mask)\n", c->name,
           r->floats ? "float" : "uint8_t");
    printf("input      %s", r->floats ? "float" : "uint8_t");
    for (int d = 1; d < r->dims; d++) printf("%s %d", d > 1 ? " x" : "", r->shape[d]);
    printf("\noutput     0 to %d", r->actions - 1);
    if (*r->action_names) printf(" (%s)", r->action_names);
    rb_text_bytes(text, sizeof text, r->bytes);
    rb_text_bytes(constants, sizeof constants, c->constant_bytes);
    rb_text_bytes(scratch, sizeof scratch, c->scratch_bytes);
    rb_text_bytes(stack, sizeof stack, c->stack_bytes);
    printf("\nmemory     %s constant (%s weights), %s writable", constants,
           w->c_options.int8 ? "int8" : "float", scratch);
    if (c->stack_bytes > 0) printf(" and %s for the last frames", stack);
    printf("; the file has %s\n", text);
    printf("agreement  %.4g %% of %" PRId64
           " actions equal those of the network; largest difference of a Q-value %.2g, "
           "largest Q-value %.3g\n",
           100 * c->equal, c->decisions, c->q_difference, c->q_largest);
}

static int print_text(const wish *w, const rb_export_result *r, const rb_export_c_result *c)
{
    printf("%s: %s, step %" PRId64 ", %" PRId64 " numbers\n", file_of(w), r->env, r->step, r->numbers);
    if (w->c) print_c(w, r, c);
    if (!w->onnx) return CLI_DONE;
    printf("input   \"Image Sequence\"  %s N", r->floats ? "float32" : "uint8");
    for (int d = 1; d < r->dims; d++) printf(" x %d", r->shape[d]);
    if (r->vector_dims) printf("\ninput   \"Vector\"          float32 N");
    for (int d = 1; d < r->vector_dims; d++) printf(" x %d", r->vector_shape[d]);
    if (r->masked)
        printf("\ninput   \"Action Mask\"     %s N x %d", r->floats ? "float32" : "uint8", r->actions);
    printf("\noutput  \"Q-Values\"        float32 N x %d", r->actions);
    if (*r->action_names) printf(" (%s)", r->action_names);
    printf("\n");
    if (r->atoms > 1) printf("output  \"Probabilities\"   float32 N x %d x %d\n", r->actions, r->atoms);
    if (r->quantiles) printf("output  \"Quantiles\"       float32 N x %d x %d\n", r->actions, r->quantiles);
    return CLI_DONE;
}

static int check(const cli_command *command, const wish *w, const char *path)
{
    if (!path) return cli_usage(command, "no run or checkpoint is named");
    const int formats = (w->onnx != NULL) + (w->c != NULL) + (w->safetensors != NULL);
    if (!formats)
        return cli_usage(command, "no format is named; give --onnx FILE, --c FILE or --safetensors FILE");
    if (formats > 1) return cli_usage(command, "choose one of --onnx, --c and --safetensors");
    if (w->input && !w->onnx)
        return cli_usage(command, w->c ? "--input needs --onnx: a C file takes what the environment gives"
                                       : "--input needs --onnx: a file of weights has no input");
    if (w->input && strcmp(w->input, "uint8") && strcmp(w->input, "float32"))
        return cli_usage(command, "--input=%s: must be uint8 or float32", w->input);
    return CLI_DONE;
}

enum { ONNX, C_FILE, INT8, NAME, COMPARED, SAFETENSORS, BEST, INPUT, JSON, PYTHON, TRUST };

static const cli_option options[] = {
    [ONNX] =
        CLI_VALUE("onnx", "FILE",
                  "write the network without noise as ONNX: input \"Image Sequence\", N observations as the "
                  "environment gives them (the network scales them); output \"Q-Values\", N x actions; with "
                  "atoms also \"Probabilities\", N x actions x atoms. If the environment reports action "
                  "masks, another input \"Action Mask\", N x actions; with numbers beside a picture "
                  "\"Vector\". The metadata describes an observation",
                  .writes = true),
    [C_FILE] =
        CLI_VALUE("c", "FILE.c",
                  "write the network as one C99 file that needs no library and scales its input itself: "
                  "int NAME_act(observation, mask) returns the action, without noise; then play some games "
                  "to compare it with the network",
                  .writes = true),
    [INT8] = CLI_FLAG("int8", "weights of C with 8 bits and a scale per row, those of the outputs with 16: a "
                              "quarter of the memory"),
    [NAME] = CLI_VALUE("name", "NAME", "what every name in the C file begins with; default: the file's name"),
    [COMPARED] = CLI_VALUE("decisions", "N", "number of decisions of the comparison; default: 1000"),
    [SAFETENSORS] =
        CLI_VALUE("safetensors", "FILE",
                  "write all weights, with PyTorch's names and shapes and the same metadata", .writes = true),
    [BEST] = CLI_BEST,
    [INPUT] = CLI_VALUE(
        "input", "uint8|float32",
        "type of ONNX's input; float32 also takes a byte's value, 0 to 255; default: the environment's type"),
    [JSON] = CLI_FLAG("json", "print one object: file, format, env, checkpoint, step, actions, atoms, "
                              "action_names, numbers, bytes; for ONNX and C also shape and input; for ONNX "
                              "also masks, and vector if there is one; for C also "
                              "name, weights, constant_bytes, scratch_bytes, stack_bytes, decisions, equal, "
                              "q_difference, q_largest"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

static rb_status write_file(const char *path, const wish *w, rb_export_result *result, rb_export_c_result *c,
                            rb_error *error)
{
    if (w->c) return rb_export_c(path, w->c, &w->c_options, result, c, error);
    if (w->safetensors) return rb_export_safetensors(path, w->safetensors, result, error);
    const rb_export_input input = !w->input                    ? RB_EXPORT_AS_OBSERVED
                                  : !strcmp(w->input, "uint8") ? RB_EXPORT_UINT8
                                                               : RB_EXPORT_FLOAT32;
    return rb_export_onnx(path, w->onnx, input, result, error);
}

static int export(const cli_command *command, cli_words *words)
{
    const char *const *given = (const char *const *)words->given;
    wish w = {.onnx = words->given[ONNX],
              .c = words->given[C_FILE],
              .c_options = {.name = given[NAME], .int8 = given[INT8] != NULL},
              .safetensors = words->given[SAFETENSORS],
              .input = words->given[INPUT],
              .json = words->given[JSON] != NULL};
    const char *path = words->count ? words->rest[0] : NULL;
    char kept[1100];
    int status = check(command, &w, path), decisions = DECISIONS;
    if (status == CLI_DONE) status = cli_whole_number(command, "decisions", given[COMPARED], 1, &decisions);
    if (status == CLI_DONE && !w.c)
        for (int i = INT8; i <= COMPARED; i++)
            if (given[i]) return cli_usage(command, "--%s needs --c FILE", options[i].name);
    if (status == CLI_DONE) status = cli_best_weights(&path, given[BEST], kept, sizeof kept);
    if (status != CLI_DONE) return status;
    w.c_options.decisions = decisions;

    rb_error error = {0};
    rb_export_result result;
    rb_export_c_result c;
    rb_status done = write_file(path, &w, &result, &c, &error);
    if (done != RB_OK) return cli_fail(&error);
    return w.json ? cli_print_json(as_json(&w, &result, &c)) : print_text(&w, &result, &c);
}

const cli_command cli_export = {
    .name = "export",
    .usage = "RUN|CHECKPOINT --onnx FILE [OPTION...]\nRUN|CHECKPOINT --c FILE [OPTION...]\n"
             "RUN|CHECKPOINT --safetensors FILE [OPTION...]",
    .help = "export a trained network as ONNX or C, or its weights as safetensors",
    .details = "Exports a run's newest checkpoint, or the checkpoint you name.",
    .options = options,
    .examples = {{"rainbow export runs/default/cartpole-s1 --onnx cartpole.onnx",
                  "Writes the network for ONNX Runtime and other programs"},
                 {"rainbow export runs/default/cartpole-s1 --c cartpole.c --int8",
                  "Writes cartpole_act, the network as a C function for games and microcontrollers"}},
    .words = 1,
    .run = export,
};
