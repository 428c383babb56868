"""Coordinates in the direction of the offense, and who is further forward than what."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from rules import formulas
from rules.formulas import Evidence, Formula
from rules.kleene import Floats


@dataclass(frozen=True, eq=False)
class Line:
    """A coordinate in the direction of the offense over an axis, metres, of a person or a line.

    ``slack`` is what remains open beyond the errors; ``entity`` is whose coordinate it is.
    """

    value: Floats
    own: Floats
    modes: Floats
    slack: float
    entity: str | None
    direction: int

    def moved(self, by: float, slack: float = 0.0) -> Line:
        """Return the coordinate so much further forward, and so much more open."""
        return replace(self, value=self.value + by, slack=self.slack + slack)

    def blurred(self, sigma: float) -> Line:
        """Return the coordinate with a further error of its own, 1-sigma in metres."""
        return replace(self, own=np.hypot(self.own, sigma))

    @property
    def sigma(self) -> Floats:
        """1-sigma of all errors together."""
        return np.asarray(np.sqrt(self.own**2 + np.sum(self.modes**2, axis=0)))


def fixed(value: float, sigma: float, count: int, direction: int) -> Line:
    """Return the coordinate of a line that does not move with the frame."""
    return Line(np.full(count, value), np.full(count, sigma), np.zeros((0, count)), 0.0, None, direction)


def ahead(text: str, one: Line, other: Line, by: float = 0.0, k: float = 2.0) -> Formula:
    """Return whether one coordinate is further forward than another by more than ``by`` metres.

    Whoever ``one`` or else ``other`` belongs to is the one who would have to move. Errors that both share cancel.
    """
    modes = _difference(one.modes, other.modes)
    own = np.hypot(one.own, other.own)
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    value = one.value - other.value - by
    lost = ~np.isfinite(sigma) | ~np.isfinite(value)
    mover, sign = (one.entity, one.direction) if one.entity is not None else (other.entity, -other.direction)
    normal = np.array([np.full(len(value), float(sign)), np.zeros(len(value))])
    evidence = Evidence(
        np.where(lost, np.nan, value), np.where(lost, np.inf, sigma),
        np.full(len(value), one.slack + other.slack), own, modes, mover, normal,
    )  # fmt: skip
    return formulas.measured(text, evidence, "tracks", k)


def _difference(one: Floats, other: Floats) -> Floats:
    """Return the difference of mode coefficients; a line without modes does not move with the frame."""
    if len(one) == 0 or len(other) == 0:
        return one if len(other) == 0 else -other
    return one - other
