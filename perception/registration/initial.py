"""First guesses of the cameras: where the camera stands from a search, then frame by frame along the links.

The search needs no special configuration of marks (points on lines and circles count as much as landmarks): it
tries places around the field, points a camera at the marks of each keyframe from there, and adjusts pan, tilt
and zoom of all of them at once. The best places are adjusted together with the centre.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from perception.registration.bundle import Links, Problem, adjust, adjust_each
from perception.registration.camera import CAMERA_X, CAMERA_Y, CAMERA_Z, LOG_FOCAL, PAN, SIZE, TILT

_BEST = 3  # places that are adjusted to the end
_KEYFRAMES = 3  # keyframes with most marks that the search uses
_MARKS = 10  # landmarks, and marks on curves, of each that the search uses


def places(length: float, width: float) -> np.ndarray:
    """Camera centres (N, 3) to try: on the main side first, then opposite, then behind the ends; metres."""
    half, side = 0.5 * length, 0.5 * width
    main = [
        (across * half, -side - away * width, height)
        for across in (0.0, -0.6, 0.6)
        for away in (0.3, 0.9, 1.8)
        for height in (8.0, 18.0, 35.0)
    ]
    ends = [
        (sign * (half + 0.4 * length), along * side, height)
        for sign in (-1.0, 1.0)
        for along in (0.0,)
        for height in (8.0, 18.0, 35.0)
    ]
    return np.array(main + [(x, -y, z) for x, y, z in main] + ends)


def aimed(centres: np.ndarray, xy: np.ndarray, uv: np.ndarray, middle: tuple[float, float]) -> np.ndarray:
    """Camera vectors (N, 10) at `centres` (N, 3) that see field points (M, 2) roughly at pixels (M, 2), M >= 2."""
    ray = np.column_stack([xy, np.zeros(len(xy))])[None] - centres[:, None]
    azimuth = np.arctan2(ray[..., 0], ray[..., 1])
    azimuth = azimuth[:, :1] + (azimuth - azimuth[:, :1] + np.pi) % (2 * np.pi) - np.pi
    down = np.arctan2(-ray[..., 2], np.hypot(ray[..., 0], ray[..., 1]))
    spread = np.sqrt(np.var(azimuth * np.cos(down), axis=1) + np.var(down, axis=1))
    focal = np.sqrt(np.sum(np.var(uv, axis=0))) / np.maximum(spread, 1e-6)
    offset = (uv.mean(axis=0) - np.asarray(middle)) / focal[:, None]
    cameras = np.zeros((len(centres), SIZE))
    cameras[:, TILT] = down.mean(axis=1) - offset[:, 1]
    cameras[:, PAN] = azimuth.mean(axis=1) - offset[:, 0] / np.cos(cameras[:, TILT])
    cameras[:, LOG_FOCAL] = np.log(focal)
    cameras[:, CAMERA_X : CAMERA_Z + 1] = centres
    return cameras


def _tiled(problem: Problem, poses: np.ndarray, copies: int) -> Problem:
    """The observations of some poses only, renumbered from 0, repeated for `copies` sets of cameras."""
    number = {int(pose): place for place, pose in enumerate(poses)}

    def renumber(pose: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        keep = np.nonzero(np.isin(pose, poses))[0]
        own = np.array([number[int(value)] for value in pose[keep]], int)
        shifts = np.repeat(np.arange(copies) * len(poses), len(keep))
        return np.tile(keep, copies), np.tile(own, copies) + shifts

    keep, pose = renumber(problem.points.pose)
    points = replace(problem.points.taken(keep), pose=pose)
    keep, pose = renumber(problem.on.pose)
    on = replace(problem.on.taken(keep), pose=pose)
    return replace(problem, poses=copies * len(poses), points=points, on=on, links=no_links(), walk=None)


def _thinned(problem: Problem) -> Problem:
    """The same problem with at most `_MARKS` landmarks and as many marks on curves for each pose."""

    def some(pose: np.ndarray) -> np.ndarray:
        kept = []
        for one in np.unique(pose):
            here = np.nonzero(pose == one)[0]
            kept.append(here[np.unique(np.linspace(0, len(here) - 1, _MARKS).astype(int))])
        return np.concatenate(kept) if kept else np.zeros(0, int)

    points, on = problem.points, problem.on
    return replace(problem, points=points.taken(some(points.pose)), on=on.taken(some(on.pose)))


def no_links() -> Links:
    """Links of nothing."""
    nothing = np.zeros(0, int)
    return Links(nothing, nothing, np.zeros((0, 1, 2)), np.zeros((0, 1, 2)), np.zeros((0, 1)), np.zeros(0))


def search(
    problem: Problem, known: dict[int, tuple[np.ndarray, np.ndarray]], size: tuple[float, float], start: np.ndarray
) -> dict[int, np.ndarray]:
    """Cameras of the poses that have marks enough to be found on their own.

    Args:
        problem: the whole problem; its points and curves are used.
        known: pose -> field points (M, 2) and their pixels (M, 2), at least two: to aim a camera.
        size: length and width of the field, metres.
        start: camera vector (10,) whose roll, lens and crown the guesses take over.

    Returns:
        Camera vectors (10,) by pose, adjusted together.
    """
    ranked = sorted(known, key=lambda pose: (-len(known[pose][0]), pose))[:_KEYFRAMES]
    poses = np.array(sorted(ranked))
    centres = places(*size)
    tried = np.stack([aimed(centres, *known[int(pose)], problem.centre) for pose in poses], 1)
    for slot in range(SIZE):
        if slot not in (PAN, TILT, LOG_FOCAL, CAMERA_X, CAMERA_Y, CAMERA_Z):
            tried[:, :, slot] = start[slot]
    aiming = replace(problem, mode="ptz")
    fitted, costs = adjust_each(_tiled(_thinned(aiming), poses, len(centres)), tried.reshape(-1, SIZE))
    total = costs.reshape(len(centres), len(poses)).sum(axis=1)
    fitted = fitted.reshape(len(centres), len(poses), SIZE)
    together = _tiled(aiming, poses, 1)
    results = [adjust(together, fitted[place], iterations=40) for place in np.argsort(total, kind="stable")[:_BEST]]
    best = min(results, key=lambda result: result.cost)
    return {int(pose): camera for pose, camera in zip(poses, best.cameras, strict=True)}


def carried(known: dict[int, np.ndarray], links: Links, poses: int, middle: tuple[float, float]) -> np.ndarray:
    """Camera vectors (poses, 10): each pose takes the nearest known one along the links, turned and zoomed.

    The middle of the picture moves by (du, dv) under a turn of -du / f and -dv / f; the zoom is the growth of the
    distances around it. Where there is no link the camera stays.
    """
    steps = _steps(links, poses, middle)
    at = np.array(sorted(known))
    cameras = np.empty((poses, 10))
    for pose in range(poses):
        if pose in known:
            cameras[pose] = known[pose]
        elif pose > at[0]:
            cameras[pose] = _turned(cameras[pose - 1], steps[pose - 1], 1.0)
    backwards = cameras.copy()
    for pose in range(poses - 1, -1, -1):
        if pose in known:
            backwards[pose] = known[pose]
        elif pose < at[-1]:
            backwards[pose] = _turned(backwards[pose + 1], steps[pose], -1.0)
    nearest = at[np.argmin(np.abs(np.arange(poses)[:, None] - at), axis=1)]
    return np.where((np.arange(poses) >= nearest)[:, None], cameras, backwards)


def _steps(links: Links, poses: int, middle: tuple[float, float]) -> np.ndarray:
    """Movement of the picture (poses - 1, 3) between neighbouring poses: du, dv and log zoom at its middle."""
    steps = np.zeros((max(poses - 1, 0), 3))
    for number in np.nonzero(links.second - links.first == 1)[0]:
        good = np.isfinite(links.sigma[number])
        x = links.uv[number][good] - np.asarray(middle)
        y = links.to[number][good] - np.asarray(middle)
        if len(x) < 2:
            continue
        weight = links.sigma[number][good] ** -2.0
        mean_x, mean_y = np.average(x, axis=0, weights=weight), np.average(y, axis=0, weights=weight)
        grown = np.sum(weight[:, None] * (x - mean_x) * (y - mean_y))
        zoom = grown / np.sum(weight[:, None] * (x - mean_x) ** 2)
        steps[links.first[number]] = (*(mean_y - zoom * mean_x), np.log(np.clip(zoom, 0.5, 2.0)))
    return steps


def _turned(camera: np.ndarray, step: np.ndarray, sign: float) -> np.ndarray:
    moved = camera.copy()
    focal = np.exp(camera[LOG_FOCAL])
    moved[PAN] -= sign * step[0] / focal / np.cos(camera[TILT])
    moved[TILT] -= sign * step[1] / focal
    moved[LOG_FOCAL] += sign * step[2]
    return moved
