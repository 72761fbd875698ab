// What this process has had of the processor so far, and what it wanted and did not get: so that a benchmark
// on a shared machine can tell a core that had nothing to do from one that was taken away.
#ifndef RB_BASE_CPU_TIME_H
#define RB_BASE_CPU_TIME_H

typedef struct rb_cpu_time {
    double running; // seconds of all threads together, in the program and in the kernel
    double queued;  // seconds in which a thread of ours could have run, and other threads had the core
    double stolen;  // seconds that another guest of the host had a core that this machine wanted, all cores
} rb_cpu_time;

// What the system does not tell (`queued`, `stolen`) is 0. Both ends of a measurement are read from the same
// threads: one that ended in between takes its time with it.
rb_cpu_time rb_cpu_time_now(void);

// Of all the time that `threads` threads had in `wall` seconds since `before`: shares of 1.
typedef struct rb_cpu_shares {
    double running, queued, stolen, waiting;
} rb_cpu_shares;
rb_cpu_shares rb_cpu_shares_since(const rb_cpu_time *before, double wall, int threads);

#endif
