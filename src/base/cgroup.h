// The limits of the control groups that this process is in, as containers, batch systems and systemd set
// them: memory and processors, in both versions of Linux's interface (v1: one tree per controller; v2: one
// tree). A group's limit holds for all groups in it, so the least limit on the way to the root counts.
#ifndef RB_BASE_CGROUP_H
#define RB_BASE_CGROUP_H

typedef struct rb_cgroup {
    double memory_limit; // bytes; INFINITY: none
    double memory_left; // bytes until the first limit is met; cached files do not count as used; INFINITY: no
                        // limit
    double cores;       // processor time per time; INFINITY: no limit
} rb_cgroup;

// `root`: a directory before /proc/self/cgroup and /sys/fs/cgroup, "" for the machine's own. What can't be
// read does not limit.
rb_cgroup rb_cgroup_read(const char *root);

#endif
