// The keyboard of a person who plays an environment: which keys stand for which action, and which action the
// pressed keys ask for.
//
// An action whose name consists of directions and a fire button (UPLEFTFIRE, "left", "torque +1") is played
// by the arrow keys and the space bar together. Every other action has its own key: digits first, then
// letters that have no other meaning. When those run out, the remaining actions can be chosen from the list
// and played by Enter.
//
//     down: Up Left Space     the action that uses most of these keys: UPLEFTFIRE, or else UPLEFT, or else
//                             that of the key pressed last
//     nothing down            the action that does nothing; without one, left and right alternate if the
//                             environment has only those, otherwise the game is played turn by turn: it waits
//                             for a key
//
// A key pressed and released between two steps counts for one step.
#ifndef RB_VIEWER_KEYBOARD_H
#define RB_VIEWER_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/env.h"

typedef struct rb_keyboard rb_keyboard;

enum { RB_KEYBOARD_WAIT = -1, RB_KEYBOARD_KEYS_TEXT = 40 };

// `env`: the environment's name, used to name actions for which the spec has no names.
rb_status rb_keyboard_create(rb_keyboard **out, const char *env, const rb_env_spec *spec, rb_error *error);
void rb_keyboard_destroy(rb_keyboard *keyboard);                   // NULL is fine
const char *const *rb_keyboard_names(const rb_keyboard *keyboard); // [A], for display
void rb_keyboard_keys(const rb_keyboard *keyboard, int action,
                      char *out);                       // "Up+Left+Space", "3", "Enter", "nothing"
int rb_keyboard_count(const rb_keyboard *keyboard);     // number of actions
bool rb_keyboard_in_turn(const rb_keyboard *keyboard);  // left and right alternate while no key is down
bool rb_keyboard_by_turns(const rb_keyboard *keyboard); // the game waits for keys

// Reports that a key was pressed (or repeats while held) or released. Returns whether the game uses it.
bool rb_keyboard_key(rb_keyboard *keyboard, int key, bool down);
void rb_keyboard_let_go(rb_keyboard *keyboard); // releases all keys
// The action asked for now, or RB_KEYBOARD_WAIT. `take`: it is about to be played, so keys that were only
// tapped are cleared.
int rb_keyboard_action(rb_keyboard *keyboard, bool take);
// The same where some actions are forbidden (`allowed` [A], 1 or 0; NULL: none): a key for one of those asks
// for nothing, and `*refused` names its action (NULL: none). If left and right alternate, the allowed one is
// played; the game waits if the action for no key is forbidden.
int rb_keyboard_allowed(rb_keyboard *keyboard, const uint8_t *allowed, bool take, const char **refused);
// For the actions that only Enter plays: the one it plays now (-1: there are none), and choosing another one.
int rb_keyboard_chosen(const rb_keyboard *keyboard);
void rb_keyboard_choose(rb_keyboard *keyboard, int by);

#endif
