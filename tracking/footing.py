"""Where a person's feet are, from a box and the camera: the geometry between a detection and its ground point.

As long as the feet are in the picture, the lower edge of a box is the toe of the nearer foot, and the ground point is
a little behind its middle. Boards, and the crowd in front of them, hide the feet of whoever plays close to the near
side; there the head is the better witness: the ground point is the one below the point at head height on the line of
sight through the upper edge. Behind a nearer person, the lower edge may be where the feet are, or anywhere above them.

Pixels are those of the decoded picture; metres are in the field frame.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

PERSON_M = 1.8  # a standing person with helmet and skates or cleats
SEEN_M = 1.7  # the upper edge of the box of somebody on the field, who bends more often than not
STATURE_SIGMA = 0.13  # relative: stature, and how far people bend or crouch
TOE_M = 0.2  # from the toe of the nearer foot to the middle between the feet: half a shoe, and a share of the stance
WIDE = 0.55  # of a person's height: how wide somebody upright is; in a wider box the feet may be anywhere
_AT_ONCE = 512  # lines of sight that are followed at once; more would only take more memory
_NEAR_STEPS = 25  # of the 97 points on a line of sight; so many reach 50 m
_BESIDE = 0.3  # a nearer box that covers this share of the width of another one's lower edge may hide the feet


class View(Protocol):
    """One registered frame, or one for each of N points. Mappings are nan where a point cannot be mapped."""

    @property
    def camera(self) -> np.ndarray | None:
        """Camera centre (3,) in metres, or N x 3, one for each point that is mapped; None when unknown."""

    def to_field(self, uv: np.ndarray, z: float | np.ndarray | None = None) -> np.ndarray:
        """Map pixels N x 2 to points N x 2 on the ground, or at height ``z`` above z = 0."""

    def surface(self, xy: np.ndarray) -> np.ndarray:
        """Return the height of the ground at points N x 2."""

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Map points N x 2 on the ground, or N x 3 with heights, to pixels N x 2."""


class Region(Protocol):
    """A region with a signed distance, positive inside, such as the boundary of a field."""

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Return signed distances in metres."""


@dataclass(frozen=True)
class Footing:
    """Ground points of N boxes.

    Attributes:
        uv: N x 2 pixels of the ground point.
        sigma_px: N x 2, 1-sigma of it across and down the picture.
        person_px: N, height in the picture of a standing person there; nan when heights are unknown.
        hidden: N, whether the feet are thought to be out of sight.
    """

    uv: np.ndarray
    sigma_px: np.ndarray
    person_px: np.ndarray
    hidden: np.ndarray


def ground_points(
    boxes: np.ndarray,
    view: View,
    boundary: Region,
    picture_height: float | np.ndarray,
    barrier_m: float = 0.0,
    believed: np.ndarray | None = None,
    frame: np.ndarray | None = None,
) -> Footing:
    """Find the ground points of the people in N boxes.

    Args:
        boxes: N x 4 pixels (x1, y1, x2, y2).
        view: the registration of their frame, or of each one's.
        boundary: the edge of the field.
        picture_height: pixels.
        barrier_m: height of the barrier around the field that hides what is behind it (boards), 0 for none.
        believed: N, which boxes are believed to show somebody, who may hide others; None for all.
        frame: N, rising: boxes with the same number are in one picture; None: all are.
    """
    boxes = np.asarray(boxes, float).reshape(-1, 4)
    bottom = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, 3]], axis=1)
    height = boxes[:, 3] - boxes[:, 1]
    if view.camera is None or not len(boxes):
        unknown = np.full(len(boxes), np.nan)
        sigma = _sigma(boxes, height, height, np.zeros(len(boxes)))
        return Footing(bottom, sigma, unknown, np.zeros(len(boxes), bool))
    person = _person_px(view, bottom)
    hidden = boxes[:, 3] >= picture_height - 3
    if barrier_m > 0:
        shoes = bottom - np.stack([np.zeros(len(boxes)), 0.03 * height], axis=1)
        hidden |= passes_below(shoes, view, boundary, barrier_m + 0.1)
    under = _below_head(view, bottom, height)
    uv = np.where(hidden[:, None], under, _between_feet(view, bottom))
    person = np.where(hidden, _person_px(view, uv), person)
    expected = np.where(np.isnan(person), height, person)
    lost = np.where(_covered(boxes, believed, frame), np.clip(under - bottom, 0.0, None)[:, 1] / np.sqrt(3.0), 0.0)
    lost = np.maximum(lost, 0.5 * np.clip(0.75 * expected - height, 0.0, None))
    sigma = _sigma(boxes, height, expected, np.where(hidden, STATURE_SIGMA * expected, lost))
    return Footing(uv, sigma, person, hidden)


def _sigma(boxes: np.ndarray, height: np.ndarray, expected: np.ndarray, lost: np.ndarray) -> np.ndarray:
    """Scatter of a foot point: of the edges, of the feet within a wide box, and of what is lost at its lower edge."""
    size = np.maximum(height, 0.7 * expected)
    wide = np.clip(boxes[:, 2] - boxes[:, 0] - WIDE * size, 0.0, None) / np.sqrt(12.0)
    across = np.hypot(np.maximum(1.5, 0.05 * size), wide)
    return np.stack([across, np.hypot(np.maximum(1.5, 0.04 * expected), lost)], axis=1)


def _covered(boxes: np.ndarray, believed: np.ndarray | None, frame: np.ndarray | None) -> np.ndarray:
    """Return for N boxes whether another one in the picture, of somebody nearer, lies over the lower edge."""
    believed = np.ones(len(boxes), bool) if believed is None else believed
    cuts = [] if frame is None else np.flatnonzero(np.diff(frame)) + 1
    pictures = zip(np.split(boxes, cuts), np.split(believed, cuts), strict=True)
    return np.concatenate([_covered_by(one, one[good]) for one, good in pictures])


def _covered_by(boxes: np.ndarray, near: np.ndarray) -> np.ndarray:
    low, high = np.maximum(boxes[:, None, 0], near[None, :, 0]), np.minimum(boxes[:, None, 2], near[None, :, 2])
    beside = high - low >= _BESIDE * (boxes[:, 2] - boxes[:, 0])[:, None]
    below = near[None, :, 3] > boxes[:, None, 3] + 0.05 * (boxes[:, 3] - boxes[:, 1])[:, None]
    return (beside & below & (near[None, :, 1] < boxes[:, None, 3])).any(axis=1)


def _between_feet(view: View, bottom: np.ndarray) -> np.ndarray:
    """Return the pixels (N x 2) of the points ``TOE_M`` further from the camera than where N pixels see the ground."""
    assert view.camera is not None
    ground = view.to_field(bottom)
    away = ground - view.camera[..., :2]
    away = away / np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1.0)
    moved = view.to_image(ground + TOE_M * away)
    return np.where(np.isnan(moved), bottom, moved)


def _person_px(view: View, feet: np.ndarray) -> np.ndarray:
    """Return the height in the picture of a standing person with these feet (N x 2 pixels)."""
    ground = view.to_field(feet)
    standing = np.column_stack([ground, view.surface(ground) + PERSON_M])
    return np.abs(feet[:, 1] - view.to_image(standing)[:, 1])


def _below_head(view: View, bottom: np.ndarray, height: np.ndarray) -> np.ndarray:
    """Return the pixels of the feet of standing people whose heads are at the upper edges of the boxes."""
    top = bottom - np.stack([np.zeros(len(bottom)), height], axis=1)
    under = view.to_field(top, view.surface(view.to_field(top)) + SEEN_M)
    return np.where(np.isnan(under).any(axis=1)[:, None], bottom, view.to_image(under))


def passes_below(uv: np.ndarray, view: View, boundary: Region, height: float) -> np.ndarray:
    """Return for N lines of sight whether their `clearance` is known and below a height.

    What is seen further inside the field than the line of sight sinks from that height to the ground is not asked.
    """
    low = np.zeros(len(uv), bool)
    if view.camera is None:
        return low
    ground, camera = view.to_field(uv), np.broadcast_to(view.camera, (len(uv), 3))
    sinks = np.linalg.norm(ground - camera[:, :2], axis=1) * height / camera[:, 2]
    asked = ~(boundary.distance(ground[:, 0], ground[:, 1]) > sinks + 1.0)
    low[asked] = clearance(ground[asked], camera[asked], boundary) < height
    return low


def clearance(ground: np.ndarray, camera: np.ndarray, boundary: Region) -> np.ndarray:
    """Return how high above the ground N lines of sight pass over the near edge of the field, metres.

    Negative where the line reaches the ground before the field; nan where it misses the field, or nan is given. The
    edge is looked for along 200 m, first where most cameras have it.

    Args:
        ground: N x 2, where the lines reach the ground, metres.
        camera: N x 3, where they start.
        boundary: of the field.
    """
    over, steps = np.full(len(ground), np.nan), np.linspace(0.0, 1.0, 97)
    for first in range(0, len(ground), _AT_ONCE):
        left = np.arange(first, min(first + _AT_ONCE, len(ground)))
        reach = np.linalg.norm(ground[left] - camera[left, :2], axis=1)
        for part in (steps[:_NEAR_STEPS], steps[_NEAR_STEPS - 1 :]):
            along = part[None] * 200.0 / np.maximum(reach, 1.0)[:, None]
            share = _enters(ground[left], camera[left, :2], along, boundary)
            over[left] = camera[left, 2] * (1 - share)
            later = np.isnan(share)
            left, reach = left[later], reach[later]
    return over


def _enters(ground: np.ndarray, camera: np.ndarray, along: np.ndarray, boundary: Region) -> np.ndarray:
    """Return which share of the way from cameras (N x 2) to ground points (N x 2) the field begins at.

    It is looked for between the shares ``along`` (N x K, rising); nan where it does not begin there.
    """
    x = camera[:, :1] + along * (ground[:, 0] - camera[:, 0])[:, None]
    y = camera[:, 1:] + along * (ground[:, 1] - camera[:, 1])[:, None]
    inside = boundary.distance(x, y)
    enters = (inside[:, 1:] >= 0) & (inside[:, :-1] < 0)
    rows = np.arange(len(ground))
    first = enters.argmax(axis=1)
    before, after = inside[rows, first], inside[rows, first + 1]
    share = np.clip(-before / np.where(after == before, 1.0, after - before), 0.0, 1.0)
    crossing = along[rows, first] + share * (along[rows, first + 1] - along[rows, first])
    return np.where(enters.any(axis=1), crossing, np.nan)
