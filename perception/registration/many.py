"""From picture to field and back for points of many frames at once: `project.FrameRegistration`, stacked.

A frame has a few dozen boxes, and arrays of a few dozen numbers cost more to call than to compute.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from perception.registration.camera import distort, undistort
from perception.registration.project import FrameRegistration, Rise


@dataclass(frozen=True, eq=False)
class ManyRegistrations:
    """The registrations of N points, one each; mappings as those of `FrameRegistration`.

    Attributes:
        matrix: (N, 3, 3) undistorted pixel -> field plane.
        inverse: (N, 3, 3) back.
        k1, focal, crown: (N,).
        centre: (N, 2) principal points, pixels.
        camera: (N, 3) centres of projection, metres; None where that of any frame is unknown.
        rise: shape of the crown.
    """

    matrix: np.ndarray
    inverse: np.ndarray
    k1: np.ndarray
    focal: np.ndarray
    crown: np.ndarray
    centre: np.ndarray
    camera: np.ndarray | None
    rise: Rise

    @classmethod
    def of(cls, views: Sequence[FrameRegistration], which: np.ndarray) -> ManyRegistrations:
        """Stack registrations, all of them usable, for points (N,) of which `which` says whose each is."""
        matrix = np.array([view.matrix for view in views]).reshape(-1, 3, 3)
        camera = [view.camera for view in views]
        known = all(one is not None for one in camera)
        return cls(
            matrix[which],
            np.linalg.inv(matrix)[which],
            np.array([view.k1 for view in views])[which],
            np.array([view.focal for view in views])[which],
            np.array([view.crown for view in views])[which],
            np.array([view.centre for view in views]).reshape(-1, 2)[which],
            np.array(camera).reshape(-1, 3)[which] if known else None,
            views[0].rise,
        )

    def surface(self, xy: np.ndarray) -> np.ndarray:
        """Height (N,) of the ground at field points (N, 2)."""
        if not self.crown.any():
            return np.zeros(len(xy))
        return self.crown * np.nan_to_num(self.rise(xy[:, 0], xy[:, 1]))

    def to_field(self, uv: np.ndarray, z: float | np.ndarray | None = None) -> np.ndarray:
        """Field points (N, 2) that pixels (N, 2) see on the ground, or at height `z` metres above z = 0."""
        xy = undistort((uv - self.centre) / self.focal[:, None], self.k1) * self.focal[:, None] + self.centre
        mapped = _mapped(self.matrix, xy)
        with np.errstate(divide="ignore", invalid="ignore"):
            plane = np.where(mapped[:, 2:] > 0, mapped[:, :2] / mapped[:, 2:], np.nan)
        if self.camera is None or (z is None and not self.crown.any()):
            return plane
        at = plane
        for _ in range(1 if z is not None else 4):
            height = self.surface(at) if z is None else np.broadcast_to(np.asarray(z, float), len(at))
            at = plane + (self.camera[:, :2] - plane) * (height / self.camera[:, 2])[:, None]
        return at

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Pixels (N, 2) of field points: (N, 2) on the ground, or (N, 3) with height above z = 0 in metres.

        Raises:
            ValueError: if heights are given and a camera's centre is unknown.
        """
        at, height = points[:, :2], points[:, 2] if points.shape[1] == 3 else self.surface(points)
        if self.camera is not None:
            below = np.where(height < self.camera[:, 2], self.camera[:, 2] - height, np.nan)
            at = self.camera[:, :2] + (at - self.camera[:, :2]) * (self.camera[:, 2] / below)[:, None]
        elif np.any(height != 0) and points.shape[1] == 3:
            raise ValueError("heights need the centre of the camera, which is unknown in a frame")
        seen = _mapped(self.inverse, at)
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.where(seen[:, 2:] > 0, seen[:, :2] / seen[:, 2:], np.nan)
        xy = (flat - self.centre) / self.focal[:, None]
        unfolded = 1.0 + 3.0 * self.k1 * np.sum(xy * xy, axis=1) > 0
        return np.where(unfolded[:, None], distort(xy, self.k1) * self.focal[:, None] + self.centre, np.nan)

    def pixel_jacobian(self, uv: np.ndarray) -> np.ndarray:
        """Metres on the ground per pixel, (N, 2, 2): d(x, y) / d(u, v)."""
        step = np.array([0.25, 0.0])
        along_u = self.to_field(uv + step) - self.to_field(uv - step)
        along_v = self.to_field(uv + step[::-1]) - self.to_field(uv - step[::-1])
        return np.stack([along_u, along_v], axis=2) / 0.5


def _mapped(matrix: np.ndarray, xy: np.ndarray) -> np.ndarray:
    return np.einsum("nij,nj->ni", matrix[:, :, :2], xy) + matrix[:, :, 2]
