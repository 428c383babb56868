"""Plays as video files: the embedded example, and plays of edge cases, with everything that is known of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from multiprocessing import parent_process
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ontologies.hockey import field
from perception.encode import Audio, write_video
from records import yamls
from records.calibration import write_calibration
from records.errors import InputError
from records.files import write_text
from simulation.ahead import ahead
from simulation.clips import Clip, write_clip_truth
from simulation.demo import demo_play
from simulation.handwork import annotate_by_hand, calibrate_by_hand
from simulation.looks import demo_look
from simulation.plays.registry import draw
from simulation.sound import soundtrack
from simulation.staging import Shot, arena_of, film
from simulation.truth import write_truth
from simulation.weather import conditions


def render_play(domain: str, case: str, edition: str, seed: int, out: Path, config: Mapping[str, Any]) -> Path:
    """Render one play into ``<out>/<play>``; return its clip.

    Args:
        domain: sport.
        case: name of the case.
        edition: rulebook.
        seed: of the play.
        out: folder of plays.
        config: as of `rulesight.crew.Crew`.

    Raises:
        InputError: the sport has no such camera or weather, or the folder cannot be written.
    """
    play = draw(domain, case, edition, seed)
    clip = Clip(play, config["camera"], seed, conditions(config, domain, seed))
    folder = out / play.name
    folder.mkdir(parents=True, exist_ok=True)
    sound = soundtrack(play, seed)
    audio = Audio(sound.samples, sound.rate)
    shots = _filmed(clip.shots(), clip.times, folder / "clip.mp4", config["quality"], audio)
    write_clip_truth(play, shots, folder / "truth", clip.labels() | {"case": case})
    write_text(folder / "truth" / "sound.json", json.dumps(sound.truth(), indent=1) + "\n")
    return folder / "clip.mp4"


def render_demo(folder: Path, keyframes_s: list[float], quality: int) -> None:
    """Render the play of the embedded example: clip, calibration keyframes, annotations and truth.

    Args:
        folder: where they go; made where it is not there.
        keyframes_s: times at which the field is marked, seconds.
        quality: constant rate factor of the video.

    Raises:
        InputError: no keyframe, one outside the clip, or a folder that cannot be written.
    """
    preset = "nhl"
    rink, look = field(preset), demo_look()
    play = demo_play(rink)
    if not keyframes_s or not all(play.t[0] <= t <= play.t[-1] for t in keyframes_s):
        told = f"times from {play.t[0]:g} to {play.t[-1]:g} s"
        raise InputError(f"keyframes_s is {keyframes_s}", "rulesight simulate", f"give one or more {told}")
    folder.mkdir(parents=True, exist_ok=True)
    shots = _filmed(film(play, rink, look), play.t, folder / "clip.mp4", quality)
    marked = [min(shots, key=lambda shot: abs(shot.t - t)) for t in sorted(keyframes_s)]
    write_calibration(folder / "calibration.yaml", calibrate_by_hand(marked, rink, arena_of(rink, look), look, preset))
    write_text(folder / "annotations.yaml", yamls.dumps(annotate_by_hand(play, shots, look)))
    write_truth(play, shots, folder / "truth")


def _filmed(
    pictures: Iterable[Shot], times: np.ndarray, path: Path, quality: int, audio: Audio | None = None
) -> list[Shot]:
    """Write pictures as a video as they come, with a progress bar; return them without their images."""
    shots: list[Shot] = []

    def images() -> Iterator[np.ndarray]:
        for shot in tqdm(ahead(pictures), total=len(times), disable=not _watched()):
            shots.append(replace(shot, image=np.empty(0)))
            yield shot.image

    write_video(path, images(), times, quality, audio)
    return shots


def _watched() -> bool:
    """Return whether somebody watches this process at a terminal: not one that works for another."""
    return parent_process() is None and sys.stderr.isatty()
