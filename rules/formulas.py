"""Formulas over the time axis of a play: a Kleene plane that knows its own text and its parts.

A formula is evaluated as soon as it is built. Its leaves are atoms; an atom that was measured carries margin
and sigma, so that a verdict can say what it rests on, how close it was, and what would have changed it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import numpy as np

from rules import kleene
from rules.kleene import Floats, Plane, Truth


@dataclass(frozen=True, eq=False)
class Evidence:
    """What an atom was measured from; arrays have the shape (time,), metres unless ``unit`` says otherwise.

    Attributes:
        margin: signed margin of the atom; positive means it holds.
        sigma: its 1-sigma, all errors together.
        slack: half-width of the hard bound that the source leaves open (a footprint, half a blade).
        own: the part of sigma that nothing else shares.
        modes: (mode, time) coefficients of the errors that everything in a frame shares.
        entity: who has to move to change the margin.
        normal: (2, time) by how much the margin grows per metre that the entity moves in x and in y.
        unit: unit of the margin.
    """

    margin: Floats
    sigma: Floats
    slack: Floats
    own: Floats
    modes: Floats
    entity: str | None = None
    normal: Floats | None = None
    unit: str = "m"

    def __len__(self) -> int:
        return len(self.margin)

    def at(self, window: slice) -> Evidence:
        """Return what was measured in a window of positions."""
        normal = None if self.normal is None else self.normal[:, window]
        arrays = (self.margin[window], self.sigma[window], self.slack[window], self.own[window])
        return Evidence(*arrays, self.modes[:, window], self.entity, normal, self.unit)

    def turned(self) -> Evidence:
        """Return the evidence of the opposite."""
        return replace(self, margin=-self.margin, modes=-self.modes)

    def about(self, entity: str) -> Evidence:
        """Return the evidence with somebody else who has to move to change the margin."""
        return replace(self, entity=entity)


class Deferred(Evidence):
    """Evidence over a long time, made where it is asked for: of most of it nobody asks for more than the sign.

    Args:
        make: from a window of positions to the evidence there.
        count: number of time stamps.
        entity: who has to move to change the margin.
        unit: of the margin.
    """

    def __init__(self, make: Callable[[slice], Evidence], count: int, entity: str | None, unit: str = "m") -> None:
        vars(self).update(make=make, count=count, entity=entity, unit=unit)

    def __len__(self) -> int:
        return cast(int, vars(self)["count"])

    def at(self, window: slice) -> Evidence:
        """Return what was measured in a window of positions."""
        return cast(Evidence, vars(self)["make"](window))

    def turned(self) -> Evidence:
        """Return the evidence of the opposite."""
        return Deferred(lambda window: self.at(window).turned(), len(self), self.entity, self.unit)

    def about(self, entity: str) -> Evidence:
        """Return the evidence with somebody else who has to move to change the margin."""
        return Deferred(lambda window: self.at(window).about(entity), len(self), entity, self.unit)

    @cached_property
    def _whole(self) -> Evidence:
        return self.at(slice(0, len(self)))

    margin = property(lambda self: self._whole.margin)
    sigma = property(lambda self: self._whole.sigma)
    slack = property(lambda self: self._whole.slack)
    own = property(lambda self: self._whole.own)
    modes = property(lambda self: self._whole.modes)
    normal = property(lambda self: self._whole.normal)


@dataclass(frozen=True, eq=False)
class Formula:
    """A proposition over time.

    Attributes:
        text: the statement in words; of a compound formula it is put together from its parts.
        plane: (time,) Kleene values.
        op: ``atom``, ``not``, ``and``, ``or``, ``at_least``, or ``past`` for a temporal operator over its
        parts.
        parts: what it is put together from.
        number: of ``at_least``.
        evidence: of a measured atom.
        source: which table an atom comes from.
        k: how many sigma make the atom certain.
    """

    text: str
    plane: Plane
    op: str = "atom"
    parts: tuple[Formula, ...] = ()
    number: int = 0
    evidence: Evidence | None = None
    source: str = "events"
    k: float = 2.0

    def __and__(self, other: Formula) -> Formula:
        return both(self, other)

    def __or__(self, other: Formula) -> Formula:
        return either(self, other)

    def __invert__(self) -> Formula:
        if self.op == "not":
            return self.parts[0]
        return Formula(f"not ({self.text})", ~self.plane, "not", (self,))

    def __len__(self) -> int:
        return len(self.plane.must)

    @property
    def title(self) -> str:
        """What a compound formula was called, beyond what its parts say; empty when nothing."""
        return "" if self.text == _text_of(self) else self.text

    def named(self, text: str) -> Formula:
        """Return the formula told in other words."""
        return replace(self, text=text)


def measured(text: str, evidence: Evidence, source: str = "tracks", k: float = 2.0) -> Formula:
    """Return the atom that holds where the evidence's margin is positive."""
    return Formula(text, _sign(evidence, k), evidence=evidence, source=source, k=k)


def _sign(evidence: Evidence, k: float) -> Plane:
    """Return where the margin is positive."""
    if not isinstance(evidence, Deferred):
        return kleene.from_margin(evidence.margin, evidence.sigma, evidence.slack, k)
    count = len(evidence)
    must, may = np.empty(count, np.bool_), np.empty(count, np.bool_)
    for window in kleene.blocks(count):
        here = evidence.at(window)
        plane = kleene.from_margin(here.margin, here.sigma, here.slack, k)
        must[window], may[window] = plane.must, plane.may
    return Plane(must, may)


def stated(text: str, plane: Plane, source: str = "events") -> Formula:
    """Return an atom that was reported rather than measured."""
    return Formula(text, plane, source=source)


def always(text: str, value: Truth, count: int, source: str = "scene") -> Formula:
    """Return an atom with one value for the whole time."""
    return Formula(text, kleene.constant(value, count), source=source)


def both(*parts: Formula) -> Formula:
    """Return the conjunction of formulas over one axis."""
    return _joined("and", parts)


def either(*parts: Formula) -> Formula:
    """Return the disjunction of formulas over one axis."""
    return _joined("or", parts)


def any_of(parts: Sequence[Formula], count: int, text: str) -> Formula:
    """Return whether any part holds over an axis of ``count`` instants; false when there are none."""
    return either(*parts) if parts else always(text, False, count)


def at_least(number: int, parts: Sequence[Formula], count: int, text: str) -> Formula:
    """Return whether at least ``number`` of the parts hold.

    An open roster is expressed by unknown parts, one for each player who may be there unseen.
    """
    plane = kleene.at_least([part.plane for part in parts], number, count)
    return Formula(text, plane, "at_least", tuple(parts), number)


def _joined(op: str, parts: Sequence[Formula]) -> Formula:
    if len(parts) == 1:
        return parts[0]
    flat = [inner for part in parts for inner in (part.parts if part.op == op else (part,))]
    join = kleene.all_ if op == "and" else kleene.any_
    plane = join([part.plane for part in flat], len(flat[0]))
    return Formula(_joint_text(op, flat), plane, op, tuple(flat))


def _joint_text(op: str, parts: Sequence[Formula]) -> str:
    return f" {op} ".join(f"({part.text})" if part.parts else part.text for part in parts)


def _text_of(formula: Formula) -> str:
    """Return the text that a formula has by itself; an atom's is its own."""
    if formula.op == "not":
        return f"not ({formula.parts[0].text})"
    return (
        _joint_text(formula.op, formula.parts)
        if formula.op in ("and", "or")
        else ("" if formula.parts else formula.text)
    )
