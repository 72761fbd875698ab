// TFRecord: a file of records, each with its length and two checksums, so that a reader knows where a file
// was cut short. TensorBoard's event files are such files.
//
//     u64 length | u32 masked CRC of these 8 bytes | data [length] | u32 masked CRC of the data
//
// All little endian. The checksum is CRC-32C (Castagnoli); it is masked, turned by 15 bits and moved, because
// data that hold CRCs of themselves make poor CRCs.
//
// Records are put together in a buffer and reach the file whole, with one write() for many: a process that is
// killed leaves whole records, and a full disk leaves what was written before. A fault is kept: later records
// do nothing, and whoever asks next (flush, sync, close) is told.
#ifndef RB_IO_TFRECORD_H
#define RB_IO_TFRECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

uint32_t rb_crc32c(const void *data, size_t bytes);
uint32_t rb_crc32c_masked(const void *data, size_t bytes);

typedef struct rb_tfrecord rb_tfrecord;

// A new file. RB_ERR_EXISTS where there is one already.
rb_status rb_tfrecord_create(rb_tfrecord **out, const char *path, rb_error *error);
// Room for the data of one record, to be filled before rb_tfrecord_end; NULL after a fault. Only a record
// beyond 64 KiB, larger than any before it, allocates.
uint8_t *rb_tfrecord_room(rb_tfrecord *file, size_t bytes);
void rb_tfrecord_end(rb_tfrecord *file);
rb_status rb_tfrecord_flush(rb_tfrecord *file, rb_error *error); // all ended records are in the file
rb_status rb_tfrecord_sync(rb_tfrecord *file, rb_error *error);  // and on the disk
// Writes what is left and frees everything, also after a fault, which it hands back. NULL is fine.
rb_status rb_tfrecord_close(rb_tfrecord *file, rb_error *error);

typedef struct rb_tfrecord_reader rb_tfrecord_reader;

rb_status rb_tfrecord_open(rb_tfrecord_reader **out, const char *path, rb_error *error);
// The next record, which holds until the next call; false at the end, and at the first record that is not
// whole or whose checksums do not fit.
bool rb_tfrecord_next(rb_tfrecord_reader *reader, const uint8_t **data, size_t *bytes);
int64_t rb_tfrecord_tell(const rb_tfrecord_reader *reader); // bytes up to the end of the last good record
void rb_tfrecord_reader_close(rb_tfrecord_reader *reader);  // NULL is fine

#endif
