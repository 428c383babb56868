"""From a recipe to a model that can ship: train, export, measure on unseen renders, draw the curves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import torch

from simulation.training.dataset import Sample, decode, read_arena
from simulation.training.export import export
from simulation.training.measure import Runner, measure
from simulation.training.train import Recipe, render_data, test_seeds, train

TEST_PICTURES = 8


def ship(recipe: Recipe, folder: Path, out: Path, test_arenas: int, threads: int) -> dict[str, float]:
    """Train, export and measure.

    Args:
        recipe: what to do.
        folder: of pictures, checkpoint and curves.
        out: the ONNX file.
        test_arenas: how many unseen arenas the figures rest on.
        threads: of torch.

    Returns:
        The figures, also written to `folder/figures.json`; curves are drawn to `folder/curves.png`.
    """
    torch.set_num_threads(threads)
    detector = train(recipe, folder)
    notes = {"recipe": json.dumps(asdict(recipe), sort_keys=True), "licence": "Apache-2.0", "data": "own renders"}
    gap = export(detector, out, notes)
    draw_curves(json.loads((folder / "history.json").read_text()), folder / "curves.png")
    files = render_data(folder / "test", test_seeds(test_arenas), TEST_PICTURES)
    figures = {"parity": gap, "megabytes": out.stat().st_size / 1e6} | measure(Runner(out), samples_of(files))
    (folder / "figures.json").write_text(json.dumps(figures, indent=1))
    return figures


def samples_of(files: Sequence[Path]) -> Iterator[Sample]:
    """Decoded samples of rendered files."""
    for path in files:
        for entry in read_arena(path):
            yield decode(*entry)


def draw_curves(history: Sequence[dict[str, float]], path: Path) -> None:
    """Draw the losses over the updates as a picture, logarithmic, one colour each."""
    width, height, edge = 900, 480, 50
    picture = np.full((height, width, 3), 255, np.uint8)
    names = [name for name in history[0] if name != "step"]
    values = np.array([[max(row[name], 1e-4) for name in names] for row in history])
    smooth = np.exp(cv2.blur(np.log(values), (1, min(15, len(values)))))
    low, high = np.log10(smooth.min()) - 0.05, np.log10(smooth.max()) + 0.05
    steps = np.array([row["step"] for row in history])
    for i, name in enumerate(names):
        hue = np.uint8([[[int(180 * i / len(names)), 220, 190]]])
        colour = tuple(int(v) for v in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0])
        x = edge + (width - 2 * edge) * steps / steps[-1]
        y = height - edge - (height - 2 * edge) * (np.log10(smooth[:, i]) - low) / (high - low)
        points = np.column_stack([x, y]).round().astype(np.int32)
        cv2.polylines(picture, [points], False, colour, 2, cv2.LINE_AA)
        text = f"{name} {smooth[-1, i]:.3g}"
        cv2.putText(picture, text, (width - 260, 30 + 22 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 1, cv2.LINE_AA)
    cv2.imwrite(str(path), picture)
