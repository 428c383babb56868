"""Formulas read at one instant: what a verdict is settled from.

A proposition is a tree over leaves. A leaf is an atom (or a temporal formula, which is not taken apart) over
the whole of an uncertain instant, with the margin at its weakest point.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, reduce

import numpy as np

from rules.formulas import Evidence, Formula
from rules.kleene import Bools, Floats, Truth


@dataclass(frozen=True)
class Instant:
    """A time between ``low`` and ``high`` (k sigma wide on either side), most likely ``t``; seconds."""

    t: float
    low: float
    high: float
    k: float = 2.0

    @property
    def sigma(self) -> float:
        """The 1-sigma that the bounds stand for, seconds."""
        return (self.high - self.low) / (2 * self.k)


@dataclass(frozen=True, eq=False)
class Leaf:
    """An atom at an instant.

    Attributes:
        key: what makes two leaves the same atom.
        text: the statement.
        value: Kleene value.
        t: where in the instant the margin was taken: the weakest point, or the likeliest time when unknown.
        source: table it comes from.
        entity: who has to move to change it.
        unit: of the margin.
        margin: signed margin, or None when nothing was measured.
        sigma: 1-sigma of the margin with the extent that the source leaves open, so that |margin| > k sigma
        is what decides.
        low: the least margin that is not excluded; the leaf is true when it is positive.
        high: the greatest margin that is not excluded; the leaf is false when it is not positive.
        normal: margin gained per metre that the entity moves in x and in y.
        spread: how to draw the margin, for ``probability``.
    """

    key: str
    text: str
    value: Truth
    t: float
    source: str
    entity: str | None = None
    unit: str = "m"
    margin: float | None = None
    sigma: float | None = None
    low: float = -np.inf
    high: float = np.inf
    normal: tuple[float, float] | None = None
    spread: Spread | None = None


@dataclass(frozen=True, eq=False)
class Spread:
    """How a leaf's margin errs: own 1-sigma, hard half-width, shared modes, and margin per second."""

    margin: float
    own: float
    slack: float
    modes: Floats
    rate: float
    time_sigma: float


@dataclass(frozen=True, eq=False)
class Prop:
    """A Kleene proposition: ``leaf``, ``not``, ``and``, ``or`` or ``at_least``.

    ``name`` marks an exception, ``text`` is what a formula put together from parts was called.
    """

    op: str
    parts: tuple[Prop, ...] = ()
    leaf: Leaf | None = None
    number: int = 0
    name: str | None = None
    text: str = ""

    def __and__(self, other: Prop) -> Prop:
        return Prop("and", (self, other))

    def __or__(self, other: Prop) -> Prop:
        return Prop("or", (self, other))

    def __invert__(self) -> Prop:
        return Prop("not", (self,))

    def leaves(self) -> Mapping[str, Leaf]:
        """Return the leaves by key, in order of appearance."""
        return self._leaves

    @cached_property
    def _leaves(self) -> Mapping[str, Leaf]:
        return {leaf.key: leaf for leaf in self.walk()}

    @cached_property
    def repeated(self) -> tuple[str, ...]:
        """Keys of the leaves that occur more than once, in order of appearance."""
        return tuple(key for key, count in Counter(leaf.key for leaf in self.walk()).items() if count > 1)

    def walk(self) -> Iterator[Leaf]:
        """Yield the leaves from left to right, as often as they occur."""
        if self.leaf is not None:
            yield self.leaf
        for part in self.parts:
            yield from part.walk()

    def exceptions(self) -> Iterator[tuple[str, Prop, Prop]]:
        """Yield the named exceptions: the name, what would excuse, and what it would excuse."""
        for position, part in enumerate(self.parts):
            if part.name is not None:
                yield part.name, part.parts[0], Prop("and", self.parts[:position] + self.parts[position + 1 :])
            yield from part.exceptions()

    def evaluate(self, values: Mapping[str, Bools]) -> Bools:
        """Return the proposition for arrays of completions: two-valued, one array per leaf, all of one shape."""
        if self.leaf is not None:
            return values[self.leaf.key]
        if self.op == "not":
            return ~self.parts[0].evaluate(values)
        stack = [part.evaluate(values) for part in self.parts]
        if self.op in ("and", "or") and stack:
            return reduce(np.logical_and if self.op == "and" else np.logical_or, stack)
        result: Bools = np.sum(stack, axis=0) >= (self.number if self.op == "at_least" else self.op == "or")
        return result

    def kleene(self, values: Mapping[str, Truth]) -> Truth:
        """Return the Kleene value when each leaf has the given Kleene value."""
        if self.leaf is not None:
            return values[self.leaf.key]
        if self.op == "not":
            inner = self.parts[0].kleene(values)
            return None if inner is None else not inner
        if self.op == "at_least":
            return self._counted(values)
        decisive = self.op == "or"
        result: Truth = not decisive
        for part in self.parts:  # asked more often than anything else: leaves are looked up here
            one = part.kleene(values) if part.leaf is None else values[part.leaf.key]
            if one is decisive:
                return decisive
            if one is None:
                result = None
        return result

    def _counted(self, values: Mapping[str, Truth]) -> Truth:
        needed, spare = self.number, len(self.parts) - self.number
        for part in self.parts:
            if needed <= 0 or spare < 0:
                break
            one = part.kleene(values)
            needed -= one is True
            spare -= one is False
        return True if needed <= 0 else (False if spare < 0 else None)


def fact(text: str, value: Truth, t: float, source: str = "events") -> Prop:
    """Return a proposition that was reported rather than measured."""
    return Prop("leaf", leaf=Leaf(f"{text}@{t:.6f}", text, value, t, source))


def read(instant: Instant, formula: Formula, axis: Floats) -> Prop:
    """Return the formula over the whole of an instant."""
    first = max(int(np.searchsorted(axis, instant.low, side="right")) - 1, 0)
    last = min(int(np.searchsorted(axis, instant.high, side="left")), len(axis) - 1)
    return _read(instant, formula, axis, slice(first, max(last, first) + 1))


def _read(instant: Instant, formula: Formula, axis: Floats, window: slice) -> Prop:
    if formula.op in ("not", "and", "or", "at_least"):
        parts = tuple(_read(instant, part, axis, window) for part in formula.parts)
        return Prop(formula.op, parts, number=formula.number, text=formula.title)
    must, may = bool(formula.plane.must[window].all()), bool(formula.plane.may[window].any())
    value = True if must else (None if may else False)
    key = f"{formula.text}@{instant.t:.6f}"
    if formula.evidence is None:
        return Prop("leaf", leaf=Leaf(key, formula.text, value, instant.t, formula.source))
    return Prop("leaf", leaf=_measured_leaf(key, instant, formula, formula.evidence, axis, window, value))


def _measured_leaf(
    key: str,
    instant: Instant,
    formula: Formula,
    evidence: Evidence,
    axis: Floats,
    window: slice,
    value: Truth,
) -> Leaf:
    first = max(window.start - 1, 0)
    axis, evidence = axis[first : window.stop + 1], evidence.at(slice(first, min(window.stop + 1, len(axis))))
    window = slice(window.start - first, window.stop - first)
    width = evidence.slack[window] + formula.k * evidence.sigma[window]
    low, high = evidence.margin[window] - width, evidence.margin[window] + width
    nominal = int(np.argmin(np.abs(axis[window] - instant.t)))
    here = nominal if value is None else int(np.argmin(low) if value else np.argmax(high))
    position = window.start + here
    margin, sigma = float(evidence.margin[position]), float(evidence.sigma[position])
    if not (np.isfinite(margin) and np.isfinite(sigma)):
        return Leaf(key, formula.text, value, float(axis[position]), formula.source, evidence.entity, evidence.unit)
    return Leaf(
        key,
        formula.text,
        value,
        float(axis[position]),
        formula.source,
        evidence.entity,
        evidence.unit,
        margin,
        sigma + float(evidence.slack[position]) / formula.k,
        float(np.min(low)) if np.all(np.isfinite(low)) else -np.inf,
        float(np.max(high)) if np.all(np.isfinite(high)) else np.inf,
        None if evidence.normal is None else (float(evidence.normal[0, position]), float(evidence.normal[1, position])),
        _spread(instant, evidence, axis, window.start + nominal),
    )


def _spread(instant: Instant, evidence: Evidence, axis: Floats, position: int) -> Spread:
    left, right = max(position - 1, 0), min(position + 1, len(axis) - 1)
    duration = float(axis[right] - axis[left])
    rate = float(evidence.margin[right] - evidence.margin[left]) / duration if duration > 0 else 0.0
    return Spread(
        float(evidence.margin[position]),
        float(evidence.own[position]),
        float(evidence.slack[position]),
        evidence.modes[:, position],
        rate if np.isfinite(rate) else 0.0,
        instant.sigma,
    )
