// rainbow help: explains a command, and prints the man page and shell completion.
#include <string.h>

#include "base/text.h"
#include "cli/help.h"

enum { MAN, COMPLETION };

static const cli_option options[] = {
    [MAN] = CLI_FLAG("man", "print the man page rainbow(1) in roff"),
    [COMPLETION] = CLI_VALUE("completion", "bash|zsh", "print the completion script for this shell"),
    {0},
};

static int help(const cli_command *command, cli_words *words)
{
    const char *shell = words->given[COMPLETION];
    if (words->given[MAN] && shell) return cli_usage(command, "choose one of --man and --completion");
    if ((words->given[MAN] || shell) && words->count)
        return cli_usage(command, "--man and --completion cover all commands, so %s is not allowed",
                         words->rest[0]);
    if (words->given[MAN]) return cli_print_man(), CLI_DONE;
    if (shell && !strcmp(shell, "bash")) return cli_print_bash_completion(), CLI_DONE;
    if (shell && !strcmp(shell, "zsh")) return cli_print_zsh_completion(), CLI_DONE;
    if (shell) return cli_usage(command, "--completion=%s: must be bash or zsh", shell);
    if (!words->count) return cli_print_commands(stdout), CLI_DONE;
    int used;
    const cli_command *found = cli_find_command(words->count, words->rest, &used);
    if (!found) return cli_unknown_command(words->rest[0]);
    if (used < words->count)
        return cli_usage(command, "rainbow %s has no command %s", found->name, words->rest[used]);
    cli_print_command(found);
    return CLI_DONE;
}

const cli_command cli_help = {
    .name = "help",
    .usage = "[COMMAND]\n--man\n--completion bash|zsh",
    .help = "explain a command, or print the man page or shell completion",
    .details = "Without words it lists the commands. Help, man page and completion come from the same "
               "tables, so they describe this very program.",
    .options = options,
    .examples = {{"rainbow help bench learner", "Explains one benchmark"},
                 {"rainbow help --completion bash > rainbow.bash && . ./rainbow.bash",
                  "Makes this bash complete the words of `rainbow`"}},
    .words = 2,
    .run = help,
};
