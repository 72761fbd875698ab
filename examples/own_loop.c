// A program that owns its loop: it steps its own CartPole, and the learner learns beside it.
//
//     cc examples/own_loop.c -o own_loop $(pkg-config --cflags --libs rainbow) -lm
//     ./own_loop cartpole.rb          trains, saves to the file, and goes on from it when it is started again
//     ./own_loop cartpole.rb 5000     the same, for at most as many steps; without it: 50,000
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "cartpole.h"
#include "rainbow/rainbow.h"

static rb_error error;

static void check(rb_status status)
{
    if (status == RB_OK) return;
    fprintf(stderr, "own_loop: %s\n", error.message);
    exit(1);
}

// The mean score of ten games without exploration, in a world of their own.
static double evaluate(rb_learner *learner)
{
    rb_player *player;
    cartpole world = {.dice = 1000};
    double sum = 0;
    check(rb_player_of(&player, learner, 1, &error));
    for (int game = 0; game < 10; game++) {
        bool down = false;
        for (cartpole_reset(&world); !down && world.steps < 500; sum++) {
            float seen[4];
            int32_t action;
            const uint8_t first = world.steps == 0;
            cartpole_look(&world, seen);
            check(rb_player_act(player, 1, NULL, seen, &first, NULL, 0, &action, NULL, &error));
            down = cartpole_step(&world, action);
        }
    }
    rb_player_destroy(player);
    return sum / 10;
}

int main(int argc, char **argv)
{
    const char *file = argc > 1 ? argv[1] : "cartpole.rb",
               *words[] = {"--preset=cartpole-dqn", "--seed=1", "--compute.threads=1"};
    const long long most = argc > 2 ? atoll(argv[2]) : 50000;
    const rb_learner_spec spec = {.kind = RB_OBS_F32, .channels = 4, .height = 1, .width = 1, .actions = 2};
    rb_config *config;
    rb_learner *learner;
    rb_learner_stats stats;
    cartpole world = {.dice = 1};
    float seen[4];
    double score = 0;
    int action;

    rb_rainbow_init();
    check(rb_config_create(&config, &error));
    check(rb_config_arguments(config, 3, words, &error));
    if (access(file, F_OK)) {
        check(rb_learner_create(&learner, config, &spec, &error));
    } else { // one that can't be loaded must not be replaced by a beginner
        check(rb_learner_load(&learner, file, 0, NULL, &error));
        check(rb_learner_abandon(learner, 0, &error)); // the world that it played in is gone
    }

    cartpole_reset(&world);
    for (rb_learner_get(learner, &stats); score < 475 && stats.steps < most;
         rb_learner_get(learner, &stats)) {
        cartpole_look(&world, seen);
        check(rb_learner_act(learner, 0, seen, NULL, &action, &error));
        const bool down = cartpole_step(&world, action), cut = world.steps == 500;
        cartpole_look(&world, seen);
        check(rb_learner_observe(learner, 0, 1, down, cut, seen, NULL, &error));
        if (down || cut) cartpole_reset(&world);
        if ((stats.steps + 1) % 2500) continue;
        score = evaluate(learner);
        printf("%lld steps, score %.1f\n", (long long)stats.steps + 1, score);
        check(rb_learner_save(learner, file, &error));
    }
    rb_learner_destroy(learner);
    rb_config_destroy(config);
    return score < 475;
}
