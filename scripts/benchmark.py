"""How fast it is: scripts/benchmark.py pipeline video=FILE domain=hockey [key=value ...], or benchmark.py rules.

``rules`` measures the rule engine: two specifications beside other monitors (with --anchors PYTHON, the interpreter
of an environment that holds rtamt and reelay: docs/benchmarks.md), every operator beside the memory, whole
rulebooks on made-up matches. --part specs|operators|rulebooks runs one of them, --rounds how often each is run,
--sizes, --specs and --unknowns which of the specifications' inputs.

``pipeline`` takes what `rulesight analyze` takes. Report and overlay are off, and each run starts with an empty cache.
Runs of the whole analysis and of bare decoding and detection take turns; the medians are printed, then peak memory of
the clip and of the clip looped ten times.
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
LOOPS = 10


def pipeline(given: dict[str, str]) -> None:
    """Print the table of `rulesight analyze` on one clip."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the program does
    import rulesight
    from evaluation.costs import bare, loop_video, peak_memory_mb, stopwatch

    named = {key: given[key] for key in ("video", "domain", "calibration", "annotations") if key in given}
    others = [f"{key}={value}" for key, value in given.items() if key not in named]
    video = Path(given["video"])
    with tempfile.TemporaryDirectory() as scratch:
        whole, plain, together = [], [], []
        for turn in range(RUNS):
            with stopwatch() as spent:
                run = rulesight.analyze(**named, out=f"{scratch}/{turn}", overrides=[*others, "report=none"])
            whole += spent
            plain.append(bare(run.folder, video, together=False))
            together.append(bare(run.folder, video, together=True))
        for name, runs in (
            ("the whole analysis", whole),
            ("decoding and detection, frame by frame", plain),
            ("decoding and detection, frames at once", together),
        ):
            wall, cpu = (statistics.median(getattr(one, kind) for one in runs) for kind in ("wall", "cpu"))
            print(f"{name:40} {wall:7.2f} s, {cpu:7.2f} s of CPU")
        print(f"more than frame by frame: {_share(whole, plain)} (target: at most +25 %)")
        print(f"more than frames at once: {_share(whole, together)}")
        looped = Path(scratch) / "looped.mp4"
        loop_video(video, looped, LOOPS)
        same = {**given, "report": "none"}
        once = peak_memory_mb({**same, "out": f"{scratch}/once"})
        often = peak_memory_mb({**same, "video": str(looped), "out": f"{scratch}/often"})
        ratio = f"{often / once:.2f} times (target: at most 1.10)"
        print(f"peak memory: {once:.0f} MB, looped {LOOPS} times {often:.0f} MB, {ratio}")


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


if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in {"pipeline", "rules"}:
        sys.exit("usage: benchmark.py pipeline key=value ... | benchmark.py rules [--anchors PYTHON] [--part PART]")
    if sys.argv[1] == "rules":
        rules(sys.argv[2:])
    else:
        pipeline(dict(argument.split("=", 1) for argument in sys.argv[2:]))
