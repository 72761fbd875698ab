// Shared by the fuzz targets: each reads any bytes through one of the program's readers, as if they came from
// outside, and checks what the reader promises. A target is built with libFuzzer by the preset `fuzz`; every
// other build replays the corpus (replay_corpus.c).
#ifndef RB_TEST_FUZZ_H
#define RB_TEST_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "base/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

// A promise, in release builds too.
#define FUZZ_CHECK(promise)                                                                                  \
    do {                                                                                                     \
        if (!(promise)) {                                                                                    \
            fprintf(stderr, "%s:%d: broken promise: %s\n", __FILE__, __LINE__, #promise);                    \
            abort();                                                                                         \
        }                                                                                                    \
    } while (0)

// A directory for this process's files, in memory if possible; made once, empty.
static inline const char *fuzz_directory(void)
{
    static char path[64];
    if (!*path) {
        snprintf(path, sizeof path, "%s/rb_fuzz_XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
        FUZZ_CHECK(mkdtemp(path));
    }
    return path;
}

// Writes the bytes to a file of this name in that directory, and returns its path.
static inline const char *fuzz_file(const char *name, const void *data, size_t bytes)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", fuzz_directory(), name);
    FILE *file = fopen(path, "wb");
    FUZZ_CHECK(file && fwrite(data, 1, bytes, file) == bytes && !fclose(file));
    return path;
}

// Removes everything in that directory.
static inline void fuzz_clear(void)
{
    FUZZ_CHECK(!rb_file_remove_tree(fuzz_directory(), NULL) && !mkdir(fuzz_directory(), 0755));
}

// The bytes as a text that ends with a NUL; the caller frees it.
static inline char *fuzz_text(const uint8_t *data, size_t bytes)
{
    char *text = malloc(bytes + 1);
    FUZZ_CHECK(text);
    if (bytes) memcpy(text, data, bytes);
    text[bytes] = 0;
    return text;
}

#endif
