"""Figures on shoes: football, soccer and basketball players and officials, from where parts of their bodies are.

A body is known by a few parts (head, torso, hands, feet), metres in the field frame; trunk, knees and elbows follow
from the lengths of a grown person's bones. Colours are BGR.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from simulation.camera import View
from simulation.figures import LIMBS, Colour, Kit, Patch, bend, trunk
from simulation.patterns import Pattern, Shapes

WEARS = ("football", "shirt")
SKINS: tuple[Colour, ...] = ((135, 165, 210), (110, 145, 195), (70, 100, 150), (45, 70, 110), (35, 50, 80))
HAIRS: tuple[Colour, ...] = ((20, 22, 26), (28, 40, 62), (60, 90, 130), (30, 30, 34))
SHOES: tuple[Colour, ...] = ((25, 25, 28), (235, 235, 235), (40, 60, 210), (60, 210, 230))
BONES_M = np.array([[0.47, 0.45], [0.47, 0.45], [0.31, 0.29], [0.31, 0.29]])  # thighs and shins, arms
BALLS: Mapping[str, tuple[np.ndarray, Colour, Colour]] = {
    "basketball": (np.full(3, 0.12), (40, 110, 215), (20, 55, 120)),
    "football": (np.array([0.14, 0.085, 0.085]), (38, 72, 128), (20, 40, 80)),
    "soccer": (np.full(3, 0.11), (236, 238, 238), (60, 60, 64)),
}  # half axes in metres, colour, colour of the side in the shade
TOP_SPEED = 8.0  # m/s, at which a stride is longest
PARTS = ("head", "torso", "left_foot", "right_foot", "left_hand", "right_hand")
_UPRIGHT = np.array([
    (0.05, 0.0, 1.70), (0.0, 0.0, 1.15), (0.02, 0.14, 0.0), (-0.02, -0.14, 0.0), (0.12, 0.28, 0.88), (0.12, -0.28, 0.88)
])  # fmt: skip
"""Where the parts of somebody are who stands: metres ahead, to the left and up."""
_STRIDE, _LEAN = np.array([0.0, 0.0, 0.55, 0.55, -0.4, -0.4]), np.array([0.24, 0.12, 0.0, 0.0, 0.0, 0.0])
_RISE, _LIFT = np.array([-0.06, -0.06, 0.0, 0.0, 0.25, 0.25]), np.array([0.0, 0.0, 0.35, 0.35, 0.0, 0.0])
_SIDES = np.array([-1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
"""How far each part goes ahead and up in a stride: with its side's swing, always, and as its side is lifted."""
_ENDS = ("hip", "ankle", "heel", "toe", "shoulder", "hand")
_TRUNK = ("head", "chest", "pelvis")
SKELETON = (*_TRUNK, *(f"{name}_{side}" for side in ("left", "right") for name in _ENDS), *LIMBS)
_BEGINS, _FINISHES = ([SKELETON.index(pair[end]) for pair in LIMBS.values()] for end in (0, 1))


@dataclass(frozen=True)
class Athlete:
    """A person to paint.

    Attributes:
        entity: id of the person.
        kind: `player` or `official`.
        xy: ground point, field metres.
        heading: where the person faces, radians in the field frame.
        parts: `head`, `torso`, both feet and both hands, field metres, shape (3,) each; feet at the ground they touch.
        kit: what the person wears.
        wear: `football` for helmet and pads, `shirt` for shirt and shorts.
        velocity: field metres a second, for motion blur.
        number: on chest and back, empty for none.
        texture: seed of the cloth's folds, of skin, hair and shoes.
    """

    entity: str
    kind: str
    xy: tuple[float, float]
    heading: float
    parts: Mapping[str, np.ndarray]
    kit: Kit
    wear: str = "shirt"
    velocity: tuple[float, float] = (0.0, 0.0)
    number: str = ""
    texture: int = 0
    chest_number: ClassVar[bool] = True

    @property
    def skeleton(self) -> tuple[str, ...]:
        """Names of the joints."""
        return SKELETON

    @staticmethod
    def joints_of(people: Sequence[Athlete]) -> np.ndarray:
        """Return the joints of people, field metres, shape (P, J, 3)."""
        parts = np.array([[one.parts[name] for name in PARTS] for one in people], float)
        shoulders = np.array([0.27 if one._padded else 0.2 for one in people])
        return _joints(parts, np.array([one.heading for one in people]), shoulders)

    def shapes(self, away: float) -> Shapes:
        """Return what lies between the joints, by the share of the heading that points away from the camera."""
        skin, shoe = SKINS[self.texture % len(SKINS)], SHOES[self.texture % len(SHOES)]
        if self._padded:
            return _padded_shapes(self.kit, skin, shoe, away <= 0.45)
        return _shapes(self.kit, (self.wear, self.kind == "official"), (skin, shoe, self._cap), away > -0.3)

    @property
    def _padded(self) -> bool:
        return self.wear == "football" and self.kind == "player"

    @property
    def _cap(self) -> Colour:
        if self.wear == "football" and self.kind == "official":
            return (28, 26, 26) if self.texture % 7 else (235, 235, 235)
        return HAIRS[self.texture % len(HAIRS)]


def standing(xy: tuple[float, float], heading: float, speed: float = 0.0, phase: float = 0.0) -> dict[str, np.ndarray]:
    """Return the parts of somebody upright who stands or runs.

    Args:
        xy: ground point, field metres.
        heading: radians in the field frame.
        speed: m/s; arms and legs swing with it.
        phase: of the stride, radians.
    """
    one = (np.array([value]) for value in (heading, speed, phase))
    return dict(zip(PARTS, strides(np.array([xy], float), *one)[0], strict=True))


def strides(xy: np.ndarray, heading: np.ndarray, speed: np.ndarray, phase: np.ndarray) -> np.ndarray:
    """Return the parts of people as `standing` does, shape (P, 6, 3) in the order of ``PARTS``.

    Args:
        xy: ground points, shape (P, 2).
        heading: shape (P,).
        speed: shape (P,).
        phase: shape (P,).
    """
    effort = np.minimum(speed / TOP_SPEED, 1.0)[:, None]
    swing, lift = np.sin(phase)[:, None] * _SIDES, np.maximum(np.cos(phase)[:, None] * _SIDES, 0.0)
    ahead = _UPRIGHT[:, 0] + effort * (_LEAN + _STRIDE * swing)
    up = _UPRIGHT[:, 2] + effort * (_RISE + _LIFT * lift)
    cos, sin = np.cos(heading)[:, None], np.sin(heading)[:, None]
    x, y = cos * ahead - sin * _UPRIGHT[:, 1], sin * ahead + cos * _UPRIGHT[:, 1]
    return np.stack([xy[:, :1] + x, xy[:, 1:] + y, up], axis=2)


def joints(parts: Mapping[str, np.ndarray], heading: float, half_shoulders: float) -> dict[str, np.ndarray]:
    """Return the joints of a body, field metres.

    Args:
        parts: as of `Athlete`.
        heading: radians in the field frame.
        half_shoulders: from the spine to a shoulder, metres.
    """
    known = np.array([[parts[name] for name in PARTS]], float)
    return dict(zip(SKELETON, _joints(known, np.array([heading]), np.array([half_shoulders]))[0], strict=True))


def _joints(parts: np.ndarray, headings: np.ndarray, half_shoulders: np.ndarray) -> np.ndarray:
    """Return the joints of bodies in the order of ``SKELETON``, shape (P, J, 3), from parts in that of ``PARTS``."""
    ahead = np.column_stack([np.cos(headings), np.sin(headings), np.zeros(len(headings))])
    left = np.column_stack([-ahead[:, 1], ahead[:, 0], ahead[:, 2]])
    head, torso, feet, hands = parts[:, 0], parts[:, 1], parts[:, 2:4], parts[:, 4:6]
    spine = head - torso
    up = spine / np.maximum(np.sqrt((spine * spine).sum(axis=1, keepdims=True)), 1e-6)
    chest, pelvis = head - 0.27 * up, torso - 0.14 * up
    found = [head, chest, pelvis]
    for side, sign in enumerate((1.0, -1.0)):
        foot = feet[:, side]
        found += [pelvis + sign * 0.12 * left, foot - 0.05 * ahead + (0.0, 0.0, 0.1)]
        found += [foot - 0.1 * ahead + (0.0, 0.0, 0.05), foot + 0.16 * ahead + (0.0, 0.0, 0.04)]
        found += [chest + sign * half_shoulders[:, None] * left, hands[:, side]]
    known = np.stack(found, axis=1)
    knees = [ahead + sign * 0.2 * left for sign in (1.0, -1.0)]
    elbows = [-0.6 * ahead + sign * 0.7 * left - (0.0, 0.0, 0.4) for sign in (1.0, -1.0)]
    towards = np.stack(knees + elbows, axis=1)
    return np.concatenate([known, bend(known[:, _BEGINS], known[:, _FINISHES], BONES_M, towards)], axis=1)


def _legs(paint: Pattern, kit: Kit, wear: str, official: bool, shoe: Colour, skin: Colour) -> None:
    long = official or wear == "football"
    for side in ("left", "right"):
        knee, ankle, hip = f"knee_{side}", f"ankle_{side}", f"hip_{side}"
        paint.capsule((f"heel_{side}", f"toe_{side}"), (0.055, 0.045), shoe, 0.01)
        paint.capsule((ankle, knee), (0.05, 0.075), kit.trousers if official else kit.socks, 0.0)
        if not long:
            paint.band((ankle, knee), (0.72, 1.0), 0.075, skin, 0.0)
        paint.capsule((knee, hip), (0.085, 0.125), kit.trousers if long else skin, 0.02)
        if not long:
            paint.band((knee, hip), (0.35, 1.0), 0.14, kit.trousers, 0.02)
        elif not official:
            paint.band((knee, hip), (0.0, 0.12), 0.09, kit.socks, 0.02)
    paint.capsule(("hip_left", "hip_right"), (0.135, 0.135), kit.trousers, 0.03)


def _pads(paint: Pattern, kit: Kit) -> None:
    """Shirt over shoulder pads."""
    paint.hull([("shoulder_left", 0.13), ("shoulder_right", 0.13), ("pelvis", 0.17)], kit.shirt, 0.05)
    if kit.yoke is not None:
        paint.hull([("shoulder_left", 0.13), ("shoulder_right", 0.13)], kit.yoke, 0.06)
    paint.band(("chest", "pelvis"), (0.93, 1.0), 0.17, kit.stripe, 0.07)


def _arms(paint: Pattern, kit: Kit, skin: Colour, padded: bool) -> None:
    thick = (0.11, 0.085) if padded else (0.08, 0.065)
    for side in ("left", "right"):
        shoulder, elbow, hand = f"shoulder_{side}", f"elbow_{side}", f"hand_{side}"
        paint.capsule((shoulder, elbow), thick, kit.yoke or kit.shirt, 0.06)
        paint.band((shoulder, elbow), (0.7, 0.95), thick[1], kit.stripe, 0.07)
        paint.capsule((elbow, hand), (0.055, 0.045), kit.shirt if kit.striped else skin, 0.07)
        paint.capsule((hand, hand), (0.06,) * 2, kit.gloves if padded else skin, 0.1)


def _helmet(paint: Pattern, kit: Kit, face: bool) -> None:
    """Shell, its stripe, and before the face a dark opening with the mask's bars."""
    paint.hull([("head", 0.155)], kit.helmet, 0.12)
    paint.beside("_crown", "head", down=-0.13)
    paint.band(("_crown", "head"), (0.0, 0.75), 0.03, kit.stripe, 0.14)
    if not face:
        return
    paint.beside("_face", "head", down=0.035, turned=0.1)
    opening = [(-0.075, -0.05), (0.075, -0.05), (0.075, 0.07), (-0.075, 0.07)]
    paint.plate([("_face", x, y) for x, y in opening], "head", 0.3, (40, 40, 46))
    for row in (0.0, 0.045):
        bar = [(-0.085, row), (0.085, row), (0.085, row + 0.015), (-0.085, row + 0.015)]
        colour = kit.stripe if sum(kit.helmet) > 600 else (205, 205, 205)
        paint.plate([("_face", x, y) for x, y in bar], "head", 0.31, colour)


def _bare_head(paint: Pattern, skin: Colour, hair: Colour, behind: bool) -> None:
    paint.hull([("head", 0.115)], skin, 0.1)
    paint.beside("_hair", "head", down=-0.04, turned=-0.035, away=0.035)
    paint.hull([("_hair", 0.115)], hair, 0.12 if behind else 0.09)


@functools.lru_cache(maxsize=1024)
def _padded_shapes(kit: Kit, skin: Colour, shoe: Colour, face: bool) -> Shapes:
    """Return the shapes of a football player, whose face is seen or not."""
    paint = Pattern(SKELETON)
    _legs(paint, kit, "football", False, shoe, skin)
    _pads(paint, kit)
    _arms(paint, kit, skin, True)
    _helmet(paint, kit, face)
    return paint.shapes()


@functools.lru_cache(maxsize=1024)
def _shapes(kit: Kit, wear: tuple[str, bool], colours: tuple[Colour, Colour, Colour], behind: bool) -> Shapes:
    """Return the shapes of somebody without helmet and pads.

    Args:
        kit: what is worn.
        wear: as of `Athlete`, and whether it is an official.
        colours: of skin, shoes, and hair or cap.
        behind: whether the head is seen from behind or from the side.
    """
    paint, (skin, shoe, cap) = Pattern(SKELETON), colours
    _legs(paint, kit, *wear, shoe, skin)
    trunk(paint, kit, False)
    _arms(paint, kit, skin, False)
    _bare_head(paint, skin, cap, behind)
    return paint.shapes()


def paint_ball(xyz: tuple[float, ...], view: View, smear_m: np.ndarray, sport: str = "soccer") -> Patch | None:
    """Paint a ball, smeared along its motion.

    Args:
        xyz: its centre, field metres.
        view: the camera.
        smear_m: its motion while the shutter is open, field metres, shape (2,).
        sport: whose ball; football's points along its way, and at rest along the field.
    """
    half, colour, dark = BALLS[sport]
    way = float(np.arctan2(smear_m[1], smear_m[0]))
    turn = np.array([[np.cos(way), np.sin(way)], [-np.sin(way), np.cos(way)]])
    angles = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    rings = []
    for first, second in ((0, 1), (0, 2), (1, 2)):
        ring = np.zeros((len(angles), 3))
        ring[:, first], ring[:, second] = half[first] * np.cos(angles), half[second] * np.sin(angles)
        ring[:, :2] = ring[:, :2] @ turn
        rings.append(ring)
    body = np.vstack(rings) + np.asarray(xyz, float)
    smear = np.array([*smear_m, 0.0]) / 2
    outline = view.to_image(np.vstack([body - smear, body + smear]))
    low, high = np.floor(outline.min(axis=0)) - 2, np.ceil(outline.max(axis=0)) + 2
    if not np.isfinite(outline).all() or high[0] < 0 or high[1] < 0 or low[0] >= view.width or low[1] >= view.height:
        return None
    still = view.to_image(body)
    spread = max(float(np.ptp(outline, axis=0).max()), 1.0)
    solid = int(255 * min(1.0, 1.2 * max(float(np.ptp(still, axis=0).max()), 1.0) / spread))
    canvas = np.zeros((*((high - low)[::-1] * 4).astype(int), 4), np.uint8)
    shadow = np.array([0.0, 0.35 * half[2] * view.fx / max(float(view.to_camera(np.array([xyz]))[0, 2]), 1.0)])
    for points, ink in ((outline, dark), (outline - shadow, colour)):
        hull = cv2.convexHull(points.astype(np.float32))[:, 0]
        fixed = np.round(((hull - low) * 4 + 1.5) * 16).astype(np.int32)
        shape = np.zeros(canvas.shape[:2], np.uint8)
        cv2.fillConvexPoly(shape, fixed, 255, cv2.LINE_AA, 4)
        inside = shape > 127 if points is outline else (shape > 127) & (canvas[:, :, 3] > 0)
        canvas[inside] = (*(int(v * solid / 255) for v in ink), solid)
    image = cv2.resize(canvas, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    box = tuple(float(v) for v in (*outline.min(axis=0), *outline.max(axis=0)))
    depth = float(view.to_camera(np.array([xyz]))[0, 2])
    return Patch(image, int(low[0]), int(low[1]), (box[0], box[1], box[2], box[3]), depth - 0.3)
