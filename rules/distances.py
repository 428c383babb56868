"""What the rules need to know about positions: signed distances with their errors.

The stage of zone assignment makes them; the rules see these protocols only. tracking/zones.py is the
implementation.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from rules.kleene import Bools, Floats


class Measure(Protocol):
    """A signed distance over time; arrays of shape (time,), metres.

    That of a long time may be ``deferred``: made where it is asked for, best in blocks that fit the processor's
    cache (``at``).
    """

    @property
    def deferred(self) -> bool:
        """Whether it is made only where it is asked for."""
        ...

    def __len__(self) -> int: ...

    def at(self, window: slice) -> Measure:
        """Return the distance in a window of positions."""
        ...

    @property
    def value(self) -> Floats:
        """Not a number where nothing is known."""
        ...

    @property
    def sigma(self) -> Floats:
        """1-sigma of all errors together; infinite where nothing is known."""
        ...

    @property
    def own(self) -> Floats:
        """The part of sigma that nothing else shares."""
        ...

    @property
    def modes(self) -> Floats:
        """(mode, time) distance per 1 sigma of each error mode that everything in a frame shares."""
        ...

    @property
    def normal(self) -> Floats:
        """(2, time) by how much the distance grows per metre of x and of y."""
        ...


class Motion(Protocol):
    """Where an entity or a part of it is over time; arrays of shape (time,), metres and seconds, field frame."""

    @property
    def x(self) -> Floats:
        """Along the field."""
        ...

    @property
    def y(self) -> Floats:
        """Across the field."""
        ...

    @property
    def z(self) -> Floats:
        """Above the surface; not a number where unknown."""
        ...

    @property
    def vx(self) -> Floats:
        """Velocity along the field; not a number where unknown."""
        ...

    @property
    def vy(self) -> Floats:
        """Velocity across the field; not a number where unknown."""
        ...

    @property
    def sv(self) -> Floats:
        """1-sigma of a component of the velocity; infinite where nothing is known."""
        ...

    @property
    def seen(self) -> Bools:
        """Near enough to an observation that this is a measurement, not a guess across a gap."""
        ...

    @property
    def inside(self) -> Bools:
        """Between the first and the last observation of the entity."""
        ...


class Entity(Protocol):
    """Who is tracked; None is unknown."""

    @property
    def id(self) -> str:
        """Stable id."""
        ...

    @property
    def kind(self) -> str:
        """Of the ontology."""
        ...

    @property
    def team(self) -> str | None:
        """``home`` or ``away``."""
        ...

    @property
    def role(self) -> str | None:
        """Of the ontology."""
        ...

    @property
    def number(self) -> int | None:
        """Jersey number."""
        ...

    @property
    def parts(self) -> Sequence[str]:
        """Names of the body parts that are tracked."""
        ...


class Distances(Protocol):
    """Signed distances of a scene, on any time axis."""

    @property
    def times(self) -> Floats:
        """All time stamps of the scene, seconds, increasing, gaps filled in."""
        ...

    @property
    def entities(self) -> Sequence[Entity]:
        """Everybody and everything tracked, by id."""
        ...

    def motion(self, entity: str, times: Floats, part: str | None = None) -> Motion:
        """Return where an entity, or a part of it, is at ``times``."""
        ...

    def to(self, entity: str, target: str, times: Floats, part: str | None = None) -> Measure:
        """Return the signed distance to a zone, line or edge of the field at ``times``."""
        ...

    def between(self, one: str, other: str, times: Floats) -> Measure:
        """Return the distance between two entities at ``times``."""
        ...
