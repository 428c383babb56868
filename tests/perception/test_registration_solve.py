from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from registration_scenes import HEIGHT, WIDTH, football_shot, hockey_shot, still

from perception.registration.project import by_frame
from perception.registration.solve import RegistrationConfig, config_of, solve
from records.calibration import Keyframe, OnLine
from records.errors import InputError

PIXELS = np.stack(np.meshgrid(np.linspace(100, 1180, 6), np.linspace(150, 700, 5)), -1).reshape(-1, 2)


def registered(shot, calibration, motion=None, config=None, read=None):
    found = solve(motion or shot.motion(), calibration, shot.field, config or RegistrationConfig(), read)
    return found, by_frame(found.registrations, shot.rise)


def misses(shot, cameras, frames):
    """Errors (N, 2) in metres of what pixels see on the field, and their squared lengths in claimed sigma."""
    errors, scaled = [], []
    for frame in frames:
        truth = shot.ground(frame, PIXELS)
        near = shot.field.boundary.distance(np.nan_to_num(truth[:, 0], nan=1e6), np.nan_to_num(truth[:, 1])) > 0
        error = cameras[frame].to_field(PIXELS)[near] - truth[near]
        spread = cameras[frame].covariance_at(PIXELS[near])
        errors.append(error)
        scaled.append(np.einsum("ni,nij,nj->n", error, np.linalg.inv(spread), error))
    return np.vstack(errors), np.concatenate(scaled)


def test_a_panning_camera_is_found_from_three_keyframes():
    shot = hockey_shot()
    found, cameras = registered(shot, shot.calibration([0, 30, 59]))
    errors, _ = misses(shot, cameras, range(0, 60, 7))
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.06
    assert set(found.registrations.column("status").to_pylist()) <= {"ok", "carried"}
    stand = np.array([cameras[30].camera])
    assert np.linalg.norm(stand - [1.5, -36.0, 12.0]) < 1.0


@pytest.mark.parametrize("lines", [True, False])
def test_landmarks_above_the_ground_count_where_they_are(lines):
    shot = hockey_shot()
    names = [name for name in sorted(shot.field.landmarks) if name.startswith("goal_top")]
    places = np.array([shot.field.landmarks[name] for name in names])
    plain, raised = shot.calibration([0, 30, 59], lines=lines), []
    for frame, keyframe in zip([0, 30, 59], plain.keyframes, strict=True):
        at = shot.pixels_above(frame, places)
        seen = (at > 0).all(1) & (at < (WIDTH - 1, HEIGHT - 1)).all(1)
        more = {names[place]: tuple(at[place]) for place in np.flatnonzero(seen)}
        raised.append(replace(keyframe, points={**keyframe.points, **more}))
    assert sum(len(keyframe.points) for keyframe in raised) >= sum(len(one.points) for one in plain.keyframes) + 4
    _, cameras = registered(shot, replace(plain, keyframes=tuple(raised)))
    errors, _ = misses(shot, cameras, range(0, 60, 7))
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.06
    for frame, keyframe in zip([0, 30, 59], raised, strict=True):
        seen = [place for place, name in enumerate(names) if name in keyframe.points]
        off = cameras[frame].to_image(places[seen]) - shot.pixels_above(frame, places[seen])
        assert (np.linalg.norm(off, axis=1) < 1.0).all()


def test_a_crowned_football_field_is_found_from_yard_lines_and_hashes():
    shot = football_shot(crown_m=0.3)
    _, cameras = registered(shot, shot.calibration([0, 25, 49]))
    errors, _ = misses(shot, cameras, range(0, 50, 7))
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.06
    assert cameras[0].crown == pytest.approx(0.3, abs=0.1)


@pytest.mark.parametrize("make", [hockey_shot, football_shot])
def test_one_keyframe_is_enough_and_the_rest_is_less_certain(make):
    shot = make()
    found, cameras = registered(shot, shot.calibration([25]))
    errors, _ = misses(shot, cameras, [25])
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.15
    middle = np.array([[WIDTH / 2, HEIGHT / 2]])
    spread = [np.trace(cameras[frame].covariance_at(middle)[0]) for frame in (25, 35, 49)]
    assert spread[0] < spread[1] < spread[2]
    status = found.registrations.column("status").to_pylist()
    assert status[25] == "ok"
    assert status[-1] == "carried"


def test_claimed_sigmas_hold():
    inside = []
    for seed in range(6):
        shot = (hockey_shot if seed % 2 else football_shot)()
        calibration = shot.calibration([0, 30, 49], noise_px=1.0, seed=seed)
        _, cameras = registered(shot, calibration, shot.motion(noise_px=0.1, seed=seed))
        _, scaled = misses(shot, cameras, range(0, 50, 6))
        inside.append(np.mean(scaled < 4.0))
    assert np.mean(inside) > 0.8
    assert min(inside) > 0.5


def test_marks_worse_than_said_make_the_result_less_certain():
    shot = hockey_shot()
    honest = shot.calibration([0, 30, 59], noise_px=0.5)
    sloppy = shot.calibration([0, 30, 59], noise_px=4.0)
    sloppy = replace(sloppy, keyframes=tuple(replace(one, sigma_px=0.5) for one in sloppy.keyframes))
    middle = np.array([[WIDTH / 2, HEIGHT / 2]])
    config = RegistrationConfig(contradiction=1e9)
    spread = [
        np.trace(registered(shot, one, config=config)[1][30].covariance_at(middle)[0]) for one in (honest, sloppy)
    ]
    assert spread[1] > 4.0 * spread[0]


def test_a_still_camera_has_one_registration():
    shot = still(hockey_shot())
    found, cameras = registered(shot, shot.calibration([0, 40], mode="static"))
    errors, _ = misses(shot, cameras, [0, 59])
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.1
    assert len(set(found.registrations.column("h00").to_pylist())) == 1
    assert set(found.registrations.column("status").to_pylist()) == {"ok"}


def test_a_still_camera_that_is_bumped_is_lost_from_then_on():
    shot = still(hockey_shot())
    bumped = shot.cameras.copy()
    bumped[40:, 0] += 0.01
    moved = replace(shot, cameras=bumped)
    found, _ = registered(shot, shot.calibration([0, 20], mode="static"), moved.motion())
    status = found.registrations.column("status").to_pylist()
    assert status[39] == "ok"
    assert set(status[40:]) == {"lost"}


def test_a_camera_that_is_carried_is_followed():
    shot = hockey_shot(40)
    cameras = shot.cameras.copy()
    cameras[:, 4] += np.linspace(0.0, 4.0, 40)
    cameras[:, 9] = 0.0
    moving = replace(shot, cameras=cameras)
    _, found = registered(moving, moving.calibration([0, 13, 26, 39], mode="free"), ground_motion(moving))
    errors, _ = misses(moving, found, range(0, 40, 5))
    assert np.median(np.linalg.norm(errors, axis=1)) < 0.15


def ground_motion(shot):
    """Motion of the field's plane alone, as a moving camera near it would be tracked on it."""
    import cv2

    plain, table = shot.motion(), []
    grid = np.stack(np.meshgrid(np.linspace(60, WIDTH - 60, 8), np.linspace(200, HEIGHT - 20, 6)), -1).reshape(-1, 2)
    cells = np.column_stack([grid[::4], np.full(len(grid[::4]), 20.0)])
    for row in plain.to_pylist():
        if row["from_frame"] is not None:
            there = shot.ground(row["from_frame"], grid)
            to = shot.pixels(row["frame"], there)
            good = np.isfinite(to[:, 0])
            matrix = cv2.findHomography(grid[good], to[good], 0)[0]
            row |= {f"h{i}{j}": matrix[i, j] for i in range(3) for j in range(3)}
            row["support"] = cells.ravel().tolist()
        table.append(row)
    return pa.Table.from_pylist(table, schema=plain.schema)


def test_frames_behind_a_broken_chain_are_lost():
    shot = hockey_shot()
    found, _ = registered(shot, shot.calibration([5, 15]), shot.motion(broken=[40]))
    status = found.registrations.column("status").to_pylist()
    assert status[30] != "lost"
    assert set(status[50:]) == {"lost"}
    assert "lost" in found.notes[-1].reason
    assert all(value is None for value in found.registrations.column("h00").to_pylist()[50:])


def test_a_shot_without_a_keyframe_is_lost_and_says_why():
    shot = hockey_shot()
    motion = shot.motion()
    numbers = pa.array((np.array(motion.column("frame")) >= 40).astype(np.int32))
    motion = motion.set_column(motion.column_names.index("shot"), motion.schema.field("shot"), numbers)
    found, _ = registered(shot, shot.calibration([5, 25]), motion)
    status = found.registrations.column("status").to_pylist()
    assert "lost" not in status[:40]
    assert set(status[40:]) == {"lost"}
    assert [note.reason for note in found.notes if note.shot == 1] == ["no keyframe in this shot"]


def test_every_frame_has_one_row_in_order_and_lost_ones_no_errors():
    shot = hockey_shot()
    found, _ = registered(shot, shot.calibration([5, 15]), shot.motion(broken=[40]))
    assert found.registrations.column("frame").to_pylist() == list(range(60))
    last = max(found.errors.column("t").to_pylist())
    assert last < shot.times[45]
    assert max(found.view.column("t").to_pylist()) < shot.times[45]


def test_the_same_input_gives_the_same_bytes():
    shot = hockey_shot(30)
    one, two = (registered(shot, shot.calibration([0, 25]))[0] for _ in range(2))
    assert one.registrations.equals(two.registrations)
    assert one.errors.equals(two.errors)


def test_error_modes_have_the_variance_of_the_covariance_and_keep_their_meaning():
    shot = hockey_shot()
    found, cameras = registered(shot, shot.calibration([0, 30, 59]))
    rows = [row for row in found.errors.to_pylist() if row["t"] == shot.times[20]]
    truth = shot.ground(20, PIXELS)
    near = shot.field.boundary.distance(truth[:, 0], truth[:, 1]) > 0
    total = np.mean(np.trace(cameras[20].covariance_at(PIXELS[near]), axis1=1, axis2=2))
    x, y = truth[near].T
    modes = sum((r["ax"] + r["bx"] * x + r["cx"] * y) ** 2 + (r["ay"] + r["by"] * x + r["cy"] * y) ** 2 for r in rows)
    assert np.mean(modes) == pytest.approx(total, rel=0.4)
    after = [row for row in found.errors.to_pylist() if row["t"] == shot.times[21]]
    for one, two in zip(rows, after, strict=True):
        assert one["mode"] == two["mode"]
        first = np.array([one["ax"] + one["bx"] * x + one["cx"] * y, one["ay"] + one["by"] * x + one["cy"] * y])
        second = np.array([two["ax"] + two["bx"] * x + two["cx"] * y, two["ay"] + two["by"] * x + two["cy"] * y])
        assert np.linalg.norm(first - second) < 0.5 * np.linalg.norm(first) + 0.05


def test_what_was_seen_lies_in_the_field_and_in_the_picture():
    shot = hockey_shot()
    found, cameras = registered(shot, shot.calibration([0, 30, 59]))
    row = found.view.to_pylist()[30]
    corners = np.array([[row[f"x{n}"], row[f"y{n}"]] for n in range(1, 5)])
    assert (np.abs(corners) <= [shot.field.length_m / 2 + 1e-3, shot.field.width_m / 2 + 1e-3]).all()
    inner = corners.mean(axis=0) + 0.98 * (corners - corners.mean(axis=0))
    uv = cameras[30].to_image(inner)
    assert (uv > -3).all()
    assert (uv < (WIDTH + 3, HEIGHT + 3)).all()
    one, two = corners, np.roll(corners, -1, axis=0)
    assert abs(np.sum(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])) / 2 > 300.0


def changed(calibration, number, **values):
    keyframes = list(calibration.keyframes)
    keyframes[number] = replace(keyframes[number], **values)
    return replace(calibration, keyframes=tuple(keyframes))


def test_a_misspelt_landmark_is_named_with_the_nearest():
    shot = hockey_shot(30)
    calibration = changed(shot.calibration([0, 20]), 0, points={"end_dot_lefft_far": (300.0, 300.0)})
    with pytest.raises(InputError, match=r"end_dot_lefft_far.*end_dot_left_far"):
        registered(shot, calibration)


def test_a_misspelt_line_is_named():
    shot = hockey_shot(30)
    calibration = changed(shot.calibration([0, 20]), 0, on=(OnLine("blue_line_let", ((3.0, 4.0),)),))
    with pytest.raises(InputError, match="blue_line_let"):
        registered(shot, calibration)


def test_a_mark_outside_of_the_picture_is_refused():
    shot = hockey_shot(30)
    calibration = changed(shot.calibration([0, 20]), 0, points={"center_dot": (1300.0, 300.0)})
    with pytest.raises(InputError, match=r"center_dot.*outside the 1280 x 720 picture"):
        registered(shot, calibration)


def test_a_keyframe_after_the_end_is_refused():
    shot = hockey_shot(30)
    calibration = changed(shot.calibration([0, 20]), 1, t=99.0)
    with pytest.raises(InputError, match=r"no frame is shown then.*keyframe at 99 s"):
        registered(shot, calibration)


def test_three_points_in_a_row_fix_no_camera():
    shot = hockey_shot(30)
    names = ["blue_line_left_outer_far", "center_line_far", "neutral_dot_left_far"]
    keyframe = Keyframe(0.0, dict(zip(names, [(100.0, 200.0), (300.0, 210.0), (500.0, 220.0)], strict=True)))
    calibration = replace(shot.calibration([0]), keyframes=(keyframe,))
    with pytest.raises(InputError, match="3 marks lie on one straight line"):
        registered(shot, calibration)


def test_two_points_are_too_few():
    shot = hockey_shot(30)
    keyframe = Keyframe(0.0, {"center_line_far": (300.0, 210.0), "center_dot": (320.0, 400.0)})
    calibration = replace(shot.calibration([0]), keyframes=(keyframe,))
    with pytest.raises(InputError, match="too few"):
        registered(shot, calibration)


def test_a_mark_that_contradicts_the_others_is_named():
    shot = hockey_shot()
    calibration = shot.calibration([0, 30, 59])
    points = dict(calibration.keyframes[1].points)
    name = sorted(points)[0]
    points[name] = (points[name][0] + 60.0, points[name][1] + 25.0)
    with pytest.raises(InputError, match=rf"{name}.*keyframe at 1.2 s"):
        registered(shot, changed(calibration, 1, points=points))


def test_a_keyframe_that_contradicts_the_others_is_named():
    shot = hockey_shot()
    calibration = shot.calibration([0, 20, 40, 59])
    wrong = shot.calibration([30]).keyframes[0]
    bad = changed(calibration, 1, points=wrong.points, on=wrong.on)
    with pytest.raises(InputError, match=r"keyframe at 0\.8 s"):
        registered(shot, bad)


def test_an_unknown_setting_is_refused():
    assert config_of({"link_px": 0.1, "refine": {"every_s": 0.5}}).refine.every_s == 0.5
    with pytest.raises(InputError, match="unknown setting"):
        config_of({"linkpx": 0.1})
