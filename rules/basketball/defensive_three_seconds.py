"""NBA 10-VII: defensive three seconds (a technical foul). FIBA has no such rule.

While the opponents control the ball in their frontcourt, a defender who is in the lane (with its lines, and for 4 ft
beyond the end line) must guard an opponent actively, within arm's length, within three seconds. The count
begins anew when he has cleared the lane with both feet, and when the opponents shoot or lose the ball. It is
suspended while he guards somebody actively, while a shot is about to be taken, and while it is imminent that he
leaves. Who guards the player with the ball need not be within arm's length.

The text says that guarding *suspends* the count, in one list with clearing the lane, after which it begins anew. The
NBA explains that who is within arm's length of an opponent and moves along with him gets a new count, and that who
stretches out his arms as somebody runs through the lane does not (``after_guarding``). So guarding that is over within
``guarding_least`` is none, and it surely is guarding from ``guarding_lasts`` on. Where nobody reported it, it is
measured: within ``arms_length`` of an opponent's ground point, give or take ``guarding_open``, somebody guards him; the
nearest defender of the player with the ball guards him from ``guarding_ball``, and may from twice as far.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from rules.basketball.counts import (
    ACCELERATION,
    between_samples,
    contact,
    counted,
    frontcourt,
    lanes,
    leaving,
    outcome,
    shots,
    shown_at_start,
    stays,
    steps,
    watched,
)
from rules.basketball.play import PLAYERS, Play, runs
from rules.context import OTHER
from rules.distances import Entity
from rules.kleene import Bools, Floats, Plane, any_, constant, from_margin, known
from rules.registry import Needs, rule
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
    shot = shots(play, [one for one in play.listed("shot") if one.team == attack])
    pauses = guards | leaving(play, person, end) | shot
    initial = shown_at_start(play, person, attack)
    surely, anew = known(pauses.must), _begun_anew(play, guards)
    told = away | known(anew.must)
    walked = steps(play, person, end)
    plain = counted(play, run, surely, told, initial, walked)
    both = watched(plain, counted(play, run, pauses, away | anew, initial, walked))
    text = f"{person.id} in the lane for more than {limit:g} s of {attack}'s control in the frontcourt"
    for stay in found:
        made = outcome(play, stay, both, limit, text, EXCUSE)
        if made.ran:
            yield Opportunity(
                made.instant, made.prop, OTHER[attack], stay.certain and made.surely_ran,
                until=float(play.axis[stay.stop - 1]), since=float(play.axis[stay.start]), who=(person.id,),
                movable=False,
            )  # fmt: skip


def _begun_anew(play: Play, guards: Plane) -> Plane:
    """Return where guarding sets the count back, by the edition's reading; perhaps where it does not say."""
    if play.edition.reads("after_guarding", "the count begins anew"):
        return guards
    if play.edition.reads("after_guarding", "the count goes on"):
        return constant(False, play.count)
    return Plane(np.zeros(play.count, np.bool_), guards.may)


def guarding(play: Play, person: Entity, attack: str) -> Plane:
    """Return whether a defender guards an opponent actively."""
    listed = np.zeros(play.count, np.bool_)
    for one in play.listed("guarding"):
        if one.entity == person.id and one.certain:
            listed[play.window(one.low, one.high if one.until is None else one.until)] = True
    near = [_within_reach(play, person, other) for other in play.people(attack)]
    likely = np.any([_most_likely(play, person, other) for other in play.people(attack)], axis=0)
    strangers = [_within_reach(play, person, other).may for other in play.strangers(PLAYERS)]  # perhaps opponents
    measured = _moving_along(play, any_(near, play.count) | _on_the_ball(play, person, attack), likely)
    return Plane(measured.must | listed, np.any([measured.may, listed, *strangers], axis=0))


def _moving_along(play: Play, guards: Plane, likely: Bools) -> Plane:
    """Return guarding without what is too short for it: who only runs past an opponent does not move along with him.

    That it lasts for ``guarding_lasts`` is judged by where both most likely were, that it may not last for
    ``guarding_least`` by what is possible; in between it is open.
    """
    least, lasts = (play.edition.si(name) for name in ("guarding_least", "guarding_lasts"))
    may = guards.may & (_lasting(play, guards.may, least) | _open_ended(guards.may))
    return Plane(guards.must & may & _lasting(play, likely | guards.must, lasts), may)


def _lasting(play: Play, mask: Bools, seconds: float) -> Bools:
    """Return the stretches of a mask that last so long, from half-way between time stamps."""
    result, axis = np.zeros(play.count, np.bool_), play.axis
    step = np.diff(axis, prepend=axis[0], append=axis[-1]) / 2
    for start, stop in runs(mask):
        result[start:stop] = axis[stop - 1] - axis[start] + step[start] + step[stop] >= seconds
    return result


def _open_ended(mask: Bools) -> Bools:
    """Return the stretches of a mask that go on to either end of the scene: they may have lasted longer."""
    result = np.zeros(len(mask), np.bool_)
    for start, stop in runs(mask):
        result[start:stop] = start == 0 or stop == len(mask)
    return result


def _within_reach(play: Play, person: Entity, other: Entity) -> Plane:
    """Return whether two opponents are within arm's length."""
    measure = play.distances.between(person.id, other.id, play.axis)
    sigma = between_samples(play, person, measure.sigma, np.sqrt(2.0) * ACCELERATION)
    length, open_ = play.edition.si("arms_length"), play.edition.si("guarding_open")
    with np.errstate(invalid="ignore"):
        near = from_margin(length - measure.value, sigma, np.full(play.count, open_), play.k)
    return near & known(play.in_play(person) & play.in_play(other))


def _most_likely(play: Play, person: Entity, other: Entity) -> Bools:
    """Return where two opponents are most likely within arm's length."""
    measure = play.distances.between(person.id, other.id, play.axis)
    with np.errstate(invalid="ignore"):
        return np.asarray(measure.value < play.edition.si("arms_length"))


def _on_the_ball(play: Play, person: Entity, attack: str) -> Plane:
    """Return whether a defender guards the player with the ball: nobody of his team is nearer to him."""
    must, may = np.zeros(play.count, np.bool_), np.zeros(play.count, np.bool_)
    far = play.edition.si("guarding_ball")
    for other in play.perhaps_of(attack):
        holds = play.holds(other)
        if holds.may.any():
            measure = play.distances.between(person.id, other.id, play.axis)
            nearest = play.remember(("nearest", other.id), partial(_least, play, other))
            with np.errstate(invalid="ignore"):
                least = measure.value - play.k * measure.sigma
                must |= holds.must & (measure.value <= nearest) & (measure.value < far)
                may |= holds.may & (least <= nearest) & (least < 2 * far)
    return Plane(must, may | must)


def _least(play: Play, other: Entity) -> Floats:
    """Return the least distance of a defender to an opponent over the axis, metres."""
    rows = []
    for one in play.people(OTHER[other.team or "home"]):
        value = play.distances.between(one.id, other.id, play.axis).value
        rows.append(np.where(play.tracked(one) & np.isfinite(value), value, np.inf))
    result: Floats = np.min(rows, axis=0)
    return result
