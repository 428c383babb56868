"""What a person gets wrong: one clear line, exit 2, nothing half-written."""

import errno
import subprocess
from pathlib import Path

import onnxruntime
import pytest

from perception.models import WEIGHTS
from pipeline import budget, cache
from records import yamls
from rulesight import cli


def refused(capsys, tmp_path: Path, *overrides: str) -> str:
    """Run an analysis that must be refused, and return its one line."""
    out = tmp_path / "run"
    assert cli.main(["analyze", "domain=hockey", "report=none", f"out={out}", *overrides]) == 2
    error = capsys.readouterr().err
    lines = [line for line in error.splitlines() if line.startswith("rulesight:")]
    assert len(lines) == 1, error
    assert "Traceback" not in error
    assert not (out / "calls.json").exists()
    return lines[0]


def test_no_such_file(capsys, tmp_path):
    assert "nowhere.mp4" in refused(capsys, tmp_path, "video=nowhere.mp4")


def test_a_text_file_named_mp4(capsys, tmp_path):
    path = tmp_path / "text.mp4"
    path.write_text("not a film")
    assert "text.mp4" in refused(capsys, tmp_path, f"video={path}")


def test_an_empty_file(capsys, tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()
    assert "empty.mp4" in refused(capsys, tmp_path, f"video={path}")


def test_a_calibration_of_another_sport(capsys, tmp_path, clip, calibration):
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={calibration}", "domain=football")
    assert "hockey, not football" in line


def test_a_calibration_of_another_size(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    content["picture"] = {"width": 1920, "height": 1080}
    assert "1920x1080" in refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")


def test_a_misspelt_landmark(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    points = content["keyframes"][0]["points"]
    points["blue_line_left_outr_far"] = points.pop("blue_line_left_outer_far")
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "blue_line_left_outer_far" in line


def test_three_collinear_points(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    names = ("neutral_dot_left_far", "center_dot", "neutral_dot_right_near")
    points = {name: [400.0 + 100 * i, 300.0 + 50 * i] for i, name in enumerate(names)}
    content["keyframes"] = [{"t": 0.0, "points": points}]
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "keyframe" in line


def test_landmarks_in_a_row_however_they_were_clicked(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    names = ("center_dot", "center_circle_left", "center_circle_right", "crease_left_top", "crease_right_top")
    points = {name: [300.0 + 150 * i, 330.0 + 40 * i + 9 * (i % 2)] for i, name in enumerate(names)}
    content["keyframes"] = [{"t": 0.0, "points": points}]
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "lie on one straight line" in line
    assert "calibration.yaml, keyframe at 0 s" in line


def test_marks_that_contradict_each_other_name_the_file_and_leave_nothing(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    points = content["keyframes"][0]["points"]
    first, second = list(points)[:2]
    points[first], points[second] = points[second], points[first]
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "calibration.yaml, keyframe at" in line
    assert not (tmp_path / "run").exists()


def test_an_unknown_field_and_an_unknown_rulebook(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration) | {"field": {"preset": "nhll"}}
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "calibration.yaml, field" in line
    assert "edition=" in refused(capsys, tmp_path, f"video={clip}", "edition=nhl-1917")


def test_a_keyframe_after_the_end(capsys, tmp_path, clip, calibration):
    content = yamls.read_mapping(calibration)
    content["keyframes"][0]["t"] = 99.0
    line = refused(capsys, tmp_path, f"video={clip}", f"calibration={save(tmp_path, content)}")
    assert "99" in line


def test_a_model_of_another_hash(capsys, tmp_path, clip):
    line = refused(capsys, tmp_path, f"video={clip}", f"detector.model.sha256={'0' * 64}")
    assert "SHA-256" in line


def test_a_model_of_another_layout(capsys, tmp_path, clip):
    shipped = WEIGHTS / "hockey-detector.onnx"
    other = ["detector=yolox_nano", f"detector.model.file={shipped}", "detector.model.sha256=null"]
    line = refused(capsys, tmp_path, f"video={clip}", *other)
    assert "the configuration says" in line


def test_a_model_that_is_no_model(capsys, tmp_path, clip):
    path = tmp_path / "junk.onnx"
    path.write_bytes(b"junk")
    line = refused(capsys, tmp_path, f"video={clip}", f"detector.model.file={path}", "detector.model.sha256=null")
    assert "junk.onnx" in line


def test_a_runtime_that_is_not_here(capsys, tmp_path, clip):
    if "TensorrtExecutionProvider" not in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime is built without TensorRT, which the message would name")
    line = refused(capsys, tmp_path, f"video={clip}", "runtime=tensorrt")
    assert "tensorrt" in line.lower()


def test_a_clip_over_the_limits(capsys, tmp_path, clip):
    assert "limits.duration_s" in refused(capsys, tmp_path, f"video={clip}", "limits.duration_s=0.5")
    assert "limits.megapixels" in refused(capsys, tmp_path, f"video={clip}", "limits.megapixels=0.1")
    assert "limits.memory_gb" in refused(capsys, tmp_path, f"video={clip}", "limits.memory_gb=0.1")


def test_an_annotation_of_an_unknown_kind(capsys, tmp_path, clip):
    path = tmp_path / "annotations.yaml"
    path.write_text("schema: 1\nevents: [{t: 0.1, kind: whistel}]\n")
    assert "'whistle'" in refused(capsys, tmp_path, f"video={clip}", f"annotations={path}")


def test_no_domain(capsys, tmp_path, clip):
    assert cli.main(["analyze", f"video={clip}", f"out={tmp_path / 'run'}"]) == 2
    assert "domain=" in capsys.readouterr().err


def test_a_full_disk(capsys, tmp_path, clip, monkeypatch):
    def full(path, *_):
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    monkeypatch.setattr(cache.tables, "write", full)
    assert "no space left on device" in refused(capsys, tmp_path, f"video={clip}", "chunk_frames=5")
    assert not list((tmp_path / "run").rglob("*.parquet"))


@pytest.fixture
def small_disk(tmp_path):
    """A disk of three megabytes; the test is skipped where none can be mounted."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_disk_that_is_really_full(capsys, small_disk, clip, calibration, monkeypatch):
    monkeypatch.setattr(budget, "DISK_BYTES_PER_FRAME", 0.0)  # else it is refused before
    (small_disk / "other").write_bytes(bytes(2_900_000))
    line = refused(capsys, small_disk, f"video={clip}", f"calibration={calibration}", "chunk_frames=10")
    assert "no space left on device" in line.lower()
    assert "free space" in line
    (small_disk / "other").unlink()
    out = f"out={small_disk / 'run'}"
    assert (
        cli.main(["analyze", "domain=hockey", "report=none", out, f"video={clip}", f"calibration={calibration}"]) == 0
    )


def test_a_disk_that_cannot_be_written(capsys, small_disk, clip):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert "read-only file system" in refused(capsys, small_disk, f"video={clip}").lower()


def save(folder: Path, content: dict) -> Path:
    path = folder / "calibration.yaml"
    path.write_text(yamls.dumps(content), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("marks", "told"),
    [
        ("points: [{t: 0.1, entity: puck, kind: puck, at: [2900.0, 300.0]}]", "1280x720"),
        ("kits: {home: [{t: 0.1, at: [100, -900]}]}", "1280x720"),
        ("events: [{t: 50.0, kind: whistle}]", "the clip ends at"),
    ],
)
def test_marks_that_are_nowhere(capsys, tmp_path, clip, marks, told):
    path = tmp_path / "annotations.yaml"
    path.write_text(f"schema: 1\n{marks}\n")
    assert told in refused(capsys, tmp_path, f"video={clip}", f"annotations={path}")


def test_a_file_where_a_folder_should_be(capsys, tmp_path, clip):
    path = tmp_path / "notes.txt"
    path.write_text("mine")
    for key in ("out", "cache"):
        assert f"{key} is a file" in refused(capsys, tmp_path, f"video={clip}", f"{key}={path}")
    assert path.read_text() == "mine"


def test_a_detector_made_for_another_sport(capsys, tmp_path, clip):
    assert "made for soccer" in refused(capsys, tmp_path, f"video={clip}", "detector.model.domain=soccer")


def test_no_frames_in_a_piece(capsys, tmp_path, clip):
    assert "from 1 to" in refused(capsys, tmp_path, f"video={clip}", "chunk_frames=0")
