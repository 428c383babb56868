"""Analyses of a short piece of the embedded example."""

import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def clip(short_clip) -> Path:
    """Return the footage that this room's tests analyse."""
    return short_clip


@pytest.fixture(scope="session")
def calibration(short_calibration) -> Path:
    """Return its keyframes."""
    return short_calibration


@pytest.fixture
def command(clip, calibration):
    """Return a function that gives the command line of an analysis into a folder."""

    def build(out: Path, *overrides: str) -> list[str]:
        given = {"video": clip, "domain": "hockey", "calibration": calibration, "out": out}
        fixed = [f"{key}={value}" for key, value in given.items()]
        return [sys.executable, "-m", "rulesight", "analyze", *fixed, "runtime=cpu", "chunk_frames=10", *overrides]

    return build


@pytest.fixture
def run():
    """Return a function that runs a command and returns the finished process."""

    def call(arguments: list[str], **kwargs) -> subprocess.CompletedProcess:
        return subprocess.run(arguments, capture_output=True, text=True, check=False, env={**os.environ}, **kwargs)

    return call
