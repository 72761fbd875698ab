// Published scores of the 57 Atari games (published.csv names their sources), for comparison.
#ifndef RB_RESULTS_PUBLISHED_H
#define RB_RESULTS_PUBLISHED_H

#include <stdbool.h>
#include "rainbow/report.h"

enum { RB_PUBLISHED_POINTS = 6 };
extern const int rb_published_millions[RB_PUBLISHED_POINTS]; // 1, 2, 4, 10, 50, 200

typedef struct rb_published {
    double random, human; // mean returns
    // Training returns of Dopamine's agents over the million frames that ends at each point: mean and
    // extremes of five seeds; NaN if not published.
    rb_interval dopamine[RB_DOPAMINE_AGENTS][RB_PUBLISHED_POINTS];
} rb_published;

// False if the game ("ms_pacman") is not one of the 57.
bool rb_published_find(const char *game, rb_published *out);
// The point whose number of frames is nearest by ratio.
int rb_published_nearest(double frames);

#endif
