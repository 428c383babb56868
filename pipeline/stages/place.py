"""Stage place: boxes and annotated points of the picture onto the field plane, each with its covariance.

The covariance is the observation's own: how well the pixel is known, carried through the camera. What the
registration does not know is shared by everything in the frame and travels apart, in ``errors``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontologies.field import Field
from perception.registration.many import ManyRegistrations
from perception.registration.project import FrameRegistration, by_frame
from pipeline.contract import Stage, Work
from pipeline.fields import field_from, field_rise
from pipeline.inputs import annotations
from records import tables
from records.annotations import AnnotatedPoint
from tracking.footing import ground_points
from tracking.settings import tracker_settings

SMALL_SIGMA_PX = 1.5  # how well the centre of a detected ball or puck is known
BELIEVED = 0.3  # score from which a box is taken to hide what is behind it
FRAMES_AT_ONCE = 16  # as many are worked on in one piece; more would only take more memory
SMALL = frozenset({"ball", "puck"})
CORNERS = ("x1", "y1", "x2", "y2")
NUMBERS = ("u", "v", "sigma_px", "x", "y", "sxx", "sxy", "syy", "person_px")


def stage(chunk_frames: int, field: Mapping[str, Any], tracker: Mapping[str, Any]) -> Stage:
    """Return the stage.

    Args:
        chunk_frames: frames per piece of work.
        field: ``domain``, ``edition`` and what is chosen of the geometry.
        tracker: configuration of the tracker, of which the barrier around the field matters here.
    """
    return Stage(
        name="place",
        work=place,
        reads=("frames", "registrations", "detections"),
        optional=("annotations",),
        writes=("observations",),
        config={"field": dict(field), "tracker": dict(tracker)},
        chunk_frames=chunk_frames,
    )


def place(work: Work) -> Mapping[str, pa.Table]:
    """Put every detection of a registered frame onto the field; annotated points enter the same way."""
    field = field_from(work.config["field"])
    barrier_m = tracker_settings(work.config["tracker"]).filtering.barrier_m
    start, stop = work.span or (0, work.tables["frames"].num_rows)
    frames = work.tables["frames"].slice(start, stop - start)
    cameras = by_frame(work.tables["registrations"].slice(start, stop - start), field_rise(field))
    found = _between(work.tables["detections"], start, stop)
    groups = list(_together(found, cameras))
    parts = [
        part
        for group, views in groups
        for part in (_people(group, views, frames, field, barrier_m), _small(group, views))
    ]
    lost = found.num_rows - sum(group.num_rows for group, _ in groups)
    if lost:
        work.note("degraded", f"{lost} detections lie in frames that are not registered")
    return {"observations": _table(parts, _annotated(work, cameras))}


def _between(detections: pa.Table, start: int, stop: int) -> pa.Table:
    """Return the rows of the frames from ``start`` to before ``stop``; they lie in order of frames."""
    first, last = np.searchsorted(tables.column(detections, "frame"), [start, stop])
    return detections.slice(first, last - first)


def _together(
    found: pa.Table, cameras: Mapping[int, FrameRegistration]
) -> Iterator[tuple[pa.Table, list[FrameRegistration]]]:
    """Yield the detections of a few registered frames, and those frames; all of them or none know their camera."""
    numbers = tables.column(found, "frame")
    for known in (True, False):
        usable = [n for n in np.unique(numbers).tolist() if cameras[n].usable and (cameras[n].camera is None) != known]
        for first in range(0, len(usable), FRAMES_AT_ONCE):
            some = usable[first : first + FRAMES_AT_ONCE]
            yield found.take(pa.array(np.flatnonzero(np.isin(numbers, some)))), [cameras[n] for n in some]


@dataclass(frozen=True, eq=False)
class _Placed:
    """N observations.

    Attributes:
        rows: their detections.
        uv: (N, 2) pixels of the ground points.
        sigma_px: (N, 2) how well those are known.
        xy: (N, 2) metres.
        covariance: (N, 2, 2) own covariances, m^2.
        person_px: (N,) height of a standing person there; nan where that means nothing.
    """

    rows: pa.Table
    uv: np.ndarray
    sigma_px: np.ndarray
    xy: np.ndarray
    covariance: np.ndarray
    person_px: np.ndarray


def _which(rows: pa.Table, views: Sequence[FrameRegistration]) -> np.ndarray:
    return np.searchsorted([view.frame for view in views], tables.column(rows, "frame"))


def _boxes(rows: pa.Table) -> np.ndarray:
    return np.stack([tables.column(rows, name).astype(float) for name in CORNERS], axis=1)


def _of_kind(group: pa.Table, small: bool) -> pa.Table:
    chosen = pc.is_in(group.column("kind"), pa.array(sorted(SMALL)))
    return group.filter(chosen if small else pc.invert(chosen))


def _people(
    group: pa.Table, views: Sequence[FrameRegistration], frames: pa.Table, field: Field, barrier_m: float
) -> _Placed:
    people = _of_kind(group, small=False)
    which = _which(people, views)
    many = ManyRegistrations.of(views, which)
    numbers = tables.column(people, "frame")
    heights = tables.column(frames, "height")[np.searchsorted(tables.column(frames, "frame"), numbers)]
    believed = tables.column(people, "score") >= BELIEVED
    footing = ground_points(_boxes(people), many, field.boundary, heights, barrier_m, believed, numbers)
    return _onto_field(people, many, footing.uv, footing.sigma_px, footing.person_px)


def _small(group: pa.Table, views: Sequence[FrameRegistration]) -> _Placed:
    small = _of_kind(group, small=True)
    boxes = _boxes(small)
    uv = (boxes[:, :2] + boxes[:, 2:]) / 2
    nobody = np.full(len(uv), np.nan)
    many = ManyRegistrations.of(views, _which(small, views))
    return _onto_field(small, many, uv, np.full_like(uv, SMALL_SIGMA_PX), nobody)


def _onto_field(
    rows: pa.Table, many: ManyRegistrations, uv: np.ndarray, sigma_px: np.ndarray, person_px: np.ndarray
) -> _Placed:
    """Place N pixels (N, 2) that see the ground; the others are left out."""
    xy = many.to_field(uv)
    covariance = _covariance(many.pixel_jacobian(uv), sigma_px)
    known = np.isfinite(xy).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2))
    kept = rows.filter(pa.array(known))
    return _Placed(kept, uv[known], sigma_px[known], xy[known], covariance[known], person_px[known])


def _covariance(jacobian: np.ndarray, sigma_px: np.ndarray) -> np.ndarray:
    scaled = jacobian * sigma_px[:, None, :]
    return scaled @ scaled.transpose(0, 2, 1)


def _table(parts: Sequence[_Placed], annotated: Sequence[Mapping[str, Any]]) -> pa.Table:
    """Return all observations in order of time."""
    rows = pa.concat_tables([part.rows for part in parts]) if parts else tables.empty("detections")
    numbers = np.concatenate([np.zeros((0, len(NUMBERS))), *(_numbers(part) for part in parts)])
    columns = {name: rows.column(name) for name in ("t", "frame", "detection", "kind", "score")}
    columns |= {"source": pa.array(["detector"] * len(numbers), pa.string())}
    columns |= {name: numbers[:, place] for place, name in enumerate(NUMBERS)}
    names = tables.SPECS["observations"].names
    marked = tables.table("observations", {name: [row.get(name) for row in annotated] for name in names})
    whole = pa.concat_tables([tables.table("observations", columns), marked])
    keys = [(name, "ascending", "at_start") for name in ("t", "source", "detection", "entity")]
    return whole.take(pc.sort_indices(whole, sort_keys=keys))


def _numbers(part: _Placed) -> np.ndarray:
    """Return the columns `NUMBERS` (N, 9)."""
    spread = part.covariance.reshape(-1, 4)[:, [0, 1, 3]]
    sigma = np.sqrt(np.mean(part.sigma_px**2, axis=1))
    return np.column_stack([part.uv, sigma, part.xy, spread, part.person_px])


def _annotated(work: Work, cameras: Mapping[int, FrameRegistration]) -> list[dict[str, Any]]:
    """Return the annotated points whose nearest frame is one of these."""
    if "annotations" not in work.sources:
        return []
    times = tables.column(work.tables["frames"], "t")
    points = [
        (point, int(np.argmin(np.abs(times - point.t)))) for point in annotations(work.sources["annotations"]).points
    ]
    here = [(point, cameras[nearest]) for point, nearest in points if nearest in cameras]
    rows = []
    for (point, view), row in zip(here, _annotated_rows(here), strict=True):
        if row:
            rows.append(row | {"t": float(times[view.frame]), "frame": view.frame})
        else:
            work.note("degraded", f"the {point.kind} marked at {point.t:.2f} s lies in a frame that is not registered")
    return rows


def _annotated_rows(points: Sequence[tuple[AnnotatedPoint, FrameRegistration]]) -> list[dict[str, Any]]:
    """Return a row for each point, empty where it sees no ground."""
    rows: list[dict[str, Any]] = [{} for _ in points]
    for known in (True, False):
        some = [n for n, (_, view) in enumerate(points) if view.usable and (view.camera is not None) == known]
        if not some:
            continue
        many = ManyRegistrations.of([points[n][1] for n in some], np.arange(len(some)))
        marks = [points[n][0] for n in some]
        uv = np.array([mark.at for mark in marks], dtype=float)
        height = many.surface(many.to_field(uv)) + np.array([mark.z for mark in marks])
        sigma_px = np.repeat(np.array([[mark.sigma_px] for mark in marks]), 2, axis=1)
        xy, covariance = many.to_field(uv, height), _covariance(many.pixel_jacobian(uv), sigma_px)
        numbers = np.column_stack([uv, sigma_px[:, 0], xy, covariance.reshape(-1, 4)[:, [0, 1, 3]]])
        for n, mark, values in zip(some, marks, numbers.tolist(), strict=True):
            if np.isfinite(values).all():
                rows[n] = {"entity": mark.entity, "kind": mark.kind, "source": "annotation"}
                rows[n] |= dict(zip(NUMBERS, values, strict=False))
    return rows
