#!/usr/bin/env python3
"""TensorBoard's own readers compared with the written files: every scalar, histogram and picture, once, and the parameters page.

Two readers are tested: the one in Python (EventAccumulator), and the server behind the page, over HTTP, which reads with a program of
its own. The expected results come from the run's tables and from the files themselves, whose records are decoded here.
"""
import glob
import io
import json
import os
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

from kit import RAINBOW, SMALL, can_write_events, command, need, table, train

need("tensorboard")
from PIL import Image  # noqa: E402 (installed with tensorboard)
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator  # noqa: E402
from tensorboard.compat.proto import event_pb2  # noqa: E402
from tensorboard.compat.proto.summary_pb2 import HistogramProto  # noqa: E402
from tensorboard.plugins.hparams import plugin_data_pb2  # noqa: E402

ALL = dict.fromkeys(("scalars", "images", "histograms", "tensors", "compressedHistograms", "audio"), 0)  # 0: every one


def written(run):
    """{tag: [(step, value)]} of all records, using only their lengths: a value is a float, a histogram or a picture's bytes."""
    out = {}
    for path in sorted(glob.glob(os.path.join(run, "events.out.tfevents.*"))):
        with open(path, "rb") as file:
            data = file.read()
        at = 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            event = event_pb2.Event.FromString(data[at + 12:at + 12 + length])
            at += length + 16
            for value in event.summary.value:
                kind = value.WhichOneof("value")
                if kind == "tensor":
                    continue
                what = {"simple_value": value.simple_value, "histo": value.histo.SerializeToString(),
                        "image": value.image.encoded_image_string}[kind]
                out.setdefault(value.tag, []).append((event.step, what))
        assert at == len(data), f"{path}: ends within a record"
    return out


def accumulated(run):
    """The same, read by TensorBoard's Python reader."""
    reader = EventAccumulator(run, size_guidance=ALL)
    reader.Reload()
    tags = reader.Tags()
    out = {tag: [(e.step, e.value) for e in reader.Scalars(tag)] for tag in tags["scalars"]}
    out.update({tag: [(e.step, e.encoded_image_string) for e in reader.Images(tag)] for tag in tags["images"]})
    for tag in tags["histograms"]:
        out[tag] = []
        for event in reader.Histograms(tag):
            h = event.histogram_value
            proto = HistogramProto(min=h.min, max=h.max, num=h.num, sum=h.sum, sum_squares=h.sum_squares,
                                   bucket_limit=h.bucket_limit, bucket=h.bucket)
            out[tag].append((event.step, proto.SerializeToString()))
    return out, reader


class Page:
    """The real server on a directory of runs."""

    def __init__(self, directory):
        self.log = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tensorboard.main", "--logdir", directory, "--port", "0", "--reload_interval", "1",
             "--samples_per_plugin", "scalars=1000000,images=1000,histograms=1000"], stdout=self.log, stderr=self.log)
        end = time.time() + 120
        self.address = None
        while not self.address:
            assert self.process.poll() is None and time.time() < end, self.said()
            found = re.search(r"(http://[^ ]+:\d+/)", self.said())
            self.address = found and found.group(1)
            time.sleep(0.1)

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def get(self, path, body=None, **query):
        address = self.address + "data/plugin/" + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(address, data=data, headers={"Content-Type": "application/json"} if data else {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def json(self, path, body=None, **query):
        return json.loads(self.get(path, body, **query))

    def wait_for(self, runs, steps):
        """Waits until the server has read every run to its end."""
        end = time.time() + 120
        while True:
            tags = self.json("scalars/tags")
            if set(runs) <= set(tags) and all("train/updates" in tags[run] for run in runs):
                if all(self.json("scalars/scalars", run=run, tag="train/updates")[-1][1] == step for run, step in zip(runs, steps)):
                    return
            assert time.time() < end, self.said()
            time.sleep(0.3)

    def close(self):
        self.process.terminate()
        self.process.wait()


def check_tables(run, got):
    """Checks that the readers' numbers equal those of the run's tables (32-bit floats)."""
    games, evaluations = table(run, "train.csv"), table(run, "eval.csv")
    for tag, column in (("train/return", "return"), ("train/length", "length")):
        assert [value for _, value in got[tag]] == [f32(row[column]) for row in games], tag
        assert [step for step, _ in got[tag]] == [row["step"] for row in games], tag
    for column in ("mean", "std", "min", "max", "median"):
        points = got[f"eval/{column}"]
        assert [step for step, _ in points] == [row["step"] for row in evaluations], column
        assert all(abs(value - row[column]) < 1e-3 for (_, value), row in zip(points, evaluations)), column
    assert [step for step, _ in got["eval/returns"]] == [row["step"] for row in evaluations]
    assert [step for step, _ in got["eval/q_values"]] == [row["step"] for row in evaluations]


def f32(value):
    return struct.unpack("f", struct.pack("f", value))[0]


def check_pictures(got):
    """Checks that the pictures open, move and are not blank."""
    for tag in ("eval/game", "eval/frames"):
        for _, file in got.get(tag, []):
            picture = Image.open(io.BytesIO(file))
            assert picture.format == ("GIF" if tag == "eval/game" else "PNG")
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 1


def check_parameters(reader, run):
    def content(tag):
        return plugin_data_pb2.HParamsPluginData.FromString(reader.SummaryMetadata(tag).plugin_data.content)
    start = content("_hparams_/session_start_info").session_start_info
    assert start.hparams["run.env"].string_value == "cartpole"
    assert start.hparams["agent.batch"].number_value == 8
    assert start.hparams["agent.double_q"].bool_value is True
    assert content("_hparams_/session_end_info").session_end_info.status == 1  # success


def check_page(page, name, run, expected):
    """Checks that the page's server returns the written data."""
    for tag, points in expected.items():
        if isinstance(points[0][1], float):
            answer = page.json("scalars/scalars", run=name, tag=tag)
            assert [(int(step), f32(value)) for _, step, value in answer] == points, tag
        elif tag in ("eval/game", "eval/frames"):
            answer = page.json("images/images", run=name, tag=tag, sample=0)
            assert [one["step"] for one in answer] == [step for step, _ in points], tag
            for one, (_, file) in zip(answer, points):
                assert page.get("images/individualImage?" + one["query"]) == file, tag
        else:
            answer = page.json("histograms/histograms", run=name, tag=tag)
            assert [step for _, step, _ in answer] == [step for step, _ in points], tag


def check_page_of_parameters(page, names):
    experiment = page.json("hparams/experiment", body={"experimentName": "x", "includeMetrics": True})
    assert {"run.seed", "agent.gamma", "net.noisy"} <= {info["name"] for info in experiment["hparamInfos"]}
    differing = {info["name"] for info in experiment["hparamInfos"] if info.get("differs")}
    assert "run.env" in differing and "agent.gamma" not in differing
    metrics = [info["name"] for info in experiment["metricInfos"] if info["name"]["tag"] == "eval/mean"]
    groups = page.json("hparams/session_groups", body={
        "experimentName": "x", "startIndex": 0, "sliceSize": 10, "allowedStatuses": ["STATUS_SUCCESS"],
        "colParams": [{"metric": metrics[0], "order": "ORDER_DESC"}]})
    assert {group["sessions"][0]["name"] for group in groups["sessionGroups"]} == set(names)
    for group in groups["sessionGroups"]:
        scores = [value["value"] for value in group["metricValues"] if value["name"]["tag"] == "eval/mean"]
        assert abs(scores[0] - table(group["sessions"][0]["name"], "eval.csv")[-1]["mean"]) < 1e-3  # the final score


def killed_and_resumed(words, moment):
    """A run that is killed once its newest checkpoint is `moment`, and then resumed."""
    process = subprocess.Popen(command(*words), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    run = os.path.abspath(process.stdout.readline().strip())
    while process.poll() is None and not os.path.exists(os.path.join(run, "checkpoints", f"step_{moment:012d}")):
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    process.wait()
    accumulated(run)  # readers can open a killed run's files
    subprocess.run(command("--resume", run), check=True, capture_output=True)
    return run


def main():
    if not can_write_events():
        print("not run: this build writes no event files (rainbow doctor)")
        raise SystemExit(77)
    with tempfile.TemporaryDirectory() as here:
        os.chdir(here)
        words = ["cartpole", *SMALL, "--run.max_steps=3000", "--eval.every_steps=500", "--eval.episodes=3", "--checkpoint.every_steps=400"]
        straight = train(*words, "--run.name=straight")
        killed = killed_and_resumed([*words, "--run.name=killed"], 1200)
        seen = train("minatar/breakout", "--preset=minatar-dqn", "--run.max_steps=900", "--replay.capacity=500", "--agent.start_steps=100",
                     "--net.hidden=16", "--eval.every_steps=300", "--eval.episodes=2", "--run.name=seen", "--compute.threads=1",
                     "--agent.batch=8")
        runs = [straight, killed, seen]
        expected = {run: written(run) for run in runs}
        for run in runs:
            got, reader = accumulated(run)
            assert got == expected[run], f"{run}: {sorted(tag for tag in expected[run] if got.get(tag) != expected[run][tag])}"
            check_tables(run, got)
            check_pictures(got)
            if run != seen:
                check_parameters(reader, run)
        assert len(expected[seen]["eval/frames"]) == len(expected[seen]["eval/game"]) == 3
        clock = "train/steps_per_second"
        for tag, points in expected[straight].items():
            if tag != clock:  # the same events as an uninterrupted run's, each once
                assert expected[killed][tag] == points, tag
        assert [step for step, _ in expected[killed][clock]] == [step for step, _ in expected[straight][clock]]
        assert len(glob.glob(os.path.join(killed, "events.out.tfevents.*"))) == 2

        os.chdir("runs/default")
        page = Page(".")
        try:
            page.wait_for(["straight", "killed", "seen"], [3000, 3000, 900])
            for run in runs:
                check_page(page, os.path.basename(run), run, expected[run])
            check_page_of_parameters(page, ["straight", "killed", "seen"])
        finally:
            page.close()
            os.chdir("/")
    count = sum(len(points) for run in runs for points in expected[run].values())
    print(f"good: {count} scalars, histograms and pictures of {len(runs)} runs came back, from both readers ({RAINBOW})")


main()
