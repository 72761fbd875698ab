// Weights of 8 bits for an exported C file: integers from -127 to 127, one float scale per row (an output).
// Some layers keep more bits. The layers that end the network get integers of 16 bits: with 8, their
// errors are as large as the differences between actions (a CartPole agent with atoms then chooses 1.3 % of
// its actions otherwise; with 16, 0.02 %). Rows of a few weights stay float, because their scale alone would
// take as much, and layers with less than a fiftieth of all weights, because they would save nothing.
//
// Each weight is rounded up or down, whichever brings the row's output on real observations nearer to that of
// the float network, given all weights before it (after Lybrand and Saab 2021, "A greedy algorithm for
// quantizing neural networks"), and once more given all others. The layers before have been quantised by
// then, so it makes up for their errors too. The weights of the last layers, which have bits enough, move
// freely to make up for the rest. What is left on average goes into the bias.
#ifndef RB_ROLLOUT_C_QUANTISE_H
#define RB_ROLLOUT_C_QUANTISE_H

#include "rollout/c_plan.h"

enum { RB_C_SHORT_ROW = 16 }; // shorter rows stay float

// The number of observations that are good to have: fewer for a large network, or it would take minutes.
int rb_c_quantise_samples(const rb_c_plan *plan);
// `observations` [count], one after the other, as different as the games to come. Replaces the weights of the
// plan's layers. RB_ERR_MEMORY.
rb_status rb_c_quantise(rb_c_plan *plan, const void *observations, int count, rb_arena *arena,
                        rb_error *error);

#endif
