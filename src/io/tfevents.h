// TensorBoard's event files: scalars, histograms and pictures by tag and step, and what the page of
// parameters shows. The messages are protobuf's (io/tfevents.proto), the file is TFRecord (io/tfrecord.h). A
// build without protobuf-c says so when asked.
//
//     events.out.tfevents.1760000000.rainbow      the second in which it was made
//
// TensorBoard reads all files of a directory in the order of their names. Each process makes one of its own,
// later than all that are there. A process that goes on from an older step first has the files cut back to it
// (rb_tfevents_cut_back), and its file begins with a mark at the step after: a reader that has already read
// beyond it forgets that part.
#ifndef RB_IO_TFEVENTS_H
#define RB_IO_TFEVENTS_H

#include "io/histogram.h"
#include "io/tfrecord.h"

typedef struct rb_tfevents rb_tfevents;

typedef struct rb_event_at { // when something was: as TensorBoard's axes have it
    double wall_seconds;     // since 1970
    int64_t step;
} rb_event_at;

typedef struct rb_hparam { // a parameter for the page that compares runs
    const char *name;
    enum { RB_HPARAM_NUMBER, RB_HPARAM_TEXT, RB_HPARAM_TRUTH } kind;
    double number; // also of truth: 0 or 1
    const char *text;
} rb_hparam;

bool rb_tfevents_available(void);
// A new file in `directory`. RB_ERR_MISSING: built without protobuf-c.
rb_status rb_tfevents_create(rb_tfevents **out, const char *directory, double wall_seconds, rb_error *error);
// Takes from the event files of a directory what was written after step `step`: where rb_tfevents_checkpoint
// marked that step, everything after the mark; otherwise everything from the first later step on. Also a last
// record that is not whole. Files that are then empty are removed. `found`: whether a file is left.
rb_status rb_tfevents_cut_back(const char *directory, int64_t step, bool *found, rb_error *error);
rb_status rb_tfevents_remove(const char *directory, rb_error *error); // all of them

// What readers have of this step and later ones is not true any more.
void rb_tfevents_restart(rb_tfevents *events, rb_event_at at);
void rb_tfevents_checkpoint(rb_tfevents *events, rb_event_at at, const char *path);

// None of these allocates, but for pictures, text and parameters. NaN is not written.
void rb_tfevents_scalar(rb_tfevents *events, rb_event_at at, const char *tag, double value);
void rb_tfevents_histogram(rb_tfevents *events, rb_event_at at, const char *tag,
                           const rb_histogram *histogram);
// `file`: a whole PNG or GIF of that size.
void rb_tfevents_picture(rb_tfevents *events, rb_event_at at, const char *tag, int height, int width,
                         const uint8_t *file, size_t bytes);
void rb_tfevents_text(rb_tfevents *events, rb_event_at at, const char *tag, const char *text); // Markdown
// The run's parameters, once; and that it came to its end.
rb_status rb_tfevents_hparams(rb_tfevents *events, rb_event_at at, const rb_hparam *hparams, int count,
                              rb_error *error);
void rb_tfevents_finished(rb_tfevents *events, rb_event_at at);

rb_status rb_tfevents_flush(rb_tfevents *events, rb_error *error); // whoever reads now sees everything
rb_status rb_tfevents_sync(rb_tfevents *events, rb_error *error);  // it is on the disk
// Writes what is left and frees everything, also after a fault, which it hands back. NULL is fine.
rb_status rb_tfevents_close(rb_tfevents *events, rb_error *error);

#endif
