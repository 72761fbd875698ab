// rainbow presets: the recipes, the settings of one of them, and what they take on this machine.
#include "cli/cli.h"

#include <string.h>

#include "base/text.h"

enum { HERE, SECONDS };
enum { NO_LIMIT = 1000000000 }; // steps, in presets that end by something else
static const double BUSY = 0.1;

static rb_status plan(const rb_preset_info *preset, int seconds, rb_bench_plan_result *out, rb_error *error)
{
    rb_config *config = NULL;
    rb_status status = rb_config_create(&config, error);
    if (!status) status = rb_config_preset(config, preset->name, error);
    if (!status) status = rb_config_set(config, "run.env", preset->env, "preset", error);
    if (!status) status = rb_bench_plan(config, seconds, out, error);
    rb_config_destroy(config);
    return status;
}

static void print_plan(const rb_preset_info *preset, const rb_bench_plan_result *p)
{
    const int64_t count = p->episodes ? p->episodes : p->lives ? p->lives : p->steps;
    const bool open_end = p->episodes || p->lives || p->steps >= NO_LIMIT,
               cut = !open_end && p->minutes > 0 && p->seconds > 60 * p->minutes;
    char length[48], time[32], memory[32], digits[32];
    rb_text_thousands(digits, sizeof digits, count);
    snprintf(length, sizeof length, "%s %s", digits, p->episodes ? "games" : p->lives ? "lives" : "steps");
    cli_clock(time, sizeof time, open_end ? 1e6 / p->learning : cut ? 60 * p->minutes : p->seconds);
    cli_bytes(memory, sizeof memory, p->bytes);
    const char *what = open_end ? "a million steps" : cut ? "run.max_minutes" : "";
    printf("%-21s  %-24s  %16s %10.0f %10.0f  %9s %-15s %8s\n", preset->name, preset->env, length, p->playing,
           p->learning, time, what, memory);
}

// One row a preset; one whose environment is missing here says so in its row.
static int print_plans(const char *name, int seconds)
{
    int planned = 0, threads = 0;
    double busy = 0;
    printf("%-21s  %-24s  %16s %10s %10s  %9s %15s %8s\n", "preset", "environment", "length", "playing/s",
           "learning/s", "time", "", "memory");
    for (int i = 0; i < rb_preset_count(); i++) {
        const rb_preset_info *preset = rb_preset_get(i);
        rb_error error = {0};
        rb_bench_plan_result p;
        if (name && strcmp(name, preset->name)) continue;
        if (plan(preset, seconds, &p, &error)) {
            printf("%-21s  %-24s  not measured: %s\n", preset->name, preset->env, error.message);
        } else {
            print_plan(preset, &p);
            planned++, threads = p.threads, busy += p.busy_share;
        }
        fflush(stdout);
    }
    if (!planned) return CLI_FAILED;
    printf(
        "\nMeasured for %d s each, with %d thread%s: steps per second until learning begins (playing/s) and "
        "from then on (learning/s).\n"
        "The time (h:mm:ss) is for the whole length, or for a million steps where games or lives end the "
        "run, without evaluations and\n"
        "videos. A run that reaches its score ends sooner.\n",
        seconds, threads, threads == 1 ? "" : "s");
    if (busy / planned > BUSY)
        printf(
            "Other programs had the cores for %.0f %% of the time: on an idle machine, training is faster.\n",
            100 * busy / planned);
    return CLI_DONE;
}

static int presets(const cli_command *command, cli_words *words)
{
    int seconds = 2;
    const int status = cli_whole_number(command, "seconds", words->given[SECONDS], 1, &seconds);
    if (status != CLI_DONE) return status;
    if (words->given[SECONDS] && !words->given[HERE])
        return cli_usage(command, "--seconds belongs to --here");
    if (words->given[HERE] && !words->count) return print_plans(NULL, seconds);
    if (!words->count) {
        for (int i = 0; i < rb_preset_count(); i++)
            printf("%-21s  %s\n", rb_preset_get(i)->name, rb_preset_get(i)->help);
        return CLI_DONE;
    }
    rb_config *config = NULL;
    rb_error error = {0};
    rb_status found = rb_config_create(&config, &error);
    if (found == RB_OK) found = rb_config_preset(config, words->rest[0], &error); // knows the near names
    char name[RB_CONFIG_VALUE_MAX];
    if (found == RB_OK) found = rb_config_get(config, "run.preset", name, sizeof name, &error);
    rb_config_destroy(config);
    if (found != RB_OK) return cli_fail(&error);
    if (words->given[HERE]) return print_plans(name, seconds);
    for (int i = 0; i < rb_preset_count(); i++) {
        const rb_preset_info *preset = rb_preset_get(i);
        if (!strcmp(preset->name, name)) printf("# %s: %s\n%s", preset->name, preset->help, preset->values);
    }
    return CLI_DONE;
}

static const cli_option options[] = {
    [HERE] =
        CLI_FLAG("here", "briefly measure what each takes on this machine: steps per second, hours, memory"),
    [SECONDS] = CLI_VALUE("seconds", "N", "with --here: time to measure each preset, in seconds; default: 2"),
    {0},
};

const cli_command cli_presets = {
    .name = "presets",
    .usage = "[--here] [PRESET]",
    .help = "list the presets, print the settings of one, or estimate their hours and memory here",
    .details =
        "Keep what it prints in a file, change it, and give the file to `rainbow train` with --config.",
    .options = options,
    .examples = {{"rainbow presets der", "Prints the settings of the data-efficient Rainbow"},
                 {"rainbow presets cartpole > mine.ini && rainbow train cartpole --config mine.ini",
                  "Trains with a copy of a preset, which you can change first"}},
    .words = 1,
    .run = presets,
};
