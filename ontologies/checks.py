"""Whether records fit the ontology of their domain."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ontologies import registry
from ontologies.base import Ontology
from ontologies.field import Field
from records.annotations import Annotations
from records.calibration import Calibration
from records.errors import InputError, within
from records.names import unknown
from records.scene import ANY, Scene

FAR_OUTSIDE_M = 30.0
ROWS = 1 << 17  # of a long table, looked at together


def check_scene(scene: Scene) -> Scene:
    """Check domain, edition, field, kinds, events and parts of a scene; return it.

    Raises:
        InputError: naming what the ontology does not know, with the nearest that it does.
    """
    place = str(scene.folder) if scene.folder else f"scene {scene.id}"
    keys = str(scene.folder / "scene.yaml") if scene.folder else place
    known = registry.ontology(scene.domain, f"{keys}, domain")
    registry.edition(scene.edition, scene.domain, f"{keys}, edition")
    with within(f"{keys}, field"):
        field = registry.field(scene.domain, scene.field, scene.edition)
    _known(scene.tracks, "kind", known.kinds, f"kind of {known.domain}", f"{place}, tracks")
    _on_the_field(scene.tracks, field, f"{place}, tracks")
    if scene.parts is not None:
        _known(scene.parts, "part", known.parts, f"part of {known.domain}", f"{place}, parts")
    if scene.events is not None:
        _known(scene.events, "kind", known.event_kinds, f"event kind of {known.domain}", f"{place}, events")
        _details(scene.events, known, f"{place}, events")
    for kind in scene.complete:
        if kind != ANY and kind not in known.event_kinds:
            raise unknown(f"event kind of {known.domain}", kind, known.event_kinds, f"{keys}, complete")
    return scene


def field_of(scene: Scene) -> Field:
    """Build the field of a scene.

    Raises:
        InputError: if it cannot be.
    """
    return registry.field(scene.domain, scene.field, scene.edition)


def check_calibration(calibration: Calibration, where: str = "calibration") -> Field:
    """Check the names in a calibration and return its field.

    Raises:
        InputError: on an unknown domain, preset, landmark, line or circle, with the nearest names.
    """
    registry.ontology(calibration.domain, where)
    with within(f"{where}, field"):
        field = registry.field(calibration.domain, calibration.field)
    drawable = {*field.lines, *field.circles, *(edge for line in field.lines.values() for edge in line.edges)}
    for frame in calibration.keyframes:
        place = f"{where}, keyframe at {frame.t:g} s"
        for name in frame.points:
            field.landmark(name, place)
        for one in frame.on:
            if one.line not in drawable and one.line != "boards":
                raise unknown(f"line or circle of the {field.name} field", one.line, drawable, place)
    return field


def check_annotations(annotations: Annotations, domain: str, where: str = "annotations") -> Annotations:
    """Check the kinds of annotated points and events; return the annotations.

    Raises:
        InputError: naming what the ontology does not know.
    """
    known = registry.ontology(domain, where)
    for point in annotations.points:
        if point.kind not in known.kinds:
            raise unknown(f"kind of {domain}", point.kind, known.kinds, f"{where}, point at {point.t:g} s")
    for event in annotations.events:
        place = f"{where}, event at {event.t:g} s"
        if event.kind not in known.event_kinds:
            raise unknown(f"event kind of {domain}", event.kind, known.event_kinds, place)
        details = known.event_kinds[event.kind].details
        if event.detail is not None and details and event.detail not in details:
            raise unknown(f"detail of {event.kind}", event.detail, details, place)
    return annotations


def _known(content: pa.Table, name: str, names: Iterable[str], what: str, where: str) -> None:
    for value in sorted(found for found in pc.unique(content.column(name)).to_pylist() if found is not None):
        if value not in names:
            raise unknown(what, value, names, where)


def _details(events: pa.Table, known: Ontology, where: str) -> None:
    pairs: list[dict[str, Any]] = events.select(["kind", "detail"]).to_pylist()
    for kind, detail in sorted({(row["kind"], row["detail"]) for row in pairs if row["detail"] is not None}):
        details = known.event_kinds[kind].details
        if details and detail not in details:
            raise unknown(f"detail of {kind}", detail, details, where)


def _on_the_field(tracks: pa.Table, field: Field, where: str) -> None:
    """Refuse tracks most of which lie far off the field, feet or pixels or another origin."""
    if not tracks.num_rows:
        return
    share = _far_outside(tracks, field) / tracks.num_rows
    if share > 0.5:
        raise InputError(
            f"{share:.0%} of the positions lie more than {FAR_OUTSIDE_M:g} m off the field",
            where=where,
            mend="x and y are metres from the centre of the field",
        )


def _far_outside(tracks: pa.Table, field: Field) -> int:
    """Return how many rows lie far off the field."""
    count = 0
    for rows in tracks.select(["x", "y"]).to_batches(max_chunksize=ROWS):
        along = np.abs(rows.column("x").to_numpy(zero_copy_only=False)) - np.float32(field.length_m / 2)
        across = np.abs(rows.column("y").to_numpy(zero_copy_only=False)) - np.float32(field.width_m / 2)
        count += int(np.count_nonzero(np.maximum(along, across) > FAR_OUTSIDE_M))
    return count
