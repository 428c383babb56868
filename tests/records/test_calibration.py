import copy

import pytest

from records import yamls
from records.annotations import KitExample, annotations_of, read_annotations
from records.calibration import OnLine, calibration_of, read_calibration, write_calibration
from records.clock import Span
from records.errors import InputError

CALIBRATION = """
schema: 1
domain: hockey
field: {preset: nhl}
picture: {width: 1280, height: 720}
camera: ptz                 # ptz | static | free
masks: [{name: scorebug, box: [340, 30, 960, 95]}, {name: ad, box: [0, 0, 10, 10], from: 1.0, to: 2.0}]
keyframes:
  - t: 5.0
    points: {center_dot: [10, 20]}
  - t: 0.0
    points: {blue_line_left_outer_far: [612.0, 101.5]}
    on: [{line: blue_line_left_inner, at: [[600.2, 140.1], [640.9, 250.3]]}]
    sigma_px: 2.5
"""
ANNOTATIONS = """
schema: 1
kits: {home: [{t: 0.0, at: [900, 230]}, "#1b2a5c"], away: ["FFFFFF"]}
points: [{t: 3.9, entity: puck, kind: puck, at: [512.0, 300.0], sigma_px: 4, z: 0.0}]
events: [{t: 3.95, t_sigma: 0.05, kind: possession, at: [512, 300], team: away, until: 4.8, detail: null, p: 1.0},
         {t: 1.0, kind: touch, entity: k1}]
scene: {edition: nhl-2025, attacks: {home: right}, complete: all}
"""


def changed(text, path, value):
    """Return the parsed text with one value replaced."""
    content = copy.deepcopy(yamls.loads(text))
    at = content
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return content


def test_a_calibration_is_read_and_comes_back_equal(tmp_path):
    (tmp_path / "a.yaml").write_text(CALIBRATION, encoding="utf-8")
    made = read_calibration(tmp_path / "a.yaml")
    assert [frame.t for frame in made.keyframes] == [0.0, 5.0]
    first = made.keyframes[0]
    assert first.points == {"blue_line_left_outer_far": (612.0, 101.5)}
    assert first.on == (OnLine("blue_line_left_inner", ((600.2, 140.1), (640.9, 250.3))),)
    assert (first.sigma_px, made.keyframes[1].sigma_px) == (2.5, 1.5)
    assert (made.width, made.height, made.camera, made.field.preset) == (1280, 720, "ptz", "nhl")
    assert made.masks[1].span == Span(1.0, 2.0)
    write_calibration(tmp_path / "b.yaml", made)
    assert read_calibration(tmp_path / "b.yaml") == made


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("schema",), 3, "calibration format version 3"),
        (("camera",), "drone", "one of ptz, static, free"),
        (("keyframes",), [], "at least one keyframe"),
        (("keyframes", 0), {"t": 0.0, "points": {"a": [1, 2]}}, "two keyframes have the same t"),
        (("keyframes", 0), {"t": 1.0}, "needs points or on"),
        (("keyframes", 0, "points"), {"a": [1]}, "2 numbers are needed here, not 1"),
        (("keyframes", 0, "points"), {"a": [1, 99999]}, "far outside the 1280 x 720 picture"),
        (("keyframes", 0, "sigma_px"), 0, "between 0.01"),
        (("keyframes", 0, "pionts"), {}, "did you mean 'points'"),
        (("keyframes", 1, "on", 0, "at"), [], "no pixel is given"),
        (("masks", 0, "box"), [5, 5, 1, 9], "x1 < x2"),
        (("picture",), {"width": 1280}, "missing key 'height'"),
    ],
)
def test_wrong_calibrations(path, value, told):
    with pytest.raises(InputError) as caught:
        calibration_of(changed(CALIBRATION, path, value), "game.yaml")
    assert told in str(caught.value)
    assert "game.yaml" in str(caught.value)


def test_annotations_are_read(tmp_path):
    (tmp_path / "a.yaml").write_text(ANNOTATIONS, encoding="utf-8")
    made = read_annotations(tmp_path / "a.yaml")
    assert made.kits["home"] == (KitExample(t=0.0, at=(900.0, 230.0)), KitExample(colour=(0x1B, 0x2A, 0x5C)))
    assert made.kits["away"][0].colour == (255, 255, 255)
    assert (made.points[0].entity, made.points[0].at, made.points[0].sigma_px) == ("puck", (512.0, 300.0), 4.0)
    assert [event.kind for event in made.events] == ["touch", "possession"]
    assert (made.events[1].until, made.events[1].at, made.events[0].t_sigma) == (4.8, (512.0, 300.0), 0.05)
    assert made.scene["complete"] == "all"


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("kits", "home"), ["#12345"], "a colour is '#rrggbb'"),
        (("kits", "red"), [], "unknown key 'red'"),
        (("points", 0, "at"), [1, 2, 3], "2 numbers are needed here, not 3"),
        (("points", 0, "entity"), "", "a name is needed"),
        (("events", 0, "until"), 1.0, "until 1 lies before t 3.95"),
        (("events", 0, "entity"), "k1", "not both"),
        (("events", 0, "team"), "red", "one of home, away"),
        (("events", 0, "p"), 2.0, "between 0 and 1"),
        (("scene", "id"), "x", "unknown key 'id'"),
    ],
)
def test_wrong_annotations(path, value, told):
    with pytest.raises(InputError) as caught:
        annotations_of(changed(ANNOTATIONS, path, value), "notes.yaml")
    assert told in str(caught.value)


def test_two_points_of_one_entity_at_one_time_are_refused():
    point = {"t": 1.0, "entity": "puck", "kind": "puck", "at": [1, 2]}
    with pytest.raises(InputError, match="two points for 'puck' at 1 s"):
        annotations_of({"schema": 1, "points": [point, point]})


def test_annotated_plays_become_rows_of_their_table():
    row = {"play": "p1", "from": 0.0, "to": 3.9, "offense": "away", "direction": "right", "los_x": -13.2}
    plays = annotations_of({"schema": 1, "plays": [row]}).plays
    assert plays["offense"].to_pylist() == ["away"]
    assert plays["down"].to_pylist() == [None]
    assert annotations_of({"schema": 1}).plays.num_rows == 0
    with pytest.raises(InputError, match="los_x"):
        annotations_of({"schema": 1, "plays": [row | {"los": 1.0}]})
    with pytest.raises(InputError, match="offense"):
        annotations_of({"schema": 1, "plays": [row | {"offense": "visitors"}]})
