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

from ontologies.field import Field
from records.errors import InputError
from simulation.figures import Stance, blade_point
from simulation.motion import Path, headings, through
from simulation.plays.play import Expected, Person, Play

RATE = 30.0
PUCK_RADIUS_M = 0.0381


@dataclass(frozen=True)
class _Member:
    """Somebody of the cast, his waypoints (t, x, y), and whether he looks at the puck at any speed."""

    person: Person
    via: tuple[tuple[float, float, float], ...]
    faces_puck: bool


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
    _cast: list[_Member] = field(default_factory=list)
    _puck: list[_Hold | _Slide] = field(default_factory=list)
    _events: list[dict[str, object]] = field(default_factory=list)
    _expected: list[tuple[Expected, str]] = field(default_factory=list)

    def skater(
        self, entity: str, team: str, number: str, via: Sequence[tuple[float, float, float]], **manner: object
    ) -> None:
        """Add a player; `manner` takes role, faces_puck and shoots of `Person`."""
        faces_puck = bool(manner.pop("faces_puck", False))
        person = Person(entity, team, "player", number=number, **manner)  # type: ignore[arg-type]
        self._cast.append(_Member(person, tuple(via), faces_puck))

    def goalie(self, entity: str, team: str, number: str, via: Sequence[tuple[float, float, float]]) -> None:
        """Add a goalkeeper."""
        self._cast.append(_Member(Person(entity, team, "goalie", None, number), tuple(via), True))

    def official(
        self,
        entity: str,
        role: str,
        via: Sequence[tuple[float, float, float]],
        arm_up: tuple[float, float] | None = None,
    ) -> None:
        """Add a referee or a linesman."""
        self._cast.append(_Member(Person(entity, None, "official", role, arm_up=arm_up), tuple(via), True))

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
        cast = {one.person.entity: one for one in self._cast}
        paths = {name: through(one.via, t, one.person.kind, f"{self.name}: {name}") for name, one in cast.items()}
        unknown = sorted({h.entity for h in self._puck if isinstance(h, _Hold)} - set(paths))
        if unknown or not self._puck:
            raise InputError(f"the puck is with {unknown or 'nobody'}", where=self.name)
        rough = self._rough_puck(t, paths)
        people = {name: one.person for name, one in cast.items()}
        heading = {name: headings(path, rough, cast[name].faces_puck) for name, path in paths.items()}
        puck = self._exact_puck(t, paths, heading, people)
        carrier = tuple(self._holder(time) for time in t)
        expected = tuple(self._crossing(want, line, t, puck) for want, line in self._expected)
        events = sorted([*self._events, *self._puck_events(people)], key=lambda e: (e["t"], str(e["kind"])))
        return Play(
            self.name, "hockey", self.edition, dict(self.attacks), t, tuple(people.values()), paths, heading,
            np.column_stack([puck, np.zeros(len(t))]), carrier, tuple(events), expected,
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
