"""What tests of several rooms share."""

from pathlib import Path

import pytest

from evaluation import realdata


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Return the folder of real test data; the test is skipped where there is none."""
    folder = realdata.folder()
    if folder is None:
        pytest.skip(f"no real test data: {realdata.VARIABLE} names no folder and ../shared/data is not there")
    return folder
