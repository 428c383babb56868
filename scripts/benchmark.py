"""What the pipeline costs on a clip of yours: scripts/benchmark.py pipeline video=FILE domain=hockey [key=value ...].

Takes what `rulesight analyze` takes. Report and overlay are off, and each run starts with an empty cache. Runs of the
whole analysis and of bare decoding and detection take turns; the medians are printed, then peak memory of the clip and
of the clip looped ten times.
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

import rulesight
from evaluation.costs import bare_seconds, decoding_seconds, loop_video, peak_memory_mb

RUNS = 5
FURTHER_PASSES = 2  # the analysis decodes the clip two times more than bare detection: to watch it, and to find paint
LOOPS = 10


def pipeline(given: dict[str, str]) -> None:
    """Print the table of `rulesight analyze` on one clip."""
    named = {key: given[key] for key in ("video", "domain", "calibration", "annotations") if key in given}
    others = [f"{key}={value}" for key, value in given.items() if key not in named]
    video = Path(given["video"])
    with tempfile.TemporaryDirectory() as scratch:
        whole, bare, decoding = [], [], []
        for turn in range(RUNS):
            begun = time.perf_counter()
            run = rulesight.analyze(**named, out=f"{scratch}/{turn}", overrides=[*others, "report=none"])
            whole.append(time.perf_counter() - begun)
            bare.append(bare_seconds(run.folder, video))
            decoding.append(decoding_seconds(video))
        needed = [one + FURTHER_PASSES * pass_s for one, pass_s in zip(bare, decoding, strict=True)]
        print(f"bare decoding and detection: {statistics.median(bare):.2f} s")
        print(f"one pass of decoding: {statistics.median(decoding):.2f} s")
        print(f"the whole analysis: {statistics.median(whole):.2f} s")
        print(f"more than bare detection: {_share(whole, bare):+.1%}")
        print(f"more than detection and all decoding: {_share(whole, needed):+.1%} (target: at most +25 %)")
        looped = Path(scratch) / "looped.mp4"
        loop_video(video, looped, LOOPS)
        plain = {**given, "report": "none"}
        once = peak_memory_mb({**plain, "out": f"{scratch}/once"})
        often = peak_memory_mb({**plain, "video": str(looped), "out": f"{scratch}/often"})
        ratio = f"{often / once:.2f} times (target: at most 1.10)"
        print(f"peak memory: {once:.0f} MB, looped {LOOPS} times {often:.0f} MB, {ratio}")


def _share(whole: list[float], part: list[float]) -> float:
    """Return the median of how much more the whole takes than the part, run by run."""
    return statistics.median(one / other - 1 for one, other in zip(whole, part, strict=True))


BENCHMARKS = {"pipeline": pipeline}

if __name__ == "__main__":
    if len(sys.argv) < 2 or sys.argv[1] not in BENCHMARKS:
        sys.exit(f"usage: benchmark.py {'|'.join(BENCHMARKS)} key=value ...")
    BENCHMARKS[sys.argv[1]](dict(argument.split("=", 1) for argument in sys.argv[2:]))
