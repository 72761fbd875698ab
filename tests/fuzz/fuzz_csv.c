// Tables: a whole one (train.csv, eval.csv), one that is continued after some of its bytes, and a player's
// scores.
#include "fuzz/fuzz.h"
#include "io/csv.h"
#include "io/csv_mend.h"
#include "io/csv_table.h"
#include "io/run_tables.h"
#include "viewer/play_scores.h"

static void read_table(const char *path, size_t bytes)
{
    static const char *const names[] = {RB_COLUMN_STEP, RB_COLUMN_MEAN, RB_COLUMN_FRAMES};
    rb_csv_table *table;
    rb_error error = {0};
    double sum = 0;
    if (rb_csv_table_read(&table, path, &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    FUZZ_CHECK(rb_csv_table_rows(table) >= 0 && (size_t)rb_csv_table_rows(table) <= bytes);
    for (int k = 0; k < 3; k++) {
        const double *column = rb_csv_table_column(table, names[k]);
        for (int i = 0; column && i < rb_csv_table_rows(table); i++) sum += column[i];
    }
    FUZZ_CHECK(sum == sum || sum != sum); // every number was read
    rb_csv_table_free(table);
}

static void continue_table(const char *path, int64_t bytes)
{
    rb_csv *csv;
    rb_error error = {0};
    if (rb_csv_append(&csv, path, RB_EVAL_HEADER, bytes, &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    FUZZ_CHECK(rb_csv_tell(csv) == bytes);
    rb_csv_close(csv, NULL);
}

static void hear(void *context, rb_log_level level, const char *message)
{
    (void)context, (void)level;
    FUZZ_CHECK(*message);
}

// A repaired table can be continued and read.
static void mend_table(const char *path, int64_t keep, size_t bytes)
{
    const rb_log log = {hear, NULL};
    rb_error error = {0};
    if (rb_csv_mend(path, RB_EVAL_HEADER, 1000, &keep, &log, &error)) {
        FUZZ_CHECK(*error.message);
        return;
    }
    rb_csv *csv;
    rb_csv_table *table;
    FUZZ_CHECK(!rb_csv_append(&csv, path, RB_EVAL_HEADER, keep, NULL));
    rb_csv_close(csv, NULL);
    FUZZ_CHECK(!rb_csv_table_read(&table, path, NULL));
    FUZZ_CHECK((size_t)rb_csv_table_rows(table) <= bytes);
    rb_csv_table_free(table);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    rb_score_list scores;
    if (bytes < 2) return 0;
    const int64_t keep = data[0] | data[1] << 8;
    const char *path = fuzz_file("play.csv", data + 2, bytes - 2);
    read_table(path, bytes);
    if (!rb_score_list_read(&scores, fuzz_directory(), "atari/pong", NULL)) rb_score_list_free(&scores);
    continue_table(path, keep);
    mend_table(fuzz_file("eval.csv", data + 2, bytes - 2), keep, bytes);
    fuzz_clear();
    return 0;
}
