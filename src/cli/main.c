// rainbow: the program. A table of commands; each has a file of its own.
#include "cli/cli.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/text.h"

static const cli_command *const commands[] = {
    &cli_train,  &cli_eval,  &cli_frames, &cli_record, &cli_watch,   &cli_play,   &cli_plot,   &cli_report,
    &cli_export, &cli_check, &cli_bench,  &cli_envs,   &cli_presets, &cli_params, &cli_doctor,
};

enum { COMMANDS = sizeof commands / sizeof commands[0] };

static void print_help(FILE *to)
{
    fprintf(to, "Rainbow: deep Q-learning from DQN to Rainbow, on Atari games and small tasks.\n\n"
                "usage: rainbow COMMAND ...\n\n");
    for (int i = 0; i < COMMANDS; i++) fprintf(to, "  %-8s  %s\n", commands[i]->name, commands[i]->help);
    fprintf(to, "\n`rainbow COMMAND --help` says more. `rainbow --version` names the version.\n");
}

static void print_command_help(const cli_command *command)
{
    printf("usage: rainbow %s %s\n\n%s.\n", command->name, command->usage, command->help);
    if (*command->details) printf("\n%s", command->details);
}

// "bench learner" is the part of bench that the word learner chooses.
static const cli_command *find_part(const cli_command *command, int count, const char *const *words)
{
    for (const cli_command *const *part = command->parts; part && *part && count; part++)
        if (!strcmp(strchr((*part)->name, ' ') + 1, words[0])) return *part;
    return NULL;
}

static int run_command(const cli_command *command, int count, const char *const *words)
{
    const cli_command *part = find_part(command, count, words);
    if (part) return run_command(part, count - 1, words + 1);
    for (int i = 0; i < count; i++)
        if (!strcmp(words[i], "--help") || !strcmp(words[i], "-h")) {
            print_command_help(command);
            return CLI_DONE;
        }
    return command->run(command, count, words);
}

static int unknown_command(const char *word)
{
    const char *names[COMMANDS];
    for (int i = 0; i < COMMANDS; i++) names[i] = commands[i]->name;
    const char *near = rb_text_nearest(word, names, COMMANDS);
    if (near)
        fprintf(stderr, "rainbow: no command %s; did you mean %s?\n", word, near);
    else
        fprintf(stderr, "rainbow: no command %s; `rainbow --help` lists them\n", word);
    return CLI_USAGE;
}

static int run(int count, const char *const *words)
{
    if (!count) {
        print_help(stderr);
        return CLI_USAGE;
    }
    if (!strcmp(words[0], "--help") || !strcmp(words[0], "-h")) {
        print_help(stdout);
        return CLI_DONE;
    }
    if (!strcmp(words[0], "--version")) {
        printf("rainbow %s\n", rb_rainbow_version());
        return CLI_DONE;
    }
    for (int i = 0; i < COMMANDS; i++) {
        if (!strcmp(commands[i]->name, words[0])) return run_command(commands[i], count - 1, words + 1);
    }
    return unknown_command(words[0]);
}

int main(int argc, char **argv)
{
    rb_rainbow_init();
    signal(SIGXFSZ, SIG_IGN); // a limit on the size of files is then an error of the write, as a full disk is
    int status = run(argc - 1, (const char *const *)argv + 1);
    // What was printed must have arrived: a full disk under `> file` is a failure.
    if (fflush(stdout) || ferror(stdout)) {
        fprintf(stderr, "rainbow: standard output can't be written: %s\n", strerror(errno));
        return status == CLI_DONE ? CLI_FAILED : status;
    }
    return status;
}
