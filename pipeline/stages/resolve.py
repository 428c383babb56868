"""Stage resolve: events that a person marked by a pixel on somebody become events of a tracked entity.

The plays that a person wrote down go the same way, as they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.contract import Stage, Work
from pipeline.inputs import annotations
from records import tables
from records.annotations import AnnotatedEvent

REACH_S = 0.15  # a person clicks on a frame near the event, and a track may miss a frame or two
SLACK_PX = 6.0  # a click may fall a little beside the box


def stage() -> Stage:
    """Return the stage."""
    return Stage(
        name="resolve",
        work=resolve,
        reads=("detections", "links"),
        optional=("annotations",),
        writes=("events", "plays"),
    )


def resolve(work: Work) -> Mapping[str, pa.Table]:
    """Write the annotated events with the entities that were tracked at their pixels, and the annotated plays."""
    if "annotations" not in work.sources:
        return {"events": tables.empty("events"), "plays": tables.empty("plays")}
    boxes = _linked_boxes(work)
    rows = []
    given = annotations(work.sources["annotations"])
    for event in given.events:
        entity = event.entity
        if entity is None and event.at is not None:
            entity = _entity_at(boxes, event)
            if entity is None:
                work.note("degraded", f"nobody is tracked where the {event.kind} at {event.t:.2f} s was marked")
        rows.append(_row(event, entity))
    names = tables.SPECS["events"].names
    events = tables.table("events", {name: [row[name] for row in rows] for name in names})
    return {"events": events, "plays": given.plays}


def _linked_boxes(work: Work) -> Mapping[str, Any]:
    """Return the boxes of tracked people as arrays: t (N,), corners (N, 4) in pixels, entity (N,)."""
    links = work.tables["links"]
    detections = work.tables["detections"]
    row_of = pc.index_in(links.column("detection"), value_set=detections.column("detection").combine_chunks())
    taken = detections.take(row_of)
    corners = [tables.column(taken, name) for name in ("x1", "y1", "x2", "y2")]
    return {
        "t": tables.column(links, "t"),
        "corners": np.stack(corners, axis=1),
        "entity": tables.column(links, "entity"),
    }


def _entity_at(boxes: Mapping[str, Any], event: AnnotatedEvent) -> str | None:
    """Return who is tracked at the pixel: nearest in time, then nearest to the middle of the box."""
    u, v = event.at or (np.nan, np.nan)
    x1, y1, x2, y2 = boxes["corners"].T
    away = np.abs(boxes["t"] - event.t)
    inside = (u > x1 - SLACK_PX) & (u < x2 + SLACK_PX) & (v > y1 - SLACK_PX) & (v < y2 + SLACK_PX)
    candidates = np.flatnonzero(inside & (away <= REACH_S))
    if not len(candidates):
        return None
    off_centre = np.hypot((x1 + x2) / 2 - u, (y1 + y2) / 2 - v)
    best = min(candidates, key=lambda i: (round(float(away[i]), 4), float(off_centre[i])))
    return str(boxes["entity"][best])


def _row(event: AnnotatedEvent, entity: str | None) -> dict[str, Any]:
    return {
        "t": event.t,
        "t_sigma": event.t_sigma,
        "until": event.until,
        "kind": event.kind,
        "entity": entity,
        "team": event.team,
        "other": event.other,
        "x": event.x,
        "y": event.y,
        "detail": event.detail,
        "p": event.p,
        "source": "annotation",
    }
