"""One bundle adjustment per camera shot: all frames, all observations, one least-squares problem.

Unknowns are camera vectors (`camera.PARAMETERS`), one per *pose*. Which of their entries belong to a pose and
which are shared by all poses makes the three modes: `ptz` (centre, roll, lens and crown shared; pan, tilt and
zoom per frame), `static` (one pose for all frames) and `free` (centre and roll per frame too).

Observations
    points: a landmark of the field at a pixel (two residuals).
    curves: a pixel on a named line or circle; the residual is the distance to the projected curve in the
        picture, measured along its normal at the foot point, which is found anew in every iteration.
        Paint is not exactly where the rulebook wants it: every stripe may lie some centimetres beside, one
        unknown each, so that many observations of one line do not pretend to know the field better than that.
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
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from ontologies.geometry import Line
from perception.registration.camera import (
    ARM,
    CAMERA_X,
    CAMERA_Y,
    CAMERA_Z,
    CROWN,
    LENS,
    LOG_FOCAL,
    PAN,
    ROLL,
    SIZE,
    TILT,
    Projection,
    on_surface,
    project,
    rays,
    stands,
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
    """Landmarks at pixels: `xyz` (N, 3) metres, z above the ground; `uv` and `sigma` (N, 2) pixels.

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

    `cauchy` (N,) is True for what a machine found (large residuals lose their weight altogether). `stripe` says
    for each of `curves` which stripe of paint it belongs to: both edges of a line are one stripe; `beside` how far
    it may lie beside its place, 1-sigma, metres.
    """

    pose: np.ndarray
    curve: np.ndarray
    uv: np.ndarray
    sigma: np.ndarray
    anchor: np.ndarray
    cauchy: np.ndarray
    curves: Sequence[Curve] = ()
    stripe: Sequence[int] = ()
    beside: Sequence[float] = ()

    def taken(self, keep: np.ndarray) -> OnCurves:
        """Some of them, by index or mask."""
        columns = (self.pose, self.curve, self.uv, self.sigma, self.anchor, self.cauchy)
        return OnCurves(*(column[keep] for column in columns), self.curves, self.stripe, self.beside)


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

    Args:
        mode: ptz, static or free.
        poses: how many camera vectors there are.
        centre: principal point, pixels.
        points: landmarks.
        on: pixels on curves.
        links: how the picture moved.
        priors: what is known of shared entries.
        walk: (poses - 1, pose slots) 1-sigma of the step between neighbouring poses.
        rise: shape of a crown of 1 m; None for flat ground.
        crown_range: smallest and largest crown, metres.
        held: shared entries that stay as they are.
        reach: distance at which stands are taken to be, metres.
        huber: whitened residual from which on the loss grows linearly.
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
    def stripes(self) -> int:
        """How many stripes of paint there are."""
        return max(self.on.stripe, default=-1) + 1

    @property
    def pose_slots(self) -> list[int]:
        """Entries that every pose has for itself."""
        return list(POSE_SLOTS[self.mode])

    @property
    def shared_slots(self) -> list[int]:
        """Entries that all poses share and that are not held fixed."""
        flat = (CROWN,) if self.rise is None else ()
        return [slot for slot in SHARED_SLOTS[self.mode] if slot not in (*self.held, *flat)]


@dataclass(frozen=True)
class State:
    """The unknowns: camera vectors (poses, 10), and how far each stripe lies beside its place (S,), metres."""

    cameras: np.ndarray
    offsets: np.ndarray


@dataclass(frozen=True)
class Rows:
    """Whitened residuals of one kind, with derivatives and robust weights.

    `residual` (N,), `pose` (N,), `by_pose` (N, P), `by_shared` (N, G): entries of the camera vector, then stripes;
    `weight` (N,), `cost` (N,), `anchor` (N,). Links have a second pose, and anchor -1.
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


def point_rows(problem: Problem, state: State) -> Rows:
    """Residuals of the landmarks, u and v of each in turn."""
    points = problem.points
    camera = state.cameras[points.pose]
    lifted, rise = _lifted(problem, camera, points.xyz[:, :2])
    lifted[:, 2] += points.xyz[:, 2]
    seen = project(camera, lifted, problem.centre)
    residual = (seen.uv - points.uv) / points.sigma
    derivative = _by_camera(seen, rise) / points.sigma[:, :, None]
    pick = np.repeat(np.arange(len(points.pose)), 2)
    return _rows(problem, residual.ravel(), derivative.reshape(-1, SIZE), points.pose[pick], points.anchor[pick])


def foot_points(problem: Problem, state: State) -> tuple[np.ndarray, np.ndarray]:
    """Foot points (N, 2) of marked pixels on their curves, and unit normals (N, 2); nan above the horizon."""
    on = problem.on
    camera = state.cameras[on.pose]
    ground = on_surface(camera, rays(camera, on.uv, problem.centre), problem.rise)[:, :2]
    feet, normals = np.full_like(ground, np.nan), np.full_like(ground, np.nan)
    straight = np.array([isinstance(curve, Line) for curve in on.curves], bool)[on.curve]
    known = np.isfinite(ground[:, 0])
    offsets = state.offsets[np.array(on.stripe, int)][on.curve]
    here = straight & known
    feet[here], normals[here] = _feet(_Lines.of(on.curves, on.curve[here]), ground[here], offsets[here])
    for number in np.unique(on.curve[~straight]):
        here = (on.curve == number) & known
        feet[here], normals[here] = _feet(on.curves[number], ground[here], offsets[here])
    return feet, normals


@dataclass(frozen=True)
class _Lines:
    """A straight line for each of N points: a point on it and its unit normal, all (N,)."""

    x: np.ndarray
    y: np.ndarray
    across: np.ndarray
    along: np.ndarray

    @classmethod
    def of(cls, curves: Sequence[Curve], which: np.ndarray) -> _Lines:
        """The lines among some curves that points (N,) are on."""
        values = [(one.x1, one.y1, *one.normal) if isinstance(one, Line) else (np.nan,) * 4 for one in curves]
        return cls(*np.array(values, float).reshape(-1, 4)[which].T)

    def distance(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return (x - self.x) * self.across + (y - self.y) * self.along

    def gradient(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        del x, y
        return self.across, self.along


def _feet(curve: Curve | _Lines, ground: np.ndarray, offset: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Feet (N, 2) and unit normals (N, 2) of ground points on a curve that lies `offset` (N,) metres aside."""
    x, y = ground.T
    for _ in range(2):
        distance = curve.distance(x, y) - offset
        normal = np.column_stack(curve.gradient(x, y))
        x, y = x - distance * normal[:, 0], y - distance * normal[:, 1]
    return np.column_stack([x, y]), normal


def curve_rows(problem: Problem, state: State) -> Rows:
    """Residuals of pixels on curves: distance in the picture along the projected curve's normal."""
    on = problem.on
    camera = state.cameras[on.pose]
    feet, normals = foot_points(problem, state)
    lifted, rise = _lifted(problem, camera, np.nan_to_num(feet))
    seen = project(camera, lifted, problem.centre)
    by_ground = seen.by_point[:, :, :2]
    along = np.einsum("nij,nj->ni", by_ground, np.column_stack([-normals[:, 1], normals[:, 0]]))
    with np.errstate(invalid="ignore"):
        across = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    residual = np.sum(across * (seen.uv - on.uv), axis=1) / on.sigma
    derivative = np.einsum("ni,nij->nj", across, _by_camera(seen, rise)) / on.sigma[:, None]
    rows = _rows(problem, residual, derivative, on.pose, on.anchor, on.cauchy)
    sideways = np.nan_to_num(np.einsum("ni,nij,nj->n", across, by_ground, normals)) / on.sigma
    stripe = np.array(on.stripe, int)[on.curve]
    rows.by_shared[np.arange(len(stripe)), len(problem.shared_slots) + stripe] = sideways
    return rows


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
    by_pose = derivative[:, problem.pose_slots]
    return Rows(residual, pose, by_pose, _by_shared(problem, derivative), weight, cost, anchor)


def _by_shared(problem: Problem, derivative: np.ndarray) -> np.ndarray:
    """Columns (N, G) of the shared unknowns: entries of the camera vector, then the stripes, zero so far."""
    return np.hstack([derivative[:, problem.shared_slots], np.zeros((len(derivative), problem.stripes))])


def _inverse_2x2(matrix: np.ndarray) -> np.ndarray:
    determinant = matrix[:, 0, 0] * matrix[:, 1, 1] - matrix[:, 0, 1] * matrix[:, 1, 0]
    result = np.empty_like(matrix)
    result[:, 0, 0], result[:, 1, 1] = matrix[:, 1, 1], matrix[:, 0, 0]
    result[:, 0, 1], result[:, 1, 0] = -matrix[:, 0, 1], -matrix[:, 1, 0]
    with np.errstate(divide="ignore", invalid="ignore"):
        return result / determinant[:, None, None]


def _within(stand: np.ndarray, shown: np.ndarray, ground: np.ndarray, reach: float) -> np.ndarray:
    """Ground points (N, 3), brought to `reach` metres from the camera where they are farther or do not exist."""
    away = np.linalg.norm(ground - stand, axis=1)
    near = np.nan_to_num(away, nan=np.inf) < reach
    far = stand + shown * (reach / np.linalg.norm(shown, axis=1))[:, None]
    return np.where(near[:, None], ground, far)


def link_rows(problem: Problem, state: State) -> Rows:
    """Residuals of the links, u and v of each of their pixels in turn.

    The first pose enters through what the pixel shows: a point X that moves with the first camera so that its
    pixel stays, dX = -(dp1 / dX)^+ dp1.
    """
    links, slots = problem.links, problem.pose_slots
    number, size = links.sigma.shape
    first, second = np.repeat(links.first, size), np.repeat(links.second, size)
    one, two = state.cameras[first], state.cameras[second]
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
    by_one, by_two = -across @ seen_one.by_camera / sigma[:, None, None], seen_two.by_camera / sigma[:, None, None]
    bad = ~np.isfinite(residual).all(1) | ~np.isfinite(by_one).all((1, 2)) | ~np.isfinite(by_two).all((1, 2))
    residual[bad], by_one[bad], by_two[bad] = 0.0, 0.0, 0.0
    weight, cost = _huber(np.linalg.norm(residual, axis=1), 1.5 * problem.huber)
    share = np.repeat(links.share, size)
    weight, cost = weight * share, np.where(bad & np.isfinite(sigma), _FAR, cost) * share
    both = np.repeat(np.arange(number * size), 2)
    by_one, by_two = by_one.reshape(-1, SIZE), by_two.reshape(-1, SIZE)
    by_shared = _by_shared(problem, by_one + by_two)
    return Rows(
        residual.ravel(), first[both], by_one[:, slots], by_shared, weight[both], 0.5 * cost[both],
        np.full(len(both), -1), second[both], by_two[:, slots],
    )  # fmt: skip


def all_rows(problem: Problem, state: State) -> list[Rows]:
    """Rows of points, curves and links, in this order."""
    return [point_rows(problem, state), curve_rows(problem, state), link_rows(problem, state)]


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
        shared = np.linalg.inv(self.shared - np.einsum("bmg,bmh->gh", self.border, solved))
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


class _Sum:
    """Normal equations while they are summed."""

    def __init__(self, problem: Problem):
        reach = problem.links.second - problem.links.first
        self.slots, self.shared = len(problem.pose_slots), len(problem.shared_slots) + problem.stripes
        self.size = min(problem.poses, max(8, int(reach.max()) if len(reach) else 1))
        self.groups = -(-problem.poses // self.size)
        inner = (self.size, self.slots)
        self.diagonal = np.zeros((self.groups, *inner, *inner))
        self.next = np.zeros((max(self.groups - 1, 0), *inner, *inner))
        self.border, self.pull = np.zeros((self.groups, *inner, self.shared)), np.zeros((self.groups, *inner))
        self.common, self.pull_common = np.zeros((self.shared, self.shared)), np.zeros(self.shared)
        spare = np.arange(problem.poses, self.groups * self.size)
        self.add(spare, spare, np.broadcast_to(np.eye(self.slots), (len(spare), self.slots, self.slots)))

    def add(self, one: np.ndarray, two: np.ndarray, block: np.ndarray) -> None:
        """Add blocks (N, P, P) at poses one <= two of the upper triangle; mirror them within a group."""
        (g1, s1), (g2, s2) = divmod(one, self.size), divmod(two, self.size)
        same = g1 == g2
        np.add.at(self.diagonal, (g1[same], s1[same], slice(None), s2[same]), block[same])
        mirrored = same & (one != two)
        flipped = block[mirrored].transpose(0, 2, 1)
        np.add.at(self.diagonal, (g1[mirrored], s2[mirrored], slice(None), s1[mirrored]), flipped)
        np.add.at(self.next, (g1[~same], s1[~same], slice(None), s2[~same]), block[~same])

    def add_sides(self, pose: np.ndarray, border: np.ndarray, pull: np.ndarray) -> None:
        """Add to the border (N, P, G) and the right-hand side (N, P) of poses (N,)."""
        place = divmod(pose, self.size)
        np.add.at(self.border, place, border)
        np.add.at(self.pull, place, pull)

    def add_rows(self, rows: Rows) -> None:
        """Add rows of points or curves: one product for each pose that has some."""
        order = np.argsort(rows.pose, kind="stable")
        columns = np.column_stack([rows.by_pose, rows.by_shared, rows.residual]) * np.sqrt(rows.weight)[:, None]
        poses, starts = np.unique(rows.pose[order], return_index=True)
        pieces = np.split(columns[order], starts[1:]) if len(poses) else []
        for pose, piece in zip(poses, pieces, strict=True):
            gram, group, place = piece.T @ piece, *divmod(int(pose), self.size)
            own = slice(0, self.slots)
            self.diagonal[group, place, :, place] += gram[own, own]
            self.border[group, place] += gram[own, self.slots : -1]
            self.pull[group, place] -= gram[own, -1]
            self.common += gram[self.slots : -1, self.slots : -1]
            self.pull_common -= gram[self.slots : -1, -1]

    def add_links(self, rows: Rows, links: Links) -> None:
        """Add the rows of links: all products at once."""
        if rows.by_second is None or not len(links.first):
            return
        columns = np.column_stack([rows.by_pose, rows.by_second, rows.by_shared, rows.residual])
        columns = (columns * np.sqrt(rows.weight)[:, None]).reshape(len(links.first), -1, columns.shape[1])
        gram = columns.transpose(0, 2, 1) @ columns
        one, two = slice(0, self.slots), slice(self.slots, 2 * self.slots)
        shared = slice(2 * self.slots, -1)
        self.add(links.first, links.first, gram[:, one, one])
        self.add(links.second, links.second, gram[:, two, two])
        self.add(links.first, links.second, gram[:, one, two])
        self.add_sides(links.first, gram[:, one, shared], -gram[:, one, -1])
        self.add_sides(links.second, gram[:, two, shared], -gram[:, two, -1])
        total = gram.sum(axis=0)
        self.common += total[shared, shared]
        self.pull_common -= total[shared, -1]

    def add_walk(self, walk: np.ndarray, step: np.ndarray) -> None:
        """Add the random walk: steps (poses - 1, P) with their 1-sigma."""
        precision, one = walk**-2.0, np.arange(len(step))
        blocks, none = precision[:, :, None] * np.eye(self.slots), np.zeros((len(step), self.slots, self.shared))
        self.add(one, one, blocks)
        self.add(one + 1, one + 1, blocks)
        self.add(one, one + 1, -blocks)
        self.add_sides(one, none, precision * step)
        self.add_sides(one + 1, none, -precision * step)

    def normal(self) -> Normal:
        """What has been summed, in blocks."""
        width = self.size * self.slots
        return Normal(
            self.diagonal.reshape(-1, width, width), self.next.reshape(-1, width, width),
            self.border.reshape(-1, width, self.shared), self.common, self.pull.reshape(-1, width),
            self.pull_common, self.size, self.slots,
        )  # fmt: skip


def _prior_terms(problem: Problem, state: State) -> tuple[np.ndarray, np.ndarray]:
    """How far shared unknowns (G,) are from their means, and their precisions (0: nothing is known)."""
    slots = problem.shared_slots
    away = np.concatenate([np.zeros(len(slots)), state.offsets])
    precision = np.concatenate([np.zeros(len(slots)), np.ones(len(state.offsets))])
    for stripe, beside in zip(problem.on.stripe, problem.on.beside, strict=True):
        precision[len(slots) + stripe] = beside**-2.0
    for prior in problem.priors:
        if prior.slot in slots:
            place = slots.index(prior.slot)
            away[place], precision[place] = state.cameras[0, prior.slot] - prior.mean, prior.sigma**-2.0
    return away, precision


def normal_equations(problem: Problem, state: State, rows: Sequence[Rows]) -> Normal:
    """Sum the weighted rows, the priors and the walk."""
    total = _Sum(problem)
    points, curves, links = rows
    total.add_rows(points)
    total.add_rows(curves)
    total.add_links(links, problem.links)
    if problem.walk is not None and problem.poses > 1:
        total.add_walk(problem.walk, np.diff(state.cameras[:, problem.pose_slots], axis=0))
    away, precision = _prior_terms(problem, state)
    total.common += np.diag(precision)
    total.pull_common -= precision * away
    return total.normal()


def cost(problem: Problem, state: State, rows: Sequence[Rows]) -> float:
    """Robust cost of everything."""
    away, precision = _prior_terms(problem, state)
    total = sum(float(part.cost.sum()) for part in rows) + 0.5 * float(np.sum(precision * away**2))
    if problem.walk is not None and problem.poses > 1:
        steps = np.diff(state.cameras[:, problem.pose_slots], axis=0)
        total += 0.5 * float(np.sum((steps / problem.walk) ** 2))
    return total


@dataclass(frozen=True)
class Solution:
    """An adjusted state, the rows and normal equations there, and the robust cost."""

    state: State
    rows: list[Rows]
    normal: Normal
    cost: float
    problem: Problem

    @property
    def cameras(self) -> np.ndarray:
        """Camera vectors (poses, 10)."""
        return self.state.cameras


def adjust(problem: Problem, cameras: np.ndarray, offsets: np.ndarray | None = None, iterations: int = 30) -> Solution:
    """Levenberg-Marquardt from the given cameras (poses, 10) and offsets of stripes (S,), zero if not given.

    The crown is kept within `problem.crown_range`.
    """
    state = State(cameras, np.zeros(problem.stripes) if offsets is None else offsets)
    rows = all_rows(problem, state)
    value, damping = cost(problem, state, rows), 1e-3
    normal = normal_equations(problem, state, rows)
    for _ in range(iterations):
        stepped = _stepped(problem, state, *normal.solve(damping))
        new_rows = all_rows(problem, stepped)
        new_value = cost(problem, stepped, new_rows)
        if not new_value < value:
            damping *= 8.0
            if damping > 1e6:
                break
            continue
        gain = value - new_value
        state, rows, value, damping = stepped, new_rows, new_value, max(damping / 8.0, 1e-9)
        normal = normal_equations(problem, state, rows)
        if gain < 1e-4 * max(value, 1.0):
            break
    return Solution(state, rows, normal, value, problem)


def _stepped(problem: Problem, state: State, poses: np.ndarray, shared: np.ndarray) -> State:
    moved, entries = state.cameras.copy(), len(problem.shared_slots)
    moved[:, problem.pose_slots] += poses[: len(moved)]
    moved[:, problem.shared_slots] += shared[:entries]
    moved[:, CROWN] = np.clip(moved[:, CROWN], *problem.crown_range)
    moved[:, LOG_FOCAL] = np.clip(moved[:, LOG_FOCAL], np.log(50.0), np.log(1e6))
    return State(moved, state.offsets + shared[entries:])


def adjust_each(problem: Problem, cameras: np.ndarray, iterations: int = 15) -> tuple[np.ndarray, np.ndarray]:
    """Adjust the pose entries of every pose on its own, shared entries fixed; cameras and their costs (poses,).

    Many small problems at once: the search for a first guess tries hundreds of cameras.
    """
    slots = problem.pose_slots
    damping = np.full(problem.poses, 1e-2)

    def evaluate(at: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        state = State(at, np.zeros(problem.stripes))
        value = np.zeros(problem.poses)
        matrix, pull = np.zeros((problem.poses, len(slots), len(slots))), np.zeros((problem.poses, len(slots)))
        for part in (point_rows(problem, state), curve_rows(problem, state)):
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
