"""Checks on real footage and published homographies; skipped where the data is absent."""

import csv

import numpy as np

from ontologies import hockey
from perception.registration.project import by_frame
from perception.registration.solve import RegistrationConfig, solve
from records.calibration import Calibration, Keyframe
from records.scene import FieldChoice
from records.tables import table
from records.units import feet

SIZE = np.array([1280.0, 720.0])


def published(folder):
    """Published homographies, picture pixels -> our field frame in metres."""
    with (folder / "registration" / "hockey_bsi" / "homographies_norm.csv").open() as file:
        for row in csv.DictReader(file):
            values = [float(value) for name, value in row.items() if name.startswith("h")]
            to_rink = np.array([[feet(200), 0, -feet(100)], [0, -feet(85), feet(42.5)], [0, 0, 1]])
            yield to_rink @ np.array(values).reshape(3, 3) @ np.diag([*(1 / SIZE), 1.0])


def mapped(matrix, points):
    seen = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return seen[:, :2] / seen[:, 2:]


def one_frame(frame, points):
    keyframe = Keyframe(0.0, points, (), 2.0)
    calibration = Calibration("hockey", FieldChoice(), 1280, 720, "static", (keyframe,))
    motion = table("motion", {"frame": [frame], "t": [0.0], "shot": [0]})
    config = RegistrationConfig(contradiction=1e9)
    return by_frame(solve(motion, calibration, hockey.field("nhl"), config).registrations)[frame]


def test_a_camera_explains_published_homographies(real_data):
    field, misses = hockey.field("nhl"), []
    for matrix in list(published(real_data))[::9]:
        names = sorted(name for name in field.landmarks if "dot" in name or "line" in name)
        back = mapped(np.linalg.inv(matrix), np.array([field.landmarks[name][:2] for name in names]))
        inside = (back > 0).all(axis=1) & (back < SIZE - 1).all(axis=1)
        seen = {name: tuple(at) for name, at, here in zip(names, back, inside, strict=True) if here}
        if len(seen) < 6:
            continue
        grid = np.array(list(seen.values()))
        found = one_frame(0, seen)
        misses.append(float(np.median(np.linalg.norm(found.to_field(grid) - mapped(matrix, grid), axis=1))))
    assert len(misses) >= 4
    assert np.median(misses) < 0.35
