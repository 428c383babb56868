"""What trainings through other people's frameworks have in common: pictures, a stamp, and what may be called equal.

Their losses cannot leave an object uncounted: somebody who waits beside the field, or is mostly hidden, would be
learned either as a player or as nothing. Such people are painted out instead.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import onnx

from records.errors import InputError
from simulation.training.dataset import TEST_SEEDS, VALID_SEEDS, Sample, classes_of, decode, read_arena
from simulation.training.train import Recipe, render_data

GREY = 114  # of the margin around pictures, for every framework
INPUT = (736, 1280)  # height and width of the exported model's pictures: 1280x720 at full size
PARITY = 1e-3  # pixels, and scores
TEST_PICTURES = 8  # of an arena that training does not see


def painted(sample: Sample) -> Sample:
    """Paint out what is to be ignored, but for the boxes of what counts; only what counts is left."""
    hide = np.zeros(sample.image.shape[:2], bool)
    for chosen, value in ((sample.ignore, True), (~sample.ignore, False)):
        low, high = np.floor(sample.boxes[chosen, :2]).astype(int), np.ceil(sample.boxes[chosen, 2:]).astype(int)
        for (x1, y1), (x2, y2) in zip(low, high, strict=True):
            hide[y1:y2, x1:x2] = value
    image = sample.image.copy()
    image[hide] = GREY
    counts = ~sample.ignore
    return Sample(image, sample.boxes[counts], sample.labels[counts], sample.ignore[counts])


def unseen(folder: Path, domain: str, arenas: int, processes: int, which: str = "test") -> list[Path]:
    """Render arenas that training does not see: to ``test`` on, or to ``choose`` scores on."""
    seeds = list({"test": TEST_SEEDS, "choose": VALID_SEEDS}[which][:arenas])
    return render_data(folder / "test", seeds, TEST_PICTURES, domain, processes)


def a_picture(files: Sequence[Path]) -> np.ndarray:
    """Return the first picture of rendered files as a model's input (1, 3, height, width): RGB from 0 to 1."""
    image = decode(*read_arena(files[0])[0]).image
    room = [side - have for side, have in zip(INPUT, image.shape[:2], strict=True)]
    whole = cv2.copyMakeBorder(image, 0, room[0], 0, room[1], cv2.BORDER_CONSTANT, value=(GREY,) * 3)
    return np.ascontiguousarray(whole[:, :, ::-1].transpose(2, 0, 1)[None]).astype(np.float32) / 255


def stamp(path: Path, recipe: Recipe, licence: str) -> None:
    """Write into a model's file what it is, in place of what a framework wrote, which is never twice the same."""
    model = onnx.load(str(path))
    notes = {
        "recipe": json.dumps(asdict(recipe), sort_keys=True), "labels": json.dumps(classes_of(recipe.domain)),
        "data": "own renders", "licence": licence,
    }  # fmt: skip
    onnx.helper.set_model_props(model, dict(sorted(notes.items())))
    onnx.save(model, str(path))


def refuse_gap(gap: float, path: Path) -> float:
    """Return how far ONNX Runtime is from the framework.

    Raises:
        InputError: further than 1e-3.
    """
    if not gap <= PARITY:
        raise InputError(f"ONNX Runtime differs from the framework by {gap:.2g}", str(path))
    return gap


def keep_recipe(path: Path, recipe: Recipe, more: Mapping[str, Any]) -> None:
    """Note the recipe of a folder.

    Raises:
        InputError: the folder has another one.
    """
    told = json.dumps(asdict(recipe) | dict(more), sort_keys=True)
    if path.exists() and path.read_text() != told:
        raise InputError("the checkpoint belongs to another recipe", str(path.parent), "train into another folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(told)
