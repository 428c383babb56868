"""Stage track: observations on the field plane to tracks of people and of the ball or puck."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from ontologies.field import Field
from perception.kits import from_colour
from perception.registration.project import by_frame
from pipeline.contract import Stage, Work
from pipeline.fields import field_from, field_rise
from pipeline.inputs import annotations
from tracking.settings import tracker_settings
from tracking.tracker import Example, Footage, Ground
from tracking.tracker import track as follow


def stage(field: Mapping[str, Any], tracker: Mapping[str, Any]) -> Stage:
    """Return the stage.

    Args:
        field: ``domain``, ``edition`` and what is chosen of the geometry.
        tracker: configuration of the tracker.
    """
    return Stage(
        name="track",
        work=track,
        reads=("frames", "registrations", "detections", "appearance", "observations"),
        optional=("annotations",),
        writes=("tracks", "links", "dropped"),
        config={"field": dict(field), "tracker": dict(tracker)},
    )


def track(work: Work) -> Mapping[str, pa.Table]:
    """Drop what is not on the field, follow the rest, and vote on teams."""
    field = field_from(work.config["field"])
    cameras = by_frame(work.tables["registrations"], field_rise(field))
    footage = Footage(
        frames=work.tables["frames"],
        observations=work.tables["observations"],
        detections=work.tables["detections"],
        appearance=work.tables["appearance"],
        views={frame: camera for frame, camera in cameras.items() if camera.usable},
    )
    found = follow(footage, _ground(field), tracker_settings(work.config["tracker"]), _examples(work))
    return {"tracks": found.tracks, "links": found.links, "dropped": found.dropped}


def _ground(field: Field) -> Ground:
    creases = tuple(zone.shape for name, zone in sorted(field.zones.items()) if name.startswith("crease_"))
    return Ground(boundary=field.boundary, creases=creases)


def _examples(work: Work) -> tuple[Example, ...]:
    """Return who wears which kit, as a person marked it."""
    if "annotations" not in work.sources:
        return ()
    kits = annotations(work.sources["annotations"]).kits
    return tuple(
        Example(kit, one.t, one.at, None if one.colour is None else tuple(from_colour("#" + bytes(one.colour).hex())))
        for kit in sorted(kits)
        for one in kits[kit]
    )
