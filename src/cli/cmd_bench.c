// rainbow bench: how fast this machine does it. A table; each benchmark has a file of its own
// (bench_*_command.c) and named scenes, so that figures of two days or two machines mean the same.
#include "cli/cli.h"

#include <string.h>

static const cli_command *const benchmarks[] = {
    &cli_bench_learner,
    NULL,
};

enum { NAMES_BYTES = 128 };

static const char *join_names(char *names)
{
    size_t used = 0;
    for (const cli_command *const *b = benchmarks; *b; b++)
        used += (size_t)snprintf(names + used, NAMES_BYTES - used, "%s%s", used ? ", " : "",
                                 strchr((*b)->name, ' ') + 1);
    return names;
}

static int bench(const cli_command *command, int count, const char *const *words)
{
    char names[NAMES_BYTES];
    if (count) return cli_usage(command, "no benchmark %s; there is: %s", words[0], join_names(names));
    return cli_usage(command, "which benchmark? There is: %s", join_names(names));
}

const cli_command cli_bench = {
    .name = "bench",
    .usage = "WHAT [OPTIONS] [--json]",
    .help = "measure the speed of the parts on this machine, in named scenes",
    .details =
        "  learner  one update, on made-up observations\n\n"
        "`rainbow bench learner --help` says more, and so for each. Figures of a busy machine say little: "
        "compare medians\n"
        "that were taken in turns (bench/compare.py does).\n",
    .run = bench,
    .parts = benchmarks,
};
