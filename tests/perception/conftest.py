"""Fixtures of this room's tests."""

import os
from pathlib import Path

import numpy as np
import pytest
from video_files import encode, picture


@pytest.fixture
def clip(tmp_path) -> Path:
    """40 frames at 25 Hz, 128x96, key frames at 0, 12, 24 and 36."""
    return encode(tmp_path / "clip.mp4", [picture(i) for i in range(40)], np.arange(40) / 25)


@pytest.fixture
def real_data() -> Path:
    """The folder of real test data; the test is skipped where there is none."""
    folder = os.environ.get("RULESIGHT_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("RULESIGHT_TEST_DATA does not name the folder of real test data")
    return Path(folder)
