"""The embedded example is what the script, the renderer and the hand make of it today."""

from pathlib import Path

import numpy as np
import pytest
import yaml

import rulesight
from records.annotations import read_annotations
from records.calibration import read_calibration
from records.scene import read_scene
from records.tables import column, read
from simulation.camera import follow

FOLDER = Path(rulesight.__file__).parent / "examples" / "demo"
MOST_BYTES = 4_000_000


def test_the_clip_is_small():
    assert 100_000 < (FOLDER / "clip.mp4").stat().st_size < MOST_BYTES


def test_truth_is_that_of_the_script(play):
    scene = read_scene(FOLDER / "truth")
    entity = column(scene.tracks, "entity")
    for person in play.cast:
        mine = entity == person.entity
        kept = np.column_stack([column(scene.tracks, "x")[mine], column(scene.tracks, "y")[mine]])
        assert kept == pytest.approx(play.paths[person.entity].xy, abs=1e-4)
    calls = yaml.safe_load((FOLDER / "truth" / "expected.yaml").read_text())["calls"]
    assert [(call["rule"], call["verdict"], call["team"]) for call in calls] == [
        (want.rule, want.verdict, want.team) for want in play.expected
    ]
    assert [call["t"] for call in calls] == pytest.approx([want.t for want in play.expected], abs=1e-3)


def test_registrations_are_those_of_the_camera(play, look):
    table = read(FOLDER / "truth" / "registrations.parquet", "registrations")
    views = follow(look.rig, play.t, play.puck, look.seed)
    assert column(table, "fx") == pytest.approx([view.fx for view in views], abs=1e-6)
    assert column(table, "h02") == pytest.approx([view.homography()[0, 2] for view in views], abs=1e-9)


def test_what_a_person_adds_is_no_truth_for_every_frame(play):
    calibration = read_calibration(FOLDER / "calibration.yaml")
    assert 3 <= len(calibration.keyframes) <= 8
    annotations = read_annotations(FOLDER / "annotations.yaml")
    assert {"possession", "whistle"} <= {event.kind for event in annotations.events}
    assert len(annotations.points) < 0.1 * len(play.t)
