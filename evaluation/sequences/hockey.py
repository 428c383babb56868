"""Zone entries of Olympic power plays after which play went on: legal, so each ``violation`` is a false alarm.

Nobody tracked the puck, and only who is in the picture is tracked. So a legal entry is decided only where the roster
tells that nobody else is on the ice. The figures are given for both, an open roster, and the roster that the
play-by-play's situation tells (which assumes that nobody is changing at that moment).
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from evaluation.sequences.score import Alarm, Figure, Score, at_least
from pipeline.judging import judge
from records.adapters import big_data_cup
from records.adapters.formats import drafts
from records.calls import Call
from records.errors import InputError
from records.scene import Scene, write_scene

RULE = "hockey.offside"
WITHIN_S = 1.0  # a call this near to a tagged entry is on it
ALARMS = 10
ROSTERS = {"open": "open roster", "situation": "roster of the situation"}
NOTES = (
    "limits: only the entry events place the puck, their time is good to 0.3 s: in 2 sigma of it a skater moves 5 m",
    "limits: positions scatter by 2 to 5 ft and are ground points: a footprint of 0.6 m is open on top",
    "limits: a median of 8 people is in the picture; with an open roster somebody unseen may always be ahead",
)


@dataclass(frozen=True)
class Entry:
    """A tagged entry: its power play, the time in it, and whose it was."""

    source: str
    t: float
    team: str


@dataclass(frozen=True, eq=False)
class Shot:
    """A judged camera shot: its scene and calls, and which tagged entries lie in it with the calls on them."""

    scene: Scene
    calls: tuple[Call, ...]
    entries: tuple[tuple[Entry, Call | None], ...]


def evaluate(data: Path, out: Path | None) -> Score:
    """Judge the camera shots, once with an open roster and once with that of the situation.

    Args:
        data: the folder with ``sequences/hockey``.
        out: where the scenes of what is worth a look go; nothing is kept when None.

    Raises:
        InputError: when the data is not there.
    """
    folder = data / "sequences" / "hockey"
    if not (folder / "zone_entries_check.csv").is_file():
        raise InputError("no tracked zone entries", where=str(folder), mend="the real test data has them")
    tagged = _tagged(folder / "zone_entries_check.csv")
    figures: list[Figure] = []
    alarms: list[Alarm] = []
    for roster, words in ROSTERS.items():
        shots = list(_shots(folder, tagged, roster))
        figures += _figures(shots, len(tagged), words)
        alarms += [Alarm(shot.scene, call) for shot in shots for call in _worth(shot)]
    alarms.sort(key=lambda one: one.call.verdict != "violation")
    if out is not None:
        for alarm in alarms[:ALARMS]:
            write_scene(alarm.scene, out / alarm.scene.id)
    return Score("hockey", tuple(figures), NOTES, tuple(alarms[:ALARMS]))


def _tagged(file: Path) -> list[Entry]:
    with file.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Entry(row["file"].removesuffix(".csv"), float(row["frame"]) / big_data_cup.FPS, row["team"]) for row in rows
    ]


def _shots(folder: Path, tagged: list[Entry], roster: str) -> Iterator[Shot]:
    for draft in drafts(folder / "tracking.parquet", "big_data_cup", {"roster": roster}):
        scene = draft.scene()
        calls = judge(scene).calls
        found = [(one, _on(one, scene, calls)) for one in tagged if _inside(one, scene)]
        yield Shot(scene, calls, tuple(found))


def _inside(entry: Entry, scene: Scene) -> bool:
    span = scene.span
    return span is not None and f", {entry.source}, " in scene.source and span.holds(entry.t)


def _on(entry: Entry, scene: Scene, calls: tuple[Call, ...]) -> Call | None:
    """Return the call on an entry, the nearest within ``WITHIN_S``."""
    home = entry.source.rpartition(" at ")[2].startswith(entry.team)
    team = "home" if home else "away"
    near = [one for one in calls if one.rule == RULE and one.team == team and abs(one.t - entry.t) <= WITHIN_S]
    return min(near, key=lambda one: abs(one.t - entry.t), default=None)


def _worth(shot: Shot) -> list[Call]:
    """Return what is worth a look: violations of any rule, and tagged entries that are decided or look offside."""
    entries = [call for _, call in shot.entries if call is not None and call.verdict != "violation"]
    doubtful = [one for one in entries if one.verdict == "clear" or (one.margin is not None and one.margin.value > 0)]
    return [call for call in shot.calls if call.verdict == "violation"] + doubtful


def _figures(shots: list[Shot], count: int, words: str) -> Iterator[Figure]:
    verdicts = [call.verdict if call is not None else "no call" for shot in shots for _, call in shot.entries]
    shares = {name: verdicts.count(name) / count for name in ("violation", "clear", "undecided")}
    yield at_least(f"entries without a violation, {words}", 1.0 - shares["violation"], 0.95, count)
    yield Figure(f"entries that are decided, {words}", shares["violation"] + shares["clear"], of=count)
    yield Figure(f"entries that have a call, {words}", sum(shares.values()), of=count)
    wrong = [call for shot in shots for call in shot.calls if call.verdict == "violation"]
    yield Figure(f"violations of any rule in all shots, {words}", len(wrong), of=len(shots))
