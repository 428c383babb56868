"""Pieces of a picture made into the input of a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields

import cv2
import numpy as np

from records.errors import InputError


@dataclass(frozen=True)
class Input:
    """How a model wants its pictures.

    Attributes:
        height, width: in pixels.
        colour: ``bgr`` or ``rgb``.
        fit: ``corner`` (scaled alike both ways, at the upper left, the rest filled), ``centre`` (the same in the
            middle) or ``stretch``.
        fill: grey level of the rest.
        planes: 3, or 5 where the neighbours in time are two more; see `perception.detectors.neighbours`.
        scale, mean, std: the model gets ``(level * scale - mean) / std``, levels from 0 to 255; mean and std per
            channel in the order of ``colour``; further planes as they are.
    """

    height: int
    width: int
    colour: str = "bgr"
    fit: str = "corner"
    fill: int = 114
    planes: int = 3
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    std: tuple[float, ...] = (1.0, 1.0, 1.0)

    @classmethod
    def read(cls, config: Mapping[str, object]) -> Input:
        """Make one from the configuration ``detector.input``.

        Raises:
            InputError: a key that is missing or unknown, or a value that makes no sense.
        """
        unknown = sorted(set(config) - {f.name for f in fields(cls)})
        if unknown or not {"height", "width"} <= set(config):
            what = f"unknown key {unknown[0]}" if unknown else "height and width are missing"
            raise InputError(what, "detector.input", f"it has {', '.join(f.name for f in fields(cls))}")
        given = {k: tuple(map(float, v)) if k in ("mean", "std") else v for k, v in config.items()}
        made = cls(**given)
        good = made.colour in ("bgr", "rgb") and made.fit in ("corner", "centre", "stretch") and made.planes in (3, 5)
        if not good or len(made.mean) != 3 or len(made.std) != 3 or min(made.std) <= 0:
            raise InputError(
                f"colour {made.colour}, fit {made.fit}, planes {made.planes}, mean {made.mean}, std {made.std}",
                "detector.input",
                "colour is bgr or rgb, fit corner, centre or stretch, planes 3 or 5, mean and std have three numbers",
            )
        return made


@dataclass(frozen=True)
class Placed:
    """Where a piece lies in the model's input: input = piece * scale + offset, per axis, in pixels."""

    scale: tuple[float, float]
    offset: tuple[int, int]

    def back(self, xyxy: np.ndarray) -> np.ndarray:
        """Turn (N, 4) boxes of the input into boxes of the piece."""
        return (xyxy - np.array(self.offset * 2, np.float32)) / np.array(self.scale * 2, np.float32)


def place(form: Input, height: int, width: int) -> tuple[Placed, tuple[int, int]]:
    """Say where a piece of this size goes, and to what (width, height) it is resized."""
    if form.fit == "stretch":
        size = (form.width, form.height)
    else:
        ratio = min(form.width / width, form.height / height)
        size = (max(int(width * ratio), 1), max(int(height * ratio), 1))
    rest = (form.width - size[0], form.height - size[1])
    offset = (rest[0] // 2, rest[1] // 2) if form.fit == "centre" else (0, 0)
    return Placed((size[0] / width, size[1] / height), offset), size


def batch(form: Input, pieces: Sequence[np.ndarray], dtype: np.dtype) -> tuple[np.ndarray, list[Placed]]:
    """Make the input of a model.

    Args:
        form: how the model wants it.
        pieces: N uint8 pictures (height, width, planes), BGR first.
        dtype: the type of the model's input.

    Returns:
        An array of shape (N, planes, height, width) and where each piece lies in it.
    """
    data = np.empty((len(pieces), form.planes, form.height, form.width), dtype)
    canvas = np.empty((form.height, form.width, form.planes), np.uint8)
    order = [*((0, 1, 2) if form.colour == "bgr" else (2, 1, 0)), *range(3, form.planes)]
    placed = []
    for number, piece in enumerate(pieces):
        where, size = place(form, *piece.shape[:2])
        canvas[:] = form.fill
        left, top = where.offset
        for first in range(0, form.planes, 3):  # OpenCV takes no more than four at a time
            part = piece[:, :, first : first + 3]
            canvas[top : top + size[1], left : left + size[0], first : first + 3] = cv2.resize(part, size).reshape(
                size[1], size[0], -1
            )
        planes = cv2.split(canvas)
        for channel, source in enumerate(order):
            data[number, channel] = planes[source]
        placed.append(where)
    return _levels(form, data), placed


def _levels(form: Input, data: np.ndarray) -> np.ndarray:
    """Scale grey levels in place, leaving them alone where that changes nothing."""
    for channel, (mean, std) in enumerate(zip(form.mean, form.std, strict=True)):
        factor, shift = form.scale / std, mean / std
        if factor != 1:
            data[:, channel] *= factor
        if shift:
            data[:, channel] -= shift
    return data
