"""Counting over entities: how many hold, of those tracked and of those who may be there unseen, and who ranks where.

A roster is closed when nobody can be there unseen; where it is open, each who may be there unseen is one unknown
atom, so that a verdict can say who would have to be looked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules import formulas, kleene
from rules.formulas import Formula
from rules.kleene import Floats, Ints, Plane


@dataclass(frozen=True, eq=False)
class Tally:
    """How many of some entities something holds of, over time: an interval.

    Attributes:
        parts: per tracked entity, whether it holds.
        unseen: (time,) how many more there may be whom nobody tracks; infinite: nobody knows.
        text: what is said of an unseen one, e.g. "who is not tracked is on the ice".
        source: where one would have to look for them.
    """

    parts: tuple[Formula, ...]
    unseen: Floats
    text: str
    source: str = "roster"

    @property
    def low(self) -> Ints:
        """(time,) the least number."""
        return kleene.tally([part.plane for part in self.parts], len(self.unseen))[0]

    @property
    def high(self) -> Floats:
        """(time,) the greatest number; infinite where the roster is open."""
        return self.unseen + kleene.tally([part.plane for part in self.parts], len(self.unseen))[1]

    def at_least(self, number: int, text: str) -> Formula:
        """Return whether at least ``number`` hold."""
        several = int(min(number, np.max(self.unseen, initial=0.0)))
        unseen = [self._one_unseen(place + 1) for place in range(several)]
        return formulas.at_least(number, [*self.parts, *unseen], len(self.unseen), text)

    def at_most(self, number: int, text: str) -> Formula:
        """Return whether at most ``number`` hold."""
        return (~self.at_least(number + 1, f"more than {number}")).named(text)

    def exactly(self, number: int, text: str) -> Formula:
        """Return whether exactly ``number`` hold."""
        both = formulas.both(self.at_least(number, f"at least {number}"), self.at_most(number, f"at most {number}"))
        return both.named(text)

    def more_than(self, other: Tally, text: str, by: int = 0) -> Formula:
        """Return whether more hold than of others, by more than ``by``; an atom, for it is not counted by parts."""
        margin_low, margin_high = self.low - other.high, self.high - other.low
        return formulas.stated(text, Plane(margin_low > by, margin_high > by), self.source)

    def _one_unseen(self, place: int) -> Formula:
        plane = Plane(np.zeros(len(self.unseen), np.bool_), self.unseen >= place)
        return formulas.stated(f"one {self.text} (number {place} of those unseen)", plane, self.source)


def every(parts: Sequence[Formula], unseen: Floats, text: str, unseen_text: str) -> Formula:
    """Return whether something holds of all, tracked or not.

    Args:
        parts: per tracked entity, whether it holds.
        unseen: (time,) how many more there may be whom nobody tracks.
        text: the statement in words.
        unseen_text: what is said of an unseen one of whom it does not hold.
    """
    against = Tally(tuple(~part for part in parts), unseen, unseen_text)
    return (~against.at_least(1, f"not {text}")).named(text)


def some(parts: Sequence[Formula], unseen: Floats, text: str, unseen_text: str) -> Formula:
    """Return whether something holds of anybody, tracked or not; the arguments are those of ``every``."""
    return Tally(tuple(parts), unseen, unseen_text).at_least(1, text)


def past_kth(number: int, past: Sequence[Formula], unseen: Floats, text: str, unseen_text: str) -> Formula:
    """Return whether somebody is past the ``number``-th foremost of some others, tracked or not.

    He is when fewer than ``number`` of them are not behind him. Comparing him with each of them in turn lets
    the errors cancel that he shares with each, and names those whose place is not known well enough.

    Args:
        number: 2 for the second-last opponent.
        past: per tracked other, whether he is past that one; not past where the two are level.
        unseen: (time,) how many more others there may be whom nobody tracks.
        text: the statement in words.
        unseen_text: what is said of an unseen other whom he is not past.

    >>> from rules.kleene import known
    >>> keeper, back, mid = (formulas.stated(n, known([v])) for n, v in (("k", False), ("b", True), ("m", True)))
    >>> closed, open_ = np.zeros(1), np.full(1, np.inf)
    >>> past_kth(2, [keeper, back, mid], closed, "past the second last", "one is further back").plane.value(0)
    True
    >>> past_kth(2, [keeper, back, mid], open_, "past the second last", "one is further back").plane.value(0)
    """
    level = Tally(tuple(~one for one in past), unseen, unseen_text)
    return (~level.at_least(number, f"{number} others are not behind")).named(text)


@dataclass(frozen=True, eq=False)
class Ranked:
    """An order statistic over time, arrays (time,): most likely ``value``, not excluded from ``low`` to ``high``.

    ``who`` is the row of the one who holds the rank most likely, -1 where too few are tracked.
    """

    value: Floats
    low: Floats
    high: Floats
    who: Ints


def kth_greatest(
    values: Floats,
    width: Floats,
    number: int,
    unseen: Floats | None = None,
    greatest: Floats | float = np.inf,
) -> Ranked:
    """Return the ``number``-th greatest of some values, some of them unseen.

    Args:
        values: (entity, time) most likely; not a number where nothing is known.
        width: (entity, time) half-width of what is not excluded: k sigma and the hard bound.
        number: 1 for the greatest, 2 for the second greatest.
        unseen: (time,) how many more there may be; None: none.
        greatest: the greatest value that an unseen one can have.

    >>> one = kth_greatest(np.array([[50.0], [41.0], [30.0]]), np.full((3, 1), 0.5), 2)
    >>> one.value.tolist(), one.low.tolist(), one.high.tolist(), one.who.tolist()
    ([41.0], [40.5], [41.5], [1])
    >>> kth_greatest(np.array([[50.0], [41.0]]), np.full((2, 1), 0.5), 2, np.ones(1), 52.5).high.tolist()
    [50.5]
    """
    count = values.shape[1]
    lost = ~np.isfinite(values) | ~np.isfinite(width)
    least = np.where(lost, -np.inf, values - width)
    most = np.where(lost, np.inf, values + width)
    more = np.zeros(count) if unseen is None else unseen
    extra = np.where(more >= np.arange(1, number + 1)[:, None], greatest, -np.inf)
    nothing = np.full((number, count), -np.inf)
    nominal = np.concatenate([np.where(lost, -np.inf, values), nothing])
    order = np.argsort(-nominal, axis=0, kind="stable")[number - 1]
    value = nominal[order, np.arange(count)]
    return Ranked(
        np.where(np.isfinite(value), value, np.nan),
        _kth(np.concatenate([least, nothing]), number),
        _kth(np.concatenate([most, extra]), number),
        np.where(np.isfinite(value), order, -1),
    )


def _kth(values: Floats, number: int) -> Floats:
    result: Floats = -np.partition(-values, number - 1, axis=0)[number - 1]
    return result
