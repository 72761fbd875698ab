#include "rollout/weights.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "rollout/weights_file.h"

static const char settings_key[] = "settings";

// ---- the settings in the metadata: "key = value\n" for each that decides a result

enum { VALUE_MAX = RB_TEXT_MAX + 16 };

static rb_status settings_text(const rb_config *config, char **out, rb_error *error)
{
    size_t used = 0, room = (size_t)rb_param_count() * (VALUE_MAX + 96);
    char *text = *out = malloc(room);
    if (!text) return rb_error_set(error, RB_ERR_MEMORY, "no memory for the settings");
    text[0] = 0;
    for (int i = 0; i < rb_param_count(); i++) {
        char value[VALUE_MAX];
        const rb_param_info *param = rb_param_get(i);
        if (!param->decides && strcmp(param->key, "run.seed"))
            continue; // the seed decides which games are played
        rb_status status = rb_config_get(config, param->key, value, sizeof value, error);
        if (status) return status;
        used += (size_t)snprintf(text + used, room - used, "%s = %s\n", param->key, value);
    }
    return RB_OK;
}

// Compares one line of the metadata with the configuration. Parameters that this version does not know are
// skipped.
static rb_status compare_line(const char *line, size_t bytes, const rb_config *config, const char *directory,
                              rb_error *error)
{
    char key[64], now[VALUE_MAX];
    const char *equal = memchr(line, '=', bytes);
    if (!equal || equal == line || (size_t)(equal - line) > sizeof key) return RB_OK;
    snprintf(key, sizeof key, "%.*s", (int)(equal - line - 1), line);
    if (rb_config_get(config, key, now, sizeof now, NULL)) return RB_OK;
    const char *then = equal + 2;
    const size_t then_bytes = (size_t)(line + bytes - then);
    if (then_bytes == strlen(now) && !memcmp(then, now, then_bytes)) return RB_OK;
    return rb_error_set(
        error, RB_ERR_FORMAT,
        "%s/config.ini: %s = %.120s, but the weights beside it were trained with %.*s; undo the "
        "change, or write that value into the file",
        directory, key, now, then_bytes < 120 ? (int)then_bytes : 120, then);
}

static rb_status compare_settings(const rb_safetensors *file, const rb_config *config, const char *directory,
                                  rb_error *error)
{
    const char *line = config ? rb_safetensors_note_find(file, settings_key) : NULL;
    rb_status status = RB_OK;
    for (; line && *line && !status; line += strcspn(line, "\n"), line += *line == '\n')
        status = compare_line(line, strcspn(line, "\n"), config, directory, error);
    return status;
}

// ---- tensors

static void fill(void *context, int i, void *out)
{
    rb_net_tensor_get(context, i, out);
}

static rb_status make_image(const rb_net *net, const char *name, const rb_safetensors_note *notes,
                            int note_count, char **image, size_t *bytes, rb_error *error)
{
    const int count = rb_net_tensor_count(net);
    rb_status status = rb_net_check_finite(net, error);
    *image = NULL;
    if (status) return rb_error_context(error, status, "%s", name);
    rb_net_tensor *info = malloc(sizeof *info * (size_t)count);
    rb_safetensor *tensors = malloc(sizeof *tensors * (size_t)count);
    if (info && tensors) {
        for (int i = 0; i < count; i++) {
            rb_net_tensor_info(net, i, &info[i]);
            tensors[i] = rb_weights_described(&info[i]);
        }
        status = rb_safetensors_make(image, bytes, name, tensors, count, notes, note_count, fill, (void *)net,
                                     error);
    } else {
        status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to describe the weights", name);
    }
    free(info);
    free(tensors);
    return status;
}

rb_status rb_weights_write(const rb_net *net, const char *path, const rb_safetensors_note *notes,
                           int note_count, rb_error *error)
{
    char *image;
    size_t bytes;
    rb_status status = make_image(net, path, notes, note_count, &image, &bytes, error);
    if (!status) status = rb_file_write(path, image, bytes, error);
    free(image);
    return status;
}

rb_status rb_weights_make(const rb_net *net, const rb_config *config, int64_t step, char **image,
                          size_t *bytes, rb_error *error)
{
    char step_text[24], *settings = NULL;
    *image = NULL;
    rb_status status = settings_text(config, &settings, error);
    snprintf(step_text, sizeof step_text, "%" PRId64, step);
    const rb_safetensors_note notes[] = {rb_safetensors_checksum,
                                         {"env", config->params.run.env},
                                         {"rainbow", RB_VERSION},
                                         {settings_key, settings},
                                         {"step", step_text}};
    if (!status)
        status =
            make_image(net, rb_weights_file_name, notes, sizeof notes / sizeof *notes, image, bytes, error);
    free(settings);
    return status;
}

rb_status rb_weights_save(const rb_net *net, const char *directory, const rb_config *config, int64_t step,
                          rb_error *error)
{
    char path[RB_PATH_MAX], *image = NULL;
    size_t bytes;
    rb_status status = rb_path_join(path, sizeof path, directory, rb_weights_file_name, error);
    if (!status) status = rb_weights_make(net, config, step, &image, &bytes, error);
    if (!status) status = rb_file_write(path, image, bytes, error);
    free(image);
    return status;
}

// Checks everything before a weight is set: a file that does not fit changes nothing. at[i]: the place of the
// network's tensor i in the file.
static rb_status find_all(const rb_net *net, const rb_safetensors *file, int *at, const char *path,
                          rb_error *error)
{
    if (!rb_net_spec_of(net)->normalised && rb_safetensors_find(file, "normalise.mean") >= 0)
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: its network reads normalised observations, so env.normalise must be true",
                            path);
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        rb_safetensor want = rb_weights_described(&info);
        at[i] = rb_safetensors_find(file, info.name);
        if (at[i] < 0)
            return rb_error_set(error, RB_ERR_FORMAT, "%s: has no %s, which these settings' network needs",
                                path, info.name);
        const rb_safetensor *found = rb_safetensors_get(file, at[i]);
        if (rb_weights_same_shape(found, &want)) continue;
        char found_text[RB_SHAPE_TEXT], want_text[RB_SHAPE_TEXT];
        rb_weights_shape_text(found_text, found);
        rb_weights_shape_text(want_text, &want);
        return rb_error_set(error, RB_ERR_FORMAT, "%s: %s is %s, but these settings' network has %s", path,
                            info.name, found_text, want_text);
    }
    return RB_OK;
}

rb_status rb_weights_load(rb_net *net, const char *directory, const rb_config *config, int64_t *step,
                          rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_safetensors *file;
    rb_status status = rb_path_join(path, sizeof path, directory, rb_weights_file_name, error);
    if (!status) status = rb_safetensors_open(&file, path, error);
    if (status) return status;
    int *at = malloc(sizeof *at * (size_t)rb_net_tensor_count(net));
    if (!at) status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    if (!status) status = compare_settings(file, config, directory, error);
    if (!status) status = find_all(net, file, at, path, error);
    if (!status) status = rb_weights_set(net, file, at, path, error);
    free(at);
    const char *step_text = rb_safetensors_note_find(file, "step");
    if (!step_text || !rb_text_i64(step_text, step)) *step = -1;
    rb_safetensors_close(file);
    return status;
}
