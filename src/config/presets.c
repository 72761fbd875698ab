// Presets: recipes in the text format of configuration files, one file each in presets/, embedded in the
// program (cmake/embed.cmake):
//
//     # NAME: what it is, in one line
//     # its source, and where it departs from it
//     group.key = value
//
// The recipes repeat each other on purpose: each is complete, so that printing one shows all its values.
#include "config/table.h"

#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include "base/text.h"

// In the order in which they are listed; each with an environment that it is made for.
#define PRESETS(X)                                                                                           \
    X(dqn, "dqn", "atari/breakout")                                                                          \
    X(double, "double", "atari/breakout")                                                                    \
    X(c51, "c51", "atari/breakout")                                                                          \
    X(rainbow, "rainbow", "atari/breakout")                                                                  \
    X(rainbow_dopamine, "rainbow-dopamine", "atari/breakout")                                                \
    X(qr_dqn, "qr-dqn", "atari/breakout")                                                                    \
    X(iqn, "iqn", "atari/breakout")                                                                          \
    X(m_dqn, "m-dqn", "atari/breakout")                                                                      \
    X(m_iqn, "m-iqn", "atari/breakout")                                                                      \
    X(der, "der", "atari/breakout")                                                                          \
    X(drq_eps, "drq-eps", "atari/breakout")                                                                  \
    X(sr_der, "sr-der", "atari/breakout")                                                                    \
    X(btr, "btr", "atari/breakout")                                                                          \
    X(vectorised_rainbow, "vectorised-rainbow", "BreakoutNoFrameskip-v4")                                    \
    X(breakout_study, "breakout-study", "ALE/Breakout-v5")                                                   \
    X(textbook_dqn, "textbook-dqn", "BreakoutNoFrameskip-v4")                                                \
    X(guide_cartpole_pixels, "guide-cartpole-pixels", "cartpole-pixels")                                     \
    X(guide_breakout, "guide-breakout", "BreakoutDeterministic-v4")                                          \
    X(pqn, "pqn", "atari/breakout")                                                                          \
    X(minatar_pqn, "minatar-pqn", "minatar/breakout")                                                        \
    X(cartpole_pqn, "cartpole-pqn", "cartpole")                                                              \
    X(minatar_dqn, "minatar-dqn", "minatar/breakout")                                                        \
    X(minatar_rainbow, "minatar-rainbow", "minatar/breakout")                                                \
    X(minatar_m_dqn, "minatar-m-dqn", "minatar/breakout")                                                    \
    X(minatar_iqn, "minatar-iqn", "minatar/breakout")                                                        \
    X(minatar_m_iqn, "minatar-m-iqn", "minatar/breakout")                                                    \
    X(cartpole, "cartpole", "cartpole")                                                                      \
    X(cartpole_dqn, "cartpole-dqn", "cartpole")                                                              \
    X(acrobot, "acrobot", "acrobot")                                                                         \
    X(mountaincar, "mountaincar", "mountaincar")                                                             \
    X(cartpole_pixels, "cartpole-pixels", "cartpole-pixels")                                                 \
    X(gridworld, "gridworld", "gridworld")                                                                   \
    X(lunarlander, "lunarlander", "gym/LunarLander-v3")                                                      \
    X(general, "general", "cartpole")

#define X(ident, name, env) extern const char rb_preset_##ident[];
PRESETS(X)
#undef X

static rb_preset_info presets[] = {
#define X(ident, name_, env_) {.name = name_, .env = env_, .values = rb_preset_##ident},
    PRESETS(X)
#undef X
};

enum { COUNT = sizeof presets / sizeof presets[0], LINE = 256 };
static char helps[COUNT][LINE];
static pthread_once_t once = PTHREAD_ONCE_INIT;

// Splits the first line off each text.
static void read_helps(void)
{
    for (int i = 0; i < COUNT; i++) {
        rb_preset_info *p = &presets[i];
        const char *help = p->values + strlen("# ") + strlen(p->name) + strlen(": ");
        const size_t bytes = strcspn(help, "\n");
        memcpy(helps[i], help, bytes < LINE ? bytes : LINE - 1);
        p->help = helps[i];
        p->values = help + bytes + 1;
    }
}

int rb_preset_count(void)
{
    return COUNT;
}

const rb_preset_info *rb_preset_get(int i)
{
    pthread_once(&once, read_helps);
    return i >= 0 && i < COUNT ? &presets[i] : NULL;
}

// The preset that was meant: a name much like this one, or one that begins much like it (guide-cartpole,
// vectorized). NULL: none.
static const char *meant(const char *name)
{
    const char *names[COUNT], *beginnings[COUNT];
    char cut[COUNT][LINE];
    for (int i = 0; i < COUNT; i++) {
        names[i] = presets[i].name;
        snprintf(cut[i], LINE, "%.*s", (int)strlen(name), names[i]);
        beginnings[i] = cut[i];
    }
    const char *near = rb_text_nearest(name, names, COUNT);
    if (near || strlen(name) < 4) return near;
    const char *begins = rb_text_nearest(name, beginnings, COUNT);
    for (int i = 0; i < COUNT && begins; i++)
        if (begins == beginnings[i]) return names[i];
    return NULL;
}

const rb_preset_info *rb_preset_find(const char *name, const char *origin, rb_error *error)
{
    for (int i = 0; i < COUNT; i++)
        if (!strcmp(presets[i].name, name)) return rb_preset_get(i);
    const char *near = meant(name);
    rb_error_set(error, RB_ERR_USAGE, "%s%sno preset %s%s%s%s", origin && *origin ? origin : "",
                 origin && *origin ? ": " : "", name,
                 near ? "; did you mean " : "; `rainbow presets` lists them", near ? near : "",
                 near ? "?" : "");
    return NULL;
}
