// Event files, cut back to a step. The first byte chooses the step, and whether the bytes are a file or the
// contents of records, which are then given correct checksums.
#include "fuzz/fuzz.h"
#include "io/tfevents.h"
#include "io/tfrecord.h"

static size_t wrap(const uint8_t *data, size_t bytes, uint8_t *out)
{
    size_t used = 0;
    while (bytes) {
        const size_t most = bytes - 1, take = data[0] < most ? data[0] : most;
        const uint64_t length = take;
        memcpy(out + used, &length, 8);
        const uint32_t head = rb_crc32c_masked(out + used, 8), body = rb_crc32c_masked(data + 1, take);
        memcpy(out + used + 8, &head, 4);
        memcpy(out + used + 12, data + 1, take);
        memcpy(out + used + 12 + take, &body, 4);
        used += 16 + take;
        data += 1 + take;
        bytes -= 1 + take;
    }
    return used;
}

static void hear(void *context, rb_log_level level, const char *message)
{
    (void)context, (void)level;
    FUZZ_CHECK(*message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    bool found;
    rb_error error = {0};
    if (!bytes) return 0;
    const int64_t step = data[0] >> 1;
    const bool wrapped = data[0] & 1;
    uint8_t *out = malloc(17 * bytes);
    FUZZ_CHECK(out);
    memcpy(out, data + 1, bytes - 1);
    const size_t used = wrapped ? wrap(data + 1, bytes - 1, out) : bytes - 1;
    fuzz_file("events.out.tfevents.0000000001.rainbow", out, used);
    const rb_log log = {hear, NULL};
    rb_status status = rb_tfevents_cut_back(fuzz_directory(), step, bytes & 1, &log, &found, &error);
    FUZZ_CHECK(!status || *error.message);
    fuzz_clear();
    free(out);
    return 0;
}
