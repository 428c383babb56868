"""Big Data Cup tracking: units, mirrored events, turned power plays, tracks of one shot, where the puck comes from."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from records import tables
from records.adapters.formats import convert, drafts
from records.errors import InputError
from records.scene import Scene, read_scene

FT = 0.3048
GAME = "2021-01-02 North at South P1 PP3"
TRACKS = "frame_id,period,track_id,team_id,team_name,jersey_number,x_ft,y_ft,video_shot,game_seconds,powerplay_id"
EVENTS = (
    "game_date,team_name,venue,situation_type,player_name,event,event_successful,x_coord,y_coord,event_type,"
    "player_name_2,x_coord_2,y_coord_2,frame_id_1,frame_id_2,powerplay_id"
)
ROSTERS = "game,player,jersey_number,position,team"


def rows(first: int, last: int, track: int, team: str, number: int, shot: int, path: Any) -> list[str]:
    return [
        f"{n},1,{track},Dark,{team},{number},{x},{y},{shot},600,7"
        for n in range(first, last + 1)
        for x, y in [path((n - first) / (last - first))]
    ]


def folder(tmp_path: Path, events: list[str] | None = None, **files: str) -> Path:
    """Write a power play: South (home) skates towards x = 0 in the film, and its events say x = 200."""
    lines = [
        *rows(30, 120, 1, "South", 9, 1, lambda s: (110 - 60 * s, 20)),
        *rows(30, 120, 2, "North", 4, 1, lambda s: (40, 30 + 10 * s)),
        *rows(30, 120, 3, "North", 35, 1, lambda s: (12, 42)),
        *rows(150, 180, 1, "North", 4, 2, lambda s: (100, 42.5)),
    ]
    (tmp_path / f"{GAME}.csv").write_text("\n".join([TRACKS, *lines]))
    told = [
        "2/1/2021,Cup - South,home,5 on 4,Ann Nine,Puck Recovery,t,95,20,,,,,36,,7",
        "2/1/2021,Cup - South,home,4 on 5,Ann Nine,Zone Entry,t,125,20,Carried,Dee Four,,,84,,7",
        "2/1/2021,Cup - North,away,4 on 5,Dee Four,Takeaway,t,40,50,,,,,114,,7",
        "2/1/2021,Cup - North,away,4 on 5,Dee Four,Shot,f,40,50,,,,,,,7",
        "2/1/2021,Cup - West,home,3 on 3,Ann Nine,Takeaway,t,1,1,,,,,50,,7",
        "2/1/2021,Cup - South,home,5 on 4,Ann Nine,Takeaway,t,1,1,,,,,50,,8",
    ]
    (tmp_path / "play_by_play.csv").write_text("\n".join([EVENTS, *(told if events is None else events), ""]))
    people = [
        "Ann Nine,9,Center,home",
        "Dee Four,4,Defense,away",
        "Gil Keeper,35,Goalie,away",
        "Guy Keeper,1,Goalie,home",
    ]
    (tmp_path / "rosters.csv").write_text("\n".join([ROSTERS, *(f"2021-01-02 North at South,{one}" for one in people)]))
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return tmp_path


def scenes(place: Path, **options: Any) -> list[Scene]:
    return [draft.scene() for draft in drafts(place, "big_data_cup", options)]


def track(scene: Scene, name: str) -> dict[str, Any]:
    here = tables.column(scene.tracks, "entity") == name
    return {key: tables.column(scene.tracks, key)[here] for key in ("t", "x", "y", "kind", "team", "number", "sx")}


def test_a_shot_is_a_scene_in_metres_from_the_middle(tmp_path: Path) -> None:
    one, two = scenes(folder(tmp_path))
    nine = track(one, "track1")
    assert nine["t"][0] == pytest.approx(1.0)
    assert nine["t"][-1] == pytest.approx(4.0)
    assert nine["x"][0] == pytest.approx(10 * FT, abs=1e-5)
    assert nine["y"][0] == pytest.approx((20 - 42.5) * FT, abs=1e-5)
    assert (nine["team"][0], nine["number"][0], nine["kind"][0]) == ("home", "9", "player")
    assert track(one, "track3")["kind"][0] == "goalie"
    assert track(two, "track1")["team"][0] == "away"  # another player: ids are good for one shot
    assert (one.domain, one.edition, one.field.preset, one.roster) == ("hockey", "iihf-2025", "nhl", ())
    assert one.complete == {}


def test_the_end_that_a_team_attacks_is_found_from_where_the_events_players_were(tmp_path: Path) -> None:
    scene = scenes(folder(tmp_path))[0]
    assert scene.attacks_at("home", 2.0) == "left"
    assert scene.attacks_at("away", 2.0) == "right"
    nobody = scenes(folder(tmp_path, events=[]))[0]
    assert nobody.attacks_at("home", 2.0) is None
    assert "puck" not in set(tables.column(nobody.tracks, "kind"))


def test_events_place_the_puck_turned_and_mirrored(tmp_path: Path) -> None:
    scene = scenes(folder(tmp_path))[0]
    puck = track(scene, "puck")
    gained = puck["t"].tolist().index(pytest.approx(1.2))
    assert puck["x"][gained] == pytest.approx((200 - 95 - 100) * FT, abs=1e-5)
    assert puck["y"][gained] == pytest.approx((20 - 42.5) * FT, abs=1e-5)
    taken = puck["t"].tolist().index(pytest.approx(3.8))
    assert puck["x"][taken] == pytest.approx(
        (40 - 100) * FT, abs=1e-5
    )  # the other team's events are the other way round
    assert puck["y"][taken] == pytest.approx((85 - 50 - 42.5) * FT, abs=1e-5)


def test_an_entry_comes_over_the_line_at_its_time_give_or_take(tmp_path: Path) -> None:
    scene = scenes(folder(tmp_path))[0]
    puck = track(scene, "puck")
    near = abs(puck["t"] - 2.8) < 1e-6
    assert puck["x"][near] == pytest.approx([-26 * FT], abs=1e-4)
    assert puck["sx"][near] == pytest.approx([8.0 * 0.3], abs=1e-5)
    assert puck["x"][abs(puck["t"] - 2.1) < 1e-6] > -26 * FT
    events = scene.events.to_pylist()
    carried = [one for one in events if one["kind"] == "possession" and one["until"] is not None]
    assert [one["entity"] for one in carried] == ["track1"]


def test_only_events_of_this_game_and_power_play_with_a_frame_count(tmp_path: Path) -> None:
    events = scenes(folder(tmp_path))[0].events.to_pylist()
    assert [(one["kind"], one["entity"], one["team"]) for one in events] == [
        ("possession", "track1", "home"), ("possession", "track1", "home"), ("possession", "track2", "away"),
    ]  # fmt: skip


def test_the_situation_tells_the_strength_and_if_wanted_the_roster(tmp_path: Path) -> None:
    scene = scenes(folder(tmp_path))[0]
    assert [scene.strength_at(team, 3.9) for team in ("home", "away")] == [6, 5]
    closed = scenes(folder(tmp_path), roster="situation")[0]
    assert [closed.roster_at(team, 3.9) for team in ("home", "away")] == [6, 5]
    keeper = track(closed, "home-goalie")
    assert keeper["x"][0] == pytest.approx(84 * FT, abs=1e-4)  # at the end that the others attack
    assert "away-goalie" not in set(tables.column(closed.tracks, "entity"))


def test_a_reception_and_a_goal(tmp_path: Path) -> None:
    told = [
        "2/1/2021,Cup - South,home,5 on 4,Ann Nine,Puck Recovery,t,95,20,,,,,36,,7",
        "2/1/2021,Cup - South,home,5 on 4,Ann Nine,Play,t,100,20,Direct,Ann Nine,130,20,40,90,7",
        "2/1/2021,Cup - South,home,5 on 4,Ann Nine,Shot,t,150,20,Snapshot,,,,118,,7",
    ]
    events = scenes(folder(tmp_path, events=told))[0].events.to_pylist()
    assert [(one["kind"], round(one["t"], 2)) for one in events] == [
        ("possession", 1.2), ("touch", 1.33), ("possession", 3.0), ("goal", 3.93), ("touch", 3.93),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "files", "message"),
    [
        ({"speed": 3}, {}, "unknown option 'speed'"),
        ({"fps": "many"}, {}, "fps is a number"),
        ({"roster": "full"}, {}, "roster is 'open' or 'situation'"),
        ({"events": "nowhere.csv"}, {}, "no such file"),
        ({}, {GAME: "frame_id,track_id\n1,2\n"}, "no column 'team_name'"),
        ({}, {GAME: f"{TRACKS}\nx,1,1,Dark,South,9,1,2,1,600,7\n"}, "no number"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, options: dict[str, Any], files: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scenes(folder(tmp_path, **files), **options)


def test_scenes_are_written_and_read_back(tmp_path: Path) -> None:
    place = folder(tmp_path)
    assert convert(place / f"{GAME}.csv", "big_data_cup", tmp_path / "out") == 2
    read = read_scene(tmp_path / "out" / "2021-01-02-north-at-south-p1-pp3-shot1")
    assert read.attacks_at("home", 0.0) == "left"


def test_the_real_power_plays(real_path: Callable[[str], Path]) -> None:
    found = list(drafts(real_path("sequences/hockey/tracking.parquet"), "big_data_cup"))
    assert len(found) == 54
    first = found[0].scene()
    assert abs(tables.column(first.tracks, "x")).max() < 35.0
    assert abs(tables.column(first.tracks, "y")).max() < 14.0
    assert sum(draft.keys["attacks"]["home"] is not None for draft in found) >= 50
