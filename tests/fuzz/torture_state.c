// Resumes runs from states with a valid checksum and hostile contents: no state may crash the program or make
// it hang. Each mutant is resumed in a process of its own, which trains some steps more.
//
//     torture_state [COUNT [SEED [NAME]]]        COUNT mutants of each run's state; only the run NAME
//
// The mutations know the format (base/visit.h): they change a field's bytes as a number of its size, its
// length, its name or its place, and then write a new checksum. Some change the numbers in a file of replay's
// old rows instead. The list of those files is made to fit. A rejected mutant and one that trains are both
// fine.
#include "train/run_fixture.h"

#include <errno.h>
#include <sys/wait.h>
#include <xxhash.h>

#include "base/rng.h"
#include "base/text.h"
#include "io/blocks.h"
#include "train/replay_files.h"

enum { RECORDS_MAX = 4096, FIRST_STEPS = 240, MORE_STEPS = 60, SECONDS_MAX = 120 };
enum { MAGIC_BYTES = 8, HEAD_BYTES = 10, TRAILER_BYTES = 18 };

typedef struct record {
    const char *path, *data;
    size_t path_bytes, data_bytes;
} record;

typedef struct state {
    char *bytes;
    size_t size;
    record records[RECORDS_MAX];
    int count;
} state;

typedef struct buffer {
    char *bytes;
    size_t used, room;
} buffer;

static const struct {
    const char *name, *env, *words[8];
} runs[] = {
    {"cartpole", "cartpole", {"--agent.double_q=true", "--replay.prioritized=true"}},
    {"breakout", "minatar/breakout", {"--env.count=2", "--env.stack=2", "--replay.compress=lz4"}},
    {"gridworld", "gridworld", {"--env.frame_skip=2", "--env.sticky=0.25", "--replay.prioritized=false"}},
    {"seaquest", "minatar/seaquest", {"--net.norm=batch", "--net.trunk=minatar"}},
    {"invaders", "minatar/space_invaders", {"--agent.n_step=5"}},
    {"asterix", "minatar/asterix", {"--env.count=3"}},
    {"freeway", "minatar/freeway", {"--agent.group_updates=true"}},
    {"acrobot", "acrobot", {"--env.stack=2"}},
    {"mountaincar", "mountaincar", {"--agent.target_every_episodes=1"}},
    {"pixels", "cartpole-pixels", {"--replay.capacity=300"}},
    {"reversi", RB_TEST_OWN "/reversi.so", {"--env.count=2", "--env.sticky=0.25"}}, // with action masks
    {"rollouts",
     "cartpole",
     {"--preset=cartpole-pqn", "--env.count=3", "--agent.rollout_steps=20", "--agent.minibatches=6"}},
    {"pong", "atari/pong", {"--atari.sticky=0.25", "--atari.frame_skip=4", "--replay.compress=lz4"}},
};
enum { RUNS = sizeof runs / sizeof *runs, COMMON = 12 };

// ---- reading and writing a state ----

static uint64_t decode(const char *bytes, int count)
{
    uint64_t value = 0;
    memcpy(&value, bytes, (size_t)count);
    return value;
}

static void parse(state *s)
{
    size_t at = MAGIC_BYTES;
    s->count = 0;
    while (at < s->size - TRAILER_BYTES && s->count < RECORDS_MAX) {
        record *r = &s->records[s->count++];
        r->path_bytes = decode(s->bytes + at, 2);
        r->data_bytes = decode(s->bytes + at + 2, 8);
        r->path = s->bytes + at + HEAD_BYTES;
        r->data = r->path + r->path_bytes;
        at += HEAD_BYTES + r->path_bytes + r->data_bytes;
    }
    if (at != s->size - TRAILER_BYTES) fail_msg("the state is not a row of records");
}

static void put(buffer *b, const void *data, size_t bytes)
{
    if (b->used + bytes > b->room) {
        b->room = 2 * (b->used + bytes);
        b->bytes = realloc(b->bytes, b->room);
        assert_non_null(b->bytes);
    }
    if (bytes) memcpy(b->bytes + b->used, data, bytes);
    b->used += bytes;
}

static void put_record(buffer *b, const char *path, size_t path_bytes, uint64_t announced, const void *data,
                       size_t bytes)
{
    char head[HEAD_BYTES];
    memcpy(head, &path_bytes, 2);
    memcpy(head + 2, &announced, 8);
    put(b, head, HEAD_BYTES);
    put(b, path, path_bytes);
    put(b, data, bytes);
}

static void put_trailer(buffer *b)
{
    const uint64_t hash = XXH3_64bits(b->bytes, b->used);
    put_record(b, "", 0, 8, &hash, 8);
}

// ---- mutations ----

static uint64_t odd_number(rb_rng *rng, uint64_t now)
{
    static const uint64_t odd[] = {0,
                                   1,
                                   2,
                                   7,
                                   255,
                                   256,
                                   65535,
                                   0x7fffffff,
                                   0x80000000,
                                   0xffffffff,
                                   0x100000000,
                                   INT64_MAX,
                                   (uint64_t)INT64_MIN,
                                   UINT64_MAX,
                                   0x7f800000,         // infinity, NaN and large numbers as floats
                                   0x7fc00000,         //
                                   0x7f7fffff,         //
                                   0x7ff0000000000000, // and as doubles
                                   0x7ff8000000000000, //
                                   0x7fe0000000000000, //
                                   0x4330000000000000};
    switch (rb_rng_below(rng, 6)) {
    case 0:
        return now + 1;
    case 1:
        return now - 1;
    case 2:
        return now ^ UINT64_C(1) << rb_rng_below(rng, 64);
    case 3:
        return rb_rng_u64(rng);
    case 4:
        return now * 2 + rb_rng_below(rng, 100);
    default:
        return odd[rb_rng_below(rng, sizeof odd / sizeof *odd)];
    }
}

// Changes some numbers of a field, of 1, 2, 4 or 8 bytes.
static void change_numbers(char *data, size_t bytes, rb_rng *rng)
{
    static const size_t sizes[] = {1, 2, 4, 8};
    size_t size = sizes[rb_rng_below(rng, 4)];
    while (size > bytes) size /= 2;
    if (bytes == 8 || bytes == 4) size = bytes;
    const int changes = 1 + (int)(bytes > 8 ? rb_rng_below(rng, 8) : 0);
    for (int i = 0; i < changes && size; i++) {
        const size_t at = rb_rng_below(rng, (uint32_t)(bytes / size)) * size;
        uint64_t number = 0;
        memcpy(&number, data + at, size);
        number = odd_number(rng, number);
        memcpy(data + at, &number, size);
    }
}

typedef enum { NUMBERS, FILL, FOREIGN, SHORTER, LONGER, WRONG_SIZE, RENAMED, DROPPED, TWICE, KINDS } kind;

static kind kind_of_mutation(rb_rng *rng)
{
    const uint32_t draw = rb_rng_below(rng, 100);
    return draw < 80 ? NUMBERS : (kind)(FILL + (int)(draw - 80) % (KINDS - FILL));
}

static void put_mutant(buffer *out, const state *s, const record *r, rb_rng *rng)
{
    char *data = malloc(r->data_bytes + 64), path[256];
    assert_non_null(data);
    memcpy(data, r->data, r->data_bytes);
    memset(data + r->data_bytes, 0x55, 64);
    snprintf(path, sizeof path, "%.*s", (int)r->path_bytes, r->path);
    size_t bytes = r->data_bytes;
    uint64_t announced = UINT64_MAX;
    switch (kind_of_mutation(rng)) {
    case NUMBERS:
        change_numbers(data, bytes, rng);
        break;
    case FILL:
        memset(data, (int)rb_rng_below(rng, 256), bytes);
        break;
    case FOREIGN: {
        const record *other = &s->records[rb_rng_below(rng, (uint32_t)s->count)];
        memcpy(data, other->data, other->data_bytes < bytes ? other->data_bytes : bytes);
        break;
    }
    case SHORTER:
        bytes -= bytes ? 1 + rb_rng_below(rng, (uint32_t)bytes) : 0;
        break;
    case LONGER:
        bytes += 1 + rb_rng_below(rng, 63);
        break;
    case WRONG_SIZE:
        announced = odd_number(rng, bytes);
        break;
    case RENAMED:
        path[rb_rng_below(rng, (uint32_t)r->path_bytes)] ^= 1;
        break;
    case DROPPED:
        free(data);
        return;
    default:
        put_record(out, path, r->path_bytes, bytes, data, bytes);
        break;
    }
    put_record(out, path, r->path_bytes, announced == UINT64_MAX ? bytes : announced, data, bytes);
    free(data);
}

// A state with one to three changed records; `changed` names the first.
static buffer mutate(const state *s, rb_rng *rng, char *changed, size_t room)
{
    buffer out = {0};
    int which[3];
    const int count = 1 + (int)(rb_rng_below(rng, 4) == 0 ? rb_rng_below(rng, 3) : 0);
    for (int i = 0; i < count; i++) which[i] = (int)rb_rng_below(rng, (uint32_t)s->count);
    snprintf(changed, room, "%.*s", (int)s->records[which[0]].path_bytes, s->records[which[0]].path);
    put(&out, s->bytes, MAGIC_BYTES);
    for (int i = 0; i < s->count; i++) {
        const record *r = &s->records[i];
        bool hit = false;
        for (int k = 0; k < count; k++) hit = hit || which[k] == i;
        if (hit)
            put_mutant(&out, s, r, rng);
        else
            put_record(&out, r->path, r->path_bytes, r->data_bytes, r->data, r->data_bytes);
    }
    put_trailer(&out);
    return out;
}

// Changes numbers in one block of a file of replay's rows, and notes its new size and hash.
static void mutate_rows(const char *run, rb_replay_file *file, rb_rng *rng)
{
    enum { BLOCK_MOST = 1 << 22, BLOCKS_MOST = 64 };
    static char block[BLOCK_MOST];
    char path[RB_PATH_MAX];
    rb_blocks *from;
    rb_blocks_writer *to;
    size_t bytes = 1;
    assert_int_equal(rb_replay_files_path(path, sizeof path, run, file->name, NULL), RB_OK);
    assert_int_equal(rb_blocks_open(&from, path, file->bytes, file->hash, NULL), RB_OK);
    assert_int_equal(rb_blocks_writer_create(&to, BLOCK_MOST, NULL), RB_OK);
    assert_int_equal(rb_blocks_begin(to, path, NULL), RB_OK);
    for (int i = 0; bytes; i++) {
        assert_int_equal(rb_blocks_next(from, block, sizeof block, &bytes, NULL), RB_OK);
        if (!bytes) break;
        if (rb_rng_below(rng, 2) == 0 || i == 0) {
            const size_t head = 4 + 12 * 20; // the count and the first rows, more often than frames
            change_numbers(block, rb_rng_below(rng, 2) && bytes > head ? head : bytes, rng);
            if (rb_rng_below(rng, 4) == 0) bytes -= rb_rng_below(rng, (uint32_t)bytes);
        }
        assert_int_equal(rb_blocks_add(to, block, bytes, NULL), RB_OK);
    }
    assert_int_equal(rb_blocks_end(to, &file->bytes, &file->hash, NULL), RB_OK);
    rb_blocks_writer_destroy(to);
    rb_blocks_close(from);
}

// Makes the list of replay's files fit a state with this hash; its own numbers are changed now and then.
static void fit_list(const char *run, const char *checkpoint, uint64_t hash, bool rows, rb_rng *rng)
{
    rb_replay_files files;
    assert_int_equal(rb_replay_files_read(&files, checkpoint, NULL), RB_OK);
    files.state_sum = hash;
    if (rows && files.count) mutate_rows(run, &files.file[rb_rng_below(rng, (uint32_t)files.count)], rng);
    if (files.count && rb_rng_below(rng, 20) == 0) {
        rb_replay_file *f = &files.file[rb_rng_below(rng, (uint32_t)files.count)];
        change_numbers((char *)&f->stream, sizeof f->stream, rng);
        change_numbers((char *)&f->from, 8, rng);
        change_numbers((char *)&f->to, 8, rng);
    }
    assert_int_equal(rb_replay_files_write(&files, checkpoint, NULL), RB_OK);
    rb_replay_files_free(&files);
}

// ---- resuming ----

static void copy_tree(const char *from, const char *to)
{
    char command[2 * RB_PATH_MAX + 32];
    snprintf(command, sizeof command, "rm -rf %s && cp -r %s %s", to, from, to);
    assert_int_equal(system(command), 0);
}

// In a child: 0 trained, 3 rejected.
static int resume(const char *directory)
{
    static const char *const words[] = {"--run.max_steps=300"};
    rb_error error = {0};
    rb_run *run;
    alarm(SECONDS_MAX);
    rb_status status = rb_run_resume(&run, directory, 1, words, NULL, &error);
    if (!status) status = rb_run_train(run, &error);
    rb_run_destroy(run);
    return !status ? 0 : *error.message ? 3 : 4;
}

typedef struct tally {
    int trained, rejected, failed;
} tally;

static void try_mutant(const state *s, const char *original, const char *name, uint64_t seed, int i, tally *t)
{
    char changed[256] = "replay's rows", copy[RB_PATH_MAX], checkpoint[RB_PATH_MAX + 64],
         file[RB_PATH_MAX + 96];
    rb_rng rng = rb_rng_stream(seed, RB_RNG_TEST, (uint64_t)i);
    const bool rows = rb_rng_below(&rng, 5) == 0;
    buffer mutant = {0};
    if (rows)
        put(&mutant, s->bytes, s->size);
    else
        mutant = mutate(s, &rng, changed, sizeof changed);
    snprintf(copy, sizeof copy, "%s/mutant", root);
    copy_tree(original, copy);
    snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/step_%012d", copy, FIRST_STEPS);
    snprintf(file, sizeof file, "%s/state.rb", checkpoint);
    fit_list(copy, checkpoint, XXH3_64bits(mutant.bytes, mutant.used - TRAILER_BYTES), rows, &rng);
    FILE *out = fopen(file, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(mutant.bytes, 1, mutant.used, out), mutant.used);
    fclose(out);
    free(mutant.bytes);
    fflush(NULL);
    const pid_t child = fork();
    if (child == 0) _exit(resume(copy));
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    t->trained += code == 0;
    t->rejected += code == 3;
    if (code == 0 || code == 3) return;
    t->failed++;
    fprintf(stderr, "%s, seed %llu, mutant %d, %s: %s %d\n", name, (unsigned long long)seed, i, changed,
            WIFSIGNALED(status) ? "signal" : "exit status",
            WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
}

// Trains one of the runs above; false if its environment is not installed.
static bool make_run(int i, char *directory)
{
    const char *words[COMMON + 8] = {runs[i].env,
                                     "--run.max_steps=240",
                                     "--agent.start_steps=100",
                                     "--replay.capacity=200",
                                     "--agent.batch=8",
                                     "--net.hidden=16",
                                     "--net.mlp=16",
                                     "--eval.every_steps=0",
                                     "--eval.episodes=1",
                                     "--compute.threads=1",
                                     "--tensorboard.enabled=false",
                                     "--eval.max_episode_steps=50"};
    int count = COMMON;
    for (int k = 0; k < 8 && runs[i].words[k]; k++) words[count++] = runs[i].words[k];
    rb_config *config = configure(count, words);
    rb_error error = {0};
    rb_run *run;
    rb_status status = rb_run_create(&run, config, NULL, &error);
    rb_config_destroy(config);
    if (status == RB_ERR_MISSING) return false;
    if (status) fail_msg("%s: %s", runs[i].name, error.message);
    snprintf(directory, RB_PATH_MAX, "%s", rb_run_directory(run));
    if (rb_run_train(run, &error)) fail_msg("%s: %s", runs[i].name, error.message);
    rb_run_destroy(run);
    return true;
}

static bool torture(int i, int count, uint64_t seed)
{
    char directory[RB_PATH_MAX], file[RB_PATH_MAX + 64];
    static state s;
    tally t = {0};
    if (!make_run(i, directory)) {
        printf("%s: not installed\n", runs[i].env);
        return true;
    }
    snprintf(file, sizeof file, "%s/checkpoints/step_%012d/state.rb", directory, FIRST_STEPS);
    assert_int_equal(rb_file_read(file, &s.bytes, &s.size, NULL), RB_OK);
    parse(&s);
    for (int k = 0; k < count; k++) try_mutant(&s, directory, runs[i].name, seed, k, &t);
    free(s.bytes);
    printf("%s: %d states of %d fields: %d trained on, %d rejected, %d failed\n", runs[i].name, count,
           s.count, t.trained, t.rejected, t.failed);
    fflush(stdout);
    return !t.failed && (count < 20 || (t.rejected && t.trained)); // both happen, or it tests nothing
}

int main(int argc, char **argv)
{
    const int count = argc > 1 ? atoi(argv[1]) : 4;
    const uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    bool fine = !make_root(NULL);
    for (int i = 0; i < RUNS; i++)
        if (argc < 4 || !strcmp(argv[3], runs[i].name)) fine = torture(i, count, seed) && fine;
    drop_root(NULL);
    return !fine;
}
