"""Formulas over the time axis of a play: a Kleene plane that knows its own text and its parts.

A formula is evaluated as soon as it is built. Its leaves are atoms; an atom that was measured carries margin
and sigma, so that a verdict can say what it rests on, how close it was, and what would have changed it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

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
    plane = kleene.from_margin(evidence.margin, evidence.sigma, evidence.slack, k)
    return Formula(text, plane, evidence=evidence, source=source, k=k)


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
