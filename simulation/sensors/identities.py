"""Who is who: confusions after a close pass, what is not known of somebody, tracks of nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np

from records.scene import TEAMS
from simulation.sensors.draws import Floats, Streams, arrivals
from simulation.sensors.settings import Confusions, FalseTracks, Unknowns
from simulation.sensors.taking import Columns, Taking

STROLL_M_S = 1.0  # 1-sigma of a component of the velocity of a track of nobody
FALSE_KINDS = ("staff", "unknown")
TRAITS = ("kind", "team", "role", "number")


@dataclass(frozen=True)
class _Pass:
    """Two people as near as they come."""

    t: float
    one: str
    other: str


@dataclass
class _Labels:
    """What track follows whom from when on, and what is said of each track."""

    traits: dict[str, dict[str, Any]]
    follows: dict[str, list[tuple[float, str]]]
    made: dict[str, int] = field(default_factory=dict)

    def of(self, person: str, t: float) -> str:
        """Return the track of a person at an instant."""
        return [label for start, label in self.follows.get(person, [(-np.inf, person)]) if start <= t][-1]

    def fresh(self, person: str, t: float, known: dict[str, Any]) -> None:
        """Begin a new track of a person."""
        self.made[person] = self.made.get(person, 0) + 1
        label = f"{person}~{self.made[person]}"
        self.traits[label] = known
        self.follows[person].append((t, label))


def confuse(taking: Taking, knobs: Confusions, streams: Streams) -> Taking:
    """Lose count of who is who where two people pass close to each other."""
    if not knobs.chance:
        return taking
    labels = _Labels(_traits(taking), {name: [(-np.inf, name)] for name in taking.kinds})
    for one in _passes(taking, knobs.within_m):
        rng = streams.of("confusions", one.one, one.other, f"{one.t:.3f}")
        lost, silent = rng.random() < knobs.chance, rng.random() < knobs.hidden
        if lost:
            _part(labels, one, knobs.kits_tell, silent)
    return _renamed(taking, labels)


def _traits(taking: Taking) -> dict[str, dict[str, Any]]:
    """Return what is said of each track: the first that is known of each trait."""
    own = taking.columns["tracks"]
    found: dict[str, dict[str, Any]] = {}
    for name, *values in zip(own["entity"], *(own[trait] for trait in TRAITS), strict=True):
        traits = found.setdefault(name, dict.fromkeys(TRAITS))
        for trait, value in zip(TRAITS, values, strict=True):
            traits[trait] = value if traits[trait] is None else traits[trait]
    return found


def _passes(taking: Taking, within_m: float) -> list[_Pass]:
    """Return when two people came together from further apart, in order of time."""
    own = taking.columns["tracks"]
    times = np.unique(own["t"])
    people = taking.people
    row = {name: n for n, name in enumerate(people)}
    place = np.full((2, len(people), len(times)), np.nan)
    rows = np.array([name in row for name in own["person"]], np.bool_)
    who = np.array([row[name] for name in own["person"][rows]], np.int64)
    at = np.searchsorted(times, own["t"][rows])
    place[:, who, at] = own["true_x"][rows], own["true_y"][rows]
    found = []
    for one, other in combinations(range(len(people)), 2):
        distance = np.hypot(*(place[:, one] - place[:, other]))
        found += [_Pass(float(times[n]), people[one], people[other]) for n in _nearest(distance, within_m)]
    return sorted(found, key=lambda each: (each.t, each.one, each.other))


def _nearest(distance: Floats, within_m: float) -> list[int]:
    """Return where a distance is least in each stretch below a limit that it came into from above."""
    near = distance < within_m
    edges = np.flatnonzero(np.diff(np.concatenate(([False], near, [False])).astype(np.int8)))
    stretches = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [a + int(np.argmin(distance[a:b])) for a, b in stretches if a > 0 and np.isfinite(distance[a - 1])]


def _part(labels: _Labels, one: _Pass, kits_tell: bool, silent: bool) -> None:
    """End both tracks and begin new ones that say only what is still sure; or exchange them and say nothing.

    Who is of another kind, or wears a kit that tells, is not taken for somebody else.
    """
    names = labels.of(one.one, one.t), labels.of(one.other, one.t)
    first, second = (labels.traits[name] for name in names)
    if first["kind"] != second["kind"] or (kits_tell and first["team"] != second["team"]):
        return
    if silent:
        labels.follows[one.one].append((one.t, names[1]))
        labels.follows[one.other].append((one.t, names[0]))
        return
    shared = {trait: value if second[trait] == value else None for trait, value in first.items()} | {"number": None}
    for person in (one.one, one.other):
        labels.fresh(person, one.t, dict(shared))


def _renamed(taking: Taking, labels: _Labels) -> Taking:
    """Return the tables with the tracks' names, and what is said of them."""
    for name in ("tracks", "parts"):
        if name in taking.columns:
            taking = taking.with_table(name, _relabelled(taking.columns[name], labels))
    if "events" not in taking.columns:
        return taking
    own = _handed_on(taking, labels)
    team_of = {label: traits["team"] for label, traits in labels.traits.items()}
    changed: dict[str, list[Any]] = {"entity": [], "other": [], "team": []}
    for t, entity, other, team in zip(own["t"], own["entity"], own["other"], own["team"], strict=True):
        label = None if entity is None else labels.of(entity, t)
        changed["entity"].append(label)
        changed["other"].append(None if other is None else labels.of(other, t))
        changed["team"].append(team_of[label] if team is not None and label in team_of else team)
    return taking.with_table("events", own | {name: np.array(values, object) for name, values in changed.items()})


def _relabelled(own: Columns, labels: _Labels) -> Columns:
    entity = own["entity"].copy()
    for person, steps in labels.follows.items():
        rows = own["person"] == person
        for start, label in steps:
            entity[rows & (own["t"] >= start)] = label
    changed: Columns = {"entity": entity}
    for trait in TRAITS:
        if trait in own:
            changed[trait] = np.array([labels.traits[label][trait] for label in entity], dtype=object)
    return own | changed


def _handed_on(taking: Taking, labels: _Labels) -> Columns:
    """Return the events with one more where a track ends while what its person does lasts: the next track's."""
    own, kinds = taking.columns["events"], taking.domain.event_kinds
    order = np.argsort(own["t"], kind="stable")
    rows = [{name: values[n] for name, values in own.items()} for n in order]
    result = []
    for n, row in enumerate(rows):
        result.append(row)
        if row["entity"] is None or not kinds[row["kind"]].lasting:
            continue
        stop = row["until"] if np.isfinite(row["until"]) else _relieved(rows[n + 1 :], row)
        for start, _ in labels.follows.get(row["entity"], [])[1:]:
            if row["t"] < start < stop:
                # named by the person still: the label follows with all others
                result[-1] = {**result[-1], "until": start} if np.isfinite(row["until"]) else result[-1]
                result.append({**row, "t": start})
    return {name: np.array([row[name] for row in result], values.dtype) for name, values in own.items()}


def _relieved(later: list[dict[str, Any]], row: dict[str, Any]) -> float:
    """Return when something may have ended what has no end of its own: the next of its kind, or a loose ball."""
    ends = [one["t"] for one in later if one["kind"] in (row["kind"], "loose", "faceoff", "goal", "whistle")]
    return float(ends[0]) if ends else np.inf


def forget(taking: Taking, knobs: Unknowns, streams: Streams) -> Taking:
    """Leave open what is not known of some people."""
    shares = {trait: getattr(knobs, trait) for trait in TRAITS}
    if not any(shares.values()):
        return taking
    own, people = taking.columns["tracks"], taking.people
    for trait, share in shares.items():
        gone = [name for name in people if streams.of("unknown", trait, name).random() < share]
        if not gone:
            continue
        rows = np.isin(own["person"].astype(str), gone)
        open_word: Any = "unknown" if trait == "kind" else None
        own = own | {trait: np.where(rows, open_word, own[trait])}
        if trait == "team" and "events" in taking.columns:
            events = taking.columns["events"]
            who = set(own["entity"][rows].tolist())
            named = np.array([name in who for name in events["entity"]], np.bool_)
            nothing: Any = None
            taking = taking.with_table("events", events | {"team": np.where(named, nothing, events["team"])})
    return taking.with_table("tracks", own)


def haunt(taking: Taking, knobs: FalseTracks, claimed_sigma: float, streams: Streams) -> Taking:
    """Add tracks of nobody."""
    if not knobs.per_minute or not len(taking.times):
        return taking
    own = taking.columns["tracks"]
    where = [(float(own[axis].min()), float(own[axis].max())) for axis in ("true_x", "true_y")]
    blank: Columns = {
        name: np.array([None if values.dtype == object else np.nan if values.dtype.kind == "f" else True], values.dtype)
        for name, values in own.items()
    }
    times, blocks = taking.times, [own]
    for n, start in enumerate(arrivals(streams.of("false tracks"), taking.span, knobs.per_minute)):
        rng = streams.of("false tracks", str(n))
        stop = start + rng.exponential(knobs.length_s)
        known = _nobody(f"nobody~{n}", times[(times >= start) & (times <= stop)], where, knobs.named, rng)
        count = len(known["t"])
        stated = {"sigma": np.full(count, claimed_sigma or np.nan)}
        blocks.append({name: np.repeat(values, count) for name, values in blank.items()} | known | stated)
    joined = {name: np.concatenate([block[name] for block in blocks]) for name in own}
    return taking.with_table("tracks", joined)


def _nobody(
    name: str, times: Floats, where: Sequence[tuple[float, float]], named: float, rng: np.random.Generator
) -> Columns:
    """Return what is known of a track of nobody: it strolls from a place where somebody could be."""
    spot = [rng.uniform(*extent) for extent in where]
    x, y = (place + v * (times - times[:1]) for place, v in zip(spot, rng.normal(0.0, STROLL_M_S, 2), strict=True))
    wears_a_kit = rng.random() < named
    kind = "player" if wears_a_kit else FALSE_KINDS[int(rng.integers(len(FALSE_KINDS)))]
    team = TEAMS[int(rng.integers(2))] if wears_a_kit else None
    words = {"entity": name, "person": name, "kind": kind, "team": team}
    known = {column: np.full(len(times), word, object) for column, word in words.items()}
    return known | {"t": times, "x": x, "y": y, "true_x": x, "true_y": y}
