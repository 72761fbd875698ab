// The registry: a name, as people write it, gives a class, a default preset and the settings that an id
// stands for.
//
//   cartpole, CartPole-v1, CartPole-v0          500 steps, or 200 for v0
//   atari/breakout                              the protocol is what the atari.* parameters say
//   ALE/Breakout-v5, BreakoutNoFrameskip-v4 ... the protocol of that id (env/atari.h)
#include "env/registry.h"

#include <stdio.h>
#include <string.h>
#include <threads.h>
#include "base/text.h"
#include "env/atari.h"

enum { GAMES_MOST = 128, ENTRY_NAME_MAX = RB_ATARI_GAME_MAX + 8 };

static const rb_env_entry classic[] = {
    {"cartpole", "balance a pole on a cart: 4 numbers, 2 actions, at most 500 steps", ""},
    {"CartPole-v1", "the same by its Gymnasium id", ""},
    {"CartPole-v0", "the same with at most 200 steps", ""},
};
enum { CLASSIC_COUNT = sizeof classic / sizeof classic[0] };

static char game_names[GAMES_MOST][ENTRY_NAME_MAX]; // "atari/breakout"
static rb_env_entry games[GAMES_MOST];
static once_flag games_made = ONCE_FLAG_INIT;

static int game_count(void)
{
    int count = rb_atari_game_count();
    return count < GAMES_MOST ? count : GAMES_MOST;
}

static void make_games(void)
{
    for (int i = 0; i < game_count(); i++) {
        snprintf(game_names[i], sizeof game_names[i], "atari/%s", rb_atari_game_name(i));
        games[i] =
            (rb_env_entry){game_names[i], "Atari 2600 game: grey pictures in stacks of 4, up to 18 actions",
                           "the emulator: ./scripts/get-atari"};
    }
}

int rb_env_entry_count(void)
{
    return CLASSIC_COUNT + game_count();
}

const rb_env_entry *rb_env_entry_get(int i)
{
    call_once(&games_made, make_games);
    return i < CLASSIC_COUNT ? &classic[i] : &games[i - CLASSIC_COUNT];
}

static bool is_classic(const char *name)
{
    for (int i = 0; i < CLASSIC_COUNT; i++)
        if (!strcmp(name, classic[i].name)) return true;
    return false;
}

// A name in no form that is known: one of the small tasks spelled wrongly, or a game without what belongs
// before it.
static rb_status unknown(const char *name, rb_error *error)
{
    if (!*name) return rb_error_set(error, RB_ERR_USAGE, "no environment given (`rainbow envs` lists all)");
    const char *names[CLASSIC_COUNT + GAMES_MOST];
    for (int i = 0; i < CLASSIC_COUNT; i++) names[i] = classic[i].name;
    const char *near = rb_text_nearest(name, names, CLASSIC_COUNT), *before = "";
    if (!near) {
        char game[64];
        rb_text_copy(game, sizeof game, name);
        game[strcspn(game, "-")] = 0; // "Breakout-v5"
        for (int i = 0; i < game_count(); i++) names[i] = rb_atari_game_name(i);
        near = rb_text_nearest(game, names, game_count());
        before = "atari/";
    }
    if (near)
        return rb_error_set(error, RB_ERR_USAGE,
                            "unknown environment '%s': did you mean '%s%s'? (`rainbow envs` lists all)", name,
                            before, near);
    return rb_error_set(error, RB_ERR_USAGE, "unknown environment '%s' (`rainbow envs` lists all)", name);
}

// A name in the form of a game's: a wrong one is best told by those who know the games.
static bool has_game_form(const char *name)
{
    return rb_text_starts(name, "atari/") || rb_text_starts(name, "ALE/") || strstr(name, "NoFrameskip-v") ||
           strstr(name, "Deterministic-v") || rb_atari_match(name);
}

rb_status rb_env_find(const char *name, const rb_env_class **out, rb_error *error)
{
    if (is_classic(name)) {
        *out = &rb_cartpole_class;
        return RB_OK;
    }
    if (!has_game_form(name)) return unknown(name, error);
    char game[RB_ATARI_GAME_MAX];
    *out = &rb_atari_class;
    return rb_atari_game(name, game, error);
}

rb_status rb_env_defaults(const char *name, const char **preset, const char **values, rb_error *error)
{
    const rb_env_class *class;
    rb_status status = rb_env_find(name, &class, error);
    if (status != RB_OK) return status;
    bool atari = class == &rb_atari_class;
    *preset = atari ? "rainbow" : "cartpole";
    *values = atari ? rb_atari_id_settings(name) : ""; // CartPole-v0's limit is in its spec
    return RB_OK;
}
