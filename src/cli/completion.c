// Reads the tables for both completion scripts: which kind of word an argument or a usage stands for.
#include <string.h>

#include "cli/completion.h"

bool cli_names_word(const char *text, const char *word)
{
    const size_t bytes = strlen(word);
    for (const char *at = text; (at = strstr(at, word)); at += bytes) {
        const bool begins = at == text || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ-", at[-1]);
        const bool ends = !at[bytes] || !strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ", at[bytes]);
        if (begins && ends) return true;
    }
    return false;
}

cli_word_kind cli_kind_of(const cli_option *option)
{
    const char *argument = option->argument;
    return option->value                         ? CLI_WORD_VALUES
           : strchr(argument, '|')               ? CLI_WORD_CHOICE
           : cli_names_word(argument, "PRESET")  ? CLI_WORD_PRESET
           : cli_names_word(argument, "RUN")     ? CLI_WORD_DIRECTORY
           : cli_names_word(argument, "FILE")    ? CLI_WORD_FILE
           : cli_names_word(argument, "PROGRAM") ? CLI_WORD_FILE
                                                 : CLI_WORD_OTHER;
}

void cli_words_of(const cli_command *command, cli_word_kind kinds[CLI_KINDS_MOST], int *count)
{
    static const struct {
        const char *word;
        cli_word_kind kind;
    } known[] = {{"ENV", CLI_WORD_ENV},
                 {"TEXT", CLI_WORD_ENV},
                 {"PRESET", CLI_WORD_PRESET},
                 {"RUN", CLI_WORD_DIRECTORY},
                 {"CHECKPOINT", CLI_WORD_DIRECTORY},
                 {"COMMAND", CLI_WORD_COMMAND},
                 {"GROUP.KEY", CLI_WORD_PARAMETER}};
    *count = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        bool there = false;
        for (int k = 0; k < *count; k++) there |= kinds[k] == known[i].kind;
        for (const char *form = command->usage, *end; form && !there; form = end ? end + 1 : NULL) {
            char words[128];
            end = strchr(form, '\n');
            snprintf(words, sizeof words, "%.*s", (int)strcspn(form, "\n"), form);
            char *option = strstr(words, "--"); // what follows belongs to options
            if (option && !(known[i].kind == CLI_WORD_DIRECTORY && command == &cli_train)) *option = 0;
            if ((there = cli_names_word(words, known[i].word))) kinds[(*count)++] = known[i].kind;
        }
    }
}

bool cli_next_choice(const char **at, char *out, size_t bytes)
{
    const size_t length = strcspn(*at, "|");
    if (!length) return false;
    snprintf(out, bytes, "%.*s", (int)length, *at);
    *at += length + ((*at)[length] == '|');
    return true;
}

const char *cli_choices_of(const rb_param_info *param)
{
    return !strcmp(param->kind, "bool") ? "true|false" : !strcmp(param->kind, "choice") ? param->range : NULL;
}
