"""What is written beside a rendered clip agrees with itself and with the play."""

import json
from dataclasses import replace

import av
import numpy as np
import pytest

from records import tables
from records.errors import InputError
from records.scene import read_scene
from rulesight import cli
from simulation.clips import Clip, write_clip_truth
from simulation.plays import registry
from simulation.plays.play import field_of
from simulation.staging import film
from simulation.truth import SEEN


@pytest.fixture(scope="module")
def play():
    return registry.draw("hockey", "offside_winger_ahead_of_the_carrier", "nhl-2025", 3)


@pytest.fixture(scope="module")
def shots(play):
    return list(Clip(play, "sideline", 5).shots(range(40, 44)))


def test_boxes_are_the_same_in_every_format(play, shots, tmp_path):
    write_clip_truth(play, shots, tmp_path, {"sport": "hockey"})
    content = json.loads((tmp_path / "coco.json").read_text())
    names = {one["id"]: one["name"] for one in content["categories"]}
    boxes = {
        (one["entity"], one["image_id"]): (names[one["category_id"]], *one["bbox"]) for one in content["annotations"]
    }
    rows = tables.read(tmp_path / "detections.parquet", "detections").to_pylist()
    assert len(rows) == len(boxes) > 20
    for row in rows:
        kind, left, top, width, height = boxes[row["detection"].split("@")[0], row["frame"]]
        assert kind == row["kind"]
        assert [left, top, left + width, top + height] == pytest.approx(
            [row[name] for name in ("x1", "y1", "x2", "y2")], abs=0.03
        )
    truth = np.loadtxt(tmp_path / "gt.txt", delimiter=",")
    people = sum(one.kind != "puck" for shot in shots for one in shot.shown)
    assert len(truth) == people
    assert sorted(set(truth[:, 0])) == [41, 42, 43, 44]
    assert (truth[:, 8] >= SEEN).sum() == sum(row["kind"] != "puck" for row in rows)
    assert json.loads((tmp_path / "labels.json").read_text()) == {"sport": "hockey"}


def test_landmarks_lie_where_the_registration_puts_them(play, shots, tmp_path):
    write_clip_truth(play, shots, tmp_path, {})
    found = json.loads((tmp_path / "landmarks.json").read_text())
    exact = tables.read(tmp_path / "registrations.parquet", "registrations").to_pylist()
    assert [row["t"] for row in exact] == pytest.approx([shot.t for shot in shots])
    field = field_of(play)
    compared = 0
    for shot, row in zip(shots, exact, strict=True):
        matrix = np.array([row[f"h{i}{j}"] for i in range(3) for j in range(3)]).reshape(3, 3)
        for name, (u, v) in found[str(shot.frame)].items():
            x, y, z = field.landmarks[name]
            if z == 0:
                flat = shot.view._undistort((np.array([[u, v]]) - shot.view.principal) / shot.view.fx)
                a, b, c = matrix @ np.append(flat[0] * shot.view.fx + shot.view.principal, 1.0)
                assert (a / c, b / c) == pytest.approx((x, y), abs=0.02)
                compared += 1
    assert compared > 40


def test_a_camera_that_a_sport_has_not_is_refused(play, tmp_path):
    with pytest.raises(InputError, match=r"unknown camera of hockey 'end_zone'; there are: sideline"):
        Clip(play, "end_zone", 0)
    with pytest.raises(InputError, match="without a picture"):
        write_clip_truth(play, [], tmp_path, {})


def test_the_command_renders_beside_the_scene(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("rulesight.filming.Clip.shots", small_shots)
    case = "offside_winger_ahead_of_the_carrier"
    given = ["domain=hockey", f"case={case}", "plays=1", "seed=3", f"out={tmp_path / 'plays'}", "camera=sideline"]
    assert cli.main(["simulate", *given]) == 0
    (clip,) = tmp_path.glob("plays/*/clip.mp4")
    assert str(clip) in capsys.readouterr().out
    assert read_scene(clip.parent).domain == "hockey"
    assert (clip.parent / "expected.yaml").exists()
    assert json.loads((clip.parent / "truth" / "labels.json").read_text())["case"] == case
    sound = json.loads((clip.parent / "truth" / "sound.json").read_text())
    assert {"rate", "offset_s", "heard"} == set(sound)
    with av.open(str(clip)) as video:
        assert video.streams.audio[0].rate == sound["rate"]
    assert cli.main(["simulate", *given[:-1], "camera=blimp"]) == 2
    assert "unknown camera of hockey 'blimp'" in capsys.readouterr().err


def small_shots(clip):
    """Film with a small camera, a tenth of the instants, each shown ten times: what is tested is what is written."""
    play, look = clip.play, clip.look
    look = replace(look, rig=replace(look.rig, width=320, height=180, fx=look.rig.fx / 4), bug=None)
    shots = list(film(play, field_of(play), look, range(0, len(play.t), 10)))
    return (replace(shots[index // 10], frame=index, t=float(play.t[index])) for index in range(len(play.t)))


def test_a_pitch_is_painted_as_large_as_the_scene_says():
    play = registry.draw("soccer", "offside_ahead_of_the_last_line", None, 3)
    assert play.keys["field"] == {"length_m": 107.7, "width_m": 72.0}
    assert (field_of(play).length_m, field_of(play).width_m) == (107.7, 72.0)
    (shot,) = Clip(play, "high", 3).shots(range(0, 1))
    brighter = []
    for x in np.arange(-50.0, 50.0, 1.0):
        on, beside = shot.view.to_image(np.array([[x, 35.95, 0.0], [x, 33.95, 0.0]]))
        if all(5 < u < 1275 and 5 < v < 715 for u, v in (on, beside)):
            levels = [shot.image[int(v) - 2 : int(v) + 3, int(u)].mean(axis=1).max() for u, v in (on, beside)]
            brighter.append(levels[0] - levels[1])
    assert len(brighter) > 20
    assert np.median(brighter) > 8  # of 255: paint
