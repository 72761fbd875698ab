// What an ended run leaves on the disk, if it is much: the states, which only a resumed run reads. The
// program never removes them unasked; the line names the command that does.
#include "cli/left_behind.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/cli.h"

static const double much_bytes = 50e6;

static double file_bytes(const char *directory, const char *name)
{
    char path[1400];
    struct stat facts;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    return lstat(path, &facts) || !S_ISREG(facts.st_mode) ? 0 : (double)facts.st_size;
}

// The files of replay/, and the state of every checkpoint.
static double state_bytes(const char *checkpoints)
{
    double bytes = 0;
    DIR *all = opendir(checkpoints);
    for (struct dirent *entry; all && (entry = readdir(all));) {
        char path[1300];
        snprintf(path, sizeof path, "%s/%s", checkpoints, entry->d_name);
        if (!strncmp(entry->d_name, "step_", 5)) bytes += file_bytes(path, "state.rb");
        DIR *replay = strcmp(entry->d_name, "replay") ? NULL : opendir(path);
        for (struct dirent *file; replay && (file = readdir(replay));)
            bytes += file_bytes(path, file->d_name);
        if (replay) closedir(replay);
    }
    if (all) closedir(all);
    return bytes;
}

void cli_left_behind_add(cli_left_behind *sum, const char *run)
{
    char checkpoints[1100];
    snprintf(checkpoints, sizeof checkpoints, "%s/checkpoints", run);
    sum->bytes += state_bytes(checkpoints);
    if (!sum->runs++) snprintf(sum->first, sizeof sum->first, "%s", run);
}

void cli_left_behind_note(const cli_left_behind *sum)
{
    char size[32], first[RB_TEXT_WORD_MAX];
    if (!(sum->bytes >= much_bytes)) return;
    rb_text_bytes(size, sizeof size, sum->bytes);
    rb_text_shell(first, sizeof first, sum->first);
    if (sum->runs > 1)
        cli_note("rainbow: %s that only --resume needs can be freed, in each of the %d runs: rm -r "
                 "checkpoints/replay checkpoints/step_*/state.rb",
                 size, sum->runs);
    else
        cli_note("rainbow: %s that only --resume needs can be freed: rm -r %s/checkpoints/replay "
                 "%s/checkpoints/step_*/state.rb",
                 size, first, first);
}
