"""NFL 4-6, NCAA 3-2-4: delay of game.

The ball must be snapped before the play clock expires. A clock is expired at the first instant that it shows 0.

Where nobody read the play clock, the time since a whistle tells as much: it starts at 40 s when an ordinary play ends
(detail `dead_ball`) and at 25 s when the ball is made ready after an administrative stop (detail `ready`). After a
whistle of which nothing more is known the earlier of the two cannot have run out sooner than that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from records import tables
from rules.context import Happening
from rules.football.play import Play
from rules.propositions import Instant, Leaf, Prop, fact
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

ZERO_S = 0.05  # a clock that shows tenths shows 0.0 below this
STARTED_S = 1.0  # a reading that is higher than the one before by more is a new start
SNAPPED, LATE_S = "the ball had been snapped", 0.01
SHORTEST_S = 3.0  # a clock that was off for less than a snap earlier belongs to it


@dataclass(frozen=True)
class Countdown:
    """A play clock that started at ``t`` and expires between ``low`` and ``high``; it counts until ``stop``.

    ``ended`` is false where the scene stops before it was set again.
    """

    t: float
    low: float
    high: float
    stop: float
    source: str
    ended: bool = True


@rule(
    "football.delay_of_game",
    clause={"nfl-2025": "NFL 4-6-1", "ncaa-2025": "NCAA 3-2-4"},
    needs=Needs(resolution="point", events=("snap", "whistle"), clocks=("play",), context=("complete", "plays")),
)
def delay_of_game(play: Play) -> Iterator[Opportunity]:
    """The ball must be snapped before the play clock expires."""
    countdowns = readings(play) if play.has_play_clock else since_whistles(play)
    for one in countdowns:
        if not bool(play.scene.is_live(np.array([one.t]))[0]):
            continue
        yield _judged(play, one)


def _judged(play: Play, one: Countdown) -> Opportunity:
    team = next((phase.offense for phase in play.phases if phase.end.t >= one.t), None)
    ends = [phase.end for phase in play.snaps if one.t < phase.end.t <= one.stop]
    snapped = ends[0] if ends else None
    stopped = next((w for w in play.listed("whistle") if w.certain and one.t < w.low and w.t < one.stop), None)
    if snapped is None and stopped is not None and stopped.high < one.low:
        clear = fact("play was stopped before the play clock expired", False, stopped.t)
        return Opportunity(Instant(stopped.t, stopped.low, stopped.high, play.k), clear, team, since=one.t)
    end = snapped or Instant(one.stop, one.stop, one.stop, play.k)
    prop = expired(play, one, end)
    if snapped is None:
        prop = Prop("and", (prop, _not_snapped(play, one)))
        if not one.ended and not np.isfinite(one.high):
            later = fact("the play clock expires before the snap (the scene ends first)", None, one.stop, "scene")
            prop = prop | later
    late = np.isfinite(one.high) and one.high < end.low
    when = Instant(one.high, one.low, one.high, play.k) if late else end
    return Opportunity(
        when, prop, team, since=one.t, until=end.high, movable=False,
        sooner=(SNAPPED, one.low) if one.low > one.t else None,
        later=_too_late(one, end),
    )  # fmt: skip


def _too_late(one: Countdown, end: Instant) -> tuple[str, float] | None:
    """Return when a snap as well known as this one would certainly have come too late; None where nobody knows."""
    t = one.high + (end.t - end.low) + LATE_S
    return (SNAPPED, t) if t < one.stop else None


def expired(play: Play, one: Countdown, end: Instant) -> Prop:
    """Return whether a play clock expired before an instant; the margin is in seconds."""
    low, high = end.low - one.high, end.high - one.low
    value = True if low > 0 else (False if high <= 0 else None)
    text = "the play clock showed 0 before the snap"
    if not np.isfinite(low):
        return Prop("leaf", leaf=Leaf(f"{text}@{end.t:.6f}", text, value, end.t, one.source, unit="s"))
    margin, half = (low + high) / 2, (high - low) / 2
    leaf = Leaf(f"{text}@{end.t:.6f}", text, value, end.t, one.source, None, "s", margin, half / play.k, low, high)
    return Prop("leaf", leaf=leaf)


def _not_snapped(play: Play, one: Countdown) -> Prop:
    """Return whether the ball was not snapped before the clock expired, where no snap is listed."""
    last = one.high if np.isfinite(one.high) else one.stop
    complete = play.scene.is_complete("snap", one.t, last)
    return fact("the ball was not snapped before that", True if complete else None, last)


def readings(play: Play) -> list[Countdown]:
    """Return the countdowns that a clock showed, in order of time."""
    table = play.scene.clocks
    if table is None:
        return []
    own = tables.column(table, "clock") == "play"
    t, value, sigma = (tables.column(table, name)[own].astype(np.float64) for name in ("t", "value", "sigma"))
    sigma = np.where(np.isnan(sigma), play.ontology.defaults.clock_sigma_s, sigma)
    good = np.isfinite(value) & (play.k * sigma < 1.0)
    t, value = t[good], value[good]
    starts = [0, *(np.flatnonzero(np.diff(value) > STARTED_S) + 1).tolist()] if len(t) else []
    found = []
    for first, stop in zip(starts, [*starts[1:], len(t)], strict=True):
        last = float(t[stop]) if stop < len(t) else play.span.stop
        found.append(_countdown(t[first:stop], value[first:stop], last, stop < len(t)))
    return found


def _countdown(t: np.ndarray, value: np.ndarray, stop: float, ended: bool) -> Countdown:
    """Return the countdown that some falling readings show.

    A display of whole seconds that shows n reaches 0 no earlier than n - 1 seconds later; it may stand still.
    """
    zero = np.flatnonzero(value < ZERO_S)
    shown = t[: zero[0]] if len(zero) else t
    low = float(np.max(np.concatenate([shown, shown + value[: len(shown)] - 1.0]))) if len(shown) else float(t[0])
    high = float(t[zero[0]]) if len(zero) else np.inf
    return Countdown(float(t[0]), min(low, high), high, stop, "clocks", ended)


def since_whistles(play: Play) -> list[Countdown]:
    """Return the countdowns that the last whistle before each snap started."""
    found = []
    for phase in play.snaps:
        before = [one for one in play.listed("whistle") if one.certain and one.high < phase.end.low]
        if before and not any(before[-1].t < other.end.t < phase.end.t for other in play.snaps):
            found.append(_from_whistle(play, before[-1], phase.end))
    return found


def _from_whistle(play: Play, whistle: Happening, snap: Instant) -> Countdown:
    whole, short = play.edition.si("play_clock"), play.edition.si("play_clock_administrative")
    seconds = {"dead_ball": whole, "ready": short}.get(whistle.detail or "")
    known = seconds is not None and play.scene.is_complete("whistle", whistle.t, snap.t)
    low = whistle.low + (seconds if seconds is not None else short)
    high = whistle.high + seconds if known and seconds is not None else np.inf
    return Countdown(whistle.t, low, high, snap.high, "events")
