// TensorBoard's event files: scalars, histograms and pictures by tag and step, and the contents of its
// parameters page. The messages are protobuf's (io/tfevents.proto), the file is TFRecord (io/tfrecord.h). In
// a build without protobuf-c, rb_tfevents_create fails with a message.
//
//     events.out.tfevents.1760000000.rainbow      the second in which it was created
//
// TensorBoard reads all files of a directory in the order of their names. Each process creates its own file,
// which sorts after all existing ones. A process that resumes from an older step first cuts the files back to
// it (rb_tfevents_cut_back), and its file begins with a mark at the step after: a reader that has already
// read beyond that step then discards that part.
#ifndef RB_IO_TFEVENTS_H
#define RB_IO_TFEVENTS_H

#include "base/log.h"
#include "io/histogram.h"
#include "io/tfrecord.h"

typedef struct rb_tfevents rb_tfevents;

typedef struct rb_event_at { // the time of an event, on TensorBoard's axes
    double wall_seconds;     // since 1970
    int64_t step;
} rb_event_at;

typedef struct rb_hparam { // a parameter for the page that compares runs
    const char *name;
    enum { RB_HPARAM_NUMBER, RB_HPARAM_TEXT, RB_HPARAM_TRUTH } kind;
    double number; // also set for RB_HPARAM_TRUTH: 0 or 1
    const char *text;
} rb_hparam;

bool rb_tfevents_available(void);
// Creates a file in `directory`. RB_ERR_MISSING: built without protobuf-c.
rb_status rb_tfevents_create(rb_tfevents **out, const char *directory, double wall_seconds, rb_error *error);
// Cuts the event files of a directory back to the mark that rb_tfevents_checkpoint left for step `step`.
// Without such a mark nothing is cut, and `log` gets a warning if `marked`, which is whether there must be
// one. Bytes that can't be read are removed after a copy of the file was put beside it, under a name that
// TensorBoard does not read; `log` gets both names. A file that can't be repaired is left as it is. Files
// without any event are removed. `found`: whether events are left.
rb_status rb_tfevents_cut_back(const char *directory, int64_t step, bool marked, const rb_log *log,
                               bool *found, rb_error *error);
rb_status rb_tfevents_remove(const char *directory, rb_error *error); // removes all event files

// Tells readers to discard this step and all later ones.
void rb_tfevents_restart(rb_tfevents *events, rb_event_at at);
void rb_tfevents_checkpoint(rb_tfevents *events, rb_event_at at, const char *path);

// None of these allocates, except for pictures, text and parameters. NaN is not written.
void rb_tfevents_scalar(rb_tfevents *events, rb_event_at at, const char *tag, double value);
void rb_tfevents_histogram(rb_tfevents *events, rb_event_at at, const char *tag,
                           const rb_histogram *histogram);
// `file`: a complete PNG or GIF file of that size.
void rb_tfevents_picture(rb_tfevents *events, rb_event_at at, const char *tag, int height, int width,
                         const uint8_t *file, size_t bytes);
void rb_tfevents_text(rb_tfevents *events, rb_event_at at, const char *tag, const char *text); // Markdown
// rb_tfevents_hparams records the run's parameters, once; rb_tfevents_finished records that the run has
// ended.
rb_status rb_tfevents_hparams(rb_tfevents *events, rb_event_at at, const rb_hparam *hparams, int count,
                              rb_error *error);
void rb_tfevents_finished(rb_tfevents *events, rb_event_at at);

rb_status rb_tfevents_flush(rb_tfevents *events, rb_error *error); // readers then see everything
rb_status rb_tfevents_sync(rb_tfevents *events, rb_error *error);  // and it is on the disk
// Writes what is buffered and frees everything, even after a fault, which it returns. NULL is fine.
rb_status rb_tfevents_close(rb_tfevents *events, rb_error *error);

#endif
