"""Zone assignment: positions to signed distances with sigma, the stage that hands over to the rules.

A distance carries the position's own error, the error modes that the frame shares, and what a gap leaves
open (paths.py says how).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ontologies.base import Ontology
from ontologies.field import Field
from ontologies.geometry import Shape
from ontologies.registry import ontology
from records import tables
from records.scene import Scene
from tracking.paths import (
    BLOCK,
    LONGEST_GAP_S,
    USUAL_STEPS,
    Limits,
    Motion,
    Series,
    base,
    blocks,
    compact,
    constant,
    joined,
)

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Words = tuple[NDArray[np.int64], list[str]]

ROWS = 1 << 17  # of a long table, looked at together
LEAST_GAP_S = 0.15  # a step shorter than this never is a gap
SURE_GAP_S = 1.5  # a longer one always is
AXIS_STEP_S = 0.1  # the axis is filled in to this step, so that what is open between two samples is seen


@dataclass(frozen=True)
class Entity:
    """Who is tracked; None is unknown."""

    id: str
    kind: str
    team: str | None
    role: str | None
    number: int | None
    parts: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Measure:
    """A signed distance over time, metres: see ``rules.distances.Measure``."""

    value: Floats
    sigma: Floats
    own: Floats
    modes: Floats
    normal: Floats

    deferred = False

    def __len__(self) -> int:
        return len(self.value)

    def at(self, window: slice) -> Measure:
        """Return the distance in a window of positions."""
        return Measure(
            self.value[window], self.sigma[window], self.own[window], self.modes[:, window], self.normal[:, window]
        )

    @staticmethod
    def joined(pieces: Sequence[Measure]) -> Measure:
        """Return measures of stretches of time, one after the other, as one."""
        if len(pieces) == 1:
            return pieces[0]
        columns = zip(*((one.value, one.sigma, one.own, one.modes, one.normal) for one in pieces), strict=True)
        return Measure(*(joined(list(column)) for column in columns))


class LongMeasure:
    """A signed distance over a long time, made where it is asked for.

    Args:
        make: from a window of positions, no longer than a block, to the distance there.
        count: number of time stamps.
    """

    deferred = True

    def __init__(self, make: Callable[[slice], Measure], count: int) -> None:
        self._make = make
        self._count = count

    def __len__(self) -> int:
        return self._count

    def at(self, window: slice) -> Measure:
        """Return the distance in a window of positions."""
        start, stop, _ = window.indices(self._count)
        if stop - start <= BLOCK:
            return self._make(slice(start, stop))
        pieces = blocks(stop - start)
        return Measure.joined([self._make(slice(start + one.start, start + one.stop)) for one in pieces])

    @cached_property
    def _whole(self) -> Measure:
        return self.at(slice(None))

    value = property(lambda self: self._whole.value)
    sigma = property(lambda self: self._whole.sigma)
    own = property(lambda self: self._whole.own)
    modes = property(lambda self: self._whole.modes)
    normal = property(lambda self: self._whole.normal)


@dataclass(frozen=True, eq=False)
class _Modes:
    """Affine error modes: (mode, time) coefficients in the order ax, bx, cx, ay, by, cy."""

    t: Floats
    coefficients: Floats  # (mode, 6, time)

    def at(self, times: Floats) -> Floats:
        """Return the coefficients at ``times``: (6, mode, time)."""
        rows = [[np.interp(times, self.t, line) for line in mode] for mode in self.coefficients]
        return np.array(rows).transpose(1, 0, 2)


@dataclass(eq=False)
class Distances:
    """Signed distances of one scene, computed when they are asked for; kept for the latest time axis only."""

    playing_field: Field
    times: Floats
    entities: tuple[Entity, ...]
    usual_step: float
    series: dict[tuple[str, str | None], Series]
    modes: _Modes | None
    _kept: dict[tuple[str, str | None], tuple[Floats, Motion]] = field(default_factory=dict)

    def motion(self, entity: str, times: Floats, part: str | None = None) -> Motion:
        """Return where an entity, or a part of it, is at ``times`` (seconds, increasing)."""
        key = (entity, part)
        if key not in self._kept or self._kept[key][0] is not times:
            series = self.series[key]
            self._kept[key] = (times, Motion(series, times, series.own_step(self.usual_step)))
        return self._kept[key][1]

    def to(self, entity: str, target: str, times: Floats, part: str | None = None) -> Measure | LongMeasure:
        """Return the signed distance from an entity or a part to a zone, line or edge of the field.

        Raises:
            InputError: when the field has no such target.
        """
        motion = self.motion(entity, times, part)
        shape = self.playing_field.target(target)
        return _measured(lambda window: self._to(motion, shape, times, window), len(times))

    def _to(self, motion: Motion, shape: Shape, times: Floats, block: slice) -> Measure:
        x, y = motion.x[block], motion.y[block]
        value = np.asarray(shape.distance(x, y), np.float64)
        nx, ny = (base(one) for one in shape.gradient(x, y))
        normal = np.array(np.broadcast_arrays(nx, ny), np.float64)
        along, across = self._displacements(motion, times, block)
        modes = normal[0] * along + normal[1] * across
        return _measure(value, _across(normal, base(motion.sx[block]), base(motion.sy[block])), modes, normal)

    def between(self, one: str, other: str, times: Floats) -> Measure | LongMeasure:
        """Return the distance between two entities; the error that they share cancels."""
        a, b = self.motion(one, times), self.motion(other, times)
        return _measured(lambda window: self._between(a, b, times, window), len(times))

    def _between(self, a: Motion, b: Motion, times: Floats, block: slice) -> Measure:
        dx, dy = a.x[block] - b.x[block], a.y[block] - b.y[block]
        value = np.hypot(dx, dy)
        safe = np.maximum(value, 1e-9)
        normal = np.array([dx / safe, dy / safe])
        ax, ay = self._displacements(a, times, block)
        bx, by = self._displacements(b, times, block)
        modes = normal[0] * (ax - bx) + normal[1] * (ay - by)
        sx = np.hypot(a.sx[block], b.sx[block])
        sy = sx if a.sx is a.sy and b.sx is b.sy else np.hypot(a.sy[block], b.sy[block])
        return _measure(value, _across(normal, sx, sy), modes, normal)

    def _displacements(self, motion: Motion, times: Floats, block: slice) -> tuple[Floats, Floats]:
        """Return by how much 1 sigma of each shared mode displaces somebody: two arrays (mode, time), metres."""
        if self.modes is None:
            common = base(motion.common[block])
            nothing = np.zeros_like(common)
            return np.array([common, nothing]), np.array([nothing, common])
        x, y = motion.x[block], motion.y[block]
        ax, bx, cx, ay, by, cy = self.modes.at(times[block])
        return ax + bx * x + cx * y, ay + by * x + cy * y


def _measured(make: Callable[[slice], Measure], count: int) -> Measure | LongMeasure:
    """Return a distance, now or where it is asked for: most long ones are looked at once, block by block."""
    return make(slice(0, count)) if count <= BLOCK else LongMeasure(make, count)


def assign(scene: Scene, playing_field: Field) -> Distances:
    """Prepare the signed distances of everybody in a scene to everything on the field.

    Args:
        scene: checked.
        playing_field: of the scene's edition and preset.
    """
    domain = ontology(scene.domain)
    rows = _Rows(scene.tracks, "entity")
    traits = {name: rows.commonest(name) for name in ("kind", "team", "role", "number")}
    people = {name: _kind_of(traits, place) for place, (name,) in enumerate(rows.keys)}
    series: dict[tuple[str, str | None], Series] = {
        (name, None): rows.series(place, Limits.of(domain, people[name], scene.resolution, part=False))
        for place, (name,) in enumerate(rows.keys)
    }
    parts = _parts(scene, domain, people, rows)
    series |= parts
    names = {name: tuple(sorted(part for one, part in parts if one == name and part)) for name in people}
    entities = tuple(_entity(name, traits, place, names[name]) for place, name in enumerate(people))
    return Distances(playing_field, _axis(_stamps(scene)), entities, _usual_step(series), series, _modes(scene))


def _usual_step(series: dict[tuple[str, str | None], Series]) -> float:
    """Return the longest step of the scene that is no gap, seconds."""
    stamps = [one.t for one in series.values() if len(one.t) > 1]
    steps = np.empty(sum(len(t) - 1 for t in stamps))
    ends = np.cumsum([0, *(len(t) - 1 for t in stamps)]).tolist()
    for t, (start, stop) in zip(stamps, pairwise(ends), strict=True):
        np.subtract(t[1:], t[:-1], out=steps[start:stop])
    usual = USUAL_STEPS * float(np.median(steps, overwrite_input=True)) if stamps else LEAST_GAP_S
    return min(max(usual, LEAST_GAP_S), SURE_GAP_S)


def _stamps(scene: Scene) -> Floats:
    """Return the different time stamps of tracks and parts, in order."""
    if scene.parts is None:
        return scene.times
    t = tables.column(scene.parts, "t")
    observed = _observed(scene.parts)
    return np.union1d(scene.times, t if observed is None else t[observed])


def to_table(distances: Distances, targets: Sequence[str], entities: Iterable[str] | None = None) -> pa.Table:
    """Return the ``zones`` table: distances at each entity's own observations to each target.

    Args:
        distances: of ``assign``.
        targets: names of zones, lines or edges.
        entities: whose; all by default.
    """
    chosen = sorted(entities) if entities is not None else [entity.id for entity in distances.entities]
    columns: dict[str, list[Any]] = {"t": [], "entity": [], "target": [], "distance": [], "sigma": []}
    for entity in chosen:
        times = distances.series[entity, None].t
        for target in targets:
            measure = distances.to(entity, target, times)
            columns["t"].append(times)
            columns["entity"].append(np.full(len(times), entity, object))
            columns["target"].append(np.full(len(times), target, object))
            columns["distance"].append(measure.value)
            columns["sigma"].append(measure.sigma)
    if not columns["t"]:
        return tables.empty("zones")
    return tables.table("zones", {name: np.concatenate(blocks) for name, blocks in columns.items()})


def _across(normal: Floats, sx: Floats, sy: Floats) -> Floats:
    """Return the 1-sigma along a normal; an unknown coordinate that does not matter does no harm."""
    if normal.shape[-1] == 1 and not normal.all():  # across a straight line along the field, or the other way
        return np.abs(normal[0]) * sx if normal[0, 0] else np.abs(normal[1]) * np.where(normal[1] == 0, 0.0, sy)
    x = np.abs(normal[0]) * np.where(normal[0] == 0, 0.0, sx)
    return np.hypot(x, np.abs(normal[1]) * np.where(normal[1] == 0, 0.0, sy))


def _measure(value: Floats, own: Floats, modes: Floats, normal: Floats) -> Measure:
    own = np.where(np.isnan(own), np.inf, own)
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    known = np.isfinite(sigma) & np.isfinite(value)
    count = len(value)
    return Measure(
        np.where(known, value, np.nan),
        np.where(known, sigma, np.inf),
        own if len(own) == count else np.broadcast_to(own, (count,)),
        modes if modes.shape[-1] == count else np.broadcast_to(modes, (len(modes), count)),
        normal if normal.shape[-1] == count else np.broadcast_to(normal, (2, count)),
    )


class _Rows:
    """The rows of a table of positions, gathered by a key: those of one key in order of time.

    Attributes:
        keys: the different keys, in order.
    """

    def __init__(self, table: pa.Table, *names: str) -> None:
        self._table = table
        self._columns: dict[str, list[Floats]] = {}
        groups, self.keys = _groups([tables.coded(table, name) for name in names])
        self._groups = groups.astype(np.min_scalar_type(max(len(self.keys), 1)))
        self._observed = _observed(table)
        self._blocks = [self._sorted(start) for start in range(0, max(len(groups), 1), ROWS)]

    def _sorted(self, start: int) -> tuple[Ints, Ints]:
        """Return a block's observed rows by key, counted from its first, and where each key's begin and end."""
        groups = self._groups[start : start + ROWS]
        order = np.argsort(groups, kind="stable")
        if self._observed is not None:
            observed = self._observed[start : start + ROWS]
            order, groups = order[observed[order]], groups[observed]
        counts = np.bincount(groups, minlength=len(self.keys))
        return order.astype(np.int32), np.concatenate(([0], np.cumsum(counts)))

    def split(self, name: str) -> list[Floats]:
        """Return a column of numbers, one array for each key; NaN where it is empty."""
        if name not in self._columns:
            self._columns[name] = self._split(name)
        return self._columns[name]

    def _split(self, name: str) -> list[Floats]:
        counts = sum(np.diff(bounds) for _, bounds in self._blocks).tolist()
        if name not in self._table.column_names or self._table.column(name).null_count == self._table.num_rows:
            return [constant(np.nan, count) for count in counts]
        values = tables.fractions(self._table, name)
        columns = [np.empty(count) for count in counts]
        filled = [0] * len(columns)
        for block, (order, bounds) in enumerate(self._blocks):  # small ones, so that one's memory serves the next
            here = values[block * ROWS : (block + 1) * ROWS][order]
            for key, (start, stop) in enumerate(pairwise(bounds.tolist())):
                columns[key][filled[key] : filled[key] + stop - start] = here[start:stop]
                filled[key] += stop - start
        return columns if name == "t" else [compact(column) for column in columns]

    def commonest(self, name: str) -> list[str | None]:
        """Return for each key the commonest word that is known; of equally common ones the first in the alphabet."""
        codes, words = tables.coded(self._table, name)
        result: list[str | None] = [None] * len(self.keys)
        pairs, counts = self._pairs(codes, len(words))
        order = np.lexsort((pairs, -counts))[::-1]  # the last one written is the commonest, then the first in order
        for pair in pairs[order].tolist():
            result[pair // len(words)] = words[pair % len(words)]
        return result

    def _pairs(self, codes: Ints, width: int) -> tuple[Ints, Ints]:
        """Return the different pairs of a key and one of ``width`` words, key first, and how often each is there."""
        if len(self.keys) * width > ROWS:
            known = codes >= 0
            return np.unique(self._groups[known].astype(np.int64) * width + codes[known], return_counts=True)
        counts = np.zeros(len(self.keys) * width, np.int64)
        for start in range(0, len(codes) if width else 0, ROWS):
            here, keys = codes[start : start + ROWS], self._groups[start : start + ROWS]
            known = here >= 0
            counts += np.bincount(keys[known].astype(np.int64) * width + here[known], minlength=len(counts))
        found = np.flatnonzero(counts)
        return found, counts[found]

    def series(self, place: int, limits: Limits) -> Series:
        """Return the samples of the key at a place; empty cells mean what the limits say."""
        columns = {name: self.split(name)[place] for name in ("t", "x", "y", "z", "vx", "vy")}
        sigma, sx, sy, sv, common = (self.split(name)[place] for name in ("sigma", "sx", "sy", "sv", "common"))
        both = _filled(sigma, limits.sigma)
        given = ~np.isnan(base(columns["vx"]))
        fallback = np.where(given, limits.velocity_sigma, np.nan)
        count = len(columns["t"])
        return Series(
            **columns,
            sx=both if np.isnan(base(sx)).all() else _filled(sx, both),
            sy=both if np.isnan(base(sy)).all() else _filled(sy, both),
            sv=np.broadcast_to(np.where(np.isnan(base(sv)), fallback, base(sv)), (count,)),
            common=_filled(common, limits.common),
            limits=limits,
        )


def _observed(table: pa.Table) -> Bools | None:
    """Return which rows were seen; None: all."""
    seen = tables.flags(table, "observed", default=True)
    return None if seen.all() else seen


def _groups(columns: list[Words]) -> tuple[Ints, list[tuple[str, ...]]]:
    """Return for each row the place of its key, and the different keys in order."""
    codes, words = columns[0]
    keys = [(word,) for word in words]
    for more, others in columns[1:]:
        paired = codes * len(others) + more
        present = np.unique(paired)
        codes = np.searchsorted(present, paired)
        keys = [(*keys[pair // len(others)], others[pair % len(others)]) for pair in present.tolist()]
    return codes, keys


def _filled(values: Floats, default: Floats | float) -> Floats:
    """Return values with a default where they are not a number."""
    own = base(values)
    other = base(default) if isinstance(default, np.ndarray) else default
    return np.broadcast_to(np.where(np.isnan(own), other, own), values.shape)


def _kind_of(traits: dict[str, list[str | None]], place: int) -> str:
    return traits["kind"][place] or "unknown"


def _entity(name: str, traits: dict[str, list[str | None]], place: int, parts: tuple[str, ...]) -> Entity:
    number = traits["number"][place]
    return Entity(
        name,
        _kind_of(traits, place),
        traits["team"][place],
        traits["role"][place],
        int(number) if number is not None and number.isdigit() else None,
        parts,
    )


def _parts(
    scene: Scene, domain: Ontology, people: dict[str, str], tracks: _Rows
) -> dict[tuple[str, str | None], Series]:
    """Return the series of body parts; a part shares the kind and the common error of its person."""
    if scene.parts is None:
        return {}
    rows = _Rows(scene.parts, "entity", "part")
    places = {name: place for place, name in enumerate(people)}
    found: dict[tuple[str, str | None], Series] = {}
    for place, (name, part) in enumerate(rows.keys):
        kind = people.get(name, "player")
        series = rows.series(place, Limits.of(domain, kind, scene.resolution, part=True))
        if name in places:
            owner = places[name]
            series = _with_common(series, tracks.split("t")[owner], tracks.split("common")[owner])
        found[name, part] = series
    return found


def _with_common(series: Series, t: Floats, common: Floats) -> Series:
    known = np.isfinite(common)
    if not known.any() or not len(series.t):
        return series
    return replace(series, common=compact(np.interp(series.t, t[known], common[known])))


def _modes(scene: Scene) -> _Modes | None:
    """Return the error modes of the scene, or None when it has none and ``common`` counts."""
    if scene.errors is None or scene.errors.num_rows == 0:
        return None
    t = tables.column(scene.errors, "t")
    names = tables.column(scene.errors, "mode")
    stamps = np.unique(t)
    values = np.stack([tables.column(scene.errors, name) for name in ("ax", "bx", "cx", "ay", "by", "cy")])
    values = np.nan_to_num(values)
    blocks = []
    for name in sorted(set(names)):
        rows = names == name
        blocks.append([np.interp(stamps, t[rows], line) for line in values[:, rows]])
    return _Modes(stamps, np.array(blocks))


def _axis(stamps: Floats) -> Floats:
    """Return the time stamps with steps up to ``LONGEST_GAP_S`` filled in to ``AXIS_STEP_S``."""
    steps = np.diff(stamps)
    wide = np.flatnonzero((steps > AXIS_STEP_S * 1.5) & (steps <= LONGEST_GAP_S))
    filler = [np.linspace(stamps[i], stamps[i + 1], int(np.ceil(steps[i] / AXIS_STEP_S)) + 1)[1:-1] for i in wide]
    return np.sort(np.concatenate([stamps, *filler]))
