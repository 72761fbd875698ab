// The family of Gymnasium's environments: their names, gym/ID, and what a name stands for.
#include "env/gym.h"

#include <stdio.h>
#include <string.h>
#include "base/text.h"
#include "env/gym_names.h"

static const rb_env_entry entries[] = {
    {"gym/LunarLander-v3",
     "Gymnasium's: 8 numbers, 4 actions; put gym/ before any other id that Gymnasium has",
     "Python with gymnasium: ./scripts/get-gymnasium"},
};

static int count(void)
{
    return sizeof entries / sizeof *entries;
}

static const rb_env_entry *entry(int i)
{
    return &entries[i];
}

static bool has_form(const char *name)
{
    return rb_text_starts(name, "gym/");
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    *out = &rb_gym_class;
    if (!strcmp(name, "gym/"))
        return rb_error_set(error, RB_ERR_USAGE,
                            "'%s': after gym/ comes a Gymnasium id, such as gym/LunarLander-v3", name);
    return RB_OK;
}

// Only the name is known here, not the observations, so only well-known environments with pictures are
// recognised.
static void defaults(const char *name, const char **preset, const char **values)
{
    bool atari = rb_text_starts(name, "gym/ALE/"), pictures = atari || rb_text_starts(name, "gym/CarRacing");
    bool lunarlander = rb_text_starts(name, "gym/LunarLander-");
    *preset = lunarlander ? "lunarlander" : pictures ? "rainbow" : "general";
    *values = pictures ? "gym.pictures = atari\n" : "";
}

const rb_env_family rb_gym_family = {count,    entry,       has_form, find,
                                     defaults, rb_gym_near, "gym",    "a Gymnasium environment (gym/ID)"};
