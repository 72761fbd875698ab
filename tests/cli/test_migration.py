#!/usr/bin/env python3
"""docs/migration.md names every argument of the programs that people come from, each once, in the first column of its table.

The lists are those of the published versions that the page states. (tools/check_guide checks that what it names of ours exists,
tests/cli/test_pages.py that its commands run.)
"""
import os
import re
import sys

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))), "docs", "migration.md")
NAMES = {
    "Stable-Baselines3 and its zoo":  # the parameters of DQN.__init__
        "policy env learning_rate buffer_size learning_starts batch_size tau gamma train_freq gradient_steps replay_buffer_class"
        " replay_buffer_kwargs optimize_memory_usage n_steps target_update_interval exploration_fraction exploration_initial_eps"
        " exploration_final_eps max_grad_norm stats_window_size tensorboard_log policy_kwargs verbose seed device _init_setup_model",
    "CleanRL":  # the flags of dqn.py, dqn_atari.py, c51.py, c51_atari.py and rainbow_atari.py
        "--exp-name --seed --torch-deterministic --cuda --track --wandb-project-name --wandb-entity --capture-video --save-model"
        " --upload-model --hf-entity --env-id --total-timesteps --learning-rate --num-envs --buffer-size --gamma --tau"
        " --target-network-frequency --batch-size --start-e --end-e --exploration-fraction --learning-starts --train-frequency --n-step"
        " --prioritized-replay-alpha --prioritized-replay-beta --prioritized-replay-eps --n-atoms --v-min --v-max",
    "Dopamine":  # the bindings in dqn.gin, rainbow.gin, c51.gin and full_rainbow.gin
        " ".join(f"{agent}.{name}" for agent in ("JaxDQNAgent", "JaxRainbowAgent") for name in (
            "gamma", "update_horizon", "min_replay_history", "update_period", "target_update_period", "epsilon_train", "epsilon_eval",
            "epsilon_decay_period", "optimizer")) +
        " JaxRainbowAgent.num_atoms JaxRainbowAgent.vmax JaxRainbowAgent.replay_scheme JaxFullRainbowAgent.noisy JaxFullRainbowAgent.dueling"
        " JaxFullRainbowAgent.double_dqn JaxFullRainbowAgent.num_atoms JaxFullRainbowAgent.vmax JaxFullRainbowAgent.replay_scheme"
        " create_optimizer.learning_rate create_optimizer.eps atari_lib.create_atari_environment.game_name"
        " atari_lib.create_atari_environment.sticky_actions create_runner.schedule create_agent.agent_name create_agent.debug_mode"
        " Runner.num_iterations Runner.training_steps Runner.evaluation_steps Runner.max_steps_per_episode ReplayBuffer.max_capacity"
        " ReplayBuffer.batch_size PrioritizedSamplingDistribution.max_capacity",
}


def main():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    bad = []
    for heading, names in NAMES.items():
        start = text.index(f"\n## {heading}\n")
        part = text[start:text.find("\n## ", start + 4) if text.find("\n## ", start + 4) > 0 else len(text)]
        table = next(table for table in re.findall(r"(?:^\|[^\n]*\n)+", part, re.M)
                     if re.match(r"\| (argument of|flag|gin binding)", table))
        found = [name for row in table.splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])]
        bad += [f"{heading}: {name} is missing" for name in names.split() if name not in found]
        bad += [f"{heading}: {name} is no argument of it" for name in found if name not in names.split()]
        bad += [f"{heading}: {name} stands there twice" for name in sorted(set(found)) if found.count(name) > 1]
    sys.exit("\n".join(bad) or 0)


main()
