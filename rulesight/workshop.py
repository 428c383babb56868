"""The subcommands for those who build: ``simulate``, ``train`` and ``convert``."""

from __future__ import annotations

import importlib
import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from tqdm import tqdm

from records.errors import InputError
from records.files import write_text
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
    from rulesight.filming import render_demo

    render_demo(out, config["keyframes_s"], config["quality"])
    print(out)


def draw_plays(config: Mapping[str, Any]) -> None:
    """Write plays of an edge case as scene folders, each with the calls that are right, or list the cases."""
    from rulesight.crew import Crew
    from simulation.plays import cases
    from simulation.plays.folders import chosen, write_plays
    from simulation.sensors import parse

    domain, name, edition = config["domains"], str(config["case"]), config["edition"]
    if name == "list":
        for case in cases(domain).values():
            print(f"{case.name:56} {case.rule:34} {case.title}")
        return
    found = chosen(domain, name, edition)
    plays, seed = int(config["plays"]), int(config["seed"])
    if config["camera"] is not None:
        _check_filming(domain, config)
    out = Path(config["out"] or Path("runs") / f"{domain}-{name}")
    if out.exists() and not out.is_dir():
        raise InputError("out is a file, not a folder", str(out), "choose a folder with out=")
    crew = Crew(plays * len(found)) if config["camera"] is not None else None
    count = write_plays(found, plays, seed, out, edition, parse(config["sensors"]))
    print(f"{count} plays written: {out}")
    if crew is not None:
        clips = crew.render(found, plays, (seed, edition), out, config)
        for path in tqdm(clips, total=count, disable=count < 2 or not sys.stderr.isatty()):
            tqdm.write(str(path), sys.stdout)


def _check_filming(domain: str, config: Mapping[str, Any]) -> None:
    """Refuse a camera or weather that a sport has not, before anything is written."""
    from simulation.clips import check_camera
    from simulation.weather import conditions

    check_camera(domain, config["camera"])
    conditions(config, domain, 0)


def train(config: Mapping[str, Any]) -> None:
    """Run ``rulesight train``: render, train a detector or landmark model, export, measure, and print the figures."""
    tasks = {"ball": _train_ball, "detector": _train_detector, "landmarks": _train_landmarks}
    tasks |= {framework: partial(_train_through, framework) for framework in ("torchvision", "ultralytics")}
    if config["model"] not in tasks:
        raise unknown("model", config["model"], tasks, "rulesight train")
    try:
        figures = tasks[config["model"]](config)
    except ImportError as error:
        raise InputError(
            f"training needs packages that are not installed ({error})", "rulesight train", "pip install '.[train]'"
        ) from error
    for name, value in figures.items():
        print(f"{name:22} {value:.4g}")


def _train_detector(config: Mapping[str, Any]) -> Mapping[str, float]:
    ship = importlib.import_module("simulation.training.ship").ship  # by name: nothing else imports a framework
    sport = _sports(config["recipe"], "recipe")
    recipe = importlib.import_module("simulation.training.train").Recipe(**config["recipe"])
    folder = Path(config["folder"] or "runs/train-detector")
    out = Path(config["out"] or folder / sport / f"{sport}-detector.onnx")
    return dict(ship(recipe, folder, out, config["test_arenas"], config["threads"]))


def _train_landmarks(config: Mapping[str, Any]) -> Mapping[str, float]:
    from evaluation.landmarks import choose_score, measure_model
    from perception.registration.landmarks import LEAST

    sport = _sports(config["landmarks"], "landmarks")
    learning = importlib.import_module("simulation.training.field_landmarks")
    recipe = learning.LandmarkRecipe(**config["landmarks"])
    folder = Path(config["folder"] or "runs/train-landmarks")
    out = Path(config["out"] or folder / sport / f"{sport}-landmarks.onnx")
    figures = dict(learning.train_landmarks(recipe, folder, out, config["threads"]))
    score = choose_score(out, folder / "test", config["test_arenas"], config["threads"])
    importlib.import_module("simulation.training.export").add_note(out, LEAST, f"{score:.2f}")
    figures |= {LEAST: score} | measure_model(out, folder / "test", config["test_arenas"], config["threads"])
    write_text(folder / sport / "figures.json", json.dumps(figures, indent=1) + "\n")
    return figures


def _train_ball(config: Mapping[str, Any]) -> Mapping[str, float]:
    from perception.detectors.neighbours import overlaid

    sport = _sports(config["ball"], "ball")
    learning = importlib.import_module("simulation.training.balls")
    folder = Path(config["folder"] or "runs/train-ball")
    out = Path(config["out"] or folder / sport / f"{sport}-ball.onnx")
    recipe = learning.BallRecipe(**config["ball"])
    figures = learning.train_balls(recipe, folder, out, config["test_arenas"], config["threads"], overlaid)
    write_text(folder / sport / "figures.json", json.dumps(figures, indent=1) + "\n")
    return dict(figures)


def _train_through(framework: str, config: Mapping[str, Any]) -> Mapping[str, float]:
    """Train a detector through another framework, and say with which settings it is used."""
    from evaluation.trained import figures_of

    sport = _sports(config["recipe"], "recipe")
    try:
        learning = importlib.import_module(f"simulation.training.through_{framework}")
    except RuntimeError as error:  # what torchvision raises beside a torch that it was not built for
        mend = "install both afresh: pip install --force-reinstall torch torchvision"
        raise InputError(f"torch and torchvision do not fit ({error})", "rulesight train", mend) from error
    folder = Path(config["folder"] or f"runs/train-{framework}")
    out = Path(config["out"] or folder / sport / f"{sport}-{framework}.onnx")
    threads, arenas = config["threads"], config["test_arenas"]
    figures = learning.train(learning.recipe_of(config["recipe"], config[framework]), folder, out, threads)
    files = {which: learning.unseen(folder, sport, arenas, threads, which) for which in ("choose", "test")}
    found, reading = figures_of(framework, out, sport, files, threads)
    write_text(folder / sport / "figures.json", json.dumps(figures | found, indent=1) + "\n")
    write_text(folder / sport / "settings.txt", reading.line() + "\n")
    print(f"rulesight analyze domain={sport} {reading.line()}")
    return dict(figures | found)


def _sports(recipe: Mapping[str, Any], group: str) -> str:
    """Return the sport of a recipe; refuse one that is unknown, there or as the one to begin after."""
    from simulation.clips import CAMERAS_OF

    for key in ("domain", "after"):
        if recipe[key] not in CAMERAS_OF and (key, recipe[key]) != ("after", None):
            raise unknown("domain", recipe[key], CAMERAS_OF, f"rulesight train {group}.{key}")
    return str(recipe["domain"])


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
