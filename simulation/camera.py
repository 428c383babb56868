"""Broadcast cameras: a fixed centre that pans, tilts and zooms after the play.

Frames of reference:

* field: metres, origin in the middle, +x right, +y away from the camera, z up;
* camera: x right, y down, z forward;
* picture: pixels, origin at the centre of the top left pixel, x right, y down.

The lens has one radial term, ``x_d = x_u * (1 + k1 * r_u**2)`` with ``x = (pixel - centre) / fx``, as in the
`registrations` table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from scipy.ndimage import gaussian_filter1d

from records.tables import table


@dataclass(frozen=True)
class View:
    """Where one picture was taken from and how.

    Attributes:
        centre: camera centre, field metres.
        pan: radians, 0 looks along +y, positive turns to +x.
        tilt: radians, positive looks down.
        roll: radians, positive turns the picture clockwise.
        fx: focal length in pixels (square pixels).
        k1: radial lens term.
        width: picture width in pixels.
        height: picture height in pixels.
    """

    centre: tuple[float, float, float]
    pan: float
    tilt: float
    fx: float
    roll: float = 0.0
    k1: float = 0.0
    width: int = 1280
    height: int = 720

    @cached_property
    def principal(self) -> np.ndarray:
        """Principal point in pixels, shape (2,): the middle of the picture."""
        return np.array([(self.width - 1) / 2, (self.height - 1) / 2])

    @cached_property
    def rotation(self) -> np.ndarray:
        """Field to camera axes, shape (3, 3)."""
        sin_pan, cos_pan = np.sin(self.pan), np.cos(self.pan)
        sin_tilt, cos_tilt = np.sin(self.tilt), np.cos(self.tilt)
        right = np.array([cos_pan, -sin_pan, 0.0])
        forward = np.array([sin_pan * cos_tilt, cos_pan * cos_tilt, -sin_tilt])
        down = np.cross(forward, right)
        sin_roll, cos_roll = np.sin(self.roll), np.cos(self.roll)
        return np.array([cos_roll * right - sin_roll * down, sin_roll * right + cos_roll * down, forward])

    def to_camera(self, xyz: np.ndarray) -> np.ndarray:
        """Field points (N, 3) in camera axes, metres, shape (N, 3); the third column is the depth."""
        return (np.atleast_2d(xyz) - np.asarray(self.centre)) @ self.rotation.T

    def to_image(self, xyz: np.ndarray) -> np.ndarray:
        """Field points (N, 3), metres, to distorted pixels (N, 2); nan behind the camera and beyond the lens."""
        return self.project(self.to_camera(xyz))

    def project(self, local: np.ndarray) -> np.ndarray:
        """Points in camera axes (N, 3), metres, to distorted pixels (N, 2); nan behind the camera and beyond the lens.

        Beyond the radius at which r (1 + k1 r^2) stops growing the lens term would fold them back into the picture.
        """
        depth = np.where(local[:, 2] > 0.1, local[:, 2], np.nan)
        flat = local[:, :2] / depth[:, None]
        return self._distort(flat) * self.fx + self.principal

    def depth(self, x: float, y: float) -> float:
        """How far before the camera a point of the field plane lies, metres."""
        return float(self.rotation[2] @ (np.array([x, y, 0.0]) - self.centre))

    def rays(self, uv: np.ndarray) -> np.ndarray:
        """Directions in the field frame, shape (N, 3), of distorted pixels (N, 2); length not 1."""
        flat = self._undistort((np.atleast_2d(uv) - self.principal) / self.fx)
        return np.column_stack([flat, np.ones(len(flat))]) @ self.rotation

    def to_field(self, uv: np.ndarray, z: float = 0.0) -> np.ndarray:
        """Distorted pixels (N, 2) to field metres (N, 2) on the plane at height z; nan above the horizon."""
        rays = self.rays(uv)
        fall = np.where(rays[:, 2] < -1e-9, rays[:, 2], np.nan)
        return np.asarray(self.centre)[:2] + rays[:, :2] * ((z - self.centre[2]) / fall)[:, None]

    def homography(self) -> np.ndarray:
        """Undistorted pixel to field metres on z = 0, shape (3, 3), Frobenius norm 1, positive scale in view."""
        plane = np.column_stack([np.eye(3)[:, :2], -np.asarray(self.centre)])
        principal = self.principal
        calibration = np.array([[self.fx, 0, principal[0]], [0, self.fx, principal[1]], [0, 0, 1.0]])
        back = np.linalg.inv(calibration @ self.rotation @ plane)
        back /= np.linalg.norm(back)
        return back * np.sign(back[2] @ np.append(principal, 1.0))

    def _distort(self, flat: np.ndarray) -> np.ndarray:
        stretched = self.k1 * (flat**2).sum(axis=1, keepdims=True)
        return np.where(1 + 3 * stretched > 0, flat * (1 + stretched), np.nan)

    def _undistort(self, flat: np.ndarray) -> np.ndarray:
        if self.k1 == 0:
            return flat
        out = flat.copy()
        for _ in range(8):  # fixed point; |k1| r^2 stays far below 1 in the picture
            out = flat / (1 + self.k1 * (out**2).sum(axis=1, keepdims=True))
        return out


@dataclass(frozen=True)
class Rig:
    """A camera's place and manners.

    Attributes:
        centre: field metres; y is negative, the camera stands on the near side.
        fx: focal length in pixels in the middle of its zoom range.
        k1: lens term.
        lag_s: how long the operator's hand smooths the play, seconds.
        zoom: relative zoom towards the ends of the field.
        reach_m: how far from the middle the aim may go along x, metres.
        shake: standard deviation of hand shake, radians.
        roll: how far the head is off level, radians, positive turns the picture clockwise.
        width: picture width in pixels.
        height: picture height in pixels.
    """

    centre: tuple[float, float, float] = (0.0, -39.0, 17.0)
    fx: float = 2350.0
    k1: float = -0.06
    lag_s: float = 0.45
    zoom: float = 0.12
    reach_m: float = 22.0
    shake: float = 0.0
    roll: float = 0.0
    width: int = 1280
    height: int = 720

    def look_at(self, x: float, y: float, fx: float | None = None, roll: float | None = None) -> View:
        """View aimed at a point of the field plane, metres, with the rig's own focal length and roll by default."""
        dx, dy = x - self.centre[0], y - self.centre[1]
        return View(
            centre=self.centre,
            pan=float(np.arctan2(dx, dy)),
            tilt=float(np.arctan2(self.centre[2], np.hypot(dx, dy))),
            roll=self.roll if roll is None else roll,
            fx=float(self.fx if fx is None else fx),
            k1=self.k1,
            width=self.width,
            height=self.height,
        )


def follow(rig: Rig, t: np.ndarray, target: np.ndarray, seed: int = 0) -> list[View]:
    """Views of an operator who follows a target smoothly.

    Args:
        rig: the camera.
        t: seconds, shape (N,), evenly spaced.
        target: field metres of what is followed, shape (N, 2).
        seed: of the hand shake.

    Returns:
        One view for each time.
    """
    step = float(np.median(np.diff(t))) if len(t) > 1 else 1.0
    smooth = gaussian_filter1d(np.asarray(target, dtype=float), rig.lag_s / step, axis=0, mode="nearest")
    x = rig.reach_m * np.tanh(smooth[:, 0] / rig.reach_m)
    y = -0.5 + 0.22 * smooth[:, 1]
    fx = rig.fx * (1 + rig.zoom * (np.abs(x) / rig.reach_m - 0.5))
    noise = np.random.default_rng(seed).normal(0, 1, (len(t), 2))
    shake = gaussian_filter1d(noise, 0.15 / step, axis=0, mode="nearest") * np.sqrt(0.15 / step * 3.5) * rig.shake
    views = []
    for i in range(len(t)):
        aim = rig.look_at(x[i], y[i], fx[i])
        views.append(
            View(
                aim.centre, aim.pan + shake[i, 0], aim.tilt + shake[i, 1], aim.fx, aim.roll,
                k1=aim.k1, width=aim.width, height=aim.height,
            )
        )  # fmt: skip
    return views


def registrations(t: np.ndarray, views: Sequence[View], shots: Sequence[int] | None = None) -> pa.Table:
    """Exact `registrations` rows of the views: status ok, no covariance to speak of.

    Args:
        t: seconds, shape (N,).
        views: one for each time.
        shots: number of the camera shot that each belongs to; None: all to one.

    Returns:
        The table; covariances are zero because this is the truth.
    """
    homographies = np.array([view.homography().ravel() for view in views])
    centres = np.array([view.centre for view in views])
    principal = np.array([view.principal for view in views])
    count = len(views)
    columns = {
        "frame": np.arange(count),
        "t": np.asarray(t, dtype=float),
        "shot": np.asarray(shots if shots is not None else np.zeros(count), dtype=np.int32),
        "status": ["ok"] * count,
        "k1": [view.k1 for view in views],
        "fx": [view.fx for view in views],
        "cx": principal[:, 0],
        "cy": principal[:, 1],
        "crown_m": np.zeros(count),
        "residual_px": np.zeros(count),
        "covariance": [[0.0] * 81] * count,
    }
    columns |= {f"h{i // 3}{i % 3}": homographies[:, i] for i in range(9)}
    columns |= {f"camera_{axis}": centres[:, i] for i, axis in enumerate("xyz")}
    return table("registrations", columns)
