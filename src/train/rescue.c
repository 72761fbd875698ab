#include "train/rescue.h"

#include "train/checkpoint.h"
#include "train/run_directory.h"

static rb_status rescue(rb_run *run, rb_error *error)
{
    rb_checkpoint_forget(run);
    rb_status status = rb_run_directory_again(run, error);
    return status ? status : rb_metrics_rescue(run->metrics, run->directory, error);
}

rb_status rb_rescue_if_deleted(rb_run *run, rb_error *error)
{
    rb_error own = {0};
    const rb_status status = rb_run_directory_follow(run, error);
    if (status && rescue(run, &own))
        rb_log_write(&run->log, RB_LOG_WARNING, "the run can't be saved elsewhere: %s", own.message);
    return status;
}
