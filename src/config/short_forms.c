// The short forms of the most common settings, such as --double or -s. The command line reads them, help and
// shell completion list them.
#include <stddef.h>
#include <string.h>

#include "base/text.h"
#include "config/table.h"

static const rb_short_form forms[] = {
    {.name = "double",
     .key = "agent.double_q",
     .on = "true",
     .off = "false",
     .help = "learn with double Q-learning (agent.double_q)",
     .no_help = "learn without it"},
    {.name = "dueling",
     .key = "net.dueling",
     .on = "true",
     .off = "false",
     .help = "use dueling streams (net.dueling)",
     .no_help = "use a single stream"},
    {.name = "per",
     .key = "replay.prioritized",
     .on = "true",
     .off = "false",
     .help = "sample by priority (replay.prioritized)",
     .no_help = "sample uniformly"},
    {.name = "categorical",
     .key = "agent.categorical",
     .on = "true",
     .off = "false",
     .help = "learn distributions of returns, C51 (agent.categorical)",
     .no_help = "learn mean returns"},
    {.name = "noisy",
     .key = "net.noisy",
     .on = "factorised",
     .off = "off",
     .help = "explore by noisy layers (net.noisy) instead of random actions, so epsilon becomes 0",
     .no_help = "explore by random actions"},
    {.name = "n-step",
     .key = "agent.n_step",
     .value = "N",
     .off = "1",
     .help = "sum N rewards before the bootstrap (agent.n_step)",
     .no_help = "bootstrap after one step"},
    {.name = "seed", .letter = 's', .key = "run.seed", .value = "N", .help = "seed of the run (run.seed)"},
    {.name = "max-steps",
     .letter = 'n',
     .key = "run.max_steps",
     .value = "N",
     .help = "length of the run in steps, such as 200k or 2M (run.max_steps)"},
    {.name = "init-weights",
     .key = "run.init_weights",
     .value = "FILE",
     .help = "begin with the weights of a safetensors file (run.init_weights)"},
    {.name = "name", .key = "run.name", .value = "NAME", .help = "name of the run (run.name)"},
    {.name = "group", .key = "run.group", .value = "NAME", .help = "group of the run (run.group)"},
    {.name = "envs",
     .key = "env.count",
     .value = "N",
     .help = "number of environments stepped in parallel (env.count)"},
    {.name = "python",
     .key = "gym.python",
     .value = "PROGRAM",
     .help = "Python interpreter that has Gymnasium (gym.python)"},
};

enum { FORMS = sizeof forms / sizeof forms[0] };

int rb_short_form_count(void)
{
    return FORMS;
}

const rb_short_form *rb_short_form_get(int i)
{
    return i >= 0 && i < FORMS ? &forms[i] : NULL;
}

const rb_short_form *rb_short_form_find(const char *name, bool *off)
{
    *off = false;
    for (int i = 0; i < FORMS; i++)
        if (!strcmp(forms[i].name, name)) return &forms[i];
    *off = true;
    for (int i = 0; rb_text_starts(name, "no-") && i < FORMS; i++)
        if (forms[i].off && !strcmp(forms[i].name, name + 3)) return &forms[i];
    return NULL;
}

const rb_short_form *rb_short_form_of_letter(char letter)
{
    for (int i = 0; letter && i < FORMS; i++)
        if (forms[i].letter == letter) return &forms[i];
    return NULL;
}
