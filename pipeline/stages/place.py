"""Stage place: boxes and annotated points of the picture onto the field plane, each with its covariance.

The covariance is the observation's own: how well the pixel is known, carried through the camera. What the
registration does not know is shared by everything in the frame and travels apart, in ``errors``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from ontologies import registry
from perception.registration import project
from pipeline.contract import Stage, Work
from records import annotations, tables

PERSON_HEIGHT_M = 1.8  # standing height that the expected height in the picture is computed for


def stage(config: Mapping[str, Any]) -> Stage:
    """Return the stage.

    Args:
        config: ``domain`` and ``foot_sigma`` (smallest 1-sigma of a foot point in pixels, and the share of
            the box height that it grows with).
    """
    return Stage(
        name="place",
        work=place,
        reads=("frames", "registrations", "detections"),
        optional=("annotations",),
        writes=("observations",),
        config=config,
    )


def place(work: Work) -> Mapping[str, pa.Table]:
    """Put every detection of a registered frame onto the field; annotated points enter the same way."""
    cameras = project.by_frame(work.tables["registrations"])
    ontology = registry.ontology(work.config["domain"])
    small = frozenset(kind for kind in ("ball", "puck") if kind in ontology.kinds)
    rows = _detected(work, small) + _annotated(work)
    placed = [row for group in _by_frame(rows).values() for row in _onto_field(group, cameras)]
    lost = len(rows) - len(placed)
    if lost:
        work.note("degraded", f"{lost} of {len(rows)} observations lie in frames without registration")
    placed.sort(key=lambda row: (row["t"], row["source"], row["detection"] or "", row["entity"] or ""))
    names = tables.SPECS["observations"].names
    return {
        "observations": tables.table(
            "observations", {name: [row[name] for row in placed] for name in names}
        )
    }


def _detected(work: Work, small: frozenset[str]) -> list[dict[str, Any]]:
    floor, share = work.config["foot_sigma"]
    rows = []
    for box in work.tables["detections"].to_pylist():
        tall = box["y2"] - box["y1"]
        tiny = box["kind"] in small
        rows.append(
            {
                "t": box["t"],
                "frame": box["frame"],
                "detection": box["detection"],
                "entity": None,
                "kind": box["kind"],
                "u": (box["x1"] + box["x2"]) / 2,
                "v": (box["y1"] + box["y2"]) / 2 if tiny else box["y2"],
                "sigma_px": floor if tiny else max(floor, share * tall),
                "source": "detector",
                "score": box["score"],
                "z": 0.0,
            }
        )
    return rows


def _annotated(work: Work) -> list[dict[str, Any]]:
    if "annotations" not in work.sources:
        return []
    times = tables.column(work.tables["frames"], "t")
    frames = tables.column(work.tables["frames"], "frame")
    rows = []
    for point in annotations.read_annotations(work.sources["annotations"]).points:
        nearest = int(np.argmin(np.abs(times - point.t)))
        rows.append(
            {
                "t": float(times[nearest]),
                "frame": int(frames[nearest]),
                "detection": None,
                "entity": point.entity,
                "kind": point.kind,
                "u": point.at[0],
                "v": point.at[1],
                "sigma_px": point.sigma_px,
                "source": "annotation",
                "score": None,
                "z": point.z or 0.0,
            }
        )
    return rows


def _by_frame(rows: list[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    groups: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row["frame"], []).append(row)
    return groups


def _onto_field(
    rows: list[dict[str, Any]], cameras: Mapping[int, project.FrameRegistration]
) -> list[dict[str, Any]]:
    """Fill in position, own covariance and expected height of the rows of one frame; [] when it is lost."""
    camera = cameras.get(rows[0]["frame"])
    if camera is None or not camera.usable:
        return []
    uv = np.array([[row["u"], row["v"]] for row in rows], dtype=float)
    height = np.array([row["z"] for row in rows], dtype=float)
    xy = camera.to_field(uv, np.where(height > 0, height, camera.surface(camera.to_field(uv))))
    jacobian = camera.pixel_jacobian(uv)
    sigma = np.array([row["sigma_px"] for row in rows])
    covariance = jacobian @ jacobian.transpose(0, 2, 1) * sigma[:, None, None] ** 2
    person_px = _person_px(camera, uv, xy)
    known = np.isfinite(xy).all(axis=1) & np.isfinite(covariance).all(axis=(1, 2))
    return [
        row
        | {
            "x": xy[i, 0],
            "y": xy[i, 1],
            "sxx": covariance[i, 0, 0],
            "sxy": covariance[i, 0, 1],
            "syy": covariance[i, 1, 1],
            "person_px": person_px[i],
        }
        for i, row in enumerate(rows)
        if known[i]
    ]


def _person_px(camera: project.FrameRegistration, uv: np.ndarray, xy: np.ndarray) -> np.ndarray:
    """Height in pixels of a standing person with feet at each point; nan where the camera's centre is unknown."""
    if camera.camera is None:
        return np.full(len(xy), np.nan)
    heads = camera.to_image(np.column_stack([xy, camera.surface(xy) + PERSON_HEIGHT_M]))
    return np.abs(uv[:, 1] - heads[:, 1])
