"""A play of any sport as pictures with their truth: tables, COCO and MOT files, landmarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from ontologies import registry
from ontologies.field import Field
from records import tables
from records.errors import InputError
from records.files import write_text
from records.names import unknown
from simulation import footage, staging
from simulation.camera import registrations
from simulation.footage_looks import CAMERAS, footage_look
from simulation.looks import random_look
from simulation.plays.play import Play
from simulation.staging import Shot
from simulation.truth import coco, detections, landmarks, mot

CAMERAS_OF: Mapping[str, tuple[str, ...]] = {
    "basketball": ("sideline",),
    "football": tuple(sorted(CAMERAS)),
    "hockey": ("sideline",),
    "soccer": tuple(sorted(CAMERAS)),
}


def check_camera(domain: str, camera: str) -> None:
    """Refuse a camera that a sport has not.

    Raises:
        InputError: naming those that it has.
    """
    if camera not in CAMERAS_OF[domain]:
        raise unknown(f"camera of {domain}", camera, CAMERAS_OF[domain])


def shots_of(play: Play, camera: str, seed: int, frames: range | None = None) -> Iterator[Shot]:
    """Render a play, one picture at a time.

    Args:
        play: the truth.
        camera: of ``CAMERAS_OF`` the play's sport.
        seed: of everything that does not decide: kits, field, light, camera.
        frames: which of the play's instants; all by default.

    Raises:
        InputError: the sport has no such camera.
    """
    check_camera(play.domain, camera)
    field = field_of(play)
    if play.domain == "hockey":
        return staging.film(play, field, random_look(seed), frames)
    return footage.film(play, field, footage_look(seed, camera, play.domain), frames)


def field_of(play: Play) -> Field:
    """Return the field that a play is played on."""
    return registry.field(play.domain, None, play.edition)


def write_clip_truth(play: Play, shots: Sequence[Shot], folder: Path, labels: Mapping[str, object]) -> None:
    """Write what is known of the pictures of a rendered play; its scene and the right calls stand elsewhere.

    Args:
        play: the truth.
        shots: every picture of the clip; their images are not used.
        folder: gets detections.parquet, registrations.parquet, coco.json, gt.txt (MOT), landmarks.json, labels.json.
        labels: what the clip is a slice of, and what it was drawn from.

    Raises:
        InputError: there is no picture.
    """
    if not shots:
        raise InputError("a clip without a picture", where=str(folder))
    notes = {"play": play.name}
    tables.write(folder / "detections.parquet", "detections", detections(shots), notes)
    times = np.array([shot.t for shot in shots])
    exact = registrations(times, [shot.view for shot in shots])
    tables.write(folder / "registrations.parquet", "registrations", exact, notes)
    size = shots[0].view.width, shots[0].view.height
    write_text(folder / "coco.json", json.dumps(coco(shots, size), indent=1) + "\n")
    write_text(folder / "gt.txt", mot(shots))
    write_text(folder / "landmarks.json", json.dumps(landmarks(shots, field_of(play)), sort_keys=True) + "\n")
    write_text(folder / "labels.json", json.dumps(dict(labels), indent=1, sort_keys=True) + "\n")
