"""From picture to field and back, for one registered frame. Needs numpy only.

`by_frame` turns a `registrations` table into `FrameRegistration` objects, which map points both ways and say
how uncertain the registration makes them.

Picture points are pixels of the decoded (distorted) picture, (N, 2). Field points are metres in the field
frame (origin in the middle, +x right, +y away from the main camera, z up), (N, 2) on the ground or (N, 3)
anywhere. What cannot be mapped (above the horizon, behind the camera, beyond the lens) becomes nan.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from perception.registration.camera import distort, undistort

Rise = Callable[[np.ndarray, np.ndarray], np.ndarray]

_HALF_WIDTH = 24.384  # metres, half of 53 1/3 yards: the only fields that are crowned are football fields


def parabolic_rise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Height of a crowned surface for a crown of 1 m: a parabola across the field, 0 at the sidelines.

    >>> parabolic_rise(np.zeros(2), np.array([0.0, 24.384]))
    array([1., 0.])
    """
    del x
    return np.clip(1.0 - (y / _HALF_WIDTH) ** 2, 0.0, 1.0)


@dataclass(frozen=True)
class FrameRegistration:
    """Where one frame looks.

    Args:
        frame: index of the frame.
        t: seconds.
        shot: index of the camera shot.
        status: ok | carried | relative | lost; when lost every mapping gives nan.
        matrix: (3, 3) undistorted pixel -> field metres on z = 0, of Frobenius norm 1, positive weight
            for pixels that see the ground; None when lost.
        k1: radial lens term in (pixel - centre) / focal.
        focal: pixels.
        centre: principal point, pixels.
        camera: (3,) centre of the camera in metres, or None when it is unknown (then heights cannot be used).
        crown: height of the surface in the middle of the field, metres.
        residual_px: median residual at anchors, pixels (nan when there is none).
        mark_px: 1-sigma of a marked landmark across and down the picture, as the marks of the shot tell; None: unknown.
        covariance: (9, 9) of the elements of `matrix`, or None.
        rise: shape of the crown, height at (x, y) for a crown of 1 m.
    """

    frame: int
    t: float
    shot: int
    status: str
    matrix: np.ndarray | None
    k1: float = 0.0
    focal: float = 1.0
    centre: tuple[float, float] = (0.0, 0.0)
    camera: np.ndarray | None = None
    crown: float = 0.0
    residual_px: float = float("nan")
    mark_px: tuple[float, float] | None = None
    covariance: np.ndarray | None = None
    rise: Rise = field(default=parabolic_rise, compare=False)

    @classmethod
    def from_row(cls, row: dict[str, Any], rise: Rise = parabolic_rise) -> FrameRegistration:
        """Make one from a row (a dict) of the `registrations` table."""
        values = [row[f"h{i}{j}"] for i in range(3) for j in range(3)]
        same = {"frame": int(row["frame"]), "t": float(row["t"]), "shot": int(row["shot"])}
        same["status"] = row["status"]
        if row["status"] == "lost" or any(value is None for value in values):
            return cls(**same, matrix=None)
        centre = (_number(row.get("cx"), 0.0), _number(row.get("cy"), 0.0))
        matrix = np.array(values, float).reshape(3, 3)
        lowest = matrix @ np.array([centre[0], 2.0 * centre[1], 1.0])
        matrix = matrix / np.linalg.norm(matrix) * (-1.0 if lowest[2] < 0 else 1.0)
        camera = [row.get(f"camera_{axis}") for axis in "xyz"]
        spread = row.get("covariance")
        return cls(
            **same,
            matrix=matrix,
            k1=_number(row.get("k1"), 0.0),
            focal=_number(row.get("fx"), 1.0),
            centre=centre,
            camera=None if any(value is None for value in camera) else np.array(camera, float),
            crown=_number(row.get("crown_m"), 0.0),
            residual_px=_number(row.get("residual_px"), float("nan")),
            mark_px=_pair(row.get("mark_u_px"), row.get("mark_v_px")),
            covariance=None if spread is None else np.array(spread, float).reshape(9, 9),
            rise=rise,
        )

    @property
    def usable(self) -> bool:
        """Whether the frame is registered at all."""
        return self.matrix is not None

    @cached_property
    def inverse(self) -> np.ndarray:
        """The inverse of `matrix`, of a frame that is usable."""
        return np.linalg.inv(self.matrix)

    def surface(self, xy: np.ndarray) -> np.ndarray:
        """Height (N,) of the ground at field points (N, 2)."""
        if self.crown == 0.0:
            return np.zeros(len(xy))
        return self.crown * np.nan_to_num(self.rise(xy[:, 0], xy[:, 1]))

    def _flat(self, uv: np.ndarray) -> np.ndarray:
        """Undistorted homogeneous pixels (N, 3)."""
        xy = (np.asarray(uv, float).reshape(-1, 2) - np.asarray(self.centre)) / self.focal
        flat = undistort(xy, self.k1) * self.focal + np.asarray(self.centre)
        return np.column_stack([flat, np.ones(len(xy))])

    def to_field(self, uv: np.ndarray, z: float | np.ndarray | None = None) -> np.ndarray:
        """Field points (N, 2) that pixels (N, 2) see on the ground, or at height `z` metres above z = 0."""
        uv = np.asarray(uv, float).reshape(-1, 2)
        if self.matrix is None:
            return np.full(uv.shape, np.nan)
        mapped = self._flat(uv) @ self.matrix.T
        with np.errstate(divide="ignore", invalid="ignore"):
            plane = np.where(mapped[:, 2:] > 0, mapped[:, :2] / mapped[:, 2:], np.nan)
        if self.camera is None or (z is None and self.crown == 0.0):
            return plane
        at = plane
        for _ in range(1 if z is not None else 4):
            height = np.broadcast_to(self.surface(at) if z is None else np.asarray(z, float), len(at))
            at = plane + (self.camera[:2] - plane) * (height / self.camera[2])[:, None]
        return at

    def to_image(self, points: np.ndarray) -> np.ndarray:
        """Pixels (N, 2) of field points: (N, 2) on the ground, or (N, 3) with height above z = 0 in metres.

        Raises:
            ValueError: if heights are given and the camera centre is unknown.
        """
        points = np.asarray(points, float)
        points = points.reshape(-1, points.shape[-1] if points.ndim else 2)
        if self.matrix is None:
            return np.full((len(points), 2), np.nan)
        at = points[:, :2]
        height = points[:, 2] if points.shape[1] == 3 else self.surface(at)
        if self.camera is not None:
            below = np.where(height < self.camera[2], self.camera[2] - height, np.nan)
            at = self.camera[:2] + (at - self.camera[:2]) * (self.camera[2] / below)[:, None]
        elif np.any(height != 0) and points.shape[1] == 3:
            raise ValueError("heights need the centre of the camera, which is unknown in this frame")
        seen = np.column_stack([at, np.ones(len(at))]) @ self.inverse.T
        with np.errstate(divide="ignore", invalid="ignore"):
            flat = np.where(seen[:, 2:] > 0, seen[:, :2] / seen[:, 2:], np.nan)
        xy = (flat - np.asarray(self.centre)) / self.focal
        unfolded = 1.0 + 3.0 * self.k1 * np.sum(xy * xy, axis=1) > 0
        seen_at = distort(xy, self.k1) * self.focal + np.asarray(self.centre)
        return np.where(unfolded[:, None], seen_at, np.nan)

    def pixel_jacobian(self, uv: np.ndarray) -> np.ndarray:
        """Metres on the ground per pixel, (N, 2, 2): d(x, y) / d(u, v); carries a pixel's own error over."""
        uv = np.asarray(uv, float).reshape(-1, 2)
        step = np.array([0.25, 0.0])
        along_u = self.to_field(uv + step) - self.to_field(uv - step)
        along_v = self.to_field(uv + step[::-1]) - self.to_field(uv - step[::-1])
        return np.stack([along_u, along_v], axis=2) / 0.5

    def covariance_at(self, uv: np.ndarray) -> np.ndarray:
        """Covariance (N, 2, 2), m^2, that the registration gives to the ground points under pixels (N, 2).

        The pixel's own error is not part of it. nan where the frame is lost or carries no covariance.
        """
        uv = np.asarray(uv, float).reshape(-1, 2)
        if self.matrix is None or self.covariance is None:
            return np.full((len(uv), 2, 2), np.nan)
        by_matrix = matrix_jacobian(self.matrix, self._flat(uv))
        return by_matrix @ self.covariance @ by_matrix.transpose(0, 2, 1)


def matrix_jacobian(matrix: np.ndarray, flat: np.ndarray) -> np.ndarray:
    """Derivative (N, 2, 9) of mapped points by the elements of a homography, at homogeneous pixels (N, 3)."""
    mapped = flat @ matrix.T
    result = np.zeros((len(flat), 2, 9))
    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = flat / np.where(mapped[:, 2:] > 0, mapped[:, 2:], np.nan)
        result[:, 0, 0:3] = scaled
        result[:, 1, 3:6] = scaled
        result[:, :, 6:9] = -(mapped[:, :2] / mapped[:, 2:])[:, :, None] * scaled[:, None, :]
    return result


def by_frame(table: Any, rise: Rise = parabolic_rise) -> dict[int, FrameRegistration]:
    """Index a `registrations` table (anything with `to_pylist`) by frame, in the order of the table."""
    return {int(row["frame"]): FrameRegistration.from_row(row, rise) for row in table.to_pylist()}


def _number(value: Any, otherwise: float) -> float:
    return otherwise if value is None else float(value)


def _pair(one: Any, two: Any) -> tuple[float, float] | None:
    return None if one is None or two is None else (float(one), float(two))
