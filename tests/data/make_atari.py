"""Makes atari.txt, the golden file of tests/env/test_atari_stream.c: checksums of what agents see, step by step, from

  grey    Gymnasium's AtariPreprocessing over ALE, with ALE's own sticky actions;
  rgb     the wrappers of OpenAI Baselines (written out below by their rules), with OpenCV for grey and size, FIRE on reset.

A line is one case:  protocol game size sticky% seed idle max_frames steps  crc ...   with the running CRC-32 every 500 steps.
Each step feeds it: the picture, the reward (int32), 1 if terminated plus 2 if truncated (uint8); each reset the picture.
Actions: x <- 1664525 x + 1013904223 modulo 2^32, from the case's seed; (x >> 16) modulo the number of minimal actions.

    python make_atari.py > atari.txt        (needs gymnasium, ale-py, opencv-python, numpy)
"""
import struct, sys, zlib
import ale_py, cv2, gymnasium, numpy as np
import ale_py.roms as roms
from ale_py import ALEInterface, LoggerMode
from gymnasium.wrappers import AtariPreprocessing

ALEInterface.setLoggerMode(LoggerMode.Error)
gymnasium.register_envs(ale_py)


class Idle:
    """Draws the same number of idle frames always."""

    def __init__(self, count):
        self.count = count

    def integers(self, low, high):
        return self.count


class Grey:
    def __init__(self, game, size, sticky, seed, idle, max_frames):
        name = game.title().replace("_", "")
        raw = gymnasium.make(f"ALE/{name}-v5", frameskip=1, repeat_action_probability=sticky,
                             max_num_frames_per_episode=max_frames, disable_env_checker=True)
        self.env = AtariPreprocessing(raw, noop_max=idle, frame_skip=4, screen_size=size)
        ale = raw.unwrapped.ale
        ale.setInt("random_seed", seed)
        ale.loadROM(roms.get_rom_path(game))
        raw.unwrapped._np_random = Idle(idle)
        self.actions = raw.action_space.n

    def reset(self):
        return self.env.reset()[0]

    def step(self, action):
        return self.env.step(action)[:4]


class Rgb:
    """NoopReset, MaxAndSkip, FireReset, WarpFrame."""

    def __init__(self, game, size, sticky, seed, idle, max_frames):
        self.ale = ALEInterface()
        self.ale.setInt("random_seed", seed)
        self.ale.setFloat("repeat_action_probability", sticky)
        self.ale.setInt("max_num_frames_per_episode", max_frames)
        self.ale.loadROM(roms.get_rom_path(game))
        self.set = self.ale.getMinimalActionSet()
        self.actions = len(self.set)
        self.fires = self.set[1] == ale_py.Action.FIRE and self.actions >= 3
        self.idle, self.size = idle, size
        self.kept = np.zeros((2,) + self.ale.getScreenDims() + (3,), np.uint8)

    def over(self):
        return self.ale.game_over(with_truncation=True)

    def warp(self, rgb):
        return cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (self.size, self.size), interpolation=cv2.INTER_AREA)

    def start(self):
        self.ale.reset_game()
        for _ in range(self.idle):
            self.ale.act(self.set[0])
            if self.over():
                self.ale.reset_game()
        return self.ale.getScreenRGB()

    def skip(self, action):
        reward = 0
        for i in range(4):
            reward += self.ale.act(self.set[action])
            if i >= 2:
                self.kept[i - 2] = self.ale.getScreenRGB()
            if self.over():
                break
        return self.kept.max(axis=0), reward

    def reset(self):
        picture = self.start()
        for press in (1, 2) if self.fires else ():
            picture, _ = self.skip(press)
            if self.over():
                picture = self.start()
        self.lives = self.ale.lives()
        return self.warp(picture)

    def step(self, action):
        picture, reward = self.skip(action)
        lives = self.ale.lives()
        if 0 < lives < self.lives and self.fires:  # Rainbow's own rule: FIRE and the next action in the same step
            for press in (1, 2):
                if not self.over():
                    picture, more = self.skip(press)
                    reward += more
            lives = self.ale.lives()
        self.lives = lives
        terminated = self.ale.game_over(with_truncation=False)
        return self.warp(picture), reward, terminated, self.over() and not terminated


CASES = [  # protocol, game, size, sticky in percent, seed, idle frames, frames at most, steps
    *(("grey", game, 84, 25, 11 + i, 0, 108000, 5000) for i, game in enumerate(
        ["breakout", "pong", "qbert", "seaquest", "ms_pacman", "space_invaders", "alien", "asterix", "pooyan",
         "journey_escape", "carnival"])),
    ("grey", "breakout", 42, 25, 31, 0, 108000, 5000),
    ("grey", "enduro", 84, 0, 32, 7, 3000, 1500),
    ("grey", "qbert", 42, 0, 33, 7, 901, 1500),
    ("grey", "journey_escape", 42, 0, 34, 30, 108000, 1000),
    ("grey", "freeway", 60, 25, 35, 1, 108000, 1000),
    ("rgb", "breakout", 84, 0, 41, 5, 108000, 2000),
    ("rgb", "seaquest", 84, 25, 42, 30, 2002, 2000),
    ("rgb", "qbert", 42, 25, 43, 0, 108000, 1500),
]

print("# ale-py", ale_py.__version__, "gymnasium", gymnasium.__version__, "opencv", cv2.__version__, "numpy", np.__version__)
for protocol, game, size, sticky, seed, idle, max_frames, steps in CASES:
    env = {"grey": Grey, "rgb": Rgb}[protocol](game, size, sticky / 100, seed, idle, max_frames)
    x, sums = seed, []
    crc = zlib.crc32(env.reset().tobytes())
    for step in range(1, steps + 1):
        x = (1664525 * x + 1013904223) % 2**32
        picture, reward, terminated, truncated = env.step((x >> 16) % env.actions)
        truncated = truncated and not terminated
        crc = zlib.crc32(picture.tobytes() + struct.pack("<iB", int(reward), terminated + 2 * truncated), crc)
        if terminated or truncated:
            crc = zlib.crc32(env.reset().tobytes(), crc)
        if step % 500 == 0:
            sums.append(f"{crc:08x}")
    print(protocol, game, size, sticky, seed, idle, max_frames, steps, *sums, flush=True)
