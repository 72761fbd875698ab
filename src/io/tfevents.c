// See tfevents.h. Messages are made on the stack and packed straight into the file's buffer.
#include "io/tfevents.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "io/event_files.h"

#ifdef RB_HAVE_PROTOBUF_C
#include <math.h>
#include <tfevents.pb-c.h>

struct rb_tfevents {
    rb_tfrecord *file;
};

bool rb_tfevents_available(void)
{
    return true;
}

static void put(rb_tfevents *e, rb_event_at at, Rb__Tf__Event *event)
{
    event->wall_time = at.wall_seconds;
    event->step = at.step;
    uint8_t *room = rb_tfrecord_room(e->file, rb__tf__event__get_packed_size(event));
    if (!room) return; // a fault, which a flush tells
    rb__tf__event__pack(event, room);
    rb_tfrecord_end(e->file);
}

static void put_value(rb_tfevents *e, rb_event_at at, const char *tag, Rb__Tf__Value *value)
{
    Rb__Tf__Summary summary = RB__TF__SUMMARY__INIT;
    Rb__Tf__Event event = RB__TF__EVENT__INIT;
    value->tag = (char *)tag;
    summary.n_values = 1;
    summary.values = &value;
    event.what_case = RB__TF__EVENT__WHAT_SUMMARY;
    event.summary = &summary;
    put(e, at, &event);
}

rb_status rb_tfevents_create(rb_tfevents **out, const char *directory, double wall_seconds, rb_error *error)
{
    char path[RB_PATH_MAX];
    rb_status status =
        rb_event_files_new(path, sizeof path, directory, (int64_t)wall_seconds, error); // a free name
    rb_tfevents *e = calloc(1, sizeof *e);
    if (!status && !e) status = rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to write it", path);
    if (!status) status = rb_tfrecord_create(&e->file, path, error);
    if (status) {
        free(e);
        return status;
    }
    Rb__Tf__Event event = RB__TF__EVENT__INIT;
    event.what_case = RB__TF__EVENT__WHAT_FILE_VERSION;
    event.file_version = (char *)"brain.Event:2";
    put(e, (rb_event_at){wall_seconds, 0}, &event);
    *out = e;
    return RB_OK;
}

static void put_session(rb_tfevents *e, rb_event_at at, Rb__Tf__Session__Status status, const char *path)
{
    Rb__Tf__Session session = RB__TF__SESSION__INIT;
    Rb__Tf__Event event = RB__TF__EVENT__INIT;
    session.status = status;
    session.checkpoint_path = (char *)path;
    event.what_case = RB__TF__EVENT__WHAT_SESSION;
    event.session = &session;
    put(e, at, &event);
}

void rb_tfevents_restart(rb_tfevents *e, rb_event_at at)
{
    put_session(e, at, RB__TF__SESSION__STATUS__START, "");
}

void rb_tfevents_checkpoint(rb_tfevents *e, rb_event_at at, const char *path)
{
    put_session(e, at, RB__TF__SESSION__STATUS__CHECKPOINT, path);
}

void rb_tfevents_scalar(rb_tfevents *e, rb_event_at at, const char *tag, double value)
{
    if (isnan(value)) return;
    Rb__Tf__Value v = RB__TF__VALUE__INIT;
    v.what_case = RB__TF__VALUE__WHAT_SCALAR;
    v.scalar = (float)value;
    put_value(e, at, tag, &v);
}

void rb_tfevents_histogram(rb_tfevents *e, rb_event_at at, const char *tag, const rb_histogram *h)
{
    int first, last;
    if (!rb_histogram_range(h, &first, &last)) return;
    double limits[RB_HISTOGRAM_BUCKETS], counts[RB_HISTOGRAM_BUCKETS];
    for (int i = first; i <= last; i++) {
        limits[i - first] = i == last ? h->max : rb_histogram_edge(h, i + 1);
        counts[i - first] = (double)h->buckets[i];
    }
    Rb__Tf__Histogram histogram = RB__TF__HISTOGRAM__INIT;
    histogram.min = h->min;
    histogram.max = h->max;
    histogram.num = (double)h->count;
    histogram.sum = h->sum;
    histogram.sum_squares = h->sum_squares;
    histogram.n_bucket_limit = histogram.n_bucket = (size_t)(last - first + 1);
    histogram.bucket_limit = limits;
    histogram.bucket = counts;
    Rb__Tf__Value v = RB__TF__VALUE__INIT;
    v.what_case = RB__TF__VALUE__WHAT_HISTOGRAM;
    v.histogram = &histogram;
    put_value(e, at, tag, &v);
}

void rb_tfevents_picture(rb_tfevents *e, rb_event_at at, const char *tag, int height, int width,
                         const uint8_t *file, size_t bytes)
{
    Rb__Tf__Image image = RB__TF__IMAGE__INIT;
    image.height = height;
    image.width = width;
    image.colorspace = 3;
    image.encoded = (ProtobufCBinaryData){bytes, (uint8_t *)file};
    Rb__Tf__Value v = RB__TF__VALUE__INIT;
    v.what_case = RB__TF__VALUE__WHAT_IMAGE;
    v.image = &image;
    put_value(e, at, tag, &v);
}

static void put_tensor(rb_tfevents *e, rb_event_at at, const char *tag, Rb__Tf__Tensor *tensor,
                       Rb__Tf__Metadata__Plugin *plugin)
{
    Rb__Tf__Metadata metadata = RB__TF__METADATA__INIT;
    Rb__Tf__Value v = RB__TF__VALUE__INIT;
    metadata.plugin = plugin;
    v.metadata = &metadata;
    v.what_case = RB__TF__VALUE__WHAT_TENSOR;
    v.tensor = tensor;
    put_value(e, at, tag, &v);
}

void rb_tfevents_text(rb_tfevents *e, rb_event_at at, const char *tag, const char *text)
{
    ProtobufCBinaryData string = {strlen(text), (uint8_t *)text};
    Rb__Tf__Tensor__Shape__Dimension one = RB__TF__TENSOR__SHAPE__DIMENSION__INIT, *dimensions = &one;
    Rb__Tf__Tensor__Shape shape = RB__TF__TENSOR__SHAPE__INIT;
    Rb__Tf__Tensor tensor = RB__TF__TENSOR__INIT;
    Rb__Tf__Metadata__Plugin plugin = RB__TF__METADATA__PLUGIN__INIT;
    one.size = 1;
    shape.n_dimensions = 1;
    shape.dimensions = &dimensions;
    tensor.type = RB__TF__TENSOR__TYPE__STRING;
    tensor.shape = &shape;
    tensor.n_strings = 1;
    tensor.strings = &string;
    plugin.name = (char *)"text";
    put_tensor(e, at, tag, &tensor, &plugin);
}

// The plugin's message travels as bytes beside a tensor of no numbers.
static void put_plugin(rb_tfevents *e, rb_event_at at, const char *tag, const Rb__Tf__Hparams *message,
                       uint8_t *content)
{
    Rb__Tf__Tensor__Shape__Dimension none = RB__TF__TENSOR__SHAPE__DIMENSION__INIT, *dimensions = &none;
    Rb__Tf__Tensor__Shape shape = RB__TF__TENSOR__SHAPE__INIT;
    Rb__Tf__Tensor tensor = RB__TF__TENSOR__INIT;
    Rb__Tf__Metadata__Plugin plugin = RB__TF__METADATA__PLUGIN__INIT;
    shape.n_dimensions = 1;
    shape.dimensions = &dimensions;
    tensor.type = RB__TF__TENSOR__TYPE__FLOAT;
    tensor.shape = &shape;
    plugin.name = (char *)"hparams";
    plugin.content = (ProtobufCBinaryData){rb__tf__hparams__pack(message, content), content};
    put_tensor(e, at, tag, &tensor, &plugin);
}

typedef struct entry { // one parameter with all its messages
    Rb__Tf__Number value;
    Rb__Tf__SessionStart__Entry entry;
} entry;

static void fill_entry(entry *to, const rb_hparam *from)
{
    to->value = (Rb__Tf__Number)RB__TF__NUMBER__INIT;
    to->entry = (Rb__Tf__SessionStart__Entry)RB__TF__SESSION_START__ENTRY__INIT;
    to->entry.name = (char *)from->name;
    to->entry.value = &to->value;
    if (from->kind == RB_HPARAM_TEXT) {
        to->value.kind_case = RB__TF__NUMBER__KIND_TEXT;
        to->value.text = (char *)from->text;
    } else if (from->kind == RB_HPARAM_TRUTH) {
        to->value.kind_case = RB__TF__NUMBER__KIND_TRUTH;
        to->value.truth = from->number != 0;
    } else {
        to->value.kind_case = RB__TF__NUMBER__KIND_NUMBER;
        to->value.number = from->number;
    }
}

rb_status rb_tfevents_hparams(rb_tfevents *e, rb_event_at at, const rb_hparam *hparams, int count,
                              rb_error *error)
{
    entry *entries = calloc((size_t)count + 1, sizeof *entries);
    Rb__Tf__SessionStart__Entry **list = calloc((size_t)count + 1, sizeof *list);
    uint8_t *content = NULL;
    Rb__Tf__SessionStart start = RB__TF__SESSION_START__INIT;
    Rb__Tf__Hparams message = RB__TF__HPARAMS__INIT;
    if (entries && list) {
        for (int i = 0; i < count; i++) {
            fill_entry(&entries[i], &hparams[i]);
            list[i] = &entries[i].entry;
        }
        start.n_hparams = (size_t)count;
        start.hparams = list;
        start.start_seconds = at.wall_seconds;
        message.what_case = RB__TF__HPARAMS__WHAT_START;
        message.start = &start;
        content = malloc(rb__tf__hparams__get_packed_size(&message));
    }
    if (content) put_plugin(e, at, "_hparams_/session_start_info", &message, content);
    free(content);
    free(list);
    free(entries);
    return content ? RB_OK : rb_error_set(error, RB_ERR_MEMORY, "no memory for %d parameters", count);
}

void rb_tfevents_finished(rb_tfevents *e, rb_event_at at)
{
    uint8_t content[32];
    Rb__Tf__SessionEnd end = RB__TF__SESSION_END__INIT;
    Rb__Tf__Hparams message = RB__TF__HPARAMS__INIT;
    end.status = RB__TF__SESSION_END__STATUS__SUCCESS;
    end.end_seconds = at.wall_seconds;
    message.what_case = RB__TF__HPARAMS__WHAT_END;
    message.end = &end;
    put_plugin(e, at, "_hparams_/session_end_info", &message, content);
}

rb_status rb_tfevents_flush(rb_tfevents *e, rb_error *error)
{
    return rb_tfrecord_flush(e->file, error);
}

rb_status rb_tfevents_sync(rb_tfevents *e, rb_error *error)
{
    return rb_tfrecord_sync(e->file, error);
}

rb_status rb_tfevents_close(rb_tfevents *e, rb_error *error)
{
    if (!e) return RB_OK;
    rb_status status = rb_tfrecord_close(e->file, error);
    free(e);
    return status;
}

#else // none is ever made, so nothing but the first two is ever called
bool rb_tfevents_available(void)
{
    return false;
}

rb_status rb_tfevents_create(rb_tfevents **out, const char *directory, double wall_seconds, rb_error *error)
{
    (void)wall_seconds;
    *out = NULL;
    return rb_error_set(error, RB_ERR_MISSING,
                        "%s: this program was built without protobuf-c, which event files need: install "
                        "libprotobuf-c-dev and protobuf-c-compiler, then build again",
                        directory);
}

void rb_tfevents_restart(rb_tfevents *e, rb_event_at at)
{
    (void)e, (void)at;
}

void rb_tfevents_checkpoint(rb_tfevents *e, rb_event_at at, const char *path)
{
    (void)e, (void)at, (void)path;
}

void rb_tfevents_scalar(rb_tfevents *e, rb_event_at at, const char *tag, double value)
{
    (void)e, (void)at, (void)tag, (void)value;
}

void rb_tfevents_histogram(rb_tfevents *e, rb_event_at at, const char *tag, const rb_histogram *h)
{
    (void)e, (void)at, (void)tag, (void)h;
}

void rb_tfevents_picture(rb_tfevents *e, rb_event_at at, const char *tag, int height, int width,
                         const uint8_t *file, size_t bytes)
{
    (void)e, (void)at, (void)tag, (void)height, (void)width, (void)file, (void)bytes;
}

void rb_tfevents_text(rb_tfevents *e, rb_event_at at, const char *tag, const char *text)
{
    (void)e, (void)at, (void)tag, (void)text;
}

rb_status rb_tfevents_hparams(rb_tfevents *e, rb_event_at at, const rb_hparam *hparams, int count,
                              rb_error *error)
{
    (void)e, (void)at, (void)hparams, (void)count, (void)error;
    return RB_OK;
}

void rb_tfevents_finished(rb_tfevents *e, rb_event_at at)
{
    (void)e, (void)at;
}

rb_status rb_tfevents_flush(rb_tfevents *e, rb_error *error)
{
    (void)e, (void)error;
    return RB_OK;
}

rb_status rb_tfevents_sync(rb_tfevents *e, rb_error *error)
{
    (void)e, (void)error;
    return RB_OK;
}

rb_status rb_tfevents_close(rb_tfevents *e, rb_error *error)
{
    (void)e, (void)error;
    return RB_OK;
}
#endif
