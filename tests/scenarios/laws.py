"""What the laws are checked on: random entries and formations as scripts, and what can be done to a scene."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from records import tables
from records.calls import Call
from records.clock import Span
from records.scene import Attacks, Counts, Scene, Segment

OTHER = {"home": "away", "away": "home", None: None}
ENDS = {"left": "right", "right": "left", None: None}
METRES = st.floats(-4.0, 4.0).map(lambda value: round(value, 2))


@st.composite
def entries(
    draw: st.DrawFn, sigma: float | None = None, skates: bool | None = None, brisk: bool = False
) -> dict[str, Any]:
    """Draw a puck that comes in, carried or shot, with attackers around the line, and what happens then.

    Brisk attackers are never so slow that the direction of their skates is unknown.
    """
    speed = draw(st.floats(4.0, 15.0))
    carried = draw(st.booleans())
    puck = {0: [-speed, 0], 2: [speed, 0], 4: [speed + 1, 0]}
    people = {
        "puck": puck,
        "h9": {0: [-speed - 1.5, 0.5], 2: [speed - 1.5 if carried else -4, 0.5], 4: [0 if carried else -4, 3]},
    }
    parts: dict[str, Any] = {}
    for name, y in (("h17", 9.0), ("h8", -9.0))[: draw(st.integers(1, 2))]:
        at_entry = draw(METRES)
        pace = draw(st.floats(2.0, 8.0) if brisk else st.floats(-2.0, 8.0))
        later = draw(st.sampled_from([-12.0, 14.0]) if brisk else st.floats(-5.0, 8.0))
        people[name] = {0: [at_entry - pace, y], 1: [at_entry, y], 1.5: [at_entry + pace / 2, y], 4: [later, y]}
        if draw(st.booleans()) if skates is None else skates:
            parts[name] = _skates(people[name])
    people["a4"] = {0: [6, draw(st.sampled_from([-5.0, 5.0]))], 4: [9, 0]}
    events: list[list[Any]] = [[0, "possession", "h9", {"until": 4.0 if carried else 0.5}]]
    if not carried:
        events.append([0.5, "touch", "h9", {"detail": "stick"}])
        events += draw(st.sampled_from([[], [[3.0, "touch", "h17", {"detail": "stick"}]], [[2.5, "pursuit", "h9"]]]))
    chosen = draw(st.sampled_from([0.02, 0.1, 0.3])) if sigma is None else sigma
    return {
        "domain": "hockey", "title": "drawn", "people": people, "parts": parts, "events": events, "sigma": chosen,
        "fps": draw(st.sampled_from([25, 30])), "toward": draw(st.sampled_from(["left", "right"])),
    }  # fmt: skip


def _skates(path: dict[float, list[float]]) -> dict[str, Any]:
    return {
        "left_skate": {t: [x - 0.3, y + 0.2, 0.0] for t, (x, y) in path.items()},
        "right_skate": {t: [x + 0.3, y - 0.2, 0.0] for t, (x, y) in path.items()},
    }


@st.composite
def formations(draw: st.DrawFn, sigma: float | None = None) -> dict[str, Any]:
    """Draw an offense around the line at a snap."""
    depth = st.one_of(st.floats(-1.0, -0.4), st.floats(-5.0, -0.4))
    numbers = ("61", "63", "65", "72", "74", "88", "81", "7", "22", "11", "13")
    people = {"h61": {0: [-0.7, 0.0], 1: [-0.7, 0.0]}}
    for place, number in enumerate(numbers[1:]):
        spot = [draw(depth), (-1) ** place * (1.5 + 2.0 * place)]
        people[f"h{number}"] = {0: spot, 1: spot}
    chosen = draw(st.sampled_from([0.02, 0.1, 0.3])) if sigma is None else sigma
    return {
        "domain": "football",
        "title": "drawn",
        "people": people,
        "roles": {"h61": "center", "h72": "tackle", "h74": "tackle"},
        "events": [[0.8, "snap", "h61"]],
        "sigma": chosen,
        "toward": draw(st.sampled_from(["left", "right"])),
    }


def changed(table: pa.Table | None, name: str, **columns: Any) -> pa.Table | None:
    """Return a table with columns replaced by functions of themselves."""
    if table is None:
        return None
    data = {key: tables.column(table, key) for key in table.column_names}
    return tables.table(name, data | {key: change(data[key]) for key, change in columns.items()})


def shifted(scene: Scene, seconds: float) -> Scene:
    """Return the scene at another time."""

    def move(values: Any) -> Any:
        return values + seconds

    return replace(
        scene,
        tracks=changed(scene.tracks, "tracks", t=move),
        parts=changed(scene.parts, "parts", t=move),
        events=changed(scene.events, "events", t=move, until=move),
        plays=changed(scene.plays, "plays", **{"from": move, "to": move}),
        segments=tuple(
            Segment(Span(one.span.start + seconds, one.span.stop + seconds), one.kind) for one in scene.segments
        ),
    )


def mirrored(scene: Scene) -> Scene:
    """Return the scene with ends, sides and teams swapped."""

    def swap(values: Any) -> Any:
        return np.array([OTHER[value] for value in values], object)

    turn = {"x": np.negative, "y": np.negative}
    return replace(
        scene,
        tracks=changed(scene.tracks, "tracks", team=swap, vx=np.negative, vy=np.negative, **turn),
        parts=changed(scene.parts, "parts", **turn),
        events=changed(scene.events, "events", team=swap, **turn),
        plays=changed(
            scene.plays, "plays", offense=swap, los_x=np.negative,
            direction=lambda values: np.array([ENDS[value] for value in values], object),
        ),
        attacks=tuple(Attacks(one.start, ENDS[one.away], ENDS[one.home]) for one in scene.attacks),
        roster=tuple(Counts(one.start, one.away, one.home) for one in scene.roster),
    )  # fmt: skip


def moved(scene: Scene, entity: str, dx: float, dy: float) -> Scene:
    """Return the scene with one entity's tracks and parts moved."""

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        here = tables.column(table, "entity") == entity
        return changed(table, name, x=lambda x: x + dx * here, y=lambda y: y + dy * here)

    return replace(scene, tracks=content(scene.tracks, "tracks"), parts=content(scene.parts, "parts"))


def shuffled(scene: Scene, seed: int) -> Scene:
    """Return the scene read from tables whose rows come in another order."""
    rng = np.random.default_rng(seed)

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        return None if table is None else tables.ordered(name, table.take(rng.permutation(table.num_rows)))

    return replace(scene, **{name: content(getattr(scene, name), name) for name in ("tracks", "parts", "events")})


def opposite(one: Call, other: Call) -> bool:
    """Whether two calls contradict each other."""
    return {one.verdict, other.verdict} == {"violation", "clear"}


def matched(some: tuple[Call, ...], others: tuple[Call, ...], within: float = 0.1) -> list[tuple[Call, Call]]:
    """Return the calls of two runs on the same opportunities."""
    return [(a, b) for a in some for b in others if a.rule == b.rule and abs(a.t - b.t) <= within]
