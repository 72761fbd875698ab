// How a command reports that it failed, and the exit status that follows.
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/signals.h"

int cli_usage(const cli_command *command, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "rainbow %s: ", command->name);
    vfprintf(stderr, format, list);
    va_end(list);
    const char *before = "\nusage:";
    for (const char *form = command->usage; form; before = "      ") {
        const char *end = strchr(form, '\n');
        const int bytes = end ? (int)(end - form) : (int)strlen(form);
        fprintf(stderr, "%s rainbow %s%s%.*s\n", before, command->name, bytes ? " " : "", bytes, form);
        form = end ? end + 1 : NULL;
    }
    return CLI_USAGE;
}

int cli_no_memory(void)
{
    fprintf(stderr, "rainbow: out of memory\n");
    return CLI_FAILED;
}

int cli_fail(const rb_error *error)
{
    fprintf(stderr, "rainbow: %s\n", error->message);
    return error->status == RB_ERR_USAGE     ? CLI_USAGE
           : error->status == RB_INTERRUPTED ? cli_stop_status()
                                             : CLI_FAILED;
}
