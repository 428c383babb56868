"""Last Row's published goals: players near the ball, and the ball, at 20 frames a second, one csv per goal.

Columns ``frame``, ``player``, ``player_num``, ``team`` (``attack`` or ``defense``), ``x``, ``y``; player 0 is the
ball. x and y run from 0 to 100 over the length and the width of the pitch, y upwards as they are drawn. The source
calls itself not accurate enough for research and leaves people out, so rosters are open and errors large. Heights
have no stated unit and are left out.

The attacking team is called home; it attacks the end where the ball ends up. There are no events: where the ball turns
or speeds up beside somebody he probably touched it, and that is told as a ``touch`` that is likely, not certain.

Options: ``length_m`` (105), ``width_m`` (68), ``edition``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as csv
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.errors import InputError

Floats = NDArray[np.float64]

OPTIONS = ("length_m", "width_m", "edition")
COLUMNS = ("frame", "player", "player_num", "team", "x", "y")
FRAMES_A_SECOND = 20.0
SIGMA_M = 1.0  # "lacks the accuracy needed for research"
BALL_SIGMA_M = 1.0
COMMON_M = 0.5
LIKELY = 0.7  # a turn of the ball beside somebody is a touch more often than not
KICK = 4.0  # m/s by which a touch changes the velocity of the ball, at least
NEAR_M = 2.5
APART_S = 0.3  # between two touches
TEAMS = {"attack": "home", "defense": "away"}


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per goal.

    Args:
        source: a csv file, or a folder of them.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    for file in sorted(source.glob("*.csv")) if source.is_dir() else [source]:
        yield _draft(file, _read(file), options)


def _read(file: Path) -> dict[str, Any]:
    try:
        table = csv.read_csv(file)
        for name in COLUMNS:
            if name not in table.column_names:
                raise InputError(f"the table has no column '{name}'", where=str(file))
        numbers = {
            name: table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
            for name in COLUMNS
            if name != "team"
        }
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"not a table that can be read ({error})".splitlines()[0], where=str(file)) from None
    return {**numbers, "team": [value or None for value in table.column("team").to_pylist()]}


def _draft(file: Path, rows: dict[str, Any], options: dict[str, Any]) -> Draft:
    length, width = float(options.get("length_m", 105.0)), float(options.get("width_m", 68.0))
    ball = rows["player"] == 0
    t = rows["frame"] / FRAMES_A_SECOND
    x, y = (rows["x"] / 100.0 - 0.5) * length, (rows["y"] / 100.0 - 0.5) * width
    entity = ["ball" if one == 0 else f"p{int(one)}" for one in rows["player"]]
    if not ball.any():
        raise InputError("there is no ball (player 0) in it", where=str(file))
    team = [None if is_ball else TEAMS.get(side) for is_ball, side in zip(ball, rows["team"], strict=True)]
    tracks = {
        "t": t,
        "entity": entity,
        "kind": np.where(ball, "ball", "player").tolist(),
        "team": team,
        "number": [None if np.isnan(one) else str(int(one)) for one in rows["player_num"]],
        "x": x,
        "y": y,
        "sigma": np.where(ball, BALL_SIGMA_M, SIGMA_M),
        "common": np.full(len(t), COMMON_M),
    }
    order = np.argsort(t[ball], kind="stable")
    end = "right" if x[ball][order][-1] > 0 else "left"
    keys = {
        "schema": 1, "id": file.stem, "domain": "soccer", "edition": str(options.get("edition", "ifab-2025")),
        "source": "Last Row", "attacks": {"home": end}, "field": {"length_m": length, "width_m": width},
        "resolution": "point",
    }  # fmt: skip
    people = {name: np.flatnonzero(np.array(entity) == name) for name in sorted(set(entity) - {"ball"})}
    path = np.column_stack([t[ball], x[ball], y[ball]])[order]
    return Draft(
        file.stem, keys, {"tracks": tracks, "events": _touches(path, people, np.column_stack([t, x, y]), team)}
    )


def _touches(
    path: Floats, people: dict[str, NDArray[np.int64]], rows: Floats, team: list[str | None]
) -> dict[str, Any]:
    """Return where the ball's velocity changes beside somebody: likely touches."""
    times, step = path[:, 0], 3 / FRAMES_A_SECOND
    before, here, later = (
        np.column_stack([np.interp(times + shift, times, path[:, axis]) for axis in (1, 2)])
        for shift in (-step, 0.0, step)
    )
    change = np.hypot(*((later - 2 * here + before) / step).T)
    columns: dict[str, list[Any]] = {name: [] for name in ("t", "t_sigma", "kind", "entity", "team", "p", "source")}
    last = -np.inf
    for frame in np.flatnonzero(change > KICK):
        around = np.abs(times - times[frame]) <= APART_S / 2
        if change[frame] < change[around].max() or times[frame] - last < APART_S:
            continue
        distance, who, side = _nearest(people, rows, team, path[frame])
        if distance > NEAR_M:
            continue
        last = float(times[frame])
        values = (last, 2 / FRAMES_A_SECOND, "touch", who, side, LIKELY, "derived from the ball's track")
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns


def _nearest(
    people: dict[str, NDArray[np.int64]], rows: Floats, team: list[str | None], at: Floats
) -> tuple[float, str, str | None]:
    found = [(np.inf, "", None)]
    for name, own in people.items():
        row = own[int(np.argmin(np.abs(rows[own, 0] - at[0])))]
        found.append((float(np.hypot(*(rows[row, 1:] - at[1:]))), name, team[row]))
    return min(found, key=lambda one: (one[0], one[1]))
