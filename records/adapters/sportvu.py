"""SportVU tracking of NBA games: the public movement files (JSON), and tables of the same moments.

**JSON**: ``events[].moments[] = [quarter, unix ms, game clock, shot clock, null, [[team, player, x, y, z], ...]]``, the
ball first, with team and player -1. Neighbouring events repeat moments; each instant is taken once. Time is the wall
clock from the first moment of the quarter on, and play is stopped while the game clock stands still.

**Table** (parquet or csv): one row per moment and entity with ``game``, ``game_clock``, ``shot_clock``, ``team_id``,
``player_id``, ``x_loc``, ``y_loc``, ``radius`` (the height of the ball), of one quarter a game. It has no wall clock:
time is the length of the period less the game clock, and stands still with it. What happens in a dead ball is not
there, so play was stopped wherever somebody is further from where he was a moment ago than anybody runs, or somebody
else plays.

Both are in feet from a corner of the court. Nothing in them says who attacks where. In half-court play the
defenders stand between their men and the basket, so the team that is further from a basket, on the average while the
ball is near it, attacks it; where a quarter of the moments or more says otherwise, the ends stay unknown.

Options: ``games`` (csv with ``game`` and ``home_team_id``, for tables; without it the smaller id is called home),
``game`` (one id only), ``edition``, ``period_s`` (720).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.adapters.sources import read_table
from records.errors import InputError
from records.units import FT

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OPTIONS = ("games", "game", "edition", "period_s")
COLUMNS = ("game", "game_clock", "shot_clock", "team_id", "player_id", "x_loc", "y_loc", "radius")
LENGTH_FT, WIDTH_FT = 94.0, 50.0
BALL = -1
SIGMA_M = 0.06  # of a position; the vendor states none: players who stand scatter by 0.08 m, their own motion included
BALL_SIGMA_M = 0.2
COMMON_M = 0.05  # of the calibration, shared by a frame
CLOCK_SIGMA_S = 0.15  # tables mix the readings of a step, as resets show: 0.26 s either way, evenly
SHOT_CLOCK_SIGMA_S = 0.21  # the same of the shot clock, against a time that is mixed likewise
PERIOD_S = 720.0
RUNNING = 11.0  # m/s: nobody is faster, so between two moments of running play nobody moves more
NOISE_M = 1.5  # and the noise of two positions; a dead ball moves somebody by more than that
HARDEST = 10.0  # m/s^2: nobody starts and stops harder
SCATTER_M = 0.5  # and the noise of four positions
SEVERAL = 3  # players who move so at once: one may be a mistaken identity
STILL_S = 0.3  # a game clock that shows the same for longer stands still
LONGEST_STEP_S = 1.2  # a longer step is a gap in the source, and says nothing about play
NEAR_FT = 30.0  # from the end line: half-court play
AGREE = 0.75  # share of half-court moments that settle who attacks


@dataclass(frozen=True, eq=False)
class _Quarter:
    """The rows of one quarter of one game, in order of time; arrays (row,)."""

    name: str
    t: Floats
    game_clock: Floats
    shot_clock: Floats
    team: Ints
    player: Ints
    x: Floats  # feet
    y: Floats
    z: Floats
    home: int
    numbers: dict[int, str]
    wall_clock: bool


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per quarter.

    Args:
        source: a JSON file, a folder of them, or a table.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    files = sorted(source.glob("*.json")) if source.is_dir() else [source]
    for file in files:
        quarters = _from_json(file) if file.suffix == ".json" else _from_table(file, options)
        for quarter in quarters:
            yield _draft(quarter, str(options.get("edition", "nba-2025")))


# reading


def _from_json(file: Path) -> Iterator[_Quarter]:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        game, events = str(content["gameid"]), content["events"]
        people = {side: events[0][side] for side in ("home", "visitor")}
        home = int(people["home"]["teamid"])
        numbers = {
            int(one["playerid"]): str(one["jersey"]) for side in people.values() for one in side.get("players", ())
        }
        moments = {(int(m[0]), int(m[1])): m for event in events for m in event["moments"]}
        rows = [
            (quarter, ms, _number(m[2]), _number(m[3]), *(float(value) for value in position[:5]))
            for (quarter, ms), m in sorted(moments.items())
            for position in m[5]
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise InputError(f"no SportVU movement file ({type(error).__name__}: {error})", where=str(file)) from None
    table = np.array(rows, np.float64).reshape(-1, 9)
    for quarter in np.unique(table[:, 0]):
        own = table[table[:, 0] == quarter]
        t = (own[:, 1] - own[0, 1]) / 1000.0
        ids = own[:, 4:6].astype(np.int64)
        yield _Quarter(
            f"{game}-q{int(quarter)}", t, own[:, 2], own[:, 3], ids[:, 0], ids[:, 1], own[:, 6], own[:, 7], own[:, 8],
            home, numbers, True,
        )  # fmt: skip


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _from_table(file: Path, options: dict[str, Any]) -> Iterator[_Quarter]:
    table = read_table(file)
    for name in COLUMNS:
        if name not in table.column_names:
            raise InputError(f"the table has no column '{name}'", where=str(file))
    columns = {name: _column(table, name) for name in COLUMNS[1:]}
    coded = table.column("game").combine_chunks().dictionary_encode()
    codes, words = coded.indices.to_numpy(zero_copy_only=False), [_game(word) for word in coded.dictionary.to_pylist()]
    homes = _homes(options.get("games"))
    period = float(options.get("period_s", PERIOD_S))
    for code, game in sorted(enumerate(words), key=lambda item: item[1]):
        if options.get("game") not in (None, game):
            continue
        rows = np.flatnonzero((codes == code) & np.isfinite(columns["game_clock"]))
        rows = rows[np.lexsort((columns["player_id"][rows], -columns["game_clock"][rows]))]
        own = {name: values[rows] for name, values in columns.items()}
        clock = np.round(own["game_clock"], 3)
        fresh = np.concatenate(([True], (np.diff(clock) != 0) | (np.diff(own["player_id"]) != 0)))
        own, clock = {name: values[fresh] for name, values in own.items()}, clock[fresh]
        teams = own["team_id"].astype(np.int64)
        known = sorted(set(teams[teams != BALL].tolist()))
        yield _Quarter(
            game, np.round(period - clock, 3), clock, own["shot_clock"], teams, own["player_id"].astype(np.int64),
            own["x_loc"], own["y_loc"], own["radius"], homes.get(game, known[0] if known else 0), {}, False,
        )  # fmt: skip


def _game(value: Any) -> str:
    """Return a game's id as published, ten digits; csv readers take its zeros away."""
    return f"{value:010d}" if isinstance(value, int) else str(value)


def _column(table: pa.Table, name: str) -> Floats:
    try:
        values = table.column(name).cast(pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowException:
        raise InputError(f"column '{name}' does not hold numbers", where="sportvu") from None
    return np.asarray(values, np.float64)


def _homes(file: Any) -> dict[str, int]:
    if file is None:
        return {}
    table = read_table(Path(file))
    return {
        _game(game): int(home)
        for game, home in zip(table.column("game").to_pylist(), table.column("home_team_id").to_pylist(), strict=True)
    }


# writing


def _draft(quarter: _Quarter, edition: str) -> Draft:
    ball = quarter.player == BALL
    sides = np.where(quarter.team == quarter.home, "home", "away")
    names = {player: "ball" if player == BALL else str(player) for player in set(quarter.player.tolist())}
    tracks = {
        "t": quarter.t,
        "entity": [names[player] for player in quarter.player.tolist()],
        "kind": np.where(ball, "ball", "player").tolist(),
        "team": [None if is_ball else side for is_ball, side in zip(ball.tolist(), sides.tolist(), strict=True)],
        "number": [quarter.numbers.get(player) for player in quarter.player.tolist()],
        "x": (quarter.x - LENGTH_FT / 2) * FT,
        "y": (quarter.y - WIDTH_FT / 2) * FT,
        "z": np.where(ball, quarter.z * FT, np.nan),
        "sigma": np.where(ball, BALL_SIGMA_M, SIGMA_M),
        "common": np.full(len(quarter.t), COMMON_M),
    }
    keys: dict[str, Any] = {
        "schema": 1, "id": quarter.name, "domain": "basketball", "edition": edition, "attacks": _attacks(quarter),
        "source": "SportVU", "resolution": "point", "roster": {"home": 5, "away": 5}, "segments": _segments(quarter),
    }  # fmt: skip
    return Draft(quarter.name, keys, {"tracks": tracks, "clocks": _clocks(quarter)})


def _starts(quarter: _Quarter) -> Ints:
    """Return the first row of each moment."""
    return np.flatnonzero(np.concatenate(([True], np.diff(quarter.t) > 0)))


def _clocks(quarter: _Quarter) -> dict[str, Any]:
    first = _starts(quarter)
    columns: dict[str, Any] = {"t": [], "clock": [], "value": []}
    for name, values in (("game", quarter.game_clock[first]), ("shot", quarter.shot_clock[first])):
        shown = np.isfinite(values)
        columns["t"] += quarter.t[first][shown].tolist()
        columns["clock"] += [name] * int(shown.sum())
        columns["value"] += values[shown].tolist()
    sigma = [SHOT_CLOCK_SIGMA_S if name == "shot" else CLOCK_SIGMA_S for name in columns["clock"]]
    return columns | {"sigma": np.array(sigma)}


def _segments(quarter: _Quarter) -> list[dict[str, Any]]:
    """Return live play and the stops in it; live without an end at either side."""
    stops = _still(quarter) if quarter.wall_clock else _seams(quarter)
    edges = [None, *(edge for stop in stops for edge in stop), None]
    kinds = ("live", "stopped")
    return [
        {"from": low, "to": high, "kind": kinds[place % 2]}
        for place, (low, high) in enumerate(pairwise(edges))
        if low is None or high is None or high > low
    ]


def _still(quarter: _Quarter) -> list[tuple[float, float]]:
    """Return when the game clock stood still."""
    first = _starts(quarter)
    t, clock = quarter.t[first], quarter.game_clock[first]
    running = np.concatenate(([True], np.diff(clock) != 0))
    marks = np.flatnonzero(running)
    found = []
    for begin, after in zip(marks, [*marks[1:].tolist(), len(t)], strict=True):
        last = min(after, len(t) - 1)
        if t[last] - t[begin] > STILL_S + LONGEST_STEP_S * (last - begin <= 1):
            found.append((float(t[begin]), float(t[last])))
    return found


def _seams(quarter: _Quarter) -> list[tuple[float, float]]:
    """Return where the game clock was stopped between two moments: somebody is where nobody runs, or somebody new.

    Or several are where nobody gets with the speeds that they had before and after.
    """
    first = [*_starts(quarter).tolist(), len(quarter.t)]
    moments = [
        {
            int(quarter.player[row]): (float(quarter.x[row]), float(quarter.y[row]))
            for row in range(begin, end)
            if quarter.player[row] != BALL
        }
        for begin, end in pairwise(first)
    ]
    t = [float(quarter.t[begin]) for begin in first[:-1]]
    found = []
    for place in range(1, len(moments)):
        before, here, step = moments[place - 1], moments[place], t[place] - t[place - 1]
        if not before or step > LONGEST_STEP_S:
            continue
        moved = any(_apart(here[one], before[one]) > RUNNING * step + NOISE_M for one in here.keys() & before.keys())
        changed = here.keys() != before.keys() and len(here) == len(before)
        if moved or changed or _thrown(moments[place - 2 : place + 2], t[place - 2 : place + 2]):
            found.append((t[place - 1], t[place]))
    return found


def _thrown(moments: list[dict[int, tuple[float, float]]], t: list[float]) -> bool:
    """Return whether several players moved between the middle two of four moments as no acceleration lets them."""
    if len(moments) < 4 or t[3] - t[0] > 3 * LONGEST_STEP_S:
        return False
    a, b, c, d = moments
    step = t[2] - t[1]
    far = HARDEST * step**2 / 4 + SCATTER_M
    count = 0
    for one in a.keys() & b.keys() & c.keys() & d.keys():
        earlier, moved, later = (_way(*pair) for pair in ((a[one], b[one]), (b[one], c[one]), (c[one], d[one])))
        off = [
            moved[k] - (earlier[k] / (t[1] - t[0]) + later[k] / (t[3] - t[2])) * step / 2 for k in (0, 1)
        ]  # what their mean speed before and after does not account for
        most = np.hypot(*moved) > max(np.hypot(*earlier), np.hypot(*later))
        count += bool(most and np.hypot(off[0], off[1]) > far)
    return count >= SEVERAL


def _way(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    """Return how far it is from one place to another, metres along and across."""
    return (other[0] - one[0]) * FT, (other[1] - one[1]) * FT


def _apart(one: tuple[float, float], other: tuple[float, float]) -> float:
    return float(np.hypot(one[0] - other[0], one[1] - other[1])) * FT


def _attacks(quarter: _Quarter) -> dict[str, str]:
    """Return which end the home team attacks, or nothing where that is not clear; see the module."""
    first = _starts(quarter)
    bounds = [*first.tolist(), len(quarter.t)]
    votes = []
    for begin, end in pairwise(bounds):
        rows = slice(begin, end)
        team, x = quarter.team[rows], quarter.x[rows]
        ball = x[quarter.player[rows] == BALL]
        home, away = x[team == quarter.home], x[(team != quarter.home) & (team != BALL)]
        if not len(ball) or not len(home) or not len(away):
            continue
        if min(ball[0], LENGTH_FT - ball[0]) < NEAR_FT:
            votes.append(float(home.mean()) < float(away.mean()))  # at either end, that is how home attacks the right
    if not votes:
        return {}
    share = float(np.mean(votes))
    if max(share, 1.0 - share) < AGREE:
        return {}
    return {"home": "right" if share > 0.5 else "left"}
