"""Train the detector: render, learn, resume after a kill, export, check parity, measure."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np
import torch
from tqdm import tqdm

from records.errors import InputError
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

CROPS_PER_PICTURE = 3


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result of a training run.

    Attributes:
        arenas: number of training arenas.
        per_arena: pictures of each.
        steps: updates of the weights.
        batch: crops in an update.
        size: side of a crop, pixels, a multiple of 32.
        rate: greatest learning rate.
        warmup: updates until it is reached.
        decay: weight decay.
        average: decay of the moving average of the weights, which is what is exported.
        seed: of everything.
    """

    arenas: int = 110
    per_arena: int = 24
    steps: int = 4000
    batch: int = 16
    size: int = 320
    rate: float = 3e-3
    warmup: int = 150
    decay: float = 1e-3
    average: float = 0.998
    seed: int = 1


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


def learning_rate(recipe: Recipe, step: int) -> float:
    """Linear warm-up, then a half cosine down to 2 %."""
    if step < recipe.warmup:
        return recipe.rate * (step + 1) / recipe.warmup
    share = (step - recipe.warmup) / max(recipe.steps - recipe.warmup, 1)
    return recipe.rate * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))


class Trainer:
    """Weights, optimiser, moving average and step; saved to and loaded from a checkpoint."""

    def __init__(self, recipe: Recipe, checkpoint: Path) -> None:
        torch.manual_seed(recipe.seed)
        self.recipe, self.checkpoint, self.step = recipe, checkpoint, 0
        self.model = Detector()
        self.averaged = Detector()
        self.averaged.load_state_dict(self.model.state_dict())
        self.optimiser = torch.optim.AdamW(self.model.parameters(), lr=recipe.rate, weight_decay=recipe.decay)
        self.history: list[dict[str, float]] = []
        if checkpoint.exists():
            self._load()

    def _load(self) -> None:
        state = torch.load(self.checkpoint, weights_only=True)
        if state["recipe"] != asdict(self.recipe):
            where = str(self.checkpoint)
            raise InputError("the checkpoint belongs to another recipe", where, "train into another folder")
        self.model.load_state_dict(state["model"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.history = state["step"], state["history"]

    def save(self) -> None:
        """Write the checkpoint whole or not at all."""
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(
            {
                "recipe": asdict(self.recipe), "model": self.model.state_dict(), "step": self.step,
                "averaged": self.averaged.state_dict(), "optimiser": self.optimiser.state_dict(),
                "history": self.history,
            },
            partial,
        )  # fmt: skip
        partial.replace(self.checkpoint)

    def update(self, images: torch.Tensor, samples: list[Sample]) -> dict[str, float]:
        """One update of the weights; returns the losses."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(self.recipe, self.step)
        self.model.train()
        parts = loss(self.model(images), assign(samples, self.recipe.size))
        self.optimiser.zero_grad()
        parts["total"].backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 10.0)
        self.optimiser.step()
        self.step += 1
        self._average()
        return {name: float(value.detach()) for name, value in parts.items()}

    def _average(self) -> None:
        keep = min(self.recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for slow, fast in zip(self.averaged.state_dict().values(), self.model.state_dict().values(), strict=True):
                if slow.dtype.is_floating_point:
                    slow.lerp_(fast, 1 - keep)
                else:
                    slow.copy_(fast)


def train(recipe: Recipe, folder: Path, every: int = 200) -> Detector:
    """Train in a folder, going on from where a killed run stopped; returns the averaged weights.

    Args:
        recipe: what to do.
        folder: holds `data/`, `checkpoint.pt` and `history.json`.
        every: updates between checkpoints.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = render_data(folder / "data", training_seeds(recipe), recipe.per_arena)
    batches = Batches(files, recipe)
    trainer = Trainer(recipe, folder / "checkpoint.pt")
    bar = tqdm(total=recipe.steps, initial=trainer.step, desc="train", disable=not os.isatty(2))
    cv2.setNumThreads(1)
    with ThreadPoolExecutor(1) as pool:
        coming = pool.submit(batches, trainer.step)
        while trainer.step < recipe.steps:
            images, samples = coming.result()
            coming = pool.submit(batches, trainer.step + 1)
            parts = trainer.update(images, samples)
            bar.update()
            bar.set_postfix(loss=f"{parts['total']:.3f}")
            if trainer.step % 20 == 0:
                trainer.history.append({"step": float(trainer.step), **parts})
            if trainer.step % every == 0 or trainer.step == recipe.steps:
                trainer.save()
                (folder / "history.json").write_text(json.dumps(trainer.history))
    bar.close()
    return trainer.averaged.eval()
