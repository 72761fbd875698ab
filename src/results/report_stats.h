// Statistics over games and seeds, after Agarwal et al. 2021, "Deep reinforcement learning at the edge of the
// statistical precipice". They take scores, not runs.
//
//     scores of     game 0            game 1       game 2
//     values   [ run 0, 1, 2, 3 | run 0, 1, 2 | run 0, 1, 2, 3 ]
//     first      0                4             7                11
//
// Four figures over all games; m_g is the mean of game g's runs:
//     interquartile mean  the mean of the scores between the quartiles: sorted, without the lowest and the
//                         highest floor(count / 4) scores
//     median, mean        median and mean of the m_g
//     optimality gap      1 - the mean over games of min(score, 1): the mean shortfall below 1 (human)
// The performance profile at t is the share of runs whose score is above t; each game has the same weight.
// The probability of improvement of x over y is, for each game, the share of pairs of runs in which x's score
// is higher (ties count one half), averaged over games.
//
// An interval holds 95 of 100 resamples. Each resample draws, for every game, as many runs as the game has,
// with replacement (a bootstrap stratified by game). The interval's ends are the percentiles 2.5 and 97.5,
// linearly interpolated. Resample r draws from its own random stream, game by game in order, so the same
// scores and seed give the same interval.
#ifndef RB_RESULTS_REPORT_STATS_H
#define RB_RESULTS_REPORT_STATS_H

#include <stdint.h>
#include "rainbow/report.h"

typedef struct rb_scores {
    int games;
    const int *first;     // [games + 1]; each game has at least one run
    const double *values; // [first[games]], all finite
} rb_scores;

typedef struct rb_bootstrap {
    uint64_t seed;
    int resamples; // 1 or more
} rb_bootstrap;

typedef enum rb_aggregate { RB_IQM, RB_MEDIAN, RB_MEAN, RB_GAP, RB_AGGREGATES } rb_aggregate;

// out [RB_AGGREGATES]. RB_ERR_MEMORY, like the other functions here.
rb_status rb_scores_aggregate(const rb_scores *scores, const rb_bootstrap *how, rb_interval *out,
                              rb_error *error);
// out [points]: the profile above each of t [points].
rb_status rb_scores_profile(const rb_scores *scores, const rb_bootstrap *how, const double *t, int points,
                            rb_interval *out, rb_error *error);
// x and y have the same games in the same order, and any numbers of runs. Each resample draws from x first,
// then from y.
rb_status rb_scores_improvement(const rb_scores *x, const rb_scores *y, const rb_bootstrap *how,
                                rb_interval *out, rb_error *error);

#endif
