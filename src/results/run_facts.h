// What a run's directory tells about the run besides its tables.
#ifndef RB_RESULTS_RUN_FACTS_H
#define RB_RESULTS_RUN_FACTS_H

#include "config/config.h"
#include "rainbow/report.h"

typedef struct rb_run_facts {
    rb_config *config; // of the run's directory
    rb_config *start; // of its oldest checkpoint, if a resume changed what decides the result; otherwise NULL
    bool shared;      // both belong to another run's facts
} rb_run_facts;

// Reads the settings. RB_ERR_FILE, RB_ERR_FORMAT, RB_ERR_USAGE, with nothing to free.
rb_status rb_run_facts_read(rb_run_facts *out, const char *run, rb_error *error);
void rb_run_facts_free(rb_run_facts *facts);

// Whether runs are samples of one experiment if they are of one game: their settings agree in everything that
// decides the result, at the start and now.
bool rb_run_facts_same(const rb_run_facts *a, const rb_run_facts *b);
// Whether the one's settings can stand for the other's in everything but the seed and the name; then `share`
// frees the first's and takes over the second's, which must outlive it. Settings are large, and of a thousand
// runs most are seeds of few experiments.
bool rb_run_facts_interchangeable(const rb_run_facts *a, const rb_run_facts *b);
void rb_run_facts_share(rb_run_facts *facts, const rb_run_facts *with);
// "run.max_steps=1000": the settings at the start that a resume has changed; "" if there are none.
void rb_run_facts_began(const rb_run_facts *facts, char *out, size_t bytes);

// The environment, with one name for all names of an Atari game: "atari/breakout" for "ALE/Breakout-v5".
void rb_run_facts_game(const rb_config *config, char *out, size_t bytes);

// The run's name without its seed: "long" for runs/study/long-s3 of seed 3; "" if the name is only a number.
// It names a group of seeds.
void rb_run_facts_stem(const char *run, int64_t seed, char *out, size_t bytes);

// Looks for end.json and for a process that holds the directory's lock.
rb_run_state rb_run_facts_state(const char *run);

// The probability of a sticky action that the run's games had; NaN if the environment decides that itself.
double rb_run_facts_sticky(const rb_config *config);
// The value of atari.life_loss; "" for environments without lives.
const char *rb_run_facts_life_loss(const rb_config *config);

#endif
