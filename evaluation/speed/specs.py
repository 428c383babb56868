"""Two specifications of the literature, on our engine and on other monitors, with equal outputs or an error.

A: always(p -> eventually[0:50] q). B: p since[0:50] q. One sample a second. Signals are runs of 40 samples on
average, as long as those of signals in play at 25 frames a second are at least. Samples without a value are
unknown to our engine; the others cannot say so and are run on both extreme completions, which together are the
exact answer, since A and B are monotone.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rules.formulas import Formula, either, stated
from rules.kleene import Plane
from rules.operators import eventually, since

Bools = NDArray[np.bool_]

WINDOW = 50
MEAN_RUN = 40
UNKNOWN_SHARE = 0.05
INNER = (
    1000  # samples on which A is compared without its outer always; reelay's runs differ from all others on long ones
)
TOOLS = ("rtamt", "reelay", "reelay, runs")
SLOW = {("rtamt", "B"): 100_000}  # run once from this many samples on: at a million it takes minutes


@dataclass(frozen=True)
class Timing:
    """Median seconds on one input.

    Attributes:
        spec: ``A`` or ``B``.
        samples: length of the signals.
        unknowns: whether some samples are unknown.
        ours: of our engine.
        others: per tool; with unknowns, of both completions together.
    """

    spec: str
    samples: int
    unknowns: bool
    ours: float
    others: dict[str, float]


class Anchors:
    """The other monitors, in a process of their own.

    Args:
        python: interpreter of their environment.
        scratch: an empty folder.
    """

    def __init__(self, python: str, scratch: Path) -> None:
        program = Path(__file__).with_name("anchors.py")
        self._process = subprocess.Popen(
            [python, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=scratch
        )
        self._scratch = scratch

    def run(self, tool: str, spec: str, p: Bools, q: Bools) -> tuple[Bools, float]:
        """Return a tool's verdict at each sample, and the seconds that monitoring took.

        Raises:
            RuntimeError: when the tool fails.
        """
        files = {name: str(self._scratch / name) for name in ("p", "q", "out")}
        for name, signal in (("p", p), ("q", q)):
            Path(files[name]).write_bytes(signal.astype(np.uint8).tobytes())
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("the other monitors have no pipes")
        self._process.stdin.write(json.dumps({"tool": tool, "spec": spec, **files}) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise RuntimeError(f"{tool} failed on {spec}")
        values = np.frombuffer(Path(files["out"]).read_bytes(), np.uint8).astype(np.bool_)
        return values, float(json.loads(answer)["seconds"])

    def close(self) -> None:
        """End the process."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        self._process.wait()


def signals(samples: int, unknowns: bool, seed: int = 0) -> tuple[Plane, Plane]:
    """Return p and q; what lies beyond their ends does not matter to A and B.

    Args:
        samples: length.
        unknowns: whether a share of the samples is unknown.
        seed: of the random numbers.
    """
    rng = np.random.default_rng(seed)
    p, q = _runs(samples, MEAN_RUN, rng), _runs(samples, MEAN_RUN, rng)
    gaps = [_runs(samples, MEAN_RUN, rng, UNKNOWN_SHARE) if unknowns else np.zeros(samples, np.bool_) for _ in "pq"]
    for signal, gap in zip((p, q), gaps, strict=True):
        gap[: WINDOW + 1] = gap[-WINDOW - 1 :] = False
        signal[: WINDOW + 1] = False
    p[-WINDOW - 1 :] = False
    made = [
        (signal & ~gap, signal | gap) if unknowns else (signal, signal)
        for signal, gap in zip((p, q), gaps, strict=True)
    ]
    return Plane(*made[0]), Plane(*made[1])


def _runs(samples: int, mean: int, rng: np.random.Generator, share: float = 0.5) -> Bools:
    """Return a signal whose true and false runs take turns; the true ones make up a share of it."""
    number = 2 * samples // mean + 4
    lengths = rng.integers(1, 2 * mean, (number, 2)) * np.array([(1 - share) * 2, share * 2])
    return np.repeat(np.arange(2 * number) % 2 == 1, np.ceil(lengths.ravel()).astype(int))[:samples]


def formula(spec: str, p: Plane, q: Plane, axis: NDArray[np.float64]) -> Formula:
    """Return the formula of a specification; of A the part under ``always``."""
    first, second = stated("p", p), stated("q", q)
    if spec == "A":
        return either(~first, eventually(second, axis, 0.0, WINDOW))
    return since(first, second, axis, 0.0, WINDOW)


def verdict(spec: str, p: Plane, q: Plane, axis: NDArray[np.float64]) -> Plane:
    """Return our engine's verdict at each sample."""
    plane = formula(spec, p, q, axis).plane
    return Plane(_ever_after(plane.must), _ever_after(plane.may)) if spec == "A" else plane


def _ever_after(signal: Bools) -> Bools:
    """Return where a signal holds from there to its end."""
    result = np.zeros(len(signal), np.bool_)
    result[len(signal) - (len(signal) if signal.all() else int(np.argmin(signal[::-1]))) :] = True
    return result


def compare(anchors: Anchors | None, spec: str, samples: int, unknowns: bool, rounds: int) -> Timing:
    """Run our engine and the others in turns on one input.

    Raises:
        RuntimeError: when their outputs are not equal.
    """
    p, q = signals(samples, unknowns)
    axis = np.arange(samples, dtype=np.float64)
    tools = TOOLS if anchors else ()
    ours: list[float] = []
    others: dict[str, list[float]] = {tool: [] for tool in tools}
    for turn in range(rounds):
        begun = time.perf_counter()
        mine = verdict(spec, p, q, axis)
        ours.append(time.perf_counter() - begun)
        for tool in tools:
            if turn and samples >= SLOW.get((tool, spec), samples + 1):
                continue
            runs = list(_completions(spec, p, q, mine, unknowns))
            seconds = [_checked(anchors, tool, spec, one, other, wanted) for one, other, wanted in runs]
            others[tool].append(sum(seconds))
    return Timing(
        spec,
        samples,
        unknowns,
        statistics.median(ours),
        {tool: statistics.median(took) for tool, took in others.items()},
    )


def _completions(spec: str, p: Plane, q: Plane, mine: Plane, unknowns: bool) -> Iterator[tuple[Bools, Bools, Bools]]:
    """Yield p and q without unknowns and what is to come out: where it must hold, and where it may."""
    falling = spec == "A"  # in p; both rise in q
    yield (p.may if falling else p.must), q.must, mine.must
    if unknowns:
        yield (p.must if falling else p.may), q.may, mine.may


def _checked(anchors: Anchors, tool: str, spec: str, p: Bools, q: Bools, wanted: Bools) -> float:
    """Return the seconds that a tool took.

    Raises:
        RuntimeError: when its output is not ours.
    """
    found, seconds = anchors.run(tool, spec, p, q)
    if spec == "A" and tool != "rtamt":  # it looks back: its verdict at a sample is about the window that ends there
        wanted = np.logical_and.accumulate(_inner(p, q))
        found, wanted = found[WINDOW:], wanted[: len(wanted) - WINDOW]
    elif tool == "reelay, runs":  # in dense time p has to hold when q begins it, too
        wanted = wanted & p
    if not np.array_equal(found, wanted):
        where = int(np.argmax(found != wanted)) if len(found) == len(wanted) else len(found)
        raise RuntimeError(f"{tool} and ours differ on {spec}, {len(p)} samples, at {where}")
    return seconds


def check_inner(anchors: Anchors, samples: int) -> None:
    """Compare p -> eventually[0:50] q sample by sample: under ``always`` most of it does not show.

    Raises:
        RuntimeError: when outputs are not equal.
    """
    for unknowns in (False, True):
        p, q = signals(samples, unknowns, seed=1)
        plane = formula("A", p, q, np.arange(samples, dtype=np.float64)).plane
        for one, other, wanted in _completions("A", p, q, plane, unknowns):
            for tool in TOOLS:
                found, _ = anchors.run(tool, "A inner", one, other)
                late = 0 if tool == "rtamt" else WINDOW
                if not np.array_equal(found[late:], wanted[: samples - late]):
                    raise RuntimeError(f"{tool} and ours differ on p -> eventually q, {samples} samples")


def _inner(p: Bools, q: Bools) -> Bools:
    plane = formula("A", Plane(p, p), Plane(q, q), np.arange(len(p), dtype=np.float64)).plane
    return plane.must


@dataclass(frozen=True)
class Asked:
    """What to compare.

    Attributes:
        sizes: samples.
        rounds: how often each runs, in turns; medians are printed.
        specs: which of ``A`` and ``B``.
        unknowns: whether some samples are unknown, one or both.
    """

    sizes: tuple[int, ...]
    rounds: int
    specs: tuple[str, ...] = ("A", "B")
    unknowns: tuple[bool, ...] = (False, True)


def table(python: str | None, scratch: Path, asked: Asked, tell: Callable[[str], Any] = print) -> None:
    """Print specifications at several lengths: our seconds, and the others' with how many times ours.

    Args:
        python: interpreter of the others' environment; None: ours alone.
        scratch: an empty folder.
        asked: what to compare.
        tell: where to.

    Raises:
        RuntimeError: when outputs are not equal.
    """
    anchors = Anchors(python, scratch) if python else None
    if anchors:
        check_inner(anchors, INNER)
    tell(f"{'spec':4} {'samples':>9} {'unknowns':8} {'ours':>10}" + "".join(f" {tool:>22}" for tool in TOOLS))
    for spec, samples, unknowns in product(asked.specs, asked.sizes, asked.unknowns):
        row = compare(anchors, spec, samples, unknowns, asked.rounds)
        cells = "".join(f" {_cell(row, tool):>22}" for tool in TOOLS)
        told = f"{UNKNOWN_SHARE:.0%}" if unknowns else "none"
        tell(f"{spec:4} {samples:9,d} {told:8} {row.ours * 1e3:7.2f} ms{cells}")
    if anchors:
        anchors.close()


def _cell(row: Timing, tool: str) -> str:
    if tool not in row.others:
        return "not run"
    seconds = row.others[tool]
    return f"{seconds:.3f} s ({seconds / row.ours:,.0f} x)"
