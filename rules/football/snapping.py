"""When the ball was snapped: from the report, and from the ball's own motion where it is tracked.

A report is somebody's click; the ball is the thing itself. It lies still, then it leaves. Where it leaves sharply the
snap is between its last sample at rest and its first one away, as long before that one as a ball takes to get so far. A
ball that is a long way off in its first sample left earlier than its last sample at rest: the source had lost sight
of it, or its chip slept. Where it left longer before the report than reports come late, the snap is anywhere between.
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


@dataclass(frozen=True, eq=False)
class Ball:
    """The samples of the ball: arrays (time,), seconds and metres."""

    entity: str
    t: Floats
    x: Floats
    y: Floats


def snap_instant(event: Happening, ball: Ball | None, edition: Edition, k: float) -> Instant:
    """Return when a reported snap happened.

    Args:
        event: the report.
        ball: its samples, where it is tracked.
        edition: with how late a report may be, how far the ball leaves in a snap, and how fast.
        k: how many sigma the bounds are wide.
    """
    reported = Instant(event.t, event.low, event.high, k)
    late = edition.si("snap_report_late")
    left = None if ball is None else _leaving(ball, event.low - late, event.high + late, edition)
    if left is None:
        return reported
    rest, away, distance = left
    low = min(rest, away - distance / edition.si("snap_ball_speed_min"))
    high = max(away - distance / edition.si("snap_ball_speed_max"), low)
    if high < event.low - late:
        return Instant(event.t, low, event.high, k)
    if away - rest > SHARP_S:
        return _slow(event, low, high, k)
    return Instant((low + high) / 2, low, high, k)


def _slow(event: Happening, low: float, high: float, k: float) -> Instant:
    """Return when a ball was snapped that leaves slowly: within what it and the report both allow, or either does."""
    both = max(low, event.low), min(high, event.high)
    low, high = both if both[0] <= both[1] else (min(low, event.low), max(high, event.high))
    return Instant(min(max(event.t, low), high), low, high, k)


def _leaving(ball: Ball, low: float, high: float, edition: Edition) -> tuple[float, float, float] | None:
    """Return the last sample at rest, the first one away, and how far away that is; None where it did not leave."""
    least = edition.si("snap_ball_leaves")
    for i in np.flatnonzero((ball.t >= low) & (ball.t <= high)):
        before = (ball.t >= ball.t[i] - REST_S - BEFORE_S) & (ball.t <= ball.t[i] - BEFORE_S)
        if np.count_nonzero(before) < 2:
            continue
        x, y = float(np.median(ball.x[before])), float(np.median(ball.y[before]))
        off = np.hypot(ball.x - x, ball.y - y)
        if off[i] <= least:
            continue
        resting = np.flatnonzero(off[:i] <= max(3 * float(np.median(off[before])), NOISE_M))
        if float(off[before].max()) > CARRIED_M or not len(resting):
            return None
        return float(ball.t[resting[-1]]), float(ball.t[i]), float(off[i])
    return None
