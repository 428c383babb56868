"""Truth of a rendered clip as tables and files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from records import tables, yamls
from records.files import write_text
from records.scene import write_scene
from simulation.camera import registrations
from simulation.scenario import Play
from simulation.staging import Shot

SEEN = 0.25


def detections(shots: Sequence[Shot], seen: float = SEEN) -> pa.Table:
    """True boxes of whole bodies as a `detections` table; what is hidden or outside to more than 1 - seen is left out.

    The score is the visible share; the model is called `truth`; ids are `<entity>@<frame>`.
    """
    rows = [(shot, item) for shot in shots for item in shot.shown if item.visible >= seen]
    columns: dict[str, list[object]] = {
        "detection": [f"{item.entity}@{shot.frame}" for shot, item in rows],
        "frame": [shot.frame for shot, _ in rows],
        "t": [shot.t for shot, _ in rows],
        "kind": [item.kind for _, item in rows],
        "score": [min(item.visible, 1.0) for _, item in rows],
        "model": ["truth"] * len(rows),
    }
    columns |= {name: [item.box[i] for _, item in rows] for i, name in enumerate(("x1", "y1", "x2", "y2"))}
    return tables.table("detections", columns)


def write_truth(play: Play, shots: Sequence[Shot], folder: Path) -> None:
    """Write the exact scene, boxes, registrations and the expected calls of a rendered play into a folder.

    Args:
        play: the truth.
        shots: every picture of the clip; their images are not used.
        folder: gets scene.yaml and its tables, detections.parquet, registrations.parquet and expected.yaml.
    """
    write_scene(play.scene(), folder)
    notes = {"play": play.name}
    tables.write(folder / "detections.parquet", "detections", detections(shots), notes)
    exact = registrations(play.t, [shot.view for shot in shots])
    tables.write(folder / "registrations.parquet", "registrations", exact, notes)
    calls = [
        {"rule": want.rule, "t": want.t, "team": want.team, "verdict": want.verdict, "why": want.why}
        for want in play.expected
    ]
    write_text(folder / "expected.yaml", yamls.dumps({"schema": 1, "calls": calls}))
