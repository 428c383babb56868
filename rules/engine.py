"""Judging a scene: every rule of its domain, one call per opportunity, and what each rule could see."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise

import numpy as np

from ontologies.field import Field
from records.calls import Call, Calls, Coverage
from records.clock import Span
from records.errors import InputError
from records.ids import numbered
from records.scene import Scene
from rules.context import Context, Gap
from rules.distances import Distances
from rules.registry import PACKAGES, Rule, lacks, rules_of
from rules.verdicts import Opportunity, call

NOT_LIVE = {"stopped": "play is stopped", "replay": "a replay, not live play", "other": "not live play"}


def judge(scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> Calls:
    """Judge a scene by the rulebook of its edition.

    Args:
        scene: checked.
        field: its geometry.
        distances: of zone assignment.
        k: how many sigma make an atom certain.

    Raises:
        InputError: when k is no number above 0.
    """
    play = prepare(scene, field, distances, k)
    calls = [one for one, _ in judged(scene, play)]
    coverage = [one for name, rule in rules_of(scene.domain).items() for one in _coverage(name, rule, scene, play)]
    return Calls(scene.id, scene.domain, scene.edition, _engine(), tuple(calls), tuple(coverage))


def prepare(scene: Scene, field: Field, distances: Distances, k: float = 2.0) -> Context | None:
    """Return the play of a scene, or None where there is nothing to judge; the arguments are those of ``judge``."""
    if not isinstance(k, int | float) or not 0 < k < np.inf:
        raise InputError(f"how many sigma make an atom certain is a number above 0, not {k!r}", where="k")
    if scene.domain not in PACKAGES or not len(distances.times):
        return None
    play: Context = import_module(PACKAGES[scene.domain]).Play(scene, field, distances, k)
    return play


def judged(scene: Scene, play: Context | None) -> list[tuple[Call, Opportunity]]:
    """Return every call of a scene with the opportunity that it is on, rule by rule; ids are told apart."""
    found: list[tuple[Call, Opportunity]] = []
    for name, rule in rules_of(scene.domain).items():
        if rule is not None and play is not None and lacks(name, scene.edition) is None:
            clause = rule.clause[scene.edition]
            found += [(call(rule.id, clause, one), one) for one in rule.judge(play)]
    names = numbered(one.id for one, _ in found)
    return [(replace(one, id=name), opportunity) for (one, opportunity), name in zip(found, names, strict=True)]


def _engine() -> str:
    try:
        return version("rulesight")
    except PackageNotFoundError:
        return "0.1.0"


def _coverage(name: str, rule: Rule | None, scene: Scene, play: Context | None) -> Iterator[Coverage]:
    """Yield what a rule could do over the span of the scene."""
    if play is None:
        span = scene.span or Span(0.0, 0.0)
        yield Coverage(name, span, "blind", "the scene has no tracks")
        return
    missing = lacks(name, scene.edition)
    if missing is not None:
        yield Coverage(name, play.span, "not_applicable", missing)
    elif rule is None:
        yield Coverage(name, play.span, "blind", f"this version has no rule file for {name}")
    else:
        yield from _spans(name, play.gaps(name), play, scene)


def _spans(name: str, gaps: list[Gap], play: Context, scene: Scene) -> Iterator[Coverage]:
    """Cut the span of the scene at the ends of live play and of what the rule could not see."""
    cuts = {play.span.start, play.span.stop}
    for span in [segment.span for segment in scene.segments] + [gap.span for gap in gaps]:
        cuts |= {cut for cut in (span.start, span.stop) if play.span.holds(cut)}
    edges = sorted(cuts)
    if len(edges) == 1:
        edges = edges * 2
    pieces: list[Coverage] = []
    pairs = list(pairwise(edges))
    first = _first_gaps([(start + stop) / 2 for start, stop in pairs], gaps)
    live = scene.is_live(np.array([(start + stop) / 2 for start, stop in pairs]))
    for (start, stop), gap, on in zip(pairs, first, live.tolist(), strict=True):
        status, why = _status((start + stop) / 2, gap, on, scene)
        if pieces and (pieces[-1].status, pieces[-1].why) == (status, why):
            start = pieces.pop().span.start
        pieces.append(Coverage(name, Span(start, stop), status, why))
    yield from pieces


def _first_gaps(times: list[float], gaps: list[Gap]) -> list[Gap | None]:
    """Return for each instant, in order of time, the first gap in the list that holds it."""
    found: list[Gap | None] = [None] * len(times)
    for gap in reversed(gaps):
        held = slice(bisect_left(times, gap.span.start), bisect_right(times, gap.span.stop))
        found[held] = [gap] * len(times[held])
    return found


def _status(t: float, gap: Gap | None, live: bool, scene: Scene) -> tuple[str, str | None]:
    if not live:
        kind = next((one.kind for one in scene.segments if one.span.holds(t)), "other")
        return "not_applicable", NOT_LIVE.get(kind, NOT_LIVE["other"])
    return ("judged", None) if gap is None else (gap.status, gap.why)
