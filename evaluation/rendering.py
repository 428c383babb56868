"""How fast plays become footage: whole runs of `rulesight simulate`, from its start to its end."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av

from records.errors import InputError
from records.names import unknown
from simulation.clips import CAMERAS_OF
from simulation.plays.registry import cases

CORES = 2


@dataclass(frozen=True)
class Rate:
    """What one run took.

    Attributes:
        camera: sport and camera, such as ``soccer-high``.
        frames: pictures written.
        seconds: by the clock, of the whole command.
        busy: of all processors together.
    """

    camera: str
    frames: int
    seconds: float
    busy: float

    @property
    def frames_per_s(self) -> float:
        """Pictures a second, with everything that the command does."""
        return self.frames / self.seconds


def rates(plays: int, only: Sequence[str] = ()) -> Iterator[Rate]:
    """Run the command for each sport and camera, on two cores; this process keeps to them too.

    Args:
        plays: in each run.
        only: sports and cameras, such as ``soccer-high``; none: all.

    Raises:
        InputError: there is no such camera, or a run fails.
    """
    known = [f"{domain}-{camera}" for domain, cameras in CAMERAS_OF.items() for camera in cameras]
    for name in only:
        if name not in known:
            raise unknown("camera", name, known)
    if hasattr(os, "sched_setaffinity"):  # elsewhere the machine has to have two
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    for name in only or known:
        yield _measured(name, plays)


def _measured(name: str, plays: int) -> Rate:
    domain, camera = name.split("-")
    with tempfile.TemporaryDirectory() as folder:
        asked = [
            f"domain={domain}",
            f"camera={camera}",
            f"case={min(cases(domain))}",
            f"plays={plays}",
            f"out={folder}",
        ]
        start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, "-m", "rulesight", "simulate", *asked],
            capture_output=True,
            text=True,
            check=False,
        )
        seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        if done.returncode:
            raise InputError(f"rendering failed: {done.stderr.strip()}", name)
        busy = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        return Rate(name, sum(_frames(clip) for clip in Path(folder).glob("*/clip.mp4")), seconds, busy)


def _frames(clip: Path) -> int:
    with av.open(str(clip)) as container:
        return container.streams.video[0].frames
