// ONNX files: a graph of operators with its weights, for other programs to run. The messages are protobuf's
// (io/onnx.proto). In a build without protobuf-c, rb_onnx_create fails with a message.
//
//     input  --> node --> value --> node --> output         a value is known by its name, a node by that of
//                 ^                  ^                      the value it makes
//               tensor             tensor                   constants, by name too
//
// A model is built in the order in which it runs: inputs and tensors, the nodes that read them, outputs.
// Operators are those of opset 13 (2020) in IR version 7, which current readers and those of years ago
// support. All memory comes from the arena: if it ran out, rb_onnx_write fails.
#ifndef RB_IO_ONNX_H
#define RB_IO_ONNX_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"

typedef enum rb_onnx_type {
    RB_ONNX_FLOAT = 1,
    RB_ONNX_UINT8 = 2,
    RB_ONNX_INT64 = 7,
    RB_ONNX_BOOL = 9
} rb_onnx_type;
enum { RB_ONNX_DIMS_MAX = 8 };

typedef struct rb_onnx rb_onnx;

bool rb_onnx_available(void);
// RB_ERR_MISSING: built without protobuf-c.
rb_status rb_onnx_create(rb_onnx **out, const char *name, const char *doc, rb_arena *arena, rb_error *error);

// `shape` [dims]: if its first size is 0, that dimension is free and called N.
void rb_onnx_input(rb_onnx *model, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                   const char *doc);
void rb_onnx_output(rb_onnx *model, const char *name, rb_onnx_type type, int dims, const int64_t *shape,
                    const char *doc);
// Adds a constant and returns the place for its values, which are zero so far; NULL: no memory. dims 0: a
// single value.
void *rb_onnx_tensor(rb_onnx *model, const char *name, rb_onnx_type type, int dims, const int64_t *shape);
// Adds a node that reads values and tensors ([count] names) and makes the value `output`.
void rb_onnx_node(rb_onnx *model, const char *op, const char *const *inputs, int count, const char *output);
// Add an attribute to the last node.
void rb_onnx_int(rb_onnx *model, const char *name, int64_t value);
void rb_onnx_ints(rb_onnx *model, const char *name, int count, const int64_t *values);
void rb_onnx_float(rb_onnx *model, const char *name, float value);
void rb_onnx_note(rb_onnx *model, const char *key, const char *value); // into the model's metadata

// Writes the file whole or not at all. RB_ERR_USAGE: the model exceeds the 2 GB that such a file can hold.
rb_status rb_onnx_write(const rb_onnx *model, const char *path, rb_error *error);

#endif
