from dataclasses import replace

import cv2
import numpy as np
import pytest
from registration_scenes import hockey_shot, still

from perception.encode import write_video
from records.calibration import Keyframe, write_calibration
from records.errors import InputError
from review.calibrate import PAINT, calibrate, marks_of, picture


@pytest.fixture(scope="module")
def footage(tmp_path_factory):
    """Six frames of a camera that stands still, and a calibration of it."""
    shot = still(hockey_shot(6))
    image = shot.render(0)
    path = tmp_path_factory.mktemp("footage") / "a clip, with = and spaces.mp4"
    write_video(path, [image] * 6, shot.times, 12)
    return shot, path


def test_keyframes_and_frames_between_are_drawn(footage, tmp_path):
    shot, video = footage
    calibration = tmp_path / "calibration.yaml"
    write_calibration(calibration, shot.calibration([0, 4], mode="static"))
    written = calibrate(video, calibration, tmp_path / "out", frames=3)
    names = [path.name for path in written]
    assert names[0] == "000000_keyframe.png"
    assert "000004_keyframe.png" in names
    assert sum("between" in name for name in names) == 2
    first = cv2.imread(str(written[0]))
    assert first.shape == (1440, 2560, 3)
    residuals = written[-1].read_text().splitlines()
    misses = [float(line.split()[2]) for line in residuals]
    assert len(misses) > 10
    assert np.median(misses) < 1.5


def test_marks_that_contradict_are_drawn_not_refused(footage, tmp_path):
    shot, video = footage
    good = shot.calibration([0, 4], mode="static")
    points = dict(good.keyframes[0].points)
    name = sorted(points)[0]
    points[name] = (points[name][0] + 90.0, points[name][1])
    bad = replace(good, keyframes=(replace(good.keyframes[0], points=points), *good.keyframes[1:]))
    calibration = tmp_path / "calibration.yaml"
    write_calibration(calibration, bad)
    lines = calibrate(video, calibration, tmp_path / "out", frames=0)[-1].read_text().splitlines()
    worst = max(lines, key=lambda line: float(line.split()[2]))
    assert worst.split()[-1] == name
    assert float(worst.split()[2]) > 60.0


def test_the_field_is_drawn_where_the_camera_sees_it(footage):
    from test_registration_camera import row

    from perception.registration.project import FrameRegistration

    shot, _ = footage
    camera = FrameRegistration.from_row(row(shot.cameras[0]))
    drawn = picture(np.zeros((720, 1280, 3), np.uint8), camera, shot.field)
    on_line = shot.pixels(0, shot.field.lines["blue_line_right"].edges["blue_line_right_inner"].polyline(0.5))
    on_line = on_line[np.isfinite(on_line[:, 0]) & (on_line[:, 1] > 40)]
    painted = 0
    for u, v in (on_line * 2).astype(int):
        patch = drawn[max(0, v - 2) : v + 3, max(0, u - 2) : u + 3].reshape(-1, 3)
        painted += bool((np.abs(patch.astype(int) - PAINT).max(axis=1) < 60).any())
    assert len(on_line) > 5
    assert painted == len(on_line)
    assert marks_of(shot.calibration([0]).keyframes[0], replace(camera, matrix=None), shot.field) == []


def test_what_stands_above_the_ground_is_drawn_there(footage):
    from test_registration_camera import row

    from perception.registration.project import FrameRegistration

    shot, _ = footage
    names = [name for name in shot.field.landmarks if name.startswith("goal_top")]
    camera = FrameRegistration.from_row(row(shot.cameras[0]))
    at = shot.pixels_above(0, np.array([shot.field.landmarks[name] for name in names]))
    marked = Keyframe(0.0, {name: tuple(pixel) for name, pixel in zip(names, at, strict=True)})
    assert max(mark.miss for mark in marks_of(marked, camera, shot.field)) < 0.01
    low = shot.pixels_above(0, np.array([(*shot.field.landmarks[name][:2], 0.0) for name in names]))
    assert np.linalg.norm(at - low, axis=1).min() > 30.0


def test_a_wrong_calibration_says_which_landmark(footage, tmp_path):
    shot, video = footage
    calibration = tmp_path / "calibration.yaml"
    good = shot.calibration([0], mode="static")
    write_calibration(calibration, good)
    name = sorted(good.keyframes[0].points)[0]
    calibration.write_text(calibration.read_text().replace(name, f"{name}r"))
    with pytest.raises(InputError, match=f"{name}r.*{name}"):
        calibrate(video, calibration, tmp_path / "out")
