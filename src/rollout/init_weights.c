#include "rollout/init_weights.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/scripts.h"
#include "base/text.h"
#include "rollout/saved.h"
#include "rollout/weight_names.h"
#include "rollout/weight_settings.h"
#include "rollout/weights.h"
#include "rollout/weights_file.h"

typedef struct reading {
    const char *path;
    rb_net *net;
    const rb_config *config;
    rb_safetensors *file;
    rb_weight_names names;
    rb_config *theirs; // the settings that the file shows
    int *at;           // [tensors of the network] places in the file; -1: none
} reading;

// ---- files that are something else

// A directory's newest weights, if it is a run or a checkpoint.
static rb_status refuse_directory(const char *path, rb_error *error)
{
    char checkpoint[RB_PATH_MAX];
    if (rb_checkpoint_find(checkpoint, sizeof checkpoint, path, false, NULL))
        return rb_error_set(error, RB_ERR_FILE, "%s: is a directory; name a file of weights", path);
    return rb_error_set(error, RB_ERR_FILE, "%s: is a directory; did you mean %s/%s?", path, checkpoint,
                        rb_weights_file_name);
}

// PyTorch's own files are zip archives with pickles inside, which can hold code.
static bool is_archive(const char *path)
{
    static const char begin[] = {'P', 'K', 3, 4};
    char *bytes = NULL;
    size_t size = 0;
    const bool read = !rb_file_read(path, &bytes, &size, NULL) && size >= sizeof begin;
    const bool archive = read && !memcmp(bytes, begin, sizeof begin);
    free(bytes);
    return archive;
}

static rb_status open_file(reading *r, rb_error *error)
{
    if (rb_file_is_directory(r->path)) return refuse_directory(r->path, error);
    const rb_status status = rb_safetensors_open(&r->file, r->path, error);
    if (status != RB_ERR_FORMAT || !is_archive(r->path)) return status;
    return rb_error_set(error, RB_ERR_FORMAT,
                        "%s: is a file of PyTorch or Stable-Baselines3, which may hold code; "
                        "%s makes a file of weights from it",
                        r->path, rb_scripts_in("scripts/torch-to-safetensors"));
}

// ---- what does not fit

typedef struct faults { // tensors that do not fit, the first ones as text
    char text[640];
    size_t used;
    int count, shapes; // all; those of another shape
} faults;

enum { FAULTS_SHOWN = 4 };

static void add(faults *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(faults *f, const char *format, ...)
{
    va_list list;
    if (f->count++ >= FAULTS_SHOWN || f->used >= sizeof f->text) return;
    if (f->used) f->used += (size_t)snprintf(f->text + f->used, sizeof f->text - f->used, ", ");
    va_start(list, format);
    if (f->used < sizeof f->text)
        f->used += (size_t)vsnprintf(f->text + f->used, sizeof f->text - f->used, format, list);
    va_end(list);
}

static void compare_tensor(const reading *r, int i, faults *f)
{
    rb_net_tensor info;
    char found_text[RB_SHAPE_TEXT], want_text[RB_SHAPE_TEXT];
    rb_net_tensor_info(r->net, i, &info);
    const rb_safetensor want = rb_weights_described(&info);
    rb_weights_shape_text(want_text, &want);
    if (r->at[i] < 0) {
        add(f, "%s (%s) is missing", info.name, want_text);
        return;
    }
    const rb_safetensor *found = rb_safetensors_get(r->file, r->at[i]);
    if (rb_weights_same_shape(found, &want)) return;
    f->shapes++;
    rb_weights_shape_text(found_text, found);
    if (r->names.ours)
        add(f, "%s is %s (expected %s)", info.name, found_text, want_text);
    else
        add(f, "%.60s is %s (expected %s, %s)", found->name, found_text, want_text, info.name);
}

static void find_extra(const reading *r, faults *f)
{
    for (int k = 0; k < rb_safetensors_count(r->file); k++) {
        bool used = r->names.ignored[k];
        for (int i = 0; i < rb_net_tensor_count(r->net) && !used; i++) used = r->at[i] == k;
        if (used) continue;
        char text[RB_SHAPE_TEXT];
        const rb_safetensor *tensor = rb_safetensors_get(r->file, k);
        rb_weights_shape_text(text, tensor);
        add(f, "%.60s (%s) has no place", tensor->name, text);
    }
}

// What to do: settings, or another environment or file if all settings are theirs already.
static void advise(const reading *r, const faults *f, char *out, size_t bytes)
{
    char options[400];
    rb_weight_settings_options(r->theirs, r->config, options, sizeof options);
    if (*options)
        snprintf(out, bytes, "give %s for a network like theirs", options);
    else if (!f->shapes)
        snprintf(out, bytes,
                 "the settings of the network agree, so the file is incomplete or of another kind");
    else
        snprintf(out, bytes,
                 "the settings of the network agree, so they are for other observations or actions "
                 "than those of %.80s",
                 r->config->params.run.env);
}

static rb_status check_shapes(const reading *r, rb_error *error)
{
    faults f = {0};
    char more[32] = "", advice[560];
    for (int i = 0; i < rb_net_tensor_count(r->net); i++) compare_tensor(r, i, &f);
    find_extra(r, &f);
    if (!f.count) return RB_OK;
    if (f.count > FAULTS_SHOWN) snprintf(more, sizeof more, " and %d more", f.count - FAULTS_SHOWN);
    advise(r, &f, advice, sizeof advice);
    return rb_error_set(error, RB_ERR_FORMAT, "%.200s: these weights of %s do not fit the network: %s%s; %s",
                        r->path, r->names.program, f.text, more, advice);
}

static rb_status check_meaning(const reading *r, rb_error *error)
{
    char options[400];
    const rb_status status = rb_weight_settings_meaning(r->theirs, r->config, rb_net_spec_of(r->net),
                                                        r->names.ours, options, sizeof options, error);
    if (status || !*options) return status;
    return rb_error_set(error, RB_ERR_FORMAT,
                        "%s: these weights fit, but would mean something else with these settings; they need "
                        "%s",
                        r->path, options);
}

// net.shared_bias keeps one bias for all actions, so theirs must be equal already.
static rb_status check_shared_bias(const reading *r, rb_error *error)
{
    const rb_net_spec *spec = rb_net_spec_of(r->net);
    rb_net_tensor info;
    if (!spec->params.shared_bias || spec->params.dueling || spec->params.noisy != RB_NOISY_OFF) return RB_OK;
    for (int i = 0; i < rb_net_tensor_count(r->net); i++) {
        rb_net_tensor_info(r->net, i, &info);
        if ((int)info.count != spec->actions * spec->outputs || !rb_text_starts(info.name, "head.") ||
            info.dims != 1)
            continue;
        float *values = malloc(sizeof *values * info.count);
        if (!values) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", r->path);
        rb_safetensors_read(r->file, r->at[i], values);
        const size_t period = (size_t)spec->outputs * sizeof *values;
        bool equal = true;
        for (int a = 1; a < spec->actions && equal; a++)
            equal = !memcmp(values, values + a * spec->outputs, period);
        free(values);
        if (equal) continue;
        return rb_error_set(error, RB_ERR_FORMAT,
                            "%s: %s has a bias of its own for each action, but net.shared_bias is true; give "
                            "--net.shared_bias=false",
                            r->path, rb_safetensors_get(r->file, r->at[i])->name);
    }
    return RB_OK;
}

static rb_status read_weights(reading *r, rb_error *error)
{
    rb_status status = open_file(r, error);
    if (!status) status = rb_weight_names_read(&r->names, r->file, r->path, error);
    if (!status) status = rb_weight_settings_make(&r->theirs, &r->names, r->file, r->config, r->path, error);
    r->at = status ? NULL : malloc(sizeof *r->at * (size_t)rb_net_tensor_count(r->net));
    if (!status && !r->at) status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", r->path);
    if (status) return status;
    rb_weight_names_match(&r->names, r->file, r->net, r->at);
    status = check_shapes(r, error);
    if (!status) status = check_meaning(r, error);
    if (!status) status = check_shared_bias(r, error);
    return status ? status : rb_weights_set(r->net, r->file, r->at, r->path, error);
}

rb_status rb_init_weights_read(rb_net *net, const rb_config *config, rb_init_weights *out, rb_error *error)
{
    reading r = {.path = config->params.run.init_weights, .net = net, .config = config};
    *out = (rb_init_weights){.step = -1};
    const rb_status status = read_weights(&r, error);
    if (!status) {
        const char *step = rb_safetensors_note_find(r.file, "step");
        if (!r.names.ours || !step || !rb_text_i64(step, &out->step)) out->step = -1;
        out->program = r.names.program; // a constant
        out->tensors = rb_net_tensor_count(net);
    }
    free(r.at);
    rb_config_destroy(r.theirs);
    rb_weight_names_free(&r.names);
    rb_safetensors_close(r.file);
    return status;
}

rb_status rb_init_weights_begin(rb_agent *agent, const rb_config *config, const rb_log *log, rb_error *error)
{
    rb_init_weights read;
    const char *path = config->params.run.init_weights;
    const rb_status status =
        *path ? rb_init_weights_read(rb_agent_online(agent), config, &read, error) : RB_OK;
    if (status || !*path) return status;
    rb_agent_target_copy(agent);
    rb_log_write(log, RB_LOG_INFO, "begins with the weights in %s, %d tensors of %s", path, read.tensors,
                 read.program);
    return RB_OK;
}
