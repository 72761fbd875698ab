"""Makes atari.txt, the golden file of tests/env/test_atari_stream.c: checksums of what agents see, step by step, from

  grey    Gymnasium's AtariPreprocessing over ALE, with ALE's own sticky actions;
  rgb     the wrappers of OpenAI Baselines (written out below by their rules), with OpenCV for grey and size, FIRE on reset
          and after a lost life;
  last    Gymnasium's environments alone, which skip four frames and show the last one, made small by OpenCV.

A line is one case:  protocol game size sticky% seed idle max_frames steps [key=value ...] crc ...   with the running CRC-32 every
500 steps. Keys: mode, difficulty (the game's), width (where it is not size), colour (1: red, green and blue instead of grey), fire (of
rgb: reset, life, or both). Each step feeds it: the picture (its planes one after the other), the reward (int32), 1 if terminated plus
2 if truncated (uint8); each reset the picture.
Actions: x <- 1664525 x + 1013904223 modulo 2^32, from the case's seed; (x >> 16) modulo the number of minimal actions.

    python make_atari.py > atari.txt        (needs gymnasium, ale-py, opencv-python, numpy)
    RB_LONG=1 test_atari_stream             (compares all of it, not only the beginning)
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


def load(ale, game, seed, mode, difficulty):
    ale.setInt("random_seed", seed)
    ale.loadROM(roms.get_rom_path(game))
    if mode is not None:
        ale.setMode(mode)
    if difficulty is not None:
        ale.setDifficulty(difficulty)


def planes(picture):
    return np.ascontiguousarray(picture.transpose(2, 0, 1)) if picture.ndim == 3 else picture


def registered(game, sticky, max_frames, **more):
    name = game.title().replace("_", "")
    return gymnasium.make(f"ALE/{name}-v5", repeat_action_probability=sticky, max_num_frames_per_episode=max_frames,
                          disable_env_checker=True, **more)


class Grey:
    def __init__(self, game, size, sticky, seed, idle, max_frames, mode=None, difficulty=None, width=0, colour=0):
        raw = registered(game, sticky, max_frames, frameskip=1)
        # Its screen_size is (height, width) for the space and (width, height) for OpenCV: right only for squares, so set apart.
        self.env = AtariPreprocessing(raw, noop_max=idle, frame_skip=4, screen_size=size, grayscale_obs=not colour)
        self.env.screen_size = (width or size, size)
        load(raw.unwrapped.ale, game, seed, mode, difficulty)
        raw.unwrapped._np_random = Idle(idle)
        self.actions = raw.action_space.n

    def reset(self):
        return planes(self.env.reset()[0])

    def step(self, action):
        picture, *rest = self.env.step(action)[:4]
        return planes(picture), *rest


class Last:
    def __init__(self, game, size, sticky, seed, idle, max_frames, mode=None, difficulty=None, width=0, colour=0):
        assert idle == 0
        self.env = registered(game, sticky, max_frames, frameskip=4, obs_type="rgb" if colour else "grayscale")
        load(self.env.unwrapped.ale, game, seed, mode, difficulty)
        self.actions, self.size = self.env.action_space.n, (width or size, size)

    def small(self, picture):
        return planes(cv2.resize(picture, self.size, interpolation=cv2.INTER_AREA))

    def reset(self):
        return self.small(self.env.reset()[0])

    def step(self, action):
        picture, *rest = self.env.step(action)[:4]
        return self.small(picture), *rest


class Rgb:
    """NoopReset, MaxAndSkip, FireReset, WarpFrame."""

    def __init__(self, game, size, sticky, seed, idle, max_frames, mode=None, difficulty=None, width=0, colour=0, fire="both"):
        self.ale = ALEInterface()
        self.ale.setFloat("repeat_action_probability", sticky)
        self.ale.setInt("max_num_frames_per_episode", max_frames)
        load(self.ale, game, seed, mode, difficulty)
        self.set = self.ale.getMinimalActionSet()
        self.actions = len(self.set)
        fires = self.set[1] == ale_py.Action.FIRE and self.actions >= 3
        self.fires_on_reset, self.fires_on_life_loss = fires and fire != "life", fires and fire != "reset"
        self.idle, self.size, self.colour = idle, (width or size, size), colour
        self.kept = np.zeros((2,) + self.ale.getScreenDims() + (3,), np.uint8)

    def over(self):
        return self.ale.game_over(with_truncation=True)

    def warp(self, rgb):
        picture = rgb if self.colour else cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY)
        return planes(cv2.resize(picture, self.size, interpolation=cv2.INTER_AREA))

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
        for press in (1, 2) if self.fires_on_reset else ():
            picture, _ = self.skip(press)
            if self.over():
                picture = self.start()
        self.lives = self.ale.lives()
        return self.warp(picture)

    def step(self, action):
        picture, reward = self.skip(action)
        lives = self.ale.lives()
        if 0 < lives < self.lives and self.fires_on_life_loss:  # Rainbow's own rule: FIRE and the next action in the same step
            for press in (1, 2):
                if not self.over():
                    picture, more = self.skip(press)
                    reward += more
            lives = self.ale.lives()
        self.lives = lives
        terminated = self.ale.game_over(with_truncation=False)
        return self.warp(picture), reward, terminated, self.over() and not terminated


CASES = [  # protocol, game, size, sticky in percent, seed, idle frames, frames at most, steps, more
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
    ("grey", "breakout", 84, 25, 51, 0, 108000, 1500, dict(mode=12, difficulty=1)),
    ("grey", "pooyan", 84, 0, 52, 3, 108000, 1000, dict(mode=50)),
    ("grey", "space_invaders", 84, 25, 53, 0, 108000, 1500, dict(mode=9, difficulty=1)),
    ("grey", "tic_tac_toe_3d", 84, 0, 54, 0, 108000, 1000, dict(mode=3, difficulty=2)),
    ("grey", "ms_pacman", 84, 25, 55, 0, 108000, 1000, dict(colour=1)),
    ("grey", "qbert", 42, 0, 56, 7, 901, 1000, dict(colour=1)),
    ("grey", "pong", 105, 25, 57, 0, 108000, 1000, dict(width=80)),
    ("grey", "seaquest", 42, 25, 58, 0, 108000, 1000, dict(width=40)),
    ("grey", "enduro", 60, 25, 59, 0, 108000, 1000, dict(width=100)),
    ("grey", "asterix", 210, 25, 60, 0, 108000, 500, dict(width=160, colour=1)),
    ("rgb", "breakout", 84, 25, 61, 5, 108000, 1000, dict(colour=1)),
    ("rgb", "seaquest", 70, 25, 62, 30, 2002, 1000, dict(width=32, colour=1)),
    ("rgb", "breakout", 84, 0, 63, 0, 108000, 1000, dict(fire="reset")),
    ("rgb", "breakout", 84, 0, 64, 0, 108000, 1000, dict(fire="life")),
    ("last", "breakout", 84, 0, 65, 0, 108000, 1500),
    ("last", "pong", 84, 25, 66, 0, 108000, 500, dict(colour=1)),  # no game ends: there ALE draws dice for frames that it does not play
    ("last", "qbert", 84, 0, 67, 0, 901, 1500),
]

print("# ale-py", ale_py.__version__, "gymnasium", gymnasium.__version__, "opencv", cv2.__version__, "numpy", np.__version__)
for protocol, game, size, sticky, seed, idle, max_frames, steps, *more in CASES:
    more = more[0] if more else {}
    env = {"grey": Grey, "rgb": Rgb, "last": Last}[protocol](game, size, sticky / 100, seed, idle, max_frames, **more)
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
    words = [f"{key}={value}" for key, value in more.items()]
    print(protocol, game, size, sticky, seed, idle, max_frames, steps, *words, *sums, flush=True)
