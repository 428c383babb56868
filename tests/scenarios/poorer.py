"""What could be known less of a scene: each change takes something away that was true, and adds nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st
from laws import changed

from ontologies import registry
from records import tables
from records.scene import ANY, Attacks, Scene

Change = Callable[[st.DrawFn, Scene], Scene]


def _without(table: pa.Table | None, name: str, gone: Any) -> pa.Table | None:
    return None if table is None else tables.ordered(name, table.filter(pa.array(~gone)))


def _people(draw: st.DrawFn, scene: Scene) -> str:
    return str(draw(st.sampled_from(sorted(set(tables.column(scene.tracks, "entity"))))))


def open_roster(draw: st.DrawFn, scene: Scene) -> Scene:
    """Nobody says how many there are."""
    return replace(scene, roster=())


def nothing_complete(draw: st.DrawFn, scene: Scene) -> Scene:
    """Nobody says that anything was listed completely."""
    return replace(scene, complete={})


def a_kind_not_listed(draw: st.DrawFn, scene: Scene) -> Scene:
    """Some events of one kind were not noted, and nobody says that they all were."""
    kinds = sorted(registry.ontology(scene.domain).event_kinds)
    noted = sorted(set(tables.column(scene.events, "kind"))) if scene.events is not None else []
    kind = draw(st.sampled_from(noted or kinds))
    spans = {one: (*scene.complete.get(ANY, ()), *scene.complete.get(one, ())) for one in kinds if one != kind}
    scene = replace(scene, complete={one: several for one, several in spans.items() if several})
    if scene.events is None or kind not in noted:
        return scene
    own = np.flatnonzero(tables.column(scene.events, "kind") == kind)
    gone = np.zeros(scene.events.num_rows, np.bool_)
    gone[draw(st.sampled_from(own.tolist()))] = True
    return replace(scene, events=_without(scene.events, "events", gone))


def an_uncertain_event(draw: st.DrawFn, scene: Scene) -> Scene:
    """One event is only likely."""
    if scene.events is None or not scene.events.num_rows:
        return scene
    row = draw(st.integers(0, scene.events.num_rows - 1))
    chosen = np.arange(scene.events.num_rows) == row
    return replace(scene, events=changed(scene.events, "events", p=lambda p: np.where(chosen, 0.7, p)))


def events_at_uncertain_times(draw: st.DrawFn, scene: Scene) -> Scene:
    """Every event is up to a tenth of a second off, all in one direction, and that is said."""
    late = draw(st.floats(-0.1, 0.1))
    move = {"t": lambda t: np.maximum(t + late, 0.0), "until": lambda t: t + late}
    sigma = {"t_sigma": lambda values: np.full(len(values), 0.1)}
    return replace(scene, events=changed(scene.events, "events", **move, **sigma))


def no_initial_state(draw: st.DrawFn, scene: Scene) -> Scene:
    """Nobody says what held before."""
    return replace(scene, initial={})


def a_gap(draw: st.DrawFn, scene: Scene) -> Scene:
    """Somebody, or the ball, is out of sight for a while."""
    who, times = _people(draw, scene), scene.times
    start = draw(st.floats(0.0, 1.0)) * (times[-1] - times[0]) + times[0]
    stop = start + draw(st.sampled_from([0.2, 0.5, 1.5]))

    def hidden(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        t = tables.column(table, "t")
        return _without(table, name, (tables.column(table, "entity") == who) & (t > start) & (t < stop))

    return replace(scene, tracks=hidden(scene.tracks, "tracks"), parts=hidden(scene.parts, "parts"))


def somebody_never_seen(draw: st.DrawFn, scene: Scene) -> Scene:
    """Somebody is not tracked at all."""
    who = _people(draw, scene)

    def gone(table: pa.Table | None, name: str) -> pa.Table | None:
        return None if table is None else _without(table, name, tables.column(table, "entity") == who)

    return replace(scene, tracks=gone(scene.tracks, "tracks"), parts=gone(scene.parts, "parts"))


def _unnamed(column: str) -> Change:
    def change(draw: st.DrawFn, scene: Scene) -> Scene:
        who = tables.column(scene.tracks, "entity") == _people(draw, scene)
        nobody = changed(scene.tracks, "tracks", **{column: lambda values: np.where(who, None, values)})
        return replace(scene, tracks=nobody)

    change.__name__ = f"no_{column}"
    return change


def no_parts(draw: st.DrawFn, scene: Scene) -> Scene:
    """Only ground points are tracked."""
    return replace(scene, parts=None)


def positions_off_by_their_sigma(draw: st.DrawFn, scene: Scene) -> Scene:
    """Everybody is off by up to 1 sigma, each in a direction of his own, and sigma is said."""
    sigma = draw(st.sampled_from([0.1, 0.3]))
    rng = np.random.default_rng(draw(st.integers(0, 999)))
    off = {
        who: sigma * rng.uniform(0, 1) * np.array([np.cos(a), np.sin(a)])
        for who in sorted(set(tables.column(scene.tracks, "entity")))
        for a in [rng.uniform(0, 2 * np.pi)]
    }

    def moved(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        rows = np.array([off.get(who, np.zeros(2)) for who in tables.column(table, "entity")]).reshape(-1, 2)
        columns = {one: tables.column(table, one) for one in table.column_names if one not in ("sx", "sy")}
        columns |= {"x": columns["x"] + rows[:, 0], "y": columns["y"] + rows[:, 1]}
        return tables.table(name, columns | {"sigma": np.hypot(np.nan_to_num(columns["sigma"]), sigma)})

    return replace(scene, tracks=moved(scene.tracks, "tracks"), parts=moved(scene.parts, "parts"))


def _no_table(name: str) -> Change:
    def change(draw: st.DrawFn, scene: Scene) -> Scene:
        return replace(scene, **{name: None})

    change.__name__ = f"no_{name}"
    return change


def nobody_knows_the_ends(draw: st.DrawFn, scene: Scene) -> Scene:
    """Nobody says which team attacks where."""
    return replace(scene, attacks=tuple(Attacks(one.start, None, None) for one in scene.attacks))


def no_strength_or_benches(draw: st.DrawFn, scene: Scene) -> Scene:
    """Nobody says how many are allowed, or where the benches are."""
    return replace(scene, strength=(), benches={})


CHANGES: tuple[Change, ...] = (
    open_roster,
    nothing_complete,
    a_kind_not_listed,
    an_uncertain_event,
    events_at_uncertain_times,
    no_initial_state,
    a_gap,
    somebody_never_seen,
    _unnamed("team"),
    _unnamed("role"),
    _unnamed("number"),
    no_parts,
    positions_off_by_their_sigma,
    _no_table("clocks"),
    _no_table("plays"),
    _no_table("view"),
    nobody_knows_the_ends,
    no_strength_or_benches,
)
