// The systems that people come from: each of their parameters has a row (tests/data/source_parameters.txt),
// each row names parameters that there are or says why there is none, and the pages show exactly these rows.
#include "config_test.h"

#include "base/file.h"
#include "base/text.h"
#include "config/table.h"

static int source_of(const char *preset)
{
    for (int i = 0; i < rb_source_count(); i++)
        if (!strcmp(rb_source_get(i)->preset, preset)) return i;
    fail_msg("no source %s", preset);
    return -1;
}

static bool has_row(int source, const char *theirs, bool is_name)
{
    const rb_source_row *row;
    for (int i = 0; (row = rb_source_row_get(source, i)); i++)
        if (!strcmp(row->theirs, theirs) && row->is_name == is_name) return true;
    return false;
}

// Both ways: nothing of theirs is left out, and nothing is made up.
static void test_each_of_theirs_has_a_row(void **state)
{
    (void)state;
    char *text, *rest, *line;
    size_t bytes;
    int source = -1, listed[16] = {0};
    assert_int_equal(rb_file_read(RB_TEST_DATA "/source_parameters.txt", &text, &bytes, NULL), RB_OK);
    for (rest = text; (line = strtok_r(rest, "\n", &rest));) {
        if (*line == '#') continue;
        const size_t length = strlen(line);
        if (*line == '[') {
            line[length - 1] = 0;
            source = source_of(line + 1);
            continue;
        }
        const bool is_name = *line == '`';
        if (is_name) line[length - 1] = 0;
        if (!has_row(source, line + is_name, is_name))
            fail_msg("%s: %s has no row", rb_source_get(source)->preset, line);
        listed[source]++;
    }
    free(text);
    for (int s = 0; s < rb_source_count(); s++) {
        int rows = 0;
        while (rb_source_row_get(s, rows)) rows++;
        assert_int_equal(rows, listed[s]);
    }
}

static void test_each_row_names_what_there_is(void **state)
{
    (void)state;
    assert_null(rb_source_get(-1));
    assert_null(rb_source_get(rb_source_count()));
    for (int s = 0; s < rb_source_count(); s++) {
        const char *preset = rb_source_get(s)->preset;
        rb_config *config = new_config();
        assert_int_equal(rb_config_preset(config, preset, NULL), RB_OK);
        rb_config_destroy(config);
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++) {
            if (!*row->ours && !*row->remark)
                fail_msg("%s: %s: neither a parameter nor why", preset, row->theirs);
            char keys[200], *key, *rest = keys;
            assert_true(rb_text_copy(keys, sizeof keys, row->ours));
            while ((key = strtok_r(rest, " ", &rest)))
                if (!rb_table_find(key)) fail_msg("%s: %s: there is no %s", preset, row->theirs, key);
        }
    }
}

// Every name that is known leads to parameters that there are, or says why there is none; no program has a
// name twice.
static void test_known_names(void **state)
{
    (void)state;
    const int count = rb_known_name_count();
    int libraries = 0;
    assert_true(count > 100);
    for (int i = 0; i < count; i++) {
        const rb_known_name known = rb_known_name_get(i);
        char keys[200], *key, *rest = keys, sentence[RB_KNOWN_NAME_BYTES];
        libraries += !known.is_source;
        if (!*known.ours && !*known.remark) fail_msg("%s: neither a parameter nor why", known.theirs);
        assert_true(rb_text_copy(keys, sizeof keys, known.ours));
        while ((key = strtok_r(rest, " ", &rest)))
            if (!rb_table_find(key)) fail_msg("%s: %s: there is no %s", known.program, known.theirs, key);
        for (int k = 0; k < i; k++) {
            const rb_known_name other = rb_known_name_get(k);
            if (!strcmp(other.program, known.program) && !strcmp(other.theirs, known.theirs))
                fail_msg("%s has %s twice", known.program, known.theirs);
        }
        assert_true(rb_known_name_tell(known.theirs, "option --", sentence, sizeof sentence));
        assert_true(strlen(sentence) + 1 < sizeof sentence);
    }
    assert_true(libraries > 60);
    assert_null(rb_known_name_get(count).theirs);
    char sentence[RB_KNOWN_NAME_BYTES];
    assert_false(rb_known_name_tell("n_envss", "parameter ", sentence, sizeof sentence));
    assert_true(rb_known_name_tell("N-Envs", "parameter ", sentence, sizeof sentence));
    assert_string_equal(sentence, "no parameter N-Envs; n_envs of vectorised-rainbow is env.count here");
    // A name with two meanings: both, and not only ours of that name.
    assert_true(rb_known_name_tell("ALPHA", "option --", sentence, sizeof sentence));
    assert_string_equal(sentence,
                        "no option --ALPHA; alpha of vectorised-rainbow is --replay.alpha here; ALPHA "
                        "of textbook-dqn is --optim.learning_rate here");
    assert_true(rb_known_name_means_other("alpha", "replay.alpha"));
    assert_false(rb_known_name_means_other("beta_start", "replay.beta_start"));
}

// What a source states and what its preset sets is the same: where a row has one key and both values are
// plain numbers.
static void test_presets_have_their_values(void **state)
{
    (void)state;
    int compared = 0;
    for (int s = 0; s < rb_source_count(); s++) {
        rb_config *config = new_config();
        assert_int_equal(rb_config_preset(config, rb_source_get(s)->preset, NULL), RB_OK);
        const rb_source_row *row;
        for (int i = 0; (row = rb_source_row_get(s, i)); i++) {
            char digits[64];
            size_t used = 0;
            double theirs, ours;
            for (const char *c = row->value; *c && *c != ' ' && used + 1 < sizeof digits; c++)
                if (*c != ',') digits[used++] = *c;
            digits[used] = 0;
            if (!rb_text_f64(digits, &theirs) || strchr(row->ours, ' ') || !*row->ours) continue;
            if (strchr(row->value, '%')) theirs /= 100;
            if (!strcmp(row->theirs, "n_steps")) continue; // of a switch that is off
            if (!rb_text_f64(value_of(config, row->ours), &ours)) continue;
            if (theirs != ours)
                fail_msg("%s: %s = %s, and %s = %s", rb_source_get(s)->preset, row->theirs, row->value,
                         row->ours, value_of(config, row->ours));
            compared++;
        }
        rb_config_destroy(config);
    }
    assert_true(compared > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_of_theirs_has_a_row),
        cmocka_unit_test(test_each_row_names_what_there_is),
        cmocka_unit_test(test_known_names),
        cmocka_unit_test(test_presets_have_their_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
