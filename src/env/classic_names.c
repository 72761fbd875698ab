// The small tasks by name: a row for each name, which gives its class and default preset.
#include <string.h>
#include "base/text.h"
#include "env/registry.h"

typedef struct task {
    rb_env_entry entry;
    const rb_env_class *class;
    const char *preset;
} task;

static const task tasks[] = {
    {{"cartpole", "balance a pole on a cart: 4 numbers, 2 actions, at most 500 steps", ""},
     &rb_cartpole_class,
     "cartpole"},
    {{"CartPole-v1", "the same by its Gymnasium id", ""}, &rb_cartpole_class, "cartpole"},
    {{"CartPole-v0", "the same with at most 200 steps", ""}, &rb_cartpole_class, "cartpole"},
    {{"cartpole-pixels", "the same seen: how its picture changed, 3 x 40 x 90 numbers, no limit of steps",
      ""},
     &rb_cartpole_pixels_class,
     "cartpole-pixels"},
    {{"acrobot", "swing up two links by the joint between them: 6 numbers, 3 actions, at most 500 steps", ""},
     &rb_acrobot_class,
     "acrobot"},
    {{"Acrobot-v1", "the same by its Gymnasium id", ""}, &rb_acrobot_class, "acrobot"},
    {{"mountaincar", "swing a weak car out of a valley: 2 numbers, 3 actions, at most 200 steps", ""},
     &rb_mountaincar_class,
     "mountaincar"},
    {{"MountainCar-v0", "the same by its Gymnasium id", ""}, &rb_mountaincar_class, "mountaincar"},
};
enum { TASKS = sizeof tasks / sizeof tasks[0] };

static const task *task_of(const char *name)
{
    for (int i = 0; i < TASKS; i++)
        if (!strcmp(name, tasks[i].entry.name)) return &tasks[i];
    return NULL;
}

static int count(void)
{
    return TASKS;
}

static const rb_env_entry *entry(int i)
{
    return &tasks[i].entry;
}

static bool has_form(const char *name)
{
    return task_of(name) != NULL;
}

static rb_status find(const char *name, const rb_env_class **out, rb_error *error)
{
    (void)error;
    *out = task_of(name)->class;
    return RB_OK;
}

static void defaults(const char *name, const char **preset, const char **values)
{
    *preset = task_of(name)->preset;
    *values = ""; // what tells CartPole-v0 from -v1 is in its spec
}

static bool near(const char *name, char out[RB_ENV_NAME_MAX])
{
    const char *names[TASKS];
    for (int i = 0; i < TASKS; i++) names[i] = tasks[i].entry.name;
    const char *nearest = rb_text_nearest(name, names, TASKS);
    return nearest && rb_text_copy(out, RB_ENV_NAME_MAX, nearest);
}

const rb_env_family rb_classic_family = {count,    entry, has_form, find,
                                         defaults, near,  NULL,     "a classic task"};
