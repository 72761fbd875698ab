// The whole public interface of Rainbow.
#ifndef RAINBOW_RAINBOW_H
#define RAINBOW_RAINBOW_H

#include "rainbow/check.h"
#include "rainbow/config.h"
#include "rainbow/env.h"
#include "rainbow/error.h"
#include "rainbow/export.h"
#include "rainbow/plot.h"
#include "rainbow/record.h"
#include "rainbow/report.h"
#include "rainbow/run.h"
#include "rainbow/window.h"

#endif
