"""A football shot without a keyframe, from a camera that another shot has found: which way does it look?

Place, roll, lens and crown are those of the other shot. Pan, tilt and zoom are searched so that the projected yard
lines and sidelines fall on white ridges of the picture. Yard lines repeat every five yards, so the answer is right
up to such steps along the field: the status of its frames is `relative`. Without a sideline in view nothing says how
far across the field the camera looks, and there is no answer.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np

from ontologies.geometry import Line
from perception.registration.bundle import OnCurves, Problem, adjust
from perception.registration.camera import CROWN, LOG_FOCAL, PAN, SIZE, TILT, project
from perception.registration.initial import no_links
from perception.registration.refine import Found, Look, RefineConfig, Sought, Stripe, find_paint

_HALF = 0.5  # the picture is searched at half its size
_FAR = 24.0  # pixels of that; a point farther from any ridge counts as so far
_FEWEST = 40  # points of lines that a camera must see to be compared
_KEPT = 12  # best cameras of the coarse search that are followed up
_BATCH = 48  # cameras that are projected at once; each takes a quarter of a megabyte
_LINES = 4  # stripes of paint that must be found to believe a camera


def ridges(image: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Distance (h, w), pixels of the half-size picture, from the nearest thin bright ridge in a colour's direction."""
    small = cv2.resize(image, None, fx=_HALF, fy=_HALF, interpolation=cv2.INTER_AREA)
    signal = small.astype(np.float32) @ direction.astype(np.float32)
    level = np.clip(signal - float(np.percentile(signal, 1.0)), 0, 255).astype(np.uint8)
    hat = cv2.morphologyEx(level, cv2.MORPH_TOPHAT, np.ones((11, 11), np.uint8))
    threshold = max(20.0, float(np.percentile(hat, 90.0)))
    return cv2.distanceTransform((hat < threshold).astype(np.uint8), cv2.DIST_L2, 3)


def locate(image: np.ndarray, known: np.ndarray, problem: Problem, sought: Sought, boxes: list) -> np.ndarray | None:
    """The camera vector (10,) of a picture, right up to steps of five yards; None if no camera explains the paint.

    Args:
        image: (H, W, 3) BGR.
        known: (N, 10) camera vectors of another shot: what does not change, and where to search.
        problem: gives the principal point and the shape of the ground.
        sought: the paint of the field.
        boxes: graphics to stay out of.
    """
    lines = [one for one in sought.stripes if isinstance(one.shape, Line)]
    if not lines:
        return None
    away = np.minimum(ridges(image, lines[0].direction), _FAR)
    for x1, y1, x2, y2 in boxes:
        rows, columns = (slice(max(0, int(_HALF * one)), max(0, int(_HALF * two))) for one, two in ((y1, y2), (x1, x2)))
        away[rows, columns] = _FAR
    points = np.vstack([one.points[::15] for one in lines])
    best = _search(known, lambda cameras: _scores(cameras, points, away, problem))
    results = [_settled(camera, image, problem, sought, boxes) for camera in best]
    found = [(one, camera) for one, camera in results if one >= _LINES]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _search(known: np.ndarray, score: object) -> np.ndarray:
    """Best cameras (K, 10): a coarse grid around what the other shot showed, then ever smaller steps."""
    middle = known[len(known) // 2]
    low, high = known.min(axis=0), known.max(axis=0)
    pans = np.arange(low[PAN] - 0.35, high[PAN] + 0.35, 0.02)
    tilts = np.arange(low[TILT] - 0.05, high[TILT] + 0.05, 0.015)
    zooms = np.arange(low[LOG_FOCAL] - 0.3, high[LOG_FOCAL] + 0.3, 0.1)
    grid = np.stack(np.meshgrid(pans, tilts, zooms, indexing="ij"), -1).reshape(-1, 3)
    cameras = np.tile(middle, (len(grid), 1))
    cameras[:, [PAN, TILT, LOG_FOCAL]] = grid
    values = score(cameras)
    best = cameras[np.argsort(values, kind="stable")[: 4 * _KEPT]]
    steps = np.array([0.008, 0.006, 0.04])
    for _ in range(6):
        moves = np.stack(np.meshgrid(*[np.array([-1.0, 0.0, 1.0])] * 3), -1).reshape(-1, 3) * steps
        tried = np.repeat(best, len(moves), axis=0)
        tried[:, [PAN, TILT, LOG_FOCAL]] += np.tile(moves, (len(best), 1))
        values = score(tried).reshape(len(best), -1)
        best = tried.reshape(len(best), -1, SIZE)[np.arange(len(best)), values.argmin(axis=1)]
        steps = steps * 0.55
    values = score(best)
    return best[np.argsort(values, kind="stable")[:_KEPT]]


def _scores(cameras: np.ndarray, points: np.ndarray, away: np.ndarray, problem: Problem) -> np.ndarray:
    """Mean distance (N,) from a ridge of the line points that each camera sees; infinite where it sees few."""
    height, width = away.shape
    scores = np.full(len(cameras), np.inf)
    rise = np.zeros(len(points)) if problem.rise is None else np.nan_to_num(problem.rise(*points.T))
    for start in range(0, len(cameras), _BATCH):
        batch = cameras[start : start + _BATCH]
        many = np.repeat(batch, len(points), axis=0)
        world = np.tile(np.column_stack([points, rise]), (len(batch), 1))
        world[:, 2] *= many[:, CROWN]
        at = np.nan_to_num(project(many, world, problem.centre).uv * _HALF, nan=-1.0)
        inside = (at >= 0).all(axis=1) & (at < (width - 1, height - 1)).all(axis=1)
        column, row = np.where(inside[:, None], at, 0.0).astype(int).T
        value = np.where(inside, away[row, column], 0.0).reshape(len(batch), -1).sum(axis=1)
        count = inside.reshape(len(batch), -1).sum(axis=1)
        scores[start : start + _BATCH] = np.where(count >= _FEWEST, value / np.maximum(count, 1), np.inf)
    return scores


def _settled(
    camera: np.ndarray, image: np.ndarray, problem: Problem, sought: Sought, boxes: list
) -> tuple[int, np.ndarray]:
    """How many stripes are found from a camera after it was adjusted to those found before, and that camera."""
    spread = np.zeros((SIZE, SIZE))
    spread[PAN, PAN] = spread[TILT, TILT] = 0.001**2
    spread[LOG_FOCAL, LOG_FOCAL] = 0.004**2
    count = 0
    for _ in range(3):
        found = find_paint(problem, Look(image, camera, spread, boxes), sought, RefineConfig())
        stripes = [sought.stripes[number] for number in np.unique(found.stripe)]
        count = len(stripes)
        if not any(isinstance(one.shape, Line) and abs(one.shape.normal[1]) > 0.5 for one in stripes):
            return 0, camera
        camera = adjust(one_frame(problem, found, sought), camera[None]).cameras[0]
    return count, camera


def one_frame(problem: Problem, found: Found, sought: Sought) -> Problem:
    """The problem of one frame that has nothing but paint."""
    used, curve = np.unique(found.stripe, return_inverse=True)
    stripes: list[Stripe] = [sought.stripes[number] for number in used]
    same = np.zeros(len(curve), int)
    on = OnCurves(
        same, curve, found.uv, found.sigma, same, same == 0,
        tuple(one.shape for one in stripes), tuple(range(len(stripes))), (0.02,) * len(stripes),
    )  # fmt: skip
    return replace(problem, poses=1, on=on, links=no_links(), walk=None)
