// State visitors: one `visit` function per stateful struct serves saving, loading and hashing.
//
//     void rb_thing_visit(rb_thing *thing, rb_visitor *v)
//     {
//         rb_visit_open(v, "thing");
//         rb_visit_u64(v, "steps", &thing->steps);
//         rb_visit_f32s(v, "weights", thing->weights, thing->count);
//         rb_visit_close(v);
//     }
//
// A field is named by its path ("run/agent/online/conv1/weights"). Loading compares the path and size of
// every field with what the struct expects, so for a checkpoint of other settings the error names the first
// field that differs. An error stays in the visitor: later calls do nothing, and the caller checks once at
// the end (rb_visitor_finish). A visit function may call rb_visitor_loading(v) to know when to rebuild
// derived data.
//
// File format, little endian:  "RBSTATE1" · records [u16 path bytes][u64 data bytes][path][data] ... · a
// record with an empty path whose data is the 8-byte XXH3-64 of everything before it. A truncated or changed
// file does not load. "RBSTATE2" is the same for a state whose bulk is outside: data that never changes once
// it is written (replay's old rows) is in files of its own. When loading, the visit function asks
// for it.
#ifndef RB_BASE_VISIT_H
#define RB_BASE_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "rainbow/error.h"

typedef struct rb_visitor rb_visitor;

// Writes a file beside `path`, which takes its place when `finish` succeeds.
rb_status rb_visitor_save(rb_visitor **out, const char *path, rb_error *error);
// Verifies the whole file's hash first.
rb_status rb_visitor_load(rb_visitor **out, const char *path, rb_error *error);
rb_status rb_visitor_hash(rb_visitor **out, rb_error *error);
// Saves into a growing buffer, for tests and exact copies.
rb_status rb_visitor_save_memory(rb_visitor **out, rb_error *error);
rb_status rb_visitor_load_memory(rb_visitor **out, const void *data, size_t bytes, rb_error *error);
// Saves a whole file, "RBSTATE2", into memory. `buffer` of `room` bytes from malloc, or NULL, is used and
// grown; rb_visitor_finish_memory returns it.
rb_status rb_visitor_save_image(rb_visitor **out, void *buffer, size_t room, rb_error *error);
// A part of such an image may come later: `rb_visit_gap` leaves out as many bytes of records, which begin
// where rb_visitor_size was. They are saved there with rb_visitor_save_part and must fill the gap; then
// rb_visit_seal writes the hash at the image's end, and returns it.
void rb_visit_gap(rb_visitor *v, size_t bytes);
rb_status rb_visitor_save_part(rb_visitor **out, void *gap, size_t bytes, rb_error *error);
uint64_t rb_visit_seal(void *image, size_t bytes);

// The first record of a saved state, unverified, without reading the rest (visit_head.c): its path, "" if the
// file is not a saved state or the record is larger than `most`, and its data with a NUL behind it, which the
// caller frees. RB_ERR_FILE: the file can't be read.
rb_status rb_visit_head(const char *file, char *path, size_t path_bytes, size_t most, char **data,
                        size_t *bytes, rb_error *error);

// Looks at the end of a saved state: a file that was cut short or enlarged does not end with a trailer, and a
// state that is larger than the memory fits into no run. `name` begins errors.
rb_status rb_visit_check_end(FILE *file, const char *name, rb_error *error);

bool rb_visitor_loading(const rb_visitor *v);
bool rb_visitor_hashing(const rb_visitor *v);
bool rb_visitor_failed(const rb_visitor *v);
bool rb_visitor_imaging(const rb_visitor *v);     // it saves an image
const char *rb_visitor_path(const rb_visitor *v); // of the level that is open
bool rb_visitor_outside(const rb_visitor *v); // the bulk is outside: saving an image, or loading an RBSTATE2
// `load` gets the bulk of a state that is being loaded, when the visit function calls rb_visit_outside, which
// does nothing for a state whose bulk is inside.
typedef rb_status (*rb_outside_fn)(void *context, rb_error *error);
void rb_visitor_set_outside(rb_visitor *v, rb_outside_fn load, void *context);
void rb_visit_outside(rb_visitor *v);
uint64_t rb_visitor_size(const rb_visitor *v); // bytes saved or hashed so far
uint64_t rb_visitor_sum(const rb_visitor *v);  // the hash at the end of the file that is being loaded
void rb_visitor_fail(rb_visitor *v, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// How much of the file a load has not read yet, in bytes: no record can be larger, so a size read from the
// file is compared with it before memory is taken.
uint64_t rb_visitor_left(const rb_visitor *v);

// Ends the visit (a save flushes and syncs its file; a load checks that no data is left over), frees the
// visitor and returns the first error. `hash` may be NULL; save and hash set it.
rb_status rb_visitor_finish(rb_visitor *v, uint64_t *hash, rb_error *error);
// The caller frees *data; after an error it is NULL.
rb_status rb_visitor_finish_memory(rb_visitor *v, void **data, size_t *bytes, rb_error *error);

void rb_visit_open(rb_visitor *v, const char *name); // one level of the path; at most 16
void rb_visit_close(rb_visitor *v);

void rb_visit_bytes(rb_visitor *v, const char *name, void *data, size_t bytes);
// The same field, only for saving and hashing, from pieces that add up to `bytes`: for data that is never in
// memory as a whole.
void rb_visit_pieces(rb_visitor *v, const char *name, size_t bytes);
void rb_visit_piece(rb_visitor *v, const void *data, size_t bytes);
void rb_visit_bool(rb_visitor *v, const char *name, bool *value);
void rb_visit_i32(rb_visitor *v, const char *name, int32_t *value);
void rb_visit_u32(rb_visitor *v, const char *name, uint32_t *value);
void rb_visit_i64(rb_visitor *v, const char *name, int64_t *value);
void rb_visit_u64(rb_visitor *v, const char *name, uint64_t *value);
void rb_visit_f64(rb_visitor *v, const char *name, double *value);
void rb_visit_f32s(rb_visitor *v, const char *name, float *values, size_t count);
void rb_visit_f64s(rb_visitor *v, const char *name, double *values, size_t count);
// Checks of a field that was just visited; they do nothing unless loading. A checksum only shows that a file
// is as it was written, so each loaded field that is an index, a count or a size is checked, and the error
// names the field, its value and what was expected.
void rb_visit_limits(rb_visitor *v, const char *name, int64_t value, int64_t least, int64_t most);
void rb_visit_limit_f64(rb_visitor *v, const char *name, double value, double least, double most);
void rb_visit_finite_f32(rb_visitor *v, const char *name, const float *values, size_t count);
void rb_visit_finite_floats(rb_visitor *v, const char *name, const void *floats,
                            size_t count); // which need not be aligned
void rb_visit_finite_f64(rb_visitor *v, const char *name, const double *values, size_t count);

// A value that must be the same when loading, such as a size fixed by the settings; if it differs, the error
// names both values.
void rb_visit_expect(rb_visitor *v, const char *name, uint64_t value);

#endif
