"""Every example in the documents is run."""

import csv
import io
import re
from pathlib import Path

import pytest

import rulesight
from ontologies.checks import check_annotations, check_calibration, check_scene
from records import yamls
from records.annotations import annotations_of
from records.calibration import calibration_of
from records.scene import read_scene

DOCS = Path(__file__).parents[2] / "docs"


def block(name: str) -> str:
    """Return the example of docs/inputs.md that is marked with ``name``."""
    found = re.findall(rf"```\w+ {name}\n(.*?)```", (DOCS / "inputs.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 1
    return found[0]


def test_the_calibration():
    calibration = calibration_of(yamls.loads(block("calibration")))
    assert check_calibration(calibration).name == "nhl"
    assert len(calibration.keyframes[0].points) == 2


def test_the_annotations():
    annotations = check_annotations(annotations_of(yamls.loads(block("annotations"))), "hockey")
    assert [event.kind for event in annotations.events] == ["possession", "whistle"]
    assert annotations.points[0].entity == "puck"


@pytest.fixture
def scene_folder(tmp_path):
    (tmp_path / "scene.yaml").write_text(block("scene"), encoding="utf-8")
    (tmp_path / "tracks.csv").write_text(block("tracks"), encoding="utf-8")
    return tmp_path


def test_the_scene(scene_folder):
    scene = check_scene(read_scene(scene_folder))
    assert scene.tracks.num_rows == len(list(csv.DictReader(io.StringIO(block("tracks")))))
    calls = rulesight.judge(scene_folder, out=scene_folder)
    assert [(call.rule, call.verdict) for call in calls.calls] == [("hockey.offside", "clear")]
    assert {one.rule for one in calls.coverage} >= {"hockey.offside"}
    assert (scene_folder / "calls.json").exists()


def test_the_scene_with_more_players_than_are_tracked(scene_folder):
    text = block("scene").replace("roster: {home: 1, away: 0}", "roster: {home: 6, away: 6}")
    (scene_folder / "scene.yaml").write_text(text, encoding="utf-8")
    assert [call.verdict for call in rulesight.judge(scene_folder).calls] == ["undecided"]
