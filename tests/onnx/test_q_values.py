"""ONNX Runtime's Q-values are the agent's: 1,000 observations from play for every network of a preset, and some for the other shapes of networks
and observations. Of Atari there are 200, and hidden layers have 64 units; with RB_LONG=1 there are 1,000, and as many units as the preset's, and
each further preset with the same network has 40 observations. The files pass the standard's checker, with shape inference.

    test_q_values.py RAINBOW presets|shapes      two tests, which run side by side
"""
import configparser
import os
import subprocess
import sys
import tempfile

import kit

kit.need("onnx", "onnxruntime")
import numpy  # noqa: E402
import onnx  # noqa: E402
import onnxruntime  # noqa: E402

LONG = os.environ.get("RB_LONG")
MOST_OFF = 1e-5  # per Q-value; relative to the Q-value if that is above 1

# The environment for each preset, by the first word of the preset's name.
ENVS = [("minatar", "minatar/breakout"), ("cartpole-pixels", "cartpole-pixels"), ("guide-cartpole-pixels", "cartpole-pixels"),
        ("cartpole", "cartpole"), ("acrobot", "acrobot"), ("mountaincar", "mountaincar"), ("lunarlander", "gym/LunarLander-v3"),
        ("general", "minatar/seaquest"), ("", "atari/breakout")]

# The network of the preset btr in small, with its targets: IMPALA with spectral normalisation and an adaptive pool, IQN, Munchausen.
BTR = ["--agent.head=implicit", "--agent.tau_samples=8", "--agent.tau_targets=8", "--agent.tau_values=8", "--agent.munchausen=true",
       "--agent.double_q=false", "--net.dueling=true", "--net.noisy=factorised", "--net.init=pytorch", "--net.hidden=32",
       "--net.layers=conv 8 3 1 1, max_pool 3 2 1, residual, spectral_norm, residual, spectral_norm, conv 16 3 1 1, max_pool 3 2 1, residual, "
       "spectral_norm, residual, spectral_norm, relu, adaptive_max_pool 2"]


def check_file(path, floats, atoms, actions, observation, masked=False, quantiles=0, vector=None):
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    alone = onnxruntime.SessionOptions()
    alone.intra_op_num_threads = 1  # more would wait for each other beside other tests
    network = onnxruntime.InferenceSession(path, alone, providers=["CPUExecutionProvider"])
    type_ = f"tensor({'float' if floats else 'uint8'})"
    expected = [("Image Sequence", type_, ["N", *observation])] + [("Vector", "tensor(float)", ["N", *(vector or [])])] * bool(vector)
    expected += [("Action Mask", type_, ["N", actions])] * masked
    assert [(given.name, given.type, given.shape) for given in network.get_inputs()] == expected
    made = {one.name: one.shape for one in network.get_outputs()}
    expected = {"Q-Values": ["N", actions]}
    if atoms > 1:
        expected["Probabilities"] = ["N", actions, atoms]
    if quantiles:
        expected["Quantiles"] = ["N", actions, quantiles]
    assert made == expected, made
    return network, {note.key: note.value for note in model.metadata_props}


def q_values(network, observations):
    return numpy.concatenate([network.run(["Q-Values"], {"Image Sequence": observations[i:i + 64]})[0]
                              for i in range(0, len(observations), 64)])


def check_masks():
    """Reversi reports action masks: the values of allowed actions are the agent's, those of forbidden ones -infinity, in both types."""
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-I", f"{kit.SOURCE}/include", f"{kit.SOURCE}/examples/reversi.c", "-o", "reversi.so"], check=True)
    for head, atoms, quantiles in (("scalar", 1, 0), ("categorical", 51, 0), ("quantile", 1, 21), ("implicit", 1, 9)):
        run = kit.train("./reversi.so", f"--agent.head={head}", f"--run.name=masked-{head}", "--agent.quantiles=21", "--agent.tau_values=9",
                        "--agent.tau_samples=8", "--agent.tau_targets=8")
        file, trace = (os.path.join(run, name) for name in ("agent.onnx", "trace.safetensors"))
        kit.rainbow("eval", run, "--epsilon=0.3", "--threads=1", f"--trace={trace}", "--trace-steps=200", "--episodes=30", "--trust")
        seen, _ = kit.load(trace)
        masks, q = seen["masks"], seen["q_values"]
        assert masks.any(1).all() and not masks.all(1).any()
        assert masks[numpy.arange(len(masks)), seen["actions"]].all()
        for floats in (False, True):
            kit.rainbow("export", run, "--onnx", file, "--trust", *["--input=float32"] * floats)
            network, _ = check_file(file, floats, atoms, 36, [2, 6, 6], True, quantiles)
            type_ = numpy.float32 if floats else numpy.uint8
            given = {"Image Sequence": seen["observations"].astype(type_), "Action Mask": masks.astype(type_)}
            found, = network.run(["Q-Values"], given)
            assert numpy.array_equal(numpy.isneginf(found), masks == 0)
            off = distance(found[masks == 1], q[masks == 1])
            assert off < MOST_OFF, off
        yield f"masks, {head}", off


def check_vectors():
    """A picture with a vector beside it has an input for each; a C file can't have both."""
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-I", f"{kit.SOURCE}/include", f"{kit.SOURCE}/tests/own/both_env.c", "-o", "both.so"], check=True)
    lists = ["", "conv 8 3 1, batch_norm, relu, append, linear 20, relu", "append, linear 20, relu"]
    for i, (layers, stack, head) in enumerate([(layers, stack, "scalar") for layers in lists for stack in (1, 3)] + [(lists[0], 2, "implicit")]):
        quantiles = 9 if head == "implicit" else 0
        run = kit.train("./both.so", f"--run.name=both-{i}", f"--env.stack={stack}", f"--net.layers={layers}", f"--agent.head={head}",
                        "--agent.tau_values=9", "--agent.tau_samples=8", "--agent.tau_targets=8")
        file, trace = (os.path.join(run, name) for name in ("agent.onnx", "trace.safetensors"))
        kit.rainbow("eval", run, "--epsilon=0.3", "--threads=1", f"--trace={trace}", "--trace-steps=100", "--episodes=10", "--trust")
        seen, _ = kit.load(trace)
        numbers = [stack, 3] if stack > 1 else [3]
        assert seen["vectors"].shape == (100, *numbers) and seen["observations"].shape == (100, stack, 6, 6)
        for floats in (False, True):
            kit.rainbow("export", run, "--onnx", file, "--trust", *["--input=float32"] * floats)
            network, _ = check_file(file, floats, 1, 2, [stack, 6, 6], False, quantiles, numbers)
            given = {"Image Sequence": seen["observations"].astype(numpy.float32 if floats else numpy.uint8), "Vector": seen["vectors"]}
            off = distance(network.run(["Q-Values"], given)[0], seen["q_values"])
            assert off < MOST_OFF, off
        refused = subprocess.run([kit.RAINBOW, "export", run, "--c", os.path.join(run, "agent.c"), "--trust"], capture_output=True, text=True)
        assert refused.returncode and (head != "scalar" or "this network reads a picture together with a vector" in refused.stderr), refused.stderr
        yield f"picture and vector, {head}, {layers}, {stack}", off


def distance(a, b):
    return float((numpy.abs(a - b) / numpy.maximum(1, numpy.abs(b))).max())


def check_atoms(network, observations, notes, q):
    p, = network.run(["Probabilities"], {"Image Sequence": observations})
    places = numpy.linspace(float(notes["agent.v_min"]), float(notes["agent.v_max"]), p.shape[2])
    assert numpy.abs(p.sum(2) - 1).max() < 1e-5 and p.min() >= 0
    assert distance(p.astype(float) @ places, q) < MOST_OFF


def check_quantiles(network, observations, q):
    quantiles, = network.run(["Quantiles"], {"Image Sequence": observations})
    assert numpy.ptp(quantiles, axis=2).max() > 0
    assert distance(quantiles.astype(float).mean(2), q) < MOST_OFF


def check(run, count, *how):
    """Exports a run and compares its Q-values with those of its own evaluation. Returns the largest difference."""
    file, trace, weights = (os.path.join(run, name) for name in ("agent.onnx", "trace.safetensors", "agent.safetensors"))
    kit.rainbow("eval", run, "--epsilon=0.3", "--threads=1", f"--trace={trace}", f"--trace-steps={count}", *how)
    kit.rainbow("export", run, "--onnx", file)
    kit.rainbow("export", run, "--safetensors", weights)
    seen, _ = kit.load(trace)
    observations, q = seen["observations"], seen["q_values"]
    assert len(observations) == count, f"{run}: {len(observations)} observations"
    tensors, told = kit.load(weights)
    head = told["agent.head"]
    if head == "auto":
        head = "categorical" if told["agent.categorical"] == "true" else "scalar"
    atoms = int(told["agent.atoms"]) if head == "categorical" else 1
    quantiles = int(told[{"quantile": "agent.quantiles", "implicit": "agent.tau_values"}[head]]) if head in ("quantile", "implicit") else 0
    floats = observations.dtype == numpy.float32
    network, notes = check_file(file, floats, atoms, q.shape[1], list(observations.shape[1:]), False, quantiles)
    assert told.pop("rainbow_checksum").startswith("xxh3_64:")  # of the whole file, so an ONNX file has none
    assert notes == told
    off = distance(q_values(network, observations), q)
    assert off < MOST_OFF, f"{run}: {off}"
    assert numpy.array_equal(q_values(network, observations[:1]), network.run(["Q-Values"], {"Image Sequence": observations[:1]})[0])
    if atoms > 1:
        check_atoms(network, observations[:50], notes, q[:50])
    if quantiles:
        check_quantiles(network, observations[:50], q[:50])
    check_weights(onnx.load(file), tensors)
    if not floats:  # the same bytes as floats
        kit.rainbow("export", run, "--onnx", file, "--input", "float32")
        network, _ = check_file(file, True, atoms, q.shape[1], list(observations.shape[1:]), False, quantiles)
        assert distance(q_values(network, observations[:50].astype(numpy.float32)), q[:50]) < MOST_OFF
    greedy = q.argmax(1)
    assert (greedy == seen["actions"]).mean() > 0.6  # 30 % of the actions are random
    return off


def check_weights(model, tensors):
    """Checks that every weight of the model equals the file's; the rest of the file is noise and a count."""
    ours = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    for name, values in tensors.items():
        assert name in ours or name.endswith(("_sigma", "num_batches_tracked", "weight_u", "weight_v", "normalise.var", "normalise.count")), name
        if name + "_u" in tensors:  # spectral normalisation
            u, v = tensors[name + "_u"].astype(float), tensors[name + "_v"].astype(float)
            values = values / (u @ values.reshape(len(u), -1).astype(float) @ v)
            assert distance(ours[name], values) < 1e-6, name
            continue
        assert name not in ours or numpy.array_equal(ours[name], values), name


def network_of(run):
    """What decides the graph of a run's export."""
    config = configparser.ConfigParser(interpolation=None)
    with open(os.path.join(run, "config.ini")) as file:
        config.read_string(file.read())
    agent, env, atari = (dict(config.items(group)) for group in ("agent", "env", "atari"))
    net = [item for item in config.items("net") if item[0] not in ("init", "sigma0", "noisy_draws")]  # which decide only the weights
    return str([sorted(net), agent["categorical"], agent["head"], agent["atoms"], agent["quantiles"], agent["tau_values"], env["stack"], env["normalise"],
                [atari[name] for name in ("size", "width", "colour")]])


def presets():
    met = set()
    atari, gym = kit.has("Atari emulator"), kit.has("gymnasium")
    for line in kit.rainbow("presets").splitlines():
        name = line.split()[0]
        env = next(env for first, env in ENVS if name.startswith(first))
        if (env.startswith("atari/") and not atari) or (env.startswith("gym/") and not gym):
            continue
        # A hundred emulators take longer to begin than all the rest, and don't change the network.
        fewer = {"pqn": ["--env.count=8", "--agent.rollout_steps=10", "--agent.minibatches=4"], "btr": ["--env.count=4"]}.get(name, [])
        fewer += ["--net.hidden=64"] if "atari" in env and not LONG else []
        run = kit.train(env, "--preset", name, f"--run.name=preset-{name}", "--env.max_episode_steps=250", *fewer)
        network = env, network_of(run)
        if network in met and not LONG:
            continue
        count = 40 if network in met else 200 if "atari" in env and not LONG else 1000
        met.add(network)
        # Few games with many pictures each, or many short games.
        games = (6 if "atari" in env else 60 if "pixels" in env else 400) * count // 1000 + 1
        yield name, check(run, count, f"--episodes={games}")


def shapes():
    switches = [[f"--net.dueling={dueling}", f"--agent.categorical={atoms}", f"--net.noisy={noisy}"]
                for dueling in ("false", "true") for atoms in ("false", "true") for noisy in ("off", "factorised", "independent")]
    others = [["--env.stack=3"], ["--env.normalise=true"], ["--env.normalise=true", "--env.stack=3", "--env.normalise_clip=1"], ["--net.mlp=", "--net.dueling=true"], ["--net.mlp=24-32", "--net.hidden=0"]]
    few = ["--agent.tau_samples=8", "--agent.tau_targets=8", "--agent.tau_values=9"]
    heads = [["--agent.head=quantile", "--agent.quantiles=21"], ["--agent.head=quantile", "--net.dueling=true", "--net.relu_outputs=true"],
             ["--agent.head=implicit", *few], ["--agent.head=implicit", "--net.dueling=true", "--net.noisy=factorised", "--net.norm=layer", *few],
             ["--agent.head=implicit", "--net.mlp=", "--net.relu_outputs=true", *few]]
    runs = [("cartpole", words) for words in switches + others + heads]
    runs += [("minatar/asterix", [*heads[3], "--net.layers=conv 20 3 1, relu"])]
    runs += [("minatar/asterix", words) for words in switches[::4] + [["--env.stack=2", "--net.trunk=mlp"]]]
    # Normalisation, lists of layers, and the other options of a network.
    runs += [("cartpole", words) for words in (
        ["--net.norm=batch"], ["--net.norm=layer", "--net.dueling=true"], ["--net.relu_outputs=true", "--agent.categorical=false"],
        ["--net.relu_outputs=true", "--net.dueling=true", "--agent.categorical=false"], ["--net.relu_outputs=true", "--agent.categorical=true"],
        ["--net.layers=batch_norm, linear 16, layer_norm, relu, linear 8, relu, batch_norm", "--env.stack=2"],
        ["--net.layers=relu, layer_norm, relu, linear 16"],
        # A convolution may read a vector: a picture of one pixel.
        ["--net.layers=conv 16 1 1, relu, linear 16"], ["--net.layers=layer_norm, relu, conv 8 1 1, layer_norm, relu, conv 8 1 1", "--env.stack=2"])]
    runs += [("minatar/asterix", words) for words in (
        ["--net.norm=batch", "--net.centre=true"], ["--net.norm=layer", "--net.dueling=true", "--agent.categorical=true"],
        ["--net.layers=layer_norm, conv 8 3 1 1, batch_norm, relu, conv 8 3 2, layer_norm, relu, batch_norm, linear 24, relu"],
        ["--net.layers=conv 16 3 1 1, spectral_norm, max_pool 3 2 1, residual, spectral_norm, relu, adaptive_max_pool 3"],
        ["--net.layers=residual, relu, max_pool 2, adaptive_average_pool 3, linear 20"], ["--net.trunk=impoola", "--net.width=2"],
        ["--net.layers=batch_norm, relu, linear 16, relu"], ["--net.layers=conv 8 3 1 1, channel_norm, relu, conv 8 3 2, relu, channel_norm"],
        ["--net.layers=layer_norm", "--net.hidden=0"])]
    runs += [("minatar/asterix", BTR), ("cartpole-pixels", ["--net.layers=" + 4 * "adaptive_max_pool 32, " + "conv 8 8 8, relu"])]  # 500 nodes and more
    if kit.has("Atari emulator"):
        runs += [("atari/breakout", words) for words in (["--atari.size=42", "--net.centre=true"], ["--net.norm=batch"], ["--atari.colour=true", "--net.trunk=nips"],
                                                         ["--net.trunk=der", "--atari.width=160", "--atari.size=100"])]
    for i, (env, words) in enumerate(runs):
        yield f"{env} {' '.join(words)}", check(kit.train(env, *words, "--explore.start=1", f"--run.name=shape-{i}", "--env.max_episode_steps=100"), 60, f"--episodes={1 if 'atari' in env else 8}")


def main():
    if not kit.has("ONNX"):
        kit.end("nothing")
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        off = {}
        parts = {"presets": [presets], "shapes": [check_masks, check_vectors, shapes]}[sys.argv[2]]
        for name, one in (found for part in parts for found in part()):
            print(f"{name}: {one:.1e}")
            off[name] = one
        os.chdir("/")
    kit.end(f"good: {len(off)} networks, none further off than {max(off.values()):.1e} ({kit.RAINBOW})")


main()
