"""Registration of rendered clips against their exact cameras: how far off it is, and whether it knows.

A clip that ``rulesight simulate`` rendered comes with its exact cameras. A few of its pictures are marked as a hand
would, the clip is registered from them, and points of the field all over the picture are compared with the truth in
frames evenly over the clip.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.registration import TWO_SIGMA
from ontologies import registry
from ontologies.field import Field
from perception.decode import Video, open_video
from perception.motion import MotionTracker
from perception.registration.project import FrameRegistration, by_frame
from perception.registration.solve import RegistrationConfig, solve
from perception.shots import shot_numbers
from records import tables, yamls
from records.calibration import Calibration
from records.scene import FieldChoice, parse_field
from records.tables import column
from simulation.handwork import mark_by_hand

EVERY = 5  # frames between those that are compared
COLUMNS, ROWS = 9, 7  # of the pixels that are compared


@dataclass(frozen=True)
class RenderedScore:
    """How a rendered clip was registered.

    Attributes:
        name: of the clip.
        errors_m: of field points under pixels all over the picture, metres, shape (N,).
        squared: the same over what the registration claims, squared Mahalanobis distances, shape (N,).
        frames: how many were compared.
        lost: how many of them have no registration.
        reasons: what the registration says of the clip.
    """

    name: str
    errors_m: np.ndarray
    squared: np.ndarray
    frames: int
    lost: int
    reasons: tuple[str, ...] = ()

    @property
    def inside(self) -> float:
        """Return the share of points inside their own 2-sigma region."""
        return float(np.mean(self.squared <= TWO_SIGMA)) if len(self.squared) else float("nan")

    def line(self) -> str:
        """Return it in one line of text."""
        middle, most = np.percentile(self.errors_m, [50, 95]) if len(self.errors_m) else (np.nan, np.nan)
        told = f"{self.name:40} median {middle:.3f} m, 95 % {most:.3f} m, inside 2 sigma {100 * self.inside:.0f} %"
        return f"{told}, lost {self.lost} of {self.frames} frames" + "".join(f"; {reason}" for reason in self.reasons)


def together(scores: Sequence[RenderedScore], name: str) -> RenderedScore:
    """Return several clips as one, each counting by its points."""
    errors, squared = (np.concatenate([getattr(one, key) for one in scores]) for key in ("errors_m", "squared"))
    return RenderedScore(name, errors, squared, sum(one.frames for one in scores), sum(one.lost for one in scores))


def folders(root: Path) -> list[Path]:
    """Return the folders of rendered clips at or below a folder, in order."""
    return sorted(path.parents[1] for path in root.rglob("truth/registrations.parquet"))


def measure(folder: Path, marked: int, seed: int, config: RegistrationConfig | None = None) -> RenderedScore:
    """Register a rendered clip from marked pictures and compare it with the truth.

    Args:
        folder: of the clip: clip.mp4, scene.yaml and truth/.
        marked: how many pictures are marked, evenly over the clip.
        seed: of the hand that marks.
        config: of the registration.

    Raises:
        InputError: something is missing, or the marks do not fix a camera.
    """
    scene = yamls.read_mapping(folder / "scene.yaml")
    domain, choice = str(scene["domain"]), parse_field(scene.get("field"), str(folder / "scene.yaml"))
    field = registry.field(domain, choice)
    truth = by_frame(tables.read(folder / "truth" / "registrations.parquet", "registrations"))
    video = open_video(folder / "clip.mp4")
    calibration = marks(folder, truth, (domain, choice, field), marked, seed)
    found = solve(_motion(video), calibration, field, config or RegistrationConfig(), _reader(video))
    reasons = tuple(note.reason for note in found.notes if note.reason)
    return compared(folder.name, by_frame(found.registrations), truth, field, reasons)


def marks(
    folder: Path, truth: dict[int, FrameRegistration], what: tuple[str, FieldChoice, Field], count: int, seed: int
) -> Calibration:
    """Return the marks of a hand in so many pictures of a clip, evenly over it."""
    rng = np.random.default_rng([seed, 29])
    boxes = tables.read(folder / "truth" / "detections.parquet", "detections")
    frames, corners = column(boxes, "frame"), np.stack([column(boxes, name) for name in ("x1", "y1", "x2", "y2")], 1)
    numbers = sorted(truth)
    chosen = [numbers[place] for place in np.linspace(0, len(numbers) - 1, count).round().astype(int)]
    width, height = (round(2 * middle + 1) for middle in truth[numbers[0]].centre)
    domain, choice, field = what
    keyframes = tuple(
        mark_by_hand(truth[frame], (width, height), corners[frames == frame].tolist(), field, truth[frame].t, rng)
        for frame in chosen
    )
    return Calibration(domain, choice, width, height, "ptz", keyframes)


def compared(
    name: str,
    found: dict[int, FrameRegistration],
    truth: dict[int, FrameRegistration],
    field: Field,
    reasons: tuple[str, ...] = (),
) -> RenderedScore:
    """Compare registrations with the truth, frame by frame (frame -> registration)."""
    errors, squared, lost = [np.zeros(0)], [np.zeros(0)], 0
    frames = sorted(truth)[::EVERY]
    for frame in frames:
        exact, seen = truth[frame], found.get(frame)
        if seen is None or not seen.usable:
            lost += 1
            continue
        size = 2.0 * np.asarray(exact.centre) + 1.0
        grid = np.meshgrid(np.linspace(0.03, 0.97, COLUMNS) * size[0], np.linspace(0.03, 0.97, ROWS) * size[1])
        uv = np.stack(grid, -1).reshape(-1, 2)
        place = exact.to_field(uv)
        with np.errstate(invalid="ignore"):
            uv = uv[np.nan_to_num(field.boundary.distance(*place.T), nan=-9.0) > 0]
        off = seen.to_field(uv) - exact.to_field(uv)
        spread = seen.covariance_at(uv)
        known = np.isfinite(off).all(axis=1)
        errors.append(np.where(known, np.linalg.norm(off, axis=1), np.inf))
        explained = np.linalg.solve(spread[known], off[known][:, :, None])[:, :, 0]
        squared.append(np.full(len(off), np.inf))
        squared[-1][known] = np.sum(off[known] * explained, axis=1)
    return RenderedScore(name, np.concatenate(errors), np.concatenate(squared), len(frames), lost, reasons)


def _motion(video: Video) -> tables.pa.Table:
    tracker = MotionTracker()
    for frame, shot in shot_numbers(video.frames()):
        tracker.step(frame.image, {"frame": frame.index, "t": frame.t, "shot": shot})
    return tracker.table()


def _reader(video: Video) -> object:
    def read(wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        for frame in video.at(wanted):
            yield frame.index, frame.image

    return read
