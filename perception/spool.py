"""Decoded pictures on disk for the length of a run, so that later passes over a clip need not decode them again.

A picture takes as much as its planes (1.4 MB at 1280x720), so only so many are kept. The file has no name: it is
gone with the process, however that ends.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np

FORMATS = frozenset({"yuv420p", "yuvj420p"})
"""Pixel formats that are kept; others are rare and are decoded again."""

SHARE = 0.25
"""Share of what is free on the disk that is taken at most."""

_Layout = tuple[str, int, int, int, int]


class Spool:
    """Pictures of one clip by index; what it does not have was too much, or never passed.

    Args:
        folder: where the nameless file lies; made when the first picture comes.
        limit: bytes of pictures that are kept at most; 0: none.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder = folder
        self._limit = limit
        self._file: BinaryIO | None = None
        self._layout: _Layout | None = None
        self._shape = (0, 0)
        self._places: dict[int, int] = {}

    def __enter__(self) -> Spool:
        """Return the spool, which is closed when the context is left."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the disk back."""
        self.close()

    def __contains__(self, index: int) -> bool:
        """Whether a picture can be had."""
        return index in self._places

    def put(self, index: int, raw: av.VideoFrame) -> None:
        """Keep a picture as it came from the decoder, where there is room; all have the layout of the first."""
        if not self._limit or index in self._places or raw.format.name not in FORMATS:
            return
        layout = _layout(raw)
        if self._layout not in (None, layout):
            return
        planes = raw.to_ndarray()
        try:
            self._write(index, layout, planes)
        except OSError:  # no room after all: the pictures are decoded again, and whoever needs the disk will tell
            self._limit = 0

    def _write(self, index: int, layout: _Layout, planes: np.ndarray) -> None:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            self._limit = min(self._limit, int(SHARE * shutil.disk_usage(self._folder).free))
            self._file = tempfile.TemporaryFile(dir=self._folder, buffering=0)  # noqa: SIM115 (closed by close)
            self._layout, self._shape = layout, planes.shape
        at = len(self._places) * planes.nbytes
        if at + planes.nbytes > self._limit:
            self._limit = 0
            return
        data = memoryview(np.ascontiguousarray(planes)).cast("B")
        if os.pwrite(self._file.fileno(), data, at) == planes.nbytes:
            self._places[index] = at
        else:
            self._limit = 0

    def get(self, index: int) -> av.VideoFrame:
        """Return a picture that is there, equal in every pixel to what was put in."""
        assert self._file is not None
        assert self._layout is not None
        planes = np.empty(self._shape, np.uint8)
        os.preadv(self._file.fileno(), [memoryview(planes).cast("B")], self._places[index])
        name, _, height, colour_range, colour_space = self._layout
        # without a copy PyAV takes pictures whose half height is odd for two rows less high
        make = av.VideoFrame.from_ndarray if height % 4 else av.VideoFrame.from_numpy_buffer
        raw = make(planes, format=name)
        raw.color_range, raw.colorspace = colour_range, colour_space
        return raw

    def close(self) -> None:
        """Forget everything and give the disk back."""
        if self._file is not None:
            self._file.close()
        self._file, self._places, self._limit = None, {}, 0


def _layout(raw: av.VideoFrame) -> _Layout:
    return raw.format.name, raw.width, raw.height, int(raw.color_range), int(raw.colorspace)
