#include "rollout/game.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "agent/acting.h"
#include "env/contract.h"
#include "env/vector_spec.h"

struct rb_game {
    rb_agent *agent;
    rb_pool *pool;
    rb_arena *arena;
    rb_vector *envs; // one environment
    rb_rng explore_rng;
    double epsilon;
    int actions, atoms;
    const float *support; // [Z]
    float *q;             // [A]
    int quantiles;
    float *spread;    // [A][Z] probabilities, or [A][quantiles]
    uint8_t *allowed; // [A] like the observation, a copy; NULL without masks
    uint8_t *screen;
    void *observation; // [stack][C][H][W]: a copy; when a game ends, the vector already holds the next one
    size_t observation_bytes;
    rb_moment moment;
    bool looked; // the moment is up to date
    int32_t action;
};

static rb_status make(rb_game *g, const rb_game_spec *spec, rb_error *error)
{
    rb_vector_spec envs = rb_vector_spec_make_games(spec->params, spec->seed, RB_RNG_SHOW_ENV, 1);
    envs.threads = 1;
    envs.log = spec->log;
    envs.stop = spec->stop;
    envs.first_index = spec->number;
    envs.keep_screens = true;
    rb_status status = rb_arena_create(&g->arena, error);
    if (!status) status = rb_vector_create(&g->envs, &envs, g->arena, error);
    if (status) return status;
    const rb_env_spec *env = rb_vector_env_spec(g->envs);
    g->actions = env->actions;
    g->atoms = 1;
    if (g->agent) g->support = rb_agent_support(g->agent, &g->atoms);
    if (g->agent) g->quantiles = rb_agent_quantiles(g->agent);
    g->observation_bytes = rb_env_frame_bytes(env) * (size_t)rb_vector_stack(g->envs);
    g->observation = rb_arena_take(g->arena, g->observation_bytes);
    if (env->masks) g->allowed = rb_arena_take(g->arena, (size_t)g->actions);
    g->explore_rng = rb_rng_stream(spec->seed, RB_RNG_SHOW, spec->number);
    if (g->agent) g->q = RB_TAKE(g->arena, float, g->actions);
    if (g->support) g->spread = RB_TAKE(g->arena, float, g->actions * g->atoms);
    if (g->quantiles) g->spread = RB_TAKE(g->arena, float, g->actions * g->quantiles);
    if (rb_vector_class(g->envs)->render && env->screen_height > 0 && env->screen_width > 0)
        g->screen = rb_arena_take(g->arena, 3 * (size_t)env->screen_height * (size_t)env->screen_width);
    status = rb_arena_check(g->arena, error);
    return status ? status : rb_vector_reset(g->envs, error);
}

rb_status rb_game_create(rb_game **out, const rb_game_spec *spec, rb_error *error)
{
    rb_game *g = calloc(1, sizeof *g);
    *out = NULL;
    if (!g) return rb_error_set(error, RB_ERR_MEMORY, "no memory for a game");
    g->agent = spec->agent;
    g->pool = spec->pool;
    g->epsilon = spec->epsilon;
    g->moment.game = 1;
    rb_status status = make(g, spec, error);
    if (status)
        rb_game_destroy(g);
    else
        *out = g;
    return status;
}

void rb_game_destroy(rb_game *g)
{
    if (!g) return;
    rb_vector_destroy(g->envs);
    rb_arena_destroy(g->arena);
    free(g);
}

const rb_env_spec *rb_game_env(const rb_game *g)
{
    return rb_vector_env_spec(g->envs);
}

int rb_game_stack(const rb_game *g)
{
    return rb_vector_stack(g->envs);
}

const float *rb_game_support(const rb_game *g, int *atoms)
{
    *atoms = g->atoms;
    return g->support;
}

int rb_game_quantiles(const rb_game *g)
{
    return g->quantiles;
}

const rb_moment *rb_game_look(rb_game *g)
{
    rb_moment *m = &g->moment;
    if (g->looked) return m;
    g->looked = true;
    memcpy(g->observation, rb_vector_observations(g->envs), g->observation_bytes);
    m->observation = g->observation;
    if (g->allowed) memcpy(g->allowed, rb_vector_mask(g->envs, 0), (size_t)g->actions);
    m->allowed = g->allowed;
    m->screen = g->screen;
    if (g->screen) rb_vector_class(g->envs)->render(rb_vector_env(g->envs, 0), g->screen);
    m->action = m->greedy = 0;
    m->random = false;
    if (!g->agent) return m;
    m->q = g->q;
    m->probabilities = g->support ? g->spread : NULL;
    m->quantiles = g->quantiles ? g->spread : NULL;
    rb_agent_q_values(g->agent, m->observation, g->q, g->spread);
    int32_t action;
    rb_act_epsilon(&action, g->q, g->allowed, 1, g->actions, &g->epsilon, &g->explore_rng);
    m->greedy = rb_q_best_allowed(g->q, g->allowed, g->actions);
    m->action = action;
    m->random = action != m->greedy;
    return m;
}

const rb_moment *rb_game_now(const rb_game *g)
{
    return &g->moment;
}

static void begin_next(rb_game *g)
{
    rb_moment *m = &g->moment;
    *m = (rb_moment){.game = m->game + 1, .total_steps = m->total_steps};
    g->looked = false;
}

rb_status rb_game_step(rb_game *g, int action, rb_error *error)
{
    rb_moment *m = &g->moment;
    if (m->over) {
        begin_next(g);
        return RB_OK;
    }
    if (action == RB_GAME_OWN) action = rb_game_look(g)->action;
    assert(action >= 0 && action < g->actions);
    g->action = action;
    rb_vector_start(g->envs, g->pool, &g->action);
    rb_status status = rb_vector_wait(g->envs, g->pool, error);
    if (status) return status;
    const rb_vector_result *r = rb_vector_results(g->envs);
    if (r->cut) { // the environment's worker was lost, and the game with it
        begin_next(g);
        return RB_OK;
    }
    m->action = action;
    m->reward = r->reward;
    m->game_return = r->game_return;
    m->step = r->game_steps;
    m->total_steps++;
    m->over = r->game_over;
    g->looked = m->over; // an ended game's moment stays until it was seen
    if (m->over) m->screen = rb_vector_last_screen(g->envs, 0);
    return RB_OK;
}

void rb_game_ask_again(rb_game *g)
{
    rb_moment *m = &g->moment;
    if (!g->agent || !g->looked || m->over) return; // the next look evaluates anyway; an end stays as it was
    rb_agent_q_values(g->agent, m->observation, g->q, g->spread);
    m->greedy = rb_q_best_allowed(g->q, g->allowed, g->actions);
    if (!m->random) m->action = m->greedy;
    m->random = m->action != m->greedy;
}

void rb_game_set_epsilon(rb_game *g, double epsilon)
{
    g->epsilon = epsilon;
}

rb_status rb_game_restart(rb_game *g, rb_error *error)
{
    rb_status status = rb_vector_reset(g->envs, error);
    if (!status) begin_next(g);
    return status;
}
