// Configuration files: what is read, what is written, and what is said about a line that is wrong.
#include "config_test.h"

#include <sys/stat.h>
#include "base/rng.h"
#include "config/table.h"

static void expect_values(const rb_config *config, const char *const (*pairs)[2])
{
    for (; (*pairs)[0]; pairs++) assert_string_equal(value_of(config, (*pairs)[0]), (*pairs)[1]);
}

static void test_reads_sections_keys_comments_and_quotes(void **state)
{
    (void)state;
    rb_config *config = new_config();
    rb_error error = {0};
    const char *path = written("\xef\xbb\xbf# a comment\n"
                               "agent.batch = 64\r\n"
                               "\n"
                               "[agent]   ; the agent\n"
                               "  gamma=0.9   # after a space\n"
                               "n_step = 5\n"
                               "n_step = 3\n"
                               "replay.capacity = 100k\n"
                               "; another\n"
                               "[run]\n"
                               "note = \"he said \\\"#1; go\\\" \\\\ \" ; and this is none of it\n"
                               "group = a;b#c\n"
                               "env =\n"
                               "name = last line without an end");
    if (rb_config_read(config, path, &error)) fail_msg("%s", error.message);
    expect_values(config, (const char *const[][2]){{"agent.batch", "64"},
                                                   {"agent.gamma", "0.9"},
                                                   {"agent.n_step", "3"},
                                                   {"replay.capacity", "100000"},
                                                   {"run.note", "he said \"#1; go\" \\ "},
                                                   {"run.group", "a;b#c"},
                                                   {"run.env", ""},
                                                   {"run.name", "last line without an end"},
                                                   {NULL, NULL}});
    rb_config_destroy(config);
    unlink(path);
}

static void test_says_file_and_line_of_what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        rb_status status;
        const char *sentence;
    } files[] = {
        {"# one\n[replay]\ncapacity = 5\n", RB_ERR_USAGE,
         "@:3: replay.capacity = 5: must be between 100 and 1,000,000,000 steps"},
        {"\n[replay]\n\ncapacty = 5k\n", RB_ERR_USAGE,
         "@:4: no parameter replay.capacty; did you mean replay.capacity?"},
        {"gamma = 0.9\n", RB_ERR_USAGE, "@:1: no parameter gamma; did you mean agent.gamma?"},
        {"[agnet]\n", RB_ERR_USAGE, "@:1: no group [agnet]; did you mean [agent]?"},
        {"[zzzzzzzz]\n", RB_ERR_USAGE, "@:1: no group [zzzzzzzz]; `rainbow params` lists them"},
        {"[agent]\ngamma 0.9\n", RB_ERR_FORMAT, "@:2: 'gamma 0.9' is neither a [group] nor a key = value"},
        {"[agent\n", RB_ERR_FORMAT, "@:1: a section's name must end with ']'"},
        {"[agent] gamma = 1\n", RB_ERR_FORMAT, "@:1: nothing may follow [agent]"},
        {"= 5\n", RB_ERR_FORMAT, "@:1: no key before '='"},
        {"run.note = \"open\n", RB_ERR_FORMAT, "@:1: the quotes around the value of run.note are not closed"},
        {"run.note = \"a\" b\n", RB_ERR_FORMAT,
         "@:1: the quotes around the value of run.note are not closed"},
        {"run.note = \"a\\\n", RB_ERR_FORMAT, "@:1: the quotes around the value of run.note are not closed"},
        {"agent.gamma =\n", RB_ERR_USAGE, "@:1: agent.gamma = : must be a number between 0 and 1"},
        {"\nrun.preset = rainbw\n", RB_ERR_USAGE, "@:2: no preset rainbw; did you mean rainbow?"},
    };
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        rb_config *config = new_config(), *before = new_config();
        rb_error error = {0};
        assert_int_equal(rb_config_read(config, written(files[i].text), &error), files[i].status);
        assert_int_equal(error.status, files[i].status);
        expect_error(&error, files[i].sentence);
        assert_memory_equal(config, before, sizeof *config); // nothing of a file that is wrong
        rb_config_destroy(config);
        rb_config_destroy(before);
    }
}

static void test_files_that_are_none(void **state)
{
    (void)state;
    rb_config *config = new_config();
    rb_error error = {0};
    assert_int_equal(rb_config_read(config, "/tmp/no/such/file.ini", &error), RB_ERR_FILE);
    expect_error(&error, "/tmp/no/such/file.ini: can't be read: No such file or directory");
    assert_int_equal(rb_config_read(config, "/tmp", &error), RB_ERR_FILE);
    expect_error(&error, "/tmp: can't be read: Is a directory");

    const char *path = written("");
    const char zeros[] = "agent.gamma = 0.9\n\0\0\0";
    assert_int_equal(rb_file_write(path, zeros, sizeof zeros, &error), RB_OK);
    assert_int_equal(rb_config_read(config, path, &error), RB_ERR_FORMAT);
    expect_error(&error, "@: is not a text file");

    char line[20000];
    memset(line, 'a', sizeof line);
    line[sizeof line - 1] = 0;
    assert_int_equal(rb_config_read(config, written(line), &error), RB_ERR_FORMAT);
    expect_error(&error, "@:1: the line is longer than 16383 bytes");
    assert_int_equal(rb_config_read(config, written("\n"), &error), RB_OK);
    unlink(path);

    assert_int_equal(rb_config_write(config, "/tmp/no/such/file.ini", &error), RB_ERR_FILE);
    rb_config_destroy(config);
}

// A random value for any parameter: the round trip has to give back the same bits.
static void set_random(rb_config *config, const rb_param *p, rb_rng *rng)
{
    void *field = (char *)&config->params + p->offset;
    switch (p->kind) {
    case RB_KIND_INT: {
        uint64_t span = (uint64_t)(p->int_most - p->int_least) + 1;
        *(int64_t *)field = p->int_least + (int64_t)(rb_rng_u64(rng) % span);
        break;
    }
    case RB_KIND_REAL:
        *(double *)field = rb_rng_range(rng, p->real_least, p->real_most);
        break;
    case RB_KIND_BOOL:
        *(bool *)field = rb_rng_below(rng, 2);
        break;
    case RB_KIND_CHOICE: {
        uint32_t count = 1;
        for (const char *c = p->choices; *c; c++) count += *c == '|';
        *(int32_t *)field = (int32_t)rb_rng_below(rng, count);
        break;
    }
    case RB_KIND_TEXT: {
        char *text = field;
        size_t bytes = rb_rng_below(rng, RB_TEXT_MAX);
        for (size_t i = 0; i < bytes; i++) text[i] = (char)(' ' + rb_rng_below(rng, 95));
        text[bytes] = 0;
        if (!strcmp(p->key, "run.preset")) strcpy(text, rb_preset_get((int)rb_rng_below(rng, 9))->name);
        break;
    }
    }
}

static void test_written_and_read_gives_every_bit_back(void **state)
{
    (void)state;
    rb_rng rng = rb_rng_stream(7, RB_RNG_TEST, 0);
    const char *path = written("");
    for (int round = 0; round < 50; round++) {
        rb_config *config = new_config(), *back = new_config();
        rb_error error = {0};
        for (int i = 0; i < rb_table_count(); i++) set_random(config, rb_table_get(i), &rng);
        if (rb_config_write(config, path, &error) || rb_config_read(back, path, &error))
            fail_msg("%s", error.message);
        for (int i = 0; i < rb_table_count(); i++) {
            const rb_param *p = rb_table_get(i);
            if (!rb_value_equal(p, &config->params, &back->params)) fail_msg("%s came back changed", p->key);
        }
        rb_config_destroy(config);
        rb_config_destroy(back);
    }
    unlink(path);
}

static void test_a_file_that_names_a_preset_stands_on_it(void **state)
{
    (void)state;
    rb_config *config = new_config();
    rb_error error = {0};
    // Wherever the line is, the preset lies below the other values.
    assert_int_equal(rb_config_read(config, written("agent.n_step = 7\nrun.preset = rainbow\n"), &error),
                     RB_OK);
    expect_values(
        config, (const char *const[][2]){
                    {"agent.n_step", "7"}, {"net.dueling", "true"}, {"run.preset", "rainbow"}, {NULL, NULL}});
    unlink(written(""));
    rb_config_destroy(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_sections_keys_comments_and_quotes),
        cmocka_unit_test(test_says_file_and_line_of_what_is_wrong),
        cmocka_unit_test(test_files_that_are_none),
        cmocka_unit_test(test_written_and_read_gives_every_bit_back),
        cmocka_unit_test(test_a_file_that_names_a_preset_stands_on_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
