// rainbow doctor: what this machine has, what is missing, and the line that gets it.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <string.h>

enum { LINES = 32 };

static cJSON *as_json(const rb_doctor_line *lines, int count)
{
    cJSON *object = cJSON_CreateObject();
    bool all = true;
    for (int i = 0; i < count; i++) all = all && lines[i].ok;
    cJSON_AddStringToObject(object, "version", rb_rainbow_version());
    cJSON_AddBoolToObject(object, "ok", all);
    cJSON *parts = cJSON_AddArrayToObject(object, "parts");
    for (int i = 0; i < count; i++) {
        cJSON *part = cJSON_CreateObject();
        cJSON_AddStringToObject(part, "what", lines[i].what);
        cJSON_AddBoolToObject(part, "ok", lines[i].ok);
        cJSON_AddStringToObject(part, "found", lines[i].found);
        cJSON_AddStringToObject(part, "remedy", lines[i].remedy);
        cJSON_AddItemToArray(parts, part);
    }
    return object;
}

static bool is_fine(const rb_doctor_line *lines, int count, const char *what)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(lines[i].what, what)) return lines[i].ok;
    return false;
}

// What this machine can do as it is, each in a line to type.
static void print_what_to_type(const rb_doctor_line *lines, int count)
{
    printf("\nTo type:\n  rainbow train cartpole\n");
    if (is_fine(lines, count, "Atari emulator") && is_fine(lines, count, "Atari ROMs"))
        printf("  rainbow train atari/breakout --preset der\n");
    else
        printf("  ./scripts/get-atari        # then Atari games, such as rainbow train atari/breakout\n");
    if (is_fine(lines, count, "gymnasium"))
        printf("  rainbow train gym/LunarLander-v3\n");
    else
        printf("  ./scripts/get-gymnasium    # then Gymnasium, such as rainbow train gym/LunarLander-v3\n");
}

static int doctor(const cli_command *command, int count, const char *const *words)
{
    bool json = false;
    const cli_option options[] = {{.name = "json", .flag = &json}, {0}};
    const char *rest[8];
    if (count > 8) return cli_usage(command, "too many words");
    int status = cli_take_options(command, options, &count, words, rest);
    if (status == CLI_DONE) status = cli_no_more(command, options, count, rest, 0);
    if (status != CLI_DONE) return status;
    rb_doctor_line lines[LINES];
    int found = rb_doctor(lines, LINES);
    if (json) return cli_print_json(as_json(lines, found));
    for (int i = 0; i < found; i++) {
        printf("%-7s  %-16s  %s\n", lines[i].ok ? "ok" : "missing", lines[i].what, lines[i].found);
        if (!lines[i].ok && *lines[i].remedy) printf("         get it: %s\n", lines[i].remedy);
    }
    print_what_to_type(lines, found);
    return CLI_DONE;
}

const cli_command cli_doctor = {
    .name = "doctor",
    .usage = "[--json]",
    .help = "say what there is on this machine, what is missing, and how to get it",
    .details = "  --json  one object: version, ok (nothing is missing), parts (for each: what, ok, found, "
               "remedy)\n\n"
               "The exit status is 0 also when something is missing: only the environments or commands that "
               "need it fail.\n",
    .run = doctor,
};
