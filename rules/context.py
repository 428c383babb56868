"""What every rule sees of a scene: the time axis, the teams, what was reported, and what may have gone unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan
from typing import Any, TypeVar

import numpy as np

from ontologies.base import Edition, Ontology
from ontologies.field import Field
from records import tables
from records.clock import Span
from records.scene import Scene
from rules import formulas
from rules.distances import Distances, Entity, Measure
from rules.formulas import Deferred, Evidence, Formula
from rules.kleene import Bools, Floats, Plane, blocks
from rules.propositions import Instant

Kept = TypeVar("Kept")
OTHER = {"home": "away", "away": "home"}
SURE_P = 0.95  # a report of at least this probability counts as certain: two sigma
SURE_RECALL = 0.95  # and an empty part of the view counts as empty
VIEW_STEP_S = 0.5  # a view holds for this long around its time stamp
VIEW_BLOCK = 1 << 18  # points times instants that are looked at together


@dataclass(frozen=True)
class Happening:
    """A reported event; it happened between ``low`` and ``high`` seconds, most likely at ``t``.

    ``certain`` is false where the source gives it a probability below ``SURE_P``.
    """

    kind: str
    t: float
    low: float
    high: float
    until: float | None
    entity: str | None
    team: str | None
    other: str | None
    detail: str | None
    certain: bool
    x: float | None = None
    y: float | None = None


@dataclass(frozen=True)
class Gap:
    """A span in which a rule is blind, or not applicable, and why in words."""

    span: Span
    why: str
    status: str = "blind"


class Context:
    """A scene prepared for judging.

    Attributes:
        scene: checked.
        field: its geometry.
        ontology: of the scene's domain.
        edition: the rulebook's edition with its constants.
        distances: of zone assignment.
        k: how many sigma make an atom certain.
        axis: (time,) seconds; the time stamps of the scene, and instants that a rule added.
    """

    def __init__(self, scene: Scene, field: Field, ontology: Ontology, distances: Distances, k: float = 2.0) -> None:
        self.scene = scene
        self.field = field
        self.ontology = ontology
        self.edition: Edition = ontology.edition(scene.edition)
        self.distances = distances
        self.k = k
        self.axis: Floats = distances.times
        self._kept: dict[tuple[object, ...], Any] = {}

    def remember(self, key: tuple[object, ...], make: Callable[[], Kept]) -> Kept:
        """Return what was made under a key, making it the first time; forgotten when the axis changes."""
        if key not in self._kept:
            self._kept[key] = make()
        kept: Kept = self._kept[key]
        return kept

    @cached_property
    def entities(self) -> dict[str, Entity]:
        """Everybody tracked, by id."""
        return {entity.id: entity for entity in self.distances.entities}

    @cached_property
    def happenings(self) -> tuple[Happening, ...]:
        """The reported events in order of time; an unlikely one is not left out, but uncertain."""
        table = self.scene.events
        if table is None:
            return ()
        columns = {name: tables.column(table, name).tolist() for name in table.column_names}
        found = [self._happening(dict(zip(columns, row, strict=True))) for row in zip(*columns.values(), strict=True)]
        found.sort(key=lambda one: (one.t, one.kind, one.entity or "", one.team or "", one.detail or "", one.low))
        return tuple(found)

    def _happening(self, row: dict[str, Any]) -> Happening:
        defaults = self.ontology.defaults
        sigma = defaults.t_sigma_s if isnan(row["t_sigma"]) else row["t_sigma"]
        t = row["t"]
        p = defaults.event_p if isnan(row["p"]) else round(row["p"], 6)  # tables hold it in 32 bits
        entity = row["entity"]
        known = self.entities.get(entity) if entity is not None else None
        team = row["team"] or (known.team if known is not None else None)
        return Happening(
            row["kind"], t, t - self.k * sigma, t + self.k * sigma, _maybe(row["until"]), entity, team,
            row["other"], row["detail"], p >= SURE_P, _maybe(row["x"]), _maybe(row["y"]),
        )  # fmt: skip

    def listed(self, *kinds: str) -> list[Happening]:
        """Return the reported events of these kinds in order of time."""
        return list(self.remember(("listed", kinds), lambda: [one for one in self.happenings if one.kind in kinds]))

    def complete(self, kind: str) -> Bools:
        """Return where on the axis all events of a kind are listed; not to be written into."""
        return self.remember(("complete", kind), lambda: self.scene.complete_over(kind, self.axis))

    def window(self, low: float, high: float) -> slice:
        """Return the positions on the axis between two instants, at least one."""
        first = min(int(np.searchsorted(self.axis, low, side="left")), len(self.axis) - 1)
        return slice(first, max(int(np.searchsorted(self.axis, high, side="right")), first + 1))

    def stretch(self, low: float, high: float) -> slice:
        """Return the positions on the axis from one instant to another, ends included; there may be none."""
        first = int(np.searchsorted(self.axis, low, side="left"))
        return slice(first, max(int(np.searchsorted(self.axis, high, side="right")), first))

    def members(self, team: str, kinds: Iterable[str]) -> list[Entity]:
        """Return the tracked members of a team, by id."""
        chosen = frozenset(kinds)
        return [entity for entity in self.entities.values() if entity.team == team and entity.kind in chosen]

    def strangers(self, kinds: Iterable[str]) -> list[Entity]:
        """Return those tracked whose team is unknown, by id."""
        chosen = frozenset(kinds)
        return [entity for entity in self.entities.values() if entity.team is None and entity.kind in chosen]

    def tracked(self, entity: Entity) -> Bools:
        """Return where on the axis the entity is between its first and last observation."""
        return self.distances.motion(entity.id, self.axis).inside

    def missing(self, team: str, kinds: Iterable[str]) -> Floats:
        """Return how many of a team may be in play without being tracked, over the axis; infinite: nobody knows."""
        chosen = tuple(kinds)
        return self.remember(("missing", team, chosen), lambda: self._missing(team, chosen))

    def _missing(self, team: str, kinds: tuple[str, ...]) -> Floats:
        count = np.zeros(len(self.axis))
        for entity in self.members(team, kinds):
            count += self.tracked(entity)
        roster = self.scene.roster_over(team, self.axis)
        result: Floats = np.where(np.isnan(roster), np.inf, np.maximum(roster - count, 0.0))
        return result

    def in_view(self, x: Floats, y: Floats) -> Bools:
        """Return where on the axis the camera surely saw everybody at all points, arrays (point,) or (point, time)."""
        view = self.scene.view
        if view is None or view.num_rows == 0:
            return np.zeros(len(self.axis), np.bool_)
        t, recall = tables.column(view, "t"), tables.column(view, "recall")
        recall = np.where(np.isnan(recall), self.ontology.defaults.recall, recall)
        corners = np.array([[tables.column(view, f"{name}{n}") for n in range(1, 5)] for name in "xy"])
        step = max(VIEW_BLOCK // max(x.shape[0], 1), 1)
        pieces = []
        for start in range(0, len(self.axis), step):
            block = slice(start, start + step)
            points = (x, y) if x.ndim == 1 else (x[:, block], y[:, block])
            pieces.append(_all_seen(self.axis[block], t, recall, corners, points))
        return np.concatenate(pieces)

    def atom(
        self,
        text: str,
        measure: Measure,
        sign: float,
        offset: Floats | float,
        slack: Floats | float,
        who: str,
    ) -> Formula:
        """Return the measured atom ``sign * distance + offset > 0``."""
        return formulas.measured(text, evidence(measure, sign, offset, slack, who), "tracks", self.k)

    def reported(self, text: str, happenings: Sequence[Happening], where: slice = slice(None)) -> Formula:
        """Return where on the axis, or on a stretch of it, one of the events happens.

        It may at the time stamps of its uncertain instant, and must at the first by which it certainly has: the
        first that is no earlier than the end of that instant.
        """
        axis = self.axis[where]
        count = len(axis)
        must, may = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        if happenings and where.start:  # one that had certainly happened before the stretch is over there
            happenings = [one for one in happenings if one.high > self.axis[where.start - 1]]
        first = np.searchsorted(axis, [one.low for one in happenings], side="left")
        last = np.searchsorted(axis, [one.high for one in happenings], side="left")
        for one, begin, end in zip(happenings, first.tolist(), last.tolist(), strict=True):
            may[begin : end + 1] = True
            if end < count:
                must[end] |= one.certain
        return formulas.stated(text, Plane(must, may))

    def sampled(self, kind: str) -> Bools:
        """Return which instants of the axis are samples of a kind itself, not filled in between two of them."""
        return self.remember(("sampled", kind), lambda: self._sampled(kind))

    def correlated(self, kind: str) -> Floats:
        """Return for how long the errors of a kind's positions are correlated, by the nearest sample; 0: not stated.

        Returns:
            (time,) seconds.
        """
        return self.remember(("correlated", kind), lambda: self._correlated(kind))

    def _correlated(self, kind: str) -> Floats:
        tracks = self.scene.tracks
        if "tau" not in tracks.column_names or tracks.column("tau").null_count == tracks.num_rows:
            return np.zeros(len(self.axis))
        own = tracks.select(["t", "tau"]).filter(self._of_kind(kind))
        if not own.num_rows:
            return np.zeros(len(self.axis))
        t, tau = tables.column(own, "t"), np.nan_to_num(tables.column(own, "tau"))
        middles = (t[1:] + t[:-1]) / 2
        return np.asarray(tau[np.searchsorted(middles, self.axis)])

    def _sampled(self, kind: str) -> Bools:
        seen = tables.flags(self.scene.tracks, "observed", default=True)
        stamps = tables.column(self.scene.tracks, "t")[self._of_kind(kind) & seen]
        place = np.minimum(np.searchsorted(stamps, self.axis), len(stamps) - 1)
        result: Bools = stamps[place] == self.axis if len(stamps) else np.zeros(len(self.axis), np.bool_)
        return result

    def _of_kind(self, kind: str) -> Bools:
        """Return which rows of the tracks are of a kind."""
        codes, words = self._kinds
        return codes == words.index(kind) if kind in words else np.zeros(len(codes), np.bool_)

    @cached_property
    def _kinds(self) -> tuple[Any, list[str]]:
        """The kind of each row of the tracks: its place in the list of kinds; unknown: none of them."""
        codes, words = tables.coded(self.scene.tracks, "kind")
        return codes.astype(np.int8 if len(words) < 128 else np.int32), words

    def refine(self, instants: Iterable[Instant]) -> None:
        """Add the bounds and the middle of instants to the axis, as far as they lie within it."""
        extra = np.array([t for one in instants for t in (one.low, one.t, one.high)], np.float64)
        low, high = self.axis[0], self.axis[-1]
        self.axis = np.unique(np.concatenate([self.axis, extra[(extra >= low) & (extra <= high)]]))
        self._kept.clear()

    def gaps(self, rule: str) -> list[Gap]:
        """Return where a rule could not see what it needs; a domain says so for its own rules."""
        raise NotImplementedError(rule)

    def spans_of(self, mask: Bools, why: str) -> list[Gap]:
        """Return the stretches of the axis where the mask is true, as gaps with one reason."""
        edges = np.flatnonzero(np.diff(np.concatenate(([False], mask, [False])).astype(np.int8)))
        last = len(self.axis) - 1
        return [
            Gap(Span(float(self.axis[max(first - 1, 0)]), float(self.axis[min(stop, last)])), why)
            for first, stop in zip(edges[::2], edges[1::2], strict=True)
        ]

    @cached_property
    def span(self) -> Span:
        """The time from the first to the last track row."""
        return Span(float(self.axis[0]), float(self.axis[-1]))


def evidence(measure: Measure, sign: float, offset: Floats | float, slack: Floats | float, who: str) -> Evidence:
    """Return what the atom ``sign * distance + offset > 0`` was measured from; ``slack`` is a hard bound, metres."""
    if measure.deferred:
        return Deferred(
            lambda window: evidence(measure.at(window), sign, _part(offset, window), _part(slack, window), who),
            len(measure),
            who,
        )
    return Evidence(
        sign * measure.value + offset,
        measure.sigma,
        np.broadcast_to(np.asarray(slack, np.float64), measure.value.shape),
        measure.own,
        _times(sign, measure.modes),
        who,
        _times(sign, measure.normal),
    )


def chosen(mask: Bools, one: Evidence, other: Evidence) -> Evidence:
    """Return evidence that is ``one`` where a mask is true and ``other`` elsewhere."""
    normal = None if one.normal is None or other.normal is None else np.where(mask, one.normal, other.normal)
    return Evidence(
        np.where(mask, one.margin, other.margin),
        np.where(mask, one.sigma, other.sigma),
        np.where(mask, one.slack, other.slack),
        np.where(mask, one.own, other.own),
        np.where(mask, one.modes, other.modes),
        one.entity,
        normal,
        one.unit,
    )


def tested(measure: Measure, test: Callable[[Measure], Plane]) -> Plane:
    """Return the plane of a test of a distance; a long one is worked through in blocks that fit the cache."""
    if not measure.deferred:
        return test(measure)
    planes = [test(measure.at(window)) for window in blocks(len(measure))]
    must = np.concatenate([plane.must for plane in planes])
    decided = all(plane.decided for plane in planes)
    return Plane(must, must if decided else np.concatenate([plane.may for plane in planes]))


def _part(values: Floats | float, window: slice) -> Floats | float:
    return values[window] if isinstance(values, np.ndarray) and values.ndim else values


def _all_seen(axis: Floats, t: Floats, recall: Floats, corners: Floats, points: tuple[Floats, Floats]) -> Bools:
    """Return where all points lie in the view before and in the view after an instant, both near enough to it."""
    right = np.clip(np.searchsorted(t, axis), 1, max(len(t) - 1, 1)).clip(max=len(t) - 1)
    result = np.ones(len(axis), np.bool_)
    for side in (np.maximum(right - 1, 0), right):
        result &= (np.abs(t[side] - axis) <= VIEW_STEP_S) & (recall[side] >= SURE_RECALL)
        result &= _inside(corners[:, :, side], *points)
    return result


def _times(sign: float, values: Floats) -> Floats:
    """Return values with a sign; one value that is kept once stays so."""
    if values.shape[-1] and values.strides[-1] == 0:
        return np.broadcast_to(sign * values[..., :1], values.shape)
    result: Floats = sign * values
    return result


def _maybe(value: Any) -> float | None:
    return None if isnan(value) else float(value)


def _inside(corners: Floats, x: Floats, y: Floats) -> Bools:
    """Return for each time whether all points lie in a convex quadrangle with corners (2, 4, time)."""
    px, py = (np.atleast_2d(values.T).T for values in (x, y))
    sides = []
    for n in range(4):
        ax, ay = corners[0, n], corners[1, n]
        bx, by = corners[0, (n + 1) % 4], corners[1, (n + 1) % 4]
        sides.append((bx - ax) * (py - ay) - (by - ay) * (px - ax))
    stack = np.stack(sides)
    result: Bools = np.all(np.all(stack >= 0, axis=0) | np.all(stack <= 0, axis=0), axis=0)
    return result
