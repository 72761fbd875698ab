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
#ifndef RB_VIEWER_HAND_H
#define RB_VIEWER_HAND_H

#include <stdbool.h>
#include <stddef.h>
#include "rainbow/env.h"

typedef struct rb_hand rb_hand;

enum { RB_HAND_WAIT = -1, RB_HAND_KEYS_TEXT = 40 };

// `env`: its name, which says what actions are called where the spec does not.
rb_status rb_hand_create(rb_hand **out, const char *env, const rb_env_spec *spec, rb_error *error);
void rb_hand_destroy(rb_hand *hand);                           // NULL is fine
const char *const *rb_hand_names(const rb_hand *hand);         // [A], for people
void rb_hand_keys(const rb_hand *hand, int action, char *out); // "Up+Left+Space", "3", "Enter", "nothing"
int rb_hand_count(const rb_hand *hand);                        // actions
bool rb_hand_in_turn(const rb_hand *hand);  // with no key down it is left and right in turn
bool rb_hand_by_turns(const rb_hand *hand); // it waits for keys

// A key went down (or, held, repeats) or up; whether it is one of the game's.
bool rb_hand_key(rb_hand *hand, int key, bool down);
void rb_hand_let_go(rb_hand *hand); // of all keys
// The action asked for now, or RB_HAND_WAIT. `take`: it is about to be played, so that what was only tapped
// is done with.
int rb_hand_action(rb_hand *hand, bool take);
// Of the actions that only Enter plays: the one it plays now (-1: there are none), and another one.
int rb_hand_chosen(const rb_hand *hand);
void rb_hand_choose(rb_hand *hand, int by);

#endif
