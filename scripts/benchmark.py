"""How fast it is: benchmark.py pipeline video=FILE domain=hockey [key=value ...], benchmark.py rules or render.

``rules`` measures the rule engine: two specifications beside other monitors (with --anchors PYTHON, the interpreter
of an environment that holds rtamt and reelay: docs/benchmarks.md), every operator beside the memory, whole
rulebooks on made-up matches. --part specs|operators|rulebooks runs one of them, --rounds how often each is run,
--sizes, --specs and --unknowns which of the specifications' inputs.

``pipeline`` takes what `rulesight analyze` takes, and --rounds and --part speed|memory. Report and overlay are off,
and each run starts with an empty cache. Runs of the whole analysis and of bare decoding and detection take turns; the
medians are printed, then peak memory of the clip and of the clip looped ten times. The bare runs decode the clip
once: what the analysis decodes beyond that counts as the rest. A clip of 10 s takes about 8 minutes on two cores.

``render`` measures `rulesight simulate` with a camera: pictures a second of the whole command on two cores, for each
sport and camera. --plays how many plays a run renders, --only which cameras, such as soccer-high.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from evaluation.costs import Spent

RUNS = 5
ROUNDS = 4
LOOPS = 10


def pipeline(arguments: list[str]) -> None:
    """Print the tables of `rulesight analyze` on one clip."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does
    parser = argparse.ArgumentParser(prog="benchmark.py pipeline")
    parser.add_argument("--part", choices=("speed", "memory"))
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("keys", nargs="+", metavar="key=value")
    asked = parser.parse_args(arguments)
    given = dict(key.split("=", 1) for key in asked.keys)
    with tempfile.TemporaryDirectory() as scratch:
        if asked.part in (None, "speed"):
            _speed(given, Path(scratch), asked.rounds)
        if asked.part in (None, "memory"):
            _memory(given, Path(scratch))


def _speed(given: dict[str, str], scratch: Path, rounds: int) -> None:
    import rulesight
    from evaluation.costs import bare, stopwatch

    named = {key: given[key] for key in ("video", "domain", "calibration", "annotations") if key in given}
    others = [f"{key}={value}" for key, value in given.items() if key not in named]
    video, whole, plain, together = Path(given["video"]), [], [], []
    for turn in range(rounds):
        with stopwatch() as spent:
            run = rulesight.analyze(**named, out=scratch / str(turn), overrides=[*others, "report=none"])
        whole += spent
        plain.append(bare(run.folder, video, together=False))
        together.append(bare(run.folder, video, together=True))
        print(
            f"round {turn + 1}: "
            + "; ".join(f"{one.wall:.2f} s, {one.cpu:.2f} s of CPU" for one in (whole[-1], plain[-1], together[-1])),
            flush=True,
        )
    for name, runs in (
        ("the whole analysis", whole),
        ("decoding and detection, frame by frame", plain),
        ("decoding and detection, frames at once", together),
    ):
        wall, cpu = (statistics.median(getattr(one, kind) for one in runs) for kind in ("wall", "cpu"))
        print(f"{name:40} {wall:7.2f} s, {cpu:7.2f} s of CPU")
    print(f"all the rest, of frame by frame: {_share(whole, plain)} (target: at most +25 %)")
    print(f"all the rest, of frames at once: {_share(whole, together)} (as the analysis does it)", flush=True)


def _memory(given: dict[str, str], scratch: Path) -> None:
    from evaluation.costs import loop_video, peak_memory_mb

    looped = scratch / "looped.mp4"
    loop_video(Path(given["video"]), looped, LOOPS)
    same = {**given, "report": "none"}
    once = peak_memory_mb({**same, "out": str(scratch / "once")})
    often = peak_memory_mb({**same, "video": str(looped), "out": str(scratch / "often")})
    ratio = f"{often / once:.2f} times (target: at most 1.10)"
    print(f"peak memory: {once:.0f} MB, looped {LOOPS} times {often:.0f} MB, {ratio}", flush=True)


def _share(whole: list[Spent], part: list[Spent]) -> str:
    """Return the median of how much more the whole takes than the part, run by run."""
    wall, cpu = (
        statistics.median(getattr(one, kind) / getattr(other, kind) - 1 for one, other in zip(whole, part, strict=True))
        for kind in ("wall", "cpu")
    )
    return f"{wall:+.1%}, {cpu:+.1%} of CPU"


def rules(arguments: list[str]) -> None:
    """Print the tables of the rule engine."""
    from evaluation.speed import operators, rulebooks, specs

    parser = argparse.ArgumentParser(prog="benchmark.py rules")
    parser.add_argument("--anchors", help="interpreter of an environment that holds rtamt and reelay")
    parser.add_argument("--part", choices=("specs", "operators", "rulebooks"))
    parser.add_argument("--rounds", type=int, default=RUNS)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000, 1_000_000])
    parser.add_argument("--specs", choices=("A", "B"), nargs="+", default=["A", "B"])
    parser.add_argument("--unknowns", choices=("none", "some"), nargs="+", default=["none", "some"])
    given = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        if given.part in (None, "specs"):
            unknowns = tuple(one == "some" for one in given.unknowns)
            asked = specs.Asked(tuple(given.sizes), given.rounds, tuple(given.specs), unknowns)
            specs.table(given.anchors, Path(scratch), asked)
        if given.part in (None, "operators"):
            operators.table(max(given.sizes), given.rounds)
        if given.part in (None, "rulebooks"):
            rulebooks.table(Path(scratch), given.rounds)


def render(arguments: list[str]) -> None:
    """Print how many pictures a second `rulesight simulate` renders."""
    from evaluation.rendering import rates

    parser = argparse.ArgumentParser(prog="benchmark.py render")
    parser.add_argument("--plays", type=int, default=10)
    parser.add_argument("--only", nargs="+", default=[], metavar="SPORT-CAMERA")
    given = parser.parse_args(arguments)
    print(f"{'camera':22} plays  frames       s  of CPU  frames/s  (target: at least 20)", flush=True)
    for one in rates(given.plays, given.only):
        spent = f"{one.frames:7} {one.seconds:7.1f} {one.busy:7.1f} {one.frames_per_s:9.1f}"
        print(f"{one.camera:22} {given.plays:5} {spent}", flush=True)


PARTS = {"pipeline": pipeline, "rules": rules, "render": render}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in PARTS:
        sys.exit("usage: benchmark.py pipeline key=value ... | benchmark.py rules [--part PART] | benchmark.py render")
    PARTS[sys.argv[1]](sys.argv[2:])
