"""Which packages are installed, and which of them write the same files. Imports none of them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Sequence

CLASHES = {
    "ONNX Runtime": ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml", "onnxruntime-openvino"),
    "OpenCV": (
        "opencv-python",
        "opencv-python-headless",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
    ),
}
"""Distributions that write the same files: with two of them installed, which one runs is chance."""


def installed(names: Sequence[str]) -> dict[str, str]:
    """Return which of these distributions are installed, with their versions."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def clashes() -> dict[str, dict[str, str]]:
    """Return the families of which more than one distribution is installed, each with their versions."""
    found = {family: installed(names) for family, names in CLASHES.items()}
    return {family: versions for family, versions in found.items() if len(versions) > 1}
