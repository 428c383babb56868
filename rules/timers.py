"""Counts that run, pause and start again: a stop-watch on Kleene inputs, which carries an interval of seconds.

What the inputs are between two time stamps is told by the stamps at both ends: what holds at both holds in
between, what holds at one end only begins or ends somewhere in between. So the interval is as wide as the time
steps at which something changed, however irregular they are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rules.formulas import Evidence, Formula, measured
from rules.kleene import Bools, Floats, Ints, Plane


@dataclass(frozen=True, eq=False)
class Count:
    """What a stop-watch may show: at least ``low`` and at most ``high``, arrays (time,), seconds.

    ``high`` is infinite where nobody knows how long it has been running.
    """

    low: Floats
    high: Floats

    def reaches(self, limit: float, text: str, sigma: float = 0.0, k: float = 2.0) -> Formula:
        """Return the atom that the count is greater than a limit.

        Its margin is the middle of the interval less the limit, in seconds; half the interval is slack. Where
        ``high`` is infinite and the least count is certainly beyond the limit, the margin is that of the least.

        Args:
            limit: seconds.
            text: the statement in words.
            sigma: 1-sigma of the limit or of the source's clock, seconds.
            k: how many sigma make the atom certain.
        """
        open_, beyond = ~np.isfinite(self.high), self.low - limit
        top = np.where(open_, self.low, self.high)
        lost = open_ & ~(beyond > k * sigma)
        margin = np.where(lost, np.nan, (self.low + top) / 2 - limit)
        spread = np.where(lost, np.inf, sigma)
        nothing = np.zeros((0, len(self.low)))
        return measured(text, Evidence(margin, spread, (top - self.low) / 2, spread, nothing, unit="s"), "tracks", k)


def timer(
    run: Plane,
    pause: Plane,
    reset: Plane,
    axis: Floats,
    initial: tuple[float, float] = (0.0, 0.0),
    lapse: Floats | None = None,
    restart: Plane | None = None,
) -> Count:
    """Return what a stop-watch shows that runs while ``run`` and not ``pause``, and shows zero while ``reset``.

    A reset is a state: while it holds the watch shows zero, and it runs on from zero when the state ends. A
    restart is an event without duration, as ``Context.reported`` gives it: in every stretch of time stamps in
    which it may happen and that ends where it must, it happened at some unknown instant.

    Args:
        run: (time,) where the watch runs.
        pause: (time,) where it stands still although it runs.
        reset: (time,) where it is held at zero.
        axis: (time,) seconds, increasing.
        initial: what the watch may show at the first time stamp, seconds.
        lapse: (time - 1,) seconds that go by on the watch's own clock between two time stamps, where that is
            not the difference of the stamps (a game clock that stands still).
        restart: (time,) where it is set back to zero at one instant.

    >>> from rules.kleene import known
    >>> count = timer(known([True] * 4), known([False] * 4), known([True, True, False, False]), np.arange(4.0))
    >>> count.low.tolist(), count.high.tolist()
    ([0.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 2.0])
    """
    steps = np.diff(axis) if lapse is None else lapse
    going = run & ~pause
    surely = going.must[:-1] & going.must[1:]
    perhaps = _either(run.may) & _either(~pause.must)  # both may change between two stamps, the pause first
    gained_low = np.concatenate(([0.0], np.cumsum(np.where(surely, steps, 0.0))))
    gained_high = np.concatenate(([0.0], np.cumsum(np.where(perhaps, steps, 0.0))))
    latest_may, latest_must = _until(reset.may), _latest(reset.must)
    if restart is not None:
        latest_may = np.maximum(latest_may, _latest(restart.may))
        latest_must = np.maximum(latest_must, _begun(restart))
    return Count(
        _since(gained_low, latest_may, initial[0]),
        _since(gained_high, latest_must, initial[1]),
    )


def _since(gained: Floats, start: Ints, initial: float) -> Floats:
    """Return what was gained since a position, or since the begin on top of what was there; -1: no position."""
    zero = np.where(start >= 0, gained[np.maximum(start, 0)], gained[0] - initial)
    result: Floats = gained - zero
    return result


def _either(mask: Bools) -> Bools:
    """Return where the mask is true at either end of a step."""
    result: Bools = mask[:-1] | mask[1:]
    return result


def _latest(mask: Bools) -> Ints:
    """Return the latest position up to each at which the mask is true, or -1."""
    return np.maximum.accumulate(np.where(mask, np.arange(len(mask)), -1))


def _until(mask: Bools) -> Ints:
    """Return the latest position up to each by which a state has ended: one after it was last seen; or -1."""
    latest = _latest(mask)
    return np.where(latest >= 0, np.minimum(latest + 1, np.arange(len(mask))), -1)


def _begun(event: Plane) -> Ints:
    """Return the position before the stretch in which the latest certain event may have happened, or -1.

    At the first time stamp the event happens there and then.
    """
    places = np.arange(len(event.must))
    first = np.maximum.accumulate(np.where(event.may & ~np.concatenate(([False], event.may[:-1])), places, 0))
    latest = _latest(event.must)
    return np.where(latest >= 0, np.maximum(first[np.maximum(latest, 0)] - 1, 0), -1)
