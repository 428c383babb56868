"""A basketball possession on the board: five spread out against five, the ball goes around, somebody does something.

The board's frame: the attack plays towards +x. Feet decide at the lane and at midcourt, so everybody's feet are
tracked; a case measures on them when somebody is in the lane or over the line. Whatever others do is drawn so that it
decides nothing: who is in the lane for long without its being told makes another draw.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np
from scipy.ndimage import gaussian_filter1d

from ontologies import basketball
from simulation.motion import Limits
from simulation.plays.ball import Free, Held
from simulation.plays.board import Board, Task
from simulation.plays.courses import Course, sway, walking_time
from simulation.plays.movers import FINE_S, TURN_S, Floats, Mover
from simulation.plays.play import EXACT, Expected, Person

HALF_SHOE_M = 0.15
FOOT_M = 0.15  # a foot is so far beside the ground point
STRIDE_M = 0.3
BALL_M = 0.12
RIM_M = 3.05
FINE = 0.004  # seconds: so finely stays are looked at
SHORT_S = 1.7  # a stay of 2 s is an opportunity; nobody whose stay is not told comes near that
NEAR_M, FAR_M = 1.02, 1.6  # arm's length, and clearly further


@dataclass(eq=False)
class Hooper(Mover):
    """A basketball player on the board.

    Attributes:
        course: where he goes.
        towards: which way he faces where he does not run, a vector.
        bounce: of his dribble, radians.
    """

    course: Course = field(default_factory=lambda: Course(0.0, 0.0))
    towards: tuple[float, float] = (1.0, 0.0)
    bounce: float = 0.0

    def heading(self, t: Any) -> Floats:
        """Return where he faces at times, radians."""
        fine = np.arange(0.0, self.span + FINE_S, FINE_S)
        velocity = self.velocity(fine)
        speed = np.hypot(*velocity.T)
        share = np.clip((speed - 1.5) / 1.5, 0, 1)[:, None]
        along = velocity / np.maximum(speed, 1e-6)[:, None]
        mixed = share * along + (1 - share) * np.array(self.towards) / np.hypot(*self.towards)
        mixed = gaussian_filter1d(mixed, TURN_S / FINE_S, axis=0, mode="nearest")
        angle = np.unwrap(np.arctan2(mixed[:, 1], mixed[:, 0]))
        return np.interp(t, fine, angle)

    def feet(self, t: Floats) -> dict[str, Floats]:
        """Return his feet: ahead, to the left and above of him, metres, each (N, 3)."""
        speed = np.hypot(*self.velocity(t).T)
        reach = STRIDE_M * np.minimum(1.0, speed / 4.0)
        found = {}
        for name, side, turn in (("left_foot", FOOT_M, 0.0), ("right_foot", -FOOT_M, np.pi)):
            ahead = reach * np.sin(self.stride(t) + turn)
            found[name] = np.stack([ahead, np.full(len(t), side), np.zeros(len(t))], axis=-1)
        return found

    def soles(self, t: Floats) -> Floats:
        """Return where his feet are in the board's frame, metres, shape (2, N, 2)."""
        return np.stack([self.place(foot, t)[:, :2] for foot in self.feet(t).values()])


class Court(Board):
    """Collects a basketball play."""

    DOMAIN: ClassVar[str] = "basketball"
    LIMITS: ClassVar[Mapping[str, Limits]] = {
        "player": Limits(8.5, 9.0), "official": Limits(7.0, 7.0), "staff": Limits(3.0, 4.0)
    }  # fmt: skip
    BALL_SPEED: ClassVar[float] = 26.0
    JUMP_M: ClassVar[float] = 0.9
    APART_M: ClassVar[float] = 0.42

    def __init__(self, task: Task, edition: str, rng: np.random.Generator) -> None:
        super().__init__(task, edition, rng)
        self.nba = edition.startswith("nba")
        sizes = {name: one.si for name, one in basketball.PRESETS["nba" if self.nba else "fiba"].items()}
        self.end, self.side_line = sizes["length"] / 2, sizes["width"] / 2
        self.basket = self.end - sizes["basket_from_end_line"]
        self.lane_top, self.lane_half = self.end - sizes["lane_length"], sizes["lane_width"] / 2
        self.lane_back = self.end + sizes["lane_extension"]
        self.edge = sizes["line_width"] / 2
        self.span = 30.0
        self.five: list[Hooper] = []
        self.guards: list[Hooper] = []
        self.told: set[str] = set()
        self.starts, self.running = 0.0, True

    # people

    def hooper(self, side: str, x: float, y: float, towards: tuple[float, float]) -> Hooper:
        """Put somebody on the court."""
        person = self.person(side)
        course = Course(x, y, swaying=sway(self.rng, self.draw(0.003, 0.01)))
        man = Hooper(
            person, side, course, "way", self.draw(0, 6.28), self.draw(0.9, 1.3), self.span, self.ball.rough,
            course=course, towards=towards, bounce=self.draw(0, 6.28),
        )  # fmt: skip
        self.movers[person.entity] = man
        return man

    def spread(self, post: bool = False, back: bool = False) -> None:
        """Put both teams on the court: a handler at the top, two wings, a corner, and one more beside the lane.

        Args:
            post: whether the fifth stands beside the lane; else he is in the other corner.
            back: whether the handler and his guard are in the backcourt.
        """
        s, top = self.sign(), self.basket - self.draw(7.8, 8.8)
        wing = self.basket - self.draw(4.8, 6.0)
        low = (self.end - self.draw(2.2, 3.6), s * (self.lane_half + self.draw(0.75, 1.1)))
        corner = (self.basket + self.draw(-0.8, 0.2), self.side_line - self.draw(0.7, 1.2))
        spots = [
            (top, self.draw(-1.2, 1.2)), (wing, s * self.draw(5.6, 6.5)), (wing, -s * self.draw(5.6, 6.5)),
            (corner[0], -s * corner[1]), low if post else (corner[0], s * corner[1]),
        ]  # fmt: skip
        if back:
            spots[0] = (-self.draw(9.5, 11.5), self.draw(-3.0, 3.0))
        for x, y in spots:
            self.five.append(self.hooper("attack", x, y, (top - x, -y) if x > top + 0.5 else (1.0, 0.0)))
        for n, (x, y) in enumerate(spots):
            away = np.array([self.basket - x, -y])
            away = away / np.hypot(*away)
            off = self.draw(1.15, 1.5) if n == 0 else self.draw(1.3, 1.8)
            off = off if n < 4 or not post else self.draw(0.75, 0.9)
            place = np.array([x, y]) + off * away
            if n == 4 and post:  # between his man and the end line, not in the lane
                place = np.array([x + self.draw(0.7, 0.85), y + s * 0.25])
            if n == 0 and back:
                place = np.array([-self.draw(1.0, 2.0), y * 0.6])
            self.guards.append(self.hooper("defense", float(place[0]), float(place[1]), (-away[0], -away[1])))
        self._others()
        self.ball.starts_with(self.five[0])

    def _others(self) -> None:
        s = self.sign()
        places = ((self.end + 0.9, s * self.draw(3.5, 5.0)), (self.end - 12.0, -s * (self.side_line + 0.5)),
                  (self.end - 6.0, s * (self.side_line + 0.6)))  # fmt: skip
        for x, y in places:
            mover = self._add(self.person("official", "referee"), "official", Course(x, y), "ball")
            self.may_leave(mover)
        for n, side in enumerate(("attack", "defense")):
            coach = Person(f"s{n + 1}", self.teams[side], "staff")
            place = Course(self.draw(3.0, 7.0) * (-1) ** n, self.side_line + self.draw(1.4, 2.0))
            self.may_leave(self._add(coach, side, place, "ball"))

    @property
    def handler(self) -> Hooper:
        """Who has the ball at the start."""
        return self.five[0]

    def shadow(self, n: int, share: float = 0.85, late: float = 0.25) -> None:
        """Let a guard do what his man does, a little later and a little less."""
        for leg in self.five[n].course.legs:
            self.guards[n].course.by(
                share * leg.dx, share * leg.dy, leg.start + late, leg.stop + late, max(leg.rise, 0.3)
            )

    def idle(self, until: float, *except_for: int) -> None:
        """Let the men on the perimeter shift a little now and then."""
        for n in range(1, 5):
            if n in except_for or self.chance(0.4):
                continue
            start = self.draw(0.3, max(until - 2.0, 0.6))
            far = self.draw(0.4, 1.0)
            x, y = self.five[n].course.end
            out = -np.sign(y)
            deep = -1.0 if x > self.basket - 2 else self.sign()
            self.five[n].course.by(deep * far, 0.25 * out * far, start, start + walking_time(far, 1.6, 0.5), 0.5)
            self.shadow(n)

    # the lane

    def in_lane(self, man: Hooper, t: Floats, by: float) -> np.ndarray:
        """Return when a foot of somebody is in the lane, or within so much of it, metres."""
        soles = man.soles(t)
        x, y = soles[..., 0], np.abs(soles[..., 1])
        inside = (x > self.lane_top - by) & (x < self.lane_back + by) & (y < self.lane_half + by)
        return np.asarray(inside.any(axis=0))

    def stays(self, man: Hooper, low: float, high: float) -> list[tuple[float, float]]:
        """Return from when to when somebody is in the lane between two times, by the middle of his shoes' edges."""
        t = np.arange(low, high, FINE)
        inside = self.in_lane(man, t, HALF_SHOE_M / 2)
        edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(int)))
        return [(float(t[a]), float(t[b - 1])) for a, b in zip(edges[::2], edges[1::2], strict=True)]

    def visit(
        self, man: Hooper, start: float, lasting: float, spot: tuple[float, float] | None = None
    ) -> tuple[float, float]:
        """Let somebody step into the lane, stay there for a time, and step out again where he came from.

        Returns:
            From when to when he is in the lane.
        """
        home = man.course.end
        inside = (
            float(np.clip(home[0], self.lane_top + 1.0, self.end - 1.4)),
            float(np.sign(home[1])) * self.draw(0.5, 1.2),
        )
        x, y = inside if spot is None else spot
        far = float(np.hypot(x - home[0], y - home[1]))
        long = walking_time(far, self.draw(2.4, 3.4), 0.75)
        man.course.to(x, y, start, start + long, 0.75)
        begin = self.stays(man, start, start + long + 1.0)[0][0]
        man.course.to(*home, begin + lasting, begin + lasting + long, 0.75)
        for _ in range(2):
            shift = begin + lasting - self.stays(man, start, begin + lasting + long + 1.0)[-1][1]
            back = man.course.legs.pop()
            man.course.by(back.dx, back.dy, back.start + shift, back.stop + shift, 0.75)
        self.require(man.course.legs[-1].start > start + long - 0.2, "he has no time to stay")
        found = self.stays(man, start, begin + lasting + long + 1.0)
        self.require(len(found) == 1, "his feet go in and out")
        self.require(abs(found[0][1] - begin - lasting) < 0.08, "he steps out too early or too late")
        self.told.add(man.id)
        return found[0]

    def escort(self, man: Hooper, guard: Hooper) -> None:
        """Let a guard go where his man goes, within arm's length."""
        guard.course.legs.clear()
        for leg in man.course.legs:
            guard.course.by(leg.dx, leg.dy, leg.start + 0.06, leg.stop + 0.06, leg.rise)
        self.may_touch(man, guard)

    # the ball

    def around(self, until: float, start: float = 0.6) -> None:
        """Let the ball go around on the perimeter until a time; the last one keeps it."""
        holder, t = 0, start + self.draw(0.0, 0.6)
        while t + 1.6 < until:
            others = [n for n in (0, 1, 2) if n != holder]
            to = others[int(self.rng.integers(len(others)))]
            arrives = self.throw(self.five[holder], self.five[to], t)
            holder, t = to, arrives + self.draw(0.9, 2.2)
        self.holder = holder

    def throw(self, one: Hooper, other: Hooper, t: float, speed: float | None = None) -> float:
        """Let somebody pass to another one, and return when it arrives."""
        pace = self.draw(10.0, 13.0) if speed is None else speed
        far = float(np.hypot(*(other.xy(t + 0.5) - one.xy(t))))
        arrives = t + max(far / pace, 0.25)
        self.ball.passed_to(other, t, arrives, rise=0.15)
        return arrives

    def shoot(self, man: Hooper, begins: float, releases: float, ring: bool = True, flight: float = 1.0) -> float:
        """Let somebody shoot, and return when the ball is at the ring, or beside it."""
        self.event(begins, "shot", man)
        self.event(releases, "release", man)
        arrives = releases + flight
        place = (self.basket, 0.0, RIM_M + 0.1) if ring else (self.basket - 0.2, self.sign() * 1.5, 2.2)
        self.ball.sent_to(place, releases, arrives, rise=1.6, slowing=1.0)
        if ring:
            self.event(arrives, "rim")
        return arrives

    def rebounds(self, man: Hooper, leaves: float, lasting: float) -> float:
        """Let somebody take the ball that comes off the ring, and return when."""
        at = leaves + lasting
        end = self.carried(man, np.array([at]))[0]
        self.ball.sent_to(end, leaves, at, rise=0.4, slowing=1.0)
        self.ball.taken_by(man, at)
        return at

    def strip(self, one: Hooper, other: Hooper, t: float, lasting: float) -> float:
        """Let somebody lose the ball, and another one (or he) get it, and return when."""
        self.event(t, "loose", one)
        end = self.carried(other, np.array([t + lasting]))[0]
        self.ball.sent_to(end, t, t + lasting, slowing=1.0)
        self.ball.taken_by(other, t + lasting)
        return t + lasting

    # midcourt

    def crossed(self, man: Hooper, after: float = 0.0, until: float | None = None) -> float:
        """Return when ball and both feet of somebody who brings the ball up are over the midcourt line."""

        def behind(t: Floats) -> Floats:
            feet = man.soles(t)[..., 0].min(axis=0) - HALF_SHOE_M / 2
            return np.minimum(feet, self.carried(man, t)[:, 0] - BALL_M) - self.edge

        return self.when(behind, after, until)

    def brings_up(self, at: float, speed: float | None = None, to: float | None = None) -> float:
        """Let the handler bring the ball up so that it is over midcourt at a time, and return when exactly."""
        man = self.handler
        x, y = man.course.end
        goal = self.basket - self.draw(7.4, 8.4) if to is None else to
        pace = self.draw(2.6, 4.6) if speed is None else speed
        long = walking_time(goal - x, pace, 1.0)
        man.course.to(goal, y * 0.3, 0.0, long, 1.0)
        leg = man.course.legs.pop()
        early = self.cross_time(man, leg)
        wait = at - early
        self.require(wait > 0.1, "he is not fast enough")
        man.course.by(leg.dx, leg.dy, wait, wait + long, 1.0)
        self.guards[0].course.to(goal + self.draw(1.15, 1.4), y * 0.25, wait + 0.3, wait + long + 0.3, 1.0)
        return self.crossed(man, 0.0, wait + long)

    def cross_time(self, man: Hooper, leg: Any) -> float:
        """Return when a leg that starts at once would be over midcourt."""
        man.course.legs.append(leg)
        try:
            return self.crossed(man, 0.0, leg.stop)
        finally:
            man.course.legs.pop()

    # the end

    def starts_in_front(self) -> None:
        """The attack has had the ball in its frontcourt since the start of the scene, and nobody was in the lane."""
        self.keys["initial"] = {"possession": self.teams["attack"], "frontcourt": True, "control_since": 0.0}

    def starts_behind(self) -> None:
        """The attack gets the ball in its backcourt as the scene starts."""
        self.keys["initial"] = {
            "possession": self.teams["attack"], "frontcourt": False, "control_since": 0.0, "backcourt_time": 0.0,
        }  # fmt: skip

    def ends(self, span: float) -> None:
        """The scene ends."""
        self.span = span
        for mover in self.movers.values():
            mover.span = span

    def whistle(self, t: float, after: float | None = None, detail: str = "violation") -> None:
        """A referee stops play, and the scene ends soon."""
        self.event(t, "whistle", None, detail=detail)
        self.ends(t + (self.draw(0.4, 0.9) if after is None else after))

    def judged(self, side: str = "attack", **wrong: float | None) -> None:
        """Write down the calls that a possession has: clear, but where one is given its time.

        Args:
            side: whose.
            wrong: `eight_seconds`, `backcourt`, `shot_clock` -> seconds.
        """
        rules = ["eight_seconds", "backcourt", *(["shot_clock"] if "clocks" in self.rows else [])]
        for name in rules:
            t = wrong.get(name)
            self._tell(name, "clear" if t is None else "violation", side, t, ())

    def tell(self, name: str, verdict: str, t: float | None, man: Hooper | None = None, side: str = "attack") -> None:
        """Write down a call."""
        self._tell(name, verdict, side, t, () if man is None or verdict != "violation" else (man.id,))

    def _tell(self, name: str, verdict: str, side: str, t: float | None, who: tuple[str, ...]) -> None:
        if name == "defensive_three_seconds" and not self.nba:
            return
        self._expected.append(Expected(f"basketball.{name}", verdict, self.teams[side], t, self.task.title, who, 0.2))

    def quiet(self, *but: Hooper) -> None:
        """Draw again if anybody of whom nothing is told is in the lane for long."""
        end = self.span
        for man in [*self.five, *self.guards]:
            if man.id in self.told or man in but:
                continue
            for low, high in self.stays(man, 0.0, end):
                self.require(high - low < SHORT_S, f"{man.id} is in the lane for long")

    def guarded(self, guard: Hooper, man: Hooper) -> None:
        """Draw again unless a guard is within arm's length of his man all the time: no count of his ever runs."""
        self.told.add(guard.id)
        t = np.arange(0.0, self.span, 0.02)
        self.require(np.hypot(*(guard.xy(t) - man.xy(t)).T) < NEAR_M, "he does not guard him")

    def alone(self, guard: Hooper, low: float, high: float) -> None:
        """Draw again unless a defender is far from every attacker between two times."""
        t = np.arange(low, high, 0.02)
        for man in self.five:
            self.require(np.hypot(*(guard.xy(t) - man.xy(t)).T) > FAR_M, f"he guards {man.id}")

    def parts(self, who: Mover, t: Floats) -> dict[str, Floats]:
        """Return the feet of the players."""
        return who.feet(t) if isinstance(who, Hooper) else {}

    def carry(self, who: Mover, t: Floats) -> Floats:
        """Return where somebody has the ball: he dribbles it beside him."""
        bounce = who.bounce if isinstance(who, Hooper) else 0.0
        height = BALL_M + 0.85 * np.abs(np.cos(np.pi * 1.6 * t + bounce))
        return np.column_stack([np.full(len(t), 0.32), np.full(len(t), -0.28), height])

    def released(self, held: Held, leg: Free, receiver: Mover | None) -> None:
        """Nothing is told of a ball that leaves a hand: a pass keeps control, and what ends it is told by itself."""
        return

    def play(self) -> Any:
        """Check that the case shows what it is about, and work out its truth."""
        names = {(one.rule, one.verdict) for one in self._expected}
        rule = self.task.rule
        shown = (rule, self.task.verdict) in names or (
            self.task.verdict == "none" and rule not in {one for one, _ in names}
        )
        assert shown, f"{self.task.name} does not show {rule} {self.task.verdict}"
        if self.task.verdict == "none":
            self._expected.append(Expected(rule, "none", None, None, self.task.title))
        return super().play()

    # the shot clock

    def shot_clock(
        self, spans: Sequence[tuple[float, float, float]], stands: Sequence[tuple[float, float]] = ()
    ) -> None:
        """Write down what the shot clock shows.

        Args:
            spans: (from, to, what remains at the start) of each count.
            stands: from when to when it stands.
        """
        rows = self.rows.setdefault("clocks", [])
        for low, high, remains in spans:
            for t in np.arange(low, high - 1e-9, 0.1):
                gone = t - low - sum(max(0.0, min(t, b) - max(low, a)) for a, b in stands)
                left = max(remains - gone, 0.0)
                value = np.ceil(left * 10 - 1e-6) / 10 if left < 5 else np.ceil(left - 1e-6)
                rows.append({"t": float(t), "clock": "shot", "value": float(value), "running": True, "sigma": EXACT})
