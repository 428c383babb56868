"""Spans of time with uncertain ends, and how two of them lie: before, during, overlaps.

The relations are those of J. F. Allen, Maintaining knowledge about temporal intervals, 1983, taken together so
that ends that coincide need no relation of their own: ``before`` includes meets, ``during`` starts, finishes and
equals, and ``overlaps`` is any time in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite

import numpy as np

from rules.kleene import Bools, Floats, Ints, Plane, Truth
from rules.propositions import Instant, Leaf, Prop, fact
from rules.runs import run_starts


@dataclass(frozen=True)
class Stretch:
    """A span of time with uncertain ends; when not ``certain`` it may not be there at all.

    Attributes:
        text: what goes on.
        start: when it began.
        stop: when it was over.
        certain: whether there is any such span.
    """

    text: str
    start: Instant
    stop: Instant
    certain: bool = True


def stretches(plane: Plane, axis: Floats, text: str, k: float = 2.0) -> list[Stretch]:
    """Return the spans in which a plane may hold, in order of time.

    A span begins between the last time stamp at which the plane certainly does not hold and the first at which
    it certainly does, and ends likewise; a span with no such stamp in it may not be there at all. One with
    which the axis starts or ends has a begin or an end that is unknown: infinite.

    >>> from rules.kleene import known
    >>> (one,) = stretches(known([False, True, True, False]), np.arange(4.0), "in the lane")
    >>> (one.start.low, one.start.high), (one.stop.low, one.stop.high)
    ((0.0, 1.0), (2.0, 3.0))
    """
    firsts, stops = _edges(plane.may)
    begun, ended = (firsts, stops) if plane.decided else _edges(plane.must)
    place = np.searchsorted(begun, firsts), np.searchsorted(ended, stops, side="right") - 1
    certain = place[0] <= place[1]
    sure = np.flatnonzero(certain)
    inner = stops - 1, firsts.copy()
    inner[0][sure], inner[1][sure] = begun[place[0][sure]], ended[place[1][sure]] - 1
    outside = np.concatenate(([-np.inf], axis, [np.inf]))  # one place further on
    columns = (outside[firsts], axis[inner[0]], axis[inner[1]], outside[stops + 1])
    rows = zip(*(column.tolist() for column in columns), certain.tolist(), strict=True)
    return [
        Stretch(text, _instant(low, high, k), _instant(later, last, k), one) for low, high, later, last, one in rows
    ]


def _edges(signal: Bools) -> tuple[Ints, Ints]:
    """Return the first positions of the stretches in which a signal is true, and those after their last."""
    starts = run_starts(len(signal), signal)
    stops = np.append(starts[1:], len(signal))
    held = signal[starts]
    return starts[held], stops[held]


def before(one: Stretch, other: Stretch) -> Prop:
    """Return whether one span is over when another begins."""
    return _both_there(one, other, _later(f"{one.text} before {other.text}", other.start, one.stop))


def during(one: Stretch, other: Stretch) -> Prop:
    """Return whether one span lies within another."""
    begun = _later(f"{one.text} begins after {other.text}", one.start, other.start)
    ended = _later(f"{one.text} ends before {other.text}", other.stop, one.stop)
    return _both_there(one, other, begun & ended)


def overlaps(one: Stretch, other: Stretch) -> Prop:
    """Return whether two spans have some time in common."""
    return _both_there(
        one,
        other,
        ~_later(f"{one.text} before {other.text}", other.start, one.stop)
        & ~_later(f"{other.text} before {one.text}", one.start, other.stop),
    )


def joined(
    some: list[Stretch], others: list[Stretch], relation: Callable[[Stretch, Stretch], Prop]
) -> list[tuple[Stretch, Stretch, Prop]]:
    """Return the pairs of spans of which a relation is not excluded, in order of time."""
    pairs = [(one, other, relation(one, other)) for one in some for other in others]
    return [
        pair
        for pair in pairs
        if pair[2].kleene({key: leaf.value for key, leaf in pair[2].leaves().items()}) is not False
    ]


def _instant(low: float, high: float, k: float) -> Instant:
    likely = (low + high) / 2 if isfinite(low) and isfinite(high) else (high if isfinite(high) else low)
    return Instant(likely, low, high, k)


def _both_there(one: Stretch, other: Stretch, relation: Prop) -> Prop:
    parts = [fact(f"{each.text} at all", None, each.start.high) for each in (one, other) if not each.certain]
    return Prop("and", (relation, *parts)) if parts else relation


def _later(text: str, one: Instant, other: Instant) -> Prop:
    """Return whether an instant is no earlier than another, with what lies between them as margin."""
    low, high = one.low - other.high, one.high - other.low
    value: Truth = True if low >= 0 else (None if high >= 0 else False)
    key, t = f"{text}@{other.t:.6f}", other.t if np.isfinite(other.t) else one.t
    margin, sigma = one.t - other.t, float(np.hypot(one.sigma, other.sigma))
    if not (np.isfinite(margin) and np.isfinite(sigma)):
        return Prop("leaf", leaf=Leaf(key, text, value, t, "events"))
    return Prop("leaf", leaf=Leaf(key, text, value, t, "events", None, "s", margin, sigma, low, high))
