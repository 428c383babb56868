"""A picture together with what the camera saw a moment before and after, laid over it.

A puck or ball of a few pixels looks like much else in one picture; what tells it apart is that it moves. The
neighbours are turned, by the registrations, to where they would lie had the camera not moved, so that nothing differs
but what moves on the field.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import cv2
import numpy as np

NEAR_S = 0.1  # how long before and after
CLOSE_ENOUGH = 0.5  # a neighbour is no further from that instant than this share of it
REACH_S = NEAR_S * (1 + CLOSE_ENOUGH)  # no neighbour is further away


class Pictured(Protocol):
    """A picture of a clip."""

    @property
    def t(self) -> float:
        """Seconds."""

    @property
    def image(self) -> np.ndarray:
        """Pixels, uint8 BGR (height, width, 3)."""


P = TypeVar("P", bound=Pictured)


@dataclass(frozen=True, eq=False)
class Neighbour:
    """A picture of a moment before or after.

    Attributes:
        grey: uint8 (height, width).
        to_field: undistorted pixel to field metres on z = 0, shape (3, 3).
        t: seconds.
        shot: which shot of the camera it belongs to.
    """

    grey: np.ndarray
    to_field: np.ndarray
    t: float = 0.0
    shot: int = 0


def neighbour(image: np.ndarray, to_field: np.ndarray, t: float = 0.0, shot: int = 0) -> Neighbour:
    """Return a picture, uint8 BGR (height, width, 3), as a neighbour of others."""
    return Neighbour(cv2.cvtColor(image, cv2.COLOR_BGR2GRAY), to_field, t, shot)


def planes(image: np.ndarray, here: Neighbour, earlier: Neighbour | None, later: Neighbour | None) -> np.ndarray:
    """Return a picture with its neighbours laid over it, uint8 (height, width, 5).

    Where a neighbour does not reach, or there is none, nothing seems to move.

    Args:
        image: uint8 BGR (height, width, 3).
        here: the same picture.
        earlier: a moment before, of the same size.
        later: a moment after.
    """
    return np.dstack([image, *(_laid_over(here, other) for other in (earlier, later))])


def overlaid(
    here: tuple[np.ndarray, np.ndarray], earlier: tuple[np.ndarray, np.ndarray] | None,
    later: tuple[np.ndarray, np.ndarray] | None,
) -> np.ndarray:  # fmt: skip
    """Return ``planes`` of pictures, each with its homography to the field, undistorted pixels to metres (3, 3)."""
    others = (one and neighbour(*one) for one in (earlier, later))
    return planes(here[0], neighbour(*here), *others)


def _laid_over(here: Neighbour, other: Neighbour | None) -> np.ndarray:
    """Return the grey levels of another picture where the camera of this one sees the same, (height, width)."""
    if other is None:
        return here.grey
    back = np.linalg.inv(other.to_field) @ here.to_field  # the lens bends both alike, as they lie close together
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    laid = here.grey.copy()
    return cv2.warpPerspective(other.grey, back, laid.shape[::-1], laid, flags, cv2.BORDER_TRANSPARENT)


@dataclass(frozen=True, eq=False)
class Seen(Generic[P]):
    """A picture with the nearest ones before and after, None where there are none of the same shot."""

    picture: P
    here: Neighbour | None = None
    earlier: Neighbour | None = None
    later: Neighbour | None = None


def with_neighbours(pictures: Iterator[P], known: Callable[[P], Neighbour | None]) -> Iterator[Seen[P]]:
    """Yield every picture with those about ``NEAR_S`` before and after it, in order of time.

    Args:
        pictures: of a clip.
        known: picture -> itself as a neighbour, None where it is not registered.
    """
    before: deque[Neighbour] = deque()
    waiting: deque[tuple[P, Neighbour | None]] = deque()
    for picture in pictures:
        waiting.append((picture, known(picture)))
        while waiting[-1][0].t - waiting[0][0].t > REACH_S:
            yield _seen(waiting, before)
    while waiting:
        yield _seen(waiting, before)


def _seen(waiting: deque[tuple[P, Neighbour | None]], before: deque[Neighbour]) -> Seen[P]:
    picture, here = waiting.popleft()
    if here is None:
        return Seen(picture)
    while before and picture.t - before[0].t > REACH_S:
        before.popleft()
    earlier = _nearest(list(before), here, picture.t - NEAR_S)
    later = _nearest([one for _, one in waiting if one is not None], here, picture.t + NEAR_S)
    before.append(here)
    return Seen(picture, here, earlier, later)


def _nearest(others: list[Neighbour], here: Neighbour, t: float) -> Neighbour | None:
    close = [one for one in others if one.shot == here.shot and abs(one.t - t) <= NEAR_S * CLOSE_ENOUGH]
    return min(close, key=lambda one: abs(one.t - t), default=None)
