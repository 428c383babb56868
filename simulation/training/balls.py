"""Train and export the network that finds one sport's puck or ball by looking at three instants."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from simulation.training.curves import draw_curves
from simulation.training.dataset import SMALL, Sample, random_crop
from simulation.training.export import export_to
from simulation.training.measure import Runner, measure
from simulation.training.network import SMALL_STRIDE, BallNetwork, ExportedBall
from simulation.training.targets import assign_small, small_loss
from simulation.training.threes import Entry, Layer, Threes, decoded, read_threes, seeds_of, write_threes
from simulation.training.trainer import Trainer, Updates, begun, learn

TEST_PICTURES = 8  # of a play
CROPS_PER_PICTURE = 2
FREE = {"images": {0: "batch", 2: "height", 3: "width"}, "output": {0: "batch", 1: "cells"}}  # sides that may vary


@dataclass(frozen=True)
class BallRecipe(Updates):
    """Everything that decides the network.

    Attributes:
        domain: the sport.
        after: the sport whose trained network this one begins as; None: from nothing.
        plays: rendered plays.
        per_play: pictures of each, and as many before and after.
        near_s: how long before and after, seconds.
        batch: crops in an update.
        size: side of a crop, pixels, a multiple of 32.
    """

    domain: str = "hockey"
    after: str | None = None
    plays: int = 80
    per_play: int = 12
    near_s: float = 0.1
    batch: int = 16
    size: int = 256


class BallBatches:
    """Batches of crops by step number: the same step gives the same batch, so that a run resumes exactly."""

    def __init__(self, entries: Sequence[Entry], recipe: BallRecipe) -> None:
        self.entries, self.recipe = entries, recipe

    def __call__(self, step: int) -> tuple[Tensor, list[Sample]]:
        """Pictures (batch, 5, size, size), 0 to 255, and their truth."""
        rng = np.random.default_rng([self.recipe.seed, step])
        samples: list[Sample] = []
        while len(samples) < self.recipe.batch:
            picture = decoded(self.entries[int(rng.integers(len(self.entries)))])
            count = min(CROPS_PER_PICTURE, self.recipe.batch - len(samples))
            samples += [random_crop(picture, self.recipe.size, rng) for _ in range(count)]
        images = np.stack([sample.image.transpose(2, 0, 1) for sample in samples]).astype(np.float32)
        return torch.from_numpy(images), samples


def trainer_of(recipe: BallRecipe, checkpoint: Path, start: Path | None = None) -> Trainer:
    """Return the trainer, with the weights of a checkpoint where there is one.

    Args:
        recipe: what to do.
        checkpoint: of this training.
        start: checkpoint of another sport's, from which a new training begins.
    """

    def losses(found: Tensor, samples: list[Sample]) -> dict[str, Tensor]:
        return small_loss(found, assign_small(samples, recipe.size))

    return Trainer(recipe, checkpoint, lambda: begun(BallNetwork(), start), losses)


def rendered(folder: Path, seeds: Sequence[int], what: Threes, processes: int) -> list[Entry]:
    """Render plays of some seeds, those that are missing, in several processes; return all their entries."""
    one = partial(write_threes, folder, what)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        files = list(tqdm(pool.map(one, seeds), total=len(seeds), desc="render", disable=not os.isatty(2)))
    return [entry for path in files for entry in read_threes(path)]


def train_balls(
    recipe: BallRecipe, folder: Path, out: Path, test_plays: int, threads: int, layer: Layer
) -> dict[str, float]:
    """Train in a folder, going on where a killed run stopped; export and measure on plays that training never saw.

    Args:
        recipe: what to do.
        folder: of all sports' trainings: ``data/`` holds their pictures, ``<sport>/`` checkpoint, history and curves.
        out: the ONNX file.
        test_plays: how many unseen plays the figures rest on.
        threads: of torch, and processes that render.
        layer: lays neighbours over a picture.

    Returns:
        The figures; see ``simulation.training.measure.measure``.
    """
    torch.set_num_threads(threads)
    mine = folder / recipe.domain
    mine.mkdir(parents=True, exist_ok=True)
    what = Threes(recipe.domain, recipe.per_play, recipe.near_s, layer)
    entries = rendered(folder / "data", seeds_of("train", recipe.plays), what, threads)
    start = folder / recipe.after / "checkpoint.pt" if recipe.after else None
    trainer = trainer_of(recipe, mine / "checkpoint.pt", start)
    network = cast(BallNetwork, learn(trainer, BallBatches(entries, recipe), mine / "history.json"))
    gap = export_to(
        ExportedBall(network).eval(), out, _notes(recipe), [(2, 5, 160, 96), (1, 5, 736, 1280)], FREE, halve=True
    )
    draw_curves(json.loads((mine / "history.json").read_text()), mine / "curves.png")
    tests = rendered(folder / "test", seeds_of("test", test_plays), replace(what, count=TEST_PICTURES), threads)
    found = measure(Runner(out, strides=(SMALL_STRIDE,), classes=(SMALL,)), map(decoded, tests), recipe.domain)
    return {"parity": gap, "megabytes": out.stat().st_size / 1e6} | found


def _notes(recipe: BallRecipe) -> dict[str, str]:
    told = {"licence": "Apache-2.0", "data": "own renders", "domain": recipe.domain, "near_s": str(recipe.near_s)}
    return told | {"recipe": json.dumps(asdict(recipe), sort_keys=True)}
