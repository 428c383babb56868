"""What a person marked in the keyframes, as observations, with its mistakes found before they do harm."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ontologies.field import Field
from ontologies.geometry import Circle, Line, RoundedRectangle
from perception.registration.bundle import OnCurves, Points
from records.calibration import Calibration, Keyframe
from records.errors import InputError

_ALL_RANK, _ROW_RANK = 8, 5  # unknowns of a homography; how many of them landmarks in a row can tell
_RANK = 7  # a camera that turns and zooms around an unknown centre has seven unknowns
_BESIDE, _CIRCLE_BESIDE = 0.04, 0.08
_LOW = 0.1  # metres above the ground up to which a landmark aims a camera as if it lay on it
_OUTSIDE = 0.5  # pixels beyond the picture that a mark on its border may lie


@dataclass(frozen=True)
class Marks:
    """The marks of one shot.

    Args:
        points: landmarks; `anchor` is the number of the keyframe in the calibration.
        on: pixels on curves.
        names: landmark or curve of each row of `points`, then of `on`.
        keyframes: number of the keyframe -> keyframe.
        aim: pose -> field points (M, 2) and pixels (M, 2), at least two, roughly where things are.
        stripes: name of a stripe of paint -> its number in `on.stripe`.
    """

    points: Points
    on: OnCurves
    names: tuple[str, ...]
    keyframes: dict[int, Keyframe]
    aim: dict[int, tuple[np.ndarray, np.ndarray]]
    stripes: dict[str, int]


def no_marks() -> Marks:
    """Marks of nothing."""
    none, pixels = np.zeros(0, int), np.zeros((0, 2))
    points = Points(none, np.zeros((0, 3)), pixels, pixels, none)
    on = OnCurves(none, none, pixels, np.zeros(0), none, np.zeros(0, bool))
    return Marks(points, on, (), {}, {}, {})


def paint_names(what: Field) -> dict[str, str]:
    """Name of every painted line, edge and circle -> name of the stripe of paint that it belongs to."""
    names = {edge: line.name for line in what.lines.values() for edge in (line.name, *line.edges)}
    return names | {name: name for name in what.circles}


def beside(shape: object) -> float:
    """How far paint lies beside its place, 1-sigma, metres: circles are drawn with radii that differ more."""
    return _CIRCLE_BESIDE if isinstance(shape, Circle) else _BESIDE


def keyframe_places(calibration: Calibration, times: np.ndarray) -> dict[int, int]:
    """Keyframe number -> index of its frame, by time.

    Args:
        calibration: the keyframes.
        times: (N,) seconds of the frames of the clip, ascending.

    Raises:
        InputError: if a keyframe lies before the first or after the last frame, or between frames where
            some are missing.
    """
    gaps = np.diff(times)
    usual = float(np.median(gaps)) if len(gaps) else 0.04
    places = {}
    for number, keyframe in enumerate(calibration.keyframes):
        nearest = int(np.argmin(np.abs(times - keyframe.t)))
        if abs(times[nearest] - keyframe.t) > 0.51 * usual + 1e-3:
            last = f"the clip has frames from {times[0]:.3f} to {times[-1]:.3f} s"
            mend = "give the presentation time of a frame that exists"
            raise InputError(f"no frame is shown then, {last}", where=_where(keyframe), mend=mend)
        places[number] = nearest
    return places


def check_keyframes(calibration: Calibration, times: np.ndarray, what: Field) -> None:
    """Refuse keyframes that no clip with frames at `times` (N,) seconds could be registered by.

    Raises:
        InputError: as `keyframe_places` and `marks_of`.
    """
    keyframe_places(calibration, times)
    marks_of(calibration, {number: number for number in range(len(calibration.keyframes))}, what)


def marks_of(calibration: Calibration, poses: dict[int, int], what: Field) -> Marks:
    """The marks of the keyframes in `poses` (number of the keyframe -> pose).

    Raises:
        InputError: on an unknown landmark or line (naming the nearest), a mark outside the picture, or marks
            that do not fix a camera: too few, or all on one straight line.
    """
    points, on, names, on_names = [], [], [], []
    curves: dict[str, int] = {}
    aim = {}
    for number, pose in poses.items():
        keyframe = calibration.keyframes[number]
        _inside(calibration, keyframe)
        for name, at in keyframe.points.items():
            x, y, z = what.landmark(name, _where(keyframe))
            up = z - float(what.surface(x, y))
            points.append((pose, x, y, up, *at, keyframe.sigma_px, number))
            names.append(name)
        for line in keyframe.on:
            what.target(line.line, _where(keyframe))
            index = curves.setdefault(line.line, len(curves))
            on += [(pose, index, *at, keyframe.sigma_px, number) for at in line.at]
            on_names += [line.line] * len(line.at)
        pairs = _aim(keyframe, what)
        if len(pairs[0]) >= 2:
            aim[pose] = pairs
    first, second = np.array(points, float).reshape(-1, 8), np.array(on, float).reshape(-1, 6)
    whole = first[:, 0].astype(int), first[:, 7].astype(int)
    stripes = paint_names(what)
    numbers: dict[str, int] = {}
    belongs = tuple(numbers.setdefault(stripes.get(name, name), len(numbers)) for name in curves)
    shapes = tuple(what.target(name) for name in curves)
    pose, curve, anchor = (second[:, number].astype(int) for number in (0, 1, 5))
    on_rows = OnCurves(
        pose, curve, second[:, 2:4], second[:, 4], anchor, np.zeros(len(second), bool),
        shapes, belongs, tuple(beside(shape) for shape in shapes),
    )  # fmt: skip
    marks = Marks(
        Points(whole[0], first[:, 1:4], first[:, 4:6], first[:, [6, 6]], whole[1]),
        on_rows,
        tuple(names + on_names),
        {number: calibration.keyframes[number] for number in poses},
        aim,
        numbers,
    )
    _enough(marks, what)
    return marks


def _where(keyframe: Keyframe) -> str:
    return f"keyframe at {keyframe.t:g} s"


def _inside(calibration: Calibration, keyframe: Keyframe) -> None:
    marks = [*keyframe.points.items(), *((line.line, at) for line in keyframe.on for at in line.at)]
    for name, (u, v) in marks:
        if not (
            -0.5 - _OUTSIDE <= u <= calibration.width - 0.5 + _OUTSIDE
            and -0.5 - _OUTSIDE <= v <= calibration.height - 0.5 + _OUTSIDE
        ):
            size = f"{calibration.width} x {calibration.height}"
            raise InputError(f"'{name}' at ({u:g}, {v:g}) lies outside the {size} picture", where=_where(keyframe))


def _aim(keyframe: Keyframe, what: Field) -> tuple[np.ndarray, np.ndarray]:
    """Landmarks (low ones, if there are two) and pixels; where they are few, middles of circles and crossings too."""
    places = {name: what.landmark(name) for name in keyframe.points}
    low = [name for name, (x, y, z) in places.items() if z - float(what.surface(x, y)) < _LOW]
    pairs = [(places[name][:2], keyframe.points[name]) for name in (low if len(low) >= 2 else places)]
    if len(pairs) < 4:
        shapes = [(what.target(line.line), np.array(line.at)) for line in keyframe.on]
        pairs += [
            ((shape.x, shape.y), tuple(np.mean([at.min(0), at.max(0)], axis=0)))
            for shape, at in shapes
            if isinstance(shape, Circle) and len(at) >= 4
        ]
        straight = [(_far_side(shape), at) for shape, at in shapes if len(at) >= 2]
        straight = [(line, at) for line, at in straight if isinstance(line, Line)]
        pairs += _crossings(straight)
    field_side, picture_side = (
        (np.array(side, float).reshape(-1, 2) for side in zip(*pairs, strict=True))
        if pairs
        else (np.zeros((0, 2)), np.zeros((0, 2)))
    )
    return field_side, picture_side


def _far_side(shape: object) -> object:
    """The straight far side of a rounded boundary, which a mark on it is most likely on; other shapes as they are."""
    if isinstance(shape, RoundedRectangle):
        return Line(-shape.half_x, shape.half_y, shape.half_x, shape.half_y)
    return shape


def _crossings(straight: Sequence[tuple[Line, np.ndarray]]) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Where marked lines cross, in the field and in the picture."""
    found = []
    for number, (one, at_one) in enumerate(straight):
        for two, at_two in straight[number + 1 :]:
            ends = [np.array([[line.x1, line.y1], [line.x2, line.y2]]) for line in (one, two)]
            field_point = _crossing(*ends)
            picture_point = _crossing(_stretch(at_one), _stretch(at_two))
            if field_point is not None and picture_point is not None:
                found.append((tuple(field_point), tuple(picture_point)))
    return found


def _stretch(at: np.ndarray) -> np.ndarray:
    """Two points on the straight line that fits marks (N, 2) best."""
    middle = at.mean(axis=0)
    direction = np.linalg.svd(at - middle)[2][0]
    return np.stack([middle - 100.0 * direction, middle + 100.0 * direction])


def _crossing(one: np.ndarray, two: np.ndarray) -> np.ndarray | None:
    matrix = np.column_stack([one[1] - one[0], two[0] - two[1]])
    lengths = np.linalg.norm(matrix, axis=0)
    if abs(np.linalg.det(matrix / lengths)) < 0.05:
        return None
    return one[0] + np.linalg.solve(matrix, two[0] - one[0])[0] * (one[1] - one[0])


def _enough(marks: Marks, what: Field) -> None:
    """Refuse a shot in which no keyframe fixes a camera on its own.

    The rank of the linear equations for a homography (Hartley and Zisserman, 4.1; a point on a line gives one)
    counts independent marks; points on one circle give at most five more.
    """
    ranks = {}
    for number, keyframe in marks.keyframes.items():
        rows, circles = _equations(keyframe, what)
        ranks[number] = min(_rank(rows), _most(keyframe, rows, what)) + sum(min(count, 5) for count in circles)
    best = max(ranks, key=lambda number: ranks[number])
    if ranks[best] >= _RANK:
        return
    keyframe = marks.keyframes[best]
    count = len(keyframe.points) + sum(len(line.at) for line in keyframe.on)
    mend = "mark at least four landmarks, no three of them in a row, or points on lines that cross"
    where = _where(keyframe)
    if _most(keyframe, np.zeros((0, 9)), what) == _ROW_RANK or _in_a_row(_pixels(keyframe)):
        raise InputError(f"its {count} marks lie on one straight line and fix no camera", where=where, mend=mend)
    raise InputError(f"its {count} marks are too few to fix a camera", where=where, mend=mend)


def _rank(rows: np.ndarray) -> int:
    return int(np.linalg.matrix_rank(rows, tol=1e-6)) if len(rows) else 0


def _most(keyframe: Keyframe, rows: np.ndarray, what: Field) -> int:
    """How many independent equations a keyframe can give.

    Landmarks in a row give five, however many they are and however badly they were clicked: where the row lies in
    the picture, and how it is stretched.
    """
    points = np.array([what.landmark(name)[:2] for name in keyframe.points], float).reshape(-1, 2)
    pixels = np.array(list(keyframe.points.values()), float).reshape(-1, 2)
    if not (_in_a_row(points) or _in_a_row(pixels)):
        return _ALL_RANK
    return _ROW_RANK + _rank(rows[2 * len(points) :])


def _pixels(keyframe: Keyframe) -> np.ndarray:
    return np.array([*keyframe.points.values(), *(pixel for line in keyframe.on for pixel in line.at)], float)


def _in_a_row(at: np.ndarray) -> bool:
    """Whether three or more points (N, 2) lie on one straight line."""
    if len(at) < 3:
        return False
    return float(np.linalg.svd(at - at.mean(axis=0))[1][1]) < 0.01 * float(np.ptp(at, axis=0).max())


def _equations(keyframe: Keyframe, what: Field) -> tuple[np.ndarray, list[int]]:
    """Rows (N, 9) of the linear equations of landmarks and straight lines, scaled; points per other curve."""
    size = 0.5 * np.array([what.length_m, what.width_m])
    at = _pixels(keyframe)
    middle, spread = at.mean(axis=0), max(float(at.std()), 1.0)
    rows, others = [], []
    for name, pixel in keyframe.points.items():
        u, v = (np.array(pixel) - middle) / spread
        p = np.array([u, v, 1.0])
        x, y = np.array(what.landmark(name)[:2]) / size
        rows += [np.concatenate([p, 0 * p, -x * p]), np.concatenate([0 * p, p, -y * p])]
    for line in keyframe.on:
        shape = what.target(line.line)
        if not isinstance(shape, Line):
            others.append(len(line.at))
            continue
        one, two = np.array([shape.x1, shape.y1]) / size, np.array([shape.x2, shape.y2]) / size
        normal = np.array([two[1] - one[1], one[0] - two[0]])
        normal = normal / np.linalg.norm(normal)
        coefficients = np.array([*normal, -normal @ one])
        for pixel in line.at:
            p = np.array([*((np.array(pixel) - middle) / spread), 1.0])
            rows.append(np.kron(coefficients, p))
    return np.array(rows).reshape(-1, 9), others
