"""Cuts to somebody in close-up and back, as a broadcast has them: another camera, and little of the play."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter1d

from simulation.camera import Rig, View
from simulation.plays.play import Play

LASTS_S = (0.8, 2.0)
BEGINS = (0.15, 0.75)  # share of the play that is over
FILLS = (0.45, 0.8)  # share of the picture's height that he fills
TALL_M, MIDDLE_M = 1.85, 1.05
LAG_S = 0.25
BESIDE_M = (5.0, 14.0)  # how far from the main camera the other one stands
MARGIN_RAD = 0.02


@dataclass(frozen=True)
class CloseUp:
    """Pictures of somebody from near.

    Attributes:
        first: index of the first instant that is shown so.
        after: index of the first that is not any more.
        entity: who is shown.
        views: of the camera, one for each instant shown.
    """

    first: int
    after: int
    entity: str
    views: list[View]

    @property
    def pans(self) -> tuple[float, float]:
        """Range of pan that the views take in, radians."""
        reach = np.hypot(self.views[0].width, self.views[0].height) / 2 / self.sharpness + MARGIN_RAD
        pans = [view.pan for view in self.views]
        return min(pans) - reach, max(pans) + reach

    @property
    def tilts(self) -> tuple[float, float]:
        """Range of tilt that the views take in, radians; a panorama begins below the horizon."""
        reach = self.views[0].height / 2 / self.sharpness + MARGIN_RAD
        tilts = [view.tilt for view in self.views]
        return max(min(tilts) - reach, 0.01), max(tilts) + reach

    @property
    def sharpness(self) -> float:
        """Pixels a radian of the views."""
        return self.views[0].fx


def camera_at(main: list[View], close: CloseUp | None, index: int) -> tuple[list[View], int, int]:
    """Return the views of the camera that shows an instant, which of them it is, and the number of the camera shot.

    Args:
        main: views of the main camera, one for each instant.
        close: the close-up, where there is one.
        index: of the instant.
    """
    if close is None or index < close.first:
        return main, index, 0
    if index >= close.after:
        return main, index, 2
    return close.views, index - close.first, 1


def close_up(play: Play, rig: Rig, seed: int) -> CloseUp | None:
    """Draw a close-up in a play: who, when, from where.

    Args:
        play: the truth.
        rig: the main camera.
        seed: of what is drawn.

    Returns:
        The close-up; None where the play is too short for one.
    """
    rng = np.random.default_rng([seed, 103])
    span = float(play.t[-1] - play.t[0])
    start = float(play.t[0]) + float(rng.uniform(*BEGINS)) * span
    first, after = np.searchsorted(play.t, [start, start + float(rng.uniform(*LASTS_S))])
    if after >= len(play.t) or after - first < 2:
        return None
    people = [one for one in play.cast if one.kind in ("player", "goalie")]
    near = [float(np.hypot(*(play.paths[one.entity].xy[first] - play.puck[first]))) for one in people]
    entity = play.carrier[first] or people[int(np.argmin(near))].entity
    beside = float(rng.choice([-1.0, 1.0])) * float(rng.uniform(*BESIDE_M))
    x, y, z = rig.centre
    across = abs(x) > abs(y)  # a camera behind an end stands aside along y
    place = (x, y + beside, 0.9 * z) if across else (x + beside, y, 0.9 * z)
    other = replace(rig, centre=place, k1=0.0, zoom=0.0)
    return CloseUp(int(first), int(after), entity, _views(play, other, (int(first), int(after)), entity, rng))


def _views(play: Play, rig: Rig, when: tuple[int, int], entity: str, rng: np.random.Generator) -> list[View]:
    """Follow somebody with the middle of his body in the middle of the picture, as fast as a hand does."""
    step = float(np.median(np.diff(play.t)))
    steady = gaussian_filter1d(play.paths[entity].xy, LAG_S / step, axis=0, mode="nearest")[slice(*when)]
    ground = np.hypot(steady[:, 0] - rig.centre[0], steady[:, 1] - rig.centre[1])
    away = float(np.median(np.hypot(ground, rig.centre[2] - MIDDLE_M)))
    fx = float(rng.uniform(*FILLS)) * rig.height * away / TALL_M
    views = [rig.look_at(float(x), float(y), fx) for x, y in steady]
    tilts = np.arctan2(rig.centre[2] - MIDDLE_M, ground)
    return [replace(view, tilt=float(tilt)) for view, tilt in zip(views, tilts, strict=True)]
