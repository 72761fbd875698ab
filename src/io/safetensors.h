// Safetensors: named arrays of numbers in one file that PyTorch, NumPy and others read.
//
//   1. 8 bytes: N, the length of the header, little endian
//   2. N bytes: a JSON object, padded with spaces to a multiple of 8:
//        {"__metadata__":{"key":"value"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]},...}
//   3. the values, little endian, tensors one after the other without gaps; offsets count from here
//
// The writer follows the Python package: tensors are ordered by type (F32, I32, U8), then by name. Only
// float32 is read; a file with any other type, with overlaps or gaps, or with the wrong length is rejected
// before a value is used.
//
// A file can carry a checksum in its metadata, "rainbow_checksum":"xxh3_64:0123456789abcdef". It is the
// XXH3-64 (seed 0, 16 lowercase hexadecimal digits) of the whole file with the 16 digits after the first
// "xxh3_64:" of the header replaced by zeros. So any changed byte is found, in the header too. A header that
// contains "rainbow_checksum" or "xxh3_64:" must match; one that contains neither is from another program or
// an older version, and only its structure is checked.
#ifndef RB_IO_SAFETENSORS_H
#define RB_IO_SAFETENSORS_H

#include <stdint.h>
#include <stddef.h>
#include "rainbow/error.h"

enum { RB_SAFETENSOR_DIMS_MAX = 8 };

typedef enum rb_safetensor_type { RB_SAFETENSOR_F32, RB_SAFETENSOR_I32, RB_SAFETENSOR_U8 } rb_safetensor_type;

typedef struct rb_safetensor {
    const char *name;
    int dims; // 0: a single value
    int64_t shape[RB_SAFETENSOR_DIMS_MAX];
    size_t count; // number of values, the product of shape
    rb_safetensor_type type;
} rb_safetensor;

typedef struct rb_safetensors_note { // an entry of the metadata
    const char *key, *value;
} rb_safetensors_note;

// Fills `out` ([tensors[i].count], of its type) with the values of tensor i of the given array.
typedef void (*rb_safetensors_fill)(void *context, int i, void *out);

// As the first of the notes, it makes rb_safetensors_write put the file's checksum there.
extern const rb_safetensors_note rb_safetensors_checksum;

// Writes a file whole or not at all. While writing it needs memory for the whole file.
rb_status rb_safetensors_write(const char *path, const rb_safetensor *tensors, int count,
                               const rb_safetensors_note *notes, int note_count, rb_safetensors_fill fill,
                               void *context, rb_error *error);

// Makes the same file in memory; the caller frees *image. `name`: what an error is about.
rb_status rb_safetensors_make(char **image, size_t *bytes, const char *name, const rb_safetensor *tensors,
                              int count, const rb_safetensors_note *notes, int note_count,
                              rb_safetensors_fill fill, void *context, rb_error *error);

typedef struct rb_safetensors rb_safetensors; // an open file, in memory

// RB_ERR_FILE if it can't be read, RB_ERR_FORMAT if it is not such a file; both messages name it.
rb_status rb_safetensors_open(rb_safetensors **out, const char *path, rb_error *error);
void rb_safetensors_close(rb_safetensors *file); // NULL is fine
int rb_safetensors_count(const rb_safetensors *file);
const rb_safetensor *rb_safetensors_get(const rb_safetensors *file,
                                        int i); // in the header's order; valid while the file is open
int rb_safetensors_find(const rb_safetensors *file, const char *name);   // -1: no tensor has that name
void rb_safetensors_read(const rb_safetensors *file, int i, float *out); // [count of tensor i]
int rb_safetensors_note_count(const rb_safetensors *file);
rb_safetensors_note rb_safetensors_note_get(const rb_safetensors *file, int i);
const char *rb_safetensors_note_find(const rb_safetensors *file, const char *key); // NULL: none

#endif
