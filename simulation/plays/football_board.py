"""A football play on the board: the huddle breaks, the offense lines up and is set, the ball is snapped, or it is not.

A case calls `line_up`, lets somebody do what it is about, calls `snap` or `blow`, and `calls` with what is wrong.
Everything that is not named there is right: a play knows all calls of its scene, not only the one it is about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np

from simulation.motion import Limits
from simulation.plays import football_team as team
from simulation.plays.board import Board, Task
from simulation.plays.courses import Course, Sway, quickest, sway, walking_time
from simulation.plays.football_team import HALF_WIDTH_M, ZONE_M, Floats, Man, Spot
from simulation.plays.movers import Mover
from simulation.plays.play import EXACT, Expected, Person

BALL_X = -ZONE_M / 2
STROKE_M = 0.5  # over so much of the snapper's arm the ball gains its speed
DISPLAY_S = 1 / 30  # the play clock is read so often
LINEMEN = ("center", "guard", "tackle")
HASH_M = {"nfl": 9.25 * 0.3048, "ncaa": 20 * 0.3048}
HUDDLE_X = -8.0
LONGEST_S = 25.0  # until the end is known
TOUCH_M = 0.25  # middles of two heads, or a hand and a head, that are further apart do not touch
BOTH = ("false_start", "illegal_shift", "illegal_motion", "illegal_formation", "too_many_players")
BLAMED = {
    "false_start": "attack", "illegal_shift": "attack", "illegal_motion": "attack", "illegal_formation": "attack",
    "delay_of_game": "attack", "offside": "defense", "encroachment": "defense", "neutral_zone_infraction": "defense",
    "too_many_players": "defense",
}  # fmt: skip
Wrong = tuple[float, tuple[Mover, ...]]


class Gridiron(Board):
    """Collects a football play; places are metres from the tip of the ball, as in football_team.py."""

    DOMAIN: ClassVar[str] = "football"
    LIMITS: ClassVar[Mapping[str, Limits]] = {
        "player": Limits(10.5, 9.5), "official": Limits(8.5, 7.0), "staff": Limits(4.0, 4.0)
    }  # fmt: skip
    APART_M: ClassVar[float] = 0.4
    JUMP_M: ClassVar[float] = 0.6

    def __init__(self, task: Task, edition: str, rng: np.random.Generator) -> None:
        super().__init__(task, edition, rng)
        self.span = LONGEST_S
        self.book = edition.partition("-")[0]
        self.los = self.draw(-33.0, 33.0)
        self.ball_y = self.draw(-HASH_M[self.book], HASH_M[self.book])
        self.letters = {side: self.teams[side][0] for side in self.teams}
        self.set_at, self.snap_at, self.blown_at = 0.0, float("nan"), float("nan")
        self.cadence = self.draw(1.3, 3.2)  # from the set to the snap
        self.passes = self.chance(0.6)
        self.remaining = self.draw(4.0, 12.0)  # on the play clock at the snap
        self.clock_shown = self.chance(0.6)
        self.defensive_calls_wrong: dict[str, float] = {}

    # people

    def man(self, side: str, spot: Spot, x: float | None = None, y: float | None = None) -> Man:
        """Put somebody on the board, at his spot or at another place of the line-up's frame."""
        number = self._number(side, spot.numbers)
        person = self.person(side, spot.role, number=number)
        place = Course(
            self.los + (spot.x if x is None else x), self.ball_y + (spot.y if y is None else y),
            swaying=self._sway(),
        )  # fmt: skip
        bowed = team.SNAPPING if spot.snaps else team.BOWED
        man = Man(
            person, side, place, "way", self.draw(0, 6.28), self.draw(0.8, 1.2), self.span, self.ball.rough,
            course=place, bow=[(0.0, spot.bow)], bowed=bowed,
        )  # fmt: skip
        self.movers[person.entity] = man
        return man

    def _sway(self) -> Sway:
        return sway(self.rng, self.draw(0.002, 0.008))

    def _number(self, side: str, allowed: tuple[int, int]) -> int:
        free = [int(n) for n in self._numbers[side] if allowed[0] <= n <= allowed[1]]
        self.require(len(free) > 0, "no number is free")
        return free[0]

    def role(self, *roles: str, side: str = "attack") -> list[Man]:
        """Return those who play a role, by id."""
        return [one for one in self.men(side) if one.person.role in roles]

    def men(self, side: str) -> list[Man]:
        """Return the players of a side, by id."""
        return [one for one in self.of(side) if isinstance(one, Man)]

    def one(self, *roles: str, side: str = "attack") -> Man:
        """Draw one of those who play some roles."""
        found = self.role(*roles, side=side)
        self.require(len(found) > 0, f"nobody is a {roles[0]}")
        return found[int(self.rng.integers(len(found)))]

    @property
    def snapper(self) -> Man:
        """Who snaps."""
        return next(one for one in self.men("attack") if one.bowed is team.SNAPPING)

    def backs(self) -> list[Man]:
        """Return the backs and receivers off the line, but for the quarterback."""
        deep = [one for one in self.men("attack") if self.ahead(one) < -1.95]
        return [one for one in deep if one.person.role != "quarterback"]

    def ahead(self, man: Man) -> float:
        """Return how far ahead of the tip of the ball somebody ends up, metres, negative on the offense's side."""
        return man.course.end[0] - self.los

    # lining up

    def line_up(
        self,
        change: Callable[[list[Spot]], list[Spot]] | None = None,
        against: Callable[[list[Spot]], list[Spot]] | None = None,
        huddle: bool | None = None,
    ) -> None:
        """Let both teams line up; the offense is set at ``set_at``.

        Args:
            change: what is special about the offense's spots.
            against: and about the defense's.
            huddle: whether the offense comes from a huddle; else it stands there from the start. None: as it comes.
        """
        room = HALF_WIDTH_M - self.ball_y, HALF_WIDTH_M + self.ball_y
        spots = team.offense(self.rng, *room)
        opposed = team.defense(self.rng, spots)
        spots = spots if change is None else change(spots)
        opposed = opposed if against is None else against(opposed)
        for spot in opposed:
            self._defender(spot)
        if self.chance(0.6) if huddle is None else huddle:
            self._from_huddle(spots)
        else:
            for spot in spots:
                self.man("attack", spot)
            self.set_at = self.draw(0.3, 0.9)
        self.event(self.set_at, "line_set", team="attack")
        self._officials_and_staff()
        self.ball.starts_at((self.los + BALL_X, self.ball_y, 0.14))

    def _defender(self, spot: Spot) -> Man:
        """Put a defender on the board; who is off the line may shift a little, as he likes."""
        man = self.man("defense", spot)
        if spot.x > 3.0 and self.chance(0.5):
            start = self.draw(0.2, 2.0)
            distance = self.draw(0.4, 1.6)
            course = man.course
            man.course.by(0.3 * distance, self.sign() * distance, start, start + walking_time(distance, 1.6))
            course.x, course.y = course.x - 0.15 * distance, course.y
        return man

    def _from_huddle(self, spots: Sequence[Spot]) -> None:
        """Let the offense come from its huddle; nobody runs across another one."""
        broken = self.draw(0.4, 0.9)
        self.event(broken, "huddle_break", team="attack")
        order = sorted(range(len(spots)), key=lambda n: (spots[n].y, spots[n].x))
        stops = []
        for place, n in enumerate(order):
            y = 0.75 * (place - (len(order) - 1) / 2)
            man = self.man("attack", spots[n], HUDDLE_X + (0.7 if place % 2 else -0.3), y)
            x1, y1 = self.los + spots[n].x, self.ball_y + spots[n].y
            far = float(np.hypot(x1 - man.course.x, y1 - man.course.y))
            start = broken + self.draw(0.0, 0.25)
            stop = start + walking_time(far, self.draw(3.4, 4.6) if far > 12 else self.draw(2.4, 3.4), 0.8)
            man.course.to(x1, y1, start, stop, 0.8)
            man.bow = [(0.0, 0.15), (start, 0.0), (stop - 0.3, 0.0), (stop + 0.25, spots[n].bow)]
            stops.append(stop)
        self.set_at = max(stops) + self.draw(0.26, 0.4)

    def _officials_and_staff(self) -> None:
        for role, x, y in team.CREW[self.book]:
            across = y * (HALF_WIDTH_M + 0.7) if role in team.WINGS else self.ball_y + y + self.draw(-0.8, 0.8)
            self._stander("official", role, self.los + x + self.draw(-0.3, 0.3), across)
        for side, sign in (("attack", 1.0), ("defense", -1.0)):
            for n in range(2):
                x = self.los + 4.0 * n + self.draw(-5.0, -2.0)
                self._stander(side, None, x, sign * (HALF_WIDTH_M + self.draw(2.4, 4.0)))

    def _stander(self, side: str, role: str | None, x: float, y: float) -> Mover:
        """Put an official, or somebody of a bench, on the board."""
        course = Course(x, y, swaying=sway(self.rng, 0.01))
        name = f"s{sum(one.person.kind == 'staff' for one in self.movers.values()) + 1}"
        person = self.person(side, role) if side == "official" else Person(name, self.teams[side], "staff")
        mover = self._add(person, side, course, "ball")
        self.may_leave(mover)
        return mover

    # what may happen before the snap

    def spot_foremost(self, man: Man, x: float, t: float) -> None:
        """Move somebody so that what he has furthest forward is at x of the line-up's frame at a time."""
        man.move(self.los + x - float(man.foremost(t)[0]))

    def jump(self, man: Man, reach: float, start: float) -> tuple[float, float]:
        """Let somebody jump towards his opponents until his foremost part is at x of the line-up's frame.

        Returns:
            When he is there, and how far he went.
        """
        far = man.forward * (self.los + reach - float(man.foremost(start)[0]))
        self.require(far > 0.05, "he is there already")
        stop = start + max(quickest(far, self.draw(5.5, 8.0)), 0.25)
        man.course.by(man.forward * far, 0.0, start, stop, 9.0)
        return stop, far

    def back_off(self, man: Man, far: float, start: float) -> float:
        """Let somebody go back by so much, and return when he has stopped."""
        stop = start + max(quickest(far, self.draw(4.5, 7.5)), 0.3)
        man.course.by(-man.forward * far, 0.0, start, stop, 9.0)
        return stop

    def over(self, man: Man, low: float, high: float, by: float = 0.0) -> tuple[float, float]:
        """Return from when to when between two times somebody is past the tip of the ball by more than ``by``."""
        t = np.arange(low, high, 0.002)
        there = t[man.forward * (man.foremost(t) - self.los - self._edge(man)) > by]
        self.require(len(there) > 0, "he never gets there")
        return float(there[0]), float(there[-1])

    @staticmethod
    def _edge(man: Man) -> float:
        return 0.0 if man.side == "defense" else -ZONE_M

    def stray(self, man: Man, low: float, high: float) -> float:
        """Return how far past his edge of the neutral zone somebody's foremost part gets between two times."""
        t = np.arange(low, high, 0.005)
        return float(np.max(man.forward * (man.foremost(t) - self.los - self._edge(man))))

    def react(self, man: Man, t: float, defender: Man | None = None, hop: float | None = None) -> None:
        """Let one of the offense start up: a hop out of his stance, or only head and shoulders."""
        size = self.draw(0.15, 0.4) if hop is None else hop
        long = max(quickest(size, 8.0), 0.25)
        man.leans.append((t, t + 0.4, 0.12))
        if size > 0.05:
            man.course.by(size, 0.0, t, t + long, 9.0)
        self.event(t, "reaction", man, **({} if defender is None else {"other": defender}))

    # the end of the phase

    def snap(self, at: float) -> None:
        """Snap the ball and let the play begin."""
        self.snap_at, self.span = at, at + self.draw(1.4, 2.0)
        self._hold_stances(at)
        self.event(at, "snap", self.snapper)
        passer = self.role("quarterback")[0]
        arrives = self._fling(passer, at)
        for man in self.men("attack"):
            self._start(man, at)
        for man in self.men("defense"):
            self._meet(man, at + self.draw(0.12, 0.3))
        self.ball.taken_by(passer, arrives)
        self._touching()
        self._clock(at)

    def _fling(self, passer: Man, at: float) -> float:
        """Let the ball go to the quarterback, over the stroke of an arm and through the air; return when it comes."""
        lies = self.ball.at(at)[0]
        under = self.ahead(passer) > -3.0
        speed = self.draw(8.5, 10.5)
        arrives = at + 0.32
        for _ in range(3):
            x, y = self._hands(passer, arrives)
            far = float(np.hypot(x - lies[0], y - lies[1]))
            arrives = at + (0.32 if under else (far + STROKE_M) / speed)
        if under:
            self.ball.sent_to((x, y, 0.8), at, arrives, slowing=1.0, gaining=2.0)
            return arrives
        share = STROKE_M / far
        reached = (lies[0] + share * (x - lies[0]), lies[1] + share * (y - lies[1]), 0.5)
        self.ball.sent_to(reached, at, at + 2 * STROKE_M / speed, slowing=1.0, gaining=2.0)
        self.ball.sent_to((x, y, 1.0), at + 2 * STROKE_M / speed, arrives, slowing=1.0)
        return arrives

    def _hands(self, passer: Man, t: float) -> tuple[float, float]:
        place = passer.xy(t)
        return float(place[0]) + 0.25, float(place[1])

    def blow(self, at: float, detail: str | None = None) -> None:
        """Stop play before the snap."""
        self.blown_at, self.span = at, at + self.draw(0.5, 1.0)
        self.event(at, "whistle", None, **({} if detail is None else {"detail": detail}))
        self._touching()
        self._clock(None)

    def _hold_stances(self, at: float) -> None:
        """Everybody comes up when the ball is snapped."""
        for man in [*self.men("attack"), *self.men("defense")]:
            late = 0.0 if man is self.snapper else self.draw(0.08, 0.2)
            deep = man.bow[-1][1]
            man.bow += [(max(at + late, man.bow[-1][0] + 0.01), deep), (at + late + 0.6, 0.3 * deep)]

    def _start(self, man: Man, at: float) -> None:
        """Let one of the offense begin the play."""
        go, course, role = at + self.draw(0.04, 0.14), man.course, man.person.role
        out = float(np.sign(man.course.end[1] - self.ball_y))
        if role in LINEMEN or role == "tight_end":
            back = self.draw(0.5, 0.9) if self.passes else -self.draw(0.25, 0.45)
            course.by(-back, 0.15 * out, go, go + 1.2, 0.6)
            man.steady = True
        elif role == "wide_receiver":
            course.go(self.draw(5.0, 7.0), 0.0, go, go + 4.0, 1.4)
            if self.chance(0.4):
                course.go(-1.0, -out * self.draw(1.5, 3.0), go + 0.9, go + 4.0, 0.7)
        elif role == "quarterback":
            deep = self.draw(0.6, 1.2) if self.ahead(man) < -3 else self.draw(2.8, 3.6)
            course.by(-deep, 0.2, go, go + 0.7 + 0.4 * deep, 0.5)
        else:
            course.go(self.draw(-0.4, 0.6), (out or 1.0) * self.draw(2.0, 3.0), go, go + 3.0, 0.7)

    def _meet(self, man: Man, go: float) -> None:
        """Let a defender answer the snap."""
        role, course = man.person.role or "", man.course
        man.steady = role not in ("cornerback",)
        if role.startswith("defensive") or role == "nose_tackle":
            course.by(-self.draw(0.3, 0.55) if self.passes else self.draw(-0.1, 0.25), 0.0, go, go + 1.0, 0.5)
        elif role == "cornerback":
            course.go(self.draw(3.5, 5.0), 0.0, go - 0.08, go + 4.0, 1.0)
        elif role == "linebacker":
            course.go(self.draw(0.6, 2.0) if self.passes else -1.0, self.draw(-1.2, 1.2), go, go + 3.0, 0.6)
        else:
            course.go(self.draw(0.5, 2.5), self.draw(-0.8, 0.8), go, go + 3.0, 0.7)

    def _touching(self) -> None:
        """Allow blocks: men of both lines may meet once the ball is snapped; before that nobody touches anybody."""
        for man in self.movers.values():
            man.span = self.span
        both = [*self.role(*LINEMEN, "tight_end"), *self.men("defense")]
        if np.isfinite(self.snap_at):
            self.may_touch(*[one for one in both if abs(one.course.y - self.ball_y) < 9])

    def untouched(self, until: float, *except_for: Man) -> None:
        """Draw again if two opponents touch before a time."""
        t = np.arange(0.0, until, 0.05)
        front = [one for one in self.men("defense") if one not in except_for]
        reach = {one.id: self._reach(one, t) for one in [*front, *self.men("attack")]}
        for one in front:
            for other in self.men("attack"):
                if np.hypot(*(one.xy(t) - other.xy(t)).T).min() < 1.8:
                    gap = np.linalg.norm(reach[one.id][:, None] - reach[other.id][None], axis=-1)
                    self.require(gap.min() > TOUCH_M, f"{one.id} touches {other.id}")

    @staticmethod
    def _reach(man: Man, t: Floats) -> Floats:
        """Return heads, hands and trunk over time, (part, N, 3)."""
        body = man.body(t)
        return np.stack([man.place(body[name], t) for name in ("head", "torso", "left_hand", "right_hand")])

    # the play clock

    def _clock(self, snap: float | None) -> None:
        """Write down what the play clock shows; from the snap on it stands."""
        if not self.clock_shown:
            return
        end = self.blown_at if snap is None else snap
        zero = end + self.remaining
        t = np.arange(0.0, self.span, DISPLAY_S)
        shown = np.ceil(np.maximum(zero - np.minimum(t, end), 0.0) - 1e-9)
        self.rows["clocks"] = [
            {"t": float(at), "clock": "play", "value": float(value), "running": bool(at < end), "sigma": EXACT}
            for at, value in zip(t, shown, strict=True)
        ]

    # the calls

    def calls(self, wrong: dict[str, Wrong] | None = None) -> None:
        """Write down all calls: what is wrong, each with its time and its culprits, and the rest as clear."""
        faults = dict(wrong or {})
        snapped = np.isfinite(self.snap_at)
        end = self.snap_at if snapped else self.blown_at
        before = self._folded(faults) if self.book == "ncaa" else {}
        names = ["false_start", *(() if self.book == "ncaa" else ("encroachment", "neutral_zone_infraction"))]
        if before:
            self._call("offside", before.get("offside"), end)
        if snapped:
            names += ["offside", *BOTH[1:]]
        for name in names:
            self._call(name, faults.get(name), end)
        if self.clock_shown:
            self._call("delay_of_game", faults.get("delay_of_game"), end)
        own = next(
            (one for one in self._expected if one.rule == self.task.rule and one.verdict == self.task.verdict), None
        )
        assert own is not None, f"{self.task.name} does not show {self.task.rule} {self.task.verdict}"
        self._frame()

    def _folded(self, faults: dict[str, Wrong]) -> dict[str, Wrong | None]:
        """Return the call before the snap that the NCAA makes of what the NFL calls by other names."""
        found = [faults.pop(name) for name in ("encroachment", "neutral_zone_infraction") if name in faults]
        return {"offside": min(found, key=lambda one: one[0]) if found else None}

    def _call(self, name: str, fault: Wrong | None, end: float) -> None:
        team_ = self.teams[self._blamed(name, fault)]
        verdict, t, who = ("clear", end, ()) if fault is None else ("violation", *fault)
        ids = () if name == "too_many_players" else tuple(sorted(one.id for one in who))
        self._expected.append(Expected(f"football.{name}", verdict, team_, t, self.task.title, ids, 0.15))

    def _blamed(self, name: str, fault: Wrong | None) -> str:
        side = BLAMED[name]
        if fault is not None and fault[1] and name in ("offside", "too_many_players"):
            side = fault[1][0].side
        return side

    def _frame(self) -> None:
        """Write down what a person knows about the play: the line of scrimmage, who has the ball."""
        direction = "right" if self.flip[0] > 0 else "left"
        row = {
            "play": "1", "from": 0.0, "to": self.span, "offense": self.teams["attack"], "direction": direction,
            "los_x": self.flip[0] * self.los, "los_sigma": EXACT, "ball_y": self.flip[1] * self.ball_y, "kick": False,
        }  # fmt: skip
        self.rows["plays"] = [row]
        self._expected.sort(key=lambda one: (one.rule, one.t))

    # the sport's own

    def parts(self, who: Mover, t: Floats) -> dict[str, Floats]:
        """Return body parts of the players."""
        return who.body(t) if isinstance(who, Man) else {}

    def carry(self, who: Mover, t: Floats) -> Floats:
        """Return where somebody has the ball: before his trunk."""
        return np.tile([0.25, 0.0, 1.0], (len(t), 1))

    def released(self, held: object, leg: object, receiver: object) -> None:
        """Nothing is told of the ball after the snap."""
        return


def changed(spots: list[Spot], which: Callable[[Spot], bool], **values: float | str | tuple[int, int]) -> list[Spot]:
    """Return spots of which those that are asked for are changed."""
    return [replace(one, **values) if which(one) else one for one in spots]  # type: ignore[arg-type]
