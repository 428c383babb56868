"""What tests of several rooms share."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import av
import pytest

from evaluation import realdata
from records import yamls

FRAMES = 30
DEMO = Path(str(files("rulesight"))) / "examples" / "demo"


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real test data; the test is skipped where there is none."""
    folder = realdata.folder()
    if folder is None:
        pytest.skip(f"no real test data: {realdata.VARIABLE} names no folder and ../shared/data is not there")
    return folder


@pytest.fixture(scope="session")
def real_path(real_data) -> Callable[[str], Path]:
    """Return a function from a path in the real test data to the file or folder; without it the test is skipped."""

    def path(relative: str) -> Path:
        if not (real_data / relative).exists():
            pytest.skip(f"no real test data: {real_data / relative} is not there")
        return real_data / relative

    return path


@pytest.fixture(scope="session")
def short_clip(tmp_path_factory) -> Path:
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
def short_calibration(tmp_path_factory) -> Path:
    """Return the embedded calibration with the keyframes of that second only."""
    content = yamls.read_mapping(DEMO / "calibration.yaml")
    content["keyframes"] = [frame for frame in content["keyframes"] if frame["t"] < 0.9]
    path = tmp_path_factory.mktemp("calibration") / "short.yaml"
    path.write_text(yamls.dumps(content), encoding="utf-8")
    return path
