"""Shapes of figures between their joints, drawn once for all who look alike and placed for many people at once.

A *pattern* says which circles, limbs, stripes and plates somebody is made of, between which joints, in which colours
(BGR) and which lies before which. Where all that is in a picture follows from the joints, for everybody together.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from simulation.canvas import Ink

ARC = 9
"""Corners of the half circle at either end of a capsule."""
_SHARES = np.linspace(0.0, 1.0, ARC)
_ANGLES = np.linspace(0, 2 * np.pi, 12, endpoint=False)
CIRCLE = np.column_stack([np.cos(_ANGLES), np.sin(_ANGLES)])
STRIPES = range(-2, 3)  # of a striped shirt, from the middle
STRIPE_GAP, STRIPE_HALF, STRIPE_LONG = 0.24, 0.06, 1.1  # of the shoulders' width, and of the trunk's length
MOST_HELD = 4  # joints whose mean depth a shape has, at most
COLUMNS: Mapping[str, tuple[int, int]] = {
    "point": (3, 4), "circle": (1, 2), "capsule": (2, 2), "band": (2, 3), "stripe": (3, 1), "hull": (1, 1),
    "plate": (1, 2), "order": (MOST_HELD, MOST_HELD + 1),
}  # fmt: skip
"""Joints and numbers in a row of each table."""
POLYGONS = ("capsule", "band", "stripe", "hull", "plate")
LARGE = ("hull", "plate")  # kinds that have several rows to one polygon


@dataclass(frozen=True, eq=False)
class Shapes:
    """What a pattern holds, as tables.

    Attributes:
        joints: of each table, shape (N, joints).
        numbers: of each table, shape (N, numbers).
        sizes: how many rows each polygon of the kinds in ``LARGE`` has.
        slots: kind and number of every polygon, in the order in which they were added.
        colours: of every polygon, with a solid fourth channel.
        points: how many joints there are, those beside others included.
    """

    joints: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]
    sizes: Mapping[str, list[int]]
    slots: list[tuple[str, int]]
    colours: list[tuple[int, int, int, int]]
    points: int


class Pattern:
    """Collects the shapes of one kind of figure; what is added later lies before what is as far away.

    Args:
        skeleton: names of the joints, in their order.
    """

    def __init__(self, skeleton: Sequence[str]) -> None:
        self._at = {name: number for number, name in enumerate(skeleton)}
        self._rows: dict[str, list[tuple[tuple[int, ...], tuple[float, ...]]]] = {kind: [] for kind in COLUMNS}
        self._sizes: dict[str, list[int]] = {kind: [] for kind in LARGE}
        self._slots: list[tuple[str, int]] = []
        self._colours: list[tuple[int, int, int, int]] = []

    def beside(
        self, name: str, of: str, down: float = 0.0, turned: float = 0.0, away: float = 0.0, depth_of: str = ""
    ) -> None:
        """Add a joint that lies beside another in the picture.

        Args:
            name: of the new one.
            of: the other.
            down: by how much lower, metres.
            turned: by how much to the right when the figure's heading is to the right, metres.
            away: by how much lower when the heading is away from the camera, metres.
            depth_of: the joint as far away as which it is; the other one by default.
        """
        self._point(name, (of, of, depth_of or of), (0.0, down, turned, away))

    def between(self, name: str, ends: tuple[str, str], share: float) -> None:
        """Add a joint on the way from one to another, as far away as the first."""
        self._point(name, (*ends, ends[0]), (share, 0.0, 0.0, 0.0))

    def capsule(
        self, ends: tuple[str, str], radii: tuple[float, float], colour: Ink, nearer: float = 0.0, part: str = "body"
    ) -> None:
        """Add the hull of two circles (radii in metres)."""
        self._circles(zip(ends, radii, strict=True), part == "body")
        self._add("capsule", ends, radii)
        self._order("capsule", ends, nearer, colour)

    def band(
        self, ends: tuple[str, str], span: tuple[float, float], radius: float, colour: Ink, nearer: float = 0.0
    ) -> None:
        """Add a stripe across a capsule, from one fraction of its length to another."""
        self._add("band", ends, (*span, radius))
        self._order("band", ends, nearer + 0.01, colour)

    def hull(self, circles: Sequence[tuple[str, float]], colour: Ink, nearer: float = 0.0) -> None:
        """Add the hull of several circles (radius in metres)."""
        names = [name for name, _ in circles]
        if len(circles) < 3:
            (one, first), (two, second) = circles[0], circles[-1]
            self._circles(circles, True)
            self._add("capsule", (one, two), (first, second))
            self._order("capsule", names, nearer, colour)
            return
        self._circles(circles, True)
        self._sizes["hull"].append(len(circles))
        for name, radius in circles:
            self._add("hull", (name,), (radius,))
        self._order("hull", names, nearer, colour)

    def plate(self, corners: Iterable[tuple[str, float, float]], of: str, nearer: float, colour: Ink) -> None:
        """Add a polygon that adds nothing to the body's outline.

        Args:
            corners: each so many metres to the right of a joint in the picture, and below it.
            of: the joint as far away as which it lies.
            nearer: by how much it is nearer, metres.
            colour: of it.
        """
        before = len(self._rows["plate"])
        for name, right, down in corners:
            self._add("plate", (name,), (right, down))
        self._sizes["plate"].append(len(self._rows["plate"]) - before)
        self._order("plate", (of,), nearer, colour)

    def stripes(self, ends: tuple[str, str, str], of: str, nearer: float, colour: Ink) -> None:
        """Add stripes down a trunk, from between two shoulders to below the pelvis, as far away as a joint."""
        for number in STRIPES:
            self._add("stripe", ends, (float(number),))
            self._order("stripe", (of,), nearer, colour)

    def shapes(self) -> Shapes:
        """Return what was added."""
        joints = {
            kind: np.array([row[0] for row in self._rows[kind]], np.intp).reshape(-1, wide)
            for kind, (wide, _) in COLUMNS.items()
        }
        numbers = {
            kind: np.array([row[1] for row in self._rows[kind]], float).reshape(-1, wide)
            for kind, (_, wide) in COLUMNS.items()
        }
        return Shapes(joints, numbers, self._sizes, self._slots, self._colours, len(self._at))

    def _add(self, kind: str, names: Sequence[str], numbers: Sequence[float]) -> None:
        self._rows[kind].append((tuple(self._at[name] for name in names), tuple(numbers)))

    def _point(self, name: str, names: Sequence[str], numbers: Sequence[float]) -> None:
        self._add("point", names, numbers)
        self._at[name] = len(self._at)

    def _circles(self, circles: Iterable[tuple[str, float]], body: bool) -> None:
        for name, radius in circles:
            self._add("circle", (name,), (radius, float(body)))

    def _order(self, kind: str, names: Sequence[str], nearer: float, colour: Ink) -> None:
        """Note how far away the polygon that was added last is: as the joints are on average."""
        count = sum(slot[0] == kind for slot in self._slots)
        spare = MOST_HELD - len(names)
        weights = [1 / len(names)] * len(names) + [0.0] * spare
        self._add("order", [*names, *[names[0]] * spare], (*weights, nearer))
        self._slots.append((kind, count))
        self._colours.append((*colour, 255))


@dataclass(frozen=True)
class Outlines:
    """Convex polygons of several people.

    Attributes:
        low: left and top of everything that belongs to each, pixels, shape (P, 2); nan behind the camera.
        high: right and bottom of it.
        boxes: of the bodies without sticks: x1, y1, x2, y2; shape (P, 4).
        polygons: corners of each polygon, pixels.
        owners: whose each of them is, shape (N,).
        order: numbers of polygons, those of one person after the other's, far to near.
        colours: of each of them.
    """

    low: np.ndarray
    high: np.ndarray
    boxes: np.ndarray
    polygons: list[np.ndarray]
    owners: np.ndarray
    order: np.ndarray
    colours: list[tuple[int, int, int, int]]


@dataclass(frozen=True, eq=False)
class _Together:
    """The tables of several people as one; see `Shapes`. ``owners`` says of each row whose it is."""

    joints: Mapping[str, np.ndarray]
    numbers: Mapping[str, np.ndarray]
    owners: Mapping[str, np.ndarray]
    sizes: Mapping[str, np.ndarray]
    slots: np.ndarray
    colours: list[tuple[int, int, int, int]]
    points: int


@functools.lru_cache(maxsize=16)
def _together(people: tuple[Shapes, ...]) -> _Together:
    """Join the tables of people; the joints of each follow after those of the one before."""
    stride = max(one.points for one in people)
    joints, numbers, owners = {}, {}, {}
    for kind in COLUMNS:
        joints[kind] = np.concatenate([one.joints[kind] + stride * n for n, one in enumerate(people)])
        numbers[kind] = np.concatenate([one.numbers[kind] for one in people])
        owners[kind] = np.repeat(np.arange(len(people)), [len(one.joints[kind]) for one in people])
    sizes = {kind: np.array([size for one in people for size in one.sizes[kind]], int) for kind in LARGE}
    counts = {kind: [sum(slot[0] == kind for slot in one.slots) for one in people] for kind in POLYGONS}
    kinds = np.cumsum([0, *(sum(counts[kind]) for kind in POLYGONS)])
    begins = {kind: start + np.cumsum([0, *counts[kind]]) for kind, start in zip(POLYGONS, kinds, strict=False)}
    slots = [begins[kind][n] + number for n, one in enumerate(people) for kind, number in one.slots]
    colours = [colour for one in people for colour in one.colours]
    return _Together(joints, numbers, owners, sizes, np.array(slots), colours, stride)


def outlines(
    people: Sequence[Shapes], uv: np.ndarray, depth: np.ndarray, scale: np.ndarray, headings: np.ndarray
) -> Outlines:
    """Return where the shapes of people with the same joints are in a picture.

    Args:
        people: the shapes of each.
        uv: of everybody's joints, pixels, shape (P, J, 2); nan behind the camera.
        depth: metres before the camera, shape (P, J).
        scale: pixels per metre at each person, shape (P,).
        headings: share of each heading to the right, and away from the camera, shape (P, 2).
    """
    both = _together(tuple(people))
    points, depths = _points(both, uv, depth, scale, headings)
    low, high, boxes = _reach(both, points, scale)
    points = np.nan_to_num(points, nan=0.0)  # nobody sees them
    scales = {kind: scale[owners][:, None] for kind, owners in both.owners.items()}

    def rows(kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        return points[both.joints[kind]], both.numbers[kind], scales[kind]

    found = [*capsules(*rows("capsule")), *_bands(*rows("band")), *_stripes(*rows("stripe"))]
    found += [*_hulls(*rows("hull"), both.sizes["hull"]), *_plates(*rows("plate"), both.sizes["plate"])]
    numbers = both.numbers["order"]
    away = (depths[both.joints["order"]] * numbers[:, :MOST_HELD]).sum(axis=1) - numbers[:, MOST_HELD]
    order = np.lexsort((-away, both.owners["order"]))
    colours = [both.colours[number] for number in order]
    return Outlines(low, high, boxes, found, both.owners["order"][order], both.slots[order], colours)


def _points(
    both: _Together, uv: np.ndarray, depth: np.ndarray, scale: np.ndarray, headings: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return pixels (N, 2) and depths (N,) of all joints, one person's after the other's, those beside included."""
    count, known = depth.shape
    points, depths = np.zeros((count, both.points, 2)), np.zeros((count, both.points))
    points[:, :known], depths[:, :known] = uv, depth
    points, depths = points.reshape(-1, 2), depths.ravel()
    who, names, numbers = both.owners["point"], both.joints["point"], both.numbers["point"]
    share, (right, away) = numbers[:, 0], headings[who].T
    shift = np.column_stack([numbers[:, 2] * right, numbers[:, 1] + numbers[:, 3] * np.maximum(away, 0.0)])
    new = known + np.arange(len(who)) - np.searchsorted(who, who) + both.points * who
    ends = points[names[:, :2]]
    points[new] = ends[:, 0] * (1 - share)[:, None] + ends[:, 1] * share[:, None] + shift * scale[who][:, None]
    depths[new] = depths[names[:, 2]]
    return points, depths


def _reach(both: _Together, points: np.ndarray, scale: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return left and top, right and bottom of everybody, pixels, shape (P, 2), and the boxes of bodies, (P, 4)."""
    owners, (radii, body) = both.owners["circle"], both.numbers["circle"].T
    centres, reach = points[both.joints["circle"][:, 0]], (radii * scale[owners])[:, None]
    low, high, own = centres - reach, centres + reach, body > 0
    first, firsts = (np.flatnonzero(np.diff(who, prepend=-1)) for who in (owners, owners[own]))
    boxes = np.hstack([np.minimum.reduceat(low[own], firsts), np.maximum.reduceat(high[own], firsts)])
    return np.minimum.reduceat(low, first), np.maximum.reduceat(high, first), boxes


def capsules(ends: np.ndarray, radii: np.ndarray, scale: np.ndarray | float) -> np.ndarray:
    """Return the hulls of pairs of circles, pixels, shape (N, 2 * ARC, 2).

    Args:
        ends: both centres, pixels, shape (N, 2, 2).
        radii: of both, metres, shape (N, 2).
        scale: pixels per metre, shape (N, 1), or one for all.
    """
    centres, radii = np.ascontiguousarray(ends).view(complex)[:, :, 0].copy(), radii * scale
    way, wider = centres[:, 1] - centres[:, 0], radii[:, 0] - radii[:, 1]
    length = np.abs(way)
    within = np.abs(wider) >= length  # one circle holds the other: the larger one is the hull
    if within.any():
        larger = (np.arange(len(ends)), np.where(wider >= 0, 0, 1))
        centres[within], radii[within] = (part[larger][within, None] for part in (centres, radii))
        wider = radii[:, 0] - radii[:, 1]
    slant = np.arccos(wider / np.maximum(length, 1e-9))
    starts = np.angle(way)[:, None] + np.stack([slant, -slant], axis=1)
    spans = 2 * np.stack([np.pi - slant, slant], axis=1)
    angles = starts[:, :, None] + spans[:, :, None] * _SHARES
    around = centres[:, :, None] + radii[:, :, None] * np.exp(1j * angles)
    return around.reshape(len(ends), 2 * ARC).view(float).reshape(-1, 2 * ARC, 2)


def _bands(ends: np.ndarray, numbers: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return stripes across capsules, pixels, shape (N, 4, 2).

    Args:
        ends: of the capsules, pixels, shape (N, 2, 2).
        numbers: fractions of the way between them where the stripe begins and ends, and half its width, metres.
        scale: pixels per metre, shape (N, 1).
    """
    start, way = ends[:, 0], ends[:, 1] - ends[:, 0]
    length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-3)
    normal = np.column_stack([-way[:, 1], way[:, 0]]) * (numbers[:, 2] * scale[:, 0] / length)[:, None]
    low, high = start + way * numbers[:, 0:1], start + way * numbers[:, 1:2]
    return np.stack([low - normal, low + normal, high + normal, high - normal], axis=1)


def _stripes(ends: np.ndarray, numbers: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Return stripes down trunks, pixels, shape (N, 4, 2); numbers are those of ``STRIPES``."""
    spread, middle = ends[:, 1] - ends[:, 0], (ends[:, 0] + ends[:, 1]) / 2
    down = (ends[:, 2] - middle) * STRIPE_LONG
    long = np.hypot(spread[:, 0], spread[:, 1])[:, None]
    axis = np.where(np.abs(spread[:, :1]) < 1e-6, [1.0, 0.0], spread / np.maximum(long, 1e-9))
    wide = np.maximum(long, 0.3 * scale)
    at, half = middle + axis * wide * STRIPE_GAP * numbers, axis * wide * STRIPE_HALF
    return np.stack([at - half, at + half, at + down + half, at + down - half], axis=1)


def _hulls(centres: np.ndarray, radii: np.ndarray, scale: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """Return hulls of as many circles as ``sizes`` says, one after the other, pixels."""
    around = (centres + CIRCLE * radii[:, :, None] * scale[:, :, None]).astype(np.float32)
    ends = np.cumsum(sizes).tolist()
    rings = (around[end - size : end].reshape(-1, 2) for end, size in zip(ends, sizes.tolist(), strict=True))
    return [cv2.convexHull(ring)[:, 0] for ring in rings]


def _plates(centres: np.ndarray, shifts: np.ndarray, scale: np.ndarray, sizes: np.ndarray) -> list[np.ndarray]:
    """Return polygons of as many corners as ``sizes`` says, one after the other, pixels."""
    return np.split(centres[:, 0] + shifts * scale, np.cumsum(sizes)[:-1]) if len(sizes) else []
