"""Tracking in the picture plane: the same core where there is no registration.

The state is (centre x, lower edge y, width, height) in pixels with its velocities; noise and acceleration are
proportional to the box height, so that near and far people behave alike.
"""

import numpy as np

from tracking.association import Association, Sightings, associate

POSITION_SIGMA = 0.05  # of the box height: scatter of a detector's edges
SIZE_SIGMA = 0.08


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


def track_boxes(
    times: np.ndarray, step: np.ndarray, boxes: np.ndarray, scores: np.ndarray, settings: Association
) -> np.ndarray:
    """Give boxes of one shot to tracks, online: a label rests on nothing later, except that a track's first
    sightings are named when it is confirmed.

    Args:
        times: instants of the shot, seconds.
        step: n indices into ``times``, not decreasing.
        boxes: n x 4 pixels.
        scores: n.
        settings: thresholds; ``acceleration`` and ``speed_sigma`` are in box heights.

    Returns:
        n labels, -1 where a box belongs to no confirmed track.
    """
    return associate(times, sightings(step, boxes, scores), settings, lambda _step, states, _boxes: to_corners(states))
