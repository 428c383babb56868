"""Basketball rules on the first quarters of NBA games, against the calls in their play-by-play.

The calls are positives only: officials miss most violations, so an alarm is not a mistake until somebody has looked at
it. A call counts as found when a call of ours on the same player (the same team, for team violations) says
``violation`` or ``undecided``, and the called clock is within ``NEAR_S`` of the stretch from our ``t``, when the count
went over the limit, to the end of its evidence: an official blows the whistle at some time while the player is still
in the lane. How many are found when only ``t`` itself counts is reported too. Alarms are those that match no call.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.sequences.score import Alarm, Figure, Score, at_least, under
from pipeline.judging import judge
from records import calls as calls_file
from records.adapters import sportvu
from records.calls import Call
from records.errors import InputError
from records.scene import Scene, write_scene

PERIOD_S = 720.0
NEAR_S = 2.0  # the play-by-play clock is whole seconds, and the whistle follows the violation
BEFORE_S, AFTER_S, LEAST_MOMENTS = 12.0, 2.0, 4  # a call can be scored when so many moments around it were tracked
STEP_S = 1.2  # tracked time counts up to this step
SHOWN = 10  # alarms that are shown
FOUND = ("violation", "undecided")
PERSONAL = ("three_seconds", "defensive_three_seconds")
GOALS: dict[str, tuple[float, float | None, float | None]] = {  # share found, violations and undecided a minute
    "three_seconds": (0.75, 0.6, 1.0),
    "defensive_three_seconds": (0.75, 1.5, 2.0),
    "shot_clock": (0.95, 0.02, None),
    "backcourt": (1.0, 0.1, None),
}


@dataclass(frozen=True)
class Label:
    """A call that an official made."""

    game: str
    t: float
    rule: str
    player: str
    team: str


@dataclass(frozen=True, eq=False)
class Judged:
    """A quarter with its calls and the calls of the officials that can be scored."""

    scene: Scene
    calls: tuple[Call, ...]
    labels: tuple[Label, ...]


def evaluate(data: Path, out: Path | None = None) -> Score:
    """Judge the quarters and score the calls.

    Args:
        data: the folder with ``sequences/basketball``.
        out: where scenes and calls go; nothing is kept when None.

    Raises:
        InputError: when the data is not there.
    """
    folder = data / "sequences" / "basketball"
    if not (folder / "tracking.parquet").exists():
        raise InputError("no basketball sequences", where=str(folder))
    labels, homes = _labels(folder / "labels.csv"), _homes(folder / "games.csv")
    judged = []
    for draft in sportvu.convert(folder / "tracking.parquet", {"games": folder / "games.csv"}):
        scene = draft.scene()
        result = judge(scene)
        if out is not None:
            write_scene(scene, out / draft.name)
            calls_file.write(out / draft.name / "calls.json", result)
        own = [label for label in labels if label.game == draft.name and _usable(label, scene)]
        judged.append(Judged(scene, result.calls, tuple(_with_side(label, homes) for label in own)))
    return score_of(judged)


def score_of(judged: Sequence[Judged]) -> Score:
    """Return the figures of judged quarters."""
    minutes = sum(float(np.minimum(np.diff(one.scene.times), STEP_S).sum()) for one in judged) / 60
    figures: list[Figure] = [Figure("tracked minutes", minutes, of=len(judged))]
    alarms: list[Alarm] = []
    for rule in GOALS:
        found, more = _figures(judged, rule, minutes)
        figures += found
        alarms += more
    return Score("basketball", tuple(figures), NOTES, tuple(alarms[:: max(1, len(alarms) // SHOWN)][:SHOWN]))


NOTES = (
    "called within 2 s of the time from our t to the end of the stay: a plain rule (3 s in the lane, the ball in that"
    " half) finds 19 of 31 and 36 of 45 calls so at 3.4 and 10.4 alarms a minute, and 14 and 15 by t alone",
    "by t alone less can be found: officials often call seconds after the limit, in a stay that began long before",
    "the calls are positives only: most violations are not called, so alarms are not all wrong",
    "twice a second: when somebody steps into the lane, where his feet are, and when a pass was touched is open",
    "no dead time: a stop of play is seen where somebody is further away than he can run, and lies between two samples",
)


def _figures(judged: Sequence[Judged], rule: str, minutes: float) -> tuple[list[Figure], list[Alarm]]:
    share, violations_goal, undecided_goal = GOALS[rule]
    found = at_t = called = violated = 0
    counts = {verdict: 0 for verdict in FOUND}
    alarms = []
    for one in judged:
        own = [call for call in one.calls if call.rule == f"basketball.{rule}" and call.verdict in FOUND]
        labels = [label for label in one.labels if label.rule == rule]
        called += len(labels)
        hits = [[call for call in own if matches(call, label)] for label in labels]
        found += sum(bool(hit) for hit in hits)
        violated += sum(any(call.verdict == "violation" for call in hit) for hit in hits)
        at_t += sum(
            any(abs(call.t - label.t) <= NEAR_S for call in hit) for hit, label in zip(hits, labels, strict=True)
        )
        matched = {call.id for hit in hits for call in hit}
        for call in own:
            if call.id not in matched:
                counts[call.verdict] += 1
                alarms += [Alarm(one.scene, call)] if call.verdict == "violation" else []
    size = max(called, 1)
    figures = [
        at_least(f"{rule}: share of the calls found", found / size, share, called),
        Figure(f"{rule}: share found with our t itself within {NEAR_S:g} s", at_t / size, of=called),
        Figure(f"{rule}: share found as violation", violated / size, of=called),
    ]
    for verdict, goal in (("violation", violations_goal), ("undecided", undecided_goal)):
        name, value = f"{rule}: other '{verdict}' a tracked minute", counts[verdict] / minutes
        figures.append(Figure(name, value) if goal is None else under(name, value, goal))
    return figures, alarms


def matches(call: Call, label: Label) -> bool:
    """Whether a call of ours is the officials' call."""
    who = label.player in call.entities if label.rule in PERSONAL else label.team == call.team
    return who and call.t - NEAR_S <= label.t <= max(call.t, call.window[1]) + NEAR_S


def _labels(file: Path) -> list[Label]:
    with file.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return [
        Label(row["game"], PERIOD_S - float(row["game_clock"]), row["label"], row["player_id"], row["team_id"])
        for row in rows
    ]


def _homes(file: Path) -> dict[str, str]:
    with file.open(encoding="utf-8") as lines:
        return {row["game"]: row["home_team_id"] for row in csv.DictReader(lines)}


def _with_side(label: Label, homes: dict[str, str]) -> Label:
    side = "home" if homes[label.game] == label.team else "away"
    return Label(label.game, label.t, label.rule, label.player, side)


def _usable(label: Label, scene: Scene) -> bool:
    """Whether enough was tracked around a call; for the shot clock, whether one was shown in the seconds before."""
    t = scene.times
    if int(((t >= label.t - BEFORE_S) & (t <= label.t + AFTER_S)).sum()) < LEAST_MOMENTS:
        return False
    if label.rule != "shot_clock" or scene.clocks is None:
        return True
    stamps = np.array([row["t"] for row in scene.clocks.to_pylist() if row["clock"] == "shot"])
    return bool((np.abs(stamps - label.t) <= NEAR_S).any())
