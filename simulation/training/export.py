"""Export to ONNX and check that ONNX Runtime computes what torch computes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch

from records.errors import InputError
from simulation.training.network import Detector, Exported

PARITY = 1e-3


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
    module = Exported(detector.eval()).eval()
    path.parent.mkdir(parents=True, exist_ok=True)
    free = {0: "batch", 2: "height", 3: "width"}
    torch.onnx.export(
        module, (torch.zeros(1, 3, 96, 160),), str(path), input_names=["images"], output_names=["output"],
        dynamic_axes={"images": free, "output": {0: "batch", 1: "cells"}}, opset_version=17, dynamo=False,
    )  # fmt: skip
    model = onnx.load(str(path))
    for key, value in sorted(notes.items()):
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.save(model, str(path))
    gap = max(parity(module, path, (2, 3, 160, 96)), parity(module, path, (1, 3, 736, 1280)))
    if gap > PARITY:
        raise InputError(f"ONNX Runtime differs from torch by {gap:.2g}", str(path))
    return gap


def parity(module: Exported, path: Path, shape: tuple[int, int, int, int]) -> float:
    """Largest difference of the outputs for random pictures; a peak mark that flips on a tie counts as none."""
    images = np.random.default_rng(3).uniform(0, 255, shape).astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = session.run(None, {"images": images})[0]
    with torch.no_grad():
        wanted = module(torch.from_numpy(images)).numpy()
    gap = np.abs(found - wanted)
    gap[..., 4] *= gap[..., 5:].max(axis=-1) > PARITY
    return float(gap.max())
