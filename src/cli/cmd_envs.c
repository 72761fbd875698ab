// rainbow envs: the environments there are.
#include "cli/cli.h"

#include <string.h>

static int envs(const cli_command *command, int count, const char *const *words)
{
    static const cli_option none[] = {{0}};
    int status = cli_no_more(command, none, count, words, 1);
    if (status != CLI_DONE) return status;
    int widest = 0, shown = 0;
    for (int i = 0; i < rb_env_count(); i++) {
        int width = (int)strlen(rb_env_get(i).name);
        if (width > widest) widest = width;
    }
    for (int i = 0; i < rb_env_count(); i++) {
        rb_env_info env = rb_env_get(i);
        if (count && !strstr(env.name, words[0])) continue;
        printf("%-*s  %s%s%s%s\n", widest, env.name, env.help, *env.needs ? " (needs " : "", env.needs,
               *env.needs ? ")" : "");
        shown++;
    }
    if (shown) return CLI_DONE;
    fprintf(stderr, "rainbow envs: no environment's name has %s in it; `rainbow envs` lists all\n", words[0]);
    return CLI_USAGE;
}

const cli_command cli_envs = {
    .name = "envs",
    .usage = "[TEXT]",
    .help = "list the environments there are, or those with TEXT in their names",
    .details = "",
    .run = envs,
};
