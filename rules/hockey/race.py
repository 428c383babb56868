"""The race for a puck that crosses the goal line: when it is decided, and who would touch the puck first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rules import formulas
from rules.distances import Entity, Measure
from rules.formulas import Evidence, Formula
from rules.hockey.flight import Flight, skaters
from rules.hockey.play import PLAYERS, SIGN, Play
from rules.kleene import Floats, Plane, Truth, any_, known
from rules.operators import at
from rules.propositions import Instant, Prop, fact


@dataclass(frozen=True, eq=False)
class Race:
    """How a race was decided.

    Attributes:
        instant: when.
        first: whether an attacker would have touched the puck first, clearly enough.
        open_until: until when a touch by an attacker would have won it for certain, seconds; None: nobody knows.
    """

    instant: Instant
    first: Prop
    open_until: float | None = None


def race(play: Play, flight: Flight) -> Race:
    """Follow the race from when the puck crosses the goal line."""
    crossing = flight.crossing
    if not play.edition.reads("icing", "hybrid"):
        return Race(crossing.instant, fact("there is a race", False, crossing.instant.t, "rulebook"))
    over = crossing.instant.high + play.edition.si("icing_race_longest")
    last = play.window(crossing.instant.low, min(over, play.segment_end(crossing.instant.t)))
    axis = play.axis[last]
    decided = _decision(play, flight, axis)
    instant = decided or Instant(float(axis[-1]), crossing.instant.low, float(axis[-1]), play.k)
    touched = _first_touch(play, flight, decided)
    who = f"a player of {crossing.attack} first to the puck"
    if isinstance(touched, bool):
        return Race(instant, fact(who, touched, instant.t))
    if decided is None:
        return Race(instant, fact(f"{who} (the scene or play ends before that is decided)", None, instant.t))
    if touched == "maybe":
        return Race(instant, fact(f"{who} (a touch may have come before that was decided)", None, instant.t))
    in_time = decided.low if decided.low >= crossing.instant.high else None
    return Race(instant, _ahead(play, flight, decided, axis), in_time)


def _first_touch(play: Play, flight: Flight, decided: Instant | None) -> bool | str | None:
    """Return whether an attacker was the first to touch the puck beyond the line before the race was decided.

    ``maybe`` when somebody may have touched it by then, None when nobody is reported to have.
    """
    crossing = flight.crossing
    end = decided.high if decided is not None else np.inf
    sure = decided.low if decided is not None else np.inf
    maybe = False
    for event in play.listed("touch", "possession"):
        known_team = event.team is not None
        if event.low < crossing.instant.low or event.low > end or not (known_team or play.by_nobody_known(event)):
            continue
        if event.certain and known_team and event.high <= sure:
            return "maybe" if maybe else event.team == crossing.attack
        maybe = True
    return "maybe" if maybe else None


def _decision(play: Play, flight: Flight, axis: Floats) -> Instant | None:
    """Return when a skater reaches the dots, or the puck the goal line if that is later; None: not before the end."""
    crossing, end = flight.crossing, flight.crossing.end
    deadline = "end_dot" if play.edition.reads("icing_race_ends_at", "end dots") else "goal_post"
    beyond = abs(play.field.landmark(f"{deadline}_{end}_far")[0])
    attackers, defenders = (skaters(play, team) for team in (crossing.attack, crossing.defense))
    plane = _anybody_past(play, [*attackers, *defenders], end, beyond, axis)
    if not play.edition.reads("icing_without_a_race", "end dots"):
        home = _anybody_past(play, defenders, end, None, axis)
        chasing = _anybody_past(play, attackers, end, None, axis) | _missing(play, crossing.attack, axis)
        plane = plane | (home & ~chasing)
    if plane.must[0]:
        return crossing.instant
    if not plane.must.any():
        return None
    after = int(np.argmax(plane.must))
    before = np.flatnonzero(~plane.may[:after])
    low = axis[before[-1]] if len(before) else axis[0]
    return Instant(float((low + axis[after]) / 2), float(low), float(axis[after]), play.k)


def _anybody_past(play: Play, people: Sequence[Entity], end: str, beyond: float | None, axis: Floats) -> Plane:
    """Return whether anybody is as far from the middle as a place, or past the blue line where none is given."""
    count = len(axis)
    blue = play.leading(end)
    offset = 0.0 if beyond is None else -(beyond - abs(float(play.field.target(blue).distance(0.0, 0.0))))
    planes = []
    for one in people:
        inside = play.distances.motion(one.id, axis).inside
        past = play.atom("", play.distances.to(one.id, blue, axis), SIGN[end], offset, 0.0, one.id).plane
        planes.append(past & known(inside))
    return any_(planes, count)


def _missing(play: Play, team: str, axis: Floats) -> Plane:
    """Return whether somebody of a team may be where nobody saw him."""
    inside = np.isin(play.axis, axis)
    open_ = (play.missing(team, PLAYERS) > 0)[inside]
    return Plane(np.zeros_like(open_), open_)


def _ahead(play: Play, flight: Flight, when: Instant, axis: Floats) -> Prop:
    """Return whether an attacker would touch the puck before every defender."""
    crossing = flight.crossing
    attackers, defenders = (_present(play, skaters(play, team), when) for team in (crossing.attack, crossing.defense))
    nearest = _nearest(play, defenders, axis)
    first = [_before(play, one, nearest, defenders, when, axis) for one in attackers]
    first += [_stranger(play, one.id, when) for one in _present(play, play.strangers(PLAYERS), when)]
    if play.may_be_unseen(crossing.attack, crossing.end, when):
        first.append(fact(f"a player of {crossing.attack} who is not tracked is first", None, when.t, "roster"))
    anybody = Prop("or", tuple(first))
    if play.may_be_unseen(crossing.defense, crossing.end, when):
        unseen = fact(f"a player of {crossing.defense} who is not tracked is first", None, when.t, "roster")
        return anybody & ~unseen
    return anybody


def _stranger(play: Play, name: str, when: Instant) -> Prop:
    return fact(f"{name}, whose team is not known, is first", None, when.t, "tracks")


def _present(play: Play, people: Sequence[Entity], when: Instant) -> list[Entity]:
    stamps = np.array([when.low, when.t, when.high])
    return [one for one in people if play.distances.motion(one.id, stamps).inside.any()]


def _nearest(play: Play, people: Sequence[Entity], axis: Floats) -> Measured | None:
    """Return the distance of the nearest of some people to the puck."""
    found: Measured | None = None
    for one in people:
        measure = _to_puck(play, one, axis)
        if measure is None:
            continue
        mine = Measured(measure.value, measure.own, measure.modes)
        found = mine if found is None else found.nearer(mine)
    return found


@dataclass(frozen=True, eq=False)
class Measured:
    """A distance over time: value, own 1-sigma, shared modes, metres."""

    value: Floats
    own: Floats
    modes: Floats

    def nearer(self, other: Measured) -> Measured:
        """Return the smaller one at each time; what is not known is far."""
        chosen = np.isnan(other.value) | (self.value <= other.value)
        return Measured(
            np.where(chosen, self.value, other.value),
            np.where(chosen, self.own, other.own),
            np.where(chosen, self.modes, other.modes),
        )


def _to_puck(play: Play, person: Entity, axis: Floats) -> Measure | None:
    return play.distances.between(person.id, play.pucks[0].id, axis) if play.pucks else None


def _before(
    play: Play, person: Entity, rival: Measured | None, rivals: Sequence[Entity], when: Instant, axis: Floats
) -> Prop:
    text = f"{person.id} clearly nearer to the puck than any defender"
    if rival is None:
        return fact(text, True, when.t, "tracks")
    mine = _to_puck(play, person, axis)
    assert mine is not None
    nearer = at(when, _lead(play, text, person, mine, rival), axis)
    sooner = _sooner(play, person, rivals, when)
    if sooner is not None and nearer.leaf is not None and nearer.leaf.value is not None and nearer.leaf.value != sooner:
        told = "nearer, but slower than a defender" if nearer.leaf.value else "further than a defender, but faster"
        return fact(f"{person.id} first to the puck ({told})", None, when.t, "tracks")
    return nearer


def _lead(play: Play, text: str, person: Entity, mine: Measure, rival: Measured) -> Formula:
    """Return the atom that somebody leads clearly; what is too close to call counts as the edition says."""
    half = play.edition.si("icing_clear_lead") / 2
    tie = -half if play.edition.reads("icing_too_close", "icing") else half
    own, modes = np.hypot(mine.own, rival.own), rival.modes - mine.modes
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    margin = rival.value - mine.value + tie
    known = np.isfinite(sigma) & np.isfinite(margin)
    slack = np.full(len(margin), half)
    evidence = Evidence(np.where(known, margin, np.nan), np.where(known, sigma, np.inf), slack, own, modes, person.id)
    return formulas.measured(text, evidence, k=play.k)


def _sooner(play: Play, person: Entity, rivals: Sequence[Entity], when: Instant) -> Truth:
    """Return whether somebody would be at the puck before any rival if all went on as they do; None: about level."""
    mine = _seconds(play, person, when)
    others = min((_seconds(play, one, when) for one in rivals), default=np.inf)
    if not np.isfinite(mine) or abs(mine - others) < play.edition.si("icing_race_level"):
        return None
    return bool(mine < others)


def _seconds(play: Play, person: Entity, when: Instant) -> float:
    """Return how long somebody needs to the puck at the speed with which he closes in on it."""
    stamps = np.array([when.t])
    man, puck = (play.distances.motion(name, stamps) for name in (person.id, play.pucks[0].id))
    dx, dy = float(puck.x[0] - man.x[0]), float(puck.y[0] - man.y[0])
    far = float(np.hypot(dx, dy))
    closing = (dx * float(man.vx[0]) + dy * float(man.vy[0])) / max(far, 1e-9)
    return far / max(closing, play.edition.si("icing_race_speed_min")) if np.isfinite(far) else np.inf
