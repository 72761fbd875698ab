// Lists of seeds: numbers and ranges, separated by commas.
#include "cli/jobs.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const int64_t most_seed = INT64_C(4294967295);

// Reads a whole number at *at and moves *at behind it; -1 if there is none.
static int64_t read_number(const char **at)
{
    if (**at < '0' || **at > '9') return -1;
    char *end;
    errno = 0;
    long long value = strtoll(*at, &end, 10);
    *at = end;
    return errno || value > most_seed ? -1 : value;
}

int cli_read_seeds(const cli_command *command, const char *text, int64_t *seeds, int *count)
{
    *count = 0;
    for (const char *at = text;; at++) {
        int64_t first = read_number(&at), last = first;
        bool range = !strncmp(at, "..", 2);
        if (range) {
            at += 2;
            last = read_number(&at);
        }
        if (first < 0 || last < 0 || (*at && *at != ','))
            return cli_usage(command,
                             "--seeds=%s: must be numbers or ranges from 0 to %lld, such as 1..4 or 1,3,7",
                             text, (long long)most_seed);
        if (last < first)
            return cli_usage(command, "--seeds=%s: %lld..%lld decreases; write %lld..%lld", text,
                             (long long)first, (long long)last, (long long)last, (long long)first);
        if (last - first >= CLI_RUNS_MOST - *count)
            return cli_usage(command, "--seeds=%s: more than %d seeds are given", text, CLI_RUNS_MOST);
        for (int64_t seed = first; seed <= last; seed++) {
            for (int i = 0; i < *count; i++)
                if (seeds[i] == seed)
                    return cli_usage(command, "--seeds=%s: %lld is given twice", text, (long long)seed);
            seeds[(*count)++] = seed;
        }
        if (!*at) return CLI_DONE;
    }
}
