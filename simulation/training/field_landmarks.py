"""Train and export the model that points at the landmarks of one sport's field."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from tqdm import tqdm

from simulation.clips import CAMERAS_OF
from simulation.training.curves import draw_curves
from simulation.training.export import export_to
from simulation.training.network import ConvBlock, Pyramid, Residual, expect_few
from simulation.training.targets import focal_loss
from simulation.training.trainer import Trainer, Updates, begun, learn
from simulation.training.views import (
    SIZE,
    bent,
    decoded,
    landmarks_of,
    read_pictures,
    split_seeds,
    write_pictures,
)

STRIDE = 4
SPREAD_CELLS = 1.2  # 1-sigma of a landmark's bump
WIDTHS = (16, 24, 48, 80, 112)
Entry = tuple[np.ndarray, np.ndarray]  # a picture as JPEG, and the pixels of its landmarks
LAST = "head.1."  # names of what tells the landmarks of one sport apart


@dataclass(frozen=True)
class LandmarkRecipe(Updates):
    """Everything that decides a landmark model.

    Attributes:
        domain: the sport.
        after: the sport whose trained network this one begins as, all but its last layer; None: from nothing.
        plays: rendered plays of it.
        per_play: pictures of each.
        foreign: plays of each other sport, in which there is nothing to be found.
        foreign_share: of a batch that they make up.
        batch: pictures in an update.
    """

    domain: str = "hockey"
    after: str | None = None
    plays: int = 120
    per_play: int = 20
    foreign: int = 40
    foreign_share: float = 0.25
    batch: int = 8


class LandmarkNetwork(Pyramid):
    """Pictures (N, 3, 288, 512), BGR 0 to 255, to logits of each landmark (N, K, 72, 128).

    Args:
        count: number of landmarks.
        widths: channels at strides 2, 4, 8, 16 and 32.
    """

    def __init__(self, count: int, widths: tuple[int, int, int, int, int] = WIDTHS) -> None:
        super().__init__(widths)
        b, e = widths[1], widths[4]
        self.down32.extend([Residual(e), Residual(e)])  # which end of a field it is shows far away
        self.head = nn.Sequential(ConvBlock(b, 2 * b), nn.Conv2d(2 * b, count, 1))
        expect_few(self.head, count)

    def forward(self, x: Tensor) -> Tensor:
        """Logits at stride 4."""
        logits: Tensor = self.head(self.features(x)[0])
        return logits


class Scores(nn.Module):
    """The network with scores from 0 to 1, as it is exported."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """Pictures to scores of each landmark."""
        return torch.sigmoid(self.network(images))


class FieldBatches:
    """Batches by step number: mostly the sport's own pictures, some of the others' with nothing to be found.

    Args:
        own: entries of the sport.
        foreign: entries of the other sports.
        recipe: what to do.
    """

    def __init__(
        self,
        own: Sequence[Entry],
        foreign: Sequence[Entry],
        recipe: LandmarkRecipe,
    ) -> None:
        self.own, self.foreign, self.recipe = own, foreign, recipe
        self.count = len(landmarks_of(recipe.domain))

    def __call__(self, step: int) -> tuple[Tensor, Tensor]:
        """Pictures (batch, 3, 288, 512) and bumps (batch, K, 72, 128)."""
        rng = np.random.default_rng([self.recipe.seed, step])
        images, heats = [], []
        for _ in range(self.recipe.batch):
            strange = bool(self.foreign) and rng.random() < self.recipe.foreign_share
            entries = self.foreign if strange else self.own
            picture = bent(decoded(entries[int(rng.integers(len(entries)))]), rng)
            images.append(picture.image.transpose(2, 0, 1).astype(np.float32))
            heats.append(bumps(np.full((self.count, 2), np.nan) if strange else picture.pixels))
        return torch.from_numpy(np.stack(images)), torch.from_numpy(np.stack(heats))


def bumps(pixels: np.ndarray) -> np.ndarray:
    """Return what the network should say: 1 in a landmark's cell, falling off around it.

    Args:
        pixels: of each landmark, shape (K, 2), NaN or outside the picture where it is not to be seen.

    Returns:
        float32 (K, 72, 128).
    """
    columns, rows = SIZE[0] // STRIDE, SIZE[1] // STRIDE
    heat = np.zeros((len(pixels), rows, columns), np.float32)
    cells = (pixels + 0.5) / STRIDE - 0.5
    inside = np.isfinite(cells).all(axis=1)
    inside[inside] &= ((cells[inside] > -0.5) & (cells[inside] < np.array([columns, rows]) - 0.5)).all(axis=1)
    across, down = np.arange(columns), np.arange(rows)
    for i in np.flatnonzero(inside):
        x, y = cells[i]
        heat[i] = np.outer(
            np.exp(-((down - y) ** 2) / (2 * SPREAD_CELLS**2)), np.exp(-((across - x) ** 2) / (2 * SPREAD_CELLS**2))
        )
        heat[i, round(float(y)), round(float(x))] = 1.0
    return heat


def losses(logits: Tensor, heat: Tensor) -> dict[str, Tensor]:
    """Penalty-reduced focal loss per landmark to be seen (Zhou et al., Objects as Points, 2019)."""
    seen = (heat == 1).sum().clamp(min=1)
    return {"total": focal_loss(logits, heat, torch.ones_like(heat[:, :1])) / seen}


def trainer_of(recipe: LandmarkRecipe, checkpoint: Path, start: Path | None = None) -> Trainer:
    """Return the trainer of a landmark model, with the weights of a checkpoint where there is one.

    Args:
        recipe: what to do.
        checkpoint: of this training.
        start: checkpoint of another sport's, from which a new training begins.
    """
    count = len(landmarks_of(recipe.domain))
    return Trainer(recipe, checkpoint, lambda: begun(LandmarkNetwork(count), start, LAST), losses)


def rendered(folder: Path, domain: str, seeds: Sequence[int], recipe: LandmarkRecipe, processes: int) -> list[Entry]:
    """Render plays of some seeds, those that are missing, in several processes; return all their entries."""
    one = partial(write_pictures, folder, domain, count=recipe.per_play)
    with ProcessPoolExecutor(processes, get_context("spawn")) as pool:
        files = list(tqdm(pool.map(one, seeds), total=len(seeds), desc=domain, disable=not os.isatty(2)))
    return [entry for path in files for entry in read_pictures(path)]


def train_landmarks(recipe: LandmarkRecipe, folder: Path, out: Path, threads: int) -> dict[str, float]:
    """Train in a folder, going on where a killed run stopped, and export.

    Args:
        recipe: what to do.
        folder: of all sports' trainings: ``data/`` holds their pictures, ``<sport>/`` checkpoint and curves.
        out: the ONNX file.
        threads: of torch.

    Returns:
        How far ONNX Runtime is from torch, and megabytes of the file.
    """
    torch.set_num_threads(threads)
    mine = folder / recipe.domain
    mine.mkdir(parents=True, exist_ok=True)
    own = rendered(folder / "data", recipe.domain, split_seeds("train", recipe.plays), recipe, threads)
    others = [domain for domain in sorted(CAMERAS_OF) if domain != recipe.domain]
    seeds = split_seeds("train", recipe.foreign)
    foreign = [entry for domain in others for entry in rendered(folder / "data", domain, seeds, recipe, threads)]
    start = folder / recipe.after / "checkpoint.pt" if recipe.after else None
    trainer = trainer_of(recipe, mine / "checkpoint.pt", start)
    network = learn(trainer, FieldBatches(own, foreign, recipe), mine / "history.json")
    notes = {
        "recipe": json.dumps(asdict(recipe), sort_keys=True),
        "licence": "Apache-2.0",
        "data": "own renders",
        "domain": recipe.domain,
        "landmarks": json.dumps(landmarks_of(recipe.domain)),
    }
    gap = export_to(Scores(network).eval(), out, notes, [(2, 3, SIZE[1], SIZE[0])], halve=True)
    draw_curves(json.loads((mine / "history.json").read_text()), mine / "curves.png")
    return {"parity": gap, "megabytes": out.stat().st_size / 1e6}
