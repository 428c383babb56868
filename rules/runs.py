"""Signals as runs: work per change instead of work per time stamp, since what happens in play lasts.

A signal is a boolean array over the time axis. Its runs are the stretches in which it does not change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from rules.kleene import Bools, Floats, Ints


def run_starts(count: int, *signals: Bools) -> Ints:
    """Return the first positions of the stretches of an axis of ``count`` in which no signal changes.

    >>> run_starts(4, np.array([True, True, False, False]), np.array([True, True, True, False])).tolist()
    [0, 2, 3]
    """
    if not count:
        return np.zeros(0, np.int64)
    changed = np.empty(count, np.bool_)
    changed[0] = True
    changed[1:] = False
    for number, signal in enumerate(signals):
        if not number:
            np.not_equal(signal[1:], signal[:-1], out=changed[1:])
        elif signal is not signals[number - 1]:
            changed[1:] |= signal[1:] != signal[:-1]
    return np.flatnonzero(changed)


def painted(starts: Ints, stops: Ints, count: int) -> Bools:
    """Return the signal that is true from each start up to before its stop; spans in order, that do not overlap.

    >>> painted(np.array([1, 3]), np.array([2, 4]), 5).tolist()
    [False, True, False, True, False]
    """
    spans = np.flatnonzero(stops > starts)
    apart = np.flatnonzero(starts[spans[1:]] != stops[spans[:-1]])  # spans that touch are one
    cuts = np.zeros(2 * min(len(spans), len(apart) + 1) + 2, np.int64)
    cuts[-1] = count
    if len(spans):
        cuts[1:-1:2] = starts[np.concatenate((spans[:1], spans[1:][apart]))]
        cuts[2:-1:2] = stops[np.concatenate((spans[:-1][apart], spans[-1:]))]
    return np.repeat(np.arange(len(cuts) - 1) % 2 == 1, np.diff(cuts))


def since(phi: Bools, psi: Bools, axis: Floats, end: float) -> Bools:
    """Return where psi held at most ``end`` seconds ago and phi has held at all time stamps after that.

    Where psi holds the answer is yes. While it does not, but phi does, the answer stays yes until the last psi
    is too long ago: each stretch is cut once.

    Args:
        phi: (time,) what has to hold ever since.
        psi: (time,) the beginning.
        axis: (time,) seconds, increasing.
        end: the greatest age of psi, seconds.
    """
    count = len(axis)
    starts = run_starts(count, phi, psi)
    stops = np.append(starts[1:], count)
    holds, began = phi[starts], psi[starts]
    latest = np.maximum.accumulate(np.where(began, stops - 1, -1))
    broken = np.maximum.accumulate(np.where(holds, -1, stops - 1))
    lasting = np.flatnonzero(~began & holds & (latest >= 0) & (broken <= latest))
    until = np.where(began, stops, starts)
    until[lasting] = stops[lasting]
    if np.isfinite(end):
        until[lasting] = _young(axis, starts[lasting], stops[lasting], axis[latest[lasting]], end)
    return painted(starts, until, count)


def latest(mask: Bools) -> NDArray[np.int32]:
    """Return for every position the latest position up to it where the mask is true, or -1.

    >>> latest(np.array([False, True, False])).tolist()
    [-1, 1, 1]
    """
    count = len(mask)
    found = np.flatnonzero(mask).astype(np.int32)
    lengths = np.diff(found, prepend=np.int32(0), append=np.int32(count))
    return np.repeat(np.concatenate((np.array([-1], np.int32), found)), lengths)


def behind(axis: Floats, seconds: float, later: bool) -> Ints:
    """Return for each time stamp how many lie before the instant some seconds ago; with ``later``, or at it.

    >>> behind(np.array([0.0, 1.0, 3.0]), 1.0, later=True).tolist()
    [0, 1, 2]
    """
    if np.isinf(seconds):
        return np.zeros(len(axis), np.int64)
    return np.searchsorted(axis, axis - seconds, side="right" if later else "left")


def ahead(psi: Bools, axis: Floats, end: float) -> Bools:
    """Return where psi holds then or at most ``end`` seconds later; the arguments are those of ``since``."""
    count = len(axis)
    starts = run_starts(count, psi)
    stops = np.append(starts[1:], count)
    begun = np.flatnonzero(psi[starts])
    before = np.where(begun > 0, starts[np.maximum(begun - 1, 0)], 0)
    return painted(_near(axis, before, starts[begun], end), stops[begun], count)


def _young(axis: Floats, starts: Ints, stops: Ints, begun: Floats, end: float) -> Ints:
    """Return for each stretch of positions the first whose time stamp less ``end`` is after ``begun``."""
    cuts = np.where(axis[stops - 1] - end <= begun, stops, starts)
    inner = np.flatnonzero((cuts == starts) & (axis[starts] - end <= begun))
    first, beyond, limit = starts[inner], stops[inner], begun[inner]
    found = np.clip(np.searchsorted(axis, limit + end, side="right"), first, beyond)
    while True:  # the search rounds otherwise than the subtraction, which is what counts
        early = (found < beyond) & (axis[np.minimum(found, len(axis) - 1)] - end <= limit)
        late = (found > first) & (axis[found - 1] - end > limit)
        if not (early.any() or late.any()):
            cuts[inner] = found
            return cuts
        found = found + early - late


def _near(axis: Floats, starts: Ints, stops: Ints, end: float) -> Ints:
    """Return for each stretch the first position whose time stamp and ``end`` reach that of the stretch's stop."""
    goal = axis[stops]
    cuts = np.where(axis[starts] + end >= goal, starts, stops)
    inner = np.flatnonzero((cuts == stops) & (starts < stops) & (axis[np.maximum(stops - 1, 0)] + end >= goal))
    first, beyond, limit = starts[inner], stops[inner], goal[inner]
    found = np.clip(np.searchsorted(axis, limit - end, side="left"), first, beyond)
    while True:
        early = axis[found] + end < limit
        late = (found > first) & (axis[found - 1] + end >= limit)
        if not (early.any() or late.any()):
            cuts[inner] = found
            return cuts
        found = found + early - late
