// What a run's directory tells about the run besides its tables.
#ifndef RB_RESULTS_RUN_FACTS_H
#define RB_RESULTS_RUN_FACTS_H

#include "config/config.h"
#include "rainbow/report.h"

// Reads config.ini of the run's directory; the caller destroys *out. RB_ERR_FILE, RB_ERR_FORMAT,
// RB_ERR_USAGE.
rb_status rb_run_facts_read(rb_config **out, const char *run, rb_error *error);

// The environment, with one name for all names of an Atari game: "atari/breakout" for "ALE/Breakout-v5".
void rb_run_facts_game(const rb_config *config, char *out, size_t bytes);

// Looks for end.json and for a process that holds the directory's lock.
rb_run_state rb_run_facts_state(const char *run);

// The probability of a sticky action that the run's games had; NaN if the environment decides that itself.
double rb_run_facts_sticky(const rb_config *config);
// The value of atari.life_loss; "" for environments without lives.
const char *rb_run_facts_life_loss(const rb_config *config);

#endif
