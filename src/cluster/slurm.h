// The programs of Slurm: called, and read.
#ifndef RB_CLUSTER_SLURM_H
#define RB_CLUSTER_SLURM_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

// Runs a program found in PATH, with nothing on its standard input. `out`: what it wrote, its errors
// included; cut to `bytes`, or, if `all` is not NULL, whole in *all, which the caller frees. *ended: its exit
// status, or minus the number of the signal that ended it. RB_ERR_MISSING: there is no such program;
// RB_ERR_FILE: it can't be started.
rb_status rb_slurm_call(const char *const *words, char *out, size_t bytes, char **all, int *ended,
                        rb_error *error);

typedef struct rb_slurm_cluster { // as scontrol and sinfo describe it
    int array_most;               // tasks of an array
    bool whole_nodes;             // jobs get whole nodes
    int node_cpus;                // of the smallest node; 0: unknown
} rb_slurm_cluster;
// `partition`: NULL for the default one. Without Slurm, its defaults.
rb_slurm_cluster rb_slurm_describe(const char *partition);

#endif
