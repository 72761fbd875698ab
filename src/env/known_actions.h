// Names of the actions of well-known tasks whose environments do not name them.
#ifndef RB_ENV_KNOWN_ACTIONS_H
#define RB_ENV_KNOWN_ACTIONS_H

// [count] names for an environment whose name contains a known one, in any case, such as gym/LunarLander-v3;
// NULL: none with so many actions.
const char *const *rb_known_actions(const char *env, int count);
// The same for an id of Gymnasium itself, without a namespace: it must begin with a known name and go on with
// a version or a variant (FrozenLake8x8-v1), so that the environment of someone else is not taken for it.
const char *const *rb_known_actions_of_id(const char *id, int count);

#endif
