"""What undecided calls have in common is counted without who it was and how many metres."""

import sys
from pathlib import Path

import pytest

from evaluation.undecided import blocked, breakdown, plain
from pipeline.judging import judge
from records import calls as calls_file
from records.errors import InputError

SCENARIOS = Path(__file__).parents[1] / "scenarios"
sys.path.insert(0, str(SCENARIOS))

from script import build, load  # noqa: E402

SCRIPTS = SCENARIOS / "basketball" / "three_seconds"


def test_tables_name_what_blocks(tmp_path: Path) -> None:
    for name in ("undecided_beside_the_lane_line", "violation_center_camps_in_the_lane"):
        calls_file.write(tmp_path / name / "calls.json", judge(build(load(SCRIPTS / f"{name}.yaml"), "nba-2025")))
    told = breakdown(tmp_path)
    assert "basketball.three_seconds: 1 of 2 calls undecided" in told
    assert "N in the lane for more than N s of T's control in the frontcourt" in told
    assert "basketball.backcourt: 0 of " in told


def test_atoms_are_alike_whoever_they_are_about() -> None:
    assert plain("home controls the ball") == plain("away controls the ball") == "T controls the ball"
    assert plain("a5: guarding an opponent") == "N: guarding an opponent"


def test_a_call_may_be_blocked_by_nothing_that_is_named() -> None:
    (call, *_) = judge(build(load(SCRIPTS / "violation_center_camps_in_the_lane.yaml"), "nba-2025")).calls
    assert blocked(call) == "nothing named"


def test_a_folder_without_calls_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no calls\.json"):
        breakdown(tmp_path)
