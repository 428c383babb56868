"""Changing a constant of an edition, or which edge of a line counts, has to make some scenario fail.

Numbers are scaled both ways (counts: one more and one less), choices become each of their other readings; painted
lines swap their edges, and zones grow and shrink by the width of the paint, at both ends of the field at once. A mutant
that every scenario still passes survives: either no scenario is about that constant, or no rule reads it.
``<domain>/excused.yaml`` (constant or target: reason) names those of which no verdict can depend; ``<edition>
<constant>`` where that is so under one edition only.

    python tests/scenarios/mutations.py hockey [nhl-2025] [NAME]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from script import HERE, build, load, scripts, wanted

from ontologies import checks, registry
from ontologies.base import FACTORS, Constant
from ontologies.field import Field
from records.calls import Calls
from records.errors import InputError
from rules import engine
from tracking import zones

FACTOR = 1.25
SMALL_FACTOR = 2.0  # of what is smaller than SMALL in metres or seconds: a quarter more could not be measured
SMALL = 0.5
PAINT_M = {"hockey": 0.3, "football": 1.83, "soccer": 0.12, "basketball": 0.05}  # of the lines around zones
COORDINATES = {"yard_50"}  # lines that only serve as the origin of a coordinate along the field
ENDS = (("left", "right"), ("right", "left"))


@dataclass(frozen=True)
class Mutant:
    """One change: of which constant or target, and what becomes of it; ``shapes`` replace targets of the field."""

    name: str
    text: str
    constant: Constant | None = None
    shapes: Mapping[str, Any] | None = None


@dataclass
class Baseline:
    """What the scenarios of an edition read when nothing is changed."""

    edition: str
    cases: list[tuple[dict[str, Any], Any, Field]]
    reads: list[set[str]]

    @property
    def used(self) -> set[str]:
        """Names of the constants and ``field:`` targets that any scenario reads."""
        return set().union(*self.reads)


class _Recorder(dict):  # type: ignore[type-arg]
    """A mapping that notes which keys are read."""

    def __init__(self, content: Any, seen: set[str], prefix: str = "") -> None:
        super().__init__(content)
        self.seen, self.prefix = seen, prefix

    def __getitem__(self, key: str) -> Any:
        self.seen.add(self.prefix + key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self.seen.add(self.prefix + key)
        return super().get(key, default)


@contextmanager
def with_constants(domain: str, edition: str, constants: Any) -> Iterator[None]:
    """Let an edition have other constants."""
    editions = registry.ontology(domain).editions
    changed = replace(editions[edition], constants=constants)
    with patch.dict(editions, {edition: changed}):  # type: ignore[arg-type]
        yield


def baseline(domain: str, edition: str) -> Baseline:
    """Judge the scenarios of an edition as they are, and note what each reads.

    Raises:
        AssertionError: when one of them fails already.
    """
    constants = registry.ontology(domain).editions[edition].constants
    cases, reads = [], []
    for path in scripts():
        script = load(path)
        if script["domain"] != domain or edition not in script["editions"]:
            continue
        scene = build(script, edition)
        playing_field = checks.field_of(scene)
        seen: set[str] = set()
        recorded = replace(playing_field)
        object.__setattr__(recorded, "_targets", _Recorder(playing_field.targets, seen, "field:"))
        with with_constants(domain, edition, _Recorder(constants, seen)):
            found = engine.judge(scene, recorded, zones.assign(scene, recorded))
        assert not disagrees(script, edition, found), f"{path} fails as it is"
        cases.append((script, scene, playing_field))
        reads.append(seen)
    return Baseline(edition, cases, reads)


def disagrees(script: dict[str, Any], edition: str, found: Calls) -> bool:
    """Whether the calls are not those that a scenario expects."""
    return any(
        [call.verdict for call in found.calls if call.rule == rule] != wanted(script, rule, edition)
        for rule in script["expect"]
    )


def mutants(domain: str, edition: str, used: set[str]) -> Iterator[Mutant]:
    """Yield every change of an edition: its constants, and the lines and zones that its scenarios are measured to."""
    editions = registry.ontology(domain).editions
    for name, constant in sorted(editions[edition].constants.items()):
        if isinstance(constant.value, str):
            for other in sorted({*constant.readings} - {constant.value}):
                yield Mutant(name, f"'{other}'", replace(constant, value=other))
        else:
            for value in _scaled(constant):
                yield Mutant(name, f"{value:g} {constant.unit}", replace(constant, value=value))
    playing_field = registry.field(domain, None, edition)
    targets = {name.removeprefix("field:") for name in used if name.startswith("field:")} - COORDINATES
    for target in sorted(name for name in targets if _twin(name) not in targets or name < _twin(name)):
        for text, shapes in _edges(playing_field, target).items():
            yield Mutant(target, text, shapes=shapes)


def _scaled(constant: Constant) -> list[float]:
    value = float(constant.value)
    if constant.unit == "count":
        return [value + 1, value - 1]
    factor = FACTOR if abs(constant.si) >= SMALL else SMALL_FACTOR
    return [value * factor, value / factor] if value else [0.5 / FACTORS[constant.unit]]


def _twin(name: str) -> str:
    """Return the name of the same target at the other end of the field."""
    return next((name.replace(f"_{a}", f"_{b}") for a, b in ENDS if f"_{a}" in name), name)


def _edges(playing_field: Field, target: str) -> dict[str, dict[str, Any]]:
    """Return the changes of a target and of its twin: what is said of each, and the shapes by name of target."""
    found: dict[str, dict[str, Any]] = {}
    for name in sorted({target, _twin(target)}):
        for text, shape in _edges_of(playing_field, name):
            found.setdefault(text, {})[name] = shape
    return found


def _edges_of(playing_field: Field, target: str) -> Iterator[tuple[str, Any]]:
    for line in playing_field.lines.values():
        if target in line.edges or target == line.name:
            for other in sorted(set(line.edges) - {target}):
                place = "middle" if target == line.name else "edge"
                yield f"the {other.rpartition('_')[2]} edge, not the {place}", line.edges[other]
            return
    if target in playing_field.zones:
        paint = PAINT_M[playing_field.domain]
        for sign, word in ((1.0, "wider"), (-1.0, "narrower")):
            yield f"{paint:g} m {word}", _Resized(playing_field.zones[target].shape, sign * paint)


@dataclass(frozen=True)
class _Resized:
    """A shape with its boundary moved outwards."""

    shape: Any
    by: float

    def distance(self, x: Any, y: Any) -> Any:
        return self.shape.distance(x, y) + self.by

    def gradient(self, x: Any, y: Any) -> Any:
        return self.shape.gradient(x, y)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.shape, name)


def survives(domain: str, base: Baseline, mutant: Mutant) -> bool:
    """Whether every scenario passes although something is changed."""
    keys = {f"field:{name}" for name in mutant.shapes} if mutant.shapes else {mutant.name}
    for (script, scene, playing_field), read in zip(base.cases, base.reads, strict=True):
        if keys & read and _noticed(domain, base.edition, mutant, (script, scene, playing_field)):
            return False
    return True


def _noticed(domain: str, edition: str, mutant: Mutant, case: tuple[dict[str, Any], Any, Field]) -> bool:
    script, scene, playing_field = case
    with ExitStack() as stack:
        if mutant.constant is not None:
            constants = registry.ontology(domain).editions[edition].constants
            stack.enter_context(with_constants(domain, edition, {**constants, mutant.name: mutant.constant}))
        if mutant.shapes is not None:
            changed = replace(playing_field)
            object.__setattr__(changed, "_targets", {**playing_field.targets, **mutant.shapes})
            playing_field = changed
        try:
            found = engine.judge(scene, playing_field, zones.assign(scene, playing_field))
        except (InputError, ValueError, KeyError, IndexError):
            return True
    return disagrees(script, edition, found)


def excused(domain: str) -> dict[str, str]:
    """Return the constants and targets on which no verdict can depend, each with the reason."""
    path = HERE / domain / "excused.yaml"
    content: dict[str, str] = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    return content


def run(domain: str, edition: str, only: str | None = None) -> tuple[int, list[str]]:
    """Try every mutant of an edition.

    Returns:
        How many there are, and the survivors that have no excuse, in words.
    """
    base = baseline(domain, edition)
    tried, survivors, reasons = 0, [], excused(domain)
    for mutant in mutants(domain, edition, base.used):
        if only is not None and only not in (mutant.name, _twin(mutant.name)):
            continue
        tried += 1
        known = mutant.name in reasons or f"{edition} {mutant.name}" in reasons
        if not known and survives(domain, base, mutant):
            unread = "" if mutant.shapes or mutant.name in base.used else " (no scenario reads it)"
            survivors.append(f"{edition} {mutant.name} -> {mutant.text}{unread}")
    return tried, survivors


if __name__ == "__main__":
    chosen = sys.argv[1]
    for one in sys.argv[2:3] or sorted(registry.ontology(chosen).editions):
        count, left = run(chosen, one, sys.argv[3] if len(sys.argv) > 3 else None)
        print(f"{one}: {count} mutants, {len(left)} survive")
        for line in left:
            print(f"  {line}")
