"""A field seen from above as a picture: the way from metres to its pixels, polygons, ribbons, words."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

from ontologies.field import Field, PaintedLine

Ink = tuple[int, int, int]

WORDS = (
    "NORDVIK", "PINEWAY", "ARCTA", "Halden", "BLUE FJORD", "Kestrel", "OAKLINE", "Maple&Co", "TUNDRA", "lumen",
    "SEVEN OAKS", "Rivet", "FROSTLINE", "Hearth", "VALE BANK", "cobalt", "SUMMIT TYRES", "Larkspur",
)  # fmt: skip
FONTS = (
    cv2.FONT_HERSHEY_DUPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_COMPLEX,
    cv2.FONT_HERSHEY_SCRIPT_COMPLEX,
)  # fmt: skip
VIVID = ((40, 40, 200), (150, 60, 20), (30, 120, 30), (20, 20, 20), (0, 130, 240), (120, 20, 100), (170, 120, 0))
BLEED_PX = 0.7
"""How far OpenCV's antialiased fill reaches beyond the polygon it was given; measured."""


class Canvas:
    """The picture under work.

    Args:
        field: what is drawn.
        px_m: pixels per metre.
        ground: BGR colour that it starts with.
        ink: BGR of a colour of the ontology.
        apron_m: how far the picture goes on beyond the field, metres.
    """

    def __init__(self, field: Field, px_m: float, ground: Ink, ink: Callable[[str], Ink], apron_m: float = 0.0) -> None:
        self.px_m, self.ink = px_m, ink
        self.half = np.array([field.length_m / 2, field.width_m / 2]) + apron_m
        height, width = (round(2 * side * px_m) for side in self.half[::-1])
        self.picture = np.empty((height, width, 3), np.uint8)
        self.picture[:] = ground

    def pixels(self, xy: np.ndarray) -> np.ndarray:
        """Metres (N, 2) to sixteenths of pixels, int32."""
        flat = np.asarray(xy, float) * [1, -1]
        return np.round(((flat + self.half) * self.px_m - 0.5) * 16).astype(np.int32)

    def fill(self, xy: np.ndarray, colour: Ink) -> None:
        """Fill a polygon (N, 2), metres."""
        cv2.fillPoly(self.picture, [self.pixels(xy)], colour, cv2.LINE_AA, 4)

    def stroke(self, xy: np.ndarray, width_m: float, colour: str) -> None:
        """Fill the ribbon around a polyline (N, 2), metres."""
        way = np.gradient(np.asarray(xy, float), axis=0)
        normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
        half = max(width_m / 2 - BLEED_PX / self.px_m, 0.1 / self.px_m) * normal
        self.fill(np.vstack([xy + half, (xy - half)[::-1]]), self.ink(colour))

    def line(self, line: PaintedLine) -> None:
        """Fill the paint of a line of the field."""
        one, two = line.edges.values()
        corners = np.array([(one.x1, one.y1), (one.x2, one.y2), (two.x2, two.y2), (two.x1, two.y1)])
        normal = np.asarray(line.shape.normal)
        side = np.sign((corners - corners.mean(axis=0)) @ normal)
        corners -= side[:, None] * normal * BLEED_PX / self.px_m
        self.fill(corners, self.ink(line.colour))

    def marks(self, field: Field) -> None:
        """Paint the circles and the small marks of a field."""
        for circle in field.circles.values():
            outline = np.asarray(circle.shape.polyline(0.05))
            if circle.filled:
                self.fill(outline, self.ink(circle.colour))
            else:
                self.stroke(outline, circle.width_m, circle.colour)
        for mark in field.marks:
            self.stroke(np.asarray(mark.points), mark.width_m, mark.colour)

    def word(self, text: str, at: tuple[float, float], size: tuple[float, float], colour: Ink) -> None:
        """Write a word with its middle at a spot, no wider and higher than size, metres."""
        font = FONTS[sum(map(ord, text)) % 4]
        (width, height), _ = cv2.getTextSize(text, font, 1.0, 2)
        scale = min(size[0] * self.px_m / width, size[1] * self.px_m / height)
        middle = self.pixels(np.array(at)) // 16
        origin = (int(middle[0] - width * scale / 2), int(middle[1] + height * scale / 2))
        cv2.putText(self.picture, text, origin, font, scale, colour, max(int(2.4 * scale), 1), cv2.LINE_AA)
