"""Figures on shoes: football, soccer and basketball players and officials, from where parts of their bodies are.

A body is known by a few parts (head, torso, hands, feet), metres in the field frame; trunk, knees and elbows follow
from the lengths of a grown person's bones. Colours are BGR.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from simulation.camera import View
from simulation.figures import Colour, Kit, Painter, Patch, bend_limbs, rasterise, seen_heading, trunk

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
UPRIGHT: Mapping[str, tuple[float, float, float]] = {
    "head": (0.05, 0.0, 1.70), "torso": (0.0, 0.0, 1.15), "left_foot": (0.02, 0.14, 0.0),
    "right_foot": (-0.02, -0.14, 0.0), "left_hand": (0.12, 0.28, 0.88), "right_hand": (0.12, -0.28, 0.88),
}  # fmt: skip


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

    def paint(self, view: View, folds: np.ndarray, exposure_s: float) -> Patch | None:
        """Paint the person.

        Args:
            view: the camera.
            folds: uint8 texture (H, W) that shades the cloth, 128 is neutral.
            exposure_s: how long the shutter is open, seconds.

        Returns:
            The patch, or None when the person is outside the picture.
        """
        world = joints(self.parts, self.heading, 0.27 if self._padded else 0.2)
        paint = Painter(view, world)
        right, away = seen_heading(self.heading, view)
        skin = SKINS[self.texture % len(SKINS)]
        _legs(paint, self.kit, self.wear, self.kind == "official", SHOES[self.texture % len(SHOES)], skin)
        if self._padded:
            _pads(paint, self.kit)
        else:
            trunk(paint, self.kit, 1.0)
        _arms(paint, self.kit, skin, self._padded)
        if self._padded:
            _helmet(paint, self.kit, away, right)
        else:
            _bare_head(paint, skin, self._cap, away, right)
        return rasterise(paint, self, view, (world, away), folds, exposure_s)

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
    effort = min(speed / TOP_SPEED, 1.0)
    cos, sin = np.cos(heading), np.sin(heading)
    found = {}
    for name, (ahead, left, up) in UPRIGHT.items():
        sign = 1.0 if name.startswith("left") else -1.0
        swing = np.sin(phase + (0.0 if sign > 0 else np.pi))
        if name.endswith("foot"):
            ahead, up = ahead + 0.55 * effort * swing, up + 0.35 * effort * max(np.cos(phase) * sign, 0.0)
        elif name.endswith("hand"):
            ahead, up = ahead - 0.4 * effort * swing, up + 0.25 * effort
        else:
            ahead, up = ahead + 0.12 * effort * (2 if name == "head" else 1), up - 0.06 * effort
        found[name] = np.array([xy[0] + cos * ahead - sin * left, xy[1] + sin * ahead + cos * left, up])
    return found


def joints(parts: Mapping[str, np.ndarray], heading: float, half_shoulders: float) -> dict[str, np.ndarray]:
    """Return the joints of a body, field metres.

    Args:
        parts: as of `Athlete`.
        heading: radians in the field frame.
        half_shoulders: from the spine to a shoulder, metres.
    """
    ahead = np.array([np.cos(heading), np.sin(heading), 0.0])
    left = np.array([-ahead[1], ahead[0], 0.0])
    head, torso = np.asarray(parts["head"], float), np.asarray(parts["torso"], float)
    spine = head - torso
    up = spine / max(float(np.linalg.norm(spine)), 1e-6)
    found = {"head": head, "chest": head - 0.27 * up, "pelvis": torso - 0.14 * up}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        foot = np.asarray(parts[f"{side}_foot"], float)
        found[f"hip_{side}"] = found["pelvis"] + sign * 0.12 * left
        found[f"ankle_{side}"] = foot - 0.05 * ahead + np.array([0.0, 0.0, 0.1])
        found[f"heel_{side}"] = foot - 0.1 * ahead + np.array([0.0, 0.0, 0.05])
        found[f"toe_{side}"] = foot + 0.16 * ahead + np.array([0.0, 0.0, 0.04])
        found[f"shoulder_{side}"] = found["chest"] + sign * half_shoulders * left
        found[f"hand_{side}"] = np.asarray(parts[f"{side}_hand"], float)
    down = np.array([0.0, 0.0, 0.4])
    knees = [ahead + sign * 0.2 * left for sign in (1.0, -1.0)]
    elbows = [-0.6 * ahead + sign * 0.7 * left - down for sign in (1.0, -1.0)]
    bend_limbs(found, BONES_M, np.array(knees + elbows))
    return found


def _legs(paint: Painter, kit: Kit, wear: str, official: bool, shoe: Colour, skin: Colour) -> None:
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


def _pads(paint: Painter, kit: Kit) -> None:
    """Shirt over shoulder pads."""
    paint.hull([("shoulder_left", 0.13), ("shoulder_right", 0.13), ("pelvis", 0.17)], kit.shirt, 0.05)
    if kit.yoke is not None:
        paint.hull([("shoulder_left", 0.13), ("shoulder_right", 0.13)], kit.yoke, 0.06)
    paint.band(("chest", "pelvis"), (0.93, 1.0), 0.17, kit.stripe, 0.07)


def _arms(paint: Painter, kit: Kit, skin: Colour, padded: bool) -> None:
    thick = (0.11, 0.085) if padded else (0.08, 0.065)
    for side in ("left", "right"):
        shoulder, elbow, hand = f"shoulder_{side}", f"elbow_{side}", f"hand_{side}"
        paint.capsule((shoulder, elbow), thick, kit.yoke or kit.shirt, 0.06)
        paint.band((shoulder, elbow), (0.7, 0.95), thick[1], kit.stripe, 0.07)
        paint.capsule((elbow, hand), (0.055, 0.045), kit.shirt if kit.striped else skin, 0.07)
        paint.capsule((hand, hand), (0.06,) * 2, kit.gloves if padded else skin, 0.1)


def _helmet(paint: Painter, kit: Kit, away: float, right: float) -> None:
    """Shell, its stripe, and before the face a dark opening with the mask's bars."""
    paint.hull([("head", 0.155)], kit.helmet, 0.12)
    shift = np.array([0.0, -0.13]) * paint.scale
    paint.uv["_crown"], paint.depth["_crown"] = paint.uv["head"] + shift, paint.depth["head"]
    paint.band(("_crown", "head"), (0.0, 0.75), 0.03, kit.stripe, 0.14)
    if away > 0.45:
        return
    face = paint.uv["head"] + np.array([0.1 * right, 0.035]) * paint.scale
    opening = np.array([(-0.075, -0.05), (0.075, -0.05), (0.075, 0.07), (-0.075, 0.07)]) * paint.scale
    paint.polygon(face + opening, paint.depth["head"] - 0.3, (40, 40, 46))
    for row in (0.0, 0.045):
        bar = np.array([(-0.085, row), (0.085, row), (0.085, row + 0.015), (-0.085, row + 0.015)]) * paint.scale
        paint.polygon(face + bar, paint.depth["head"] - 0.31, kit.stripe if sum(kit.helmet) > 600 else (205, 205, 205))


def _bare_head(paint: Painter, skin: Colour, hair: Colour, away: float, right: float) -> None:
    paint.hull([("head", 0.115)], skin, 0.1)
    shift = np.array([-0.035 * right, -0.04 + 0.035 * max(away, 0.0)]) * paint.scale
    paint.uv["_hair"], paint.depth["_hair"] = paint.uv["head"] + shift, paint.depth["head"]
    paint.hull([("_hair", 0.115)], hair, 0.12 if away > -0.3 else 0.09)


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
