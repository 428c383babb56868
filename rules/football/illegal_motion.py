"""NFL 7-4-7, NCAA 7-1-2-c: illegal motion.

At the snap one player of the backfield may be in motion, parallel to the line or away from it. Nobody may be moving
towards the line, nobody who is on the line may be in motion, and no second player.

NFL: a quarterback who went in motion from under center must have stopped for a second.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules import formulas, operators
from rules.distances import Entity
from rules.football import movement
from rules.football.lineup import Lineup
from rules.football.play import Play
from rules.football.presnap import Phase, counted
from rules.formulas import Formula
from rules.kleene import Plane
from rules.operators import at
from rules.propositions import Prop
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity


@rule(
    "football.illegal_motion",
    clause={"nfl-2025": "NFL 7-4-7", "ncaa-2025": "NCAA 7-1-2-c"},
    needs=Needs(resolution="point", events=("line_set", "snap"), context=("attacks", "plays", "roster")),
)
def illegal_motion(play: Play) -> Iterator[Opportunity]:
    """At the snap one back may be in motion, and not towards the line."""
    for phase in play.snaps:
        faults = {one.id: faults_of(phase, one) for one in phase.people(phase.offense)}
        many = at(phase.eve, too_many(phase), phase.axis)
        who = tuple(name for name, found in faults.items() if any(settle(fault) is True for fault in found))
        yield Opportunity(
            phase.end, Prop("or", (*(fault for found in faults.values() for fault in found), many)), phase.offense,
            who=who, movable=False, direction=phase.direction, sooner=in_time(phase, who),
        )  # fmt: skip


def in_time(phase: Phase, who: tuple[str, ...]) -> tuple[str, float] | None:
    """Return by when the one whose motion breaks the rule would have had to stop; None where that is not all."""
    if len(who) != 1:
        return None
    person, t = phase.play.entities[who[0]], phase.eve.t - phase.edition.si("velocity_window")
    others = [one for one in phase.people(phase.offense) if one.id != person.id]
    unseen = len(phase.motions()) - len(others) - 1
    here = int(np.searchsorted(phase.axis, phase.eve.t))
    in_motion = sum(bool(phase.moving(one).plane.may[here]) for one in others) + unseen
    faultless = all(settle(fault) is False for one in others for fault in faults_of(phase, one))
    alone = faultless and in_motion <= phase.edition.si("motion_players_max")
    return (f"{person.id} had stopped", t) if alone and movement.tells_rest(phase, person, t) else None


def too_many(phase: Phase) -> Formula:
    """Return whether more of the offense are in motion than may be."""
    number = int(phase.edition.si("motion_players_max")) + 1
    return counted(number, phase.motions(), len(phase), f"{number} of {phase.offense} in motion")


def faults_of(phase: Phase, person: Entity) -> list[Prop]:
    """Return the ways in which somebody may be in motion against the rule.

    Who is in motion was so on the eve of the snap: who starts with it is not. Whether he goes towards the line is read
    from then until the snap.
    """
    moving = phase.moving(person)
    in_motion = at(phase.eve, moving, phase.axis)
    if settle(in_motion) is False:
        return [in_motion]
    own = movement.course(phase, person)
    forward = movement.speed_atom(
        phase, f"{person.id} moves towards the line", own.vx, own.sv, phase.edition.si("still_speed")
    )
    faults = [in_motion & at(phase.last_moment, forward, phase.axis)]
    others = [Lineup.of(phase).on[person.id]]
    if "under_center_set" in phase.edition.constants and person.role in ("quarterback", None):
        others.append(_left_center(phase, person))
    return [*faults, *(in_motion & at(phase.eve, one, phase.axis) for one in others)]


def _left_center(phase: Phase, person: Entity) -> Formula:
    """Return whether somebody was under center and has not stopped for a second since.

    A stop looks shorter than it was, for velocities are taken over a stretch of time.
    """
    seconds = phase.edition.si("under_center_set")
    under, still = Lineup.of(phase).under_center(person), ~phase.moving(person)
    resting = formulas.both(still, ~under)
    surely = operators.held(resting, phase.axis, seconds)
    perhaps = operators.held(resting, phase.axis, max(seconds - phase.blur, 0.0))
    stopped = formulas.stated(surely.text, Plane(surely.plane.must, perhaps.plane.may), "tracks")
    there = operators.since(~stopped, formulas.both(under, still), phase.axis)
    return formulas.both(there, ~under).named(f"{person.id} left center and has not stopped for {seconds:g} s")
