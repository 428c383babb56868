"""Next Gen Stats tracking as in the Big Data Bowl: orientation, units, joining on time, what lies beside it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from records import tables
from records.adapters.formats import Draft, drafts
from records.errors import InputError
from records.units import YD

OLD = "time,x,y,s,a,dis,o,dir,event,nflId,displayName,jerseyNumber,position,frameId,team,gameId,playId,playDirection"
OLD_ROWS = [
    "2018-09-07T01:07:14.599Z,91.73,26.67,2.0,0,0,289,90,line_set,310,Matt Ryan,2,QB,1,away,2018090600,75,left",
    "2018-09-07T01:07:14.599Z,91.35,44.16,1.0,0,0,105,180,line_set,79848,Jalen Mills,31,CB,1,home,2018090600,75,left",
    "2018-09-07T01:07:14.599Z,90.37,27.0,0,0,0,NA,NA,line_set,NA,Football,NA,NA,1,football,2018090600,75,left",
    "2018-09-07T01:07:14.700Z,91.93,26.67,2.0,0,0,289,90,None,310,Matt Ryan,2,QB,7,away,2018090600,75,left",
    "2018-09-07T01:07:14.700Z,91.93,26.67,2.0,0,0,289,90,None,310,Matt Ryan,2,QB,7,away,2018090600,75,left",
    "2018-09-07T01:07:14.700Z,91.35,44.06,1.0,0,0,105,180,None,79848,Jalen Mills,31,CB,2,home,2018090600,75,left",
    "2018-09-07T01:07:14.700Z,90.37,27.0,0,0,0,NA,NA,None,NA,Football,NA,NA,2,football,2018090600,75,left",
    "2018-09-07T01:07:14.800Z,92.13,26.67,2.0,0,0,289,90,ball_snap,310,Matt Ryan,2,QB,8,away,2018090600,75,left",
    "2018-09-07T01:07:14.800Z,91.35,43.96,1.0,0,0,105,180,ball_snap,79848,Jalen Mills,31,CB,3,home,2018090600,75,left",
    "2018-09-07T01:07:14.800Z,90.37,27.0,0,0,0,NA,NA,ball_snap,NA,Football,NA,NA,3,football,2018090600,75,left",
]
NEW = "gameId,playId,nflId,frameId,time,jerseyNumber,club,playDirection,x,y,s,a,dis,o,dir,event"
NEW_ROWS = [
    "2022090800,56,35472.0,1,2022-09-08 20:24:05.2,77.0,BUF,left,88.37,27.27,1.62,1.15,0.16,231.74,147.9,NA",
    "2022090800,56,42816.0,1,2022-09-08 20:24:05.2,23.0,LA,left,95.0,27.27,1.62,1.15,0.16,231.74,147.9,NA",
    "2022090800,56,NA,1,2022-09-08 20:24:05.2,NA,football,left,89.0,27.0,0,0,0,NA,NA,NA",
    "2022090800,56,35472.0,2,2022-09-08 20:24:05.3,77.0,BUF,left,88.30,27.27,1.62,1.15,0.16,231.74,147.9,ball_snap",
]


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def read(path: Path, **options: str) -> list[Draft]:
    return list(drafts(path, "big_data_bowl", options))


def rows_of(draft: Draft, entity: str) -> list[dict[str, object]]:
    return [row for row in draft.scene().tracks.to_pylist() if row["entity"] == entity]


def test_yards_from_a_corner_become_metres_from_the_middle(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path / "week1.csv", OLD, OLD_ROWS))
    first = rows_of(draft, "a2")[0]
    assert first["x"] == pytest.approx(31.73 * YD, abs=1e-4)
    assert first["y"] == pytest.approx(0.0, abs=0.01)
    assert (first["vx"], first["vy"]) == (pytest.approx(2.0 * YD), pytest.approx(0.0, abs=1e-6))
    down = rows_of(draft, "h31")[0]
    assert (down["vx"], down["vy"]) == (pytest.approx(0.0, abs=1e-6), pytest.approx(-1.0 * YD))


def test_rows_are_joined_on_time_and_repeated_rows_are_taken_once(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path / "week1.csv", OLD, OLD_ROWS))
    for entity in ("a2", "h31", "ball"):
        assert [row["t"] for row in rows_of(draft, entity)] == [0.0, 0.101, 0.201]


def test_the_offense_attacks_where_the_play_goes(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path / "week1.csv", OLD, OLD_ROWS))
    scene = draft.scene()
    assert scene.attacks_at("away", 0.0) == "left"
    (play,) = scene.plays.to_pylist()
    assert (play["offense"], play["direction"], play["los_x"]) == ("away", "left", None)
    assert scene.is_complete("snap", 0.0, 0.2)
    assert scene.roster == ()


def test_roles_numbers_and_the_ball(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path / "week1.csv", OLD, OLD_ROWS))
    first = {row["entity"]: row for row in draft.scene().tracks.to_pylist() if row["t"] == 0}
    assert (first["a2"]["role"], first["a2"]["number"], first["a2"]["kind"]) == ("quarterback", "2", "player")
    assert (first["ball"]["kind"], first["ball"]["team"], first["ball"]["vx"]) == ("ball", None, None)


def test_a_tag_is_one_event_and_the_snap_was_before_its_tag(tmp_path: Path) -> None:
    (draft,) = read(write(tmp_path / "week1.csv", OLD, OLD_ROWS))
    events = draft.scene().events.to_pylist()
    assert [(one["kind"], one["t"]) for one in events] == [("line_set", 0.0), ("snap", pytest.approx(0.101))]
    assert events[1]["t_sigma"] == pytest.approx(0.1)


def test_the_newer_columns_with_what_lies_beside_them(tmp_path: Path) -> None:
    write(tmp_path / "plays.csv", "gameId,playId,possessionTeam,down,yardsToGo,playType", ["2022090800,56,BUF,1,10,x"])
    write(tmp_path / "players.csv", "nflId,officialPosition", ["35472,G", "42816,CB"])
    write(tmp_path / "games.csv", "gameId,homeTeamAbbr", ["2022090800,LA"])
    (draft,) = read(write(tmp_path / "tracking_week_1.csv", NEW, NEW_ROWS).parent)
    scene = draft.scene()
    assert set(tables.column(scene.tracks, "entity")) == {"a77", "h23", "ball"}
    assert scene.attacks_at("away", 0.0) == "left"
    assert scene.plays.to_pylist()[0]["down"] == 1
    roles = {row["entity"]: row["role"] for row in scene.tracks.to_pylist()}
    assert roles == {"a77": "guard", "h23": "cornerback", "ball": None}


def test_without_a_ball_the_spot_is_the_line_of_scrimmage(tmp_path: Path) -> None:
    header = "gameId,playId,possessionTeam,absoluteYardlineNumber"
    write(tmp_path / "plays.csv", header, ["2022090800,56,BUF,90"])
    rows = [row for row in NEW_ROWS if "football" not in row]
    (draft,) = read(write(tmp_path / "tracking.csv", NEW, rows))
    (play,) = draft.scene().plays.to_pylist()
    assert play["los_x"] == pytest.approx(30.0 * YD - 0.1397, abs=1e-3)
    assert play["los_sigma"] > 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda text: text.replace(",x,", ",xx,"), "no column 'x'"),
        (lambda text: text.replace("time,", "tame,"), "no column 'time'"),
        (lambda text: text.replace("91.73", "here"), "no number"),
        (lambda text: text.replace("2018-09-07T01:07:14.599Z", "soon"), "no date"),
        (lambda text: text + OLD_ROWS[0].replace("310", "311").replace("away", "DAL") + "\n", "more than two"),
    ],
)
def test_what_is_wrong_is_told_in_one_line(tmp_path: Path, change: object, message: str) -> None:
    path = tmp_path / "week1.csv"
    path.write_text(change("\n".join([OLD, *OLD_ROWS]) + "\n"))  # type: ignore[operator]
    with pytest.raises(InputError, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_options_are_checked(tmp_path: Path) -> None:
    path = write(tmp_path / "week1.csv", OLD, OLD_ROWS)
    with pytest.raises(InputError, match="unknown option 'week'"):
        read(path, week="1")
    with pytest.raises(InputError, match="no such file"):
        read(path, plays=str(tmp_path / "none.csv"))
    assert read(path, play="76") == []


def test_the_real_plays_have_everybody_and_one_snap(real_path: Callable[[str], Path]) -> None:
    file = real_path("sequences/football/tracking.parquet")
    (draft,) = read(file, game="2019101304", play="291")
    scene = draft.scene()
    names = set(tables.column(scene.tracks, "entity"))
    assert sum(name.startswith("h") for name in names) == 11
    assert sum(name.startswith("a") for name in names) == 11
    assert [one["kind"] for one in scene.events.to_pylist()].count("snap") == 1
    assert abs(tables.column(scene.tracks, "x")).max() < 60 * YD + 3
