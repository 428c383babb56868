"""The picture of a basketball court: planks, painted areas, lines and a logo, drawn from the ontology's own lines."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from ontologies.field import Field
from simulation.canvas import WORDS, Canvas, Ink

PLANK_M = 0.09  # width of a plank, metres; they lie along the court
PLANK_LENGTHS_M = (0.6, 2.2)


@dataclass(frozen=True)
class Floor:
    """How a court looks. Colours are BGR.

    Attributes:
        seed: of the planks.
        wood: colour of the planks.
        line: of the lines.
        border: of what lies around the court.
        lane: of the inside of the lanes; None: wood.
        logo: colours of the logo in the middle, None for no logo.
        grain: how much planks differ, grey levels.
        apron_m: how far the floor goes on beyond the court, metres.
    """

    seed: int
    wood: Ink = (110, 165, 205)
    line: Ink = (240, 242, 242)
    border: Ink = (90, 45, 20)
    lane: Ink | None = None
    logo: tuple[Ink, Ink] | None = None
    grain: float = 9.0
    apron_m: float = 3.0

    def paint(self, field: Field, px_m: float) -> np.ndarray:
        """Draw the floor seen from above, with what lies around it.

        Args:
            field: the court.
            px_m: pixels per metre.

        Returns:
            uint8 BGR; column = (x + length / 2 + apron_m) * px_m - 1/2, row = (width / 2 + apron_m - y) * px_m - 1/2.
        """
        rng = np.random.default_rng(self.seed)
        canvas = Canvas(field, px_m, self.wood, lambda colour: self.line, self.apron_m)
        _planks(canvas, self, rng)
        _border(canvas, field, self.border)
        if self.lane is not None:
            for end in ("left", "right"):
                canvas.fill(np.asarray(field.zones[f"lane_{end}"].shape.polyline(0.5)), self.lane)
        _logo(canvas, self, rng)
        for circle in field.circles.values():
            if not circle.name.startswith("basket"):
                canvas.stroke(np.asarray(circle.shape.polyline(0.03)), circle.width_m, circle.colour)
        for mark in field.marks:
            if not mark.name.startswith("backboard"):
                canvas.stroke(np.asarray(mark.points), mark.width_m, mark.colour)
        for line in field.lines.values():
            canvas.line(line)
        return canvas.picture


def _planks(canvas: Canvas, floor: Floor, rng: np.random.Generator) -> None:
    height, width = canvas.picture.shape[:2]
    shade = np.zeros((height, width), np.float32)
    for row in range(int(2 * canvas.half[1] / PLANK_M) + 1):
        top, bottom = round(row * PLANK_M * canvas.px_m), round((row + 1) * PLANK_M * canvas.px_m)
        x = float(rng.uniform(-PLANK_LENGTHS_M[1], 0.0))
        while x < 2 * canvas.half[0]:
            long = float(rng.uniform(*PLANK_LENGTHS_M))
            left, right = (max(round(at * canvas.px_m), 0) for at in (x, x + long))
            shade[top:bottom, left:right] = rng.normal(0, floor.grain)
            x += long
    streaks = rng.standard_normal((height, max(width // 24, 2)), np.float32)
    shade += cv2.resize(streaks, (width, height), interpolation=cv2.INTER_LINEAR) * 3.0
    cv2.add(canvas.picture, cv2.merge([shade] * 3), dst=canvas.picture, dtype=cv2.CV_8U)


def _border(canvas: Canvas, field: Field, colour: Ink) -> None:
    """Paint what lies outside the lines around the court."""
    outer_x, outer_y = canvas.half
    x, y = field.length_m / 2, field.width_m / 2
    for corners in (
        ((-outer_x, y), (outer_x, outer_y)), ((-outer_x, -outer_y), (outer_x, -y)),
        ((-outer_x, -y), (-x, y)), ((x, -y), (outer_x, y)),
    ):  # fmt: skip
        (x0, y0), (x1, y1) = corners
        canvas.fill(np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1)]), colour)


def _logo(canvas: Canvas, floor: Floor, rng: np.random.Generator) -> None:
    if floor.logo is None:
        return
    first, second = floor.logo
    angle = np.linspace(0, 2 * np.pi, 90)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    canvas.fill(ring * 2.6, first)
    points = 2 * int(rng.integers(4, 8))
    spikes = np.linspace(0, 2 * np.pi, points, endpoint=False) + np.pi / 2
    reach = np.where(np.arange(points) % 2 == 0, 2.4, 1.2)[:, None]
    canvas.fill(np.column_stack([np.cos(spikes), np.sin(spikes)]) * reach, second)
    canvas.word(WORDS[rng.integers(len(WORDS))].upper(), (0.0, 0.0), (4.0, 0.8), floor.line)
