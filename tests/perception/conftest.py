"""Fixtures of this room's tests."""

from pathlib import Path

import numpy as np
import pytest
from video_files import encode, picture


@pytest.fixture
def clip(tmp_path) -> Path:
    """40 frames at 25 Hz, 128x96, key frames at 0, 12, 24 and 36."""
    return encode(tmp_path / "clip.mp4", [picture(i) for i in range(40)], np.arange(40) / 25)
