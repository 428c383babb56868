"""A finished run folder, indexed by frame for whoever draws it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ontologies.checks import field_of
from ontologies.field import Field
from perception.registration.project import by_frame
from records import calls as calls_format
from records import tables
from records.calls import Calls
from records.errors import InputError
from records.scene import Scene, read_scene
from review.draw import FieldDrawing
from review.moment import Moment, Seen

READ = ("frames", "registrations", "detections", "links", "trace", "dropped")


class RunView:
    """A run folder in memory.

    Attributes:
        folder: the run folder.
        manifest: its manifest.
        scene: the scene that was judged.
        calls: the calls.
        field: geometry of the scene's field.
        drawing: that field, prepared for drawing.
        times: presentation time of every frame, seconds.
        tables: the run's tables by name.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        path = folder / "manifest.json"
        if not path.is_file():
            raise InputError("not a run folder: manifest.json is missing", where=str(folder))
        self.manifest: Mapping[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        self.scene: Scene = read_scene(folder)
        self.calls: Calls = calls_format.read(folder / "calls.json")
        self.field: Field = field_of(self.scene)
        self.drawing = FieldDrawing(self.field)
        self.tables: dict[str, pa.Table] = {name: tables.read(folder / f"{name}.parquet", name) for name in READ}
        self.times: np.ndarray = tables.column(self.tables["frames"], "t")
        self._cameras = by_frame(self.tables["registrations"])
        self._boxes = self._linked_boxes()
        self._tracks = self._tracks_by_time()

    def moment(self, frame: int) -> Moment:
        """Return what is known at a frame."""
        t = float(self.times[frame])
        camera = self._cameras.get(frame)
        seen = tuple(
            Seen(
                entity=row["entity"],
                kind=row["kind"],
                team=row["team"],
                xy=(row["x"], row["y"]),
                box=self._boxes.get((frame, row["entity"])),
                observed=row["observed"] is not False,
            )
            for row in self._tracks.get(round(t * 1e6), [])
        )
        return Moment(frame, t, camera if camera is not None and camera.usable else None, seen)

    def frame_at(self, t: float) -> int:
        """Return the frame nearest to an instant in seconds."""
        return int(np.argmin(np.abs(self.times - t)))

    def _linked_boxes(self) -> dict[tuple[int, str], tuple[float, float, float, float]]:
        corners = {
            row["detection"]: (row["x1"], row["y1"], row["x2"], row["y2"])
            for row in self.tables["detections"].to_pylist()
        }
        links = self.tables["links"].to_pylist()
        return {(row["frame"], row["entity"]): corners[row["detection"]] for row in links}

    def _tracks_by_time(self) -> dict[int, list[dict[str, Any]]]:
        groups: dict[int, list[dict[str, Any]]] = {}
        wanted = self.scene.tracks.select(["t", "entity", "kind", "team", "x", "y", "observed"])
        for row in wanted.to_pylist():
            groups.setdefault(round(row["t"] * 1e6), []).append(row)
        return groups
