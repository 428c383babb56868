"""Train the detector: render, learn, resume after a kill, export, check parity, measure."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
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
from simulation.training.trainer import Trainer, Updates, learn

CROPS_PER_PICTURE = 3


@dataclass(frozen=True)
class Recipe(Updates):
    """Everything that decides the result of a training run.

    Attributes:
        arenas: number of training arenas.
        per_arena: pictures of each.
        batch: crops in an update.
        size: side of a crop, pixels, a multiple of 32.
    """

    arenas: int = 110
    per_arena: int = 24
    batch: int = 16
    size: int = 320


def render_data(folder: Path, seeds: Sequence[int], per_arena: int) -> list[Path]:
    """Render the arenas of some seeds, those that are missing; one file each."""
    quiet = not os.isatty(2)
    return [write_arena(folder, seed, per_arena) for seed in tqdm(seeds, desc="render", disable=quiet)]


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


def trainer_of(recipe: Recipe, checkpoint: Path) -> Trainer:
    """Return the trainer of a detector, with the weights of a checkpoint where there is one."""
    return Trainer(recipe, checkpoint, Detector, lambda found, samples: loss(found, assign(samples, recipe.size)))


def train(recipe: Recipe, folder: Path, every: int = 200) -> Detector:
    """Train in a folder, going on from where a killed run stopped; returns the averaged weights.

    Args:
        recipe: what to do.
        folder: holds `data/`, `checkpoint.pt` and `history.json`.
        every: updates between checkpoints.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = render_data(folder / "data", training_seeds(recipe), recipe.per_arena)
    trainer = trainer_of(recipe, folder / "checkpoint.pt")
    return cast(Detector, learn(trainer, Batches(files, recipe), folder / "history.json", every))
