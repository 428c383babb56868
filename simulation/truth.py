"""Truth of a rendered clip as tables and files beside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from ontologies.field import Field
from records import tables, yamls
from records.files import write_text
from records.scene import write_scene
from simulation.camera import registrations
from simulation.plays.play import Play
from simulation.staging import Shot

SEEN = 0.25
MOT_CLASSES = {"player": 1, "goalie": 2, "official": 3}


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


def coco(shots: Sequence[Shot], size: tuple[int, int], seen: float = SEEN) -> dict[str, object]:
    """Return true boxes in the COCO format: images, annotations with boxes (left, top, width, height), categories.

    People who wait beside the field are marked ``iscrowd``: a detector is not to be blamed for them.

    Args:
        shots: every picture of the clip.
        size: width and height, pixels.
        seen: what is visible to a smaller share is left out.
    """
    kinds = sorted({"player"} | {item.kind for shot in shots for item in shot.shown})
    numbers = {kind: number for number, kind in enumerate(kinds, start=1)}
    images = [
        {"id": shot.frame, "file_name": f"{shot.frame:06d}.jpg", "width": size[0], "height": size[1], "t": shot.t}
        for shot in shots
    ]
    annotations: list[dict[str, object]] = []
    for shot in shots:
        people = [(item, item.box, 0) for item in shot.shown if item.visible >= seen]
        for item, box, crowd in [*people, *((None, box, 1) for box in shot.waiting)]:
            number = numbers[item.kind if item else "player"]
            told = {"entity": item.entity, "visible": round(min(item.visible, 1.0), 3)} if item else {}
            known = {"id": len(annotations) + 1, "image_id": shot.frame, "category_id": number, "iscrowd": crowd}
            annotations.append(known | _coco_box(box) | told)
    categories = [{"id": number, "name": kind} for kind, number in numbers.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def _coco_box(box: Sequence[float]) -> dict[str, object]:
    left, top, right, bottom = box
    placed = [round(value, 2) for value in (left, top, right - left, bottom - top)]
    return {"bbox": placed, "area": round(placed[2] * placed[3], 2)}


def mot(shots: Sequence[Shot]) -> str:
    """Return true boxes of people as MOTChallenge ground truth.

    A line is frame (from 1), id, left, top, width, height, 1, class (1 player, 2 goalie, 3 official), visible share;
    ids count the people in order of their names.
    """
    people = sorted({item.entity for shot in shots for item in shot.shown if item.kind in MOT_CLASSES})
    ids = {entity: number for number, entity in enumerate(people, start=1)}
    lines = []
    for shot in shots:
        for item in sorted((one for one in shot.shown if one.entity in ids), key=lambda one: ids[one.entity]):
            left, top, right, bottom = item.box
            box = ",".join(f"{value:.2f}" for value in (left, top, right - left, bottom - top))
            share = min(item.visible, 1.0)
            lines.append(f"{shot.frame + 1},{ids[item.entity]},{box},1,{MOT_CLASSES[item.kind]},{share:.3f}\n")
    return "".join(lines)


def landmarks(shots: Sequence[Shot], field: Field) -> dict[str, dict[str, list[float]]]:
    """Return where the field's landmarks are in each picture: frame -> name -> pixel (x, y); hidden ones too."""
    names = sorted(field.landmarks)
    places = np.array([field.landmarks[name] for name in names])
    found = {}
    for shot in shots:
        pixels = shot.view.to_image(places)
        inside = (pixels >= 0).all(axis=1) & (pixels <= np.array([shot.view.width, shot.view.height]) - 1).all(axis=1)
        at = {names[i]: [round(float(value), 2) for value in pixels[i]] for i in np.flatnonzero(inside)}
        found[str(shot.frame)] = at
    return found


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
