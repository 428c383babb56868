"""NBA 10-VII: defensive three seconds (a technical foul). FIBA has no such rule.

While the opponents control the ball in their frontcourt, a defender who is in the lane (with its lines, and for 4 ft
beyond the end line) must guard an opponent actively, within arm's length, within three seconds. The count
begins anew when he has cleared the lane with both feet, and when the opponents shoot or lose the ball. It is
suspended while he guards somebody actively, while a shot is about to be taken, and while it is imminent that he
leaves. Who guards the player with the ball need not be within arm's length.

The text says that guarding *suspends* the count; whether it goes on or begins anew afterwards is left open here, so
that both readings have to agree. Where nobody reported the guarding, it is measured: within ``arms_length`` of an
opponent's ground point, give or take ``guarding_open``, somebody guards him; the nearest defender of the player with
the ball may be guarding him from further off.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules.basketball.counts import (
    Watch,
    contact,
    frontcourt,
    lanes,
    leaving,
    outcome,
    shown_at_start,
    stays,
    up_to_its_end,
)
from rules.basketball.play import Play
from rules.context import OTHER
from rules.distances import Entity
from rules.kleene import Bools, Floats, Plane, any_, known
from rules.registry import Needs, rule
from rules.timers import timer
from rules.verdicts import Opportunity

EXCUSE = "guarding an opponent, or exit imminent"


@rule(
    "basketball.defensive_three_seconds",
    clause={"nba-2025": "NBA 10-VII"},
    needs=Needs(
        resolution="pose",
        events=("inbound", "jump_ball", "loose", "possession", "rebound", "release", "shot", "whistle"),
        judgements=("exit_imminent", "guarding"),
        clocks=("game", "shot"),
        context=("attacks", "complete", "initial", "segments"),
    ),
)
def defensive_three_seconds(play: Play) -> Iterator[Opportunity]:
    """No defender stays in the lane for more than three seconds without guarding anybody."""
    for attack, defense in OTHER.items():
        for end, attacked in lanes(play, attack):
            run = frontcourt(play, attack) & attacked
            for person in play.people(defense) if run.may.any() else ():
                yield from _of(play, person, attack, end)


def _of(play: Play, person: Entity, attack: str, end: str) -> Iterator[Opportunity]:
    found = stays(play, person, end)
    if not found:
        return
    limit = play.edition.si("defensive_lane_time")
    run = frontcourt(play, attack)
    away = ~contact(play, person, end) | ~play.control(attack).plane
    guards = guarding(play, person, attack)
    pauses = guards | leaving(play, person, end) | _shot(play, attack)
    initial = shown_at_start(play, person, attack)
    surely, begun_anew = known(pauses.must), away | Plane(np.zeros_like(guards.may), guards.may)
    plain = up_to_its_end(play, timer(run, surely, away, play.axis, initial), run & ~surely, away)
    full = up_to_its_end(play, timer(run, pauses, begun_anew, play.axis, initial), run & ~pauses, away)
    text = f"{person.id} in the lane for more than {limit:g} s of {attack}'s control in the frontcourt"
    for stay in found:
        made = outcome(play, stay, Watch(plain, full), limit, text, EXCUSE)
        if made.ran:
            yield Opportunity(
                made.instant, made.prop, OTHER[attack], stay.certain and made.surely_ran,
                until=float(play.axis[stay.stop - 1]), since=float(play.axis[stay.start]), who=(person.id,),
                movable=False,
            )  # fmt: skip


def guarding(play: Play, person: Entity, attack: str) -> Plane:
    """Return whether a defender guards an opponent actively."""
    listed = np.zeros(play.count, np.bool_)
    for one in play.listed("guarding"):
        if one.entity == person.id and one.certain:
            listed[play.window(one.low, one.high if one.until is None else one.until)] = True
    near = [_within_reach(play, person, other) for other in play.people(attack)]
    measured = any_(near, play.count) | _on_the_ball(play, person, attack)
    return Plane(measured.must | listed, measured.may | listed)


def _within_reach(play: Play, person: Entity, other: Entity) -> Plane:
    """Return whether two opponents are within arm's length."""
    measure = play.distances.between(person.id, other.id, play.axis)
    length, open_ = play.edition.si("arms_length"), play.edition.si("guarding_open")
    atom = play.atom("", measure, -1.0, length, open_, person.id).plane
    tracked = known(play.tracked(person) & play.tracked(other))
    return atom & tracked


def _on_the_ball(play: Play, person: Entity, attack: str) -> Plane:
    """Return whether a defender may be guarding the player with the ball: nobody of his team is nearer to him."""
    result: Bools = np.zeros(play.count, np.bool_)
    for other in play.people(attack):
        holds = play.holds(other).may
        if holds.any():
            result |= holds & _nearest(play, person, other)
    return Plane(np.zeros_like(result), result)


def _nearest(play: Play, person: Entity, other: Entity) -> Bools:
    """Return where a defender may be the nearest of his team to an opponent."""
    nearest = play.remember(("nearest", other.id), lambda: _least(play, other))
    measure = play.distances.between(person.id, other.id, play.axis)
    with np.errstate(invalid="ignore"):
        return np.asarray(measure.value - play.k * measure.sigma <= nearest)


def _least(play: Play, other: Entity) -> Floats:
    """Return the least distance of a defender to an opponent over the axis, metres."""
    rows = []
    for one in play.people(OTHER[other.team or "home"]):
        value = play.distances.between(one.id, other.id, play.axis).value
        rows.append(np.where(play.tracked(one) & np.isfinite(value), value, np.inf))
    result: Floats = np.min(rows, axis=0)
    return result


def _shot(play: Play, attack: str) -> Plane:
    """Return whether somebody of the attackers is in the act of shooting, as reported."""
    must = np.zeros(play.count, np.bool_)
    for one in play.listed("shot"):
        if one.team == attack and one.certain:
            stop = min(
                (later.high for later in play.listed("release", "loose", "rim") if later.t >= one.t), default=one.t
            )
            must[play.stretch(one.high, min(stop, one.t + play.edition.si("continuous_motion")))] = True
    return known(must)
