// Atari games by their common names, for the registry; the environment class itself is rb_atari_class
// (registry.h).
//
//   atari/breakout             the game under the protocol that atari.* describes
//   ALE/Breakout-v5            as Gymnasium registers it: sticky actions .25, skip 4
//   BreakoutNoFrameskip-v4     no sticky actions (-v0: .25), skip set by atari.frame_skip
//   BreakoutDeterministic-v4   no sticky actions (-v0: .25), skip 4, the last frame is shown
//
// All three ids use minimal actions and at most 108,000 frames. Breakout-v0 and -v4 draw a random frame skip
// for each step, which is not supported: the error names the other ids.
#ifndef RB_ENV_ATARI_H
#define RB_ENV_ATARI_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

enum { RB_ATARI_GAME_MAX = 32 }; // bytes per game name

// Whether a name has one of these forms and its game is known; false for "CartPole-v0".
bool rb_atari_match(const char *name);

// The game of such a name, in snake case ("ms_pacman"), like the names of ROMs. RB_ERR_USAGE: the game is
// unknown (the error gives the nearest known name), or the id's protocol is not supported.
rb_status rb_atari_game(const char *name, char game[RB_ATARI_GAME_MAX], rb_error *error);

// The settings that a name implies, lines of "group.key = value"; "" for atari/GAME and for names of other
// forms. Static memory.
const char *rb_atari_id_settings(const char *name);

// The 104 games for one player, in alphabetical order.
int rb_atari_game_count(void);
const char *rb_atari_game_name(int i);

// Converts "ms_pacman" to "MsPacman", as in Gymnasium's ids.
void rb_atari_camel_case(char out[RB_ATARI_GAME_MAX], const char *game);

#endif
