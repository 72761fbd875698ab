// Time since some fixed moment, in seconds, never running backwards.
#ifndef RB_BASE_CLOCK_H
#define RB_BASE_CLOCK_H

double rb_clock_seconds(void);
void rb_clock_nap(double seconds); // at least so long; below a second

#endif
