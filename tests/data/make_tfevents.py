#!/usr/bin/env python3
"""Writes tfevents.bin: an event file whose messages and frames are made by TensorBoard's own code.

    python3 make_tfevents.py        needs the package tensorboard

tests/io/test_tfevents.c writes the same with ours and compares every byte. The messages are described by TensorBoard's
definitions; they are put together in the order of their fields' numbers, which is what both libraries do. The parameters of the
plugin are a map, whose order protobuf leaves open, so they are put together here one by one, in the order of the test.
"""
import os

import tensorboard
from google.protobuf import struct_pb2
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.summary.writer.record_writer import RecordWriter


def hparams_content(at, entries):
    """HParamsPluginData with a session_start_info whose map has this order."""
    start = b""
    for name, value in entries:
        one = plugin_data_pb2.SessionStartInfo()
        kind = {bool: "bool_value", float: "number_value", str: "string_value"}[type(value)]
        one.hparams[name].CopyFrom(struct_pb2.Value(**{kind: value}))
        start += one.SerializeToString()
    start += plugin_data_pb2.SessionStartInfo(start_time_secs=at).SerializeToString()
    data = plugin_data_pb2.HParamsPluginData()
    data.session_start_info.ParseFromString(start)
    assert dict(data.session_start_info.hparams.items()).keys() == dict(entries).keys()
    length = len(start)
    varint = bytes([length]) if length < 128 else bytes([length & 127 | 128, length >> 7])
    return b"\x1a" + varint + start  # field 3, a message


def plugin(event, tag, content):
    value = event.summary.value.add(tag=tag)
    value.metadata.plugin_data.plugin_name = "hparams"
    value.metadata.plugin_data.content = content
    value.tensor.dtype = DT_FLOAT
    value.tensor.tensor_shape.dim.add()


def events():
    yield event_pb2.Event(wall_time=1234567890, file_version="brain.Event:2")
    event = event_pb2.Event(wall_time=1234567891.5)
    plugin(event, "_hparams_/session_start_info", hparams_content(1234567891.5, [
        ("agent.gamma", 0.99), ("agent.double_q", True), ("agent.categorical", False), ("run.env", "cartpole"),
        ("run.preset", ""), ("run.seed", 0.0)]))
    yield event
    for step, tag, value in ((12, "train/return", -21.5), (20000000000, "train/loss", 0.0)):
        event = event_pb2.Event(wall_time=1234567892, step=step)
        event.summary.value.add(tag=tag, simple_value=value)
        yield event

    # Values from -0.75 to 9.75, a quarter apart: 43 buckets of a quarter, and widths are powers of two such that the values take up
    # more than a quarter and at most all of 128 buckets: an eighth.
    values = [i * 0.25 for i in range(-3, 40)]
    histogram = summary_pb2.HistogramProto(min=-0.75, max=9.75, num=43, sum=sum(values), sum_squares=sum(v * v for v in values))
    for i in range(-6, 79):
        left = i * 0.125
        histogram.bucket_limit.append(min(left + 0.125, 9.75))
        histogram.bucket.append(sum(left <= v < left + 0.125 for v in values))
    event = event_pb2.Event(wall_time=1234567893, step=100)
    event.summary.value.add(tag="eval/q_values", histo=histogram)
    yield event

    event = event_pb2.Event(wall_time=1234567894, step=100)
    event.summary.value.add(tag="eval/game", image=summary_pb2.Summary.Image(
        height=210, width=160, colorspace=3, encoded_image_string=b"GIF89a\0x"))
    yield event
    yield event_pb2.Event(wall_time=1234567895, step=100, session_log=event_pb2.SessionLog(
        status=event_pb2.SessionLog.CHECKPOINT, checkpoint_path="checkpoints/step_000000000100"))
    event = event_pb2.Event(wall_time=1234567896, step=100)
    end = plugin_data_pb2.HParamsPluginData()
    end.session_end_info.status = 1  # success
    end.session_end_info.end_time_secs = 1234567896
    plugin(event, "_hparams_/session_end_info", end.SerializeToString())
    yield event
    yield event_pb2.Event(wall_time=1234567897, step=101,
                          session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START))


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "tfevents.bin"), "wb") as file:
        writer = RecordWriter(file)
        for event in events():
            writer.write(event.SerializeToString(deterministic=True))
    print(f"made with tensorboard {tensorboard.__version__}")


main()
