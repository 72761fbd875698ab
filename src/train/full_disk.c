#include "train/full_disk.h"

#include <stdio.h>

#include "base/clock.h"
#include "base/text.h"
#include "train/ending.h"

// How often room is looked for. Quotas do not show in the free space, so the write itself is tried now and
// then.
static const double nap_seconds = 0.1, look_seconds = 1, try_seconds = 10;

static void say_full(const rb_run *run, double room, const char *reason)
{
    char text[32];
    rb_text_bytes(text, sizeof text, room);
    rb_log_write(&run->log, RB_LOG_WARNING,
                 "%s; training waits until there is room on this disk (%s free): free some, or stop the run "
                 "(--run.on_full_disk=stop ends such a run at once)",
                 reason, text);
}

// Returns when the write may succeed, with more than `room` bytes free; false: the run is to stop.
static bool wait_for_room(rb_run *run, double room)
{
    const double start = rb_clock_seconds();
    double looked = start;
    while (!*run->stop) {
        rb_clock_nap(nap_seconds);
        const double now = rb_clock_seconds();
        if (now - start >= try_seconds) return true;
        if (now - looked < look_seconds) continue;
        looked = now;
        rb_run_time_limit(run);
        if (rb_file_free_bytes(run->directory) > room) return true;
    }
    return false;
}

rb_status rb_full_disk_try(rb_run *run, rb_disk_fn write, const void *context, rb_error *error)
{
    rb_error why = {0};
    rb_status status = write(run, context, &why);
    if (status == RB_ERR_FULL && run->params->run.on_full_disk == RB_FULL_DISK_WAIT && !*run->stop) {
        const double start = rb_clock_seconds();
        double room = rb_file_free_bytes(run->directory);
        say_full(run, room, why.message);
        rb_metrics_clock(run->metrics, false);
        while (status == RB_ERR_FULL && wait_for_room(run, room)) {
            status = write(run, context, &why);
            room = rb_file_free_bytes(run->directory);
        }
        rb_metrics_clock(run->metrics, true);
        if (!status)
            rb_log_write(&run->log, RB_LOG_INFO,
                         "there is room on the disk again: training goes on after %.0f s",
                         rb_clock_seconds() - start);
    }
    if (status && error) *error = why;
    return status;
}

static rb_status flush(rb_run *run, const void *context, rb_error *error)
{
    (void)context;
    rb_status status = rb_metrics_flush(run->metrics, error);
    return status ? status : rb_event_log_flush(run->events, run, error);
}

rb_status rb_full_disk_rows(rb_run *run, rb_status status, rb_error *error)
{
    return status == RB_ERR_FULL ? rb_full_disk_try(run, flush, NULL, error) : status;
}

void rb_full_disk_warn(rb_run *run, double need, const char *about)
{
    const double room = rb_file_free_bytes(run->directory);
    char need_text[32], room_text[32];
    if (room < 0) return;
    if (room >= need) {
        run->told_disk = false;
        return;
    }
    if (run->told_disk) return;
    run->told_disk = true;
    rb_text_bytes(need_text, sizeof need_text, need);
    rb_text_bytes(room_text, sizeof room_text, room);
    rb_log_write(&run->log, RB_LOG_WARNING,
                 "%s will need about %s, but the disk of %s has only %s free: free some in time", about,
                 need_text, run->directory, room_text);
}
