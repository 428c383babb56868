"""Soccer formats: units, directions, clocks and what is wrong, on small files made here and on the real samples."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as parquet
import pytest

from records import tables
from records.adapters.formats import drafts
from records.errors import InputError
from records.scene import Scene

START = datetime(1980, 1, 1, 15, tzinfo=UTC)
FPS = 25
LATE_S = 1.8  # by which the made events are late


def one(source: Path, kind: str, **options: Any) -> Scene:
    (found,) = drafts(source, kind, options)
    return found.scene()


def rows(scene: Scene, entity: str) -> dict[str, np.ndarray]:
    here = tables.column(scene.tracks, "entity") == entity
    return {name: tables.column(scene.tracks, name)[here] for name in ("t", "x", "y", "team", "role", "number", "kind")}


def stamps(t: np.ndarray) -> pa.Array:
    return pa.array([START + timedelta(seconds=float(s)) for s in t], pa.timestamp("ns", "UTC"))


@pytest.fixture
def match(tmp_path: Path) -> Path:
    """Four seconds in which home 8 passes at 1.0 s from the centre to home 9, who passes on at 2.4 s."""
    folder = tmp_path / "match"
    folder.mkdir()
    t = np.arange(4 * FPS + 1) / FPS
    ball_x = np.interp(t, [0, 1.0, 2.4, 4.0], [0, 0, 21, 45])
    frames = {
        "ball_x": ball_x,
        "ball_y": 0 * t,
        "ball_z": 0 * t + 0.1,
        "ball_status": ["alive" if s < 3.5 else "dead" for s in t],
        "home_8_x": 0 * t - 0.5,
        "home_8_y": 0 * t,
        "home_9_x": 0 * t + 21.4,
        "home_9_y": 0 * t,
        "away_1_x": 0 * t + 50,
        "away_1_y": 0 * t,
        "away_2_x": np.full(len(t), np.nan),
        "away_2_y": np.full(len(t), np.nan),
        "period_id": np.ones(len(t), np.int64),
        "datetime": stamps(t),
    }
    parquet.write_table(pa.table(frames), folder / "tracking_data.parquet")
    for side, numbers in (("home", (8, 9)), ("away", (1, 2))):
        people = [
            {"id": f"{side}{n}", "shirt_num": n, "position": "goalkeeper" if n == 1 else "forward"} for n in numbers
        ]
        parquet.write_table(pa.Table.from_pylist(people), folder / f"{side}_players.parquet")
    events = [
        (1, "pass", "home8", 1.0),
        (2, "pass", "home9", 2.4),
        (3, "team set up", None, 0.0),
        (4, "pass", "away1", 99.0),
    ]
    table = {
        "event_id": [n for n, *_ in events],
        "original_event": [what for _, what, *_ in events],
        "player_id": pa.array([who for *_, who, _ in events], pa.string()),
        "period_id": [1] * 4,
        "datetime": stamps(np.array([at + LATE_S for *_, at in events])),
    }
    parquet.write_table(pa.table(table), folder / "event_data.parquet")
    parquet.write_table(
        pa.table({"event_id": [1, 2], "set_piece": ["kick_off", "no_set_piece"]}), folder / "pass_events.parquet"
    )
    (folder / "metadata.json").write_text(json.dumps({"pitch_dimensions": [104.0, 67.0]}))
    return folder


def test_databallpy_is_in_metres_and_the_event_clock_is_set_right(match: Path) -> None:
    scene = one(match, "databallpy")
    assert (scene.field.length_m, scene.field.width_m) == (104.0, 67.0)
    assert scene.attacks_at("home", 0.0) == "right"
    assert (scene.roster_at("home", 0), scene.roster_at("away", 0)) == (2, 1)
    keeper = rows(scene, "away_1")
    assert (keeper["x"][0], keeper["team"][0], keeper["role"][0], keeper["number"][0]) == (
        50.0,
        "away",
        "goalkeeper",
        "1",
    )
    assert not len(rows(scene, "away_2")["t"])
    assert scene.events is not None
    told = list(
        zip(*(tables.column(scene.events, name).tolist() for name in ("kind", "entity", "detail")), strict=True)
    )
    assert sorted(told, key=str) == sorted(
        [
            ("restart", "home_8", "kick_off"),
            ("pass", "home_8", None),
            ("pass", "home_9", None),
            ("whistle", None, None),
        ],
        key=str,
    )
    t = dict(zip(told, tables.column(scene.events, "t").tolist(), strict=True))
    assert t["pass", "home_8", None] == pytest.approx(1.0, abs=0.05)
    assert t["pass", "home_9", None] == pytest.approx(2.4, abs=0.05)
    assert t["whistle", None, None] == pytest.approx(3.52, abs=0.03)
    assert scene.is_live(np.array([1.0, 3.8])).tolist() == [True, False]


def test_databallpy_takes_an_offset_and_keeps_a_large_error_where_the_ball_shows_no_kick(match: Path) -> None:
    scene = one(match, "databallpy", clock_offset_s=-20.0)
    assert scene.events is not None
    assert set(tables.column(scene.events, "kind").tolist()) == {"whistle"}
    scene = one(match, "databallpy", clock_offset_s=1.0)
    assert scene.events is not None
    kinds, t, sigma = (tables.column(scene.events, name) for name in ("kind", "t", "t_sigma"))
    assert t[kinds == "pass"][0] == pytest.approx(1.0, abs=0.05)  # 0.8 s off is still within the search
    late = one(match, "databallpy", clock_offset_s=0.2)
    assert late.events is not None
    kinds, sigma = (tables.column(late.events, name) for name in ("kind", "t_sigma"))
    assert sigma[kinds == "pass"].max() == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("file", "told"), [("metadata.json", "pitch_dimensions"), ("tracking_data.parquet", "not a table")]
)
def test_databallpy_names_what_is_missing(match: Path, file: str, told: str) -> None:
    (match / file).write_text("nothing")
    with pytest.raises(InputError, match=told):
        one(match, "databallpy")


def test_last_row_is_percent_of_the_pitch_and_the_ball_ends_in_the_attacked_goal(tmp_path: Path) -> None:
    lines = ["frame,player,player_num,team,x,y,z,edgecolor,bgcolor"]
    for frame in range(41):
        x = 50 - max(frame - 20, 0) * 2.4
        lines += [
            f"{frame},0,,,{x},50.0,0.0,,",
            f"{frame},7,9.0,attack,50.5,50.0,,,",
            f"{frame},8,,defense,0.0,75.0,,,",
        ]
    file = tmp_path / "goal.csv"
    file.write_text("\n".join(lines) + "\n")
    scene = one(file, "last_row", length_m=100, width_m=60)
    assert (scene.attacks_at("home", 0), scene.roster_at("home", 0)) == ("left", None)
    runner, defender, ball = rows(scene, "p7"), rows(scene, "p8"), rows(scene, "ball")
    assert (runner["x"][0], runner["y"][0], runner["team"][0], runner["number"][0]) == (0.5, 0.0, "home", "9")
    assert (defender["x"][0], defender["y"][0], defender["team"][0]) == (-50.0, 15.0, "away")
    assert (ball["kind"][0], ball["t"][20]) == ("ball", 1.0)
    assert scene.events is not None
    assert [tables.column(scene.events, name).tolist()[0] for name in ("kind", "entity")] == ["touch", "p7"]
    assert tables.column(scene.events, "t")[0] == pytest.approx(1.0, abs=0.11)
    assert tables.column(scene.events, "p")[0] < 0.95  # seen in the track, not told by anybody


def soccernet(folder: Path, **change: Any) -> Path:
    place = {"x_bottom_middle": 10.0, "y_bottom_middle": 20.0}
    row = {"image_id": "2021000002", "track_id": 4, "bbox_pitch": place,
           "attributes": {"role": "player", "team": "left", "jersey": "10"}}  # fmt: skip
    keeper = {**row, "track_id": 5, "attributes": {"role": "goalkeeper", "team": "right", "jersey": None}}
    nowhere = {**row, "track_id": 6, "bbox_pitch": None}
    content = {
        "info": {"frame_rate": 25},
        "images": [{"image_id": "2021000002", "file_name": "000002.jpg"}],
        "annotations": [row, keeper, nowhere, {**row, "track_id": 7, "attributes": {"role": "referee"}}],
    }
    (folder / "SNGS-021").mkdir()
    file = folder / "SNGS-021" / "Labels-GameState.json"
    file.write_text(json.dumps({**content, **change}))
    return file


def test_soccernet_has_y_towards_the_camera_and_left_defends_the_left_goal(tmp_path: Path) -> None:
    scene = one(soccernet(tmp_path), "soccernet")
    assert (scene.id, scene.attacks_at("home", 0), scene.resolution) == ("SNGS-021", "right", "box")
    player, keeper = rows(scene, "p4"), rows(scene, "g5")
    assert (player["t"][0], player["x"][0], player["y"][0]) == (0.04, 10.0, -20.0)
    assert (player["team"][0], player["number"][0]) == ("home", "10")
    assert (keeper["team"][0], keeper["role"][0], keeper["number"][0]) == ("away", "goalkeeper", None)
    assert rows(scene, "r7")["kind"][0] == "official"
    assert not len(rows(scene, "p6")["t"])


def test_soccernet_refuses_other_json(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no game-state file"):
        one(soccernet(tmp_path, annotations=[{"attributes": {"role": "player"}, "bbox_pitch": {"a": 1}}]), "soccernet")


def metrica(folder: Path) -> Path:
    home = ((0.25, 0.25, 0.05, 0.5), (0.75, 0.75, 0.95, 0.5))
    away = ((0.60, 0.5, 0.95, 0.5), (0.40, 0.5, 0.05, 0.5))
    for side, halves in (("Home", home), ("Away", away)):
        lines = [f",,,{side},,{side},,,", ",,,11,,1,,,", "Period,Frame,Time [s],Player11,,Player1,,Ball,"]
        for period, frame in ((1, 1), (1, 2), (2, 3), (2, 4)):
            places = ",".join(str(value) for value in halves[period - 1])
            lines.append(f"{period},{frame},{frame / 25:.2f},{places},0.45,0.39")
        (folder / f"{side}.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_kloppy_gives_metres_and_turns_the_second_half_around(tmp_path: Path) -> None:
    options: dict[str, Any] = {"vendor": "metrica_csv", "home_data": "Home.csv", "away_data": "Away.csv"}
    (played, _) = (draft.scene() for draft in drafts(metrica(tmp_path), "kloppy_tracking", {**options, "roster": 11}))
    assert played.roster_at("away", 0) == 11
    first, second = (draft.scene() for draft in drafts(metrica(tmp_path), "kloppy_tracking", options))
    for scene in (first, second):
        assert scene.attacks_at("home", 0) == "right"
        assert scene.roster_at("home", 0) is None  # two are no team
        assert rows(scene, "home_11")["x"][0] == pytest.approx(-26.25, abs=0.3)
        assert rows(scene, "away_1")["x"][0] == pytest.approx(47.25, abs=0.3)
        assert rows(scene, "home_11")["team"][0] == "home"
    assert rows(first, "home_11")["y"][0] == pytest.approx(-17.0, abs=0.3)  # kloppy takes y in these files as upwards


def test_kloppy_says_what_is_wrong_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"unknown vendor 'tracap'.*'tracab'"):
        list(drafts(tmp_path, "kloppy_tracking", {"vendor": "tracap"}))
    (tmp_path / "a.xml").write_text("nothing")
    with pytest.raises(InputError, match="kloppy cannot read it") as caught:
        list(drafts(tmp_path, "kloppy_tracking", {"vendor": "tracab", "meta_data": "a.xml", "raw_data": "a.xml"}))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["databallpy", "last_row", "soccernet"])
def test_unknown_options_are_refused(tmp_path: Path, kind: str) -> None:
    with pytest.raises(InputError, match="unknown option 'speed'"):
        list(drafts(tmp_path, kind, {"speed": 1}))


def test_the_real_match_is_two_seconds_off(real_path: Callable[[str], Path]) -> None:
    scene = one(real_path("sequences/soccer/tracab_opta"), "databallpy")
    assert scene.events is not None
    kinds, details, t = (tables.column(scene.events, name) for name in ("kind", "detail", "t"))
    kick_off = t[(kinds == "restart") & (details == "kick_off")]
    assert kick_off[0] < 1.0  # on the events' own clock it is at 2.4 s
    assert len(set(tables.column(scene.tracks, "entity").tolist())) == 23
