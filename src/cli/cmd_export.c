// rainbow export: what was learned, for other programs.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct wish { // what the words say
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
    return object;
}

static int print_text(const wish *w, const rb_export_result *r)
{
    printf("%s: %s, step %" PRId64 ", %" PRId64 " numbers\n", w->onnx ? w->onnx : w->safetensors, r->env,
           r->step, r->numbers);
    if (!w->onnx) return CLI_DONE;
    printf("input   \"Image Sequence\"  %s N", r->floats ? "float32" : "uint8");
    for (int d = 1; d < r->dims; d++) printf(" x %d", r->shape[d]);
    printf("\noutput  \"Q-Values\"        float32 N x %d", r->actions);
    if (*r->action_names) printf(" (%s)", r->action_names);
    printf("\n");
    if (r->atoms > 1) printf("output  \"Probabilities\"   float32 N x %d x %d\n", r->actions, r->atoms);
    return CLI_DONE;
}

static int check(const cli_command *command, const wish *w, const char *path)
{
    if (!path) return cli_usage(command, "which run or checkpoint?");
    if (!w->onnx && !w->safetensors)
        return cli_usage(command, "in which form? --onnx FILE or --safetensors FILE says so");
    if (w->onnx && w->safetensors)
        return cli_usage(command, "--onnx and --safetensors: one of them at a time");
    if (w->input && !w->onnx) return cli_usage(command, "--input is for --onnx: weights have none");
    if (w->input && strcmp(w->input, "uint8") && strcmp(w->input, "float32"))
        return cli_usage(command, "--input=%s: must be uint8 or float32", w->input);
    return CLI_DONE;
}

static int export(const cli_command *command, int count, const char *const *words)
{
    wish w = {0};
    const cli_option options[] = {{.name = "onnx", .value = &w.onnx},
                                  {.name = "safetensors", .value = &w.safetensors},
                                  {.name = "input", .value = &w.input},
                                  {.name = "json", .flag = &w.json},
                                  {0}};
    const char **rest = malloc((size_t)(count + 1) * sizeof *rest);
    if (!rest) return cli_no_memory();
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, 1);
    const char *path = count ? rest[0] : NULL;
    free(rest);
    if (status == CLI_DONE) status = check(command, &w, path);
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
    .usage = "RUN|CHECKPOINT --onnx FILE|--safetensors FILE [--input uint8|float32] [--json]",
    .help = "what was learned, for other programs: ONNX, or the weights alone",
    .details =
        "  --onnx FILE         the network without noise, as ONNX: input \"Image Sequence\", N observations "
        "as "
        "the\n"
        "                      environment gives them (scaling is inside); output \"Q-Values\", N x actions; "
        "with\n"
        "                      atoms also \"Probabilities\", N x actions x atoms. What an observation is "
        "made "
        "of\n"
        "                      stands in the file's metadata\n"
        "  --safetensors FILE  all weights in PyTorch's names and shapes, with the same metadata\n"
        "  --input KIND        of ONNX: uint8, or float32 (then bytes are given as 0 .. 255, unscaled too); "
        "by default\n"
        "                      what the environment shows\n"
        "  --json              one object: file, format, env, checkpoint, step, actions, atoms, "
        "action_names,\n"
        "                      numbers, bytes; of ONNX also shape and input\n",
    .run = export,
};
