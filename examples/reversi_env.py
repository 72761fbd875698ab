"""Reversi on a board of 6 x 6, for Gymnasium: a game in which most moves are illegal, and which reports action masks.

    PYTHONPATH=examples rainbow train gym/Reversi-v0 --gym.import reversi_env

The game of examples/reversi.c: the agent plays first against a random opponent, +1 for more discs at the end, -1 for fewer.
Every info has the legal moves as "action_mask". With --env.masks=false the learner does not know of them; an illegal move loses.
"""
import gymnasium
import numpy as np

SIDE = 6
WAYS = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1) if down or right]
AGENT, OPPONENT = 1, 2


class Reversi(gymnasium.Env):
    def __init__(self):
        self.action_space = gymnasium.spaces.Discrete(SIDE * SIDE)
        self.observation_space = gymnasium.spaces.Box(0, 255, (2, SIDE, SIDE), np.uint8)

    def turned(self, cell, side):
        """The discs that `side` turns over at a cell; none: an illegal move."""
        found = []
        for down, right in WAYS if self.board[cell] == 0 else ():
            y, x, line = cell // SIDE + down, cell % SIDE + right, []
            while 0 <= y < SIDE and 0 <= x < SIDE and self.board[y * SIDE + x] == 3 - side:
                line.append(y * SIDE + x)
                y, x = y + down, x + right
            if 0 <= y < SIDE and 0 <= x < SIDE and self.board[y * SIDE + x] == side:
                found += line
        return found

    def moves(self, side):
        return [cell for cell in range(SIDE * SIDE) if self.turned(cell, side)]

    def place(self, cell, side):
        self.board[self.turned(cell, side) + [cell]] = side

    def seen(self):
        return np.stack([self.board == AGENT, self.board == OPPONENT]).reshape(2, SIDE, SIDE).astype(np.uint8) * 255

    def info(self):
        mask = np.zeros(SIDE * SIDE, np.int8)
        mask[self.moves(AGENT)] = 1
        return {"action_mask": mask}

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)  # seeds self.np_random
        self.board = np.zeros(SIDE * SIDE, np.int8)
        self.board[[14, 21]], self.board[[15, 20]] = OPPONENT, AGENT
        return self.seen(), self.info()

    def step(self, action):
        if not self.turned(action, AGENT):
            return self.seen(), -1.0, True, False, self.info()  # an illegal move
        self.place(action, AGENT)
        while True:
            replies = self.moves(OPPONENT)
            if replies:
                self.place(replies[self.np_random.integers(len(replies))], OPPONENT)
            if self.moves(AGENT) or not self.moves(OPPONENT):  # otherwise the agent passes
                break
        ended = not self.moves(AGENT)
        lead = np.sum(self.board == AGENT) - np.sum(self.board == OPPONENT)
        return self.seen(), float(np.sign(lead)) if ended else 0.0, ended, False, self.info()


gymnasium.register("Reversi-v0", Reversi)
