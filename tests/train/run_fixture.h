// Shared by the tests of whole runs: a temporary directory, small configurations, and a run from start to
// end.
#ifndef RB_TEST_RUN_FIXTURE_H
#define RB_TEST_RUN_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/file.h"
#include "config/config.h"
#include "rainbow/rainbow.h"
#include "sanitized.h"

static char root[64];

static inline int make_root(void **state)
{
    (void)state;
    rb_rainbow_init();
    snprintf(root, sizeof root, "/tmp/rb_run_XXXXXX");
    if (!mkdtemp(root)) return -1;
    return setenv("XDG_STATE_HOME", root, 1); // what the user trusts (config/trust.h)
}

static inline int drop_root(void **state)
{
    (void)state;
    return rb_file_remove_tree(root, NULL) != RB_OK;
}

// A configuration from command line words, with run.root in the test's directory.
static inline rb_config *configure(int count, const char *const *words)
{
    rb_error error = {0};
    rb_config *config;
    assert_int_equal(rb_config_create(&config, &error), RB_OK);
    // Pictures cost most, and have tests of their own: test_event_log and test_run_picture.
    config->params.tensorboard.pictures =
        0; // as if by default: given, it would cause a warning where it has no effect
    if (rb_config_arguments(config, count, words, &error)) fail_msg("%s", error.message);
    assert_int_equal(rb_config_set(config, "run.root", root, "test", &error), RB_OK);
    assert_int_equal(rb_config_set(config, "plot.enabled", "false", "test", &error), RB_OK);
    return config;
}

#define CONFIGURE(...)                                                                                       \
    configure((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)),                      \
              (const char *const[]){__VA_ARGS__})

static inline void set(rb_config *config, const char *key, const char *value)
{
    rb_error error = {0};
    if (rb_config_set(config, key, value, "test", &error)) fail_msg("%s", error.message);
}

static inline rb_run *create(const rb_config *config)
{
    rb_error error = {0};
    rb_run *run;
    if (rb_run_create(&run, config, NULL, &error)) fail_msg("%s", error.message);
    return run;
}

static inline uint64_t hash_of(rb_run *run)
{
    uint64_t hash = 0;
    assert_int_equal(rb_run_hash(run, &hash, NULL), RB_OK);
    return hash;
}

// Trains the whole run; returns the hash of its final state.
static inline uint64_t train(const rb_config *config)
{
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_run_train(run, &error)) fail_msg("%s", error.message);
    uint64_t hash = hash_of(run);
    rb_run_destroy(run);
    return hash;
}

#endif
