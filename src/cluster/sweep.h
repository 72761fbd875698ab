// The runs that one command line names: environments x swept values, as command lines of single runs.
#ifndef RB_CLUSTER_SWEEP_H
#define RB_CLUSTER_SWEEP_H

#include "rainbow/cluster.h"

enum { RB_SWEEP_KEYS = 16, RB_SWEEP_VALUES = 1000, RB_CLUSTER_RUNS = 100000 };

typedef struct rb_sweep_key { // a dimension of the sweep
    char *word;               // "--optim.learning_rate=1e-4,5e-5", cut into its parts
    const char *name;         // "optim.learning_rate"
    int word_at;              // its place in the words
    int count;
    const char *values[RB_SWEEP_VALUES];
} rb_sweep_key;

typedef struct rb_sweep {
    rb_sweep_key keys[RB_SWEEP_KEYS]; // key 0: the environments, whose name is ""
    int key_count;
    int word_count;
    char **words; // [word_count], each "--name=value", "-xVALUE" or plain
    int env_at;   // the environment's place in the words
    int64_t combinations;
} rb_sweep;

rb_status rb_sweep_read(rb_sweep *out, int count, const char *const *words, rb_error *error);
void rb_sweep_free(rb_sweep *sweep);
// The words of the combination in which key k has its value at[k]. [word_count]; swept words are written into
// `room`.
void rb_sweep_words(const rb_sweep *sweep, const int *at, const char **out, char *room, size_t bytes);
// "-learning_rate_1e-4-n_step_3": the swept values, for a name; "" without any.
void rb_sweep_name(const rb_sweep *sweep, const int *at, char *out, size_t bytes);
bool rb_sweep_next(const rb_sweep *sweep, int *at); // the last key changes fastest; false: there is no other

#endif
