#!/usr/bin/env python3
"""Plays an Atari game in Gymnasium with a network written by `rainbow export RUN --onnx FILE`. Rainbow itself is not needed.

    scripts/get-onnx                                          # once: a Python environment with the modules imported here
    ~/.cache/rainbow/onnx-1/bin/python examples/play_onnx.py breakout.onnx --episodes 10 --epsilon 0.05

The file's metadata describe an observation, under the names of Rainbow's parameters.
"""
import argparse

import ale_py
import cv2
import gymnasium
import numpy
import onnxruntime
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation

gymnasium.register_envs(ale_py)


class PooledColours(AtariPreprocessing):
    """atari.pool = rgb: the maximum of two screens is taken over their colours, and only then made grey."""

    def __init__(self, game, **how):
        super().__init__(game, grayscale_obs=False, **how)
        self.observation_space = gymnasium.spaces.Box(0, 255, self.screen_size[::-1], numpy.uint8)

    def _get_obs(self):
        colours = numpy.maximum(*self.obs_buffer)
        return cv2.resize(cv2.cvtColor(colours, cv2.COLOR_RGB2GRAY), self.screen_size, interpolation=cv2.INTER_AREA)


def has_fire(game):
    """FIRE and the action after it are pressed only in games that know both, as by textbook-dqn's FireResetEnv."""
    names = game.unwrapped.get_action_meanings()
    return len(names) >= 3 and names[1] == "FIRE"


class FireOnReset(gymnasium.Wrapper):
    """atari.fire_on_reset: each game begins with FIRE and the game's third action. A game that ends by them begins again.

    Behind the pictures, each is a step of its own; before them (atari.fire_first), a frame, and the idle frames follow.
    """

    def reset(self, **how):
        first = self.env.reset(**how)
        for action in (1, 2):
            frame, _, terminated, truncated, facts = self.env.step(action)
            first = self.env.reset() if terminated or truncated else (frame, facts)
        return first


class FireOnLifeLoss(gymnasium.Wrapper):
    """atari.fire_on_life_loss: both actions follow a lost life within the same step."""

    def step(self, action):
        before = self.unwrapped.ale.lives()
        frame, reward, terminated, truncated, facts = self.env.step(action)
        if 0 < self.unwrapped.ale.lives() < before:
            for press in (1, 2):
                if not (terminated or truncated):
                    frame, more, terminated, truncated, facts = self.env.step(press)
                    reward += more
        return frame, reward, terminated, truncated, facts


def make(settings, sticky=None, noops=None, show=False):
    """Makes the game with the kind of pictures that the network was trained on. `sticky` and `noops` replace the settings' values."""
    for key, value in (("atari.colour", "false"), ("atari.width", "0"), ("env.frame_skip", "1"), ("atari.mode", "-1"),
                       ("atari.difficulty", "-1")):
        if settings.get(key) != value:
            raise SystemExit(f"{key} = {settings.get(key)}: this script only plays Atari games with {key} = {value}")
    name = settings["env"]  # atari/ms_pacman, ALE/MsPacman-v5 or MsPacmanNoFrameskip-v4
    if name.startswith("atari/"):
        name = "".join(word.capitalize() for word in name[6:].split("_"))
    name = name.removeprefix("ALE/").split("-")[0].removesuffix("NoFrameskip").removesuffix("Deterministic")
    game = gymnasium.make(
        f"ALE/{name}-v5", frameskip=1, full_action_space=settings["atari.full_actions"] == "true",
        repeat_action_probability=float(settings["atari.sticky"]) if sticky is None else sticky,
        max_num_frames_per_episode=int(settings["atari.max_frames"]), render_mode="human" if show else None)
    fires = {key for key in ("fire_on_reset", "fire_first", "fire_on_life_loss") if settings.get("atari." + key) == "true" and has_fire(game)}
    if {"fire_on_reset", "fire_first"} <= fires:
        game = FireOnReset(game)
    pictures = {"grey": AtariPreprocessing, "rgb": PooledColours}.get(settings["atari.pool"])
    if not pictures:
        raise SystemExit(f"atari.pool = {settings['atari.pool']}: this script only plays Atari games with atari.pool = grey or rgb")
    game = pictures(game, noop_max=int(settings["atari.noop_max"]) if noops is None else noops,
                    frame_skip=int(settings["atari.frame_skip"]), screen_size=int(settings["atari.size"]))
    if "fire_on_reset" in fires and "fire_first" not in fires:
        game = FireOnReset(game)
    if "fire_on_life_loss" in fires:
        game = FireOnLifeLoss(game)
    return FrameStackObservation(game, int(settings["env.stack"]), padding_type="reset" if settings["env.stack_start"] == "repeat" else "zero")


def play(network, game, epsilon=0.0, seed=1):
    """Plays one game to its end; returns the actions and the score."""
    dice = numpy.random.default_rng(seed)
    frames, _ = game.reset(seed=seed)
    actions, score, over = [], 0.0, False
    while not over:
        q, = network.run(["Q-Values"], {"Image Sequence": frames[None]})  # 1 x 4 x 84 x 84 bytes, oldest frame first
        action = int(q[0].argmax()) if dice.random() >= epsilon else int(dice.integers(q.shape[1]))
        frames, reward, terminated, truncated, _ = game.step(action)
        actions.append(action)
        score += float(reward)
        over = terminated or truncated
    return actions, score


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("file", help="a file written by `rainbow export`")
    words.add_argument("--episodes", type=int, default=1, help="games; 1 by default")
    words.add_argument("--epsilon", type=float, default=0.0, help="share of random actions; 0 by default")
    words.add_argument("--seed", type=int, default=1, help="seed of the first game; each further game adds 1")
    words.add_argument("--show", action="store_true", help="in a window")
    asked = words.parse_args()
    network = onnxruntime.InferenceSession(asked.file, providers=["CPUExecutionProvider"])
    game = make(network.get_modelmeta().custom_metadata_map, show=asked.show)
    scores = []
    for i in range(asked.episodes):
        actions, score = play(network, game, asked.epsilon, asked.seed + i)
        scores.append(score)
        print(f"game {i + 1:3}  score {score:8g}  steps {len(actions)}", flush=True)
    print(f"mean {numpy.mean(scores):.2f}  std {numpy.std(scores):.2f}  max {max(scores):g}  min {min(scores):g}  games {len(scores)}")


if __name__ == "__main__":
    main()
