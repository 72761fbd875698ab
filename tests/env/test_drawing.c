// The pictures of the small tasks compared with Gymnasium's, the observations of CartPole from pixels
// compared with torchvision's, and shapes at the picture's edge.
#include "classic_kit.h"

#include "env/cart.h"
#include "env/drawing.h"
#include "env/shrink.h"

static const rb_env_class *class;

typedef struct compared {
    double mean, largest, apart; // differences of all colours of all pixels; share of pixels that differ
} compared;

static compared compare(const uint8_t *a, const uint8_t *b, size_t count)
{
    compared c = {0};
    for (size_t i = 0; i < count; i++) {
        int d = abs(a[i] - b[i]);
        c.mean += d / (double)count;
        c.apart += (d != 0) / (double)count;
        if (d > c.largest) c.largest = d;
    }
    return c;
}

static const char *read_picture(const char *at, uint8_t *rgb, size_t pixels)
{
    for (size_t done = 0; done < pixels;) {
        uint16_t length;
        memcpy(&length, take(&at, 2), 2);
        assert_true(length >= 1 && done + length <= pixels);
        const char *colour = take(&at, 3);
        for (; length; length--, done++) memcpy(rgb + 3 * done, colour, 3);
    }
    return at;
}

static char *open_golden(const char **at)
{
    char *file;
    size_t bytes;
    assert_int_equal(rb_file_read(RB_TEST_DATA "/drawings.bin", &file, &bytes, NULL), RB_OK);
    *at = file;
    assert_memory_equal(take(at, 8), "RBDRAWN1", 8);
    const uint32_t note = take_u32(at);
    take(at, note);
    return file;
}

// Compares one picture of the file with ours of the same state.
static int next_pictures(const char **at, uint8_t *theirs, uint8_t *ours, size_t *pixels)
{
    const rb_env_class *const classes[] = {&rb_cartpole_class, &rb_acrobot_class, &rb_mountaincar_class};
    const int task = *take(at, 1);
    double state[4];
    uint16_t size[2];
    memcpy(state, take(at, sizeof state), sizeof state);
    memcpy(size, take(at, sizeof size), sizeof size);
    *pixels = (size_t)size[0] * size[1];
    *at = read_picture(*at, theirs, *pixels);
    class = classes[task];
    rb_env *env = make(class->name, 1);
    const rb_env_spec spec = spec_of(env);
    assert_int_equal(spec.screen_height, size[0]);
    assert_int_equal(spec.screen_width, size[1]);
    set_state(env, state, task == 2 ? 2 : 4);
    memset(ours, 7, *pixels * 3);
    class->render(env, ours);
    class->destroy(env);
    return task;
}

static void same_as_gymnasium(void **unused)
{
    (void)unused;
    // In 255ths, as means over all pixels. The hill equals pygame's except for the shades of its line.
    const double mean_most[3] = {0.001, 0.002, 0.03}, apart_most[3] = {0.0005, 0.001, 0.005};
    static uint8_t theirs[500 * 500 * 3], ours[500 * 500 * 3];
    const char *at;
    char *file = open_golden(&at);
    const uint32_t pictures = take_u32(&at);
    int seen[3] = {0};
    for (uint32_t i = 0; i < pictures; i++) {
        size_t pixels;
        const int task = next_pictures(&at, theirs, ours, &pixels);
        const compared c = compare(theirs, ours, pixels * 3);
        assert_true(c.mean <= mean_most[task]);
        assert_true(c.apart <= apart_most[task]);
        seen[task]++;
    }
    assert_true(seen[0] >= 8 && seen[1] >= 6 && seen[2] >= 6);
    free(file);
}

// Shrinking Gymnasium's picture gives torchvision's bit for bit; shrinking our picture stays within one step
// of 255.
static void small_as_torchvision(void **unused)
{
    (void)unused;
    enum { ROW = 600 * 3, SMALL = 3 * 40 * 90 };
    static uint8_t theirs[8][400 * ROW], ours[8][400 * ROW], other[500 * 500 * 3], small[SMALL];
    const char *at;
    char *file = open_golden(&at);
    const uint32_t pictures = take_u32(&at);
    for (uint32_t i = 0; i < pictures; i++) {
        size_t pixels;
        const bool kept = i >= 1 && i <= 8; // the small ones are of the second picture and those after it
        next_pictures(&at, kept ? theirs[i - 1] : other, kept ? ours[i - 1] : other, &pixels);
    }
    const uint32_t count = take_u32(&at);
    assert_true(count >= 5 && count <= 8);
    rb_shrink *shrink;
    assert_int_equal(rb_shrink_create(&shrink, 160, 600, 40, 90, NULL), RB_OK);
    for (uint32_t i = 0; i < count; i++) {
        take(&at, 4 * sizeof(double));
        const uint8_t *truth = (const uint8_t *)take(&at, SMALL);
        rb_shrink_run(shrink, theirs[i] + 160 * ROW, small);
        assert_memory_equal(small, truth, SMALL);
        rb_shrink_run(shrink, ours[i] + 160 * ROW, small);
        assert_true(compare(small, truth, SMALL).largest <= 1);
    }
    rb_shrink_destroy(shrink);
    free(file);
}

static int count_unlike(const uint8_t *rgb, size_t pixels, int grey)
{
    int count = 0;
    for (size_t i = 0; i < pixels; i++)
        count += rgb[3 * i] != grey || rgb[3 * i + 1] != grey || rgb[3 * i + 2] != grey;
    return count;
}

// A canvas of some rows contains exactly these rows of the whole picture.
static void rows_of_a_picture(void **unused)
{
    (void)unused;
    static uint8_t whole[400 * 600 * 3], strip[160 * 600 * 3];
    const double state[4] = {0.4, 0, -0.3, 0};
    rb_cart_draw(state, &(rb_drawing){whole, 600, 400, 0, 400});
    rb_cart_draw(state, &(rb_drawing){strip, 600, 400, 160, 160});
    assert_memory_equal(strip, whole + 160 * 600 * 3, sizeof strip);
}

// Shapes far outside, and diverged worlds, leave the picture unchanged; the memory around it is never
// written.
static void shapes_are_cut_at_the_edges(void **unused)
{
    (void)unused;
    enum { SIDE = 16, ROOM = 4 * SIDE * 3 };
    const rb_colour black = {0, 0, 0};
    uint8_t memory[2 * ROOM + SIDE * SIDE * 3];
    memset(memory, 9, sizeof memory);
    const rb_drawing canvas = {memory + ROOM, SIDE, SIDE, 0, SIDE};
    rb_draw_clear(&canvas);
    const double wrong[] = {1e300, -1e300, NAN, INFINITY, 40000, -40000};
    for (int i = 0; i < 6; i++) {
        rb_draw_disc(&canvas, wrong[i], 3, 4, black);
        rb_draw_disc(&canvas, 3, wrong[i], 4, black);
        rb_draw_polygon(&canvas, (rb_point[]){{wrong[i], wrong[i]}, {wrong[i], 5}, {wrong[i], 9}}, 3, black);
    }
    assert_int_equal(count_unlike(canvas.rgb, SIDE * SIDE, 255), 0);
    rb_draw_polygon(&canvas, (rb_point[]){{-30000, -9}, {-30000, 90}, {30000, 90}, {30000, -9}}, 4, black);
    rb_draw_disc(&canvas, 0, SIDE, 7, black);
    rb_draw_line(&canvas, (rb_point){-50, -50.5}, (rb_point){50, 51.25}, black);
    rb_draw_line(&canvas, (rb_point){7, 40}, (rb_point){7.5, -40}, black);
    rb_draw_box(&canvas, -5, -5, 50, 50, black);
    assert_int_equal(count_unlike(canvas.rgb, SIDE * SIDE, 0), 0);
    for (int i = 0; i < ROOM; i++) assert_true(memory[i] == 9 && memory[sizeof memory - 1 - (size_t)i] == 9);
}

// A line from right to left equals the one from left to right, and each column's shade is shared by two rows.
static void lines_share_their_shade(void **unused)
{
    (void)unused;
    enum { SIDE = 32 };
    uint8_t there[SIDE * SIDE * 3], back[SIDE * SIDE * 3];
    const rb_drawing one = {there, SIDE, SIDE, 0, SIDE}, two = {back, SIDE, SIDE, 0, SIDE};
    const rb_point a = {4, 3.25}, b = {28, 17.75};
    rb_draw_clear(&one);
    rb_draw_clear(&two);
    rb_draw_line(&one, a, b, (rb_colour){0, 0, 0});
    rb_draw_line(&two, b, a, (rb_colour){0, 0, 0});
    assert_true(compare(there, back, sizeof there).largest <= 1);
    for (int x = 0; x < SIDE; x++) {
        int ink = 0;
        for (int y = 0; y < SIDE; y++) ink += 255 - there[3 * (y * SIDE + x)];
        assert_true(x < 4 || x > 28 ? ink == 0 : abs(ink - 255) <= 2);
    }
}

// Bilinear shrinking by whole factors, computed by hand: a new pixel is the triangle-weighted mean of the old
// ones.
static void shrinks_as_by_hand(void **unused)
{
    (void)unused;
    // Six pixels to two: under the first triangle, of centre 1.5 and half-width 3, the old centres 0.5, 1.5,
    // 2.5, 3.5 and 4.5 weigh 2, 3, 2, 1 and 0 thirds; the sum is 8 thirds.
    const uint8_t row[6 * 3] = {80, 0, 8, 80, 0, 8, 80, 0, 8, 0, 80, 16, 0, 80, 16, 0, 80, 16};
    uint8_t out[3 * 2];
    rb_shrink *shrink;
    assert_int_equal(rb_shrink_create(&shrink, 1, 6, 1, 2, NULL), RB_OK);
    rb_shrink_run(shrink, row, out);
    const uint8_t expected[] = {70, 10, 10, 70, 9, 15};
    assert_memory_equal(out, expected, sizeof out);
    rb_shrink_destroy(shrink);
    uint8_t same[5 * 4 * 3], planes[3 * 5 * 4];
    for (int i = 0; i < 5 * 4 * 3; i++) same[i] = (uint8_t)(37 * i);
    assert_int_equal(rb_shrink_create(&shrink, 5, 4, 5, 4, NULL), RB_OK); // nothing to do
    rb_shrink_run(shrink, same, planes);
    for (int i = 0; i < 20; i++)
        for (int c = 0; c < 3; c++) assert_int_equal(planes[20 * c + i], same[3 * i + c]);
    rb_shrink_destroy(shrink);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_gymnasium),       cmocka_unit_test(small_as_torchvision),
        cmocka_unit_test(rows_of_a_picture),       cmocka_unit_test(shapes_are_cut_at_the_edges),
        cmocka_unit_test(lines_share_their_shade), cmocka_unit_test(shrinks_as_by_hand),
    };
    return cmocka_run_group_tests_name("drawing", tests, NULL, NULL);
}
