"""Who is not on the field: spectators, benches and staff leave by geometry, each with a reason.

Two looks: one at every sighting, which drops only what is clear, and one at every finished track, where many
sightings speak together.
"""

from dataclasses import dataclass

import numpy as np

from tracking.footing import Region

OUTSIDE = "outside the field"
BARRIER = "in front of the near barrier"
SIZE = "wrong size for a person there"
BENCH = "on a bench"
UNREGISTERED = "frame not registered"
UNSURE = "position too uncertain"
PART = "part of a person who has a better box"
SEVERAL = "several people in one box"
_WITHIN = 0.75  # a box lies within another one with this share of its area
_SMALLER = 0.6  # a part has at most this share of the area of the whole
_APART = 0.3  # two boxes that share less than this of the smaller one are two people
_FILLED = 0.85  # two people fill a box that they share to this part of its width and height
_TALL = 1.3  # nobody's box is taller than this, measured by a standing person


@dataclass(frozen=True)
class Filtering:
    """What is dropped.

    Attributes:
        margin_m: a sighting is dropped when it lies further outside the field than this plus ``sigmas`` of its error.
        sigmas: see ``margin_m``.
        track_margin_m: a track is dropped when the median of its points lies further outside than this.
        barrier_m: height of the barrier around the field; 0 for none.
        low, high: least and greatest height of a box, as a share of a standing person's height there.
        track_low: the same for the median of a track.
        unsure_m: greatest own 1-sigma of a position that is used.
    """

    margin_m: float = 1.5
    sigmas: float = 2.0
    track_margin_m: float = 0.8
    barrier_m: float = 0.0
    low: float = 0.3
    high: float = 1.7
    track_low: float = 0.4
    unsure_m: float = 6.0


@dataclass(frozen=True)
class Bench:
    """A box beside the field, metres, in which people do not take part."""

    x: tuple[float, float]
    y: tuple[float, float]

    def holds(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return for N points whether they lie in the bench."""
        return (x >= self.x[0]) & (x <= self.x[1]) & (y >= self.y[0]) & (y <= self.y[1])


@dataclass(frozen=True)
class Evidence:
    """What geometry says about N sightings.

    Attributes:
        x, y: metres, field frame.
        sigma: metres, own 1-sigma along the worst direction.
        height_ratio: box height over that of a standing person there; nan when unknown.
        clearance_m: see tracking.footing.Footing; nan when unknown.
    """

    x: np.ndarray
    y: np.ndarray
    sigma: np.ndarray
    height_ratio: np.ndarray
    clearance_m: np.ndarray


def reasons(evidence: Evidence, boundary: Region, settings: Filtering, benches: tuple[Bench, ...] = ()) -> np.ndarray:
    """Return for each of N sightings why it cannot be a person on the field, or None (object array)."""
    x, y = evidence.x, evidence.y
    inside = boundary.distance(x, y)
    benched = np.zeros(len(x), bool)
    for bench in benches:
        benched |= bench.holds(x, y)
    result = np.full(len(x), None, dtype=object)
    checks = (
        (UNREGISTERED, np.isnan(x) | np.isnan(y)),
        (OUTSIDE, inside < -(settings.margin_m + settings.sigmas * np.minimum(evidence.sigma, 1.0))),
        (BARRIER, (settings.barrier_m > 0) & (evidence.clearance_m < settings.barrier_m)),
        (SIZE, (evidence.height_ratio < settings.low) | (evidence.height_ratio > settings.high)),
        (BENCH, benched),
        (UNSURE, evidence.sigma > settings.unsure_m),
    )
    for reason, holds in checks:
        result[holds & np.equal(result, None)] = reason
    return result


def composites(boxes: np.ndarray, scores: np.ndarray, height_ratio: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Find which boxes of one frame show a part of a person or several people.

    A part lies within a better box that has the size of a person. A box of several people holds two others that are
    apart from one another and have scores that compare with its own. Where they do not compare, but fill a box that is
    too tall for one person, that box has the feet of the nearer one and the head of the farther one: it is cut down to
    the nearer one, whose own weaker box is a part of it.

    Args:
        boxes: N x 4 pixels.
        scores: N.
        height_ratio: N, box height over that of a standing person there; nan when unknown.

    Returns:
        N reasons, None for a box that stays (object array), and the N x 4 boxes after cutting.
    """
    result = np.full(len(boxes), None, dtype=object)
    if len(boxes) < 2:
        return result, boxes
    size = (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=-1)
    within = (shared >= _WITHIN * size[:, None]) & (size[:, None] < _SMALLER * size[None])
    tall = height_ratio > _TALL
    person = ~((height_ratio < 0.6) | tall)
    part = (within & (scores[:, None] < scores[None]) & person[None]).any(axis=1)
    result[part] = PART
    apart = shared < _APART * np.minimum(size[:, None], size[None])
    inside = within & ~part[:, None]
    cut = boxes.copy()
    for whole in np.flatnonzero(inside.sum(axis=0) >= 2):
        held = np.flatnonzero(inside[:, whole])
        two = apart[np.ix_(held, held)]
        best = np.sort(scores[held])[-2]
        if two.any() and best >= 0.5 * scores[whole]:
            result[whole] = SEVERAL
        elif tall[whole] and _fill(boxes[whole], boxes[held], two):
            nearer = held[np.argmax(boxes[held, 3])]
            result[nearer] = PART
            cut[whole, 1] = boxes[nearer, 1]
    return result, cut


def _fill(whole: np.ndarray, held: np.ndarray, apart: np.ndarray) -> bool:
    """Return whether two of the boxes that a box holds, apart from one another, together reach to all its edges."""
    first, second = np.nonzero(np.triu(apart))
    low = np.minimum(held[first, :2], held[second, :2])
    high = np.maximum(held[first, 2:], held[second, 2:])
    share = (np.minimum(high, whole[2:]) - np.maximum(low, whole[:2])) / (whole[2:] - whole[:2])
    return bool((share >= _FILLED).all(axis=1).any())


def track_reason(evidence: Evidence, boundary: Region, settings: Filtering) -> str | None:
    """Return why one track, of N sightings, is none of a person on the field, or None."""
    if np.median(boundary.distance(evidence.x, evidence.y)) < -settings.track_margin_m:
        return OUTSIDE
    ratio = evidence.height_ratio[~np.isnan(evidence.height_ratio)]
    if len(ratio) and np.median(ratio) < settings.track_low:
        return SIZE
    return None
