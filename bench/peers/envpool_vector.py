#!/usr/bin/env python3
"""EnvPool's Atari with its defaults, stepped in lockstep, in steps per second: a peer of `rainbow bench env`.

    envpool_vector.py --game breakout --envs 8 --threads 1 --seconds 5

Prints one JSON object per round: {"game", "environments", "threads", "steps", "games", "seconds", "cpu_seconds", "steps_per_second",
"steps_per_cpu_second", "envpool"}.
"""
import env_rounds
import rounds

rounds.require("envpool_vector.py", ("numpy", "numpy"), ("envpool", "envpool"), ("gymnasium", "gymnasium"))
import envpool


def main():
    o = env_rounds.options(__doc__)
    name = "".join(word.capitalize() for word in o.game.split("_")) + "-v5"
    envs = envpool.make_gymnasium(name, num_envs=o.envs, num_threads=o.threads, frame_skip=4, gray_scale=True, img_height=84, img_width=84,
                                  stack_num=4, noop_max=30, use_fire_reset=False, repeat_action_probability=0.0, max_episode_steps=27_000,
                                  reward_clip=False, episodic_life=False, use_inter_area_resize=True, seed=1)
    envs.reset()
    env_rounds.measure(o, envs.step, int(envs.action_space.n), envpool=envpool.__version__)
    envs.close()


if __name__ == "__main__":
    main()
