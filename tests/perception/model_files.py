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
    return save(path, nodes, [("x", shape)], [("mean", (batch, 1, 1, 1)), ("twice", shape)], {"two": np.float32(2)})


def squares(path: Path, batch: int | str = "n", height: int = 64, width: int = 64) -> Path:
    """A detector in the yolox style, stride 8, two classes: every bright cell of 8x8 pixels is a box of 8x8.

    Warm cells are of class 0, cold ones of class 1. Input levels 0 to 255, BGR.
    """
    weight = np.zeros((7, 3, 1, 1), np.float32)
    weight[4, :, 0, 0] = 0.2 / 3  # objectness: mean level above 180
    weight[5, :, 0, 0] = (-0.1, 0, 0.1)
    weight[6, :, 0, 0] = (0.1, 0, -0.1)
    bias = np.array([0.5, 0.5, 0, 0, -36, 0, 0], np.float32)
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[8, 8], strides=[8, 8]),
        helper.make_node("Conv", ["cells", "weight", "bias"], ["raw"]),
        helper.make_node("Split", ["raw", "parts"], ["boxes", "logits"], axis=1),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["all"], axis=1),
        helper.make_node("Reshape", ["all", "rows"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["output"], perm=[0, 2, 1]),
    ]
    weights = {"weight": weight, "bias": bias, "parts": np.array([4, 3]), "rows": np.array([0, 7, -1])}
    cells = height // 8 * (width // 8) if isinstance(height, int) else "a"
    return save(path, nodes, [("images", (batch, 3, height, width))], [("output", (batch, cells, 7))], weights)


def appeared(path: Path, height: int = 64, width: int = 64) -> Path:
    """A detector of five planes in the yolox style, stride 4, one class: cells that were darker a moment before."""
    weight = np.zeros((6, 5, 1, 1), np.float32)
    weight[4, :, 0, 0] = (0.1 * 0.114, 0.1 * 0.587, 0.1 * 0.299, -0.1, 0)
    bias = np.array([0.5, 0.5, 0, 0, -5, 9], np.float32)
    nodes = [
        helper.make_node("AveragePool", ["images"], ["cells"], kernel_shape=[4, 4], strides=[4, 4]),
        helper.make_node("Conv", ["cells", "weight", "bias"], ["raw"]),
        helper.make_node("Split", ["raw", "parts"], ["boxes", "logits"], axis=1),
        helper.make_node("Sigmoid", ["logits"], ["scores"]),
        helper.make_node("Concat", ["boxes", "scores"], ["all"], axis=1),
        helper.make_node("Reshape", ["all", "rows"], ["flat"]),
        helper.make_node("Transpose", ["flat"], ["output"], perm=[0, 2, 1]),
    ]
    weights = {"weight": weight, "bias": bias, "parts": np.array([4, 2]), "rows": np.array([0, 6, -1])}
    cells = height // 4 * (width // 4)
    return save(path, nodes, [("images", ("n", 5, height, width))], [("output", ("n", cells, 6))], weights)


def constant(path: Path, shape, outputs) -> Path:
    """A model that gives the same arrays whatever it sees. outputs: name -> (1, ...) array."""
    nodes, weights = [helper.make_node("ReduceMean", ["images"], ["mean"], keepdims=0)], {"zero": np.float32(0)}
    nodes.append(helper.make_node("Mul", ["mean", "zero"], ["nothing"]))
    for name, value in outputs.items():
        weights[f"{name}_value"] = np.asarray(value, np.float32)
        nodes.append(helper.make_node("Add", [f"{name}_value", "nothing"], [name]))
    shapes = [(name, np.shape(value)) for name, value in outputs.items()]
    return save(path, nodes, [("images", (1, *shape))], shapes, weights)


def zeroed(path: Path, target: Path) -> Path:
    """Write a copy of a model whose convolution weights are all zero."""
    model = onnx.load(str(path))
    for weight in model.graph.initializer:
        value = numpy_helper.to_array(weight)
        if value.dtype.kind == "f" and value.ndim == 4:
            weight.CopyFrom(numpy_helper.from_array(np.zeros_like(value), weight.name))
    onnx.save(model, str(target))
    return target
