"""Articulated figures: skaters, goalies and officials as capsules between joints, and the net.

A pose is a set of joints in metres around the ground point; painting projects the joints and fills the hulls of
their capsules, farthest first. Colours are BGR.
"""

from __future__ import annotations

from dataclasses import dataclass, field
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
_ANGLES = np.linspace(0, 2 * np.pi, 12, endpoint=False)
_CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
Colour = tuple[int, int, int]
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


@dataclass
class _Shapes:
    """Convex polygons in pixels with colour and depth, and the extent of those that belong to the body."""

    items: list[tuple[float, np.ndarray, Colour]] = field(default_factory=list)
    body: list[np.ndarray] = field(default_factory=list)
    stick: list[np.ndarray] = field(default_factory=list)


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
        joints[f"knee_{side}"] = bend(hip, joints[f"ankle_{side}"], 0.47, 0.45, np.array([1.0, sign * 0.25, 0.2]))
        turn = 0.5 * push * sign
        along = np.array([np.cos(turn), np.sin(turn), 0.0])
        joints[f"heel_{side}"], joints[f"toe_{side}"] = foot - 0.13 * along, foot + 0.16 * along
        joints[f"shoulder_{side}"] = chest + np.array([0.0, sign * 0.21, 0.0])
    _hands(joints, stance)
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
    for name, way in (("left", 1.0), ("right", -1.0)):
        joints[f"elbow_{name}"] = bend(
            joints[f"shoulder_{name}"], joints[f"hand_{name}"], 0.31, 0.3, np.array([-0.5, way * 0.9, -0.35])
        )


def bend(start: np.ndarray, end: np.ndarray, first: float, second: float, towards: np.ndarray) -> np.ndarray:
    """Return the middle joint of two bones from start to end, bent towards a direction (law of cosines)."""
    way = end - start
    length = float(np.linalg.norm(way))
    reach = min(max(length, 1e-6), 0.999 * (first + second))
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    height = np.sqrt(max(first**2 - along**2, 0.0))
    unit = way / max(length, 1e-6)
    side = towards - unit * float(towards @ unit)
    return start + unit * along * (length / reach) + height * side / max(float(np.linalg.norm(side)), 1e-6)


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
        shapes: what was added.
    """

    def __init__(self, view: View, joints: dict[str, np.ndarray]) -> None:
        names = list(joints)
        points = np.array([joints[name] for name in names])
        depth = view.to_camera(points)[:, 2]
        pixels = view.to_image(points)
        self.uv = dict(zip(names, pixels, strict=True))
        self.depth = dict(zip(names, depth, strict=True))
        self.scale = view.fx / float(np.mean(depth))
        self.shapes = _Shapes()

    def capsule(
        self, ends: tuple[str, str], radii: tuple[float, float], colour: Colour, nearer: float = 0.0, part: str = "body"
    ) -> None:
        """Add the hull of two circles (radii in metres)."""
        first, second = self.uv[ends[0]], self.uv[ends[1]]
        hull = np.vstack([first + _CIRCLE * radii[0] * self.scale, second + _CIRCLE * radii[1] * self.scale])
        hull = cv2.convexHull(hull.astype(np.float32))[:, 0]
        depth = (self.depth[ends[0]] + self.depth[ends[1]]) / 2 - nearer
        self.shapes.items.append((depth, hull, colour))
        getattr(self.shapes, part).append(hull)

    def band(
        self, ends: tuple[str, str], span: tuple[float, float], radius: float, colour: Colour, nearer: float = 0.0
    ) -> None:
        """Add a stripe across a capsule, from one fraction of its length to another."""
        first, second = self.uv[ends[0]], self.uv[ends[1]]
        way = second - first
        length = float(np.hypot(*way))
        if length < 1e-3:
            return
        normal = np.array([-way[1], way[0]]) / length * radius * self.scale
        low, high = first + way * span[0], first + way * span[1]
        depth = (self.depth[ends[0]] + self.depth[ends[1]]) / 2 - nearer - 0.01
        self.shapes.items.append((depth, np.array([low - normal, low + normal, high + normal, high - normal]), colour))

    def hull(self, circles: list[tuple[str, float]], colour: Colour, nearer: float = 0.0) -> None:
        """Add the hull of several circles (radius in metres)."""
        points = np.vstack([self.uv[name] + _CIRCLE * radius * self.scale for name, radius in circles])
        outline = cv2.convexHull(points.astype(np.float32))[:, 0]
        depth = float(np.mean([self.depth[name] for name, _ in circles])) - nearer
        self.shapes.items.append((depth, outline, colour))
        self.shapes.body.append(outline)

    def polygon(self, points: np.ndarray, depth: float, colour: Colour) -> None:
        """Add a polygon in pixels that adds nothing to the body's outline."""
        self.shapes.items.append((depth, points, colour))


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
    outline = np.vstack(paint.shapes.body + paint.shapes.stick)
    body = np.vstack(paint.shapes.body)
    low, high = np.floor(outline.min(axis=0)) - 6, np.ceil(outline.max(axis=0)) + 6
    if not np.isfinite(outline).all() or high[0] < 0 or high[1] < 0 or low[0] >= view.width or low[1] >= view.height:
        return None
    size = ((high - low) * SUPERSAMPLE).astype(int)
    canvas = np.zeros((size[1], size[0], 4), np.uint8)
    for _, points, colour in sorted(paint.shapes.items, key=lambda item: -item[0]):
        fixed = np.round(((points - low) * SUPERSAMPLE + (SUPERSAMPLE - 1) / 2) * (1 << SHIFT)).astype(np.int32)
        cv2.fillConvexPoly(canvas, fixed, (*colour, 255), cv2.LINE_AA, SHIFT)
    if figure.number and abs(seen[1]) > 0.25 and (seen[1] > 0 or figure.chest_number):
        _number(canvas, figure, view, seen, low)
    _shade(canvas, folds, figure.texture, paint.scale)
    image = cv2.resize(canvas, None, fx=1 / SUPERSAMPLE, fy=1 / SUPERSAMPLE, interpolation=cv2.INTER_AREA)
    image = _blur_along(image, _pixel_motion(figure, view) * exposure_s)
    box = (*body.min(axis=0), *body.max(axis=0))
    depth = float(view.to_camera(np.array([[*figure.xy, 0.0]]))[0, 2])
    return Patch(image, int(low[0]), int(low[1]), tuple(float(v) for v in box), depth)


def _pixel_motion(figure: Body, view: View) -> np.ndarray:
    here = np.array([[*figure.xy, 0.9]])
    there = here + np.array([[*figure.velocity, 0.0]]) * 0.1
    return (view.to_image(there) - view.to_image(here))[0] / 0.1


def line_kernel(motion: np.ndarray) -> np.ndarray | None:
    """Kernel of a straight smear, pixels (2,); None when it is too short to be seen."""
    length = float(np.hypot(*motion))
    if not 1.0 < length < 60:
        return None
    half = int(np.ceil(length / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    centre = np.array([half, half], float)
    ends = [np.round((centre + sign * motion / 2) * 16).astype(int) for sign in (-1, 1)]
    cv2.line(kernel, tuple(int(v) for v in ends[0]), tuple(int(v) for v in ends[1]), 1.0, 1, cv2.LINE_8, 4)
    return kernel / kernel.sum()


def _blur_along(image: np.ndarray, motion: np.ndarray) -> np.ndarray:
    kernel = line_kernel(motion)
    return image if kernel is None else cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_CONSTANT)


def _shade(canvas: np.ndarray, folds: np.ndarray, texture: int, scale: float) -> None:
    """Round the figure: dark at its outline and below, with folds in the cloth."""
    height, width = canvas.shape[:2]
    reach = max(int(0.11 * scale * SUPERSAMPLE) | 1, 3)
    round_ = cv2.blur(canvas[:, :, 3], (reach, reach))
    light = cv2.addWeighted(round_, 0.42, round_, 0.0, 128.0)
    light = cv2.addWeighted(light, 1.0, np.roll(round_, reach // 2, axis=1), -0.12, 12.0)
    y, x = (texture * 37) % (folds.shape[0] // 2), (texture * 101) % (folds.shape[1] // 2)
    cloth = folds[y : y + height, x : x + width]
    if cloth.shape != (height, width):
        cloth = cv2.resize(folds, (width, height))
    light = cv2.multiply(light, cloth, scale=1 / 128)
    canvas[:, :, :3] = cv2.multiply(canvas[:, :, :3], cv2.merge([light] * 3), scale=1 / 235)


def _number(
    canvas: np.ndarray, figure: Body, view: View, seen: tuple[dict[str, np.ndarray], float], low: np.ndarray
) -> None:
    """Put the number onto the back or the chest, whichever is seen."""
    world, side = seen[0], 1.0 if seen[1] > 0 else -1.0
    up = world["chest"] - world["pelvis"]
    heading = np.array([np.cos(figure.heading), np.sin(figure.heading), 0.0])
    left = np.array([-heading[1], heading[0], 0.0])
    back = np.cross(left, up / np.linalg.norm(up))
    middle = world["pelvis"] + 0.62 * up - side * 0.17 * back * np.sign(back @ heading)
    half = side * 0.16 * left
    corners = np.array(
        [middle + half + 0.3 * up, middle - half + 0.3 * up, middle - half - 0.3 * up, middle + half - 0.3 * up]
    )
    target = (view.to_image(corners) - low) * SUPERSAMPLE
    plate = number_plate(figure.number, figure.kit.numbers)
    source = np.array([[0, 0], [64, 0], [64, 56], [0, 56]], np.float32)
    matrix = cv2.getPerspectiveTransform(source, target.astype(np.float32))
    warped = cv2.warpPerspective(plate, matrix, (canvas.shape[1], canvas.shape[0]))
    keep = 255 - warped[:, :, 3]
    canvas[:, :, :3] = cv2.add(cv2.multiply(canvas[:, :, :3], cv2.merge([keep] * 3), scale=1 / 255), warped[:, :, :3])


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
