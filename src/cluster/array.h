// The files of an array, ROOT/GROUP/slurm (rainbow/cluster.h).
#ifndef RB_CLUSTER_ARRAY_H
#define RB_CLUSTER_ARRAY_H

#include "rainbow/cluster.h"

typedef struct rb_array_list { // runs.txt
    int count, runs_per_task, at_once;
    char **lines; // [count] "NAME\tWORD..."; in `text`
    char *text;
    char job_name[160];
} rb_array_list;
rb_status rb_array_list_read(rb_array_list *out, const char *directory, rb_error *error);
void rb_array_list_free(rb_array_list *list);
int rb_array_tasks(const rb_array_list *list); // of the array; the last one may have fewer runs

// The numbers of the submitted jobs, from jobs.txt; at most `most`, the newest. 0: never submitted.
int rb_array_jobs(const char *directory, long *jobs, int most);

// What squeue says of the group's tasks: [tasks + 1], by task.
typedef enum rb_array_place { RB_NOT_QUEUED, RB_QUEUED, RB_ON_NODE } rb_array_place;
// RB_ERR_MISSING, RB_ERR_FILE: squeue can't be asked. *queued: the number of tasks in the queue; *stranger: a
// job of the group's name that jobs.txt does not hold, or 0.
rb_status rb_array_queue(const char *directory, const char *job_name, int tasks, rb_array_place *places,
                         int *queued, long *stranger, rb_error *error);

#endif
