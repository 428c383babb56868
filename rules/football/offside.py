"""NFL 7-4-5, NCAA 7-1-5: offside.

No part of anybody's body may be in or beyond the neutral zone when the ball is snapped; only the snapper may be in
it. The neutral zone is as long as the ball, from one of its tips to the other, and goes from sideline to sideline. A
defender who has been in it and is back on his side when the ball is snapped is not offside.

NCAA, before the snap as well: a defender is offside who contacts an opponent or the ball, who threatens a lineman
in a way that makes him react at once, or who charges past the line towards a back.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import formulas
from rules.football import defense
from rules.football.acts import judged
from rules.football.play import Play
from rules.football.presnap import Phase
from rules.operators import at
from rules.propositions import Prop
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity


@rule(
    "football.offside",
    clause={"nfl-2025": "NFL 7-4-5", "ncaa-2025": "NCAA 7-1-5-a"},
    needs=Needs(
        resolution="pose",
        events=("contact", "line_set", "reaction", "snap", "whistle"),
        context=("attacks", "complete", "plays", "roster"),
    ),
)
def offside(play: Play) -> Iterator[Opportunity]:
    """Nobody but the snapper may be in or beyond the neutral zone at the snap."""
    folded = play.edition.reads("defensive_offside_before_snap", "offside")
    for phase in play.phases:
        if folded:
            yield before_the_snap(phase)
        if phase.by == "snap":
            yield at_the_snap(phase)


def at_the_snap(phase: Phase) -> Opportunity:
    """Judge both teams at the snap; the call is the offense's where only the offense is over."""
    sides = {team: Prop("or", tuple(_over(phase, team))) for team in (phase.defense, phase.offense)}
    values = {team: settle(prop) for team, prop in sides.items()}
    blamed = phase.offense if values[phase.offense] is True and values[phase.defense] is not True else phase.defense
    return Opportunity(phase.end, Prop("or", tuple(sides.values())), blamed, direction=phase.direction)


def _over(phase: Phase, team: str) -> list[Prop]:
    """Return for each of a team, seen or not, whether he is in or beyond the neutral zone at the snap."""
    found = [
        at(phase.end, phase.in_zone(one), phase.axis)
        for one in phase.people(team)
        if phase.snapper is None or one.id != phase.snapper.id
    ]
    if team == phase.offense and phase.snapper is None:
        nobody_knows = formulas.always("the snapper may be in the neutral zone, and nobody knows who snapped", None,
                                       len(phase))  # fmt: skip
        found = [Prop("and", (one, at(phase.end, nobody_knows, phase.axis))) for one in found]
    unseen = phase.unseen(team, "is in or beyond the neutral zone")
    return [*found, *(at(phase.end, one, phase.axis) for one in unseen)] or [
        at(phase.end, formulas.always(f"nobody of {team} is there", False, len(phase)), phase.axis)
    ]


def before_the_snap(phase: Phase) -> Opportunity:
    """Judge the defense before the snap, under a rulebook that calls all of it offside."""
    acts = [*defense.contacts(phase), *defense.provoked(phase), *defense.unabated(phase)]
    return judged(phase, phase.defense, acts)
