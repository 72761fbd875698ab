// Scores to play against: those of the agents in the runs below a directory, of the player's earlier games,
// and the published ones. The player's are kept in ROOT/play.csv, one row per game: return,steps,env.
#ifndef RB_VIEWER_PLAY_SCORES_H
#define RB_VIEWER_PLAY_SCORES_H

#include <stdint.h>
#include "rainbow/error.h"

typedef enum rb_score_kind { RB_SCORE_AGENT, RB_SCORE_YOU, RB_SCORE_HUMAN, RB_SCORE_RANDOM } rb_score_kind;

typedef struct rb_score {
    rb_score_kind kind;
    char name[96]; // "GROUP/NAME" for an agent's run
    double value;  // an agent's mean in its last evaluation; the player's best game
    int64_t steps; // steps the agent was trained for
} rb_score;

typedef struct rb_score_list { // highest first
    rb_score *list;
    int count;
    int games; // games the player has played before
} rb_score_list;

// Whether two names stand for the same game under any protocol: atari/breakout and ALE/Breakout-v5.
int rb_same_game(const char *env, const char *other);
// A run that can't be read is skipped; a missing directory is not an error.
rb_status rb_score_list_read(rb_score_list *out, const char *root, const char *env, rb_error *error);
void rb_score_list_free(rb_score_list *list);
// Raises the player's row to `value` if it is lower, or adds the row.
rb_status rb_score_list_raise(rb_score_list *list, double value, rb_error *error);
// Adds a game of the player to the file, and writes the file's path to `path` (RB_PATH_MAX bytes).
rb_status rb_score_keep(const char *root, const char *env, double game_return, int64_t steps, char *path,
                        rb_error *error);

#endif
