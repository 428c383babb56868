"""Scenes that a person gets wrong: one clear line and exit 2, or a documented meaning."""

import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from records import tables, yamls
from records.scene import read_scene, scene_of
from rulesight import api, cli

KEYS = {
    "schema": 1,
    "id": "a",
    "domain": "hockey",
    "edition": "nhl-2025",
    "attacks": {"home": "right", "away": "left"},
    "source": "",
    "roster": {"home": 1, "away": 0},
    "complete": "all",
}
TRACKS = """t,entity,kind,team,x,y,sigma
0.0,h1,player,home,1,0,0.05
0.0,puck,puck,,5,0,0.05
0.1,h1,player,home,2,0,0.05
0.1,puck,puck,,7,0,0.05
0.2,h1,player,home,3,0,0.05
0.2,puck,puck,,9,0,0.05
0.3,h1,player,home,4,0,0.05
0.3,puck,puck,,11,0,0.05
"""


def folder_of(place: Path, tracks: str = TRACKS, more: dict[str, str] | None = None, **keys: object) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    (place / "scene.yaml").write_text(yamls.dumps({**KEYS, **keys}), encoding="utf-8")
    (place / "tracks.csv").write_text(tracks, encoding="utf-8")
    for name, text in (more or {}).items():
        (place / name).write_text(text, encoding="utf-8")
    return place


def refused(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> str:
    out = folder.parent / "out"
    assert cli.main(["judge", f"scene={folder}", f"out={out}", *more]) == 2
    error = capsys.readouterr().err
    assert "Traceback" not in error
    (line,) = error.splitlines()
    assert not out.exists()
    return line


def test_the_scene_itself_is_judged(tmp_path: Path) -> None:
    assert [call.verdict for call in api.judge(folder_of(tmp_path / "s")).calls if call.rule == "hockey.offside"] == [
        "clear"
    ]


@pytest.mark.parametrize(
    ("tracks", "told"),
    [
        (TRACKS + "0.1,h1,player,home,2,0,0.05\n", "row 9: a second row for t 0.1, entity h1"),
        (TRACKS.replace("0.1,h1,player,home,2", "nan,h1,player,home,2"), "column 't', row 3"),
        (TRACKS.replace("0.1,h1,player,home,2", "0.1,h1,player,home,inf"), "column 'x', row 3: inf is not finite"),
        (TRACKS.replace("0.1,h1,player,home,2", "0.1,h1,player,home,"), "column 'x', row 3: cell is empty"),
        (TRACKS.replace("0.1,h1,player,home", "0.1,h1,player,away"), "entity 'h1' is in both teams"),
        (TRACKS.replace("0.1,h1,player", "0.1,h1,goalie"), "entity 'h1' is both goalie and player"),
        (TRACKS.replace("player", "plaeyr"), "unknown kind of hockey 'plaeyr'"),
        (TRACKS.replace("home", "Home"), "'Home' is not one of home, away"),
        (TRACKS.replace(",5,0,", ",500,0,").replace("home,", "home,40"), "lie more than 30 m off the field"),
        (TRACKS.replace("0.0,", "1700000000000.0,"), "is above 1e+10"),
        (TRACKS.replace("puck,puck,,5", "pu\0ck,puck,,5"), "holds a NUL character"),
        (TRACKS.replace("0.05", "-0.05"), "column 'sigma', row 1: -0.05"),
        (TRACKS.replace(",x,", ",x_m,"), "missing column 'x'"),
        (TRACKS.replace("0.1,h1,player,home,2,0", "0.1,h1,player,home,two,0"), "'two' is not of type f32"),
        ("", "tracks.csv"),
    ],
)
def test_bad_tracks_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], tracks: str, told: str
) -> None:
    line = refused(capsys, folder_of(tmp_path / "s", tracks))
    assert told in line
    assert "tracks" in line


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"edition": "nhl-2052"}, "scene.yaml, edition); did you mean 'nhl-2025'"),
        ({"edition": "fiba-2024"}, "scene.yaml, edition)"),
        ({"schema": 2}, "scene format version 2 is not known"),
        ({"domain": "hocky"}, "scene.yaml, domain)"),
        ({"complete": {"whistel": "all"}}, "did you mean 'whistle'"),
        ({"field": {"preset": "nhl", "length_m": -3}}, "scene.yaml, field"),
        ({"roster": {"home": -6}}, "scene.yaml, roster, home"),
        ({"strength": {"home": 1000000}}, "1000000 people of a team"),
        ({"segments": [{"from": 2, "to": 1, "kind": "live"}]}, "scene.yaml, segments, item 1"),
    ],
)
def test_bad_keys_are_told_with_file_and_key(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: dict[str, object], told: str
) -> None:
    assert told in refused(capsys, folder_of(tmp_path / "s", **keys))


@pytest.mark.parametrize("setting", ["k=-1", "k=0", "k=.inf", "k=nan", "k=two", "edition=nhl-2052"])
def test_absurd_settings_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], setting: str) -> None:
    assert setting.partition("=")[0] in refused(capsys, folder_of(tmp_path / "s"), setting)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("event.csv", "'events.csv'"),
        ("Events.csv", "'events.csv'"),
        ("clock.parquet", "'clocks.parquet'"),
        ("trakcs.csv", "'tracks.csv'"),
    ],
)
def test_a_misspelt_table_is_not_passed_over(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, told: str
) -> None:
    line = refused(capsys, folder_of(tmp_path / "s", more={name: ""}))
    assert name in line
    assert told in line


def test_files_of_other_kinds_lie_in_peace(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "s", more={"notes.csv": "a\n", "readme.txt": "", "detections.csv": "a\n"})
    assert read_scene(folder).tracks.num_rows == 8


@pytest.mark.parametrize(
    ("events", "told"),
    [
        ("t,kind\n0.1,whistel\n", "unknown event kind of hockey 'whistel'"),
        ("t,kind,p\n0.1,whistle,1.5\n", "1.5 is above 1"),
        ("t,kind,until\n0.3,possession,0.1\n", "'until' 0.1 lies before 't' 0.3"),
        ("t,kind,entity,team\n0.1,touch,h1,away\n", "entity 'h1' is in both teams"),
        ("t,kind,detail\n0.1,touch,nose\n", "unknown detail of touch 'nose'"),
    ],
)
def test_bad_events_are_told_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], events: str, told: str
) -> None:
    assert told in refused(capsys, folder_of(tmp_path / "s", more={"events.csv": events}))


def verdicts(folder: Path) -> list[str]:
    return [call.verdict for call in api.judge(folder).calls if call.rule == "hockey.offside"]


def test_rows_in_any_order_mean_the_same(tmp_path: Path) -> None:
    head, *rows = TRACKS.splitlines()
    turned = "\n".join([head, *reversed(rows)]) + "\n"
    first, second = folder_of(tmp_path / "a"), folder_of(tmp_path / "b", turned)
    assert api.judge(first) == api.judge(second)


def test_an_event_before_the_first_frame_says_what_held_at_the_start(tmp_path: Path) -> None:
    events = "t,kind,entity,team\n-3.0,possession,h1,home\n"
    assert verdicts(folder_of(tmp_path / "s", more={"events.csv": events})) == ["clear"]


def test_an_event_by_somebody_who_is_not_tracked_counts_for_his_team(tmp_path: Path) -> None:
    events = "t,kind,entity,team\n0.05,touch,h99,home\n0.1,touch,nobody,\n"
    assert verdicts(folder_of(tmp_path / "s", more={"events.csv": events})) == ["clear"]


def test_a_stray_position_is_a_player_who_is_not_there(tmp_path: Path) -> None:
    """Of many rows one may be wrong: it is taken as it is, and nobody at x = 4000 m is in the attacking zone."""
    stray = "".join(f"{t},h2,player,home,4000,0,0.05\n" for t in (0.0, 0.1, 0.2, 0.3))
    assert verdicts(folder_of(tmp_path / "s", TRACKS + stray)) == ["clear"]


def test_an_empty_table_is_a_blind_scene(tmp_path: Path) -> None:
    made = api.judge(folder_of(tmp_path / "s", TRACKS.splitlines()[0] + "\n"))
    assert made.calls == ()
    assert {(one.status, one.why) for one in made.coverage} == {("blind", "the scene has no tracks")}


def test_a_scene_of_one_frame(tmp_path: Path) -> None:
    made = api.judge(folder_of(tmp_path / "s", "\n".join(TRACKS.splitlines()[:3]) + "\n"))
    assert made.calls == ()
    assert {one.rule for one in made.coverage} >= {"hockey.offside", "hockey.icing"}


def test_numbers_and_ids_given_as_whole_numbers(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "s")
    columns = {"t": [0, 0], "entity": [7, 8], "kind": ["player", "puck"], "number": [17, None], "x": [1, 2]}
    columns["y"] = [0, 0]
    pq.write_table(pa.table(columns), str(folder / "tracks.parquet"))
    (folder / "tracks.csv").unlink()
    back = read_scene(folder)
    assert tables.column(back.tracks, "number").tolist() == ["17", None]
    assert tables.column(back.tracks, "entity").tolist() == ["7", "8"]
    assert api.judge(back).calls == ()
    assert tables.table("tracks", columns) == back.tracks


def test_a_million_rows_of_one_entity(tmp_path: Path) -> None:
    count = 1_000_000
    columns = {
        "t": np.arange(count) / 60.0,
        "entity": np.full(count, "puck", object),
        "kind": np.full(count, "puck", object),
        "x": np.sin(np.arange(count) / 6000.0),
        "y": np.zeros(count),
    }
    scene = scene_of(KEYS, {"tracks": columns})
    begun = time.process_time()
    assert api.judge(scene).calls == ()
    assert time.process_time() - begun < 15
