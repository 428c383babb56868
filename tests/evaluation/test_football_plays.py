"""The score on NFL plays: what counts as an alarm, on two plays made by hand, and on the real ones."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from evaluation.sequences.football import evaluate, judged
from records.errors import InputError

LINE = {"C": -0.6, "G": -1.1, "T": -1.2, "TE": -1.2}
OFFENSE = [("C", 0.0), ("G", 1.6), ("G", -1.6), ("T", 3.3), ("T", -3.3), ("TE", 5.0), ("QB", 0.0), ("RB", 2.0)]
OFFENSE += [("WR", 16.0), ("WR", -12.0), ("WR", -20.0)]
DEPTH = {"QB": -5.0, "RB": -6.0, "WR": -1.0}
DEFENSE = [(1.2, 1.0), (1.2, -1.0), (1.2, 4.0), (1.2, -4.0), (4.0, 0.0), (4.0, 4.0), (4.0, -4.0), (6.0, 16.0),
           (6.0, -20.0), (12.0, 5.0), (12.0, -5.0)]  # fmt: skip


def play(number: int, offside: float = 0.0) -> dict[str, list[object]]:
    """Return the rows of a play to the right from the 60; one defender stands further forward, in yards."""
    rows: dict[str, list[object]] = {}
    times = np.round(np.arange(-30, 11) / 10, 1)
    people = [("ball", None, 0.0, 0.0)]
    people += [(f"O{n}", role, LINE.get(role, DEPTH.get(role, 0.0)), y) for n, (role, y) in enumerate(OFFENSE)]
    people += [(f"D{n}", "DT", x - (offside if n == 0 else 0.0), y) for n, (x, y) in enumerate(DEFENSE)]
    for who, role, x, y in people:
        offense = who[0] == "O"
        about = {
            "gameId": 1,
            "playId": number,
            "displayName": who,
            "position": role,
            "y": 26.67 + y,
            "s": 0.0,
            "dir": 0.0,
        }
        own = (
            {"nflId": int(who[1:]) + (100 if offense else 200), "teamAbbr": "AAA" if offense else "BBB"} if role else {}
        )
        for t in times:
            moved = -7.0 * max(float(t), 0.0) if who == "ball" else 0.0
            event = {0.1: "ball_snap", -2.5: "line_set"}.get(float(t))
            cells = {"t": float(t), "x": 60 + x + moved, "event": event, "possessionFlag": int(offense)}
            for name in ("nflId", "teamAbbr"):
                rows.setdefault(name, []).append(own.get(name))
            for name, cell in {**about, **cells}.items():
                rows.setdefault(name, []).append(cell)
    return rows


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "sequences" / "football"
    folder.mkdir(parents=True)
    tables = [pa.table(play(1)), pa.table(play(2, offside=1.2))]
    parquet.write_table(pa.concat_tables(tables, promote_options="permissive"), folder / "tracking.parquet")
    (folder / "labels.csv").write_text("gameId,playId,label,playDirection\n1,1,,right\n1,2,football.offside,right\n")
    return tmp_path


def test_a_legal_play_is_clean_and_the_flagged_one_is_found(data: Path) -> None:
    score = evaluate(data)
    figures = {figure.name: figure for figure in score.figures}
    assert figures["share of legal plays without a violation"].value == 1.0
    assert figures["flagged offsides that are called clear"].value == 0.0
    assert figures["football.too_many_players: share undecided"].value == 1.0
    assert [alarm.scene.id for alarm in score.alarms] == ["1-2"]
    assert score.notes


def test_the_snap_is_found_from_the_ball(data: Path) -> None:
    first = next(judged(data))
    (call,) = [call for call in first.calls if call.rule == "football.illegal_shift"]
    assert -0.05 <= call.t <= 0.1
    assert {call.verdict for call in first.calls if call.rule == "football.offside"} == {"clear"}


def test_the_alarms_are_kept_where_one_wants_them(data: Path, tmp_path: Path) -> None:
    evaluate(data, tmp_path / "out")
    assert (tmp_path / "out" / "1-2" / "scene.yaml").exists()


def test_without_the_data_it_says_so(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no NFL plays"):
        evaluate(tmp_path)


@pytest.mark.slow
def test_the_real_plays(real_path: Callable[[str], Path]) -> None:
    data = real_path("sequences/football").parents[1]
    figures = {figure.name: figure.value for figure in evaluate(data).figures}
    assert figures["flagged offsides that are called clear"] == 0
    assert figures["share of legal plays without a violation"] > 0.95
