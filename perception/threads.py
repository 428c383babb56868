"""How many threads OpenCV takes, where whoever calls it has threads of its own."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import cv2


@contextlib.contextmanager
def opencv_in_line() -> Iterator[None]:
    """Let OpenCV work in the thread that calls it, and as before afterwards.

    Its own threads share out pieces of a tenth of a millisecond and wait for each other, while decoding and the
    detector keep the other cores busy: following corners costs a fifth more time of all processors with them.
    """
    before = cv2.getNumThreads()
    cv2.setNumThreads(0)
    try:
        yield
    finally:
        cv2.setNumThreads(before)
