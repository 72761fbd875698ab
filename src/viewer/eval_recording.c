#include "viewer/eval_recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/acting.h"
#include "base/clock.h"
#include "base/text.h"
#include "env/contract.h"

static rb_status open_studio(rb_eval_recording *r, rb_vector *envs, rb_error *error)
{
    const rb_params *p = r->params;
    rb_view_spec view = {.kind = p->record.view,
                         .env = p->run.env,
                         .env_spec = &r->spec,
                         .stack = rb_vector_stack(envs),
                         .epsilon = p->eval.epsilon};
    view.support = rb_agent_support(r->agent, &view.atoms);
    view.quantiles = rb_agent_quantiles(r->agent);
    const size_t actions = (size_t)r->spec.actions;
    r->observation_bytes = rb_env_frame_bytes(&r->spec) * (size_t)view.stack;
    r->observation = malloc(r->observation_bytes);
    r->q = malloc(actions * sizeof *r->q);
    bool made = r->observation && r->q;
    if (r->spec.masks) {
        r->allowed = malloc(actions);
        made = made && r->allowed;
    }
    r->quantiles = view.quantiles;
    if (view.support || view.quantiles) {
        const size_t count = (size_t)(view.quantiles ? view.quantiles : view.atoms);
        r->spread = malloc(actions * count * sizeof *r->spread);
        made = made && r->spread;
    }
    if (r->class->render && r->spec.screen_height > 0 && r->spec.screen_width > 0) {
        r->screen = malloc(3 * (size_t)r->spec.screen_height * (size_t)r->spec.screen_width);
        made = made && r->screen;
    }
    if (!made) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a video");
    return rb_studio_open(&r->studio, &view, r->agent_step, r->file, (int)p->record.fps, &r->result, error);
}

// A video that can't be made is no reason to give the evaluation up.
static rb_status begin(void *context, rb_vector *envs, rb_error *error)
{
    rb_eval_recording *r = context;
    (void)error;
    r->spec = *rb_vector_env_spec(envs);
    r->class = rb_vector_class(envs);
    r->most_steps = r->params->record.steps;
    r->moment = (rb_moment){.game = 1};
    r->result = (rb_record_result){.return_mean = NAN, .return_cut = NAN};
    rb_text_copy(r->result.env, sizeof r->result.env, r->params->run.env);
    r->status = open_studio(r, envs, &r->error);
    r->over = r->status != RB_OK;
    return RB_OK;
}

static void show(rb_eval_recording *r)
{
    const double start = rb_clock_seconds();
    r->status = rb_studio_show(&r->studio, &r->moment, &r->result, &r->error);
    r->over = r->over || r->status != RB_OK;
    r->seconds += rb_clock_seconds() - start;
}

// The moment before a step of game 0, which is environment 0's first.
static void decision(void *context, rb_vector *envs, const int *game, const float *q, const int32_t *actions)
{
    rb_eval_recording *r = context;
    rb_moment *m = &r->moment;
    if (r->over || game[0] != 0) return;
    const rb_vector_result *last = rb_vector_results(envs);
    memcpy(r->observation, rb_vector_observations(envs), r->observation_bytes);
    memcpy(r->q, q, (size_t)r->spec.actions * sizeof *q);
    m->observation = r->observation;
    m->q = r->q;
    m->probabilities = r->quantiles ? NULL : r->spread;
    m->quantiles = r->quantiles ? r->spread : NULL;
    if (r->spread) rb_agent_q_values(r->agent, r->observation, r->q, r->spread);
    if (r->allowed) memcpy(r->allowed, rb_vector_mask(envs, 0), (size_t)r->spec.actions);
    m->allowed = r->allowed;
    m->greedy = rb_q_best_allowed(r->q, r->allowed, r->spec.actions);
    m->action = actions[0];
    m->random = m->action != m->greedy;
    m->screen = r->screen;
    if (r->screen) r->class->render(rb_vector_env(envs, 0), r->screen);
    m->step = last->game_steps;
    m->reward = last->reward;
    m->game_return = last->game_return;
    show(r);
    m->total_steps = ++r->result.steps;
    r->over = r->over || r->result.steps >= r->most_steps;
}

static void ended(void *context, rb_vector *envs, int i, int game)
{
    rb_eval_recording *r = context;
    rb_moment *m = &r->moment;
    if (game != 0) return;
    const rb_vector_result *result = &rb_vector_results(envs)[i];
    m->over = true;
    m->step = result->game_steps;
    m->reward = result->reward;
    m->game_return = r->result.return_mean = result->game_return;
    m->screen = rb_vector_last_screen(envs, i);
    if (!r->over) show(r);
    r->result.games = 1;
    r->over = true;
}

rb_eval_observer rb_eval_recording_observer(rb_eval_recording *r)
{
    return (rb_eval_observer){.context = r, .begin = begin, .decision = decision, .ended = ended};
}

rb_status rb_eval_recording_finish(rb_eval_recording *r, rb_status evaluated, rb_error *error)
{
    const double start = rb_clock_seconds();
    rb_status status = r->status ? r->status : evaluated;
    if (r->status) rb_error_set(error, r->status, "%s", r->error.message);
    status = rb_studio_close(&r->studio, status, error);
    r->result.seconds = r->seconds + rb_clock_seconds() - start;
    free(r->observation);
    free(r->q);
    free(r->allowed);
    free(r->spread);
    free(r->screen);
    return status;
}
