// Files with replay's old rows. The first byte chooses: the bytes are a file of blocks (io/blocks.h), the
// list of such files in a checkpoint, or the image of rows of a replay, uncompressed or compressed. A replay
// that takes rows from anywhere must still be one that its checks accept or reject.
#include <xxhash.h>

#include "fuzz/fuzz.h"
#include "io/blocks.h"
#include "replay/chunk.h"
#include "replay/replay.h"
#include "replay/replay_state.h"
#include "train/replay_files.h"

enum { ROWS = 64, SIDE = 8, STEPS = 150, EPISODE = 17, IMAGE_MOST = 1 << 16 };
enum { BLOCKS, LIST, PLAIN, PACKED, USES };

static rb_arena *arenas[8]; // of all replays
static int arena_count;

static void destroy_arenas(void)
{
    for (int i = 0; i < arena_count; i++) rb_arena_destroy(arenas[i]);
}

static rb_replay *make_replay(bool packed)
{
    const rb_replay_spec spec = {.params = {.capacity = 2 * ROWS,
                                            .prioritized = true,
                                            .alpha = 0.5,
                                            .beta_steps = 1,
                                            .compress = packed ? RB_COMPRESS_LZ4 : RB_COMPRESS_NONE,
                                            .compress_ratio = 2},
                                 .kind = RB_OBS_U8,
                                 .channels = 1,
                                 .height = SIDE,
                                 .width = SIDE,
                                 .stack = 4,
                                 .streams = 2,
                                 .n_step = 3,
                                 .gamma = 0.99,
                                 .batch = 4};
    rb_arena *arena;
    rb_replay *replay;
    uint8_t frame[SIDE * SIDE] = {0};
    FUZZ_CHECK(!rb_arena_create(&arena, NULL) && !rb_replay_create(&replay, &spec, arena, NULL));
    if (!arena_count) atexit(destroy_arenas);
    FUZZ_CHECK(arena_count < 8);
    arenas[arena_count++] = arena;
    for (int i = 0; i < 2; i++) rb_replay_begin(replay, i, frame);
    for (int step = 0; step < STEPS; step++) {
        const bool ends = step % EPISODE == 0;
        frame[step % (SIDE * SIDE)] = (uint8_t)step;
        for (int i = 0; i < 2; i++) {
            rb_replay_append(replay, i, step % 3, (float)step, ends && i == 0, ends && i == 1, frame);
            if (ends) rb_replay_begin(replay, i, frame);
        }
    }
    return replay;
}

static void read_blocks(const uint8_t *data, size_t bytes)
{
    static uint8_t out[IMAGE_MOST];
    rb_blocks *blocks;
    rb_error error = {0};
    size_t size = 1;
    const char *path = fuzz_file("rows.rbz", data, bytes);
    FUZZ_CHECK(rb_blocks_open(&blocks, path, bytes, ~XXH3_64bits(data, bytes), NULL)); // another hash
    if (rb_blocks_open(&blocks, path, bytes, XXH3_64bits(data, bytes), &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    while (size) {
        if (rb_blocks_next(blocks, out, sizeof out, &size, &error)) {
            FUZZ_CHECK(*error.message);
            break;
        }
        FUZZ_CHECK(size <= sizeof out);
    }
    rb_blocks_close(blocks);
}

// With a correct last line, so that the lines before it are read.
static void read_list(const uint8_t *data, size_t bytes)
{
    rb_replay_files files;
    rb_error error = {0};
    char *text = malloc(bytes + 64);
    FUZZ_CHECK(text);
    memcpy(text, data, bytes);
    const int end = sprintf(text + bytes, "end %016llx\n", (unsigned long long)XXH3_64bits(text, bytes));
    fuzz_file("replay_files.txt", text, bytes + (size_t)end);
    free(text);
    if (rb_replay_files_read(&files, fuzz_directory(), &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    for (int i = 0; i < files.count; i++) FUZZ_CHECK(!strchr(files.file[i].name, '/'));
    static rb_replay *replay;
    if (!replay) replay = make_replay(false);
    FUZZ_CHECK(!rb_replay_files_load(&files, fuzz_directory(), replay, &error) || *error.message);
    rb_replay_files_free(&files);
}

static void check(rb_replay *replay)
{
    rb_visitor *v;
    rb_error error = {0};
    FUZZ_CHECK(!rb_visitor_load_memory(&v, "", 0, NULL));
    for (int i = 0; i < 2; i++) rb_ring_check(&replay->rings[i], v);
    FUZZ_CHECK(!rb_visitor_finish(v, NULL, &error) || *error.message);
}

static void restore(bool packed, const uint8_t *data, size_t bytes)
{
    static rb_replay *replays[2];
    if (!replays[packed]) replays[packed] = make_replay(packed);
    if (bytes < 2) return;
    uint8_t *image = malloc(bytes - 1); // it is changed
    FUZZ_CHECK(image);
    memcpy(image, data + 1, bytes - 1);
    const int64_t rows = rb_chunk_restore(replays[packed], data[0] & 1, data[0] >> 1, image, bytes - 1);
    FUZZ_CHECK(rows >= 0 && rows <= STEPS + STEPS / EPISODE + 2);
    check(replays[packed]);
    free(image);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    if (!bytes) return 0;
    switch (data[0] % USES) {
    case BLOCKS:
        read_blocks(data + 1, bytes - 1);
        break;
    case LIST:
        read_list(data + 1, bytes - 1);
        break;
    default:
        restore(data[0] % USES == PACKED, data + 1, bytes - 1);
        break;
    }
    return 0;
}

static void make_blocks(const char *directory, int number, const uint8_t *image, size_t image_bytes)
{
    uint64_t bytes, hash;
    rb_blocks_writer *writer;
    char path[4096], *text;
    size_t size;
    snprintf(path, sizeof path, "%s/blocks_%d", directory, number);
    FUZZ_CHECK(!rb_blocks_writer_create(&writer, image_bytes, NULL));
    FUZZ_CHECK(!rb_blocks_begin(writer, path, NULL) && !rb_blocks_add(writer, image, image_bytes, NULL) &&
               !rb_blocks_add(writer, "short", 5, NULL) && !rb_blocks_end(writer, &bytes, &hash, NULL));
    rb_blocks_writer_destroy(writer);
    FUZZ_CHECK(!rb_file_read(path, &text, &size, NULL));
    FILE *file = fopen(path, "wb"); // again, after the byte that chooses
    FUZZ_CHECK(file && fputc(BLOCKS, file) == BLOCKS && fwrite(text, 1, size, file) == size && !fclose(file));
    free(text);
}

// The corpus: what a replay itself writes (replay_corpus.c).
void fuzz_make_corpus(const char *directory);
void fuzz_make_corpus(const char *directory)
{
    static uint8_t image[2 + (1 << 20)];
    for (int packed = 0; packed < 2; packed++) {
        rb_replay *replay = make_replay(packed);
        rb_row rows[STEPS * 2];
        rb_chunk chunk;
        uint64_t reach, settled;
        char path[4096];
        rb_replay_settled(replay, 0, &reach, &settled);
        rb_chunk_take(&chunk, replay, 0, reach, settled, rows);
        image[0] = packed ? PACKED : PLAIN;
        image[1] = (uint8_t)(reach << 1);
        const size_t used = 2 + rb_chunk_image(&chunk, replay, reach, settled, image + 2);
        snprintf(path, sizeof path, "%s/image_%d", directory, packed);
        FILE *file = fopen(path, "wb");
        FUZZ_CHECK(file && fwrite(image, 1, used, file) == used && !fclose(file));
        make_blocks(directory, packed, image + 2, used - 2);
    }
}
