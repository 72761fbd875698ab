// Reports: the results of runs, with confidence intervals. Reads the tables that runs wrote; trains and plays
// nothing.
//
// Runs are sorted into groups and games. The runs of a group share run.group, the preset, and the value of
// every parameter that decides the result (rb_param_info.decides); within a game they differ only in the
// seed. The statistics over games and seeds are those of Agarwal et al. 2021.
#ifndef RAINBOW_REPORT_H
#define RAINBOW_REPORT_H

#include <stdbool.h>
#include <stdint.h>
#include "rainbow/error.h"

#ifdef __cplusplus
extern "C" {
#endif

// A value and its 95 % interval, by bootstrap over the runs of each game. NaN if there is none: of a single
// run of each game, only the value.
typedef struct rb_interval {
    double value, low, high;
} rb_interval;

typedef enum rb_report_score { RB_SCORE_LAST, RB_SCORE_BEST, RB_SCORE_MEAN } rb_report_score;

typedef struct rb_report_options {
    rb_report_score score; // a run's score: its last evaluation, its best, or the mean of its last `mean_of`
    int mean_of;
    int resamples; // bootstrap resamples; 0: 2,000
    uint64_t seed; // seeds the bootstrap
    const char
        *against;  // the group that all others are compared with; NULL: the second group, if there are two
    bool dopamine; // include the published curves of Dopamine's agents
} rb_report_options;

typedef enum rb_run_state {
    RB_RUN_ENDED,     // one of its limits ended it
    RB_RUN_RUNNING,   // a process trains it now
    RB_RUN_UNFINISHED // interrupted, killed or failed; also a run on a file system without locks
} rb_run_state;
const char *rb_run_state_name(rb_run_state state); // "ended", "running" or "unfinished"

typedef struct rb_report_run {
    char path[1024];
    int group, game;
    rb_run_state state;
    int64_t seed;
    double sticky;         // probability of a sticky action; NaN if the environment decides that itself
    const char *life_loss; // atari.life_loss, "" if it does not apply; static memory
    int evaluations;
    double mean, median, best, last; // over its evaluations; an evaluation is the mean raw return of its
                                     // games
    int64_t best_frames, frames;     // frames at its best and at its last evaluation
    double score, normalised;        // normalised: (score - random) / (human - random), NaN if unknown
} rb_report_run;

typedef struct rb_report_game {
    char name[128];       // "atari/breakout", "cartpole"
    bool known;           // scores of random play and of a human are published
    double random, human; // NaN if unknown
} rb_report_game;

enum { RB_DOPAMINE_DQN, RB_DOPAMINE_C51, RB_DOPAMINE_RAINBOW, RB_DOPAMINE_AGENTS };
const char *rb_dopamine_name(int agent); // "dqn", "c51" or "rainbow"

// The runs of one group in one game.
typedef struct rb_report_cell {
    int group, game, runs;
    int unfinished;                    // of these runs; those that are still running included
    double sticky;                     // the runs' own, as they are of one experiment
    const char *life_loss;             //
    int64_t least_frames, most_frames; // at the runs' last evaluations
    rb_interval mean;                  // over the runs' scores
    double median, best, last;         // median over the runs' scores; best of all evaluations; mean of the
                                       // last ones
    rb_interval normalised;            // `mean`, human-normalised
    // With `dopamine`: training returns over the million frames that end at `published_frames`: the mean of
    // five seeds, the lowest and the highest. `published_frames` is 0 if the game has no published curve.
    int64_t published_frames;
    rb_interval published[RB_DOPAMINE_AGENTS];
} rb_report_cell;

enum { RB_PROFILE_POINTS = 101 };

typedef struct rb_report_group {
    char name[256]; // "default/rainbow"
    int runs, games;
    int known_games, known_runs; // the games and runs that the values below cover; 0: no values
    rb_interval iqm, median, mean, gap;
    rb_interval profile[RB_PROFILE_POINTS]; // share of runs above each score of rb_report.above
} rb_report_group;

typedef struct rb_report_pair { // the probability that a run of `group` beats a run of `over` in a game both
                                // played
    int group, over;
    int games; // games both played; 0: no value
    rb_interval probability;
} rb_report_pair;

typedef struct rb_report {
    int run_count, game_count, cell_count, group_count, pair_count, remark_count, resamples;
    rb_report_run *runs; // sorted by group, game and seed
    rb_report_game *games;
    rb_report_cell *cells; // sorted by group, then game
    rb_report_group *groups;
    rb_report_pair *pairs;
    char (*remarks)[512];            // notes for the reader, one sentence each
    double above[RB_PROFILE_POINTS]; // human-normalised scores from 0 in equal steps
} rb_report;

// `paths`: runs' directories, or directories of runs (a group's, or the root of groups). RB_ERR_USAGE: no
// runs there, or `against` names no group; RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_NUMBER: a run cannot be read. A
// run without an evaluation is left out, and so is the shorter of two runs with the same settings and seed; a
// remark reports each.
rb_status rb_report_make(rb_report **out, const char *const *paths, int count,
                         const rb_report_options *options, rb_error *error);
void rb_report_free(rb_report *report); // NULL is fine
// Draws the groups' aggregates and profiles as an .svg or .png picture, and writes the gnuplot script and its
// data beside it (.gp, .dat). RB_ERR_USAGE if no group has a game with published scores, RB_ERR_MISSING
// without gnuplot. (report_picture.c)
rb_status rb_report_draw(const rb_report *report, const char *file, rb_error *error);
// Writes the report as one HTML page that needs no other file and no network: tables, curves, the newest
// video of each game's best run, settings, and what differs between groups. `score` says what a run's score
// is ("its last evaluation"), `seed` is the bootstrap's. It reads the runs' tables, settings and videos
// again. (report_html.c)
rb_status rb_report_html(const rb_report *report, const char *file, const char *score, uint64_t seed,
                         rb_error *error);

#ifdef __cplusplus
}
#endif

#endif
