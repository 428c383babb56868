"""The still part of a picture of a stadium or a hall: ground, goals, people who wait, walls and stands; painted once.

As in `simulation.arena`, the camera's centre is fixed, and a panorama by pan and tilt holds all that stands still.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import cv2
import numpy as np

from ontologies.field import Field
from ontologies.geometry import RoundedRectangle
from simulation.arena import Arena, ArenaLook, Panorama, far_wall, panorama_of, stands, wall_strip
from simulation.camera import View
from simulation.canvas import Ink
from simulation.figures import Body, paint_people
from simulation.ground import Cover
from simulation.render import paste

BLOCK = 64  # rows of the panorama that are warped at once
FINE = 3  # rows of the warp to one of the panorama


class Surface(Protocol):
    """What is played on: grass, or a wooden floor."""

    apron_m: float

    def paint(self, field: Field, px_m: float) -> np.ndarray:
        """Draw it seen from above, to ``apron_m`` beyond the field."""


@dataclass(frozen=True)
class StadiumLook:
    """What varies from stadium to stadium, or hall to hall.

    Attributes:
        stands: colours of wall and crowd.
        surface: that is played on.
        rows: of seats.
        corner_m: radius of the wall's corners, metres.
        wall_m: height of the wall, metres.
        texture_px_m: sharpness of the picture of the field, pixels per metre.
        cover: what weather has left on the ground, or None.
    """

    stands: ArenaLook
    surface: Surface
    rows: int = 46
    corner_m: float = 10.0
    wall_m: float = 1.2
    texture_px_m: int = 40
    cover: Cover | None = None


def build_stadium(
    field: Field,
    look: StadiumLook,
    centre: tuple[float, float, float],
    scale: float,
    pans: tuple[float, float],
    tilts: tuple[float, float],
    bench: Sequence[Body] = (),
) -> Arena:
    """Paint a stadium.

    Args:
        field: the field.
        look: what it looks like.
        centre: camera centre, field metres.
        scale: pixels per radian.
        pans: range of pan, radians.
        tilts: range of tilt, radians.
        bench: people who stand still beside the field.

    Returns:
        The panorama; nothing of it lies before the play.
    """
    rng = np.random.default_rng(look.stands.seed)
    apron = look.surface.apron_m
    wall_line = RoundedRectangle(field.length_m / 2 + apron, field.width_m / 2 + apron, look.corner_m)
    frame = panorama_of(np.asarray(wall_line.polyline(0.5)), np.asarray(centre, float), scale, tilts, pans)
    picture = stands(frame, look.stands, rng, look.rows)
    wall = wall_strip(look.stands, rng, 2.2 * (field.length_m + field.width_m + 4 * apron), look.wall_m)
    far_wall(picture, frame, look.stands, wall, (look.wall_m, 0.0))
    _grass(picture, frame, field, look)
    _goals(picture, frame, field)
    _people(picture, frame, bench)
    nothing = np.zeros((1, 1, 4), np.uint8)
    seen = cv2.cvtColor(picture, cv2.COLOR_BGR2BGRA)
    return Arena(seen, nothing, float(frame.pans[0]), float(frame.tilts[0]), scale, picture.shape[0])


def _grass(canvas: np.ndarray, frame: Panorama, field: Field, look: StadiumLook) -> None:
    """Warp the picture of the field into the panorama, several rows to one."""
    sharp, apron = look.texture_px_m, look.surface.apron_m
    texture = look.surface.paint(field, sharp)
    if look.cover is not None:
        texture = look.cover.lay(texture, sharp)
    base = np.arctan2(frame.centre[2], frame.far)
    first = max(int((base.min() - frame.tilts[0]) * frame.scale), 0)
    sin, cos = np.sin(frame.pans).astype(np.float32), np.cos(frame.pans).astype(np.float32)
    fine = (np.arange(BLOCK * FINE) - (FINE - 1) / 2) / FINE / frame.scale
    left, top = field.length_m / 2 + apron, field.width_m / 2 + apron
    for start in range(first, len(frame.tilts), BLOCK):
        ground = (frame.centre[2] / np.tan(frame.tilts[start] + fine))[:, None].astype(np.float32)
        map_x = ground * (sin * sharp) + np.float32((frame.centre[0] + left) * sharp - 0.5)
        map_y = ground * (-cos * sharp) + np.float32((top - frame.centre[1]) * sharp - 0.5)
        grass = cv2.remap(texture, map_x, map_y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        part = canvas[start : start + BLOCK]
        grass = cv2.resize(grass, (len(frame.pans), BLOCK), interpolation=cv2.INTER_AREA)[: len(part)]
        tilt = frame.tilts[start : start + BLOCK, None]
        if look.cover is not None:
            grass = look.cover.shine(grass, tilt[:, 0], frame)
        cover = np.clip((tilt - base) * frame.scale + 0.5, 0, 1).astype(np.float32)
        part[:] = cv2.blendLinear(grass, part, cover, 1 - cover) if cover.min() < 1 else grass


def _goals(canvas: np.ndarray, frame: Panorama, field: Field) -> None:
    """Paint the goals of a field by its landmarks: soccer's nets, football's single posts, basketball's baskets."""
    marks = {name: np.array(place) for name, place in field.landmarks.items()}
    for end in ("left", "right"):
        if f"goal_top_{end}_far" in marks:
            _net(canvas, frame, marks, field, end)
            bars = [(f"goal_post_{end}_{side}", f"goal_top_{end}_{side}") for side in ("near", "far")]
            bars.append((f"goal_top_{end}_near", f"goal_top_{end}_far"))
            for first, second in bars:
                _pole(canvas, frame, (marks[first], marks[second]), 0.12, (240, 242, 242))
        if f"backboard_{end}_top_far" in marks:
            _basket(canvas, frame, marks, end)
        if f"goal_post_{end}_base" in marks:
            base = marks[f"goal_post_{end}_base"]
            near, far = (marks[f"crossbar_{end}_{side}"] for side in ("near", "far"))
            middle = (near + far) / 2
            knee = np.array([base[0], base[1], middle[2] - 0.6])
            pairs = [(base, knee), (knee, middle), (near, far)]
            pairs += [(marks[f"crossbar_{end}_{side}"], marks[f"upright_top_{end}_{side}"]) for side in ("near", "far")]
            for pair in pairs:
                _pole(canvas, frame, pair, 0.15, (40, 205, 240))


def _net(canvas: np.ndarray, frame: Panorama, marks: dict[str, np.ndarray], field: Field, end: str) -> None:
    """Paint a soccer net: strings from the crossbar to the ground behind."""
    near, far = (marks[f"goal_top_{end}_{side}"] for side in ("near", "far"))
    corners = np.asarray(field.zones[f"goal_{end}"].shape.polyline(1.0))
    back = float(corners[np.argmax(np.abs(corners[:, 0])), 0])
    for share in np.linspace(0.0, 1.0, 25):
        top = near + share * (far - near)
        _pole(canvas, frame, (top, np.array([back, top[1], 0.0])), 0.02, (205, 208, 208))
    for share in np.linspace(0.0, 1.0, 9):
        ends = []
        for top in (near, far):
            ends.append(top + share * (np.array([back, top[1], 0.0]) - top))
        _pole(canvas, frame, (ends[0], ends[1]), 0.02, (205, 208, 208))


def _basket(canvas: np.ndarray, frame: Panorama, marks: dict[str, np.ndarray], end: str) -> None:
    """Paint stand, backboard and ring."""
    ring = marks[f"basket_{end}"]
    low, high = ([marks[f"backboard_{end}_{edge}_{side}"] for side in ("near", "far")] for edge in ("bottom", "top"))
    middle = (low[0] + high[1]) / 2
    out = np.array([np.sign(ring[0]) * 2.2, 0.0, 0.0])
    foot = np.array([middle[0], middle[1], 0.0]) + out
    for pair in ((foot, middle + out * 0.8), (middle + out * 0.8, middle)):
        _pole(canvas, frame, pair, 0.2, (60, 60, 64))
    for share in np.linspace(0.0, 1.0, 25):
        _pole(
            canvas,
            frame,
            (low[0] + share * (high[0] - low[0]), low[1] + share * (high[1] - low[1])),
            0.07,
            (225, 228, 228),
        )
    for pair in ((low[0], high[0]), (low[1], high[1]), (low[0], low[1]), (high[0], high[1])):
        _pole(canvas, frame, pair, 0.06, (70, 60, 60))
    angle = np.linspace(0, 2 * np.pi, 13)
    rim = ring + 0.23 * np.column_stack([np.cos(angle), np.sin(angle), np.zeros(13)])
    for first, second in pairwise(rim):
        _pole(canvas, frame, (first, second), 0.05, (30, 90, 235))
        _pole(canvas, frame, (first, ring + 0.5 * (first - ring) - np.array([0.0, 0.0, 0.42])), 0.02, (225, 225, 225))


def _pole(
    canvas: np.ndarray, frame: Panorama, ends: tuple[np.ndarray, np.ndarray], width_m: float, colour: Ink
) -> None:
    """Paint a straight pole between two places, field metres; it is bent in a panorama, so it is drawn in pieces."""
    pieces = []
    for share in np.linspace(0.0, 1.0, 9):
        place = ends[0] + share * (ends[1] - ends[0])
        dx, dy = place[:2] - frame.centre[:2]
        pieces.append(frame.pixel(float(np.arctan2(dx, dy)), float(np.hypot(dx, dy)), float(place[2])))
    away = float(np.linalg.norm((ends[0] + ends[1]) / 2 - frame.centre))
    thick = max(round(width_m * frame.scale / away), 1)
    points = np.round(np.array(pieces) * 16).astype(np.int32)
    cv2.polylines(canvas, [points], False, colour, thick, cv2.LINE_AA, 4)


def _people(canvas: np.ndarray, frame: Panorama, people: Sequence[Body]) -> None:
    """Paint people into the panorama, far to near: around a direction it is a picture of that direction."""
    folds = np.full((1024, 1024), 128, np.uint8)
    x, y, z = (float(v) for v in frame.centre)
    for figure in sorted(people, key=lambda one: -np.hypot(one.xy[0] - x, one.xy[1] - y)):
        dx, dy = figure.xy[0] - x, figure.xy[1] - y
        pan, tilt = float(np.arctan2(dx, dy)), float(np.arctan2(z - 0.9, np.hypot(dx, dy)))
        view = View((x, y, z), pan, tilt, frame.scale, width=640, height=640)
        patch = paint_people([figure], view, folds, 0.0)[0]
        if patch is not None:
            left, top = (pan - frame.pans[0]) * frame.scale, (tilt - frame.tilts[0]) * frame.scale
            patch.left += round(left - view.principal[0])
            patch.top += round(top - view.principal[1])
            paste(canvas, patch)
