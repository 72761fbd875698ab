// A learner saved and loaded, to the bit:
//
//     settings      the text of its settings, the first record, so that other tools can read it
//     world         what its observations and actions are: enough to make it again
//     agent ...     the state
//
// in the format of a run's state (base/visit.h).
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "config/older.h"
#include "env/contract.h"
#include "learner/learner_state.h"

enum { SETTINGS_MOST = 1 << 20 };

static void visit_settings(const rb_config *config, rb_visitor *v)
{
    char *text = NULL;
    size_t bytes = 0;
    rb_error error = {0};
    if (rb_config_text(config, &text, &bytes, &error)) {
        rb_visitor_fail(v, error.status, "%s", error.message);
        return;
    }
    rb_visit_bytes(v, "settings", text, bytes);
    free(text);
}

void rb_learner_world_visit(rb_learner_world *w, rb_visitor *v)
{
    rb_visit_open(v, "world");
    // Two facts in one record, so that files without vectors are as before there were vectors: bit 0, whether
    // observations have floats; above it, the vector's numbers.
    int32_t kind = w->floats | w->vector * 2;
    rb_visit_i32(v, "floats", &kind);
    w->floats = kind & 1, w->vector = kind / 2;
    rb_visit_i32(v, "channels", &w->channels);
    rb_visit_i32(v, "height", &w->height);
    rb_visit_i32(v, "width", &w->width);
    rb_visit_i32(v, "stack", &w->stack);
    rb_visit_i32(v, "actions", &w->actions);
    rb_visit_i32(v, "streams", &w->streams);
    rb_visit_bool(v, "manual", &w->manual);
    rb_visit_bool(v, "masks", &w->masks);
    rb_visit_bytes(v, "action_names", w->action_names, sizeof w->action_names);
    w->action_names[sizeof w->action_names - 1] = 0;
    rb_visit_close(v);
}

static rb_learner_world world_of(const rb_learner *l)
{
    rb_learner_world w = {.floats = l->env.kind == RB_OBS_F32,
                          .channels = l->env.channels,
                          .height = l->env.height,
                          .width = l->env.width,
                          .stack = l->stack,
                          .actions = l->env.actions,
                          .streams = l->count,
                          .manual = l->manual,
                          .masks = l->env.masks,
                          .vector = l->env.vector};
    memcpy(w.action_names, l->action_names, sizeof w.action_names);
    return w;
}

rb_learner_spec rb_learner_world_spec(const rb_learner_world *w)
{
    return (rb_learner_spec){.kind = w->floats ? RB_OBS_F32 : RB_OBS_U8,
                             .channels = w->channels,
                             .height = w->height,
                             .width = w->width,
                             .stack = w->stack,
                             .actions = w->actions,
                             .streams = w->streams,
                             .manual = w->manual,
                             .masks = w->masks,
                             .vector = w->vector};
}

static void visit_mask(rb_learner *l, int i, rb_visitor *v)
{
    uint8_t *mask = rb_learner_mask(l, i);
    const bool used = l->streams[i].phase != RB_STREAM_BETWEEN;
    rb_error error = {0};
    if (!mask) return;
    rb_visit_bytes(v, "mask", mask, (size_t)l->env.actions);
    if (rb_visitor_loading(v) && used && !rb_visitor_failed(v) &&
        rb_env_mask_check(mask, l->env.actions, &error))
        rb_visitor_fail(v, RB_ERR_FORMAT, "stream %d: %s", i, error.message);
}

static void visit_stream(rb_learner *l, int i, rb_visitor *v)
{
    rb_stream *s = &l->streams[i];
    char name[24];
    snprintf(name, sizeof name, "stream%d", i);
    rb_visit_open(v, name);
    rb_visit_i32(v, "phase", &s->phase);
    rb_visit_limits(v, "phase", s->phase, RB_STREAM_BETWEEN, RB_STREAM_ACTED);
    rb_visit_i32(v, "action", &s->action);
    rb_visit_limits(v, "action", s->action, 0, l->env.actions - 1);
    rb_visit_i64(v, "played", &s->played);
    rb_visit_limits(v, "played", s->played, 0, l->step);
    rb_visit_i64(v, "began", &s->began);
    rb_visit_limits(v, "began", s->began, 0, l->step);
    rb_visit_f64(v, "return", &s->raw_return);
    rb_visit_finite_f64(v, "return", &s->raw_return, 1);
    rb_rng_visit(&s->explore_rng, v, "coin");
    rb_visit_bytes(v, "frames", rb_learner_stack(l, i), (size_t)l->stack * l->frame_bytes);
    visit_mask(l, i, v);
    for (int f = 0; l->env.vector && f < l->stack; f++)
        rb_visit_finite_floats(v, "frames",
                               rb_learner_stack(l, i) + (size_t)(f + 1) * l->frame_bytes -
                                   (size_t)l->env.vector * sizeof(float),
                               (size_t)l->env.vector);
    if (l->env.kind == RB_OBS_F32)
        rb_visit_finite_f32(v, "frames", (const float *)rb_learner_stack(l, i),
                            (size_t)l->stack * l->frame_bytes / sizeof(float));
    rb_visit_close(v);
}

static void visit_count(rb_visitor *v, const char *name, int64_t *value, int64_t most)
{
    rb_visit_i64(v, name, value);
    rb_visit_limits(v, name, *value, 0, most);
}

static void visit_state(rb_learner *l, rb_visitor *v)
{
    static const int64_t most = INT64_C(1) << 60;
    rb_agent_visit(l->agent, v); // first: a player reads no further
    visit_count(v, "step", &l->step, most);
    visit_count(v, "episodes", &l->episodes, l->step);
    visit_count(v, "started", &l->started, most);
    visit_count(v, "turned", &l->turned, l->started);
    const double due = (double)l->started * (double)l->params->agent.updates; // none is owed twice
    visit_count(v, "due", &l->due, due < (double)most ? (int64_t)due : most);
    visit_count(v, "target_step", &l->target_step, l->step);
    visit_count(v, "target_episodes", &l->target_episodes, l->episodes);
    visit_count(v, "returns_count", &l->returns_count, l->episodes);
    rb_visit_f64s(v, "returns", l->returns, RB_LEARNER_RETURNS);
    rb_visit_finite_f64(v, "returns", l->returns, RB_LEARNER_RETURNS);
    rb_visit_f64(v, "loss", &l->loss);
    rb_visit_f64(v, "q_mean", &l->q_mean);
    for (int i = 0; i < l->count; i++) visit_stream(l, i, v);
    rb_replay_visit(l->replay, v);
    rb_replay_check_loaded(l->replay, v, l->env.actions);
    for (int i = 0; i < l->count; i++)
        if (l->streams[i].phase != RB_STREAM_BETWEEN) rb_replay_check_waits(l->replay, v, i);
    rb_learning_visit(&l->learning, v, l->env.actions);
}

static void visit_all(rb_learner *l, rb_visitor *v)
{
    rb_learner_world world = world_of(l);
    rb_agent_learn_finish(l->agent);
    visit_settings(l->config, v);
    rb_learner_world_visit(&world, v);
    visit_state(l, v);
}

// ---- saved

static rb_status save(rb_learner *l, const char *file, rb_error *error)
{
    rb_visitor *v;
    rb_agent_learn_finish(l->agent);
    rb_status status = rb_net_check_finite(rb_agent_seen(l->agent), error);
    if (status) return rb_error_context(error, status, "%s is not written", file);
    status = rb_visitor_save(&v, file, error);
    if (status) return status;
    visit_all(l, v);
    return rb_visitor_finish(v, NULL, error);
}

rb_status rb_learner_save(rb_learner *l, const char *file, rb_error *error)
{
    rb_entered entered;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    status = save(l, file, error);
    rb_learner_leave(&l->busy, &entered);
    return status;
}

rb_status rb_learner_hash(rb_learner *l, uint64_t *hash, rb_error *error)
{
    rb_entered entered;
    rb_visitor *v;
    rb_status status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    status = rb_visitor_hash(&v, error);
    if (!status) {
        visit_all(l, v);
        status = rb_visitor_finish(v, hash, error);
    }
    rb_learner_leave(&l->busy, &entered);
    return status;
}

// ---- loaded

rb_status rb_learner_file_open(rb_learner_file *f, const char *file, rb_error *error)
{
    char record[32], *text = NULL;
    size_t bytes = 0;
    *f = (rb_learner_file){0};
    rb_status status = rb_visit_head(file, record, sizeof record, SETTINGS_MOST, &text, &bytes, error);
    if (status) return status;
    if (!text || strcmp(record, "settings") || strlen(text) != bytes)
        status = rb_error_set(error, RB_ERR_FORMAT, "%s: is not a file that a learner was saved to", file);
    if (!status) status = rb_visitor_load(&f->v, file, error);
    if (!status) rb_visit_bytes(f->v, "settings", text, bytes);
    if (!status) rb_learner_world_visit(&f->world, f->v);
    if (!status && rb_visitor_failed(f->v)) {
        status = rb_visitor_finish(f->v, NULL, error);
        f->v = NULL;
        // A run's state begins with its settings, too.
        rb_error_context(error, status, "%s is not a file that a learner was saved to", file);
    }
    if (!status) status = rb_config_create(&f->config, error);
    if (!status) status = rb_config_read_record_text(f->config, text, file, error);
    free(text);
    if (status) rb_learner_file_close(f);
    return status;
}

void rb_learner_file_close(rb_learner_file *f)
{
    if (f->v) rb_visitor_finish(f->v, NULL, NULL);
    rb_config_destroy(f->config);
    *f = (rb_learner_file){0};
}

static rb_status load(rb_learner **out, rb_learner_file *f, rb_config *now, rb_error *error)
{
    const rb_learner_spec spec = rb_learner_world_spec(&f->world);
    rb_status status = rb_learner_make(out, now, &spec, error);
    if (status) return status;
    rb_entered entered;
    rb_learner *l = *out;
    memcpy(l->action_names, f->world.action_names, sizeof l->action_names);
    status = rb_learner_enter(&l->busy, &entered, error);
    if (status) return status;
    visit_state(l, f->v);
    status = rb_visitor_finish(f->v, NULL, error);
    f->v = NULL;
    rb_learner_leave(&l->busy, &entered);
    return status;
}

rb_status rb_learner_load(rb_learner **out, const char *file, int change_count, const char *const *changes,
                          rb_error *error)
{
    rb_learner_file f;
    rb_config *now = NULL;
    *out = NULL;
    rb_status status = rb_learner_file_open(&f, file, error);
    if (status) return status;
    status = rb_config_copy(&now, f.config, error);
    if (!status) status = rb_config_arguments(now, change_count, changes, error);
    if (!status) status = rb_config_check_resume(f.config, now, error);
    if (status)
        rb_config_destroy(now);
    else
        status = load(out, &f, now, error);
    rb_learner_file_close(&f);
    if (status) {
        rb_learner_destroy(*out);
        *out = NULL;
    }
    return status;
}
