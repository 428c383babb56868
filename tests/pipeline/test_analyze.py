"""Whole analyses of a short clip: what they leave, what they depend on, how they survive being stopped."""

import json
import shutil
import signal
import subprocess
import time
from functools import partial
from pathlib import Path

import av
import numpy as np
import onnx
import pytest
from onnx import numpy_helper

import rulesight
from perception.decode import open_video
from perception.models import WEIGHTS
from perception.registration.project import by_frame
from records import tables
from records.calibration import read_calibration

UNTIMED = {"trace.parquet"}  # holds how long the work took


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of everything in a run folder that must not depend on how the run went."""
    return {
        path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file() and path.name not in UNTIMED
    }


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory, clip, calibration):
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    run = rulesight.analyze(clip, "hockey", calibration, out=folder, overrides=["runtime=cpu", "chunk_frames=10"])
    return run.folder


def test_a_model_marks_the_keyframes_where_nobody_did(undisturbed, clip, tmp_path):
    asked = ["landmarks=hockey-landmarks.onnx", "runtime=cpu", "report=none"]
    run = rulesight.analyze(clip, "hockey", out=tmp_path / "run", overrides=asked)
    assert len(read_calibration(run.folder / "calibration.yaml").keyframes) == 2
    by_hand, by_model = (
        by_frame(tables.read(folder / "registrations.parquet", "registrations")) for folder in (undisturbed, run.folder)
    )
    pixels = np.array([[640.0, 250.0], [300.0, 420.0], [900.0, 500.0]])
    for frame in (0, 12, 24):
        assert np.abs(by_model[frame].to_field(pixels) - by_hand[frame].to_field(pixels)).max() < 0.5


def test_the_puck_is_looked_for_over_three_instants_whatever_the_pieces(undisturbed, clip, calibration, tmp_path):
    found = []
    for pieces in (10, 300):
        asked = ["ball=shipped", "runtime=cpu", "report=none", f"chunk_frames={pieces}"]
        run = rulesight.analyze(clip, "hockey", calibration, out=tmp_path / str(pieces), overrides=asked)
        found.append(tables.read(run.folder / "detections.parquet", "detections"))
    # where frames lie on the field hangs a little on the pieces, by which the picture's movement is followed
    pucks = [[row for row in table.to_pylist() if row["kind"] == "puck"] for table in found]
    assert [row["frame"] for row in pucks[0]] == [row["frame"] for row in pucks[1]]
    places, scores = (
        np.array([[[row[key] for key in keys] for row in some] for some in pucks])
        for keys in (("x1", "y1", "x2", "y2"), ("score",))
    )
    assert np.abs(places[0] - places[1]).max() < 0.1
    assert np.abs(scores[0] - scores[1]).max() < 0.01
    before = tables.read(undisturbed / "detections.parquet", "detections")
    others, same = (
        [row for row in table.drop_columns(["detection"]).to_pylist() if row["kind"] != "puck"]
        for table in (before, found[0])
    )
    assert others == same
    manifest = json.loads((tmp_path / "10" / "manifest.json").read_text())
    assert set(manifest["models"]) == {"detector", "ball"}
    assert manifest["models"]["ball"]["name"] == "shipped-ball"
    assert pucks[0]
    assert {row["model"] for row in pucks[0]} == {"shipped-ball"}
    assert {row["model"] for row in same} == {"shipped"}


def test_the_run_folder_is_whole(undisturbed):
    names = {path.name for path in undisturbed.iterdir()}
    assert names >= {
        "calls.json",
        "manifest.json",
        "scene.yaml",
        "tracks.parquet",
        "events.parquet",
        "errors.parquet",
        "view.parquet",
        "frames.parquet",
        "registrations.parquet",
        "detections.parquet",
        "observations.parquet",
        "links.parquet",
        "dropped.parquet",
        "zones.parquet",
        "trace.parquet",
        "report.html",
        "overlay.mp4",
    }
    manifest = json.loads((undisturbed / "manifest.json").read_text())
    assert len(manifest["inputs"]["video"]["sha256"]) == 64
    assert manifest["models"]["detector"]["provider"] == "cpu"
    stages = tables.column(tables.read(undisturbed / "trace.parquet", "trace"), "stage").tolist()
    chunked = ["watch"] * 3 + ["register"] + ["detect"] * 3 + ["place"] * 3
    assert stages == [*chunked, "track", "resolve", "zones", "judge"]


def test_it_found_the_people_and_lost_no_frame(undisturbed, clip):
    frames = tables.read(undisturbed / "frames.parquet", "frames")
    assert tables.column(frames, "frame").tolist() == list(range(30))
    assert np.array_equal(tables.column(frames, "t"), open_video(clip).times)
    status = set(tables.column(tables.read(undisturbed / "registrations.parquet", "registrations"), "status"))
    assert status <= {"ok", "carried"}
    tracks = tables.read(undisturbed / "tracks.parquet", "tracks")
    kinds = dict(zip(tables.column(tracks, "entity"), tables.column(tracks, "kind"), strict=True))
    assert sum(kind == "player" for kind in kinds.values()) >= 6


def test_a_run_folder_is_a_scene_that_judges_to_the_same(undisturbed, tmp_path):
    rulesight.judge(undisturbed, out=tmp_path)
    assert (tmp_path / "calls.json").read_bytes() == (undisturbed / "calls.json").read_bytes()


def test_killed_in_the_middle_the_same_command_finishes_the_same(undisturbed, command, run, tmp_path):
    out = tmp_path / "run"
    process = subprocess.Popen(command(out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 120
    while not list(out.glob("cache/detect/[!.]*/entry.json")):
        assert process.poll() is None, "it ended before it could be killed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (out / "calls.json").exists()
    done = run(command(out))
    assert done.returncode == 0, done.stderr
    reasons = tables.column(tables.read(out / "trace.parquet", "trace"), "reason").tolist()
    assert sum("from the cache" in (reason or "") for reason in reasons) >= 4
    assert {"report.html", "overlay.mp4", "calls.json", "tracks.parquet"} <= set(contents(out))
    assert contents(out) == contents(undisturbed)


def test_interrupted_it_says_so_in_one_line(command, tmp_path):
    out = tmp_path / "run"
    heeding = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background jobs are told to ignore it
    process = subprocess.Popen(
        command(out), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, preexec_fn=heeding
    )
    while not list(out.glob("cache/watch/*")):  # the first stage has begun to write
        assert process.poll() is None
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=60)
    assert process.returncode == 130
    assert error.strip().splitlines()[-1] == "rulesight: interrupted; the same command goes on where it stopped"
    assert "Traceback" not in error
    assert not (out / "calls.json").exists()


def test_a_changed_tracker_does_not_run_the_detector_again(undisturbed, clip, calibration, tmp_path):
    out = tmp_path / "run"
    shutil.copytree(undisturbed, out)
    settings = ["report=none", "runtime=cpu", "chunk_frames=10", "++tracker.output.least_s=0.9"]
    rulesight.analyze(clip, "hockey", calibration, out=out, overrides=settings)
    rows = tables.read(out / "trace.parquet", "trace").to_pylist()
    cached = {row["stage"] for row in rows if "from the cache" in (row["reason"] or "")}
    assert {"watch", "register", "detect"} <= cached
    assert "track" not in cached


def test_a_clip_that_is_to_be_turned_is_registered_like_one_that_is_upright(undisturbed, clip, calibration, tmp_path):
    turned = tmp_path / "turned.mp4"
    with av.open(str(turned), "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"crf": "16", "preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = 720, 1280, "yuv420p"
        stream.set_display_rotation(90)
        for frame in open_video(clip).frames(0, 12):
            picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(np.rot90(frame.image, -1)), format="bgr24")
            target.mux(stream.encode(picture))
        target.mux(stream.encode())
    assert open_video(turned).info.rotation == 90
    run = rulesight.analyze(turned, "hockey", calibration, out=tmp_path / "run", overrides=["report=none"])
    there, upright = (
        by_frame(tables.read(folder / "registrations.parquet", "registrations"))[5]
        for folder in (run.folder, undisturbed)
    )
    at = np.array([[300.0, 400.0], [640.0, 360.0], [1000.0, 500.0]])
    assert np.abs(there.to_field(at) - upright.to_field(at)).max() < 0.3


def zeroed(path: Path) -> Path:
    """Write the shipped detector with all its weights set to zero."""
    model = onnx.load(str(WEIGHTS / "hockey-detector.onnx"))
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype == np.float32 and values.ndim == 4:
            weight.CopyFrom(numpy_helper.from_array(np.zeros_like(values), weight.name))
    onnx.save(model, str(path))
    return path


def test_zeroed_weights_change_the_result(undisturbed, clip, calibration, tmp_path):
    model = zeroed(tmp_path / "zeroed.onnx")
    settings = ["report=none", "runtime=cpu", f"detector.model.file='{model}'", "detector.model.sha256=null"]
    blind = rulesight.analyze(clip, "hockey", calibration, out=tmp_path / "run", overrides=settings)
    found = tables.read(blind.folder / "detections.parquet", "detections").num_rows
    assert found < 0.2 * tables.read(undisturbed / "detections.parquet", "detections").num_rows
    assert tables.read(blind.folder / "tracks.parquet", "tracks").num_rows == 0


def test_a_black_video_has_nobody_and_says_so(calibration, tmp_path):
    path = tmp_path / "black.mp4"
    with av.open(str(path), "w") as target:
        stream = target.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        for _ in range(12):
            target.mux(stream.encode(av.VideoFrame.from_ndarray(np.zeros((720, 1280, 3), np.uint8), format="bgr24")))
        target.mux(stream.encode())
    run = rulesight.analyze(path, "hockey", calibration, out=tmp_path / "run", overrides=["report=none"])
    assert tables.read(run.folder / "tracks.parquet", "tracks").num_rows == 0
    assert not run.calls.calls
    rows = tables.read(run.folder / "trace.parquet", "trace").to_pylist()
    assert any(row["stage"] == "watch" and "black" in row["reason"] for row in rows)
    assert any(one.rule == "hockey.offside" and one.status == "blind" for one in run.calls.coverage)


def test_without_a_calibration_the_rules_are_blind(clip, tmp_path):
    run = rulesight.analyze(clip, "hockey", out=tmp_path / "run", overrides=["report=none", "chunk_frames=30"])
    status = set(tables.column(tables.read(run.folder / "registrations.parquet", "registrations"), "status"))
    assert status == {"lost"}
    assert all(one.status == "blind" for one in run.calls.coverage if one.rule == "hockey.offside")
    rows = tables.read(run.folder / "trace.parquet", "trace").to_pylist()
    assert next(row for row in rows if row["stage"] == "register")["status"] == "missing"
