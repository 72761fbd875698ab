#include "rollout/weights_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

rb_safetensor rb_weights_described(const rb_net_tensor *info)
{
    rb_safetensor tensor = {.name = info->name, .dims = info->dims, .count = info->count};
    for (int d = 0; d < info->dims; d++) tensor.shape[d] = info->shape[d];
    return tensor;
}

bool rb_weights_same_shape(const rb_safetensor *a, const rb_safetensor *b)
{
    return a->dims == b->dims && !memcmp(a->shape, b->shape, sizeof *a->shape * (size_t)a->dims);
}

void rb_weights_shape_text(char out[RB_SHAPE_TEXT], const rb_safetensor *tensor)
{
    size_t used = 0;
    snprintf(out, RB_SHAPE_TEXT, "%s", tensor->dims ? "" : "one number");
    for (int d = 0; d < tensor->dims && used < RB_SHAPE_TEXT; d++)
        used += (size_t)snprintf(out + used, RB_SHAPE_TEXT - used, "%s%" PRId64, d ? " x " : "",
                                 tensor->shape[d]);
}

// All values must be finite; variances and counts, which are roots and whole numbers, at least 0.
static rb_status check_values(const rb_net_tensor *info, const char *name, const float *values,
                              const char *path, rb_error *error)
{
    const bool negative = !rb_text_ends(info->name, ".running_var") &&
                          !rb_text_ends(info->name, ".num_batches_tracked") &&
                          strcmp(info->name, "normalise.var") && strcmp(info->name, "normalise.count");
    for (size_t k = 0; k < info->count; k++)
        if (!isfinite(values[k]) || (!negative && values[k] < 0))
            return rb_error_set(
                error, RB_ERR_FORMAT,
                "%s: %s[%zu] is %g, but must be %s; these weights can't be used, take another "
                "checkpoint",
                path, name, k, (double)values[k],
                negative ? "a finite number" : "a finite number of at least 0");
    return RB_OK;
}

static float *room_for_largest(const rb_net *net)
{
    size_t largest = 1;
    for (int i = 0; i < rb_net_tensor_count(net); i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        if (info.count > largest) largest = info.count;
    }
    return malloc(sizeof(float) * largest);
}

rb_status rb_weights_set(rb_net *net, const rb_safetensors *file, const int *at, const char *path,
                         rb_error *error)
{
    float *values = room_for_largest(net);
    rb_status status = values ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", path);
    for (int i = 0; i < rb_net_tensor_count(net) && !status; i++) {
        rb_net_tensor info;
        rb_net_tensor_info(net, i, &info);
        rb_safetensors_read(file, at[i], values);
        status = check_values(&info, rb_safetensors_get(file, at[i])->name, values, path, error);
    }
    for (int i = 0; i < rb_net_tensor_count(net) && !status; i++) {
        rb_safetensors_read(file, at[i], values);
        rb_net_tensor_set(net, i, values);
    }
    free(values);
    return status;
}
