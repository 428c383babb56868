import csv
import json

import numpy as np
import pytest

from evaluation.sequences import basketball as scoring
from pipeline.judging import judge
from records.adapters.formats import convert, drafts
from records.errors import InputError
from records.units import FT

HOME, AWAY = 100, 50


def moment(ms, game_clock, shot_clock, shift=0.0, quarter=1, ball_x=80.0):
    """Half-court play at the right end: home stands further out than the defenders."""
    people = [[-1, -1, ball_x, 25.0, 4.0]]
    people += [[HOME, HOME + n, 66.0 + shift, 10.0 + 6 * n, 0.0] for n in range(5)]
    people += [[AWAY, AWAY + n, 74.0 + shift, 10.0 + 6 * n, 0.0] for n in range(5)]
    return [quarter, ms, game_clock, shot_clock, None, people]


def game(moments):
    sides = {
        "home": {"teamid": HOME, "players": [{"playerid": HOME, "jersey": "7"}]},
        "visitor": {"teamid": AWAY, "players": []},
    }
    return {"gameid": "0021500001", "events": [{**sides, "moments": moments[:3]}, {**sides, "moments": moments[1:]}]}


@pytest.fixture
def movement(tmp_path):
    def written(moments):
        file = tmp_path / "game.json"
        file.write_text(json.dumps(game(moments)))
        return file

    return written


@pytest.fixture
def table(tmp_path):
    def written(moments, columns=None):
        file = tmp_path / "game.csv"
        names = columns or ["game", "game_clock", "shot_clock", "team_id", "player_id", "x_loc", "y_loc", "radius"]
        with file.open("w", newline="") as lines:
            writer = csv.writer(lines)
            writer.writerow(names)
            for _, _, clock, shot, _, people in moments:
                for team, player, x, y, z in people:
                    writer.writerow(
                        ["0021500001", clock, "" if shot is None else shot, team, player, x, y, z][: len(names)]
                    )
        return file

    return written


def one(source, **options):
    (draft,) = drafts(source, "sportvu", options)
    return draft


def test_movement_files_are_in_metres_from_the_middle_and_each_moment_is_taken_once(movement):
    source = movement([moment(1000 + 40 * n, 700 - 0.04 * n, 20 - 0.04 * n, quarter=2) for n in range(5)])
    draft = one(source)
    tracks = draft.tables["tracks"]
    assert draft.name == "0021500001-q2"
    assert len(tracks["t"]) == 5 * 11
    assert sorted(set(np.round(tracks["t"], 3).tolist())) == [0.0, 0.04, 0.08, 0.12, 0.16]
    ball = tracks["entity"].index("ball")
    assert tracks["x"][ball] == pytest.approx(33 * FT)
    assert tracks["y"][ball] == 0.0
    assert tracks["z"][ball] == pytest.approx(4 * FT)
    row = tracks["entity"].index(str(HOME))
    assert (tracks["team"][row], tracks["kind"][row], tracks["number"][row]) == ("home", "player", "7")
    assert np.isnan(tracks["z"][row])
    clocks = draft.tables["clocks"]
    assert clocks["clock"].count("game") == clocks["clock"].count("shot") == 5
    assert draft.scene().span.stop == pytest.approx(0.16)


def test_play_is_stopped_while_the_game_clock_stands_still(movement):
    clocks = [700.0, 699.5, 699.0, *[699.0] * 8, 698.5, 698.0]
    moments = [moment(500 * n, clock, None) for n, clock in enumerate(clocks)]
    segments = one(movement(moments)).keys["segments"]
    stopped = [(span["from"], span["to"]) for span in segments if span["kind"] == "stopped"]
    assert stopped == [(1.0, 5.5)]
    assert "shot" not in one(movement(moments)).tables["clocks"]["clock"]


def test_tables_tell_time_by_the_game_clock_and_stops_by_jumps(table):
    moments = [moment(0, 720 - 0.5 * n, 24 - 0.5 * n, shift=-30.0 if n > 3 else 0.0) for n in range(7)]
    draft = one(table(moments))
    assert sorted(set(draft.tables["tracks"]["t"].tolist())) == [0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert [span["kind"] for span in draft.keys["segments"]] == ["live", "stopped", "live"]
    assert (draft.keys["segments"][1]["from"], draft.keys["segments"][1]["to"]) == (1.5, 2.0)
    assert draft.name == "0021500001"


def test_a_gap_in_the_source_is_no_stop_and_repeated_rows_are_taken_once(table):
    moments = [moment(0, clock, None) for clock in (720, 719.5, 719.5, 715, 714.5)]
    draft = one(table(moments))
    assert len(draft.tables["tracks"]["t"]) == 4 * 11
    assert draft.keys["segments"] == [{"from": None, "to": None, "kind": "live"}]


def test_who_attacks_where_is_inferred_from_half_court_play(table, tmp_path):
    moments = [moment(0, 720 - 0.5 * n, None) for n in range(6)]
    source = table(moments)
    games = tmp_path / "games.csv"
    games.write_text(f"game,home_team_id\n0021500001,{HOME}\n")
    assert one(source, games=str(games)).keys["attacks"] == {"home": "right"}
    assert one(source).keys["attacks"] == {"home": "left"}  # the smaller id is called home, and that team defends
    level = [moment(0, 720 - 0.5 * n, None, ball_x=80.0 if n % 2 else 10.0) for n in range(6)]
    for each in level[::2]:
        each[5] = [[team, player, 94 - x if player != -1 else x, y, z] for team, player, x, y, z in each[5]]
    assert one(table(level), games=str(games)).keys["attacks"] == {}


@pytest.mark.parametrize(
    ("content", "options", "told"),
    [
        ("{", {}, "no SportVU movement file"),
        ('{"gameid": 1}', {}, "no SportVU movement file"),
        ('{"gameid": "1", "events": []}', {}, "no SportVU movement file"),
        ("{}", {"gmae": 1}, "unknown option 'gmae'"),
    ],
)
def test_what_is_not_of_the_format_is_told_in_one_line(tmp_path, content, options, told):
    file = tmp_path / "game.json"
    file.write_text(content)
    with pytest.raises(InputError, match=told) as caught:
        list(drafts(file, "sportvu", options))
    assert "\n" not in str(caught.value)


def test_a_table_without_a_column_names_it(table):
    source = table([moment(0, 720, 24)], ["game", "game_clock", "shot_clock", "team_id", "player_id", "x_loc", "y_loc"])
    with pytest.raises(InputError, match="no column 'radius'"):
        one(source)


def test_scenes_are_written_and_judged(table, tmp_path):
    source = table([moment(0, 720 - 0.5 * n, 24 - 0.5 * n) for n in range(9)])
    assert convert(source, "sportvu", tmp_path / "out", {"edition": "fiba-2024"}) == 1
    assert (tmp_path / "out" / "0021500001" / "scene.yaml").exists()


def test_a_real_quarter(real_path):
    folder = real_path("sequences/basketball")
    options = {"games": str(folder / "games.csv"), "game": "0021500002"}
    draft = one(folder / "tracking.parquet", **options)
    with (folder / "games.csv").open() as lines:
        row = next(row for row in csv.DictReader(lines) if row["game"] == "0021500002")
    assert draft.keys["attacks"] == {"home": "right" if row["home_attacks_x"] == "1" else "left"}
    scene = draft.scene()
    assert 0.0 <= scene.span.start < scene.span.stop <= 720.0
    calls = judge(scene).calls
    assert {call.rule for call in calls} >= {
        "basketball.three_seconds",
        "basketball.eight_seconds",
        "basketball.backcourt",
    }
    label = scoring.Label("0021500002", 654.0, "three_seconds", "201149", "home")
    score = scoring.score_of([scoring.Judged(scene, calls, (label,))])
    assert next(figure for figure in score.figures if "three_seconds: share of the calls" in figure.name).value == 1.0
