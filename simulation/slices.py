"""What a clip is a slice of: labels by which figures can be told apart, measured in its own pictures and truth."""

from __future__ import annotations

import numpy as np

from simulation.staging import Shot

DARK, BRIGHT = 70.0, 150.0  # mean grey levels below and above which a clip is called so
HIDDEN = 0.6  # who is seen less than this share is partly hidden
CROWDED, SPARSE = 0.35, 0.1  # share of people that overlap somebody above and below which a clip is called so
FAR_M = 40.0  # of a point of the still world, from the camera
SMEARED_PX = 4.0  # of the still world while the shutter is open


class Slices:
    """Gathers what a clip's pictures are like, one by one.

    Args:
        exposure_s: seconds that the shutter is open.
    """

    def __init__(self, exposure_s: float) -> None:
        self._exposure_s = exposure_s
        self._grey: list[float] = []
        self._visible: list[float] = []
        self._overlaps: list[float] = []
        self._smears: list[float] = []
        self._last: Shot | None = None

    def add(self, shot: Shot) -> None:
        """Take one more picture into account."""
        self._grey.append(float(shot.image[::8, ::8].mean()))
        people = [one for one in shot.shown if one.kind not in ("puck", "ball") and one.visible > 0]
        self._visible += [one.visible for one in people]
        boxes = np.array([one.box for one in people]).reshape(-1, 4)
        self._overlaps += _overlapped(boxes).tolist()
        if self._last is not None and shot.cut == self._last.cut:
            ray = self._last.view.rays(self._last.view.principal[None])
            moved = shot.view.to_image(np.asarray(self._last.view.centre) + ray * FAR_M)[0] - shot.view.principal
            self._smears.append(float(np.hypot(*moved)) / (shot.t - self._last.t) * self._exposure_s)
        self._last = shot

    def labels(self) -> dict[str, object]:
        """Return the labels: words, and the figures that they come from."""
        grey = float(np.mean(self._grey)) if self._grey else 0.0
        hidden = float(np.mean(np.array(self._visible) < HIDDEN)) if self._visible else 0.0
        overlap = float(np.mean(self._overlaps)) if self._overlaps else 0.0
        smear = float(np.percentile(self._smears, 90)) if self._smears else 0.0
        return {
            "light": "dark" if grey < DARK else "bright" if grey > BRIGHT else "usual",
            "grey": round(grey, 1),
            "occlusion": round(hidden, 3),
            "crowd": "crowded" if overlap > CROWDED else "sparse" if overlap < SPARSE else "usual",
            "overlap": round(overlap, 3),
            "motion_blur": "smeared" if smear > SMEARED_PX else "sharp",
            "motion_blur_px": round(smear, 2),
        }


def _overlapped(boxes: np.ndarray) -> np.ndarray:
    """Return which boxes overlap another one, shape (N,)."""
    if len(boxes) < 2:
        return np.zeros(len(boxes), bool)
    low, high = boxes[:, None], boxes[None]
    width = np.minimum(low[..., 2], high[..., 2]) - np.maximum(low[..., 0], high[..., 0])
    height = np.minimum(low[..., 3], high[..., 3]) - np.maximum(low[..., 1], high[..., 1])
    both = (width > 0) & (height > 0)
    np.fill_diagonal(both, False)
    return np.asarray(both.any(axis=1))
