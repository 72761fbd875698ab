// rainbow doctor: lists the parts that this machine has or lacks, with the commands that install them.
#include "cli/cli.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "base/scripts.h"

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

// Commands that work on this machine as it is, or that make more work, one per line.
static void print_first_commands(const rb_doctor_line *lines, int count)
{
    printf("\nTry:\n  rainbow train cartpole\n");
    if (is_fine(lines, count, "Atari emulator") && is_fine(lines, count, "Atari ROMs"))
        printf("  rainbow train atari/breakout --preset der\n");
    else
        printf("  %-26s # for Atari games, such as rainbow train atari/breakout\n",
               rb_scripts_in("./scripts/get-atari"));
    if (is_fine(lines, count, "gymnasium"))
        printf("  rainbow train gym/LunarLander-v3\n");
    else
        printf("  %-26s # for Gymnasium, such as rainbow train gym/LunarLander-v3\n",
               rb_scripts_in("./scripts/get-gymnasium"));
}

enum { JSON };

static const cli_option options[] = {
    [JSON] = CLI_FLAG(
        "json", "print one object: version, ok (nothing is missing), parts (each: what, ok, found, remedy)"),
    {0},
};

static int doctor(const cli_command *command, cli_words *words)
{
    (void)command;
    rb_doctor_line lines[LINES];
    int found = rb_doctor(lines, LINES);
    if (words->given[JSON]) return cli_print_json(as_json(lines, found));
    for (int i = 0; i < found; i++) {
        printf("%-7s  %-16s  %s\n", lines[i].ok ? "ok" : "missing", lines[i].what, lines[i].found);
        if (!lines[i].ok && *lines[i].remedy) printf("         to get it: %s\n", lines[i].remedy);
    }
    print_first_commands(lines, found);
    return CLI_DONE;
}

const cli_command cli_doctor = {
    .name = "doctor",
    .usage = "[OPTION...]",
    .help = "check what this machine has, what is missing, and how to get it",
    .details = "The exit status is 0 even if something is missing: only the environments and commands that "
               "need it fail.",
    .options = options,
    .examples = {{"rainbow doctor", "Lists each part, and how to install it if it is missing"},
                 {"rainbow doctor --json | grep '\"ok\"'", "Prints for a script what works"}},
    .run = doctor,
};
