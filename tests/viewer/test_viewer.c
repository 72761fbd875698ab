// Time and keys of a window's show, without a window: a show that only counts.
#include "train/run_fixture.h"

#include <math.h>

#include "io/picture.h"
#include "viewer/viewer.h"
#include "viewer/view.h"

typedef struct counter {
    rb_viewer viewer;
    rb_canvas canvas;
    int steps, keys, glances, last_key;
    bool waits;
} counter;

static rb_status count_step(void *context, rb_error *error)
{
    (void)error;
    counter *c = context;
    if (c->waits)
        c->viewer.waits = true;
    else
        c->steps++;
    return RB_OK;
}

static const rb_canvas *draw(void *context)
{
    counter *c = context;
    rb_canvas_clear(&c->canvas, (rb_colour){10, 20, 30});
    return &c->canvas;
}

static void key(void *context, int pressed, bool down, bool again)
{
    counter *c = context;
    c->keys += down && !again;
    c->last_key = pressed;
}

static void glance(void *context)
{
    ((counter *)context)->glances++;
}

static const rb_help_line lines[] = {{"X", "what X does"}, {NULL, NULL}};
static const rb_viewer_class class = {
    .step = count_step, .draw = draw, .key = key, .glance = glance, .help = "Help", .lines = lines};

static counter *begin(double rate)
{
    rb_error error = {0};
    counter *c = calloc(1, sizeof *c);
    assert_int_equal(rb_canvas_create(&c->canvas, 1280, 720, &error), RB_OK);
    if (rb_viewer_begin(&c->viewer, &class, c, "minatar/Some Game", rate, &error))
        fail_msg("%s", error.message);
    assert_int_equal(rb_viewer_tick(&c->viewer, 100, NULL), RB_OK); // the clock may begin anywhere
    c->steps = 0;
    return c;
}

static void end(counter *c)
{
    rb_viewer_end(&c->viewer);
    rb_canvas_destroy(&c->canvas);
    free(c);
}

static void press(counter *c, int pressed)
{
    rb_viewer_key(&c->viewer, pressed, true, false);
    rb_viewer_key(&c->viewer, pressed, false, false);
}

// The steps in one second of the show's time, polled sixty-four times.
static int second(counter *c)
{
    const int before = c->steps;
    for (int i = 0; i < 64; i++)
        assert_int_equal(rb_viewer_tick(&c->viewer, c->viewer.now + 1.0 / 64, NULL), RB_OK);
    return c->steps - before;
}

static void test_real_time(void **state)
{
    (void)state;
    counter *c = begin(16);
    assert_int_equal(second(c), 16);
    press(c, '+');
    assert_int_equal(second(c), 32);
    press(c, '=');
    assert_true(rb_viewer_speed(&c->viewer) == 4);
    assert_int_equal(second(c), 64);
    press(c, RB_KEY_HOME);
    assert_int_equal(second(c), 16);
    press(c, '-');
    press(c, '-');
    assert_int_equal(second(c), 4);
    for (int i = 0; i < 30; i++) press(c, '-');
    assert_true(rb_viewer_speed(&c->viewer) == 1.0 / 32);
    for (int i = 0; i < 30; i++) press(c, '+');
    assert_true(rb_viewer_speed(&c->viewer) == 64);
    press(c, RB_KEY_HOME);
    assert_true(rb_viewer_tick(&c->viewer, c->viewer.now + 60, NULL) ==
                RB_OK); // the machine slept: the steps are not made up for
    assert_in_range(c->steps, 100, 100000);
    const int before = c->steps;
    rb_viewer_tick(&c->viewer, c->viewer.now + 60, NULL);
    assert_in_range(c->steps - before, 1, 2);
    assert_in_range(c->glances, 4, 12); // once every 2 of about 8 seconds, and after the sleep
    end(c);
}

static void test_as_fast_as_it_goes(void **state)
{
    (void)state;
    counter *c = begin(1);
    press(c, 'm');
    assert_true(isinf(rb_viewer_speed(&c->viewer)));
    rb_viewer_tick(&c->viewer, c->viewer.now + 0.001, NULL);
    assert_true(c->steps > 100); // until a sixtieth of a second has passed
    press(c, 'm');
    assert_true(rb_viewer_speed(&c->viewer) == 1);
    end(c);
}

static void test_pause_and_single_steps(void **state)
{
    (void)state;
    counter *c = begin(16);
    press(c, RB_KEY_SPACE);
    assert_true(c->viewer.paused);
    assert_int_equal(second(c), 0);
    press(c, '.');
    assert_int_equal(second(c), 1);
    press(c, '.');
    press(c, '.');
    assert_int_equal(second(c), 2);
    press(c, 'p');
    assert_int_equal(second(c), 16);
    press(c, '.'); // pauses first
    assert_true(c->viewer.paused);
    assert_int_equal(second(c), 1);
    press(c, 'p');
    c->viewer.typing = true; // the game has the space bar now
    press(c, RB_KEY_SPACE);
    assert_false(c->viewer.paused);
    assert_int_equal(c->last_key, RB_KEY_SPACE);
    assert_int_equal(second(c), 16);
    press(c, 'h'); // nothing moves while the help is shown
    assert_true(c->viewer.help);
    assert_int_equal(second(c), 0);
    press(c, RB_KEY_ESCAPE);
    assert_false(c->viewer.help || c->viewer.quit);
    assert_int_equal(second(c), 16);
    rb_viewer_key(&c->viewer, 'p', true, false);
    rb_viewer_key(&c->viewer, 'p', true, true); // a repeated key counts once
    assert_true(c->viewer.paused);
    end(c);
}

static void test_waiting(void **state)
{
    (void)state;
    counter *c = begin(1);
    c->waits = true;
    assert_int_equal(second(c), 0);
    assert_int_equal(second(c), 0);
    c->waits = false;
    rb_viewer_tick(&c->viewer, c->viewer.now + 0.001, NULL); // at once, and no more than one
    assert_int_equal(c->steps, 1);
    rb_viewer_tick(&c->viewer, c->viewer.now + 0.001, NULL);
    assert_int_equal(c->steps, 1);
    end(c);
}

static bool is_dark(const counter *c, int x, int y)
{
    const uint8_t *p = c->canvas.rgb + 3 * (1280 * (size_t)y + (size_t)x);
    return p[0] == 10 && p[1] == 20 && p[2] == 30;
}

static int changed_pixels(const counter *c, rb_box box)
{
    int count = 0;
    for (int y = (int)box.y; y < (int)(box.y + box.height); y++)
        for (int x = (int)box.x; x < (int)(box.x + box.width); x++) count += !is_dark(c, x, y);
    return count;
}

static void test_what_is_laid_over(void **state)
{
    (void)state;
    counter *c = begin(16);
    rb_viewer_draw(&c->viewer);
    assert_false(c->viewer.changed);
    assert_int_equal(changed_pixels(c, rb_view_left), 0); // the game is not covered
    const int plain = changed_pixels(c, (rb_box){0, 0, 1280, 66});
    press(c, 'p');
    rb_viewer_draw(&c->viewer);
    assert_true(changed_pixels(c, (rb_box){0, 0, 1280, 66}) > plain + 300);
    press(c, 'h');
    rb_viewer_draw(&c->viewer);
    assert_int_equal(changed_pixels(c, rb_view_left), (int)(rb_view_left.width * rb_view_left.height));
    press(c, 'h');
    rb_viewer_say(&c->viewer, "something");
    rb_viewer_draw(&c->viewer);
    assert_in_range(changed_pixels(c, rb_view_left), 2000, 20000);
    for (int i = 0; i < 4; i++) second(c);
    rb_viewer_draw(&c->viewer);
    assert_int_equal(changed_pixels(c, rb_view_left), 0); // it has gone
    press(c, 'x');
    assert_true(c->last_key == 'x' && c->keys == 1);
    press(c, 'f');
    assert_true(c->viewer.toggled_full);
    press(c, 'q');
    assert_true(c->viewer.quit);
    end(c);
}

static void test_screenshots(void **state)
{
    (void)state;
    char here[1024];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(root), 0);
    counter *c = begin(16);
    press(c, 's');
    press(c, RB_KEY_SHOT);
    assert_int_equal(rb_file_exists("some-game-1.png"), rb_picture_available());
    assert_int_equal(rb_file_exists("some-game-2.png"), rb_picture_available());
    assert_non_null(
        strstr(c->viewer.notice, rb_picture_available() ? "screenshot: some-game-2.png" : "libpng"));
    end(c);
    assert_int_equal(chdir(here), 0);
}

static void test_rates(void **state)
{
    (void)state;
    assert_true(rb_viewer_rate("atari/breakout", 4) == 15);
    assert_true(rb_viewer_rate("ALE/Breakout-v5", 4) == 15);
    assert_true(rb_viewer_rate("atari/breakout", 0) == 60);
    assert_true(rb_viewer_rate("CartPole-v1", 1) == 50);
    assert_true(rb_viewer_rate("cartpole", 2) == 25);
    assert_true(rb_viewer_rate("gridworld", 1) == 4);
    assert_true(rb_viewer_rate("gym/Something-v0", 0) == 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_real_time),
        cmocka_unit_test(test_as_fast_as_it_goes),
        cmocka_unit_test(test_pause_and_single_steps),
        cmocka_unit_test(test_waiting),
        cmocka_unit_test(test_what_is_laid_over),
        cmocka_unit_test(test_screenshots),
        cmocka_unit_test(test_rates),
    };
    return cmocka_run_group_tests(tests, make_root, drop_root);
}
