import dataclasses
import math
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from records import tables, yamls
from records.clock import Span
from records.errors import InputError
from records.scene import ANY, Counts, read_scene, scene_of, write_scene

FULL = """
schema: 1
id: 0012
domain: hockey                 # a comment
edition: nhl-2025
attacks: [{from: 5.0, home: left, away: right}, {from: 0.0, home: right, away: left}]
source: on the 12:30 feed
field: {preset: iihf, width_m: 28}
roster: {home: 6, away: 6}
strength: [{from: 0.0, home: 6, away: 5}, {from: 4.0, home: 6}]
segments: [{from: 7.2, to: 9.0, kind: stopped}, {from: 0.0, to: 7.2, kind: live}]
complete: {whistle: all, touch: [[0.0, 2.0], [2.0, 7.2]], loose: []}
initial: {possession: home, last_restart: faceoff, lane_time: {h5: 1.2}, frontcourt: true}
resolution: box
benches: {home: {side: -y, x: [-12, -2]}, away: {side: -y, x: [2, 12]}}
"""


def optional_tables():
    corners = {f"{axis}{n}": [float(n)] for n in range(1, 5) for axis in "xy"}
    return {
        "parts": {"t": [0.0], "entity": ["h1"], "part": ["left_skate"], "x": [0.0], "y": [0.0]},
        "events": {
            "t": [-1.0, 0.05],
            "kind": ["possession", "touch"],
            "team": ["home", None],
            "detail": [None, "stick"],
            "until": [2.0, None],
        },
        "clocks": {"t": [0.0], "clock": ["game"], "value": [1200.0], "running": [True]},
        "plays": {"play": ["p1"], "from": [0.0], "to": [0.1], "offense": ["home"]},
        "view": {"t": [0.0], **corners, "recall": [0.9]},
        "errors": {"t": [0.0], "mode": ["m0"], **{name: [0.1] for name in ("ax", "bx", "cx", "ay", "by", "cy")}},
    }


def test_every_key_is_read(tracks):
    scene = scene_of(yamls.loads(FULL), {"tracks": tracks})
    assert scene.id == "0012"
    assert scene.attacks_at("home", -1.0) is None
    assert (scene.attacks_at("home", 1.0), scene.attacks_at("away", 6.0)) == ("right", "right")
    assert scene.attack_sign("home", [-1.0, 1.0, 5.0]).tolist() == [0, 1, -1]
    assert scene.team_attacking("left", 6.0) == "home"
    assert (scene.roster_at("home", -9.0), scene.strength_at("away", -9.0)) == (6, None)
    assert scene.strength == (Counts(0.0, 6, 5), Counts(4.0, 6, None))
    np.testing.assert_array_equal(scene.strength_over("away", [-1.0, 0.0, 4.0]), [np.nan, 5.0, np.nan])
    assert scene.live == (Span(0.0, 7.2),)
    assert scene.spans("stopped") == (Span(7.2, 9.0),)
    assert scene.is_live([-1.0, 0.0, 7.2, 8.0]).tolist() == [False, True, True, False]
    assert scene.is_complete("whistle", -math.inf, math.inf)
    assert scene.is_complete("touch", 0.5, 7.0)
    assert not scene.is_complete("touch", 0.5, 7.3)
    assert not scene.is_complete("loose", 1.0, 1.0)
    assert not scene.is_complete("goal", 1.0, 1.0)
    assert scene.complete_over("touch", [-0.1, 0.0, 7.3]).tolist() == [False, True, False]
    assert scene.initial["lane_time"] == {"h5": 1.2}
    assert (scene.supports("box"), scene.supports("pose")) == (True, False)
    assert (scene.benches["away"].start_x, scene.benches["home"].side) == (2.0, "-y")
    assert (scene.field.preset, scene.field.width_m, scene.field.length_m) == ("iihf", 28.0, None)


def test_what_is_left_out_is_unknown(keys):
    scene = scene_of(keys, {})
    assert scene.roster_at("home", 0.0) is None
    assert np.isnan(scene.roster_over("home", [0.0])).all()
    assert scene.strength_at("away", 0.0) is None
    assert not scene.is_complete("whistle", 0.0, 0.0)
    assert scene.is_live([0.0, 1e6]).all()
    assert scene.resolution is None
    assert not scene.supports("box")
    assert (scene.times.size, scene.span) == (0, None)
    assert scene.events is None


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("all", {ANY}),
        (["whistle", "touch"], {"whistle", "touch"}),
        ([[0.0, 5.0]], {ANY}),
        ({"all": [[0.0, 5.0]]}, {ANY}),
        ({"touch": [[None, 5.0]]}, {"touch"}),
        (None, set()),
    ],
)
def test_forms_of_complete(keys, value, kinds):
    scene = scene_of({**keys, "complete": value}, {})
    assert set(scene.complete) == kinds
    assert scene.is_complete("touch", 1.0, 2.0) == bool(kinds)
    assert scene.is_complete("goal", 1.0, 2.0) == (ANY in kinds)
    assert scene.is_complete("touch", 1.0, 9.0) == (value in ("all", ["whistle", "touch"]))


@pytest.mark.parametrize("value", [{}, {"home": None}, [{"from": 1.0}], None])
def test_a_roster_that_says_nothing_is_none(keys, value):
    assert scene_of({**keys, "roster": value, "strength": value}, {}) == scene_of(keys, {})


def test_one_end_gives_the_other(keys):
    scene = scene_of({**keys, "attacks": {"away": "right"}}, {})
    assert scene.attacks_at("home", 0.0) == "left"
    assert scene_of({**keys, "attacks": {"home": None}}, {}).attacks_at("home", 0.0) is None


@pytest.mark.parametrize("suffix", ["parquet", "csv"])
def test_a_scene_comes_back_equal_with_all_its_tables(tmp_path, tracks, suffix):
    scene = scene_of(yamls.loads(FULL), {"tracks": tracks, **optional_tables()})
    write_scene(scene, tmp_path / "s")
    if suffix == "csv":
        for path in sorted((tmp_path / "s").glob("*.parquet")):
            tables.write(path.with_suffix(".csv"), path.stem, tables.read(path, path.stem))
            path.unlink()
    back = read_scene(tmp_path / "s")
    assert back == scene
    assert back.folder == tmp_path / "s"


def test_writing_is_byte_stable_and_clears_old_tables(tmp_path, keys, tracks):
    scene = scene_of(keys, {"tracks": tracks, **optional_tables()})
    write_scene(scene, tmp_path / "a")
    write_scene(read_scene(tmp_path / "a"), tmp_path / "b")
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name
    write_scene(scene_of(keys, {"tracks": tracks}), tmp_path / "a")
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["scene.yaml", "tracks.parquet"]


def test_rows_in_any_order_give_the_same_scene(keys, tracks):
    rows = tables.table("tracks", tracks)
    scene = scene_of(keys, {"tracks": rows.take([5, 2, 0, 4, 1, 3])})
    assert scene == scene_of(keys, {"tracks": rows})
    assert scene.times.tolist() == [0.0, 0.1]
    assert scene.span == Span(0.0, 0.1)


def test_a_scene_of_one_frame_and_one_without_rows(tmp_path, keys):
    one = scene_of(keys, {"tracks": {"t": [2.0], "entity": ["h"], "kind": ["player"], "x": [0.0], "y": [0.0]}})
    assert one.span == Span(2.0, 2.0)
    write_scene(scene_of(keys, {}), tmp_path / "none")
    assert read_scene(tmp_path / "none").tracks.num_rows == 0


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"schema": 2}, "scene format version 2 is not known"),
        ({"schema": "1"}, "version '1' is not known"),
        ({"rooster": {}}, "unknown key 'rooster' (scene.yaml); did you mean 'roster'"),
        ({"id": ""}, "scene.yaml, id"),
        ({"id": "half \ud800"}, "half a character"),
        ({"edition": None}, "text is needed here, not nothing (scene.yaml, edition)"),
        ({"attacks": {"home": "up"}}, "one of left, right is needed here, not 'up' (scene.yaml, attacks, home)"),
        ({"attacks": {"home": "left", "away": "left"}}, "both teams attack the same end"),
        ({"attacks": []}, "empty list"),
        ({"attacks": [{"home": "left"}]}, "missing key 'from' (scene.yaml, attacks, item 1)"),
        ({"attacks": [{"from": 0, "home": "left"}, {"from": 0.0, "home": "right"}]}, "start at the same time"),
        ({"roster": {"home": 5.5}}, "whole number is needed here, not 5.5"),
        ({"roster": {"home": -1}}, "at least 0"),
        ({"roster": {"hone": 5}}, "did you mean 'home'"),
        ({"strength": [{"from": float("nan"), "home": 5}]}, "finite number"),
        ({"segments": [{"from": 0, "to": 5, "kind": "live"}, {"from": 4, "to": 6, "kind": "live"}]}, "overlap at 4 s"),
        ({"segments": [{"from": 3, "to": 2, "kind": "live"}]}, "must end after it starts"),
        ({"segments": [{"from": 3, "to": 4, "kind": "dead"}]}, "one of live, stopped, replay, other"),
        ({"complete": {"touch": "yes"}}, "'all' or a list of spans"),
        ({"complete": {"touch": [[1.0]]}}, "a span is [from, to]"),
        ({"complete": {"touch": [[2.0, 1.0]]}}, "must end after it starts"),
        ({"complete": 3}, "a list is needed here, not 3"),
        ({"initial": {"posession": "home"}}, "did you mean 'possession'"),
        ({"initial": {"lane_time": {"h": -1}}}, "at least 0"),
        ({"initial": {"frontcourt": "yes"}}, "true or false"),
        ({"resolution": "pixel"}, "one of point, box, pose"),
        ({"benches": {"home": {"side": "y", "x": [0, 1]}}}, "one of -y, +y"),
        ({"benches": {"home": {"side": "-y", "x": [3, 1]}}}, "x must rise"),
        ({"field": {"preset": "nhl", "width": 3}}, "did you mean 'width_m'"),
        ({"field": {"length_m": 0}}, "between 1 and 1000"),
    ],
)
def test_bad_keys_are_named_in_one_line(keys, change, told):
    with pytest.raises(InputError) as caught:
        scene_of({**keys, **change}, {})
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_required_key_that_is_missing_is_named(keys):
    for key in keys:
        with pytest.raises(InputError, match=f"missing key .*'{key}'"):
            scene_of({name: value for name, value in keys.items() if name != key}, {})


@pytest.mark.parametrize(
    ("name", "columns", "told"),
    [
        (
            "tracks",
            {
                "t": [0, 1],
                "entity": ["a", "a"],
                "kind": ["player"] * 2,
                "x": [0, 0],
                "y": [0, 0],
                "team": ["home", "away"],
            },
            "entity 'a' is in both teams",
        ),
        ("events", {"t": [0.0], "kind": ["touch"], "entity": ["h1"], "team": ["away"]}, "'h1' is in both teams"),
        ("events", {"t": [1.0], "kind": ["possession"], "until": [0.5]}, "'until' 0.5 lies before 't' 1"),
        ("plays", {"play": ["p"], "from": [1.0], "to": [0.0]}, "'to' 0 lies before 'from' 1"),
        ("clocks", {"t": [0.0], "clock": ["hot"], "value": [1.0]}, "not one of game, shot, play"),
        ("trakcs", {}, "did you mean 'tracks'"),
    ],
)
def test_bad_tables_are_named(keys, tracks, name, columns, told):
    with pytest.raises(InputError) as caught:
        scene_of(keys, {"tracks": tracks, name: columns})
    assert told in str(caught.value)


def test_bad_folders(tmp_path, keys, tracks):
    with pytest.raises(InputError, match="no such scene folder"):
        read_scene(tmp_path / "none")
    with pytest.raises(InputError, match=r"no such file .*scene\.yaml"):
        read_scene(tmp_path)
    (tmp_path / "scene.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(InputError, match=r"not readable as yaml: .* line 2"):
        read_scene(tmp_path)
    (tmp_path / "scene.yaml").write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(InputError, match="keys and values"):
        read_scene(tmp_path)
    (tmp_path / "scene.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="UTF-8"):
        read_scene(tmp_path)
    (tmp_path / "scene.yaml").write_text(yamls.dumps(keys), encoding="utf-8")
    with pytest.raises(InputError, match=r"needs tracks\.parquet or tracks\.csv"):
        read_scene(tmp_path)
    for suffix in ("parquet", "csv"):
        tables.write(tmp_path / f"tracks.{suffix}", "tracks", tables.table("tracks", tracks))
    with pytest.raises(InputError, match=r"both tracks\.parquet and tracks\.csv"):
        read_scene(tmp_path)


def test_reading_is_quick(tmp_path, keys):
    n = 13 * 600
    made = scene_of(
        keys,
        {
            "tracks": {
                "t": np.repeat(np.arange(600) / 60, 13),
                "entity": [f"h{i % 13}" for i in range(n)],
                "kind": ["player"] * n,
                "x": np.zeros(n),
                "y": np.zeros(n),
            }
        },
    )
    write_scene(made, tmp_path)
    read_scene(tmp_path)
    took = []
    for _ in range(5):
        start = time.perf_counter()
        read_scene(tmp_path)
        took.append(time.perf_counter() - start)
    assert min(took) < 0.2


def test_records_need_no_heavy_package():
    code = (
        "import sys, records.scene, records.calls, records.calibration, records.annotations\n"
        "heavy = {'scipy', 'cv2', 'pandas', 'torch', 'av', 'onnxruntime'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_scene_is_frozen(keys):
    scene = scene_of(keys, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        scene.id = "other"
    assert dataclasses.replace(scene, edition="iihf-2025").edition == "iihf-2025"
