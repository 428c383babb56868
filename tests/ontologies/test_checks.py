import dataclasses

import pytest

from ontologies.checks import check_annotations, check_calibration, check_scene, field_of
from records.annotations import annotations_of
from records.calibration import calibration_of
from records.errors import InputError
from records.scene import scene_of

KEYS = {"schema": 1, "id": "s", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}
TRACKS = {
    "t": [0.0, 0.1],
    "entity": ["h", "h"],
    "kind": ["player", None],
    "x": [0.0, 1.0],
    "y": [0.0, 0.0],
    "role": ["power_forward", None],
}


def made(keys=None, **content):
    return scene_of({**KEYS, **(keys or {})}, {"tracks": TRACKS, **content})


def test_a_good_scene_passes_with_unknown_roles_and_null_kinds():
    scene = made(
        {"complete": {"touch": "all", "deliberate_play": "all"}},
        events={"t": [0.0], "kind": ["touch"], "detail": ["stick"]},
        parts={"t": [0.0], "entity": ["h"], "part": ["left_skate"], "x": [0.0], "y": [0.0]},
    )
    assert check_scene(scene) is scene
    assert field_of(scene).name == "nhl"
    assert field_of(dataclasses.replace(scene, edition="iihf-2025")).name == "iihf"


@pytest.mark.parametrize(
    ("keys", "content", "told"),
    [
        ({"domain": "curling"}, {}, "unknown domain 'curling' (scene s, domain); there are: basketball, "),
        ({"domain": "soccer"}, {}, "edition 'nhl-2025' is of hockey, not soccer"),
        ({"edition": "nhl-2024"}, {}, "did you mean 'nhl-2025'"),
        ({"edition": "nfl-2025"}, {}, "edition 'nfl-2025' is of football, not hockey"),
        ({"field": {"preset": "nfl"}}, {}, "unknown hockey field 'nfl'"),
        ({"field": {"width_m": 20}}, {}, "does not exist"),
        ({"complete": {"tuoch": "all"}}, {}, "did you mean 'touch'"),
        ({}, {"tracks": {**TRACKS, "kind": ["ball", "ball"]}}, "unknown kind of hockey 'ball'"),
        ({}, {"tracks": {**TRACKS, "x": [3000.0, 3100.0]}}, "off the field"),
        ({}, {"events": {"t": [0.0], "kind": ["snap"]}}, "unknown event kind of hockey 'snap'"),
        ({}, {"events": {"t": [0.0], "kind": ["touch"], "detail": ["stik"]}}, "did you mean 'stick'"),
        (
            {},
            {"parts": {"t": [0.0], "entity": ["h"], "part": ["left_skat"], "x": [0.0], "y": [0.0]}},
            "did you mean 'left_skate'",
        ),
    ],
)
def test_what_the_ontology_does_not_know_is_named(keys, content, told):
    with pytest.raises(InputError) as caught:
        check_scene(made(keys, **content))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_one_stray_position_is_no_reason_to_refuse_a_scene():
    check_scene(made(tracks={**TRACKS, "x": [3000.0, 0.0]}))


def calibration(points=None, on=None, **keys):
    frame = {"t": 0.0, "points": points or {}, "on": on or []}
    return calibration_of(
        {"schema": 1, "domain": "hockey", "picture": {"width": 100, "height": 100}, "keyframes": [frame], **keys}
    )


def test_calibrations_name_landmarks_lines_and_circles_that_exist():
    on = [{"line": name, "at": [[1, 2]]} for name in ("blue_line_left_outer", "center_circle", "boards")]
    assert check_calibration(calibration({"center_dot": [1, 2]}, on)).name == "nhl"
    with pytest.raises(InputError, match="did you mean 'center_dot'"):
        check_calibration(calibration({"centre_dot": [1, 2]}))
    with pytest.raises(InputError, match=r"keyframe at 0 s.*'blue_line_left_outer'"):
        check_calibration(calibration(on=[{"line": "blue_line_left_outr", "at": [[1, 2]]}]))
    with pytest.raises(InputError, match="unknown line or circle"):
        check_calibration(calibration(on=[{"line": "zone_left", "at": [[1, 2]]}]))
    with pytest.raises(InputError, match="'center_mark'"):
        check_calibration(calibration({"center_dot": [1, 2]}, domain="soccer"))


def test_annotations_name_kinds_that_exist():
    point = {"t": 0.0, "entity": "p", "kind": "puck", "at": [1, 2]}
    event = {"t": 0.0, "kind": "touch", "detail": "stick"}
    good = annotations_of({"schema": 1, "points": [point], "events": [event]})
    assert check_annotations(good, "hockey") is good
    for change, told in (
        ({"points": [{**point, "kind": "ball"}]}, "unknown kind of hockey 'ball'"),
        ({"events": [{**event, "kind": "snap"}]}, "unknown event kind"),
        ({"events": [{**event, "detail": "stik"}]}, "did you mean 'stick'"),
    ):
        with pytest.raises(InputError, match=told):
            check_annotations(annotations_of({"schema": 1, **change}), "hockey")
