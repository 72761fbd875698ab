#!/usr/bin/env python3
"""scripts/track-wandb in the offline mode of Weights & Biases: its files contain the data of the run's directory, each item once.

Nothing leaves the machine.
"""
import base64
import glob
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from kit import SMALL, SOURCE, command, need, records, table, train

need("wandb")

SCRIPT = os.path.join(SOURCE, "scripts", "track-wandb")
NOTE = '--run.note=a "note" = \\ 5'


def sent(folder):
    """Everything that tracking into a folder has sent: (rows, configuration, artifacts)."""
    rows, config, artifacts, ids = [], {}, [], set()
    for path in sorted(glob.glob(os.path.join(folder, "wandb", "offline-run-*", "*.wandb"))):
        for record in records(path):
            kind = record.WhichOneof("record_type")
            if kind == "run":
                ids.add(record.run.run_id)
                for item in record.run.config.update:
                    config[item.key or "/".join(item.nested_key)] = json.loads(item.value_json)
            elif kind == "history":
                rows.append({item.key or "/".join(item.nested_key): json.loads(item.value_json) for item in record.history.item})
            elif kind == "artifact":
                artifacts.append(record.artifact)
            elif kind == "request" and record.request.WhichOneof("request_type") == "log_artifact":
                artifacts.append(record.request.log_artifact.artifact)
    assert len(ids) == 1, ids
    return rows, config, artifacts


def track(folder, *words, start=False):
    environment = {**os.environ, "WANDB_SILENT": "true", "WANDB_DIR": folder, "WANDB_CACHE_DIR": folder + "/cache", "WANDB_DATA_DIR": folder,
                   "WANDB_CONFIG_DIR": folder + "/config", "WANDB_ERROR_REPORTING": "false", "HOME": folder}
    process = subprocess.Popen([sys.executable, SCRIPT, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if start:
        return process
    out, error = process.communicate(timeout=300)
    return process.returncode, out + error


def good(folder, *words):
    status, said = track(folder, *words)
    assert status == 0, said


def check(run, folder, checkpoints, videos=()):
    rows, config, artifacts = sent(folder)
    for name in ("train", "eval"):
        expected = table(run, f"{name}.csv")
        got = [row for row in rows if any(key.startswith(name + "/") for key in row)]
        assert len(got) == len(expected), f"{name}: {len(got)} rows of {len(expected)}"
        for row, want in zip(got, expected):
            assert row["step"] == want.pop("step")
            assert {key: value for key, value in row.items() if key.startswith(name + "/")} == {
                f"{name}/{key}": value for key, value in want.items()}
    assert config["run.note"] == 'a "note" = \\ 5' and config["run.seed"] == 1
    assert config["agent.batch"] == 8 and config["agent.double_q"] is True and config["run.env"] == "cartpole"
    models = [artifact for artifact in artifacts if artifact.type == "model"]
    assert [sorted(artifact.aliases) for artifact in models] == [["latest", f"step-{step}"] for step in checkpoints]
    for artifact, step in zip(models, checkpoints):
        with open(os.path.join(run, "checkpoints", f"step_{step:012d}", "weights.safetensors"), "rb") as file:
            digest = base64.b64encode(hashlib.md5(file.read()).digest()).decode()
        assert digest in {entry.path: entry.digest for entry in artifact.manifest.contents}["weights.safetensors"], artifact
    seen = [row for row in rows if any(key.startswith("video/") for key in row)]
    assert len(seen) == len(videos), seen
    for row, path in zip(seen, videos):
        name = "video/" + os.path.basename(path)[:-4]
        with open(path, "rb") as file:
            assert row[name + "/_type"] == "video-file" and row[name + "/sha256"] == hashlib.sha256(file.read()).hexdigest()


def test_whole_run(here):
    """Tracking a finished run sends everything, a second time nothing, and after a resume only the rest."""
    run = train("cartpole", *SMALL, NOTE, "--run.max_steps=1500", "--eval.every_steps=500", "--eval.episodes=2", "--checkpoint.every_steps=1000",
                "--run.name=whole")
    os.makedirs(os.path.join(run, "videos"), exist_ok=True)
    for old in glob.glob(os.path.join(run, "videos", "*")):
        os.remove(old)
    video = os.path.join(run, "videos", "step_000000001000.mp4")
    with open(video, "wb") as file:
        file.write(b"\0\0\0\x18ftypmp42" + bytes(2000))  # the contents do not matter here
    shutil.copy(video, video + ".part")  # still being written: not sent
    folder = os.path.join(here, "w1")
    os.mkdir(folder)
    good(folder, run, "--offline")
    check(run, folder, [1000, 1500], [video])
    good(folder, run, "--offline")
    check(run, folder, [1000, 1500], [video])
    subprocess.run(command("--resume", run, "--run.max_steps=2500"), check=True, capture_output=True)
    good(folder, run, "--offline")
    check(run, folder, [1000, 1500, 2000, 2500], [video])


def test_follow(here):
    """Follows a run that is killed and resumed: sends every row once, and ends by itself."""
    words = ["cartpole", *SMALL, NOTE, "--run.max_steps=6000", "--eval.every_steps=1000", "--eval.episodes=2", "--checkpoint.every_steps=1000",
             "--run.name=followed"]
    training = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    run = os.path.abspath(training.stdout.readline().strip())
    folder = os.path.join(here, "w2")
    os.mkdir(folder)
    tracking = track(folder, run, "--offline", "--follow", "--every", "0.1", start=True)
    while training.poll() is None and not os.path.exists(os.path.join(run, "checkpoints", "step_000000002000")):
        time.sleep(0.001)
    training.send_signal(signal.SIGKILL)
    training.wait()
    time.sleep(0.5)
    assert tracking.poll() is None, tracking.communicate()
    subprocess.run(command("--resume", run), check=True, capture_output=True)
    out, error = tracking.communicate(timeout=300)
    assert tracking.returncode == 0, out + error
    check(run, folder, [1000, 2000, 3000, 4000, 5000, 6000])


def test_guide_names(here):
    """--names guide: one row per training game at W&B's step of that number, evaluations and videos among them, artifact policy_net."""
    # In this game the return is not the length.
    run = train("mountaincar", *SMALL, NOTE, "--run.max_steps=1500", "--eval.every_steps=500", "--eval.episodes=2", "--checkpoint.every_steps=1000",
                "--run.name=guide")
    os.makedirs(os.path.join(run, "videos"), exist_ok=True)
    with open(os.path.join(run, "videos", "step_000000001000.mp4"), "wb") as file:
        file.write(b"\0\0\0\x18ftypmp42" + bytes(2000))
    folder = os.path.join(here, "w4")
    os.mkdir(folder)
    good(folder, run, "--offline", "--names", "guide")
    rows, config, artifacts = sent(folder)
    games, evaluations = table(run, "train.csv"), table(run, "eval.csv")
    assert config["agent.batch"] == 8
    got = {row["_step"]: row for row in rows}
    assert len(got) == len(rows) == len(games)
    for game in games:
        row = got[game["episode"]]
        assert (row["Train/EpisodeReward"], row["Train/EpisodeDuration"]) == (game["return"], game["length"])
        assert row["Train/EpisodeLoss"] == game.get("loss", 0)

    def games_until(step):
        return sum(game["step"] <= step for game in games)
    assert {key: row["Test/EpisodeReward"] for key, row in got.items() if "Test/EpisodeReward" in row} == {
        games_until(row["step"]): row["mean"] for row in evaluations}
    assert [key for key, row in got.items() if any(name.startswith("Test/Video") for name in row)] == [games_until(1000)]
    models = [artifact for artifact in artifacts if artifact.type == "model"]
    assert [(artifact.name, sorted(artifact.aliases)) for artifact in models] == [
        ("policy_net", [f"episode-{games_until(step)}", "latest"]) for step in (1000, 1500)]
    subprocess.run(command("--resume", run, "--run.max_steps=2000"), check=True, capture_output=True)
    good(folder, run, "--offline", "--names", "guide")
    rows, _, _ = sent(folder)
    assert sorted(row["_step"] for row in rows if "Train/EpisodeReward" in row) == [game["episode"] for game in table(run, "train.csv")]
    status, said = track(folder, run, "--offline")
    assert status == 1 and "--names guide" in said, said
    status, said = track(folder, run, "--offline", "--names", "guide", "--artifact", "a/b")
    assert status == 2 and "--artifact a/b" in said, said


def test_bad_input(here):
    folder = os.path.join(here, "w3")
    os.mkdir(folder)
    for words, expected, sentence in (
            ([], 2, "RUN"), (["/nowhere"], 1, "/nowhere: there is no such directory"), ([folder], 1, "is no run's directory"),
            ([folder, "--every", "0"], 2, "more than 0"), ([folder, "--evrey", "1"], 2, "--evrey")):
        status, said = track(folder, *words)
        assert status == expected and sentence in said, said
    run = train("cartpole", *SMALL, "--run.max_steps=300", "--eval.episodes=1", "--run.name=bad")
    with open(os.path.join(run, "wandb.json"), "w") as file:
        file.write("{")
    status, said = track(folder, run, "--offline")
    assert status == 1 and "wandb.json" in said and "Traceback" not in said, said
    os.remove(os.path.join(run, "wandb.json"))
    with open(os.path.join(run, "train.csv"), "a") as file:
        file.write("1,2\n")
    status, said = track(folder, run, "--offline")
    assert status == 1 and "train.csv" in said and "Traceback" not in said, said


def main():
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        for test in (test_bad_input, test_guide_names, test_whole_run, test_follow):
            test(here)
        os.chdir("/")
    print("good: rows, configuration, weights and videos came through, each once")


main()
