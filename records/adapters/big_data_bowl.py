"""NFL Next Gen Stats tracking as the Big Data Bowl published it, and tables of the same rows: one scene per play.

One row per instant and player, in csv or parquet: ``gameId``, ``playId``, ``x``, ``y`` (yards, 0 to 120 by 0 to 53.3
with the end zones), and, as far as the year has them, ``time`` (a date with time, or ``t`` in seconds), ``s``
(yards/s) with ``dir`` (degrees clockwise from +y), ``event``, ``nflId``, ``displayName``, ``jerseyNumber``,
``position``, ``team``, ``club`` or ``teamAbbr`` (``football`` or no id is the ball), ``possessionFlag``,
``playDirection``. ``a``, ``dis`` and ``o`` are not used. Rows are joined on time: frame numbers repeat and jump.

Beside the tracking, or named in the options, may lie ``plays.csv`` (``playDirection``, ``possessionTeam``, ``down``,
``yardsToGo``, ``playType``, ``absoluteYardlineNumber``), ``players.csv`` (``nflId`` and ``position`` or
``officialPosition``) and ``games.csv`` (``homeTeamAbbr``). Without the last the team whose name comes first in the
alphabet is called home.

x and y are the same for both directions of play, so nothing is mirrored: ``playDirection`` says which end the offense
attacks. The snap tag is a click that is 0 to 0.3 s late as a rule: the snap was 0.1 s before it, give or take 0.1 s
(1 sigma), and the ball's own motion says better. The line of scrimmage is where the ball lies, so it is not written
unless there is no ball.

Options: ``plays``, ``players``, ``games`` (files), ``game``, ``play`` (one id only), ``edition``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.adapters.sources import read_table, table_files
from records.errors import InputError
from records.units import IN, YD

Floats = NDArray[np.float64]
Rows = Mapping[str, NDArray[Any]]

OPTIONS = ("plays", "players", "games", "game", "play", "edition")
REQUIRED = ("gameId", "playId", "x", "y")
TEAM_COLUMNS = ("team", "club", "teamAbbr")
NOTHING = ("", "NA", "None", "nan", "null")
LENGTH_YD, WIDTH_YD = 120.0, 160.0 / 3.0
# The vendor says that a man's location is known within 6 inches. That is a circle, and we take it to hold 95 % of all
# errors, which for errors alike along both axes is 2.45 sigma of one axis; half of the variance is the man's own, and
# half that of the receivers, which neighbours share.
SIGMA_M = 6.0 * IN / 2.45 / 2**0.5
COMMON_M = SIGMA_M
VELOCITY_SIGMA = 0.1  # m/s; positions of a man at rest scatter by half a centimetre from one tenth to the next
TAG_LATE_S, TAG_SIGMA_S = 0.1, 0.1
SET_SIGMA_S = 0.5  # somebody's click that the line is set
SPOT_SIGMA_M = 0.25 * YD  # a line of scrimmage that is told in whole yards: half a yard at two sigma
POINT_OF_BALL_M = 5.5 * IN

ROLES = {
    "QB": "quarterback", "C": "center", "G": "guard", "OG": "guard", "T": "tackle", "OT": "tackle", "OL": "lineman",
    "TE": "tight_end", "WR": "wide_receiver", "RB": "running_back", "HB": "running_back", "FB": "fullback",
    "LS": "snapper", "K": "kicker", "P": "punter", "DT": "defensive_tackle", "DE": "defensive_end", "NT": "nose_tackle",
    "LB": "linebacker", "ILB": "linebacker", "OLB": "linebacker", "MLB": "linebacker", "CB": "cornerback",
    "DB": "cornerback", "S": "safety", "FS": "safety", "SS": "safety",
}  # fmt: skip
BESIDE = ("plays", "players", "games", "labels")
OFFENSE = ("quarterback", "center")
EVENTS = {
    "ball_snap": ("snap", -TAG_LATE_S, TAG_SIGMA_S),
    "snap_direct": ("snap", -TAG_LATE_S, TAG_SIGMA_S),
    "line_set": ("line_set", 0.0, SET_SIGMA_S),
    "huddle_break_offense": ("huddle_break", 0.0, SET_SIGMA_S),
}
KICKS = ("punt", "field_goal", "extra_point", "kick")


@dataclass(frozen=True)
class _Context:
    """What lies beside the tracking: rows by (game, play), positions by player, home teams by game."""

    plays: Mapping[tuple[str, str], Mapping[str, str]]
    positions: Mapping[str, str]
    homes: Mapping[str, str]
    edition: str


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per play, by game and play.

    Args:
        source: a csv or parquet file of tracking, or a folder of them.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    folder = source if source.is_dir() else source.parent
    context = _context(folder, options)
    for file in table_files(source, BESIDE):
        table = read_table(file)
        columns = _columns(table, str(file))
        keys = np.array([f"{game}\t{play}" for game, play in zip(columns["gameId"], columns["playId"], strict=True)])
        order = np.argsort(keys, kind="stable")
        edges = np.flatnonzero(np.concatenate(([True], keys[order][1:] != keys[order][:-1], [True])))
        for first, stop in pairwise(edges) if len(keys) else ():
            rows = {name: values[order[first:stop]] for name, values in columns.items()}
            game, play = str(rows["gameId"][0]), str(rows["playId"][0])
            if str(options.get("game", game)) == game and str(options.get("play", play)) == play:
                yield _draft(game, play, rows, context, str(file))


# reading


def _columns(table: pa.Table, where: str) -> dict[str, NDArray[Any]]:
    """Return the columns of a tracking table; numbers as floats, everything else as text, empty where there is none."""
    for name in REQUIRED:
        if name not in table.column_names:
            raise InputError(f"no column '{name}'", where=where, mend="the tracking of a Big Data Bowl has it")
    if "time" not in table.column_names and "t" not in table.column_names:
        raise InputError("no column 'time'", where=where, mend="rows are joined on time, not on frame numbers")
    found: dict[str, NDArray[Any]] = {}
    for name in ("x", "y", "s", "dir", "t"):
        if name in table.column_names:
            found[name] = _numbers(table[name], name, where)
    names = ("gameId", "playId", "event", "nflId", "displayName", "jerseyNumber", "position", "possessionFlag")
    for name in (*names, "playDirection", *TEAM_COLUMNS):
        if name in table.column_names:
            found[name] = _texts(table[name])
    if "t" not in found:
        found["t"] = _seconds(table["time"], where)
    return found


def _numbers(column: Any, name: str, where: str) -> Floats:
    try:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            column = pc.if_else(pc.is_in(column, value_set=pa.array(NOTHING, column.type)), None, column)
        values = pc.cast(column, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid as error:
        raise InputError(f"column '{name}' holds something that is no number ({error})", where=where) from None
    return np.asarray(values, np.float64)


def _texts(column: Any) -> NDArray[Any]:
    if pa.types.is_floating(column.type):
        column = pc.cast(column, pa.int64(), safe=False)
    values = pc.fill_null(pc.cast(column, pa.string()), "").to_numpy(zero_copy_only=False)
    missing = np.isin(values.astype(str), NOTHING)
    return np.where(missing, "", values).astype(object)


def _seconds(column: Any, where: str) -> Floats:
    """Return a column of dates with time as seconds from its earliest, so that differences are exact."""
    try:
        if pa.types.is_timestamp(column.type):
            stamps = pc.cast(column, pa.timestamp("us")).to_numpy(zero_copy_only=False)
        else:
            texts = pc.replace_substring(pc.cast(column, pa.string()), "Z", "")
            stamps = texts.to_numpy(zero_copy_only=False).astype(str).astype("datetime64[us]")
    except (pa.ArrowInvalid, ValueError) as error:
        raise InputError(f"column 'time' holds something that is no date with time ({error})", where=where) from None
    if not len(stamps):
        return np.zeros(0)
    return np.asarray((stamps - stamps.min()).astype("timedelta64[us]").astype(np.int64) / 1e6, np.float64)


def _context(folder: Path, options: Mapping[str, Any]) -> _Context:
    plays = _beside(folder, options, "plays") or _beside(folder, options, "labels")
    players, games = (_beside(folder, options, name) for name in ("players", "games"))
    return _Context(
        {(row["gameId"], row["playId"]): row for row in plays if "gameId" in row and "playId" in row},
        {row["nflId"]: row.get("position") or row.get("officialPosition") or "" for row in players if "nflId" in row},
        {row["gameId"]: row.get("homeTeamAbbr") or "" for row in games if "gameId" in row},
        str(options.get("edition", "nfl-2025")),
    )


def _beside(folder: Path, options: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    """Return the rows of a csv that lies beside the tracking, or that an option names."""
    given = options.get(name)
    file = Path(str(given)) if given else folder / f"{name}.csv"
    if not file.exists():
        if given:
            raise InputError("no such file", where=str(file), mend=f"check the option '{name}'")
        return []
    table = read_table(file)
    texts = {column: _texts(table[column]) for column in table.column_names}
    return [{column: str(values[row]) for column, values in texts.items()} for row in range(table.num_rows)]


# one play


def _draft(game: str, play: str, rows: Rows, context: _Context, where: str) -> Draft:
    about = context.plays.get((game, play), {})
    rows = {**rows, "position": _positions(rows, context)}
    people = _people(rows, context)
    sides = _sides(people, context.homes.get(game, ""), f"{where}, game {game}, play {play}")
    offense = _offense(rows, people, sides, about)
    direction = _direction(rows, about)
    t = _times(rows["t"])
    tracks = _tracks(rows, people, sides, t)
    keys = {
        "schema": 1,
        "id": f"{game}-{play}",
        "domain": "football",
        "edition": context.edition,
        "attacks": {offense: direction} if offense and direction else {"home": None},
        "source": f"Next Gen Stats, game {game}, play {play}",
        "complete": {"snap": "all"},
        "resolution": "point",
    }
    content = {
        "tracks": tracks,
        "events": _events(rows, t, offense),
        "plays": _plays(play, t, offense, direction, about, "ball" in people.values()),
    }
    return Draft(f"{game}-{play}", keys, {name: one for name, one in content.items() if one})


def _times(t: Floats) -> Floats:
    """Return the seconds to the millisecond, counted from the first unless the source counts from the snap."""
    start = 0.0 if float(t.min()) < 0 else float(t.min())
    return np.round(t - start, 3)


def _people(rows: Rows, context: _Context) -> dict[str, str]:
    """Return whom each row's key stands for: key -> team, or ``ball``; the key is the player's id or name."""
    team = next((rows[name] for name in TEAM_COLUMNS if name in rows), None)
    keys = _keys(rows)
    found: dict[str, str] = {}
    for key, which in zip(keys, team if team is not None else [""] * len(keys), strict=True):
        if key not in found:
            found[key] = "ball" if key in ("", "ball", "football") or str(which).lower() == "football" else str(which)
    return found


def _keys(rows: Rows) -> NDArray[Any]:
    ids, names = rows.get("nflId"), rows.get("displayName")
    if ids is None:
        return names if names is not None else np.array([""] * len(rows["x"]), object)
    return np.where(ids == "", names if names is not None else "", ids)


def _positions(rows: Rows, context: _Context) -> NDArray[Any]:
    """Return the position of each row's player: as the row says, or else as the list of players does."""
    own = rows.get("position", np.array([""] * len(rows["x"]), object))
    listed = [context.positions.get(str(one), "") for one in rows.get("nflId", own)]
    return np.array([one or other for one, other in zip(own, listed, strict=True)], object)


def _sides(people: Mapping[str, str], home: str, where: str) -> dict[str, str]:
    """Return team -> home or away."""
    teams = sorted(set(people.values()) - {"ball", ""})
    if set(teams) <= {"home", "away"}:
        return {name: name for name in teams}
    if len(teams) > 2:
        raise InputError(f"more than two teams: {', '.join(teams)}", where=where)
    if home in teams:
        return {name: "home" if name == home else "away" for name in teams}
    return dict(zip(teams, ("home", "away"), strict=False))


def _offense(rows: Rows, people: Mapping[str, str], sides: Mapping[str, str], about: Mapping[str, str]) -> str | None:
    """Return who has the ball: as flagged, as the play says, or the team with a quarterback."""
    keys = _keys(rows)
    if "possessionFlag" in rows:
        flagged = {people[key] for key, flag in zip(keys, rows["possessionFlag"], strict=True) if flag == "1"}
        teams = sorted(flagged & set(sides))
        if len(teams) == 1:
            return sides[teams[0]]
    if about.get("possessionTeam") in sides:
        return sides[about["possessionTeam"]]
    teams = sorted({people[k] for k, one in zip(keys, rows["position"], strict=True) if ROLES.get(one) in OFFENSE})
    return sides.get(teams[0]) if len(teams) == 1 else None


def _direction(rows: Rows, about: Mapping[str, str]) -> str | None:
    own = [str(value) for value in rows.get("playDirection", ()) if value]
    given = own[0] if own else about.get("playDirection", "")
    return given if given in ("left", "right") else None


def _tracks(rows: Rows, people: Mapping[str, str], sides: Mapping[str, str], t: Floats) -> dict[str, Any]:
    """Return the columns of the tracks: each instant of each entity once, the first row that says it."""
    keys = _keys(rows)
    names = _names(rows, keys, people, sides)
    entity = np.array([names[key] for key in keys], object)
    known = np.isfinite(rows["x"]) & np.isfinite(rows["y"]) & np.isfinite(t)
    _, first = np.unique(np.array([f"{name}\t{stamp:.3f}" for name, stamp in zip(entity, t, strict=True)]), True)
    kept = np.sort(first)
    kept = kept[known[kept]]
    kind = np.array(["ball" if people[key] == "ball" else "player" for key in keys], object)
    team = np.array([sides.get(people[key]) for key in keys], object)
    ball = kind == "ball"
    columns: dict[str, Any] = {
        "t": t, "entity": entity, "kind": kind, "team": team,
        "x": (rows["x"] - LENGTH_YD / 2) * YD, "y": (rows["y"] - WIDTH_YD / 2) * YD,
        "sigma": np.full(len(t), SIGMA_M), "common": np.full(len(t), COMMON_M),
        "role": np.array([ROLES.get(one) for one in rows["position"]], object),
    }  # fmt: skip
    if "jerseyNumber" in rows:
        jerseys = [None if which or not one else one for which, one in zip(ball, rows["jerseyNumber"], strict=True)]
        columns["number"] = np.array(jerseys, object)
    columns |= _velocities(rows, kind)
    return {name: values[kept] for name, values in columns.items()}


def _velocities(rows: Rows, kind: NDArray[Any]) -> dict[str, Floats]:
    """Return the velocity of the players from speed and direction; a ball's is not one to rely on."""
    if "s" not in rows or "dir" not in rows:
        return {}
    angle = np.deg2rad(rows["dir"])
    speed = np.where(kind == "player", rows["s"] * YD, np.nan)
    vx, vy = speed * np.sin(angle), speed * np.cos(angle)
    return {"vx": vx, "vy": vy, "sv": np.where(np.isfinite(vx), VELOCITY_SIGMA, np.nan)}


def _names(rows: Rows, keys: NDArray[Any], people: Mapping[str, str], sides: Mapping[str, str]) -> dict[str, str]:
    """Return the id of each key: team and jersey number, as in h12, or the player's own id where that is not one."""
    jersey = rows.get("jerseyNumber")
    wanted: dict[str, str] = {}
    for row, key in enumerate(keys):
        if key in wanted:
            continue
        side = sides.get(people[key])
        number = "" if jersey is None else str(jersey[row])
        if people[key] == "ball":
            wanted[key] = "ball"
        else:
            wanted[key] = f"{side[0]}{number}" if side and number else str(key).replace(" ", "_")
    taken = list(wanted.values())
    return {key: name if taken.count(name) == 1 else f"{name}-{key}" for key, name in wanted.items()}


def _events(rows: Rows, t: Floats, offense: str | None) -> dict[str, Any]:
    """Return the tags that rules know, once each."""
    if "event" not in rows:
        return {}
    tags = sorted({(float(stamp), str(tag)) for stamp, tag in zip(t, rows["event"], strict=True) if tag in EVENTS})
    if not tags:
        return {}
    return {
        "t": [stamp + EVENTS[tag][1] for stamp, tag in tags],
        "kind": [EVENTS[tag][0] for _, tag in tags],
        "team": [offense] * len(tags),
        "t_sigma": [EVENTS[tag][2] for _, tag in tags],
        "source": ["tag"] * len(tags),
    }


def _plays(
    play: str, t: Floats, offense: str | None, direction: str | None, about: Mapping[str, str], ball: bool
) -> dict[str, Any]:
    row: dict[str, Any] = {
        "play": play, "from": float(t.min()), "to": float(t.max()), "offense": offense, "direction": direction,
        "down": _whole(about.get("down")), "distance": _whole(about.get("yardsToGo")),
    }  # fmt: skip
    kind = about.get("playType", "")
    row["kick"] = any(word in kind for word in KICKS) if kind else None
    spot = _whole(about.get("absoluteYardlineNumber"))
    if not ball and spot is not None and direction is not None:
        tip = POINT_OF_BALL_M if direction == "right" else -POINT_OF_BALL_M
        row["los_x"], row["los_sigma"] = (spot - LENGTH_YD / 2) * YD + tip, SPOT_SIGMA_M
    return {name: [value] for name, value in row.items()}


def _whole(text: str | None) -> int | None:
    try:
        return int(float(text or ""))
    except ValueError:
        return None
