"""MOT text: boxes to the field through a matrix or by world coordinates, frame rates, classes, what is wrong."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from records import tables
from records.adapters.formats import drafts
from records.errors import InputError
from records.scene import Scene

TEN_PIXELS_A_METRE = "0.1 0 -64  0 -0.1 36  0 0 1"


def scene(tmp_path: Path, text: str, **options: Any) -> Scene:
    path = tmp_path / "clip.txt"
    path.write_text(text)
    (found,) = drafts(path, "mot", {"fps": 25, **options})
    return found.scene()


def column(made: Scene, name: str) -> list[Any]:
    return tables.column(made.tracks, name).tolist()


def test_the_middle_of_the_lower_edge_goes_through_the_matrix(tmp_path: Path) -> None:
    made = scene(tmp_path, "1,7,640,300,20,60,1,-1,-1,-1\n2,7,650,300,20,60,1,-1,-1,-1\n", matrix=TEN_PIXELS_A_METRE)
    assert column(made, "t") == pytest.approx([0.0, 0.04])
    assert column(made, "x") == pytest.approx([1.0, 2.0], abs=1e-5)
    assert column(made, "y") == pytest.approx([0.0, 0.0], abs=1e-5)
    assert column(made, "sx") == pytest.approx([0.3, 0.3], abs=1e-5)  # 3 px of a box of 60
    assert (made.resolution, set(column(made, "kind")), made.attacks_at("home", 0.0)) == ("box", {"player"}, None)


def test_what_is_further_away_is_less_certain_and_what_is_beyond_the_horizon_is_left_out(tmp_path: Path) -> None:
    tilted = [[0.02, 0, -12.8], [0, 0, 20.0], [0, 0.004, -0.8]]  # horizon at row 200
    lines = "1,1,640,500,0,40,1\n1,2,640,260,0,40,1\n1,3,640,150,0,40,1\n"
    made = scene(tmp_path, lines, matrix=tilted)
    near, far = np.argsort(column(made, "y"))
    assert made.tracks.num_rows == 2
    assert column(made, "sy")[far] > 3 * column(made, "sy")[near]


def test_world_coordinates_are_metres(tmp_path: Path) -> None:
    made = scene(tmp_path, "1 1 0 0 10 20 1 3.5 -2 0\n1 2 0 0 10 20 1 -1 -1 -1\n", world="yes")
    assert (column(made, "x"), column(made, "y")) == ([3.5], [-2.0])


def test_frames_count_from_one_or_from_zero(tmp_path: Path) -> None:
    assert column(scene(tmp_path, "0,1,0,0,2,2,1\n5,1,0,0,2,2,1\n", matrix=TEN_PIXELS_A_METRE), "t") == [0.0, 0.2]
    assert column(scene(tmp_path, "6,1,0,0,2,2,1\n", matrix=TEN_PIXELS_A_METRE), "t") == [0.2]


def test_ignored_and_doubled_lines(tmp_path: Path) -> None:
    lines = "1,1,0,0,2,2,0\n1,2,0,0,2,2,1\n1,2,9,9,2,2,1\n\n"
    made = scene(tmp_path, lines, matrix=TEN_PIXELS_A_METRE)
    assert column(made, "entity") == ["track2"]
    assert column(made, "x") == pytest.approx([-63.9], abs=1e-4)
    assert scene(tmp_path, lines, matrix=TEN_PIXELS_A_METRE, confidence="no").tracks.num_rows == 2


def test_classes_tell_kind_and_team(tmp_path: Path) -> None:
    lines = "1,1,640,300,2,60,1,1,1\n1,2,650,300,2,60,1,5,1\n1,3,660,300,2,60,1,3,1\n1,4,670,300,2,60,1,9,1\n"
    made = scene(tmp_path, lines, matrix=TEN_PIXELS_A_METRE, classes="1=player/home,3=goalie/away,5=official")
    assert column(made, "kind") == ["player", "official", "goalie", "player"]
    assert column(made, "team") == ["home", None, "away", None]


def test_the_frame_rate_may_lie_beside(tmp_path: Path) -> None:
    (tmp_path / "PETS" / "gt").mkdir(parents=True)
    (tmp_path / "PETS" / "seqinfo.ini").write_text("[Sequence]\nframeRate=7\n")
    (tmp_path / "PETS" / "gt" / "gt.txt").write_text("8,1,0,0,2,2,1\n")
    (found,) = drafts(tmp_path / "PETS" / "gt" / "gt.txt", "mot", {"matrix": TEN_PIXELS_A_METRE})
    assert found.name == "pets"
    assert column(found.scene(), "t") == [1.0]


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("1,1,0,0,2,2,1\n", {}, "boxes are in pixels"),
        ("1,1,0,0,2,2,1\n", {"world": "yes"}, "no world coordinates"),
        ("1,1,0,0,2,2,1\n", {"matrix": "1 0 0 0 1 0 0 0"}, "nine numbers"),
        ("1,1,0,0,2,2,1\n", {"matrix": [0] * 9}, "nine numbers"),
        ("1,1,0,0\n", {"matrix": TEN_PIXELS_A_METRE}, "4 numbers in a line"),
        ("frame,id\n", {"matrix": TEN_PIXELS_A_METRE}, "not a line of numbers"),
        ("1,1,0,0,2,2,1\n", {"matrix": TEN_PIXELS_A_METRE, "fps": None}, "how many frames"),
        ("1,1,0,0,2,2,1\n", {"matrix": TEN_PIXELS_A_METRE, "classes": "one"}, "not a class"),
        ("1,1,0,0,2,2,1\n", {"matrix": TEN_PIXELS_A_METRE, "domain": "curling"}, "unknown domain"),
        ("1,1,0,0,2,2,1\n", {"lens": 1}, "unknown option"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scene(tmp_path, text, **options)


def test_real_hockey_boxes(real_path: Callable[[str], Path]) -> None:
    files = sorted(real_path("tracking/hockey_mhptd").rglob("*.txt"))
    flat = "0.05 0 -32  0 -0.03 10  0 0 1"
    classes = "1=player/home,2=player/away,3=goalie/home,4=goalie/away,5=official"
    made = next(drafts(files[0], "mot", {"fps": 30, "matrix": flat, "confidence": "no", "classes": classes})).scene()
    assert made.tracks.num_rows > 1000
    assert {"player", "goalie"} <= set(column(made, "kind"))
