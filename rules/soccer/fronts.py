"""How far towards the opponents' goal line people and the ball are: what offside compares.

A front is the coordinate, in the direction of attack, of the foremost part that counts: head, body or feet of a
player, arms excluded, and the foremost point of the ball. Where only a ground point is known the foremost part is
somewhere between it and the edge of the footprint.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules.distances import Measure
from rules.formulas import Evidence
from rules.kleene import Bools, Floats

BODY = ("head", "torso", "left_foot", "right_foot")
ARMS = ("left_hand", "right_hand")
AT_FEET_M = 1.0  # a ball that is played is that near to the ground point of whoever plays it
ABSENT_M = 1e4  # so far behind everybody that it does not count


@dataclass(frozen=True, eq=False)
class Front:
    """A coordinate in the direction of attack over time; arrays (time,), metres.

    Attributes:
        value: middle of what the source leaves open.
        slack: half of that.
        own: 1-sigma that nothing else shares.
        modes: (mode, time) coefficients of the errors that everything in a frame shares.
        entity: whose it is; None: a line's or the ball's.
    """

    value: Floats
    slack: Floats
    own: Floats
    modes: Floats
    entity: str | None = None

    @property
    def sigma(self) -> Floats:
        """1-sigma of all errors together; infinite where nothing is known."""
        total = np.sqrt(self.own**2 + np.sum(self.modes**2, axis=0))
        return np.where(np.isfinite(self.value) & np.isfinite(total), total, np.inf)

    def most(self, k: float) -> Floats:
        """Return how far it may be, over time; not a number where nothing is known."""
        return self.value + self.slack + k * np.where(np.isfinite(self.sigma), self.sigma, np.nan)

    def least(self) -> float:
        """Return the smallest value in all the time, errors left out; -inf where nothing is known."""
        known = np.isfinite(self.sigma)
        return float((self.value - self.slack)[known].min()) if known.all() and len(known) else -np.inf

    def part(self, window: slice) -> Front:
        """Return a stretch of it."""
        modes = self.modes[:, window]
        return Front(self.value[window], self.slack[window], self.own[window], modes, self.entity)


def front(measure: Measure, sign: float, ahead: float, slack: float, entity: str | None) -> Front:
    """Return the front that lies ``ahead`` metres before a measured point, give or take ``slack``."""
    count = len(measure.value)
    return Front(sign * measure.value + ahead, np.full(count, slack), measure.own, sign * measure.modes, entity)


def line(x: float, count: int, modes: int) -> Front:
    """Return the front of a line across the field, which is known."""
    return Front(np.full(count, x), np.zeros(count), np.zeros(count), np.zeros((modes, count)))


def foremost(body: Front, parts: Sequence[tuple[Front, Bools]], whole: bool, k: float) -> Front:
    """Return the front of somebody of whom parts are tracked.

    Args:
        body: of the ground point with its footprint.
        parts: of each part, and where it was seen.
        whole: whether the parts are all there are; else the footprint stays the outer bound of the others.
        k: how many sigma bound an error.
    """
    if not parts:
        return body
    values = np.array([np.where(seen & np.isfinite(one.value), one.value, -np.inf) for one, seen in parts])
    sigmas = np.array([np.where(seen, one.sigma, np.inf) for one, seen in parts])
    best = values.argmax(axis=0)
    here = np.arange(len(body.value))
    value, sigma = values[best, here], sigmas[best, here]
    with np.errstate(invalid="ignore"):  # nothing is known of a part that was not seen
        most = np.where(np.isfinite(values), values + k * sigmas, -np.inf).max(axis=0)
    open_ = ~np.isfinite(values).all(axis=0) | (not whole)
    most = np.where(open_, np.maximum(most, body.value + body.slack + k * body.sigma), most)
    known = np.isfinite(value) & np.isfinite(sigma)
    with np.errstate(invalid="ignore"):
        slack = np.where(known, np.maximum(most - value - k * sigma, 0.0) / 2, body.slack)
    own = np.array([one.own for one, _ in parts])[best, here]
    modes = np.array([one.modes for one, _ in parts])[best, :, here].T
    return Front(
        np.where(known, value + slack, body.value),
        slack,
        np.where(known, own, body.own),
        np.where(known, modes, body.modes),
        body.entity,
    )


def kept_behind(one: Front, limit: float, k: float) -> Front:
    """Return the front of somebody who, when he is wholly past a line, counts as on it."""
    beyond = one.value - one.slack - k * one.sigma > limit
    if not beyond.any():
        return one
    return Front(
        np.where(beyond, limit, one.value),
        np.where(beyond, 0.0, one.slack),
        np.where(beyond, 0.0, one.own),
        np.where(beyond, 0.0, one.modes),
        one.entity,
    )


def absent(one: Front, surely: Bools, perhaps: Bools) -> Front:
    """Return the front of somebody who does not count, surely or perhaps: then he is as far behind as can be."""
    return Front(
        np.where(surely, -ABSENT_M, np.where(perhaps, one.value - ABSENT_M / 2, one.value)),
        np.where(surely, 0.0, np.where(perhaps, one.slack + ABSENT_M / 2, one.slack)),
        np.where(surely, 0.0, one.own),
        np.where(surely, 0.0, one.modes),
        one.entity,
    )


def lead(one: Front, other: Front, sign: float) -> Evidence:
    """Return by how much one front is ahead of another; errors that both share cancel.

    ``one`` is whose entity would have to move.
    """
    own, modes = np.hypot(one.own, other.own), one.modes - other.modes
    return _evidence(one.value - other.value, own, modes, one.slack + other.slack, one.entity, sign)


def lead_of_rank(one: Front, others: Sequence[Front], rank: int, sign: float, k: float) -> tuple[Evidence, list[int]]:
    """Return by how much a front is ahead of all but ``rank - 1`` of others, and which of them it is measured to.

    That lead is the ``rank``-th smallest of all, and so are its bounds of the bounds. A bound that is further off
    on one side counts for both.
    """
    leads = [lead(one, other, sign) for other in others]
    margins = np.array([np.where(np.isfinite(each.margin), each.margin, 0.0) for each in leads])
    widths = np.array([each.slack + k * each.sigma for each in leads])
    order = np.argsort(margins, axis=0, kind="stable")[rank - 1]
    here = np.arange(margins.shape[1])
    margin = margins[order, here]
    low = np.sort(margins - widths, axis=0)[rank - 1]
    high = np.sort(margins + widths, axis=0)[rank - 1]
    own = np.array([each.own for each in leads])[order, here]
    modes = np.array([each.modes for each in leads])[order, :, here].T
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    with np.errstate(invalid="ignore"):
        slack = np.maximum(np.maximum(margin - low, high - margin) - k * sigma, 0.0)
    lost = ~np.isfinite(slack)
    evidence = _evidence(np.where(lost, np.nan, margin), own, modes, np.where(lost, 0.0, slack), one.entity, sign)
    return evidence, [int(n) for n in order]


def _evidence(margin: Floats, own: Floats, modes: Floats, slack: Floats, entity: str | None, sign: float) -> Evidence:
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    lost = ~np.isfinite(margin) | ~np.isfinite(sigma)
    normal = np.array([np.full(len(margin), sign), np.zeros(len(margin))])
    return Evidence(np.where(lost, np.nan, margin), np.where(lost, np.inf, sigma), slack, own, modes, entity, normal)
