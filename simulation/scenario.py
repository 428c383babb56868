"""Plays from a script: who, where and when in, exact truth tables out.

A script reads like a coach's board::

    script = Script("entry", edition="nhl-2025", duration_s=4.0, attacks={"home": "right", "away": "left"})
    script.skater("h9", "home", number="9", via=[(0, -8, 4), (2.5, 7, 3), (4, 12, 2)])
    script.skater("a5", "away", number="5", via=[(0, 12, 0), (4, 20, 1)], faces_puck=True)
    script.puck_starts_with("h9").keeps_until(3.0).passes_to("h17", at=3.6)
    script.expect("hockey.offside", "clear", team="home", crossing=("blue_line_right_outer", 2.5), why="all behind")
    play = script.play()

The verdicts are what the author wrote down; nothing here asks the rules. Times of crossings are measured on the
puck's own path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from ontologies.field import Field
from records.errors import InputError
from records.scene import Scene, scene_of
from records.tables import table
from simulation.figures import Stance, blade_point
from simulation.motion import Path, headings, through

RATE = 30.0
PUCK_RADIUS_M = 0.0381
TEAMS = ("home", "away")


@dataclass(frozen=True)
class Person:
    """One member of the cast.

    Attributes:
        entity: id.
        team: `home`, `away` or None for officials.
        kind: `player`, `goalie` or `official`.
        role: of the ontology, or None.
        number: on the shirt, empty for none.
        via: waypoints (t, x, y), seconds and field metres.
        faces_puck: looks at the puck at any speed.
        shoots: `left` or `right`, the side of the stick.
        arm_up: an official's arm is raised from the first to the second of these times, seconds.
    """

    entity: str
    team: str | None
    kind: str
    role: str | None
    number: str
    via: tuple[tuple[float, float, float], ...]
    faces_puck: bool = False
    shoots: str = "left"
    arm_up: tuple[float, float] | None = None


@dataclass(frozen=True)
class Expected:
    """What the author of the play says the right call is.

    Attributes:
        rule: rule id.
        verdict: `violation` or `clear`.
        team: whose opportunity it is.
        t: seconds, the instant of the opportunity.
        why: in words.
    """

    rule: str
    verdict: str
    team: str
    t: float
    why: str


@dataclass(frozen=True)
class _Hold:
    """The puck is on somebody's stick."""

    start: float
    stop: float
    entity: str


@dataclass(frozen=True)
class _Slide:
    """The puck slides from where it was to a stick or a spot."""

    start: float
    stop: float
    spot: tuple[float, float] | None


@dataclass(frozen=True)
class Play:
    """Exact truth of a play, sampled evenly.

    Attributes:
        name: id of the play.
        edition: rulebook.
        attacks: which end each team attacks.
        t: seconds, shape (N,).
        cast: everybody.
        paths: of each person, by entity.
        heading: radians, by entity, shape (N,).
        puck: field metres, shape (N, 2).
        carrier: entity with the puck on the stick at each time, or None, length N.
        events: rows of the `events` table.
        expected: the right calls.
    """

    name: str
    edition: str
    attacks: dict[str, str]
    t: np.ndarray
    cast: tuple[Person, ...]
    paths: dict[str, Path]
    heading: dict[str, np.ndarray]
    puck: np.ndarray
    carrier: tuple[str | None, ...]
    events: tuple[dict[str, object], ...]
    expected: tuple[Expected, ...]

    def tracks(self) -> pa.Table:
        """Exact `tracks` rows of everybody and the puck: sigma and common are zero, all observed."""
        columns: dict[str, list[object]] = {
            name: [] for name in ("t", "entity", "kind", "team", "role", "number", "x", "y", "vx", "vy")
        }
        puck_velocity = np.gradient(self.puck, self.t, axis=0)
        for person in self.cast:
            path = self.paths[person.entity]
            row = (person.entity, person.kind, person.team, person.role, person.number or None)
            _append(columns, self.t, row, path.xy, path.velocity)
        _append(columns, self.t, ("puck", "puck", None, None, None), self.puck, puck_velocity)
        order = np.lexsort((np.array(columns["entity"]), np.array(columns["t"], dtype=float)))
        ordered = {name: [values[i] for i in order] for name, values in columns.items()}
        count = len(order)
        zeros = np.zeros(count)
        return table("tracks", ordered | {"sigma": zeros, "common": zeros, "observed": [True] * count})

    def scene(self) -> Scene:
        """The play as a scene: exact tracks and events, everything complete."""
        events = {name: [event.get(name) for event in self.events] for name in EVENT_COLUMNS}
        keys = scene_keys(self)
        keys |= {"schema": 1, "id": self.name, "domain": "hockey", "source": "simulation: scripted play, exact"}
        return scene_of(keys, {"tracks": self.tracks(), "events": table("events", events)}, f"play {self.name}")


EVENT_COLUMNS = ("t", "t_sigma", "until", "kind", "entity", "team", "x", "y", "detail", "p", "source")


def scene_keys(play: Play) -> dict[str, object]:
    """What a person who has seen the whole play can say about it, as keys of scene.yaml."""
    roster = {
        team: sum(person.team == team and person.kind in ("player", "goalie") for person in play.cast) for team in TEAMS
    }
    return {"edition": play.edition, "attacks": dict(play.attacks), "roster": roster, "complete": "all"}


def _append(
    columns: dict[str, list[object]],
    t: np.ndarray,
    row: tuple[object, ...],
    xy: np.ndarray,
    velocity: np.ndarray,
) -> None:
    columns["t"].extend(t.tolist())
    for name, value in zip(("entity", "kind", "team", "role", "number"), row, strict=True):
        columns[name].extend([value] * len(t))
    for name, values in zip(("x", "y", "vx", "vy"), (*xy.T, *velocity.T), strict=True):
        columns[name].extend(values.tolist())


@dataclass
class Script:
    """Collects a play; `play` turns it into exact truth.

    Attributes:
        name: id of the play.
        edition: rulebook.
        duration_s: seconds.
        attacks: which end each team attacks.
        field: needed for crossings only.
    """

    name: str
    edition: str
    duration_s: float
    attacks: dict[str, str]
    field: Field
    _cast: list[Person] = field(default_factory=list)
    _puck: list[_Hold | _Slide] = field(default_factory=list)
    _events: list[dict[str, object]] = field(default_factory=list)
    _expected: list[tuple[Expected, str]] = field(default_factory=list)

    def skater(
        self, entity: str, team: str, number: str, via: Sequence[tuple[float, float, float]], **manner: object
    ) -> None:
        """Add a player; `manner` takes role, faces_puck and shoots of `Person`."""
        self._cast.append(
            Person(entity, team, "player", **({"role": None} | manner), number=number, via=tuple(via))  # type: ignore[arg-type]
        )

    def goalie(self, entity: str, team: str, number: str, via: Sequence[tuple[float, float, float]]) -> None:
        """Add a goalkeeper."""
        self._cast.append(Person(entity, team, "goalie", None, number, tuple(via), faces_puck=True))

    def official(
        self,
        entity: str,
        role: str,
        via: Sequence[tuple[float, float, float]],
        arm_up: tuple[float, float] | None = None,
    ) -> None:
        """Add a referee or a linesman."""
        self._cast.append(Person(entity, None, "official", role, "", tuple(via), faces_puck=True, arm_up=arm_up))

    def puck_starts_with(self, entity: str) -> Script:
        """Put the puck onto somebody's stick at the start."""
        self._puck = [_Hold(0.0, self.duration_s, entity)]
        return self

    def keeps_until(self, t: float) -> Script:
        """Whoever has the puck has it until t, seconds."""
        last = self._puck[-1]
        if not isinstance(last, _Hold) or t <= last.start:
            raise InputError(f"nobody can keep the puck until {t:g} s", where=self.name)
        self._puck[-1] = replace(last, stop=t)
        return self

    def passes_to(self, entity: str, at: float) -> Script:
        """The puck slides to somebody's stick and arrives at a time, seconds; he then has it to the end."""
        start = self._puck[-1].stop
        if at <= start:
            raise InputError(f"a pass that leaves at {start:g} s cannot arrive at {at:g} s", where=self.name)
        self._puck += [_Slide(start, at, None), _Hold(at, self.duration_s, entity)]
        return self

    def dumped_to(self, spot: tuple[float, float], at: float) -> Script:
        """The puck slides to a spot (field metres) and stops there at a time, seconds."""
        start = self._puck[-1].stop
        self._puck.append(_Slide(start, at, spot))
        return self

    def picked_up_by(self, entity: str, at: float) -> Script:
        """Somebody takes the puck from where it lies at a time, seconds; his path must bring his stick there."""
        self._puck += [_Slide(self._puck[-1].stop, at, None), _Hold(at, self.duration_s, entity)]
        return self

    def whistle(self, t: float) -> None:
        """An official blows the whistle."""
        self._events.append({"t": t, "t_sigma": 0.0, "kind": "whistle", "p": 1.0, "source": "script"})

    def expect(self, rule: str, verdict: str, team: str, crossing: tuple[str, float], why: str) -> None:
        """Write down the right call.

        Args:
            rule: rule id.
            verdict: `violation` or `clear`.
            team: whose opportunity it is.
            crossing: name of the line, and about when the whole puck crosses it (the nearest crossing counts).
            why: in words.
        """
        line, about = crossing
        self._expected.append((Expected(rule, verdict, team, about, why), line))

    def play(self) -> Play:
        """Work out the truth.

        Raises:
            InputError: a path is implausible, the puck has nobody, or a crossing does not take place.
        """
        t = np.arange(round(self.duration_s * RATE) + 1) / RATE
        t = t[t <= self.duration_s + 1e-9]
        paths = {p.entity: through(p.via, t, p.kind, f"{self.name}: {p.entity}") for p in self._cast}
        unknown = sorted({h.entity for h in self._puck if isinstance(h, _Hold)} - set(paths))
        if unknown or not self._puck:
            raise InputError(f"the puck is with {unknown or 'nobody'}", where=self.name)
        rough = self._rough_puck(t, paths)
        people = {p.entity: p for p in self._cast}
        heading = {name: headings(path, rough, people[name].faces_puck) for name, path in paths.items()}
        puck = self._exact_puck(t, paths, heading, people)
        carrier = tuple(self._holder(time) for time in t)
        expected = tuple(self._crossing(want, line, t, puck) for want, line in self._expected)
        events = sorted([*self._events, *self._puck_events(people)], key=lambda e: (e["t"], str(e["kind"])))
        return Play(
            self.name, self.edition, dict(self.attacks), t, tuple(self._cast), paths, heading, puck, carrier,
            tuple(events), expected,
        )  # fmt: skip

    def _holder(self, t: float) -> str | None:
        for part in self._puck:
            if isinstance(part, _Hold) and part.start - 1e-9 <= t < part.stop - 1e-9:
                return part.entity
        last = self._puck[-1]
        return last.entity if isinstance(last, _Hold) and t >= last.start else None

    def _rough_puck(self, t: np.ndarray, paths: dict[str, Path]) -> np.ndarray:
        """The puck at its holder's feet, to say where people look."""
        knots = []
        for part in self._puck:
            if isinstance(part, _Hold):
                inside = (t >= part.start) & (t <= part.stop)
                path = paths[part.entity]
                knots += [(time, *xy) for time, xy in zip(t[inside], path.xy[inside], strict=True)]
            elif part.spot is not None:
                knots.append((part.stop, *part.spot))
        table_ = np.array(sorted(knots))
        return np.column_stack([np.interp(t, table_[:, 0], table_[:, i]) for i in (1, 2)])

    def _exact_puck(
        self, t: np.ndarray, paths: dict[str, Path], heading: dict[str, np.ndarray], people: dict[str, Person]
    ) -> np.ndarray:
        on_stick = {}
        for name in sorted({part.entity for part in self._puck if isinstance(part, _Hold)}):
            points = [
                blade_point(tuple(xy), Stance(angle, blade=carry_blade(people[name], time)))
                for time, xy, angle in zip(t, paths[name].xy, heading[name], strict=True)
            ]
            on_stick[name] = np.array(points)
        puck = np.zeros((len(t), 2))
        for i, part in enumerate(self._puck):
            inside = (t >= part.start - 1e-9) & (t <= part.stop + 1e-9)
            if isinstance(part, _Hold):
                puck[inside] = on_stick[part.entity][inside]
                continue
            begin = self._end_of(i - 1, part.start, t, on_stick)
            receiver = self._puck[i + 1] if i + 1 < len(self._puck) else None
            if part.spot is not None:
                end = np.asarray(part.spot, float)
            elif isinstance(receiver, _Hold):
                end = _at(t, on_stick[receiver.entity], part.stop)
            else:
                raise InputError("the puck slides to nowhere", where=self.name)
            share = (t[inside] - part.start) / (part.stop - part.start)
            easing = 1 - (1 - share) ** 1.2  # a pass loses little speed on the ice
            puck[inside] = begin + easing[:, None] * (end - begin)
        return puck

    def _end_of(self, i: int, when: float, t: np.ndarray, on_stick: dict[str, np.ndarray]) -> np.ndarray:
        part = self._puck[i]
        if isinstance(part, _Hold):
            return _at(t, on_stick[part.entity], when)
        return np.asarray(part.spot, float)

    def _puck_events(self, people: dict[str, Person]) -> list[dict[str, object]]:
        events: list[dict[str, object]] = []
        common = {"t_sigma": 0.0, "p": 1.0, "source": "script"}
        for i, part in enumerate(self._puck):
            if not isinstance(part, _Hold):
                continue
            who = {"entity": part.entity, "team": people[part.entity].team}
            events.append({"t": part.start, "until": part.stop, "kind": "possession", **who, **common})
            if i + 1 < len(self._puck):
                events.append({"t": part.stop, "kind": "touch", "detail": "stick", **who, **common})
        return events

    def _crossing(self, want: Expected, line: str, t: np.ndarray, puck: np.ndarray) -> Expected:
        """Replace the rough time by the instant at which the whole puck is past the line."""
        towards = 1.0 if self.attacks[want.team] == "right" else -1.0
        past = towards * np.asarray(self.field.target(line).distance(puck[:, 0], puck[:, 1])) - PUCK_RADIUS_M
        rising = np.flatnonzero((past[:-1] <= 0) & (past[1:] > 0))
        if not len(rising):
            raise InputError(f"the puck never crosses {line}", where=self.name)
        times = t[rising] + (t[rising + 1] - t[rising]) * (-past[rising]) / (past[rising + 1] - past[rising])
        return replace(want, t=round(float(times[np.argmin(np.abs(times - want.t))]), 4))


def carry_blade(person: Person, t: float) -> tuple[float, float]:
    """Blade of somebody who handles the puck: metres ahead and to the left, swaying a little."""
    side = 0.3 if person.shoots == "left" else -0.3
    return 1.1 + 0.05 * np.sin(2 * np.pi * 0.9 * t), side + 0.12 * np.sin(2 * np.pi * 1.3 * t)


def _at(t: np.ndarray, xy: np.ndarray, when: float) -> np.ndarray:
    return np.array([np.interp(when, t, xy[:, i]) for i in (0, 1)])
