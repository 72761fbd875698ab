// The picture of a moment, checked pixel by pixel: the game's screen, the frames the network sees, and the
// length of each bar.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <math.h>

#include "sanitized.h"
#include "viewer/view.h"
#include "viewer/view_chart.h"

enum { SEEN_X = 890, SEEN_Y = 146 };

static const char *const names[] = {"NOOP",       "FIRE",          "UP",          "RIGHT",     "LEFT",
                                    "DOWN",       "UPRIGHT",       "UPLEFT",      "DOWNRIGHT", "DOWNLEFT",
                                    "UPFIRE",     "RIGHTFIRE",     "LEFTFIRE",    "DOWNFIRE",  "UPRIGHTFIRE",
                                    "UPLEFTFIRE", "DOWNRIGHTFIRE", "DOWNLEFTFIRE"};

typedef struct scene {
    rb_env_spec env;
    rb_view_spec spec;
    rb_view *view;
    uint8_t *screen, *frames;
    float q[64], probabilities[64 * 64], support[64], quantiles[64 * 64];
    rb_moment moment;
} scene;

static void open(scene *s) // uses env, stack and atoms
{
    rb_error error = {0};
    s->spec.env_spec = &s->env;
    if (!s->spec.env) s->spec.env = "atari/breakout";
    if (!s->spec.stack) s->spec.stack = 1;
    if (!s->spec.atoms) s->spec.atoms = 1;
    for (int z = 0; z < s->spec.atoms; z++)
        s->support[z] = -10 + 20.0F * (float)z / (float)(s->spec.atoms - 1);
    if (s->spec.atoms > 1) s->spec.support = s->support;
    if (rb_view_create(&s->view, &s->spec, &error)) fail_msg("%s", error.message);
    const size_t screen = 3 * (size_t)s->env.screen_height * (size_t)s->env.screen_width;
    const size_t bytes =
        4 * (size_t)s->spec.stack * (size_t)s->env.channels * (size_t)s->env.height * (size_t)s->env.width;
    s->screen = malloc(screen + 1), s->frames = calloc(1, bytes);
    for (size_t i = 0; i < screen; i++) s->screen[i] = (uint8_t)(rand() >> 7);
    for (size_t i = 0; i < bytes && s->env.kind == RB_OBS_U8; i++) s->frames[i] = (uint8_t)(rand() >> 7);
    s->moment.screen = screen ? s->screen : NULL;
    s->moment.observation = s->frames;
    s->moment.q = s->q;
    if (s->spec.atoms > 1) s->moment.probabilities = s->probabilities;
    if (s->spec.quantiles) s->moment.quantiles = s->quantiles;
    s->moment.game = 1;
}

static void close_scene(scene *s)
{
    rb_view_destroy(s->view);
    free(s->screen), free(s->frames);
}

static scene atari(int actions)
{
    return (scene){.env = {.kind = RB_OBS_U8,
                           .channels = 1,
                           .height = 84,
                           .width = 84,
                           .actions = actions,
                           .action_names = actions <= 18 ? names : NULL,
                           .screen_height = 210,
                           .screen_width = 160},
                   .spec = {.stack = 4, .caption = "after 400,000 steps", .epsilon = 0.05}};
}

static const uint8_t *pixel(const scene *s, int x, int y)
{
    const rb_canvas *c = rb_view_canvas(s->view);
    return c->rgb + 3 * ((size_t)y * (size_t)c->width + (size_t)x);
}

static bool is(const scene *s, int x, int y, rb_colour colour)
{
    const uint8_t *p = pixel(s, x, y);
    return p[0] == colour.red && p[1] == colour.green && p[2] == colour.blue;
}

// A 4:3 television: the console's pixels are 5.25 wide and 3 high.
static void test_screen_in_its_shape(void **state)
{
    (void)state;
    for (int kind = RB_VIEW_OVERLAY; kind <= RB_VIEW_PLAIN; kind++) {
        scene s = atari(4);
        s.spec.kind = kind;
        open(&s);
        rb_view_draw(s.view, &s.moment);
        const int left = kind == RB_VIEW_PLAIN ? 0 : 24, top = kind == RB_VIEW_PLAIN ? 0 : 66;
        if (kind == RB_VIEW_PLAIN) assert_int_equal(rb_view_canvas(s.view)->width, 840);
        if (kind == RB_VIEW_PLAIN) assert_int_equal(rb_view_canvas(s.view)->height, 630);
        if (kind == RB_VIEW_OVERLAY) assert_int_equal(rb_view_canvas(s.view)->width, 1280);
        if (kind == RB_VIEW_OVERLAY) assert_int_equal(rb_view_canvas(s.view)->height, 720);
        for (int y = 0; y < 210; y++)
            for (int x = 0; x < 160; x++)
                assert_memory_equal(pixel(&s, left + (21 * x + 10) / 4, top + 3 * y + 1),
                                    s.screen + 3 * (160 * y + x), 3);
        close_scene(&s);
    }
}

static void test_frames_as_the_network_sees_them(void **state)
{
    (void)state;
    scene s = atari(4);
    open(&s);
    rb_view_draw(s.view, &s.moment);
    for (int k = 0; k < 4; k++)
        for (int i = 0; i < 84 * 84; i++) {
            const uint8_t grey = s.frames[84 * 84 * k + i];
            assert_true(is(&s, SEEN_X + 94 * k + i % 84, SEEN_Y + i / 84, (rb_colour){grey, grey, grey}));
        }
    close_scene(&s);
    // Differences of colours as floats: mid grey means no difference (at twice the size).
    scene d = {.env = {.kind = RB_OBS_F32, .channels = 3, .height = 40, .width = 90, .actions = 2}};
    open(&d);
    float *frame = (float *)d.frames;
    frame[0] = 1, frame[3600] = -1, frame[7200] = 0.5F;
    rb_view_draw(d.view, &d.moment);
    assert_memory_equal(pixel(&d, SEEN_X, SEEN_Y), ((uint8_t[]){255, 0, 191}), 3);
    assert_memory_equal(pixel(&d, SEEN_X + 100, SEEN_Y + 50), ((uint8_t[]){128, 128, 128}), 3);
    close_scene(&d);
}

// The pixels of a bar's row that differ from the empty track: first and last + 1.
static void measure(const scene *s, rb_view_bar bar, int *from, int *to)
{
    const int y = (int)(bar.box.y + bar.box.height / 2), end = (int)(bar.box.x + bar.box.width);
    *from = *to = -1;
    for (int x = (int)bar.box.x; x < end; x++) {
        if (is(s, x, y, rb_theme_dark.panel)) continue;
        if (*from < 0) *from = x;
        *to = x + 1;
    }
}

static void test_bars_are_as_long_as_their_values(void **state)
{
    (void)state;
    for (int actions = 1; actions <= 18; actions += SANITIZED ? 4 : 1) {
        scene s = atari(actions);
        open(&s);
        for (int step = 0; step < 6; step++) {
            for (int a = 0; a < actions; a++)
                s.q[a] = (float)(rand() % 2000 - (step < 3 ? 0 : 1000)) / (step % 2 ? 170.0F : 1700.0F);
            s.moment.action = s.moment.greedy = step % actions;
            s.moment.step = step;
            rb_view_draw(s.view, &s.moment);
            double low = 0, high = 0;
            for (int a = 0; a < actions; a++) {
                const rb_view_bar bar = rb_view_bar_of(s.view, a);
                if (a) assert_true(bar.low == low && bar.high == high); // one scale for all
                low = bar.low, high = bar.high;
                assert_true(low <= 0 && high > 0 && (double)s.q[a] >= low && (double)s.q[a] <= high);
                const double zero = rb_box_across(bar.box, low, high, 0);
                const double end = rb_box_across(bar.box, low, high, (double)s.q[a]);
                int from, to;
                measure(&s, bar, &from, &to);
                const double left = end < zero ? end : zero, right = end < zero ? zero : end;
                if (right - left < 6) continue;
                assert_true(fabs(from - left) < 1.6 && fabs(to - right) < 1.6);
                const rb_colour expected = a == s.moment.action ? rb_theme_dark.chosen : rb_theme_dark.bar;
                assert_true(
                    is(&s, (int)((left + right) / 2), (int)(bar.box.y + bar.box.height / 2), expected));
            }
        }
        s.moment.random = true; // a random action has its own colour
        s.moment.step++;
        s.q[s.moment.action] = 5;
        rb_view_draw(s.view, &s.moment);
        const rb_view_bar bar = rb_view_bar_of(s.view, s.moment.action);
        const double middle = rb_box_across(bar.box, bar.low, bar.high, 2.5);
        assert_true(is(&s, (int)middle, (int)(bar.box.y + bar.box.height / 2), rb_theme_dark.chance));
        close_scene(&s);
    }
}

// With atoms: columns as high as the probabilities, and a mark at the mean.
static void test_distributions(void **state)
{
    (void)state;
    scene s = atari(4);
    s.spec.atoms = 51;
    open(&s);
    for (int a = 0; a < 4; a++) {
        double mean = 0;
        for (int z = 0; z < 51; z++) {
            const float p = z == 20 + a ? 0.6F : z == 30 ? 0.3F : z == 38 ? 0.1F : 0;
            s.probabilities[51 * a + z] = p;
            mean += (double)p * (double)s.support[z];
        }
        s.q[a] = (float)mean;
    }
    s.moment.action = s.moment.greedy = 3;
    rb_view_draw(s.view, &s.moment);
    for (int a = 0; a < 4; a++) {
        const rb_view_bar bar = rb_view_bar_of(s.view, a);
        const rb_colour colour = a == 3 ? rb_theme_dark.chosen : rb_theme_dark.bar;
        for (int z = 20; z <= 38; z++) { // what is shown: atoms 20 to 38
            const int x = (int)rb_box_across(bar.box, bar.low, bar.high, (double)s.support[z]);
            int high = 0;
            for (int y = 0; y < (int)bar.box.height; y++) high += is(&s, x, (int)bar.box.y + y, colour);
            const double expected = (double)s.probabilities[51 * a + z] / 0.6 * bar.box.height;
            assert_true(fabs(high - expected) <= 1.5);
        }
        const int mean = (int)rb_box_across(bar.box, bar.low, bar.high, (double)s.q[a]);
        assert_true(is(&s, mean, (int)bar.box.y + 1, rb_theme_dark.text));
        assert_true(bar.low > -2.5 && bar.low < -2 && bar.high > 5.2 && bar.high < 5.8);
    }
    close_scene(&s);
}

// With quantiles: columns as high as their share in each part of the range, and a mark at the mean.
static void test_quantiles(void **state)
{
    (void)state;
    enum { N = 20 };
    scene s = atari(4);
    s.spec.quantiles = N;
    open(&s);
    for (int a = 0; a < 4; a++) {
        for (int j = 0; j < N; j++)
            s.quantiles[N * a + j] = j < 5 ? -8.5F : (float)a + (j < 10 ? 1.5F : 5.5F);
        s.q[a] = (float)a + (5 * (-8.5F - (float)a) + 5 * 1.5F + 10 * 5.5F) / N;
    }
    s.moment.action = s.moment.greedy = 2;
    rb_view_draw(s.view, &s.moment);
    for (int a = 0; a < 4; a++) {
        const rb_view_bar bar = rb_view_bar_of(s.view, a);
        assert_true(bar.low == -10 && bar.high == 10);
        const rb_colour colour = a == 2 ? rb_theme_dark.chosen : rb_theme_dark.bar;
        const double places[] = {-8.5, a + 1.5, a + 5.5, -4}, shares[] = {0.25, 0.25, 0.5, 0};
        for (int i = 0; i < 4; i++) {
            const int x =
                (int)rb_box_across(bar.box, bar.low, bar.high, places[i]); // in the middle of a part
            int high = 0;
            for (int y = 0; y < (int)bar.box.height; y++) high += is(&s, x, (int)bar.box.y + y, colour);
            assert_true(fabs(high - shares[i] / 0.5 * bar.box.height) <= 1.5);
        }
        const int mean = (int)rb_box_across(bar.box, bar.low, bar.high, (double)s.q[a]);
        assert_true(is(&s, mean, (int)bar.box.y + 1, rb_theme_dark.text));
    }
    close_scene(&s);
}

// The scale shows what a moment needs at once, and gives up what no recent moment needs.
static void test_scales_of_distributions_follow(void **state)
{
    (void)state;
    if (SANITIZED) skip(); // 300 pictures more
    scene s = atari(3);
    s.spec.atoms = 51;
    open(&s);
    double width[3] = {0}; // of an agent that knows nothing, of the same after some moments, and after many
    for (int step = 0; step < RB_TRACE_STEPS + 5; step++) {
        for (int i = 0; i < 3 * 51; i++) s.probabilities[i] = step ? (i % 51 == 25) : 1.F / 51;
        s.moment.step = step;
        rb_view_draw(s.view, &s.moment);
        const rb_view_bar bar = rb_view_bar_of(s.view, 0);
        if (!step) width[0] = bar.high - bar.low;
        if (step == 100) width[1] = bar.high - bar.low;
        width[2] = bar.high - bar.low;
    }
    assert_true(width[0] > 20 && width[1] == width[0]);
    assert_true(width[2] < 5);
    for (int i = 0; i < 3; i++) s.probabilities[51 * i + 25] = 0.9F, s.probabilities[51 * i + 50] = 0.1F;
    s.moment.step++;
    rb_view_draw(s.view, &s.moment);
    assert_true(rb_view_bar_of(s.view, 0).high > 10); // at once
    close_scene(&s);
}

static void test_scales_of_values_follow(void **state)
{
    (void)state;
    scene s = atari(3);
    open(&s);
    for (int step = 0; step < RB_TRACE_STEPS + 5; step++) {
        s.q[1] = step ? 4 : 900;
        s.moment.step = step;
        rb_view_draw(s.view, &s.moment);
        if (step == 100) assert_true(rb_view_bar_of(s.view, 1).high == 1000);
    }
    assert_true(rb_view_bar_of(s.view, 1).high == 5);
    close_scene(&s);
}

// A forbidden action has no bar and does not widen the scale; its distribution is grey; its name is struck
// through.
static void test_forbidden_actions(void **state)
{
    (void)state;
    const uint8_t allowed[4] = {1, 0, 1, 0};
    scene s = atari(4), d = atari(4);
    open(&s);
    for (int a = 0; a < 4; a++) s.q[a] = a == 3 ? 1000 : 1 + (float)a;
    s.moment.allowed = allowed;
    s.moment.action = s.moment.greedy = 2;
    rb_view_draw(s.view, &s.moment);
    for (int a = 0; a < 4; a++) {
        const rb_view_bar bar = rb_view_bar_of(s.view, a);
        const double middle = rb_box_across(bar.box, bar.low, bar.high, 0.5);
        const int y = (int)(bar.box.y + bar.box.height / 2);
        assert_true(bar.high < 100);
        assert_true(is(&s, (int)middle, y,
                       a == 2       ? rb_theme_dark.chosen
                       : allowed[a] ? rb_theme_dark.bar
                                    : rb_theme_dark.panel));
        int struck = 0; // pixels of one row of the name that are all in the strike's colour
        for (int x = SEEN_X + 12; x < SEEN_X + 30; x++) struck += is(&s, x, y, rb_theme_dark.faint);
        assert_int_equal(struck >= 15, !allowed[a]);
    }
    close_scene(&s);

    d.spec.atoms = 51;
    open(&d);
    for (int a = 0; a < 4; a++) d.probabilities[51 * a + 30] = 1, d.q[a] = d.support[30];
    d.moment.allowed = allowed;
    d.moment.action = 2;
    rb_view_draw(d.view, &d.moment);
    for (int a = 0; a < 4; a++) {
        const rb_view_bar bar = rb_view_bar_of(d.view, a);
        const int x = (int)rb_box_across(bar.box, bar.low, bar.high, (double)d.support[30]) + 6;
        assert_true(is(&d, x, (int)(bar.box.y + bar.box.height / 2),
                       a == 2       ? rb_theme_dark.chosen
                       : allowed[a] ? rb_theme_dark.bar
                                    : rb_theme_dark.line));
    }
    close_scene(&d);
}

static void test_trace(void **state)
{
    (void)state;
    rb_trace trace = {.count = 0};
    for (int i = 0; i < RB_TRACE_STEPS + 40; i++) rb_trace_add(&trace, (float)i);
    assert_int_equal(trace.count, RB_TRACE_STEPS);
    assert_true(trace.values[0] == 40 && trace.values[RB_TRACE_STEPS - 1] == RB_TRACE_STEPS + 39);

    scene s = atari(4);
    open(&s);
    rb_canvas once;
    assert_int_equal(rb_canvas_create(&once, 1280, 720, NULL), RB_OK);
    for (int step = 0; step < 120; step++) { // drawing the same moment again gives the same picture
        s.moment.step = step;
        s.moment.reward = step % 50 == 7;
        s.q[0] = sinf((float)step / 20);
        rb_view_draw(s.view, &s.moment);
        if (step % 50 != 8) continue;
        const size_t bytes = (size_t)3 * 1280 * 720;
        if (step > 8) assert_memory_not_equal(once.rgb, rb_view_canvas(s.view)->rgb, bytes);
        memcpy(once.rgb, rb_view_canvas(s.view)->rgb, bytes);
        rb_view_draw(s.view, &s.moment);
        assert_memory_equal(once.rgb, rb_view_canvas(s.view)->rgb, bytes);
    }
    rb_canvas_destroy(&once);
    close_scene(&s);
}

// The rows of an empty canvas that the trace of these two alternating values covers.
static int rows_of_trace(float one, float other, float reward)
{
    rb_trace trace = {.count = 0};
    rb_theme theme;
    rb_canvas canvas;
    int first = 720, last = -1;
    assert_int_equal(rb_theme_create(&theme, NULL), RB_OK);
    assert_int_equal(rb_canvas_create(&canvas, 480, 220, NULL), RB_OK);
    for (int i = 0; i < RB_TRACE_STEPS; i++) rb_trace_add(&trace, i / 20 % 2 ? one : other);
    trace.rewards[7] = reward;
    rb_view_trace(&canvas, &theme, (rb_box){0, 0, 480, 218}, &trace);
    for (int i = 0; i < 480 * 200; i++) {
        const uint8_t *p = canvas.rgb + 3 * i;
        if (memcmp(p, &theme.chosen, 3)) continue;
        if (i / 480 < first) first = i / 480;
        last = i / 480;
    }
    rb_canvas_destroy(&canvas);
    rb_theme_destroy(&theme);
    return last - first + 1;
}

// An agent that has learned nothing has values that differ by a few hundredths: its trace is flat, and its
// bars are short. Differences of the size of a reward fill the axis, also if rewards are small.
static void test_noise_is_not_enlarged(void **state)
{
    (void)state;
    assert_in_range(rows_of_trace(0.003F, 0.006F, 0), 1, 8);
    assert_in_range(rows_of_trace(0.05F, 0.12F, 1), 1, 40);
    assert_in_range(rows_of_trace(50.1F, 50.2F, 1), 1, 24);
    assert_in_range(rows_of_trace(3, 4, 1), 100, 200);
    assert_in_range(rows_of_trace(0.003F, 0.006F, 0.01F), 60, 200);
    scene s = atari(4);
    open(&s);
    for (int a = 0; a < 4; a++) s.q[a] = 0.002F * (float)a;
    rb_view_draw(s.view, &s.moment);
    const rb_view_bar bar = rb_view_bar_of(s.view, 3);
    assert_true(bar.low == 0 && bar.high == 0.5);
    close_scene(&s);
}

// A reward at each step: the dots of good and bad ones share no row, so none covers another's kind.
static void test_dense_rewards(void **state)
{
    (void)state;
    rb_trace trace = {.count = 0};
    rb_theme theme;
    rb_canvas canvas;
    assert_int_equal(rb_theme_create(&theme, NULL), RB_OK);
    assert_int_equal(rb_canvas_create(&canvas, 480, 230, NULL), RB_OK);
    for (int i = 0; i < RB_TRACE_STEPS; i++) {
        rb_trace_add(&trace, 1);
        trace.rewards[i] = i % 2 ? 1 : -1;
    }
    rb_view_trace(&canvas, &theme, (rb_box){10, 0, 460, 218}, &trace);
    int good = 0, bad = 0;
    for (int y = 0; y < canvas.height; y++) {
        int good_here = 0, bad_here = 0;
        for (int x = 0; x < canvas.width; x++) {
            const uint8_t *p = canvas.rgb + 3 * (y * canvas.width + x);
            good_here += !memcmp(p, &theme.good, 3);
            bad_here += !memcmp(p, &theme.bad, 3);
        }
        assert_true(!good_here || !bad_here);
        good += good_here > 300, bad += bad_here > 300;
    }
    assert_true(good >= 3 && bad >= 3);
    rb_canvas_destroy(&canvas);
    rb_theme_destroy(&theme);
}

static double luminance(rb_colour c)
{
    const uint8_t parts[] = {c.red, c.green, c.blue};
    const double shares[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        const double part = parts[i] / 255.0;
        sum += shares[i] * (part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4));
    }
    return sum;
}

// The contrast that the Web Content Accessibility Guidelines ask of small text, 4.5 to 1.
static void test_contrast_of_text(void **state)
{
    (void)state;
    const rb_theme *t = &rb_theme_dark;
    const rb_colour texts[] = {t->faint, t->dim, t->text, t->chosen, t->chance, t->good};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        assert_true((luminance(texts[i]) + 0.05) / (luminance(t->ground) + 0.05) >= 4.5);
}

static void test_without_a_screen(void **state)
{
    (void)state;
    for (int kind = RB_VIEW_OVERLAY; kind <= RB_VIEW_PLAIN; kind++) {
        scene s = atari(4);
        s.env.screen_height = s.env.screen_width = 0;
        s.spec.kind = kind;
        open(&s);
        rb_view_draw(s.view, &s.moment); // the newest frame in its place, 7 or 5 times enlarged
        const int left = kind == RB_VIEW_PLAIN ? 0 : 24 + (840 - 588) / 2,
                  top = kind == RB_VIEW_PLAIN ? 0 : 66 + 21;
        const int times = kind == RB_VIEW_PLAIN ? 5 : 7;
        for (int i = 0; i < 84 * 84; i++) {
            const uint8_t grey = s.frames[3 * 84 * 84 + i];
            assert_true(
                is(&s, left + i % 84 * times + 2, top + i / 84 * times + 2, (rb_colour){grey, grey, grey}));
        }
        close_scene(&s);
        scene v = {.env = {.kind = RB_OBS_F32, .channels = 4, .height = 1, .width = 1, .actions = 2},
                   .spec = {.kind = kind, .env = "numbers"}};
        open(&v);
        rb_view_draw(v.view, &v.moment);
        const rb_canvas *c = rb_view_canvas(v.view);
        rb_canvas before;
        assert_int_equal(rb_canvas_create(&before, c->width, c->height, NULL), RB_OK);
        memcpy(before.rgb, c->rgb, (size_t)3 * (size_t)c->width * (size_t)c->height);
        ((float *)v.frames)[2] = 3;
        v.moment.step++;
        rb_view_draw(v.view, &v.moment);
        int differ = 0; // on the left side
        for (int y = 100; y < c->height - 100; y++)
            for (int x = 30; x < 600; x++)
                differ += memcmp(before.rgb + 3 * (y * c->width + x), pixel(&v, x, y), 3) != 0;
        assert_true(differ > 200);
        rb_canvas_destroy(&before);
        close_scene(&v);
    }
}

// Unusual environments and network outputs.
static void test_odd_moments(void **state)
{
    (void)state;
    const int screens[][2] = {{1, 1}, {3, 500}, {401, 601}, {500, 1500}, {7, 9}, {0, 0}};
    const float odd[] = {0, NAN, INFINITY, -INFINITY, 1e30F, -1e-30F};
    const int shapes[][3] = {{1, 1, 1}, {200, 1, 1}, {4, 3, 2}, {1, 300, 2}, {3, 1, 500}};
    for (int i = 0; i < 6; i++)
        for (int k = 0; k < 5; k++) {
            scene s = {.env = {.kind = k % 2 ? RB_OBS_U8 : RB_OBS_F32,
                               .channels = shapes[k][0],
                               .height = shapes[k][1],
                               .width = shapes[k][2],
                               .actions = (int[]){1, 2, 19, 60, 5}[k],
                               .screen_height = screens[i][0],
                               .screen_width = screens[i][1]},
                       .spec = {.kind = i % 2, .stack = 1 + 3 * k, .epsilon = -1, .atoms = i % 3 ? 1 : 51}};
            open(&s);
            const rb_canvas *c = rb_view_canvas(s.view);
            assert_true(c->width % 2 == 0 && c->height % 2 == 0 && c->width >= 2 && c->height >= 2);
            assert_true(c->width <= 1280 && c->height <= 960);
            rb_view_set_hand(s.view, "you play");
            for (int step = 0; step < 6; step++) {
                for (int a = 0; a < s.env.actions; a++) s.q[a] = odd[(a + step) % 6];
                s.moment.step = step;
                s.moment.game = 1 + step / 3;
                s.moment.over = step == 2;
                s.moment.q = step == 5 ? NULL : s.q;
                rb_view_draw(s.view, &s.moment);
            }
            close_scene(&s);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_screen_in_its_shape),
        cmocka_unit_test(test_frames_as_the_network_sees_them),
        cmocka_unit_test(test_bars_are_as_long_as_their_values),
        cmocka_unit_test(test_distributions),
        cmocka_unit_test(test_quantiles),
        cmocka_unit_test(test_scales_of_distributions_follow),
        cmocka_unit_test(test_scales_of_values_follow),
        cmocka_unit_test(test_forbidden_actions),
        cmocka_unit_test(test_trace),
        cmocka_unit_test(test_noise_is_not_enlarged),
        cmocka_unit_test(test_dense_rewards),
        cmocka_unit_test(test_contrast_of_text),
        cmocka_unit_test(test_without_a_screen),
        cmocka_unit_test(test_odd_moments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
