"""Who lines up where in football: numbers, roles and spots of both teams, their bodies, and the crew of officials.

The board's frame: x forward of the tip of the ball that is nearer the defense, y to the left of the offense from the
ball, metres. A man's point is the ground under his shoulders; what reaches ahead of it hangs on how deep he bows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

from simulation.plays.courses import Course
from simulation.plays.movers import FINE_S, TURN_S, Mover

Floats = NDArray[np.float64]

ZONE_M = 11 * 0.0254  # the neutral zone: as long as the ball
HALF_WIDTH_M = 80 * 0.3048
HELMET_M = 0.12  # half a helmet: so far its front is ahead of the middle of the head
SNAPPER_X = -0.84
WAY_FROM, WAY_FULL = 1.0, 2.4  # m/s: slower than this he faces his opponents, faster where he goes

# ahead, left, up of a man's point: upright, and bowed down with a hand on the ground
UPRIGHT: dict[str, tuple[float, float, float]] = {
    "head": (0.10, 0.0, 1.75),
    "torso": (0.0, 0.0, 1.1),
    "left_foot": (0.12, 0.16, 0.0),
    "right_foot": (-0.15, -0.16, 0.0),
    "left_hand": (0.15, 0.30, 0.9),
    "right_hand": (0.15, -0.30, 0.9),
}
BOWED: dict[str, tuple[float, float, float]] = {
    "head": (0.45, 0.0, 0.9),
    "torso": (-0.15, 0.0, 0.8),
    "left_foot": (-0.10, 0.24, 0.0),
    "right_foot": (-0.45, -0.24, 0.0),
    "left_hand": (0.20, 0.22, 0.5),
    "right_hand": (0.50, -0.15, 0.0),
}
SNAPPING = BOWED | {"right_hand": (0.70, 0.0, 0.1), "left_hand": (0.30, 0.2, 0.4)}


@dataclass(eq=False)
class Man(Mover):
    """A football player on the board.

    Attributes:
        course: where he goes.
        bow: how deep he bows down: (t, 0 upright to 1 with a hand on the ground), straight in between.
        bowed: his body when he bows.
        leans: head and hands forward for a moment: (start, stop, metres).
        steady: faces his opponents, however fast he is.
    """

    course: Course = field(default_factory=lambda: Course(0.0, 0.0))
    bow: list[tuple[float, float]] = field(default_factory=lambda: [(0.0, 0.0)])
    bowed: dict[str, tuple[float, float, float]] = field(default_factory=lambda: BOWED)
    leans: list[tuple[float, float, float]] = field(default_factory=list)
    steady: bool = False

    @property
    def forward(self) -> float:
        """+1 for the offense, -1 for the defense: towards the opponents."""
        return 1.0 if self.side == "attack" else -1.0

    def heading(self, t: Any) -> Floats:
        """Return where he faces at times, radians: his opponents, or where he runs."""
        fine = np.arange(0.0, self.span + FINE_S, FINE_S)
        velocity = self.velocity(fine)
        speed = np.hypot(*velocity.T)
        share = np.zeros(len(fine)) if self.steady else np.clip((speed - WAY_FROM) / (WAY_FULL - WAY_FROM), 0, 1)
        along = velocity / np.maximum(speed, 1e-6)[:, None]
        mixed = share[:, None] * along + (1 - share)[:, None] * np.array([self.forward, 0.02])
        mixed = gaussian_filter1d(mixed, TURN_S / FINE_S, axis=0, mode="nearest")
        angle = np.unwrap(np.arctan2(mixed[:, 1], mixed[:, 0]))
        return np.interp(t, fine, angle)

    def body(self, t: Floats) -> dict[str, Floats]:
        """Return the parts of his body: ahead, to the left and above of him, metres, each (N, 3)."""
        speed = np.hypot(*self.velocity(t).T)
        bow = np.interp(t, [one[0] for one in self.bow], [one[1] for one in self.bow])
        lean = sum((size * _pulse(t, start, stop) for start, stop, size in self.leans), np.zeros(len(t)))
        swing = 0.32 * np.minimum(1.0, speed / 4.0)
        turn = self.stride(t)
        found = {}
        for name, low in self.bowed.items():
            ahead, left, up = ((1 - bow) * high + bow * down for high, down in zip(UPRIGHT[name], low, strict=True))
            if name.endswith("foot"):
                ahead = ahead + swing * np.sin(turn + (0.0 if name == "left_foot" else np.pi))
            elif name != "torso":
                ahead = ahead + lean
            found[name] = np.stack([ahead, left, up], axis=-1)
        return found

    def foremost(self, t: Any) -> Floats:
        """Return the coordinate along the field of what he has furthest towards his opponents, board frame, metres."""
        times = np.atleast_1d(np.asarray(t, np.float64))
        reach = [self.forward * self.place(part, times)[:, 0] for part in self.body(times).values()]
        return self.forward * np.max([*reach, self.forward * self.xy(times)[:, 0]], axis=0)


def _pulse(t: Floats, start: float, stop: float) -> Floats:
    """Return a smooth bump from 0 to 1 and back."""
    u = np.clip((t - start) / (stop - start), 0, 1)
    return np.asarray((1 - np.cos(2 * np.pi * u)) / 2)


@dataclass(frozen=True)
class Spot:
    """Where somebody lines up: role, place, how deep he bows, and which numbers he may wear."""

    role: str
    x: float
    y: float
    bow: float
    numbers: tuple[int, int]
    snaps: bool = False


LINE = (50, 79)
ENDS = (80, 89)
BACKS = (20, 49)
PASSERS = (1, 9)
CATCHERS = (10, 19)


def offense(rng: np.random.Generator, wide_left: float, wide_right: float) -> list[Spot]:
    """Return a legal line-up: five linemen, an end on either side, a quarterback and three more backs.

    Args:
        rng: random numbers.
        wide_left: metres of room to the left sideline.
        wide_right: and to the right one.
    """
    split = rng.uniform(1.25, 1.6)
    spots = [Spot("center", SNAPPER_X, 0.0, 1.0, LINE, snaps=True)]
    bow = 1.0 if rng.random() < 0.75 else 0.45
    for side in (1, -1):
        spots.append(Spot("guard", _on_line(rng, 0.5, 0.1, 0.28), side * split, bow, LINE))
        spots.append(Spot("tackle", _on_line(rng, 0.5, 0.15, 0.42), side * (2 * split + 0.05), bow, LINE))
    tight = 3 * split + rng.uniform(0.0, 0.3)
    room = {1: wide_left, -1: wide_right}
    strong = int(rng.choice([1, -1]))
    spots.append(Spot("tight_end", _on_line(rng, 0.5, 0.12, 0.35), strong * tight, 1.0, ENDS))
    far = _wide(rng, room[-strong])
    twin = rng.random() < 0.25
    if twin:
        spots.append(Spot("tight_end", _on_line(rng, 0.5, 0.12, 0.35), -strong * tight, 1.0, ENDS))
    else:
        spots.append(Spot("wide_receiver", _on_line(rng, 0.15, 0.12, 0.4), -strong * far, 0.25, ENDS))
    return [*spots, *_backfield(rng, strong, room, tight, far, twin)]


def _on_line(rng: np.random.Generator, reach: float, least: float, most: float) -> float:
    """Return the place of a man on the line whose foremost part is so far behind the neutral zone."""
    return float(-ZONE_M - reach - rng.uniform(least, most))


def _wide(rng: np.random.Generator, room: float) -> float:
    return float(min(rng.uniform(11.0, 19.0), room - 1.8))


def _backfield(
    rng: np.random.Generator, strong: int, room: dict[int, float], tight: float, far: float, twin: bool
) -> list[Spot]:
    under = rng.random() < 0.3
    passer = Spot("quarterback", -1.75 if under else -rng.uniform(4.6, 5.2), 0.0, 0.2, PASSERS)
    side = float(rng.choice([1.0, -1.0]))
    runner = (-rng.uniform(6.3, 7.4), 0.0) if under or rng.random() < 0.25 else (-rng.uniform(4.6, 5.6), side * 1.7)
    spots = [passer, Spot("running_back", *runner, 0.25, BACKS)]
    flank = _wide(rng, room[strong])
    spots.append(Spot("wide_receiver", -rng.uniform(2.05, 2.9), strong * flank, 0.2, CATCHERS))
    if twin:
        return [*spots, Spot("wide_receiver", -rng.uniform(2.05, 2.9), -strong * far, 0.2, CATCHERS)]
    if under and rng.random() < 0.5:
        return [*spots, Spot("fullback", -rng.uniform(4.2, 4.8), 0.0, 0.6, BACKS)]
    where = strong if rng.random() < 0.5 else -strong
    outer = flank if where == strong else far
    slot = where * min(rng.uniform(tight + 1.6, 8.5), outer - 2.5)
    return [*spots, Spot("wide_receiver", -rng.uniform(2.05, 2.9), slot, 0.2, CATCHERS)]


def defense(rng: np.random.Generator, attackers: list[Spot]) -> list[Spot]:
    """Return eleven defenders: a front over the line, linebackers behind it, a corner for each wide man, safeties."""
    four = rng.random() < 0.6
    gaps = (-4.2, -1.6, 0.75, 4.2) if four else (-3.4, 0.0, 3.4)
    names = ("defensive_end", "defensive_tackle", "defensive_tackle", "defensive_end")
    front = names if four else ("defensive_end", "nose_tackle", "defensive_end")
    spots = [
        Spot(role, 0.5 + rng.uniform(0.14, 0.45), y + rng.uniform(-0.3, 0.3), 1.0, (90, 99))
        for role, y in zip(front, gaps, strict=True)
    ]
    wide = sorted((one for one in attackers if one.role == "wide_receiver"), key=lambda one: -abs(one.y))[:3]
    for one in wide:
        press = rng.random() < 0.3 and abs(one.y) > 9
        off = rng.uniform(1.2, 1.8) if press else rng.uniform(4.5, 7.5)
        spots.append(Spot("cornerback", off, one.y - 0.6 * np.sign(one.y), 0.2, (20, 39)))
    backers = 11 - len(spots) - 2
    ys = np.linspace(-4.5, 4.5, backers) if backers > 1 else np.array([0.0])
    spots += [Spot("linebacker", rng.uniform(3.6, 5.0), float(y), 0.3, (50, 59)) for y in ys]
    for y in (-6.0, 6.0):
        spots.append(Spot("safety", rng.uniform(10.0, 14.0), y + rng.uniform(-2, 2), 0.1, (40, 49)))
    return spots


CREW = {
    "nfl": (
        ("referee", -11.0, 5.0), ("umpire", -10.0, -5.0), ("down_judge", -0.1, -1.0), ("line_judge", -0.1, 1.0),
        ("field_judge", 19.0, -1.0), ("side_judge", 19.0, 1.0), ("back_judge", 23.0, 0.0),
    ),
    "ncaa": (
        ("referee", -11.0, 5.0), ("center_judge", -10.0, -5.0), ("umpire", 7.0, 0.5), ("down_judge", -0.1, -1.0),
        ("line_judge", -0.1, 1.0), ("field_judge", 19.0, -1.0), ("side_judge", 19.0, 1.0), ("back_judge", 23.0, 0.0),
    ),
}  # fmt: skip
WINGS = ("down_judge", "line_judge", "field_judge", "side_judge")
