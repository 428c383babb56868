"""When the ball was snapped: from the report, and from the ball's own motion where it is tracked.

A report is somebody's click; the ball is the thing itself. It lies still, then it leaves. Where it leaves sharply the
snap is between its last sample at rest and its first one away, as long before that one as a ball takes to get so far:
it is put in play when the snapper begins to move it, and his arm brings it up to speed over a stroke. What it does next
tells more: in the air it keeps its speed, and in the hands of a quarterback it is no faster than he can have become
since. A ball that is a long way off in its first sample left earlier than its last sample at rest: the source had lost
sight of it, or its chip slept. Where it left longer before the report than reports come late, the snap is anywhere
between. A report that is sharper than what the ball says, and agrees with it, is believed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ontologies.base import Edition
from rules.context import Happening
from rules.kleene import Floats
from rules.propositions import Instant

REST_S = 1.0  # the ball's place is where it was for so long ...
BEFORE_S = 0.3  # ... until so long before it is seen away from there
NOISE_M = 0.05  # a ball at rest is never known better than this
CARRIED_M = 0.3  # a ball that wanders more than this was not at rest
SHARP_S = 0.25  # a ball that takes longer to leave was fumbled with before the snap, or its track was smoothed
NEXT_S = 0.2  # its speed after it left is taken over so long


@dataclass(frozen=True, eq=False)
class Ball:
    """The samples of the ball: arrays (time,), seconds and metres."""

    entity: str
    t: Floats
    x: Floats
    y: Floats


@dataclass(frozen=True)
class _Leaving:
    """How a ball left: seconds, metres, metres a second.

    Attributes:
        rest: its last sample at rest.
        away: its first one away.
        distance: how far away that is.
        speed: its speed from there on; None where nobody knows.
        noise: of that speed.
    """

    rest: float
    away: float
    distance: float
    speed: float | None
    noise: float


def snap_instant(event: Happening, ball: Ball | None, edition: Edition, k: float, kick: bool = False) -> Instant:
    """Return when a reported snap happened.

    Args:
        event: the report.
        ball: its samples, where it is tracked.
        edition: with how late a report may be, how far the ball leaves in a snap, and how fast.
        k: how many sigma the bounds are wide.
        kick: whether it may be a long snap, to a kicker or a holder.
    """
    reported = Instant(event.t, event.low, event.high, k)
    late = edition.si("snap_report_late")
    left = None if ball is None else _leaving(ball, event.low - late, event.high + late, edition)
    if left is None:
        return reported
    stroke = edition.si("snap_stroke")
    fastest = edition.si("snap_ball_speed_max_kick" if kick else "snap_ball_speed_max")
    least = max(on_its_way(left.distance, stroke, fastest), _since(left, edition.si("start_acceleration_max")))
    slowest = edition.si("snap_ball_speed_min")
    stirred = on_its_way(left.noise * NEXT_S, stroke, slowest)  # a ball that seems at rest may be on its way so long
    low = min(left.rest - stirred, left.away - max(on_its_way(left.distance, stroke, slowest), least))
    high = left.away - least
    if low <= event.low and event.high <= high:
        return reported
    if high < event.low - late:
        return Instant(event.t, low, event.high, k)
    if left.away - left.rest > SHARP_S:
        moved = max(left.distance - edition.si("snap_ball_leaves"), 0.0)  # the rest may have been an adjustment before
        return _slow(event, low, left.away - on_its_way(moved, stroke, fastest), k)
    return Instant((low + high) / 2, low, high, k)


def on_its_way(distance: float, stroke: float, speed: float) -> float:
    """Return for how long a ball has been moved, seconds, that is a distance away from where it lay.

    It gains speed evenly over the stroke of the arm and keeps it.

    >>> on_its_way(0.5, 0.5, 10.0), round(on_its_way(1.5, 0.5, 10.0), 6)
    (0.1, 0.2)
    """
    return 2.0 * (distance * stroke) ** 0.5 / speed if distance < stroke else (distance + stroke) / speed


def _since(left: _Leaving, acceleration: float) -> float:
    """Return for how long a ball has been on its way at least, as its speed afterwards tells, seconds.

    Either it flies, and was never faster, or somebody has it who stood still until it was snapped.
    """
    if left.speed is None:
        return 0.0
    flown = left.distance / (left.speed + left.noise)
    carried = max(left.speed - left.noise, 0.0) / acceleration - NEXT_S / 2
    return max(min(flown, carried), 0.0)


def _slow(event: Happening, low: float, high: float, k: float) -> Instant:
    """Return when a ball was snapped that leaves slowly: within what it and the report both allow, or either does."""
    both = max(low, event.low), min(high, event.high)
    low, high = both if both[0] <= both[1] else (min(low, event.low), max(high, event.high))
    return Instant(min(max(event.t, low), high), low, high, k)


def _leaving(ball: Ball, low: float, high: float, edition: Edition) -> _Leaving | None:
    """Return how the ball left between two instants; None where it did not."""
    least = edition.si("snap_ball_leaves")
    for i in np.flatnonzero((ball.t >= low) & (ball.t <= high)):
        before = (ball.t >= ball.t[i] - REST_S - BEFORE_S) & (ball.t <= ball.t[i] - BEFORE_S)
        if np.count_nonzero(before) < 2:
            continue
        x, y = float(np.median(ball.x[before])), float(np.median(ball.y[before]))
        off = np.hypot(ball.x - x, ball.y - y)
        if off[i] <= least:
            continue
        noise = max(3 * float(np.median(off[before])), NOISE_M)
        resting = np.flatnonzero(off[:i] <= noise)
        if float(off[before].max()) > CARRIED_M or not len(resting):
            return None
        speed = _speed_from(ball, int(i))
        return _Leaving(float(ball.t[resting[-1]]), float(ball.t[i]), float(off[i]), speed, noise / NEXT_S)
    return None


def _speed_from(ball: Ball, i: int) -> float | None:
    """Return the speed of the ball after a sample; None where the next ones do not come in time."""
    j = int(np.searchsorted(ball.t, ball.t[i] + NEXT_S - 1e-6))
    if j >= len(ball.t) or ball.t[j] > ball.t[i] + 2 * NEXT_S:
        return None
    return float(np.hypot(ball.x[j] - ball.x[i], ball.y[j] - ball.y[i]) / (ball.t[j] - ball.t[i]))
