// Custom environments: every fault of an object gives a message that names the file and the expectation, and
// the results of a correct one pass through unchanged.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "env/vector.h"

#define FAULTY RB_TEST_OWN "/faulty.so"

// ---- files that are not objects, or not environments

static const char *refused(const char *path, rb_status expected)
{
    static rb_error error;
    const rb_env_class *class = NULL;
    error = (rb_error){0};
    rb_status status = rb_env_find(path, &class, &error);
    if (status != expected) fail_msg("%s: status %d, not %d: %s", path, status, expected, error.message);
    if (strncmp(error.message, path, strlen(path)) != 0) fail_msg("%s: not named: %s", path, error.message);
    assert_null(class);
    return error.message;
}

__attribute__((noinline)) static void must_say(const char *message, const char *words)
{
    if (strstr(message, words)) return;
    print_error("expected: %s\n", words);
    fail_msg("said: %s", message);
}

static void objects_with_a_fault_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        rb_status status;
        const char *words;
    } cases[] = {
        {"version", RB_ERR_ENV,
         "was built for version 9 of the environment interface, but this program has version 3"},
        {"no_name", RB_ERR_ENV, "has no name"},
        {"no_step", RB_ERR_ENV, "has no function step"},
        {"no_load", RB_ERR_ENV, "has save without load"},
        {"no_ready", RB_ERR_ENV, "has begin without ready"},
        {"no_symbol", RB_ERR_FORMAT, "exports no rb_env_export"},
        {"function", RB_ERR_ENV, "rb_env_export is a function"},
        {"small", RB_ERR_ENV, "rb_env_export has 4 bytes"},
        {"uses_nothing", RB_ERR_FORMAT, "nothing provides something_that_is_nowhere"},
        {"uses_rainbow", RB_ERR_FORMAT,
         "nothing provides rb_error_set, which it uses (Rainbow provides only"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[RB_PATH_MAX];
        snprintf(path, sizeof path, "%s/%s.so", RB_TEST_OWN, cases[i].name);
        must_say(refused(path, cases[i].status), cases[i].words);
        must_say(refused(path, cases[i].status), cases[i].words); // and not half loaded by the first time
    }
}

static char folder[64];

static int make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof folder, "/tmp/rb_own_XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int drop_folder(void **state)
{
    (void)state;
    return rb_file_remove_tree(folder, NULL) != RB_OK;
}

static const char *file_of(const char *name, const void *data, size_t bytes)
{
    static char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_int_equal(rb_file_write(path, data, bytes, NULL), RB_OK);
    return path;
}

static void files_that_are_no_objects_are_refused(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/missing.so", folder);
    must_say(refused(path, RB_ERR_FILE), "there is no such file");
    must_say(refused(path, RB_ERR_FILE), "relative to the directory in which rainbow is started");
    must_say(refused("./missing.so", RB_ERR_FILE), "there is no such file");
    snprintf(path, sizeof path, "%s/a_directory.so", folder);
    assert_int_equal(mkdir(path, 0755), 0);
    must_say(refused(path, RB_ERR_FILE), "is a directory");
    must_say(refused(folder, RB_ERR_FILE), "is a directory"); // any path that is there
    must_say(refused(file_of("empty.so", "", 0), RB_ERR_FORMAT), "is not a shared object");
    must_say(refused(file_of("text.so", "int main;\n", 10), RB_ERR_FORMAT), "is not a shared object");
    must_say(refused(file_of("no_suffix", "int main;\n", 10), RB_ERR_FORMAT), "is not a shared object");
    must_say(refused("/proc/self/exe", RB_ERR_FORMAT), ""); // a program
    if (geteuid() != 0) {
        const char *closed = file_of("closed.so", "x", 1);
        chmod(closed, 0);
        must_say(refused(closed, RB_ERR_FILE), "ermission");
    }
}

// An object truncated anywhere is rejected or still usable; the loader alone would end the process.
static void objects_cut_short_are_refused(void **state)
{
    (void)state;
    char *data;
    size_t bytes;
    assert_int_equal(rb_file_read(FAULTY, &data, &bytes, NULL), RB_OK);
    int cut_short = 0;
    for (size_t length = 1; length < bytes; length += length < 256 ? 17 : 509) {
        char name[32];
        snprintf(name, sizeof name, "cut_%zu.so", length);
        const char *path = file_of(name, data, length);
        const rb_env_class *class;
        rb_error error = {0};
        rb_status status = rb_env_find(path, &class, &error);
        if (!status) continue;
        assert_int_equal(status, RB_ERR_FORMAT);
        assert_non_null(strstr(error.message, path));
        cut_short += strstr(error.message, "cut short") != NULL;
    }
    assert_true(cut_short > 10);
    data[18] = 99; // e_machine
    must_say(refused(file_of("other.so", data, bytes), RB_ERR_FORMAT), "another kind of processor");
    free(data);
}

// ---- their specs

typedef struct made {
    rb_arena *arena;
    rb_pool *pool;
    rb_vector *vector;
    rb_error error;
    rb_status status;
} made;

static made make(const char *name, const char *options, int count)
{
    made m = {0};
    rb_vector_spec spec = {.settings.name = name, .seed = 5, .purpose = RB_RNG_ENV, .count = count};
    snprintf(spec.settings.env.options, sizeof spec.settings.env.options, "%s", options);
    assert_int_equal(rb_arena_create(&m.arena, NULL), RB_OK);
    assert_int_equal(rb_pool_create(&m.pool, 1, NULL), RB_OK);
    m.status = rb_vector_create(&m.vector, &spec, m.arena, &m.error);
    return m;
}

static void unmake(made *m)
{
    if (!m->status) rb_vector_destroy(m->vector);
    rb_pool_destroy(m->pool);
    rb_arena_destroy(m->arena);
}

static void specs_without_sense_are_refused(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"no_actions", "0 actions: must be from 1 to 65536"},
        {"many_actions", "1000000 actions"},
        {"negative_size", "-4 x 1 x 1 values"},
        {"absurd_size", "60000 x 60000 x 60000 values: a frame may take at most"},
        {"negative_vector", "its vector beside the picture has -2 numbers: must be from 0 (none) to 65536"},
        {"lone_vector",
         "its vector of 3 numbers stands beside no picture (4 x 1 x 1): channels must hold all numbers, and "
         "vector 0"},
        {"bad_kind", "kind of observation is 7"},
        {"half_named", "action 1 of 2 has no name"},
        {"negative_limit", "time limit is -1 steps"},
        {"negative_frames", "take -3 frames"},
        {"deep_stack", "stacks 1000 frames"},
        {"half_screen", "screen has 0 x 10 pixels"},
        {"no_create", "create: the arena is shut"},
        {"no_instance", "made no instance"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(FAULTY, cases[i][0], 1);
        if (m.status != RB_ERR_ENV) fail_msg("%s: status %d", cases[i][0], m.status);
        assert_memory_equal(m.error.message, FAULTY, strlen(FAULTY));
        must_say(m.error.message, cases[i][1]);
        unmake(&m);
    }
    made m = make(RB_TEST_OWN "/no_render.so", "", 1);
    must_say(m.error.message, "screen of 8 x 10 pixels, but its table has no render");
    unmake(&m);
}

static void what_is_left_open_in_a_spec_is_1(void **state)
{
    (void)state;
    made m = make(FAULTY, "", 2);
    if (m.status) fail_msg("%s", m.error.message);
    const rb_env_spec *spec = rb_vector_env_spec(m.vector);
    assert_int_equal(spec->stack, 1);
    assert_int_equal(spec->frames_per_step, 1);
    assert_int_equal(spec->actions, 2);
    assert_string_equal(spec->action_names[1], "right");
    unmake(&m);
}

// ---- faults while playing

static void failures_while_playing_name_the_file(void **state)
{
    (void)state;
    static const struct {
        const char *options;
        rb_status status;
        const char *words;
    } cases[] = {
        {"nan_reward", RB_ERR_NUMBER, "reward that is not a finite number"},
        {"infinite_reward", RB_ERR_NUMBER, "reward that is not a finite number"},
        {"nan_observation", RB_ERR_NUMBER, "value 1 of an observation is NaN"},
        {"nan_start", RB_ERR_NUMBER, "value 1 of an observation is NaN"},
        {"fails_step", RB_ERR_ENV, "step: the wind broke"},
        {"fails_silently", RB_ERR_ENV,
         "step: returned status 8 without a message; a function that fails must"},
        {"strange_status", RB_ERR_ENV,
         "without a message; a function that fails must end with `return rb_env_fail("},
        {"fails_reset", RB_ERR_ENV, "reset: the line is worn out"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made m = make(FAULTY, cases[i].options, 2);
        if (m.status) fail_msg("%s", m.error.message);
        rb_status status = rb_vector_reset(m.vector, &m.error);
        for (int32_t k = 0; !status && k < 500; k++) {
            const int32_t actions[2] = {k / 3 % 2, (k + 1) / 3 % 2};
            rb_vector_start(m.vector, m.pool, actions);
            status = rb_vector_wait(m.vector, m.pool, &m.error);
        }
        if (status != cases[i].status) fail_msg("%s: status %d", cases[i].options, status);
        must_say(m.error.message, FAULTY);
        must_say(m.error.message, cases[i].words);
        unmake(&m);
    }
}

// An object built for version 1 plays as it did: nothing beyond the end of its shorter table is read.
static void objects_of_the_first_version_play(void **state)
{
    (void)state;
    made m = make(RB_TEST_OWN "/first_abi.so", "", 1);
    if (m.status) fail_msg("%s", m.error.message);
    const rb_env_class *class = rb_vector_class(m.vector);
    assert_null(class->mask);
    assert_null(class->begin);
    assert_non_null(class->save);
    assert_int_equal(class->abi, RB_ENV_ABI);
    assert_false(rb_vector_env_spec(m.vector)->masks);
    assert_int_equal(rb_vector_reset(m.vector, NULL), RB_OK);
    float place, before = *(const float *)rb_vector_observations(m.vector);
    for (int t = 1; t <= 20; t++) {
        rb_vector_start(m.vector, m.pool, (int32_t[]){1});
        assert_int_equal(rb_vector_wait(m.vector, m.pool, &m.error), RB_OK);
        assert_int_equal(rb_vector_results(m.vector)[0].game_over, t % 9 == 0);
        memcpy(&place, rb_vector_next_frame(m.vector, 0), sizeof place);
        assert_true(place == before + 1);
        before = *(const float *)rb_vector_observations(m.vector);
    }
    unmake(&m);
}

// One built for version 2 has no vector beside its picture, whatever stands behind its shorter spec.
static void objects_of_the_second_version_play(void **state)
{
    (void)state;
    made m = make(RB_TEST_OWN "/second_abi.so", "", 1), now = make(RB_TEST_OWN "/both.so", "", 1);
    if (m.status || now.status) fail_msg("%s%s", m.error.message, now.error.message);
    assert_int_equal(rb_vector_env_spec(m.vector)->vector, 0);
    assert_int_equal(rb_vector_env_spec(now.vector)->vector, 3);
    assert_int_equal(rb_vector_reset(m.vector, NULL), RB_OK);
    assert_int_equal(rb_vector_reset(now.vector, NULL), RB_OK);
    assert_memory_equal(rb_vector_observations(m.vector), rb_vector_observations(now.vector), 36);
    unmake(&m), unmake(&now);
}

// An object has masks if its table has the function; each fault names the file and the step.
static void masks_pass_through_or_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *options, *words;
    } cases[] = {
        {"", NULL},
        {"mask_value", "masked.so: step 5 of a game: its mask has the value 3 for action 1"},
        {"mask_short", "masked.so: step 5 of a game: its mask has the value 255 for action 1"},
        {"mask_empty", "masked.so: step 5 of a game: its mask allows none of the 2 actions"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rb_vector_spec spec = {
            .settings.name = RB_TEST_OWN "/masked.so", .seed = 5, .purpose = RB_RNG_ENV, .count = 1};
        made m = {0};
        snprintf(spec.settings.env.options, sizeof spec.settings.env.options, "%s", cases[i].options);
        spec.settings.env.masks = true;
        assert_int_equal(rb_arena_create(&m.arena, NULL), RB_OK);
        assert_int_equal(rb_pool_create(&m.pool, 1, NULL), RB_OK);
        if (rb_vector_create(&m.vector, &spec, m.arena, &m.error)) fail_msg("%s", m.error.message);
        assert_true(rb_vector_env_spec(m.vector)->masks);
        rb_rng rng = rb_rng_stream(1, RB_RNG_TEST, 0);
        int forbidden = 0;
        rb_status status = rb_vector_reset(m.vector, &m.error);
        for (int t = 0; t < 200 && !status; t++) {
            const int32_t action = rb_vector_random_action(m.vector, 0, &rng);
            forbidden += !rb_vector_mask(m.vector, 0)[0];
            rb_vector_start(m.vector, m.pool, &action);
            status = rb_vector_wait(m.vector, m.pool, &m.error);
        }
        assert_int_equal(status, cases[i].words ? RB_ERR_ENV : RB_OK);
        if (cases[i].words)
            must_say(m.error.message, cases[i].words);
        else
            assert_in_range(forbidden, 1, 150);
        unmake(&m);
    }
}

// Failures are reported if the stream fails, and for states of other lengths.
static bool no_transfer(rb_env_stream *stream, void *data, size_t bytes)
{
    (void)stream, (void)data, (void)bytes;
    return false;
}

static void failing_states_are_told(void **state)
{
    (void)state;
    made m = make(FAULTY, "", 1);
    const rb_env_class *class = rb_vector_class(m.vector);
    rb_env_stream nowhere = {no_transfer, NULL};
    rb_error error = {0};
    assert_int_equal(class->save(rb_vector_env(m.vector, 0), &nowhere, &error), RB_ERR_ENV);
    assert_string_equal(error.message, FAULTY ": save: no room");
    assert_int_equal(class->load(rb_vector_env(m.vector, 0), &nowhere, &error), RB_ERR_ENV);
    assert_string_equal(error.message, FAULTY ": load: too short");
    unmake(&m);
}

static void only_own_environments_take_options(void **state)
{
    (void)state;
    made m = make("cartpole", "nan_reward", 1);
    assert_int_equal(m.status, RB_ERR_USAGE);
    assert_string_equal(m.error.message, "env.options = nan_reward: cartpole takes no options; only "
                                         "environments in shared objects do");
    unmake(&m);
}

static void a_file_without_its_path_is_told(void **state)
{
    (void)state;
    char here[RB_PATH_MAX];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(RB_TEST_OWN), 0);
    const rb_env_class *class;
    rb_error error = {0};
    assert_int_equal(rb_env_find("faulty.so", &class, &error), RB_ERR_USAGE);
    must_say(error.message, "did you mean './faulty.so'?");
    assert_int_equal(rb_env_find("./faulty.so", &class, &error), RB_OK); // counts from here
    assert_int_equal(chdir(here), 0);
    const char *preset, *values;
    assert_int_equal(rb_env_defaults(FAULTY, &preset, &values, &error), RB_OK);
    assert_string_equal(preset, "general");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(objects_with_a_fault_are_refused),
        cmocka_unit_test(files_that_are_no_objects_are_refused),
        cmocka_unit_test(objects_cut_short_are_refused),
        cmocka_unit_test(specs_without_sense_are_refused),
        cmocka_unit_test(what_is_left_open_in_a_spec_is_1),
        cmocka_unit_test(failures_while_playing_name_the_file),
        cmocka_unit_test(objects_of_the_second_version_play),
        cmocka_unit_test(objects_of_the_first_version_play),
        cmocka_unit_test(masks_pass_through_or_are_refused),
        cmocka_unit_test(failing_states_are_told),
        cmocka_unit_test(only_own_environments_take_options),
        cmocka_unit_test(a_file_without_its_path_is_told),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
