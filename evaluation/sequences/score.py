"""What an evaluation on real tracking data comes to: figures with their goals, and what limits them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from records.calls import Call
from records.names import unknown
from records.scene import Scene

DOMAINS = ("hockey", "football", "soccer", "basketball")


@dataclass(frozen=True)
class Figure:
    """One measured figure.

    Attributes:
        name: what it is, with its unit.
        value: measured.
        goal: in words, e.g. ``at least 0.75``; empty when it is only reported.
        met: whether the goal was met; None without one.
        of: how many cases it is over.
    """

    name: str
    value: float
    goal: str = ""
    met: bool | None = None
    of: int | None = None

    def __str__(self) -> str:
        size = "" if self.of is None else f" of {self.of}"
        verdict = "" if self.met is None else ("  met" if self.met else "  MISSED")
        return f"{self.name:<68} {self.value:8.3f}{size:<9} {self.goal}{verdict}"


def at_least(name: str, value: float, goal: float, of: int | None = None) -> Figure:
    """Return a figure that should not be smaller than its goal."""
    return Figure(name, value, f"at least {goal:g}", value >= goal, of)


def under(name: str, value: float, goal: float, of: int | None = None) -> Figure:
    """Return a figure that should be smaller than its goal."""
    return Figure(name, value, f"under {goal:g}", value < goal, of)


@dataclass(frozen=True, eq=False)
class Alarm:
    """A call that is worth a look, with the scene it was made on."""

    scene: Scene
    call: Call


@dataclass(frozen=True, eq=False)
class Score:
    """All figures of one domain, in words what limits them, and calls that are worth a look."""

    domain: str
    figures: tuple[Figure, ...]
    notes: tuple[str, ...] = ()
    alarms: tuple[Alarm, ...] = ()


def evaluate(domain: str, data: Path, out: Path | None = None) -> Score:
    """Judge the real sequences of a domain and score the calls.

    Args:
        domain: one of ``DOMAINS``.
        data: the folder with ``sequences/<domain>``.
        out: where the scenes, calls and pictures of alarms go; nothing is kept when None.

    Raises:
        InputError: on an unknown domain, or when the data is not there.
    """
    if domain not in DOMAINS:
        raise unknown("domain", domain, DOMAINS)
    run: Callable[[Path, Path | None], Score] = import_module(f"evaluation.sequences.{domain}").evaluate
    return run(data, out)
