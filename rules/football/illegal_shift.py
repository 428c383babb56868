"""NFL 7-4-8, NCAA 7-1-2: illegal shift.

When two or more players of the offense change position at the same time, the line-up after the huddle included, all
eleven must be set for a full second before the snap, or before another of them goes in motion. When one who moves has
not stopped as a second one starts, that is a shift too. One man in motion alone needs no second.

NFL: a quarterback who goes in motion from under center must stop for a second before a second mover starts.
NCAA: a shift that was never satisfied is a false start: see false_start.py. An illegal shift is one that comes after
the offense had been set.
"""

from __future__ import annotations

from collections.abc import Iterator

from rules import formulas
from rules.football import movement
from rules.football.play import Play
from rules.football.presnap import Phase
from rules.operators import at
from rules.registry import Needs, rule
from rules.verdicts import Opportunity


@rule(
    "football.illegal_shift",
    clause={"nfl-2025": "NFL 7-4-8", "ncaa-2025": "NCAA 7-1-2-a"},
    needs=Needs(resolution="point", events=("line_set", "snap"), context=("attacks", "plays", "roster")),
)
def illegal_shift(play: Play) -> Iterator[Opportunity]:
    """All of the offense must be set for a second after a shift."""
    converts = play.edition.reads("unsatisfied_shift", "false start")
    for phase in play.snaps:
        broken = ~phase.rested(phase.rest_since_shift).named(f"{phase.offense} set since its last shift")
        if converts:
            ever = phase.rested(phase.longest_rest).named(f"{phase.offense} was set before the snap")
            broken = formulas.both(broken, ever)
        yield Opportunity(
            phase.end, at(phase.eve, broken, phase.axis), phase.offense, since=float(phase.axis[0]),
            who=movers(phase), movable=False, direction=phase.direction, sooner=in_time(phase),
        )  # fmt: skip


def in_time(phase: Phase) -> tuple[str, float] | None:
    """Return by when all of the offense would have had to be set; None where nobody would know that they were."""
    t = phase.eve.t - phase.edition.si("set_duration") - phase.edition.si("velocity_window")
    people = phase.people(phase.offense)
    told = len(phase.motions()) == len(people) and all(movement.tells_rest(phase, one, t) for one in people)
    return (f"all of {phase.offense} had been set", t) if told and t > phase.axis[0] else None


def movers(phase: Phase) -> tuple[str, ...]:
    """Return who of the offense certainly moved in the second before the snap."""
    late = phase.before & (phase.axis >= phase.eve.t - phase.edition.si("set_duration"))
    return tuple(one.id for one in phase.people(phase.offense) if phase.moving(one).plane.must[late].any())
