// The head and the end of a saved state, which are read before the gigabytes between them. The format is
// described in visit.h.
#include "base/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cpu.h"
#include "base/file.h"

enum { MAGIC_BYTES = 8, VERSION_BYTES = 1, HEAD_BYTES = 10 };

static uint64_t decode(const unsigned char *bytes, int count)
{
    uint64_t value = 0;
    for (int i = count - 1; i >= 0; i--) value = value << 8 | bytes[i];
    return value;
}

// False: not such a record. *data stays NULL if there is no memory for it.
static bool read_record(FILE *file, char *path, size_t path_room, size_t most, char **data, size_t *bytes)
{
    unsigned char magic[MAGIC_BYTES], head[HEAD_BYTES];
    if (fread(magic, 1, sizeof magic, file) != sizeof magic ||
        memcmp(magic, "RBSTATE", MAGIC_BYTES - VERSION_BYTES))
        return false;
    if (fread(head, 1, sizeof head, file) != sizeof head) return false;
    const size_t path_bytes = (size_t)decode(head, 2);
    const uint64_t data_bytes = decode(head + 2, 8);
    if (path_bytes >= path_room || data_bytes > most) return false;
    if (fread(path, 1, path_bytes, file) != path_bytes) return false;
    path[path_bytes] = 0;
    *data = malloc((size_t)data_bytes + 1);
    if (!*data) return true;
    *bytes = fread(*data, 1, (size_t)data_bytes, file);
    (*data)[*bytes] = 0;
    return *bytes == data_bytes;
}

rb_status rb_visit_head(const char *file, char *path, size_t path_bytes, size_t most, char **data,
                        size_t *bytes, rb_error *error)
{
    *data = NULL;
    *bytes = 0;
    *path = 0;
    rb_error why = {0};
    FILE *stream = rb_file_open(file, &why);
    if (!stream) return rb_error_set(error, why.status, "%s", why.message);
    const bool found = read_record(stream, path, path_bytes, most, data, bytes);
    fclose(stream);
    if (found && !*data) return rb_error_set(error, RB_ERR_MEMORY, "%s: no memory to read it", file);
    if (found) return RB_OK;
    free(*data);
    *data = NULL;
    *bytes = 0;
    *path = 0;
    return RB_OK;
}

rb_status rb_visit_check_end(FILE *file, const char *name, rb_error *error)
{
    static const unsigned char expected[HEAD_BYTES] = {0, 0, 8}; // no path, 8 bytes
    unsigned char found[HEAD_BYTES];
    if (fseeko(file, -(HEAD_BYTES + 8), SEEK_END) || fread(found, 1, sizeof found, file) != sizeof found ||
        fseeko(file, 0, SEEK_END))
        return rb_error_set(error, RB_ERR_FILE, "%s: can't be read", name);
    if (memcmp(found, expected, sizeof expected))
        return rb_error_set(error, RB_ERR_FORMAT, "%s: was cut short or changed: it has no end", name);
    if ((double)ftello(file) > rb_cpu_memory_total())
        return rb_error_set(error, RB_ERR_MEMORY, "%s: is larger than this machine's memory", name);
    return RB_OK;
}
