// How much processor time this process has had so far, and how much it wanted but did not get. A benchmark on
// a shared machine uses it to distinguish an idle core from one that was taken away.
#ifndef RB_BASE_CPU_TIME_H
#define RB_BASE_CPU_TIME_H

typedef struct rb_cpu_time {
    double running; // seconds of all threads together, in the program and in the kernel
    double queued;  // seconds in which one of our threads could have run but other threads had the core
    double
        stolen; // seconds in which another guest of the host had a core that this machine wanted, all cores
} rb_cpu_time;

// A field that the system does not report (`queued`, `stolen`) is 0. The same threads must be alive at both
// ends of a measurement: the queued time of a thread that ended in between is lost.
rb_cpu_time rb_cpu_time_now(void);

// Shares (0 .. 1) of the time that `threads` threads could have run in the `wall` seconds since `before`.
typedef struct rb_cpu_shares {
    double running, queued, stolen, waiting;
} rb_cpu_shares;
rb_cpu_shares rb_cpu_shares_since(const rb_cpu_time *before, double wall, int threads);

#endif
