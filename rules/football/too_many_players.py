"""NFL 5-1 and 7-4, NCAA 3-5-3: too many players.

Nobody may have more than eleven players in the field of play at the snap. Who is wholly over the sideline by then is
out of it; who is still running off counts. The offense may not have more than eleven in its formation for longer
than three seconds before the snap either.

Eleven tracked players are no proof that there was no twelfth: the scene's roster says how many were in play, or the
camera saw the whole field.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from rules import formulas, operators
from rules.distances import Entity
from rules.football.play import PLAYERS, Play
from rules.football.presnap import Phase, counted
from rules.formulas import Formula
from rules.kleene import Plane
from rules.operators import at
from rules.propositions import Prop
from rules.registry import Needs, rule
from rules.settle import settle
from rules.verdicts import Opportunity


@rule(
    "football.too_many_players",
    clause={"nfl-2025": "NFL 5-1-1", "ncaa-2025": "NCAA 3-5-3"},
    needs=Needs(resolution="point", events=("snap",), context=("attacks", "plays", "roster", "view")),
)
def too_many_players(play: Play) -> Iterator[Opportunity]:
    """Nobody may have more than eleven players in the field of play at the snap."""
    for phase in play.snaps:
        sides = {team: at(phase.end, crowded(phase, team), phase.axis) for team in (phase.defense, phase.offense)}
        sides[phase.offense] = sides[phase.offense] | at(phase.eve, lingering(phase), phase.axis)
        values = {team: settle(prop) for team, prop in sides.items()}
        ranked = [team for wanted in (True, None) for team in sides if values[team] is wanted]
        blamed = ranked[0] if ranked else phase.defense
        yield Opportunity(
            phase.end, Prop("or", tuple(sides.values())), blamed, since=phase.start, movable=False,
            direction=phase.direction,
        )  # fmt: skip


def crowded(phase: Phase, team: str) -> Formula:
    """Return whether a team has more players in the field of play than it may."""
    number = int(phase.edition.si("players_max")) + 1
    people = phase.people(team)
    doubtful = phase.play.maybe_twice(people, phase.end)
    parts = [in_field(phase, one, doubtful.get(one.id)) for one in people]
    parts += [formulas.always(f"{one.id} plays for {team}", None, len(phase)) for one in _strangers(phase)]
    text = f"{number} of {team} in the field of play"
    return against_roster(phase, team, counted(number, [*parts, *unseen(phase, team)], len(phase), text))


def in_field(phase: Phase, person: Entity, twin: str | None = None) -> Formula:
    """Return whether somebody is in the field of play: not wholly over its edge, and not tracked twice."""
    if twin is not None:
        text = f"{person.id} in the field of play (he may be {twin}, tracked twice)"
        return formulas.always(text, None, len(phase))
    return phase.in_field(person)


def unseen(phase: Phase, team: str) -> list[Formula]:
    """Return an atom for each player of a team whom nobody tracked: in play as the roster says, or unknown."""
    window = phase.play.window(phase.end.low, phase.end.high)
    missing = float(phase.play.not_tracked(team)[window].max())
    if np.isfinite(missing):
        astray = sum(settle(at(phase.end, in_field(phase, one), phase.axis)) is not True for one in _strangers(phase))
        return [
            formulas.always(
                f"player {n + 1} of {team} whom the roster counts is in play", n >= astray or None, len(phase), "roster"
            )
            for n in range(int(missing))
        ]
    if _whole_field_seen(phase, window):
        return []
    number = int(phase.edition.si("players_max")) + 1
    return [
        formulas.always(f"player {n + 1} of {team} who is not tracked is in play", None, len(phase), "roster")
        for n in range(max(1, number - len(phase.people(team))))
    ]


def against_roster(phase: Phase, team: str, crowd: Formula) -> Formula:
    """Return whether a team is crowded; unknown where more are tracked than the roster says."""
    said = phase.play.scene.roster_over(team, np.array([phase.end.t]))[0]
    if np.isnan(said) or said > phase.edition.si("players_max") or not crowd.plane.may.any():
        return crowd
    return formulas.both(crowd, formulas.always(f"the roster of {team} is wrong", None, len(phase), "roster"))


def _whole_field_seen(phase: Phase, window: slice) -> bool:
    field = phase.play.field
    x, y = field.length_m / 2, field.width_m / 2
    corners = np.array([[-x, -y], [-x, y], [x, -y], [x, y]])
    return bool(phase.play.in_view(corners[:, 0], corners[:, 1])[window].all())


def _strangers(phase: Phase) -> list[Entity]:
    window = phase.play.window(phase.end.low, phase.end.high)
    return [one for one in phase.play.strangers(PLAYERS) if phase.play.tracked(one)[window].any()]


def lingering(phase: Phase) -> Formula:
    """Return whether the offense has had more than it may in its formation for too long: in the field and still."""
    seconds = phase.edition.si("huddle_extra_duration")
    number = int(phase.edition.si("players_max")) + 1
    people = [one for one in phase.play.members(phase.offense, PLAYERS) if phase.play.tracked(one)[phase.window].any()]
    parts = [formulas.both(in_field(phase, one), ~phase.moving(one)) for one in people]
    if len(parts) < number:
        return formulas.always(f"{number} of {phase.offense} tracked", False, len(phase), "tracks")
    text = f"{number} of {phase.offense} in the formation"
    lined = counted(number, parts, len(phase), text)
    plane = operators.held(lined, phase.axis, seconds).plane
    so_far = Plane(np.logical_or.accumulate(plane.must), np.logical_or.accumulate(plane.may))
    return formulas.stated(f"{text} for {seconds:g} s", so_far, "tracks")
