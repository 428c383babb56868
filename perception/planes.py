"""Grey levels and small colour pictures straight from the planes of a decoded picture.

Most video comes as a plane of brightness and two smaller ones of colour. Where brightness is all that is wanted,
making a whole colour picture first would cost more than everything that is done with it.
"""

from __future__ import annotations

import av
import cv2
import numpy as np

PLANAR = frozenset({"yuv420p", "yuvj420p", "yuv422p", "yuvj422p", "yuv444p", "yuvj444p"})
"""Formats whose planes are taken as they are; others are converted to the first of them."""

FULL_RANGE = 2
"""FFmpeg's number for brightness from 0 to 255; else black is 16 and white 235."""

BLACK, SPAN = 16.0, 219.0 / 255.0
"""Studio range: brightness = BLACK + SPAN * grey level."""

_GREY_LEVELS = np.clip(np.round((np.arange(256) - BLACK) / SPAN), 0, 255).astype(np.uint8)

_TO_BGR = np.array([[1.0, 1.772, 0.0], [1.0, -0.344136, -0.714136], [1.0, 0.0, 1.402]])
"""ITU-R BT.601, full range, from brightness and the two colour differences."""


class Planes:
    """The planes of one decoded picture.

    Attributes:
        brightness: (H, W) uint8, a view that keeps the picture alive.
        half: the same at half the width and height.
        studio: whether black is 16 and white 235.
    """

    def __init__(self, raw: av.VideoFrame) -> None:
        if raw.format.name not in PLANAR:
            raw = raw.reformat(format="yuv420p")
        self.studio = int(raw.color_range) != FULL_RANGE and not raw.format.name.startswith("yuvj")
        self.brightness, *self._colours = (_view(plane) for plane in raw.planes[:3])
        self.half = shrunk_to(self.brightness, tuple(max(side // 2, 1) for side in self.brightness.shape[::-1]))

    def level(self, brightness: float) -> float:
        """Return the grey level, 0 to 255, of a brightness."""
        return (brightness - BLACK) / SPAN if self.studio else brightness

    def difference(self, brightness: float) -> float:
        """Return the difference in grey levels that a difference in brightness is."""
        return brightness / SPAN if self.studio else brightness

    def grey(self, size: tuple[int, int]) -> np.ndarray:
        """Return grey levels (height, width), uint8, 0 to 255, shrunk to a size (width, height)."""
        small = self.half if size == self.half.shape[::-1] else shrunk_to(self.brightness, size)
        return cv2.LUT(small, _GREY_LEVELS) if self.studio else small.copy()

    def colour(self, size: tuple[int, int]) -> np.ndarray:
        """Return a BGR picture (height, width, 3), uint8, shrunk to a size (width, height)."""
        small = cv2.merge([shrunk_to(plane, size) for plane in (self.half, *self._colours)])
        return cv2.transform(small, _STUDIO if self.studio else _FULL)


def shrunk(size: tuple[int, int], height: int) -> tuple[int, int]:
    """Return the size (width, height) of a picture shrunk to a height, or its own where it is no higher.

    >>> shrunk((1280, 720), 360), shrunk((320, 240), 360)
    ((640, 360), (320, 240))
    """
    factor = min(1.0, height / size[1])
    return max(round(size[0] * factor), 1), max(round(size[1] * factor), 1)


def shrunk_to(plane: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a plane as it looks at a size (width, height), each of its pixels the mean of what it covers."""
    return plane if plane.shape[::-1] == size else cv2.resize(plane, size, interpolation=cv2.INTER_AREA)


def _view(plane: av.video.plane.VideoPlane) -> np.ndarray:
    return np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)[:, : plane.width]


def _affine(gains: tuple[float, float], black: float) -> np.ndarray:
    """Return the (3, 4) matrix from brightness and colour differences to BGR."""
    matrix = _TO_BGR * np.array([gains[0], gains[1], gains[1]])
    return np.column_stack([matrix, -matrix @ np.array([black, 128.0, 128.0])])


_STUDIO = _affine((1 / SPAN, 255.0 / 224.0), BLACK)
_FULL = _affine((1.0, 1.0), 0.0)
