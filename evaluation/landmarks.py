"""How good a landmark model is on rendered pictures of its own sport, and how silent on those of others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from perception.registration.landmarks import LandmarkModel, Landmarks, agreed_homography
from perception.runtime import open_session
from simulation.clips import CAMERAS_OF
from simulation.training.views import FieldPicture, decoded, read_pictures, split_seeds, write_pictures

NEAR_PX = 8.0  # of 1280: a landmark that lies so near its place is right
PER_PLAY = 4  # pictures of a test play
SCORES = tuple(round(0.3 + 0.05 * step, 2) for step in range(9))  # of which the least is chosen
SILENT = 0.05  # landmarks in a picture of another sport that are few enough


class Finder(Protocol):
    """What points at landmarks.

    Attributes:
        domain: the sport.
        names: of the landmarks that it knows, in order of ``landmarks_of`` its sport.
    """

    domain: str
    names: tuple[str, ...]

    def find(self, image: np.ndarray, floor: float | None = None) -> Landmarks:
        """Return the landmarks in a picture, of so high a score; None: as the model has it."""
        ...


def measure_model(path: Path, folder: Path, plays: int, threads: int) -> dict[str, float]:
    """Return the figures of ``measure`` for a model, on rendered plays that training has not seen.

    Args:
        path: the ONNX file.
        folder: where rendered pictures are kept.
        plays: how many of every sport.
        threads: of ONNX Runtime.
    """
    return measure(LandmarkModel(open_session(path, "cpu", threads)), _pictures("test", folder, plays))


def choose_score(path: Path, folder: Path, plays: int, threads: int) -> float:
    """Return from which score on a model's landmarks are to be believed: see ``silent_score``.

    Args:
        path: the ONNX file.
        folder: where rendered pictures are kept.
        plays: of every sport, neither trained nor measured on.
        threads: of ONNX Runtime.
    """
    return silent_score(LandmarkModel(open_session(path, "cpu", threads)), _pictures("choose", folder, plays))


def silent_score(model: Finder, pictures: Mapping[str, Sequence[FieldPicture]]) -> float:
    """Return the least of ``SCORES`` from which on a model finds nothing in other sports, or the highest of them."""
    for score in SCORES:
        strange = {
            other: np.mean([len(model.find(one.image, score).names) for one in shown])
            for other, shown in sorted(pictures.items())
            if other != model.domain and shown
        }
        if max(strange.values(), default=0.0) <= SILENT:
            return score
    return SCORES[-1]


def _pictures(which: str, folder: Path, plays: int) -> dict[str, list[FieldPicture]]:
    return {
        name: [
            decoded(entry)
            for seed in split_seeds(which, plays)
            for entry in read_pictures(write_pictures(folder, name, seed, PER_PLAY))
        ]
        for name in sorted(CAMERAS_OF)
    }


def measure(model: Finder, tests: Mapping[str, Sequence[FieldPicture]]) -> dict[str, float]:
    """Return how good a model is on pictures of its own sport, and how silent on others'.

    Args:
        model: of a sport.
        tests: pictures by sport.

    Returns:
        Share of the visible landmarks found within ``NEAR_PX``, share of those found that are further off,
        share of the pictures with a homography, its median error on the visible part of the field, metres, and per
        other sport landmarks found in a picture.
    """
    right = wrong = visible = 0
    errors: list[float] = []
    own = tests[model.domain]
    for picture in own:
        found = model.find(picture.image)
        truth = dict(zip(model.names, picture.pixels, strict=True))
        inside = {name for name, at in truth.items() if _within(at, picture.image)}
        off = [np.hypot(*(at - truth[name])) for name, at in zip(found.names, found.pixels, strict=True)]
        near = np.array(off) * 1280 / picture.image.shape[1] < NEAR_PX
        right, wrong, visible = right + int(near.sum()), wrong + int((~near).sum()), visible + len(inside)
        error = field_error(model, picture)
        if error is not None:
            errors.append(error)
    figures = {
        "landmarks_found": right / max(visible, 1),
        "landmarks_wrong": wrong / max(right + wrong, 1),
        "registered": len(errors) / max(len(own), 1),
        "registration_m": float(np.median(errors)) if errors else float("nan"),
        "registration_p90_m": float(np.percentile(errors, 90)) if errors else float("nan"),
    }
    for other, pictures in sorted(tests.items()):
        if other != model.domain and pictures:
            silent = [len(model.find(picture.image).names) for picture in pictures]
            figures[f"false_in_{other}"] = float(np.mean(silent))
    return figures


def field_error(model: Finder, picture: FieldPicture) -> float | None:
    """Return by how much a homography puts the visible landmarks wrong, the median in metres; None without one.

    The size of the field is known; which part of it the picture shows is not.
    """
    height, width = picture.image.shape[:2]
    found, which = model.find(picture.image), {name: i for i, name in enumerate(model.names)}
    places = picture.places[[which[name] for name in found.names]].reshape(-1, 2)
    known = np.isfinite(places).all(axis=1)
    names = tuple(name for name, kept in zip(found.names, known, strict=True) if kept)
    here = Landmarks(names, found.pixels[known], places[known], found.scores[known])
    inside = np.array([_within(at, picture.image) for at in picture.pixels])
    return misplaced(here, (width, height), picture.pixels[inside], picture.places[inside])


def misplaced(found: Landmarks, size: tuple[int, int], pixels: np.ndarray, places: np.ndarray) -> float | None:
    """Return by how much the homography of landmarks puts known points wrong, the median in metres; None without one.

    Args:
        found: in one picture.
        size: width and height of the picture, pixels.
        pixels: of the known points, shape (N, 2).
        places: where those are on the field, metres, shape (N, 2).
    """
    result = agreed_homography(found, size)
    if result is None or not len(pixels):
        return None
    back = cv2.perspectiveTransform(pixels[None].astype(np.float64), result[0])[0]
    return float(np.median(np.hypot(*(back - places).T)))


def _within(at: np.ndarray, image: np.ndarray) -> bool:
    height, width = image.shape[:2]
    return bool(np.isfinite(at).all() and 0 <= at[0] <= width - 1 and 0 <= at[1] <= height - 1)
