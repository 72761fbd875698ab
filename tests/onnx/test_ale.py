"""gym/ALE/Breakout-v5 under gym.pictures = atari shows what Gymnasium's AtariPreprocessing makes of the same game, bit for bit.

Sticky actions are off, so that the game depends on the actions only.
"""
import os
import sys
import tempfile

import kit

kit.need("gymnasium", "ale_py", "cv2")
import ale_py  # noqa: E402
import gymnasium  # noqa: E402
import numpy  # noqa: E402
from gymnasium.wrappers import AtariPreprocessing, FrameStackObservation  # noqa: E402

DECISIONS = 300


def theirs(actions):
    gymnasium.register_envs(ale_py)
    game = gymnasium.make("ALE/Breakout-v5", frameskip=1, repeat_action_probability=0)
    game = FrameStackObservation(AtariPreprocessing(game, noop_max=0, frame_skip=4), 4)
    seen, score = [game.reset()[0]], 0
    for action in actions[:-1]:
        frames, reward, terminated, truncated, _ = game.step(action)
        score += reward
        if terminated or truncated:
            frames = game.reset()[0]
        seen.append(frames)
    return numpy.array(seen), score


def main():
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        run = kit.train("gym/ALE/Breakout-v5", "--preset=dqn", "--gym.pictures=atari", "--env.stack_start=repeat", "--gym.import=ale_py",
                        "--gym.python=" + sys.executable, "--gym.kwargs={\"repeat_action_probability\": 0}", "--eval.episodes=1",
                        "--eval.max_episode_steps=400")
        kit.rainbow("eval", run, "--epsilon=1", "--episodes=3", "--trace=game.safetensors", f"--trace-steps={3 * DECISIONS}")
        game = kit.load("game.safetensors")[0]
        os.chdir("/")
    first = game["games"] == 0
    actions, ours = game["actions"][first], game["observations"][first]
    seen, score = theirs(actions)
    assert len(actions) >= 60 and score > 0, (len(actions), score)
    for at, (a, b) in enumerate(zip(ours, seen)):
        assert numpy.array_equal(a, b), f"decision {at}: {numpy.abs(a.astype(int) - b).max()} in {(a != b).sum()} pixels"
    kit.end(f"good: the same {len(actions)} pictures, score {score:g}")


main()
