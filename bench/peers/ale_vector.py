#!/usr/bin/env python3
"""The Arcade Learning Environment's own vector environment with its defaults, in steps per second: a peer of `rainbow bench env`.

    ale_vector.py --game breakout --envs 8 --threads 1 --seconds 5

Prints one JSON object per round: {"game", "environments", "threads", "steps", "games", "seconds", "cpu_seconds", "steps_per_second",
"steps_per_cpu_second", "ale_py"}.
"""
import env_rounds
import rounds

rounds.require("ale_vector.py", ("numpy", "numpy"), ("ale_py", "ale-py"), ("gymnasium", "gymnasium"))
import ale_py
from ale_py.vector_env import AtariVectorEnv


def main():
    o = env_rounds.options(__doc__)
    envs = AtariVectorEnv(o.game, num_envs=o.envs, num_threads=o.threads, frameskip=4, maxpool=True, grayscale=True, img_height=84, img_width=84,
                          stack_num=4, noop_max=30, use_fire_reset=False, repeat_action_probability=0.0, max_num_frames_per_episode=108_000,
                          reward_clipping=False, episodic_life=False)
    envs.reset(seed=1)
    env_rounds.measure(o, envs.step, int(envs.single_action_space.n), ale_py=ale_py.__version__)
    envs.close()


if __name__ == "__main__":
    main()
