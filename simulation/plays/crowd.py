"""Bystanders: people who keep a place in their team's shape, get out of one another's way, and tire like anybody.

Everybody wants to be somewhere (a place that moves with the play) and steers there with the acceleration and the
speed that legs have. So a crowd is plausible however fast the ball flies.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from simulation.motion import Limits

Floats = NDArray[np.float64]
Wish = Callable[[Floats], Floats]

STEP_S = 0.05
WARM_S = 2.0  # before the play: people who stand in one another's way part
AHEAD_S = 0.8  # how far ahead of the play people think
SHARE = 0.75  # of the limits, which a bystander does not use up
SOFT_S = 0.12  # smoothing of what comes out
KNOT = 4  # steps between the knots of the route


@dataclass(frozen=True, eq=False)
class Wisher:
    """Somebody who wants to be somewhere: a place over time, and the limits of his legs."""

    wish: Wish
    limits: Limits


def steer(people: Sequence[Wisher], others: Sequence[Wish], span: float, room_m: float) -> list[CubicSpline]:
    """Return the routes of people who follow their wishes and keep clear of each other and of everybody else.

    Args:
        people: who is steered.
        others: routes that are given.
        span: how long, seconds.
        room_m: distance below which people push apart.
    """
    steps = np.arange(-WARM_S, span + 1.0 + STEP_S, STEP_S)
    moments = np.clip(steps, 0.0, span)
    wishes = np.stack([np.asarray(one.wish(moments), float) for one in people])
    wishes = gaussian_filter1d(wishes, 0.25 / STEP_S, axis=1, mode="nearest")
    seen = np.roll(wishes, -int(AHEAD_S / STEP_S), axis=1)  # people see where the play goes
    seen[:, -int(AHEAD_S / STEP_S) :] = wishes[:, -1:]
    fixed = np.stack([other(moments) for other in others]) if others else np.zeros((0, len(steps), 2))
    top = SHARE * np.array([[one.limits.speed] for one in people])
    push = SHARE * np.array([[one.limits.acceleration] for one in people])
    place, velocity = wishes[:, 0].copy(), np.zeros((len(people), 2))
    places = np.empty_like(wishes)
    for n in range(len(steps)):
        places[:, n] = place
        way = seen[:, n] - place
        brake = np.sqrt(push * np.hypot(way[:, 0], way[:, 1])[:, None])  # so fast one may be and still stop there
        wanted = _capped(way / AHEAD_S, np.minimum(top, brake))
        force = _capped(3.0 * (wanted - velocity), 0.6 * push) + _apart(place, fixed[:, n], room_m)
        velocity = _capped(velocity + STEP_S * _capped(force, push), top)
        place = place + STEP_S * velocity
    smooth = gaussian_filter1d(places, SOFT_S / STEP_S, axis=1, mode="nearest")
    start = int(WARM_S / STEP_S) - 2 * KNOT
    knots = slice(start, None, KNOT)
    return [CubicSpline(steps[knots], one[knots], bc_type="natural") for one in smooth]


def _capped(vectors: Floats, most: Floats) -> Floats:
    size = np.hypot(vectors[:, 0], vectors[:, 1])[:, None]
    result: Floats = vectors * np.minimum(1.0, most / np.maximum(size, 1e-9))
    return result


def _apart(place: Floats, fixed: Floats, room_m: float) -> Floats:
    """Return the acceleration that drives people apart who come too near."""
    away = place[:, None] - np.concatenate([place, fixed])[None]
    far = np.hypot(away[..., 0], away[..., 1])
    far[np.arange(len(place)), np.arange(len(place))] = np.inf
    strength = 9.0 * np.clip(1.0 - far / room_m, 0.0, 1.0)
    result: Floats = np.einsum("ij,ijk->ik", strength / np.maximum(far, 0.05), away)
    return result
