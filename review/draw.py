"""Draw onto a picture what the run knows: field lines, people, and a map from above.

Everything is a function from arrays to arrays; the picture that is passed in is drawn on.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from ontologies.field import Field
from perception.registration.project import FrameRegistration
from review.moment import Moment, Seen

Colour = tuple[int, int, int]  # blue, green, red
Box = Sequence[float]  # x1, y1, x2, y2 in pixels

TEAM_COLOURS: dict[str | None, Colour] = {"home": (40, 140, 255), "away": (255, 200, 60), None: (200, 200, 200)}
OFFICIAL: Colour = (60, 60, 60)
SMALL: Colour = (60, 60, 255)  # ball or puck
SMALL_KINDS = frozenset({"ball", "puck"})
MARKED: Colour = (255, 0, 255)
LINE: Colour = (80, 255, 255)
LINE_STEP_M = 0.5  # spacing of the points along a projected line
MAP_SCALE = 5.0  # pixels per metre
MAP_MARGIN_M = 2.0
FONT = cv2.FONT_HERSHEY_SIMPLEX


def colour_of(seen: Seen) -> Colour:
    """Return the colour that an entity is drawn in."""
    if seen.kind == "official":
        return OFFICIAL
    if seen.kind in SMALL_KINDS:
        return SMALL
    return TEAM_COLOURS[seen.team]


class FieldDrawing:
    """A field prepared for drawing: its paint as points, and the empty map.

    Args:
        field: geometry; every line, circle and mark of it is drawn.
    """

    def __init__(self, field: Field) -> None:
        self._length, self._width = field.length_m, field.width_m
        shapes = [field.lines[name].shape for name in sorted(field.lines)]
        shapes += [field.circles[name].shape for name in sorted(field.circles)]
        self._paint = [np.asarray(shape.polyline(LINE_STEP_M), dtype=float) for shape in (*shapes, field.boundary)]
        self._paint += [np.asarray(mark.points, dtype=float) for mark in field.marks]
        self._empty = self._empty_map()

    def lines(self, image: np.ndarray, camera: FrameRegistration) -> None:
        """Draw the paint of the field where the camera sees it.

        Args:
            image: uint8 (H, W, 3) BGR, drawn on.
            camera: registration of the frame.
        """
        middle = np.array([image.shape[1] / 2, image.shape[0] / 2])
        for points in self._paint:
            uv = camera.to_image(points)
            near = np.isfinite(uv).all(axis=1) & (np.abs(uv - middle) < 4 * middle).all(axis=1)
            for run in _runs(near):
                cv2.polylines(image, [np.round(uv[run]).astype(np.int32)], False, LINE, 1, cv2.LINE_AA)

    def plan(self, moment: Moment) -> np.ndarray:
        """Return the field from above with the entities of a moment.

        Returns:
            uint8 (H, W, 3) BGR, `MAP_SCALE` pixels per metre, +y of the field up.
        """
        image = self._empty.copy()
        for seen in moment.seen:
            point = self._map_points(np.array([seen.xy]))[0]
            radius = 3 if seen.kind in SMALL_KINDS else 5
            cv2.circle(image, (int(point[0]), int(point[1])), radius, colour_of(seen), -1, cv2.LINE_AA)
        return image

    def _empty_map(self) -> np.ndarray:
        width = round((self._length + 2 * MAP_MARGIN_M) * MAP_SCALE)
        height = round((self._width + 2 * MAP_MARGIN_M) * MAP_SCALE)
        image = np.full((height, width, 3), 245, np.uint8)
        for points in self._paint:
            cv2.polylines(image, [self._map_points(points)], False, (150, 150, 150), 1, cv2.LINE_AA)
        return image

    def _map_points(self, xy: np.ndarray) -> np.ndarray:
        """Return map pixels (N, 2) int32 of field points (N, 2)."""
        u = (xy[:, 0] + self._length / 2 + MAP_MARGIN_M) * MAP_SCALE
        v = (self._width / 2 + MAP_MARGIN_M - xy[:, 1]) * MAP_SCALE
        return np.round(np.column_stack([u, v])).astype(np.int32)


def entities(image: np.ndarray, moment: Moment, marked: frozenset[str] = frozenset()) -> None:
    """Draw the people and the ball or puck of a moment: box, ground point and id, in the colour of the team.

    Args:
        image: uint8 (H, W, 3) BGR, drawn on.
        moment: who is where.
        marked: ids of those whom a call is about; they are drawn in another colour.
    """
    for seen in moment.seen:
        colour = MARKED if seen.entity in marked else colour_of(seen)
        if seen.box is not None:
            x1, y1, x2, y2 = (round(value) for value in seen.box)
            cv2.rectangle(image, (x1, y1), (x2, y2), colour, 2, cv2.LINE_AA)
            _label(image, seen.entity, (x1, y1), colour)
        if moment.camera is None:
            continue
        uv = moment.camera.to_image(np.array([seen.xy]))[0]
        if np.isfinite(uv).all():
            centre = (round(float(uv[0])), round(float(uv[1])))
            axes = (4, 4) if seen.kind in SMALL_KINDS else (9, 4)
            cv2.ellipse(image, centre, axes, 0, 0, 360, colour, 2 if seen.observed else 1, cv2.LINE_AA)


def inset(image: np.ndarray, small: np.ndarray, keep_off: Sequence[Box] = (), share: float = 0.25) -> None:
    """Lay a small picture into a corner, `share` of the width wide, half transparent.

    Args:
        image: uint8 (H, W, 3) BGR, drawn on.
        small: what is laid into it.
        keep_off: boxes of graphics such as the score; the corner is the one of which they hold least, the lower
            right one where there are none.
        share: of the width.
    """
    height, width = image.shape[:2]
    factor = share * width / small.shape[1]
    size = (max(1, round(small.shape[1] * factor)), max(1, round(small.shape[0] * factor)))
    if size[1] > height or size[0] > width:
        return
    scaled = cv2.resize(small, size, interpolation=cv2.INTER_AREA)
    right, low = width - size[0], height - size[1]
    corners = [(right, low), (right, 0), (0, 0), (0, low)]  # texts are at the lower left
    x, y = min(corners, key=lambda at: sum(_shared((*at, at[0] + size[0], at[1] + size[1]), box) for box in keep_off))
    place = image[y : y + size[1], x : x + size[0]]
    place[:] = cv2.addWeighted(place, 0.3, scaled, 0.7, 0)


def _shared(one: Box, two: Box) -> float:
    """Return the area that two boxes have in common."""
    across = min(one[2], two[2]) - max(one[0], two[0])
    down = min(one[3], two[3]) - max(one[1], two[1])
    return max(across, 0.0) * max(down, 0.0)


def banner(image: np.ndarray, lines: list[tuple[str, Colour]]) -> None:
    """Write lines of text on dark ground at the lower left, where broadcasts seldom have graphics."""
    for row, (text, colour) in enumerate(lines):
        (width, _), _ = cv2.getTextSize(text, FONT, 0.55, 1)
        top = image.shape[0] - 6 - 24 * (len(lines) - row)
        cv2.rectangle(image, (6, top), (14 + width, top + 22), (30, 30, 30), -1)
        cv2.putText(image, text, (10, top + 16), FONT, 0.55, colour, 1, cv2.LINE_AA)


def _runs(flags: np.ndarray) -> list[slice]:
    """Return the stretches of two or more true flags."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [slice(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if b - a > 1]


def _label(image: np.ndarray, text: str, at: tuple[int, int], colour: Colour) -> None:
    """Write a short text on ground of its colour, its lower left corner at ``at``."""
    (width, height), _ = cv2.getTextSize(text, FONT, 0.4, 1)
    x, y = at[0], max(at[1], height + 4)
    cv2.rectangle(image, (x, y - height - 4), (x + width + 4, y), colour, -1)
    ink = (0, 0, 0) if sum(colour) > 330 else (255, 255, 255)
    cv2.putText(image, text, (x + 2, y - 3), FONT, 0.4, ink, 1, cv2.LINE_AA)
