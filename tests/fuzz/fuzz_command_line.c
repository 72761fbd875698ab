// A command line, one word per line: the first byte chooses the command whose options sort the words; then
// the words are read as settings. Words that name files are left out, because the bytes must not choose which
// files are read.
#include <stdbool.h>
#include "cli/cli.h"
#include "fuzz/fuzz.h"

enum { WORDS_MOST = 40 };

static bool names_file(const char *word)
{
    return strchr(word, '/') || strstr(word, "config");
}

static int split(char *text, const char *words[WORDS_MOST])
{
    int count = 0;
    for (char *word; count < WORDS_MOST && (word = strsep(&text, "\n"));)
        if (!names_file(word)) words[count++] = word;
    return count;
}

static void try_command(const cli_command *command, int count, const char *const *line)
{
    cli_words words;
    int number = 0;
    double share = 0;
    if (cli_sort_words(command, count, line, &words) == CLI_DONE)
        for (int i = 0; i < CLI_OPTIONS_MOST && command->options && command->options[i].name; i++) {
            cli_whole_number(command, command->options[i].name, words.given[i], 0, &number);
            cli_share(command, command->options[i].name, words.given[i], &share);
        }
    FUZZ_CHECK(number >= 0 && share >= 0 && share <= 1);
    cli_words_free(&words);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes)
{
    static int begun;
    if (!begun++) rb_rainbow_init();
    if (!bytes) return 0;
    int commands = 0;
    while (cli_commands[commands]) commands++;
    char *text = fuzz_text(data + 1, bytes - 1);
    const char *words[WORDS_MOST];
    const int count = split(text, words);
    try_command(cli_commands[data[0] % commands], count, words);
    rb_config *config;
    rb_error error = {0};
    FUZZ_CHECK(!rb_config_create(&config, NULL));
    rb_status status = rb_config_arguments(config, count, words, &error);
    FUZZ_CHECK(!status || *error.message);
    const int plain = rb_config_plain_word(count, words, 0);
    FUZZ_CHECK(plain >= 0 && plain <= count);
    rb_config_destroy(config);
    free(text);
    return 0;
}
