"""The picture of the ice, drawn from the ontology's own lines, circles and marks."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ontologies.field import Field, PaintedLine
from simulation.canvas import VIVID, WORDS, Canvas, Ink

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
    canvas = Canvas(field, px_m, paint.ice, lambda colour: _ink(paint, colour))
    for name in sorted(field.zones):
        if name.startswith("crease_"):
            canvas.fill(field.zones[name].shape.polyline(0.05), paint.crease)
    _logo(canvas, paint, rng)
    spots = [AD_SPOTS[i] for i in rng.permutation(len(AD_SPOTS))[: paint.ads]]
    for x, y in spots:
        _ice_ad(canvas, paint.ice, x, y, rng)
    _markings(canvas, field, paint)
    return _wear(canvas.picture, paint, px_m, rng)


def _ink(paint: Paint, colour: str) -> Ink:
    """The arena's own shade of the ontology's red or blue."""
    red, blue = (int(colour[i : i + 2], 16) for i in (1, 5))
    return paint.red if red > blue else paint.blue


def _markings(canvas: Canvas, field: Field, paint: Paint) -> None:
    canvas.marks(field)
    for line in field.lines.values():
        if line.name != "boards":
            canvas.line(line)
        if line.name == "center_line":
            _checks(canvas, line, paint)


def _checks(canvas: Canvas, line: PaintedLine, paint: Paint) -> None:
    """The pale checks that the rulebook wants inside the red line."""
    middle = line.shape
    pale = tuple(int(0.5 * a + 0.5 * b) for a, b in zip(paint.red, paint.ice, strict=True))
    for start in np.arange(min(middle.y1, middle.y2), max(middle.y1, middle.y2), 0.9):
        corners = [(-0.07, start), (0.07, start), (0.07, start + 0.4), (-0.07, start + 0.4)]
        canvas.fill(np.array(corners), pale)


def _pale(colour: tuple[int, int, int], ice: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    """Paint under the ice looks paler than paint."""
    blue, green, red = (int(share * a + (1 - share) * b) for a, b in zip(colour, ice, strict=True))
    return blue, green, red


def _logo(canvas: Canvas, paint: Paint, rng: np.random.Generator) -> None:
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
    canvas.word(word, (0.0, 0.0), (5.0, 1.0), paint.ice)


def _ice_ad(canvas: Canvas, ice: Ink, x: float, y: float, rng: np.random.Generator) -> None:
    colour = _pale(VIVID[rng.integers(len(VIVID))], ice, 0.75)
    shape = int(rng.integers(3))
    if shape == 0:
        angle = np.linspace(0, 2 * np.pi, 60)
        canvas.fill(np.column_stack([x + 2.2 * np.cos(angle), y + 1.3 * np.sin(angle)]), colour)
    elif shape == 1:
        canvas.fill(np.array([(x - 1.6, y - 1.1), (x + 1.6, y - 1.1), (x, y + 1.7)]), colour)
    ink = ice if shape == 0 else _pale(VIVID[rng.integers(len(VIVID))], ice, 0.75)
    height = float(rng.uniform(0.5, 1.2))
    canvas.word(WORDS[rng.integers(len(WORDS))], (x, y), (3.6, height), ink)


def _wear(picture: np.ndarray, paint: Paint, px_m: float, rng: np.random.Generator) -> np.ndarray:
    """Shade the ice: broad patches of light, snow, and the curves that blades leave."""
    height, width = picture.shape[:2]
    coarse = rng.normal(0, 1, (max(height // 100, 2), max(width // 100, 2))).astype(np.float32)
    broad = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_CUBIC)
    snow = cv2.GaussianBlur(rng.standard_normal((height, width), np.float32), (0, 0), 1.5)
    cuts = np.zeros((height, width), np.uint8)
    for _ in range(int(1400 * paint.wear)):
        centre = (int(rng.uniform(0, width)), int(rng.uniform(0, height)))
        reach = float(rng.uniform(2, 12)) * px_m
        axes = (int(reach), int(reach * rng.uniform(0.5, 1)))
        start, turn = float(rng.uniform(0, 360)), float(rng.uniform(0, 360))
        stop = start + float(rng.uniform(8, 40))
        cv2.ellipse(cuts, centre, axes, turn, start, stop, int(rng.integers(3, 13)), 1, cv2.LINE_AA)
    light = broad * 2.4 + snow * np.float32(1.5 * paint.wear / snow.std()) - cuts * np.float32(0.9)
    return cv2.add(picture, cv2.merge([light] * 3), dtype=cv2.CV_8U)
