"""Which corners stand still in the world, told from those on things that move by themselves.

A homography has eight unknowns: where, in a slow pan, corners on stands at the top of the picture and on players in the
rest of it differ by little, one homography follows both, and is wrong. A camera that turns and zooms has four, and a
focal length: corners on players cannot agree with them by more than chance, the less the farther everything has moved.
So corners are told apart by where they went over many frames, with the stiff model, and only then a homography is
fitted to them.

To first order a turn that moves the middle of the picture by t moves what is seen at p, from the middle, by
t + g (t . p) p with g = 1 / f^2; zoom and roll move it by z p, z complex. Points of the picture are complex numbers.
"""

from __future__ import annotations

import cv2
import numpy as np

FOCAL = 1.7  # widths of the picture: a usual focal length
BENT = 0.03  # share of a movement by which another focal length bends it
TRIALS = 60  # pairs of corners of which each says how the whole picture moved
TIGHT = 0.35  # pixels by which corners of the scene may always miss
APART = 0.1  # widths of the picture that the corners of a pair are apart


def moved_together(before: np.ndarray, after: np.ndarray, width: float, inlier: float) -> np.ndarray:
    """Which corners (N,) are in the largest group that turning and zooming explain, roughly.

    Args:
        before: (N, 2) pixels from the middle of the picture, N at least 2.
        after: where they went.
        width: of the picture, pixels.
        inlier: largest distance from where the turn takes them, pixels, beside a share of how far that is.
    """
    p, q = before @ (1.0, 1.0j), after @ (1.0, 1.0j)
    step = q - p
    usual = median(step.real) + 1.0j * median(step.imag)
    straight = q - _bent(p, usual) * (FOCAL * width) ** -2.0
    one, two = np.random.default_rng(0).integers(0, len(p), (2, TRIALS))
    far = np.abs(p[one] - p[two]) > APART * width
    one, two = one[far], two[far]
    if not len(one):
        return np.zeros(len(p), bool)
    zoom = (straight[one] - straight[two]) / (p[one] - p[two])
    miss = zoom[:, None] * (p - p[one][:, None]) - (straight - straight[one][:, None])
    squared = (miss.real**2 + miss.imag**2) / (inlier + BENT * np.abs(usual)) ** 2
    return np.asarray(squared[np.argmin(np.minimum(squared, 1.0).sum(axis=1))] < 1.0)


def tightened(before: np.ndarray, after: np.ndarray, group: np.ndarray, width: float, inlier: float) -> np.ndarray:
    """Which corners (N,) are near the turn and zoom of a group (N,) of them, as closely as it holds together.

    Args:
        before: (N, 2) pixels from the middle of the picture.
        after: where they went.
        group: which of them to begin with.
        width: of the picture, pixels.
        inlier: the farthest, pixels.
    """
    p = before @ (1.0, 1.0j)
    step = after @ (1.0, 1.0j) - p
    bend, unit = (FOCAL * width) ** -2.0, 0.5 * width
    shift = complex(np.mean(step[group])) if group.any() else 0.0j
    for _ in range(3):
        if group.sum() < 3:
            break
        columns = np.stack([p**0, 1.0j * p**0, p / unit, 1.0j * p / unit, bend * _bent(p, shift)], 1)
        own, wanted = columns[group], step[group]
        normal = (own.conj().T @ own).real
        normal[4, 4] += 0.01  # the focal length is as usual where nothing tells
        pull = (own.conj().T @ wanted).real
        pull[4] += 0.01
        found = np.linalg.solve(normal + 1e-9 * np.eye(5), pull)
        shift = complex(found[0], found[1])
        miss = np.abs(columns @ found - step)
        group = miss < near(miss[group], inlier)
    return group


def on_one_homography(before: np.ndarray, after: np.ndarray, group: np.ndarray, inlier: float) -> np.ndarray:
    """Which corners (N,) are near the homography of a group (N,) of them: what the lens and the stiff model left."""
    for _ in range(2):
        if group.sum() < 8:
            break
        matrix, _ = cv2.findHomography(before[group], after[group], 0)
        if matrix is None:
            break
        miss = distances(matrix, before, after)
        group = miss < near(miss[group], inlier)
    return group


def near(miss: np.ndarray, most: float) -> float:
    """How far corners may miss that belong together, where those that are known to miss by so much (N,); pixels."""
    return min(most, max(TIGHT, 3.0 * 1.4826 * median(miss))) if len(miss) else 0.0


def median(values: np.ndarray) -> float:
    """Return the median of (N,), the upper one of two: many times as fast as numpy's for a hundred values."""
    half = len(values) // 2
    return float(np.partition(values, half)[half])


def mapped(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return points (N, 2) under a homography."""
    seen = points @ matrix[:, :2].T + matrix[:, 2]
    return np.asarray(seen[:, :2] / seen[:, 2:])


def distances(matrix: np.ndarray, before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return how far (N,) points (N, 2) are from where a homography takes those before."""
    miss = mapped(matrix, before) - after
    return np.hypot(miss[:, 0], miss[:, 1])


def _bent(p: np.ndarray, shift: complex) -> np.ndarray:
    return np.asarray((np.conj(shift) * p).real * p)
