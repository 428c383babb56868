"""Files that a person wrote, read once for all the stages that ask for them."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from records import annotations as annotated
from records import calibration as calibrated
from records.annotations import Annotations
from records.calibration import Calibration

T = TypeVar("T")


def annotations(path: Path) -> Annotations:
    """Return what `records.annotations.read_annotations` does, read again only when the file changed."""
    return _read(annotated.read_annotations, path, _state(path))


def calibration(path: Path) -> Calibration:
    """Return what `records.calibration.read_calibration` does, read again only when the file changed."""
    return _read(calibrated.read_calibration, path, _state(path))


def _state(path: Path) -> tuple[int, int]:
    state = path.stat()
    return state.st_mtime_ns, state.st_size


@functools.lru_cache(maxsize=8)
def _read(read: Callable[[Path], T], path: Path, state: tuple[int, int]) -> T:
    del state
    return read(path)
