"""Tracking in the picture plane: the same core where there is no registration.

The state is (centre x, lower edge y, width, height) in pixels with its velocities; noise and acceleration are
proportional to the box height, so that near and far people behave alike.
"""

import numpy as np

from tracking import linking, smoothing
from tracking.association import Association, Sightings, associate
from tracking.linking import Linking
from tracking.settings import Output, TrackerSettings
from tracking.smoothing import Smoothing

POSITION_SIGMA = 0.08  # of the box height: scatter of a detector's edges
SIZE_SIGMA = 0.06

PICTURE = TrackerSettings(
    association=Association(
        low=0.45,
        high=0.7,
        birth=0.9,
        gate=16.0,
        overlap_gate=50.0,
        overlap_high=0.05,
        overlap_low=0.5,
        duplicate=0.9,
        distance_weight=0.5,
        kit_weight=0.0,
        acceleration=1.0,
        speed_sigma=2.0,
        patience_s=1.5,
        confirm_s=0.1,
        tentative_s=0.08,
        low_s=1.5,
    ),
    smoothing=Smoothing(acceleration=1.0, speed_sigma=2.0, tau_s=0.0),
    linking=Linking(gap_s=1.0, gate=0.0, speed=3.0, wander_speed=1.0, wander_s=1.0, behind=0.0, kit_weight=0.0),
    output=Output(least_sightings=3, fill_s=0.5),
)
"""For boxes without kits, scores near 1 for good ones; found on sequences of the MOTChallenge 2015."""


def sightings(step: np.ndarray, boxes: np.ndarray, scores: np.ndarray, kits: np.ndarray | None = None) -> Sightings:
    """Make sightings of boxes.

    Args:
        step: n indices into the instants.
        boxes: n x 4 pixels (x1, y1, x2, y2).
        scores: n.
        kits: n x K descriptors or None.
    """
    heights = np.maximum(boxes[:, 3] - boxes[:, 1], 1.0)
    sigma = heights[:, None] * np.array([POSITION_SIGMA, POSITION_SIGMA, SIZE_SIGMA, SIZE_SIGMA])
    noise = np.zeros((len(boxes), 4, 4))
    noise[:, np.arange(4), np.arange(4)] = sigma**2
    kits = np.full((len(boxes), 1), np.nan) if kits is None else kits
    return Sightings(step, from_corners(boxes), noise, boxes, scores, kits, heights)


def from_corners(boxes: np.ndarray) -> np.ndarray:
    """Return (centre x, lower edge y, width, height) of boxes (x1, y1, x2, y2).

    >>> from_corners(np.array([[0.0, 0.0, 4.0, 10.0]])).tolist()
    [[2.0, 10.0, 4.0, 10.0]]
    """
    width, height = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return np.stack([boxes[:, 0] + width / 2, boxes[:, 3], width, height], axis=1)


def to_corners(states: np.ndarray) -> np.ndarray:
    """Return the boxes (x1, y1, x2, y2) of states; the inverse of ``from_corners``.

    >>> to_corners(np.array([[2.0, 10.0, 4.0, 10.0]])).tolist()
    [[0.0, 0.0, 4.0, 10.0]]
    """
    x, bottom, width, height = states[:, :4].T
    width, height = np.maximum(width, 1.0), np.maximum(height, 1.0)
    return np.stack([x - width / 2, bottom - height, x + width / 2, bottom], axis=1)


def online(
    times: np.ndarray, step: np.ndarray, boxes: np.ndarray, scores: np.ndarray, settings: TrackerSettings = PICTURE
) -> np.ndarray:
    """Give the boxes of one shot to tracks; a label rests on nothing that comes later.

    Args:
        times: instants of the shot, seconds.
        step: n indices into ``times``, not decreasing.
        boxes: n x 4 pixels.
        scores: n.
        settings: accelerations and speeds are in box heights.

    Returns:
        n labels, -1 where a box belongs to no track, or to none that is confirmed by then.
    """
    labels = _labels(times, sightings(step, boxes, scores), settings)
    t = times[step]
    born = {int(name): t[np.flatnonzero(labels == name)[:2]] for name in np.unique(labels[labels >= 0])}
    known = [max(pair[-1], pair[0] + settings.association.confirm_s - 1e-6) for pair in born.values()]
    since = dict(zip(born, known, strict=True))
    early = np.array([name >= 0 and t[i] < since[int(name)] for i, name in enumerate(labels)], bool)
    return np.where(early, -1, labels)


def _labels(times: np.ndarray, seen: Sightings, settings: TrackerSettings) -> np.ndarray:
    return associate(times, seen, settings.association, lambda _, states, __: to_corners(states))


def offline(
    times: np.ndarray, step: np.ndarray, boxes: np.ndarray, scores: np.ndarray, settings: TrackerSettings = PICTURE
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Track the boxes of one shot with the whole shot at hand: pieces joined, gaps filled, doubles dropped.

    Returns:
        m steps, labels, and boxes m x 4: the detected one where there is one, else the smoothed one.
    """
    seen = sightings(step, boxes, scores)
    labels = _labels(times, seen, settings)
    paths = smoothing.smooth(times, seen, labels, settings.smoothing)
    labels = linking.link(times, seen, paths, labels, settings.linking)
    paths = smoothing.smooth(times, seen, labels, settings.smoothing)
    double = linking.doubles(seen, paths, settings.linking)
    kept = [
        path.filled(times, settings.output.fill_s)
        for path in paths
        if path.label not in double and path.observed.sum() >= settings.output.least_sightings
    ]
    if not kept:
        return np.array([], int), np.array([], int), np.zeros((0, 4))
    shown = [np.where(path.observed[:, None], boxes[path.rows], to_corners(path.states)) for path in kept]
    names = [np.full(len(path.steps), path.label) for path in kept]
    return np.concatenate([path.steps for path in kept]), np.concatenate(names), np.concatenate(shown)
