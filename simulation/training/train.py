"""Train the detector: render, learn, resume after a kill, export, check parity, measure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
from tqdm import tqdm

from simulation.training.dataset import (
    TEST_SEEDS,
    TRAIN_SEEDS,
    Sample,
    decode,
    random_crop,
    read_arena,
    write_arena,
)
from simulation.training.network import Detector
from simulation.training.targets import assign, loss
from simulation.training.trainer import Trainer, Updates, begun, learn

CROPS_PER_PICTURE = 3


@dataclass(frozen=True)
class Recipe(Updates):
    """Everything that decides the result of a training run.

    Attributes:
        domain: the sport.
        after: the sport whose trained network this one begins as; None: from nothing.
        arenas: number of training arenas; of plays, where it is not hockey.
        per_arena: pictures of each.
        batch: crops in an update.
        size: side of a crop, pixels, a multiple of 32.
    """

    domain: str = "hockey"
    after: str | None = None
    arenas: int = 110
    per_arena: int = 24
    batch: int = 16
    size: int = 320


def render_data(folder: Path, seeds: Sequence[int], per_arena: int, domain: str, processes: int) -> list[Path]:
    """Render the arenas of some seeds, those that are missing, in several processes; one file each."""
    one = partial(write_arena, folder, per_arena=per_arena, domain=domain)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        return list(tqdm(pool.map(one, seeds), total=len(seeds), desc="render", disable=not os.isatty(2)))


def training_seeds(recipe: Recipe) -> list[int]:
    """Seeds of the training arenas."""
    return list(TRAIN_SEEDS[: recipe.arenas])


def test_seeds(arenas: int) -> list[int]:
    """Seeds of arenas that training never sees."""
    return list(TEST_SEEDS[:arenas])


class Batches:
    """Batches of crops by step number: the same step gives the same batch, so that a run resumes exactly."""

    def __init__(self, files: Sequence[Path], recipe: Recipe) -> None:
        self.entries = [entry for path in files for entry in read_arena(path)]
        self.recipe = recipe

    def __call__(self, step: int) -> tuple[torch.Tensor, list[Sample]]:
        """Pictures (batch, 3, size, size), float BGR 0 to 255, and their truth."""
        rng = np.random.default_rng([self.recipe.seed, step])
        samples: list[Sample] = []
        while len(samples) < self.recipe.batch:
            picture = decode(*self.entries[int(rng.integers(len(self.entries)))])
            count = min(CROPS_PER_PICTURE, self.recipe.batch - len(samples))
            samples += [random_crop(picture, self.recipe.size, rng) for _ in range(count)]
        images = np.stack([sample.image.transpose(2, 0, 1) for sample in samples]).astype(np.float32)
        return torch.from_numpy(images), samples


def trainer_of(recipe: Recipe, checkpoint: Path, start: Path | None = None) -> Trainer:
    """Return the trainer of a detector, with the weights of a checkpoint where there is one.

    Args:
        recipe: what to do.
        checkpoint: of this training.
        start: checkpoint of another sport's, from which a new training begins.
    """
    network = partial(_new, start)
    return Trainer(recipe, checkpoint, network, lambda found, samples: loss(found, assign(samples, recipe.size)))


def _new(start: Path | None) -> Detector:
    return begun(Detector(), start)


def train(recipe: Recipe, folder: Path, processes: int, every: int = 200) -> Detector:
    """Train in a folder, going on from where a killed run stopped; returns the averaged weights.

    Args:
        recipe: what to do.
        folder: of all sports' trainings: ``data/`` holds their pictures, ``<sport>/`` checkpoint and history.
        processes: that render.
        every: updates between checkpoints.
    """
    mine = folder / recipe.domain
    mine.mkdir(parents=True, exist_ok=True)
    files = render_data(folder / "data", training_seeds(recipe), recipe.per_arena, recipe.domain, processes)
    start = folder / recipe.after / "checkpoint.pt" if recipe.after else None
    trainer = trainer_of(recipe, mine / "checkpoint.pt", start)
    return cast(Detector, learn(trainer, Batches(files, recipe), mine / "history.json", every))
