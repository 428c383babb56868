"""NBA 7-II, FIBA article 29: the shot clock.

A team in control must shoot before the shot clock expires: the ball leaves the hand before, and touches the ring then
or later. A clock has expired at the first instant at which it is shown as 0. A ball in flight at that instant that
misses the ring is a violation; FIBA plays on if the opponents gain the ball at once.

Between two readings a clock may have expired without being shown as 0, when less was left than went by and it was set
anew. A clock that shows the same for long while play goes on tells nothing; it may have expired once that
much time has gone by. Tracking shows when a ball comes near the ring, not whether it touches it: that leaves open what
happened to a ball in flight, and a shot in hand at the expiry is a violation in any case.

The obligation outlasts control: a ball that is loose or was knocked away is still to be shot by the same team until the
opponents control it. Where a clock runs out and nobody is known to have controlled the ball, it may have been the
team that attacks the end where the ball is, or in a gap of the source the one that had it before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rules.basketball import ball as tracking
from rules.basketball.play import GAP_S, Play, Possession
from rules.context import OTHER
from rules.kleene import Floats, Truth
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
STUCK_S = 3.0  # a clock is held for less while a loose ball is fought for
SAME_S = 0.01


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
    owned = _owned(play, expired)
    for team in OTHER:
        for one in play.possessions(team):
            yield _of(play, one, [ran_out for ran_out in expired if owned.get(ran_out) is one])
    for ran_out in expired:
        if ran_out not in owned:
            yield from _nobodys(play, ran_out)


def expiries(play: Play) -> list[Expiry]:
    """Return when the shot clock ran out, in order of time."""
    return play.remember(("expiries",), lambda: _expiries(play))


def _expiries(play: Play) -> list[Expiry]:
    t, value = _with_blanks(play)
    error = play.k * play.clock_sigma("shot")
    found = _stuck(play, t, value, error)
    for place in range(1, len(t)):
        left, went = value[place - 1], t[place] - t[place - 1]
        if left <= 0:
            continue
        shown = bool(value[place] <= 0)
        if shown or (value[place] > left + error and left - went <= error):
            middle = float(min(t[place - 1] + left, t[place]))
            early = float(np.clip(t[place - 1] + left - error, t[place - 1], middle))
            found.append(Expiry(Instant(middle, early, float(t[place]), play.k), shown, float(t[place - 1])))
    return sorted(found, key=lambda one: (one.instant.t, one.since))


def _with_blanks(play: Play) -> tuple[Floats, Floats]:
    """Return the readings of the clock, and an infinite one where it is not shown any more: it may be set anew."""
    t, value = play.clock("shot")
    stamps = play.scene.times
    blank = np.append(np.diff(t) > GAP_S, True)
    following = np.searchsorted(stamps, t[blank], side="right")
    off = stamps[following[following < len(stamps)]]
    order = np.argsort(np.concatenate((t, off)), kind="stable")
    return np.concatenate((t, off))[order], np.concatenate((value, np.full(len(off), np.inf)))[order]


def _stuck(play: Play, t: Floats, value: Floats, error: float) -> list[Expiry]:
    """Return when a clock may have run out that showed the same while more time than that went by in live play."""
    if len(t) < 2:
        return []
    runs_on = play.clock_runs().must[np.clip(np.searchsorted(play.axis, (t[1:] + t[:-1]) / 2), 0, play.count - 1)]
    gone = np.concatenate(([0.0], np.cumsum(np.where(runs_on, np.diff(t), 0.0))))
    with np.errstate(invalid="ignore"):  # two blanks are the same
        firsts = np.flatnonzero(np.concatenate(([True], np.abs(np.diff(value)) > SAME_S)))
    found = []
    for first, last in zip(firsts.tolist(), [*(firsts[1:] - 1).tolist(), len(t) - 1], strict=True):
        left = value[first]
        if 0 < left <= gone[last] - gone[first] + error and gone[last] - gone[first] >= STUCK_S:
            over = first + int(np.searchsorted(gone[first : last + 1] - gone[first], left))
            middle = float(t[min(over, last)])
            low = max(float(t[first]), middle - error)
            found.append(Expiry(Instant(middle, low, max(middle, float(t[last])), play.k), False, low))
    return found


def _owned(play: Play, expired: list[Expiry]) -> dict[Expiry, Possession]:
    """Return whose possession it is that each expiry ends; those are left out that come in nobody's."""
    begun = sorted(
        ((_begun(play, one), one) for team in OTHER for one in play.possessions(team)),
        key=lambda pair: (pair[0], pair[1].team),
    )
    found = {}
    for ran_out in expired:
        before = _gained_in_earnest(play, [(t, one) for t, one in begun if t <= ran_out.since - NEW_S], ran_out.since)
        if not before:
            continue
        during = [one for one in before if play.axis[one.stop - 1] >= ran_out.instant.t]
        team = (during or before)[-1].team
        owner = [one for t, one in begun if one.team == team and t <= ran_out.instant.t][-1]
        if ran_out.instant.t <= _over(play, owner):
            found[ran_out] = owner
    return found


def _gained_in_earnest(play: Play, begun: list[tuple[float, Possession]], since: float) -> list[Possession]:
    """Return the possessions that a clock does not contradict which went on to its end.

    It is set anew for whoever gains the ball. A ball that is fought for may be within the opponents' reach for a
    moment; where the clock went on for ``tracking.SET_S`` after and nobody set it, they had not gained it.
    """
    found: list[Possession] = []
    for t, one in begun:
        held = play.axis[one.start : one.stop][play.control(one.team).plane.must[one.start : one.stop]]
        brief = float(held[-1] - held[0]) < tracking.SET_S <= since - t
        if not (brief and found and found[-1].team != one.team and _went_on(play, found[-1], since)):
            found.append(one)
    return found


def _went_on(play: Play, one: Possession, since: float) -> bool:
    """Whether the clock went on from the end of a possession to an instant, was shown, and was not set anew."""
    t, value = play.clock("shot")
    first = int(np.searchsorted(t, play.axis[one.stop - 1], side="right")) - 1
    inside = slice(max(first, 0), int(np.searchsorted(t, since, side="right")))
    shown = first >= 0 and inside.stop - inside.start > 1 and bool((np.diff(t[inside]) <= GAP_S).all())
    return shown and bool((np.diff(value[inside]) < SAME_S).all())


def _begun(play: Play, one: Possession) -> float:
    """Return when a team surely controls the ball in a possession, seconds; it may have begun before."""
    return float(play.axis[one.start + int(np.argmax(play.control(one.team).plane.must[one.start : one.stop]))])


def _nobodys(play: Play, ran_out: Expiry) -> Iterator[Opportunity]:
    """Yield what may have been a possession: the clock ran out, and nobody is known to have controlled the ball."""
    when = ran_out.instant
    place = min(int(np.searchsorted(play.axis, when.t)), play.count - 1)
    held = [play.control(team).plane.must[place] for team in OTHER]
    if not play.balls or any(held) or not play.live.may[place]:
        return
    team = _had_to_shoot(play, ran_out, place)
    if team is None:
        return
    value = True if ran_out.certain else None
    expired = fact(f"the shot clock expired while {team} had to shoot", value, when.t, "clocks")
    controlled = fact(f"{team} had controlled the ball", None, when.t, "tracks")
    missed = ~fact(f"{RING} ({team})", None, when.t)
    yield Opportunity(when, expired & controlled & missed, team, False, since=ran_out.since, movable=False)


def _had_to_shoot(play: Play, ran_out: Expiry, place: int) -> str | None:
    """Return the team that most likely had to shoot when the clock ran out: by where the ball is.

    In a gap of the source the ball is nowhere, and it is the team that had it before; None where nobody can say.
    """
    if ran_out.instant.t - ran_out.since > GAP_S:
        before = max(int(np.searchsorted(play.axis, ran_out.since, side="right")) - 1, 0)
        return next((team for team in OTHER if play.control(team).plane.must[before]), None)
    x = float(play.distances.motion(play.balls[0].id, play.axis).x[place])
    sign = float(play.scene.attack_sign("home", play.axis[place : place + 1])[0])
    if not sign or not np.isfinite(x):
        return None
    return "home" if x * sign > 0 else "away"


def _of(play: Play, one: Possession, inside: list[Expiry]) -> Opportunity:
    start, stop = float(play.axis[one.start]), float(play.axis[one.stop - 1])
    over = _over(play, one)
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
        if play.control(OTHER[one.team]).plane.must[place]:
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
