// A run stopped and resumed, for the tests that compare it with one that never stopped.
#ifndef RB_TESTS_TRAIN_STOP_AND_RESUME_H
#define RB_TESTS_TRAIN_STOP_AND_RESUME_H

#include "train/run_fixture.h"
#include "train/run_state.h"

// Runs to `step`, stops as if the user had pressed Ctrl-C, and resumes from the files, as another process
// would.
static inline rb_run *stop_and_resume(rb_config *config, int64_t step)
{
    char directory[RB_PATH_MAX];
    rb_error error = {0};
    rb_run *run = create(config);
    if (rb_loop(run, step, &error)) fail_msg("%s", error.message);
    rb_run_stop(run);
    assert_int_equal(rb_run_train(run, &error), RB_INTERRUPTED);
    snprintf(directory, sizeof directory, "%s", rb_run_directory(run));
    rb_run_destroy(run);
    if (rb_run_resume(&run, directory, 0, NULL, NULL, &error)) fail_msg("%s", error.message);
    return run;
}

#endif
