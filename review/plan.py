"""A call from above: where everybody was at its time, and how they came there. Needs no video."""

from __future__ import annotations

import cv2
import numpy as np

from ontologies.checks import field_of
from ontologies.field import Field
from records import tables
from records.calls import Call
from records.scene import Scene
from review.draw import FONT, MARKED, OFFICIAL, SMALL, SMALL_KINDS, TEAM_COLOURS, Colour

WIDTH = 1200  # pixels
MARGIN_M = 3.0
TRAIL_S = 3.0  # how much of the past is drawn
INK: Colour = (40, 40, 40)
PAINT: Colour = (190, 190, 190)
LINES = 6  # of evidence below the field
LINE_PX = 20
STEP_M = 0.25


class _Sheet:
    """A white sheet with the field on it, and the map from metres to pixels."""

    def __init__(self, field: Field) -> None:
        self.scale = WIDTH / (field.length_m + 2 * MARGIN_M)
        self.left, self.top = field.length_m / 2 + MARGIN_M, field.width_m / 2 + MARGIN_M
        self.field_height = int(2 * self.top * self.scale)
        self.image = np.full((self.field_height + (LINES + 2) * LINE_PX, WIDTH, 3), 255, np.uint8)
        shapes = [field.lines[name].shape for name in sorted(field.lines)]
        shapes += [field.circles[name].shape for name in sorted(field.circles)]
        for shape in (*shapes, field.boundary):
            self.path(np.asarray(shape.polyline(STEP_M), float), PAINT)
        for mark in field.marks:
            self.path(np.asarray(mark.points, float), PAINT)

    def pixels(self, xy: np.ndarray) -> np.ndarray:
        """Return the pixels (N, 2) of points (N, 2) in metres; +y of the field is up."""
        moved = np.column_stack([xy[:, 0] + self.left, self.top - xy[:, 1]]) * self.scale
        return np.round(moved).astype(np.int32)

    def path(self, xy: np.ndarray, colour: Colour) -> None:
        """Draw a line through points in metres."""
        cv2.polylines(self.image, [self.pixels(xy[:, :2])], False, colour, 1, cv2.LINE_AA)

    def text(self, words: str, at: tuple[int, int], colour: Colour = INK) -> None:
        """Write words at a pixel."""
        cv2.putText(self.image, words, at, FONT, 0.45, colour, 1, cv2.LINE_AA)


def draw(scene: Scene, call: Call) -> np.ndarray:
    """Return the field from above at the time of a call, uint8 (H, 1200, 3) BGR.

    Trails show the last ``TRAIL_S`` seconds; whom the call names is circled; below it stands what the call
    rests on.
    """
    sheet = _Sheet(field_of(scene))
    named = frozenset(call.entities)
    columns = {name: tables.column(scene.tracks, name) for name in ("t", "entity", "kind", "team", "number", "x", "y")}
    recent = (columns["t"] <= call.t + 1e-6) & (columns["t"] >= call.t - TRAIL_S)
    for entity in sorted(set(columns["entity"][recent].tolist())):
        rows = np.flatnonzero(recent & (columns["entity"] == entity))
        _entity(sheet, entity, {name: values[rows] for name, values in columns.items()}, entity in named)
    for line, words in enumerate(_story(call)):
        sheet.text(words, (10, sheet.field_height + (line + 1) * LINE_PX))
    return sheet.image


def _entity(sheet: _Sheet, entity: str, rows: dict[str, np.ndarray], named: bool) -> None:
    """Draw one trail, and its head where the trail reaches the call's time."""
    kind, team, number = rows["kind"][-1], rows["team"][-1], rows["number"][-1]
    small = kind in SMALL_KINDS
    colour = SMALL if small else OFFICIAL if kind == "official" else TEAM_COLOURS[team]
    xy = np.column_stack([rows["x"], rows["y"]]).astype(float)
    sheet.path(xy, colour)
    u, v = (int(value) for value in sheet.pixels(xy[-1:])[0])
    cv2.circle(sheet.image, (u, v), 4 if small else 7, colour, -1, cv2.LINE_AA)
    if named:
        cv2.circle(sheet.image, (u, v), 11, MARKED, 2, cv2.LINE_AA)
    sheet.text(entity if number is None else str(number), (u + 9, v - 6))


def _story(call: Call) -> list[str]:
    """Return the call in a few lines."""
    lines = [f"{call.id}   {call.verdict}   {call.clause}   {call.team or ''}   {', '.join(call.entities)}"]
    atoms = call.because[:LINES]
    for atom in atoms:
        size = "" if atom.margin is None else f"   margin {atom.margin:.2f} +- {atom.sigma:.2f}"
        lines.append(f"{atom.t:9.2f} s  {atom.value:8} {atom.atom}{size}")
    return lines
