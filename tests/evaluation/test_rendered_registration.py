import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluation.rendered_registration import RenderedScore, compared, folders, marks, measure, together
from perception.encode import write_video
from perception.registration.project import by_frame
from records import tables
from records.scene import write_scene
from simulation.clips import Clip, write_clip_truth
from simulation.plays.play import field_of
from simulation.plays.registry import draw

SCRIPT = Path(__file__).parents[2] / "scripts" / "check_registration.py"


@pytest.fixture(scope="module")
def clip(tmp_path_factory):
    """A play of which every tenth picture is rendered, six in all: the play, and the folder of the clip."""
    play = draw("hockey", "offside_puck_on_the_line_only", None, 4)
    folder = tmp_path_factory.mktemp("rendered") / "clip"
    shots = [
        replace(shot, frame=number) for number, shot in enumerate(Clip(play, "sideline", 4).shots(range(0, 18, 3)))
    ]
    folder.mkdir()
    write_video(folder / "clip.mp4", [shot.image for shot in shots], [shot.t for shot in shots])
    write_scene(play.scene(), folder)
    (folder / "truth").mkdir()
    write_clip_truth(play, shots, folder / "truth", {})
    return play, folder


def truth_of(folder):
    return by_frame(tables.read(folder / "truth" / "registrations.parquet", "registrations"))


def test_a_rendered_clip_is_registered_and_compared(clip):
    _, folder = clip
    assert folders(folder.parent) == [folder]
    score = measure(folder, 3, 0)
    assert (score.frames, score.lost) == (2, 0)
    assert len(score.errors_m) > 60
    assert np.median(score.errors_m) < 0.1
    assert score.inside > 0.7
    assert score.line().startswith("clip ")


def test_only_what_can_be_seen_is_marked_and_nearly_right(clip):
    play, folder = clip
    truth, field = truth_of(folder), field_of(play)
    found = marks(folder, truth, ("hockey", play.scene().field, field), 3, 1)
    boxes = tables.read(folder / "truth" / "detections.parquet", "detections").to_pylist()
    assert [round(keyframe.t, 3) for keyframe in found.keyframes] == [round(truth[n].t, 3) for n in (0, 2, 5)]
    for number, keyframe in zip((0, 2, 5), found.keyframes, strict=True):
        assert len(keyframe.points) + len(keyframe.on) >= 4
        for name, (u, v) in keyframe.points.items():
            exact = truth[number].to_image(np.array([field.landmarks[name]]))[0]
            assert np.hypot(*(exact - (u, v))) < 4.0
            assert not any(
                box["x1"] < u < box["x2"] and box["y1"] < v < box["y2"] for box in boxes if box["frame"] == number
            )
    assert found == marks(folder, truth, ("hockey", play.scene().field, field), 3, 1)
    assert found != marks(folder, truth, ("hockey", play.scene().field, field), 3, 2)


def test_errors_are_those_of_the_registration(clip):
    play, folder = clip
    truth, field = truth_of(folder), field_of(play)
    claimed = {n: replace(one, covariance=1e-14 * np.eye(9)) for n, one in truth.items()}
    exact = compared("same", claimed, truth, field)
    assert exact.errors_m.max() < 1e-6
    assert exact.inside == 1.0
    moved = np.array([[1.0, 0.0, 0.3], [0.0, 1.0, -0.4], [0.0, 0.0, 1.0]])
    shifted = {n: replace(one, matrix=moved @ one.matrix) for n, one in claimed.items()}
    off = compared("shifted", shifted, truth, field)
    assert off.errors_m == pytest.approx(0.5, abs=1e-6)
    assert off.inside < 0.05
    lost = compared("lost", {0: shifted[0]}, truth, field)
    assert (lost.frames, lost.lost) == (2, 1)
    both = together([exact, lost], "both")
    assert (both.frames, both.lost, len(both.errors_m)) == (4, 1, len(exact.errors_m) + len(lost.errors_m))


def test_nothing_compared_is_said_as_such():
    assert "lost 3 of 3 frames" in RenderedScore("none", np.zeros(0), np.zeros(0), 3, 3).line()


def test_the_script_wants_a_clip(tmp_path):
    done = subprocess.run([sys.executable, str(SCRIPT), str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == 1
