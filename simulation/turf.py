"""The picture of a grass field, football's or soccer's, drawn from the ontology's own lines, marks and numbers."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ontologies.field import Field, Numeral
from simulation.canvas import WORDS, Canvas, Ink

BARE = frozenset({"restraining_line_near", "restraining_line_far", "restraining_line_left", "restraining_line_right"})
END_WORD_M = (30.0, 5.2)  # width and height of the word in an end zone, metres
CAP_HEIGHT_PX = 22.0  # of OpenCV's plain font at scale 1
SOIL: Ink = (60, 96, 112)
BLOCK = 32  # rows of the picture that are worked on at once
WORN_ALONG_M, WORN_ACROSS_M = 26.0, 5.5  # spread of the wear where most plays start, 1 sigma


@dataclass(frozen=True)
class Turf:
    """How a grass field looks. Colours are BGR.

    Attributes:
        seed: of patches and wear.
        grass: its colour.
        line: of the paint.
        stripe_m: width of a mown stripe, metres; 0 for none.
        stripes: how much lighter every second stripe is, grey levels.
        ends: colours of the end zones, left and right; None: grass.
        words: painted in them, left and right; empty for none.
        logo: colours of the logo in the middle, None for no logo.
        wear: strength of worn patches and of fading paint.
        apron_m: how far the grass goes on beyond the field, metres.
    """

    seed: int
    grass: Ink = (52, 120, 72)
    line: Ink = (232, 236, 236)
    stripe_m: float = 4.572
    stripes: float = 12.0
    ends: tuple[Ink, Ink] | None = None
    words: tuple[str, str] = ("", "")
    logo: tuple[Ink, Ink] | None = None
    wear: float = 1.0
    apron_m: float = 9.0

    def paint(self, field: Field, px_m: float) -> np.ndarray:
        """Draw the grass seen from above, with what lies around it.

        Args:
            field: football's or soccer's.
            px_m: pixels per metre.

        Returns:
            uint8 BGR; column = (x + length / 2 + apron_m) * px_m - 1/2, row = (width / 2 + apron_m - y) * px_m - 1/2.
        """
        return _paint(field, self, px_m)


def _paint(field: Field, turf: Turf, px_m: float) -> np.ndarray:
    rng = np.random.default_rng(turf.seed)
    canvas = Canvas(field, px_m, turf.grass, lambda colour: _ink(turf, colour), turf.apron_m)
    _mow(canvas, turf)
    if turf.ends is not None:
        for (name, colour), word in zip(zip(("left", "right"), turf.ends, strict=True), turf.words, strict=True):
            _end_zone(canvas, field, f"end_zone_{name}", colour, word)
    _logo(canvas, turf, rng)
    grass = canvas.picture.copy()
    _markings(canvas, field)
    return _weathered(grass, canvas.picture, canvas, turf, rng)


def _ink(turf: Turf, colour: str) -> Ink:
    """The field's own white; other colours of the ontology as they are."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return turf.line if min(red, green, blue) > 200 else (blue, green, red)


def _mow(canvas: Canvas, turf: Turf) -> None:
    if turf.stripe_m <= 0:
        return
    lighter = tuple(
        int(min(255, v + turf.stripes * share)) for v, share in zip(turf.grass, (0.6, 1.0, 0.7), strict=True)
    )
    half_x, half_y = canvas.half
    for k in range(int(-half_x // turf.stripe_m), int(half_x // turf.stripe_m) + 1):
        if k % 2:
            x0, x1 = k * turf.stripe_m, (k + 1) * turf.stripe_m
            canvas.fill(np.array([(x0, -half_y), (x1, -half_y), (x1, half_y), (x0, half_y)]), lighter)


def _end_zone(canvas: Canvas, field: Field, name: str, colour: Ink, word: str) -> None:
    outline = np.asarray(field.zones[name].shape.polyline(0.5))
    canvas.fill(outline, colour)
    if word:
        _word_along(canvas, word, outline.mean(axis=0), outline[:, 0].mean() < 0)


def _word_along(canvas: Canvas, word: str, middle: np.ndarray, left: bool) -> None:
    """Write a word across the field, its top towards the nearer end line."""
    width, height = (round(size * canvas.px_m) for size in END_WORD_M)
    plate = np.zeros((height, width), np.uint8)
    (wide, high), _ = cv2.getTextSize(word, cv2.FONT_HERSHEY_DUPLEX, 1.0, 2)
    scale = min(width / wide, height / high) * 0.85
    thick = max(round(0.55 * canvas.px_m), 1)
    origin = (int((width - wide * scale) / 2), int((height + high * scale) / 2))
    cv2.putText(plate, word, origin, cv2.FONT_HERSHEY_DUPLEX, scale, 255, thick, cv2.LINE_AA)
    turned = cv2.rotate(plate, cv2.ROTATE_90_CLOCKWISE if not left else cv2.ROTATE_90_COUNTERCLOCKWISE)
    _stamp(canvas, turned, middle, canvas.ink("#ffffff"))


def _stamp(canvas: Canvas, plate: np.ndarray, middle: np.ndarray, colour: Ink) -> None:
    """Paint a colour through a mask whose middle is at a spot, metres; the mask has to lie in the picture."""
    column, row = canvas.pixels(middle) / 16
    height, width = plate.shape
    left, top = int(column - width / 2), int(row - height / 2)
    area = canvas.picture[top : top + height, left : left + width]
    share = plate[:, :, None].astype(np.float32) / 255
    area[:] = (area * (1 - share) + np.array(colour, np.float32) * share).astype(np.uint8)


def _logo(canvas: Canvas, turf: Turf, rng: np.random.Generator) -> None:
    if turf.logo is None:
        return
    first, second = turf.logo
    angle = np.linspace(0, 2 * np.pi, 120)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    canvas.fill(ring * 6.0, second)
    canvas.fill(ring * 5.4, first)
    points = 2 * int(rng.integers(4, 8))
    spikes = np.linspace(0, 2 * np.pi, points, endpoint=False) + np.pi / 2
    reach = np.where(np.arange(points) % 2 == 0, 4.6, 2.3)[:, None]
    canvas.fill(np.column_stack([np.cos(spikes), np.sin(spikes)]) * reach, second)
    canvas.word(WORDS[rng.integers(len(WORDS))].upper(), (0.0, 0.0), (7.0, 1.5), (235, 238, 238))


def _markings(canvas: Canvas, field: Field) -> None:
    canvas.marks(field)
    for line in field.lines.values():
        if line.width_m > 0 and line.name not in BARE:
            canvas.line(line)
    for numeral in field.numerals:
        _numeral(canvas, numeral)


def _numeral(canvas: Canvas, numeral: Numeral) -> None:
    """Paint a number, a digit on either side of its line, its top in the direction that the ontology says."""
    height = round(numeral.height_m * canvas.px_m)
    width = round(0.62 * height)
    for digit, side in zip(numeral.text.replace("0", "O"), (-1, 1), strict=True):  # OpenCV strikes its zero through
        plate = np.zeros((height, width), np.uint8)
        scale = height / CAP_HEIGHT_PX * 0.86
        (wide, high), _ = cv2.getTextSize(digit, cv2.FONT_HERSHEY_SIMPLEX, scale, 1)
        origin = (int((width - wide) / 2), int((height + high) / 2))
        thick = max(round(0.16 * height), 1)
        cv2.putText(plate, digit, origin, cv2.FONT_HERSHEY_SIMPLEX, scale, 255, thick, cv2.LINE_AA)
        upright = numeral.up > 0
        shift = side * (width / canvas.px_m * 0.5 + 0.25) * (1 if upright else -1)
        middle = np.array([numeral.x + shift, numeral.y])
        _stamp(canvas, plate if upright else plate[::-1, ::-1], middle, canvas.ink(numeral.colour))


def _weathered(
    grass: np.ndarray, painted: np.ndarray, canvas: Canvas, turf: Turf, rng: np.random.Generator
) -> np.ndarray:
    """Fade the paint unevenly, shade the grass in patches, and wear it brown where most plays start."""
    height, width = grass.shape[:2]
    broad = patches(rng, (height, width), canvas.px_m * 6.0)
    fine = patches(rng, (height, width), canvas.px_m * 0.25)
    grain = rng.standard_normal((height // 2, width // 2), np.float32)
    grain = cv2.resize(grain, (width, height), interpolation=cv2.INTER_LINEAR)
    x = (np.arange(width) + 0.5) / canvas.px_m - canvas.half[0]
    y = canvas.half[1] - (np.arange(height) + 0.5) / canvas.px_m
    along = np.exp(-0.5 * (x / WORN_ALONG_M) ** 2).astype(np.float32)
    across = np.exp(-0.5 * (y / WORN_ACROSS_M) ** 2).astype(np.float32)
    picture = np.empty_like(grass)
    for top in range(0, height, BLOCK):  # what is worked on stays in the processor's cache
        rows = slice(top, top + BLOCK)
        fading = np.clip(0.92 - 0.1 * turf.wear * (1 + fine[rows]), 0.45, 1.0)
        worn = 0.35 + 0.35 * fine[rows] + 0.2 * broad[rows]
        worn = np.clip(across[rows, None] * along * worn * turf.wear, 0, 0.7) * 0.5
        light = broad[rows] * 4.0 + fine[rows] * 2.5 + grain[rows] * 4.0
        for channel, soil in enumerate(SOIL):
            part = grass[rows, :, channel].astype(np.float32)
            part += (painted[rows, :, channel] - part) * fading
            part += (soil - part) * worn
            part += light
            picture[rows, :, channel] = np.clip(part, 0, 255, out=part)
    return picture


def patches(rng: np.random.Generator, shape: tuple[int, int], grain_px: float) -> np.ndarray:
    """Smooth noise with patches of a size, mean 0 and standard deviation about 1, float32."""
    height, width = (max(int(side / grain_px), 2) for side in shape)
    coarse = rng.standard_normal((height, width), np.float32)
    return cv2.resize(coarse, shape[::-1], interpolation=cv2.INTER_CUBIC)
