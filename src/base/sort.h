// Sorting numbers, for medians and extremes.
#ifndef RB_BASE_SORT_H
#define RB_BASE_SORT_H

void rb_sort_ascending(double *values, int count); // none may be NaN

#endif
