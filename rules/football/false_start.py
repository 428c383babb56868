"""NFL 7-4-2, NCAA 7-1-2-b: false start.

Once he is set, a player of the offense may not charge or simulate the start of the play before the snap, nor move
abruptly; an interior lineman may not leave his place. It is no false start when a defender in the neutral zone made
him react, nor when players shift or go in motion without a jerk.

What tracks of points show: a man who was at the line and goes forward faster than a walk charges. Whether another
movement was abrupt is a judgement: a `reaction` says that it was; where all reactions are listed, or he started
slowly, it was not.

NCAA: a shift that is never followed by a second in which all are set is a false start when the ball is snapped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from rules import formulas, operators
from rules.context import Happening
from rules.distances import Entity
from rules.football import defense, movement
from rules.football.acts import Act, judged
from rules.football.play import Play
from rules.football.presnap import Phase
from rules.formulas import Formula
from rules.kleene import Floats, Plane, constant
from rules.operators import at, unless
from rules.propositions import Prop, fact
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity

CAUSED = "a defender in the neutral zone made him react"


@rule(
    "football.false_start",
    clause={"nfl-2025": "NFL 7-4-2", "ncaa-2025": "NCAA 7-1-2-b"},
    needs=Needs(
        resolution="pose",
        events=("line_set", "reaction", "snap", "whistle"),
        context=("attacks", "complete", "plays", "roster"),
    ),
)
def false_start(play: Play) -> Iterator[Opportunity]:
    """Nobody of the offense who is set may charge or move abruptly before the snap."""
    converts = play.edition.reads("unsatisfied_shift", "false start")
    for phase in play.phases:
        acts = [*reported(phase), *charges(phase), *flinches(phase)]
        if converts and phase.by == "snap":
            never = ~phase.rested(phase.longest_rest).named(f"{phase.offense} was set before the snap")
            acts.append(Act(at(phase.eve, never, phase.axis), phase.end.t, ""))
        yield judged(phase, phase.offense, acts)


def reported(phase: Phase) -> list[Act]:
    """Return the reported reactions, each with whether a defender in the neutral zone caused it."""
    return [
        Act(
            unless(fact(f"{one.entity} moved abruptly", one.certain or None, one.t), caused(phase, one), CAUSED),
            one.t,
            one.entity or "",
        )
        for one in phase.reactions()
    ]


def caused(phase: Phase, one: Happening) -> Prop:
    """Return whether a defender in the neutral zone made somebody react."""
    window = phase.edition.si("immediate")
    parts = []
    for person in phase.people(phase.defense):
        value = defense.causes(phase, one, person)
        if value is not False and _ever_there(phase, person, one.low - window, one.high):
            there = phase.sometime(phase.ever_in_zone(person), one.low - window, one.high)
            parts.append(there & fact(f"{one.entity} reacted to {person.id}", value, one.t))
    return Prop("or", tuple(parts)) if parts else fact(f"somebody made {one.entity} react", False, one.t)


def charges(phase: Phase) -> list[Act]:
    """Return whether each of the offense who was set at the line charged."""
    return [*_each(phase, charging), *early(phase)]


def _each(phase: Phase, moves: Callable[[Phase, Entity], Formula]) -> list[Act]:
    """Return, for each of the offense who may have moved in some way, that he did, unless a defender made him."""
    found = []
    for person in phase.people(phase.offense):
        move = moves(phase, person)
        t = phase.worst(move)
        if t is not None and move.plane.may[phase.during].any():
            found.append(Act(unless(phase.sometime(move), _excused(phase, person, t), CAUSED), t, person.id))
    return found


def early(phase: Phase) -> list[Act]:
    """Return whether each interior lineman was off before the snap; one who stops again only shifted."""
    found = []
    for person in phase.people(phase.offense) if phase.by == "snap" else ():
        off = leaving(phase, person)
        here = at(phase.eve, off, phase.axis)
        if phase.lineman(person) and settle(here) is not False:
            t = phase.eve.t
            found.append(Act(unless(here, _excused(phase, person, t), CAUSED), t, person.id))
    return found


def charging(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody who was set at the line goes forward, towards the defense, faster than he would walk.

    An interior lineman cannot do so and be legal; whoever else does may only step up to the line, so he has to get
    into the neutral zone.
    """
    off = _off(phase, person, "goes forward", movement.course(phase, person).vx)
    return off if phase.lineman(person) else formulas.both(*off.parts, phase.ever_in_zone(person))


def leaving(phase: Phase, person: Entity) -> Formula:
    """Return whether an interior lineman who was set leaves his place in any direction faster than a walk."""
    return _off(phase, person, "leaves his place", movement.course(phase, person).speed)


def _off(phase: Phase, person: Entity, how: str, speed: Floats) -> Formula:
    """Return whether somebody who was set at the line moves faster than he would walk."""
    text, limit = f"{person.id} {how} faster than a walk", phase.edition.si("charge_speed")
    fast = movement.speed_atom(phase, text, speed, movement.course(phase, person).sv, limit)
    return formulas.both(fast, phase.moving(person), was_set_at_line(phase, person))


def was_set_at_line(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody was still, and at the line, a moment ago; a phase looks back to its own begin only."""
    set_there = formulas.both(~phase.moving(person), phase.at_the_line(person))
    recent = phase.edition.si("immediate")
    sure, perhaps = (
        operators.once(formulas.stated("", Plane(mask, mask)), phase.axis, 0.0, recent).plane.must
        for mask in (set_there.plane.must, set_there.plane.may)
    )
    return formulas.stated(f"{person.id} was set at the line", Plane(sure, perhaps), "tracks")


def _excused(phase: Phase, person: Entity, t: float) -> Prop:
    """Return whether a defender in the neutral zone made somebody move: as reported of him, or else unknown."""
    window = phase.edition.si("immediate")
    told = [one for one in phase.reactions() if one.entity == person.id and abs(one.t - t) <= window]
    if told:
        return caused(phase, told[0])
    made = fact(f"{person.id} reacted to a defender", None, t)
    there = [one for one in phase.people(phase.defense) if _ever_there(phase, one, t - window, t)]
    parts = [phase.sometime(phase.ever_in_zone(one), t - window, t) & made for one in there]
    return Prop("or", tuple(parts)) if parts else fact(f"a defender made {person.id} move", False, t, "tracks")


def _ever_there(phase: Phase, person: Entity, low: float, high: float) -> bool:
    """Whether a defender may have been in the neutral zone between two instants."""
    near = (phase.axis >= low) & (phase.axis <= high)
    return bool(phase.ever_in_zone(person).plane.may[near].any())


def flinches(phase: Phase) -> list[Act]:
    """Return for each of the offense who may have moved after he was set whether that was abrupt: nobody says so.

    Where all reactions are listed, or everybody starts slowly, there are none.
    """
    if phase.complete("reaction"):
        return []
    unseen = phase.unseen(phase.offense, "moved abruptly")
    return [*_each(phase, flinching), *(Act(phase.sometime(one), phase.end.t, "") for one in unseen)]


def flinching(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody who was set moves so that it may be abrupt, which takes a judgement."""
    moving = phase.moving(person)
    was_set = operators.once(~moving, phase.axis).named(f"{person.id} was set")
    abrupt = formulas.stated(f"{person.id} moved abruptly", constant(None, len(phase)))
    if phase.lineman(person):
        return formulas.both(moving, was_set, abrupt)
    own = movement.course(phase, person)
    gain, sigma = _gain(own.vx, own.vy, own.sv, phase)
    sudden = movement.speed_atom(
        phase, f"{person.id} starts suddenly", gain, sigma, phase.edition.si("abrupt_acceleration")
    )
    return formulas.both(moving, was_set, sudden, abrupt)


def _gain(vx: np.ndarray, vy: np.ndarray, sv: np.ndarray, phase: Phase) -> tuple[np.ndarray, np.ndarray]:
    """Return the acceleration over half the stretch of time that velocities are taken over, and its 1-sigma, m/s2."""
    span = phase.edition.si("velocity_window") / 2
    before = np.maximum(phase.axis - span, phase.axis[0])
    dt = np.maximum(phase.axis - before, 1e-9)
    known = np.isfinite(vx) & np.isfinite(vy)
    if not known.any():
        return np.full(len(phase), np.nan), np.full(len(phase), np.inf)
    speed = np.hypot(vx, vy)
    earlier = np.interp(before, phase.axis[known], speed[known])
    gain = np.where(dt > span / 2, (speed - earlier) / dt, 0.0)
    return gain, np.sqrt(2.0) * sv / span
