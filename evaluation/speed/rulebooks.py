"""Whole rulebooks on made-up matches: time and peak memory, each run in a process of its own on one core."""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MATCHES: dict[str, tuple[str, float, float]] = {
    "hockey, 3 hours, 60 fps": ("HOCKEY", 10800.0, 60.0),
    "hockey, 6 hours, 60 fps": ("HOCKEY", 21600.0, 60.0),
    "soccer, 90 minutes, 25 fps": ("SOCCER", 5400.0, 25.0),
}
LISTED = {"complete": dict.fromkeys(("whistle", "faceoff", "goal", "possession", "loose"), "all")}
KEYS: dict[str, dict[str, Any]] = {"HOCKEY": LISTED, "SOCCER": {"complete": "all"}}
SHORT_S, SHORT_FPS, SHORT_SCENES = 10.0, 60.0, 200


def make(folder: Path, sport: str, seconds: float, fps: float, seed: int = 0) -> None:
    """Write a made-up match to a scene folder."""
    from records.scene import write_scene
    from simulation import matches

    write_scene(matches.match(getattr(matches, sport), seconds, fps, seed=seed, **KEYS[sport]), folder)


def judge(folder: Path) -> dict[str, Any]:
    """Read and judge a scene in this process; return seconds, the peak of resident memory in MB, and calls."""
    from pipeline.judging import judge as judge_scene
    from records.scene import read_scene

    begun = time.perf_counter()
    scene = read_scene(folder)
    read = time.perf_counter()
    made = judge_scene(scene)
    done = time.perf_counter()
    unit = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes here
    return {
        "read_s": read - begun,
        "judge_s": done - read,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit,
        "rows": scene.tracks.num_rows,
        "calls": len(made.calls),
    }


def in_a_process(task: str, *arguments: str) -> dict[str, Any]:
    """Run ``make`` or ``judge`` in a process of its own, held to one core where the system can do that."""
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_IO_THREADS": "1"}
    command = [sys.executable, "-m", "evaluation.speed.rulebooks", task, *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-1000:])
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(scratch: Path, rounds: int, tell: Callable[[str], Any] = print) -> None:
    """Print time and memory on whole matches, the length doubled, many short scenes, and one."""
    tell(f"{'scene':28} {'rows':>11} {'calls':>6} {'read s':>7} {'judge s':>8} {'peak MB':>8}")
    took = {}
    for name, (sport, seconds, fps) in MATCHES.items():
        folder = scratch / name.replace(" ", "-")
        in_a_process("make", str(folder), sport, str(seconds), str(fps))
        runs = [in_a_process("judge", str(folder)) for _ in range(rounds)]
        one = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        took[name] = one["judge_s"]
        tell(
            f"{name:28} {one['rows']:11,.0f} {one['calls']:6.0f} {one['read_s']:7.2f} {one['judge_s']:8.2f}"
            f" {one['peak_mb']:8.0f}"
        )
    first, second = list(took.values())[:2]
    tell(f"twice the length costs {second / first:.2f} times")
    short = scratch / "short"
    for number in range(SHORT_SCENES):
        make(short / f"scene-{number:03d}", "HOCKEY", SHORT_S, SHORT_FPS, seed=number)
    many = [_command(f"scenes={short}", f"out={scratch / 'many'}") for _ in range(rounds)]
    single = [_command(f"scene={short / 'scene-000'}", f"out={scratch / 'one'}") for _ in range(2 * rounds - 1)]
    tell(f"rulesight judge scenes= with {SHORT_SCENES} scenes of {SHORT_S:g} s: {statistics.median(many):.2f} s")
    tell(f"rulesight judge of one of them, process start included: {statistics.median(single):.2f} s")


def _command(*arguments: str) -> float:
    """Return the wall-clock seconds of ``rulesight judge``."""
    begun = time.perf_counter()
    program = "from rulesight.cli import run; run()"
    subprocess.run([sys.executable, "-c", program, "judge", *arguments], capture_output=True, check=True)
    return time.perf_counter() - begun


def _main(task: str, folder: str, *more: str) -> None:
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    if task == "make":
        sport, seconds, fps = more
        make(Path(folder), sport, float(seconds), float(fps))
        print(json.dumps({}))
    else:
        print(json.dumps(judge(Path(folder))))


if __name__ == "__main__":
    _main(*sys.argv[1:])
