// Scores to play against: of the agents of the runs below a directory, of the player's own games before, and
// the published ones. The player's are kept in ROOT/play.csv, a row a game: return,steps,env.
#ifndef RB_VIEWER_PLAY_SCORES_H
#define RB_VIEWER_PLAY_SCORES_H

#include <stdint.h>
#include "rainbow/error.h"

typedef enum rb_score_kind { RB_SCORE_AGENT, RB_SCORE_YOU, RB_SCORE_HUMAN, RB_SCORE_RANDOM } rb_score_kind;

typedef struct rb_score {
    rb_score_kind kind;
    char name[96]; // "GROUP/NAME" of an agent's run
    double value;  // its last evaluation's mean; of the player the best game
    int64_t steps; // that the agent had learned
} rb_score;

typedef struct rb_score_list { // the highest first
    rb_score *list;
    int count;
    int games; // the player's, before
} rb_score_list;

// Whether two names are of the same game, whatever its protocol: atari/breakout and ALE/Breakout-v5.
int rb_same_game(const char *env, const char *other);
// A run that can't be read is left out; no directory there is no error.
rb_status rb_score_list_read(rb_score_list *out, const char *root, const char *env, rb_error *error);
void rb_score_list_free(rb_score_list *list);
// The player's row rises to `value` where it is below it, or is made.
rb_status rb_score_list_raise(rb_score_list *list, double value, rb_error *error);
// Adds a game of the player's to the file, whose path is written to `path` (of RB_PATH_MAX bytes).
rb_status rb_score_keep(const char *root, const char *env, double game_return, int64_t steps, char *path,
                        rb_error *error);

#endif
