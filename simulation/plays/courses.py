"""How somebody gets about: legs that start and stop as people do, added up, exactly at rest in between.

A leg is a displacement in a time. Its speed rises over a ramp, stays, and falls over a ramp, each half a wave of a
cosine, so that speed and acceleration have no jump. Legs that overlap add up, which bends the way from one to the
next. So a course knows exactly when somebody has stopped, which a spline through points does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.errors import InputError

Floats = NDArray[np.float64]

RAMP_S = 0.6  # a man gets to a jog or stops within this


@dataclass(frozen=True)
class Leg:
    """One displacement.

    Attributes:
        start: seconds.
        stop: seconds.
        dx: metres.
        dy: metres.
        rise: seconds until its full speed.
        fall: seconds from its full speed to rest.
    """

    start: float
    stop: float
    dx: float
    dy: float
    rise: float
    fall: float

    @property
    def lasting(self) -> float:
        """Seconds that the leg would take at its full speed all the time."""
        return self.stop - self.start - (self.rise + self.fall) / 2

    def share(self, t: Floats, order: int = 0) -> Floats:
        """Return how much of the displacement is done at some times, 0 to 1, or a derivative of that."""
        done = _ramp(t - self.start, self.rise, order) - _ramp(t - (self.stop - self.fall), self.fall, order)
        result: Floats = done / self.lasting
        return result


def _ramp(t: Floats, long: float, order: int) -> Floats:
    """Return the way of somebody whose speed rises from 0 to 1 over a ramp; its speed, or its acceleration."""
    u = np.clip(t / long, 0.0, 1.0)
    if order == 0:
        return np.asarray(long * (u - np.sin(np.pi * u) / np.pi) / 2 + np.maximum(t - long, 0.0))
    if order == 1:
        return np.asarray((1 - np.cos(np.pi * u)) / 2)
    return np.asarray(np.pi * np.sin(np.pi * u) / (2 * long))


@dataclass(frozen=True)
class Sway:
    """How a standing man sways: sums of sines a second, shape (3, 2), of a size in metres."""

    frequency: Floats
    phase: Floats
    size: float

    def at(self, t: Floats, order: int = 0) -> Floats:
        """Return offsets at some times, shape (N, 2), or a derivative of them."""
        turn = 2 * np.pi * self.frequency
        angle = turn[None] * t[:, None, None] + self.phase[None] + order * np.pi / 2
        result: Floats = self.size / np.sqrt(3) * (turn[None] ** order * np.sin(angle)).sum(axis=1)
        return result


def sway(rng: np.random.Generator, size: float) -> Sway:
    """Draw how somebody sways, by about so many metres."""
    return Sway(rng.uniform(0.12, 0.45, (3, 2)), rng.uniform(0, 2 * np.pi, (3, 2)), size)


@dataclass
class Course:
    """A place and the legs from there, metres and seconds.

    Attributes:
        x: where it begins.
        y: where it begins.
        legs: what follows, in any order.
        swaying: how he sways all the time.
    """

    x: float
    y: float
    legs: list[Leg] = field(default_factory=list)
    swaying: Sway | None = None

    @property
    def end(self) -> tuple[float, float]:
        """Where it ends."""
        return self.x + sum(leg.dx for leg in self.legs), self.y + sum(leg.dy for leg in self.legs)

    @property
    def rests_from(self) -> float:
        """The time from which on nothing moves any more; minus infinity where nothing ever moves."""
        return max((leg.stop for leg in self.legs), default=-np.inf)

    def by(self, dx: float, dy: float, start: float, stop: float, ramp: float | None = None) -> Course:
        """Add a displacement between two times; ramps last as long as one may, ``RAMP_S`` unless told otherwise.

        Raises:
            InputError: the leg stops before it starts.
        """
        if stop <= start:
            raise InputError(f"a leg from {start:g} s cannot stop at {stop:g} s", where="course")
        long = min(RAMP_S if ramp is None else ramp, (stop - start) / 2)
        self.legs.append(Leg(start, stop, dx, dy, long, long))
        return self

    def to(self, x: float, y: float, start: float, stop: float, ramp: float | None = None) -> Course:
        """Add the displacement that ends at a place, whatever was added before."""
        here = self.end
        return self.by(x - here[0], y - here[1], start, stop, ramp)

    def go(self, vx: float, vy: float, start: float, stop: float, ramp: float = RAMP_S) -> Course:
        """Add a motion that reaches a velocity after a ramp and stops a ramp before its end."""
        long = min(ramp, (stop - start) / 2)
        lasting = stop - start - long
        return self.by(vx * lasting, vy * lasting, start, stop, long)

    def __call__(self, t: Any, order: int = 0) -> Floats:
        """Return the places at some times, shape (..., 2), or a derivative of them."""
        times = np.atleast_1d(np.asarray(t, np.float64))
        total = np.zeros((len(times), 2)) if self.swaying is None else self.swaying.at(times, order)
        for leg in self.legs:
            total = total + leg.share(times, order)[:, None] * np.array([leg.dx, leg.dy])
        if order == 0:
            total = total + np.array([self.x, self.y])
        return total if np.ndim(t) else total[0]


def walking_time(distance: float, speed: float, ramp: float = RAMP_S) -> float:
    """Return how long a leg takes at a speed at its height, ramps included, seconds."""
    return max(distance / max(speed, 1e-6) + ramp, 2 * ramp)


def quickest(distance: float, acceleration: float) -> float:
    """Return how long a leg from rest to rest takes that never accelerates more than so much, seconds."""
    return float(np.sqrt(2 * np.pi * abs(distance) / acceleration))
