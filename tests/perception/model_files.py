"""Tiny ONNX models, built on the spot."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper


def save(path: Path, nodes, inputs, outputs, weights) -> Path:
    """Write a model. inputs and outputs: (name, shape); weights: name -> array."""
    onnx.save(build(nodes, inputs, outputs, weights), str(path))
    return path


def build(nodes, inputs, outputs, weights) -> onnx.ModelProto:
    def values(pairs):
        return [helper.make_tensor_value_info(name, TensorProto.FLOAT, list(shape)) for name, shape in pairs]

    initializers = [numpy_helper.from_array(np.asarray(value), name) for name, value in weights.items()]
    graph = helper.make_graph(nodes, "tiny", values(inputs), values(outputs), initializers)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    model.producer_name = "rulesight"
    onnx.checker.check_model(model)
    return model


def probe() -> bytes:
    """The model that perception.runtime tries providers with."""
    node = helper.make_node("Conv", ["x", "w"], ["y"])
    weights = {"w": np.ones((1, 1, 3, 3), np.float32)}
    return build([node], [("x", (1, 1, 4, 4))], [("y", (1, 1, 2, 2))], weights).SerializeToString()


def brightness(path: Path, batch: int | str = "n", size: int = 4) -> Path:
    """Input x (batch, 3, size, size); outputs: mean per picture (batch, 1, 1, 1), twice the input."""
    nodes = [
        helper.make_node("ReduceMean", ["x"], ["mean"], axes=[1, 2, 3]),
        helper.make_node("Mul", ["x", "two"], ["twice"]),
    ]
    shape = (batch, 3, size, size)
    return save(
        path, nodes, [("x", shape)], [("mean", (batch, 1, 1, 1)), ("twice", shape)], {"two": np.float32(2)}
    )
