"""The picture of the ice, drawn from the ontology's own lines, circles and marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ontologies.field import Field, PaintedLine

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
AD_SPOTS = ((-14.2, 4.0), (14.2, 4.0), (-14.2, -5.2), (14.2, -5.2), (4.2, -9.4), (-4.2, -9.4), (-4.2, 9.2), (4.2, 9.2))


@dataclass(frozen=True)
class Paint:
    """How the ice looks. Colours are BGR.

    Attributes:
        seed: of wear and advertisements.
        ice: colour of the ice.
        red: of red markings.
        blue: of blue markings.
        crease: of the crease's inside.
        wear: strength of scratches and snow.
        logo: colours of the logo in the middle, None for no logo.
        ads: number of advertisements in the ice, 8 at most.
    """

    seed: int
    ice: tuple[int, int, int] = (238, 232, 226)
    red: tuple[int, int, int] = (70, 60, 200)
    blue: tuple[int, int, int] = (190, 70, 40)
    crease: tuple[int, int, int] = (235, 205, 150)
    wear: float = 1.0
    logo: tuple[tuple[int, int, int], tuple[int, int, int]] | None = ((120, 60, 20), (40, 90, 220))
    ads: int = 4


def paint_rink(field: Field, paint: Paint, px_m: float) -> np.ndarray:
    """Draw the ice seen from above.

    Args:
        field: the rink.
        paint: how it looks.
        px_m: pixels per metre.

    Returns:
        uint8 BGR; column = (x + length / 2) * px_m - 1/2, row = (width / 2 - y) * px_m - 1/2.
    """
    rng = np.random.default_rng(paint.seed)
    canvas = _Canvas(field, px_m, paint)
    for name in sorted(field.zones):
        if name.startswith("crease_"):
            canvas.fill(field.zones[name].shape.polyline(0.05), paint.crease)
    _logo(canvas, paint, rng)
    spots = [AD_SPOTS[i] for i in rng.permutation(len(AD_SPOTS))[: paint.ads]]
    for x, y in spots:
        _ice_ad(canvas, x, y, rng)
    _markings(canvas, field)
    return _wear(canvas.picture, paint, px_m, rng)


class _Canvas:
    """The picture under work and the way from metres to its pixels."""

    def __init__(self, field: Field, px_m: float, paint: Paint) -> None:
        self.px_m, self.paint = px_m, paint
        self.half = np.array([field.length_m / 2, field.width_m / 2])
        self.picture = np.empty((round(field.width_m * px_m), round(field.length_m * px_m), 3), np.uint8)
        self.picture[:] = paint.ice

    def pixels(self, xy: np.ndarray) -> np.ndarray:
        """Metres (N, 2) to sixteenths of pixels, int32."""
        flat = np.asarray(xy, float) * [1, -1]
        return np.round(((flat + self.half) * self.px_m - 0.5) * 16).astype(np.int32)

    def fill(self, xy: np.ndarray, colour: tuple[int, int, int]) -> None:
        cv2.fillPoly(self.picture, [self.pixels(xy)], colour, cv2.LINE_AA, 4)

    def stroke(self, xy: np.ndarray, width_m: float, colour: str) -> None:
        """Fill the ribbon around a polyline (N, 2), metres."""
        way = np.gradient(np.asarray(xy, float), axis=0)
        normal = np.column_stack([-way[:, 1], way[:, 0]]) / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
        half = max(width_m / 2 - BLEED_PX / self.px_m, 0.1 / self.px_m) * normal
        self.fill(np.vstack([xy + half, (xy - half)[::-1]]), self.ink(colour))

    def ink(self, colour: str) -> tuple[int, int, int]:
        """The arena's own shade of the ontology's red or blue."""
        red, blue = (int(colour[i : i + 2], 16) for i in (1, 5))
        return self.paint.red if red > blue else self.paint.blue


def _markings(canvas: _Canvas, field: Field) -> None:
    for circle in field.circles.values():
        outline = np.asarray(circle.shape.polyline(0.05))
        if circle.filled:
            canvas.fill(outline, canvas.ink(circle.colour))
        else:
            canvas.stroke(outline, circle.width_m, circle.colour)
    for mark in field.marks:
        canvas.stroke(np.asarray(mark.points), mark.width_m, mark.colour)
    for line in field.lines.values():
        if line.name != "boards":
            _line(canvas, line)


def _line(canvas: _Canvas, line: PaintedLine) -> None:
    one, two = line.edges.values()
    corners = np.array([(one.x1, one.y1), (one.x2, one.y2), (two.x2, two.y2), (two.x1, two.y1)])
    normal = np.asarray(line.shape.normal)
    side = np.sign((corners - corners.mean(axis=0)) @ normal)
    corners -= side[:, None] * normal * BLEED_PX / canvas.px_m
    canvas.fill(corners, canvas.ink(line.colour))
    if line.name == "center_line":  # the rulebook's checks inside the red line
        middle = line.shape
        y = np.arange(min(middle.y1, middle.y2), max(middle.y1, middle.y2), 0.9)
        pale = tuple(int(0.5 * a + 0.5 * b) for a, b in zip(canvas.paint.red, canvas.paint.ice, strict=True))
        for start in y:
            corners = [(-0.07, start), (0.07, start), (0.07, start + 0.4), (-0.07, start + 0.4)]
            canvas.fill(np.array(corners), pale)


def _pale(colour: tuple[int, int, int], ice: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    """Paint under the ice looks paler than paint."""
    blue, green, red = (int(share * a + (1 - share) * b) for a, b in zip(colour, ice, strict=True))
    return blue, green, red


def _logo(canvas: _Canvas, paint: Paint, rng: np.random.Generator) -> None:
    if paint.logo is None:
        return
    first, second = (_pale(colour, paint.ice, 0.62) for colour in paint.logo)
    angle = np.linspace(0, 2 * np.pi, 120)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    canvas.fill(ring * 4.0, first)
    canvas.fill(ring * 3.6, paint.ice)
    canvas.fill(ring * 3.4, second)
    points = 2 * int(rng.integers(4, 8))
    spikes = np.linspace(0, 2 * np.pi, points, endpoint=False) + np.pi / 2
    reach = np.where(np.arange(points) % 2 == 0, 3.1, 1.5)[:, None]
    canvas.fill(np.column_stack([np.cos(spikes), np.sin(spikes)]) * reach, first)
    word = WORDS[rng.integers(len(WORDS))].upper()
    _text(canvas, word, (0.0, 0.0), (5.0, 1.0), paint.ice)


def _ice_ad(canvas: _Canvas, x: float, y: float, rng: np.random.Generator) -> None:
    colour = _pale(VIVID[rng.integers(len(VIVID))], canvas.paint.ice, 0.75)
    shape = int(rng.integers(3))
    if shape == 0:
        angle = np.linspace(0, 2 * np.pi, 60)
        canvas.fill(np.column_stack([x + 2.2 * np.cos(angle), y + 1.3 * np.sin(angle)]), colour)
    elif shape == 1:
        canvas.fill(np.array([(x - 1.6, y - 1.1), (x + 1.6, y - 1.1), (x, y + 1.7)]), colour)
    ink = canvas.paint.ice if shape == 0 else _pale(VIVID[rng.integers(len(VIVID))], canvas.paint.ice, 0.75)
    height = float(rng.uniform(0.5, 1.2))
    _text(canvas, WORDS[rng.integers(len(WORDS))], (x, y), (3.6, height), ink)


def _text(
    canvas: _Canvas, word: str, at: tuple[float, float], size: tuple[float, float], ink: tuple[int, int, int]
) -> None:
    """Write a word with its middle at a spot, no wider and higher than size, metres."""
    font = FONTS[sum(map(ord, word)) % 4]
    (width, height), _ = cv2.getTextSize(word, font, 1.0, 2)
    scale = min(size[0] * canvas.px_m / width, size[1] * canvas.px_m / height)
    middle = canvas.pixels(np.array(at)) // 16
    origin = (int(middle[0] - width * scale / 2), int(middle[1] + height * scale / 2))
    cv2.putText(canvas.picture, word, origin, font, scale, ink, max(int(2.4 * scale), 1), cv2.LINE_AA)


def _wear(picture: np.ndarray, paint: Paint, px_m: float, rng: np.random.Generator) -> np.ndarray:
    """Shade the ice: broad patches of light, snow, and the curves that blades leave."""
    height, width = picture.shape[:2]
    coarse = rng.normal(0, 1, (max(height // 100, 2), max(width // 100, 2))).astype(np.float32)
    broad = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    snow = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.5)
    cuts = np.zeros((height, width), np.uint8)
    for _ in range(int(1400 * paint.wear)):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        reach = float(rng.uniform(2, 12)) * px_m
        axes = (int(reach), int(reach * rng.uniform(0.5, 1)))
        start, turn = float(rng.uniform(0, 360)), float(rng.uniform(0, 360))
        stop = start + float(rng.uniform(8, 40))
        cv2.ellipse(cuts, centre, axes, turn, start, stop, int(rng.integers(3, 13)), 1, cv2.LINE_AA)
    light = broad * 2.4 + snow / snow.std() * 1.5 * paint.wear - cuts.astype(np.float32) * 0.9
    return np.clip(picture + light[:, :, None], 0, 255).astype(np.uint8)
