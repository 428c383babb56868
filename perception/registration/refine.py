"""Refinement on the paint: where the field's lines really are in the picture.

Every painted line and circle is projected with the present camera. Across it, at points along it, the picture is
sampled and matched with what a stripe of that width and colour must look like: bright (or blue, or red) inside,
the ground on both sides. What is found is believed only where most of the points along one line agree on one
smooth shift, so that players, advertisements, reflections in the glass and other lines do not pull.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from ontologies.field import Field, PaintedCircle, PaintedLine
from ontologies.geometry import Circle, Line
from perception.registration.bundle import Problem
from perception.registration.camera import CROWN, SIZE, Projection, project

Box = Sequence[float]

_DASHED = "hash_"  # rows of short marks, no continuous paint
_STEP = 0.5  # pixels between samples across a line
_MARGIN = 4.0  # pixels kept from the border of the picture and from graphics


@dataclass(frozen=True)
class RefineConfig:
    """Settings of the search for paint.

    Args:
        every_s: seconds between the frames that are looked at; 0 looks at none.
        rounds: how often at most search and adjustment alternate; again only for frames that were too uncertain.
        reach_px: smallest and largest distance searched to both sides, pixels.
        gate: the search reaches so many sigma of the predicted position; where that is more than the largest
            distance nothing is searched.
        step_px: distance between the points along a line, pixels.
        contrast: smallest difference between paint and ground, of 255.
        distinct: a second stripe within reach must be weaker than this share of the best.
        agree_px: points of one line agree when they are this close to one smooth shift.
        share: of the points along a line that must agree.
        fewest: points that must agree.
        sigma_px: 1-sigma of one line's position in one frame.
        independent: a line with many points counts like so many independent ones.
        widest_px: wider stripes (lines near the camera) are not matched.
    """

    every_s: float = 0.2
    rounds: int = 4
    reach_px: tuple[float, float] = (4.0, 16.0)
    gate: float = 3.0
    step_px: float = 14.0
    contrast: float = 14.0
    distinct: float = 0.75
    agree_px: float = 1.2
    share: float = 0.5
    fewest: int = 8
    sigma_px: float = 0.7
    independent: float = 4.0
    widest_px: float = 45.0


@dataclass(frozen=True)
class Stripe:
    """A stripe of paint: middle line and its points (N, 2), metres; width, metres; colour and ground, BGR."""

    name: str
    shape: Line | Circle
    points: np.ndarray
    width: float
    direction: np.ndarray
    contrast: float


@dataclass(frozen=True)
class Found:
    """Paint found in one frame: pixels (N, 2), which stripe each is on (N,), and 1-sigma (N,) pixels.

    `unsure`: some stripe in view was not searched, because where it should be was not known well enough.
    """

    uv: np.ndarray
    stripe: np.ndarray
    sigma: np.ndarray
    unsure: bool


@dataclass(frozen=True)
class Look:
    """One frame to be searched: its picture, camera vector, that one's covariance, and boxes to stay out of."""

    image: np.ndarray
    camera: np.ndarray
    covariance: np.ndarray
    boxes: Sequence[Box] = field(default=())


def stripes(what: Field, step_m: float = 0.4) -> list[Stripe]:
    """All lines and circles of a field that are painted throughout, in the order of their names."""
    found = []
    for one in (*what.lines.values(), *what.circles.values()):
        if one.name.startswith(_DASHED) or (isinstance(one, PaintedCircle) and one.filled):
            continue
        shape = one.shape if isinstance(one, PaintedCircle) else _middle(one)
        colour, ground = _bgr(one.colour), _bgr(what.ground)
        size = float(np.linalg.norm(colour - ground))
        if size < 40.0 or one.width_m <= 0:
            continue
        direction = (colour - ground) / size
        found.append(Stripe(one.name, shape, shape.polyline(step_m), one.width_m, direction, size))
    return sorted(found, key=lambda stripe: stripe.name)


def _middle(line: PaintedLine) -> Line:
    edges = list(line.edges.values())
    if len(edges) != 2:
        return line.shape
    one, two = edges
    return Line((one.x1 + two.x1) / 2, (one.y1 + two.y1) / 2, (one.x2 + two.x2) / 2, (one.y2 + two.y2) / 2)


def _bgr(colour: str) -> np.ndarray:
    return np.array([int(colour[place : place + 2], 16) for place in (5, 3, 1)], float)


@dataclass(frozen=True)
class _Samples:
    """Points along one stripe in the picture: pixel (N, 2), unit normal (N, 2), width and sigma (N,) pixels."""

    uv: np.ndarray
    normal: np.ndarray
    width: np.ndarray
    sigma: np.ndarray


@dataclass(frozen=True)
class Sought:
    """All stripes of a field, and their points (N, 2) in one array; `starts` (S + 1,) says where each begins."""

    stripes: tuple[Stripe, ...]
    points: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, what: Field) -> Sought:
        """What can be sought on a field."""
        found = stripes(what)
        lengths = [0, *(len(one.points) for one in found)]
        points = np.vstack([one.points for one in found]) if found else np.zeros((0, 2))
        return cls(tuple(found), points, np.cumsum(lengths))


def _seen(problem: Problem, look: Look, sought: Sought) -> tuple[Projection, np.ndarray]:
    """Where all points of all stripes are in the picture, and which are in it and not behind a graphic."""
    height, width = look.image.shape[:2]
    camera = np.broadcast_to(look.camera, (len(sought.points), SIZE))
    rise = np.zeros(len(camera)) if problem.rise is None else np.nan_to_num(problem.rise(*sought.points.T))
    seen = project(camera, np.column_stack([sought.points, look.camera[CROWN] * rise]), problem.centre)
    with np.errstate(invalid="ignore"):
        inside = seen.seen & (seen.uv > _MARGIN).all(1) & (seen.uv < (width - _MARGIN, height - _MARGIN)).all(1)
        for x1, y1, x2, y2 in look.boxes:
            over = (seen.uv > (x1 - _MARGIN, y1 - _MARGIN)) & (seen.uv < (x2 + _MARGIN, y2 + _MARGIN))
            inside &= ~over.all(1)
    return seen, inside


def _samples(
    look: Look, stripe: Stripe, seen: Projection, chosen: np.ndarray, first: int, config: RefineConfig
) -> _Samples:
    """Points along a stripe, `step_px` apart, with what is needed to look across it."""
    walked = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(seen.uv[chosen], axis=0), axis=1))])
    chosen = chosen[np.unique(np.floor(walked / config.step_px), return_index=True)[1]]
    nx, ny = stripe.shape.gradient(*stripe.points[chosen - first].T)
    by_point = seen.by_point[chosen][:, :, :2]
    along = np.einsum("nij,nj->ni", by_point, np.column_stack([-ny, nx]))
    normal = np.column_stack([-along[:, 1], along[:, 0]]) / np.linalg.norm(along, axis=1)[:, None]
    width = stripe.width * np.abs(np.einsum("ni,nij,nj->n", normal, by_point, np.column_stack([nx, ny])))
    derivative = np.einsum("ni,nij->nj", normal, seen.by_camera[chosen])
    sigma = np.sqrt(np.maximum(np.einsum("ni,ij,nj->n", derivative, look.covariance, derivative), 0.0))
    usable = width < config.widest_px
    return _Samples(seen.uv[chosen][usable], normal[usable], width[usable], sigma[usable])


def find_paint(problem: Problem, look: Look, sought: Sought, config: RefineConfig) -> Found:
    """Search one frame for all stripes that its camera should see.

    A stripe whose place is not known well enough to lie within reach is not searched: another one might be found.
    """
    parts, unsure = [], False
    seen, inside = _seen(problem, look, sought)
    for index, stripe in enumerate(sought.stripes):
        first, stop = sought.starts[index : index + 2]
        chosen = first + np.nonzero(inside[first:stop])[0]
        if len(chosen) < config.fewest:
            continue
        samples = _samples(look, stripe, seen, chosen, first, config)
        if len(samples.uv) < config.fewest:
            continue
        if config.gate * float(np.median(samples.sigma)) > config.reach_px[1]:
            unsure = True
            continue
        offset, good = _match(look.image, samples, stripe, config)
        good = _agreeing(offset, good, config)
        count = int(good.sum())
        if count >= config.fewest:
            at = samples.uv[good] + offset[good, None] * samples.normal[good]
            sigma = config.sigma_px * np.sqrt(max(1.0, count / config.independent))
            parts.append((at, np.full(count, index), np.full(count, sigma)))
    if not parts:
        return Found(np.zeros((0, 2)), np.zeros(0, int), np.zeros(0), unsure)
    uv, number, sigma = zip(*parts, strict=True)
    return Found(np.vstack(uv), np.concatenate(number), np.concatenate(sigma), unsure)


def _match(image: np.ndarray, samples: _Samples, stripe: Stripe, config: RefineConfig) -> tuple[np.ndarray, np.ndarray]:
    """Shift (N,) of the stripe along the normal, pixels, and whether there is one to believe."""
    reach = float(np.clip(config.gate * np.median(samples.sigma), *config.reach_px))
    half = samples.width / 2
    flank = np.clip(half, 2.0, 6.0)
    longest = float(np.max(half + flank))
    spots = np.arange(-reach - longest - 2 * _STEP, reach + longest + 2.5 * _STEP, _STEP)
    at = samples.uv[:, None] + spots[None, :, None] * samples.normal[:, None]
    pixels = cv2.remap(
        image,
        at[..., 0].astype(np.float32),
        at[..., 1].astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    signal = pixels.astype(float) @ stripe.direction
    total = np.concatenate([np.zeros((len(at), 1)), np.cumsum(signal, axis=1)], axis=1) * _STEP
    shifts = np.arange(-reach, reach + 0.5 * _STEP, _STEP)

    def mean(start: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Mean of the signal from `start` to `stop` (N, S), pixels along the normal."""
        return (_between(total, start, spots[0]) - _between(total, stop, spots[0])) / (start - stop)

    left, right = shifts - half[:, None], shifts + half[:, None]
    wide = flank[:, None]
    inside = mean(left, right)
    ground = np.maximum(mean(left - wide, left - 0.25), mean(right + 0.25, right + wide))
    score = inside - ground
    best = np.argmax(score, axis=1)
    rows = np.arange(len(best))
    top = score[rows, best]
    edge = (best == 0) | (best == len(shifts) - 1)
    around = np.clip(best[:, None] + np.array([-1, 0, 1]), 0, len(shifts) - 1)
    low, mid, high = score[rows[:, None], around].T
    bend = low - 2 * mid + high
    shift = shifts[best] + np.where(bend < 0, 0.5 * (low - high) / np.where(bend < 0, bend, 1.0), 0.0) * _STEP
    apart = np.abs(shifts[None] - shifts[best][:, None]) > np.maximum(samples.width, 2.0)[:, None]
    second = np.max(np.where(apart, score, -np.inf), axis=1)
    return shift, ~edge & (top > config.contrast) & (second < config.distinct * top)


def _between(total: np.ndarray, at: np.ndarray, first: float) -> np.ndarray:
    """Cumulative sums (N, S + 1) read at positions (N, K) by linear interpolation."""
    place = np.clip((at - first) / _STEP + 0.5, 0.0, total.shape[1] - 1.001)
    low = place.astype(int)
    rows = np.arange(len(total))[:, None]
    return total[rows, low] + (place - low) * (total[rows, low + 1] - total[rows, low])


def _agreeing(offset: np.ndarray, good: np.ndarray, config: RefineConfig) -> np.ndarray:
    """Which points of a line lie on one smooth shift: the line through two of them that most others support."""
    nobody = np.zeros(len(offset), bool)
    place = np.nonzero(good)[0]
    if len(place) < config.fewest or len(place) < config.share * len(offset):
        return nobody
    x, y = place / len(offset), offset[place]
    one, two = np.triu_indices(len(place), 1)
    far = x[two] - x[one] > 0.25
    one, two = one[far], two[far]
    if len(one) == 0:
        return nobody
    pick = np.unique(np.linspace(0, len(one) - 1, min(len(one), 200)).astype(int))
    one, two = one[pick], two[pick]
    slope = (y[two] - y[one]) / (x[two] - x[one])
    miss = np.abs(y[one][:, None] + slope[:, None] * (x[None] - x[one][:, None]) - y[None])
    support = (miss < config.agree_px).sum(axis=1)
    agree = miss[np.argmax(support)] < config.agree_px
    if agree.sum() < config.fewest or agree.sum() < config.share * len(offset):
        return nobody
    result = nobody.copy()
    result[place[agree]] = True
    return result
