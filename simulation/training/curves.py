"""The losses of a training as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np


def draw_curves(history: Sequence[dict[str, float]], path: Path) -> None:
    """Draw the losses over the updates as a picture, logarithmic, one colour each."""
    width, height, edge = 900, 480, 50
    picture = np.full((height, width, 3), 255, np.uint8)
    names = [name for name in history[0] if name != "step"]
    values = np.array([[max(row[name], 1e-4) for name in names] for row in history])
    smooth = np.exp(cv2.blur(np.log(values), (1, min(15, len(values)))))
    low, high = np.log10(smooth.min()) - 0.05, np.log10(smooth.max()) + 0.05
    steps = np.array([row["step"] for row in history])
    for i, name in enumerate(names):
        hue = np.uint8([[[int(180 * i / len(names)), 220, 190]]])
        colour = tuple(int(v) for v in cv2.cvtColor(hue, cv2.COLOR_HSV2BGR)[0, 0])
        x = edge + (width - 2 * edge) * steps / steps[-1]
        y = height - edge - (height - 2 * edge) * (np.log10(smooth[:, i]) - low) / (high - low)
        points = np.column_stack([x, y]).round().astype(np.int32)
        cv2.polylines(picture, [points], False, colour, 2, cv2.LINE_AA)
        text = f"{name} {smooth[-1, i]:.3g}"
        cv2.putText(picture, text, (width - 260, 30 + 22 * i), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 1, cv2.LINE_AA)
    cv2.imwrite(str(path), picture)
