"""A coach's board: who is where when, what happens to the ball, and what the right call is.

A case of a rule is a function that is given an empty board and tells a play on it, drawing from the board's random
numbers whatever does not decide. Its places are in the board's frame: x grows towards the goal that the side
`attack` attacks, y to the left of that, metres from the middle of the field, seconds from the start. Which team
attacks, which end, which way round across the field, who wears which number and how often the play is sampled are
drawn by the board.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ontologies import registry
from ontologies.base import Edition
from ontologies.field import Field
from simulation.motion import Limits, Path
from simulation.plays.ball import Ball, Free, Held
from simulation.plays.crowd import Wish, Wisher, steer
from simulation.plays.movers import ImplausibleError, Mover, Waypoint, first, plausible, spline
from simulation.plays.play import EXACT, HANDED, Expected, Person, Play

Floats = NDArray[np.float64]
SIDES = ("attack", "defense")


@dataclass(frozen=True)
class Task:
    """What a board is for.

    Attributes:
        name: id of the play.
        rule: that the case is about.
        verdict: of that rule.
        title: what happens, in words.
    """

    name: str
    rule: str
    verdict: str
    title: str


@dataclass(eq=False)
class _Waiting:
    """A bystander who has not been steered yet."""

    person: Person
    side: str
    wish: Wish
    facing: str


class Board:
    """Collects a play; a sport's own board knows its field, its people and how a ball is carried there.

    Attributes:
        rng: random numbers of this draw.
        edition: rulebook.
        field: the field.
        span: how long the play lasts, seconds; set it first.
        ball: what happens to the ball.
    """

    DOMAIN: ClassVar[str]
    LIMITS: ClassVar[Mapping[str, Limits]]
    RATES: ClassVar[Sequence[float]] = (25.0, 30.0, 50.0, 60000 / 1001)
    BALL_SPEED: ClassVar[float] = 45.0
    JUMP_M: ClassVar[float] = 0.3  # a ball that changes hands moves no further in no time
    APART_M: ClassVar[float] = 0.4  # ground points of two people are never nearer
    ROOM_M: ClassVar[float] = 1.6  # bystanders keep that clear of others
    INSIDE_M: ClassVar[float] = 0.3  # ground points of players are so far inside the field

    def __init__(self, task: Task, edition: str, rng: np.random.Generator) -> None:
        self.task, self.rng = task, rng
        self.edition: Edition = registry.edition(edition, self.DOMAIN)
        self.field: Field = registry.field(self.DOMAIN, None, edition)
        self.span = 6.0
        self.ball = Ball(self)
        self.movers: dict[str, Mover] = {}
        self.together: set[frozenset[str]] = set()  # pairs who may touch
        self.outside: set[str] = set()  # who may leave the field
        self.keys: dict[str, Any] = {}
        self.rows: dict[str, list[dict[str, Any]]] = {}
        self._events: list[dict[str, Any]] = []
        self._expected: list[Expected] = []
        self._waiting: list[_Waiting] = []
        order = rng.permutation(2)
        self.teams = {side: ("home", "away")[n] for side, n in zip(SIDES, order, strict=True)}
        self.flip = (float(rng.choice([-1.0, 1.0])), float(rng.choice([-1.0, 1.0])))
        self.rate = float(rng.choice(list(self.RATES)))
        self._numbers = {side: list(rng.permutation(np.arange(2, 99))) for side in SIDES}
        self._officials = 0

    # drawing

    def draw(self, low: float, high: float) -> float:
        """Return a number between two."""
        return float(self.rng.uniform(low, high))

    def chance(self, p: float = 0.5) -> bool:
        """Return true with a probability."""
        return bool(self.rng.random() < p)

    def sign(self) -> float:
        """Return 1 or -1."""
        return 1.0 if self.chance() else -1.0

    # people

    def player(
        self,
        side: str,
        via: Sequence[Waypoint] | Callable[..., Any],
        facing: str = "way",
        role: str | None = None,
        kind: str = "player",
    ) -> Mover:
        """Add somebody who goes through waypoints (t, x, y), or along a route.

        Args:
            side: `attack`, `defense` or `official`.
            via: waypoints, seconds and metres, or a function of time with derivatives.
            facing: `way`, `back` or `ball`, as of `Mover`.
            role: of the ontology.
            kind: of the ontology.
        """
        person = self.person(side, role, kind)
        route = via if callable(via) else spline(via, self.span, person.entity)
        return self._add(person, side, route, facing)

    def person(self, side: str, role: str | None = None, kind: str = "player", number: int | None = None) -> Person:
        """Draw who somebody is: number, stick hand, id."""
        if side == "official":
            self._officials += 1
            return Person(f"o{self._officials}", None, "official", role)
        if number is None:
            number = int(self._numbers[side].pop())
        elif number in self._numbers[side]:
            self._numbers[side].remove(number)
        team = self.teams[side]
        return Person(f"{team[0]}{number}", team, kind, role, str(number), "left" if self.chance(0.6) else "right")

    def follows(
        self, side: str, wish: Wish, facing: str = "way", role: str | None = None, kind: str = "player"
    ) -> Person:
        """Add a bystander who wants to be at a place over time (times -> metres, shape (N, 2)); see `gather`."""
        person = self.person(side, role, kind)
        self._waiting.append(_Waiting(person, side, wish, facing))
        return person

    def gather(self) -> list[Mover]:
        """Steer all bystanders that were added; everybody with a route of his own has to be on the board."""
        people = [Wisher(one.wish, self.LIMITS[one.person.kind]) for one in self._waiting]
        if not people:
            return []
        others = [mover.xy for mover in self.movers.values()]
        routes = steer(people, others, self.span, self.ROOM_M)
        found = [
            self._add(one.person, one.side, route, one.facing) for one, route in zip(self._waiting, routes, strict=True)
        ]
        self._waiting = []
        return found

    def _add(self, person: Person, side: str, route: Callable[..., Any], facing: str) -> Mover:
        phase, pace = self.draw(0, 2 * np.pi), self.draw(0.8, 1.2)
        mover = Mover(person, side, route, facing, phase, pace, self.span, self.ball.rough)
        self.movers[person.entity] = mover
        return mover

    def of(self, side: str, kind: str | None = None) -> list[Mover]:
        """Return the members of a side, by id."""
        found = [one for one in self.movers.values() if one.side == side and kind in (None, one.person.kind)]
        return sorted(found, key=lambda one: one.id)

    def may_leave(self, *people: Mover) -> None:
        """Allow some people to leave the field."""
        self.outside |= {one.id for one in people}

    def may_touch(self, *people: Mover) -> None:
        """Allow some people to be as near to each other as they like."""
        self.together |= {frozenset((a.id, b.id)) for a in people for b in people if a is not b}

    # the sport's own

    def carry(self, who: Mover, t: Floats) -> Floats:
        """Return where somebody has the ball: ahead, to the left and above of him, metres, shape (N, 3)."""
        raise NotImplementedError

    def parts(self, who: Mover, t: Floats) -> dict[str, Floats]:
        """Return body parts: ahead, to the left and above of the ground point, metres, shape (N, 3)."""
        raise NotImplementedError

    def released(self, held: Held, leg: Free, receiver: Mover | None) -> dict[str, Any] | None:
        """Return the event of the ball leaving somebody, or None where there is none."""
        raise NotImplementedError

    def possession(self, held: Held) -> dict[str, Any]:
        """Return more cells of the event of a possession."""
        return {}

    def carried(self, who: Mover, t: Floats) -> Floats:
        """Return where the ball is when somebody has it, metres, shape (N, 3)."""
        return who.place(self.carry(who, t), t)

    def part(self, who: Mover, name: str, t: Any) -> Floats:
        """Return where a body part is at times, metres, shape (N, 3)."""
        times = np.atleast_1d(np.asarray(t, float))
        return who.place(self.parts(who, times)[name], times)

    def bodies(self, who: Mover, names: Sequence[str], t: Any) -> Floats:
        """Return where several body parts are at times, metres, shape (parts, N, 3)."""
        times = np.atleast_1d(np.asarray(t, float))
        local = self.parts(who, times)
        return who.place(np.stack([local[name] for name in names]), times)

    def on_frame(self, t: float) -> float:
        """Return the instant of the sample nearest to a time: in between a ball may change its speed."""
        return round(t * self.rate) / self.rate

    # telling and checking

    def when(self, f: Callable[[Floats], Floats], after: float = 0.0, until: float | None = None) -> float:
        """Return the first time at which a function of time becomes positive."""
        return first(f, after, self.span if until is None else until)

    def require(self, condition: Any, what: str) -> None:
        """Draw again unless a condition holds throughout."""
        if not np.all(condition):
            raise ImplausibleError(what)

    def event(self, t: float, kind: str, who: Mover | None = None, **more: Any) -> None:
        """Note an event; `more` takes until, detail, other and team (`attack` or `defense`)."""
        row: dict[str, Any] = {"t": t, "t_sigma": EXACT, "kind": kind, "p": 1.0, "source": "script"}
        if who is not None:
            row |= {"entity": who.id, "team": who.person.team}
        if "team" in more:
            row["team"] = self.teams[more.pop("team")]
        if isinstance(more.get("other"), Mover):
            more["other"] = more["other"].id
        self._events.append(row | more)

    def expect(self, t: float | None, *who: Mover, side: str | None = "attack", t_sigma: float = 0.05) -> None:
        """Write down the right call of the case's own rule: its verdict at a time, and who commits it."""
        self.also(self.task.rule, self.task.verdict, t, *who, side=side, t_sigma=t_sigma)

    def also(
        self, rule: str, verdict: str, t: float | None, *who: Mover, side: str | None = "attack", t_sigma: float = 0.05
    ) -> None:
        """Write down the right call of any rule."""
        team = None if side is None else self.teams[side]
        who_ids = tuple(sorted(one.id for one in who)) if verdict == "violation" else ()
        self._expected.append(Expected(rule, verdict, team, t, self.task.title, who_ids, t_sigma))

    def play(self) -> Play:
        """Check the play and work out its truth in the field frame.

        Raises:
            ImplausibleError: somebody does what nobody can, or stands where somebody else is.
        """
        if self._waiting:
            self.gather()
        t = np.arange(int(self.span * self.rate + 1e-9) + 1) / self.rate
        self._check(t)
        people = sorted(self.movers.values(), key=lambda one: one.id)
        parts = {}
        for mover in people:
            for name, local in self.parts(mover, t).items():
                parts[mover.id, self._handed(name)] = self._out(mover.place(local, t))
        to_right = self.flip[0] > 0
        attack, defense = ("right", "left") if to_right else ("left", "right")
        events = sorted([*self._events, *self._ball_events()], key=lambda e: (e["t"], str(e["kind"])))
        return Play(
            self.task.name,
            self.DOMAIN,
            self.edition.id,
            {self.teams["attack"]: attack, self.teams["defense"]: defense},
            t,
            tuple(self._mirrored(mover.person) for mover in people),
            {mover.id: Path(t, self._out(mover.xy(t)), self._out(mover.velocity(t))) for mover in people},
            {mover.id: self._turned(mover.heading(t)) for mover in people},
            self._out(self.ball.at(t)),
            tuple(self.ball.holder(t)),
            tuple(event for event in events if event["t"] <= self.span),
            tuple(self._expected),
            parts,
            self.keys,
            self.rows,
            EXACT,
            EXACT,
        )

    def _check(self, t: Floats) -> None:
        for mover in self.movers.values():
            plausible(mover, self.LIMITS[mover.person.kind])
        self.ball.check(self.BALL_SPEED, self.JUMP_M)
        way = np.hypot(*np.diff(self.ball.at(t)[:, :2], axis=0).T)
        if way.max(initial=0.0) > self.BALL_SPEED * (t[1] - t[0]) + self.JUMP_M:
            raise ImplausibleError("the ball is torn away")
        people = list(self.movers.values())
        for mover in people:
            if mover.side in SIDES and mover.id not in self.outside:
                depth = np.asarray(self.field.boundary.distance(*mover.xy(t).T))
                if depth.min() < self.INSIDE_M:
                    raise ImplausibleError(f"{mover.id} leaves the field")
        places = np.stack([mover.xy(t) for mover in people])
        for i, one in enumerate(people):
            gaps = np.hypot(*np.moveaxis(places[i + 1 :] - places[i], -1, 0)).min(axis=1, initial=np.inf)
            for j in np.flatnonzero(gaps < self.APART_M):
                if frozenset((one.id, people[i + 1 + j].id)) not in self.together:
                    raise ImplausibleError(f"{one.id} runs into {people[i + 1 + j].id}")

    def _ball_events(self) -> list[dict[str, Any]]:
        events: list[dict[str, Any]] = []
        common = {"t_sigma": EXACT, "p": 1.0, "source": "script"}
        for n, leg in enumerate(self.ball.legs):
            if not isinstance(leg, Held):
                continue
            who = {"entity": leg.who.id, "team": leg.who.person.team}
            if self.holds(leg):
                row = {"t": leg.start, "until": leg.stop, "kind": "possession", **who, **common}
                events.append(row | self.possession(leg))
            following = self.ball.legs[n + 1 : n + 3]
            if following and isinstance(following[0], Free):
                last = following[-1]
                receiver = last.who if isinstance(last, Held) else None
                told = self.released(leg, following[0], receiver)
                if told is not None:
                    events.append({"t": leg.stop, **who, **common, **told})
        return events

    def holds(self, leg: Held) -> bool:
        """Whether somebody has the ball long enough to control it; else he only touches it."""
        return leg.stop - leg.start > 0.05

    # from the board to the field

    def _out(self, points: Floats) -> Floats:
        result: Floats = points * np.array([*self.flip, 1.0][: points.shape[-1]]) + 0.0
        return result

    def _turned(self, angle: Floats) -> Floats:
        return np.arctan2(self.flip[1] * np.sin(angle), self.flip[0] * np.cos(angle))

    def _handed(self, name: str) -> str:
        """Return the name of a part in the mirror."""
        if self.flip[0] * self.flip[1] > 0:
            return name
        side, _, rest = name.partition("_")
        return f"{HANDED[side]}_{rest}" if side in HANDED else name

    def _mirrored(self, person: Person) -> Person:
        return person if self.flip[0] * self.flip[1] > 0 else replace(person, shoots=HANDED[person.shoots])
