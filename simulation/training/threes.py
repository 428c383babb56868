"""Pictures with what the camera saw a moment before and after, as the puck and ball networks are trained on them.

Neighbours are laid over a picture as the analysis does it; that function is passed in, since this room does not know
the other.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from simulation.staging import Shot
from simulation.training.dataset import SMALL, Sample, compressed, recipe_digest, truth_arrays
from simulation.training.plays import drawn_clip

STARTS = {"train": 600_000, "test": 800_000}  # seeds of plays; no two share one
PNG = (cv2.IMWRITE_PNG_COMPRESSION, 1)  # pictures were compressed as a camera's are; nothing is lost once more
Picture = tuple[np.ndarray, np.ndarray]  # uint8 BGR (height, width, 3), and its homography to the field (3, 3)
Entry = tuple[np.ndarray, ...]  # a picture, its neighbours before and after, encoded, and truth rows
Layer = Callable[[Picture, Picture | None, Picture | None], np.ndarray]
"""A picture, the one before and the one after -> uint8 (height, width, 5)."""


@dataclass(frozen=True)
class Threes:
    """Which pictures of a play.

    Attributes:
        domain: the sport.
        count: how many, and as many before and after.
        near_s: how long before and after, seconds.
        layer: lays neighbours over a picture.
    """

    domain: str
    count: int
    near_s: float
    layer: Layer

    def digest(self) -> str:
        """Return a short hash of everything that decides what they look like."""
        laid = inspect.getsource(inspect.getmodule(self.layer) or self.layer)
        return recipe_digest(f"{self.count} {self.near_s} {laid}", Path(__file__).name)


def seeds_of(which: str, plays: int) -> Sequence[int]:
    """Return seeds of plays that ``train`` or ``test`` uses."""
    return range(STARTS[which], STARTS[which] + plays)


def draw_threes(what: Threes, seed: int) -> Iterator[Sample]:
    """Render pictures of a play with their neighbours; truth is the puck or ball only.

    Args:
        what: which pictures.
        seed: of the play, its look, camera and weather.
    """
    rng = np.random.default_rng([seed, 151])
    clip = drawn_clip(what.domain, seed, rng)
    step = max(round(what.near_s / float(np.median(np.diff(clip.times)))), 1)
    middles = np.unique(np.linspace(step, len(clip.times) - 1 - step, what.count).round().astype(int))
    wanted = sorted({int(middle) + shift for middle in middles for shift in (-step, 0, step)})
    quality = int(rng.integers(55, 97))
    kept: dict[int, Shot] = {}
    for shot in clip.shots(wanted):
        kept[shot.frame] = replace(shot, image=compressed(shot.image, quality))
        middle = shot.frame - step
        if middle in middles:
            yield _three(kept[middle], kept[middle - step], kept[shot.frame], what.layer)
        kept = {frame: one for frame, one in kept.items() if frame > middle - step}


def _three(shot: Shot, earlier: Shot, later: Shot, layer: Layer) -> Sample:
    boxes, labels, ignore = truth_arrays(shot.shown, (shot.view.width, shot.view.height))
    small = labels == SMALL
    here, before, after = ((one.image, one.view.homography()) for one in (shot, earlier, later))
    return Sample(layer(here, before, after), boxes[small], labels[small], ignore[small])


def write_threes(folder: Path, what: Threes, seed: int) -> Path:
    """Render one play's pictures into one file, unless it is there already; returns the file."""
    path = folder / what.digest() / f"{what.domain}-{seed}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, np.ndarray] = {}
    for i, sample in enumerate(draw_threes(what, seed)):
        parts = sample.image[..., :3], sample.image[..., 3], sample.image[..., 4]
        for name, part in zip(("image", "earlier", "later"), parts, strict=True):
            content[f"{name}{i:03d}"] = cv2.imencode(".png", np.ascontiguousarray(part), PNG)[1].ravel()
        content[f"truth{i:03d}"] = np.column_stack([sample.boxes, sample.ignore]).astype(np.float32)
    partial_file = path.with_suffix(".partial")
    with partial_file.open("wb") as stream:
        np.savez(stream, **content)
    partial_file.replace(path)
    return path


def read_threes(path: Path) -> list[Entry]:
    """Encoded picture, neighbours before and after, and truth rows (x1, y1, x2, y2, ignore) of each entry of a file."""
    with np.load(path) as content:
        count = sum(name.startswith("image") for name in content.files)
        names = ("image", "earlier", "later", "truth")
        return [tuple(content[f"{name}{i:03d}"] for name in names) for i in range(count)]


def decoded(entry: Entry) -> Sample:
    """Sample of one entry of `read_threes`."""
    image, earlier, later, truth = entry
    greys = [cv2.imdecode(part, cv2.IMREAD_GRAYSCALE) for part in (earlier, later)]
    five = np.dstack([cv2.imdecode(image, cv2.IMREAD_COLOR), *greys])
    return Sample(five, truth[:, :4].copy(), np.full(len(truth), SMALL), truth[:, 4] > 0.5)
