#!/usr/bin/env python3
"""CartPole through rainbow_dqn.train(), with an environment and with a name, three seeds each; after each training 100 greedy games of
Gymnasium's CartPole-v1.

    python studies/cartpole/train_python.py DIRECTORY        needs rainbow_dqn (pip install .), which brings Gymnasium
"""
import sys
import warnings

import gymnasium
import rainbow_dqn


def score(act, games=100):
    env, scores = gymnasium.make("CartPole-v1"), []
    for game in range(games):
        obs, _ = env.reset(seed=10_000 + game)
        total, over = 0.0, False
        while not over:
            obs, reward, terminated, truncated, _ = env.step(int(act(obs)))
            total, over = total + reward, terminated or truncated
        scores.append(total)
    return f"mean {sum(scores) / games:.1f}, least {min(scores):.0f}"


warnings.simplefilter("ignore")
for seed in (1, 2, 3):
    env = gymnasium.make("CartPole-v1")
    agent = rainbow_dqn.train(env, "cartpole", steps=50_000, seed=seed, compute_threads=1)
    print("train(env, 'cartpole'), seed", seed, score(agent.predict), flush=True)
    run = rainbow_dqn.train("gym/CartPole-v1", "cartpole-dqn", seed=seed, compute_threads=1, run_root=sys.argv[1], run_name=f"dqn-{seed}")
    policy, last = rainbow_dqn.load(run.directory), int(run.table("eval")["step"][-1])
    print("train('gym/CartPole-v1', 'cartpole-dqn'), seed", seed, f"{last} steps", score(lambda obs: policy.predict(obs)[0]), flush=True)
