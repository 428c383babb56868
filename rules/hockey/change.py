"""Who of a team is in play while players change: on the ice, and not at his own bench going off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from rules import formulas
from rules.distances import Entity
from rules.formulas import Evidence, Formula
from rules.hockey.play import PLAYERS, SKATES, Play
from rules.kleene import Bools, Floats, Ints, Plane, Truth, constant, known

NEAR_S = 10.0  # seconds before and after too many are there in which a change can be seen
ACTS = ("touch", "possession", "contact")
ACCIDENTS = ("deflection", "body", "forced")  # a puck that strikes somebody
EDGE_S = 0.25  # a track that begins this soon after the scene was there before


@dataclass(frozen=True)
class Crowd:
    """A stretch of the axis in which more of a team may be on the ice than are allowed."""

    team: str
    low: float
    high: float


def crowds(play: Play, team: str) -> list[Crowd]:
    """Return where more of a team may be on the ice than are allowed, whoever of them is in play."""
    most = np.zeros(len(play.axis), np.int64)
    for one in play.members(team, PLAYERS):
        first, last = _stay(play, one)
        most += (play.axis >= first) & (play.axis <= last)
    roster = play.scene.roster_over(team, play.axis)
    with np.errstate(invalid="ignore"):
        reached = np.where(np.isnan(roster), most, roster) > allowed(play, team, play.axis)
    reached &= play.scene.is_live(play.axis) & ~play.dead
    edges = np.flatnonzero(np.diff(np.concatenate(([False], reached, [False])).astype(np.int8)))
    return [
        Crowd(team, float(play.axis[i]), float(play.axis[j - 1])) for i, j in zip(edges[::2], edges[1::2], strict=True)
    ]


def _stay(play: Play, person: Entity) -> tuple[float, float]:
    """Return the first and the last instant at which somebody was seen."""
    return play.remember(("stay", person.id), lambda: _seen_between(play, person))


def _seen_between(play: Play, person: Entity) -> tuple[float, float]:
    seen = play.axis[play.distances.motion(person.id, play.axis).seen]
    return (float(seen[0]), float(seen[-1])) if len(seen) else (np.inf, -np.inf)


def allowed(play: Play, team: str, times: Floats) -> Floats:
    """Return how many of a team may be in play: as stated, and never more than the rulebook's greatest number."""
    greatest = play.edition.si("players_max")
    stated = play.scene.strength_over(team, times)
    return np.where(np.isnan(stated), greatest, stated)


class Change:
    """A team's players around a crowd, on a local stretch of the axis."""

    def __init__(self, play: Play, crowd: Crowd) -> None:
        self.play, self.crowd, self.team = play, crowd, crowd.team
        low, high = crowd.low - NEAR_S, crowd.high + NEAR_S
        self.axis = play.axis[play.window(low, high)]
        self.people = [one for one in play.members(crowd.team, PLAYERS) if self._here(one).any()]
        self.planes = {one.id: self._in_play(one) for one in self.people}

    def _here(self, person: Entity) -> Bools:
        first, last = _stay(self.play, person)
        result: Bools = (self.axis >= first) & (self.axis <= last)
        return result

    @property
    def count(self) -> int:
        """Length of the local axis."""
        return len(self.axis)

    @cached_property
    def crowded(self) -> Plane:
        """Whether more are in play than allowed; those whom nobody tracks may be."""
        least = np.zeros(self.count)
        for formula in self.planes.values():
            least += formula.plane.must
        least = np.fmin(least, self.play.scene.roster_over(self.team, self.axis))
        limit = allowed(self.play, self.team, self.axis)
        live = self.play.scene.is_live(self.axis) & (self.axis >= self.crowd.low) & (self.axis <= self.crowd.high)
        may = (self._most > limit) & live
        return Plane((least > limit) & may, may)

    @cached_property
    def _most(self) -> Floats:
        """How many may be in play at most; those whom nobody tracks may be."""
        most = np.zeros(self.count)
        for formula in self.planes.values():
            most += formula.plane.may
        roster = self.play.scene.roster_over(self.team, self.axis)
        here = sum((self._here(one).astype(np.int64) for one in self.people), np.zeros(self.count, np.int64))
        missing = np.where(np.isnan(roster), 0.0, np.maximum(roster - here, 0.0))
        return np.asarray(np.fmin(most + missing, roster))

    def retires(self, low: float, high: float) -> str | None:
        """Return who goes off, where he is the only one who does and there is never more than one too many."""
        going = [one.id for one in self.people if self._changed(one, low, high)[1]]
        here = (self.axis >= low) & (self.axis <= high)
        extra = self._most[here] - allowed(self.play, self.team, self.axis[here])
        return going[0] if len(going) == 1 and bool((extra <= 1).all()) else None

    def spells(self) -> Iterator[tuple[float, float, bool]]:
        """Yield begin and end of each spell with more players in play than allowed, and whether it is certain."""
        may = self.crowded.may
        edges = np.flatnonzero(np.diff(np.concatenate(([False], may, [False])).astype(np.int8)))
        for first, stop in zip(edges[::2], edges[1::2], strict=True):
            yield float(self.axis[first]), float(self.axis[stop - 1]), bool(self.crowded.must[first:stop].any())

    def surely_since(self, low: float, high: float) -> float | None:
        """Return the first instant between two at which too many are in play for certain."""
        here = np.flatnonzero(self.crowded.must & (self.axis >= low) & (self.axis <= high))
        return float(self.axis[here[0]]) if len(here) else None

    # one player

    def on_ice(self, person: Entity) -> Formula:
        """Return whether somebody is on the ice; of whom the skates are tracked, with both or with one."""
        play, text = self.play, f"{person.id} on the ice"
        skates = [part for part in SKATES if part in person.parts]
        if len(skates) == len(SKATES):
            both = play.edition.reads("substitute_on", "both skates on the ice")
            atoms = [
                self._inside(f"{person.id}'s {part.replace('_', ' ')} on the ice", person, part, 0.0) for part in skates
            ]
            inside = formulas.both(*atoms) if both else formulas.either(*atoms)
        else:
            inside = self._inside(text, person, None, play.edition.si("off_ice"))
        here = self._here(person)
        return inside if here.all() else inside & formulas.stated(f"{person.id} tracked", known(here), "tracks")

    def _inside(self, text: str, person: Entity, part: str | None, open_: float) -> Formula:
        measure = self.play.distances.to(person.id, "ice", self.axis, part)
        return self.play.atom(text, measure, 1.0, open_ / 2, open_ / 2, person.id)

    def at_bench(self, person: Entity) -> Formula:
        """Return whether somebody is as near to his own bench as one who changes has to be."""
        play = self.play
        limit = play.edition.si("change_distance")
        text = f"{person.id} within {limit:.2f} m of the bench"
        measure = play.distances.to(person.id, "ice", self.axis)
        bench = play.scene.benches.get(self.team)
        open_ = 0.0 if set(SKATES) <= set(person.parts) else play.ontology.footprint(person.kind)
        if bench is None:
            boards = play.atom(text, measure, -1.0, limit, open_, person.id).plane
            return formulas.stated(f"{text} (nobody knows where that is)", Plane(boards.must & False, boards.may))
        motion = play.distances.motion(person.id, self.axis)
        beyond = np.maximum(np.maximum(bench.start_x - motion.x, motion.x - bench.stop_x), 0.0)
        side = -1.0 if bench.side == "-y" else 1.0
        away = np.where(side * motion.y > 0, np.hypot(beyond, np.maximum(measure.value, 0.0)), np.inf)
        evidence = Evidence(
            limit - away,
            measure.sigma,
            np.full(self.count, open_),
            measure.own,
            -measure.modes,
            person.id,
            -measure.normal,
        )
        return formulas.measured(text, evidence, k=play.k)

    def _in_play(self, person: Entity) -> Formula:
        """Return whether somebody is in play: on the ice, and not going off at his bench without a part in play."""
        bench, ice = self.at_bench(person), self.on_ice(person)
        if not bench.plane.may.any():
            return ice
        return ice & ~(bench & self._changing(person, bench, ice) & ~self._acting(person))

    def _acting(self, person: Entity) -> Formula:
        """Return where somebody plays the puck or touches an opponent."""
        must, may = np.zeros(self.count, np.bool_), np.zeros(self.count, np.bool_)
        for one in self.play.listed(*ACTS):
            if one.entity == person.id and one.detail not in ACCIDENTS:
                surely, perhaps = self.play.lasted(one) if one.kind == "possession" else (one.high, one.high)
                may[self._stretch(one.low, max(perhaps, one.high))] = True
                must[self._stretch(one.low, max(surely, one.high))] |= one.certain
        return formulas.stated(f"{person.id} takes part in play", Plane(must, may))

    def _stretch(self, low: float, high: float) -> slice:
        """Return the positions that hold a span of time, and those next to it."""
        first = max(int(np.searchsorted(self.axis, low, side="right")) - 1, 0)
        return slice(first, int(np.searchsorted(self.axis, high)) + 1)

    def _changing(self, person: Entity, bench: Formula, ice: Formula) -> Formula:
        """Return whether somebody at the bench goes off, and does not just pass by.

        What was before the scene and what comes after it is unknown. Who comes on is on with both his skates; where
        those are not tracked, nobody knows when that is, as long as he is at the bench.
        """
        told = set(SKATES) <= set(person.parts)
        plane = constant(False, self.count)
        must, may = plane.must.copy(), plane.may.copy()
        for first, stop in _runs(bench.plane.may & ice.plane.may):
            came, went = self._off(person, ice, first - 1), self._off(person, ice, stop)
            must[first:stop] = went is True
            may[first:stop] = went is not False or (came is not False and not told)
        return formulas.stated(f"{person.id} changes", Plane(must, may), "tracks")

    def _off(self, person: Entity, ice: Formula, position: int) -> Truth:
        """Return whether somebody was off the ice at a position; beyond the scene nobody knows."""
        if not 0 <= position < self.count:
            return None
        t = self.axis[position]
        if not self._here(person)[position] and min(t - self.play.axis[0], self.play.axis[-1] - t) < EDGE_S:
            return None
        value = ice.plane.value(position)
        return None if value is None else not value

    def surplus(self, person: Entity, low: float, high: float) -> Truth:
        """Return whether somebody came on or went off in a spell, which makes him the one who is too many.

        Where nobody does either, all are; while one of the two is not known it may be anybody.
        """
        changes = {one.id: self._changed(one, low, high) for one in self.people}
        own = changes[person.id]
        if any(own):
            return True
        came, went = (any(one[side] for one in changes.values()) for side in (0, 1))
        if came and went:
            return False
        return None if came or went else True

    def _changed(self, person: Entity, low: float, high: float) -> tuple[bool, bool]:
        """Return whether somebody came into play in a spell, and whether he left it for good or is about to.

        Whose track begins or ends away from the bench was found again, or lost.
        """
        nominal, here, bench = (
            self._nominally_in_play(person), self._here(person), self.at_bench(person).plane.may
        )  # fmt: skip
        inside = np.flatnonzero(nominal & (self.axis >= low) & (self.axis <= high))
        leaving = any(
            one.entity == person.id and one.low <= high and (one.until or one.high) >= low
            for one in self.play.listed("exit_imminent")
        )
        if not len(inside):
            return False, leaving
        first, last = int(inside[0]), int(inside[-1])
        came = first > 0 and not nominal[first - 1] and bool(here[first - 1] or bench[first])
        went = last + 1 < self.count and not nominal[last + 1] and bool(here[last + 1] or bench[last])
        return came, went or leaving

    def _nominally_in_play(self, person: Entity) -> Bools:
        plane = self.planes[person.id].plane
        ice = self.play.distances.to(person.id, "ice", self.axis).value > -self.play.edition.si("off_ice")
        return plane.must | (plane.may & ice & ~_nominal(self.at_bench(person)))


def _nominal(formula: Formula) -> Bools:
    if formula.evidence is None:
        return formula.plane.must
    with np.errstate(invalid="ignore"):
        result: Bools = formula.evidence.margin > 0
    return result


def _runs(mask: Bools) -> list[tuple[int, int]]:
    edges: Ints = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
    return [(int(i), int(j)) for i, j in zip(edges[::2], edges[1::2], strict=True)]
