"""NBA 7-II, FIBA article 29: the shot clock.

A team in control must shoot before the shot clock expires: the ball leaves the hand before, and touches the ring then
or later. A clock has expired at the first instant at which it is shown as 0. A ball in flight at that instant that
misses the ring is a violation; FIBA plays on if the opponents gain the ball at once.

Between two readings a clock may have expired without being shown as 0, when less was left than went by and it was set
anew. Tracking shows when a ball comes near the ring, not whether it touches it: that leaves open what happened to
a ball in flight, and a shot in hand at the expiry is a violation in any case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rules.basketball import ball as tracking
from rules.basketball.play import RISEN_S, Play, Possession
from rules.context import OTHER
from rules.kleene import Truth
from rules.operators import unless
from rules.propositions import Instant, Prop, fact, read
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

RING = "the ball touched the ring"
GAINED = "the opponents gained the ball at once"
READINGS = {"must touch the ring": False, "must touch the ring, or the opponents gain the ball": True}  # plays on
FLIGHT_S = 3.0  # a shot has come down by then
AT_ONCE_S = 2.0
NEW_S = 0.3  # a clock that runs out so soon after a team gained the ball is still the other team's


@dataclass(frozen=True)
class Expiry:
    """The shot clock ran out; when not ``certain``, it may have."""

    instant: Instant
    certain: bool
    since: float  # the last reading before


@rule(
    "basketball.shot_clock",
    clause={"nba-2025": "NBA 7-II", "fiba-2024": "FIBA 29"},
    needs=Needs(
        events=("loose", "possession", "rebound", "release", "rim", "whistle"),
        clocks=("shot",),
        context=("complete", "initial", "segments"),
    ),
)
def shot_clock(play: Play) -> Iterator[Opportunity]:
    """The ball leaves the hand before the shot clock expires, and touches the ring."""
    if not len(play.clock("shot")[0]):
        return
    expired = expiries(play)
    for team in OTHER:
        for one in play.possessions(team):
            yield _of(play, one, expired)


def expiries(play: Play) -> list[Expiry]:
    """Return when the shot clock ran out, in order of time."""
    return play.remember(("expiries",), lambda: _expiries(play))


def _expiries(play: Play) -> list[Expiry]:
    t, value = play.clock("shot")
    sigma = play.clock_sigma("shot")
    found = []
    for place in range(1, len(t)):
        left, went = value[place - 1], t[place] - t[place - 1]
        if left <= 0:
            continue
        early = float(np.clip(t[place - 1] + left - play.k * sigma, t[place - 1], t[place]))
        if value[place] <= 0:
            found.append(Expiry(Instant(float(t[place]), early, float(t[place]), play.k), True, float(t[place - 1])))
        elif value[place] > left + RISEN_S and left - went <= play.k * sigma:
            middle = float(min(t[place - 1] + left, t[place]))
            found.append(
                Expiry(Instant(middle, min(early, middle), float(t[place]), play.k), False, float(t[place - 1]))
            )
    return found


def _of(play: Play, one: Possession, expired: list[Expiry]) -> Opportunity:
    start, stop = float(play.axis[one.start]), float(play.axis[one.stop - 1])
    over = _over(play, one)
    inside = [ran_out for ran_out in expired if start <= ran_out.since - NEW_S and ran_out.instant.t <= over]
    text = f"the shot clock expired while {one.team} had to shoot"
    if not inside:
        last = Instant(stop, stop, stop, play.k)
        return Opportunity(last, fact(text, False, stop, "clocks"), one.team, since=start, movable=False)
    chosen = next((ran_out for ran_out in inside if ran_out.certain), inside[0])
    when = chosen.instant
    ran_out = fact(text, True if chosen.certain else None, when.t, "clocks")
    stopped = one.stop < play.count and not play.live.may[one.stop]
    held = min(when.t, stop) if stopped else when.t  # play was stopped between two samples, at the expiry perhaps
    in_hand = read(Instant(held, held, held, play.k), play.control(one.team), play.axis)
    in_flight = _missed(play, one, when, over)
    return Opportunity(
        when, ran_out & (in_hand | in_flight), one.team, one.certain, since=start, until=max(stop, over), movable=False
    )


def _over(play: Play, one: Possession) -> float:
    """Return when it is settled whether a team's shot touched the ring: the next control, or the flight is over."""
    stop = play.axis[one.stop - 1]
    here = play.stretch(float(stop) + 1e-6, float(stop) + FLIGHT_S)
    for place in range(here.start, here.stop):
        if not play.live.may[place]:
            return float(play.axis[place - 1]) + play.until_next_sample(place - 1)
        if any(play.control(team).plane.must[place] for team in OTHER):
            return float(play.axis[place - 1])
    return float(play.axis[max(here.stop - 1, one.stop - 1)])


def _missed(play: Play, one: Possession, when: Instant, over: float) -> Prop:
    """Return that the ball had left the hand before the expiry and did not touch the ring."""
    missed = ~fact(f"{RING} ({one.team})", _ring(play, one, over), when.t)
    plays_on = READINGS.get(play.edition.choice("expired_in_flight"))
    if plays_on is False:
        return missed
    gained = _gained(play, one, over) if plays_on else None
    return unless(missed, fact(f"{GAINED} ({one.team})", gained, when.t), GAINED)


def _ring(play: Play, one: Possession, over: float) -> Truth:
    """Return whether the ball touched the ring at the end of a possession, before anybody controlled it again."""
    begin = float(play.axis[one.start])
    if any(event.certain and begin <= event.t <= over + AT_ONCE_S for event in play.listed("rim")):
        return True
    if play.scene.is_complete("rim", begin, over):
        return False
    if not play.balls or len(play.ball_times()) < 2:
        return None
    samples = play.samples()
    inside = (samples.t >= begin) & (samples.t <= over) & (samples.code == tracking.RING)
    return None if inside.any() or over > begin else False


def _gained(play: Play, one: Possession, over: float) -> Truth:
    """Return whether the opponents were the next to control the ball."""
    here = play.stretch(over, over + AT_ONCE_S)
    plane = play.control(OTHER[one.team]).plane
    return True if plane.must[here].any() else (None if plane.may[here].any() else False)
