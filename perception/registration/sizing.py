"""How large a field is, where the rulebook leaves it open and nobody said: as the landmarks in the pictures have it.

Penalty areas and circles are of one size everywhere, touch lines and goal lines are not: from a picture in which both
are to be seen the size follows. A size is as good as the landmarks agree with it, each picture with a homography of its
own, and as it is usual; where no picture tells, the usual one stays.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from ontologies import registry
from perception.registration.landmarks import REACH_PX, Landmarks
from records.scene import FieldChoice

STEP_M = 0.5  # between two sizes that are tried
USUAL_M = 3.0  # 1-sigma of sizes around the preset's
MARK_PX = 4.0  # 1-sigma of a model's mark, pixels of a picture 1280 wide
WORST = 3.0  # a mark further off than so many sigmas is on something else, whatever the size
SIZES = ("length_m", "width_m")


def sized(domain: str, choice: FieldChoice, looks: Sequence[Landmarks], width: int) -> FieldChoice:
    """Return which field it is, with the sizes that were open as the pictures have them.

    Args:
        domain: the sport.
        choice: what is known; sizes that are given stay.
        looks: landmarks in pictures of one field.
        width: of the pictures, pixels.
    """
    usual = registry.usual_sizes(domain)
    preset = registry.field(domain, choice)
    if not usual or not looks:
        return choice
    axes = [_tried(getattr(choice, name), usual[name]) for name in SIZES]
    middle = np.array([preset.length_m, preset.width_m])
    best, least = choice, np.inf
    for sizes in itertools.product(*axes):
        tried = FieldChoice(choice.preset, *sizes)
        places = registry.field(domain, tried).landmarks
        cost = sum(_misfit(look, places, width / 1280) for look in looks)
        cost += float(np.sum(((np.array(sizes) - middle) / USUAL_M) ** 2))
        if cost < least:
            best, least = tried, cost
    return best


def _tried(given: float | None, between: tuple[float, float]) -> list[float]:
    if given is not None:
        return [given]
    low, high = between
    return [float(size) for size in np.arange(low, high + STEP_M / 2, STEP_M)]


def _misfit(look: Landmarks, places: Mapping[str, Sequence[float]], scale: float) -> float:
    """Return the squared distances of marks from where one homography puts them, over their variance."""
    field = np.array([places[name][:2] for name in look.names], float)
    matrix = None
    if len(field) >= 4:
        matrix, _ = cv2.findHomography(
            field, look.pixels, cv2.RANSAC, REACH_PX * scale, maxIters=2000, confidence=0.999
        )
    if matrix is None:
        return WORST**2 * len(field)
    apart = np.hypot(*(cv2.perspectiveTransform(field[None], matrix)[0] - look.pixels).T)
    return float(np.sum(np.minimum((apart / (MARK_PX * scale)) ** 2, WORST**2)))
