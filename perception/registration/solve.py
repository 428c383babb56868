"""The registration stage: motion, keyframes and paint in; where each frame looks, and how sure that is, out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa

from ontologies.field import Field, crown
from perception.registration import covariance as spreads
from perception.registration.bundle import SHARED_SLOTS, Links, OnCurves, Prior, Problem, Solution, adjust
from perception.registration.camera import (
    CAMERA_X,
    CAMERA_Y,
    CAMERA_Z,
    CROWN,
    LENS,
    LOG_FOCAL,
    ROLL,
    SIZE,
    homography,
    radial,
    stands,
)
from perception.registration.initial import carried, no_links, search
from perception.registration.marks import Marks, beside, keyframe_places, marks_of, no_marks
from perception.registration.refine import Found, Look, RefineConfig, Sought, find_paint
from perception.registration.relative import locate
from perception.registration.variance import landmark_error, rescaled
from records.calibration import Calibration
from records.errors import InputError
from records.tables import column, empty, table

ReadFrames = Callable[[Sequence[int]], Iterator[tuple[int, np.ndarray]]]

_OUT = ("registrations", "errors", "view")
_PAINT = 1_000_000  # anchors from here on are frames in which paint was found; below are keyframes
_STANDS = 8.0  # metres behind the far side at which the stands are taken to be
_CELLS = 12  # cells of a link's support
_SURELY = 1.0  # paint is searched for as far away as claimed, at least: what is not found cannot help
_MEDIAN_DISTANCE = 1.177  # sigmas of a normal error in two dimensions
_SMALLEST = 0.5  # a few keyframes, which share lens and centre, do not prove claims to be more than twice too large


@dataclass(frozen=True)
class RegistrationConfig:
    """Settings of the registration.

    Args:
        refine: the search for paint.
        link_px: 1-sigma of a cell of a link that no number of corners improves, pixels.
        link_share: the same, as a share of how far the picture moved.
        corner_px: 1-sigma of one tracked corner, pixels, at least; more where the corners of a link scatter more.
        drift_px: 1-sigma of the error that a whole link has in common, pixels.
        drift_share: the same for one frame, as a share of how far the picture moved; it includes that such errors
            repeat themselves from frame to frame.
        roll_sigma: how far from level a camera may be mounted, radians.
        lens_sigma: how much a lens may stretch the corner of the picture, as a share.
        camera_height: mean and 1-sigma of what is plausible, metres.
        arm: mean and 1-sigma of how far the centre of projection lies ahead of the mount, metres.
        crown: mean and 1-sigma of a football field's crown, metres.
        crown_range: its smallest and largest value.
        turn_rate: 1-sigma of pan and tilt (radians) and zoom (log) after a second in which no link tells; it grows
            with the root of time.
        walk_rate: the same of the place of a camera that is carried, metres.
        contradiction: a mark or keyframe so many sigma away from everything else is an error.
        carried_s: with no keyframe or paint within so many seconds a frame is `carried`.
        lost_m: with a larger 1-sigma in the middle of the visible field a frame is `lost`, metres.
        modes: whether the tables of shared errors and of what was seen are made.
    """

    refine: RefineConfig = field(default_factory=RefineConfig)
    link_px: float = 0.05
    link_share: float = 0.004
    corner_px: float = 0.3
    drift_px: float = 0.05
    drift_share: float = 0.02
    roll_sigma: float = 0.02
    lens_sigma: float = 0.04
    camera_height: tuple[float, float] = (18.0, 10.0)
    arm: tuple[float, float] = (0.3, 0.3)
    crown: tuple[float, float] = (0.2, 0.15)
    crown_range: tuple[float, float] = (0.0, 0.45)
    turn_rate: float = 1.0
    walk_rate: float = 2.0
    contradiction: float = 9.0
    carried_s: float = 0.75
    lost_m: float = 2.5


def config_of(values: Mapping[str, Any]) -> RegistrationConfig:
    """Settings from the keys of a config file; lists become tuples, `refine` is nested.

    Raises:
        InputError: on a key that does not exist.
    """
    given = {key: tuple(value) if isinstance(value, list) else value for key, value in values.items()}
    nested = given.pop("refine", {})
    nested = {key: tuple(value) if isinstance(value, list) else value for key, value in nested.items()}
    try:
        return RegistrationConfig(refine=RefineConfig(**nested), **given)
    except TypeError as error:
        known = sorted(set(RegistrationConfig.__dataclass_fields__) | set(RefineConfig.__dataclass_fields__))
        mend = f"known are {', '.join(known)}"
        raise InputError(f"unknown setting: {error}", where="registration", mend=mend) from error


@dataclass(frozen=True)
class Note:
    """What should be known about a shot: its span in seconds, how it went (a trace status), and why."""

    shot: int
    start: float
    stop: float
    status: str
    reason: str


@dataclass(frozen=True)
class Registered:
    """Tables `registrations`, `errors`, `view`, and notes for the trace."""

    registrations: pa.Table
    errors: pa.Table
    view: pa.Table
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class _Shot:
    """Frames (N,) of a shot, their times (N,) and links."""

    number: int
    frames: np.ndarray
    times: np.ndarray
    links: Links


@dataclass
class _Stage:
    """What every shot of a clip shares."""

    calibration: Calibration
    what: Field
    config: RegistrationConfig
    read_frames: ReadFrames | None

    @property
    def size(self) -> tuple[int, int]:
        return self.calibration.width, self.calibration.height

    @property
    def centre(self) -> tuple[float, float]:
        return 0.5 * (self.calibration.width - 1), 0.5 * (self.calibration.height - 1)

    @property
    def crowned(self) -> bool:
        return self.what.domain == "football"

    def rise(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Height of the ground for a crown of 1 m."""
        return crown(1.0, self.what.width_m, x, y)


def solve(
    motion: pa.Table,
    calibration: Calibration,
    what: Field,
    config: RegistrationConfig,
    read_frames: ReadFrames | None = None,
) -> Registered:
    """Register every frame of a clip.

    Args:
        motion: the `motion` table of all frames.
        calibration: keyframes; the picture's size; the kind of camera.
        what: the field that is seen.
        config: settings.
        read_frames: given frame numbers in order, yields (number, BGR picture); without it the paint is not
            looked at.

    Returns:
        One row of `registrations` for every frame, `errors` and `view` for those that are not lost.

    Raises:
        InputError: on keyframes that cannot be used, or contradict each other (naming which).
    """
    shots = _shots(motion, calibration, config)
    times = np.concatenate([shot.times for shot in shots]) if shots else np.zeros(0)
    if not len(times):
        raise InputError("no frame to register", where="motion")
    stage = _Stage(calibration, what, config, read_frames)
    places = keyframe_places(calibration, times)
    results: list[_Result | None] = []
    start = 0
    for shot in shots:
        poses = {number: place - start for number, place in places.items() if 0 <= place - start < len(shot.times)}
        start += len(shot.times)
        results.append(_register(stage, shot, poses) if poses else None)
    known = [result.solution for result in results if result is not None and result.solution is not None]
    whole = [result or _unmarked(stage, shot, known) for shot, result in zip(shots, results, strict=True)]
    made = {name: _table(name, [row for one in whole for row in one.rows[name]]) for name in _OUT}
    notes = tuple(note for one in whole for note in one.notes)
    return Registered(made["registrations"], made["errors"], made["view"], notes)


@dataclass
class _Result:
    """Rows of a shot's tables, notes, and the solution they come from."""

    rows: dict[str, list[dict[str, Any]]]
    notes: list[Note]
    solution: Solution | None = None


def _table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    if not rows:
        return empty(name)
    return table(name, {key: [row.get(key) for row in rows] for key in rows[0] | rows[-1]})


def _shots(motion: pa.Table, calibration: Calibration, config: RegistrationConfig) -> list[_Shot]:
    frames, times, shots = (column(motion, name) for name in ("frame", "t", "shot"))
    size = np.array([calibration.width, calibration.height])
    result = []
    for number in np.unique(shots):
        rows = np.nonzero(shots == number)[0]
        own, first = np.unique(frames[rows], return_index=True)
        result.append(_Shot(int(number), own, times[rows][first], _links(motion, rows, own, config, size)))
    return sorted(result, key=lambda shot: float(shot.times[0]))


def _links(
    motion: pa.Table, rows: np.ndarray, frames: np.ndarray, config: RegistrationConfig, size: np.ndarray
) -> Links:
    """Links between the poses of one shot: pixels where corners support them, and where those went."""
    source = column(motion, "from_frame").astype(float)[rows]
    matrices = np.stack([column(motion, f"h{i}{j}") for i in range(3) for j in range(3)], 1)[rows].reshape(-1, 3, 3)
    good = np.isfinite(source) & np.isfinite(matrices).all((1, 2)) & np.isin(source, frames)
    if not good.any():
        return no_links()
    second = np.searchsorted(frames, column(motion, "frame")[rows][good])
    first = np.searchsorted(frames, source[good].astype(int))
    support = motion.column("support").take(pa.array(rows[good])).to_pylist()
    uv, count = np.zeros((len(first), _CELLS, 2)), np.zeros((len(first), _CELLS))
    grid = np.stack(np.meshgrid((np.arange(4) + 0.5) / 4 * size[0], (np.arange(3) + 0.5) / 3 * size[1]), -1)
    for place, cells in enumerate(support):
        known = (
            np.column_stack([grid.reshape(-1, 2), np.full(_CELLS, 10.0)])
            if cells is None
            else np.array(cells, float).reshape(-1, 3)[:_CELLS]
        )
        uv[place, : len(known)], count[place, : len(known)] = known[:, :2], known[:, 2]
    seen = np.einsum("lij,lkj->lki", matrices[good], np.concatenate([uv, np.ones((*uv.shape[:2], 1))], axis=2))
    to = seen[:, :, :2] / seen[:, :, 2:]
    moved = np.linalg.norm(to - uv, axis=2)
    scatter = np.nan_to_num(column(motion, "residual_px")[rows][good].astype(float)) / _MEDIAN_DISTANCE
    corner = np.maximum(config.corner_px, scatter)
    with np.errstate(divide="ignore"):
        own = config.link_px**2 + (config.link_share * moved) ** 2 + corner[:, None] ** 2 / count
    sigma = np.where(count > 0, np.sqrt(own), np.inf)
    span = second - first
    drift = config.drift_share * np.median(moved, axis=1)
    shared = np.sqrt(config.drift_px**2 + drift**2 / span)
    return Links(first, second, uv, to, sigma, shared)


def _problem(stage: _Stage, shot: _Shot, marks: Marks) -> Problem:
    config, mode = stage.config, stage.calibration.camera
    still = mode == "static"
    priors = [
        Prior(ROLL, 0.0, config.roll_sigma),
        Prior(LENS, 0.0, config.lens_sigma),
        Prior(CAMERA_Z, *config.camera_height),
    ]
    if stage.crowned:
        priors.append(Prior(CROWN, *config.crown))
    points, on = marks.points, marks.on
    if still:
        points, on = replace(points, pose=0 * points.pose), replace(on, pose=0 * on.pose)
    problem = Problem(
        mode=mode,
        poses=1 if still else len(shot.times),
        centre=stage.centre,
        points=points,
        on=on,
        links=no_links() if still else shot.links,
        priors=tuple(priors),
        rise=stage.rise if stage.crowned else None,
        crown_range=config.crown_range if stage.crowned else (0.0, 0.0),
    )
    steps = np.diff(shot.times)
    if still or not len(steps):
        return problem
    rates = {
        slot: config.walk_rate if slot in (CAMERA_X, CAMERA_Y, CAMERA_Z) else config.turn_rate
        for slot in problem.pose_slots
    }
    walk = np.sqrt(np.maximum(steps, 1e-3))[:, None] * np.array([rates[slot] for slot in problem.pose_slots])
    return replace(problem, walk=walk)


def _first_guess(stage: _Stage, problem: Problem, marks: Marks) -> np.ndarray:
    aim = {0 if problem.mode == "static" else pose: pairs for pose, pairs in marks.aim.items()}
    if not aim:
        raise InputError(
            "no keyframe has two landmarks, or lines that cross",
            where="calibration",
            mend="mark two landmarks in at least one keyframe",
        )
    start = np.zeros(SIZE)
    start[CROWN] = stage.config.crown[0] if stage.crowned else 0.0
    guesses = search(problem, aim, (stage.what.length_m, stage.what.width_m), start)
    return carried(guesses, problem.links, problem.poses, problem.centre)


def _register(stage: _Stage, shot: _Shot, poses: dict[int, int]) -> _Result:
    """Register a shot with keyframes (number of the keyframe -> pose)."""
    marks = marks_of(stage.calibration, poses, stage.what)
    problem = _problem(stage, shot, marks)
    guess = _first_guess(stage, problem, marks)
    away = float(np.median(np.linalg.norm(stands(guess), axis=1)))
    problem = replace(problem, reach=away + 0.5 * stage.what.width_m + _STANDS)
    solution = rescaled(adjust(problem, guess))
    _agreed(stage, marks, solution)
    _closed(stage, marks, solution)
    solution, reason = _refined(stage, shot, marks, solution)
    return _described_shot(stage, shot, solution, [reason] if reason else [], False)


def _described_shot(stage: _Stage, shot: _Shot, solution: Solution, reasons: list[str], relative: bool) -> _Result:
    """Rows and notes of a shot that has been solved."""
    spread = spreads.camera_covariances(solution, _inflation(solution, _SMALLEST))
    rows = _write(stage, shot, solution, spread, relative)
    lost = sum(row["status"] == "lost" for row in rows["registrations"])
    if lost:
        reasons = [*reasons, f"{lost} of {len(shot.times)} frames are lost: too far from any keyframe"]
    return _Result(rows, [_note(shot, "degraded", reason) for reason in reasons], solution)


def _note(shot: _Shot, status: str, reason: str) -> Note:
    return Note(shot.number, float(shot.times[0]), float(shot.times[-1]), status, reason)


def _unmarked(stage: _Stage, shot: _Shot, known: list[Solution]) -> _Result:
    """A shot without a keyframe: placed by its yard lines where another shot knows the camera, else lost."""
    reason = "no keyframe in this shot"
    if known and stage.crowned and stage.read_frames is not None and stage.calibration.camera == "ptz":
        for solution in known:
            found = _by_yard_lines(stage, shot, solution)
            if found is not None:
                why = f"{reason}: placed by its yard lines, which of them they are is unknown"
                return _described_shot(stage, shot, found, [why], True)
        reason += ", and no yard lines with a sideline were recognised in it"
    lost = [_lost(shot, place) for place in range(len(shot.times))]
    return _Result({"registrations": lost, "errors": [], "view": []}, [_note(shot, "missing", reason)])


def _by_yard_lines(stage: _Stage, shot: _Shot, known: Solution) -> Solution | None:
    """The cameras of a shot, right up to steps of five yards; None if its middle frame shows too little."""
    assert stage.read_frames is not None
    middle = len(shot.times) // 2
    sought, nothing = Sought.of(stage.what), no_marks()
    problem = replace(
        known.problem, poses=len(shot.times), points=nothing.points, on=nothing.on, links=shot.links,
        held=tuple(SHARED_SLOTS["ptz"]), walk=_problem(stage, shot, nothing).walk,
    )  # fmt: skip
    boxes = _boxes(stage, float(shot.times[middle]))
    _, image = next(iter(stage.read_frames([int(shot.frames[middle])])))
    camera = locate(image, known.cameras, problem, sought, boxes)
    if camera is None:
        return None
    look = Look(image, camera, np.zeros((SIZE, SIZE)), boxes)
    seen = {middle: find_paint(problem, look, sought, stage.config.refine)}
    if not len(seen[middle].stripe):
        return None
    on = _joined(nothing, nothing.on, seen, sought, len(shot.times))
    names = {sought.stripes[number].name: place for place, number in enumerate(np.unique(seen[middle].stripe))}
    cameras = carried({middle: camera}, shot.links, len(shot.times), problem.centre)
    solution = adjust(replace(problem, on=on), cameras)
    return _refined(stage, shot, replace(nothing, on=on, stripes=names), solution)[0]


def _boxes(stage: _Stage, t: float) -> list[tuple[float, float, float, float]]:
    """The graphics laid over the picture at a time."""
    return [mask.box for mask in stage.calibration.masks if mask.span.holds(t)]


def _inflation(solution: Solution, least: float) -> float:
    anchors = np.concatenate([solution.problem.points.anchor, solution.problem.on.anchor])
    keyframes = np.unique(anchors[anchors < _PAINT]).tolist()
    return spreads.inflation(spreads.leave_one_out(solution, keyframes) if len(keyframes) > 1 else {}, least)


def _agreed(stage: _Stage, marks: Marks, solution: Solution) -> None:
    """Refuse marks that contradict everything else by many sigma.

    Raises:
        InputError: naming the keyframe, and the landmark or line that is farthest off.
    """
    points, curves = solution.rows[0], solution.rows[1]
    of_points = points.residual.reshape(-1, 2)
    size = np.concatenate([np.abs(of_points).max(axis=1), np.abs(curves.residual)])
    pixels = np.linalg.norm(of_points * solution.problem.points.sigma, axis=1)
    pixels = np.concatenate([pixels, np.abs(curves.residual) * solution.problem.on.sigma])
    anchor = np.concatenate([solution.problem.points.anchor, solution.problem.on.anchor])
    worst = int(np.argmax(size))
    if size[worst] <= stage.config.contradiction or pixels[worst] < 0.008 * stage.size[0]:
        return
    keyframe = marks.keyframes[int(anchor[worst])]
    off, count = pixels[worst], int(np.sum(size[anchor == anchor[worst]] > stage.config.contradiction / 2))
    many = f" ({count} marks of this keyframe are off)" if count > 1 else ""
    raise InputError(
        f"'{marks.names[worst]}' is {off:.0f} px ({size[worst]:.0f} sigma) from where all other marks put it{many}",
        where=f"keyframe at {keyframe.t:g} s",
        mend="look at it with `rulesight calibrate` and correct it",
    )


def _closed(stage: _Stage, marks: Marks, solution: Solution) -> None:
    """Refuse keyframes between which the picture moved otherwise than they say.

    Between two neighbouring keyframes the residuals of the links are summed: what tracked corners and keyframes
    disagree about. The keyframe with most such gaps around it is the one that is wrong.

    Raises:
        InputError: naming that keyframe.
    """
    gaps = _gaps(solution)
    limit = 0.008 * stage.size[0]
    bad = [gap for gap in gaps if gap.sigmas > stage.config.contradiction and gap.pixels > limit]
    if not bad:
        return
    around: dict[int, list[float]] = {}
    for gap in bad:
        for number in gap.between:
            around.setdefault(number, []).append(gap.sigmas)
    worst = max(around, key=lambda number: (len(around[number]), max(around[number])))
    gap = max((one for one in bad if worst in one.between), key=lambda one: one.pixels)
    other = next(number for number in gap.between if number != worst)
    raise InputError(
        f"contradicts the keyframe at {marks.keyframes[other].t:g} s: between them the picture moved "
        f"{gap.pixels:.0f} px ({gap.sigmas:.0f} sigma) otherwise",
        where=f"keyframe at {marks.keyframes[worst].t:g} s",
        mend="look at both with `rulesight calibrate` and correct one",
    )


@dataclass(frozen=True)
class _Gap:
    """Two neighbouring keyframes, and how far links and marks disagree between them."""

    between: tuple[int, int]
    pixels: float
    sigmas: float


def _gaps(solution: Solution) -> list[_Gap]:
    problem, links = solution.problem, solution.problem.links
    poses = np.concatenate([problem.points.pose, problem.on.pose])
    anchors = np.concatenate([problem.points.anchor, problem.on.anchor])
    places, first = np.unique(poses, return_index=True)
    if not len(links.first):
        return []
    residual = solution.rows[2].residual.reshape(*links.sigma.shape, 2)
    weight = links.sigma**-2.0
    missed = (residual / links.sigma[:, :, None]).sum(axis=1) / weight.sum(axis=1)[:, None]
    variance = links.shared**2 + 1.0 / weight.sum(axis=1)
    found = []
    for one, two in zip(range(len(places) - 1), range(1, len(places)), strict=True):
        chain = (links.second - links.first == 1) & (links.first >= places[one]) & (links.second <= places[two])
        pixels = float(np.linalg.norm(missed[chain].sum(axis=0)))
        sigmas = pixels / float(np.sqrt(variance[chain].sum() + 1.0))
        found.append(_Gap((int(anchors[first[one]]), int(anchors[first[two]])), pixels, sigmas))
    return found


def _refined(stage: _Stage, shot: _Shot, marks: Marks, solution: Solution) -> tuple[Solution, str]:
    """Look for paint and adjust again; the solution, and why it could not be refined if so."""
    config = stage.config.refine
    if stage.read_frames is None or config.every_s <= 0:
        return solution, ""
    sought = Sought.of(stage.what)
    marked, found = solution.problem.on, {}
    pending = _every(shot.times, config.every_s)
    for _ in range(config.rounds):
        looked = _paint(stage, shot, solution, sought, pending)
        news = sum(len(one.stripe) for one in looked.values()) - sum(len(found[n].stripe) for n in looked if n in found)
        found |= looked
        if news <= 0:
            break
        problem = replace(solution.problem, on=_joined(marks, marked, found, sought, solution.problem.poses))
        offsets = np.zeros(problem.stripes)
        offsets[: len(marks.stripes)] = solution.state.offsets[: len(marks.stripes)]
        solution = adjust(problem, solution.cameras, offsets)
        pending = np.array([number for number in sorted(looked) if looked[number].unsure], int)
        if not len(pending):
            break
    return solution, "" if any(len(one.stripe) for one in found.values()) else "no paint was recognised"


def _every(times: np.ndarray, step: float) -> np.ndarray:
    """Indices of frames about `step` seconds apart."""
    return np.unique(np.searchsorted(times, np.arange(times[0], times[-1] + step, step)).clip(0, len(times) - 1))


def _joined(marks: Marks, marked: OnCurves, found: dict[int, Found], sought: Sought, poses: int) -> OnCurves:
    """Marks and paint together; paint on a line that was marked too is the same stripe."""
    parts = [(marked.pose, marked.curve, marked.uv, marked.sigma, marked.anchor, marked.cauchy)]
    used = np.unique(np.concatenate([one.stripe for one in found.values()]))
    for number in sorted(found):
        one = found[number]
        same = np.ones(len(one.stripe), int)
        curve = len(marked.curves) + np.searchsorted(used, one.stripe)
        anchor = same * (_PAINT + number)
        parts.append((same * min(number, poses - 1), curve, one.uv, one.sigma, anchor, same > 0))
    stripes = [sought.stripes[number] for number in used]
    numbers = dict(marks.stripes)
    belongs = tuple(numbers.setdefault(stripe.name, len(numbers)) for stripe in stripes)
    curves = (*marked.curves, *(stripe.shape for stripe in stripes))
    columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
    return OnCurves(*columns, curves, (*marked.stripe, *belongs), tuple(beside(curve) for curve in curves))


def _paint(stage: _Stage, shot: _Shot, solution: Solution, sought: Sought, chosen: np.ndarray) -> dict[int, Found]:
    """Paint found in the chosen frames of a shot, by their index."""
    assert stage.read_frames is not None
    spread = spreads.camera_covariances(solution, _inflation(solution, _SURELY))
    place = {int(frame): index for index, frame in enumerate(shot.frames)}
    found = {}
    for frame, image in stage.read_frames([int(shot.frames[index]) for index in chosen]):
        index = place[frame]
        pose = min(index, len(solution.cameras) - 1)
        if image.shape[1::-1] != stage.size:
            said = f"{stage.size[0]} x {stage.size[1]}"
            what = f"the picture is {image.shape[1]} x {image.shape[0]}, the calibration says {said}"
            raise InputError(what, where="calibration, picture")
        look = Look(image, solution.cameras[pose], spread.cameras[pose], _boxes(stage, float(shot.times[index])))
        found[index] = find_paint(solution.problem, look, sought, stage.config.refine)
    return found


def _anchored(solution: Solution, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which poses have marks or paint (N,), and the median residual of those, pixels (N,), else nan."""
    residual = np.full(count, np.nan)
    problem = solution.problem
    sizes = np.concatenate(
        [
            np.abs(solution.rows[0].residual) * problem.points.sigma.ravel(),
            np.abs(solution.rows[1].residual) * problem.on.sigma,
        ]
    )
    poses = np.concatenate([solution.rows[0].pose, solution.rows[1].pose])
    for pose in np.unique(poses):
        residual[pose] = np.median(sizes[poses == pose])
    return np.isfinite(residual), residual


def _write(
    stage: _Stage, shot: _Shot, solution: Solution, spread: spreads.Spread, relative: bool
) -> dict[str, list[dict[str, Any]]]:
    """The rows of a shot for each table."""
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in _OUT}
    anchored, residual = _anchored(solution, solution.problem.poses)
    count = len(shot.times)
    static = solution.problem.mode == "static"
    moved = _bumped(shot) if static else np.zeros(count, bool)
    away = (
        np.min(np.abs(shot.times[:, None] - shot.times[np.nonzero(anchored)[0]]), axis=1)
        if not static
        else np.zeros(count)
    )
    before, known = None, None
    poses = solution.cameras[:1] if static else solution.cameras[:count]
    views = spreads.visible(solution.problem, poses, stage.size, stage.what.boundary)
    outlines = spreads.seen_ground(solution.problem, poses, stage.size, 3.0 * stage.what.length_m)
    across, down = landmark_error(solution.problem) or (None, None)
    for place in range(count):
        pose = 0 if static else place
        if known is None or not static:
            known = _described(stage, solution, spread, _Seen(pose, next(views), outlines[pose]), before)
        row, modes, corners = known
        if row is None or modes is None or moved[place]:
            rows["registrations"].append(_lost(shot, place))
            continue
        before = modes
        status = "relative" if relative else "carried" if away[place] > stage.config.carried_s else "ok"
        near = None if not np.isfinite(residual[pose]) else float(residual[pose])
        said = {"status": status, "residual_px": near, "mark_u_px": across, "mark_v_px": down}
        rows["registrations"].append({**_where(shot, place), **row, **said})
        t = float(shot.times[place])
        for number, mode in enumerate(modes):
            values = dict(zip(("ax", "bx", "cx", "ay", "by", "cy"), map(float, mode), strict=True))
            rows["errors"].append({"t": t, "mode": f"registration_{number}", **values})
        if corners is not None:
            at = {f"{axis}{n + 1}": float(corners[n, k]) for n in range(4) for k, axis in enumerate("xy")}
            rows["view"].append({"t": t, **at, "recall": None})
    return rows


@dataclass(frozen=True)
class _Seen:
    """What a pose sees: points of the field, and the ground (N, 2) around its picture."""

    pose: int
    view: spreads.Visible
    outline: np.ndarray


def _described(
    stage: _Stage, solution: Solution, spread: spreads.Spread, seen: _Seen, before: np.ndarray | None
) -> tuple[dict[str, Any] | None, np.ndarray | None, np.ndarray | None]:
    """What one pose's row says, its error modes and what it saw; nothing when it is lost."""
    camera, covariance, problem = solution.cameras[seen.pose], spread.cameras[seen.pose], solution.problem
    view = seen.view
    if len(view.xy) < 4:
        return None, None, None
    own = np.sqrt(np.trace(spreads.point_covariances(covariance, view), axis1=1, axis2=2))
    if not float(np.median(own)) < stage.config.lost_m:
        return None, None, None
    matrix = homography(camera, problem.centre)
    row = {f"h{i}{j}": float(matrix[i, j]) for i in range(3) for j in range(3)}
    row |= {
        "k1": float(radial(camera, problem.centre)),
        "fx": float(np.exp(camera[LOG_FOCAL])),
        "cx": problem.centre[0],
        "cy": problem.centre[1],
        "crown_m": float(camera[CROWN]),
    }
    row |= {
        f"camera_{axis}": float(camera[slot]) for axis, slot in zip("xyz", (CAMERA_X, CAMERA_Y, CAMERA_Z), strict=True)
    }
    row["covariance"] = spreads.matrix_covariance(camera, covariance, view, problem).ravel().tolist()
    modes = spreads.affine_modes(covariance, view, before)
    corners = spreads.polygon_in_field(seen.outline, stage.what.length_m / 2, stage.what.width_m / 2)
    return row, modes, corners


def _where(shot: _Shot, place: int) -> dict[str, Any]:
    return {"frame": int(shot.frames[place]), "t": float(shot.times[place]), "shot": shot.number}


def _lost(shot: _Shot, place: int) -> dict[str, Any]:
    return {**_where(shot, place), "status": "lost"}


def _bumped(shot: _Shot) -> np.ndarray:
    """Frames (N,) after which a camera that was said to stand still has turned away by more than 3 pixels.

    Movements under half a pixel a frame are the tracker's own.
    """
    moved = np.zeros((len(shot.times), 2))
    links = shot.links
    for number in np.nonzero(links.second - links.first == 1)[0]:
        good = np.isfinite(links.sigma[number])
        step = np.median(links.to[number][good] - links.uv[number][good], axis=0)
        if np.linalg.norm(step) > 0.5:
            moved[links.second[number]] = step
    return np.linalg.norm(np.cumsum(moved, axis=0), axis=1) > 3.0
