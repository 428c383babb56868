"""Stage place: boxes and annotated points of the picture onto the field plane, each with its covariance.

The covariance is the observation's own: how well the pixel is known, carried through the camera. What the
registration does not know is shared by everything in the frame and travels apart, in ``errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ontologies.field import Field
from perception.registration.project import FrameRegistration, by_frame
from pipeline.contract import Stage, Work
from pipeline.fields import field_from, field_rise
from records import tables
from records.annotations import AnnotatedPoint, read_annotations
from tracking.footing import ground_points
from tracking.settings import tracker_settings

SMALL_SIGMA_PX = 1.5  # how well the centre of a detected ball or puck is known
BELIEVED = 0.3  # score from which a box is taken to hide what is behind it
CORNERS = ("x1", "y1", "x2", "y2")


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
    heights = dict(zip(*(tables.column(frames, name).tolist() for name in ("frame", "height")), strict=True))
    rows: list[dict[str, Any]] = []
    lost = 0
    for frame, group in _by_frame(_between(work.tables["detections"], start, stop)).items():
        camera = cameras[frame]
        if not camera.usable:
            lost += len(group)
            continue
        rows += _people(group, camera, field, heights[frame], barrier_m)
        rows += _small(group, camera)
    rows += _annotated(work, cameras)
    if lost:
        work.note("degraded", f"{lost} detections lie in frames that are not registered")
    rows.sort(key=lambda row: (row["t"], row["source"], row["detection"] or "", row["entity"] or ""))
    names = tables.SPECS["observations"].names
    return {"observations": tables.table("observations", {name: [row.get(name) for row in rows] for name in names})}


def _between(detections: pa.Table, start: int, stop: int) -> list[dict[str, Any]]:
    """Return the rows of the frames from ``start`` to before ``stop``; they lie in order of frames."""
    first, last = np.searchsorted(tables.column(detections, "frame"), [start, stop])
    return detections.slice(first, last - first).to_pylist()


def _by_frame(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["frame"], []).append(row)
    return groups


def _is_small(kind: str) -> bool:
    return kind in {"ball", "puck"}


def _people(
    group: list[dict[str, Any]], camera: FrameRegistration, field: Field, height: float, barrier_m: float
) -> list[dict[str, Any]]:
    people = [row for row in group if not _is_small(row["kind"])]
    boxes = np.array([[row[name] for name in CORNERS] for row in people], dtype=float).reshape(-1, 4)
    believed = np.array([row["score"] >= BELIEVED for row in people], bool)
    footing = ground_points(boxes, camera, field.boundary, height, barrier_m, believed)
    placed = _onto_field(camera, footing.uv, footing.sigma_px, None)
    return [
        _detected(row) | placed[i] | {"person_px": footing.person_px[i]} for i, row in enumerate(people) if placed[i]
    ]


def _small(group: list[dict[str, Any]], camera: FrameRegistration) -> list[dict[str, Any]]:
    small = [row for row in group if _is_small(row["kind"])]
    uv = np.array([[(row["x1"] + row["x2"]) / 2, (row["y1"] + row["y2"]) / 2] for row in small]).reshape(-1, 2)
    placed = _onto_field(camera, uv, np.full_like(uv, SMALL_SIGMA_PX), None)
    return [_detected(row) | placed[i] for i, row in enumerate(small) if placed[i]]


def _detected(row: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: row[name] for name in ("t", "frame", "detection", "kind", "score")}
    return {**kept, "entity": None, "source": "detector"}


def _annotated(work: Work, cameras: Mapping[int, FrameRegistration]) -> list[dict[str, Any]]:
    """Return the annotated points whose nearest frame is one of these."""
    if "annotations" not in work.sources:
        return []
    times = tables.column(work.tables["frames"], "t")
    rows = []
    for point in read_annotations(work.sources["annotations"]).points:
        nearest = int(np.argmin(np.abs(times - point.t)))
        if nearest not in cameras:
            continue
        row = _annotated_row(point, cameras[nearest])
        if row is None:
            work.note("degraded", f"the {point.kind} marked at {point.t:.2f} s lies in a frame that is not registered")
            continue
        rows.append(row | {"t": float(times[nearest]), "frame": nearest})
    return rows


def _annotated_row(point: AnnotatedPoint, camera: FrameRegistration) -> dict[str, Any] | None:
    if not camera.usable:
        return None
    uv = np.array([point.at], dtype=float)
    ground = camera.surface(camera.to_field(uv)) + point.z
    placed = _onto_field(camera, uv, np.full_like(uv, point.sigma_px), ground)[0]
    same = {"detection": None, "entity": point.entity, "kind": point.kind, "source": "annotation", "score": None}
    return same | placed if placed else None


def _onto_field(
    camera: FrameRegistration, uv: np.ndarray, sigma_px: np.ndarray, z: np.ndarray | None
) -> list[dict[str, Any]]:
    """Return pixel, position and own covariance of N pixels (N, 2) as rows; empty where a pixel sees no ground."""
    if not len(uv):
        return []
    xy = camera.to_field(uv, z)
    jacobian = camera.pixel_jacobian(uv) * sigma_px[:, None, :]
    covariance = jacobian @ jacobian.transpose(0, 2, 1)
    known = np.isfinite(xy).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2))
    return [
        {
            "u": uv[i, 0],
            "v": uv[i, 1],
            "sigma_px": float(np.sqrt(np.mean(sigma_px[i] ** 2))),
            "x": xy[i, 0],
            "y": xy[i, 1],
            "sxx": covariance[i, 0, 0],
            "sxy": covariance[i, 0, 1],
            "syy": covariance[i, 1, 1],
        }
        if known[i]
        else {}
        for i in range(len(uv))
    ]
