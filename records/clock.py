"""Time in seconds: spans, windows on irregular stamps, instants that are not known exactly."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from records.errors import InputError


@dataclass(frozen=True, order=True)
class Span:
    """Seconds from ``start`` to ``stop``; either may be infinite."""

    start: float
    stop: float

    def __post_init__(self) -> None:
        if math.isnan(self.start) or math.isnan(self.stop) or self.start > self.stop:
            raise InputError(f"a span must end after it starts, not [{self.start:g}, {self.stop:g}]")

    def holds(self, t: float) -> bool:
        """Whether the instant lies in the span, ends included."""
        return self.start <= t <= self.stop

    def covers(self, start: float, stop: float) -> bool:
        """Whether all of ``start`` to ``stop`` lies in the span."""
        return self.start <= start and stop <= self.stop

    @property
    def length(self) -> float:
        """Seconds."""
        return self.stop - self.start


@dataclass(frozen=True)
class Instant:
    """A point in time with its 1-sigma, seconds."""

    t: float
    sigma: float = 0.0

    def bounds(self, k: float) -> Span:
        """Return the span in which it lies, at ``k`` sigma."""
        return Span(self.t - k * self.sigma, self.t + k * self.sigma)


EVERYWHEN = Span(-math.inf, math.inf)


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """Return the union as disjoint spans in order.

    >>> merged([Span(2, 3), Span(0, 1), Span(1, 2.5)])
    (Span(start=0, stop=3),)
    """
    result: list[Span] = []
    for span in sorted(spans):
        if result and span.start <= result[-1].stop:
            result[-1] = Span(result[-1].start, max(result[-1].stop, span.stop))
        else:
            result.append(span)
    return tuple(result)


def covered(spans: Iterable[Span], start: float, stop: float) -> bool:
    """Whether the union of the spans covers ``start`` to ``stop``."""
    return any(span.covers(start, stop) for span in merged(spans))


def held(spans: Iterable[Span], t: ArrayLike) -> NDArray[np.bool_]:
    """Return for each instant whether some span holds it, ends included."""
    stamps = np.asarray(t, dtype=np.float64)
    one_by_one = merged(spans)
    if not one_by_one:
        return np.zeros(stamps.shape, dtype=bool)
    if len(one_by_one) == 1:
        return np.asarray((stamps >= one_by_one[0].start) & (stamps <= one_by_one[0].stop))
    before = np.searchsorted([span.start for span in one_by_one], stamps, side="right")
    stops = np.array([-np.inf, *(span.stop for span in one_by_one)])
    return np.asarray(stamps <= stops[before])


def check_times(t: ArrayLike, where: str = "", strict: bool = False) -> NDArray[np.float64]:
    """Return time stamps as float64 that are finite and do not go back.

    Args:
        t: seconds.
        where: named in errors.
        strict: two equal ones are an error too.

    Raises:
        InputError: naming the first bad stamp, counted from 1.
    """
    stamps = np.asarray(t, dtype=np.float64)
    bad = ~np.isfinite(stamps)
    if bad.any():
        raise InputError(f"time {int(bad.argmax()) + 1} is not finite", where=where)
    steps = np.diff(stamps)
    back = steps <= 0 if strict else steps < 0
    if back.any():
        at = int(back.argmax()) + 1
        told = f"time {at + 1} ({stamps[at]:g} s) does not follow {stamps[at - 1]:g} s"
        raise InputError(told, where=where)
    return stamps


def window(t: ArrayLike, start: ArrayLike, stop: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the half-open index ranges of the stamps within closed windows in seconds.

    Args:
        t: N sorted stamps, seconds, irregular.
        start: window starts, seconds, any shape.
        stop: window ends, seconds, same shape.

    Returns:
        First index and one past the last index, of that shape.

    >>> first, last = window([0.0, 0.1, 0.3, 0.31], [0.1, 0.2], [0.3, 0.2])
    >>> first.tolist(), last.tolist()
    ([1, 2], [3, 2])
    """
    stamps = np.asarray(t, dtype=np.float64)
    first = np.asarray(np.searchsorted(stamps, start, side="left"))
    last = np.asarray(np.searchsorted(stamps, stop, side="right"))
    return first, np.maximum(first, last)


def latest(t: ArrayLike, at: ArrayLike) -> NDArray[Any]:
    """Return the index of the last stamp not after each instant; -1 where there is none.

    >>> latest([0.0, 1.0, 2.0], [-0.5, 1.0, 1.5])
    array([-1,  1,  1])
    """
    return np.asarray(np.searchsorted(np.asarray(t, dtype=np.float64), at, side="right")) - 1
