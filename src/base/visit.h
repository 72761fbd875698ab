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
// A field is named by its path ("run/agent/online/conv1/weights"); loading holds path and size of every field
// against what the struct expects, so a checkpoint of other settings is told by the first field that differs.
// An error stays in the visitor: later calls do nothing, and the caller asks once at the end
// (rb_visitor_finish). A visit function may ask rb_visitor_loading(v) to rebuild what is derived.
//
// File format, little endian:  "RBSTATE1" · records [u16 path bytes][u64 data bytes][path][data] ... · a
// record with an empty path whose data are the 8 bytes of XXH3-64 over everything before it. A file that was
// cut short, or changed, does not load.
#ifndef RB_BASE_VISIT_H
#define RB_BASE_VISIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

typedef struct rb_visitor rb_visitor;

// Writes `path` (the caller renames it when whole).
rb_status rb_visitor_save(rb_visitor **out, const char *path, rb_error *error);
// Checks the whole file's hash first.
rb_status rb_visitor_load(rb_visitor **out, const char *path, rb_error *error);
rb_status rb_visitor_hash(rb_visitor **out, rb_error *error);
// Into a growing buffer: tests, exact copies.
rb_status rb_visitor_save_memory(rb_visitor **out, rb_error *error);
rb_status rb_visitor_load_memory(rb_visitor **out, const void *data, size_t bytes, rb_error *error);

bool rb_visitor_loading(const rb_visitor *v);
bool rb_visitor_hashing(const rb_visitor *v);
bool rb_visitor_failed(const rb_visitor *v);
void rb_visitor_fail(rb_visitor *v, rb_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

// Ends the visit (flushes and syncs a file; a load checks that nothing is left over), frees the visitor,
// hands back the first error. `hash` may be NULL; save and hash set it.
rb_status rb_visitor_finish(rb_visitor *v, uint64_t *hash, rb_error *error);
// The caller frees *data.
rb_status rb_visitor_finish_memory(rb_visitor *v, void **data, size_t *bytes, rb_error *error);

void rb_visit_open(rb_visitor *v, const char *name); // a level of the path; at most 16
void rb_visit_close(rb_visitor *v);

void rb_visit_bytes(rb_visitor *v, const char *name, void *data, size_t bytes);
// The same field for saving and hashing alone, from pieces that together are `bytes`: for what is never in
// memory as a whole.
void rb_visit_pieces(rb_visitor *v, const char *name, size_t bytes);
void rb_visit_piece(rb_visitor *v, const void *data, size_t bytes);
void rb_visit_bool(rb_visitor *v, const char *name, bool *value);
void rb_visit_i32(rb_visitor *v, const char *name, int32_t *value);
void rb_visit_u32(rb_visitor *v, const char *name, uint32_t *value);
void rb_visit_i64(rb_visitor *v, const char *name, int64_t *value);
void rb_visit_u64(rb_visitor *v, const char *name, uint64_t *value);
void rb_visit_f32(rb_visitor *v, const char *name, float *value);
void rb_visit_f64(rb_visitor *v, const char *name, double *value);
void rb_visit_f32s(rb_visitor *v, const char *name, float *values, size_t count);
void rb_visit_f64s(rb_visitor *v, const char *name, double *values, size_t count);
// A value that must be the same when loading, such as a size that the settings fix: otherwise an error that
// names both.
void rb_visit_expect(rb_visitor *v, const char *name, uint64_t value);

#endif
