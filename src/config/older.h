// Runs of older programs, whose config.ini does not name the parameters that are newer.
//
// A program that did not know a parameter did what its first default does: a new parameter's default keeps
// what programs did before (CONTRIBUTING.md). Neither today's default nor a preset's value takes its place,
// so a run that is resumed, evaluated or watched goes on as it began.
#ifndef RB_CONFIG_OLDER_H
#define RB_CONFIG_OLDER_H

#include "config/config.h"

// A run's file or the text of one in memory: rb_config_read and rb_config_read_text, and then the first
// default of each parameter that it does not name. A text that names less than half of them was written by
// hand and is read as it is.
rb_status rb_config_read_record(rb_config *config, const char *path, rb_error *error);
rb_status rb_config_read_record_text(rb_config *config, const char *text, const char *name, rb_error *error);
// The first default of parameter i of the table, as text.
void rb_param_first_default(int i, char out[RB_TEXT_MAX + 16]);
// The next parameter, at or after place `from` of the table, that a run's text does not name; -1: none.
int rb_config_next_unknown(const char *text, int from);

#endif
