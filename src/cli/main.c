// rainbow: the program. It finds the command that the first words name and hands it the others, sorted.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cli/help.h"
#include "cli/plain_output.h"
#include "cli/sudden_end.h"

static bool asks_for_help(const char *word)
{
    return !strcmp(word, "--help") || !strcmp(word, "-h");
}

static int run_command(const cli_command *command, int count, const char *const *words)
{
    for (int i = 0; i < count; i++)
        if (asks_for_help(words[i])) return cli_print_command(command), CLI_DONE;
    cli_words sorted;
    int status = cli_sort_words(command, count, words, &sorted);
    if (status == CLI_DONE) status = command->run(command, &sorted);
    cli_words_free(&sorted);
    return status;
}

static int run(int count, const char *const *words)
{
    if (!count) {
        cli_print_commands(stderr);
        return CLI_USAGE;
    }
    if (asks_for_help(words[0])) return cli_print_commands(stdout), CLI_DONE;
    if (!strcmp(words[0], "--version")) {
        printf("rainbow %s\n", rb_rainbow_version());
        return CLI_DONE;
    }
    int used;
    const cli_command *command = cli_find_command(count, words, &used);
    return command ? run_command(command, count - used, words + used) : cli_unknown_command(words[0]);
}

// A descriptor from 0 to 2 that the caller closed would be given to the next file that is opened, and
// messages would be written into it.
static void open_closed_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDWR) != fd && open("/", O_RDONLY) != fd)
            _exit(CLI_FAILED);
}

int main(int argc, char **argv)
{
    open_closed_descriptors();
    cli_plain_output();
    rb_rainbow_init();
    cli_sudden_end_expect();
    signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is then an error of the write, like a full disk
    int status = run(argc - 1, (const char *const *)argv + 1);
    cli_sudden_end_passed();
    // All output must have arrived: a full disk under `> file` is a failure.
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "rainbow: standard output can't be written: %s\n", strerror(errno));
        return status == CLI_DONE ? CLI_FAILED : status;
    }
    return status;
}
