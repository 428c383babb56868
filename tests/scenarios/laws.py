"""What the laws are checked on: random entries and formations as scripts, and what can be done to a scene."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import strategies as st

from records import tables
from records.calls import Call
from records.clock import Span
from records.scene import Attacks, Bench, Counts, Scene, Segment

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

    def later(span: Span) -> Span:
        return Span(span.start + seconds, span.stop + seconds)

    def steps(several: Any) -> Any:
        return tuple(replace(one, start=one.start + seconds) for one in several)

    initial = dict(scene.initial)
    if "control_since" in initial:
        initial["control_since"] += seconds
    return replace(
        scene,
        **{
            name: changed(getattr(scene, name), name, t=move)
            for name in ("tracks", "parts", "clocks", "view", "errors")
        },
        events=changed(scene.events, "events", t=move, until=move),
        plays=changed(scene.plays, "plays", **{"from": move, "to": move}),
        segments=tuple(Segment(later(one.span), one.kind) for one in scene.segments),
        complete={kind: tuple(later(span) for span in spans) for kind, spans in scene.complete.items()},
        initial=initial,
        **{name: steps(getattr(scene, name)) for name in ("attacks", "roster", "strength")},
    )


def mirrored(scene: Scene) -> Scene:
    """Return the scene with ends, sides and teams swapped."""

    def swap(values: Any) -> Any:
        return np.array([OTHER[value] for value in values], object)

    def ends(values: Any) -> Any:
        return np.array([ENDS[value] for value in values], object)

    def turn(table: pa.Table | None, name: str, *columns: str, **more: Any) -> pa.Table | None:
        return changed(table, name, **dict.fromkeys(columns, np.negative), **more)

    sides = {"-y": "+y", "+y": "-y"}
    initial = dict(scene.initial)
    if "possession" in initial:
        initial["possession"] = OTHER[initial["possession"]]
    return replace(
        scene,
        tracks=turn(scene.tracks, "tracks", "x", "y", "vx", "vy", team=swap),
        parts=turn(scene.parts, "parts", "x", "y"),
        events=turn(scene.events, "events", "x", "y", team=swap),
        plays=turn(scene.plays, "plays", "los_x", "ball_y", offense=swap, direction=ends),
        view=turn(scene.view, "view", *(f"{axis}{n}" for n in range(1, 5) for axis in "xy")),
        errors=turn(scene.errors, "errors", "ax", "ay"),
        attacks=tuple(Attacks(one.start, ENDS[one.away], ENDS[one.home]) for one in scene.attacks),
        roster=tuple(Counts(one.start, one.away, one.home) for one in scene.roster),
        strength=tuple(Counts(one.start, one.away, one.home) for one in scene.strength),
        benches={OTHER[t]: Bench(sides[one.side], -one.stop_x, -one.start_x) for t, one in scene.benches.items()},
        initial=initial,
    )


def with_sigma(scene: Scene, sigma: float) -> Scene:
    """Return the scene with every position good to ``sigma``, and nothing shared between them."""

    def own(values: Any) -> Any:
        return values * 0 + sigma

    tracks = {name: tables.column(scene.tracks, name) for name in scene.tracks.column_names}
    tracks = {name: values for name, values in tracks.items() if name not in ("sx", "sy")}
    tracks |= {"sigma": own(tracks["t"]), "common": 0 * tracks["t"]}
    parts = scene.parts
    if parts is not None:
        columns = {name: tables.column(parts, name) for name in parts.column_names}
        parts = tables.table("parts", columns | {"sigma": own(columns["t"])})
    plays = changed(scene.plays, "plays", los_sigma=lambda values: np.full(len(values), sigma))
    return replace(scene, tracks=tables.table("tracks", tracks), parts=parts, plays=plays, errors=None)


def moved(scene: Scene, entity: str, dx: float, dy: float) -> Scene:
    """Return the scene with one entity's tracks and parts moved."""

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        here = tables.column(table, "entity") == entity
        return changed(table, name, x=lambda x: x + dx * here, y=lambda y: y + dy * here)

    return replace(scene, tracks=content(scene.tracks, "tracks"), parts=content(scene.parts, "parts"))


def away(scene: Scene, entity: str, t: float) -> Scene:
    """Return the scene in which somebody is in the middle of the field from an instant on."""

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        here = (tables.column(table, "entity") == entity) & (tables.column(table, "t") >= t)
        return changed(table, name, x=lambda x: np.where(here, 0.0, x), y=lambda y: np.where(here, 0.0, y))

    return replace(scene, tracks=content(scene.tracks, "tracks"), parts=content(scene.parts, "parts"))


def stopped(scene: Scene, people: Collection[str], t: float) -> Scene:
    """Return the scene in which some people stand where they are from an instant on."""

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        if table is None:
            return None
        columns = {one: tables.column(table, one) for one in table.column_names}
        parts = columns.get("part", np.full(table.num_rows, ""))
        for person, part in sorted({*zip(columns["entity"], parts, strict=True)}):
            rows = np.flatnonzero((columns["entity"] == person) & (parts == part))
            late = rows[columns["t"][rows] > t]
            if person in people and len(late) and len(late) < len(rows):
                for axis in "xy":
                    columns[axis][late] = columns[axis][rows[len(rows) - len(late) - 1]]
                    if f"v{axis}" in columns:
                        columns[f"v{axis}"][late] *= 0.0
        return tables.table(name, columns)

    return replace(scene, tracks=content(scene.tracks, "tracks"), parts=content(scene.parts, "parts"))


def with_event(scene: Scene, **cells: Any) -> Scene:
    """Return the scene with one more event, whose time is exact."""
    own = scene.events if scene.events is not None else tables.empty("events")
    more = tables.table("events", {name: [value] for name, value in {"t_sigma": 0.0, **cells}.items()})
    return replace(scene, events=tables.ordered("events", pa.concat_tables([own, more])))


def in_time(scene: Scene, call: Call) -> Scene | None:
    """Return the scene in which what would flip a call happened when it says; None where that cannot be made."""
    flip = call.would_flip
    assert flip is not None
    assert flip.t is not None
    if "left the lane" in flip.text:
        return away(scene, str(flip.entity), flip.t)
    if "had stopped" in flip.text:
        return stopped(scene, [str(flip.entity)], flip.t)
    if "had been set" in flip.text:
        names, teams = (tables.column(scene.tracks, name) for name in ("entity", "team"))
        return stopped(scene, set(names[teams == call.team]), flip.t)
    if "had touched the puck" in flip.text:
        return with_event(scene, t=flip.t, kind="touch", team=call.team, detail="stick")
    return None


def shuffled(scene: Scene, seed: int) -> Scene:
    """Return the scene read from tables whose rows come in another order."""
    rng = np.random.default_rng(seed)

    def content(table: pa.Table | None, name: str) -> pa.Table | None:
        return None if table is None else tables.ordered(name, table.take(rng.permutation(table.num_rows)))

    return replace(scene, **{name: content(getattr(scene, name), name) for name in ("tracks", "parts", "events")})


LATE_S = 0.35  # an event's time is drawn up to a tenth of a second off, a count's limit moves with the frame rate


def opposite(one: Call, other: Call) -> bool:
    """Whether two calls contradict each other."""
    return {one.verdict, other.verdict} == {"violation", "clear"}


def matched(some: tuple[Call, ...], others: tuple[Call, ...], within: float = 0.1) -> list[tuple[Call, Call]]:
    """Return the calls of two runs on the same opportunities."""
    return [(a, b) for a in some for b in others if a.rule == b.rule and abs(a.t - b.t) <= within]


def contradictions(truth: tuple[Call, ...], told: tuple[Call, ...], within: float = LATE_S) -> list[tuple[Call, Call]]:
    """Return the definite calls that are wrong by a run that knows more, with one that contradicts each.

    Of several opportunities at one time (two players in the lane) any may be the same: a call is wrong when all of
    them say the opposite.
    """
    wrong = []
    for one in told:
        same = [other for other in truth if _alike(one, other) and abs(one.t - other.t) <= within]
        named = [other for other in same if set(one.entities) & set(other.entities)] or same
        if named and all(opposite(one, other) for other in named):
            wrong.append((one, named[0]))
    return wrong


def out_of_thin_air(truth: tuple[Call, ...], told: tuple[Call, ...]) -> list[Call]:
    """Return the violations said to be certain of which a run that knows more has no trace at all."""

    def near(one: Call, other: Call) -> bool:
        (a, b), (c, d) = one.window or (one.t, one.t), other.window or (other.t, other.t)
        return _alike(one, other) and other.verdict != "clear" and a - LATE_S <= d and c - LATE_S <= b

    sure = [one for one in told if one.verdict == "violation" and one.opportunity == "certain"]
    return [one for one in sure if not any(near(one, other) for other in truth)]


def _alike(one: Call, other: Call) -> bool:
    return one.rule == other.rule and (one.team == other.team or None in (one.team, other.team))
