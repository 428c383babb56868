"""Export to ONNX and check that ONNX Runtime computes what torch computes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from records.errors import InputError
from simulation.training.network import Detector, Exported, ExportedBall

PARITY = 1e-3
LARGE = 30_000  # numbers in a weight from which on it is worth halving; a few of them hold most of a model


def export(detector: Detector, path: Path, notes: dict[str, str]) -> float:
    """Write the detector as ONNX with free batch, height and width.

    Args:
        detector: trained weights.
        path: of the file.
        notes: provenance, kept in the file's metadata.

    Returns:
        The largest difference between torch and ONNX Runtime on random pictures of two sizes.

    Raises:
        InputError: the difference exceeds 1e-3.
    """
    free = {"images": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 1: "cells"}}
    shapes = [(2, 3, 160, 96), (1, 3, 736, 1280)]
    return export_to(Exported(detector.eval()).eval(), path, notes, shapes, free, halve=True)


def export_to(
    module: torch.nn.Module,
    path: Path,
    notes: Mapping[str, str],
    shapes: Sequence[tuple[int, int, int, int]],
    free: Mapping[str, Mapping[int, str]] | None = None,
    halve: bool = False,
) -> float:
    """Write a network as ONNX, from ``images`` to ``output``.

    Args:
        module: trained weights.
        path: of the file.
        notes: provenance, kept in the file's metadata.
        shapes: of the random pictures on which both are compared.
        free: names of the sides that may vary, by input and output; None: the number of pictures only.
        halve: keep the weights in half precision, which halves the file; they are widened when it is loaded.

    Returns:
        The largest difference between torch, with its weights as they are, and ONNX Runtime.

    Raises:
        InputError: the difference exceeds 1e-3.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        module, (torch.zeros(1, *shapes[0][1:]),), str(path), input_names=["images"], output_names=["output"],
        dynamic_axes=free or {"images": {0: "batch"}, "output": {0: "batch"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    model = onnx.load(str(path))
    if halve:
        _halve(model.graph)
    onnx.helper.set_model_props(model, dict(sorted(notes.items())))
    onnx.save(model, str(path))
    gap = max(parity(module, path, shape) for shape in shapes)
    if gap > PARITY:
        raise InputError(f"ONNX Runtime differs from torch by {gap:.2g}", str(path))
    return gap


def add_note(path: Path, key: str, value: str) -> None:
    """Write one more thing that a model says of itself into its file."""
    model = onnx.load(str(path))
    notes = {entry.key: entry.value for entry in model.metadata_props}
    onnx.helper.set_model_props(model, dict(sorted((notes | {key: value}).items())))
    onnx.save(model, str(path))


def _halve(graph: onnx.GraphProto) -> None:
    """Keep large weights of convolutions in half precision, and widen each one before it is used."""
    for weights in [one for one in graph.initializer if len(one.dims) == 4 and np.prod(one.dims) >= LARGE]:
        narrow = onnx.numpy_helper.from_array(
            onnx.numpy_helper.to_array(weights).astype(np.float16), f"{weights.name}_16"
        )
        wide = onnx.helper.make_node("Cast", [narrow.name], [weights.name], to=onnx.TensorProto.FLOAT)
        graph.initializer.remove(weights)
        graph.initializer.append(narrow)
        graph.node.insert(0, wide)


def parity(module: torch.nn.Module, path: Path, shape: tuple[int, int, int, int]) -> float:
    """Largest difference of the outputs for random pictures; a detector's mark that flips on a tie counts as none."""
    images = np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"images": images})[0]
    with torch.no_grad():
        wanted = module(torch.from_numpy(images)).numpy()
    gap = np.abs(found - wanted)
    if isinstance(module, (Exported, ExportedBall)):
        gap[..., 4] *= gap[..., 5:].max(axis=-1) > PARITY
    return float(gap.max())
