"""People who move: smooth routes through waypoints, headings, strides, and what legs can give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from simulation.motion import Limits
from simulation.plays.play import Person

Floats = NDArray[np.float64]
Waypoint = tuple[float, float, float]

FINE_S = 0.02  # step at which headings and limits are looked at
TURN_S = 0.15  # time over which a turn is smoothed
SLOW, FAST = 0.6, 1.8  # m/s: slower than this one looks at the ball, faster where one goes


class ImplausibleError(Exception):
    """A draw that could not happen, or that does not show what its case is about: another one is drawn."""


@dataclass(eq=False)
class Mover:
    """Somebody on the board, in the board's frame: x grows towards the goal that the attack attacks.

    Attributes:
        person: who.
        side: `attack`, `defense`, or `official`.
        route: position over time.
        facing: `way` looks where he goes and, standing, at the ball; `back` goes backwards; `ball` looks at the
            ball at any speed.
        phase: of his stride, radians.
        pace: strides a second.
        shifted: by how much the whole route was moved, metres, shape (2,).
        span: how long the play lasts, seconds.
        looks_at: where the ball is, for those who look at it.
    """

    person: Person
    side: str
    route: Callable[..., Any]
    facing: str
    phase: float
    pace: float
    span: float
    looks_at: Callable[[Floats], Floats]
    shifted: Floats = field(default_factory=lambda: np.zeros(2))

    @property
    def id(self) -> str:
        """The entity."""
        return self.person.entity

    def xy(self, t: Any) -> Floats:
        """Return the ground point at times, metres, shape (..., 2)."""
        return np.asarray(self.route(np.clip(t, 0.0, self.span))) + self.shifted

    def velocity(self, t: Any) -> Floats:
        """Return the velocity at times, m/s, shape (..., 2)."""
        return np.asarray(self.route(np.clip(t, 0.0, self.span), 1))

    def heading(self, t: Any) -> Floats:
        """Return where he faces at times, radians in the board's frame."""
        times = np.asarray(t, float)
        reach = 10 * TURN_S  # what is further away does not matter to the smoothing
        last = int(np.ceil(self.span / FINE_S))
        low = max(int((float(times.min()) - reach) / FINE_S), 0)
        high = min(int((float(times.max()) + reach) / FINE_S) + 1, last)
        fine = np.arange(min(low, last), max(high, low) + 1) * FINE_S
        velocity = self.velocity(fine)
        speed = np.hypot(*velocity.T)
        along = velocity / np.maximum(speed, 1e-6)[:, None]
        look = self.looks_at(fine) - self.xy(fine)
        far = np.hypot(*look.T)
        look = np.where(far[:, None] > 1e-6, look / np.maximum(far, 1e-6)[:, None], along)
        share = np.zeros(len(fine)) if self.facing == "ball" else np.clip((speed - SLOW) / (FAST - SLOW), 0, 1)
        mixed = share[:, None] * along * (-1.0 if self.facing == "back" else 1.0) + (1 - share)[:, None] * look
        mixed = gaussian_filter1d(mixed, TURN_S / FINE_S, axis=0, mode="nearest")
        angle = np.unwrap(np.arctan2(mixed[:, 1], mixed[:, 0]))
        angle = gaussian_filter1d(angle, TURN_S / FINE_S, mode="nearest")  # nobody turns round in an instant
        return np.interp(t, fine, angle)

    def place(self, local: Floats, t: Any) -> Floats:
        """Return points that are given ahead, to the left and above (..., 3) of him, in the board's frame."""
        angle = self.heading(t)
        cos, sin = np.cos(angle), np.sin(angle)
        xy = self.xy(t)
        ahead, left, up = local[..., 0], local[..., 1], local[..., 2]
        return np.stack([xy[..., 0] + cos * ahead - sin * left, xy[..., 1] + sin * ahead + cos * left, up], axis=-1)

    def move(self, dx: float, dy: float = 0.0) -> None:
        """Move the whole route."""
        self.shifted = self.shifted + np.array([dx, dy])

    def stride(self, t: Any) -> Floats:
        """Return the phase of his stride at times, radians."""
        return self.phase + 2 * np.pi * self.pace * np.asarray(t, dtype=float)


def spline(waypoints: Sequence[Waypoint], span: float, who: str) -> CubicSpline:
    """Return a smooth route through waypoints (t, x, y) without acceleration at its ends.

    One waypoint stands still; before the first and after the last the route goes straight on.

    Raises:
        ImplausibleError: the waypoints are not in order of time.
    """
    points = np.asarray(waypoints, dtype=float).reshape(-1, 3)
    if (np.diff(points[:, 0]) <= 0).any():
        raise ImplausibleError(f"{who}: waypoints are not in order of time")
    if len(points) == 1:
        points = np.vstack([points, points + np.array([1.0, 0.0, 0.0])])
    if len(points) == 2:
        return CubicSpline(points[:, 0], points[:, 1:], bc_type="natural")
    inner = CubicSpline(points[:, 0], points[:, 1:], bc_type="natural")
    rows = [points]
    for end, away in ((points[0], min(0.0, points[0, 0]) - 1.0), (points[-1], max(span, points[-1, 0]) + 1.0)):
        speed = inner(end[0], 1)
        if away < end[0] - 1.5 or away > end[0] + 1.5:
            rows.append(np.array([[away, *(end[1:] + speed * (away - end[0]))]]))
    points = np.vstack(rows)
    points = points[np.argsort(points[:, 0])]
    return CubicSpline(points[:, 0], points[:, 1:], bc_type="natural")


def timed(start: Sequence[float], legs: Sequence[Sequence[float]], leaves: float = 0.0) -> list[Waypoint]:
    """Return waypoints from a start (x, y) through legs (x, y, speed in m/s), leaving at a time, seconds.

    >>> timed((0, 0), [(6, 8, 5.0)], leaves=1.0)
    [(1.0, 0.0, 0.0), (3.0, 6.0, 8.0)]
    """
    points = [(leaves, float(start[0]), float(start[1]))]
    for x, y, speed in legs:
        t, x0, y0 = points[-1]
        points.append((float(t + np.hypot(x - x0, y - y0) / speed), float(x), float(y)))
    return points


def plausible(mover: Mover, limits: Limits) -> None:
    """Check what legs can give.

    Raises:
        ImplausibleError: he would have to be faster, or speed up or turn faster, than anybody can.
    """
    fine = np.linspace(0.0, mover.span, max(int(mover.span / FINE_S), 2))
    speed = float(np.hypot(*mover.velocity(fine).T).max())
    if speed > limits.speed:
        raise ImplausibleError(f"{mover.id}: {speed:.1f} m/s is more than {limits.speed:g} m/s")
    gain = float(np.hypot(*np.asarray(mover.route(fine, 2)).T).max())
    if gain > limits.acceleration:
        raise ImplausibleError(f"{mover.id}: {gain:.1f} m/s^2 is more than {limits.acceleration:g} m/s^2")


def first(f: Callable[[Floats], Floats], after: float, until: float) -> float:
    """Return the first time after one at which a function of time has become positive, to a tenth of a millisecond.

    Raises:
        ImplausibleError: it never does.
    """
    t = np.linspace(after, until, max(int((until - after) / 0.005), 2))
    values = np.asarray(f(t))
    rising = np.flatnonzero((values[:-1] <= 0) & (values[1:] > 0))
    if not len(rising):
        raise ImplausibleError("what the case waits for does not happen")
    low, high = float(t[rising[0]]), float(t[rising[0] + 1])
    while high - low > 1e-4:
        middle = (low + high) / 2
        low, high = (low, middle) if float(np.asarray(f(np.array([middle])))[0]) > 0 else (middle, high)
    return high
