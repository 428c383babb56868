"""``rulesight evaluate``: figures on real data and on generated plays, each beside its goal."""

from __future__ import annotations

import contextlib
import functools
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation import realdata
from records.errors import InputError
from records.files import write_text
from records.names import unknown

if TYPE_CHECKING:
    from records.calls import Calls
    from records.scene import Scene
    from simulation.plays.play import Play

SUITES = ("sequences", "clips", "plays", "decay")
CLIPS = {
    "hockey": ("hockey", "video/hockey/BUF-EDM_frames_0-279.mp4"),
    "football_1": ("football", "video/american_football/cfb_clip1.mp4"),
    "football_2": ("football", "video/american_football/cfb_clip2.mp4"),
}
MODEL = "models/yolox_nano_416_coco.onnx"
LABELS = Path(__file__).resolve().parents[1] / "tests" / "real"


def evaluate(config: Mapping[str, Any]) -> int:
    """Run ``rulesight evaluate``.

    Returns:
        0 when every figure meets its goal, else 1.
    """
    if config["suite"] not in SUITES:
        raise unknown("suite", config["suite"], SUITES, "rulesight evaluate")
    _require_domain(config["suite"], config["domains"])
    if config["suite"] == "decay":
        return 0 if decay(config, _folder(config["out"])) else 1
    if config["suite"] == "plays":
        return 0 if plays(config) else 1
    data = _data(config["data"])
    if config["suite"] == "sequences":
        good = sequences(config["domains"], data, _folder(config["out"]), config["notes"])
    else:
        labels = Path(config["labels"] or LABELS)
        asked = (config["notes"], int(config["disturbed"]), config["landmarks"])
        good = clips(_clips(config), data, labels, _folder(config["out"]), *asked)
    return 0 if good else 1


def plays(config: Mapping[str, Any]) -> bool:
    """Judge drawn plays on perfect tracks and print how they came out by case; returns whether all is as it should be.

    Raises:
        InputError: on an unknown domain or case.
    """
    from tqdm import tqdm

    from evaluation.plays import check, good, lines
    from simulation.plays.folders import chosen
    from simulation.plays.registry import DOMAINS

    domain, count = config["domains"], int(config["per_case"])
    found = [case for name in (DOMAINS if domain == "all" else (domain,)) for case in chosen(name, str(config["case"]))]
    with tqdm(total=len(found) * count, disable=not sys.stderr.isatty()) as bar:
        out = _folder(config["out"])
        keep = None if out is None else functools.partial(_keep_play, out)
        tallies = check(found, count, int(config["seed"]), keep, bar.update)
    for line in lines(tallies):
        print(line)
    for tally in tallies if config["notes"] else ():
        for play, finding in tally.notes:
            print(f"  {play}: {finding.rule} {finding.outcome}: {finding.text}")
    return good(tallies)


def _keep_play(out: Path, play: Play, scene: Scene, calls: Calls) -> None:
    """Keep a play, its calls, and a picture from above of each call of the rules that it is about."""
    import cv2

    from records.calls import write
    from review.plan import draw
    from simulation.plays.folders import write_play

    folder = out / play.name
    write_play(play, folder)
    write(folder / "calls.json", calls)
    rules = [want.rule for want in play.expected]
    for n, call in enumerate(one for one in calls.calls if one.rule in rules):
        cv2.imwrite(str(folder / f"call_{n}.png"), draw(scene, call))


def sequences(domain: str, data: Path, out: Path | None, notes: bool = True) -> bool:
    """Judge real tracking data and print the figures; returns whether every goal is met.

    Args:
        domain: one of those that have sequences, or ``all``.
        data: folder of the real test data.
        out: where scenes, calls and pictures are kept, a folder per domain; None: nowhere.
        notes: whether to print what limits the figures.

    Raises:
        InputError: when the data of a domain is not there.
    """
    from evaluation.sequences import score

    good = True
    for name in score.DOMAINS if domain == "all" else (domain,):
        started = time.perf_counter()
        result = score.evaluate(name, data, out / name if out else None)
        print(f"\n{name} ({time.perf_counter() - started:.0f} s)")
        for line in (*result.figures, *(result.notes if notes else ())):
            print(f"  {line}")
        good = good and all(figure.met is not False for figure in result.figures)
    return good


def decay(config: Mapping[str, Any], out: Path | None) -> bool:
    """Judge generated plays through the sensors, print where verdicts go wrong; returns whether all goals are met.

    Args:
        config: of the subcommand.
        out: where the table and a picture for each knob go; None: nowhere.

    Raises:
        InputError: on an unknown knob, or a sport that has no generated plays.
    """
    from evaluation import decay as turned
    from evaluation import decay_charts
    from evaluation.sequences import score

    knobs = list(turned.chosen(config["knobs"]))
    names = score.DOMAINS if config["domains"] == "all" else (config["domains"],)
    drawn = turned.Drawn(*(config[key] for key in ("per_case", "repeats", "thin", "seed")))
    counted = turned.measure(names, knobs, drawn, config["workers"])
    print("\n".join(turned.worst(counted)))
    figures = turned.figures(counted)
    for figure in figures:
        print(f"  {figure}")
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        write_text(out / "decay.csv", turned.table(counted))
        for path in decay_charts.write(counted, out):
            print(path)
    return all(figure.met is not False for figure in figures)


def clips(
    names: Sequence[str],
    data: Path,
    labels: Path,
    out: Path | None,
    notes: bool = False,
    disturbed: int = 0,
    landmarks: str | None = None,
) -> bool:
    """Analyse real clips and print their figures and calls; returns whether every target is met.

    Args:
        names: of `CLIPS`.
        data: folder of the real test data.
        labels: folder with a folder of labels per clip.
        out: where the runs are kept, so that stages are not run twice; None: nowhere.
        notes: whether to print what is behind the figures.
        disturbed: how often the tracker is run again on disturbed detections (evaluation.disturbed).
        landmarks: a model that marks the keyframes in place of the person who labelled.

    Raises:
        InputError: when data or labels are not there.
    """
    with _kept(out) as folder:
        return all([_clip(name, data, labels / name, folder / name, notes, disturbed, landmarks) for name in names])


def _clip(name: str, data: Path, labels: Path, out: Path, notes: bool, disturbed: int, landmarks: str | None) -> bool:
    from evaluation.disturbed import draws, figures, read
    from evaluation.real import assess
    from rulesight.api import analyze

    if not labels.is_dir():
        raise InputError("no labels of the clip", str(labels), "run it in a checkout, or give labels=FOLDER")
    domain, video = CLIPS[name]
    annotations = labels / "annotations.yaml"
    marked = [f"landmarks={landmarks}"] if landmarks else []
    run = analyze(
        data / video,
        domain,
        calibration=None if landmarks else labels / "calibration.yaml",
        annotations=annotations if annotations.is_file() else None,
        out=out,
        overrides=["detector=yolox_nano", f"detector.model.file={data / MODEL}", "report=none", *marked],
    )
    result = assess(run.folder, labels)
    means = figures(draws(read(run.folder, labels), disturbed), domain) if disturbed else ()
    print(f"\n{name}")
    for line in (*result.figures, *means, *(result.notes if notes else ())):
        print(f"  {line}")
    for call in run.calls.calls:
        print(f"  {call.t:7.2f} s  {call.rule:<28} {call.verdict:<10} {call.team or ''}")
    return all(figure.good for figure in (*result.figures, *means))


def _require_domain(suite: str, domain: str) -> None:
    """Refuse a domain that a suite has nothing of."""
    from evaluation.sequences import score

    known = sorted({sport for sport, _ in CLIPS.values()}) if suite == "clips" else score.DOMAINS
    if domain != "all" and domain not in known:
        raise unknown("domain", domain, (*known, "all"), f"rulesight evaluate suite={suite}")


def _data(given: str | None) -> Path:
    data = Path(given) if given else realdata.folder()
    if data is None:
        raise InputError(
            f"{realdata.VARIABLE} does not name the folder of real test data", "rulesight evaluate", "give data=FOLDER"
        )
    if not data.is_dir():
        raise InputError("no such folder of test data", str(data), "check the path")
    return data


def _clips(config: Mapping[str, Any]) -> list[str]:
    domain, wanted = config["domains"], config["clips"]
    for name in wanted or ():
        if name not in CLIPS:
            raise unknown("clip", name, CLIPS, "rulesight evaluate")
    found = [name for name, (sport, _) in CLIPS.items() if domain in ("all", sport) and name in (wanted or CLIPS)]
    if not found:
        raise InputError(
            f"no clip of {domain} among {', '.join(wanted)}", "rulesight evaluate", "choose another domain or clip"
        )
    return found


def _folder(out: str | None) -> Path | None:
    return Path(out) if out else None


@contextlib.contextmanager
def _kept(out: Path | None) -> Iterator[Path]:
    if out is not None:
        yield out
        return
    with tempfile.TemporaryDirectory() as scratch:
        yield Path(scratch)
