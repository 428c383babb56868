import math

import numpy as np
import pytest

from ontologies import basketball, football, hockey, registry, soccer
from records.errors import InputError
from records.scene import FieldChoice
from records.units import FT, IN, YD

FIELDS = {
    "nhl": hockey.field("nhl"),
    "iihf": hockey.field("iihf"),
    "iihf 26 m": hockey.field("iihf", width_m=26.0),
    "nfl": football.field("nfl"),
    "ncaa": football.field("ncaa"),
    "nba": basketball.field("nba"),
    "fiba": basketball.field("fiba"),
    "ifab": soccer.field("ifab"),
    "ifab 100 x 64 m": soccer.field("ifab", 100.0, 64.0),
    "crowned": football.field("nfl", crown_m=0.4),
}


def mirrored(name, swaps):
    """Return a name with whole words swapped, e.g. left and right."""
    return "_".join(swaps.get(word, word) for word in name.split("_"))


LEFT_RIGHT = {"left": "right", "right": "left"}
NEAR_FAR = {"near": "far", "far": "near", "top": "bottom", "bottom": "top"}


@pytest.mark.parametrize("preset", FIELDS)
def test_left_and_right_are_exact_mirror_images(preset):
    marks = FIELDS[preset].landmarks
    for name, (x, y, z) in marks.items():
        assert marks[mirrored(name, LEFT_RIGHT)] == (-x + 0.0, y, z), name


@pytest.mark.parametrize("preset", FIELDS)
def test_near_and_far_are_exact_mirror_images(preset):
    marks = FIELDS[preset].landmarks
    for name, (x, y, z) in marks.items():
        if name.startswith(("referee_crease", "crease_left_top", "crease_right_top")):
            continue
        swaps = NEAR_FAR if name.startswith(("end_", "center_circle")) else {"near": "far", "far": "near"}
        other = mirrored(name, swaps)
        assert marks[other] == (x, -y + 0.0, z), name


@pytest.mark.parametrize("preset", FIELDS)
def test_far_is_up_and_left_is_left(preset):
    for name, (x, y, _) in FIELDS[preset].landmarks.items():
        words = name.split("_")
        if "left" in words and "center" not in words:
            assert x < 0, name
        if "right" in words and "center" not in words:
            assert x > 0, name
        if "far" in words:
            assert y > 0, name
        if "near" in words:
            assert y < 0, name


@pytest.mark.parametrize("preset", FIELDS)
def test_zones_are_mirror_images_too(preset):
    field = FIELDS[preset]
    rng = np.random.default_rng(7)
    x, y = rng.uniform(-35, 35, 300), rng.uniform(-20, 20, 300)
    for name, zone in field.zones.items():
        other = field.zones[mirrored(name, LEFT_RIGHT)]
        np.testing.assert_allclose(zone.shape.distance(x, y), other.shape.distance(-x, y), atol=1e-9)
        np.testing.assert_allclose(zone.shape.distance(x, y), zone.shape.distance(x, -y), atol=1e-9)


def test_nhl_blue_line_paint_is_25_to_26_feet_and_the_outer_edge_counts():
    field = FIELDS["nhl"]
    for end, sign in (("left", -1), ("right", 1)):
        line = field.lines[f"blue_line_{end}"]
        assert line.edges[f"blue_line_{end}_inner"].x1 == pytest.approx(sign * 25 * FT)
        assert line.edges[f"blue_line_{end}_outer"].x1 == pytest.approx(sign * 26 * FT)
        assert line.leading_edge.x1 == pytest.approx(sign * 26 * FT)
        assert field.target(f"zone_{end}").distance(sign * 26.5 * FT, 0) == pytest.approx(0.5 * FT)
        assert field.target(f"zone_{end}").distance(sign * 25.5 * FT, 0) == pytest.approx(-0.5 * FT)
        assert field.target(f"zone_{end}_with_line").distance(sign * 25.5 * FT, 0) == pytest.approx(0.5 * FT)
        assert field.target("neutral_zone").distance(sign * 25.5 * FT, 0) == pytest.approx(-0.5 * FT)


def test_nhl_sizes_in_feet():
    field = FIELDS["nhl"]
    assert (field.length_m, field.width_m) == pytest.approx((200 * FT, 85 * FT))
    expected = {
        "goal_line_right_far": (89, 14.5 + math.sqrt(28**2 - 17**2)),
        "end_dot_left_far": (-69, 22),
        "neutral_dot_right_near": (20, -22),
        "center_dot": (0, 0),
        "center_circle_top": (0, 15),
        "end_circle_right_far_inner": (54, 22),
        "end_circle_right_far_outer": (84, 22),
        "end_circle_left_near_bottom": (-69, -37),
        "blue_line_left_outer_far": (-26, 42.5),
        "center_line_right_near": (0.5, -42.5),
        "goal_post_right_far": (89, 3 + 2.375 / 24),
        "crease_right_top": (83, 0),
        "trapezoid_right_far_boards": (100, 14),
        "trapezoid_right_far_goal_line": (89, 11),
        "end_hash_right_far_inner_top_base": (69 - 67 / 24, 22 + math.sqrt(15**2 - (67 / 24) ** 2)),
    }
    for name, (x, y) in expected.items():
        assert field.landmarks[name][:2] == pytest.approx((x * FT, y * FT)), name


def test_iihf_sizes_and_the_choice_of_width():
    field = FIELDS["iihf"]
    assert field.lines["blue_line_right"].leading_edge.x1 == pytest.approx(7.8)
    assert field.lines["goal_line_right"].shape.x1 == pytest.approx(26.0)
    assert FIELDS["iihf 26 m"].landmarks["center_line_far"][1] == pytest.approx(13.0)
    with pytest.raises(InputError, match="26 to 30 m"):
        hockey.field("iihf", width_m=25.0)
    with pytest.raises(InputError, match="width"):
        hockey.field("nhl", width_m=30.0)


def test_trapezoid_edges_are_on_their_own_sides():
    field = FIELDS["nhl"]
    for end in ("left", "right"):
        for side, sign in (("near", -1), ("far", 1)):
            line = field.lines[f"trapezoid_{end}_{side}"]
            inner, outer = (line.edges[f"{line.name}_{which}"] for which in ("inner", "outer"))
            assert sign * inner.y1 < sign * line.shape.y1 < sign * outer.y1


@pytest.mark.parametrize(("preset", "hash_ft", "base_yd"), [("nfl", 9.25, 12), ("ncaa", 20.0, 7)])
def test_football_sizes_in_yards_and_feet(preset, hash_ft, base_yd):
    field = FIELDS[preset]
    assert (field.length_m, field.width_m) == pytest.approx((120 * YD, 160 * FT))
    expected = {
        "yard_left_40_sideline_far": (-10 * YD, 80 * FT),
        "yard_50_hash_near": (0, -hash_ft * FT),
        "yard_right_5_hash_far": (45 * YD, hash_ft * FT),
        "goal_line_left_sideline_near": (-50 * YD, -80 * FT),
        "end_line_right_sideline_far": (60 * YD, 80 * FT),
        "sideline_outer_far_left": (-62 * YD, 86 * FT),
        "number_left_30_far_base": (-20 * YD, 80 * FT - base_yd * YD),
        "number_left_30_far_top": (-20 * YD, 80 * FT - (base_yd + 2) * YD),
        "number_50_near_base": (0, -80 * FT + base_yd * YD),
    }
    for name, (x, y) in expected.items():
        assert field.landmarks[name][:2] == pytest.approx((x, y)), name


def test_football_edges_that_count():
    field = FIELDS["nfl"]
    assert field.lines["sideline_far"].leading_edge.y1 == pytest.approx(80 * FT)
    assert field.target("sideline_outer_far").y1 == pytest.approx(86 * FT)
    goal = field.lines["goal_line_right"]
    assert goal.leading_edge.x1 == pytest.approx(50 * YD)
    assert goal.edges["goal_line_right_outer"].x1 == pytest.approx(50 * YD + 8 * IN)
    assert field.target("end_zone_right").distance(50 * YD + 4 * IN, 0) > 0
    assert field.target("field_of_play").distance(50 * YD + 4 * IN, 0) < 0
    assert field.target("in_bounds").distance(0, 80 * FT + 0.01) < 0 < field.target("in_bounds").distance(0, 24)
    yard = field.lines["yard_left_40"]
    assert yard.edges["yard_left_40_inner"].x1 == pytest.approx(-10 * YD + 2 * IN)
    assert yard.edges["yard_left_40_outer"].x1 == pytest.approx(-10 * YD - 2 * IN)


def test_hash_marks_run_from_their_inner_end_towards_the_sideline_and_there_is_one_a_yard():
    field = FIELDS["ncaa"]
    rows = [mark for mark in field.marks if mark.name.startswith("hash_far_")]
    assert len(rows) == 99
    short = next(mark for mark in rows if mark.name == "hash_far_-13")
    assert [y for _, y in short.points] == pytest.approx([20 * FT, 22 * FT])


@pytest.mark.parametrize("preset", FIELDS)
def test_edges_lie_half_the_paint_apart_and_touch_the_paint(preset):
    for line in FIELDS[preset].lines.values():
        one, two = line.edges.values()
        assert abs(one.distance(two.x1, two.y1)) == pytest.approx(line.width_m) or line.name.startswith("hash")
        assert line.leading_edge in (line.shape, one, two)
        assert line.counts in (line.name, *line.edges)


@pytest.mark.parametrize("preset", FIELDS)
def test_every_target_measures_and_draws(preset):
    field = FIELDS[preset]
    for name in field.targets:
        shape = field.target(name)
        assert np.isfinite(shape.distance([0.0, 5.0], [1.0, -3.0])).all(), name
        assert shape.polyline(0.5).shape[1] == 2


@pytest.mark.parametrize("preset", ["nhl", "iihf", "iihf 26 m"])
def test_rink_landmarks_lie_within_the_boards(preset):
    field = FIELDS[preset]
    for name, (x, y, _) in field.landmarks.items():
        distance = float(field.boundary.distance(x, y))
        assert distance > -1e-9, name
        if name.endswith(("_line_far", "_inner_near", "_outer_far")) and "line" in name and "trap" not in name:
            assert distance == pytest.approx(0.0, abs=1e-9), name


def test_crown_is_a_parabola_across_the_width():
    field = football.field("nfl", crown_m=0.4)
    half = 80 * FT
    np.testing.assert_allclose(
        field.surface([0, 0, 9, 0], [0, half / 2, -half, half + 2]), [0.4, 0.3, 0, 0], atol=1e-12
    )
    assert field.landmarks["center"][2] == pytest.approx(0.4)
    assert field.landmarks["yard_50_sideline_far"][2] == pytest.approx(0.0)
    post = field.landmarks["crossbar_left_far"]
    assert post[2] - float(field.surface(*post[:2])) == pytest.approx(10 * FT)
    again = football.field("nfl").with_crown(0.4)
    for name, where in field.landmarks.items():
        assert again.landmarks[name] == pytest.approx(where), name
    assert football.field("nfl").surface(0.0, 0.0) == 0.0
    with pytest.raises(InputError, match="crown"):
        football.field("nfl", crown_m=2.0)


def test_misspelt_names_suggest_the_nearest():
    with pytest.raises(InputError, match="did you mean 'blue_line_left'"):
        FIELDS["nhl"].target("blue_line_lft")
    with pytest.raises(InputError, match="'end_dot_left_far'"):
        FIELDS["nhl"].landmark("end_dots_left_far", "game.yaml, keyframe at 0 s")
    with pytest.raises(InputError, match="did you mean 'nhl'"):
        hockey.field("nhll")


def test_yard_lines_by_name_and_position():
    for yard in range(1, 50):
        for end, sign in (("left", -1), ("right", 1)):
            x = football.yard_line_x(f"yard_{end}_{yard}")
            assert x == pytest.approx(sign * (50 - yard) * YD)
            assert football.yard_line_name(x) == f"yard_{end}_{yard}"
    with pytest.raises(InputError, match="yard line"):
        football.yard_line_x("yard_left_55")


def test_registry_builds_the_field_that_an_edition_is_played_on():
    assert registry.field("hockey", None, "iihf-2025").length_m == 60.0
    assert registry.field("hockey", FieldChoice("nhl"), "iihf-2025").width_m == pytest.approx(85 * FT)
    assert registry.field("hockey", FieldChoice(width_m=28.0), "iihf-2025").width_m == 28.0
