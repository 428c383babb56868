"""One bundle adjustment per camera shot: all frames, all observations, one least-squares problem.

Unknowns are camera vectors (`camera.PARAMETERS`), one per *pose*. Which of their entries belong to a pose and
which are shared by all poses makes the three modes: `ptz` (centre, roll, lens and crown shared; pan, tilt and
zoom per frame), `static` (one pose for all frames) and `free` (centre and roll per frame too).

Observations
    points: a landmark of the field at a pixel (two residuals).
    curves: a pixel on a named line or circle; the residual is the distance to the projected curve in the
        picture, measured along its normal at the foot point, which is found anew in every iteration.
    links: where pixels of one frame went in a later one. Both see the same point: in free mode the ground, in ptz
        mode the ground or, where that is beyond the field (stands), a point about as far as the field reaches;
        its distance matters little there because the camera hardly moves.
    priors on shared entries, and a loose random walk between neighbouring poses.

Levenberg-Marquardt with analytic derivatives and robust weights. The normal equations are block tridiagonal
(groups of neighbouring poses) with a border of shared unknowns, so that time and memory grow linearly with the
number of frames, and the blocks of the covariance that are needed come from a selected inversion.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from perception.registration.camera import (
    ARM, CAMERA_X, CAMERA_Y, CAMERA_Z, CROWN, LENS, LOG_FOCAL, PAN, ROLL, SIZE, TILT, Projection, on_surface, project,
    rays, stands,
)
from perception.registration.project import Rise

POSE_SLOTS = {
    "ptz": (PAN, TILT, LOG_FOCAL),
    "static": (PAN, TILT, LOG_FOCAL),
    "free": (PAN, TILT, LOG_FOCAL, ROLL, CAMERA_X, CAMERA_Y, CAMERA_Z),
}
SHARED_SLOTS = {
    "ptz": (ROLL, CAMERA_X, CAMERA_Y, CAMERA_Z, LENS, CROWN, ARM),
    "static": (ROLL, CAMERA_X, CAMERA_Y, CAMERA_Z, LENS, CROWN),
    "free": (LENS, CROWN),
}
_FAR = 50.0  # whitened residual given to what has no picture, so that steps into nowhere are refused


class Curve(Protocol):
    """A line or circle of the field: signed distance and unit normal, vectorised, in metres."""

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Signed distance (N,)."""

    def gradient(self, x: np.ndarray, y: np.ndarray) -> Any:
        """Unit normals: (nx, ny)."""


@dataclass(frozen=True)
class Points:
    """Landmarks at pixels: `xyz` (N, 3) metres, z above the ground; `uv` (N, 2) and `sigma` (N,) pixels.

    `pose` (N,) says which pose sees each; `anchor` (N,) groups what stands or falls together (a keyframe).
    """

    pose: np.ndarray
    xyz: np.ndarray
    uv: np.ndarray
    sigma: np.ndarray
    anchor: np.ndarray

    def taken(self, keep: np.ndarray) -> Points:
        """Some of them, by index or mask."""
        return Points(self.pose[keep], self.xyz[keep], self.uv[keep], self.sigma[keep], self.anchor[keep])


@dataclass(frozen=True)
class OnCurves:
    """Pixels on curves: `curve` (N,) indexes `curves`; the rest as in `Points`.

    `cauchy` (N,) is True for what a machine found (large residuals lose their weight altogether).
    """

    pose: np.ndarray
    curve: np.ndarray
    uv: np.ndarray
    sigma: np.ndarray
    anchor: np.ndarray
    cauchy: np.ndarray
    curves: Sequence[Curve] = ()

    def taken(self, keep: np.ndarray) -> OnCurves:
        """Some of them, by index or mask."""
        return OnCurves(
            self.pose[keep],
            self.curve[keep],
            self.uv[keep],
            self.sigma[keep],
            self.anchor[keep],
            self.cauchy[keep],
            self.curves,
        )


@dataclass(frozen=True)
class Links:
    """Where pixels of a pose went in a later one.

    Pixels `uv` (L, K, 2) of pose `first` (L,) were seen at `to` (L, K, 2) in pose `second` (L,). `sigma` (L, K) is
    each pixel's own error (inf: unused), `shared` (L,) the error that all pixels of a link have in common.
    """

    first: np.ndarray
    second: np.ndarray
    uv: np.ndarray
    to: np.ndarray
    sigma: np.ndarray
    shared: np.ndarray

    @property
    def share(self) -> np.ndarray:
        """How much (L,) the pixels of a link count, so that many of them do not average the shared error away."""
        own = 1.0 / np.sum(self.sigma**-2.0, axis=1)
        return own / (own + self.shared**2)


@dataclass(frozen=True)
class Prior:
    """A shared entry of the camera vector is normally distributed around `mean`."""

    slot: int
    mean: float
    sigma: float


@dataclass(frozen=True)
class Problem:
    """Everything that one adjustment knows.

    `walk` (poses - 1, pose slots) is the 1-sigma of the step between poses, `reach` how far away stands may be,
    metres, `rise` the shape of the crown, `held` lists shared entries that stay as they are.
    """

    mode: str
    poses: int
    centre: tuple[float, float]
    points: Points
    on: OnCurves
    links: Links
    priors: tuple[Prior, ...] = ()
    walk: np.ndarray | None = None
    rise: Rise | None = None
    crown_range: tuple[float, float] = (0.0, 0.0)
    held: tuple[int, ...] = ()
    reach: float = 100.0
    huber: float = 2.0

    @property
    def pose_slots(self) -> list[int]:
        """Entries that every pose has for itself."""
        return list(POSE_SLOTS[self.mode])

    @property
    def shared_slots(self) -> list[int]:
        """Entries that all poses share and that are not held fixed."""
        flat = (CROWN,) if self.rise is None else ()
        return [slot for slot in SHARED_SLOTS[self.mode] if slot not in (*self.held, *flat)]


@dataclass
class Rows:
    """Whitened residuals of one kind at the present cameras, with derivatives and robust weights.

    `residual` (N,), `pose` (N,), `by_pose` (N, P), `by_shared` (N, G), `weight` (N,), `cost` (N,); links have a
    second pose. `anchor` (N,) is -1 for links.
    """

    residual: np.ndarray
    pose: np.ndarray
    by_pose: np.ndarray
    by_shared: np.ndarray
    weight: np.ndarray
    cost: np.ndarray
    anchor: np.ndarray
    second: np.ndarray | None = None
    by_second: np.ndarray | None = None


def _huber(residual: np.ndarray, bend: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights and costs of Huber's loss."""
    size = np.abs(residual)
    with np.errstate(divide="ignore"):
        weight = np.where(size > bend, bend / size, 1.0)
    return weight, np.where(size > bend, bend * (size - 0.5 * bend), 0.5 * residual * residual)


def _cauchy(residual: np.ndarray, bend: float) -> tuple[np.ndarray, np.ndarray]:
    """Weights and costs of Cauchy's loss."""
    scaled = (residual / bend) ** 2
    return 1.0 / (1.0 + scaled), 0.5 * bend * bend * np.log1p(scaled)


def _lifted(problem: Problem, camera: np.ndarray, xy: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Field points (N, 3) on the surface above (N, 2), and how far each rises with the crown (N,)."""
    rise = np.zeros(len(xy)) if problem.rise is None else np.nan_to_num(problem.rise(xy[:, 0], xy[:, 1]))
    return np.column_stack([xy, camera[:, CROWN] * rise]), rise


def _by_camera(seen: Projection, rise: np.ndarray) -> np.ndarray:
    derivative = seen.by_camera.copy()
    derivative[:, :, CROWN] = seen.by_point[:, :, 2] * rise[:, None]
    return derivative


def point_rows(problem: Problem, cameras: np.ndarray) -> Rows:
    """Residuals of the landmarks, u and v of each in turn."""
    points = problem.points
    camera = cameras[points.pose]
    lifted, rise = _lifted(problem, camera, points.xyz[:, :2])
    lifted[:, 2] += points.xyz[:, 2]
    seen = project(camera, lifted, problem.centre)
    residual = (seen.uv - points.uv) / points.sigma[:, None]
    derivative = _by_camera(seen, rise) / points.sigma[:, None, None]
    pick = np.repeat(np.arange(len(points.pose)), 2)
    return _rows(problem, residual.ravel(), derivative.reshape(-1, SIZE), points.pose[pick], points.anchor[pick])


def foot_points(problem: Problem, camera: np.ndarray, on: OnCurves) -> tuple[np.ndarray, np.ndarray]:
    """Foot points (N, 2) of pixels on their curves, and the unit normals (N, 2) there; nan above the horizon."""
    ground = on_surface(camera, rays(camera, on.uv, problem.centre), problem.rise)[:, :2]
    feet, normals = np.full_like(ground, np.nan), np.full_like(ground, np.nan)
    for number in np.unique(on.curve):
        here = (on.curve == number) & np.isfinite(ground[:, 0])
        x, y = ground[here, 0], ground[here, 1]
        for _ in range(2):
            distance = on.curves[number].distance(x, y)
            normal = np.column_stack(on.curves[number].gradient(x, y))
            x, y = x - distance * normal[:, 0], y - distance * normal[:, 1]
        feet[here], normals[here] = np.column_stack([x, y]), normal
    return feet, normals


def curve_rows(problem: Problem, cameras: np.ndarray) -> Rows:
    """Residuals of pixels on curves: distance in the picture along the projected curve's normal."""
    on = problem.on
    camera = cameras[on.pose]
    feet, normals = foot_points(problem, camera, on)
    lifted, rise = _lifted(problem, camera, np.nan_to_num(feet))
    seen = project(camera, lifted, problem.centre)
    along = np.einsum("nij,nj->ni", seen.by_point[:, :, :2], np.column_stack([-normals[:, 1], normals[:, 0]]))
    with np.errstate(invalid="ignore"):
        across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    residual = np.sum(across * (seen.uv - on.uv), axis=1) / on.sigma
    derivative = np.einsum("ni,nij->nj", across, _by_camera(seen, rise)) / on.sigma[:, None]
    return _rows(problem, residual, derivative, on.pose, on.anchor, on.cauchy)


def _rows(
    problem: Problem,
    residual: np.ndarray,
    derivative: np.ndarray,
    pose: np.ndarray,
    anchor: np.ndarray,
    cauchy: np.ndarray | None = None,
) -> Rows:
    """Weigh residuals; those that are nan get a constant cost and no derivative."""
    lost = ~np.isfinite(residual) | ~np.isfinite(derivative).all(1)
    residual, derivative = np.where(lost, _FAR, residual), np.where(lost[:, None], 0.0, derivative)
    weight, cost = _huber(residual, problem.huber)
    if cauchy is not None:
        soft, soft_cost = _cauchy(residual, problem.huber)
        weight, cost = np.where(cauchy, soft, weight), np.where(cauchy, soft_cost, cost)
    return Rows(
        residual, pose, derivative[:, problem.pose_slots], derivative[:, problem.shared_slots], weight, cost, anchor
    )


def _inverse_2x2(matrix: np.ndarray) -> np.ndarray:
    determinant = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
    adjugate = np.stack(
        [np.stack([matrix[:, 1, 1], -matrix[:, 0, 1]], 1), np.stack([-matrix[:, 1, 0], matrix[:, 0, 0]], 1)], 1
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return adjugate / determinant[:, None, None]


def _within(stand: np.ndarray, shown: np.ndarray, ground: np.ndarray, reach: float) -> np.ndarray:
    """Ground points (N, 3), brought to `reach` metres from the camera where they are farther or do not exist."""
    away = np.linalg.norm(ground - stand, axis=1)
    near = np.nan_to_num(away, nan=np.inf) < reach
    far = stand + shown * (reach / np.linalg.norm(shown, axis=1))[:, None]
    return np.where(near[:, None], ground, far)


def link_rows(problem: Problem, cameras: np.ndarray) -> Rows:
    """Residuals of the links, u and v of each of their points in turn.

    The first pose enters through what the pixel shows: its direction (or ground point) d moves with the first
    camera so that its pixel stays, d' = -(dp1/dd)^+ dp1/dcamera1.
    """
    links = problem.links
    number, size = links.sigma.shape
    first, second = np.repeat(links.first, size), np.repeat(links.second, size)
    one, two = cameras[first], cameras[second]
    shown = rays(one, links.uv.reshape(-1, 2), problem.centre)
    point = on_surface(one, shown, problem.rise)
    if problem.mode != "free":
        point = _within(stands(one), shown, point, problem.reach)
    seen_one, seen_two = project(one, point, problem.centre), project(two, point, problem.centre)
    if problem.mode == "free":
        across = seen_two.by_point[:, :, :2] @ _inverse_2x2(seen_one.by_point[:, :, :2])
    else:
        turned = seen_one.by_point.transpose(0, 2, 1)
        across = seen_two.by_point @ turned @ _inverse_2x2(seen_one.by_point @ turned)
        for seen in (seen_one, seen_two):
            seen.by_camera[:, :, CAMERA_X : CAMERA_Z + 1] = 0.0
    sigma = links.sigma.reshape(-1)
    residual = (seen_two.uv - links.to.reshape(-1, 2)) / sigma[:, None]
    by_one = -across @ seen_one.by_camera / sigma[:, None, None]
    by_two = seen_two.by_camera / sigma[:, None, None]
    bad = ~np.isfinite(residual).all(1) | ~np.isfinite(by_one).all((1, 2)) | ~np.isfinite(by_two).all((1, 2))
    residual[bad], by_one[bad], by_two[bad] = 0.0, 0.0, 0.0
    weight, cost = _huber(np.linalg.norm(residual, axis=1), problem.huber * 1.5)
    share = np.repeat(links.share, size)
    weight, cost = weight * share, np.where(bad & np.isfinite(sigma), _FAR, cost) * share
    slots, shared = problem.pose_slots, problem.shared_slots
    both = np.repeat(np.arange(number * size), 2)
    return Rows(
        residual.ravel(),
        first[both],
        by_one[:, :, slots].reshape(-1, len(slots)),
        (by_one + by_two)[:, :, shared].reshape(-1, len(shared)),
        weight[both],
        0.5 * cost[both],
        np.full(len(both), -1),
        second[both],
        by_two[:, :, slots].reshape(-1, len(slots)),
    )


def all_rows(problem: Problem, cameras: np.ndarray) -> list[Rows]:
    """Rows of points, curves and links, in this order."""
    return [point_rows(problem, cameras), curve_rows(problem, cameras), link_rows(problem, cameras)]


@dataclass
class Normal:
    """Normal equations: groups of poses (tridiagonal), coupled to shared unknowns (a border).

    `diagonal` (B, m, m), `next` (B - 1, m, m) between a group and the next, `border` (B, m, G), `shared` (G, G);
    right-hand sides `pull` (B, m) and `pull_shared` (G,). A group holds `size` poses of `slots` entries.
    """

    diagonal: np.ndarray
    next: np.ndarray
    border: np.ndarray
    shared: np.ndarray
    pull: np.ndarray
    pull_shared: np.ndarray
    size: int
    slots: int

    def solve(self, damping: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
        """Steps of the poses (B * size, slots) and of the shared unknowns (G,), diagonals raised by `damping`."""
        diagonal = self.diagonal.copy()
        entries = np.arange(diagonal.shape[1])
        diagonal[:, entries, entries] *= 1.0 + damping
        shared = self.shared + damping * np.diag(np.diag(self.shared))
        sides = np.concatenate([self.border, self.pull[:, :, None]], 2)
        solved, _ = _tridiagonal(diagonal, self.next, sides, False)
        wide, narrow = solved[:, :, :-1], solved[:, :, -1]
        schur = shared - np.einsum("bmg,bmh->gh", self.border, wide)
        step = np.linalg.solve(schur, self.pull_shared - np.einsum("bmg,bm->g", self.border, narrow))
        return (narrow - wide @ step).reshape(-1, self.slots), step

    def covariance(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Blocks of the inverse: poses (N, P, P), pose with shared (N, P, G), shared (G, G)."""
        solved, inverse = _tridiagonal(self.diagonal, self.next, self.border, True)
        schur = self.shared - np.einsum("bmg,bmh->gh", self.border, solved)
        shared = np.linalg.inv(schur) if len(schur) else schur
        cross = -solved @ shared
        blocks = inverse - cross @ solved.transpose(0, 2, 1)
        split = blocks.reshape(len(blocks), self.size, self.slots, self.size, self.slots)
        poses = np.einsum("bsisj->bsij", split).reshape(-1, self.slots, self.slots)
        return poses, cross.reshape(-1, self.slots, shared.shape[0]), shared


def _tridiagonal(
    diagonal: np.ndarray, upper: np.ndarray, sides: np.ndarray, invert: bool
) -> tuple[np.ndarray, np.ndarray]:
    """Solve a symmetric block tridiagonal system, and give the diagonal blocks of its inverse if asked.

    Block elimination (Golub and Van Loan, 4.5.1); the inverse's blocks by the usual backward recursion
    S_k = D_k^-1 + U_k S_(k+1) U_k^T with U_k = D_k^-1 E_k.
    """
    count, width = diagonal.shape[:2]
    reduced, carried = np.empty_like(diagonal), np.empty_like(upper)
    solution = sides.copy()
    reduced[0] = np.linalg.inv(diagonal[0])
    for k in range(1, count):
        carried[k - 1] = reduced[k - 1] @ upper[k - 1]
        reduced[k] = np.linalg.inv(diagonal[k] - upper[k - 1].T @ carried[k - 1])
        solution[k] -= carried[k - 1].T @ solution[k - 1]
    inverse = np.empty_like(diagonal) if invert else np.empty((0, width, width))
    for k in range(count - 1, -1, -1):
        solution[k] = reduced[k] @ solution[k]
        if k < count - 1:
            solution[k] -= carried[k] @ solution[k + 1]
        if invert:
            inverse[k] = reduced[k]
            if k < count - 1:
                inverse[k] += carried[k] @ inverse[k + 1] @ carried[k].T
    return solution, inverse


def normal_equations(problem: Problem, cameras: np.ndarray, rows: Sequence[Rows]) -> Normal:
    """Sum the weighted rows, the priors and the walk."""
    slots, shared = len(problem.pose_slots), len(problem.shared_slots)
    reach = problem.links.second - problem.links.first
    size = min(problem.poses, max(8, int(reach.max()) if len(reach) else 1))
    groups = -(-problem.poses // size)
    diagonal = np.zeros((groups, size, slots, size, slots))
    upper = np.zeros((max(groups - 1, 0), size, slots, size, slots))
    border, pull = np.zeros((groups, size, slots, shared)), np.zeros((groups, size, slots))
    gg, pull_shared = np.zeros((shared, shared)), np.zeros(shared)

    def add(one: np.ndarray, two: np.ndarray, block: np.ndarray) -> None:
        """Add blocks (N, P, P) at poses one <= two of the upper triangle and mirror within a group."""
        (g1, s1), (g2, s2) = divmod(one, size), divmod(two, size)
        same = g1 == g2
        np.add.at(diagonal, (g1[same], s1[same], slice(None), s2[same]), block[same])
        mirrored = same & (one != two)
        np.add.at(diagonal, (g1[mirrored], s2[mirrored], slice(None), s1[mirrored]), block[mirrored].transpose(0, 2, 1))
        np.add.at(upper, (g1[~same], s1[~same], slice(None), s2[~same]), block[~same])

    for part in rows:
        ends = [(part.pose, part.by_pose)]
        if part.second is not None and part.by_second is not None:
            ends.append((part.second, part.by_second))
        weighted = part.weight * part.residual
        for pose, by_pose in ends:
            heavy = by_pose * part.weight[:, None]
            add(pose, pose, heavy[:, :, None] * by_pose[:, None, :])
            place = divmod(pose, size)
            np.add.at(border, place, heavy[:, :, None] * part.by_shared[:, None, :])
            np.add.at(pull, place, -by_pose * weighted[:, None])
        if len(ends) == 2:
            add(part.pose, ends[1][0], (part.by_pose * part.weight[:, None])[:, :, None] * ends[1][1][:, None, :])
        gg += (part.by_shared * part.weight[:, None]).T @ part.by_shared
        pull_shared -= part.by_shared.T @ weighted
    _add_priors(problem, cameras, gg, pull_shared)
    _add_walk(problem, cameras, add, pull, size)
    spare = np.arange(problem.poses, groups * size)
    add(spare, spare, np.broadcast_to(np.eye(slots), (len(spare), slots, slots)))
    width = size * slots
    return Normal(
        diagonal.reshape(groups, width, width),
        upper.reshape(-1, width, width),
        border.reshape(groups, width, shared),
        gg,
        pull.reshape(groups, width),
        pull_shared,
        size,
        slots,
    )


def _add_priors(problem: Problem, cameras: np.ndarray, matrix: np.ndarray, pull: np.ndarray) -> None:
    for prior in problem.priors:
        if prior.slot in problem.shared_slots:
            place = problem.shared_slots.index(prior.slot)
            matrix[place, place] += prior.sigma**-2
            pull[place] -= (cameras[0, prior.slot] - prior.mean) * prior.sigma**-2


def _add_walk(problem: Problem, cameras: np.ndarray, add: Any, pull: np.ndarray, size: int) -> None:
    if problem.walk is None or problem.poses < 2:
        return
    precision = problem.walk**-2.0
    step = np.diff(cameras[:, problem.pose_slots], axis=0)
    blocks = precision[:, :, None] * np.eye(step.shape[1])
    one = np.arange(problem.poses - 1)
    add(one, one, blocks)
    add(one + 1, one + 1, blocks)
    add(one, one + 1, -blocks)
    np.add.at(pull, divmod(one, size), precision * step)
    np.add.at(pull, divmod(one + 1, size), -precision * step)


def cost(problem: Problem, cameras: np.ndarray, rows: Sequence[Rows]) -> float:
    """Robust cost of everything."""
    total = sum(float(part.cost.sum()) for part in rows)
    for prior in problem.priors:
        if prior.slot in problem.shared_slots:
            total += 0.5 * ((cameras[0, prior.slot] - prior.mean) / prior.sigma) ** 2
    if problem.walk is not None and problem.poses > 1:
        total += 0.5 * float(np.sum((np.diff(cameras[:, problem.pose_slots], axis=0) / problem.walk) ** 2))
    return total


@dataclass(frozen=True)
class Solution:
    """Adjusted cameras (poses, 10), the rows and normal equations there, and the robust cost."""

    cameras: np.ndarray
    rows: list[Rows]
    normal: Normal
    cost: float
    problem: Problem
    iterations: int


def adjust(problem: Problem, cameras: np.ndarray, iterations: int = 30) -> Solution:
    """Levenberg-Marquardt from the given cameras (poses, 10).

    The crown is kept in `problem.crown_range`: at a bound that it pushes against it is held.
    """
    rows = all_rows(problem, cameras)
    value, damping, done = cost(problem, cameras, rows), 1e-3, 0
    normal = normal_equations(problem, cameras, rows)
    for done in range(1, iterations + 1):
        stepped = _stepped(problem, cameras, *normal.solve(damping))
        new_rows = all_rows(problem, stepped)
        new_value = cost(problem, stepped, new_rows)
        if not new_value < value:
            damping *= 8.0
            if damping > 1e8:
                break
            continue
        gain = value - new_value
        cameras, rows, value, damping = stepped, new_rows, new_value, max(damping / 8.0, 1e-9)
        normal = normal_equations(problem, cameras, rows)
        if gain < 1e-6 * max(value, 1.0):
            break
    return Solution(cameras, rows, normal, value, problem, done)


def _stepped(problem: Problem, cameras: np.ndarray, poses: np.ndarray, shared: np.ndarray) -> np.ndarray:
    moved = cameras.copy()
    moved[:, problem.pose_slots] += poses[: len(cameras)]
    moved[:, problem.shared_slots] += shared
    moved[:, CROWN] = np.clip(moved[:, CROWN], *problem.crown_range)
    moved[:, LOG_FOCAL] = np.clip(moved[:, LOG_FOCAL], np.log(50.0), np.log(1e6))
    return moved


def adjust_each(problem: Problem, cameras: np.ndarray, iterations: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Adjust the pose entries of every pose on its own, shared entries fixed; cameras and their costs (poses,).

    Many small problems at once: the search for a first guess tries hundreds of cameras.
    """
    slots = problem.pose_slots
    damping = np.full(problem.poses, 1e-2)

    def evaluate(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        value = np.zeros(problem.poses)
        matrix, pull = np.zeros((problem.poses, len(slots), len(slots))), np.zeros((problem.poses, len(slots)))
        for part in (point_rows(problem, at), curve_rows(problem, at)):
            heavy = part.by_pose * part.weight[:, None]
            np.add.at(value, part.pose, part.cost)
            np.add.at(matrix, part.pose, heavy[:, :, None] * part.by_pose[:, None, :])
            np.add.at(pull, part.pose, -heavy * part.residual[:, None])
        return value, matrix, pull

    value, matrix, pull = evaluate(cameras)
    for _ in range(iterations):
        raised = matrix * (1.0 + damping[:, None, None] * np.eye(len(slots))) + 1e-9 * np.eye(len(slots))
        trial = cameras.copy()
        trial[:, slots] += np.clip(np.linalg.solve(raised, pull[:, :, None])[:, :, 0], -0.5, 0.5)
        new_value, new_matrix, new_pull = evaluate(trial)
        better = new_value < value
        damping = np.where(better, damping / 8.0, damping * 8.0)
        cameras = np.where(better[:, None], trial, cameras)
        value = np.where(better, new_value, value)
        matrix = np.where(better[:, None, None], new_matrix, matrix)
        pull = np.where(better[:, None], new_pull, pull)
    return cameras, value


def without(problem: Problem, anchors: Sequence[int]) -> Problem:
    """The same problem with the observations of some anchors left out."""
    points = problem.points.taken(~np.isin(problem.points.anchor, anchors))
    return replace(problem, points=points, on=problem.on.taken(~np.isin(problem.on.anchor, anchors)))
