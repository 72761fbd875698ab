// Time: a monotonic clock that counts from some fixed moment, and calendar time for what people read.
#ifndef RB_BASE_CLOCK_H
#define RB_BASE_CLOCK_H

double rb_clock_seconds(void);
double rb_clock_calendar(void);    // seconds since 1970; the clock may be set back
void rb_clock_nap(double seconds); // sleeps for at least this long; below 1 second

#endif
