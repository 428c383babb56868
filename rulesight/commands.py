"""The subcommands that take a configuration: check what was asked for, call the function, say what came out."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from records.calls import Call, Calls
from records.errors import InputError

SHOWN = 3  # blocking atoms in a line; the report has all

if TYPE_CHECKING:
    from pipeline.analyze import Run


def analyze(config: Mapping[str, Any]) -> None:
    """Run ``rulesight analyze``."""
    from pipeline import memory
    from rulesight import api

    _need(config, "video", "analyze", "video=FILE")
    memory.share_one_heap()
    print_run(api.analyze_config(config))


def judge(config: Mapping[str, Any]) -> None:
    """Run ``rulesight judge`` on one scene or on every scene of a folder."""
    from rulesight import api

    if (config["scene"] is None) == (config["scenes"] is None):
        raise InputError("give one scene or a folder of scenes", "rulesight judge", "scene=FOLDER or scenes=FOLDER")
    if config["scene"] is not None:
        folder = Path(config["scene"])
        out = _folder(config["out"] or Path("runs") / folder.resolve().name)
        calls = api.judge(folder, out=out, edition=config["edition"], k=config["k"])
        print_calls(calls)
        print(f"calls: {out / 'calls.json'}")
        return
    root = Path(config["scenes"])
    out = _folder(config["out"] or Path("runs") / root.resolve().name)
    count = api.judge_many(root, out, edition=config["edition"], k=config["k"])
    print(f"{count} scenes judged: {out}")


def explain(config: Mapping[str, Any]) -> None:
    """Run ``rulesight explain``: the proof of one call, judged again."""
    from rulesight import api

    if (config["scene"] is None) == (config["run"] is None):
        raise InputError(
            "give the scene or the run that has the call", "rulesight explain", "scene=FOLDER or run=FOLDER"
        )
    _need(config, "call", "explain", "call=ID, as in calls.json")
    folder = config["run"] if config["scene"] is None else config["scene"]
    print(api.explain(folder, str(config["call"]), config["edition"], config["k"]))


def calibrate(config: Mapping[str, Any]) -> None:
    """Run ``rulesight calibrate``."""
    _need(config, "video", "calibrate", "video=FILE")
    if config["landmarks"] is None:
        _need(config, "calibration", "calibrate", "calibration=FILE")
    elif config["calibration"] is not None:
        raise InputError("calibration and landmarks are both given", "rulesight calibrate", "give one of them")
    from perception.registration.solve import config_of
    from review.calibrate import calibrate as draw

    out = _folder(config["out"] or Path("runs") / f"{Path(config['video']).stem}-calibration")
    settings = {name: value for name, value in config["registration"].items() if name != "motion"}
    drawn_not_refused = dataclasses.replace(config_of(settings), contradiction=math.inf)
    paths = Path(config["video"]), Path(config["calibration"] or _marked(config, out)), out
    pictures = draw(*paths, frames=config["frames"], config=drawn_not_refused)
    for picture in pictures:
        print(picture)


def _marked(config: Mapping[str, Any], out: Path) -> Path:
    """Let a model mark keyframes; return the calibration file that it wrote."""
    from perception.registration.marking import mark
    from records.scene import parse_field

    field = parse_field(config["field"], "field=")
    path = mark(config["video"], config["landmarks"], config["every_s"], field, out / "calibration.yaml", None)
    print(path)
    return path


def print_run(run: Run) -> None:
    """Print the calls of a run and where its files lie."""
    print_calls(run.calls)
    for stage, reason in _remarks(run.folder):
        print(f"  note     {stage:26} {reason}")
    print(f"run folder: {run.folder}")
    for name in ("report.html", "overlay.mp4"):
        if (run.folder / name).exists():
            print(f"  {run.folder / name}")


def print_calls(calls: Calls) -> None:
    """Print one line per call, and what no call could be made for."""
    for call in calls.calls:
        print(describe(call))
    for (rule, why), spans in _blind(calls).items():
        print(f"  blind    {rule:26} {', '.join(spans)} s: {why}")
    if not calls.calls:
        print("no opportunity for a call was seen")


def _remarks(folder: Path) -> list[tuple[str, str]]:
    """Return what stages said of work that did not go as it should, each once."""
    from pipeline.trace import remark
    from records import tables

    rows = tables.read(folder / "trace.parquet", "trace").to_pylist()
    return list(dict.fromkeys((row["stage"], remark(row["reason"])) for row in rows if row["status"] != "ok"))


def _blind(calls: Calls) -> dict[tuple[str, str], list[str]]:
    """Return where each rule was blind and why, spans as text."""
    found: dict[tuple[str, str], list[str]] = {}
    for one in calls.coverage:
        if one.status == "blind":
            found.setdefault((one.rule, one.why or ""), []).append(f"{one.span.start:.2f} to {one.span.stop:.2f}")
    return found


def describe(call: Call) -> str:
    """Return a call in one line: verdict, rule, time, who, margin, what blocked it."""
    margin = call.margin
    amount = f"  margin {margin.value:+.2f} ± {margin.sigma:.2f} {margin.unit}" if margin else ""
    who = f"  {call.team or ''} {' '.join(call.entities)}".rstrip()
    maybe = "  (may not have happened at all)" if call.opportunity == "possible" else ""
    atoms = [atom.atom for atom in call.blocked_by]
    more = f"; and {len(atoms) - SHOWN} more" if len(atoms) > SHOWN else ""
    blocked = f"  blocked by: {'; '.join(atoms[:SHOWN])}{more}" if atoms else ""
    return f"{call.verdict:10} {call.rule:26} {call.t:7.2f} s  {call.clause}{who}{amount}{maybe}{blocked}"


def _need(config: Mapping[str, Any], key: str, command: str, usage: str) -> None:
    if config[key] is None:
        raise InputError(f"no {key} was given", f"rulesight {command}", f"add {usage}")


def _folder(out: str | Path) -> Path:
    """Refuse a folder to write to that is a file."""
    path = Path(out)
    if path.exists() and not path.is_dir():
        raise InputError("out is a file, not a folder", str(path), "choose a folder with out=")
    return path
