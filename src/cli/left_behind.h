// A line at the end of a training about the room that its checkpoints take.
#ifndef RB_CLI_LEFT_BEHIND_H
#define RB_CLI_LEFT_BEHIND_H

typedef struct cli_left_behind {
    double bytes;
    int runs;
    char first[1100];
} cli_left_behind;

void cli_left_behind_add(cli_left_behind *sum, const char *run); // the run has ended
void cli_left_behind_note(const cli_left_behind *sum);           // nothing if it is little, or with --quiet

#endif
