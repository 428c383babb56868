"""How uncertain a registration is, and how that reaches the field.

The covariance of the cameras is the inverse of the normal matrix, times an inflation that is measured: every
keyframe is predicted from all the rest (leave one out, in closed form), and where the predictions miss by more
than they claim, or by less, everything is scaled. It grows away from keyframes and seen paint because the links between
frames are uncertain.

The error of a field point under a pixel is linear in the camera's error. Two summaries of it leave this room:
the covariance of the nine elements of the homography (lens and crown folded in by least squares over the
visible field), and a few affine error modes that everything in the frame shares.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from perception.registration.bundle import Problem, Rows, Solution
from perception.registration.camera import CROWN, SIZE, homography, on_surface, project, rays, stands
from perception.registration.project import matrix_jacobian

_ALONE = 1e-3  # what the rest says about an anchor, relative to what it says itself, below which nobody checks it
_PRIOR_FREEDOM = 3.0  # weight of the belief that the claims are right, in degrees of freedom
_OUTSIDE = 0.0455  # share of normal errors outside of their 2-sigma region
MODES = 4  # affine error modes per frame


@dataclass(frozen=True)
class Spread:
    """Covariances (poses, 10, 10) of camera vectors, their inflation included."""

    cameras: np.ndarray
    inflation: float


def camera_covariances(solution: Solution, inflation: float) -> Spread:
    """Covariance of every pose's camera vector from the normal matrix, times `inflation` squared."""
    problem = solution.problem
    poses, cross, shared = solution.normal.covariance()
    count = problem.poses
    own, common = np.array(problem.pose_slots), np.array(problem.shared_slots, int)
    full = np.zeros((count, SIZE, SIZE))
    full[:, own[:, None], own] = poses[:count]
    cross = cross[:count, :, : len(common)]
    full[:, own[:, None], common] = cross
    full[:, common[:, None], own] = cross.transpose(0, 2, 1)
    full[:, common[:, None], common] = shared[: len(common), : len(common)]
    return Spread(full * inflation**2, inflation)


def leave_one_out(solution: Solution, anchors: Sequence[int]) -> dict[int, tuple[float, int]]:
    """How badly each anchor is predicted by the rest: squared normalised miss per degree of freedom, and those.

    The anchor's rows e = J d have hat matrix H = J S J^T; without them the residuals would be (1 - H)^-1 e with
    covariance (1 - H)^-1. What is tested is the pose that best explains them, not their scatter.
    """
    poses, cross, shared = solution.normal.covariance()
    result = {}
    for anchor in anchors:
        jacobian, residual = _anchor_rows(solution.rows, anchor)
        pose = next(int(part.pose[part.anchor == anchor][0]) for part in solution.rows if (part.anchor == anchor).any())
        covariance = np.block([[poses[pose], cross[pose]], [cross[pose].T, shared]])
        freedom = poses.shape[1]
        own = jacobian[:, :freedom]
        if np.linalg.matrix_rank(own) < freedom:
            continue
        kept = np.eye(len(residual)) - jacobian @ covariance @ jacobian.T
        if np.linalg.eigvalsh(kept)[0] < _ALONE:
            continue
        left = np.linalg.inv(kept)
        explain = np.linalg.pinv(own)
        miss, allowed = explain @ left @ residual, explain @ left @ explain.T
        result[anchor] = (float(miss @ np.linalg.solve(allowed, miss)) / freedom, freedom)
    return result


def _anchor_rows(rows: Sequence[Rows], anchor: int) -> tuple[np.ndarray, np.ndarray]:
    """Jacobian (n, P + G) and residuals (n,) of an anchor's observations, by the root of their robust weight."""
    jacobians, residuals = [], []
    for part in rows:
        here = part.anchor == anchor
        root = np.sqrt(part.weight[here])
        jacobians.append(np.hstack([part.by_pose[here], part.by_shared[here]]) * root[:, None])
        residuals.append(part.residual[here] * root)
    return np.vstack(jacobians), np.concatenate(residuals)


def inflation(misses: dict[int, tuple[float, int]], least: float = 1.0, unchecked: float = 2.0) -> float:
    """Factor on all standard deviations so that the left-out keyframes are as far off as claimed.

    The factor is itself known from few misses only. Errors scaled by it follow Student's distribution, not the normal
    one that readers of a covariance take for granted, so it is widened until the 2-sigma regions hold as much.

    Args:
        misses: see `leave_one_out`.
        least: the smallest factor; below 1 where claims may turn out too large as well as too small.
        unchecked: the factor where no keyframe can be left out.
    """
    if not misses:
        return unchecked
    freedom = _PRIOR_FREEDOM + sum(number for _, number in misses.values())
    total = _PRIOR_FREEDOM + sum(min(value, 25.0) * number for value, number in misses.values())
    wider = freedom * (_OUTSIDE ** (-2.0 / freedom) - 1.0) / (-2.0 * np.log(_OUTSIDE))
    return float(max(least, np.sqrt(wider * total / freedom)))


@dataclass(frozen=True)
class Visible:
    """Ground points seen by a frame: pixels `uv` (M, 2), field `xy` (M, 2), and d xy / d camera (M, 2, 10)."""

    uv: np.ndarray
    xy: np.ndarray
    by_camera: np.ndarray
    scale: np.ndarray


def visible(
    problem: Problem, cameras: np.ndarray, size: tuple[int, int], boundary: object, at_once: int = 32
) -> Iterator[Visible]:
    """For each camera (N, 10), a grid of pixels of the picture that see the field (within 1 m of its boundary).

    Args:
        problem: what is common to the cameras.
        cameras: camera vectors.
        size: of the picture, pixels.
        boundary: the edge of the field.
        at_once: how many cameras are worked on in one piece.
    """
    grid = np.meshgrid(np.linspace(0.03, 0.97, 9) * size[0], np.linspace(0.03, 0.97, 7) * size[1])
    grid = np.stack(grid, -1).reshape(-1, 2)
    for first in range(0, len(cameras), at_once):
        few = cameras[first : first + at_once]
        many, uv = np.repeat(few, len(grid), axis=0), np.tile(grid, (len(few), 1))
        ground = on_surface(many, rays(many, uv, problem.centre), problem.rise)
        with np.errstate(invalid="ignore"):
            inside = np.nan_to_num(boundary.distance(ground[:, 0], ground[:, 1]), nan=-9.0) > -1
        keep = np.isfinite(ground[:, 0]) & inside
        whole = _seen_at(problem, many[keep], uv[keep], ground[keep])
        ends = np.cumsum(keep.reshape(len(few), -1).sum(axis=1))
        for start, stop in zip([0, *ends[:-1]], ends, strict=True):
            here = slice(start, stop)
            yield Visible(whole.uv[here], whole.xy[here], whole.by_camera[here], whole.scale[here])


def _seen_at(problem: Problem, cameras: np.ndarray, uv: np.ndarray, ground: np.ndarray) -> Visible:
    seen = project(cameras, ground, problem.centre)
    derivative = seen.by_camera.copy()
    if problem.rise is not None:
        derivative[:, :, CROWN] = seen.by_point[:, :, 2] * problem.rise(ground[:, 0], ground[:, 1])[:, None]
    metres = np.linalg.inv(seen.by_point[:, :, :2])
    scale = np.sqrt(np.abs(np.linalg.det(metres)))
    return Visible(uv, ground[:, :2], -metres @ derivative, scale)


def matrix_covariance(camera: np.ndarray, covariance: np.ndarray, view: Visible, problem: Problem) -> np.ndarray:
    """Covariance (9, 9) of the homography's elements that gives the visible ground points their covariance."""
    matrix = homography(camera, problem.centre)
    weight = 1.0 / view.scale
    jacobian = matrix_jacobian(matrix, _flat_pixels(matrix, view)) * weight[:, None, None]
    wanted = view.by_camera * weight[:, None, None]
    by_camera = np.linalg.pinv(jacobian.reshape(-1, 9), rcond=1e-9) @ wanted.reshape(-1, SIZE)
    return by_camera @ covariance @ by_camera.T


def _flat_pixels(matrix: np.ndarray, view: Visible) -> np.ndarray:
    """Undistorted homogeneous pixels (M, 3) whose plane points lie where the ground is seen."""
    seen = np.column_stack([view.xy, np.ones(len(view.xy))]) @ np.linalg.inv(matrix).T
    return seen / seen[:, 2:]


def point_covariances(covariance: np.ndarray, view: Visible) -> np.ndarray:
    """Covariances (M, 2, 2) of the visible ground points, m^2."""
    return view.by_camera @ covariance @ view.by_camera.transpose(0, 2, 1)


def affine_modes(covariance: np.ndarray, view: Visible, before: np.ndarray | None) -> np.ndarray:
    """Affine error modes (MODES, 6): ax, bx, cx, ay, by, cy of each, metres per 1 sigma.

    The camera's error moves the visible points; its best affine fit over them is decomposed, the strongest modes
    are kept and scaled so that the total variance over the visible field stays. Modes have no natural order or
    sign: they are turned to resemble those of the frame `before`, so that one name means one thing over time.
    """
    base = np.column_stack([np.ones(len(view.xy)), view.xy])
    q, r = np.linalg.qr(base)
    back = np.linalg.pinv(r)
    both = np.concatenate([q.T @ view.by_camera[:, 0], q.T @ view.by_camera[:, 1]]) @ _root(covariance)
    left, strength, _ = np.linalg.svd(both / np.sqrt(len(base)), full_matrices=False)
    kept = _twice(back) @ (left[:, :MODES] * strength[:MODES]) * np.sqrt(len(base))
    total = float(np.trace(point_covariances(covariance, view).mean(axis=0)))
    modes = (kept * np.sqrt(total / max(float(np.sum(strength[:MODES] ** 2)), 1e-12))).T
    if before is not None:
        metric = _twice(base.T @ base / len(base))
        u, _, vt = np.linalg.svd(modes @ metric @ before.T)
        modes = (u @ vt).T @ modes
    return modes


def _twice(matrix: np.ndarray) -> np.ndarray:
    """A matrix (N, N) for both axes: (2 N, 2 N), twice on the diagonal."""
    size = len(matrix)
    both = np.zeros((2 * size, 2 * size))
    both[:size, :size], both[size:, size:] = matrix, matrix
    return both


def _root(covariance: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(covariance)
    return vectors * np.sqrt(np.maximum(values, 0.0))


def polygon_in_field(corners: np.ndarray, half_length: float, half_width: float) -> np.ndarray | None:
    """A quadrilateral (4, 2) of the field inside a convex polygon (N, 2) of ground points; None if none is.

    Clipped to the field's rectangle (Sutherland and Hodgman); while more than four corners remain, the one that
    costs least area goes, so that the result never claims what was not seen.
    """
    shape = corners
    for axis, sign, limit in (
        (0, 1.0, half_length),
        (0, -1.0, half_length),
        (1, 1.0, half_width),
        (1, -1.0, half_width),
    ):
        shape = _clipped(shape, axis, sign, limit)
        if len(shape) < 3:
            return None
    shape = _four(shape)
    if len(shape) == 3:
        shape = np.vstack([shape, 0.5 * (shape[2] + shape[0])])
    return shape


def _four(shape: np.ndarray) -> np.ndarray:
    """A polygon (N, 2) without the corners that cost least area, one after the other, until four are left."""
    points = shape.tolist()
    costs = [_cost(points, number) for number in range(len(points))]
    while len(points) > 4:
        least = costs.index(min(costs))
        del points[least], costs[least]
        for number in (least - 1, least % len(points)):
            costs[number] = _cost(points, number)
    return np.array(points)


def _cost(points: list[list[float]], number: int) -> float:
    """Twice the area that a polygon loses with one of its corners."""
    (x, y), (left, low), (right, high) = points[number], points[number - 1], points[(number + 1) % len(points)]
    return abs((x - left) * (high - low) - (y - low) * (right - left))


def _clipped(shape: np.ndarray, axis: int, sign: float, limit: float) -> np.ndarray:
    """The part of a polygon where sign * coordinate <= limit."""
    inside = sign * shape[:, axis] <= limit
    if inside.all():
        return shape
    kept = []
    points, within = shape.tolist(), inside.tolist()
    for number, one in enumerate(points):
        following = (number + 1) % len(points)
        if within[number]:
            kept.append(one)
        if within[number] != within[following]:
            two = points[following]
            share = (sign * limit - one[axis]) / (two[axis] - one[axis])
            kept.append([one[0] + share * (two[0] - one[0]), one[1] + share * (two[1] - one[1])])
    return np.array(kept).reshape(-1, 2)


def seen_ground(problem: Problem, cameras: np.ndarray, size: tuple[int, int], reach: float) -> np.ndarray:
    """Ground points (N, 16, 2) around the pictures of cameras (N, 10), going once around.

    What lies above the horizon is brought to `reach` metres.
    """
    width, height = size
    side = np.linspace(0.0, 1.0, 5)[:-1]
    outline = np.concatenate(
        [
            np.column_stack([side * width, 0 * side]),
            np.column_stack([0 * side + width, side * height]),
            np.column_stack([(1 - side) * width, 0 * side + height]),
            np.column_stack([0 * side, (1 - side) * height]),
        ]
    )
    many = np.repeat(cameras, len(outline), axis=0)
    direction = rays(many, np.tile(outline - 0.5, (len(cameras), 1)), problem.centre)
    level, centres = np.linalg.norm(direction[:, :2], axis=1), stands(many)
    direction[:, 2] = np.minimum(direction[:, 2], -centres[:, 2] / reach * level)
    point = on_surface(many, direction, problem.rise)[:, :2].reshape(len(cameras), -1, 2)
    known = np.isfinite(point).all(axis=(1, 2))
    return np.where(known[:, None, None], point, centres[:, :2].reshape(point.shape))
