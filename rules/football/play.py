"""What several football rules need to know: snaps, who is on offense, the snapper, the line of scrimmage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ontologies import football
from ontologies.field import Field
from records.scene import Scene
from rules import formulas
from rules.context import Context, Gap, Happening
from rules.distances import Distances, Entity
from rules.formulas import Evidence, Formula
from rules.kleene import Floats, constant, known
from rules.propositions import Instant

PLAYERS = ("player", "unknown")
SNAPPERS = ("center", "snapper")
UNDER_CENTER_M = 0.8  # the quarterback under center stands within this of the snapper, across the field
BEHIND_CENTER_M = 1.6  # and within this, along it
TOLD_APART_M = 2.0  # a box that loses the legs is off by as much: 0.9 m of height, seen from 25 degrees above


@dataclass(frozen=True, eq=False)
class Line:
    """A coordinate in the direction of the offense over the axis, metres, of a person or a line.

    ``slack`` is what remains open beyond the errors; ``entity`` is whose coordinate it is.
    """

    value: Floats
    own: Floats
    modes: Floats
    slack: float
    entity: str | None
    direction: int


@dataclass(frozen=True, eq=False)
class Snap:
    """A snap: when, who has the ball and plays in which direction (+1 right, -1 left), who snapped."""

    instant: Instant
    offense: str
    direction: int
    snapper: Entity | None
    scrimmage: Line | None


class Play(Context):
    """A football scene with its derived facts, all Kleene."""

    def __init__(self, scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> None:
        super().__init__(scene, field, football.ONTOLOGY, distances, k)
        events = [one for one in self.listed("snap") if self._judged(one.t)]
        self.refine(Instant(one.t, one.low, one.high, k) for one in events)
        found = [self._snap(one) for one in events]
        self.snaps = [snap for snap in found if snap is not None]
        self.unresolved = [one for one, snap in zip(events, found, strict=True) if snap is None]

    def gaps(self, rule: str) -> list[Gap]:
        """Return the whole scene where no snap was reported, and the snaps of which nobody knows who had the ball."""
        if not self.listed("snap"):
            return [Gap(self.span, "no snap event")]
        near = np.zeros(len(self.axis), np.bool_)
        for event in self.unresolved:
            near[self.window(event.low, event.high)] = True
        return self.spans_of(near, "it is not known which team has the ball, or which way it plays")

    def _judged(self, t: float) -> bool:
        return self.span.holds(t) and bool(self.scene.is_live(np.array([t]))[0])

    def _snap(self, event: Happening) -> Snap | None:
        row = self._play_row(event.t)
        offense = row.get("offense") or event.team or self._possession(event.t) or self._team_by_role()
        if offense is None:
            return None
        direction = {"right": 1, "left": -1}.get(row.get("direction") or "", 0)
        direction = direction or int(self.scene.attack_sign(offense, np.array([event.t]))[0])
        if direction == 0:
            return None
        instant = Instant(event.t, event.low, event.high, self.k)
        snapper = self._snapper(event, offense)
        return Snap(instant, offense, direction, snapper, self._scrimmage(row, direction))

    def _play_row(self, t: float) -> dict[str, Any]:
        """Return the row of the plays table that holds an instant; empty where there is none."""
        if self.scene.plays is None:
            return {}
        rows: list[dict[str, Any]] = self.scene.plays.to_pylist()
        return next((row for row in rows if row["from"] <= t <= row["to"]), {})

    def _possession(self, t: float) -> str | None:
        last = [one.team for one in self.listed("possession") if one.t <= t and one.team is not None and one.certain]
        initial = self.scene.initial.get("possession")
        return last[-1] if last else (None if initial is None else str(initial))

    def _team_by_role(self) -> str | None:
        """Return the one team that has a quarterback or a center on the field."""
        teams = {one.team for one in self.entities.values() if one.role in ("quarterback", *SNAPPERS) and one.team}
        return next(iter(teams)) if len(teams) == 1 else None

    def _snapper(self, event: Happening, offense: str) -> Entity | None:
        """Return who snapped: as reported, by role, or the one who is nearest to the ball and certainly so."""
        if event.entity in self.entities:
            return self.entities[event.entity]
        people = self.lined_up(offense, Instant(event.t, event.low, event.high, self.k))
        by_role = [one for one in people if one.role in SNAPPERS]
        if len(by_role) == 1:
            return by_role[0]
        balls = [one for one in self.entities.values() if one.kind == "ball"]
        if not balls or len(people) < 2:
            return None
        here = int(np.argmin(np.abs(self.axis - event.t)))
        found = []
        for one in people:
            measure = self.distances.between(one.id, balls[0].id, self.axis)
            found.append((float(measure.value[here]), float(measure.sigma[here]), one))
        found.sort(key=lambda item: (item[0], item[2].id))
        (first, sigma, nearest), (second, other, _) = found[0], found[1]
        return nearest if second - first > np.hypot(sigma, other) else None

    def lined_up(self, team: str, instant: Instant) -> list[Entity]:
        """Return the members of a team who are tracked at an instant."""
        window = self.window(instant.low, instant.high)
        return [one for one in self.members(team, PLAYERS) if self.tracked(one)[window].any()]

    def unseen(self, team: str, instant: Instant) -> int:
        """Return how many of a team may be on the field at an instant without being tracked."""
        window = self.window(instant.low, instant.high)
        missing = float(self.missing(team, PLAYERS)[window].max())
        return int(min(missing, max(0.0, self.edition.si("players_max") - len(self.lined_up(team, instant)))))

    def maybe_twice(self, people: Sequence[Entity], instant: Instant, known: Entity | None = None) -> dict[str, str]:
        """Return who of some people may be somebody else of them, tracked twice, and who that would be.

        A detector draws two boxes around one person, or one box around two, and two tracks come of it; so boxes
        prove two people only where they stand further apart than ``TOLD_APART_M`` and than k sigma of their
        distance, or where their numbers or roles were told apart. Those who are left out of the result are different
        people, ``known`` among them. Where tracks are no boxes, nobody is in doubt.
        """
        if self.scene.resolution != "box":
            return {}
        window = self.window(instant.low, instant.high)
        unsure = {one.id: self._unsure(one, window) for one in people}
        sure: list[Entity] = []
        doubtful: dict[str, str] = {}
        for one in sorted(people, key=lambda one: (known is None or one.id != known.id, unsure[one.id], one.id)):
            other = next((other for other in sure if not self._told_apart(one, other, window)), None)
            if other is None:
                sure.append(one)
            else:
                doubtful[one.id] = other.id
        return doubtful

    def _unsure(self, person: Entity, window: slice) -> float:
        """Return the greatest own error of somebody along the field, metres; infinite where nobody saw him."""
        own = self.distances.to(person.id, "yard_50", self.axis).own[window]
        return float(np.nan_to_num(own, nan=np.inf).max())

    def _told_apart(self, one: Entity, other: Entity, window: slice) -> bool:
        """Whether two tracks are surely two people in a window of the axis."""
        for own, others in ((one.number, other.number), (one.role, other.role)):
            if own is not None and others is not None and own != others:
                return True
        measure = self.distances.between(one.id, other.id, self.axis)
        apart = measure.value[window] > np.maximum(TOLD_APART_M, self.k * measure.sigma[window])
        return bool(apart.all())

    # coordinates in the direction of the offense

    def forward(self, person: Entity, direction: int, part: str | None = None, slack: float = 0.0) -> Line:
        """Return how far forward somebody, or a part of him, is; positive towards the end that the offense attacks."""
        measure = self.distances.to(person.id, "yard_50", self.axis, part)
        return Line(direction * measure.value, measure.own, direction * measure.modes, slack, person.id, direction)

    def _scrimmage(self, row: dict[str, Any], direction: int) -> Line | None:
        """Return the tip of the ball nearer the defense, from the plays table."""
        if row.get("los_x") is None:
            return None
        count = len(self.axis)
        sigma = row["los_sigma"] if row["los_sigma"] is not None else self.ontology.defaults.los_sigma_m
        return Line(
            np.full(count, direction * float(row["los_x"])),
            np.full(count, float(sigma)),
            np.zeros((0, count)),
            0.0,
            None,
            direction,
        )

    def ahead(self, text: str, one: Line, other: Line, by: float = 0.0) -> Formula:
        """Return whether one coordinate is further forward than another by more than ``by`` metres.

        Whoever ``one`` or else ``other`` belongs to is the one who would have to move. Errors that both share
        cancel.
        """
        modes = _difference(one.modes, other.modes)
        own = np.hypot(one.own, other.own)
        sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
        value = one.value - other.value - by
        lost = ~np.isfinite(sigma) | ~np.isfinite(value)
        mover, sign = (one.entity, one.direction) if one.entity is not None else (other.entity, -other.direction)
        normal = np.array([np.full(len(value), float(sign)), np.zeros(len(value))])
        evidence = Evidence(
            np.where(lost, np.nan, value), np.where(lost, np.inf, sigma),
            np.full(len(value), one.slack + other.slack), own, modes, mover, normal,
        )  # fmt: skip
        return formulas.measured(text, evidence, "tracks", self.k)


def _difference(one: Floats, other: Floats) -> Floats:
    """Return the difference of mode coefficients; a line without modes does not move with the frame."""
    if len(one) == 0 or len(other) == 0:
        return one if len(other) == 0 else -other
    return one - other


def number_between(play: Play, person: Entity, text: str) -> Formula:
    """Return whether a player's number is one of an ineligible receiver; unknown without a number."""
    low, high = play.edition.si("ineligible_number_min"), play.edition.si("ineligible_number_max")
    count = len(play.axis)
    if person.number is None:
        return formulas.stated(text, constant(None, count), "tracks")
    return formulas.stated(text, known(np.full(count, low <= person.number <= high)), "tracks")


def outside(play: Play, person: Entity) -> Formula | None:
    """Return whether somebody is out of bounds, or None where that is certainly not so."""
    measure = play.distances.to(person.id, "in_bounds", play.axis)
    atom = play.atom(f"{person.id} out of bounds", measure, -1.0, 0.0, play.ontology.footprint(person.kind), person.id)
    return atom if atom.plane.may.any() else None
