"""A network that points at the named landmarks of one sport's field, and the homography that they agree on.

The model says for every cell of a coarse grid how much it is each landmark: a bump around it. Its score is the height
of the highest cell, its place between the cells the middle of the bump around that, by squared scores, which leave
out what is far away. What is not a field of its sport has no landmarks.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from perception.runtime import Session
from records.errors import InputError

LEAST_SCORE = 0.3  # where the model names no other
LEAST_SEEN = 3  # a field that is in the picture shows several; one or two alone are something else
LEAST_POINTS = 5  # one more than a homography needs, so that it can be wrong
LEAST_AGREE = 2 / 3  # of the landmarks found; where fewer agree, the lines may fit at another yard as well
LEAST_SPREAD = 0.02  # of the picture's area that the landmarks take in
REACH_PX = 12.0  # at 1280 pixels: how far a landmark may lie from where the others put it
AROUND = 3  # cells to either side of the highest that its place is worked out from, as many to either side
PLACES, DOMAIN, LEAST = "landmarks", "domain", "least_score"  # keys of the model's metadata


@dataclass(frozen=True)
class Landmarks:
    """What the model points at in one picture.

    Attributes:
        names: of the landmarks found.
        pixels: where, shape (N, 2).
        field: where they are on the field, metres, shape (N, 2).
        scores: 0 to 1, shape (N,).
    """

    names: tuple[str, ...]
    pixels: np.ndarray
    field: np.ndarray
    scores: np.ndarray


class LandmarkModel:
    """A landmark model of one sport.

    Args:
        session: the model; its notes say of which sport it is, which landmark each of its maps is of, and where that is
            on the field, and may say from which score on a landmark is one.
        field: where the landmarks are on the field at hand, metres, where that is not of the usual size; of those that
            it has not none is found.

    Raises:
        InputError: the model's layout is another one, or it says nothing of landmarks.
    """

    def __init__(self, session: Session, field: Mapping[str, Sequence[float]] | None = None) -> None:
        if not {PLACES, DOMAIN} <= set(session.notes):
            raise InputError("the model does not say which landmarks it finds", str(session.path), "take another model")
        self.domain = session.notes[DOMAIN]
        places: dict[str, Sequence[float]] = json.loads(session.notes[PLACES])
        session.require([(None, 3, None, None)], [(None, len(places), None, None)])
        if field is not None:
            places = {name: field.get(name, (np.nan, np.nan))[:2] for name in places}
        self._session = session
        self.least = float(session.notes.get(LEAST, LEAST_SCORE))
        self.names = tuple(places)
        self.places = np.array(list(places.values()), float).reshape(-1, 2)

    def find(self, image: np.ndarray, floor: float | None = None) -> Landmarks:
        """Return the landmarks in a picture; none where fewer than ``LEAST_SEEN`` are to be seen.

        Args:
            image: uint8 BGR, shape (height, width, 3).
            floor: least score; None: the model's own.
        """
        height, width = self._session.inputs[0].shape[2:]
        small = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
        maps = self._session.run(small.transpose(2, 0, 1)[None].astype(np.float32))[0][0]
        cells, scores = peaks(maps)
        kept = (scores >= (self.least if floor is None else floor)) & np.isfinite(self.places).all(axis=1)
        kept &= kept.sum() >= LEAST_SEEN
        pixels = (cells[kept] + 0.5) * np.array(image.shape[1::-1]) / np.array(maps.shape[:0:-1]) - 0.5
        names = tuple(name for name, keep in zip(self.names, kept, strict=True) if keep)
        return Landmarks(names, pixels, self.places[kept], scores[kept])


def peaks(maps: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where each map is highest, as column and row in cells, and how high.

    Args:
        maps: scores, shape (K, rows, columns).

    Returns:
        (K, 2) and (K,).
    """
    count, rows, columns = maps.shape
    row, column = np.divmod(maps.reshape(count, -1).argmax(axis=1), columns)
    scores = maps[np.arange(count), row, column]
    near = np.arange(-AROUND, AROUND + 1)
    padded = np.pad(maps, ((0, 0), (AROUND, AROUND), (AROUND, AROUND)))
    down, across = row[:, None, None] + AROUND + near[:, None], column[:, None, None] + AROUND + near
    weight = padded[np.arange(count)[:, None, None], down, across] ** 2
    weight *= (np.abs(near[:, None]) <= np.minimum(row, rows - 1 - row)[:, None, None]) & (
        np.abs(near) <= np.minimum(column, columns - 1 - column)[:, None, None]
    )
    whole = np.maximum(weight.sum(axis=(1, 2)), 1e-12)
    shift = [(weight * step).sum(axis=(1, 2)) / whole for step in (near, near[:, None])]
    return np.column_stack([column + shift[0], row + shift[1]]), scores


def agreed_homography(found: Landmarks, size: tuple[int, int]) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the homography that most landmarks agree on, pixels to field metres, and which of them do.

    Args:
        found: in one picture.
        size: width and height of the picture, pixels.

    Returns:
        Shape (3, 3) and (N,); None where too few landmarks agree, too many do not, or they lie too close together.
    """
    if len(found.names) < LEAST_POINTS:
        return None
    matrix, agree = cv2.findHomography(
        found.field, found.pixels, cv2.RANSAC, REACH_PX * size[0] / 1280, maxIters=5000, confidence=0.9999
    )
    if matrix is None:
        return None
    kept = agree.ravel().astype(bool)
    few = kept.sum() < max(LEAST_POINTS, LEAST_AGREE * len(kept))
    spread = 0.0 if few else float(np.prod(np.ptp(found.pixels[kept], axis=0)))
    if spread < LEAST_SPREAD * size[0] * size[1]:
        return None
    refined, _ = cv2.findHomography(found.field[kept], found.pixels[kept], 0)
    return np.linalg.inv(refined), kept
