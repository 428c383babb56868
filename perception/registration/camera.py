"""The camera model of the registration: pan, tilt, roll, zoom, centre, one lens term, one crown term.

Frames of reference
    Field: metres, origin in the middle, +x right, +y away from the main camera, z up (right-handed).
    Camera: x right, y down, z forward. With pan = tilt = roll = 0 the camera looks along +y; positive pan
    turns it to the right (+x), positive tilt down, positive roll clockwise about the viewing direction.
    Picture: pixels, u right, v down, centre of the top left pixel at (0, 0).

A *camera vector* holds ten numbers in the order of `PARAMETERS`. All functions take one vector per point
(N, 10), so that thousands of observations of many frames are evaluated in a few array operations, and give
analytic derivatives.

The lens has one radial term (Brown): x_d = x_u * (1 + k1 * |x_u|^2), with x = (pixel - centre) / focal. What a
zoom lens does to the picture stays the same in the picture: the vector's `lens` is the stretch at the corner of
the picture, lens = k1 * (corner / focal)^2, and k1 follows the zoom.

A head turns about its mount, but its centre of projection lies some way ahead of that, in the lens: it stands at
(camera_x, camera_y, camera_z) + arm * forward. On wide pans near stands move visibly against the field.
"""

from __future__ import annotations

import numpy as np

PARAMETERS = ("pan", "tilt", "roll", "log_focal", "camera_x", "camera_y", "camera_z", "lens", "crown", "arm")
PAN, TILT, ROLL, LOG_FOCAL, CAMERA_X, CAMERA_Y, CAMERA_Z, LENS, CROWN, ARM = range(10)
SIZE = len(PARAMETERS)

_UNIT_LENS = np.arange(SIZE) == LENS
_NEAR = 0.5  # metres (or unit-less for directions): what is nearer than this, or behind, has no picture


def distort(xy: np.ndarray, k1: np.ndarray | float) -> np.ndarray:
    """Distort normalised picture coordinates (N, 2) with the radial term `k1`."""
    return xy * (1.0 + np.asarray(k1) * np.sum(xy * xy, axis=-1))[..., None]


def radial(camera: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """The lens term k1 (...,) of camera vectors (..., 10) with the principal point in the middle of the picture."""
    corner = np.hypot(centre[0] + 0.5, centre[1] + 0.5)
    return camera[..., LENS] * (np.exp(camera[..., LOG_FOCAL]) / corner) ** 2


def undistort(xy: np.ndarray, k1: np.ndarray | float) -> np.ndarray:
    """Invert `distort`; (N, 2) -> (N, 2). Points that no undistorted point maps to become nan.

    Newton's method on the radius; with barrel distortion (k1 < 0) the map folds over at r = sqrt(-1 / 3 k1).
    """
    k1 = np.broadcast_to(np.asarray(k1, float), xy.shape[:-1])
    wanted = np.sqrt(np.sum(xy * xy, axis=-1))
    radius = wanted.copy()
    fold = np.where(k1 < 0, np.sqrt(1.0 / np.maximum(-3.0 * k1, 1e-12)), np.inf)
    for _ in range(6):
        slope = np.maximum(1.0 + 3.0 * k1 * radius * radius, 1e-3)
        radius = np.minimum(radius - (radius * (1.0 + k1 * radius * radius) - wanted) / slope, fold)
    reached = np.abs(radius * (1.0 + k1 * radius * radius) - wanted) <= 1e-6 + 1e-6 * wanted
    scale = np.where(wanted > 0, radius / np.maximum(wanted, 1e-12), 1.0)
    return np.where(reached, scale, np.nan)[..., None] * xy


def rotation(pan: float, tilt: float, roll: float) -> np.ndarray:
    """World-to-camera rotation (3, 3): rows are the camera's right, down and forward in the field frame."""
    sp, cp, st, ct, sr, cr = (f(a) for a in (pan, tilt, roll) for f in (np.sin, np.cos))
    right, down = np.array([cp, -sp, 0.0]), np.array([-st * sp, -st * cp, -ct])
    forward = np.array([sp * ct, cp * ct, -st])
    return np.array([cr * right + sr * down, -sr * right + cr * down, forward])


def angles(matrix: np.ndarray) -> tuple[float, float, float]:
    """Pan, tilt, roll of a world-to-camera rotation (inverse of `rotation`)."""
    forward = matrix[2]
    pan, tilt = np.arctan2(forward[0], forward[1]), np.arcsin(np.clip(-forward[2], -1.0, 1.0))
    unrolled = rotation(pan, tilt, 0.0)
    roll = np.arctan2(matrix[0] @ unrolled[1], matrix[0] @ unrolled[0])
    return float(pan), float(tilt), float(roll)


def _unrolled(camera: np.ndarray, ray: np.ndarray) -> tuple[np.ndarray, ...]:
    """Coordinates of world vectors in the camera before roll, and the sines and cosines they needed."""
    sp, cp = np.sin(camera[:, PAN]), np.cos(camera[:, PAN])
    st, ct = np.sin(camera[:, TILT]), np.cos(camera[:, TILT])
    along = sp * ray[:, 0] + cp * ray[:, 1]
    x0 = cp * ray[:, 0] - sp * ray[:, 1]
    return x0, -st * along - ct * ray[:, 2], ct * along - st * ray[:, 2], sp, cp, st, ct


class Projection:
    """Pixels of world points with derivatives. `uv` (N, 2); `by_camera` (N, 2, 10); `by_point` (N, 2, 3).

    Where `seen` (N,) is False a point lies behind the camera or beyond the fold of the lens: nan.
    The column of the crown in `by_camera` is zero: how far a point rises with the crown is the caller's.
    """

    def __init__(self, camera: np.ndarray, ray: np.ndarray, centre: tuple[float, float]):
        x0, y0, z, sp, cp, st, ct = _unrolled(camera, ray)
        sr, cr = np.sin(camera[:, ROLL]), np.cos(camera[:, ROLL])
        full, z = z, z - camera[:, ARM]
        k1, focal = radial(camera, centre), np.exp(camera[:, LOG_FOCAL])
        zero = np.zeros_like(z)
        # derivatives of (x0, y0, z) by pan, tilt and the three components of the ray
        dx0 = np.stack([st * y0 - ct * full, zero, cp, -sp, zero], 1)
        dy0 = np.stack([-st * x0, -full, -st * sp, -st * cp, -ct], 1)
        dz = np.stack([ct * x0, y0, ct * sp, ct * cp, -st], 1)
        x, y = cr * x0 + sr * y0, -sr * x0 + cr * y0
        dx = cr[:, None] * dx0 + sr[:, None] * dy0
        dy = -sr[:, None] * dx0 + cr[:, None] * dy0
        norm = np.sqrt(np.sum(ray * ray, axis=1))
        with np.errstate(divide="ignore", invalid="ignore"):
            xu, yu = x / z, y / z
            r2 = xu * xu + yu * yu
            self.seen = (z > _NEAR * np.minimum(norm, 1.0)) & (1.0 + 3.0 * k1 * r2 > 0.0)
            xu, yu, r2 = (np.where(self.seen, value, np.nan) for value in (xu, yu, r2))
            dxu, dyu = (dx - xu[:, None] * dz) / z[:, None], (dy - yu[:, None] * dz) / z[:, None]
            rolled, drawn = (yu, -xu), (xu / z, yu / z)
        stretch = 1.0 + k1 * r2

        def lens(du: np.ndarray, dv: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            shared = 2.0 * k1 * (xu * du + yu * dv)
            return focal * (stretch * du + xu * shared), focal * (stretch * dv + yu * shared)

        self.uv = np.stack([centre[0] + focal * xu * stretch, centre[1] + focal * yu * stretch], 1)
        self.by_camera = np.zeros((len(ray), 2, SIZE))
        self.by_point = np.empty((len(ray), 2, 3))
        for column, slot in ((0, PAN), (1, TILT)):
            self.by_camera[:, 0, slot], self.by_camera[:, 1, slot] = lens(dxu[:, column], dyu[:, column])
        for axis in range(3):
            du, dv = lens(dxu[:, 2 + axis], dyu[:, 2 + axis])
            self.by_point[:, 0, axis], self.by_point[:, 1, axis] = du, dv
        self.by_camera[:, :, CAMERA_X : CAMERA_Z + 1] = -self.by_point
        self.by_camera[:, 0, ROLL], self.by_camera[:, 1, ROLL] = lens(*rolled)
        self.by_camera[:, 0, ARM], self.by_camera[:, 1, ARM] = lens(*drawn)
        flat = focal[:, None] * np.stack([xu, yu], 1)
        self.by_camera[:, :, LOG_FOCAL] = flat * (1.0 + 3.0 * k1 * r2)[:, None]
        self.by_camera[:, :, LENS] = flat * (r2 * radial(np.where(_UNIT_LENS, 1.0, camera), centre))[:, None]


def project(camera: np.ndarray, points: np.ndarray, centre: tuple[float, float]) -> Projection:
    """Project field points (N, 3) with one camera vector each (N, 10)."""
    return Projection(camera, points - camera[:, CAMERA_X : CAMERA_Z + 1], centre)


def rays(camera: np.ndarray, uv: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """Viewing directions (N, 3) in the field frame of pixels (N, 2), with forward component 1."""
    focal = np.exp(camera[:, LOG_FOCAL])[:, None]
    xy = undistort((uv - np.asarray(centre)) / focal, radial(camera, centre))
    sp, cp = np.sin(camera[:, PAN]), np.cos(camera[:, PAN])
    st, ct = np.sin(camera[:, TILT]), np.cos(camera[:, TILT])
    sr, cr = np.sin(camera[:, ROLL]), np.cos(camera[:, ROLL])
    x0, y0 = cr * xy[:, 0] - sr * xy[:, 1], sr * xy[:, 0] + cr * xy[:, 1]
    along = ct - st * y0
    return np.stack([cp * x0 + sp * along, -sp * x0 + cp * along, -ct * y0 - st], 1)


def stands(camera: np.ndarray) -> np.ndarray:
    """Centres of projection (..., 3) of camera vectors (..., 10)."""
    level = np.cos(camera[..., TILT])
    forward = [np.sin(camera[..., PAN]) * level, np.cos(camera[..., PAN]) * level, -np.sin(camera[..., TILT])]
    return camera[..., CAMERA_X : CAMERA_Z + 1] + camera[..., ARM, None] * np.stack(forward, -1)


def on_surface(camera: np.ndarray, direction: np.ndarray, rise: object = None) -> np.ndarray:
    """Field points (N, 3) where viewing directions (N, 3) meet the ground; nan where they never do.

    `rise(x, y)` is the height of the surface for a crown of 1 m (None: flat), scaled by the crown.
    """
    centre = stands(camera)
    height = np.zeros(len(camera))
    with np.errstate(divide="ignore", invalid="ignore"):
        for _ in range(1 if rise is None else 6):
            distance = (height - centre[:, 2]) / direction[:, 2]
            distance = np.where(distance > 0, distance, np.nan)
            point = centre + distance[:, None] * direction
            if rise is not None:
                height = camera[:, CROWN] * np.nan_to_num(rise(point[:, 0], point[:, 1]))
    point[:, 2] = np.where(np.isfinite(distance), height, np.nan)
    return point


def homography(camera: np.ndarray, centre: tuple[float, float]) -> np.ndarray:
    """Undistorted pixel -> field plane z = 0, (3, 3), Frobenius norm 1, positive weight below the horizon."""
    focal = float(np.exp(camera[LOG_FOCAL]))
    turn = rotation(camera[PAN], camera[TILT], camera[ROLL])
    intrinsic = np.array([[focal, 0.0, centre[0]], [0.0, focal, centre[1]], [0.0, 0.0, 1.0]])
    shift = -turn @ stands(camera)
    to_picture = intrinsic @ np.column_stack([turn[:, 0], turn[:, 1], shift])
    matrix = np.linalg.inv(to_picture)
    return matrix / np.linalg.norm(matrix)
