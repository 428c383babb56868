"""Pictures of how verdicts decay: one per knob, a small panel per rule, shares stacked against the level."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from evaluation.decay import LIMIT, SWEEPS, Share
from records.errors import InputError

Picture = NDArray[np.uint8]

COLOURS = {
    "right": (120, 170, 76),
    "undecided": (205, 205, 205),
    "lost": (150, 150, 150),
    "wrong": (48, 48, 214),
}  # BGR
INK, FAINT = (40, 40, 40), (225, 225, 225)
PANEL = (300, 190)  # pixels
MARGIN = (46, 34, 14, 40)  # left, top, right, bottom
COLUMNS = 4
HEAD_PX = 64
FONT = cv2.FONT_HERSHEY_SIMPLEX
STEM_PX = 9


def draw(counted: Sequence[Share], knob: str) -> Picture:
    """Draw one knob.

    Args:
        counted: of any knobs; those of the knob are drawn.
        knob: name of a sweep.

    Raises:
        InputError: if nothing was counted for it.
    """
    rules = sorted({one.rule for one in counted if one.knob == knob})
    if not rules:
        raise InputError(f"nothing was judged with the knob {knob}", "decay")
    columns = min(COLUMNS, len(rules))
    rows = -(-len(rules) // columns)
    width, height = PANEL[0] + MARGIN[0] + MARGIN[2], PANEL[1] + MARGIN[1] + MARGIN[3]
    picture: Picture = np.full((HEAD_PX + rows * height, max(columns * width, 760), 3), 255, np.uint8)
    _head(picture, knob)
    for n, rule in enumerate(rules):
        corner = (n % columns * width + MARGIN[0], HEAD_PX + n // columns * height + MARGIN[1])
        _panel(picture, corner, [one for one in counted if one.knob == knob and one.rule == rule])
    return picture


def write(counted: Sequence[Share], folder: Path) -> list[Path]:
    """Write one picture for each knob that was turned, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    turned = {one.knob for one in counted}
    paths = []
    for knob in (name for name in SWEEPS if name in turned):
        path = folder / f"{knob}.png"
        done, data = cv2.imencode(".png", draw(counted, knob))
        if not done:
            raise InputError("the picture could not be encoded", str(path))
        path.write_bytes(data.tobytes())
        paths.append(path)
    return paths


def _text(picture: Picture, text: str, at: tuple[int, int], size: float = 0.42, right: bool = False) -> None:
    width = cv2.getTextSize(text, FONT, size, 1)[0][0]
    cv2.putText(picture, text, (at[0] - width if right else at[0], at[1]), FONT, size, INK, 1, cv2.LINE_AA)


def _head(picture: Picture, knob: str) -> None:
    """Write the title and the legend."""
    sweep = SWEEPS[knob]
    honest = "" if sweep.honest else " (the scene does not say so)"
    _text(picture, f"{sweep.title}{honest}: share of opportunities against {sweep.unit}", (12, 22), 0.55)
    x = 12
    for name, colour in COLOURS.items():
        cv2.rectangle(picture, (x, 36), (x + 14, 50), colour, -1)
        label = {"lost": "no call", "wrong": f"wrong definite (dot: per cent; full above {100 * LIMIT:g})"}.get(
            name, name
        )
        _text(picture, label, (x + 20, 48))
        x += 36 + cv2.getTextSize(label, FONT, 0.42, 1)[0][0]


def _panel(picture: Picture, corner: tuple[int, int], several: Sequence[Share]) -> None:
    """Draw the shares of one rule; levels are spaced evenly, since most knobs are turned by factors."""
    x, y = corner
    width, height = PANEL
    counts = sorted({one.of for one in several})
    told = f"{counts[0]} to {counts[-1]}" if len(counts) > 1 else f"{counts[0]}"
    _text(picture, f"{several[0].rule}, {told} a level", (x, y - 10))
    xs = np.linspace(x + STEM_PX, x + width - STEM_PX, len(several)).round().astype(int)
    floor = np.zeros(len(several))
    for name, colour in COLOURS.items():
        top = floor + [min(one.share(name), 1.0) for one in several]
        ends = [np.column_stack([xs, y + height * (1 - np.minimum(edge, 1.0))]) for edge in (floor, top)]
        cv2.fillPoly(picture, [np.concatenate([ends[0], ends[1][::-1]]).round().astype(np.int32)], colour)
        floor = top
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        level = round(y + height * (1 - share))
        cv2.line(picture, (x, level), (x + width, level), FAINT if 0 < share < 1 else INK, 1)
        _text(picture, f"{100 * share:.0f} %", (x - 4, level + 4), 0.36, right=True)
    for at, one in zip(xs.tolist(), several, strict=True):
        wrong = one.share("wrong")
        cv2.line(picture, (at, y + height), (at, y + height + 4), INK, 1)
        _text(picture, f"{one.level:g}", (at - 8, y + height + 17), 0.36)
        if wrong > 0:
            cv2.circle(picture, (at, y + 8), 4, COLOURS["wrong"], -1 if wrong > LIMIT else 1, cv2.LINE_AA)
            _text(picture, f"{100 * wrong:.1f}", (at - 10, y + 26), 0.36)
