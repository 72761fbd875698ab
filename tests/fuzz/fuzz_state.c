// The state of a whole run, without the checksum of its file: the first byte chooses one of the runs below,
// the rest are its records. A state that loads must be one that the run can continue from. 255: the bytes are
// a file.
#include "fuzz/fuzz.h"
#include "rainbow/rainbow.h"
#include "train/metrics.h"
#include "train/run_state.h"

rb_status rb_loop(rb_run *run, int64_t until_step, rb_error *error);

static const char *const settings[][6] = {
    {"cartpole", "--replay.prioritized=true"},
    {"minatar/breakout", "--net.layers=conv 2 3 5, relu", "--env.count=2", "--replay.compress=lz4"},
    {"gridworld", "--env.frame_skip=2", "--env.sticky=0.25", "--replay.prioritized=false"},
    {"minatar/seaquest", "--replay.compress=lz4", "--net.layers=conv 2 3 5, batch_norm, relu"},
    {"minatar/space_invaders", "--net.layers=conv 2 3 5, relu", "--replay.compress=lz4"},
    {"minatar/asterix", "--net.layers=conv 2 3 5, relu", "--replay.compress=lz4", "--env.count=3"},
    {"minatar/freeway", "--net.layers=conv 2 3 5, relu", "--replay.compress=lz4"},
    {"acrobot", "--env.stack=2", "--agent.n_step=5"},
    {"mountaincar", "--agent.target_every_episodes=1"},
};
enum { RUNS = sizeof settings / sizeof *settings, COMMON = 17, WHOLE_FILE = 255, STEPS = 6 };

static rb_run *make_run(int which)
{
    char at[96];
    const char *words[COMMON + 6] = {settings[which][0],
                                     at,
                                     "--run.max_steps=1000000",
                                     "--agent.start_steps=60",
                                     "--replay.capacity=100",
                                     "--agent.batch=4",
                                     "--net.hidden=4",
                                     "--net.mlp=4",
                                     "--net.trunk=mlp",
                                     "--agent.atoms=3",
                                     "--eval.every_steps=0",
                                     "--checkpoint.every_steps=0",
                                     "--compute.threads=1",
                                     "--tensorboard.enabled=false",
                                     "--plot.enabled=false",
                                     "--run.overwrite=true",
                                     "--agent.update_every_steps=1"};
    int count = COMMON;
    rb_config *config;
    rb_run *run;
    rb_error error = {0};
    snprintf(at, sizeof at, "--run.root=%s", fuzz_directory());
    for (int k = 1; k < 6 && settings[which][k]; k++) words[count++] = settings[which][k];
    rb_rainbow_init();
    FUZZ_CHECK(!rb_config_create(&config, NULL));
    if (rb_config_arguments(config, count, words, &error) || rb_run_create(&run, config, NULL, &error) ||
        rb_loop(run, 90, &error)) {
        fprintf(stderr, "%s\n", error.message);
        FUZZ_CHECK(0);
    }
    rb_config_destroy(config);
    return run;
}

static rb_run *runs[RUNS];

static void destroy_runs(void)
{
    for (int i = 0; i < RUNS; i++) rb_run_destroy(runs[i]);
}

static rb_run *run_of(int which)
{
    static int begun;
    if (!begun++) atexit(destroy_runs);
    if (!runs[which]) runs[which] = make_run(which);
    return runs[which];
}

static void visit(rb_run *run, rb_visitor *v)
{
    rb_visit_open(v, "run");
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_visit_close(v);
}

static void read_file(const uint8_t *data, size_t bytes)
{
    rb_visitor *v;
    rb_error error = {0};
    if (rb_visitor_load(&v, fuzz_file("state.rb", data, bytes), &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    visit(run_of(0), v);
    rb_visitor_finish(v, NULL, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    rb_error error = {0};
    rb_visitor *v;
    if (!bytes) return 0;
    if (data[0] == WHOLE_FILE) return read_file(data + 1, bytes - 1), 0;
    rb_run *run = run_of(data[0] % RUNS);
    FUZZ_CHECK(!rb_visitor_load_memory(&v, data + 1, bytes - 1, NULL));
    visit(run, v);
    if (rb_visitor_finish(v, NULL, &error)) {
        FUZZ_CHECK(*error.message);
        return 0;
    }
    rb_status status = rb_loop(run, run->step + STEPS, &error);
    FUZZ_CHECK(!status || *error.message);
    return 0;
}

// The corpus: each run's own state (replay_corpus.c).
void fuzz_make_corpus(const char *directory);
void fuzz_make_corpus(const char *directory)
{
    for (int i = 0; i < RUNS; i++) {
        char path[4096];
        const uint8_t which = (uint8_t)i;
        void *data;
        size_t bytes;
        rb_visitor *v;
        FUZZ_CHECK(!rb_visitor_save_memory(&v, NULL));
        visit(run_of(i), v);
        FUZZ_CHECK(!rb_visitor_finish_memory(v, &data, &bytes, NULL));
        snprintf(path, sizeof path, "%s/run_%d", directory, i);
        FILE *file = fopen(path, "wb");
        FUZZ_CHECK(file && fwrite(&which, 1, 1, file) == 1 && fwrite(data, 1, bytes, file) == bytes);
        fclose(file);
        free(data);
    }
}
