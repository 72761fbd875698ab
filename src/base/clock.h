// Time: since some fixed moment, never running backwards; and of the calendar, for what people read.
#ifndef RB_BASE_CLOCK_H
#define RB_BASE_CLOCK_H

double rb_clock_seconds(void);
double rb_clock_calendar(void);    // seconds since 1970, which may be set back
void rb_clock_nap(double seconds); // at least so long; below a second

#endif
