// MinAtar's five games as environments: sticky actions, sets of actions, names, pictures. The rules of each
// game are in a file of its own (env/minatar.h says what they stand on).
//
//   minatar/breakout      as the package plays it: the six actions of all games
//   MinAtar/Breakout-v0   the same
//   MinAtar/Breakout-v1   only the actions that do something in this game
//
// In each step one number is drawn first: with chance `sticky` the action before goes on, that of the game
// before included. The seed's low 32 bits seed NumPy's generator, as the package's seed() does before its
// reset(); a later reset goes on with the same dice. Games have no time limit, as in the package.
#include "env/minatar.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "base/text.h"

enum { CELL_PIXELS = 16, SCREEN = MINATAR_SIDE * CELL_PIXELS };

typedef struct play { // all that the future depends on
    rb_mt19937 rng;
    int32_t last_action; // of the six
    int32_t over;        // a step after the end does nothing
    _Alignas(8) unsigned char state[MINATAR_STATE_MOST];
} play;

typedef struct minatar {
    const minatar_game *game;
    const uint8_t *set; // [actions] of the six
    int actions;
    double sticky;
    bool ramping;
    const char *action_names[MINATAR_ACTIONS];
    play play;
} minatar;

static const minatar_game *const games[] = {
    &rb_minatar_asterix,  &rb_minatar_breakout,       &rb_minatar_freeway,
    &rb_minatar_seaquest, &rb_minatar_space_invaders,
};
enum { GAMES = sizeof games / sizeof games[0] };

static const uint8_t all_actions[] = {MINATAR_NONE,  MINATAR_LEFT, MINATAR_UP,
                                      MINATAR_RIGHT, MINATAR_DOWN, MINATAR_FIRE};
static const char *const names_of_actions[] = {"none", "left", "up", "right", "down", "fire"};

double rb_minatar_rand(rb_mt19937 *rng)
{
    uint32_t high = rb_mt19937_u32(rng) >> 5, low = rb_mt19937_u32(rng) >> 6;
    return (high * 0x1p26 + low) * 0x1p-53;
}

uint32_t rb_minatar_below(rb_mt19937 *rng, uint32_t n)
{
    uint32_t most = n - 1;
    if (!most) return 0;
    uint32_t mask = UINT32_MAX >> __builtin_clz(most), word;
    do word = rb_mt19937_u32(rng) & mask;
    while (word > most);
    return word;
}

// ---- names ----

// "minatar/breakout", or an id, whose version is put into *version; NULL: no such game.
static const minatar_game *game_of(const char *name, int *version)
{
    char word[RB_ENV_NAME_MAX];
    *version = -1;
    bool id = rb_text_starts(name, "MinAtar/");
    if (!id && !rb_text_starts(name, "minatar/")) return NULL;
    if (!rb_text_copy(word, sizeof word, name + strlen("minatar/"))) return NULL;
    if (id) {
        char *end = strrchr(word, '-');
        if (!end || (strcmp(end, "-v0") && strcmp(end, "-v1"))) return NULL;
        *version = end[2] - '0';
        *end = 0;
    }
    for (int i = 0; i < GAMES; i++)
        if (!strcmp(word, id ? games[i]->id : games[i]->name)) return games[i];
    return NULL;
}

static int count(void)
{
    return GAMES;
}

static const rb_env_entry entries[GAMES] = {
    {"minatar/asterix",
     "touch gold, not enemies: 4 x 10 x 10 cells, 6 actions (MinAtar/Asterix-v0; -v1: 5 actions)", ""},
    {"minatar/breakout",
     "break bricks with a ball: 4 x 10 x 10 cells, 6 actions (MinAtar/Breakout-v0; -v1: 3 actions)", ""},
    {"minatar/freeway",
     "cross eight lanes: 7 x 10 x 10 cells, 6 actions (MinAtar/Freeway-v0; -v1: 3 actions)", ""},
    {"minatar/seaquest",
     "shoot, save divers, breathe: 10 x 10 x 10 cells, 6 actions (MinAtar/Seaquest-v0; -v1: the same)", ""},
    {"minatar/space_invaders",
     "shoot aliens: 6 x 10 x 10 cells, 6 actions (MinAtar/SpaceInvaders-v0; -v1: 4 actions)", ""},
};

static const rb_env_entry *entry(int i)
{
    return &entries[i];
}

static bool has_form(const char *name)
{
    return !strncasecmp(name, "minatar/", strlen("minatar/"));
}

// The name that is most like it, of the fifteen there are; for an id it is an id.
static bool near(const char *name, char out[RB_ENV_NAME_MAX])
{
    char ids[2 * GAMES][RB_ENV_NAME_MAX];
    const char *names[3 * GAMES];
    for (int i = 0; i < GAMES; i++) {
        for (int v = 0; v < 2; v++) {
            snprintf(ids[2 * i + v], sizeof ids[0], "MinAtar/%s-v%d", games[i]->id, v);
            names[2 * i + v] = ids[2 * i + v];
        }
        names[2 * GAMES + i] = entries[i].name;
    }
    const char *nearest =
        rb_text_nearest(name, names, rb_text_starts(name, "MinAtar/") ? 2 * GAMES : 3 * GAMES);
    return nearest && rb_text_copy(out, RB_ENV_NAME_MAX, nearest);
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    int version;
    *out = &rb_minatar_class;
    if (game_of(name, &version)) return RB_OK;
    char nearest[RB_ENV_NAME_MAX];
    if (near(name, nearest))
        return rb_error_set(
            error, RB_ERR_USAGE,
            "%s: no such MinAtar game; the nearest name is %s (`rainbow envs minatar` lists them)", name,
            nearest);
    return rb_error_set(error, RB_ERR_USAGE, "%s: no such MinAtar game (`rainbow envs minatar` lists them)",
                        name);
}

static void defaults(const char *name, const char **preset, const char **values)
{
    int version;
    game_of(name, &version);
    *preset = "minatar-rainbow";
    *values = version < 0 ? "" : version ? "minatar.full_actions = false\n" : "minatar.full_actions = true\n";
}

const rb_env_family rb_minatar_family = {count,    entry, has_form,  find,
                                         defaults, near,  "minatar", "a MinAtar game"};

// ---- an instance ----

static rb_status minatar_create(rb_env **out, const void *options, uint64_t seed, rb_error *error)
{
    const rb_env_options *named = options;
    int version;
    const minatar_game *game = game_of(named->settings.name, &version);
    if (!game) return rb_error_set(error, RB_ERR_USAGE, "%s: no such MinAtar game", named->settings.name);
    minatar *env = calloc(1, sizeof *env);
    if (!env) return rb_error_set(error, RB_ERR_MEMORY, "no memory for %s", named->settings.name);
    bool full = named->settings.minatar.full_actions;
    env->game = game;
    env->set = full ? all_actions : game->minimal;
    env->actions = full ? MINATAR_ACTIONS : game->minimal_count;
    env->sticky = named->settings.minatar.sticky;
    env->ramping = named->settings.minatar.ramping;
    for (int i = 0; i < env->actions; i++) env->action_names[i] = names_of_actions[env->set[i]];
    rb_mt19937_seed(&env->play.rng, (uint32_t)seed);
    env->play.over = 1; // until the first reset
    *out = (rb_env *)env;
    return RB_OK;
}

static void minatar_destroy(rb_env *env)
{
    free(env);
}

static void minatar_spec(const rb_env *env, rb_env_spec *out)
{
    const minatar *m = (const minatar *)env;
    *out = (rb_env_spec){.kind = RB_OBS_U8,
                         .channels = m->game->channels,
                         .height = MINATAR_SIDE,
                         .width = MINATAR_SIDE,
                         .stack = 1,
                         .actions = m->actions,
                         .action_names = m->action_names,
                         .frames_per_step = 1,
                         .can_save = true,
                         .screen_height = SCREEN,
                         .screen_width = SCREEN};
}

static rb_status minatar_reset(rb_env *env, rb_error *error)
{
    (void)error;
    minatar *m = (minatar *)env;
    m->game->reset(m->play.state, &m->play.rng);
    m->play.over = 0;
    return RB_OK;
}

static rb_status minatar_step(rb_env *env, int action, rb_env_step *out, rb_error *error)
{
    (void)error;
    minatar *m = (minatar *)env;
    assert(action >= 0 && action < m->actions);
    play *now = &m->play;
    if (rb_minatar_rand(&now->rng) >= m->sticky) now->last_action = m->set[action];
    minatar_result result = {.over = true};
    if (!now->over) result = m->game->act(now->state, now->last_action, m->ramping, &now->rng);
    now->over = result.over;
    *out = (rb_env_step){.reward = result.reward, .terminated = result.over, .frames = 1};
    return RB_OK;
}

static void minatar_observe(const rb_env *env, void *frame)
{
    const minatar *m = (const minatar *)env;
    memset(frame, 0, (size_t)m->game->channels * MINATAR_CELLS);
    m->game->draw(m->play.state, frame);
}

// A colour for each channel, the last that is on in front; cells have a thin dark edge.
static void minatar_render(const rb_env *env, uint8_t *rgb)
{
    static const uint8_t colours[1 + MINATAR_CHANNELS_MOST][3] = {
        {20, 20, 28},    {86, 180, 233},  {240, 98, 60},  {120, 120, 140}, {250, 214, 80}, {60, 190, 120},
        {204, 121, 220}, {235, 235, 235}, {90, 110, 240}, {250, 160, 190}, {160, 220, 60}};
    const minatar *m = (const minatar *)env;
    uint8_t cells[MINATAR_CHANNELS_MOST * MINATAR_CELLS];
    minatar_observe(env, cells);
    for (int y = 0; y < SCREEN; y++) {
        for (int x = 0; x < SCREEN; x++, rgb += 3) {
            const int cell = y / CELL_PIXELS * MINATAR_SIDE + x / CELL_PIXELS;
            int colour = 0;
            for (int c = 0; c < m->game->channels; c++)
                if (cells[c * MINATAR_CELLS + cell]) colour = 1 + c;
            if (x % CELL_PIXELS == CELL_PIXELS - 1 || y % CELL_PIXELS == CELL_PIXELS - 1) colour = 0;
            memcpy(rgb, colours[colour], 3);
        }
    }
}

// The saved state: the generator's 624 words and place, the action before, whether the game is over, the
// game's struct.
static bool transfer(play *it, const minatar_game *game, rb_env_stream *stream)
{
    return stream->transfer(stream, it->rng.state, sizeof it->rng.state) &&
           stream->transfer(stream, &it->rng.at, sizeof it->rng.at) &&
           stream->transfer(stream, &it->last_action, sizeof it->last_action) &&
           stream->transfer(stream, &it->over, sizeof it->over) &&
           stream->transfer(stream, it->state, (size_t)game->state_bytes);
}

static rb_status minatar_save(rb_env *env, rb_env_stream *to, rb_error *error)
{
    minatar *m = (minatar *)env;
    if (transfer(&m->play, m->game, to)) return RB_OK;
    return rb_error_set(error, RB_ERR_FORMAT, "MinAtar's state could not be written");
}

static rb_status minatar_load(rb_env *env, rb_env_stream *from, rb_error *error)
{
    minatar *m = (minatar *)env;
    play loaded = {0};
    if (!transfer(&loaded, m->game, from))
        return rb_error_set(error, RB_ERR_FORMAT, "MinAtar's state could not be read");
    bool never_reset = loaded.over && !memcmp(loaded.state, (const char[MINATAR_STATE_MOST]){0},
                                              (size_t)m->game->state_bytes);
    if (loaded.rng.at > 624 || loaded.last_action < 0 || loaded.last_action >= MINATAR_ACTIONS ||
        (!never_reset && !m->game->sound(loaded.state)))
        return rb_error_set(error, RB_ERR_FORMAT, "what was read is no state of MinAtar's %s", m->game->name);
    m->play = loaded;
    return RB_OK;
}

int rb_minatar_ramp(const rb_env *env)
{
    const minatar *m = (const minatar *)env;
    return m->game->ramp(m->play.state);
}

const rb_env_class rb_minatar_class = {
    .abi = RB_ENV_ABI,
    .name = "minatar",
    .create = minatar_create,
    .destroy = minatar_destroy,
    .spec = minatar_spec,
    .reset = minatar_reset,
    .step = minatar_step,
    .observe = minatar_observe,
    .render = minatar_render,
    .save = minatar_save,
    .load = minatar_load,
};
