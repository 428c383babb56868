"""Three truth values, true, false and unknown, held as two boolean planes.

``must`` says that something certainly holds, ``may`` that it is not excluded; ``must`` implies ``may``.
Arrays of any shape work, usually (time,) or (entity, time). The connectives are those of Kleene's strong
logic of indeterminacy (S. C. Kleene, Introduction to Metamathematics, 1952, paragraph 64).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_

import numpy as np
from numpy.typing import NDArray

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Truth = bool | None  # one Kleene value; None is unknown

BLOCK = 1 << 15  # time stamps
WORDS: dict[Truth, str] = {True: "true", False: "false", None: "unknown"}


@dataclass(frozen=True, eq=False)
class Plane:
    """Kleene values of one proposition, elementwise in two boolean arrays of one shape.

    >>> a, b = known([True, False]), unknown(2)
    >>> [(a & b).value(i) for i in range(2)], [(a | b).value(i) for i in range(2)]
    ([None, False], [True, None])
    """

    must: Bools
    may: Bools

    def __post_init__(self) -> None:
        if self.must is self.may:
            return
        if self.must.shape != self.may.shape or bool((self.must > self.may).any()):
            raise ValueError("a plane's must has to imply its may, elementwise")

    @property
    def decided(self) -> bool:
        """Whether the plane is known to hold no unknowns: both of its planes are one array."""
        return self.must is self.may

    def __and__(self, other: Plane) -> Plane:
        must = self.must & other.must
        return _plane(must, must if self.decided and other.decided else self.may & other.may)

    def __or__(self, other: Plane) -> Plane:
        must = self.must | other.must
        return _plane(must, must if self.decided and other.decided else self.may | other.may)

    def __invert__(self) -> Plane:
        must = ~self.may
        return _plane(must, must if self.decided else ~self.must)

    def value(self, index: int) -> Truth:
        """Return the Kleene value of one element."""
        return True if self.must[index] else (None if self.may[index] else False)


def _plane(must: Bools, may: Bools) -> Plane:
    """Return a plane made of planes, whose must is sure to imply its may."""
    plane = object.__new__(Plane)
    vars(plane).update(must=must, may=may)
    return plane


def known(values: Sequence[bool] | Bools) -> Plane:
    """Return a plane without unknowns."""
    array = np.asarray(values, dtype=np.bool_)
    return Plane(array, array)


def unknown(count: int) -> Plane:
    """Return a plane of ``count`` unknowns."""
    return Plane(np.zeros(count, np.bool_), np.ones(count, np.bool_))


def constant(value: Truth, count: int) -> Plane:
    """Return a plane that holds one Kleene value everywhere."""
    return unknown(count) if value is None else known(np.full(count, value, np.bool_))


def from_margin(margin: Floats, sigma: Floats, slack: Floats | float = 0.0, k: float = 2.0) -> Plane:
    """Return the plane of ``margin > 0`` for a measured margin.

    Args:
        margin: signed margin, any unit; not a number where nothing was measured.
        sigma: its 1-sigma, same unit and shape; infinite where nothing is known.
        slack: half-width of a hard bound on top of sigma (an extent that the source does not resolve).
        k: how many sigma are needed to be certain.
    """
    margins, sigmas, slacks = np.broadcast_arrays(margin, sigma, slack)
    must, may = np.empty(margins.shape, np.bool_), np.empty(margins.shape, np.bool_)
    for window in blocks(margins.shape[-1]):
        block = (..., window)
        spread = k * sigmas[block]
        must[block] = margins[block] - slacks[block] > spread
        may[block] = ~(margins[block] + slacks[block] <= -spread) | must[block]
    return Plane(must, may)


def blocks(count: int) -> Iterator[slice]:
    """Yield the windows in which a long time is worked through: each fits the processor's cache."""
    for start in range(0, count, BLOCK):
        yield slice(start, min(start + BLOCK, count))


def all_(planes: Sequence[Plane], count: int) -> Plane:
    """Return the conjunction of planes of length ``count``; true where there are none."""
    return reduce(and_, planes) if planes else constant(True, count)


def any_(planes: Sequence[Plane], count: int) -> Plane:
    """Return the disjunction of planes of length ``count``; false where there are none."""
    return reduce(or_, planes) if planes else constant(False, count)


def tally(planes: Sequence[Plane], count: int) -> tuple[Ints, Ints]:
    """Return the least and the greatest number of planes that hold, each of shape (count,)."""
    small = np.min_scalar_type(len(planes))  # narrow numbers are counted faster
    least, most = np.zeros(count, small), np.zeros(count, small)
    for plane in planes:
        least += plane.must
        most += plane.may
    return least.astype(np.int64), most.astype(np.int64)


def at_least(planes: Sequence[Plane], number: int, count: int) -> Plane:
    """Return where at least ``number`` of the planes hold."""
    if number > len(planes):
        return constant(False, count)
    least, most = tally(planes, count)
    return Plane(least >= number, most >= number)
