# Steps Gymnasium environments for rainbow, which embeds this program, after gym_spaces.py, gym_values.py and gym_making.py,
# and passes them together to the interpreter on standard input:
#
#     python -I -u - PARENT ID KWARGS IMPORTS WRAPPERS SEED SCREENS CHANNELS SKIP MASKS SOCKET:MEMORY,SOCKET:MEMORY,...
#
# SKIP is the number of frames for which rainbow holds an action under gym.pictures = atari, otherwise 1.
# MASKS is 1 if rainbow wants to know which actions are allowed.
# Each environment has one socket and one block of memory (src/env/gym_block.h). A byte on the socket is a request or
# its answer; the block has the data. End of file means that rainbow has ended or no longer needs that environment.
# This program never writes to standard output, because packages print there.
import os
import sys


def die_with_parent(parent):
    try:
        import ctypes

        ctypes.CDLL(None).prctl(1, 9, 0, 0, 0)  # PR_SET_PDEATHSIG, SIGKILL: works even in the middle of a step
    except Exception:
        pass  # end of file then ends this process
    if os.getppid() != parent:  # the parent died before the request
        os._exit(0)


die_with_parent(int(sys.argv[1]))

import mmap
import select
import socket
import struct

SPEC = struct.Struct("=8iQ")  # at 0: kind, channels, height, width, actions, screen's height, width, limited, frame_bytes
REQUEST_AT, REQUEST = 40, struct.Struct("=iiQ")  # action, frames, seed
PLAYED_AT, PLAYED = 44, struct.Struct("=i")
ANSWER_AT, ANSWER = 56, struct.Struct("=diiiii")  # reward, terminated, truncated, shown, signs, masked
VECTOR_AT, VECTOR = 84, struct.Struct("=i")
TEXT_AT, FRAMES_AT = 88, 4096
MOST_PIXELS = 1 << 14  # per side of the screen


# ---- playing ----


class Seat:
    """One environment with its socket and its memory."""

    def __init__(self, socket_fd, memory_fd):
        os.set_inheritable(socket_fd, False)
        os.set_inheritable(memory_fd, False)
        self.socket = socket.socket(fileno=socket_fd)
        self.memory_fd, self.memory = memory_fd, mmap.mmap(memory_fd, FRAMES_AT)
        self.env = self.screen = self.mask = None
        self.masks, self.decided, self.steps = None, False, 0  # masks: "info", "method" or None, once decided

    def answer(self, letter, sentence=None):
        if sentence is not None:
            text = sentence.encode("utf-8", "replace")[: TEXT_MAX * (3 if letter == "." else 1)] + b"\0"
            self.memory[TEXT_AT : TEXT_AT + len(text)] = text
        try:
            self.socket.send(letter.encode())
        except ConnectionError:
            pass  # rainbow no longer reads answers

    def open(self, name, kwargs, wrappers, screens, channels, skip, masks):
        kwargs = without_skip(name, kwargs, skip)
        env = make_drawing(name, kwargs) if screens else make(name, kwargs)
        self.env = env = wrap(env, wrappers)
        refuse_two_skips(env, kwargs, skip)
        self.actions = read_actions(env)
        actions = self.actions.count
        found, notice = read_observations(env.observation_space, channels)
        self.observations = found
        numbers = frame_numbers(found)
        type_ = np.uint8 if found.kind == U8 else np.float32
        frame_bytes = numbers * np.dtype(type_).itemsize
        (height, width), failure = self.find_screen() if screens else ((0, 0), "")
        screen_at = FRAMES_AT + 2 * frame_bytes
        mask_at = screen_at + 3 * height * width
        bytes_ = mask_at + actions
        os.ftruncate(self.memory_fd, bytes_)
        self.memory.close()
        self.memory = mmap.mmap(self.memory_fd, bytes_)
        SPEC.pack_into(self.memory, 0, found.kind, *found.shape, actions, height, width, has_limit(env), frame_bytes)
        VECTOR.pack_into(self.memory, VECTOR_AT, found.vector)
        frames = np.frombuffer(self.memory, type_, 2 * numbers, FRAMES_AT)
        self.views = [found.view(frames[:numbers]), found.view(frames[numbers:])]
        if height:
            self.screen = np.frombuffer(self.memory, np.uint8, 3 * height * width, screen_at).reshape(height, width, 3)
        self.mask = np.frombuffer(self.memory, np.uint8, actions, mask_at)
        self.decided = not masks
        self.answer(".", self.action_names() + "\0" + "; ".join(filter(None, (notice, failure)))[:TEXT_MAX])

    def find_screen(self):
        """Height and width of the rendered picture (0 if it can't render), and a notice about a failure."""
        if getattr(self.env, "render_mode", None) != "rgb_array":
            return (0, 0), ""
        try:
            self.env.reset()  # rendering requires a reset; the first game's own reset comes with a seed
            return self.draw().shape[:2], ""
        except BaseException as error:
            return (0, 0), f"it can't be rendered: {type(error).__name__}: {first_line(error)}"[:TEXT_MAX]

    def draw(self):
        picture = np.asarray(self.env.render())
        sides = picture.shape[:2] if picture.ndim == 3 and picture.shape[2] == 3 else (0,)
        if picture.dtype != np.uint8 or not 0 < min(sides) <= max(sides) <= MOST_PIXELS:
            raise ValueError(f"render() returned {picture.dtype} of shape {picture.shape}, not uint8 of shape HxWx3")
        return picture

    def action_names(self):
        try:
            names = [str(n) for n in self.env.unwrapped.get_action_meanings()]
        except Exception:
            names = []
        if len(names) != self.actions.count:
            names = self.actions.names()
        text = "\n".join(names)
        return text if len(text.encode()) < 2 * TEXT_MAX else ""

    def reset(self, seed):
        try:
            result = self.env.reset(seed=seed) if seed is not None else self.env.reset()
        except BaseException as error:
            raise broke("reset()", error)
        if not isinstance(result, tuple) or len(result) != 2:
            raise Refused("e", "reset() did not return a pair of observation and info, as Gymnasium's environments do")
        self.observations.write(result[0], self.views[1])
        if not self.decided:
            self.masks, self.decided = find_masks(self.env, result[1]), True
        self.steps = 0
        self.take_mask(result[1], "reset()")
        ANSWER.pack_into(self.memory, ANSWER_AT, 0.0, 0, 0, 1, 0, self.masks is not None)

    def take_mask(self, info, where):
        if self.masks == "info":
            if not isinstance(info, dict) or "action_mask" not in info:
                raise Refused("e", f"{where} gave no action_mask in its info, but the first reset() did; an environment reports a mask with "
                              "every observation, until the game has terminated, or never")
            read_mask(info["action_mask"], "an action_mask", where, self.mask)
        elif self.masks:
            try:
                mask = ask_method(self.env)
            except BaseException as error:
                raise broke(f"action_masks() after {where}", error)
            read_mask(mask, "a mask", f"action_masks() after {where}", self.mask)

    def step(self, action, frames):
        total, signs, played, shown, ended = 0.0, 0, 0, 1, False
        while played < frames and not ended and (not played or not self.masks or self.mask[action]):
            try:
                result = self.env.step(self.actions.value(action))
            except BaseException as error:
                raise broke("step()", error)
            played += 1
            try:
                seen, reward, terminated, truncated, info = result
            except (TypeError, ValueError):
                count = f"{len(result)} values" if isinstance(result, (tuple, list)) else f"a {type(result).__name__}"
                raise Refused("e", "step() did not return observation, reward, terminated, truncated and info, as "
                              f"Gymnasium's environments do, but {count}")
            reward = read_reward(reward)
            total += reward
            signs += (reward > 0) - (reward < 0)
            terminated, truncated = read_flag(terminated, "terminated"), read_flag(truncated, "truncated")
            ended = terminated or truncated
            self.steps += 1
            if self.masks and not terminated:
                self.take_mask(info, f"step {self.steps} of a game")
            if played == frames - 1 and not ended:  # the last but one; copied now because it may be overwritten
                self.observations.write(seen, self.views[0])
                shown = 2
        self.observations.write(seen, self.views[1])
        PLAYED.pack_into(self.memory, PLAYED_AT, played)
        ANSWER.pack_into(self.memory, ANSWER_AT, total, terminated, truncated, shown, signs, self.masks is not None)

    def show(self):
        try:
            picture = self.draw()
        except BaseException as error:
            raise Refused("e", f"render() raised {type(error).__name__}: {first_line(error)}"[:TEXT_MAX])
        if picture.shape != self.screen.shape:
            raise Refused("e", f"render() returned a picture of shape {picture.shape}, but the first had {self.screen.shape}")
        np.copyto(self.screen, picture)

    def serve(self):
        """Serves one request; False at end of file."""
        try:
            request = self.socket.recv(1)
            if request == b"":
                return False
            action, frames, seed = REQUEST.unpack_from(self.memory, REQUEST_AT)
            if request == b"s":
                self.step(action, frames)
            elif request == b"d":
                self.show()
            else:
                self.reset(seed if request == b"r" else None)
            self.socket.send(b".")
        except Refused as refused:
            self.answer(refused.letter, str(refused))
        except ConnectionError:
            return False
        except Exception as error:  # a fault in the environment's results that no check covers
            self.answer("e", f"returned data that can't be read: {type(error).__name__}: {first_line(error)}"[:TEXT_MAX])
        return True

    def close(self):
        try:
            if self.env is not None:
                self.env.close()
        except BaseException:
            pass


def serve_all(seats):
    """Serves requests until every seat has ended."""
    if len(seats) == 1:
        while seats[0].serve():
            pass
        seats[0].close()
        return
    by_fd = {seat.socket.fileno(): seat for seat in seats}
    poll = select.poll()
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    while by_fd:
        for fd, _ in poll.poll():
            if not by_fd[fd].serve():
                poll.unregister(fd)
                by_fd.pop(fd).close()


def main():
    name, kwargs, imports, wrappers, seed, screens, channels, skip, masks, fds = sys.argv[2:12]
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # this program came through it
    seats = [Seat(*map(int, pair.split(":"))) for pair in fds.split(",")]
    made = 0
    try:
        kwargs = read_kwargs(kwargs)
        load_gymnasium()
        if listed(imports) or listed(wrappers):
            search_here()
        load_modules(imports)
        wrappers = load_wrappers(wrappers)
        import random

        random.seed(int(seed))  # for environments that use global random numbers, against Gymnasium's rules
        np.random.seed(int(seed) % (1 << 32))
        for seat in seats:
            seat.open(name, kwargs, wrappers, screens == "1", channels, int(skip), masks == "1")
            made += 1
        serve_all(seats)
    except Refused as refused:
        for seat in seats[made:]:
            seat.answer(refused.letter, str(refused))
    except ConnectionError:
        pass
    sys.stdout.flush()
    os._exit(0)  # so that an environment's leftover threads can't delay the end


main()
