"""Articulated figures: skaters, goalies and officials as capsules between joints, and the net.

A pose is a set of joints in metres around the ground point; painting projects the joints of everybody in the picture
and fills the hulls of their capsules, farthest first. Colours are BGR.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import cv2
import numpy as np

from simulation.camera import View
from simulation.patterns import CIRCLE, Outlines, Pattern, Shapes, outlines

BLADE_M = 0.28
BLADE_TURN = 0.5
"""How far the blade is turned inwards from the heading, radians."""
PUCK_REACH_M = 0.43
"""From the blade's heel to a puck that is pushed along in front of its tip."""
SHIFT = 4
SUPERSAMPLE = 2
AROUND_PX = 6
"""Left free around a figure, for what is drawn smoothly."""
LONGEST_SMEAR_PX = 200.0
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

    @property
    def skeleton(self) -> tuple[str, ...]:
        """Names of the joints, in their order; ``chest`` and ``pelvis`` are among them."""

    @staticmethod
    def joints_of(people: Sequence[Any]) -> np.ndarray:
        """Return the joints of people with the same skeleton, field metres, shape (P, J, 3)."""

    def shapes(self, away: float) -> Shapes:
        """Return what lies between the joints, by the share of the heading that points away from the camera."""


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

    @property
    def skeleton(self) -> tuple[str, ...]:
        """Names of the joints."""
        return _GOALIE if self.kind == "goalie" else _SKATER

    @staticmethod
    def joints_of(people: Sequence[Figure]) -> np.ndarray:
        """Return the joints of skaters, or of goalies, field metres, shape (P, J, 3)."""
        found = []
        for one in people:
            joints = (_goalie_joints if one.kind == "goalie" else skater_joints)(one.stance, one.size)
            world = to_world(joints, one.xy, one.stance.heading)
            found.append([world[name] for name in one.skeleton])
        return np.array(found)

    def shapes(self, away: float) -> Shapes:
        """Return what lies between the joints."""
        seen = (away < -0.2, away < 0.2, away < 0.35)
        return _shapes(self.kind, self.kit, TAPES[self.texture % len(TAPES)], seen)


@dataclass
class Patch:
    """A painted figure: premultiplied BGRA, its top left corner and the box of the whole body in pixels."""

    image: np.ndarray
    left: int
    top: int
    box: tuple[float, float, float, float]
    depth: float


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
        start: where the first bone begins, shape (..., N, 3).
        end: where the second ends.
        bones_m: lengths of both, shape (N, 2).
        towards: directions, of any length, shape (..., N, 3).
    """
    first, second = bones_m[:, :1], bones_m[:, 1:]
    way = end - start
    length = np.maximum(np.sqrt((way * way).sum(axis=-1, keepdims=True)), 1e-6)
    reach = np.minimum(length, 0.999 * (first + second))
    along = (first**2 - second**2 + reach**2) / (2 * reach)
    height = np.sqrt(np.maximum(first**2 - along**2, 0.0))
    unit = way / length
    side = towards - unit * (towards * unit).sum(axis=-1, keepdims=True)
    aside = np.maximum(np.sqrt((side * side).sum(axis=-1, keepdims=True)), 1e-6)
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


def _legs(paint: Pattern, kit: Kit, official: bool) -> None:
    for side in ("left", "right"):
        knee, ankle, hip = f"knee_{side}", f"ankle_{side}", f"hip_{side}"
        paint.capsule((f"heel_{side}", f"toe_{side}"), (0.02, 0.02), (205, 205, 205), 0.0)
        paint.beside(f"_toe_{side}", f"toe_{side}", down=-0.07, depth_of=ankle)
        paint.beside(f"_heel_{side}", f"heel_{side}", down=-0.08, depth_of=ankle)
        paint.capsule((f"_heel_{side}", f"_toe_{side}"), (0.065, 0.045), (30, 28, 28), 0.01)
        paint.capsule((ankle, knee), (0.06, 0.095), kit.trousers if official else kit.socks, 0.0)
        if not official:
            paint.band((ankle, knee), (0.35, 0.5), 0.085, kit.stripe)
            paint.band((ankle, knee), (0.62, 0.7), 0.092, kit.stripe)
        paint.capsule((knee, hip), (0.1, 0.145), kit.trousers, 0.02)
    paint.capsule(("hip_left", "hip_right"), (0.15, 0.15), kit.trousers, 0.03)


def trunk(paint: Pattern, kit: Kit, crest: bool) -> None:
    """Add the trunk, with a crest where the chest is seen and has one."""
    paint.hull([("shoulder_left", 0.12), ("shoulder_right", 0.12), ("pelvis", 0.19)], kit.shirt, 0.05)
    if kit.striped:
        paint.stripes(("shoulder_left", "shoulder_right", "pelvis"), "chest", 0.08, kit.stripe)
        return
    paint.band(("chest", "pelvis"), (0.84, 1.0), 0.2, kit.stripe, 0.07)
    paint.band(("chest", "pelvis"), (0.66, 0.74), 0.21, kit.stripe, 0.07)
    if kit.yoke is not None:
        paint.hull([("shoulder_left", 0.12), ("shoulder_right", 0.12)], kit.yoke, 0.06)
    if crest:
        paint.between("_crest", ("chest", "pelvis"), 0.45)
        paint.plate([("_crest", x, y) for x, y in CIRCLE * 0.085], "chest", 0.2, kit.numbers)
        paint.plate([("_crest", x, y) for x, y in CIRCLE * 0.05], "chest", 0.21, kit.stripe)


def _arms(paint: Pattern, kit: Kit, bare: bool) -> None:
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


def _head(paint: Pattern, kit: Kit) -> None:
    paint.hull([("head", 0.125), ("head", 0.12)], (120, 150, 195), 0.1)
    paint.beside("_shell", "head", down=-0.045, turned=-0.055, away=0.03)
    paint.hull([("_shell", 0.135)], kit.helmet, 0.12)


def _stick(paint: Pattern, wide: float = 0.022, tape: Colour = (25, 25, 28)) -> None:
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


_SKATER, _GOALIE = (tuple(joints(Stance(0.0), 1.0)) for joints in (skater_joints, _goalie_joints))


def _goalie(paint: Pattern, kit: Kit, seen: tuple[bool, bool, bool]) -> None:
    """Add a goalie; for ``seen`` see `_shapes`."""
    crest, mask, front = seen
    _legs(paint, kit, official=False)
    pads = (226, 228, 228) if sum(kit.stripe) < 380 else kit.stripe
    nearer = 0.3 if front else -0.3
    for side in ("left", "right"):
        corners = [(f"pad_{end}_{side}_{edge}", 0.07) for end in ("top", "foot") for edge in ("in", "out")]
        paint.hull(corners, pads, nearer)
        for share in (0.25, 0.55, 0.8):
            ends = [f"_pad_{side}_{edge}_{share}" for edge in ("in", "out")]
            for edge, end in zip(("in", "out"), ends, strict=True):
                paint.between(end, (f"pad_foot_{side}_{edge}", f"pad_top_{side}_{edge}"), share)
            stripe = [(ends[0], -0.03), (ends[1], -0.03), (ends[1], 0.03), (ends[0], 0.03)]
            paint.plate([(end, 0.0, down) for end, down in stripe], f"pad_top_{side}_in", nearer + 0.03, kit.trousers)
    paint.hull([("shoulder_left", 0.15), ("shoulder_right", 0.15), ("pelvis", 0.26)], kit.shirt, 0.04)
    trunk(paint, kit, crest)
    _arms(paint, kit, bare=False)
    paint.capsule(("hand_left", "elbow_left"), (0.19, 0.08), kit.trousers, nearer)
    paint.capsule(("hand_right", "butt"), (0.16, 0.13), pads, nearer)
    _head(paint, kit)
    if mask:
        paint.hull([("head", 0.085)], (170, 175, 180), 0.2)
    _stick(paint, 0.045, (215, 215, 215))


@functools.lru_cache(maxsize=1024)
def _shapes(kind: str, kit: Kit, tape: Colour, seen: tuple[bool, bool, bool]) -> Shapes:
    """Return the shapes of somebody on skates.

    Args:
        kind: `player`, `goalie` or `official`.
        kit: what is worn.
        tape: colour of the stick's blade.
        seen: whether the crest, a goalie's mask and the front of his pads are towards the camera.
    """
    if kind == "goalie":
        paint = Pattern(_GOALIE)
        _goalie(paint, kit, seen)
        return paint.shapes()
    paint, official = Pattern(_SKATER), kind == "official"
    _legs(paint, kit, official)
    trunk(paint, kit, seen[0])
    _arms(paint, kit, bare=official)
    _head(paint, kit)
    if not official:
        _stick(paint, tape=tape)
    return paint.shapes()


def paint_people(people: Sequence[Body], view: View, folds: np.ndarray, exposure_s: float) -> list[Patch | None]:
    """Paint people, each on a patch.

    Args:
        people: who, where and how.
        view: the camera.
        folds: uint8 texture (H, W) that shades the cloth, 128 is neutral.
        exposure_s: how long the shutter is open, seconds; figures are blurred along their motion in the picture.

    Returns:
        Their patches, None for who is behind the camera or outside the picture.
    """
    found: list[Patch | None] = [None] * len(people)
    for skeleton in dict.fromkeys(one.skeleton for one in people):
        alike = [number for number, one in enumerate(people) if one.skeleton is skeleton]
        posed = _posed([people[number] for number in alike], view)
        for number, patch in zip(alike, _patches(posed, view, folds, exposure_s), strict=True):
            found[number] = patch
    return found


@dataclass(frozen=True)
class _Posed:
    """People with the same skeleton before a camera.

    Attributes:
        people: who they are.
        joints: field metres, shape (P, J, 3).
        away: share of each heading that points away from the camera, shape (P,).
        scale: pixels per metre at each of them, shape (P,).
        outlines: of their shapes.
    """

    people: Sequence[Body]
    joints: np.ndarray
    away: np.ndarray
    scale: np.ndarray
    outlines: Outlines


def _posed(people: Sequence[Body], view: View) -> _Posed:
    joints = people[0].joints_of(people)
    local = view.to_camera(joints.reshape(-1, 3))
    depth = local[:, 2].reshape(len(people), -1)
    scale = view.fx / depth.mean(axis=1)
    headings = _seen_headings(np.array([one.heading for one in people]), view)
    shapes = [one.shapes(away) for one, away in zip(people, headings[:, 1].tolist(), strict=True)]
    uv = view.project(local).reshape(len(people), -1, 2)
    return _Posed(people, joints, headings[:, 1], scale, outlines(shapes, uv, depth, scale, headings))


def _seen_headings(headings: np.ndarray, view: View) -> np.ndarray:
    """Return the shares of headings (P,) to the right in the picture, and away from the camera, shape (P, 2)."""
    flat = np.column_stack([np.cos(headings), np.sin(headings)]) @ view.rotation[[0, 2], :2].T
    return np.asarray(flat / np.maximum(np.hypot(flat[:, 0], flat[:, 1]), 1e-6)[:, None])


def _patches(posed: _Posed, view: View, folds: np.ndarray, exposure_s: float) -> list[Patch | None]:
    """Fill the shapes of everybody, far to near, shade and blur them; None for who is not in the picture."""
    lines = posed.outlines
    low, high = np.floor(lines.low) - AROUND_PX, np.ceil(lines.high) + AROUND_PX
    inside = (high.min(axis=1) >= 0) & (low[:, 0] < view.width) & (low[:, 1] < view.height)
    inside &= np.isfinite(high - low).all(axis=1)
    low, high = (np.where(inside[:, None], edge, 0.0) for edge in (low, high))
    corners = _fixed(lines, low)
    bounds = np.searchsorted(lines.owners, np.arange(len(low) + 1)).tolist()
    plates = (_plates(posed, view) - low[:, None]) * SUPERSAMPLE
    motions = _pixel_motions(posed.people, view) * exposure_s
    depths = view.to_camera(np.array([(*one.xy, 0.0) for one in posed.people]))[:, 2].tolist()
    sizes, starts = (high - low).astype(int).tolist(), low.astype(int).tolist()
    found: list[Patch | None] = []
    for number, figure in enumerate(posed.people):
        if not inside[number]:
            found.append(None)
            continue
        (width, height), (left, top) = sizes[number], starts[number]
        canvas = np.zeros((height * SUPERSAMPLE, width * SUPERSAMPLE, 4), np.uint8)
        for index in range(bounds[number], bounds[number + 1]):
            cv2.fillConvexPoly(canvas, corners[index], lines.colours[index], cv2.LINE_AA, SHIFT)
        if figure.number and abs(posed.away[number]) > 0.25 and (posed.away[number] > 0 or figure.chest_number):
            _number(canvas, figure, plates[number])
        image = cv2.resize(canvas, None, fx=1 / SUPERSAMPLE, fy=1 / SUPERSAMPLE, interpolation=cv2.INTER_AREA)
        _shade(image, folds, figure.texture, float(posed.scale[number]))
        image = smear(image, motions[number], cv2.BORDER_CONSTANT)
        box = lines.boxes[number].tolist()
        found.append(Patch(image, left, top, (box[0], box[1], box[2], box[3]), depths[number]))
    return found


def _fixed(lines: Outlines, low: np.ndarray) -> list[np.ndarray]:
    """Return the corners of polygons in the order in which they are filled, as OpenCV wants them: int32, shifted.

    Args:
        lines: the polygons, pixels.
        low: where the canvas of each person begins, pixels, shape (P, 2).
    """
    polygons = [lines.polygons[number] for number in lines.order]
    sizes = np.array([len(polygon) for polygon in polygons])
    corners = np.concatenate(polygons) - low[np.repeat(lines.owners, sizes)]
    fixed = np.rint((corners * SUPERSAMPLE + (SUPERSAMPLE - 1) / 2) * (1 << SHIFT)).astype(np.int32)
    ends = np.cumsum(sizes).tolist()
    return [fixed[end - size : end] for end, size in zip(ends, sizes.tolist(), strict=True)]


def _pixel_motions(people: Sequence[Body], view: View) -> np.ndarray:
    """Return how fast the middles of people move in the picture, pixels a second, shape (P, 2)."""
    xy, velocity = np.array([one.xy for one in people]), np.array([one.velocity for one in people])
    before, after = (np.column_stack([at, np.full(len(at), 0.9)]) for at in (xy, xy + 0.1 * velocity))
    return np.asarray((view.to_image(after) - view.to_image(before)) / 0.1)


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


def _plates(posed: _Posed, view: View) -> np.ndarray:
    """Return the corners of everybody's number on the back or the chest, whichever is seen, pixels, shape (P, 4, 2)."""
    skeleton = posed.people[0].skeleton
    chest, pelvis = (posed.joints[:, skeleton.index(name)] for name in ("chest", "pelvis"))
    side = np.where(posed.away > 0, 1.0, -1.0)[:, None]
    heading = np.array([one.heading for one in posed.people])
    ahead, aside, nothing = np.cos(heading), np.sin(heading), np.zeros(len(heading))
    up = chest - pelvis
    back = np.column_stack([ahead * up[:, 2], aside * up[:, 2], -(aside * up[:, 1] + ahead * up[:, 0])])
    back /= np.sqrt((up * up).sum(axis=1, keepdims=True))
    outwards = np.sign(back[:, 0] * ahead + back[:, 1] * aside)[:, None]
    middle = pelvis + 0.62 * up - side * 0.17 * back * outwards
    half, tall = side * 0.16 * np.column_stack([-aside, ahead, nothing]), 0.3 * up
    corners = np.stack([middle + half + tall, middle - half + tall, middle - half - tall, middle + half - tall], axis=1)
    return view.to_image(corners.reshape(-1, 3)).reshape(-1, 4, 2)


def _number(canvas: np.ndarray, figure: Body, corners: np.ndarray) -> None:
    """Put the number onto a figure, between four corners of its canvas, shape (4, 2)."""
    low, high = np.floor(corners.min(axis=0)).astype(int), np.ceil(corners.max(axis=0)).astype(int) + 1
    left, top = max(int(low[0]), 0), max(int(low[1]), 0)
    under = canvas[top : max(int(high[1]), 0), left : max(int(high[0]), 0)]
    if not under.size:
        return
    matrix = cv2.getPerspectiveTransform(_PLATE, (corners - (left, top)).astype(np.float32))
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
