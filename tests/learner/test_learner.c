// The learner for programs that own their loop: saved and loaded exactly, bad calls refused, learning by
// hand, players and masks. test_learner_as_run.c compares it with a run.
#include <math.h>

#include "base/pool.h"
#include "env/vector.h"
#include "env/vector_spec.h"
#include "learner/learner_impl.h"
#include "train/run_state.h"
#include "train/run_fixture.h"

static rb_error error;

#define OK(call)                                                                                             \
    do {                                                                                                     \
        if ((call) != RB_OK) fail_msg("%s", error.message);                                                  \
    } while (0)

static rb_config *settings(int count, const char *const *words)
{
    rb_config *config;
    OK(rb_config_create(&config, &error));
    OK(rb_config_arguments(config, count, words, &error));
    return config;
}

// ---- a small world: a walk on a line, whose whole state is copied

typedef struct walk {
    int place, moves;
} walk;

static const rb_learner_spec walk_spec = {
    .kind = RB_OBS_F32, .channels = 2, .height = 1, .width = 1, .actions = 2, .streams = 2};
static const char *const walk_words[] = {"--preset=cartpole-dqn", "--net.mlp=16",           "--net.hidden=16",
                                         "--replay.capacity=400", "--agent.start_steps=50", "--agent.batch=8",
                                         "--run.max_steps=2000",  "--compute.threads=1"};
enum { WALK_WORDS = sizeof walk_words / sizeof *walk_words };

static void look(const walk *w, float seen[2])
{
    seen[0] = (float)w->place / 5;
    seen[1] = (float)w->moves / 30;
}

static void walk_on(rb_learner *l, int stream, walk *w)
{
    float seen[2];
    int action = -1;
    look(w, seen);
    OK(rb_learner_act(l, stream, seen, NULL, &action, &error));
    assert_in_range(action, 0, 1);
    w->place += action ? 1 : -1;
    w->moves++;
    const bool ends = abs(w->place) == 5, cut = w->moves == 30;
    look(w, seen);
    OK(rb_learner_observe(l, stream, w->place == 5, ends, cut && !ends, seen, NULL, &error));
    if (ends || cut) *w = (walk){0};
}

static void walk_steps(rb_learner *l, walk w[2], int steps)
{
    for (int i = 0; i < steps; i++) walk_on(l, i % 2, &w[i % 2]);
}

static bool walks_normalised;

static rb_learner *new_walker(void)
{
    rb_learner *l;
    rb_config *config = settings(WALK_WORDS, walk_words);
    if (walks_normalised) set(config, "env.normalise", "true");
    OK(rb_learner_create(&l, config, &walk_spec, &error));
    rb_config_destroy(config);
    return l;
}

static uint64_t learner_hash(rb_learner *l)
{
    uint64_t hash;
    OK(rb_learner_hash(l, &hash, &error));
    return hash;
}

static void saved_and_loaded(void)
{
    char file[128];
    snprintf(file, sizeof file, "%s/walker.rb", root);
    walk w[2] = {{0}}, copy[2];
    rb_learner *straight = new_walker(), *loaded;
    walk_steps(straight, w, 333); // odd: stream 1 has one step less
    OK(rb_learner_save(straight, file, &error));
    memcpy(copy, w, sizeof w);
    OK(rb_learner_load(&loaded, file, 0, NULL, &error));
    assert_true(learner_hash(loaded) == learner_hash(straight));
    for (int i = 1; i < 334; i++) walk_on(straight, i % 2, &w[i % 2]);
    for (int i = 1; i < 334; i++) walk_on(loaded, i % 2, &copy[i % 2]);
    rb_learner_stats a, b;
    rb_learner_get(straight, &a);
    rb_learner_get(loaded, &b);
    assert_int_equal(a.steps, 666);
    assert_true(a.updates > 100);
    assert_true(a.episodes > 5 && isfinite(a.return_mean) && isfinite(a.loss));
    assert_int_equal(a.updates, b.updates);
    assert_true(a.return_mean == b.return_mean);
    assert_true(learner_hash(loaded) == learner_hash(straight));
    rb_learner_destroy(loaded);
    // Only what may change on resume may change.
    const char *threads = "--compute.threads=2", *gamma = "--agent.gamma=0.5";
    OK(rb_learner_load(&loaded, file, 1, &threads, &error));
    rb_learner_destroy(loaded);
    assert_int_equal(rb_learner_load(&loaded, file, 1, &gamma, &error), RB_ERR_USAGE);
    assert_null(loaded);
    rb_learner_destroy(straight);
}

static void test_saved_and_loaded(void **state)
{
    (void)state;
    saved_and_loaded();
    walks_normalised = true;
    saved_and_loaded();
    walks_normalised = false;
}

// An action that waits for its result waits for it again.
static void test_saved_between_act_and_observe(void **state)
{
    (void)state;
    char file[128];
    snprintf(file, sizeof file, "%s/between.rb", root);
    const float seen[2] = {0, 0}, next[2] = {0.2f, 0.1f};
    rb_learner *l = new_walker(), *loaded;
    int action;
    OK(rb_learner_act(l, 1, seen, NULL, &action, &error));
    OK(rb_learner_save(l, file, &error));
    OK(rb_learner_load(&loaded, file, 0, NULL, &error));
    assert_int_equal(rb_learner_act(loaded, 1, seen, NULL, &action, &error), RB_ERR_USAGE);
    OK(rb_learner_observe(loaded, 1, 1, false, false, next, NULL, &error));
    OK(rb_learner_observe(l, 1, 1, false, false, next, NULL, &error));
    assert_true(learner_hash(loaded) == learner_hash(l));
    rb_learner_destroy(loaded);
    rb_learner_destroy(l);
}

static void test_damaged_files(void **state)
{
    (void)state;
    char file[128], *data;
    size_t bytes;
    walk w[2] = {{0}};
    rb_learner *l = new_walker(), *loaded;
    snprintf(file, sizeof file, "%s/damaged.rb", root);
    walk_steps(l, w, 100);
    OK(rb_learner_save(l, file, &error));
    rb_learner_destroy(l);
    OK(rb_file_read(file, &data, &bytes, &error));
    for (size_t at = 0; at < bytes; at += bytes / 40) {
        data[at] ^= 1;
        OK(rb_file_write(file, data, bytes, &error));
        data[at] ^= 1;
        assert_int_equal(rb_learner_load(&loaded, file, 0, NULL, &error), RB_ERR_FORMAT);
        assert_null(loaded);
    }
    for (size_t kept = 0; kept < bytes; kept += bytes / 10) {
        OK(rb_file_write(file, data, kept, &error));
        assert_int_not_equal(rb_learner_load(&loaded, file, 0, NULL, &error), RB_OK);
        rb_player *player;
        assert_int_not_equal(rb_player_open(&player, file, 1, &error), RB_OK);
        assert_null(player);
    }
    free(data);
    assert_int_equal(rb_learner_load(&loaded, root, 0, NULL, &error), RB_ERR_FILE);
}

// ---- bad calls: refused with a sentence, and nothing has changed

static void refused(rb_status status, rb_status wanted, const char *words)
{
    assert_int_equal(status, wanted);
    if (!strstr(error.message, words)) fail_msg("\"%s\" does not say \"%s\"", error.message, words);
}

static void test_bad_calls(void **state)
{
    (void)state;
    walk w[2] = {{0}};
    rb_learner *l = new_walker();
    walk_steps(l, w, 101); // stream 0 sees, stream 1 too
    float seen[2], other[2] = {0.9f, 0.9f};
    const float bad[2] = {NAN, 0};
    const int backwards[2] = {1, 0}, same[2] = {1, 1}, far[1] = {2};
    int action = 7;
    int32_t actions[2];
    look(&w[0], seen);
    const uint64_t before = learner_hash(l);
    refused(rb_learner_observe(l, 0, 0, false, false, seen, NULL, &error), RB_ERR_USAGE, "has not acted");
    refused(rb_learner_act(l, 2, seen, NULL, &action, &error), RB_ERR_USAGE, "must be from 0 to 1");
    refused(rb_learner_act(l, -1, seen, NULL, &action, &error), RB_ERR_USAGE, "must be from 0 to 1");
    refused(rb_learner_act(l, 0, other, NULL, &action, &error), RB_ERR_USAGE, "is not the one that followed");
    refused(rb_learner_act(l, 0, bad, NULL, &action, &error), RB_ERR_NUMBER, "NaN");
    refused(rb_learner_act_many(l, 2, backwards, NULL, NULL, actions, &error), RB_ERR_USAGE, "ascending");
    refused(rb_learner_act_many(l, 2, same, NULL, NULL, actions, &error), RB_ERR_USAGE, "ascending");
    refused(rb_learner_act_many(l, 1, far, NULL, NULL, actions, &error), RB_ERR_USAGE, "from 0 to 1");
    refused(rb_learner_act_many(l, 3, NULL, NULL, NULL, actions, &error), RB_ERR_USAGE, "from 1 to 2");
    refused(rb_learner_act_many(l, 0, NULL, NULL, NULL, actions, &error), RB_ERR_USAGE, "from 1 to 2");
    refused(rb_learner_abandon(l, 9, &error), RB_ERR_USAGE, "from 0 to 1");
    refused(rb_learner_export(l, "x.txt", NULL, &error), RB_ERR_USAGE, ".onnx or .safetensors");
    assert_int_equal(action, 7);
    assert_true(learner_hash(l) == before);

    OK(rb_learner_act(l, 0, NULL, NULL, &action, &error));
    const uint64_t acted = learner_hash(l);
    refused(rb_learner_act(l, 0, NULL, NULL, &action, &error), RB_ERR_USAGE, "waits for the result");
    refused(rb_learner_observe(l, 0, NAN, false, false, seen, NULL, &error), RB_ERR_NUMBER, "not a finite");
    refused(rb_learner_observe(l, 0, 1e30, false, false, seen, NULL, &error), RB_ERR_NUMBER, "1e+30");
    refused(rb_learner_observe(l, 0, 0, false, false, bad, NULL, &error), RB_ERR_NUMBER, "NaN");
    assert_true(learner_hash(l) == acted);
    l->busy = 1;
    refused(rb_learner_act(l, 1, NULL, NULL, &action, &error), RB_ERR_USAGE, "another thread");
    refused(rb_learner_observe(l, 0, 0, false, false, seen, NULL, &error), RB_ERR_USAGE, "another thread");
    l->busy = 0;
    OK(rb_learner_abandon(l, 0, &error));
    refused(rb_learner_act(l, 0, NULL, NULL, &action, &error), RB_ERR_USAGE, "first observation");
    OK(rb_learner_act(l, 0, other, NULL, &action, &error));
    rb_learner_destroy(l);
}

static void test_bad_specs(void **state)
{
    (void)state;
    rb_config *config = settings(WALK_WORDS, walk_words);
    rb_learner *l;
    rb_learner_spec spec = walk_spec;
    spec.actions = 0;
    refused(rb_learner_create(&l, config, &spec, &error), RB_ERR_USAGE, "0 actions");
    spec = walk_spec;
    spec.streams = 257;
    refused(rb_learner_create(&l, config, &spec, &error), RB_ERR_USAGE, "257 streams");
    spec = walk_spec;
    spec.width = -3;
    refused(rb_learner_create(&l, config, &spec, &error), RB_ERR_USAGE, "-3");
    spec = walk_spec;
    spec.channels = 60000;
    OK(rb_config_set(config, "replay.capacity", "1000000000", NULL, &error));
    refused(rb_learner_create(&l, config, &spec, &error), RB_ERR_MEMORY, "replay.capacity");
    assert_null(l);
    rb_config_destroy(config);
}

static void keep(void *context, const char *sentence)
{
    snprintf(context, 1024, "%s", sentence);
}

static void test_advice(void **state)
{
    (void)state;
    const char *const words[] = {"--agent.gamma=0.9", "--eval.every_steps=10", "--net.mlp=8"};
    char said[1024] = "";
    rb_config *config = settings(3, words);
    rb_learner_advice(config, keep, said);
    assert_non_null(strstr(said, "eval.every_steps = 10 has no effect on a learner"));
    rb_config_destroy(config);
}

// ---- learning by hand, and players

static void test_manual(void **state)
{
    (void)state;
    rb_learner_spec spec = walk_spec;
    rb_config *config = settings(WALK_WORDS, walk_words);
    rb_learner *manual, *automatic = new_walker();
    rb_learner_stats stats;
    walk w[2] = {{0}};
    int64_t made = -1;
    spec.manual = true;
    OK(rb_learner_create(&manual, config, &spec, &error));
    walk_steps(manual, w, 200);
    rb_learner_get(manual, &stats);
    assert_int_equal(stats.updates, 0);
    OK(rb_learner_learn(manual, 7, &made, &error));
    assert_int_equal(made, 7);
    OK(rb_learner_learn(manual, -1, &made, &error));
    assert_true(made > 7);
    OK(rb_learner_learn(manual, -1, &made, &error));
    assert_int_equal(made, 0);
    // Automatic ones have nothing left over, but can make more.
    memset(w, 0, sizeof w);
    walk_steps(automatic, w, 200);
    OK(rb_learner_learn(automatic, -1, &made, &error));
    assert_int_equal(made, 0);
    OK(rb_learner_learn(automatic, 3, &made, &error));
    assert_int_equal(made, 3);
    rb_learner_destroy(automatic);
    rb_learner_destroy(manual);
    rb_config_destroy(config);
}

// With rollouts a learner learns when one is complete, and at no other time; streams go side by side. It is
// saved and loaded in the middle of a rollout.
static void test_rollouts(void **state)
{
    (void)state;
    char file[128];
    snprintf(file, sizeof file, "%s/rollouts.rb", root);
    const char *const words[] = {"--preset=cartpole-pqn", "--agent.rollout_steps=10", "--agent.minibatches=4",
                                 "--net.mlp=16",          "--net.hidden=16",          "--run.max_steps=2000",
                                 "--compute.threads=1"};
    rb_config *config = settings(sizeof words / sizeof *words, words);
    rb_learner_spec spec = walk_spec;
    rb_learner *l = NULL, *loaded;
    rb_learner_stats stats;
    walk w[2] = {{0}};
    int64_t made = -1;
    spec.manual = true;
    assert_int_equal(rb_learner_create(&l, config, &spec, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "a learner learns by itself, whenever a rollout is complete"));
    OK(rb_learner_create(&l, config, &walk_spec, &error));
    walk_steps(l, w, 20);
    rb_learner_get(l, &stats);
    assert_int_equal(stats.updates, 0);
    walk_steps(l, w, 1);
    rb_learner_get(l, &stats);
    assert_int_equal(stats.updates, 16);
    assert_int_equal(rb_learner_learn(l, 3, &made, &error), RB_ERR_USAGE);
    assert_non_null(strstr(error.message, "learns only when a rollout is complete"));
    OK(rb_learner_learn(l, -1, &made, &error));
    assert_int_equal(made, 0);
    walk_steps(l, w, 5);
    OK(rb_learner_save(l, file, &error));
    OK(rb_learner_load(&loaded, file, 0, NULL, &error));
    walk again[2];
    memcpy(again, w, sizeof again);
    walk_steps(l, w, 40);
    walk_steps(loaded, again, 40);
    assert_true(learner_hash(l) == learner_hash(loaded));
    rb_learner_destroy(loaded);
    rb_learner_destroy(l);

    spec.manual = false;
    spec.streams = 4;
    OK(rb_learner_create(&l, config, &spec, &error)); // one stream alone
    rb_status status = RB_OK;
    float seen[2];
    int steps = 0;
    walk alone = {0};
    for (; !status && steps < 100; steps++) {
        int action;
        look(&alone, seen);
        status = rb_learner_act(l, 0, seen, NULL, &action, &error);
        if (status) break;
        alone.moves++;
        look(&alone, seen);
        OK(rb_learner_observe(l, 0, 0, false, false, seen, NULL, &error));
    }
    assert_int_equal(status, RB_ERR_USAGE);
    assert_in_range(steps, 20, 30);
    assert_non_null(strstr(error.message, "stream 0 is ahead of the others by a whole rollout"));
    rb_learner_destroy(l);
    rb_config_destroy(config);
}

// Values that are not finite end the rollout, and not the program's patience.
static void test_rollouts_that_diverge(void **state)
{
    (void)state;
    const char *const words[] = {
        "--preset=cartpole-pqn", "--agent.rollout_steps=8", "--agent.minibatches=1", "--agent.epochs=1",
        "--net.mlp=16",          "--net.hidden=16",         "--run.max_steps=2000",  "--compute.threads=1"};
    const float seen[2] = {3e38f, 3e38f};
    rb_config *config = settings(sizeof words / sizeof *words, words);
    rb_learner_spec spec = walk_spec;
    rb_learner *l;
    rb_status status = RB_OK;
    spec.streams = 1;
    OK(rb_learner_create(&l, config, &spec, &error));
    for (int i = 0; i < 20 && !status; i++) {
        int action;
        status = rb_learner_act(l, 0, seen, NULL, &action, &error);
        if (!status) status = rb_learner_observe(l, 0, 0, false, false, seen, NULL, &error);
    }
    assert_int_equal(status, RB_ERR_NUMBER);
    assert_non_null(strstr(error.message, "the value of a state is"));
    rb_learner_destroy(l);
    rb_config_destroy(config);
}

// A step that was begun and abandoned owes an update, too, but there is memory for one group only.
static void test_abandoned_groups(void **state)
{
    (void)state;
    rb_learner_spec spec = walk_spec;
    rb_config *config = settings(WALK_WORDS, walk_words);
    rb_learner *l;
    rb_learner_stats stats;
    walk w[2] = {{0}};
    set(config, "agent.group_updates", "true");
    set(config, "agent.update_every_steps", "1");
    set(config, "agent.updates", "1");
    OK(rb_learner_create(&l, config, &spec, &error));
    walk_steps(l, w, 200);
    rb_learner_get(l, &stats);
    const uint64_t before = (uint64_t)stats.updates;
    for (int i = 0; i < 5; i++) {
        float seen[2];
        int action;
        look(&w[0], seen);
        OK(rb_learner_act(l, 0, seen, NULL, &action, &error));
        OK(rb_learner_abandon(l, 0, &error));
        w[0] = (walk){0};
    }
    walk_steps(l, w, 4);
    rb_learner_get(l, &stats);
    assert_true((uint64_t)stats.updates > before);
    assert_true(rb_replay_batch(l->replay)->size <= 16); // two streams, each with a batch of 8
    rb_learner_destroy(l);
    rb_config_destroy(config);
}

static void test_players(void **state)
{
    (void)state;
    char file[128];
    snprintf(file, sizeof file, "%s/player.rb", root);
    walk w[2] = {{0}};
    rb_learner *l = new_walker();
    walk_steps(l, w, 400);
    OK(rb_learner_save(l, file, &error));
    const uint64_t before = learner_hash(l);
    rb_player *own, *read;
    OK(rb_player_of(&own, l, 3, &error));
    OK(rb_player_open(&read, file, 1, &error));
    float q[3][2], same[2];
    int32_t actions[3], action;
    const float seen[3][2] = {{0, 0}, {0.4f, 0.2f}, {-0.6f, 0.5f}};
    OK(rb_player_act(own, 3, NULL, seen, NULL, NULL, 0, actions, q[0], &error));
    for (int i = 0; i < 3; i++) {
        OK(rb_player_act(read, 1, NULL, seen[i], NULL, NULL, 0, &action, same, &error));
        assert_int_equal(action, actions[i]);
        assert_memory_equal(same, q[i], sizeof same);
        assert_int_equal(action, q[i][1] > q[i][0]);
    }
    // NULL: the same moment again, also with frames in a stack; but something must have been seen.
    int32_t twice[3];
    OK(rb_player_act(own, 3, NULL, NULL, NULL, NULL, 0, twice, NULL, &error));
    assert_memory_equal(twice, actions, sizeof actions);
    rb_player *fresh;
    OK(rb_player_open(&fresh, file, 2, &error));
    OK(rb_player_act(fresh, 1, NULL, seen, NULL, NULL, 0, &action, NULL, &error));
    refused(rb_player_act(fresh, 2, NULL, NULL, NULL, NULL, 0, twice, NULL, &error), RB_ERR_USAGE,
            "stream 1 has seen no observation yet");
    rb_player_destroy(fresh);
    assert_true(learner_hash(l) == before); // play leaves no trace
    refused(rb_player_act(own, 1, NULL, seen, NULL, NULL, 2, &action, NULL, &error), RB_ERR_USAGE, "epsilon");
    rb_learner_spec spec;
    rb_player_describe(read, &spec);
    assert_int_equal(spec.channels, 2);
    assert_int_equal(spec.actions, 2);
    rb_player_destroy(read);
    rb_player_destroy(own);
    rb_learner_destroy(l);
}

// ---- masks

// Right is forbidden at 3 and beyond, left at -1 and below: only places from -1 to 3 can be reached.
static void allow(const walk *w, uint8_t mask[2])
{
    mask[0] = w->place > -1;
    mask[1] = w->place < 3;
}

static void masked_walk(rb_learner *l, int stream, walk *w)
{
    float seen[2];
    uint8_t mask[2];
    int action;
    look(w, seen);
    allow(w, mask);
    OK(rb_learner_act(l, stream, seen, mask, &action, &error));
    assert_true(mask[action]);
    w->place += action ? 1 : -1;
    w->moves++;
    const bool cut = w->moves == 30;
    look(w, seen);
    allow(w, mask);
    OK(rb_learner_observe(l, stream, w->place == 3, false, cut, seen, mask, &error));
    if (cut) *w = (walk){0};
}

static void test_masks(void **state)
{
    (void)state;
    char file[128];
    snprintf(file, sizeof file, "%s/masked.rb", root);
    rb_config *config = settings(WALK_WORDS, walk_words);
    rb_learner_spec spec = walk_spec;
    rb_learner *l, *loaded, *unmasked = new_walker();
    walk w[2] = {{0}}, copy[2];
    spec.masks = true;
    OK(rb_learner_create(&l, config, &spec, &error));
    for (int i = 0; i < 400; i++) masked_walk(l, i % 2, &w[i % 2]);
    OK(rb_learner_save(l, file, &error));
    OK(rb_learner_load(&loaded, file, 0, NULL, &error));
    memcpy(copy, w, sizeof w);
    for (int i = 0; i < 200; i++) masked_walk(l, i % 2, &w[i % 2]);
    for (int i = 0; i < 200; i++) masked_walk(loaded, i % 2, &copy[i % 2]);
    assert_true(learner_hash(l) == learner_hash(loaded));

    // An observe's mask holds for the act after it, and only it.
    const uint8_t right[2] = {0, 1}, left[2] = {1, 0}, none[2] = {0, 0}, odd[2] = {1, 2};
    const float seen[2] = {0.1f, 0.1f};
    int action;
    for (int i = 0; i < 30; i++) {
        const uint8_t *only = i % 2 ? right : left;
        OK(rb_learner_abandon(l, 0, &error));
        OK(rb_learner_act(l, 0, seen, only, &action, &error));
        assert_int_equal(action, i % 2);
        OK(rb_learner_observe(l, 0, 0, false, false, seen, i % 2 ? left : right, &error));
        const uint64_t before = learner_hash(l);
        refused(rb_learner_act(l, 0, NULL, only, &action, &error), RB_ERR_USAGE, "give it to observe");
        assert_true(learner_hash(l) == before);
        OK(rb_learner_act(l, 0, NULL, NULL, &action, &error));
        assert_int_equal(action, !(i % 2));
    }
    refused(rb_learner_observe(l, 0, 0, false, false, seen, none, &error), RB_ERR_USAGE, "allows none");
    refused(rb_learner_observe(l, 0, 0, false, true, seen, odd, &error), RB_ERR_USAGE, "value 2");
    OK(rb_learner_observe(l, 0, 0, true, false, seen, none, &error)); // nothing follows
    refused(rb_learner_act(l, 0, seen, none, &action, &error), RB_ERR_USAGE, "allows none");
    refused(rb_learner_act(unmasked, 0, seen, left, &action, &error), RB_ERR_USAGE, "has no masks");

    rb_player *player;
    int32_t chosen;
    OK(rb_player_open(&player, file, 1, &error));
    for (int i = 0; i < 20; i++) {
        OK(rb_player_act(player, 1, NULL, seen, NULL, i % 2 ? right : left, i % 3 ? 0 : 1, &chosen, NULL,
                         &error));
        assert_int_equal(chosen, i % 2);
    }
    refused(rb_player_act(player, 1, NULL, seen, NULL, none, 0, &chosen, NULL, &error), RB_ERR_USAGE,
            "allows none");
    rb_player_destroy(player);
    rb_learner_destroy(unmasked);
    rb_learner_destroy(loaded);
    rb_learner_destroy(l);
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saved_and_loaded),
        cmocka_unit_test(test_saved_between_act_and_observe),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_bad_calls),
        cmocka_unit_test(test_bad_specs),
        cmocka_unit_test(test_advice),
        cmocka_unit_test(test_manual),
        cmocka_unit_test(test_rollouts),
        cmocka_unit_test(test_rollouts_that_diverge),
        cmocka_unit_test(test_abandoned_groups),
        cmocka_unit_test(test_players),
        cmocka_unit_test(test_masks),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
