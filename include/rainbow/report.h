// Reports: what runs came to, and how sure that is. Reads the tables that runs left behind; trains and plays
// nothing.
//
// Runs are put into groups and games. A group's runs have the same run.group and preset and the same value of
// every parameter that decides what is learned; in a game they differ in their seed alone. The statistics
// over games and seeds are those of Agarwal et al. 2021.
#ifndef RAINBOW_REPORT_H
#define RAINBOW_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A figure and its 95 % interval, by bootstrap over runs within each game. NaN where there is none.
typedef struct rb_interval {
    double value, low, high;
} rb_interval;

typedef enum rb_report_score { RB_SCORE_LAST, RB_SCORE_BEST, RB_SCORE_MEAN } rb_report_score;

typedef struct rb_report_options {
    rb_report_score score; // of a run: its last evaluation, its best, the mean of its last `mean_of`
    int mean_of;
    int resamples; // of the bootstrap; 0: 2,000
    uint64_t seed; // of its dice
    const char
        *against;  // a group that all others are held against; NULL: where there are two groups, the second
    bool dopamine; // with the published curves of Dopamine's agents
} rb_report_options;

typedef struct rb_report_run {
    char path[1024];
    int group, game;
    int64_t seed;
    int evaluations;
    double mean, median, best, last; // of its evaluations, each the mean raw return of its games
    int64_t best_frames, frames;     // at its best and at its last evaluation
    double score, normalised;        // normalised: (score - random) / (human - random), NaN where unknown
} rb_report_run;

typedef struct rb_report_game {
    char name[128];       // "atari/breakout", "cartpole"
    bool known;           // has published scores of random play and of a human
    double random, human; // NaN where not known
} rb_report_game;

enum { RB_DOPAMINE_DQN, RB_DOPAMINE_C51, RB_DOPAMINE_RAINBOW, RB_DOPAMINE_AGENTS };
extern const char *const rb_dopamine_names[RB_DOPAMINE_AGENTS]; // "dqn" "c51" "rainbow"

// A group's runs of one game.
typedef struct rb_report_cell {
    int group, game, runs;
    int64_t least_frames, most_frames; // at the last evaluations of its runs
    rb_interval mean;                  // of the runs' scores
    double median, best, last;         // of the runs' scores; of all evaluations; mean of the last ones
    rb_interval normalised;            // `mean`, human-normalised
    // With `dopamine`: training returns over the million frames that end at `published_frames`, 0 where the
    // game is not known: the mean of five seeds, and the lowest and the highest.
    int64_t published_frames;
    rb_interval published[RB_DOPAMINE_AGENTS];
} rb_report_cell;

enum { RB_PROFILE_POINTS = 101 };

typedef struct rb_report_group {
    char name[256]; // "default/rainbow"
    int runs, games;
    int known_games, known_runs; // those that the figures below are over; 0: there are none
    rb_interval iqm, median, mean, gap;
    rb_interval profile[RB_PROFILE_POINTS]; // share of runs above rb_report.above
} rb_report_group;

typedef struct rb_report_pair { // the chance that a run of `group` beats one of `over` in a game of both
    int group, over;
    int games; // of both; 0: none, and no figure
    rb_interval probability;
} rb_report_pair;

typedef struct rb_report {
    int run_count, game_count, cell_count, group_count, pair_count, remark_count, resamples;
    rb_report_run *runs; // by group, game and seed
    rb_report_game *games;
    rb_report_cell *cells; // by group, then game
    rb_report_group *groups;
    rb_report_pair *pairs;
    char (*remarks)[512];            // what a reader should know, a sentence each
    double above[RB_PROFILE_POINTS]; // human-normalised scores, from 0 on in equal steps
} rb_report;

// `paths`: runs' directories, or directories of runs (a group's, or the root of groups). RB_ERR_USAGE: none
// there, or `against` names no group; RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_NUMBER: a run that can't be read. A
// run without an evaluation is left out, with a remark.
rb_status rb_report_make(rb_report **out, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error);
void rb_report_free(rb_report *report); // NULL is fine
// Aggregates and profile of the groups as a picture, .svg or .png, with the gnuplot script that draws it and
// its data beside it (.gp, .dat). RB_ERR_USAGE where no group has a game with published scores,
// RB_ERR_MISSING without gnuplot. (report_picture.c)
rb_status rb_report_draw(const rb_report *report, const char *file, rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
