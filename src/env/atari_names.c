// The games and the settings that their ids imply: see atari.h.
#include "env/atari.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <threads.h>
#include "base/text.h"
#include "env/registry.h"

// clang-format off
static const char *const games[] = {
    "adventure", "air_raid", "alien", "amidar", "assault", "asterix", "asteroids", "atlantis", "atlantis2",
    "backgammon", "bank_heist", "basic_math", "battle_zone", "beam_rider", "berzerk", "blackjack",
    "bowling", "boxing", "breakout", "carnival", "casino", "centipede", "chopper_command", "crazy_climber",
    "crossbow", "darkchambers", "defender", "demon_attack", "donkey_kong", "double_dunk", "earthworld",
    "elevator_action", "enduro", "entombed", "et", "fishing_derby", "flag_capture", "freeway", "frogger",
    "frostbite", "galaxian", "gopher", "gravitar", "hangman", "haunted_house", "hero", "human_cannonball",
    "ice_hockey", "jamesbond", "journey_escape", "kaboom", "kangaroo", "keystone_kapers", "king_kong",
    "klax", "koolaid", "krull", "kung_fu_master", "laser_gates", "lost_luggage", "mario_bros",
    "miniature_golf", "montezuma_revenge", "mr_do", "ms_pacman", "name_this_game", "othello", "pacman",
    "phoenix", "pitfall", "pitfall2", "pong", "pooyan", "private_eye", "qbert", "riverraid", "road_runner",
    "robotank", "seaquest", "sir_lancelot", "skiing", "solaris", "space_invaders", "space_war",
    "star_gunner", "superman", "surround", "tennis", "tetris", "tic_tac_toe_3d", "time_pilot", "trondead",
    "turmoil", "tutankham", "up_n_down", "venture", "video_checkers", "video_chess", "video_cube",
    "video_pinball", "wizard_of_wor", "word_zapper", "yars_revenge", "zaxxon",
};
// clang-format on
enum { GAMES = sizeof games / sizeof games[0] };

int rb_atari_game_count(void)
{
    return GAMES;
}
const char *rb_atari_game_name(int i)
{
    return games[i];
}

void rb_atari_camel_case(char out[RB_ATARI_GAME_MAX], const char *game)
{
    int n = 0;
    bool upper = true; // at the start and after every non-letter: "tic_tac_toe_3d" becomes TicTacToe3D
    for (; *game && n < RB_ATARI_GAME_MAX - 1; game++) {
        if (*game != '_') out[n++] = (char)(upper ? toupper((unsigned char)*game) : *game);
        upper = !isalpha((unsigned char)*game);
    }
    out[n] = 0;
}

// ---- the forms of a name ----

typedef enum form {
    FORM_NONE,
    FORM_OWN,
    FORM_V5,
    FORM_NO_FRAMESKIP,
    FORM_DETERMINISTIC,
    FORM_RANDOM_SKIP
} form;

typedef struct parts {
    form form;
    bool sticky;        // a -v0 id
    bool other_version; // an ALE/ id that does not end in -v5
    char game[128];     // as written
} parts;

// Takes `suffix` off the end of text, if it is there.
static bool cut_end(char *text, const char *suffix)
{
    if (!rb_text_ends(text, suffix)) return false;
    text[strlen(text) - strlen(suffix)] = 0;
    return true;
}

static int game_index(const char *written, bool camel)
{
    for (int i = 0; i < GAMES; i++) {
        char id[RB_ATARI_GAME_MAX];
        rb_atari_camel_case(id, games[i]);
        if (strcasecmp(written, id) == 0 || (!camel && strcasecmp(written, games[i]) == 0)) return i;
    }
    return -1;
}

static parts parse(const char *name)
{
    parts p = {.form = FORM_NONE};
    if (rb_text_starts(name, "atari/")) {
        if (rb_text_copy(p.game, sizeof p.game, name + strlen("atari/"))) p.form = FORM_OWN;
        return p;
    }
    if (rb_text_starts(name, "ALE/")) {
        rb_text_copy(p.game, sizeof p.game, name + strlen("ALE/"));
        p.form = FORM_V5;
        p.other_version = cut_end(p.game, "-v4") || cut_end(p.game, "-v0") || !cut_end(p.game, "-v5");
        return p;
    }
    if (!rb_text_copy(p.game, sizeof p.game, name)) return p;
    p.sticky = cut_end(p.game, "-v0");
    if (!p.sticky && !cut_end(p.game, "-v4")) return p;
    if (cut_end(p.game, "NoFrameskip")) {
        p.form = FORM_NO_FRAMESKIP;
    } else if (cut_end(p.game, "Deterministic")) {
        p.form = FORM_DETERMINISTIC;
    } else if (game_index(p.game, true) >= 0) {
        p.form = FORM_RANDOM_SKIP;
    }
    return p;
}

static rb_status check(const char *name, parts *p, int *game, rb_error *error)
{
    *p = parse(name);
    char id[RB_ATARI_GAME_MAX];
    *game = p->form == FORM_NONE ? -1 : game_index(p->game, p->form != FORM_OWN);
    if (p->form == FORM_RANDOM_SKIP)
        return rb_error_set(
            error, RB_ERR_USAGE,
            "%s draws a random number of frames for each step, which is not supported: use %sNoFrameskip-v4, "
            "%sDeterministic-v4 or ALE/%s-v5",
            name, p->game, p->game, p->game);
    if (*game < 0) {
        const char *near = rb_text_nearest(p->game, games, GAMES);
        if (!near)
            return rb_error_set(error, RB_ERR_USAGE, "%s: no such Atari game (`rainbow envs` lists them)",
                                name);
        rb_atari_camel_case(id, near);
        return rb_error_set(error, RB_ERR_USAGE,
                            "%s: no such Atari game; the nearest name is %s (`rainbow envs` lists them)",
                            name, p->form == FORM_OWN ? near : id);
    }
    if (p->other_version) {
        rb_atari_camel_case(id, games[*game]);
        return rb_error_set(error, RB_ERR_USAGE, "%s: ids that begin with ALE/ end in -v5: ALE/%s-v5", name,
                            id);
    }
    return RB_OK;
}

bool rb_atari_match(const char *name)
{
    parts p = parse(name);
    return p.form != FORM_NONE && !p.other_version && game_index(p.game, p.form != FORM_OWN) >= 0;
}

rb_status rb_atari_game(const char *name, char game[RB_ATARI_GAME_MAX], rb_error *error)
{
    parts p;
    int index;
    rb_status status = check(name, &p, &index, error);
    if (status) return status;
    rb_text_copy(game, RB_ATARI_GAME_MAX, games[index]);
    return RB_OK;
}

// ---- the settings that ids imply ----

// ALE/X-v5 is the protocol of Machado et al. (2018): only the game's end ends an episode. The older ids leave
// this to the preset, as their wrappers do.
// The frames of an environment that skips them itself are never pooled. (ALE/X-v5 is used both ways, so its
// pooling is left to atari.pool.)
#define SKIPS_BY_ITSELF "atari.frame_skip = 4\natari.pool = last\n"
#define COMMON          "atari.full_actions = false\natari.max_frames = 108000\n"

const char *rb_atari_id_settings(const char *name)
{
    parts p = parse(name);
    switch (p.form) {
    case FORM_V5:
        return "atari.sticky = 0.25\natari.frame_skip = 4\natari.life_loss = ignore\n" COMMON;
    case FORM_NO_FRAMESKIP:
        return p.sticky ? "atari.sticky = 0.25\n" COMMON : "atari.sticky = 0\n" COMMON;
    case FORM_DETERMINISTIC:
        return p.sticky ? "atari.sticky = 0.25\n" SKIPS_BY_ITSELF COMMON
                        : "atari.sticky = 0\n" SKIPS_BY_ITSELF COMMON;
    default:
        return "";
    }
}

// ---- the family ----

static char entry_names[GAMES][RB_ATARI_GAME_MAX + 8]; // "atari/breakout"
static rb_env_entry entries[GAMES];
static once_flag entries_made = ONCE_FLAG_INIT;

static void make_entries(void)
{
    for (int i = 0; i < GAMES; i++) {
        snprintf(entry_names[i], sizeof entry_names[i], "atari/%s", games[i]);
        entries[i] =
            (rb_env_entry){entry_names[i], "Atari 2600 game: grey pictures in stacks of 4, up to 18 actions",
                           "the emulator: ./scripts/get-atari"};
    }
}

static const rb_env_entry *entry(int i)
{
    call_once(&entries_made, make_entries);
    return &entries[i];
}

static bool has_form(const char *name)
{
    return rb_text_starts(name, "atari/") || rb_text_starts(name, "ALE/") || strstr(name, "NoFrameskip-v") ||
           strstr(name, "Deterministic-v") || rb_atari_match(name);
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    char game[RB_ATARI_GAME_MAX];
    *out = &rb_atari_class;
    return rb_atari_game(name, game, error);
}

static void defaults(const char *name, const char **preset, const char **values)
{
    *preset = "rainbow";
    *values = rb_atari_id_settings(name);
}

// An id whose form is written in other letters, such as BreakoutNoFrameSkip-v4.
static bool near_id(const char *name, char out[RB_ENV_NAME_MAX])
{
    static const char *const forms[] = {"NoFrameskip-v4", "NoFrameskip-v0", "Deterministic-v4",
                                        "Deterministic-v0"};
    const size_t length = strlen(name);
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        const size_t bytes = strlen(forms[i]);
        if (length <= bytes || length >= RB_ENV_NAME_MAX || strcasecmp(name + length - bytes, forms[i]))
            continue;
        char game[RB_ENV_NAME_MAX], id[RB_ATARI_GAME_MAX];
        rb_text_copy(game, sizeof game, name);
        game[length - bytes] = 0;
        const int index = game_index(game, true);
        if (index < 0) continue;
        rb_atari_camel_case(id, games[index]);
        return snprintf(out, RB_ENV_NAME_MAX, "%s%s", id, forms[i]) < RB_ENV_NAME_MAX;
    }
    if (length <= 7 || strncasecmp(name, "ALE/", 4) || strcasecmp(name + length - 3, "-v5")) return false;
    char game[RB_ENV_NAME_MAX], id[RB_ATARI_GAME_MAX];
    snprintf(game, sizeof game, "%.*s", (int)(length - 7), name + 4);
    const int index = game_index(game, true);
    if (index < 0) return false;
    rb_atari_camel_case(id, games[index]);
    return snprintf(out, RB_ENV_NAME_MAX, "ALE/%s-v5", id) < RB_ENV_NAME_MAX;
}

// For a game without its prefix ("breakout"), or an id that does not exist ("Breakout-v5").
static bool near(const char *name, char out[RB_ENV_NAME_MAX])
{
    char game[RB_ENV_NAME_MAX];
    if (near_id(name, out)) return true;
    rb_text_copy(game, sizeof game, name);
    game[strcspn(game, "-")] = 0;
    const char *nearest = rb_text_nearest(game, games, GAMES);
    if (nearest) snprintf(out, RB_ENV_NAME_MAX, "atari/%s", nearest);
    return nearest != NULL;
}

const rb_env_family rb_atari_family = {rb_atari_game_count, entry, has_form, find, defaults, near, "atari",
                                       "an Atari game"};
