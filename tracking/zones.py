"""Zone assignment: positions to signed distances with sigma, the stage that hands over to the rules.

A distance carries the position's own error, the error modes that the frame shares, and what a gap leaves
open. Sigma in the tracks is meant after smoothing: nothing is averaged here. Between two observations that
are no further apart than the source's usual step a position is a straight line, off by what the greatest
plausible acceleration allows; in a longer gap, and before the first and after the last observation, by what
the greatest possible speed of the kind allows. A bound that cannot be exceeded counts as ``BOUND_SIGMAS``
sigma.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ontologies.base import Ontology
from ontologies.field import Field
from ontologies.registry import ontology
from records import tables
from records.scene import Scene

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BOUND_SIGMAS = 2.0  # a hard bound is worth this many sigma, the usual k of the rules
USUAL_STEPS = 2.5  # a step longer than this many median steps of the scene is a gap
LEAST_GAP_S = 0.15  # and a shorter one never is
SURE_GAP_S = 1.5  # a longer one always is
OWN_STEP_S = 0.5  # what is sampled more sparsely than the rest (an annotated puck) has its own usual step, up to this
LONGEST_GAP_S = 5.0  # beyond this nothing is known
AXIS_STEP_S = 0.1  # the axis is filled in to this step, so that what is open between two samples is seen
HEADING_S = 0.15  # velocities are taken over twice this time
PERSON_ACCELERATION = 10.0  # m/s^2, between two samples: a hard stop on skates or in studs
BALL_ACCELERATION = (
    100.0  # m/s^2, between two samples: friction, flight and boards; a stroke happens between few samples
)


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
class Motion:
    """Where an entity or a part is over time; arrays (time,), metres and metres per second, field frame."""

    x: Floats
    y: Floats
    z: Floats
    sx: Floats
    sy: Floats
    vx: Floats
    vy: Floats
    sv: Floats
    common: Floats
    seen: Bools
    inside: Bools


@dataclass(frozen=True, eq=False)
class Measure:
    """A signed distance over time, metres: see ``rules.distances.Measure``."""

    value: Floats
    sigma: Floats
    own: Floats
    modes: Floats
    normal: Floats


@dataclass(frozen=True, eq=False)
class _Series:
    """The observed samples of one entity or part, in order of time."""

    t: Floats
    x: Floats
    y: Floats
    z: Floats
    sx: Floats
    sy: Floats
    common: Floats
    vx: Floats
    vy: Floats
    sv: Floats
    speed: float
    acceleration: float


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
    """Signed distances of one scene, computed when they are asked for."""

    playing_field: Field
    times: Floats
    entities: tuple[Entity, ...]
    usual_step: float
    series: dict[tuple[str, str | None], _Series]
    modes: _Modes | None
    _kept: dict[tuple[str, str | None, int], tuple[Floats, Motion]] = field(default_factory=dict)
    _modes_at: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)

    def motion(self, entity: str, times: Floats, part: str | None = None) -> Motion:
        """Return where an entity, or a part of it, is at ``times`` (seconds, increasing)."""
        key = (entity, part, id(times))
        if key not in self._kept:
            series = self.series[entity, part]
            self._kept[key] = (times, _resample(series, times, _own_step(series, self.usual_step)))
        return self._kept[key][1]

    def to(self, entity: str, target: str, times: Floats, part: str | None = None) -> Measure:
        """Return the signed distance from an entity or a part to a zone, line or edge of the field.

        Raises:
            InputError: when the field has no such target.
        """
        motion = self.motion(entity, times, part)
        shape = self.playing_field.target(target)
        value = np.asarray(shape.distance(motion.x, motion.y), np.float64)
        nx, ny = shape.gradient(motion.x, motion.y)
        normal = np.array([np.broadcast_to(nx, value.shape), np.broadcast_to(ny, value.shape)], np.float64)
        along, across = self._displacements(motion, times)
        modes = normal[0] * along + normal[1] * across
        return _measure(value, _across(normal, motion.sx, motion.sy), modes, normal)

    def between(self, one: str, other: str, times: Floats) -> Measure:
        """Return the distance between two entities; the error that they share cancels."""
        a, b = self.motion(one, times), self.motion(other, times)
        value = np.hypot(a.x - b.x, a.y - b.y)
        safe = np.maximum(value, 1e-9)
        normal = np.array([(a.x - b.x) / safe, (a.y - b.y) / safe])
        ax, ay = self._displacements(a, times)
        bx, by = self._displacements(b, times)
        modes = normal[0] * (ax - bx) + normal[1] * (ay - by)
        sx, sy = np.hypot(a.sx, b.sx), np.hypot(a.sy, b.sy)
        return _measure(value, _across(normal, sx, sy), modes, normal)

    def _displacements(self, motion: Motion, times: Floats) -> tuple[Floats, Floats]:
        """Return by how much 1 sigma of each shared mode displaces somebody: two arrays (mode, time), metres."""
        if self.modes is None:
            nothing = np.zeros_like(motion.common)
            return np.array([motion.common, nothing]), np.array([nothing, motion.common])
        if id(times) not in self._modes_at:
            self._modes_at[id(times)] = (times, self.modes.at(times))
        ax, bx, cx, ay, by, cy = self._modes_at[id(times)][1]
        return ax + bx * motion.x + cx * motion.y, ay + by * motion.x + cy * motion.y


def assign(scene: Scene, playing_field: Field) -> Distances:
    """Prepare the signed distances of everybody in a scene to everything on the field.

    Args:
        scene: checked.
        playing_field: of the scene's edition and preset.
    """
    domain = ontology(scene.domain)
    rows = _Rows.of(scene.tracks)
    slices = rows.by_key("entity")
    series: dict[tuple[str, str | None], _Series] = {}
    for name, where in slices.items():
        kind = _most_common(rows.words["kind"][where]) or "unknown"
        series[name, None] = _series(rows, where, _Limits.of(domain, kind, scene.resolution, part=False))
    parts = _parts(scene, domain, rows, slices)
    series |= parts
    names = {name: tuple(sorted(part for one, part in parts if one == name and part)) for name in slices}
    entities = tuple(_entity(name, rows, slices[name], names[name]) for name in sorted(slices))
    steps = [np.diff(one.t) for one in series.values() if len(one.t) > 1]
    usual = USUAL_STEPS * float(np.median(np.concatenate(steps))) if steps else LEAST_GAP_S
    usual = min(max(usual, LEAST_GAP_S), SURE_GAP_S)
    stamps = [rows.floats["t"]] + [one.t for key, one in parts.items()]
    return Distances(playing_field, _axis(np.unique(np.concatenate(stamps))), entities, usual, series, _modes(scene))


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
    x = np.abs(normal[0]) * np.where(normal[0] == 0, 0.0, sx)
    return np.hypot(x, np.abs(normal[1]) * np.where(normal[1] == 0, 0.0, sy))


def _measure(value: Floats, own: Floats, modes: Floats, normal: Floats) -> Measure:
    own = np.where(np.isnan(own), np.inf, own)
    sigma = np.sqrt(own**2 + np.sum(modes**2, axis=0))
    known = np.isfinite(sigma) & np.isfinite(value)
    return Measure(np.where(known, value, np.nan), np.where(known, sigma, np.inf), own, modes, normal)


@dataclass(frozen=True, eq=False)
class _Rows:
    """The columns of a table of positions."""

    floats: dict[str, Floats]
    words: dict[str, NDArray[Any]]
    observed: Bools

    @staticmethod
    def of(table: pa.Table) -> _Rows:
        floats, words = {}, {}
        for name in table.column_names:
            if pa.types.is_floating(table.schema.field(name).type):
                floats[name] = tables.column(table, name)
            elif pa.types.is_string(table.schema.field(name).type):
                words[name] = tables.column(table, name)
        predicted = np.array([flag is False for flag in tables.column(table, "observed")], np.bool_)
        return _Rows(floats, words, ~predicted)

    def by_key(self, *names: str) -> dict[Any, NDArray[np.int64]]:
        """Return the row numbers of each value of a key, in order of time."""
        keys = list(zip(*(self.words[name] for name in names), strict=True)) if len(names) > 1 else self.words[names[0]]
        found: dict[Any, list[int]] = {}
        for row, key in enumerate(keys):
            found.setdefault(key, []).append(row)
        return {key: np.array(found[key], np.int64) for key in sorted(found)}

    def get(self, name: str, rows: NDArray[np.int64]) -> Floats:
        return self.floats[name][rows] if name in self.floats else np.full(len(rows), np.nan)


@dataclass(frozen=True)
class _Limits:
    """What empty cells mean for a kind, and what its motion allows."""

    sigma: float
    common: float
    speed: float
    acceleration: float
    velocity_sigma: float

    @staticmethod
    def of(domain: Ontology, kind: str, resolution: str | None, part: bool) -> _Limits:
        defaults = domain.defaults
        return _Limits(
            defaults.part_sigma_m if part else domain.sigma(kind, resolution),
            defaults.common_m,
            domain.top_speed(kind),
            PERSON_ACCELERATION if domain.kind(kind).person else BALL_ACCELERATION,
            defaults.velocity_sigma,
        )


def _series(rows: _Rows, where: NDArray[np.int64], limits: _Limits) -> _Series:
    kept = where[rows.observed[where]]
    sigma = rows.get("sigma", kept)
    sx, sy = (np.where(np.isnan(rows.get(name, kept)), sigma, rows.get(name, kept)) for name in ("sx", "sy"))
    vx, vy, sv, common = (rows.get(name, kept) for name in ("vx", "vy", "sv", "common"))
    return _Series(
        rows.get("t", kept),
        rows.get("x", kept),
        rows.get("y", kept),
        rows.get("z", kept),
        np.where(np.isnan(sx), limits.sigma, sx),
        np.where(np.isnan(sy), limits.sigma, sy),
        np.where(np.isnan(common), limits.common, common),
        vx,
        vy,
        np.where(np.isnan(sv) & ~np.isnan(vx), limits.velocity_sigma, sv),
        limits.speed,
        limits.acceleration,
    )


def _entity(name: str, rows: _Rows, where: NDArray[np.int64], parts: tuple[str, ...]) -> Entity:
    number = _most_common(rows.words["number"][where])
    return Entity(
        name,
        _most_common(rows.words["kind"][where]) or "unknown",
        _most_common(rows.words["team"][where]),
        _most_common(rows.words["role"][where]),
        int(number) if number is not None and number.isdigit() else None,
        parts,
    )


def _most_common(values: NDArray[Any]) -> str | None:
    """Return the commonest value that is known; of equally common ones the first in the alphabet."""
    counts = Counter(value for value in values if value is not None)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _parts(
    scene: Scene, domain: Ontology, tracks: _Rows, persons: dict[str, NDArray[np.int64]]
) -> dict[tuple[str, str | None], _Series]:
    """Return the series of body parts; a part shares the kind and the common error of its person."""
    if scene.parts is None:
        return {}
    rows = _Rows.of(scene.parts)
    found = {}
    for (name, part), where in rows.by_key("entity", "part").items():
        owner = persons.get(name)
        kind = "player" if owner is None else _most_common(tracks.words["kind"][owner]) or "unknown"
        series = _series(rows, where, _Limits.of(domain, kind, scene.resolution, part=True))
        if owner is not None and "common" in tracks.floats:
            series = _with_common(series, tracks.get("t", owner), tracks.get("common", owner))
        found[name, part] = series
    return found


def _with_common(series: _Series, t: Floats, common: Floats) -> _Series:
    known = np.isfinite(common)
    if not known.any() or not len(series.t):
        return series
    return replace(series, common=np.interp(series.t, t[known], common[known]))


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


def _own_step(series: _Series, usual: float) -> float:
    """Return the longest step of a series that is no gap."""
    if len(series.t) < 3:
        return usual
    return max(usual, min(USUAL_STEPS * float(np.median(np.diff(series.t))), OWN_STEP_S))


def _resample(series: _Series, times: Floats, usual: float) -> Motion:
    count = len(series.t)
    if count == 0:
        empty, never = np.full(len(times), np.nan), np.zeros(len(times), np.bool_)
        wide = np.full(len(times), np.inf)
        return Motion(empty, empty, empty, wide, wide, empty, empty, wide, np.zeros(len(times)), never, never)
    right = np.clip(np.searchsorted(series.t, times, side="right"), 1, max(count - 1, 1))
    right = np.minimum(right, count - 1)
    left = np.maximum(right - 1, 0)
    after = np.clip(times - series.t[left], 0.0, None)
    step = series.t[right] - series.t[left]
    share = np.clip(after / np.where(step > 0, step, 1.0), 0.0, 1.0)

    def mixed(values: Floats) -> Floats:
        return values[left] + share * (values[right] - values[left])

    bound, seen, inside = _open_bound(series, times, usual, step, share * step)
    spread = bound / BOUND_SIGMAS
    x, y = mixed(series.x), mixed(series.y)
    vx, vy, sv = _velocity(series, times, mixed)
    sx, sy = np.hypot(mixed(series.sx), spread), np.hypot(mixed(series.sy), spread)
    return Motion(
        x,
        y,
        mixed(series.z),
        sx,
        sy,
        vx,
        vy,
        np.hypot(sv, spread / HEADING_S),
        mixed(series.common),
        seen,
        inside,
    )


def _open_bound(
    series: _Series, times: Floats, usual: float, step: Floats, after: Floats
) -> tuple[Floats, Bools, Bools]:
    """Return how far off the straight line the truth can be, and whether that is a measurement and inside the track."""
    first, last = series.t[0], series.t[-1]
    inside = (times >= first) & (times <= last)
    outside = np.maximum(first - times, times - last).clip(0.0)
    before = step - after
    usual_step = step <= usual
    within = np.where(usual_step, series.acceleration * after * before / 2, series.speed * np.minimum(after, before))
    bound = np.where(inside, within, series.speed * outside)
    lost = np.where(inside, np.where(usual_step, 0.0, step), outside) > LONGEST_GAP_S
    seen = np.where(inside, usual_step | (np.minimum(after, before) <= 0), outside <= 0)
    return np.where(lost & (bound > 0), np.inf, bound), seen, outside <= usual


def _velocity(series: _Series, times: Floats, mixed: Callable[[Floats], Floats]) -> tuple[Floats, Floats, Floats]:
    """Return the velocity of the source, or the slope over twice ``HEADING_S``, and its 1-sigma."""
    ahead, behind = times + HEADING_S, times - HEADING_S
    slopes = [
        (np.interp(ahead, series.t, values) - np.interp(behind, series.t, values)) / (2 * HEADING_S)
        for values in (series.x, series.y)
    ]
    noise = np.sqrt(2.0) * mixed(np.hypot(series.sx, series.sy)) / (2 * HEADING_S)
    given = [mixed(series.vx), mixed(series.vy), mixed(series.sv)]
    known = np.isfinite(given[0]) & np.isfinite(given[1])
    sigma = np.where(known & np.isfinite(given[2]), given[2], noise)
    return np.where(known, given[0], slopes[0]), np.where(known, given[1], slopes[1]), sigma
