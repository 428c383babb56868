"""Stage register: where every frame looks, how sure that is, and what part of the field it shows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from perception.ahead import ahead
from perception.decode import Video, open_video
from perception.registration.solve import Registered, config_of, solve
from pipeline import inputs
from pipeline.contract import Stage, Work
from pipeline.fields import field_from
from records import tables
from records.errors import within

DEPTH = 2  # frames that are decoded ahead


def stage(field: Mapping[str, Any], registration: Mapping[str, Any]) -> Stage:
    """Return the stage.

    Args:
        field: ``domain``, ``edition`` and what is chosen of the geometry.
        registration: configuration of the registration; its ``motion`` concerns the stage before.
    """
    return Stage(
        name="register",
        work=register,
        reads=("video", "frames", "motion"),
        optional=("calibration",),
        writes=("registrations", "errors", "view"),
        config={
            "field": dict(field),
            "registration": {name: value for name, value in registration.items() if name != "motion"},
        },
    )


def register(work: Work) -> Mapping[str, pa.Table]:
    """Register every frame; without a calibration all of them are lost, and that is said."""
    if "calibration" not in work.sources:
        work.note("missing", "no calibration was given, so no frame is registered")
        lost = Registered(_all_lost(work.tables["frames"]), tables.empty("errors"), tables.empty("view"), ())
        return _results(lost)
    path = work.sources["calibration"]
    calibration, field = inputs.calibration(path), field_from(work.config["field"])
    config = config_of(work.config["registration"])
    reader = _reader(open_video(work.sources["video"], work.spool))
    with within(str(path)):
        found = solve(work.tables["motion"], calibration, field, config, reader)
    for note in found.notes:
        work.note(note.status, note.reason and f"{note.start:.2f} to {note.stop:.2f} s: {note.reason}")
    return _results(found)


def _results(found: Registered) -> Mapping[str, pa.Table]:
    return {"registrations": found.registrations, "errors": found.errors, "view": found.view}


def _all_lost(frames: pa.Table) -> pa.Table:
    same = {name: frames.column(name) for name in ("frame", "t", "shot")}
    return tables.table("registrations", {**same, "status": ["lost"] * frames.num_rows})


def _reader(video: Video) -> Any:
    """Return what reads single frames of a video again."""

    def read(wanted: Sequence[int]) -> Iterator[tuple[int, np.ndarray]]:
        with ahead(video.at(wanted, judged=False), DEPTH) as frames:
            for frame in frames:
                yield frame.index, frame.image

    return read
