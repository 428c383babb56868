"""What the pipeline costs on a clip of yours: scripts/benchmark.py pipeline video=FILE domain=hockey [key=value ...].

Takes what `rulesight analyze` takes. Report and overlay are off. Each run starts with an empty cache; the
medians of the runs are printed, then peak memory of the clip and of the clip looped ten times.
"""

import statistics
import sys
import tempfile
from pathlib import Path

import rulesight
from evaluation.costs import loop_video, measure, peak_memory_mb

RUNS = 3
LOOPS = 10


def pipeline(given: dict[str, str]) -> None:
    """Print the table of `rulesight analyze` on one clip."""
    named = {key: given[key] for key in ("video", "domain", "calibration", "annotations") if key in given}
    others = [f"{key}={value}" for key, value in given.items() if key not in named]
    with tempfile.TemporaryDirectory() as scratch:
        spent = [
            measure(lambda n=n: rulesight.analyze(**named, out=f"{scratch}/{n}", overrides=[*others, "report=none"]))
            for n in range(RUNS)
        ]
        for name in ("total", "decoding", "inference"):
            print(f"{name:12} {statistics.median(getattr(one, name) for one in spent):8.2f} s")
        share = statistics.median(one.overhead for one in spent)
        print(f"everything besides decoding and inference: {share:+.1%} of them (target: at most +25 %)")
        looped = Path(scratch) / "looped.mp4"
        loop_video(Path(given["video"]), looped, LOOPS)
        plain = {**given, "report": "none"}
        once = peak_memory_mb({**plain, "out": f"{scratch}/once"})
        often = peak_memory_mb({**plain, "video": str(looped), "out": f"{scratch}/often"})
        ratio = f"{often / once:.2f} times (target: at most 1.10)"
        print(f"peak memory: {once:.0f} MB, looped {LOOPS} times {often:.0f} MB, {ratio}")


BENCHMARKS = {"pipeline": pipeline}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        sys.exit(f"usage: benchmark.py {'|'.join(BENCHMARKS)} key=value ...")
    BENCHMARKS[sys.argv[1]](dict(argument.split("=", 1) for argument in sys.argv[2:]))
