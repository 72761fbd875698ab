// Scales of values and of returns that follow the last RB_TRACE_STEPS moments, as long as the trace shows.
//
// What a moment needs is shown at once. What no recent moment needs is given up only once it is much, so that
// the picture keeps still: a scale that fits the first games of an agent, or the checkpoint before, would
// otherwise press everything later into a corner.
#ifndef RB_VIEWER_VIEW_SCALE_H
#define RB_VIEWER_VIEW_SCALE_H

#include "viewer/view_chart.h"

typedef struct rb_view_scale {
    int64_t moments; // so far
    float lows[RB_TRACE_STEPS],
        highs[RB_TRACE_STEPS]; // least and largest value of each recent moment, a ring
    int64_t *seen;             // [atoms] the last moment in which an atom had a share; 0: none
} rb_view_scale;

bool rb_view_scale_create(rb_view_scale *out, int atoms); // false: no memory
void rb_view_scale_destroy(rb_view_scale *scale);
// Once per moment: the values of its actions, of those that are `allowed` (NULL: all), and with atoms their
// probabilities [actions][atoms].
void rb_view_scale_follow(rb_view_scale *scale, const float *q, const uint8_t *allowed, int actions,
                          rb_range *range);
void rb_view_scale_follow_atoms(rb_view_scale *scale, const float *probabilities, int actions,
                                rb_view_atoms *atoms);

#endif
