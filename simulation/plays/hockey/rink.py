"""The hockey board: rink, skates, sticks, rushes, shots, and everybody else on the ice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from simulation.motion import LIMITS
from simulation.plays.ball import Free, Held
from simulation.plays.board import SIDES, Board, Task
from simulation.plays.crowd import Wish
from simulation.plays.movers import Mover, Waypoint
from simulation.plays.play import Play

Floats = NDArray[np.float64]

SKATES = ("left_skate", "right_skate")
REACH_M, SIDE_M = 1.15, 0.28  # where the blade of the stick has the puck: ahead, and on the side of the stick
SWAY_M, SWAY_HZ = 0.1, 1.3
TRACK_M = 0.17  # half of how far the skates are apart
STRIDE_M = 0.28  # how far ahead a skate gets at full stride
LIFT_M = 0.06  # a skate that is brought forward is so high above the ice
EASE_M = 2.0  # who has to stay behind a line slows down from about that far before it
CLEAR_M = 1.0  # bystanders are further than this from a line that matters


class Rink(Board):
    """A rink of an edition; `blue` is the leading edge of the attacked blue line, metres from the middle."""

    DOMAIN = "hockey"
    LIMITS = LIMITS
    BALL_SPEED = 42.0

    def __init__(self, task: Task, edition: str, rng: np.random.Generator) -> None:
        super().__init__(task, edition, rng)
        self.blue = abs(self._x("blue_line_right_outer"))
        self.blue_near = abs(self._x("blue_line_right_inner"))
        self.center = abs(self._x("center_line_right"))
        self.goal_line = abs(self._x("goal_line_right_outer"))
        self.goal_near = abs(self._x("goal_line_right_inner"))
        self.dots = abs(self.field.landmark("end_dot_right_far")[0])
        self.post = abs(self.field.landmark("goal_post_right_far")[1])
        self.half_width = self.field.width_m / 2
        self.end = self.field.length_m / 2
        self.puck = self.edition.si("puck_radius")
        self.half_blade = self.edition.si("blade_length") / 2
        self.feet: set[str] = set()  # who has the puck at his skates, not on the stick
        self.raised: dict[tuple[str, str], tuple[float, float]] = {}  # skates that are kept off the ice, and when
        self.pulled: set[str] = set()  # sides without a goalkeeper
        self.lane: tuple[Floats, Floats] | None = None  # a shot that nobody stands in the way of: from, to
        self.deep = self.goal_line - 2.5  # the other defenders go no deeper
        self.allowed: list[tuple[float, int, int]] = [(0.0, 6, 6)]  # since when, attack, defense: strengths

    def _x(self, line: str) -> float:
        return float(self.field.target(line).distance(0.0, 0.0))

    # how hockey is played

    def carry(self, who: Mover, t: Floats) -> Floats:
        """Return where the puck is on somebody's stick, swaying a little."""
        side = 1.0 if who.person.shoots == "left" else -1.0
        sway = SWAY_M * np.sin(2 * np.pi * SWAY_HZ * t + who.phase)
        return np.stack([np.full(len(t), REACH_M), side * (SIDE_M + sway), np.zeros(len(t))], axis=-1)

    def parts(self, who: Mover, t: Floats) -> dict[str, Floats]:
        """Return both skates: their middles, and how high the blades are above the ice."""
        if who.side == "official":
            return {}
        speed = np.hypot(*who.velocity(t).T)
        stride = STRIDE_M * np.minimum(speed / 6.0, 1.0)
        lift = LIFT_M * np.minimum(speed / 3.0, 1.0)
        phase = who.stride(t)
        found = {}
        for name, sign in (("left_skate", 1.0), ("right_skate", -1.0)):
            up = lift * np.clip(sign * np.cos(phase) - 0.2, 0.0, 1.0)
            start, stop = self.raised.get((who.id, name), (np.inf, -np.inf))
            up = np.where((t >= start) & (t <= stop), np.maximum(up, LIFT_M), up)
            found[name] = np.stack([sign * stride * np.sin(phase), np.full(len(t), sign * TRACK_M), up], axis=-1)
        return found

    def released(self, held: Held, leg: Free, receiver: Mover | None) -> dict[str, Any] | None:
        """Return the touch with which the puck leaves somebody."""
        detail = "skate" if held.who.id in self.feet else "stick"
        return {"kind": "touch", "detail": detail} if self.holds(held) else None

    def possession(self, held: Held) -> dict[str, Any]:
        """Return more about a possession: whether it is with the skates."""
        return {"detail": "skate"} if held.who.id in self.feet else {}

    def whistle(self, t: float) -> None:
        """Let an official stop play, unless the play is over by then or nobody whistles in this draw."""
        if t < self.span - 0.05 and self.chance(0.7):
            self.event(t, "whistle")

    def rear(self, who: Mover, t: Any) -> Floats:
        """Return how far the rear end of the rearmost blade is along the rink, metres."""
        return self.blades(who, t).min(axis=0)

    def blades(self, who: Mover, t: Any) -> Floats:
        """Return how far the rear end of the left and of the right blade is along the rink, shape (2, N)."""
        times = np.atleast_1d(np.asarray(t, float))
        velocity = who.velocity(times)
        along = np.abs(velocity[:, 0]) / np.maximum(np.hypot(*velocity.T), 1e-9)
        result: Floats = self.bodies(who, SKATES, times)[..., 0] - along * self.half_blade
        return result

    def clear_of_zone(self, who: Mover, t: Any) -> NDArray[np.bool_]:
        """Return whether somebody touches the ice or the line outside the zone with a skate."""
        times = np.atleast_1d(np.asarray(t, float))
        low = self.bodies(who, SKATES, times)[..., 2] <= 0.0
        result: NDArray[np.bool_] = (low & (self.blades(who, times) <= self.blue)).any(axis=0)
        return result

    def play(self) -> Play:
        """Say who is allowed and who is on the ice, and work out the truth."""
        self.gather()
        self.keys["strength"] = [
            {"from": t, self.teams["attack"]: attack, self.teams["defense"]: defense}
            for t, attack, defense in self.allowed
        ]
        self.keys["roster"] = self._on_ice()
        return super().play()

    def _on_ice(self) -> list[dict[str, Any]]:
        """Return how many of each team are on the ice, with both skates, since when."""
        t = np.arange(0.0, self.span, 0.005)
        counts = {self.teams[side]: np.zeros(len(t), np.int64) for side in SIDES}
        for one in (*self.of("attack"), *self.of("defense")):
            inside = self.on_ice(one, t) if one.id in self.outside else np.ones(len(t), np.bool_)
            counts[self.teams[one.side]] += inside
        both = np.stack([counts["home"], counts["away"]])
        steps = [0, *(np.flatnonzero((np.diff(both, axis=1) != 0).any(axis=0)) + 1)]
        return [{"from": float(t[n]), "home": int(both[0, n]), "away": int(both[1, n])} for n in steps]

    def on_ice(self, who: Mover, t: Any) -> NDArray[np.bool_]:
        """Return whether somebody is on the ice with both skates at times."""
        times = np.atleast_1d(np.asarray(t, float))
        xy = self.bodies(who, SKATES, times)
        depth = np.asarray(self.field.boundary.distance(xy[..., 0], xy[..., 1]))
        result: NDArray[np.bool_] = np.min(depth, axis=0) > 0
        return result

    # routes

    def arc(self, t: float, x: float, y: float, vx: float, vy: float, most: float = 99.0) -> list[Waypoint]:
        """Return a route that is at a place with a velocity at a time, and slower long before and after.

        It ends no further than `most` metres along the rink from there.
        """
        tau, bend = min(self.draw(1.4, 2.6), most / max(abs(vx), 1e-6)), self.draw(-0.5, 0.5)
        moments = np.linspace(0.0, self.span, max(int(self.span / 0.7), 4))
        gone = tau * np.tanh((moments - t) / tau)
        turn = bend * gone**2 / 2
        return [
            (float(m), float(x + vx * g), float(y + vy * g + b)) for m, g, b in zip(moments, gone, turn, strict=True)
        ]

    def rush(self, at: float, facing: str = "way", speed: tuple[float, float] = (4.5, 8.5)) -> Mover:
        """Add an attacker who brings the puck over the blue line at about a time, and has it all the while."""
        v, y0 = self.draw(*speed), self.draw(-0.6, 0.6) * self.half_width
        y1 = float(np.clip(y0 + self.draw(-4, 4), -0.75 * self.half_width, 0.75 * self.half_width))
        start = max(self.blue - v * at * self.draw(0.9, 1.0), 3.0 - self.end)
        deep = min(self.blue + 0.7 * v * (self.span - at), self.goal_line - 4.0)
        lead = REACH_M if facing == "back" else -REACH_M
        middle = 0.5 * at
        via = [
            (0.0, start, y0),
            (middle, start + (self.blue - start) * 0.48, y0 + 0.4 * (y1 - y0)),
            (at, self.blue + lead, y1),
            (self.span, deep, y1 * self.draw(0.4, 1.0)),
        ]
        carrier = self.player("attack", via, facing, role=self.forward())
        self.ball.starts_with(carrier)
        return carrier

    def dump(self, at: float) -> float:
        """Tell an attacker who shoots the puck from beyond the center line into the zone; return when it comes in.

        Args:
            at: when he shoots, seconds.
        """
        x, y = self.draw(self.center + 1.0, self.blue_near - 2.0), self.draw(-0.6, 0.6) * self.half_width
        v = self.draw(3.0, 7.0)
        room = self.blue - 1.2 - (x - REACH_M)
        via = self.arc(at, x - REACH_M, y, v, self.draw(-1.0, 1.0), room)
        shooter = self.player("attack", via, role=self.forward())
        self.ball.starts_with(shooter)
        self.require(self.ball.at(at)[0, 0] > self.center + 0.3, "he has not gained the line")
        spot = (self.goal_line - self.draw(1.0, 6.0), self.sign() * self.draw(4.0, self.half_width - 3.5))
        slowing = self.draw(1.4, 2.0)
        far = float(np.hypot(*(np.array(spot) - self.ball.at(at)[0, :2])))
        self.ball.sent_to(spot, at, at + far / self.draw(10.0, 16.0), slowing=slowing)
        entry = self.entry()
        self.require(self.rear(shooter, entry) < self.blue - 0.4, "the shooter is too near to the line")
        t = np.linspace(at, self.span, 40)
        if (shooter.xy(t)[:, 0] > self.blue - 0.6).any():
            self.require(False, "the shooter follows it in")
        return entry

    def retriever(self, side: str, at: float, from_x: float, leaves: float = 0.0) -> Mover:
        """Add somebody who comes from so far along the rink, leaving not before a time, and takes the puck at one."""
        spot = self.ball.at(at)[0, :2]
        y = self.free_lane(leaves)
        away = spot - np.array([from_x, y])
        away = away / max(float(np.hypot(*away)), 1e-6)
        ready, aim = max(leaves, 0.0), spot - REACH_M * away
        self.require(at - ready > 0.8, "no time to get there")
        via = [(0.0, from_x + self.draw(-1.0, 0.0), y + self.draw(-0.8, 0.8))] if ready > 0.3 else []
        via += [(ready, from_x, y), (ready + 0.5 * (at - ready), *(0.58 * np.array([from_x, y]) + 0.42 * aim))]
        via += [(at, *aim), (max(at + 0.8, self.span), aim[0] - 0.6, aim[1] - np.sign(aim[1]) * self.draw(1.0, 3.0))]
        who = self.player(side, via, role="forward")
        self.ball.met_by(who, at)
        return who

    def heads_for_goal(self, who: Mover) -> None:
        """Let somebody look at the attacked goal wherever he goes, so that his stick is ahead of him."""
        who.facing = "ball"
        who.looks_at = lambda t: np.tile([self.goal_line, 0.0], (len(t), 1))

    def forward(self) -> str:
        """Draw the role of a forward."""
        return str(self.rng.choice(["left_wing", "right_wing", "center"]))

    def entry(self, after: float = 0.0) -> float:
        """Return when the whole puck has crossed the leading edge of the attacked blue line."""
        return self.when(lambda t: self.ball.at(t)[:, 0] - self.puck - self.blue, after)

    def put_rear(self, who: Mover, t: float, x: float) -> None:
        """Move somebody's whole route along the rink so that his rearmost blade ends at x at a time."""
        who.move(x - float(self.rear(who, t)[0]))

    def mate(self, t: float, x: float, speed: tuple[float, float] = (-2.0, 6.0), facing: str = "way") -> Mover:
        """Add an attacker whose rearmost blade is at x at a time, and who moves on then."""
        vx = self.draw(*speed)
        vx += float(np.copysign(max(0.0, 1.6 - abs(vx)), vx))
        y = self.free_lane(t)
        who = self.player("attack", self.arc(t, x, y, vx, self.draw(-1.5, 1.5)), facing, role=self.forward())
        self.put_rear(who, t, x)
        return who

    def free_lane(self, t: float, room: float = 3.0) -> float:
        """Draw a place across the rink away from who is there at a time."""
        taken = [float(one.xy(t)[1]) for one in self.movers.values()]
        for _ in range(20):
            y = self.draw(-0.8, 0.8) * self.half_width
            if all(abs(y - other) > room for other in taken):
                return y
        self.require(False, "no free lane")
        return 0.0

    # everybody else

    def fill(self, onside_until: float, stay: bool = True, skaters: tuple[int, int] = (5, 5)) -> None:
        """Add the other players, the goalkeepers and the officials, and steer them.

        Args:
            onside_until: until then the other attackers stay clear of the attacked zone, seconds.
            stay: whether the other attackers stay clear of it ever after.
            skaters: how many skaters attack and defend.
        """
        for n in range(skaters[0] - len(self.of("attack", "player"))):
            self.follows("attack", self.trailing(n, onside_until, stay), role="defense")
        for n in range(skaters[1] - len(self.of("defense", "player"))):
            self.follows("defense", self.backing(n), "ball" if n < 2 else "way", role="defense")
        self.crew()
        for one in self.gather():
            if one.side == "attack" and one.person.kind == "player":
                times = np.linspace(0.0, self.span if stay else onside_until, 60)
                self.require(one.xy(times)[:, 0] < self.blue - CLEAR_M, "a bystander is too near to the blue line")

    def crew(self) -> None:
        """Add the goalkeepers and the officials."""
        for side, sign in (("attack", -1.0), ("defense", 1.0)):
            if not self.of(side, "goalie") and side not in self.pulled:
                self.follows(side, self.in_goal(sign), "ball", role="goalkeeper", kind="goalie")
        edge = self.half_width - 1.2
        up = self.sign()
        for role, offset, y in (("linesman", 0.8, up * edge), ("linesman", -9.0, -up * edge)):
            self.follows("official", self.beside(offset, y, self.blue + 1.5), "ball", role=role, kind="official")
        for role, offset, y in (("referee", 9.0, -up * edge * 0.9), ("referee", -10.0, up * edge * 0.9)):
            self.follows("official", self.beside(offset, y, self.goal_line), "ball", role=role, kind="official")

    def trailing(self, n: int, until: float, ever: bool) -> Wish:
        """Return the place of an attacker behind the puck, short of the blue line until a time."""
        depth, lane = 2.5 + 2.6 * n + self.draw(0, 2.5), self.draw(-0.7, 0.7) * self.half_width
        cap = self.blue - CLEAR_M - self.draw(1.2, 3.5)
        wander = self.wander()

        def wish(t: Floats) -> Floats:
            puck = self.ball.rough(t)
            most = np.where((t < until + 0.5) | ever, cap, self.goal_line - 3.0)
            x = -EASE_M * np.logaddexp(-(puck[:, 0] - depth) / EASE_M, -most / EASE_M)  # slows down before it
            return self.kept_in(self.out_of_lane(np.column_stack([x, 0.45 * puck[:, 1] + 0.55 * lane]) + wander(t)))

        return wish

    def backing(self, n: int) -> Wish:
        """Return the place of a defender between the puck and his goal."""
        gap, lane = 4.0 + 1.8 * n + self.draw(0, 2.0), self.draw(-0.7, 0.7) * self.half_width
        if n >= 3:
            gap = self.draw(-3.0, 1.0)  # a forward who comes back beside the play
        wander = self.wander()

        def wish(t: Floats) -> Floats:
            puck = self.ball.rough(t)
            x = np.minimum(puck[:, 0] + gap, self.deep - 0.8 * n)
            return self.kept_in(self.out_of_lane(np.column_stack([x, 0.6 * puck[:, 1] + 0.4 * lane]) + wander(t)))

        return wish

    def in_goal(self, sign: float) -> Wish:
        """Return the place of a goalkeeper."""
        out = self.draw(0.7, 1.6)

        def wish(t: Floats) -> Floats:
            puck = self.ball.rough(t)
            goal = np.array([sign * self.goal_line, 0.0])
            away = puck - goal
            away[:, 0] = np.where(sign * away[:, 0] > -1.0, -sign, away[:, 0])
            return goal + out * away / np.hypot(*away.T)[:, None]

        return wish

    def beside(self, offset: float, y: float, most: float) -> Wish:
        """Return the place of an official: along the boards, so far ahead of the puck."""

        def wish(t: Floats) -> Floats:
            x = np.clip(self.ball.rough(t)[:, 0] + offset, -most, most)
            return self.kept_in(np.column_stack([x, np.full(len(t), y)]))

        return wish

    def wander(self, size: float = 0.6) -> Callable[[Floats], Floats]:
        """Return somebody's own way of not standing still, metres over time."""
        rates, phases = self.rng.uniform(0.08, 0.3, 2), self.rng.uniform(0, 2 * np.pi, 2)
        amount = size * self.rng.uniform(0.5, 1.0, 2)
        return lambda t: amount * np.sin(2 * np.pi * np.outer(t, rates) + phases)

    def out_of_lane(self, places: Floats, room: float = 2.2) -> Floats:
        """Return places moved out of the way of the shot, if there is one."""
        if self.lane is None:
            return places
        (x0, y0), (x1, y1) = self.lane
        way = y0 + (y1 - y0) * (places[:, 0] - x0) / (x1 - x0)
        side = 1.0 if float(np.mean(places[:, 1] - way)) >= 0 else -1.0
        off = side * (places[:, 1] - way)
        return np.column_stack([places[:, 0], places[:, 1] + side * np.maximum(room - off, 0.0)])

    def kept_in(self, places: Floats, room: float = 1.3) -> Floats:
        """Return places moved inside the boards."""
        x = np.clip(places[:, 0], room - self.end, self.end - room)
        y = np.clip(places[:, 1], room - self.half_width, self.half_width - room)
        radius = self.field.boundary.radius - room  # type: ignore[attr-defined]
        cx, cy = self.end - room - radius, self.half_width - room - radius
        dx, dy = np.maximum(np.abs(x) - cx, 0.0), np.maximum(np.abs(y) - cy, 0.0)
        shrink = np.minimum(1.0, radius / np.maximum(np.hypot(dx, dy), 1e-9))
        corner = (dx > 0) & (dy > 0)
        return np.column_stack(
            [
                np.where(corner, np.sign(x) * (cx + dx * shrink), x),
                np.where(corner, np.sign(y) * (cy + dy * shrink), y),
            ]
        )
