// The files of checkpoints: old rows of replay are written once and shared; what no state needs is removed;
// and a state whose files are not all there is refused by name.
#include "train/run_fixture.h"

#include <dirent.h>
#include <sys/stat.h>

#include "base/text.h"
#include "io/blocks.h"
#include "replay/ring.h"
#include "rollout/agent_spec.h"
#include "train/checkpoint.h"
#include "train/episodes.h"
#include "train/memory_plan.h"
#include "train/replay_files.h"
#include "learner/replay_spec.h"
#include "train/run_settings.h"
#include "train/run_state.h"

static rb_config *small(const char *name)
{
    rb_config *config =
        CONFIGURE("cartpole", "--preset=cartpole", "--run.max_steps=2000", "--replay.capacity=1500",
                  "--agent.start_steps=100", "--agent.batch=8", "--agent.update_every_steps=8",
                  "--eval.every_steps=0", "--eval.episodes=1", "--checkpoint.every_steps=100",
                  "--net.hidden=16", "--net.mlp=16", "--compute.threads=1");
    set(config, "run.name", name);
    return config;
}

static void loop(rb_run *run, int64_t step)
{
    rb_error error = {0};
    if (rb_loop(run, step, &error) || rb_checkpoint_finish(run, &error)) fail_msg("%s", error.message);
}

static rb_run *resume(const char *directory)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    return run;
}

static void checkpoint_path(char *out, const char *directory, int64_t step, const char *file)
{
    snprintf(out, RB_PATH_MAX, "%s/checkpoints/step_%012lld%s%s", directory, (long long)step,
             *file ? "/" : "", file);
}

static rb_replay_files list_of(const char *directory, int64_t step)
{
    char path[RB_PATH_MAX];
    rb_replay_files files;
    rb_error error = {0};
    checkpoint_path(path, directory, step, "");
    if (rb_replay_files_read(&files, path, &error)) fail_msg("%s", error.message);
    return files;
}

static int files_on_disk(const char *directory)
{
    char path[RB_PATH_MAX], **names;
    int count;
    assert_int_equal(rb_replay_files_path(path, sizeof path, directory, "", NULL), RB_OK);
    assert_int_equal(rb_file_list(path, &names, &count, NULL), RB_OK);
    rb_file_list_free(names, count);
    return count;
}

static bool names(const rb_replay_files *files, const char *name)
{
    for (int i = 0; i < files->count; i++)
        if (!strcmp(files->file[i].name, name)) return true;
    return false;
}

// At every checkpoint: the disk holds the files of the two states and no others, and few of them are new.
static void test_only_what_is_new_is_written(void **state)
{
    (void)state;
    rb_config *config = small("new");
    rb_run *run = create(config);
    const char *directory = rb_run_directory(run);
    for (int64_t step = 100; step <= 2000; step += 100) {
        char path[RB_PATH_MAX];
        loop(run, step);
        rb_replay_files now = list_of(directory, step), before = {0};
        uint64_t fresh = 0, rows = 0;
        if (step > 100) before = list_of(directory, step - 100);
        int used = before.count;
        for (int i = 0; i < now.count; i++) {
            const bool is_new = !names(&before, now.file[i].name);
            used += is_new;
            rows += now.file[i].to - now.file[i].from;
            if (is_new) fresh += now.file[i].to - now.file[i].from;
        }
        assert_in_range(fresh, 90,
                        100 + 60 + 256); // with a small last file again; ends of games take rows too
        assert_in_range(rows, step < 1500 ? step - 2 : 1498, 1500 + 512 + 100);
        assert_true(now.count <= 33);
        assert_int_equal(files_on_disk(directory), used);
        checkpoint_path(path, directory, step - 200, "state.rb");
        assert_false(rb_file_exists(path));
        checkpoint_path(path, directory, step - 200, "replay_files.txt");
        assert_false(rb_file_exists(path));
        rb_replay_files_free(&now);
        rb_replay_files_free(&before);
    }
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// A process that resumes reuses the files of the one before.
static void test_resumed_runs_share_files(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX];
    rb_config *config = small("share");
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    loop(run, 1000);
    rb_run_destroy(run);
    rb_replay_files before = list_of(directory, 1000);
    run = resume(directory);
    loop(run, 1100);
    rb_replay_files now = list_of(directory, 1100);
    int shared = 0;
    for (int i = 0; i < now.count; i++) shared += names(&before, now.file[i].name);
    assert_true(shared >= before.count - 1);
    rb_replay_files_free(&now);
    rb_replay_files_free(&before);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void refuse_resume(const char *directory, const char *part)
{
    rb_error error = {0};
    rb_run *run;
    assert_true(rb_run_resume(&run, directory, 0, NULL, NULL, &error) != RB_OK);
    assert_null(run);
    if (!strstr(error.message, part)) fail_msg("'%s' is not in: %s", part, error.message);
    assert_non_null(strstr(error.message, "remove its directory to resume from the one before"));
}

static void change_byte(const char *path)
{
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    assert_int_equal(fseek(file, 40, SEEK_SET), 0);
    const int byte = fgetc(file);
    assert_int_equal(fseek(file, 40, SEEK_SET), 0);
    fputc(byte ^ 1, file);
    assert_int_equal(fclose(file), 0);
}

// Each kind of damage to a file that only the newest state needs, and to its list.
static void test_damage_is_named_and_the_state_before_remains(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX], list[RB_PATH_MAX], checkpoint[RB_PATH_MAX];
    for (int kind = 0; kind < 5; kind++) {
        char name[16];
        snprintf(name, sizeof name, "damage%d", kind);
        rb_config *config = small(name);
        rb_run *run = create(config);
        snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
        loop(run, 1000);
        rb_run_destroy(run);
        rb_config_destroy(config);
        rb_replay_files now = list_of(directory, 1000);
        const char *newest = now.file[now.count - 1].name;
        rb_replay_files_path(path, sizeof path, directory, newest, NULL);
        checkpoint_path(list, directory, 1000, "replay_files.txt");
        checkpoint_path(checkpoint, directory, 1000, "");
        switch (kind) {
        case 0:
            assert_int_equal(unlink(path), 0);
            break;
        case 1:
            assert_int_equal(truncate(path, 100), 0);
            break;
        case 2:
            change_byte(path);
            break;
        case 3:
            change_byte(list);
            break;
        default:
            assert_int_equal(unlink(list), 0);
        }
        refuse_resume(directory, kind < 3 ? newest : "replay_files.txt");
        rb_replay_files_free(&now);
        assert_int_equal(rb_file_remove_tree(checkpoint, NULL), RB_OK);
        run = resume(directory);
        assert_int_equal(run->step, 900);
        loop(run, 1200);
        rb_run_destroy(run);
    }
}

// The list of another state: the rows would not be those of this one.
static void test_a_list_of_another_state_is_refused(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], list[RB_PATH_MAX], other[RB_PATH_MAX], *text;
    size_t bytes;
    rb_config *config = small("another");
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    loop(run, 300);
    rb_run_destroy(run);
    checkpoint_path(list, directory, 300, "replay_files.txt");
    checkpoint_path(other, directory, 200, "replay_files.txt");
    assert_int_equal(rb_file_read(other, &text, &bytes, NULL), RB_OK);
    assert_int_equal(rb_file_write(list, text, bytes, NULL), RB_OK);
    free(text);
    refuse_resume(directory, "belongs to another state");
    rb_config_destroy(config);
}

// What killed processes left is removed when the run is resumed, and nothing else is.
static void test_remains_are_removed(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX], part[RB_PATH_MAX], own[RB_PATH_MAX];
    rb_config *config = small("remains");
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    loop(run, 300);
    rb_run_destroy(run);
    const int files = files_on_disk(directory);
    rb_replay_files_path(path, sizeof path, directory, "step_000000000400_s000_0000.rbz", NULL);
    rb_replay_files_path(own, sizeof own, directory, "notes.txt", NULL);
    checkpoint_path(part, directory, 400, "");
    strcat(part, ".part");
    assert_int_equal(rb_file_write(path, "x", 1, NULL), RB_OK);
    assert_int_equal(rb_file_write(own, "x", 1, NULL), RB_OK);
    assert_int_equal(rb_file_make_directories(part, NULL), RB_OK);
    rb_run_destroy(resume(directory));
    assert_false(rb_file_exists(path));
    assert_false(rb_file_exists(part));
    assert_true(rb_file_exists(own));
    assert_int_equal(files_on_disk(directory), files + 1);
    rb_config_destroy(config);
}

// Checkpoints at any moment change nothing, not even in rings that are overwritten while they are written.
static void test_checkpoints_change_nothing(void **state)
{
    (void)state;
    rb_config *config = small("change");
    set(config, "run.max_steps", "1200");
    set(config, "env.count", "3");
    set(config, "replay.capacity", "120");
    set(config, "checkpoint.every_steps", "0");
    const uint64_t without = train(config);
    set(config, "run.name", "change-often");
    set(config, "checkpoint.every_steps", "9");
    assert_true(train(config) == without);
    rb_config_destroy(config);
}

// A state of an older version, which holds all rows itself.
static void test_an_older_state_is_resumed(void **state)
{
    (void)state;
    char directory[RB_PATH_MAX], path[RB_PATH_MAX], kernels[16] = "";
    rb_error error = {0};
    rb_visitor *v;
    rb_config *config = small("older");
    set(config, "run.max_steps", "700");
    const uint64_t straight = train(config);
    set(config, "run.name", "older-resumed");
    rb_run *run = create(config);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    loop(run, 600);
    checkpoint_path(path, directory, 600, "state.rb");
    assert_int_equal(rb_visitor_save(&v, path, &error), RB_OK);
    snprintf(kernels, sizeof kernels, "%s", rb_compute_kernels(run->compute));
    rb_run_settings_visit(run, v);
    rb_visit_open(v, "run");
    rb_visit_bytes(v, "kernels", kernels, sizeof kernels);
    rb_run_visit(run, v);
    rb_metrics_visit(run->metrics, v);
    rb_episodes_visit(run, v);
    rb_visit_close(v);
    assert_int_equal(rb_visitor_finish(v, NULL, &error), RB_OK);
    rb_run_destroy(run);
    checkpoint_path(path, directory, 600, "replay_files.txt");
    assert_int_equal(unlink(path), 0);
    rb_replay_files_path(path, sizeof path, directory, "", NULL);
    assert_int_equal(rb_file_remove_tree(path, NULL), RB_OK);
    run = resume(directory);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_true(hash_of(run) == straight);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

// Blocks of any size come back; a program without Zstandard refuses compressed ones in words.
static void test_blocks(void **state)
{
    (void)state;
    char path[RB_PATH_MAX];
    static unsigned char data[3][5000], back[5000];
    const size_t sizes[3] = {5000, 1, 4999};
    rb_blocks_writer *writer;
    rb_blocks *file;
    uint64_t bytes, hash;
    size_t got;
    rb_error error = {0};
    snprintf(path, sizeof path, "%s/blocks", root);
    for (int i = 0; i < 5000; i++) data[2][i] = (unsigned char)(i * i * 31 >> 3);
    assert_int_equal(rb_blocks_writer_create(&writer, 5000, &error), RB_OK);
    assert_int_equal(rb_blocks_begin(writer, path, &error), RB_OK);
    for (int i = 0; i < 3; i++) assert_int_equal(rb_blocks_add(writer, data[i], sizes[i], &error), RB_OK);
    assert_int_equal(rb_blocks_end(writer, &bytes, &hash, &error), RB_OK);
    rb_blocks_writer_destroy(writer);
    assert_true(!rb_blocks_compress() || bytes < 6000);
    assert_int_equal(rb_blocks_open(&file, path, bytes, hash, &error), RB_OK);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(rb_blocks_next(file, back, sizeof back, &got, &error), RB_OK);
        assert_int_equal(got, sizes[i]);
        assert_memory_equal(back, data[i], got);
    }
    assert_int_equal(rb_blocks_next(file, back, sizeof back, &got, &error), RB_OK);
    assert_int_equal(got, 0);
    rb_blocks_close(file);
    assert_int_equal(rb_blocks_open(&file, path, bytes, hash + 1, &error), RB_ERR_FORMAT);
    assert_int_equal(rb_blocks_open(&file, path, bytes - 1, hash, &error), RB_ERR_FORMAT);
    assert_int_equal(rb_blocks_open(&file, path, bytes, hash, &error), RB_OK);
    assert_int_equal(rb_blocks_next(file, back, 4000, &got, &error), RB_ERR_FORMAT);
    rb_blocks_close(file);
}

// The memory plan has room for what a checkpoint copies: its state and its weights, and the rows without
// their frames.
static void test_the_copy_is_planned(void **unused)
{
    (void)unused;
    static const char *const envs[] = {"cartpole", "minatar/breakout"};
    for (size_t i = 0; i < sizeof envs / sizeof *envs; i++) {
        rb_config *config = small(i ? "planned-pictures" : "planned");
        set(config, "run.env", envs[i]);
        if (i) set(config, "net.trunk", "minatar");
        rb_run *run = create(config);
        loop(run, 1600);
        const rb_params *p = run->params;
        const rb_env_spec *env = rb_vector_env_spec(run->envs);
        const int stack = rb_vector_stack(run->envs);
        const rb_replay_spec replay = rb_replay_spec_make(p, env, stack);
        const rb_agent_spec agent = rb_agent_spec_make(p, env, stack, rb_largest_streams(p));
        const rb_memory_plan plan = rb_memory_plan_make(p, &replay, &agent);
        char path[RB_PATH_MAX];
        struct stat state, weights;
        checkpoint_path(path, rb_run_directory(run), 1600, "state.rb");
        assert_int_equal(stat(path, &state), 0);
        checkpoint_path(path, rb_run_directory(run), 1600, "weights.safetensors");
        assert_int_equal(stat(path, &weights), 0);
        const double rows = (double)sizeof(rb_row) * (double)p->replay.capacity;
        assert_true((double)(state.st_size + weights.st_size) + rows <= plan.copy_bytes);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_new_is_written),
        cmocka_unit_test(test_resumed_runs_share_files),
        cmocka_unit_test(test_damage_is_named_and_the_state_before_remains),
        cmocka_unit_test(test_a_list_of_another_state_is_refused),
        cmocka_unit_test(test_remains_are_removed),
        cmocka_unit_test(test_checkpoints_change_nothing),
        cmocka_unit_test(test_an_older_state_is_resumed),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_the_copy_is_planned),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
