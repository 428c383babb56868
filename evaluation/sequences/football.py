"""NFL plays with Next Gen Stats tracking: what the officials let go before the snap is legal, what they flagged is not.

Two plays were flagged for offside, one for too many men, of whom the twelfth was not tracked. In all others the
officials saw nothing wrong before the snap, so every violation there is a false alarm, or a foul that they let go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.csv as csv

from evaluation.sequences.score import Alarm, Figure, Score, at_least
from pipeline.judging import judge
from records.adapters.formats import drafts
from records.calls import Call
from records.errors import InputError
from records.scene import Scene, write_scene
from rules.registry import rules_of

LEGAL_GOAL, DECIDED_GOAL = 0.98, 0.4
FLAGGED = "football.offside"
ALARMS = 10
NOTES = (
    "The tracked point is between the shoulder pads: helmet and hands are up to a foot ahead of it, and nobody says "
    "where feet and hands are. That, and six inches of position error, decide offside and formation.",
    "Whether a movement was abrupt nobody reports: false starts stay open where somebody at the line moves at all.",
    "Nobody says how many were on the field: too many players is never clear, and the flagged twelfth man is missing.",
    "There is no play clock and no whistle in the data: delay of game is blind.",
)


@dataclass(frozen=True, eq=False)
class Play:
    """A judged play with what was flagged; empty: nothing before the snap."""

    scene: Scene
    label: str
    calls: tuple[Call, ...]


def evaluate(data: Path, out: Path | None = None) -> Score:
    """Judge every play, and score the calls.

    Args:
        data: the folder with ``sequences/football``.
        out: where the scenes of the alarms are written; nothing is kept when None.

    Raises:
        InputError: when the data is not there.
    """
    plays = list(judged(data))
    legal = [play for play in plays if not play.label]
    flagged = [play for play in plays if play.label == FLAGGED]
    alarms = [
        Alarm(play.scene, call)
        for play in [*legal, *flagged]
        for call in play.calls
        if (call.verdict == "violation" if not play.label else call.rule == FLAGGED)
    ]
    if out is not None:
        for alarm in alarms[:ALARMS]:
            write_scene(alarm.scene, out / alarm.scene.id)
    return Score("football", tuple(_figures(plays, legal, flagged)), NOTES, tuple(alarms[:ALARMS]))


def judged(data: Path) -> Iterator[Play]:
    """Yield the plays with their calls, by game and play.

    Args:
        data: the folder with ``sequences/football``.

    Raises:
        InputError: when the data is not there.
    """
    folder = data / "sequences" / "football"
    if not (folder / "tracking.parquet").exists():
        raise InputError("no NFL plays there", where=str(folder), mend="name the folder of real test data")
    rows = csv.read_csv(folder / "labels.csv").to_pylist()
    labels = {f"{row['gameId']}-{row['playId']}": row["label"] or "" for row in rows}
    for draft in drafts(folder / "tracking.parquet", "big_data_bowl"):
        scene = draft.scene()
        yield Play(scene, labels.get(draft.name, ""), judge(scene).calls)


def _figures(plays: list[Play], legal: list[Play], flagged: list[Play]) -> Iterator[Figure]:
    clean = sum(all(call.verdict != "violation" for call in play.calls) for play in legal)
    yield at_least("share of legal plays without a violation", clean / len(legal), LEGAL_GOAL, len(legal))
    found = [call.verdict for play in plays for call in play.calls if call.rule == FLAGGED]
    decided = sum(verdict != "undecided" for verdict in found)
    yield at_least(
        "share of the offside opportunities that are decided", decided / len(found), DECIDED_GOAL, len(found)
    )
    missed = sum(call.verdict == "clear" for play in flagged for call in play.calls if call.rule == FLAGGED)
    yield Figure("flagged offsides that are called clear", missed, "0", missed == 0, len(flagged))
    counts = Counter((call.rule, call.verdict) for play in legal for call in play.calls)
    for rule in sorted(rules_of("football")):
        total = sum(counts[rule, verdict] for verdict in ("violation", "clear", "undecided"))
        if total:
            yield Figure(f"{rule}: false alarms", counts[rule, "violation"], of=total)
            yield Figure(f"{rule}: share undecided", counts[rule, "undecided"] / total, of=total)
