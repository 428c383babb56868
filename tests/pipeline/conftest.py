"""A short piece of the embedded example, small enough to be analysed several times."""

import os
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import av
import pytest

FRAMES = 30
DEMO = Path(str(files("rulesight"))) / "examples" / "demo"


@pytest.fixture(scope="session")
def clip(tmp_path_factory) -> Path:
    """Return the first second of the embedded clip, packets copied."""
    path = tmp_path_factory.mktemp("clip") / "short.mp4"
    with av.open(str(DEMO / "clip.mp4")) as source, av.open(str(path), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for number, packet in enumerate(source.demux(stream)):
            if number == FRAMES or packet.pts is None:
                break
            packet.stream = copy
            target.mux(packet)
    return path


@pytest.fixture(scope="session")
def calibration(tmp_path_factory) -> Path:
    """Return the embedded calibration with the keyframes of that second only."""
    from records import yamls

    content = yamls.read_mapping(DEMO / "calibration.yaml")
    content["keyframes"] = [frame for frame in content["keyframes"] if frame["t"] < 0.9]
    path = tmp_path_factory.mktemp("calibration") / "short.yaml"
    path.write_text(yamls.dumps(content), encoding="utf-8")
    return path


@pytest.fixture
def command(clip, calibration):
    """Return a function that gives the command line of an analysis into a folder."""

    def build(out: Path, *overrides: str) -> list[str]:
        given = {"video": clip, "domain": "hockey", "calibration": calibration, "out": out, "report": "none"}
        fixed = [f"{key}={value}" for key, value in given.items()]
        return [sys.executable, "-m", "rulesight.cli", "analyze", *fixed, "runtime=cpu", "chunk_frames=10", *overrides]

    return build


@pytest.fixture
def run():
    """Return a function that runs a command and returns the finished process."""

    def call(arguments: list[str], **kwargs) -> subprocess.CompletedProcess:
        return subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ}, **kwargs)

    return call
