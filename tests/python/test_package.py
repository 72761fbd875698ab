"""The Python package: agents in loops of Gymnasium, policies, runs, and calls that must be refused. Run by ctest and by tools/check_wheel."""
import gc
import os
import signal
import tempfile
import threading
import unittest
import warnings

import gymnasium
import numpy as np

import rainbow_dqn
from rainbow_dqn import Agent, NumberError, Run, UsageError

SMALL = dict(preset="cartpole-dqn", net_mlp="16", net_hidden=16, replay_capacity=500, agent_start_steps=50, agent_batch=8,
             agent_update_every_steps=2, agent_updates=1, run_max_steps=5000, compute_threads=1, seed=3)
BOX = gymnasium.spaces.Box(-1, 1, (2,), np.float32)
TWO = gymnasium.spaces.Discrete(2)


class Walk(gymnasium.Env):
    """A walk on a line, whose observation counts the episode: a wrong one is noticed."""

    observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (3,), np.float32)
    action_space = gymnasium.spaces.Discrete(2, start=5)

    def __init__(self, limit=12):
        self.episode, self.limit = -1, limit

    def look(self):
        return np.array([self.place, self.moves, self.episode], np.float32)

    def reset(self, seed=None, options=None):
        super().reset(seed=seed)
        self.place, self.moves, self.episode = 0, 0, self.episode + 1
        return self.look(), {}

    def step(self, action):
        assert action in (5, 6)
        self.place += 2 * (action - 5) - 1
        self.moves += 1
        return self.look(), float(self.place == 3), abs(self.place) == 3, self.moves == self.limit, {}


def play(agent, env, steps, obs=None):
    if obs is None:
        obs, _ = env.reset()
    for _ in range(steps):
        action = agent.act(obs)
        obs, reward, terminated, truncated, info = env.step(action)
        agent.observe(obs, reward, terminated, truncated, info)
        if terminated or truncated:
            obs, _ = env.reset()
    return obs


class Loops(unittest.TestCase):
    def test_one_environment(self):
        env = Walk()
        agent = Agent(env.observation_space, env.action_space, **SMALL)
        play(agent, env, 400)
        stats = agent.stats
        self.assertEqual(stats["steps"], 400)
        self.assertGreater(stats["updates"], 100)
        self.assertEqual(stats["episodes"], env.episode)
        self.assertEqual(stats["replay_size"], 400)
        self.assertTrue(np.isfinite([stats["loss"], stats["q_mean"], stats["return_mean"]]).all())

    def test_same_bits_twice(self):
        hashes = []
        for _ in range(2):
            env = Walk()
            agent = Agent(env.observation_space, env.action_space, **SMALL)
            play(agent, env, 300)
            hashes.append(agent.state_hash)
        self.assertEqual(hashes[0], hashes[1])

    def vector(self, mode, steps):
        kwargs = {} if mode is None else {"autoreset_mode": mode}
        envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Walk(6 + i) for i in range(3)], **kwargs)
        agent = Agent(envs.single_observation_space, envs.single_action_space, num_envs=3, autoreset=mode or "next_step", **SMALL)
        obs, _ = envs.reset()
        for _ in range(steps):
            actions = agent.act(obs)
            self.assertEqual((actions.shape, actions.dtype), ((3,), np.dtype(np.int64)))
            obs, reward, terminated, truncated, info = envs.step(actions)
            agent.observe(obs, reward, terminated, truncated, info)
        return agent, envs

    def test_vectors(self):
        modes = getattr(gymnasium.vector, "AutoresetMode", None)
        for mode in (modes.NEXT_STEP, modes.SAME_STEP) if modes else (None,):
            agent, envs = self.vector(mode, 150)
            stats = agent.stats
            ended = sum(env.episode for env in envs.envs)
            if mode is None or mode == modes.NEXT_STEP:  # a step that only resets is not the agent's
                self.assertEqual(stats["steps"], 3 * 150 - ended)
            else:
                self.assertEqual(stats["steps"], 3 * 150)
            self.assertLessEqual(abs(stats["episodes"] - ended), 3)
            self.assertGreater(stats["updates"], 50)

    def test_rollouts(self):
        """PQN: with no replay, an agent learns when its environments have played a rollout; by hand it cannot."""
        settings = dict(preset="cartpole-pqn", net_mlp="16", net_hidden=16, agent_rollout_steps=20, agent_minibatches=5, agent_lambda=0.9,
                        agent_epochs=2, run_max_steps=5000, compute_threads=1, seed=3)
        modes = getattr(gymnasium.vector, "AutoresetMode", None)
        for mode in (modes.NEXT_STEP, modes.SAME_STEP) if modes else (None,):
            kwargs = {} if mode is None else {"autoreset_mode": mode}
            envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Walk(6 + i) for i in range(4)], **kwargs)
            agent = Agent(envs.single_observation_space, envs.single_action_space, num_envs=4, autoreset=mode or "next_step", **settings)
            obs, _ = envs.reset()
            for _ in range(200):
                actions = agent.act(obs)
                obs, reward, terminated, truncated, info = envs.step(actions)
                agent.observe(obs, reward, terminated, truncated, info)
            stats = agent.stats
            rollouts = (stats["steps"] - 1) // 80  # where resets take turns of their own, a rollout may have some steps more than another
            self.assertIn(stats["updates"], range(10 * rollouts, (10 if mode and mode != modes.NEXT_STEP else 12) * rollouts + 1))
            self.assertLess(stats["replay_size"], 400)
            with self.assertRaisesRegex(UsageError, "learns only when a rollout is complete"):
                agent.learn(3)
        with self.assertRaisesRegex(UsageError, "set `manual` to false"):
            Agent(BOX, TWO, manual=True, **settings)

    def test_pictures_of_bytes(self):
        for shape in ((8, 8), (8, 8, 3), (3, 8, 8)):
            space = gymnasium.spaces.Box(0, 255, shape, np.uint8)
            agent = Agent(space, TWO, stack=2, **{**{k: v for k, v in SMALL.items() if k != "net_mlp"}, "net_layers": "conv 4 3 1, relu"})
            for _ in range(60):
                picture = space.sample()
                agent.act(picture)
                agent.observe(space.sample(), 1, True, False)
            self.assertGreater(agent.stats["updates"], 0)

    def test_numbers_of_other_types(self):
        space = gymnasium.spaces.Box(-1, 1, (2,), np.float64)
        agent = Agent(space, TWO, **SMALL)
        agent.act(np.zeros(2))
        agent.observe([0.5, 0.25], np.float32(1), np.bool_(False), False)
        agent.act(np.array([0.5, 0.25]))
        agent = Agent(gymnasium.spaces.Discrete(7), TWO, **SMALL)
        agent.act(3)
        agent.observe(np.int64(4), 1, False, True)

    def test_manual(self):
        env = Walk()
        agent = Agent(env.observation_space, env.action_space, manual=True, **SMALL)
        play(agent, env, 100)
        self.assertEqual(agent.stats["updates"], 0)
        self.assertEqual(agent.learn(4), 4)
        self.assertGreater(agent.learn(), 4)
        self.assertEqual(agent.learn(), 0)

    def test_training_a_loop(self):
        seen = []
        agent = rainbow_dqn.train(Walk(), "cartpole-dqn", steps=300, callback=seen.append, **{k: v for k, v in SMALL.items() if k not in ("preset", "run_max_steps")})
        self.assertEqual(agent.stats["steps"], 300)
        self.assertGreater(len(seen), 10)
        agent = rainbow_dqn.train(Walk(), steps=300, callback=lambda stats: stats["episodes"] < 5, **SMALL)
        self.assertEqual(agent.stats["episodes"], 5)

    def test_an_exception_loses_nothing(self):
        class Breaks(Walk):
            def step(self, action):
                if self.episode == 9:
                    raise OSError("the robot fell over")
                return super().step(action)

        with tempfile.TemporaryDirectory() as root:
            file = os.path.join(root, "agent.rb")
            env = Breaks()
            with self.assertRaisesRegex(OSError, "fell over"):
                rainbow_dqn.train(env, steps=1000, save=file, **SMALL)
            agent = Agent.load(file, env.observation_space, env.action_space)
            self.assertEqual(agent.stats["episodes"], 9)
            agent.abandon()
            play(agent, Walk(), 50)


class Parted(Walk):
    """Its place in a nested Dict, and two choices at once: only both together move it up."""

    observation_space = gymnasium.spaces.Dict(
        {
            "where": gymnasium.spaces.Dict({"place": gymnasium.spaces.Discrete(7, start=-3), "moves": gymnasium.spaces.Box(0, 99, (1,), np.int64)}),
            "counts": gymnasium.spaces.Tuple((gymnasium.spaces.MultiBinary(2), gymnasium.spaces.Box(-np.inf, np.inf, (), np.float64))),
        }
    )
    action_space = gymnasium.spaces.MultiDiscrete([2, 3], dtype=np.int32, start=[0, -1])

    def look(self):
        moves = np.array([self.moves])
        return {"where": {"moves": moves, "place": np.int64(self.place)}, "counts": (np.array([self.moves % 2, 1], np.int8), np.float64(self.episode))}

    def step(self, action):
        assert self.action_space.contains(action), action
        return super().step(5 + int(action[0] == 1 and action[1] > -1))


def flat(seen, space=Parted.observation_space):
    return gymnasium.spaces.flatten(space, seen).astype(np.float32)


class Parts(unittest.TestCase):
    def test_one_environment(self):
        env = Parted()
        agent = Agent(env.observation_space, env.action_space, **SMALL)
        self.assertEqual((agent._observations.shape, agent._actions.count), ((11, 1, 1), 6))
        obs = play(agent, env, 300)
        self.assertGreater(agent.stats["updates"], 50)
        np.testing.assert_array_equal(agent._observations.rows(obs, 1, False).ravel(), flat(obs))
        rest = env.observation_space.sample()
        np.testing.assert_array_equal(agent._observations.rows(rest, 1, False).ravel(), flat(rest))
        action = agent.predict(obs)
        self.assertEqual((action.shape, action.dtype), ((2,), np.dtype(np.int32)))
        action[:] = 9  # the caller's own
        self.assertTrue(env.action_space.contains(agent.predict(obs)))

    def test_vectors(self):
        modes = getattr(gymnasium.vector, "AutoresetMode", None)
        for mode in (modes.NEXT_STEP, modes.SAME_STEP) if modes else (None,):
            kwargs = {} if mode is None else {"autoreset_mode": mode}
            envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Parted(6 + i) for i in range(3)], **kwargs)
            agent = Agent(envs.single_observation_space, envs.single_action_space, num_envs=3, autoreset=mode or "next_step", **SMALL)
            obs, _ = envs.reset()
            rows = agent._observations.rows(obs, 3, True)
            for i, single in enumerate(gymnasium.vector.utils.iterate(envs.observation_space, obs)):
                np.testing.assert_array_equal(rows[i].ravel(), flat(single))
            for _ in range(150):
                actions = agent.act(obs)
                self.assertEqual((actions.shape, actions.dtype), ((3, 2), np.dtype(np.int32)))
                obs, reward, terminated, truncated, info = envs.step(actions)
                agent.observe(obs, reward, terminated, truncated, info)
            self.assertGreater(agent.stats["episodes"], 20)
            self.assertGreater(agent.stats["updates"], 50)
            listed = [dict(single) for single in gymnasium.vector.utils.iterate(envs.observation_space, obs)]
            np.testing.assert_array_equal(agent.predict(listed), agent.predict(obs))

    def test_final_observations(self):
        envs = [Parted(4), Parted(4)]
        seen = [env.reset()[0] for env in envs]
        agent = Agent(Parted.observation_space, Parted.action_space, num_envs=2, autoreset="same_step", **SMALL)
        agent.act(seen)
        final = envs[1].step(np.array([1, 0], np.int32))[0]
        with self.assertRaisesRegex(UsageError, 'autoreset="same_step"'):
            late = Agent(BOX, TWO, num_envs=1, **SMALL)
            late.act(np.zeros((1, 2)))
            late.observe(np.zeros((1, 2)), [0], [True], [False], {"final_observation": [np.zeros(2)]})
        masks = np.array([[0, 1, 0], [1, 1, 0]], np.uint8)
        ended = {"final_info": {"action_mask": np.array([None, np.array([0, 0, 1])], object)}}
        np.testing.assert_array_equal(agent._final_masks(masks, np.array([False, True]), ended), [[0, 1, 0], [0, 0, 1]])
        older = {"final_info": np.array([None, {"action_mask": np.array([0, 0, 1])}], object)}
        np.testing.assert_array_equal(agent._final_masks(masks, np.array([False, True]), older), [[0, 1, 0], [0, 0, 1]])
        np.testing.assert_array_equal(agent._final_masks(masks, np.array([True, False]), {}), [[1, 1, 1], [1, 1, 0]])
        kept = agent._with_final(seen, np.array([False, True]), {"final_obs": np.array([None, final], object)})
        np.testing.assert_array_equal(agent._observations.rows(kept, 2, True).reshape(2, -1), [flat(seen[0]), flat(final)])

    def test_a_loop_with_masks_and_its_policy(self):
        class Some(Parted):
            def allowed(self):
                return {"action_mask": (np.arange(6) + self.moves) % 2 == 0}

            def reset(self, seed=None, options=None):
                return super().reset(seed=seed)[0], self.allowed()

            def step(self, action):
                assert self.allowed()["action_mask"][np.ravel_multi_index(action - [0, -1], (2, 3))]
                return (*super().step(action)[:4], self.allowed())

        settings = {k: v for k, v in SMALL.items() if k not in ("preset", "run_max_steps")}
        agent = rainbow_dqn.train(Some(), "cartpole-dqn", steps=300, **settings)
        self.assertTrue(agent.masked)
        with tempfile.TemporaryDirectory() as root:
            agent.save(os.path.join(root, "parts.rb"))
            policy = rainbow_dqn.load(os.path.join(root, "parts.rb"), Parted.observation_space, Parted.action_space)
            seen = Some().reset()[0]
            for number in range(6):
                action = policy.predict(seen, mask=np.arange(6) == number)[0]
                np.testing.assert_array_equal(action, [number // 3, number % 3 - 1])
            self.assertEqual(policy.q_values(seen).shape, (6,))
            many = rainbow_dqn.load(os.path.join(root, "parts.rb"), Parted.observation_space, Parted.action_space, num_envs=2)
            np.testing.assert_array_equal(many.predict([seen, seen], mask=[np.arange(6) == 4, np.arange(6) == 0])[0], [[1, 0], [0, -1]])

    def test_refused(self):
        spaces = gymnasium.spaces
        picture = spaces.Dict({"image": spaces.Box(0, 255, (8, 8, 3), np.uint8), "map": spaces.Box(0, 255, (3, 8, 8), np.uint8)})
        many = spaces.MultiDiscrete([17, 241])
        agent, vector = (Agent(Parted.observation_space, Parted.action_space, num_envs=n, **SMALL) for n in (0, 2))
        seen = Parted.observation_space.sample()
        batch = {"where": {"place": np.zeros(2, int), "moves": np.zeros((3, 1), int)}, "counts": (np.zeros((2, 2), np.int8), np.zeros(2))}
        for words, call in (
            (r"a Dict with 2 pictures \(image, map\).*TransformObservation", lambda: Agent(picture, TWO, **SMALL)),
            ("4,097 combinations; at most 4,096", lambda: Agent(BOX, many, **SMALL)),
            ("without the part where.moves", lambda: agent.act({**seen, "where": {}})),
            (r"shape \(3,\), but its space has \(2,\) \(in its part counts\[0\]\)", lambda: agent.act({**seen, "counts": (np.zeros(3, int), 0.0)})),
            ("3 observations of the part where.moves for 2 environments", lambda: vector.act(batch)),
            ("lack the part where.moves of the space", lambda: vector.act({**batch, "where": {"place": np.zeros(2, int)}})),
            ("1 observations for 2 environments", lambda: vector.act([seen])),
        ):
            with self.assertRaisesRegex(UsageError, words):
                call()


class Seen(Walk):
    """A picture of its place, 6 x 8 with 2 channels, and beside it its moves."""

    observation_space = gymnasium.spaces.Dict(
        {"eye": gymnasium.spaces.Box(0, 255, (6, 8, 2), np.uint8), "moves": gymnasium.spaces.Box(0, 99, (1,), np.int64), "odd": TWO}
    )

    def look(self):
        eye = np.zeros((6, 8, 2), np.uint8)
        eye[2, self.place % 8, 1] = 200
        return {"eye": eye, "moves": np.array([self.moves]), "odd": self.moves % 2}


def both(seen):
    numbers = np.concatenate([seen["moves"], np.eye(2)[seen["odd"]]]).astype(np.float32)
    return np.frombuffer(seen["eye"].transpose(2, 0, 1).tobytes() + numbers.tobytes(), np.uint8)


class PictureAndVector(unittest.TestCase):
    def test_one_environment_and_its_policy(self):
        env = Seen()
        agent = Agent(env.observation_space, env.action_space, stack=2, net_layers="conv 8 3 1, relu, append, linear 16, relu", **SMALL)
        self.assertEqual((agent._observations.shape, agent._observations.vector), ((2, 6, 8), 3))
        obs = play(agent, env, 300)
        self.assertGreater(agent.stats["updates"], 50)
        np.testing.assert_array_equal(agent._observations.rows(obs, 1, False).ravel(), both(obs))
        with tempfile.TemporaryDirectory() as root:
            file = os.path.join(root, "both.rb")
            agent.save(file)
            again = Agent.load(file, env.observation_space, env.action_space)
            self.assertEqual(again.predict(obs), agent.predict(obs))
            policy = rainbow_dqn.load(file, env.observation_space, env.action_space)
            self.assertEqual(policy.q_values(obs).shape, (env.action_space.n,))
            other = dict(obs, moves=np.array([50]))
            self.assertFalse(np.array_equal(policy.q_values(obs, episode_start=True), policy.q_values(other, episode_start=True)))
            with self.assertRaisesRegex(UsageError, "a vector of 3 numbers beside them: give the observation_space"):
                rainbow_dqn.load(file)
            with self.assertRaisesRegex(UsageError, r"shape \(2, 6, 8\) beside 3 numbers and"):
                rainbow_dqn.load(file, env.observation_space["eye"], env.action_space)

    def test_vectors(self):
        envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Seen(6 + i) for i in range(3)])
        agent = Agent(envs.single_observation_space, envs.single_action_space, num_envs=3, **SMALL)
        obs, _ = envs.reset()
        for _ in range(100):
            rows = agent._observations.rows(obs, 3, True)
            for i, single in enumerate(gymnasium.vector.utils.iterate(envs.observation_space, obs)):
                np.testing.assert_array_equal(rows[i].ravel(), both(single))
            obs, reward, terminated, truncated, info = envs.step(agent.act(obs))
            agent.observe(obs, reward, terminated, truncated, info)
        self.assertGreater(agent.stats["updates"], 20)


class Masked(Walk):
    """Only places from -1 to 2 can be reached."""

    action_space = gymnasium.spaces.Discrete(2)

    def allowed(self):
        return {"action_mask": np.array([self.place > -1, self.place < 2], np.int8)}

    def reset(self, seed=None, options=None):
        return super().reset(seed=seed)[0], self.allowed()

    def step(self, action):
        assert self.allowed()["action_mask"][action], "a forbidden action"
        obs, reward, terminated, truncated, _ = super().step(action + 5)
        return obs, float(self.place == 2), terminated, truncated, self.allowed()


class Masks(unittest.TestCase):
    def test_never_a_forbidden_action(self):
        settings = {k: v for k, v in SMALL.items() if k not in ("preset", "run_max_steps")}
        agent = rainbow_dqn.train(Masked(), "cartpole-dqn", steps=400, **settings)
        self.assertTrue(agent.masked)
        self.assertGreater(agent.stats["updates"], 100)
        modes = getattr(gymnasium.vector, "AutoresetMode", None)
        for mode in (modes.NEXT_STEP, modes.SAME_STEP, modes.DISABLED) if modes else ():
            envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Masked(6 + i) for i in range(3)], autoreset_mode=mode)
            self.assertEqual(rainbow_dqn.train(envs, "cartpole-dqn", steps=300, **settings).masked, True)
        with tempfile.TemporaryDirectory() as root:
            agent.save(os.path.join(root, "masked.rb"))
            policy = rainbow_dqn.load(os.path.join(root, "masked.rb"))
            for i in range(20):
                mask = np.array([i % 2 == 0, i % 2 == 1])
                self.assertEqual(policy.predict(np.zeros(3, np.float32), mask=mask, deterministic=i % 3 > 0, epsilon=1.0)[0], i % 2)

    def test_refused(self):
        agent, plain = Agent(BOX, TWO, masks=True, **SMALL), Agent(BOX, TWO, **SMALL)
        seen = np.zeros(2, np.float32)
        for words, mask in (("shape", [1, 0, 1]), ("other than 0 and 1", [1, 2]), ("float64", [1.0, 0.0]), ("allows none", [0, 0])):
            with self.assertRaisesRegex(UsageError, words):
                agent.act(seen, mask)
        with self.assertRaisesRegex(UsageError, "made without masks"):
            plain.act(seen, [1, 0])
        self.assertEqual(agent.act(seen, [0, 1]), 1)
        agent.observe(seen, 0, False, False, mask=[1, 0])
        self.assertEqual(agent.act(seen), 0)


class States(unittest.TestCase):
    def setUp(self):
        self.root = tempfile.TemporaryDirectory()
        self.file = os.path.join(self.root.name, "agent.rb")
        self.env = Walk()
        self.agent = Agent(self.env.observation_space, self.env.action_space, **SMALL)

    def tearDown(self):
        self.root.cleanup()

    def test_saved_and_loaded(self):
        env, agent = self.env, self.agent
        obs = play(agent, env, 123)
        agent.save(self.file)
        other = Agent.load(self.file, env.observation_space, env.action_space, compute_threads=2)
        self.assertEqual(other.stats["steps"], 123)
        twin = Walk()
        twin.__dict__.update(env.__dict__)
        play(agent, env, 200, obs)
        play(other, twin, 200, obs)
        self.assertEqual(agent.stats, other.stats)
        self.assertEqual(agent.setting("compute.threads"), "1")

    def test_policies(self):
        play(self.agent, self.env, 200)
        self.agent.save(self.file)
        policy = rainbow_dqn.load(self.file, self.env.observation_space, self.env.action_space)
        three = rainbow_dqn.load(self.file, num_envs=3)
        seen = np.array([[0, 0, 0], [1, 3, 0], [-2, 4, 1]], np.float32)
        actions, state = three.predict(seen, "kept")
        self.assertEqual(state, "kept")
        values = three.q_values(seen)
        self.assertEqual(values.shape, (3, 2))
        np.testing.assert_array_equal(actions, values.argmax(1))
        for i in range(3):
            action, _ = policy.predict(seen[i])
            self.assertEqual(action, actions[i] + 5)
            self.assertEqual(self.agent.predict(seen[i]), action)
            np.testing.assert_array_equal(policy.q_values(seen[i]), values[i])
        random = {policy.predict(seen[0], deterministic=False, epsilon=1.0)[0] for _ in range(50)}
        self.assertEqual(random, {5, 6})

    def test_values_and_actions_of_one_moment(self):
        """A stack takes an observation once, whichever of the two asks first."""
        agent = Agent(self.env.observation_space, self.env.action_space, env_stack=3, **SMALL)
        play(agent, self.env, 100)
        agent.save(self.file)
        plain, both, turned = (rainbow_dqn.load(self.file, num_envs=1) for _ in range(3))
        rng = np.random.default_rng(2)
        self.assertEqual(plain.stack, 3)
        for i in range(20):
            seen, start = rng.standard_normal((1, 3)).astype(np.float32), i % 7 == 0
            values = plain.q_values(seen, start)
            action, _ = both.predict(seen, episode_start=start)
            self.assertEqual(action[0], values.argmax())
            np.testing.assert_array_equal(both.q_values(seen), values)
            np.testing.assert_array_equal(turned.q_values(seen, start), values)
            self.assertEqual(turned.predict(seen, episode_start=start)[0], action)

    def test_planar_pictures(self):
        """Without a space, pictures are as the agent reads them, also where their shape fits another order."""
        seen = np.random.default_rng(3).integers(0, 255, (6, 6, 6), np.uint8)
        agent = Agent(gymnasium.spaces.Box(0, 255, (6, 6, 6), np.uint8), TWO, channels="first", net_layers="conv 4 3 1, relu, linear 8, relu",
                      **{k: v for k, v in SMALL.items() if k != "net_mlp"})
        agent.save(self.file)
        policy = rainbow_dqn.load(self.file)
        self.assertEqual(policy.observation_space.shape, (6, 6, 6))
        self.assertEqual(policy._observations.rows(seen, 1, False).tobytes(), seen.tobytes())
        self.assertEqual(policy.predict(seen)[0], agent.predict(seen))

    def test_a_vector_goes_on(self):
        envs = gymnasium.vector.SyncVectorEnv([lambda i=i: Walk(4 + i) for i in range(3)])
        agent = Agent(envs.single_observation_space, envs.single_action_space, num_envs=3, **SMALL)
        obs, _ = envs.reset()
        while not agent.resetting.any():
            obs, *rest = envs.step(agent.act(obs))
            agent.observe(obs, *rest)
        agent.save(self.file)
        spaces = envs.single_observation_space, envs.single_action_space
        other = Agent.load(self.file, *spaces, resetting=agent.resetting)
        for _ in range(30):
            actions = agent.act(obs)
            np.testing.assert_array_equal(other.act(obs), actions)
            obs, *rest = envs.step(actions)
            agent.observe(obs, *rest)
            other.observe(obs, *rest)
        self.assertEqual(agent.state_hash, other.state_hash)

    def test_one_of_a_vector_is_lost(self):
        agent = Agent(BOX, TWO, num_envs=3, **SMALL)
        seen, zeros = np.zeros((3, 2), np.float32), np.zeros(3)
        for lost in (1, 2):
            agent.act(seen)
            agent.abandon(lost)
            agent.observe(seen, zeros, zeros, zeros)
        self.assertEqual(agent.stats["steps"], 4)

    def test_normalised_observations(self):
        env = Walk()
        agent = Agent(env.observation_space, env.action_space, env_normalise=True, **SMALL)
        obs = play(agent, env, 300)
        agent.save(self.file)
        policy = rainbow_dqn.load(self.file, env.observation_space, env.action_space)
        plain = Agent(env.observation_space, env.action_space, **SMALL)
        play(plain, Walk(), 300)
        plain.save(os.path.join(self.root.name, "plain.rb"))
        other = rainbow_dqn.load(os.path.join(self.root.name, "plain.rb"), env.observation_space, env.action_space)
        rng = np.random.default_rng(1)
        for _ in range(50):
            seen = (rng.standard_normal(3) * [3, 6, 200]).astype(np.float32)
            self.assertEqual(agent.predict(seen), policy.predict(seen)[0])
            self.assertFalse(np.array_equal(policy.q_values(seen), other.q_values(seen)))
        # Beyond the clip, an observation looks like one at it.
        far = [policy.q_values(np.array([0, 1, size], np.float32)) for size in (1e6, 1e9)]
        np.testing.assert_array_equal(*far)
        again = Agent.load(self.file, env.observation_space, env.action_space)
        self.assertEqual(again.act(obs), agent.act(obs))
        with self.assertRaisesRegex(UsageError, "env.normalise = true: only vectors of floats"):
            Agent(gymnasium.spaces.Box(0, 255, (12, 12), np.uint8), TWO, env_normalise=True, **SMALL)

    def test_damaged_file(self):
        play(self.agent, self.env, 20)
        self.agent.save(self.file)
        with open(self.file, "r+b") as file:
            file.seek(2000)
            file.write(b"x")
        with self.assertRaises(rainbow_dqn.DamagedFileError):
            Agent.load(self.file, self.env.observation_space, self.env.action_space)
        with self.assertRaises(rainbow_dqn.SavedFileError):
            Agent.load(self.file + "x", self.env.observation_space, self.env.action_space)

    def test_other_spaces(self):
        self.agent.save(self.file)
        with self.assertRaisesRegex(UsageError, r"shape \(3, 1, 1\) and 2 actions, but these spaces have floats of shape \(2, 1, 1\)"):
            Agent.load(self.file, BOX, TWO)
        with self.assertRaisesRegex(UsageError, "but these spaces have"):
            rainbow_dqn.load(self.file, BOX, TWO)

    def test_exports(self):
        path = os.path.join(self.root.name, "net.safetensors")
        self.agent.export(path)
        self.assertGreater(os.path.getsize(path), 1000)
        with self.assertRaisesRegex(UsageError, ".onnx or .safetensors"):
            self.agent.export(path + ".txt")


class Refusals(unittest.TestCase):
    def refused(self, words, call, *arguments, kind=UsageError, **named):
        with self.assertRaisesRegex(kind, words):
            call(*arguments, **named)

    def test_settings(self):
        self.refused("did you mean", Agent, BOX, TWO, **{**SMALL, "optim_learning_rat": 1})
        self.refused("agent.gamma", Agent, BOX, TWO, **{**SMALL, "agent_gamma": 2})
        self.refused("no preset", Agent, BOX, TWO, "rainbwo")
        self.refused("autoreset", Agent, BOX, TWO, autoreset="sometimes", **SMALL)
        with self.assertWarnsRegex(UserWarning, "eval.every_steps = 5 has no effect on a learner"):
            Agent(BOX, TWO, eval_every_steps=5, **SMALL)

    def test_spaces(self):
        spaces = gymnasium.spaces
        self.refused("only numbered actions", Agent, BOX, BOX, **SMALL)
        self.refused("observations are a Text", Agent, spaces.Text(5), TWO, **SMALL)

    def test_arguments(self):
        agent = Agent(BOX, TWO, **SMALL)
        good, nan = np.zeros(2, np.float32), np.array([np.nan, 0], np.float32)
        self.refused("shape", agent.act, np.zeros(3, np.float32))
        self.refused("space", agent.act, np.array(["a", "b"]))
        self.refused("NaN", agent.act, nan, kind=NumberError)
        self.refused("has not acted", agent.observe, good, 0, False, False)
        agent.act(good)
        self.refused("waits for the result", agent.act, good)
        self.refused("not a finite", agent.observe, good, float("nan"), False, False, kind=NumberError)
        with self.assertRaises(TypeError):
            agent.observe(good, None, False, False)
        agent.observe(np.zeros((4, 2), np.float32)[::2][1], 0, False, False)  # a row of a larger array
        self.refused("not the one that followed", agent.act, np.ones(2, np.float32))
        self.refused("stream 4", agent.abandon, 4)
        many = Agent(BOX, TWO, num_envs=2, **SMALL)
        self.refused("must be one for each", many.act, np.zeros((3, 2)))
        many.act(np.zeros((2, 2)))
        self.refused(r"reward has shape \(3,\)", many.observe, np.zeros((2, 2)), np.zeros(3), np.zeros(2), np.zeros(2))
        self.refused("final_obs", Agent(BOX, TWO, num_envs=1, autoreset="same_step", **SMALL)._observe_many, np.zeros((1, 2)), [0], [1], [0], {})

    def test_a_view_with_gaps(self):
        agent = Agent(BOX, TWO, **SMALL)
        wide = np.array([[0.25, 9, 0.5, 9]], np.float32)
        agent.act(wide[0, ::2])
        agent.observe(wide[0, ::2], 1, False, False)
        agent.act(np.array([0.25, 0.5], np.float32))  # the same numbers, so the gaps were not read

    def test_closed(self):
        with Agent(BOX, TWO, **SMALL) as agent:
            agent.act(np.zeros(2, np.float32))
        self.refused("was closed", agent.act, np.zeros(2, np.float32))
        self.refused("was closed", agent.save, "x")
        agent.close()
        del agent
        gc.collect()

    def in_use(self):
        """An agent that another thread uses for a while, and that thread."""
        agent = Agent(BOX, TWO, **{**SMALL, "manual": True, "replay_capacity": 5000, "net_hidden": 512, "agent_batch": 256})
        for _ in range(400):
            agent.act(np.zeros(2, np.float32))
            agent.observe(np.zeros(2, np.float32), 0, True, False)
        worker = threading.Thread(target=agent.learn, args=(300,))
        worker.start()
        return agent, worker

    def test_closed_while_in_use(self):
        agent, worker = self.in_use()
        while worker.is_alive():
            try:
                agent.learn(0)
            except UsageError:
                self.refused("another thread", agent.close)
                break
        worker.join()
        agent.close()

    def test_two_threads(self):
        agent, worker = self.in_use()
        refused = 0
        while worker.is_alive():  # the interpreter is free while C learns
            try:
                agent.learn(0)
            except UsageError as error:
                self.assertIn("another thread", str(error))
                refused += 1
        worker.join()
        self.assertGreater(refused, 0)


class Runs(unittest.TestCase):
    def test_a_run(self):
        with tempfile.TemporaryDirectory() as root, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            small = {**SMALL, "run_max_steps": 2000, "run_root": root, "eval_every_steps": 1000, "eval_episodes": 2, "tensorboard_enabled": False}
            run = rainbow_dqn.train("cartpole", run_name="whole", plot_enabled=False, **small)
            self.assertEqual(run.settings["run.max_steps"], "2000")
            self.assertEqual(run.settings["run.env"], "cartpole")
            self.assertEqual(len(run.checkpoints), 1)
            evaluations = run.table("eval")
            self.assertEqual(list(evaluations["step"]), [1000, 2000])
            self.assertGreater(len(run.table("train")["step"]), 5)
            policy = rainbow_dqn.load(run.directory)
            self.assertIn(policy.predict(np.zeros(4, np.float32))[0], (0, 1))

            stopped = rainbow_dqn.train("cartpole", run_name="stopped", plot_enabled=False, progress_every_seconds=0.1, callback=lambda p: False,
                                        **{**small, "run_max_steps": 50_000_000})
            self.assertEqual(len(stopped.checkpoints), 1)
            again = rainbow_dqn.resume(stopped.directory, run_max_steps=int(stopped.checkpoints[0][-12:]) + 100)
            self.assertEqual(again.directory, stopped.directory)

            with self.assertRaisesRegex(ZeroDivisionError, "by zero"):
                rainbow_dqn.train("cartpole", run_name="raises", plot_enabled=False, progress_every_seconds=0.1, callback=lambda p: 1 / 0,
                                  **{**small, "run_max_steps": 50_000_000})
            self.assertEqual(len(Run(os.path.join(root, "default", "raises")).checkpoints), 1)
            # A handler of another signal that raises: C has returned, and the run is saved.
            before = signal.signal(signal.SIGALRM, lambda *_: 1 / 0)
            signal.setitimer(signal.ITIMER_REAL, 1)
            with self.assertRaises(ZeroDivisionError):
                rainbow_dqn.train("cartpole", run_name="alarm", plot_enabled=False, **{**small, "run_max_steps": 50_000_000})
            signal.signal(signal.SIGALRM, before)
            self.assertTrue(Run(os.path.join(root, "default", "alarm")).checkpoints)
            with self.assertRaisesRegex(UsageError, "did you mean .cartpole."):
                rainbow_dqn.train("cartpoel", **small)
            with self.assertRaises(FileNotFoundError):
                Run(root)


if __name__ == "__main__":
    unittest.main()
