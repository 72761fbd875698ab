// A person's hands on the keyboard, playing an environment: which keys stand for which action, and which
// action the keys that are down ask for.
//
// An action whose name is made of directions and a fire button (UPLEFTFIRE, "left", "torque +1") is played by
// the arrow keys and the space bar together. Every other one has a key of its own, digits first, then letters
// that mean nothing else; and where those run out, one can be chosen from the list and played by Enter.
//
//     down: Up Left Space     the action of the largest part of them: UPLEFTFIRE, or else UPLEFT, or else the
//                             one of the key that went down last
//     nothing down            the action that does nothing; where there is none, left and right in turn if
//                             those are all, and otherwise the game waits for a key: it goes by turns
//
// A key that went down and up again between two steps counts for one step.
#ifndef RB_VIEWER_KEYBOARD_H
#define RB_VIEWER_KEYBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/env.h"

typedef struct rb_keyboard rb_keyboard;

enum { RB_KEYBOARD_WAIT = -1, RB_KEYBOARD_KEYS_TEXT = 40 };

// `env`: its name, which says what actions are called where the spec does not.
rb_status rb_keyboard_create(rb_keyboard **out, const char *env, const rb_env_spec *spec, rb_error *error);
void rb_keyboard_destroy(rb_keyboard *keyboard);                   // NULL is fine
const char *const *rb_keyboard_names(const rb_keyboard *keyboard); // [A], for people
void rb_keyboard_keys(const rb_keyboard *keyboard, int action,
                      char *out);                       // "Up+Left+Space", "3", "Enter", "nothing"
int rb_keyboard_count(const rb_keyboard *keyboard);     // actions
bool rb_keyboard_in_turn(const rb_keyboard *keyboard);  // with no key down it is left and right in turn
bool rb_keyboard_by_turns(const rb_keyboard *keyboard); // it waits for keys

// A key went down (or, held, repeats) or up; whether it is one of the game's.
bool rb_keyboard_key(rb_keyboard *keyboard, int key, bool down);
void rb_keyboard_let_go(rb_keyboard *keyboard); // of all keys
// The action asked for now, or RB_KEYBOARD_WAIT. `take`: it is about to be played, so that what was only
// tapped is done with.
int rb_keyboard_action(rb_keyboard *keyboard, bool take);
// Of the actions that only Enter plays: the one it plays now (-1: there are none), and another one.
int rb_keyboard_chosen(const rb_keyboard *keyboard);
void rb_keyboard_choose(rb_keyboard *keyboard, int by);

#endif
