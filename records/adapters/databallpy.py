"""Soccer matches saved by databallpy: tracking and events as parquet tables in one folder.

``tracking_data`` has one row per frame with ``home_7_x``, ``home_7_y`` and so on, ``ball_x``, ``ball_status`` and a
UTC ``datetime``; ``event_data`` and ``pass_events`` are Opta's or others', on a clock of their own. Positions are
metres from the centre of the pitch, y to the left of x, and the home team attacks the right end all the time. One
draft is yielded per period that was tracked; its time runs from the first frame.

The clocks of tracking and events are not the same. Whoever plays the ball is near it, so the offset is the one that
brings the players of all passes nearest to the ball, in the median. Then every play is moved to the instant, within
what the events scatter, at which the ball is at the player's feet and changes its velocity most; where there is
none it keeps a large ``t_sigma``.

A ball that is not ``alive`` is play stopped; its stop is told as a whistle. Receptions are no events, so touches are
not completely listed.

Options: ``clock_offset_s`` (by which the events are late; by default found as above), ``edition``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.errors import InputError

Floats = NDArray[np.float64]

OPTIONS = ("clock_offset_s", "edition")
SIGMA_M = 0.2  # of optical tracking by several cameras; the vendor states none
BALL_SIGMA_M = 0.3
COMMON_M = 0.1
OFFSETS_S = np.arange(-5.0, 5.01, 0.04)  # event clocks that are started by hand are a few seconds off
SEARCH_S = 0.8  # how far single events scatter about the offset: they are tagged by hand, to the second
AT_FEET_M = 2.0  # the ball is that near to who plays it, tracking errors included
KICK = 3.0  # m/s: a play changes the velocity of the ball by more
FOUND_SIGMA_S = 0.08  # two frames: the ball's track is smoothed over about as much
LOST_SIGMA_S = 0.5
WINDOW_S = 0.12  # velocities before and after a kick are taken over this
RESTARTS = {
    "kick_off": "kick_off",
    "throw_in": "throw_in",
    "free_kick": "free_kick",
    "goal_kick": "goal_kick",
    "corner_kick": "corner",
    "penalty": "penalty",
}
TOUCHES = {
    "ball touch": None,
    "interception": None,
    "clearance": None,
    "tackle": None,
    "take on": None,
    "miss": None,
    "post": None,
    "attempt saved": None,
    "goal": None,
    "blocked pass": "deflection",
}
GAINS = ("ball recovery", "claim", "keeper pick-up", "smother")


@dataclass(frozen=True, eq=False)
class _Tracking:
    """One period: arrays (frame,) or (frame, 2), metres and seconds from its first frame."""

    t: Floats
    start: float  # of the period, seconds of the UTC clock
    people: dict[str, Floats]
    ball: Floats
    height: Floats
    alive: NDArray[np.bool_]


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per tracked period.

    Args:
        source: the folder.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    table = _read(source / "tracking_data.parquet", ("ball_x", "ball_y", "datetime", "period_id"))
    people = {row["id"]: row for side in ("home", "away") for row in _players(source, side)}
    length, width = _pitch(source)
    periods = table.column("period_id").to_numpy()
    for period in sorted({int(one) for one in np.unique(periods) if one > 0}):
        tracking = _tracking(table.filter(pa.array(periods == period)))
        events = _events(source, period, tracking, people, options.get("clock_offset_s"))
        yield _draft(
            source.name, period, tracking, people, events, (length, width), str(options.get("edition", "ifab-2025"))
        )


def _read(file: Path, needed: tuple[str, ...]) -> pa.Table:
    try:
        table = parquet.read_table(file)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a table that can be read ({error})".splitlines()[0], where=str(file)) from None
    for name in needed:
        if name not in table.column_names:
            raise InputError(f"the table has no column '{name}'", where=str(file))
    return table


def _players(source: Path, side: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = _read(source / f"{side}_players.parquet", ("id", "shirt_num", "position")).to_pylist()
    return [{**row, "entity": f"{side}_{row['shirt_num']}", "team": side} for row in rows]


def _pitch(source: Path) -> tuple[float, float]:
    file = source / "metadata.json"
    try:
        length, width = json.loads(file.read_text(encoding="utf-8"))["pitch_dimensions"]
        return float(length), float(width)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"no pitch_dimensions ({type(error).__name__})", where=str(file)) from None


def _tracking(table: pa.Table) -> _Tracking:
    def column(name: str) -> Floats:
        return np.asarray(table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False), np.float64)

    clock = _seconds(table)
    names = sorted(
        name[:-2] for name in table.column_names if name.startswith(("home_", "away_")) and name.endswith("_x")
    )
    people = {name: np.column_stack([column(f"{name}_x"), column(f"{name}_y")]) for name in names}
    nothing = np.full(len(clock), np.nan)
    status = table.column("ball_status").to_pylist() if "ball_status" in table.column_names else ["alive"] * len(clock)
    return _Tracking(
        np.round(clock - clock[0], 3),
        float(clock[0]),
        {name: xy for name, xy in people.items() if np.isfinite(xy).any()},
        np.column_stack([column("ball_x"), column("ball_y")]),
        column("ball_z") if "ball_z" in table.column_names else nothing,
        np.array([one == "alive" for one in status], np.bool_),
    )


def _seconds(table: pa.Table) -> Floats:
    stamps = table.column("datetime").cast(pa.timestamp("ns", "UTC")).cast(pa.int64()).to_numpy()
    result: Floats = stamps / 1e9
    return result


# events


def _events(
    source: Path, period: int, tracking: _Tracking, people: dict[str, dict[str, Any]], given: float | None
) -> dict[str, list[Any]]:
    table = _read(source / "event_data.parquet", ("event_id", "original_event", "player_id", "period_id", "datetime"))
    clock = _seconds(table) - tracking.start
    rows = [
        {**row, "clock": float(t)}
        for row, t in zip(table.to_pylist(), clock, strict=True)
        if row["period_id"] == period
    ]
    pieces = _set_pieces(source)
    told = [one for row in rows for one in _told(row, people, pieces)]
    offset = _offset(told, tracking) if given is None else float(given)
    columns: dict[str, list[Any]] = {
        name: [] for name in ("t", "t_sigma", "kind", "entity", "team", "detail", "p", "source")
    }
    found: dict[Any, tuple[float, float]] = {}
    for one in told:
        if one["event"] not in found:
            found[one["event"]] = _placed(one, offset, tracking)
        t, sigma = found[one["event"]]
        if not 0.0 <= t <= tracking.t[-1]:
            continue
        values = {**one, "t": t, "t_sigma": sigma, "source": "events"}
        for name, column in columns.items():
            column.append(values[name])
    for t in tracking.t[1:][tracking.alive[:-1] & ~tracking.alive[1:]].tolist():
        values = {"t": t, "t_sigma": LOST_SIGMA_S / 2, "kind": "whistle", "source": "ball_status"}
        for name, column in columns.items():
            column.append(values.get(name))
    return columns


def _set_pieces(source: Path) -> dict[Any, str]:
    file = source / "pass_events.parquet"
    if not file.exists():
        return {}
    rows = _read(file, ("event_id", "set_piece")).to_pylist()
    return {row["event_id"]: RESTARTS[row["set_piece"]] for row in rows if row["set_piece"] in RESTARTS}


def _told(row: dict[str, Any], people: dict[str, dict[str, Any]], pieces: dict[Any, str]) -> Iterator[dict[str, Any]]:
    """Yield what one event of the source comes to."""
    person = people.get(row["player_id"])
    base = {
        "event": row["event_id"], "clock": row["clock"], "entity": person and person["entity"],
        "team": person and person["team"], "detail": None, "p": None,
    }  # fmt: skip
    what = row["original_event"]
    if person is None:
        return
    if what == "pass":
        if row["event_id"] in pieces:
            yield {**base, "kind": "restart", "detail": pieces[row["event_id"]]}
        yield {**base, "kind": "pass"}
    elif what == "save":
        yield {**base, "kind": "save"}
    elif what in GAINS:
        yield {**base, "kind": "possession"}
    elif what in TOUCHES:
        yield {**base, "kind": "touch", "detail": TOUCHES[what]}
    elif what == "aerial":  # told of both who jump; which of them got the ball is not
        yield {**base, "kind": "touch", "p": 0.5}


def _offset(told: list[dict[str, Any]], tracking: _Tracking) -> float:
    """Return by how many seconds the events are late: what brings the passers nearest to the ball, in the median."""
    passes = [one for one in told if one["kind"] == "pass" and one["entity"] in tracking.people]
    if not passes:
        return 0.0
    distances = [
        float(np.median([_distance(tracking, one["entity"], one["clock"] - shift) for one in passes]))
        for shift in OFFSETS_S
    ]
    return float(OFFSETS_S[int(np.nanargmin(distances))]) if np.isfinite(distances).any() else 0.0


def _distance(tracking: _Tracking, entity: str, t: float) -> float:
    frame = int(np.clip(np.searchsorted(tracking.t, t), 0, len(tracking.t) - 1))
    return float(np.nan_to_num(np.hypot(*(tracking.people[entity][frame] - tracking.ball[frame])), nan=100.0))


def _placed(one: dict[str, Any], offset: float, tracking: _Tracking) -> tuple[float, float]:
    """Return when an event happened on the clock of the tracking, and its 1-sigma, seconds."""
    t = one["clock"] - offset
    if one["entity"] not in tracking.people:
        return t, LOST_SIGMA_S
    first, last = np.searchsorted(tracking.t, (t - SEARCH_S, t + SEARCH_S))
    frames = np.arange(max(first, 0), min(last, len(tracking.t)))
    if not len(frames):
        return t, LOST_SIGMA_S
    near = np.hypot(*(tracking.people[one["entity"]][frames] - tracking.ball[frames]).T) < AT_FEET_M
    change = np.where(near, np.nan_to_num(_velocity_change(tracking, frames)), 0.0)
    best = int(change.argmax())
    return (float(tracking.t[frames[best]]), FOUND_SIGMA_S) if change[best] > KICK else (t, LOST_SIGMA_S)


def _velocity_change(tracking: _Tracking, frames: NDArray[np.int64]) -> Floats:
    """Return how much the velocity of the ball changes at frames, m/s."""
    here = tracking.t[frames]
    places = [
        np.column_stack([np.interp(here + shift, tracking.t, tracking.ball[:, axis]) for axis in (0, 1)])
        for shift in (-WINDOW_S, 0.0, WINDOW_S)
    ]
    change = (places[2] - 2 * places[1] + places[0]) / WINDOW_S
    result: Floats = np.hypot(*change.T)
    return result


# writing


def _draft(
    name: str, period: int, tracking: _Tracking, people: dict[str, dict[str, Any]], events: dict[str, list[Any]],
    pitch: tuple[float, float], edition: str,
) -> Draft:  # fmt: skip
    roles = {row["entity"]: row["position"] for row in people.values()}
    blocks = [_rows(tracking.t, "ball", None, tracking.ball, tracking.height, BALL_SIGMA_M)]
    for entity, xy in tracking.people.items():
        nothing = np.full(len(tracking.t), np.nan)
        blocks.append(_rows(tracking.t, entity, roles.get(entity), xy, nothing, SIGMA_M))
    tracks = {column: np.concatenate([block[column] for block in blocks]) for column in blocks[0]}
    counts = {
        side: int(sum(np.isfinite(xy[0]).all() for entity, xy in tracking.people.items() if entity.startswith(side)))
        for side in ("home", "away")
    }
    keys = {
        "schema": 1, "id": f"{name}-p{period}", "domain": "soccer", "edition": edition, "source": "databallpy",
        "attacks": {"home": "right"}, "field": {"length_m": pitch[0], "width_m": pitch[1]}, "roster": counts,
        "segments": _segments(tracking), "complete": {"restart": "all"}, "resolution": "point",
    }  # fmt: skip
    return Draft(f"{name}-p{period}", keys, {"tracks": tracks, "events": events})


def _rows(t: Floats, entity: str, role: str | None, xy: Floats, z: Floats, sigma: float) -> dict[str, Any]:
    seen = np.isfinite(xy).all(axis=1)
    count = int(seen.sum())

    def words(value: str | None) -> NDArray[Any]:
        return np.full(count, value, object)

    team, _, number = entity.partition("_")
    kind, side = ("player", team) if number else ("ball", None)
    return {
        "t": t[seen], "entity": words(entity), "kind": words(kind), "team": words(side), "role": words(role),
        "number": words(number or None), "x": xy[seen, 0], "y": xy[seen, 1], "z": z[seen],
        "sigma": np.full(count, sigma), "common": np.full(count, COMMON_M),
    }  # fmt: skip


def _segments(tracking: _Tracking) -> list[dict[str, Any]]:
    """Return the spans of a ball alive and not; a change lies between two frames."""
    edges = np.flatnonzero(np.diff(tracking.alive)) + 1
    starts, stops = np.concatenate(([0], edges)), np.concatenate((edges, [len(tracking.t)]))
    return [
        {
            "from": float(tracking.t[first]),
            "to": float(tracking.t[min(stop, len(tracking.t) - 1)]),
            "kind": "live" if tracking.alive[first] else "stopped",
        }
        for first, stop in zip(starts, stops, strict=True)
    ]
