"""Every operator on long signals, beside the time that the memory alone would take for what it reads and writes."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from evaluation.speed.specs import signals
from rules import counting, kleene, operators, spans, timers
from rules.formulas import Evidence, at_least, both, either, measured, stated
from rules.propositions import Instant

ENTITIES = 12
LONG_RUN = 600  # samples; zones and possession last for seconds


def table(samples: int, rounds: int, tell: Callable[[str], Any] = print) -> None:
    """Print one row per operator: median processor time, bytes that it has to move, and how far from memcpy that is."""
    bandwidth = memcpy_bandwidth()
    tell(f"memcpy: {bandwidth / 1e9:.1f} GB/s read and written")
    tell(f"{'operator':34} {'ms':>8} {'MB':>7} {'times memcpy':>12}")
    for name, (megabytes, run) in _cases(samples).items():
        seconds = _median(run, rounds)
        tell(f"{name:34} {seconds * 1e3:8.2f} {megabytes:7.1f} {seconds / (megabytes * 1e6 / bandwidth):12.1f}")


def memcpy_bandwidth(size: int = 1 << 28) -> float:
    """Return bytes read and written per second by copying memory."""
    source, target = np.ones(size, np.uint8), np.ones(size, np.uint8)
    return 2 * size / _median(lambda: np.copyto(target, source), 7)


def _median(run: Callable[[], Any], rounds: int) -> float:
    """Return seconds of the processor, which other work on the machine does not lengthen by waiting."""
    took = []
    for _ in range(rounds):
        begun = time.process_time()
        run()
        took.append(time.process_time() - begun)
    return statistics.median(took)


def _cases(n: int) -> dict[str, tuple[float, Callable[[], Any]]]:
    """Return per operator the megabytes of its inputs and outputs, and a call of it on n samples."""
    rng = np.random.default_rng(0)
    axis = np.arange(n) / 60.0
    planes = [signals(n, True, seed)[0] for seed in range(ENTITIES)]
    p, q, r = (stated(name, plane) for name, plane in zip("pqr", planes, strict=False))
    people = [stated(f"h{number}", plane) for number, plane in enumerate(planes)]
    margin, sigma = rng.normal(0, 1, n).cumsum() / 30, np.full(n, 0.2)
    evidence = Evidence(margin, sigma, np.zeros(n), sigma, np.zeros((0, n)))
    atom = measured("m", evidence)
    unseen = np.zeros(n)
    mb = n / 1e6
    plane, many = 2 * mb, 2 * mb * ENTITIES
    values = rng.normal(0, 20, (ENTITIES, n // ENTITIES))
    width = np.full_like(values, 0.5)
    table_ = {"out": [(p.plane, "in")], "in": [(q.plane, "out")]}
    going = kleene.known(np.arange(n) // LONG_RUN % 2 == 0)
    return {
        "atom (margin, sigma)": (24 * mb + plane, lambda: measured("m", evidence)),
        "not": (2 * plane, lambda: ~p),
        "and": (3 * plane, lambda: both(p, q)),
        "or": (3 * plane, lambda: either(p, q)),
        f"count of {ENTITIES}, closed roster": (many + plane, lambda: at_least(2, people, n, "two")),
        f"count of {ENTITIES}, open roster": (
            many + plane + 8 * mb,
            lambda: counting.Tally(tuple(people), unseen, "unseen").at_least(2, "two"),
        ),
        f"past the second of {ENTITIES}": (
            many + plane + 8 * mb,
            lambda: counting.past_kth(2, people, unseen, "past", "unseen"),
        ),
        f"second greatest of {ENTITIES} (n / {ENTITIES} each)": (
            16 * mb + 32 * mb / ENTITIES,
            lambda: counting.kth_greatest(values, width, 2),
        ),
        "since": (3 * plane, lambda: operators.since(p, q, axis)),
        "since [0, 50]": (3 * plane + 8 * mb, lambda: operators.since(p, q, axis, 0.0, 50 / 60)),
        "since [10, 50]": (3 * plane + 8 * mb, lambda: operators.since(p, q, axis, 10 / 60, 50 / 60)),
        "once [0, 50]": (2 * plane + 8 * mb, lambda: operators.once(p, axis, 0.0, 50 / 60)),
        "historically [0, 50]": (2 * plane + 8 * mb, lambda: operators.historically(p, axis, 0.0, 50 / 60)),
        "eventually [0, 50]": (2 * plane + 8 * mb, lambda: operators.eventually(p, axis, 0.0, 50 / 60)),
        "held for 50": (2 * plane + 8 * mb, lambda: operators.held(p, axis, 50 / 60)),
        "rise": (plane, lambda: operators.rise(p.plane, axis)),
        "rise, instants interpolated": (plane + 24 * mb, lambda: operators.rise(atom.plane, axis, evidence)),
        "fall": (plane, lambda: operators.fall(p.plane, axis)),
        "stretches": (plane, lambda: spans.stretches(p.plane, axis, "p")),
        "machine of two states": (3 * plane, lambda: operators.machine(("out", "in"), ("out",), table_, n)),
        "freeze of one": (4 * plane, lambda: operators.freeze(p, {"h1": q}, r)),
        "timer (run, pause, reset)": (
            3 * plane + 24 * mb,
            lambda: timers.timer(going, p.plane, q.plane, axis),
        ),
        "at 1,000 instants": (1000 * 100 / 1e6, lambda: _read_often(atom, axis)),
    }


def _read_often(atom: Any, axis: Any) -> None:
    for position in np.linspace(10, len(axis) - 10, 1000).astype(int).tolist():
        t = float(axis[position])
        operators.at(Instant(t, t - 0.05, t + 0.05), atom, axis)
