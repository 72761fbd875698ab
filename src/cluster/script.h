// The job script of an array, and the user's options for sbatch in it.
#ifndef RB_CLUSTER_SCRIPT_H
#define RB_CLUSTER_SCRIPT_H

#include "rainbow/cluster.h"

enum { RB_SCRIPT_WARNING_SECONDS = 120 }; // a task is asked to save this long before its time limit

// The value of an option among sbatch's: "--partition=x", "--partition x", "-p x" or "-px"; NULL: not given;
// "" if it has none.
const char *rb_script_option(int count, const char *const *options, const char *name, char letter);
// RB_ERR_USAGE: an option that the array itself must decide.
rb_status rb_script_check_options(const rb_cluster_request *request, rb_error *error);
// The caller frees *text.
rb_status rb_script_make(char **text, const rb_cluster_plan *plan, const rb_cluster_request *request,
                         rb_error *error);

#endif
