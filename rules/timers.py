"""Counts that run, pause and start again: a stop-watch on Kleene inputs, which carries an interval of seconds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.formulas import Evidence, Formula, measured
from rules.kleene import Bools, Floats, Plane


@dataclass(frozen=True, eq=False)
class Count:
    """What a stop-watch may show: at least ``low`` and at most ``high``, arrays (time,), seconds.

    ``high`` is infinite where nobody knows how long it has been running.
    """

    low: Floats
    high: Floats

    def reaches(self, limit: float, text: str, sigma: float = 0.0, k: float = 2.0) -> Formula:
        """Return the atom that the count is greater than a limit.

        Its margin is the middle of the interval less the limit, in seconds; half the interval is slack.

        Args:
            limit: seconds.
            text: the statement in words.
            sigma: 1-sigma of the limit or of the source's clock, seconds.
            k: how many sigma make the atom certain.
        """
        with np.errstate(invalid="ignore"):
            middle, half = (self.low + self.high) / 2, (self.high - self.low) / 2
        open_ = ~np.isfinite(self.high)
        margin = np.where(open_, np.nan, middle - limit)
        spread = np.where(open_, np.inf, sigma)
        slack = np.where(open_, 0.0, half)
        nothing = np.zeros((0, len(self.low)))
        return measured(text, Evidence(margin, spread, slack, spread, nothing, unit="s"), "tracks", k)


def timer(
    run: Plane,
    pause: Plane,
    reset: Plane,
    axis: Floats,
    initial: tuple[float, float] = (0.0, 0.0),
    lapse: Floats | None = None,
) -> Count:
    """Return what a stop-watch shows that runs while ``run`` and not ``pause``, and goes back to zero at ``reset``.

    Between two time stamps the inputs are only known at both ends: time that runs at both ends counts for
    certain, time that may run at either end counts possibly. A reset at a time stamp holds from there on; a
    count is zero while a reset certainly holds.

    Args:
        run: (time,) where the watch runs.
        pause: (time,) where it stands still although it runs.
        reset: (time,) where it is set to zero.
        axis: (time,) seconds, increasing.
        initial: what the watch may show at the first time stamp, seconds.
        lapse: (time - 1,) seconds that go by on the watch's own clock between two time stamps, where that is
            not the difference of the stamps (a game clock that stands still).
    """
    steps = np.diff(axis) if lapse is None else lapse
    going = run & ~pause
    surely, perhaps = (going.must[:-1] & going.must[1:]), (going.may[:-1] | going.may[1:])
    gained_low = np.concatenate(([0.0], np.cumsum(np.where(surely, steps, 0.0))))
    gained_high = np.concatenate(([0.0], np.cumsum(np.where(perhaps, steps, 0.0))))
    return Count(
        _since_reset(gained_low, reset.may, initial[0]),
        _since_reset(gained_high, reset.must, initial[1]),
    )


def _since_reset(gained: Floats, reset: Bools, initial: float) -> Floats:
    """Return what was gained since the latest reset, or since the begin on top of what was there."""
    latest = np.maximum.accumulate(np.where(reset, np.arange(len(reset)), -1))
    start = np.where(latest >= 0, gained[np.maximum(latest, 0)], gained[0] - initial)
    result: Floats = gained - start
    return result
