"""The subcommands for those who build: ``simulate``, ``train`` and ``convert``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.names import unknown

PLAYS = ("demo",)


def simulate(config: Mapping[str, Any]) -> None:
    """Run ``rulesight simulate``: draw plays of a case as scenes, or render the scripted play of the example."""
    if config["case"] is not None:
        draw_plays(config)
        return
    if config["play"] not in PLAYS:
        raise unknown("play", config["play"], PLAYS, "rulesight simulate")
    out = Path(config["out"] or Path("runs") / f"{config['play']}-rendered")
    render_demo(out, config["keyframes_s"], config["quality"])
    print(out)


def draw_plays(config: Mapping[str, Any]) -> None:
    """Write plays of an edge case as scene folders, each with the calls that are right, or list the cases."""
    from simulation.plays import cases
    from simulation.plays.folders import chosen, write_plays

    domain, name, edition = config["domains"], str(config["case"]), config["edition"]
    if name == "list":
        for case in cases(domain).values():
            print(f"{case.name:56} {case.rule:34} {case.title}")
        return
    found = chosen(domain, name, edition)
    out = Path(config["out"] or Path("runs") / f"{domain}-{name}")
    if out.exists() and not out.is_dir():
        raise InputError("out is a file, not a folder", str(out), "choose a folder with out=")
    count = write_plays(found, int(config["plays"]), int(config["seed"]), out, edition)
    print(f"{count} plays written: {out}")


def render_demo(folder: Path, keyframes_s: list[float], quality: int) -> None:
    """Render the play of the embedded example: clip, calibration keyframes, annotations and truth.

    Args:
        folder: where they go; made where it is not there.
        keyframes_s: times at which the field is marked, seconds.
        quality: constant rate factor of the video.

    Raises:
        InputError: no keyframe, one outside the clip, or a folder that cannot be written.
    """
    import numpy as np
    from tqdm import tqdm

    from ontologies.hockey import field
    from perception.encode import write_video
    from records import yamls
    from records.calibration import write_calibration
    from records.files import write_text
    from simulation.demo import demo_play
    from simulation.handwork import annotate_by_hand, calibrate_by_hand
    from simulation.looks import demo_look
    from simulation.staging import Shot, arena_of, film
    from simulation.truth import write_truth

    preset = "nhl"
    rink, look = field(preset), demo_look()
    play = demo_play(rink)
    if not keyframes_s or not all(play.t[0] <= t <= play.t[-1] for t in keyframes_s):
        told = f"times from {play.t[0]:g} to {play.t[-1]:g} s"
        raise InputError(f"keyframes_s is {keyframes_s}", "rulesight simulate", f"give one or more {told}")
    shots: list[Shot] = []

    def pictures() -> Iterator[np.ndarray]:
        for shot in tqdm(film(play, rink, look), total=len(play.t), disable=not sys.stderr.isatty()):
            shots.append(replace(shot, image=np.empty(0)))
            yield shot.image

    folder.mkdir(parents=True, exist_ok=True)
    write_video(folder / "clip.mp4", pictures(), play.t, quality)
    marked = [min(shots, key=lambda shot: abs(shot.t - t)) for t in sorted(keyframes_s)]
    write_calibration(folder / "calibration.yaml", calibrate_by_hand(marked, rink, arena_of(rink, look), look, preset))
    write_text(folder / "annotations.yaml", yamls.dumps(annotate_by_hand(play, shots, look)))
    write_truth(play, shots, folder / "truth")


def train(config: Mapping[str, Any]) -> None:
    """Run ``rulesight train``: render, train, export, measure, and print the figures."""
    try:
        ship = importlib.import_module("simulation.training.ship").ship  # by name: nothing else imports a framework
        recipe = importlib.import_module("simulation.training.train").Recipe(**config["recipe"])
    except ImportError as error:
        raise InputError(
            f"training needs packages that are not installed ({error})", "rulesight train", "pip install '.[train]'"
        ) from error
    folder = Path(config["folder"])
    out = Path(config["out"] or folder / "hockey-detector.onnx")
    for name, value in ship(recipe, folder, out, config["test_arenas"], config["threads"]).items():
        print(f"{name:22} {value:.4g}")


def convert(config: Mapping[str, Any]) -> None:
    """Run ``rulesight convert``: tracking data of another format into scene folders."""
    from records.adapters import formats

    listed = "; ".join(f"{name}: {about}" for name, about in formats.FORMATS.items())
    if config["format"] == "list":
        print(listed.replace("; ", "\n"))
        return
    for key, usage in (("source", "source=FILE"), ("format", f"format={'|'.join(formats.FORMATS)}")):
        if config[key] is None:
            raise InputError(f"no {key} was given", "rulesight convert", f"add {usage}")
    if config["format"] not in formats.FORMATS:
        raise unknown("format", config["format"], formats.FORMATS, "rulesight convert")
    source = Path(config["source"])
    out = Path(config["out"] or Path("runs") / f"{source.resolve().stem}-scenes")
    if out.exists() and not out.is_dir():
        raise InputError("out is a file, not a folder", str(out), "choose a folder with out=")
    count = formats.convert(source, config["format"], out, config["options"])
    print(f"{count} scenes written: {out}")
