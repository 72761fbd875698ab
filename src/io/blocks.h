// A file of blocks of bytes, each compressed with Zstandard if that makes it smaller.
//
//     "RBLOCKS1"   then for each block: [u32 bytes][u32 bytes in the file][the bytes]     little endian
//
// A block whose two sizes are equal is not compressed. The file has no checksum of its own: whoever names the
// file keeps its size and its hash, so that it can't be taken for another one.
#ifndef RB_IO_BLOCKS_H
#define RB_IO_BLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "rainbow/error.h"

bool rb_blocks_compress(void); // built with Zstandard

typedef struct rb_blocks_writer rb_blocks_writer;

// `most_bytes`: of one block. A writer makes any number of files, one after the other.
rb_status rb_blocks_writer_create(rb_blocks_writer **out, size_t most_bytes, rb_error *error);
void rb_blocks_writer_destroy(rb_blocks_writer *writer); // removes a file that is not finished; NULL is fine
rb_status rb_blocks_begin(rb_blocks_writer *writer, const char *path, rb_error *error); // replaces a file
rb_status rb_blocks_add(rb_blocks_writer *writer, const void *block, size_t bytes, rb_error *error);
// Closes the file, which is not on the disk yet (rb_file_sync).
rb_status rb_blocks_end(rb_blocks_writer *writer, uint64_t *bytes, uint64_t *hash, rb_error *error);

typedef struct rb_blocks rb_blocks; // an open file, in memory

// RB_ERR_FORMAT if the file does not have this size and this hash, or is no such file.
rb_status rb_blocks_open(rb_blocks **out, const char *path, uint64_t bytes, uint64_t hash, rb_error *error);
void rb_blocks_close(rb_blocks *file); // NULL is fine
// The next block; *bytes is 0 after the last one. RB_ERR_FORMAT: it does not fit into `room` bytes;
// RB_ERR_MISSING: it is compressed, and this program was built without Zstandard.
rb_status rb_blocks_next(rb_blocks *file, void *out, size_t room, size_t *bytes, rb_error *error);

#endif
