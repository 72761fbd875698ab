// TFRecord: a file of records, each with its length and two checksums, so that a reader can detect the place
// where a file was cut short. TensorBoard's event files use this format.
//
//     u64 length | u32 masked CRC of these 8 bytes | data [length] | u32 masked CRC of the data
//
// All little endian. The checksum is CRC-32C (Castagnoli). It is masked (rotated by 15 bits, then offset by a
// constant), because the CRC of data that contains its own CRC is a poor checksum.
//
// Records are assembled in a buffer and written whole, many with one write(): a killed process leaves whole
// records, and a full disk keeps the earlier records. Records that could not be written stay in the buffer:
// flush, sync or close reports the reason, and the next one tries again. Only a fault that no later try
// mends, such as no memory, is kept: later records then do nothing.
#ifndef RB_IO_TFRECORD_H
#define RB_IO_TFRECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

uint32_t rb_crc32c(const void *data, size_t bytes);
uint32_t rb_crc32c_masked(const void *data, size_t bytes);

typedef struct rb_tfrecord rb_tfrecord;

// Creates a file. RB_ERR_EXISTS if it already exists.
rb_status rb_tfrecord_create(rb_tfrecord **out, const char *path, rb_error *error);
// Room for the data of one record, to be filled before rb_tfrecord_end; NULL after a fault that is kept. It
// allocates only if the records in the buffer exceed 64 KiB and every size before.
uint8_t *rb_tfrecord_room(rb_tfrecord *file, size_t bytes);
void rb_tfrecord_end(rb_tfrecord *file);
rb_status rb_tfrecord_flush(rb_tfrecord *file, rb_error *error); // all ended records are then in the file
rb_status rb_tfrecord_sync(rb_tfrecord *file, rb_error *error);  // and on the disk
// Writes what is buffered and frees everything, even after a fault, which it returns. NULL is fine.
rb_status rb_tfrecord_close(rb_tfrecord *file, rb_error *error);

typedef struct rb_tfrecord_reader rb_tfrecord_reader;

// Reads the whole file into memory.
rb_status rb_tfrecord_open(rb_tfrecord_reader **out, const char *path, rb_error *error);
// The next record, valid until the reader is closed. Bytes that belong to no whole record are skipped; false
// at the end.
bool rb_tfrecord_next(rb_tfrecord_reader *reader, const uint8_t **data, size_t *bytes);
// The record's place in the file, with its length and checksums: from `start` up to `end_of`.
size_t rb_tfrecord_start(const rb_tfrecord_reader *reader);
size_t rb_tfrecord_end_of(const rb_tfrecord_reader *reader);
size_t rb_tfrecord_damaged(const rb_tfrecord_reader *reader); // bytes skipped so far
bool rb_tfrecord_torn(const rb_tfrecord_reader *reader); // the file ends within a record; skips none of it
const uint8_t *rb_tfrecord_file(const rb_tfrecord_reader *reader, size_t *bytes);
void rb_tfrecord_reader_close(rb_tfrecord_reader *reader); // NULL is fine

#endif
