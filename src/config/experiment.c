// Which runs are samples of one experiment: those whose settings agree in every parameter that decides a
// result. Reports average over such runs, and a plot joins them to one curve.
//
// A parameter decides unless it is listed below, so a new one does. Only a parameter that changes neither
// what is learned nor how it is scored belongs here. tests/train/test_options.c compares this list with runs:
// a parameter that ends a run in another state must decide.
#include "config/table.h"

#include <stdio.h>
#include <string.h>

static const char *const indifferent[] = {
    "run.seed",               // tells the samples of an experiment apart
    "run.root",               // where files are
    "run.name",               // names, remarks
    "run.note",               //
    "run.scratch",            // where files are
    "run.print_episodes",     // messages
    "run.overwrite",          // what happens before the first step
    "run.on_full_disk",       // a run that waited goes on as if it had not
    "run.time_limit_minutes", // a run that stopped and was resumed is the same

    "env.workers",         // bit-identical with any number
    "atari.rom_dir",       // a ROM is known by its content
    "gym.python",          // where the interpreter is
    "gym.timeout_seconds", // workers that meet it lose games, like workers that die
    "gym.restarts",        //

    "checkpoint.every_steps",    // training and scores are bit-identical with any of these files
    "checkpoint.every_episodes", //
    "checkpoint.keep",           //
    "checkpoint.best",           //
    "tensorboard.enabled",       //
    "tensorboard.every_steps",   //
    "tensorboard.pictures",      //
    "plot.enabled",              //
    "record.every_steps",        //
    "record.every_episodes",     //
    "record.steps",              //
    "record.fps",                //
    "record.directory",          //
    "record.view",               //
    "progress.every_seconds",    //

    "replay.on_device", // where batches are assembled; bit-identical
    "compute.device",   // devices differ in rounding only, like families of kernels
    "compute.threads",  // bit-identical with any number
    "compute.kernels",  // families differ in rounding only, which acts like another seed
};

// Parameters that name an experiment already, wherever its differences from others are written.
static const char *const names[] = {"run.env", "run.preset", "run.group"};

static bool is_among(const char *const *list, size_t count, const char *key)
{
    for (size_t i = 0; i < count; i++)
        if (!strcmp(list[i], key)) return true;
    return false;
}

bool rb_table_decides(int i)
{
    return !is_among(indifferent, sizeof indifferent / sizeof *indifferent, rb_table_get(i)->key);
}

bool rb_config_same_experiment(const rb_config *a, const rb_config *b)
{
    for (int i = 0; i < rb_table_count(); i++) {
        const rb_param *param = rb_table_get(i);
        if (!strcmp(param->key, "run.env") || !rb_table_decides(i)) continue;
        if (!rb_value_equal(param, &a->params, &b->params)) return false;
    }
    return true;
}

static bool differs(const rb_param *param, const rb_config *const *configs, int count, int which)
{
    for (int k = 0; k < count; k++)
        if (configs[k] && !rb_value_equal(param, &configs[which]->params, &configs[k]->params)) return true;
    return false;
}

// 50000000 as 50M and 250000 as 250k, as it may be written in a file too: digits are hard to count in a
// legend.
static void shorten(char *value, size_t bytes)
{
    const size_t length = strlen(value);
    size_t zeros = 0;
    while (zeros < length && value[length - 1 - zeros] == '0') zeros++;
    if (strspn(value, "0123456789") < length || length < 5 || zeros < 3) return;
    const size_t cut = zeros >= 6 ? 6 : 3;
    snprintf(value + length - cut, bytes - length + cut, cut == 6 ? "M" : "k");
}

int rb_config_differences(const rb_config *const *configs, int count, int which, int most,
                          const char *between, char *out, size_t bytes)
{
    int found = 0;
    size_t used = 0;
    if (bytes) *out = 0;
    for (int i = 0; i < rb_table_count() && configs[which]; i++) {
        const rb_param *param = rb_table_get(i);
        if (is_among(names, sizeof names / sizeof *names, param->key) || !rb_table_decides(i)) continue;
        if (!differs(param, configs, count, which) || found++ >= most || used >= bytes) continue;
        char value[RB_VALUE_MAX];
        rb_value_format(param, &configs[which]->params, value, sizeof value);
        if (param->kind == RB_KIND_INT) shorten(value, sizeof value);
        used += (size_t)snprintf(out + used, bytes - used, "%s%s=%.60s", found > 1 ? between : "", param->key,
                                 value);
    }
    return found;
}
