"""Smooth paths through waypoints, checked against what a skater can do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from records.errors import InputError


@dataclass(frozen=True)
class Limits:
    """Greatest plausible speed (m/s) and acceleration (m/s^2), turning included."""

    speed: float
    acceleration: float


LIMITS = {
    "player": Limits(11.0, 9.0),
    "goalie": Limits(6.0, 9.0),
    "official": Limits(9.0, 8.0),
}


@dataclass(frozen=True)
class Path:
    """Positions on the field plane over time.

    Attributes:
        t: seconds, shape (N,).
        xy: field metres, shape (N, 2).
        velocity: metres a second, shape (N, 2).
    """

    t: np.ndarray
    xy: np.ndarray
    velocity: np.ndarray


def through(
    waypoints: Sequence[tuple[float, float, float]], t: np.ndarray, kind: str = "player", who: str = ""
) -> Path:
    """Path through waypoints (t, x, y): a cubic spline without acceleration at its ends.

    Args:
        waypoints: seconds and field metres, in order of time; they must span `t`. One waypoint stands still.
        t: times asked for, seconds.
        kind: whose limits hold.
        who: named in errors.

    Raises:
        InputError: the waypoints are out of order, too few, or ask for more than legs can give.
    """
    points = np.asarray(waypoints, dtype=float).reshape(-1, 3)
    if len(points) == 1:
        still = np.tile(points[0, 1:], (len(t), 1))
        return Path(t, still, np.zeros_like(still))
    if (np.diff(points[:, 0]) <= 0).any():
        raise InputError("waypoints are not in order of time", where=who)
    if points[0, 0] > t[0] + 1e-9 or points[-1, 0] < t[-1] - 1e-9:
        raise InputError(
            f"waypoints span {points[0, 0]:g} to {points[-1, 0]:g} s, the play {t[0]:g} to {t[-1]:g} s",
            where=who,
            mend="give the first and the last instant a waypoint",
        )
    spline = CubicSpline(points[:, 0], points[:, 1:], bc_type="natural")
    _plausible(spline, t, LIMITS[kind], who)
    return Path(t, spline(t), spline(t, 1))


def _plausible(spline: CubicSpline, t: np.ndarray, limits: Limits, who: str) -> None:
    fine = np.linspace(t[0], t[-1], max(20 * int(t[-1] - t[0] + 1), 20))
    for order, limit, unit in ((1, limits.speed, "m/s"), (2, limits.acceleration, "m/s^2")):
        size = np.hypot(*spline(fine, order).T)
        worst = int(np.argmax(size))
        if size[worst] > limit:
            raise InputError(
                f"{size[worst]:.1f} {unit} at {fine[worst]:.2f} s is more than {limit:g} {unit}",
                where=who,
                mend="move a waypoint or give it more time",
            )


def headings(path: Path, look_at: np.ndarray, always_look: bool, smooth_s: float = 0.15) -> np.ndarray:
    """Where a skater faces, radians: along the motion, or towards a point when slow.

    Args:
        path: where the skater goes.
        look_at: field metres, shape (N, 2), usually the puck.
        always_look: face that point at any speed, as a defender who skates backwards.
        smooth_s: time over which a turn is smoothed, seconds.
    """
    way = look_at - path.xy
    way = way / np.maximum(np.hypot(*way.T), 1e-6)[:, None]
    speed = np.hypot(*path.velocity.T)
    share = np.zeros(len(path.t)) if always_look else np.clip((speed - 0.6) / 1.2, 0, 1)
    along = path.velocity / np.maximum(speed, 1e-6)[:, None]
    mixed = share[:, None] * along + (1 - share)[:, None] * way
    step = float(np.median(np.diff(path.t))) if len(path.t) > 1 else 1.0
    mixed = gaussian_filter1d(mixed, smooth_s / step, axis=0, mode="nearest")
    return np.arctan2(mixed[:, 1], mixed[:, 0])
