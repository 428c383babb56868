"""What weather leaves on a field: water that darkens grass and mirrors the lights, snow that hides grass and lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import cv2
import numpy as np

from simulation.arena import AROUND, Panorama
from simulation.turf import BLOCK, patches

LAMPS = 26  # around the stadium, on the roofs of the stands
LAMP_ABOVE_M, LAMP_BEHIND_M = 30.0, 25.0  # over the ground, behind the wall
WIDE_RAD, TALL_RAD = 0.022, 0.13  # of a lamp in wet grass, 1 sigma: blades throw it towards who looks, not aside
GRAZING_RAD = 0.1  # by so much further down, wet grass mirrors a third of the sky that it did
SNOW = (236.0, 232.0, 228.0)
LYING_MOST = 0.9  # share of the ground that snow hides where most of it lies


@dataclass(frozen=True)
class Cover:
    """What lies on the ground.

    Attributes:
        seed: of where more and where less of it lies, and of where the lamps stand.
        wet: how wet the ground is, 0 to 1.
        snow: share of the ground that snow hides on average, 0 to 1.
    """

    seed: int
    wet: float = 0.0
    snow: float = 0.0

    def lay(self, texture: np.ndarray, px_m: float) -> np.ndarray:
        """Lay it on a field seen from above.

        Args:
            texture: uint8 BGR of the dry field, shape (H, W, 3).
            px_m: pixels per metre.

        Returns:
            uint8, shape (H, W, 4): BGR, and how much the ground shines.
        """
        rng = np.random.default_rng([self.seed, 113])
        shape = texture.shape[0], texture.shape[1]
        broad, fine = patches(rng, shape, px_m * 9.0), patches(rng, shape, px_m * 0.7)
        found = np.empty((*shape, 4), np.uint8)
        for top in range(0, shape[0], BLOCK):
            rows = slice(top, top + BLOCK)
            uneven = 0.6 * broad[rows] + 0.4 * fine[rows]
            water = np.clip(self.wet * (0.6 + 0.35 * uneven), 0.0, 1.0)
            hidden = np.clip(self.snow + (0.16 * uneven if self.snow else 0.0), 0.0, LYING_MOST)
            for channel, white in enumerate(SNOW):
                part = texture[rows, :, channel] * (1.0 - 0.45 * water)
                part += (white - part) * hidden
                found[rows, :, channel] = np.clip(part, 0, 255)
            found[rows, :, 3] = 255 * water * (1.0 - hidden)
        return found

    def shine(self, ground: np.ndarray, tilts: np.ndarray, frame: Panorama) -> np.ndarray:
        """Return rows of a panorama with the lamps and the sky in its wet ground.

        Args:
            ground: uint8 BGR and how much it shines, shape (H, W, 4).
            tilts: of its rows, radians, shape (H,).
            frame: the panorama.
        """
        plain = cv2.cvtColor(ground, cv2.COLOR_BGRA2BGR)
        if self.wet <= 0:
            return plain
        light = np.repeat(45.0 * np.exp(-tilts[:, None] / GRAZING_RAD), len(frame.pans), axis=1).astype(np.float32)
        for pan, tilt, bright in self._lamps(frame):
            if frame.pans[0] - 4 * WIDE_RAD < pan < frame.pans[-1] + 4 * WIDE_RAD:
                across = np.exp(-0.5 * ((frame.pans - pan) / WIDE_RAD) ** 2).astype(np.float32)
                along = np.exp(-0.5 * ((tilts - tilt) / TALL_RAD) ** 2).astype(np.float32)
                light += bright * along[:, None] * across
        light *= ground[:, :, 3] * np.float32(1 / 255)
        return np.asarray(cv2.add(plain, cv2.merge([light] * 3), dtype=cv2.CV_8U))

    def _lamps(self, frame: Panorama) -> list[tuple[float, float, float]]:
        """Pan and tilt of each lamp's mirror image, radians, and its brightness in grey levels."""
        rng = np.random.default_rng([self.seed, 131])
        pans = np.linspace(-np.pi, np.pi, LAMPS, endpoint=False) + rng.uniform(-0.08, 0.08, LAMPS)
        away = np.interp(pans, AROUND, frame.walls[1]) + LAMP_BEHIND_M
        tilts = np.arctan2(frame.centre[2] + LAMP_ABOVE_M, away)
        return list(zip(pans.tolist(), tilts.tolist(), rng.uniform(110, 190, LAMPS).tolist(), strict=True))


COVERS: Mapping[str, Cover] = {"rain": Cover(0, wet=1.0), "snow": Cover(0, wet=0.25, snow=1.0)}
LEAST = 0.5  # of the rain and snow that there may be


def cover_of(weather: str, seed: int) -> Cover | None:
    """Draw what a weather leaves on the ground; None: nothing.

    Args:
        weather: of ``simulation.weather.WEATHERS``.
        seed: of how much there is, and where.
    """
    if weather not in COVERS:
        return None
    share = float(np.random.default_rng([seed, 137]).uniform(LEAST, 0.85))
    most = COVERS[weather]
    return replace(most, seed=seed, wet=most.wet * share if not most.snow else most.wet, snow=most.snow * share)
