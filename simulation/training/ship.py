"""From a recipe to a model that can ship: train, export, measure on unseen renders, draw the curves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import torch

from simulation.training.curves import draw_curves
from simulation.training.dataset import Sample, classes_of, decode, read_arena
from simulation.training.export import export
from simulation.training.measure import Runner, measure
from simulation.training.train import Recipe, render_data, test_seeds, train

TEST_PICTURES = 8


def ship(recipe: Recipe, folder: Path, out: Path, test_arenas: int, threads: int) -> dict[str, float]:
    """Train, export and measure.

    Args:
        recipe: what to do.
        folder: of all sports' trainings; this one's checkpoint and curves are in ``<sport>/``.
        out: the ONNX file.
        test_arenas: how many unseen arenas the figures rest on.
        threads: of torch, and processes that render.

    Returns:
        The figures, also written to ``figures.json``; curves are drawn to ``curves.png``.
    """
    torch.set_num_threads(threads)
    detector, mine = train(recipe, folder, threads), folder / recipe.domain
    notes = {"recipe": json.dumps(asdict(recipe), sort_keys=True), "licence": "Apache-2.0", "data": "own renders"}
    gap = export(detector, out, notes | {"labels": json.dumps(classes_of(recipe.domain))})
    draw_curves(json.loads((mine / "history.json").read_text()), mine / "curves.png")
    files = render_data(folder / "test", test_seeds(test_arenas), TEST_PICTURES, recipe.domain, threads)
    found = measure(Runner(out), samples_of(files), recipe.domain)
    figures = {"parity": gap, "megabytes": out.stat().st_size / 1e6} | found
    (mine / "figures.json").write_text(json.dumps(figures, indent=1))
    return figures


def samples_of(files: Sequence[Path]) -> Iterator[Sample]:
    """Decoded samples of rendered files."""
    for path in files:
        for entry in read_arena(path):
            yield decode(*entry)
