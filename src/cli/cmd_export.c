// rainbow export: a trained network, for other programs.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct wish { // from the command line
    const char *onnx, *safetensors, *input;
    bool json;
} wish;

static cJSON *as_json(const wish *w, const rb_export_result *r)
{
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "file", w->onnx ? w->onnx : w->safetensors);
    cJSON_AddStringToObject(object, "format", w->onnx ? "onnx" : "safetensors");
    cJSON_AddStringToObject(object, "env", r->env);
    cJSON_AddStringToObject(object, "checkpoint", r->checkpoint);
    cJSON_AddNumberToObject(object, "step", (double)r->step);
    cJSON_AddNumberToObject(object, "actions", r->actions);
    cJSON_AddNumberToObject(object, "atoms", r->atoms);
    cJSON_AddStringToObject(object, "action_names", r->action_names);
    cJSON_AddNumberToObject(object, "numbers", (double)r->numbers);
    cJSON_AddNumberToObject(object, "bytes", r->bytes);
    if (!w->onnx) return object;
    cJSON *shape = cJSON_AddArrayToObject(object, "shape");
    for (int d = 0; d < r->dims; d++)
        cJSON_AddItemToArray(shape, d ? cJSON_CreateNumber(r->shape[d]) : cJSON_CreateNull());
    cJSON_AddStringToObject(object, "input", r->floats ? "float32" : "uint8");
    cJSON_AddBoolToObject(object, "masks", r->masked);
    return object;
}

static int print_text(const wish *w, const rb_export_result *r)
{
    printf("%s: %s, step %" PRId64 ", %" PRId64 " numbers\n", w->onnx ? w->onnx : w->safetensors, r->env,
           r->step, r->numbers);
    if (!w->onnx) return CLI_DONE;
    printf("input   \"Image Sequence\"  %s N", r->floats ? "float32" : "uint8");
    for (int d = 1; d < r->dims; d++) printf(" x %d", r->shape[d]);
    if (r->masked)
        printf("\ninput   \"Action Mask\"     %s N x %d", r->floats ? "float32" : "uint8", r->actions);
    printf("\noutput  \"Q-Values\"        float32 N x %d", r->actions);
    if (*r->action_names) printf(" (%s)", r->action_names);
    printf("\n");
    if (r->atoms > 1) printf("output  \"Probabilities\"   float32 N x %d x %d\n", r->actions, r->atoms);
    return CLI_DONE;
}

static int check(const cli_command *command, const wish *w, const char *path)
{
    if (!path) return cli_usage(command, "no run or checkpoint is named");
    if (!w->onnx && !w->safetensors)
        return cli_usage(command, "no format is named; give --onnx FILE or --safetensors FILE");
    if (w->onnx && w->safetensors) return cli_usage(command, "choose one of --onnx and --safetensors");
    if (w->input && !w->onnx)
        return cli_usage(command, "--input needs --onnx: a file of weights has no input");
    if (w->input && strcmp(w->input, "uint8") && strcmp(w->input, "float32"))
        return cli_usage(command, "--input=%s: must be uint8 or float32", w->input);
    return CLI_DONE;
}

enum { ONNX, SAFETENSORS, INPUT, JSON, PYTHON, TRUST };

static const cli_option options[] = {
    [ONNX] =
        CLI_VALUE("onnx", "FILE",
                  "write the network without noise as ONNX: input \"Image Sequence\", N observations as the "
                  "environment gives them (the network scales them); output \"Q-Values\", N x actions; with "
                  "atoms also \"Probabilities\", N x actions x atoms. If the environment reports action "
                  "masks, a second "
                  "input \"Action Mask\", N x actions. The metadata describes an observation"),
    [SAFETENSORS] = CLI_VALUE("safetensors", "FILE",
                              "write all weights, with PyTorch's names and shapes and the same metadata"),
    [INPUT] = CLI_VALUE(
        "input", "uint8|float32",
        "input type of ONNX; float32 takes bytes as 0 .. 255, unscaled too; default: the environment's type"),
    [JSON] = CLI_FLAG("json", "print one object: file, format, env, checkpoint, step, actions, atoms, "
                              "action_names, numbers, bytes; for ONNX also shape, input and masks"),
    [PYTHON] = CLI_PYTHON,
    [TRUST] = CLI_TRUST,
    {0},
};

static int export(const cli_command *command, cli_words *words)
{
    const wish w = {.onnx = words->given[ONNX],
                    .safetensors = words->given[SAFETENSORS],
                    .input = words->given[INPUT],
                    .json = words->given[JSON] != NULL};
    const char *path = words->count ? words->rest[0] : NULL;
    int status = check(command, &w, path);
    if (status != CLI_DONE) return status;

    rb_error error = {0};
    rb_export_result result;
    const rb_export_input input = !w.input                    ? RB_EXPORT_AS_OBSERVED
                                  : !strcmp(w.input, "uint8") ? RB_EXPORT_UINT8
                                                              : RB_EXPORT_FLOAT32;
    rb_status done = w.onnx ? rb_export_onnx(path, w.onnx, input, &result, &error)
                            : rb_export_safetensors(path, w.safetensors, &result, &error);
    if (done != RB_OK) return cli_fail(&error);
    return w.json ? cli_print_json(as_json(&w, &result)) : print_text(&w, &result);
}

const cli_command cli_export = {
    .name = "export",
    .usage = "RUN|CHECKPOINT --onnx FILE [OPTION...]\nRUN|CHECKPOINT --safetensors FILE [OPTION...]",
    .help = "export a trained network as ONNX, or its weights as safetensors",
    .details = "Exports a run's newest checkpoint, or the checkpoint you name.",
    .options = options,
    .examples = {{"rainbow export runs/default/cartpole-s1 --onnx cartpole.onnx",
                  "Writes the network for ONNX Runtime and other programs"},
                 {"rainbow export runs/default/cartpole-s1 --safetensors cartpole.safetensors",
                  "Writes the weights, which PyTorch's users can load"}},
    .words = 1,
    .run = export,
};
