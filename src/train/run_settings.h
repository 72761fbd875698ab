// The settings inside a checkpoint. A state is meaningful only with the settings and the environment that it
// was made with, so it begins with both:
//
//     settings            the text of config.ini, the first record of state.rb, so that other tools can read it
//     environment/...     actions, shape of an observation, stack, checksum of the ROM
//
// On resume the run's config.ini is compared with the first: a file that was edited, truncated or taken from
// another run is rejected, unless it changes only what --GROUP.KEY=VALUE may change too. The environment is
// compared with the second. States of older versions begin with neither and are accepted with a warning.
#ifndef RB_TRAIN_RUN_SETTINGS_H
#define RB_TRAIN_RUN_SETTINGS_H

#include "train/run_state.h"

typedef struct rb_saved_settings {
    char *text; // NULL: there is no checkpoint, or it holds no settings
    size_t bytes;
    rb_config *config;            // the text, read
    char checkpoint[RB_PATH_MAX]; // its directory; "": there is none
} rb_saved_settings;

// Reads the settings in the newest state of a run. A run without a checkpoint, and a damaged state (which the
// checkpoint's loader will report), have none.
rb_status rb_saved_settings_read(rb_saved_settings *out, const char *run_directory, rb_error *error);
void rb_saved_settings_free(rb_saved_settings *saved);
// RB_ERR_FORMAT if `file`, read from config.ini at `path`, differs from them in a parameter that can't change
// on resume: names the parameter, both values and the remedy.
rb_status rb_saved_settings_check(const rb_saved_settings *saved, const rb_config *file, const char *path,
                                  rb_error *error);
// Reports to the run's log: values that config.ini changed, and the schedules that another run.max_steps
// stretches or shrinks. `file`: as for the check.
void rb_saved_settings_tell(const rb_saved_settings *saved, const rb_run *run, const rb_config *file);
// Whether the checkpoint must have left its mark in an event file.
bool rb_saved_settings_had_events(const rb_saved_settings *saved);

// The first records of a state. When loading, run->settings_then is what rb_saved_settings_read found.
void rb_run_settings_visit(rb_run *run, rb_visitor *visitor);
// Of the game's ROM; 0 if the environment is no Atari game.
uint64_t rb_rom_checksum(const rb_params *params);

#endif
