"""Articulated figures: skaters, goalies and officials as capsules between joints, and the net.

A pose is a set of joints in metres around the ground point; painting projects the joints and fills the hulls of
their capsules, farthest first. Colours are BGR.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

import cv2
import numpy as np

from simulation.camera import View

BLADE_M = 0.28
BLADE_TURN = 0.5
"""How far the blade is turned inwards from the heading, radians."""
PUCK_REACH_M = 0.43
"""From the blade's heel to a puck that is pushed along in front of its tip."""
SHIFT = 4
SUPERSAMPLE = 2
ARC = 9
"""Corners of the half circle at either end of a capsule."""
_SHARES = np.linspace(0.0, 1.0, ARC)
LONGEST_SMEAR_PX = 200.0
_ANGLES = np.linspace(0, 2 * np.pi, 12, endpoint=False)
_CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
Colour = tuple[int, int, int]
LIMBS: Mapping[str, tuple[str, str]] = {
    "knee_left": ("hip_left", "ankle_left"), "knee_right": ("hip_right", "ankle_right"),
    "elbow_left": ("shoulder_left", "hand_left"), "elbow_right": ("shoulder_right", "hand_right"),
}  # fmt: skip
"""The joint in the middle of each limb, and where its two bones begin and end."""
_BONES_M = np.array([[0.47, 0.45], [0.47, 0.45], [0.31, 0.3], [0.31, 0.3]])
_SKATERS_BEND = np.array([[1.0, 0.25, 0.2], [1.0, -0.25, 0.2], [-0.5, 0.9, -0.35], [-0.5, -0.9, -0.35]])
TAPES: tuple[Colour, ...] = ((25, 25, 28), (214, 214, 214), (30, 30, 32), (60, 60, 66), (190, 200, 205))


@dataclass(frozen=True)
class Kit:
    """Colours (BGR) of what a team, or the officials, wear."""

    shirt: Colour
    trousers: Colour
    socks: Colour
    stripe: Colour
    helmet: Colour
    gloves: Colour
    yoke: Colour | None = None
    numbers: Colour = (240, 240, 240)
    striped: bool = False


OFFICIAL_KIT = Kit(
    shirt=(236, 236, 236), trousers=(28, 26, 26), socks=(26, 24, 24), stripe=(22, 22, 22), helmet=(24, 24, 26),
    gloves=(150, 170, 205), striped=True,
)  # fmt: skip


@dataclass(frozen=True)
class Stance:
    """How a figure stands or skates at one instant.

    Attributes:
        heading: radians in the field frame, 0 looks along +x.
        lean: of the trunk, radians forward.
        crouch: metres that the hips are lowered.
        stride: 0 glides, 1 pushes as far as it goes.
        phase: of the stride, radians.
        blade: where the stick's blade is, metres ahead and to the left of the ground point.
        grip: both hands on the stick (1) or one hand (0).
        arm_up: an official's raised arm.
    """

    heading: float
    lean: float = 0.55
    crouch: float = 0.2
    stride: float = 0.6
    phase: float = 0.0
    blade: tuple[float, float] = (1.15, -0.25)
    grip: int = 1
    arm_up: bool = False


class Body(Protocol):
    """Somebody who can be painted: a `Figure` on skates, or an athlete on shoes."""

    entity: str
    kind: str
    xy: tuple[float, float]
    kit: Kit
    velocity: tuple[float, float]
    number: str
    texture: int
    chest_number: bool

    @property
    def heading(self) -> float:
        """Where the person faces, radians in the field frame."""

    def paint(self, view: View, folds: np.ndarray, exposure_s: float) -> Patch | None:
        """Paint the person."""


@dataclass(frozen=True)
class Figure:
    """A person to paint.

    Attributes:
        entity: id of the person.
        kind: `player`, `goalie` or `official`.
        xy: ground point, field metres.
        stance: how the person stands.
        kit: what the person wears.
        velocity: field metres a second, for motion blur.
        number: on the back, empty for none.
        size: relative to 1.85 m.
        texture: seed of the cloth's folds.
    """

    entity: str
    kind: str
    xy: tuple[float, float]
    stance: Stance
    kit: Kit
    velocity: tuple[float, float] = (0.0, 0.0)
    number: str = ""
    size: float = 1.0
    texture: int = 0
    chest_number: ClassVar[bool] = False

    @property
    def heading(self) -> float:
        """Where the person faces, radians in the field frame."""
        return self.stance.heading

    def paint(self, view: View, folds: np.ndarray, exposure_s: float) -> Patch | None:
        """Paint the person; see `paint_figure`."""
        return paint_figure(self, view, folds, exposure_s)


@dataclass
class Patch:
    """A painted figure: premultiplied BGRA, its top left corner and the box of the whole body in pixels."""

    image: np.ndarray
    left: int
    top: int
    box: tuple[float, float, float, float]
    depth: float


@dataclass(frozen=True)
class Outlines:
    """A figure's convex polygons, far to near, and how far they reach.

    Attributes:
        polygons: corners, pixels, shape (N, 2), and colour of each.
        low: left and top of everything, pixels.
        high: right and bottom of it.
        box: of the body without the stick: x1, y1, x2, y2.
    """

    polygons: list[tuple[np.ndarray, Colour]]
    low: np.ndarray
    high: np.ndarray
    box: tuple[float, float, float, float]


def skater_joints(stance: Stance, size: float = 1.0) -> dict[str, np.ndarray]:
    """Joints of a skater or official in the body frame: metres ahead, to the left and up."""
    reach = 0.42 * stance.stride
    joints: dict[str, np.ndarray] = {}
    hip_z = 0.98 - stance.crouch
    pelvis = np.array([-0.12 * stance.lean, 0.0, hip_z])
    direction = np.array([np.sin(stance.lean), 0.0, np.cos(stance.lean)])
    chest = pelvis + 0.5 * direction
    joints["pelvis"], joints["chest"] = pelvis, chest
    joints["head"] = chest + np.array([0.16 * np.sin(stance.lean) + 0.06, 0.0, 0.27])
    for side, sign in (("left", 1.0), ("right", -1.0)):
        swing = np.sin(stance.phase + (0.0 if sign > 0 else np.pi))
        push, lift = max(-swing, 0.0), max(np.cos(stance.phase + (0.0 if sign > 0 else np.pi)), 0.0)
        foot = np.array(
            [
                0.12 + 0.22 * reach * swing - reach * push,
                sign * (0.17 + 0.7 * reach * push),
                0.07 + 0.1 * reach * lift * push,
            ]
        )
        hip = pelvis + np.array([0.0, sign * 0.12, -0.02])
        joints[f"hip_{side}"], joints[f"ankle_{side}"] = hip, foot + np.array([-0.04, 0.0, 0.08])
        turn = 0.5 * push * sign
        along = np.array([np.cos(turn), np.sin(turn), 0.0])
        joints[f"heel_{side}"], joints[f"toe_{side}"] = foot - 0.13 * along, foot + 0.16 * along
        joints[f"shoulder_{side}"] = chest + np.array([0.0, sign * 0.21, 0.0])
    _hands(joints, stance)
    bend_limbs(joints, _BONES_M, _SKATERS_BEND)
    return {name: point * size for name, point in joints.items()}


def _hands(joints: dict[str, np.ndarray], stance: Stance) -> None:
    """Add hands, elbows and the stick: the blade lies on the ice, the butt is in the upper hand."""
    blade = np.array([stance.blade[0], stance.blade[1], 0.03])
    side = "left" if stance.blade[1] >= 0 else "right"
    other = "right" if side == "left" else "left"
    sign = 1.0 if side == "left" else -1.0
    butt = joints["pelvis"] + np.array([0.38, -sign * 0.16, 0.16])
    joints["blade"], joints["butt"] = blade, butt
    tip = np.array([np.cos(BLADE_TURN), -sign * np.sin(BLADE_TURN), 0.0])
    joints["blade_tip"] = blade + BLADE_M * tip
    joints[f"hand_{other}"] = butt
    joints[f"hand_{side}"] = (
        butt + 0.36 * (blade - butt) if stance.grip else joints["pelvis"] + np.array([0.12, sign * 0.42, 0.12])
    )
    if stance.arm_up:
        joints["hand_right"] = joints["shoulder_right"] + np.array([0.08, -0.12, 0.58])


def bend_limbs(joints: dict[str, np.ndarray], bones_m: np.ndarray, towards: np.ndarray) -> None:
    """Add the joints in the middle of the limbs.

    Args:
        joints: where the limbs begin and end, metres.
        bones_m: length of either bone, in the order of ``LIMBS``, shape (4, 2).
        towards: where each limb's middle points, shape (4, 3).
    """
    starts, ends = (np.array([joints[pair[end]] for pair in LIMBS.values()]) for end in (0, 1))
    joints.update(zip(LIMBS, bend(starts, ends, bones_m, towards), strict=True))


def bend(start: np.ndarray, end: np.ndarray, bones_m: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """Return the middle joints of limbs of two bones, bent towards a direction (law of cosines).

    Args:
        start: where the first bone begins, shape (N, 3).
        end: where the second ends.
        bones_m: lengths of both, shape (N, 2).
        towards: directions, of any length, shape (N, 3).
    """
    first, second = bones_m[:, :1], bones_m[:, 1:]
    way = end - start
    length = np.maximum(np.sqrt((way * way).sum(axis=1, keepdims=True)), 1e-6)
    reach = np.minimum(length, 0.999 * (first + second))
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    height = np.sqrt(np.maximum(first**2 - along**2, 0.0))
    unit = way / length
    side = towards - unit * (towards * unit).sum(axis=1, keepdims=True)
    aside = np.maximum(np.sqrt((side * side).sum(axis=1, keepdims=True)), 1e-6)
    return np.asarray(start + unit * along * (length / reach) + height * side / aside)


def to_world(joints: dict[str, np.ndarray], xy: tuple[float, float], heading: float) -> dict[str, np.ndarray]:
    """Body frame to field metres."""
    cos, sin = np.cos(heading), np.sin(heading)
    turn = np.array([[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]])
    stacked = np.array(list(joints.values())) @ turn + np.array([xy[0], xy[1], 0.0])
    return dict(zip(joints, stacked, strict=True))


def blade_point(figure_xy: tuple[float, float], stance: Stance) -> np.ndarray:
    """Where a puck that the stick pushes along lies, field metres, shape (2,)."""
    cos, sin = np.cos(stance.heading), np.sin(stance.heading)
    side = 1.0 if stance.blade[1] >= 0 else -1.0
    ahead = stance.blade[0] + PUCK_REACH_M * np.cos(BLADE_TURN)
    left = stance.blade[1] - side * PUCK_REACH_M * np.sin(BLADE_TURN)
    return np.array([figure_xy[0] + cos * ahead - sin * left, figure_xy[1] + sin * ahead + cos * left])


class Painter:
    """Collects the convex polygons of one figure in pixels.

    Attributes:
        uv: joint -> pixel.
        depth: joint -> metres before the camera.
        scale: pixels per metre at the figure.
    """

    def __init__(self, view: View, joints: dict[str, np.ndarray]) -> None:
        local = view.to_camera(np.array(list(joints.values())))
        self.uv = dict(zip(joints, view.project(local), strict=True))
        self.depth: dict[str, float] = dict(zip(joints, local[:, 2].tolist(), strict=True))
        self.scale = view.fx / float(local[:, 2].mean())
        self._order: list[tuple[float, Colour, str, int]] = []
        self._capsules: list[tuple[float, ...]] = []
        self._bands: list[tuple[float, ...]] = []
        self._others: list[np.ndarray] = []
        self._circles: list[tuple[float, float, float, bool]] = []

    def capsule(
        self, ends: tuple[str, str], radii: tuple[float, float], colour: Colour, nearer: float = 0.0, part: str = "body"
    ) -> None:
        """Add the hull of two circles (radii in metres)."""
        depth = (self.depth[ends[0]] + self.depth[ends[1]]) / 2 - nearer
        self._round(list(zip(ends, radii, strict=True)), colour, depth, part == "body")

    def band(
        self, ends: tuple[str, str], span: tuple[float, float], radius: float, colour: Colour, nearer: float = 0.0
    ) -> None:
        """Add a stripe across a capsule, from one fraction of its length to another."""
        depth = (self.depth[ends[0]] + self.depth[ends[1]]) / 2 - nearer - 0.01
        self._order.append((depth, colour, "band", len(self._bands)))
        self._bands.append((*self.uv[ends[0]].tolist(), *self.uv[ends[1]].tolist(), *span, radius))

    def hull(self, circles: list[tuple[str, float]], colour: Colour, nearer: float = 0.0) -> None:
        """Add the hull of several circles (radius in metres)."""
        depth = sum(self.depth[name] for name, _ in circles) / len(circles) - nearer
        self._round(circles, colour, depth, True)

    def polygon(self, points: np.ndarray, depth: float, colour: Colour) -> None:
        """Add a polygon in pixels that adds nothing to the body's outline."""
        self._order.append((depth, colour, "other", len(self._others)))
        self._others.append(points)

    def _round(self, circles: list[tuple[str, float]], colour: Colour, depth: float, body: bool) -> None:
        """Add the hull of circles; those of one or two are all found at once at the end."""
        self._circles += [(*self.uv[name].tolist(), radius, body) for name, radius in circles]
        if len(circles) > 2:
            points = np.vstack([self.uv[name] + _CIRCLE * radius * self.scale for name, radius in circles])
            self.polygon(cv2.convexHull(points.astype(np.float32))[:, 0], depth, colour)
            return
        (one, first), (two, second) = circles[0], circles[-1]
        self._order.append((depth, colour, "capsule", len(self._capsules)))
        self._capsules.append((*self.uv[one].tolist(), *self.uv[two].tolist(), first, second))

    def outlines(self) -> Outlines:
        """Return what was added."""
        circles = np.array(self._circles)
        centres, reach, body = circles[:, :2], circles[:, 2:3] * self.scale, circles[:, 3] > 0
        low, high = centres - reach, centres + reach
        box = (*low[body].min(axis=0).tolist(), *high[body].max(axis=0).tolist())
        found: Mapping[str, Sequence[np.ndarray]] = {
            "capsule": list(_capsules(np.array(self._capsules).reshape(-1, 6), self.scale)),
            "band": list(_bands(np.array(self._bands).reshape(-1, 7), self.scale)),
            "other": self._others,
        }
        order = sorted(self._order, key=lambda item: -item[0])
        polygons = [(found[kind][index], colour) for _, colour, kind, index in order]
        return Outlines(polygons, low.min(axis=0), high.max(axis=0), box)


def _capsules(rows: np.ndarray, scale: float) -> np.ndarray:
    """Return the hulls of pairs of circles, pixels, shape (N, 2 * ARC, 2).

    Args:
        rows: both centres, pixels, and both radii, metres; shape (N, 6).
        scale: pixels per metre.
    """
    centres, radii = rows[:, :4].copy().view(complex), rows[:, 4:] * scale
    way, wider = centres[:, 1] - centres[:, 0], radii[:, 0] - radii[:, 1]
    length = np.abs(way)
    within = np.abs(wider) >= length  # one circle holds the other: the larger one is the hull
    if within.any():
        larger = (np.arange(len(rows)), np.where(wider >= 0, 0, 1))
        centres[within], radii[within] = (part[larger][within, None] for part in (centres, radii))
        wider = radii[:, 0] - radii[:, 1]
    slant = np.arccos(wider / np.maximum(length, 1e-9))
    starts = np.angle(way)[:, None] + np.stack([slant, -slant], axis=1)
    spans = 2 * np.stack([np.pi - slant, slant], axis=1)
    angles = starts[:, :, None] + spans[:, :, None] * _SHARES
    around = centres[:, :, None] + radii[:, :, None] * np.exp(1j * angles)
    return around.reshape(len(rows), 2 * ARC).view(float).reshape(-1, 2 * ARC, 2)


def _bands(rows: np.ndarray, scale: float) -> np.ndarray:
    """Return stripes across capsules, pixels, shape (N, 4, 2).

    Args:
        rows: both ends, pixels, fractions of the way between them where the stripe begins and ends, and half its
            width, metres; shape (N, 7).
        scale: pixels per metre.
    """
    start, way = rows[:, :2], rows[:, 2:4] - rows[:, :2]
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-3)
    normal = np.column_stack([-way[:, 1], way[:, 0]]) * (rows[:, 6] * scale / length)[:, None]
    low, high = start + way * rows[:, 4:5], start + way * rows[:, 5:6]
    return np.stack([low - normal, low + normal, high + normal, high - normal], axis=1)


def _legs(paint: Painter, kit: Kit, official: bool) -> None:
    for side in ("left", "right"):
        knee, ankle, hip = f"knee_{side}", f"ankle_{side}", f"hip_{side}"
        paint.capsule((f"heel_{side}", f"toe_{side}"), (0.02, 0.02), (205, 205, 205), 0.0)
        raised = paint.uv[f"toe_{side}"] - np.array([0.0, 0.07 * paint.scale])
        heel = paint.uv[f"heel_{side}"] - np.array([0.0, 0.08 * paint.scale])
        paint.uv[f"_toe_{side}"], paint.uv[f"_heel_{side}"] = raised, heel
        paint.depth[f"_toe_{side}"] = paint.depth[f"_heel_{side}"] = paint.depth[ankle]
        paint.capsule((f"_heel_{side}", f"_toe_{side}"), (0.065, 0.045), (30, 28, 28), 0.01)
        paint.capsule((ankle, knee), (0.06, 0.095), kit.trousers if official else kit.socks, 0.0)
        if not official:
            paint.band((ankle, knee), (0.35, 0.5), 0.085, kit.stripe)
            paint.band((ankle, knee), (0.62, 0.7), 0.092, kit.stripe)
        paint.capsule((knee, hip), (0.1, 0.145), kit.trousers, 0.02)
    paint.capsule(("hip_left", "hip_right"), (0.15, 0.15), kit.trousers, 0.03)


def trunk(paint: Painter, kit: Kit, heading_away: float) -> None:
    """Add the trunk of somebody whose heading points away from the camera by a share, -1 to 1."""
    paint.hull([("shoulder_left", 0.12), ("shoulder_right", 0.12), ("pelvis", 0.19)], kit.shirt, 0.05)
    if kit.striped:
        top = (paint.uv["shoulder_left"], paint.uv["shoulder_right"])
        spread = top[1] - top[0]
        down = paint.uv["pelvis"] - (top[0] + top[1]) / 2
        depth = paint.depth["chest"] - 0.08
        wide = max(float(np.hypot(*spread)), 0.3 * paint.scale)
        axis = np.array([1.0, 0.0]) if abs(spread[0]) < 1e-6 else spread / float(np.hypot(*spread))
        middle = (top[0] + top[1]) / 2
        for k in range(-2, 3):
            at = middle + axis * wide * 0.24 * k
            half = axis * wide * 0.06
            paint.polygon(
                np.array([at - half, at + half, at + down * 1.1 + half, at + down * 1.1 - half]), depth, kit.stripe
            )
    else:
        paint.band(("chest", "pelvis"), (0.84, 1.0), 0.2, kit.stripe, 0.07)
        paint.band(("chest", "pelvis"), (0.66, 0.74), 0.21, kit.stripe, 0.07)
        if kit.yoke is not None:
            paint.hull([("shoulder_left", 0.12), ("shoulder_right", 0.12)], kit.yoke, 0.06)
        if heading_away < -0.2:  # the chest is seen: a crest
            crest = paint.uv["chest"] * 0.55 + paint.uv["pelvis"] * 0.45
            paint.polygon(crest + _CIRCLE * 0.085 * paint.scale, paint.depth["chest"] - 0.2, kit.numbers)
            paint.polygon(crest + _CIRCLE * 0.05 * paint.scale, paint.depth["chest"] - 0.21, kit.stripe)


def _arms(paint: Painter, kit: Kit, bare: bool) -> None:
    for side in ("left", "right"):
        shoulder, elbow, hand = f"shoulder_{side}", f"elbow_{side}", f"hand_{side}"
        paint.capsule((shoulder, elbow), (0.105, 0.085), kit.yoke or kit.shirt, 0.06)
        paint.capsule((elbow, hand), (0.085, 0.06), kit.shirt, 0.07)
        if kit.striped:
            paint.band((shoulder, elbow), (0.35, 0.6), 0.1, kit.stripe, 0.07)
            paint.band((elbow, hand), (0.3, 0.6), 0.08, kit.stripe, 0.08)
        else:
            paint.band((elbow, hand), (0.05, 0.25), 0.085, kit.stripe, 0.08)
        paint.capsule((hand, hand), (0.055 if bare else 0.085,) * 2, kit.gloves, 0.1)


def _head(paint: Painter, kit: Kit, heading_away: float, heading_right: float) -> None:
    paint.hull([("head", 0.125), ("head", 0.12)], (120, 150, 195), 0.1)
    shift = np.array([-0.055 * heading_right, -0.045 + 0.03 * max(heading_away, 0)]) * paint.scale
    paint.uv["_shell"], paint.depth["_shell"] = paint.uv["head"] + shift, paint.depth["head"]
    paint.hull([("_shell", 0.135)], kit.helmet, 0.12)


def _stick(paint: Painter, wide: float = 0.022, tape: Colour = (25, 25, 28)) -> None:
    shaft = (40, 44, 52)
    paint.capsule(("butt", "blade"), (wide, wide), shaft, 0.0, "stick")
    paint.capsule(("blade", "blade_tip"), (1.8 * wide, 1.5 * wide), tape, 0.0, "stick")


def _goalie_joints(stance: Stance, size: float) -> dict[str, np.ndarray]:
    """A goalie in his crouch: knees apart, broad pads before the legs, both gloves out."""
    low = Stance(stance.heading, 0.5 + 0.2 * stance.lean, 0.2 + 0.3 * stance.crouch, 0.0, 0.0, (0.75, -0.25))
    joints = skater_joints(low, size)
    spread = 0.26 + 0.25 * stance.stride
    for side, sign in (("left", 1.0), ("right", -1.0)):
        joints[f"shoulder_{side}"] = joints[f"shoulder_{side}"] + np.array([0.0, sign * 0.07, 0.0])
        joints[f"hand_{side}"] = np.array([0.34, sign * 0.52, 0.66]) * size
        joints[f"elbow_{side}"] = np.array([0.02, sign * 0.46, 0.84]) * size
        for edge, shift in (("in", -0.1), ("out", 0.1)):
            joints[f"pad_top_{side}_{edge}"] = np.array([0.3, sign * (0.2 + shift), 0.72]) * size
            joints[f"pad_foot_{side}_{edge}"] = np.array([0.24, sign * (spread + shift), 0.1]) * size
    joints["butt"] = joints["hand_right"] + np.array([0.0, 0.05, 0.24])
    joints["blade"] = np.array([0.62, -0.1, 0.05])
    joints["blade_tip"] = np.array([0.64, 0.3, 0.05])
    return joints


def _paint_goalie(paint: Painter, kit: Kit, away: float, right: float) -> None:
    _legs(paint, kit, official=False)
    pads = (226, 228, 228) if sum(kit.stripe) < 380 else kit.stripe
    nearer = 0.3 if away < 0.35 else -0.3
    for side in ("left", "right"):
        corners = [(f"pad_{end}_{side}_{edge}", 0.07) for end in ("top", "foot") for edge in ("in", "out")]
        paint.hull(corners, pads, nearer)
        for share in (0.25, 0.55, 0.8):
            ends = [
                paint.uv[f"pad_foot_{side}_{edge}"] * (1 - share) + paint.uv[f"pad_top_{side}_{edge}"] * share
                for edge in ("in", "out")
            ]
            thick = np.array([0.0, 0.03 * paint.scale])
            stripe = np.array([ends[0] - thick, ends[1] - thick, ends[1] + thick, ends[0] + thick])
            paint.polygon(stripe, paint.depth[f"pad_top_{side}_in"] - nearer - 0.03, kit.trousers)
    paint.hull([("shoulder_left", 0.15), ("shoulder_right", 0.15), ("pelvis", 0.26)], kit.shirt, 0.04)
    trunk(paint, kit, away)
    _arms(paint, kit, bare=False)
    paint.capsule(("hand_left", "elbow_left"), (0.19, 0.08), kit.trousers, nearer)
    paint.capsule(("hand_right", "butt"), (0.16, 0.13), pads, nearer)
    _head(paint, kit, away, right)
    if away < 0.2:
        paint.hull([("head", 0.085)], (170, 175, 180), 0.2)
    _stick(paint, 0.045, (215, 215, 215))


def paint_figure(figure: Figure, view: View, folds: np.ndarray, exposure_s: float) -> Patch | None:
    """Paint one person.

    Args:
        figure: who, where and how.
        view: the camera.
        folds: uint8 texture (H, W) that shades the cloth, 128 is neutral.
        exposure_s: how long the shutter is open, seconds; the figure is blurred along its motion in the picture.

    Returns:
        The patch, or None when the person is behind the camera or outside the picture.
    """
    official = figure.kind == "official"
    goalie = figure.kind == "goalie"
    joints = _goalie_joints(figure.stance, figure.size) if goalie else skater_joints(figure.stance, figure.size)
    world = to_world(joints, figure.xy, figure.stance.heading)
    paint = Painter(view, world)
    right, away = seen_heading(figure.heading, view)
    if goalie:
        _paint_goalie(paint, figure.kit, away, right)
    else:
        _legs(paint, figure.kit, official)
        trunk(paint, figure.kit, away)
        _arms(paint, figure.kit, bare=official)
        _head(paint, figure.kit, away, right)
        if not official:
            _stick(paint, tape=TAPES[figure.texture % len(TAPES)])
    return rasterise(paint, figure, view, (world, away), folds, exposure_s)


def seen_heading(heading: float, view: View) -> tuple[float, float]:
    """Return the share of a heading to the right in the picture, and away from the camera."""
    ahead = view.rotation @ np.array([np.cos(heading), np.sin(heading), 0.0])
    flat = ahead[[0, 2]] / max(float(np.hypot(ahead[0], ahead[2])), 1e-6)
    return float(flat[0]), float(flat[1])


def rasterise(
    paint: Painter,
    figure: Body,
    view: View,
    seen: tuple[dict[str, np.ndarray], float],
    folds: np.ndarray,
    exposure_s: float,
) -> Patch | None:
    """Fill the shapes of a figure, far to near, shade and blur them.

    Args:
        paint: with the shapes.
        figure: whose they are.
        view: the camera.
        seen: joints in field metres, and the heading's share away from the camera.
        folds: as of `paint_figure`.
        exposure_s: as of `paint_figure`.

    Returns:
        The patch, or None when it is not in the picture.
    """
    outlines = paint.outlines()
    low, high = np.floor(outlines.low) - 6, np.ceil(outlines.high) + 6
    size = high - low
    if not np.isfinite(size).all() or high.min() < 0 or low[0] >= view.width or low[1] >= view.height:
        return None
    canvas = np.zeros((int(size[1]) * SUPERSAMPLE, int(size[0]) * SUPERSAMPLE, 4), np.uint8)
    _fill(canvas, outlines.polygons, low)
    if figure.number and abs(seen[1]) > 0.25 and (seen[1] > 0 or figure.chest_number):
        _number(canvas, figure, view, seen, low)
    image = cv2.resize(canvas, None, fx=1 / SUPERSAMPLE, fy=1 / SUPERSAMPLE, interpolation=cv2.INTER_AREA)
    _shade(image, folds, figure.texture, paint.scale)
    image = smear(image, _pixel_motion(figure, view) * exposure_s, cv2.BORDER_CONSTANT)
    return Patch(image, int(low[0]), int(low[1]), outlines.box, view.depth(*figure.xy))


def _fill(canvas: np.ndarray, polygons: list[tuple[np.ndarray, Colour]], low: np.ndarray) -> None:
    """Fill convex polygons (pixels) one after the other; the canvas begins at a pixel."""
    corners = np.concatenate([points for points, _ in polygons])
    fixed = np.rint(((corners - low) * SUPERSAMPLE + (SUPERSAMPLE - 1) / 2) * (1 << SHIFT)).astype(np.int32)
    start = 0
    for points, colour in polygons:
        stop = start + len(points)
        cv2.fillConvexPoly(canvas, fixed[start:stop], (*colour, 255), cv2.LINE_AA, SHIFT)
        start = stop


def _pixel_motion(figure: Body, view: View) -> np.ndarray:
    """Return how fast the middle of somebody moves in the picture, pixels a second, shape (2,)."""
    x, y = figure.xy
    there = (x + 0.1 * figure.velocity[0], y + 0.1 * figure.velocity[1], 0.9)
    before, after = view.to_image(np.array([(x, y, 0.9), there]))
    return np.asarray((after - before) / 0.1)


def smear(image: np.ndarray, motion: np.ndarray, border: int) -> np.ndarray:
    """Blur a picture along a straight way, as it moves while the shutter is open.

    It is laid over itself, moved by half the way, then that by a quarter, and so on: as many pictures as the way has
    pixels, in few steps.

    Args:
        image: uint8 (height, width, channels).
        motion: pixels, shape (2,).
        border: OpenCV's kind of what lies beyond the edges.

    Returns:
        The picture; the same one where the way is too short to be seen, or too long to be a smear.
    """
    length = float(np.hypot(*motion))
    if not 1.0 < length < LONGEST_SMEAR_PX:
        return image
    count = int(np.ceil(np.log2(length)))
    moves = [[round(float(part) / 2 ** (step + 1)) for part in motion] for step in range(count)]
    across, down = (sum(abs(move[axis]) for move in moves) for axis in (0, 1))
    left, top = across // 2, down // 2
    laid = cv2.copyMakeBorder(image, top, down - top, left, across - left, border)
    for dx, dy in moves:
        rows, columns = laid.shape[0] - abs(dy), laid.shape[1] - abs(dx)
        one, two = ((max(-s * dx, 0), max(-s * dy, 0)) for s in (1, -1))
        parts = [laid[y : y + rows, x : x + columns] for x, y in (one, two)]
        laid = cv2.addWeighted(parts[0], 0.5, parts[1], 0.5, 0.0)
    return laid


def _shade(image: np.ndarray, folds: np.ndarray, texture: int, scale: float) -> None:
    """Round the figure, in place: dark at its outline and below, with folds in the cloth."""
    height, width = image.shape[:2]
    reach = max(int(0.11 * scale) | 1, 3)
    round_ = cv2.blur(cv2.extractChannel(image, 3), (reach, reach))
    moved = cv2.copyMakeBorder(round_[:, : width - reach // 2], 0, 0, reach // 2, 0, cv2.BORDER_CONSTANT)
    light = cv2.addWeighted(round_, 0.42, moved, -0.12, 140.0)
    y, x = (texture * 37) % (folds.shape[0] // 2), (texture * 101) % (folds.shape[1] // 2)
    cloth = folds[y : y + height, x : x + width]
    if cloth.shape != (height, width):
        cloth = cv2.resize(folds, (width, height))
    light = cv2.multiply(light, cloth, scale=1 / 128)
    cv2.multiply(image, cv2.merge([light, light, light, np.full_like(light, 235)]), dst=image, scale=1 / 235)


def _number(
    canvas: np.ndarray, figure: Body, view: View, seen: tuple[dict[str, np.ndarray], float], low: np.ndarray
) -> None:
    """Put the number onto the back or the chest, whichever is seen."""
    world, side = seen[0], 1.0 if seen[1] > 0 else -1.0
    up = world["chest"] - world["pelvis"]
    ahead, aside = float(np.cos(figure.heading)), float(np.sin(figure.heading))
    left = np.array([-aside, ahead, 0.0])
    back = np.array([ahead * up[2], aside * up[2], -(aside * up[1] + ahead * up[0])]) / float(np.sqrt(up @ up))
    middle = world["pelvis"] + 0.62 * up - side * 0.17 * back * np.sign(back[0] * ahead + back[1] * aside)
    half = side * 0.16 * left
    corners = np.array(
        [middle + half + 0.3 * up, middle - half + 0.3 * up, middle - half - 0.3 * up, middle + half - 0.3 * up]
    )
    target = (view.to_image(corners) - low) * SUPERSAMPLE
    low, high = np.floor(target.min(axis=0)).astype(int), np.ceil(target.max(axis=0)).astype(int) + 1
    left, top = max(int(low[0]), 0), max(int(low[1]), 0)
    under = canvas[top : max(int(high[1]), 0), left : max(int(high[0]), 0)]
    if not under.size:
        return
    matrix = cv2.getPerspectiveTransform(_PLATE, (target - (left, top)).astype(np.float32))
    plate = number_plate(figure.number, figure.kit.numbers)
    warped = cv2.warpPerspective(plate, matrix, (under.shape[1], under.shape[0]))
    cloth = cv2.extractChannel(under, 3)
    warped = cv2.min(warped, cv2.merge([cloth] * 4))
    keep = cv2.bitwise_not(cv2.extractChannel(warped, 3))
    cv2.multiply(under, cv2.merge([keep] * 4), dst=under, scale=1 / 255)
    cv2.add(under, warped, dst=under)


_PLATE = np.array([[0, 0], [64, 0], [64, 56], [0, 56]], np.float32)
_PLATES: dict[tuple[str, Colour], np.ndarray] = {}


def number_plate(number: str, colour: Colour) -> np.ndarray:
    """Premultiplied BGRA picture of a shirt number, 56x64."""
    key = (number, colour)
    if key not in _PLATES:
        plate = np.zeros((56, 64, 4), np.uint8)
        scale = 1.7 if len(number) == 1 else 1.45
        (width, height), _ = cv2.getTextSize(number, cv2.FONT_HERSHEY_SIMPLEX, scale, 8)
        origin = ((64 - width) // 2, (56 + height) // 2)
        cv2.putText(plate, number, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, (*colour, 255), 8, cv2.LINE_AA)
        _PLATES[key] = plate
    return _PLATES[key]


def paint_net(goal_x: float, view: View) -> Patch | None:
    """Paint a goal frame with its net; the goal line lies at x = goal_x, metres, the mouth looks to the middle.

    Returns:
        The patch, or None when it is not in the picture. Size: 6 ft wide, 4 ft high, 44 in deep (NHL rule 2).
    """
    out = np.sign(goal_x)
    w, h, d = 0.915, 1.22, 1.12
    corners = {
        "bl": (0, -w, 0), "tl": (0, -w, h), "tr": (0, w, h), "br": (0, w, 0),
        "kbl": (d, -w * 0.8, 0), "kbr": (d, w * 0.8, 0), "ktl": (0.5, -w * 0.9, h), "ktr": (0.5, w * 0.9, h),
    }  # fmt: skip
    world = {name: np.array([goal_x + out * x, y, z]) for name, (x, y, z) in corners.items()}
    uv = dict(zip(world, view.to_image(np.array(list(world.values()))), strict=True))
    points = np.array(list(uv.values()))
    low, high = np.floor(points.min(axis=0)) - 5, np.ceil(points.max(axis=0)) + 5
    if not np.isfinite(points).all() or high[0] < 0 or high[1] < 0 or low[0] >= view.width or low[1] >= view.height:
        return None
    size = ((high - low) * SUPERSAMPLE).astype(int)
    canvas = np.zeros((size[1], size[0], 4), np.uint8)

    def line(a: np.ndarray, b: np.ndarray, colour: tuple[int, int, int, int], width: int) -> None:
        ends = [np.round((p - low) * SUPERSAMPLE * 16).astype(int) for p in (a, b)]
        cv2.line(canvas, tuple(map(int, ends[0])), tuple(map(int, ends[1])), colour, width, cv2.LINE_AA, 4)

    scale = view.fx / float(np.mean(view.to_camera(np.array(list(world.values())))[:, 2]))
    pipe = max(round(0.07 * scale * SUPERSAMPLE), 2)
    for quad in (
        ("ktl", "ktr", "kbr", "kbl"),
        ("tl", "ktl", "kbl", "bl"),
        ("tr", "ktr", "kbr", "br"),
        ("tl", "tr", "ktr", "ktl"),
    ):
        a, b, c, e = (uv[name] for name in quad)
        for k in np.linspace(0, 1, 9):
            line(a + (b - a) * k, e + (c - e) * k, (120, 120, 120, 130), 1)
            line(a + (e - a) * k, b + (c - b) * k, (120, 120, 120, 130), 1)
    for a, b in (("kbl", "kbr"), ("bl", "kbl"), ("br", "kbr")):
        line(uv[a], uv[b], (225, 225, 230, 255), pipe)
    for a, b in (("bl", "tl"), ("tl", "tr"), ("tr", "br")):
        line(uv[a], uv[b], (40, 30, 200, 255), pipe)
    image = cv2.resize(canvas, None, fx=1 / SUPERSAMPLE, fy=1 / SUPERSAMPLE, interpolation=cv2.INTER_AREA)
    depth = float(view.to_camera(np.array([[goal_x + out * 0.4, 0.0, 0.0]]))[0, 2])
    box = (float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    return Patch(image, int(low[0]), int(low[1]), box, depth)
