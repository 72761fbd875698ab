#include "train/run_settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "config/older.h"
#include "env/atari.h"
#include "env/emulator.h"
#include "rollout/saved.h"

enum { TEXT_MOST = 1 << 20 };

static rb_status parse(rb_saved_settings *saved, rb_error *error)
{
    rb_status status = rb_config_create(&saved->config, error);
    return status ? status : rb_config_read_record_text(saved->config, saved->text, "state.rb", error);
}

rb_status rb_saved_settings_read(rb_saved_settings *out, const char *run_directory, rb_error *error)
{
    char path[RB_PATH_MAX], record[32];
    *out = (rb_saved_settings){0};
    if (rb_checkpoint_find(out->checkpoint, sizeof out->checkpoint, run_directory, true, NULL)) {
        *out->checkpoint = 0;
        return RB_OK;
    }
    rb_status status = rb_path_join(path, sizeof path, out->checkpoint, "state.rb", error);
    if (!status)
        status = rb_visit_head(path, record, sizeof record, TEXT_MOST, &out->text, &out->bytes, error);
    if (status) return status;
    const bool is_text = out->text && !strcmp(record, "settings") && strlen(out->text) == out->bytes;
    if (is_text && !parse(out, error)) return RB_OK;
    if (is_text) status = rb_error_context(error, RB_ERR_FORMAT, "the settings in %s", out->checkpoint);
    free(out->text);
    out->text = NULL;
    return status;
}

void rb_saved_settings_free(rb_saved_settings *saved)
{
    free(saved->text);
    rb_config_destroy(saved->config);
    *saved = (rb_saved_settings){0};
}

rb_status rb_saved_settings_check(const rb_saved_settings *saved, const rb_config *file, const char *path,
                                  rb_error *error)
{
    if (!saved->text) return RB_OK;
    rb_config_change change, first = {0};
    int count = 0;
    for (int at = 0; rb_config_next_change(saved->config, file, at, &change); at = change.next)
        if (!change.resume && !count++) first = change;
    if (!count) return RB_OK;
    char more[48] = "";
    if (count > 1) snprintf(more, sizeof more, " (and %d other value%s)", count - 1, count > 2 ? "s" : "");
    return rb_error_set(
        error, RB_ERR_FORMAT,
        "%s: %s = %.120s, but the newest checkpoint was trained with %.120s, which can't change "
        "on resume%s; undo the change, or copy %s/config.ini over this file",
        path, first.key, first.is, first.was, more, saved->checkpoint);
}

bool rb_saved_settings_had_events(const rb_saved_settings *saved)
{
    return saved && saved->config && saved->config->params.tensorboard.enabled;
}

// ---- what a resume changes

static void tell_edits(const rb_saved_settings *saved, const rb_run *run, const rb_config *file)
{
    rb_config_change change;
    for (int at = 0; rb_config_next_change(saved->config, file, at, &change); at = change.next)
        rb_log_write(&run->log, RB_LOG_INFO,
                     "config.ini: %s = %.200s; the newest checkpoint was trained with %.200s", change.key,
                     change.is, change.was);
}

// Parameters that are newer than the program that wrote the checkpoint.
static void tell_unknown(const rb_saved_settings *saved, const rb_run *run)
{
    enum { SHOWN = 8 };
    char list[1024] = "", value[RB_CONFIG_VALUE_MAX];
    int count = 0;
    for (int i = rb_config_next_unknown(saved->text, 0); i >= 0;
         i = rb_config_next_unknown(saved->text, i + 1)) {
        const rb_param_info *info = rb_param_get(i);
        const size_t used = strlen(list);
        if (count++ >= SHOWN || rb_config_get(run->config, info->key, value, sizeof value, NULL)) continue;
        snprintf(list + used, sizeof list - used, "%s%s = %.80s", used ? ", " : "", info->key, value);
    }
    if (!count) return;
    char more[32] = "";
    if (count > SHOWN) snprintf(more, sizeof more, " and %d more", count - SHOWN);
    rb_log_write(
        &run->log, RB_LOG_INFO,
        "the newest checkpoint was written by an older version, which did not have all parameters; the run "
        "continues as it began: %s%s",
        list, more);
}

// "; `what` by step 10,000 instead of 5,000"
static void add_span(char *text, size_t bytes, const char *what, int64_t was, int64_t is)
{
    char then[32], now[32];
    const size_t used = strlen(text);
    if (was == is) return;
    rb_text_thousands(then, sizeof then, was);
    rb_text_thousands(now, sizeof now, is);
    snprintf(text + used, bytes - used, "; %s by step %s instead of %s", what, now, then);
}

// The schedules that are shares of run.max_steps.
static void tell_spans(const rb_params *then, const rb_run *run)
{
    const rb_params *p = run->params;
    const int64_t was = then->run.max_steps, is = p->run.max_steps;
    char text[768] = "";
    if (was == is) return;
    if (p->explore.schedule == RB_EXPLORE_LINEAR && p->explore.share > 0 &&
        p->explore.start != p->explore.end)
        add_span(text, sizeof text, "epsilon (explore.share) reaches explore.end",
                 llround(p->explore.share * (double)was), llround(p->explore.share * (double)is));
    if (p->replay.prioritized && !p->replay.beta_steps && p->replay.beta_start != p->replay.beta_end)
        add_span(text, sizeof text, "beta (replay.beta_steps = 0) reaches replay.beta_end", was, is);
    if (p->optim.anneal) add_span(text, sizeof text, "the learning rate (optim.anneal) reaches 0", was, is);
    if (!*text) return;
    rb_log_write(&run->log, RB_LOG_WARNING,
                 "run.max_steps = %" PRId64 " instead of %" PRId64
                 " moves schedules that are shares of the run, so their values jump at step %" PRId64 "%s",
                 is, was, run->step, text);
}

void rb_saved_settings_tell(const rb_saved_settings *saved, const rb_run *run, const rb_config *file)
{
    if (saved->text) {
        tell_unknown(saved, run);
        tell_edits(saved, run, file);
        tell_spans(&saved->config->params, run);
    } else if (*saved->checkpoint) {
        rb_log_write(&run->log, RB_LOG_WARNING,
                     "the newest checkpoint was written by an older version and holds no settings, so "
                     "config.ini can't be compared with it; the next checkpoint will hold them");
    }
}

// ---- the environment

// A number that must be what it was. `remedy` ends the sentence.
static void expect(rb_visitor *v, const rb_run *run, const char *name, const char *what, int64_t now,
                   const char *remedy)
{
    int64_t then = now;
    rb_visit_i64(v, name, &then);
    if (!rb_visitor_failed(v) && then != now)
        rb_visitor_fail(v, RB_ERR_FORMAT,
                        "%s: %s is %" PRId64 " now, but was %" PRId64 " when the checkpoint was written%s",
                        run->params->run.env, what, now, then, remedy);
}

uint64_t rb_rom_checksum(const rb_params *p)
{
    char game[RB_ATARI_GAME_MAX], path[RB_PATH_MAX];
    char *data;
    size_t bytes;
    uint64_t checksum = 0;
    rb_visitor *v;
    if (!rb_atari_match(p->run.env) || rb_atari_game(p->run.env, game, NULL)) return 0;
    if (rb_emulator_rom(path, sizeof path, game, p->atari.rom_dir, NULL)) return 0;
    if (rb_file_read(path, &data, &bytes, NULL)) return 0;
    if (!rb_visitor_hash(&v, NULL)) {
        rb_visit_bytes(v, "rom", data, bytes);
        rb_visitor_finish(v, &checksum, NULL);
    }
    free(data);
    return checksum;
}

// Three facts in one record, so that states without masks and vectors have the same records as before there
// were any: bit 0, whether an observation has floats; bit 1, whether the environment reports action masks;
// above, the numbers of the vector beside a picture.
static void expect_kind(rb_visitor *v, const rb_run *run, const rb_env_spec *env, const char *remedy)
{
    enum { FLOATS = 1, MASKS = 2, VECTOR = 4 };
    const int64_t now =
        (env->kind == RB_OBS_F32 ? FLOATS : 0) | (env->masks ? MASKS : 0) | (int64_t)env->vector * VECTOR;
    int64_t then = now;
    rb_visit_i64(v, "floats", &then);
    if (rb_visitor_failed(v) || then == now) return;
    if ((then ^ now) & FLOATS)
        rb_visitor_fail(v, RB_ERR_FORMAT,
                        "%s: its observations are %s now, but were %s when the checkpoint was written%s",
                        run->params->run.env, now & FLOATS ? "floats" : "bytes",
                        then & FLOATS ? "floats" : "bytes", remedy);
    else if (then / VECTOR != now / VECTOR)
        rb_visitor_fail(v, RB_ERR_FORMAT,
                        "%s: the vector beside its picture has %" PRId64 " numbers now, but had %" PRId64
                        " when the checkpoint was written%s",
                        run->params->run.env, now / VECTOR, then / VECTOR, remedy);
    else
        rb_visitor_fail(v, RB_ERR_FORMAT, "%s: it reports %s now, but %s when the checkpoint was written%s",
                        run->params->run.env, now & MASKS ? "action masks" : "no action masks",
                        then & MASKS ? "did" : "reported none", remedy);
}

static void visit_environment(rb_run *run, rb_visitor *v)
{
    static const char other[] = "; resume with the environment that the run was trained on";
    const rb_env_spec *env = rb_vector_env_spec(run->envs);
    rb_visit_open(v, "environment");
    expect(v, run, "actions", "the number of actions", env->actions, other);
    expect_kind(v, run, env, other);
    expect(v, run, "channels", "an observation's number of channels", env->channels, other);
    expect(v, run, "height", "an observation's height", env->height, other);
    expect(v, run, "width", "an observation's width", env->width, other);
    expect(v, run, "stack", "the number of stacked frames", rb_vector_stack(run->envs), other);
    uint64_t then = run->rom_checksum;
    rb_visit_u64(v, "rom", &then);
    if (!rb_visitor_failed(v) && then != run->rom_checksum)
        rb_visitor_fail(v, RB_ERR_FORMAT,
                        "%s: the ROM has the checksum %016" PRIx64 " now, but had %016" PRIx64
                        " when the checkpoint was written; resume with the ROM that the run was trained on "
                        "(atari.rom_dir)",
                        run->params->run.env, run->rom_checksum, then);
    rb_visit_close(v);
}

void rb_run_settings_visit(rb_run *run, rb_visitor *v)
{
    const rb_saved_settings *saved = run->settings_then;
    const bool loading = rb_visitor_loading(v);
    if (loading && !saved->text) return;
    char *text = NULL;
    size_t bytes = 0;
    rb_error error = {0};
    if (loading) {
        bytes = saved->bytes;
        text = malloc(bytes + 1);
        if (!text) rb_visitor_fail(v, RB_ERR_MEMORY, "no memory for the settings");
    } else if (rb_config_text(run->config, &text, &bytes, &error)) {
        rb_visitor_fail(v, error.status, "%s", error.message);
    }
    if (text) rb_visit_bytes(v, "settings", text, bytes);
    if (text && loading && !rb_visitor_failed(v) && memcmp(text, saved->text, bytes))
        rb_visitor_fail(v, RB_ERR_FORMAT, "has changed while it was read");
    free(text);
    visit_environment(run, v);
}
