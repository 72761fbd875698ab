// A simulator in C++ with 64 worlds that act together: one pass of the network for all of them.
//
//     c++ -std=c++17 examples/simulator.cpp -o simulator $(pkg-config --cflags --libs rainbow)
//     ./simulator           trains until CartPole is solved, for at most 100,000 steps
//     ./simulator 5000      the same, for at most as many steps
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <vector>

#include "cartpole.h"
#include "rainbow/rainbow.h"

namespace
{

constexpr int worlds = 64;

void check(rb_status status, const rb_error &error)
{
    if (status != RB_OK) throw std::runtime_error(error.message);
}

struct Destroy {
    void operator()(rb_config *config) const { rb_config_destroy(config); }
    void operator()(rb_learner *learner) const { rb_learner_destroy(learner); }
    void operator()(rb_player *player) const { rb_player_destroy(player); }
};

using Frames = std::vector<std::array<float, 4>>;

// The mean score of one game in each of `worlds` worlds, without exploration.
double evaluate(rb_learner *learner)
{
    rb_error error{};
    rb_player *made = nullptr;
    check(rb_player_of(&made, learner, worlds, &error), error);
    const std::unique_ptr<rb_player, Destroy> player(made);
    std::vector<cartpole> world(worlds);
    std::vector<int> playing;
    for (int i = 0; i < worlds; i++) {
        world[i].dice = 1000 + static_cast<std::uint64_t>(i);
        cartpole_reset(&world[i]);
        playing.push_back(i);
    }
    double steps = 0;
    while (!playing.empty()) {
        Frames seen(playing.size());
        std::vector<std::int32_t> actions(playing.size());
        for (std::size_t k = 0; k < playing.size(); k++) cartpole_look(&world[playing[k]], seen[k].data());
        check(rb_player_act(player.get(), static_cast<int>(playing.size()), playing.data(), seen.data(),
                            nullptr, nullptr, 0, actions.data(), nullptr, &error),
              error);
        std::vector<int> left;
        for (std::size_t k = 0; k < playing.size(); k++) {
            const bool down = cartpole_step(&world[playing[k]], actions[k]);
            if (!down && world[playing[k]].steps < 500) left.push_back(playing[k]);
        }
        steps += static_cast<double>(playing.size());
        playing = left;
    }
    return steps / worlds;
}

double train(int most)
{
    rb_error error{};
    rb_config *made_config = nullptr;
    rb_learner *made = nullptr;
    const char *words[] = {"--preset=cartpole-dqn", "--run.max_steps=100000", "--compute.threads=1"};
    rb_rainbow_init();
    check(rb_config_create(&made_config, &error), error);
    const std::unique_ptr<rb_config, Destroy> config(made_config);
    check(rb_config_arguments(config.get(), 3, words, &error), error);
    rb_learner_spec spec{};
    spec.kind = RB_OBS_F32;
    spec.channels = 4;
    spec.height = spec.width = 1;
    spec.actions = 2;
    spec.streams = worlds;
    check(rb_learner_create(&made, config.get(), &spec, &error), error);
    const std::unique_ptr<rb_learner, Destroy> learner(made);

    std::vector<cartpole> world(worlds);
    Frames seen(worlds);
    std::array<std::int32_t, worlds> actions{};
    std::array<double, worlds> rewards{};
    std::array<std::uint8_t, worlds> down{}, cut{};
    rewards.fill(1);
    for (int i = 0; i < worlds; i++) {
        world[i].dice = static_cast<std::uint64_t>(i);
        cartpole_reset(&world[i]);
    }
    for (int turn = 1; turn * worlds <= most; turn++) {
        for (int i = 0; i < worlds; i++) cartpole_look(&world[i], seen[i].data());
        check(
            rb_learner_act_many(learner.get(), worlds, nullptr, seen.data(), nullptr, actions.data(), &error),
            error);
        for (int i = 0; i < worlds; i++) {
            down[i] = cartpole_step(&world[i], actions[i]);
            cut[i] = world[i].steps == 500;
            cartpole_look(&world[i], seen[i].data());
        }
        check(rb_learner_observe_many(learner.get(), worlds, nullptr, rewards.data(), down.data(), cut.data(),
                                      seen.data(), nullptr, &error),
              error);
        for (int i = 0; i < worlds; i++)
            if (down[i] || cut[i]) cartpole_reset(&world[i]);
        if (turn % 80) continue;
        const double score = evaluate(learner.get());
        std::printf("%d steps, score %.1f\n", turn * worlds, score);
        if (score >= 475) return score;
    }
    return 0;
}

} // namespace

int main(int argc, char **argv)
{
    try {
        return train(argc > 1 ? std::atoi(argv[1]) : 100000) < 475;
    } catch (const std::exception &fault) {
        std::fprintf(stderr, "simulator: %s\n", fault.what());
        return 1;
    }
}
