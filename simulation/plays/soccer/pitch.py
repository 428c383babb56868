"""The soccer board: pitch, bodies, passes and shots, two whole teams and three officials."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from ontologies import registry
from records.scene import FieldChoice
from simulation.motion import Limits
from simulation.plays.ball import Free, Held
from simulation.plays.board import Board, Task
from simulation.plays.crowd import Wish
from simulation.plays.movers import Mover, Waypoint

Floats = NDArray[np.float64]

BODY = ("head", "torso", "left_foot", "right_foot")
BALL_M = 0.11
AHEAD_M = 0.5  # of a dribbler the ball is about so far ahead
SAFE_M = 0.35  # bystanders are that clear of being offside


class Pitch(Board):
    """A pitch of a size that is drawn; `goal` is where the attacked goal line is, metres from the middle.

    Attributes:
        reaching: who stretches an arm forward.
        told: more about the kick at a time: cells of its event.
        keepers_out: sides whose goalkeeper is not in his goal.
    """

    DOMAIN = "soccer"
    LIMITS: ClassVar = {"player": Limits(10.0, 8.5), "official": Limits(9.0, 8.0)}
    BALL_SPEED = 36.0
    RATES = (25.0, 50.0)
    ROOM_M = 1.8
    JUMP_M = 0.4

    def __init__(self, task: Task, edition: str, rng: np.random.Generator) -> None:
        super().__init__(task, edition, rng)
        length, width = round(self.draw(100.0, 110.0), 1), round(self.draw(64.0, 75.0), 1)
        self.field = registry.field("soccer", FieldChoice(None, length, width), edition)
        self.keys["field"] = {"length_m": length, "width_m": width}
        self.goal, self.side = self.field.length_m / 2, self.field.width_m / 2
        self.half = abs(float(self.field.target("halfway_line_right").distance(0.0, 0.0)))
        self.reaching: set[str] = set()
        self.told: dict[float, dict[str, Any]] = {}
        self.keepers_out: set[str] = set()

    # how soccer is played

    def carry(self, who: Mover, t: Floats) -> Floats:
        """Return where the ball is at somebody's feet: now nearer, now further ahead of him."""
        ahead = AHEAD_M + 0.25 * np.sin(2 * np.pi * 0.8 * t + who.phase)
        return np.stack([ahead, np.full(len(t), 0.1), np.full(len(t), BALL_M)], axis=-1)

    def parts(self, who: Mover, t: Floats) -> dict[str, Floats]:
        """Return head, torso, hands and feet."""
        if who.side == "official":
            return {}
        speed = np.hypot(*who.velocity(t).T)
        swing = np.minimum(speed / 6.0, 1.0) * np.sin(who.stride(t))
        lean = 0.03 + 0.02 * speed

        def at(ahead: Floats, left: float, up: float) -> Floats:
            return np.stack([ahead, np.full(len(t), left), np.full(len(t), up)], axis=-1)

        found = {"head": at(lean + 0.08, 0.0, 1.7), "torso": at(0.5 * lean + 0.12, 0.0, 1.25)}
        for name, sign in (("left", 1.0), ("right", -1.0)):
            found[f"{name}_foot"] = at(0.1 + sign * 0.42 * swing, sign * 0.12, 0.03)
            found[f"{name}_hand"] = at(0.1 - sign * 0.3 * swing, sign * 0.3, 1.0)
        if who.id in self.reaching:
            found["left_hand"] = at(np.full(len(t), 0.85), 0.2, 1.3)
        return found

    def released(self, held: Held, leg: Free, receiver: Mover | None) -> dict[str, Any] | None:
        """Return the kick: a pass to a team-mate, else a touch."""
        mate = receiver is not None and receiver.side == held.who.side
        told = {"kind": "pass"} if mate else {"kind": "touch", "detail": "foot"}
        return told | self.told.get(round(held.stop, 6), {})

    def front(self, who: Mover, t: Any) -> Floats:
        """Return how far forward the foremost part of somebody is that counts; who is off the pitch is on its line."""
        ahead = self.bodies(who, BODY, t)[..., 0].max(axis=0)
        result: Floats = np.minimum(ahead, self.goal)
        return result

    def second_last(self, t: Any) -> Floats:
        """Return how far forward the second-last of the defense is, its goalkeeper included."""
        fronts = np.stack([self.front(one, t) for one in self.of("defense")])
        result: Floats = -np.sort(-fronts, axis=0)[1]
        return result

    def barrier(self, t: Any) -> Floats:
        """Return the line that an attacker has to be beyond to be in an offside position."""
        ball = self.ball.at(t)[:, 0] + BALL_M
        result: Floats = np.maximum(np.maximum(self.second_last(t), ball), self.half)
        return result

    def put_front(self, who: Mover, t: float, x: float) -> None:
        """Move somebody's whole route along the pitch so that his foremost part is at x at a time."""
        who.move(x - float(self.bodies(who, BODY, t)[:, 0, 0].max()))

    # routes and roles

    def arc(self, t: float, x: float, y: float, vx: float, vy: float) -> list[Waypoint]:
        """Return a route that is at a place with a velocity at a time, and slower long before and after."""
        tau, bend = self.draw(1.6, 3.0), self.draw(-0.4, 0.4)
        moments = np.linspace(0.0, self.span, max(int(self.span / 0.8), 4))
        gone = tau * np.tanh((moments - t) / tau)
        turn = bend * gone**2 / 2
        return [
            (float(m), float(x + vx * g), float(y + vy * g + b)) for m, g, b in zip(moments, gone, turn, strict=True)
        ]

    def runner(self, t: float, x: float, speed: tuple[float, float] = (1.0, 7.0), y: float | None = None) -> Mover:
        """Add an attacker whose foremost part is at x at a time, who runs towards the goal."""
        lane = self.draw(-0.6, 0.6) * self.side if y is None else y
        who = self.player("attack", self.arc(t, x, lane, self.draw(*speed), self.draw(-1.5, 1.5)), role="forward")
        self.put_front(who, t, x)
        return who

    def defender(self, t: float, x: float, y: float | None = None, speed: tuple[float, float] = (-2.0, 3.0)) -> Mover:
        """Add a defender whose foremost part is at x at a time."""
        lane = self.draw(-0.5, 0.5) * self.side if y is None else y
        route = self.arc(t, x, lane, self.draw(*speed), self.draw(-1.0, 1.0))
        who = self.player("defense", route, "ball", role="defender")
        self.put_front(who, t, x)
        return who

    def passer(self, t: float, x: float, y: float | None = None, role: str = "midfielder") -> Mover:
        """Add an attacker who has the ball, near a place at a time."""
        lane = self.draw(-0.6, 0.6) * self.side if y is None else y
        who = self.player("attack", self.arc(t, x, lane, self.draw(1.0, 4.5), self.draw(-1.5, 1.5)), role=role)
        self.ball.starts_with(who)
        return who

    def lanes(self, count: int) -> list[float]:
        """Draw places across the pitch, spread evenly, in any order."""
        spread = (np.arange(count) + 0.5) / count * 2 - 1
        return [float(y * 0.82 * self.side + self.draw(-2.5, 2.5)) for y in self.rng.permutation(spread)]

    # everybody else

    def fill(
        self, kicks: Sequence[float], offside: Sequence[Mover] = (), onside: Sequence[Mover] = (), **more: Any
    ) -> None:
        """Add the rest of both teams and the officials, and see that they decide nothing.

        Args:
            kicks: when the attack plays the ball, seconds.
            offside: who is in an offside position at the first kick.
            onside: who is not, however near to it.
            more: `nobody_ahead`: no attacker is ahead of the ball in the opponents' half at a kick; `margin`: by how
                much those who are offside are, at least.
        """
        self._teams(kicks[0])
        self.gather()
        margin = more.get("margin", 0.02)
        for n, t in enumerate(kicks):
            line, ball = float(self.barrier(t)[0]), max(float(self.ball.at(t)[0, 0]) + BALL_M, self.half)
            for one in self.of("attack"):
                lead = float(self.front(one, t)[0]) - line
                if one in offside and n == 0:
                    self.require(lead > margin, "he is not offside")
                elif one in onside and n == 0:
                    self.require(lead < -0.004, "he is offside")
                elif one.id != self.ball.holder(t - 1e-3)[0] and one not in offside:
                    self.require(lead < -SAFE_M, "a bystander is offside")
                    ahead = float(self.front(one, t)[0]) - ball
                    self.require(not more.get("nobody_ahead") or ahead < -SAFE_M, "a bystander is ahead of the ball")

    def _teams(self, kick: float) -> None:
        for side, sign in (("attack", -1.0), ("defense", 1.0)):
            if side not in self.keepers_out:
                self.follows(side, self._keeper(sign), "ball", role="goalkeeper")
        line = float(self.second_last(kick)[0]) if len(self.of("defense")) > 1 else None
        if line is None:
            line = max((float(self.front(one, kick)[0]) for one in self.of("defense")), default=20.0)
        missing = 11 - len(self.of("defense")) - ("defense" not in self.keepers_out)
        backs = min(missing, 3)
        for n, y in enumerate(self.lanes(missing)):
            role, depth = ("defender", self.draw(1.0, 4.5)) if n < backs else ("midfielder", self.draw(6.0, 20.0))
            self.follows("defense", self._shape(line - depth, y, line - 0.8), "ball", role=role)
        missing = 11 - len(self.of("attack")) - ("attack" not in self.keepers_out)
        ball = float(self.ball.at(kick)[0, 0])
        most = min(max(line, ball), max(ball, line)) - 2.5
        for n, y in enumerate(self.lanes(missing)):
            role = "midfielder" if n < 4 else "defender"
            back = self.draw(3.0, 14.0) if n < 4 else self.draw(14.0, 28.0)
            self.follows("attack", self._shape(min(ball - back, most), y, most), role=role)
        self.follows("official", self._referee(), "ball", role="referee")
        for far in (1.0, -1.0):
            self.follows("official", self._assistant(far, line), "ball", role="assistant_referee")

    def _shape(self, x: float, y: float, most: float) -> Wish:
        """Return a place in a team that moves a little with the ball."""
        start = self.ball.rough(0.0)[0]
        rates, phases = self.rng.uniform(0.05, 0.25, 2), self.rng.uniform(0, 2 * np.pi, 2)

        def wish(t: Floats) -> Floats:
            moved = self.ball.rough(t) - start
            wander = 0.8 * np.sin(2 * np.pi * np.outer(t, rates) + phases)
            places = np.column_stack(
                [np.minimum(x + 0.3 * np.tanh(moved[:, 0] / 20) * 12, most), y + 0.2 * moved[:, 1]]
            )
            inside = np.array([self.goal - 1.5, self.side - 1.5])
            return np.clip(places + wander, -inside, inside)

        return wish

    def _keeper(self, sign: float) -> Wish:
        out = self.draw(1.5, 5.0) if sign > 0 else self.draw(4.0, 16.0)

        def wish(t: Floats) -> Floats:
            ball = self.ball.rough(t)
            away = ball - np.array([sign * self.goal, 0.0])
            return np.array([sign * self.goal, 0.0]) + out * away / np.maximum(np.hypot(*away.T), 1e-6)[:, None]

        return wish

    def _referee(self) -> Wish:
        back, aside = self.draw(7.0, 12.0), self.sign() * self.draw(5.0, 10.0)
        return lambda t: np.clip(self.ball.rough(t) + np.array([-back, aside]), -self.goal + 2, self.goal - 2)

    def _assistant(self, far: float, line: float) -> Wish:
        """Return the place of an assistant: level with the second-last opponent, beside the pitch."""
        edge = far * (self.side + 0.8)
        x = max(line, 0.0) if far > 0 else -self.draw(5.0, 25.0)
        return lambda t: np.column_stack([np.full(len(t), x), np.full(len(t), edge)])
