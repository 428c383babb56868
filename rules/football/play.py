"""What several football rules need to know: snaps, pre-snap phases, who is on offense, the line of scrimmage.

A pre-snap phase ends with a snap or with a whistle before one. It begins when the line is set, or with the first
stillness of the offense. What holds in a phase is in presnap.py, who moves in it in movement.py.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ontologies import football
from ontologies.field import Field
from records import tables
from records.scene import Scene
from rules.context import OTHER, Context, Gap, Happening
from rules.distances import Distances, Entity
from rules.football.coordinates import Line
from rules.football.presnap import Phase
from rules.football.snapping import Ball, snap_instant
from rules.kleene import Bools, Floats
from rules.propositions import Instant

PLAYERS = ("player", "unknown")
SNAPPERS = ("center", "snapper")
BACKS = ("quarterback", "running_back", "fullback", "wide_receiver", "kicker", "punter", "holder")
KICKING = ("snapper", "kicker", "punter", "holder")  # where one of them is, the snap may be a long one
TOLD_APART_M = 2.0  # a box that loses the legs is off by as much: 0.9 m of height, seen from 25 degrees above
LONGEST_S = 60.0  # a phase is not looked at for longer: the play clock is 40 s


class Play(Context):
    """A football scene with its derived facts, all Kleene."""

    def __init__(self, scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> None:
        super().__init__(scene, field, football.ONTOLOGY, distances, k)
        self.ball = _ball(scene)
        events = [one for one in self.listed("snap") if self._judged(one.t)]
        kick = any(one.role in KICKING for one in self.entities.values())
        self.snap_instants = [(one, snap_instant(one, self.ball, self.edition, k, kick)) for one in events]
        self.refine(instant for _, instant in self.snap_instants)
        self.phases = list(self._phases())
        self.snaps = [phase for phase in self.phases if phase.by == "snap"]
        resolved = {id(phase.event) for phase in self.snaps}
        self.unresolved = [one for one in events if id(one) not in resolved]

    def gaps(self, rule: str) -> list[Gap]:
        """Return the whole scene where no snap was reported, and the snaps of which nobody knows who had the ball."""
        if rule == "football.delay_of_game":
            return [] if self.has_play_clock or self.phases else [Gap(self.span, "no play clock and no snap event")]
        if not self.phases and not self.unresolved:
            return [Gap(self.span, "no snap event")]
        near = np.zeros(len(self.axis), np.bool_)
        for event in self.unresolved:
            near[self.window(event.low, event.high)] = True
        return self.spans_of(near, "it is not known which team has the ball, or which way it plays")

    @cached_property
    def has_play_clock(self) -> bool:
        """Whether the play clock was read."""
        table = self.scene.clocks
        return table is not None and "play" in set(tables.column(table, "clock"))

    def _judged(self, t: float) -> bool:
        return self.span.holds(t) and bool(self.scene.is_live(np.array([t]))[0])

    # phases

    def _phases(self) -> Iterator[Phase]:
        """Yield the pre-snap phases in order of time."""
        snaps = [(instant, "snap", event) for event, instant in self.snap_instants]
        whistles = [
            (Instant(one.t, one.low, one.high, self.k), "whistle", one)
            for one in self.listed("whistle")
            if one.certain and self._judged(one.t)
        ]
        since, running = self.span.start, False
        for instant, by, event in sorted([*snaps, *whistles], key=lambda item: (item[0].t, item[1])):
            ends_a_play = by == "whistle" and running and not self._set_between(since, instant.low)
            phase = None if ends_a_play else self._phase(since, instant, by, event)
            if phase is not None and phase.possible:
                yield phase
            since, running = instant.high, by == "snap"
        if not running or self._set_between(since, self.span.stop):
            yield from self._open_phase(since)

    def _open_phase(self, since: float) -> Iterator[Phase]:
        """Yield the phase that the end of the scene leaves open: the line was set, and nothing came of it yet."""
        if since >= self.span.stop or not self._set_between(since, self.span.stop):
            return
        end = self.span.stop
        phase = self._phase(since, Instant(end, end, end, self.k), "end", None)
        if phase is not None:
            yield phase

    def _set_between(self, low: float, high: float) -> list[Happening]:
        return [one for one in self.listed("line_set") if one.certain and low <= one.t <= high]

    def _phase(self, since: float, end: Instant, by: str, event: Happening | None) -> Phase | None:
        row = self._play_row(end.t)
        team = event.team if event is not None and by == "snap" else None
        offense = row.get("offense") or team or self._possession(end.t) or self._team_by_role()
        if offense is None:
            return None
        direction = {"right": 1, "left": -1}.get(row.get("direction") or "", 0)
        direction = direction or int(self.scene.attack_sign(offense, np.array([end.t]))[0])
        if direction == 0:
            return None
        since = max(since, end.low - LONGEST_S, float(row.get("from") or -np.inf))
        first = min(int(np.searchsorted(self.axis, since)), len(self.axis) - 1)
        window = slice(first, max(self.window(end.low, end.high).stop, first + 1))
        sets = self._set_between(since, end.low)
        snapper = self._snapper(event, end, offense)
        return Phase(
            play=self, window=window, end=end, by=by, event=event, offense=str(offense), defense=OTHER[str(offense)],
            direction=direction, snapper=snapper, set_event=sets[0] if sets else None, row=row,
        )  # fmt: skip

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

    def _snapper(self, event: Happening | None, end: Instant, offense: str) -> Entity | None:
        """Return who snapped: as reported, the one nearest to the ball and certainly so, or by role.

        A lineman who is called a center need not be the one who snaps; nobody else's role says that he does not, but
        a quarterback, a back or a receiver near the ball holds it, or the ball is not where it is tracked.
        """
        if event is not None and event.kind == "snap" and event.entity in self.entities:
            return self.entities[event.entity]
        people = self.lined_up(offense, end)
        nearest = self._nearest_to_ball(people, end)
        if nearest is not None and nearest.role not in BACKS:
            return nearest
        by_role = [one for one in people if one.role in SNAPPERS]
        return by_role[0] if len(by_role) == 1 else None

    def _nearest_to_ball(self, people: Sequence[Entity], end: Instant) -> Entity | None:
        """Return who is nearest to the ball just before an instant, and certainly so."""
        balls = [one for one in self.entities.values() if one.kind == "ball"]
        if not balls or len(people) < 2:
            return None
        axis = self.axis[self.window(end.low, end.low)]
        found = []
        for one in people:
            measure = self.distances.between(one.id, balls[0].id, axis)
            found.append((float(measure.value[0]), float(measure.sigma[0]), one))
        found = [item for item in found if np.isfinite(item[0])]
        found.sort(key=lambda item: (item[0], item[2].id))
        if len(found) < 2:
            return None
        (first, sigma, nearest), (second, other, _) = found[0], found[1]
        return nearest if second - first > np.hypot(sigma, other) else None

    # people

    def tracked(self, entity: Entity) -> Bools:
        """Return where on the axis the entity is between its first and last observation."""
        return self.remember(("tracked", entity.id), lambda: super(Play, self).tracked(entity))

    def lined_up(self, team: str, instant: Instant) -> list[Entity]:
        """Return the members of a team who are tracked at an instant."""
        window = self.window(instant.low, instant.high)
        return [one for one in self.members(team, PLAYERS) if self.tracked(one)[window].any()]

    def not_tracked(self, team: str) -> Floats:
        """Return how many of a team may be in play without being tracked, over the axis."""
        return self.remember(("not_tracked", team), lambda: self.missing(team, PLAYERS))

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
        own = self.distances.to(person.id, "yard_50", self.axis[window]).own
        return float(np.nan_to_num(own, nan=np.inf).max())

    def _told_apart(self, one: Entity, other: Entity, window: slice) -> bool:
        """Whether two tracks are surely two people in a window of the axis."""
        for own, others in ((one.number, other.number), (one.role, other.role)):
            if own is not None and others is not None and own != others:
                return True
        measure = self.distances.between(one.id, other.id, self.axis[window])
        apart = measure.value > np.maximum(TOLD_APART_M, self.k * measure.sigma)
        return bool(apart.all())

    def velocity_sigma(self, entity: str) -> float:
        """Return the greatest 1-sigma of somebody's velocities that the source states, m/s; infinite without any."""
        return self.remember(("velocities",), self._velocities).get(entity, np.inf)

    def gives_velocities(self, entity: str) -> bool:
        """Whether the source gives somebody's velocities itself."""
        return entity in self.remember(("velocities",), self._velocities)

    def _velocities(self) -> dict[str, float]:
        names, vx, sv = (tables.column(self.scene.tracks, name) for name in ("entity", "vx", "sv"))
        given = np.isfinite(vx)
        found: dict[str, float] = {}
        for name, sigma in zip(
            names[given].tolist(), np.where(np.isfinite(sv), sv, np.inf)[given].tolist(), strict=True
        ):
            found[name] = max(sigma, found.get(name, 0.0))
        return found

    def coordinate(self, entity: str, direction: int, axis: Floats, part: str | None = None) -> Line:
        """Return how far forward somebody, or a part of him, is; positive towards the end that the offense attacks."""
        measure = self.distances.to(entity, "yard_50", axis, part)
        return Line(direction * measure.value, measure.own, direction * measure.modes, 0.0, entity, direction)


def _ball(scene: Scene) -> Ball | None:
    """Return the samples of the ball, or None where it is not tracked."""
    kinds, observed, names = (tables.column(scene.tracks, name) for name in ("kind", "observed", "entity"))
    own = np.array([kind == "ball" and flag is not False for kind, flag in zip(kinds, observed, strict=True)], np.bool_)
    if not own.any():
        return None
    name = str(np.sort(names[own].astype(str))[0])
    own &= names == name
    t, x, y = (tables.column(scene.tracks, column)[own].astype(np.float64) for column in ("t", "x", "y"))
    known = np.isfinite(x) & np.isfinite(y)
    return Ball(name, t[known], x[known], y[known])
