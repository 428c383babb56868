"""A scene on its way through the sensors: its tables as columns, beside where and who everybody really is."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ontologies.base import Ontology
from ontologies.registry import ontology
from records import tables
from records.clock import Span
from records.scene import ANY, Scene, check_tables
from simulation.sensors.draws import Floats

Bools = NDArray[np.bool_]
Columns = dict[str, NDArray[Any]]
TRUE = ("true_x", "true_y", "person")  # columns of the tracks and parts that never leave the sensors


@dataclass(frozen=True)
class Taking:
    """A scene while it is being sensed.

    Attributes:
        scene: its keys; the tables in it are those of the truth.
        columns: table -> columns as sensed so far; tracks and parts also hold ``TRUE``: metres, id in the truth.
        kinds: of everybody in the truth, by id.
        times: the different instants of the truth, seconds.
        given: the columns at first: a table of which nothing was changed is not made anew.
    """

    scene: Scene
    columns: Mapping[str, Columns]
    kinds: Mapping[str, str]
    times: Floats
    given: Mapping[str, Columns]

    @staticmethod
    def of(scene: Scene) -> Taking:
        """Return a scene of exact truth, not sensed yet."""
        found = {}
        for name in tables.SPECS:
            table = getattr(scene, name, None)
            if table is not None:
                found[name] = {one: np.array(tables.column(table, one)) for one in table.column_names}
        for name in ("tracks", "parts"):
            if name in found:
                own = found[name]
                found[name] = own | {
                    "true_x": own["x"].astype(np.float64),
                    "true_y": own["y"].astype(np.float64),
                    "person": own["entity"].copy(),
                }
        pairs = scene.tracks.select(["entity", "kind"]).group_by(["entity", "kind"]).aggregate([]).to_pylist()
        known = {pair["entity"]: pair["kind"] or "unknown" for pair in sorted(pairs, key=lambda one: one["kind"] or "")}
        return Taking(scene, found, dict(sorted(known.items())), scene.times, dict(found))

    @property
    def domain(self) -> Ontology:
        """The ontology of the scene."""
        return ontology(self.scene.domain)

    @property
    def span(self) -> Span:
        """From the first to the last instant of the truth."""
        return self.scene.span or Span(0.0, 0.0)

    @property
    def people(self) -> list[str]:
        """Ids of the people in the truth, sorted; balls and pucks are none."""
        return [name for name, kind in self.kinds.items() if self.domain.kind(kind).person]

    def with_table(self, name: str, columns: Columns) -> Taking:
        """Return it with another table of a name."""
        return dataclasses.replace(self, columns={**self.columns, name: columns})

    def only(self, name: str, kept: Bools) -> Taking:
        """Return it with some rows of a table."""
        return self.with_table(name, {one: values[kept] for one, values in self.columns[name].items()})

    def unseen(self, name: str, hidden: Mapping[str, list[Span]]) -> Taking:
        """Return it without the rows of a table at which a person is hidden, by his id in the truth."""
        own = self.columns[name]
        return self.only(name, ~rows_in(own["person"], own["t"], hidden))

    def withdrawn(self, kinds: tuple[str, ...], spans: list[Span]) -> Taking:
        """Return it without the claim that all events of these kinds are listed in the spans; no kind: all."""
        concerned = kinds or tuple(self.domain.event_kinds)
        every = self.scene.complete.get(ANY, ())
        found: dict[str, tuple[Span, ...]] = {}
        for kind in sorted({*self.domain.event_kinds, *self.scene.complete} - {ANY}):
            own = (*every, *self.scene.complete.get(kind, ()))
            left = cut(own, spans) if kind in concerned else own
            if left:
                found[kind] = left
        return dataclasses.replace(self, scene=dataclasses.replace(self.scene, complete=found))

    def done(self) -> Scene:
        """Return the scene as sensed.

        Raises:
            InputError: when the truth was no scene in itself.
        """
        made = {}
        for name, columns in self.columns.items():
            if columns is self.given.get(name):
                continue
            words = {column.name for column in tables.spec(name).columns if column.type == "str"}
            plain = {one: _arrow(values) if one in words else values for one, values in columns.items()}
            plain = {one: values for one, values in plain.items() if one not in TRUE}
            made[name] = tables.ordered(name, tables.table(name, plain))
        return check_tables(dataclasses.replace(self.scene, folder=None, **made))


def _arrow(values: NDArray[Any]) -> Any:
    """Return words as arrow has them: the tables would look at every single one."""
    return pa.array(values, pa.string(), from_pandas=True)


def rows_in(who: NDArray[Any], t: Floats, spans: Mapping[str, list[Span]]) -> Bools:
    """Return which rows lie in one of the spans of whom they are of."""
    result = np.zeros(len(t), np.bool_)
    for name, several in spans.items():
        own = who == name
        for span in several:
            result |= own & (t >= span.start) & (t <= span.stop)
    return result


def cut(spans: tuple[Span, ...], holes: list[Span]) -> tuple[Span, ...]:
    """Return spans without holes.

    >>> cut((Span(0, 9),), [Span(2, 3)])
    (Span(start=0, stop=2), Span(start=3, stop=9))
    """
    left = list(spans)
    for hole in holes:
        pieces = [
            (Span(one.start, min(one.stop, hole.start)) if one.start < hole.start else None,
             Span(max(one.start, hole.stop), one.stop) if one.stop > hole.stop else None)
            for one in left
        ]  # fmt: skip
        left = [piece for pair in pieces for piece in pair if piece is not None]
    return tuple(left)


def float_or(values: NDArray[Any], default: float) -> Floats:
    """Return numbers with a default where there is none."""
    numbers = values.astype(np.float64)
    return np.where(np.isnan(numbers), default, numbers)
