"""A play of any sport as pictures with their truth: tables, COCO and MOT files, landmarks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from records import tables
from records.errors import InputError
from records.files import write_text
from records.names import unknown
from simulation import footage, staging
from simulation.camera import View, follow, registrations
from simulation.closeup import close_up
from simulation.footage import FootageLook
from simulation.footage_looks import CAMERAS, footage_look
from simulation.ground import cover_of
from simulation.looks import Look, random_look
from simulation.plays.play import Play, field_of
from simulation.slices import Slices
from simulation.staging import Shot
from simulation.truth import coco, detections, landmarks, mot
from simulation.weather import Conditions, dimmed, interlaced, paired, weathered

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


class Clip:
    """A play as a camera shows it.

    Args:
        play: the truth.
        camera: of ``CAMERAS_OF`` the play's sport.
        seed: of everything that does not decide: kits, field, light, camera.
        conditions: in what it is filmed.

    Raises:
        InputError: the sport has no such camera.
    """

    def __init__(self, play: Play, camera: str, seed: int, conditions: Conditions | None = None) -> None:
        check_camera(play.domain, camera)
        self.play, self.camera, self.seed = play, camera, seed
        self.conditions = conditions or Conditions()
        look = random_look(seed) if play.domain == "hockey" else footage_look(seed, camera, play.domain)
        if isinstance(look, FootageLook):
            look = replace(look, stadium=replace(look.stadium, cover=cover_of(self.conditions.weather, seed)))
        self.look = replace(look, sensor=dimmed(look.sensor, self.conditions.light))
        self.interlaced = self.conditions.interlaced and paired(play.t)
        self.close_up = close_up(play, self.look.rig, seed) if self.conditions.close_up else None
        self._slices = Slices(self.look.sensor.exposure_s)

    @property
    def times(self) -> np.ndarray:
        """When its pictures are taken, seconds, shape (N,)."""
        return self.play.t[: len(self.play.t) // 2 * 2 : 2] if self.interlaced else self.play.t

    def shots(self, frames: Sequence[int] | None = None) -> Iterator[Shot]:
        """Render the play, one picture at a time.

        Args:
            frames: which of the play's instants; all by default.
        """
        field = field_of(self.play)
        if isinstance(self.look, Look):
            shots = staging.film(self.play, field, self.look, frames, self.close_up)
        else:
            shots = footage.film(self.play, field, self.look, frames, self.close_up)
        if self.conditions.weather != "clear":
            shots = weathered(shots, self.conditions.weather, self.seed, self.look.bug)
        for shot in interlaced(shots) if self.interlaced else shots:
            self._slices.add(shot)
            yield shot

    def view_at(self, index: int) -> View:
        """Return how the main camera sees one of the play's instants."""
        return follow(self.look.rig, self.play.t, self.play.puck, self.look.seed)[index]

    def labels(self) -> dict[str, object]:
        """Return what the clip is a slice of, as far as it has been rendered."""
        rate = round(1.0 / float(np.median(np.diff(self.times))), 3)
        close = self.close_up
        cut = close and {
            "from": float(self.play.t[close.first]), "until": float(self.play.t[close.after]), "entity": close.entity
        }  # fmt: skip
        drawn = {"sport": self.play.domain, "edition": self.play.edition, "camera": self.camera, "seed": self.seed}
        told = {"weather": self.conditions.weather, "interlaced": self.interlaced, "close_up": cut}
        dim = {"light": "dark"} if self.conditions.light == "low" else {}
        return drawn | told | {"frames_per_s": rate} | self._slices.labels() | dim


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
    exact = registrations(times, [shot.view for shot in shots], [shot.cut for shot in shots])
    tables.write(folder / "registrations.parquet", "registrations", exact, notes)
    size = shots[0].view.width, shots[0].view.height
    write_text(folder / "coco.json", json.dumps(coco(shots, size), indent=1) + "\n")
    write_text(folder / "gt.txt", mot(shots))
    write_text(folder / "landmarks.json", json.dumps(landmarks(shots, field_of(play)), sort_keys=True) + "\n")
    write_text(folder / "labels.json", json.dumps(dict(labels), indent=1, sort_keys=True) + "\n")
