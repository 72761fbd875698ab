// The whole public interface of Rainbow.
#ifndef RAINBOW_RAINBOW_H
#define RAINBOW_RAINBOW_H

#include "rainbow/bench.h"
#include "rainbow/check.h"
#include "rainbow/cluster.h"
#include "rainbow/config.h"
#include "rainbow/env.h"
#include "rainbow/error.h"
#include "rainbow/evaluate.h"
#include "rainbow/export.h"
#include "rainbow/inspect.h"
#include "rainbow/learner.h"
#include "rainbow/plot.h"
#include "rainbow/record.h"
#include "rainbow/report.h"
#include "rainbow/run.h"
#include "rainbow/version.h"
#include "rainbow/window.h"

#ifdef __cplusplus
extern "C" {
#endif

// Call once, at the start of a program: from then on rb_config_arguments applies the defaults that belong to
// an environment's name.
void rb_rainbow_init(void);
const char *rb_rainbow_version(void); // "0.1.0"; RAINBOW_VERSION is that of the headers

#ifdef __cplusplus
}
#endif

#endif
