"""Processes that render plays beside each other; what they need is imported while the plays are drawn."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from simulation.plays.folders import seeds
from simulation.plays.registry import Case

MOST_PROCESSES = 8  # that render plays at once: each holds the pictures of a field and of what is around it


class Crew:
    """Renders plays, as many at once as there are cores.

    Args:
        plays: how many there will be.
    """

    def __init__(self, plays: int) -> None:
        processes = min(plays, _cores(), MOST_PROCESSES)
        self._pool = _pool(processes) if processes > 1 else None

    def render(
        self, found: Sequence[Case], count: int, first: tuple[int, str | None], out: Path, config: Mapping[str, Any]
    ) -> Iterator[Path]:
        """Render so many plays of each case into ``<out>/<play>``: ``clip.mp4``, and ``truth/`` with all that is known.

        Args:
            found: the cases.
            count: plays of each.
            first: seed of the first play, the next ones follow; and the edition, None: those of the case in turn.
            out: folder of the plays.
            config: ``camera``, one that the sport has; ``quality``, constant rate factor of the video, lower is better;
                ``weather``, ``light``, ``interlaced`` and ``close_up``.

        Yields:
            The clips, in the order of the plays.

        Raises:
            InputError: the sport has no such camera or weather, or the folder cannot be written.
        """
        seed, edition = first
        jobs = [
            (case.board.DOMAIN, case.name, name, number, out, dict(config))
            for case in found
            for name, number in seeds(case, count, seed, edition)
        ]
        if self._pool is None:
            yield from map(_render, jobs)
            return
        with self._pool:
            yield from self._pool.map(_render, jobs)


def _pool(processes: int) -> ProcessPoolExecutor:
    """Return processes that begin now, beside what this one does, to import what they need."""
    pool = ProcessPoolExecutor(processes, get_context("spawn"), _begin)
    for _ in range(processes):
        pool.submit(_cores)  # a process is started when there is something to do
    return pool


def _begin() -> None:
    """Get a process ready that renders beside others, each with a core of its own where it can."""
    import cv2

    import rulesight.filming  # noqa: F401

    cv2.setNumThreads(1)


def _render(job: tuple[str, str, str, int, Path, dict[str, Any]]) -> Path:
    from rulesight.filming import render_play

    return render_play(*job)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
