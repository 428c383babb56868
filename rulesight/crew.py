"""Processes that render plays beside each other; what they need is imported while the plays are drawn."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import forkserver, get_all_start_methods, get_context
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any

from simulation.plays.folders import seeds
from simulation.plays.registry import Case

RENDERS = "rulesight.filming"  # the module that does; imported where it is needed, since that takes a second
MOST_PROCESSES = 8  # that render plays at once: each holds the pictures of a field and of what is around it


class Crew:
    """Renders plays, as many at once as there are cores.

    Args:
        plays: how many there will be.
    """

    def __init__(self, plays: int) -> None:
        self._processes = min(plays, _cores(), MOST_PROCESSES)
        self._context = _context() if self._processes > 1 else None

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
        if self._context is None:
            yield from map(_render, jobs)
            return
        with ProcessPoolExecutor(self._processes, self._context, _begin) as pool:
            yield from pool.map(_render, jobs)


def _context() -> BaseContext:
    """Return how processes are started: forked from one that has imported everything, where the system can.

    That one begins to import now, beside what this process does.
    """
    if "forkserver" not in get_all_start_methods():
        return get_context("spawn")
    context = get_context("forkserver")
    context.set_forkserver_preload([RENDERS])
    forkserver.ensure_running()
    return context


def _begin() -> None:
    """Let a process that renders beside others keep to one core where it can."""
    import cv2

    cv2.setNumThreads(1)


def _render(job: tuple[str, str, str, int, Path, dict[str, Any]]) -> Path:
    from rulesight.filming import render_play

    return render_play(*job)


def _cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
