// A program that only acts: it loads a trained agent, a run's directory or a file of examples/own_loop.c, and
// plays one game of CartPole with it.
#include <stdio.h>

#include "cartpole.h"
#include "rainbow/rainbow.h"

int main(int argc, char **argv)
{
    rb_error error = {RB_OK, ""};
    rb_player *player;
    cartpole world = {.dice = 7};
    rb_learner_spec spec;
    bool down = false;
    rb_rainbow_init();
    if (argc != 2) {
        fprintf(stderr, "usage: act RUN|FILE\n");
        return 2;
    }
    if (rb_player_open(&player, argv[1], 1, &error)) {
        fprintf(stderr, "act: %s\n", error.message);
        return 1;
    }
    rb_player_describe(player, &spec);
    if (spec.kind != RB_OBS_F32 || spec.channels * spec.height * spec.width != 4 || spec.actions != 2) {
        fprintf(stderr, "act: %s: is no agent of CartPole, which has 4 numbers and 2 actions\n", argv[1]);
        rb_player_destroy(player);
        return 1;
    }
    for (cartpole_reset(&world); !down && world.steps < 500;) {
        float seen[4], q[2];
        int32_t action;
        cartpole_look(&world, seen);
        if (rb_player_act(player, 1, NULL, seen, NULL, NULL, 0, &action, q, &error)) break;
        down = cartpole_step(&world, action);
    }
    if (error.status) fprintf(stderr, "act: %s\n", error.message);
    printf("score %d\n", world.steps);
    rb_player_destroy(player);
    return error.status != RB_OK;
}
