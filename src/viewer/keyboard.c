// See keyboard.h.
#include "viewer/keyboard.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mask.h"
#include "base/text.h"
#include "env/known_actions.h"
#include "io/window.h"

enum { UP = 1, DOWN = 2, LEFT = 4, RIGHT = 8, FIRE = 16, PARTS = 5, NO_PARTS = -1 };

// 1, 2 ... first; then letters that are no command of a window (viewer.h).
static const char spare_keys[] = "1234567890abcgijkloyuvwxz";
static const int part_keys[PARTS] = {RB_KEY_UP, RB_KEY_DOWN, RB_KEY_LEFT, RB_KEY_RIGHT, RB_KEY_SPACE};
static const char *const part_names[PARTS] = {"Up", "Down", "Left", "Right", "Space"};

typedef struct action {
    const char *name;
    char number[12]; // its name if the environment gives none
    int parts;       // keys that play it together, or NO_PARTS
    int key;         // its own key; 0: none
} action;

struct rb_keyboard {
    int count;
    action *actions;
    const char **names; // [A]
    int idle;           // the action played when no key is down; -1: none
    bool left_or_right, by_turns;
    int last;          // the action played if no key asks for one
    int held, tapped;  // parts
    int newest[PARTS]; // when each was pressed, in presses
    int presses;
    bool *own_held, *own_tapped; // [A]
    int chosen;                  // -1: none
};

// ---------------------------------------------------------------- names

// The words that a name may consist of, and their keys; longer words first.
static const struct {
    const char *word;
    int parts;
} words[] = {{"nothing", 0},   {"accelerate", UP}, {"forward", UP}, {"backward", DOWN}, {"engine", 0},
             {"torque", 0},    {"brake", DOWN},    {"north", UP},   {"south", DOWN},    {"shoot", FIRE},
             {"right", RIGHT}, {"left", LEFT},     {"down", DOWN},  {"fire", FIRE},     {"jump", FIRE},
             {"east", RIGHT},  {"west", LEFT},     {"none", 0},     {"noop", 0},        {"idle", 0},
             {"stay", 0},      {"wait", 0},        {"main", UP},    {"push", 0},        {"move", 0},
             {"turn", 0},      {"gas", UP},        {"up", UP},      {"do", 0},          {"go", 0},
             {"no", 0},        {"op", 0},          {"+1", RIGHT},   {"-1", LEFT},       {"0", 0}};

// The keys for a name, 0 for none; NO_PARTS if the name contains other words.
static int parts_of(const char *name)
{
    int parts = 0, found = 0;
    while (*name) {
        size_t step = 0;
        for (size_t i = 0; i < sizeof words / sizeof *words && !step; i++)
            if (!strncasecmp(name, words[i].word, strlen(words[i].word))) {
                step = strlen(words[i].word);
                parts |= words[i].parts;
                found++;
            }
        if (!step && !strchr(" -_:,", *name)) return NO_PARTS;
        name += step ? step : 1;
    }
    return found ? parts : NO_PARTS;
}

// ---------------------------------------------------------------- making one

static bool is_taken(const rb_keyboard *h, int parts, int before)
{
    for (int i = 0; i < before; i++)
        if (h->actions[i].parts == parts) return true;
    return false;
}

static void give_keys(rb_keyboard *h)
{
    const char *spare = spare_keys;
    int all = 0;
    h->idle = h->chosen = -1;
    for (int i = 0; i < h->count; i++) {
        action *a = &h->actions[i];
        const int parts = parts_of(a->name);
        a->parts = parts != NO_PARTS && !is_taken(h, parts, i) ? parts : NO_PARTS;
        if (a->parts == 0) h->idle = i;
        if (a->parts > 0) all |= a->parts;
        if (a->parts != NO_PARTS) continue;
        if (*spare)
            a->key = *spare++;
        else if (h->chosen < 0)
            h->chosen = i;
    }
    h->left_or_right = h->idle < 0 && h->count == 2 && all == (LEFT | RIGHT);
    h->by_turns = h->idle < 0 && !h->left_or_right;
}

rb_status rb_keyboard_create(rb_keyboard **out, const char *env, const rb_env_spec *spec, rb_error *error)
{
    rb_keyboard *h = calloc(1, sizeof *h);
    const size_t count = (size_t)spec->actions;
    *out = NULL;
    if (h) {
        h->count = spec->actions;
        h->actions = calloc(count, sizeof *h->actions);
        h->names = calloc(count, sizeof *h->names);
        h->own_held = calloc(count, sizeof *h->own_held);
        h->own_tapped = calloc(count, sizeof *h->own_tapped);
    }
    if (!h || !h->actions || !h->names || !h->own_held || !h->own_tapped) {
        rb_keyboard_destroy(h);
        return rb_error_set(error, RB_ERR_MEMORY, "no memory for the keys of %d actions", spec->actions);
    }
    const char *const *names = spec->action_names ? spec->action_names : rb_known_actions(env, spec->actions);
    for (int i = 0; i < h->count; i++) {
        action *a = &h->actions[i];
        snprintf(a->number, sizeof a->number, "action %d", i);
        a->name = names && *names[i] ? names[i] : a->number;
        h->names[i] = a->name;
    }
    give_keys(h);
    *out = h;
    return RB_OK;
}

void rb_keyboard_destroy(rb_keyboard *h)
{
    if (!h) return;
    free(h->actions);
    free(h->names);
    free(h->own_held);
    free(h->own_tapped);
    free(h);
}

const char *const *rb_keyboard_names(const rb_keyboard *h)
{
    return h->names;
}

int rb_keyboard_count(const rb_keyboard *h)
{
    return h->count;
}

bool rb_keyboard_in_turn(const rb_keyboard *h)
{
    return h->left_or_right;
}

bool rb_keyboard_by_turns(const rb_keyboard *h)
{
    return h->by_turns;
}

void rb_keyboard_keys(const rb_keyboard *h, int which, char *out)
{
    const action *a = &h->actions[which];
    size_t used = 0;
    out[0] = 0;
    if (a->parts == NO_PARTS && !a->key) rb_text_copy(out, RB_KEYBOARD_KEYS_TEXT, "Enter");
    if (a->parts == NO_PARTS && a->key) snprintf(out, RB_KEYBOARD_KEYS_TEXT, "%c", toupper(a->key));
    if (a->parts == 0) rb_text_copy(out, RB_KEYBOARD_KEYS_TEXT, "no key");
    for (int p = 0; p < PARTS && a->parts > 0; p++)
        if (a->parts & 1 << p)
            used += (size_t)snprintf(out + used, RB_KEYBOARD_KEYS_TEXT - used, "%s%s", used ? "+" : "",
                                     part_names[p]);
}

// ---------------------------------------------------------------- keys

// The action that a single key stands for; -1: none.
static int own_action(const rb_keyboard *h, int key)
{
    if (key == RB_KEY_ENTER) return h->chosen;
    for (int i = 0; i < h->count; i++)
        if (h->actions[i].key && h->actions[i].key == key) return i;
    return -1;
}

bool rb_keyboard_key(rb_keyboard *h, int key, bool down)
{
    for (int p = 0; p < PARTS; p++) {
        if (part_keys[p] != key) continue;
        const bool was = h->held & 1 << p;
        if (down && !was) h->newest[p] = ++h->presses;
        if (down && (!was || h->by_turns)) h->tapped |= 1 << p;
        h->held = down ? h->held | 1 << p : h->held & ~(1 << p);
        return true;
    }
    const int own = own_action(h, key);
    if (own < 0) return false;
    if (down && (!h->own_held[own] || h->by_turns)) h->own_tapped[own] = true;
    h->own_held[own] = down;
    return true;
}

void rb_keyboard_let_go(rb_keyboard *h)
{
    h->held = h->tapped = 0;
    memset(h->own_held, 0, (size_t)h->count * sizeof *h->own_held);
    memset(h->own_tapped, 0, (size_t)h->count * sizeof *h->own_tapped);
}

// How well the pressed parts match an action: the more of them it uses, the better; among equals, the one
// with the most recently pressed part wins. 0: no match.
static int claim(const rb_keyboard *h, const action *a, int parts)
{
    int needed = 0, latest = 0;
    if (a->parts <= 0 || a->parts & ~parts) return 0;
    for (int p = 0; p < PARTS; p++)
        if (a->parts & 1 << p) {
            needed++;
            if (h->newest[p] > latest) latest = h->newest[p];
        }
    return needed << 24 | (latest & 0xffffff);
}

static int asked_for(const rb_keyboard *h)
{
    const int parts = h->by_turns ? h->tapped : h->held | h->tapped;
    int best = -1, most = 0;
    for (int i = 0; i < h->count; i++)
        if (h->own_tapped[i] || (h->own_held[i] && !h->by_turns)) return i;
    for (int i = 0; i < h->count; i++) {
        const int claims = claim(h, &h->actions[i], parts);
        if (claims > most) most = claims, best = i;
    }
    return best;
}

static void forget_taps(rb_keyboard *h)
{
    h->tapped = 0;
    memset(h->own_tapped, 0, (size_t)h->count * sizeof *h->own_tapped);
}

int rb_keyboard_allowed(rb_keyboard *h, const uint8_t *allowed, bool take, const char **refused)
{
    const int asked = asked_for(h);
    *refused = asked >= 0 && !rb_mask_allows(allowed, asked) ? h->names[asked] : NULL;
    if (*refused) {
        if (take) forget_taps(h);
        return RB_KEYBOARD_WAIT;
    }
    const int which = rb_keyboard_action(h, take);
    if (which == RB_KEYBOARD_WAIT || rb_mask_allows(allowed, which)) return which;
    return h->left_or_right ? 1 - which : RB_KEYBOARD_WAIT;
}

int rb_keyboard_action(rb_keyboard *h, bool take)
{
    int which = asked_for(h);
    if (which < 0 && h->idle >= 0) which = h->idle;
    if (which < 0 && h->left_or_right) {
        which = 1 - h->last;
        if (take) h->last = which;
    }
    if (take) forget_taps(h);
    return which < 0 ? RB_KEYBOARD_WAIT : which;
}

int rb_keyboard_chosen(const rb_keyboard *h)
{
    return h->chosen;
}

void rb_keyboard_choose(rb_keyboard *h, int by)
{
    if (h->chosen < 0) return;
    if (h->own_held[h->chosen]) h->own_held[h->chosen] = false;
    int next = h->chosen;
    do next = (next + by % h->count + h->count) % h->count;
    while (h->actions[next].parts != NO_PARTS || h->actions[next].key);
    h->chosen = next;
}
