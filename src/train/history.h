// The course of a run in a fixed amount of memory: returns, loss, Q-values and epsilon in equal parts of the
// steps so far.
//
//     part       0      1      2           ...          used-1          free
//     steps   1..w  w+1..2w  ...                (used-1)w+1..used*w
//
// When the last part is full, neighbours are merged and w doubles. So a part always holds sums over whole
// games and over steps that do not depend on when the history is read, and adding a game costs a few
// additions.
#ifndef RB_TRAIN_HISTORY_H
#define RB_TRAIN_HISTORY_H

#include <stdint.h>

enum { RB_HISTORY_PARTS = 512 };

typedef struct rb_history_part { // sums over the games that ended in this part
    int64_t games, learned;      // learned: games during which updates were made
    double returns, loss, q;
    double epsilon; // when its last game ended
} rb_history_part;

typedef struct rb_history {
    int64_t width; // steps per part; 0: empty
    int used;
    rb_history_part parts[RB_HISTORY_PARTS];
} rb_history;

// Adds a game that ended at `step` (1 or more, never decreasing). NaN for loss and q: no update was made
// during it.
void rb_history_add(rb_history *history, int64_t step, double game_return, double epsilon, double loss,
                    double q);
// The mean return in each of `points` equal pieces of the steps 0 .. end. A piece in which no game ended
// repeats the value before it if a later piece has games; otherwise it is NaN.
void rb_history_returns(const rb_history *history, int64_t end, int points, float *out);

#endif
