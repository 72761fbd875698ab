// What the commands share: their own options, complaints and JSON.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

int cli_usage(const cli_command *command, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    fprintf(stderr, "rainbow %s: ", command->name);
    vfprintf(stderr, format, list);
    fprintf(stderr, "\nusage: rainbow %s %s\n", command->name, command->usage);
    va_end(list);
    return CLI_USAGE;
}

int cli_no_memory(void)
{
    fprintf(stderr, "rainbow: no memory\n");
    return CLI_FAILED;
}

int cli_fail(const rb_error *error)
{
    fprintf(stderr, "rainbow: %s\n", error->message);
    return error->status == RB_ERR_USAGE     ? CLI_USAGE
           : error->status == RB_INTERRUPTED ? CLI_INTERRUPTED
                                             : CLI_FAILED;
}

static const cli_option *find(const cli_option *options, const char *word, const char **value)
{
    if (strncmp(word, "--", 2)) return NULL;
    size_t bytes = strcspn(word + 2, "=");
    *value = word[2 + bytes] ? word + 3 + bytes : NULL;
    for (; options->name; options++)
        if (strlen(options->name) == bytes && !memcmp(options->name, word + 2, bytes)) return options;
    return NULL;
}

int cli_take_options(const cli_command *command, const cli_option *options, int *count,
                     const char *const *words, const char **rest)
{
    int left = 0;
    for (int i = 0; i < *count; i++) {
        const char *value = NULL;
        const cli_option *option = find(options, words[i], &value);
        if (!option) {
            rest[left++] = words[i];
        } else if (option->flag) {
            if (value) return cli_usage(command, "--%s takes no value", option->name);
            *option->flag = true;
        } else {
            bool next = i + 1 < *count && strncmp(words[i + 1], "--", 2) != 0;
            if (!value && !next) return cli_usage(command, "--%s needs a value", option->name);
            *option->value = value ? value : words[++i];
        }
    }
    *count = left;
    return CLI_DONE;
}

int cli_no_more(const cli_command *command, const cli_option *options, int count, const char *const *rest,
                int most)
{
    int plain = 0;
    for (int i = 0; i < count; i++) {
        if (*rest[i] != '-') {
            if (++plain > most) return cli_usage(command, "%s is a word too many", rest[i]);
            continue;
        }
        const char *names[16];
        int known = 0;
        for (; options[known].name && known < 16; known++) names[known] = options[known].name;
        const char *near = strncmp(rest[i], "--", 2) ? NULL : rb_text_nearest(rest[i] + 2, names, known);
        return near ? cli_usage(command, "no option %s; did you mean --%s?", rest[i], near)
                    : cli_usage(command, "no option %s", rest[i]);
    }
    return CLI_DONE;
}

int cli_whole_number(const cli_command *command, const char *name, const char *text, int least, int *out)
{
    char *end;
    long value = text ? strtol(text, &end, 10) : 0;
    if (!text) return CLI_DONE;
    if (end == text || *end || value < least || value > 100000000)
        return cli_usage(command, "--%s=%s: must be a whole number, %d or more", name, text, least);
    *out = (int)value;
    return CLI_DONE;
}

int cli_print_json(cJSON *object)
{
    char *text = object ? cJSON_Print(object) : NULL;
    cJSON_Delete(object);
    if (!text) return cli_no_memory();
    printf("%s\n", text);
    cJSON_free(text);
    return CLI_DONE;
}
