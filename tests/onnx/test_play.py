"""A whole game of Breakout, played by examples/play_onnx.py in Gymnasium, has the actions and the score that `rainbow eval` gives it.

The agent is an untrained network, except for the last layer's biases, which are set so that it does not repeat one action for ever.
Sticky actions and no-op starts are off, because each program draws them itself.
Games that FIRE begins, at their start or after a lost life, are played too, in each of the ways that Rainbow knows.
"""
import importlib.util
import os
import re
import tempfile

import kit

kit.need("onnxruntime", "gymnasium", "ale_py", "cv2")
import numpy  # noqa: E402
import onnxruntime  # noqa: E402


def example():
    spec = importlib.util.spec_from_file_location("play_onnx", os.path.join(kit.SOURCE, "examples", "play_onnx.py"))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def look(run, *how):
    kit.rainbow("eval", run, "--trace=seen.safetensors", *how)
    return kit.load("seen.safetensors")[0]


def make_lively(run):
    checkpoint, = (name for name in os.listdir(os.path.join(run, "checkpoints")) if name.startswith("step_"))
    weights = os.path.join(run, "checkpoints", checkpoint, "weights.safetensors")

    def add(biases):
        kit.store(weights, "head.1.bias", kit.load(weights)[0]["head.1.bias"] + biases)

    add(-look(run, "--epsilon=1", "--episodes=3", "--trace-steps=500")["q_values"].mean(0))
    for _ in range(8):  # when nothing moves any more, FIRE must be the best action
        seen = look(run, "--epsilon=0", "--episodes=1")
        q, last = seen["q_values"][-1], seen["actions"][-1]
        if last == 1:
            break
        add(numpy.array([0, 1.001 * (q[last] - q[1]) + 1e-4, 0, 0]))


def check(*settings):
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        run = kit.train("BreakoutNoFrameskip-v4", "--preset=dqn", "--agent.start_steps=100", "--atari.noop_min=0", "--atari.noop_max=0",
                        "--atari.max_frames=4000", "--run.name=undecided", "--run.seed=1", *settings)
        make_lively(run)
        said = kit.rainbow("eval", run, "--epsilon=0", "--episodes=1", "--trace=game.safetensors", "--trace-steps=10000")
        kit.rainbow("export", run, "--onnx", "agent.onnx")
        ours = kit.load("game.safetensors")[0]["actions"]
        module = example()
        alone = onnxruntime.SessionOptions()
        alone.intra_op_num_threads = 1  # more would wait for each other beside other tests
        network = onnxruntime.InferenceSession("agent.onnx", alone, providers=["CPUExecutionProvider"])
        theirs, score = module.play(network, module.make(network.get_modelmeta().custom_metadata_map))
        os.chdir("/")
    said_score, said_settings = float(re.search(r"score\s+(\S+)", said)[1]), " ".join(settings)
    counts = numpy.bincount(ours, minlength=4)
    assert len(ours) >= 100 and (counts > 0).sum() >= 3, (said_settings, counts)
    assert numpy.array_equal(ours, theirs), f"{said_settings}: {len(ours)} actions and {len(theirs)}"
    assert said_score == score, (said_settings, said_score, score)
    print(f"good: the same {len(theirs)} actions {counts}, score {score:g} {said_settings}")
    return list(ours)


def main():
    if not (kit.has("ONNX") and kit.has("Atari emulator")):
        kit.end("nothing")
    plain = check()
    for settings in (["--atari.fire_on_reset=true"], ["--atari.fire_on_reset=true", "--atari.fire_first=true"],
                     ["--atari.fire_on_reset=true", "--atari.fire_on_life_loss=true"]):
        assert check(*settings) != plain, f"{settings}: the game is the same as without"
    kit.end(f"all games agree ({kit.RAINBOW})")


main()
