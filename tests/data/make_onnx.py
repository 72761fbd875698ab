#!/usr/bin/env python3
"""Writes tests/data/model.onnx, which tests/io/test_onnx.c says with our writer: the same model, put together with the messages of
the standard's own package. Ran with onnx 1.23.2."""
import os
import numpy
import onnx
from onnx import TensorProto, helper

N = "N"
pixels = helper.make_tensor_value_info("Image Sequence", TensorProto.UINT8, [N, 2, 3, 5], doc_string="pictures")
numbers = helper.make_tensor_value_info("numbers", TensorProto.FLOAT, [N, 7], doc_string="a vector")
q = helper.make_tensor_value_info("Q-Values", TensorProto.FLOAT, [N, 4], doc_string="of each action")


def tensor(name, values):
    return onnx.numpy_helper.from_array(values, name)


tensors = [
    tensor("weight", numpy.arange(6, dtype=numpy.float32).reshape(2, 3) / 4 - 1),
    tensor("scale", numpy.array(0.25, dtype=numpy.float32)),
    tensor("shape", numpy.array([0, 4, 300], dtype=numpy.int64)),
    tensor("bytes", numpy.array([1, 2, 255], dtype=numpy.uint8)),
]
nodes = [
    helper.make_node("Cast", ["Image Sequence"], ["floats"], name="floats", to=TensorProto.FLOAT),
    helper.make_node("Conv", ["floats", "weight", "scale"], ["seen"], name="seen", kernel_shape=[8, 8], strides=[4, 4]),
    helper.make_node("LeakyRelu", ["seen"], ["Q-Values"], name="Q-Values", alpha=0.5),
]
for node in nodes:  # the package sorts attributes by name
    node.attribute.sort(key=lambda a: a.name)
graph = helper.make_graph(nodes, "policy", [pixels, numbers], [q], initializer=tensors)
model = helper.make_model(graph, ir_version=7, producer_name="Rainbow", producer_version="0.1.0", opset_imports=[helper.make_opsetid("", 13)],
                          doc_string="a model of all that there is")
helper.set_model_props(model, {"env": "atari/breakout", "preset": "dqn", "step": "400000"})
model.opset_import[0].ClearField("domain")  # empty; proto3 does not write what is
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "model.onnx"), "wb") as file:
    file.write(model.SerializeToString())
