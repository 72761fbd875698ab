// Shared by the commands: sorting their words, reading values, and JSON.
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/cli.h"

// ---- words

// The option's place in the table, -1 if the word is none. *value: what stands behind "=", or NULL.
static int find(const cli_option *options, const char *word, const char **value)
{
    *value = NULL;
    if (word[0] == '-' && word[1] && !word[2])
        for (int i = 0; options[i].name; i++)
            if (options[i].letter == word[1]) return i;
    if (strncmp(word, "--", 2)) return -1;
    const size_t bytes = strcspn(word + 2, "=");
    if (word[2 + bytes]) *value = word + 3 + bytes;
    for (int i = 0; options[i].name; i++)
        if (strlen(options[i].name) == bytes && !memcmp(options[i].name, word + 2, bytes)) return i;
    return -1;
}

static int take_options(const cli_command *command, cli_words *words)
{
    for (int i = 0; i < words->line_count; i++) {
        const char *word = words->line[i], *value;
        const int place = find(command->options, word, &value);
        const cli_option *option = &command->options[place < 0 ? 0 : place];
        const bool next = i + 1 < words->line_count && strncmp(words->line[i + 1], "--", 2) != 0;
        if (place < 0) {
            words->rest[words->count++] = word;
        } else if (!option->argument) {
            if (value) return cli_usage(command, "--%s takes no value", option->name);
            words->given[place] = "";
        } else if (!value && !next) {
            return cli_usage(command, "--%s needs a value", option->name);
        } else {
            words->given[place] = value ? value : words->line[++i];
        }
    }
    return CLI_DONE;
}

// A missing directory is reported before an hour of games is played for a file in it. It is not made: its
// name may be misspelt.
static int check_directory(const char *file)
{
    struct stat facts;
    char directory[1100];
    rb_error error = {0};
    const char *slash = strrchr(file, '/');
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - file) : 0, file);
    if (!*directory || (!stat(directory, &facts) && S_ISDIR(facts.st_mode))) return CLI_DONE;
    rb_error_set(&error, RB_ERR_FILE,
                 "%.300s: there is no directory %.300s; make it first, or name another file", file,
                 directory);
    return cli_fail(&error);
}

int cli_sort_words(const cli_command *command, int count, const char *const *line, cli_words *out)
{
    *out = (cli_words){
        .rest = malloc((size_t)(count + 1) * sizeof *out->rest), .line = line, .line_count = count};
    if (!out->rest) return cli_no_memory();
    for (int i = 0; command->passes && i < count; i++)
        if (!strcmp(line[i], "--")) {
            out->passed = line + i + 1;
            out->passed_count = count - i - 1;
            out->line_count = i;
            break;
        }
    int status = take_options(command, out);
    for (int i = 0; command->options[i].name; i++) {
        if (status == CLI_DONE && out->given[i] && command->options[i].writes)
            status = check_directory(out->given[i]);
        if (out->given[i] && !strcmp(command->options[i].name, "trust")) rb_config_trust_files();
        if (out->given[i] && !strcmp(command->options[i].name, "python")) rb_config_use_python(out->given[i]);
    }
    if (status == CLI_DONE && command->settings == CLI_NO_SETTINGS)
        status = cli_no_more(command, out->count, out->rest);
    if (status == CLI_DONE && command->settings == CLI_ALL_SETTINGS)
        status = cli_misspelt(command, out->count, out->rest);
    return status;
}

void cli_words_free(cli_words *words)
{
    free(words->rest);
    words->rest = NULL;
}

int cli_no_more(const cli_command *command, int count, const char *const *rest)
{
    int plain = 0;
    for (int i = 0; i < count; i++) {
        if (*rest[i] != '-') {
            if (++plain > command->words) return cli_usage(command, "unexpected word %s", rest[i]);
            continue;
        }
        return cli_unknown_option(command, rest[i]);
    }
    return CLI_DONE;
}

// ---- values

int cli_whole_number(const cli_command *command, const char *name, const char *text, int least, int *out)
{
    enum { MOST = 100000000 };
    char *end;
    long value = text ? strtol(text, &end, 10) : 0;
    if (!text) return CLI_DONE;
    if (end == text || *end || value < least || value > MOST)
        return value > MOST
                   ? cli_usage(command, "--%s=%s: must be a whole number from %d to %d", name, text, least,
                               (int)MOST)
                   : cli_usage(command, "--%s=%s: must be a whole number, %d or more", name, text, least);
    *out = (int)value;
    return CLI_DONE;
}

int cli_seed(const cli_command *command, const char *text, uint64_t *out)
{
    char *end;
    if (!text) return CLI_DONE;
    const long long value = strtoll(text, &end, 10);
    if (end == text || *end || value < 0 || value > UINT32_MAX)
        return cli_usage(command, "--seed=%s: must be a whole number from 0 to %" PRIu32, text, UINT32_MAX);
    *out = (uint64_t)value;
    return CLI_DONE;
}

int cli_share(const cli_command *command, const char *name, const char *text, double *out)
{
    if (!text) return CLI_DONE;
    char *end;
    const double value = strtod(text, &end);
    if (end == text || *end || !(value >= 0 && value <= 1))
        return cli_usage(command, "--%s=%s: must be between 0 and 1", name, text);
    *out = value;
    return CLI_DONE;
}

bool cli_program_path(char *out, size_t bytes)
{
    const ssize_t length = readlink("/proc/self/exe", out, bytes);
    if (length <= 0 || (size_t)length >= bytes) return false;
    out[length] = 0;
    return true;
}

int cli_print_json(cJSON *object)
{
    char *text = object ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    if (!text) return cli_no_memory();
    rb_text_mend(text); // a name or a message may be cut within a letter
    printf("%s\n", text);
    cJSON_free(text);
    return CLI_DONE;
}
