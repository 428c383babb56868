"""NBA 10-IX, FIBA article 30: the ball returned to the backcourt.

A team whose ball is in the frontcourt may not be the first to touch it in the backcourt if it sent it there itself.
The midcourt line is backcourt: a dribbler who steps on it has returned the ball. Which of two teams touched the
ball last in the frontcourt decides: when an opponent tipped it back it may be recovered.

It is no offence without team control (a shot, a rebound, a tap, a jump ball), nor for a player who gains a new control
by a steal and is carried back by his jump or stride. A throw-in from the frontcourt may not go into the backcourt
either, but for the last two minutes (of the last period and of overtime: which period it is, is not known, so a game
clock at or below ``last_minutes`` leaves that open).

Tracking does not show touches: where they are not all listed, an opponent who may have been within reach of the ball
may have tipped it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rules.basketball import ball as tracking
from rules.basketball.play import GAP_S, Play, Possession
from rules.context import OTHER, Happening
from rules.kleene import Bools, Truth, any_
from rules.operators import unless
from rules.propositions import Instant, Prop, fact
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

UNSEEN_S = 0.2  # a touch is not missed between samples that are closer
TIPPED = "an opponent touched it last"
STEAL = "new control, carried back by momentum"
LATE = "throw-in in the last two minutes"
RETREAT_M = 0.5  # a dribble moves the ball that far to and fro
THROW_IN_S = 5.0  # a throw-in that nobody has touched for longer was another one
TRAVEL_M = 2.5  # a ball that is sampled twice a second may pass somebody this far from where it was seen


@dataclass(frozen=True, eq=False)
class Return:
    """The ball is touched in the backcourt: between two positions of the axis, surely or not."""

    first: int
    sure: int | None
    value: Truth


@rule(
    "basketball.backcourt",
    clause={"nba-2025": "NBA 10-IX", "fiba-2024": "FIBA 30"},
    needs=Needs(
        resolution="pose",
        events=("inbound", "jump_ball", "loose", "possession", "rebound", "release", "touch", "whistle"),
        clocks=("game", "shot"),
        context=("attacks", "complete", "initial", "segments"),
    ),
)
def backcourt(play: Play) -> Iterator[Opportunity]:
    """A team does not bring the ball back over the midcourt line."""
    for team in OTHER:
        for one in play.possessions(team):
            yield _of(play, one)


def _of(play: Play, one: Possession) -> Opportunity:
    found = _returned(play, one)
    thrown = _thrown_back(play, one)
    last = float(play.axis[one.stop - 1])
    if found.value is False and thrown is None:
        instant = Instant(last, last, last, play.k)
    else:
        place = one.start if found.value is False else (found.first if found.sure is None else found.sure)
        early = float(play.axis[min(found.first, place)])
        t = float(play.axis[place])
        instant = Instant(t, early, t, play.k)
    text = f"{one.team} had the ball in the frontcourt and touched it first in the backcourt"
    prop = fact(text, found.value, instant.t, "tracks")
    if found.value is not False:
        prop = unless(prop, fact(f"{TIPPED} ({one.team})", _tipped(play, one, found), instant.t), TIPPED)
        prop = unless(prop, fact(f"{STEAL} ({one.team})", _momentum(play, one, instant), instant.t), STEAL)
    if thrown is not None:
        prop = prop | thrown
    return Opportunity(
        instant,
        prop,
        one.team,
        one.certain,
        since=float(play.axis[one.start]),
        until=last,
        who=_who(play, one, instant),
        movable=False,
    )


def _returned(play: Play, one: Possession) -> Return:
    """Return whether and when the ball was touched in the backcourt after it had been in the frontcourt."""
    here = slice(one.start, one.stop)
    control = play.control(one.team).plane
    court, back = play.court(one.team), play.touches_back(one.team)
    front = court.holds("front")
    lasting, sure = False, None
    for place in range(one.start, one.stop) if (back.must[here].any() and front.must[here].any()) else ():
        if lasting and back.must[place] and control.must[place]:
            sure = place
            break
        lasting = (lasting and control.must[place]) or bool(front.must[place])
    before = np.concatenate(([False], front.may[here][:-1]))
    before[0] = play.court_at_start(one.team) if one.start == 0 else False
    possible = np.flatnonzero(before & back.may[here] & control.may[here] & _retreats(play, one, before))
    if sure is None and not len(possible):
        return Return(one.stop - 1, None, None if before.any() and _stopped_behind(play, one) else False)
    first = one.start + int(possible[0]) if len(possible) else sure
    assert first is not None
    return Return(first if sure is None else min(first, sure), sure, True if sure is not None else None)


def _stopped_behind(play: Play, one: Possession) -> bool:
    """Whether play was stopped between two samples, and at the second one the ball lies behind the line.

    It may have been touched there before play was stopped, and that for it.
    """
    step = play.until_next_sample(one.stop - 1)
    if one.stop >= play.count or play.live.may[one.stop] or not play.balls or step <= UNSEEN_S:
        return False
    around = play.axis[one.stop - 1] + np.array([0.0, step])
    x = play.distances.motion(play.balls[0].id, around).x * play.scene.attack_sign(one.team, around)
    return bool(x[0] > x[1] and x[1] < 0)


def _retreats(play: Play, one: Possession, before: Bools) -> Bools:
    """Return where the ball is further back than it has been since it may have been in the frontcourt.

    Where a foot or the ball cannot be told from the line, going on forwards is no return.
    """
    here = slice(one.start, one.stop)
    if not play.balls:
        return np.ones(one.stop - one.start, np.bool_)
    x = play.distances.motion(play.balls[0].id, play.axis).x[here] * play.scene.attack_sign(one.team, play.axis[here])
    furthest = np.maximum.accumulate(np.where(before, x, -np.inf))
    return np.asarray(~(x > furthest - RETREAT_M))


def _tipped(play: Play, one: Possession, found: Return) -> Truth:
    """Return whether an opponent touched the ball between the team's last touch in front and its first one behind."""
    place = found.first if found.sure is None else found.sure
    team_holds = any_([play.holds(person) for person in play.people(one.team)], play.count)
    fronts = np.flatnonzero(team_holds.must[one.start : place] & ~play.touches_back(one.team).may[one.start : place])
    begin = one.start + int(fronts[-1]) if len(fronts) else one.start
    low, high = float(play.axis[begin]), float(play.axis[place])
    shown = any(play.reported_to_hold(person).must[begin] for person in play.people(one.team))
    early = low if shown else low - tracking.GRIP_S  # a ball within reach may have been on its way for so long
    touches = [event for event in play.listed("touch") if event.team == OTHER[one.team]]
    if any(event.certain and event.low > low - 1e-9 and event.high <= high for event in touches):
        return True
    if any(event.high >= early and event.low <= high for event in touches):
        return None
    if play.scene.is_complete("touch", early, high):
        return False
    return None if _may_have_been_reached(play, OTHER[one.team], early, high) else False


def _may_have_been_reached(play: Play, team: str, low: float, high: float) -> bool:
    """Whether somebody of a team may have been within reach of the ball between two instants."""
    if not play.balls:
        return True
    times = play.ball_times()
    first, last = np.searchsorted(times, low, side="right") - 1, np.searchsorted(times, high, side="left")
    inside = slice(max(int(first), 0), min(int(last), len(times) - 1) + 1)
    step = float(np.diff(times[inside]).max()) if inside.stop - inside.start > 1 else GAP_S
    reach = tracking.REACH_M + TRAVEL_M * min(step / 0.5, 2.0)
    near = [play.near()[person.id] for person in play.perhaps_of(team)]
    return any(bool((value[inside] < reach + np.nan_to_num(wide[inside], posinf=0.0)).any()) for value, wide in near)


def _momentum(play: Play, one: Possession, instant: Instant) -> Truth:
    """Return whether the team had gained the ball from the opponents only just before."""
    began = float(play.axis[one.start])
    if instant.t - began > play.edition.si("new_control") or one.start == 0:
        return False
    stolen = play.control(OTHER[one.team]).plane.may[max(one.start - 1, 0)]
    return None if stolen else False


def _thrown_back(play: Play, one: Possession) -> Prop | None:
    """Return that a throw-in from the frontcourt went straight into the backcourt; None where there was none."""
    t = float(play.axis[one.start])
    throws = [event for event in play.listed("inbound") if event.team == one.team and 0 <= t - event.t <= THROW_IN_S]
    if not throws or throws[-1].entity is None or throws[-1].entity not in play.entities:
        return None
    from_front = _from_front(play, throws[-1], one.team)
    caught = play.touches_back(one.team).value(one.start)
    if from_front is False or caught is False:
        return None
    value: Truth = True if from_front and caught else None
    text = f"{one.team} threw in from the frontcourt and touched the ball first in the backcourt"
    return unless(fact(text, value, t, "tracks"), fact(f"{LATE} ({one.team})", _late(play, t), t, "clocks"), LATE)


def _from_front(play: Play, throw: Happening, team: str) -> Truth:
    person = play.entities[throw.entity or ""]
    place = min(int(np.searchsorted(play.axis, throw.t)), play.count - 1)
    return play.feet_in_front(person, team).value(place)


def _late(play: Play, t: float) -> Truth:
    stamps, values = play.clock("game")
    if not len(stamps):
        return None
    return None if float(np.interp(t, stamps, values)) <= play.edition.si("last_minutes") else False


def _who(play: Play, one: Possession, instant: Instant) -> tuple[str, ...]:
    place = min(int(np.searchsorted(play.axis, instant.t)), play.count - 1)
    return tuple(person.id for person in play.people(one.team) if play.holds(person).must[place])
