"""Tracking and play-by-play of the Big Data Cup (Stathletes), as cleaned by thebucketless: one scene per camera shot.

Tracking, csv or parquet, one row per frame and player: ``frame_id``, ``track_id``, ``video_shot``, ``team_name``,
``jersey_number``, ``x_ft``, ``y_ft`` (feet, 0 to 200 by 0 to 85), ``powerplay_id`` (the only key to the events besides
the game), and ``src`` where several files were put together; otherwise the file is named like
``2022-02-08 Canada at USA P1 PP1.csv``. Beside it, or named in the options, lie ``play_by_play.csv`` (``game_date``
day/month/year, ``team_name``, ``venue``, ``player_name``, ``event``, ``event_type``, ``event_successful``,
``x_coord``, ``y_coord``, ``player_name_2``, ``situation_type``, ``frame_id_1``, ``frame_id_2``, ``powerplay_id``) and
``rosters.csv`` (``game``, ``player``, ``jersey_number``, ``position``, ``team``).

- A track is one player only within one ``video_shot``; so a shot is a scene. The frames have no time of their own:
  about 30 a second of film, so ``fps`` is an option.
- Events are turned so that their team attacks x = 200, and their y is mirrored against the tracking. Which end a team
  attacks in the film is found from where the events' own players were tracked; without events it is unknown.
- Nobody tracked the puck. An event places it, with ``EVENT_SIGMA_M`` and ``EVENT_SIGMA_S``; a zone entry places it on
  the blue line, on its way in. Between events it is unknown.
- Only who is in the picture is tracked, so the roster is open. ``roster=situation`` takes it from ``situation_type``
  instead, with a goalkeeper who is not in the picture at his goal. That of a zone entry is not read: the source has it
  the wrong way round there.
- Which side of the rink the camera is on is not said: y is taken as it is.

Options: ``events``, ``rosters`` (files), ``fps``, ``roster`` (``open`` or ``situation``), ``edition``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.adapters.sources import read_table, table_files
from records.errors import InputError
from records.units import FT

Floats = NDArray[np.float64]
Rows = Mapping[str, NDArray[Any]]

OPTIONS = ("events", "rosters", "fps", "roster", "edition")
REQUIRED = ("frame_id", "track_id", "team_name", "jersey_number", "x_ft", "y_ft", "powerplay_id")
BESIDE = ("play_by_play", "rosters", "power_plays", "zone_entries_check")
NAMED = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d) (?P<away>.+) at (?P<home>.+?)(?: P(?P<period>\d))?(?: PP(?P<play>\d+))?$"
)
COUNTRIES = {"United States": "USA", "Olympic Athletes from Russia": "ROC"}  # play-by-play -> tracking
LENGTH_FT, WIDTH_FT, BLUE_LINE_FT = 200.0, 85.0, 126.0
FPS = 30.0
SIGMA_M = 3.0 * FT  # "an area rather than a point": errors of 2 to 5 ft, of which a part is shared by the frame
COMMON_M = 2.0 * FT
EVENT_SIGMA_M = 4.0 * FT  # an event and its player's track lie 2.7 ft (x) and 3.6 ft (y) apart in the median
EVENT_SIGMA_S = 0.3  # the tagged frame of an entry is off by up to half a second of skating
ENTRY_SPEED = 8.0  # m/s with which a puck is taken to come over the line; only its uncertain instant matters
ENTRY_S, ENTRY_STEP_S = 0.9, 0.1  # three sigma of its time to both sides
ENTRY_TAU_S = 10.0  # the error of an entry's time is one and the same from before it until after it
GOALIE_SIGMA_M = 3.0  # a goalkeeper who is not in the picture is somewhere around his crease
GOALIE_FT = 84.0  # from the middle


@dataclass(frozen=True)
class _Person:
    """One line of a roster: side is ``home`` or ``away``."""

    number: str
    goalie: bool
    side: str


@dataclass(frozen=True)
class _Game:
    """A file of tracking: which game and power play it is of, who is home, and its events with a frame."""

    name: str
    home: str | None
    people: Mapping[str, _Person]
    events: Sequence[Mapping[str, str]]


@dataclass(frozen=True, eq=False)
class _Shot:
    """The rows of one camera shot with their times, and which end the home team attacks (+1 right, 0 unknown)."""

    rows: Rows
    t: Floats
    game: _Game
    fps: float
    sign: int

    def team(self, row: int) -> str | None:
        """Return the side of the player in a row."""
        if self.game.home is None:
            return None
        return "home" if self.rows["team_name"][row] == self.game.home else "away"


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per file (or ``src``) and camera shot.

    Args:
        source: a csv or parquet file of tracking, or a folder of them.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    fps = _rate(options.get("fps", FPS))
    if options.get("roster", "open") not in ("open", "situation"):
        raise InputError(f"roster is 'open' or 'situation', not '{options['roster']}'", where="big_data_cup")
    folder = source if source.is_dir() else source.parent
    events, rosters = (_beside(folder, options, *names) for names in (("events", "play_by_play"), ("rosters",) * 2))
    for file in table_files(source, BESIDE):
        rows = _columns(file)
        for name in sorted(set(rows["src"])):
            own = _chosen(rows, rows["src"] == name)
            game = _game(str(name), set(own["powerplay_id"]), events, rosters)
            sign = _direction(own, game)
            for number in sorted(set(own["video_shot"])):
                mine = _chosen(own, own["video_shot"] == number)
                shot = _Shot(mine, mine["frame_id"] / fps, game, fps, sign)
                yield _draft(shot, int(number), options)


# reading


def _rate(value: Any) -> float:
    try:
        rate = float(value)
    except (TypeError, ValueError):
        rate = float("nan")
    if not 0 < rate < 1000:
        raise InputError(f"fps is a number of frames per second, not '{value}'", where="big_data_cup, fps")
    return rate


def _columns(file: Path) -> dict[str, NDArray[Any]]:
    table = read_table(file)
    for name in REQUIRED:
        if name not in table.column_names:
            raise InputError(f"no column '{name}'", where=str(file), mend="tracking of the Big Data Cup has it")
    found: dict[str, NDArray[Any]] = {}
    for name in ("frame_id", "x_ft", "y_ft"):
        found[name] = _numbers(table, name, file)
    for name in ("track_id", "team_name", "jersey_number", "powerplay_id"):
        found[name] = _texts(table[name])
    count = table.num_rows
    found["src"] = _texts(table["src"]) if "src" in table.column_names else np.full(count, file.stem, object)
    shots = _numbers(table, "video_shot", file) if "video_shot" in table.column_names else np.ones(count)
    found["video_shot"] = shots
    kept = np.isfinite(found["frame_id"]) & np.isfinite(found["x_ft"]) & np.isfinite(found["y_ft"]) & np.isfinite(shots)
    return _chosen(found, kept)


def _numbers(table: pa.Table, name: str, file: Path) -> Floats:
    try:
        return np.array(
            [np.nan if one in (None, "", "NA") else float(one) for one in table[name].to_pylist()], np.float64
        )
    except ValueError as error:
        raise InputError(f"column '{name}' holds something that is no number ({error})", where=str(file)) from None


def _texts(column: Any) -> NDArray[Any]:
    values = ("" if one is None or one == "NA" else one for one in column.to_pylist())
    return np.array(
        [str(int(one)) if isinstance(one, float) and one.is_integer() else str(one) for one in values], object
    )


def _chosen(rows: Rows, mask: NDArray[np.bool_]) -> dict[str, NDArray[Any]]:
    return {name: values[mask] for name, values in rows.items()}


def _beside(folder: Path, options: Mapping[str, Any], option: str, stem: str) -> list[dict[str, str]]:
    """Return the rows of a csv that lies beside the tracking, or that an option names, as text."""
    given = options.get(option)
    file = Path(str(given)) if given else folder / f"{stem}.csv"
    if not file.exists():
        if given:
            raise InputError("no such file", where=str(file), mend=f"check the option '{option}'")
        return []
    table = read_table(file)
    columns = {name: _texts(table[name]) for name in table.column_names}
    return [{name: values[row] for name, values in columns.items()} for row in range(table.num_rows)]


def _game(name: str, plays: set[str], events: list[dict[str, str]], rosters: list[dict[str, str]]) -> _Game:
    """Return the game of a file with its people and its events that have a frame."""
    told = NAMED.match(name)
    if told is None:
        return _Game(name, None, {}, ())
    people = {
        row.get("player", ""): _Person(
            row.get("jersey_number", ""), row.get("position") == "Goalie", row.get("team", "")
        )
        for row in rosters
        if row.get("game") == f"{told['date']} {told['away']} at {told['home']}"
    }
    sides = {told["home"]: "home", told["away"]: "away"}
    own = [
        row
        for row in events
        if row.get("frame_id_1")
        and _day(row.get("game_date", "")) == told["date"]
        and sides.get(_country(row.get("team_name", ""))) == row.get("venue")
        and row.get("powerplay_id") in plays
    ]
    return _Game(name, told["home"], people, own)


def _day(text: str) -> str:
    try:
        return datetime.strptime(text, "%d/%m/%Y").strftime("%Y-%m-%d")
    except ValueError:
        return text


def _country(text: str) -> str:
    name = text.rpartition(" - ")[2]
    return COUNTRIES.get(name, name)


# who attacks where


def _direction(rows: Rows, game: _Game) -> int:
    """Return +1 when the home team attacks x = 200, -1 when it attacks 0, and 0 when the events do not tell.

    Each event of a tracked player votes with how much nearer he was to where it would be one way than the other.
    """
    votes = []
    for event in game.events:
        person, frame = game.people.get(event.get("player_name", "")), _number(event.get("frame_id_1"))
        x, y = _number(event.get("x_coord")), _number(event.get("y_coord"))
        if person is None or not np.isfinite(frame + x + y):
            continue
        here = (rows["frame_id"] == frame) & (rows["jersey_number"] == person.number)
        here &= (rows["team_name"] == game.home) == (person.side == "home")
        for row in np.flatnonzero(here):
            away = [np.hypot(rows["x_ft"][row] - a, rows["y_ft"][row] - b) for a, b in _both_ways(x, y)]
            votes.append(float(np.sign(away[1] - away[0])) * (1 if person.side == "home" else -1))
    return int(np.sign(sum(votes)))


def _both_ways(x: float, y: float) -> list[tuple[float, float]]:
    """Return where an event is in the tracking when its team attacks x = 200, and when it attacks 0."""
    return [(x, WIDTH_FT - y), (LENGTH_FT - x, y)]


def _number(text: str | None) -> float:
    try:
        return float(text) if text else float("nan")
    except ValueError:
        return float("nan")


# one shot


def _draft(shot: _Shot, number: int, options: Mapping[str, Any]) -> Draft:
    tracks, events, puck = _Columns(), _Columns(), _Puck()
    _players(shot, tracks)
    counts = _counts(shot)
    for event in _timed(shot):
        _happening(shot, event, puck, events)
    puck.add_to(tracks)
    known = options.get("roster") == "situation" and bool(counts)
    if known:
        _goalkeepers(shot, tracks)
    name = f"{shot.game.name.lower().replace(' ', '-')}-shot{number}"
    ends = {1: "right", -1: "left", 0: None}
    keys: dict[str, Any] = {
        "schema": 1, "id": name, "domain": "hockey", "edition": str(options.get("edition", "iihf-2025")),
        "attacks": {"home": ends[shot.sign], "away": ends[-shot.sign]},
        "source": f"Big Data Cup, {shot.game.name}, shot {number}",
        "field": {"preset": "nhl"}, "resolution": "point",
    }  # fmt: skip
    if counts:
        keys["strength"] = counts
    if known:
        keys["roster"] = counts
    tables: dict[str, Any] = {"tracks": tracks.filled(TRACK_COLUMNS)}
    if events.columns:
        tables["events"] = events.filled(EVENT_COLUMNS)
    return Draft(name, keys, tables)


TRACK_COLUMNS = ("t", "entity", "kind", "team", "number", "x", "y", "sx", "sy", "tau", "common")
EVENT_COLUMNS = ("t", "t_sigma", "until", "kind", "entity", "team", "x", "y", "detail")


class _Columns:
    """Columns that grow row by row; what is left out is null."""

    def __init__(self) -> None:
        self.columns: dict[str, list[Any]] = {}
        self.count = 0

    def add(self, **values: Any) -> None:
        count = len(values["t"])
        for name, value in values.items():
            block = list(value) if isinstance(value, np.ndarray | list) else [value] * count
            self.columns.setdefault(name, [None] * self.count).extend(block)
        self.count += count
        for column in self.columns.values():
            column.extend([None] * (self.count - len(column)))

    def filled(self, names: Sequence[str]) -> dict[str, list[Any]]:
        return {name: self.columns.get(name, [None] * self.count) for name in names}


class _Puck:
    """Where the puck was at events; what an entry says of its time goes before other events."""

    def __init__(self) -> None:
        self.places: dict[float, tuple[float, float]] = {}
        self.entries: list[tuple[Floats, Floats, float]] = []

    def seen(self, t: float, x: float, y: float) -> None:
        """Note a place, metres; the first of one instant counts."""
        if np.isfinite(x) and np.isfinite(y):
            self.places.setdefault(round(t, 6), (x, y))

    def came_in(self, t: Floats, x: Floats, y: float) -> None:
        """Note an entry; one within the time of another is the same again."""
        if all(t[0] > times[-1] for times, _, _ in self.entries):
            self.entries.append((t, x, y))

    def add_to(self, tracks: _Columns) -> None:
        """Write the track."""
        base = {"entity": "puck", "kind": "puck", "sy": EVENT_SIGMA_M, "common": 0.0}
        for t, (x, y) in sorted(self.places.items()):
            if not any(times[0] <= t <= times[-1] for times, _, _ in self.entries):
                tracks.add(t=np.array([t]), x=x, y=y, sx=EVENT_SIGMA_M, **base)
        for times, along, y in self.entries:
            tracks.add(t=times, x=along, y=y, sx=ENTRY_SPEED * EVENT_SIGMA_S, tau=ENTRY_TAU_S, **base)


def _metres(x: Any, y: Any) -> tuple[Any, Any]:
    return (x - LENGTH_FT / 2) * FT, (y - WIDTH_FT / 2) * FT


def _players(shot: _Shot, tracks: _Columns) -> None:
    goalies = {(one.side, one.number) for one in shot.game.people.values() if one.goalie}
    for track in sorted(set(shot.rows["track_id"]), key=lambda one: (len(one), one)):
        rows = np.flatnonzero(shot.rows["track_id"] == track)
        rows = rows[np.argsort(shot.t[rows], kind="stable")]
        rows = rows[np.concatenate(([True], np.diff(shot.t[rows]) > 0))]
        side, number = shot.team(rows[0]), shot.rows["jersey_number"][rows[0]]
        x, y = _metres(shot.rows["x_ft"][rows], shot.rows["y_ft"][rows])
        tracks.add(
            t=shot.t[rows], entity=f"track{track}", kind="goalie" if (side, number) in goalies else "player",
            team=side, number=number or None, x=x, y=y, sx=SIGMA_M, sy=SIGMA_M, common=COMMON_M,
        )  # fmt: skip


def _timed(shot: _Shot) -> list[tuple[float, Mapping[str, str]]]:
    """Return the events within a shot with their times, in order."""
    found = [(_number(event["frame_id_1"]) / shot.fps, event) for event in shot.game.events]
    first, last = float(shot.t.min()), float(shot.t.max())
    return sorted((one for one in found if first <= one[0] <= last), key=lambda one: one[0])


def _counts(shot: _Shot) -> list[dict[str, Any]]:
    """Return how many are allowed on the ice, goalkeepers included, from when an event tells it."""
    steps: list[dict[str, Any]] = []
    for t, event in _timed(shot):
        told = re.fullmatch(r"(\d) on (\d)", event.get("situation_type", ""))
        if told is None or event.get("venue") not in ("home", "away") or event.get("event") == "Zone Entry":
            continue
        own, other = (min(int(one) + 1, 6) for one in told.groups())
        sides = {"home": own, "away": other} if event["venue"] == "home" else {"home": other, "away": own}
        if not steps or {**steps[-1], "from": 0} != {"from": 0, **sides}:
            steps.append({"from": t if steps else min(float(shot.t.min()), t), **sides})
    return steps


def _goalkeepers(shot: _Shot, tracks: _Columns) -> None:
    """Put a goalkeeper who is not in the picture around his crease."""
    times = np.unique(shot.t)[::15]
    kinds = zip(tracks.columns["kind"], tracks.columns["team"], strict=True)
    tracked = {team for kind, team in kinds if kind == "goalie"}
    for side, sign in (("home", -shot.sign), ("away", shot.sign)):
        if side not in tracked and sign:
            tracks.add(
                t=times, entity=f"{side}-goalie", kind="goalie", team=side, number=None, x=sign * GOALIE_FT * FT, y=0.0,
                sx=GOALIE_SIGMA_M, sy=GOALIE_SIGMA_M, common=0.0,
            )  # fmt: skip


# events

GAINS = ("Puck Recovery", "Takeaway")
SHOTS = ("Shot", "Goal", "Dump In/Out", "Play")


def _happening(shot: _Shot, timed: tuple[float, Mapping[str, str]], puck: _Puck, events: _Columns) -> None:
    """Add what an event says: who played the puck, and where that was."""
    t, event = timed
    who, kind = _who(shot, event.get("player_name", ""), _number(event["frame_id_1"])), event.get("event", "")
    side = event.get("venue")
    x, y = _place(shot, event, "")
    base = {"t": np.array([t]), "t_sigma": EVENT_SIGMA_S, "team": side, "x": x, "y": y}
    if kind == "Zone Entry":
        _entry(shot, event, t, puck)
        if event.get("event_type") == "Carried":
            events.add(**{**base, "t": np.array([t - ENTRY_S])}, kind="possession", entity=who, until=t + ENTRY_S / 2)
        else:
            events.add(**base, kind="touch", entity=who, detail="stick")
        return
    if kind == "Faceoff Win":
        events.add(**{**base, "team": None}, kind="faceoff", entity=None)
    elif kind in GAINS:
        events.add(**base, kind="possession", entity=who)
    elif kind in SHOTS:
        events.add(**base, kind="touch", entity=who, detail="stick")
    puck.seen(t, x, y)
    if kind == "Goal" or (kind == "Shot" and event.get("event_successful") == "t"):
        events.add(**base, kind="goal", entity=who)
    if kind == "Play" and event.get("event_successful") == "t":
        _received(shot, event, puck, events)


def _received(shot: _Shot, event: Mapping[str, str], puck: _Puck, events: _Columns) -> None:
    frame = _number(event.get("frame_id_2"))
    x, y = _place(shot, event, "_2")
    t = frame / shot.fps
    if not np.isfinite(t + x + y) or not shot.t.min() <= t <= shot.t.max():
        return
    who = _who(shot, event.get("player_name_2", ""), frame)
    events.add(t=np.array([t]), t_sigma=EVENT_SIGMA_S, team=event.get("venue"), kind="possession", entity=who, x=x, y=y)
    puck.seen(t, x, y)


def _entry(shot: _Shot, event: Mapping[str, str], t: float, puck: _Puck) -> None:
    """Let the puck come over the blue line at the tagged time, as uncertain along the ice as that time is."""
    sign = shot.sign * (1 if event.get("venue") == "home" else -1)
    _, y = _place(shot, event, "")
    if not sign or not np.isfinite(y):
        return
    steps = np.arange(-ENTRY_S, ENTRY_S + ENTRY_STEP_S / 2, ENTRY_STEP_S)
    x = sign * ((BLUE_LINE_FT - LENGTH_FT / 2) * FT + ENTRY_SPEED * steps)
    puck.came_in(t + steps, x, y)


def _place(shot: _Shot, event: Mapping[str, str], which: str) -> tuple[float, float]:
    """Return where an event was, metres in the field frame; not a number where that is unknown."""
    sign = shot.sign * (1 if event.get("venue") == "home" else -1)
    x, y = _number(event.get(f"x_coord{which}")), _number(event.get(f"y_coord{which}"))
    if not sign:
        return float("nan"), float("nan")
    x, y = _metres(*_both_ways(x, y)[0 if sign > 0 else 1])
    return float(x), float(y)


def _who(shot: _Shot, name: str, frame: float) -> str | None:
    """Return the track of a player at a frame, by side and jersey number; None when that is not one track."""
    person = shot.game.people.get(name)
    if person is None:
        return None
    here = (shot.rows["frame_id"] == frame) & (shot.rows["jersey_number"] == person.number)
    here &= (shot.rows["team_name"] == shot.game.home) == (person.side == "home")
    found = sorted(set(shot.rows["track_id"][here]))
    return f"track{found[0]}" if len(found) == 1 else None
