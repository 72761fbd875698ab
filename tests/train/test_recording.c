// Videos of agents, read back: each frame shows the network's output at that very frame; training with videos
// equals training without; and a clear message appears if no video can be made.
#include "train/run_fixture.h"

#include <math.h>

#include "io/csv_table.h"
#include "io/video.h"
#include "io/video_reader.h"
#include "rollout/policy.h"
#include "viewer/recording.h"
#include "train/run_state.h"
#include "viewer/view_chart.h"

static rb_config *small(void)
{
    return CONFIGURE("cartpole", "--preset=cartpole-dqn", "--run.max_steps=300", "--replay.capacity=300",
                     "--agent.start_steps=60", "--agent.batch=8", "--eval.every_steps=0", "--eval.episodes=1",
                     "--checkpoint.every_steps=0", "--net.hidden=16", "--net.mlp=16", "--compute.threads=1",
                     "--tensorboard.enabled=false");
}

static void trained(char *directory, size_t bytes) // a run's directory
{
    rb_error error = {0};
    rb_config *config = small();
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    snprintf(directory, bytes, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

#ifdef RB_HAVE_FFMPEG

static void record(const char *run, const char *file, const rb_record_options *options, rb_record_result *out)
{
    rb_error error = {0};
    if (rb_record(run, file, options, out, &error)) fail_msg("%s", error.message);
}

static int far(const uint8_t *pixel, rb_colour colour)
{
    return abs(pixel[0] - colour.red) + abs(pixel[1] - colour.green) + abs(pixel[2] - colour.blue);
}

// The pixels of a bar's row that are nearer to the bar's colour than to the track's, in a frame that went
// through the encoder.
static int length_of(const video_reader *r, rb_view_bar bar, bool taken)
{
    const int y = (int)(bar.box.y + bar.box.height / 2);
    const rb_colour colour = taken ? rb_theme_dark.chosen : rb_theme_dark.bar;
    int length = 0;
    for (int x = (int)bar.box.x; x < (int)(bar.box.x + bar.box.width); x++) {
        const uint8_t *pixel = r->rgb + 3 * (y * r->width + x);
        length += far(pixel, colour) < far(pixel, rb_theme_dark.panel);
    }
    return length;
}

// The same games, played in parallel to the video: each frame's bars are as long as the Q-values that the
// network gives for that very observation.
static void test_frames_show_the_network_at_that_frame(void **state)
{
    (void)state;
    char run[RB_PATH_MAX], file[RB_PATH_MAX];
    trained(run, sizeof run);
    snprintf(file, sizeof file, "%s/game.mp4", root);
    const rb_record_options options = {
        .episodes = 2, .most_steps = 90, .epsilon = 0, .seed = 4, .threads = 1};
    rb_record_result result;
    record(run, file, &options, &result);
    assert_string_equal(result.env, "cartpole");
    assert_int_equal(result.checkpoint_step, 300);
    assert_true(result.frames == result.steps + 30 * result.games && result.width == 1280 &&
                result.height == 720);

    rb_policy policy = {0};
    rb_error error = {0};
    if (rb_policy_open(&policy, run, 1, 1, &error)) fail_msg("%s", error.message);
    const rb_game_spec spec = {
        .params = &policy.config->params, .agent = policy.agent, .pool = policy.pool, .seed = 4};
    rb_game *game;
    rb_view *view;
    assert_int_equal(rb_game_create(&game, &spec, &error), RB_OK);
    const rb_view_spec shown = {.env = "cartpole", .env_spec = rb_game_env(game), .stack = 1, .atoms = 1};
    assert_int_equal(rb_view_create(&view, &shown, &error), RB_OK);

    video_reader reader;
    video_open(&reader, file);
    assert_true(!strcmp(reader.codec, "h264") && !strcmp(reader.pixels, "yuv420p"));
    assert_true(reader.width == 1280 && reader.height == 720 && reader.rate == 30);
    assert_true(reader.told_frames == result.frames);
    int64_t frames = 0, measured = 0, shortest = 10000, longest = 0;
    for (; video_next(&reader); frames++) {
        const rb_moment *m = rb_game_look(game);
        rb_view_draw(view, m);
        float q[2];
        int32_t action;
        rb_rng explore_rng = rb_rng_stream(1, RB_RNG_TEST, 0);
        rb_agent_act_greedy(policy.agent, m->observation, NULL, 1, 0, &explore_rng, &action, q);
        for (int a = 0; a < 2; a++) {
            const rb_view_bar bar = rb_view_bar_of(view, a);
            const double zero = rb_box_across(bar.box, bar.low, bar.high, 0);
            const double expected = fabs(rb_box_across(bar.box, bar.low, bar.high, (double)q[a]) - zero);
            const int length = length_of(&reader, bar, a == action);
            if (abs(length - (int)expected) > 4)
                fail_msg("frame %d: %d pixels for %g", (int)frames, length, (double)q[a]);
            measured++;
            if (length < shortest) shortest = length;
            if (length > longest) longest = length;
        }
        for (int i = 0; m->over && i < 29; i++, frames++) assert_true(video_next(&reader)); // the end stays
        assert_int_equal(rb_game_step(game, RB_GAME_OWN, &error), RB_OK);
        if (rb_game_now(game)->over) continue;
    }
    assert_true(frames == result.frames && measured > 20);
    assert_true(longest > shortest + 8); // and they did differ
    video_close(&reader);
    rb_view_destroy(view);
    rb_game_destroy(game);
    rb_policy_close(&policy);
}

// The checksum of every picture of a video, as decoded by the ffmpeg program; empty if that program is
// missing.
static char *decoded(const char *file)
{
    char command[RB_PATH_MAX + 80], *text = NULL;
    size_t bytes;
    snprintf(command, sizeof command, "ffmpeg -v error -i '%s' -f framemd5 - 2>/dev/null", file);
    FILE *from = popen(command, "r"), *to = open_memstream(&text, &bytes);
    assert_true(from && to);
    for (int c; (c = fgetc(from)) != EOF;) fputc(c, to);
    pclose(from);
    fclose(to);
    return text;
}

static void test_options(void **state)
{
    (void)state;
    char run[RB_PATH_MAX], file[RB_PATH_MAX], other[RB_PATH_MAX];
    trained(run, sizeof run);
    snprintf(file, sizeof file, "%s/game.mp4", root);
    snprintf(other, sizeof other, "%s/other.mp4", root);
    rb_record_result result, again;
    rb_record_options o = {
        .episodes = 3, .most_steps = 1000, .epsilon = 1, .seed = 1, .threads = 1, .plain = true};
    record(run, file, &o, &result);
    assert_true(result.games == 3 && result.frames == result.steps + 90 && isnan(result.return_cut));
    assert_true(result.return_mean == (double)result.steps / 3); // CartPole pays 1 per step
    assert_true(result.width == 600 && result.height == 400);
    record(run, other, &o, &again);
    // The same video, picture by picture; the encoder itself may use slightly different bits.
    assert_true(again.steps == result.steps && again.frames == result.frames);
    assert_true(again.return_mean == result.return_mean);
    char *pictures = decoded(file), *same = decoded(other);
    assert_string_equal(same, pictures);
    free(pictures), free(same);
    o.seed = 2;
    record(run, file, &o, &again);
    assert_true(again.steps != result.steps);
    o.most_steps = 4;
    record(run, file, &o, &result);
    assert_true(result.steps == 4 && result.frames == 4 && result.games == 0 && isnan(result.return_mean));
    assert_true(result.return_cut == 4);
}

// A custom environment without a screen, and one with.
static void test_without_a_screen(void **state)
{
    (void)state;
    static const char *const faults[] = {"no_screen", ""};
    for (int i = 0; i < 2; i++) {
        rb_config *config = small();
        set(config, "run.env", RB_TEST_OWN "/faulty.so");
        set(config, "env.options", faults[i]);
        set(config, "run.max_steps", "80");
        set(config, "run.name", i ? "with" : "without");
        rb_error error = {0};
        rb_run *run = create(config);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        char file[RB_PATH_MAX];
        snprintf(file, sizeof file, "%s/own.mp4", root);
        rb_record_result result;
        const rb_record_options o = {.episodes = 1, .most_steps = 5, .threads = 1};
        record(rb_run_directory(run), file, &o, &result);
        video_reader reader;
        video_open(&reader, file);
        assert_true(reader.told_frames == result.frames && reader.width == 1280);
        video_close(&reader);
        rb_run_destroy(run);
        rb_config_destroy(config);
    }
}

static int videos_of(const rb_run *run, int width, int height, int64_t most_frames)
{
    char directory[RB_PATH_MAX + 16], file[2 * RB_PATH_MAX], **names;
    int count;
    snprintf(directory, sizeof directory, "%s/%s", rb_run_directory(run), run->params->record.directory);
    if (!rb_file_exists(directory)) return 0;
    assert_int_equal(rb_file_list(directory, &names, &count, NULL), RB_OK);
    for (int i = 0; i < count; i++) {
        snprintf(file, sizeof file, "%s/%s", directory, names[i]);
        video_reader reader;
        video_open(&reader, file);
        assert_true(reader.width == width && reader.height == height);
        assert_true(reader.told_frames >= 1 && reader.told_frames <= most_frames);
        video_close(&reader);
    }
    rb_file_list_free(names, count);
    return count;
}

static void test_training_is_not_disturbed(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    const uint64_t before = train(config);
    set(config, "record.every_steps", "100");
    set(config, "record.steps", "12");
    set(config, "record.view", "plain");
    set(config, "run.name", "by_steps");
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(hash_of(run), before);
    assert_int_equal(videos_of(run, 600, 400, 12 + 30), 3);
    char file[2 * RB_PATH_MAX];
    snprintf(file, sizeof file, "%s/videos/step_000000000200.mp4", rb_run_directory(run));
    assert_true(rb_file_exists(file));
    rb_run_destroy(run);

    set(config, "record.every_steps", "0");
    set(config, "record.every_episodes", "5");
    set(config, "record.view", "overlay");
    set(config, "record.directory", "films");
    set(config, "run.name", "by_games");
    run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(hash_of(run), before);
    const int64_t games = rb_metrics_games(run->metrics);
    assert_true(games >= 10);
    assert_int_equal(videos_of(run, 1280, 720, 12 + 30), games / 5);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static rb_csv_table *evaluations_of(const rb_run *run)
{
    char path[2 * RB_PATH_MAX];
    rb_csv_table *table;
    snprintf(path, sizeof path, "%s/eval.csv", rb_run_directory(run));
    assert_int_equal(rb_csv_table_read(&table, path, NULL), RB_OK);
    return table;
}

// An evaluation at the time of a video is what the video shows: it is as long as the evaluation's game, whose
// return in CartPole is its length. Neither changes the other, nor the training.
static void test_the_tested_game_is_the_video(void **state)
{
    (void)state;
    rb_config *config = small();
    rb_error error = {0};
    set(config, "eval.every_steps", "100");
    set(config, "eval.epsilon", "0.5");
    set(config, "run.name", "no_video");
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const uint64_t before = hash_of(run);
    rb_csv_table *without = evaluations_of(run);
    rb_run_destroy(run);

    static const char *const limits[] = {"1500", "4"};
    for (int cut = 0; cut < 2; cut++) {
        set(config, "record.every_steps", "100");
        set(config, "record.fps", "10");
        set(config, "record.view", "pixels");
        set(config, "record.steps", limits[cut]);
        set(config, "run.name", cut ? "cut" : "video");
        run = create(config);
        if (rb_run_train(run, &error)) fail_msg("%s", error.message);
        assert_int_equal(hash_of(run), before);
        rb_csv_table *with = evaluations_of(run);
        assert_int_equal(rb_csv_table_rows(with), 3);
        for (int i = 0; i < 3; i++) {
            const double length = rb_csv_table_column(with, "mean")[i];
            assert_true(length == rb_csv_table_column(without, "mean")[i]);
            char file[2 * RB_PATH_MAX];
            snprintf(file, sizeof file, "%s/videos/step_%012d.mp4", rb_run_directory(run), 100 * (i + 1));
            video_reader reader;
            video_open(&reader, file);
            assert_true(reader.rate == 10 && reader.width == 600 && reader.height == 400);
            assert_true(reader.told_frames == (cut ? 4 : (int64_t)length + 10)); // its end stays for a second
            video_close(&reader);
        }
        rb_csv_table_free(with);
        rb_run_destroy(run);
    }
    rb_csv_table_free(without);
    rb_config_destroy(config);
}

// The screen's own pixels, for a screen that `plain` enlarges.
static void test_pixels_are_not_enlarged(void **state)
{
    (void)state;
    rb_config *config = CONFIGURE("minatar/breakout", "--preset=minatar-dqn", "--run.max_steps=60",
                                  "--replay.capacity=200", "--agent.start_steps=50", "--eval.enabled=false",
                                  "--checkpoint.every_steps=0", "--net.hidden=16", "--compute.threads=1",
                                  "--record.every_steps=30", "--record.steps=3", "--record.view=pixels");
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    const rb_env_spec *env = rb_vector_env_spec(run->envs);
    assert_int_equal(videos_of(run, env->screen_width, env->screen_height, 3 + 30), 2);
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static char told[1200];
static void hear(void *context, bool warning, const char *text)
{
    (void)context;
    if (warning) snprintf(told, sizeof told, "%s", text);
}

// A video that can't be made is reported, and training continues.
static void test_failure_while_training(void **state)
{
    (void)state;
    rb_config *config = small();
    const uint64_t before = train(config);
    set(config, "record.every_steps", "200");
    set(config, "run.name", "obstacle");
    rb_error error = {0};
    const rb_run_hooks hooks = {.message = hear};
    rb_run *run;
    if (rb_run_create(&run, config, &hooks, &error)) fail_msg("%s", error.message);
    char path[2 * RB_PATH_MAX];
    snprintf(path, sizeof path, "%s/videos", rb_run_directory(run));
    assert_int_equal(rb_file_write(path, "in the way", 10, NULL), RB_OK);
    told[0] = 0;
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    assert_int_equal(hash_of(run), before);
    assert_non_null(strstr(told, "step 200: no video: "));
    rb_run_destroy(run);
    rb_config_destroy(config);
}

static void test_told_to_stop(void **state)
{
    (void)state;
    char run[RB_PATH_MAX], file[RB_PATH_MAX];
    trained(run, sizeof run);
    snprintf(file, sizeof file, "%s/stopped.mp4", root);
    rb_policy policy = {0};
    rb_error error = {0};
    if (rb_policy_open(&policy, run, 1, 1, &error)) fail_msg("%s", error.message);
    const volatile sig_atomic_t stop = 1;
    const rb_recording recording = {
        .game = {.params = &policy.config->params, .agent = policy.agent, .pool = policy.pool, .stop = &stop},
        .episodes = 1,
        .most_steps = 10,
        .frames_per_second = 30};
    rb_record_result result;
    assert_int_equal(rb_recording_make(&recording, file, &result, &error), RB_INTERRUPTED);
    assert_false(rb_file_exists(file));
    snprintf(file, sizeof file, "%s/stopped.mp4.part", root);
    assert_false(rb_file_exists(file));
    rb_policy_close(&policy);
}

#endif

static void refused(const char *run, const char *file, const rb_record_options *o, rb_status expected,
                    const char *sentence)
{
    rb_error error = {0};
    rb_record_result result;
    assert_int_equal(rb_record(run, file, o, &result, &error), expected);
    if (!strstr(error.message, sentence)) fail_msg("\"%s\" does not say \"%s\"", error.message, sentence);
}

static void test_bad_input(void **state)
{
    (void)state;
    char run[RB_PATH_MAX], file[RB_PATH_MAX], nowhere[RB_PATH_MAX];
    trained(run, sizeof run);
    snprintf(file, sizeof file, "%s/bad.mp4", root);
    snprintf(nowhere, sizeof nowhere, "%s/nowhere/bad.mp4", root);
    const rb_record_options good = {.episodes = 1, .most_steps = 5, .threads = 1};
    refused(run, "bad.mkv", &good, RB_ERR_USAGE, "bad.mkv: a video's name must end in .mp4");
    refused(run, file, &(rb_record_options){.most_steps = 5}, RB_ERR_USAGE, "0 games");
#ifdef RB_HAVE_FFMPEG
    refused("/nowhere", file, &good, RB_ERR_FILE, "/nowhere: there is no such run");
    refused(root, file, &good, RB_ERR_FORMAT, "neither a run's directory nor a checkpoint");
    refused(run, nowhere, &good, RB_ERR_FILE, "nowhere/bad.mp4: can't be written");
#else
    refused(run, file, &good, RB_ERR_MISSING, "libavformat-dev");
    rb_config *config = small();
    set(config, "record.every_steps", "100");
    rb_error error = {0};
    rb_run *never;
    assert_int_equal(rb_run_create(&never, config, NULL, &error), RB_ERR_MISSING);
    assert_non_null(strstr(error.message, "record.every_steps = 100: this program was built without"));
    rb_config_destroy(config);
#endif
    assert_false(rb_file_exists(file));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef RB_HAVE_FFMPEG
        cmocka_unit_test(test_frames_show_the_network_at_that_frame),
        cmocka_unit_test(test_options),
        cmocka_unit_test(test_without_a_screen),
        cmocka_unit_test(test_training_is_not_disturbed),
        cmocka_unit_test(test_the_tested_game_is_the_video),
        cmocka_unit_test(test_pixels_are_not_enlarged),
        cmocka_unit_test(test_failure_while_training),
        cmocka_unit_test(test_told_to_stop),
#endif
        cmocka_unit_test(test_bad_input),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
