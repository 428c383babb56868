from functools import cache

import numpy as np
import pyarrow as pa
from registration_scenes import football_shot, hockey_shot

from perception.registration.camera import LOG_FOCAL, TILT
from perception.registration.project import by_frame
from perception.registration.refine import RefineConfig
from perception.registration.solve import RegistrationConfig, solve

YARDS_5 = 4.572
AT = np.array([[300.0, 300.0], [900.0, 300.0], [640.0, 600.0]])


def two_shots(make, sideline=True):
    """A clip of 24 frames: a shot with a keyframe, and a second one by the same camera without."""
    shot = make(24)
    if sideline:
        shot.cameras[:, LOG_FOCAL] -= 0.5
        shot.cameras[:, TILT] -= 0.03
    else:
        shot.cameras[:, LOG_FOCAL] += 0.25
        shot.cameras[:, TILT] += 0.03
    shot.cameras[12:, 0] += 0.1
    rows = [row for row in shot.motion().to_pylist() if row["frame"] < 12 or (row["from_frame"] or 99) >= 12]
    known = {row["frame"] for row in rows}
    rows += [{"frame": frame, "t": shot.times[frame], "shot": 0} for frame in range(24) if frame not in known]
    for row in rows:
        row["shot"] = int(row["frame"] >= 12)
    rows = sorted(rows, key=lambda row: row["frame"])
    return shot, pa.Table.from_pylist(rows, schema=shot.motion().schema)


def solved(make, sideline=True):
    shot, motion = two_shots(make, sideline)
    image = cache(shot.render)

    def read(wanted):
        for frame in wanted:
            yield frame, image(frame)

    config = RegistrationConfig(refine=RefineConfig(every_s=0.3))
    return shot, solve(motion, shot.calibration([2, 10]), shot.field, config, read)


def test_a_football_shot_without_a_keyframe_is_right_up_to_five_yards():
    shot, found = solved(football_shot)
    status = found.registrations.column("status").to_pylist()
    assert set(status[:12]) == {"ok"}
    assert set(status[12:]) == {"relative"}
    assert "which of them they are is unknown" in found.notes[-1].reason
    camera = by_frame(found.registrations, shot.rise)[20]
    error = camera.to_field(AT) - shot.ground(20, AT)
    steps = np.round(error[:, 0] / YARDS_5)
    assert len(set(steps)) == 1
    assert np.abs(error[:, 0] - steps * YARDS_5).max() < 0.3
    assert np.abs(error[:, 1]).max() < 0.6


def test_without_a_sideline_in_view_it_is_lost():
    _, found = solved(football_shot, sideline=False)
    assert set(found.registrations.column("status").to_pylist()[12:]) == {"lost"}
    assert "no yard lines with a sideline" in found.notes[-1].reason


def test_hockey_has_no_relative_frames():
    _, found = solved(hockey_shot)
    assert set(found.registrations.column("status").to_pylist()[12:]) == {"lost"}
