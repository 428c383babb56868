"""NFL 7-5-1, NCAA 7-1-4: illegal formation.

NFL: at the snap the offense must have at least seven players on the line; the players at both ends of the
line must be eligible (numbers 50 to 79 are not, unless reported); everyone else must be at least one yard
behind the line, except the quarterback under center; nobody may be out of bounds.

NCAA: at most four players in the backfield, and at least five players on the line numbered 50 to 79, unless it is a
kick. So ten players can be legal, and an eligible number that is covered by another is no foul.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import formulas
from rules.distances import Entity
from rules.football.lineup import Lineup
from rules.football.play import Play
from rules.football.presnap import Phase, counted
from rules.formulas import Formula
from rules.operators import at
from rules.registry import Needs, rule
from rules.verdicts import Opportunity

FIVE = 5  # ineligible linemen in an ordinary formation
REPORTED = {
    "tight_end": True,
    "wide_receiver": True,
    "tackle": False,
    "guard": False,
    "center": False,
    "lineman": False,
}


@rule(
    "football.illegal_formation",
    clause={"nfl-2025": "NFL 7-5-1", "ncaa-2025": "NCAA 7-1-4-a"},
    needs=Needs(resolution="pose", events=("snap",), context=("attacks", "plays", "roster", "view")),
)
def illegal_formation(play: Play) -> Iterator[Opportunity]:
    """The offense must be lined up legally at the snap."""
    numbered = play.edition.reads("formation", "backs and numbered linemen")
    for phase in play.snaps:
        lineup = Lineup.of(phase)
        faults = backs_and_numbers(lineup) if numbered else seven_and_ends(lineup)
        broken = formulas.either(*faults, *out_of_bounds(lineup))
        yield Opportunity(phase.end, at(phase.end, broken, phase.axis), phase.offense, direction=phase.direction)


def seven_and_ends(lineup: Lineup) -> list[Formula]:
    """Return the ways to break the NFL's rule."""
    number = int(lineup.phase.edition.si("line_players_min"))
    seven = counted(number, [*lineup.on.values(), *lineup.unseen], lineup.count, f"{number} on the line")
    return [~seven, *in_between(lineup), *ineligible_ends(lineup)]


def backs_and_numbers(lineup: Lineup) -> list[Formula]:
    """Return the ways to break the NCAA's rule."""
    edition = lineup.phase.edition
    backs_max, linemen_min = (int(edition.si(name)) for name in ("backs_max", "line_numbered_min"))
    backs = [~one for one in [*lineup.on.values(), *lineup.unseen]]
    too_many = counted(backs_max + 1, backs, lineup.count, f"{backs_max + 1} backs")
    if lineup.phase.row.get("kick"):
        return [too_many]
    linemen = [lineup.on[one.id] & lineup.numbered(one) for one in lineup.people]
    enough = counted(linemen_min, [*linemen, *lineup.unseen], lineup.count, f"{linemen_min} linemen numbered 50 to 79")
    return [too_many, ~enough]


def in_between(lineup: Lineup) -> list[Formula]:
    """Return, for each player but one under center, whether he is neither on the line nor a yard behind it."""
    return [
        formulas.both(~lineup.on[person.id], lineup.near_the_ball(person), ~lineup.under_center(person))
        for person in lineup.people
    ]


def ineligible_ends(lineup: Lineup) -> list[Formula]:
    """Return, for each player numbered 50 to 79, whether he is at an end of the line without having reported."""
    found = []
    for person in lineup.people:
        numbered = lineup.numbered(person)
        if not numbered.plane.may.any():
            continue
        reported = formulas.always(f"{person.id} reported as eligible", _reported(lineup, person), lineup.count)
        found += [formulas.both(lineup.on[person.id], numbered, end, ~reported) for end in ends(lineup, person)]
    return found


def _reported(lineup: Lineup, person: Entity) -> bool | None:
    """Whether somebody reported as eligible, as far as his role tells: of six linemen one may well have."""
    linemen = [one for one in lineup.people if REPORTED.get(one.role or "", True) is False]
    return None if len(linemen) > FIVE else REPORTED.get(person.role or "")


def ends(lineup: Lineup, person: Entity) -> list[Formula]:
    """Return whether nobody on the line is outside somebody, on either side."""
    others = [other for other in lineup.people if other.id != person.id]
    result = []
    for side in (1.0, -1.0):
        outer = [lineup.on[other.id] for other in others if _wider(lineup.phase, other, person, side)]
        result.append(~formulas.any_of([*outer, *lineup.unseen], lineup.count, f"anybody outside {person.id}"))
    return result


def _wider(phase: Phase, other: Entity, person: Entity, side: float) -> bool:
    """Whether one is further to a side than another at the snap; players are never level across the field."""
    here = int(abs(phase.axis - phase.end.t).argmin())
    y, own = (phase.play.distances.motion(one.id, phase.axis).y[here] for one in (other, person))
    return bool(side * (y - own) > 0)


def out_of_bounds(lineup: Lineup) -> list[Formula]:
    """Return, for those near a sideline, whether they are lined up out of bounds; one too many may be leaving."""
    phase, play, found = lineup.phase, lineup.phase.play, []
    for person in lineup.people:
        measure = play.distances.to(person.id, "in_bounds", phase.axis)
        text = f"{person.id} out of bounds"
        atom = phase.one_of(
            play.atom(text, measure, -1.0, 0.0, play.ontology.footprint(person.kind), person.id), person
        )
        if person.id in lineup.leaving:
            atom = formulas.both(atom, formulas.always(f"{person.id} is one of the formation", None, lineup.count))
        if atom.plane.may.any():
            found.append(atom)
    return found
