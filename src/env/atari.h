// Atari games by the names people know, for the registry; the environment class itself is rb_atari_class
// (registry.h).
//
//   atari/breakout             the game under the protocol that atari.* describes
//   ALE/Breakout-v5            what Gymnasium registers: sticky actions .25, skip 4
//   BreakoutNoFrameskip-v4     no sticky actions (-v0: .25), the skip is left to atari.frame_skip
//   BreakoutDeterministic-v4   no sticky actions (-v0: .25), skip 4, of which the last frame is seen
//
// All three ids: minimal actions, 108,000 frames.
// Breakout-v0 and -v4 draw a frame skip at random for each step, which is not offered: an error that names
// the others.
#ifndef RB_ENV_ATARI_H
#define RB_ENV_ATARI_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/error.h"

#define RB_ATARI_GAME_MAX 32 // bytes of a game's name

// Whether a name is in one of these forms and its game is known: "CartPole-v0" is not.
bool rb_atari_match(const char *name);

// The game of such a name, in snake case ("ms_pacman"), as ROMs are named. RB_ERR_USAGE: unknown, with the
// nearest known name; or an id whose protocol is not offered.
rb_status rb_atari_game(const char *name, char game[RB_ATARI_GAME_MAX], rb_error *error);

// The settings that a name stands for, lines of "group.key = value"; "" for atari/GAME and for what is no
// such name. Static memory.
const char *rb_atari_id_settings(const char *name);

// The 104 games for one player, in order of the alphabet.
int rb_atari_game_count(void);
const char *rb_atari_game_name(int i);

// "MsPacman" of "ms_pacman", as in Gymnasium's ids.
void rb_atari_camel_case(char out[RB_ATARI_GAME_MAX], const char *game);

#endif
