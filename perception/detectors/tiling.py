"""Overlapping tiles over a picture, and boxes of several tiles put together again.

Small models see people of 30 pixels only when the picture is not shrunk: it is cut into tiles that overlap, each
tile is a picture for the model. A person on a tile's border comes out cut off in one tile and whole, or cut off at
the other end, in the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np

from records.errors import InputError


@dataclass(frozen=True)
class Tiling:
    """How a picture is cut.

    Attributes:
        columns, rows: number of tiles across and down.
        overlap: share of a tile's side that it has in common with its neighbour.
        headroom: height of the tallest person, as a share of the picture's height: a tile is looked at when
            somebody who stands in the region can reach into it.
        whole: also look at the whole picture (for what is larger than a tile).
    """

    columns: int = 1
    rows: int = 1
    overlap: float = 0.2
    headroom: float = 0.25
    whole: bool = False

    def __post_init__(self) -> None:
        if not (self.columns >= 1 and self.rows >= 1 and 0 <= self.overlap < 1 and self.headroom >= 0):
            raise InputError(
                f"tiles of {self.columns}x{self.rows} with overlap {self.overlap} and headroom {self.headroom}",
                "detector.tiles",
                "columns and rows from 1, overlap from 0 to below 1",
            )

    @classmethod
    def read(cls, config: Mapping[str, object] | None) -> Tiling:
        """Make one from the configuration ``detector.tiles`` (None: the whole picture as it is)."""
        config = dict(config or {})
        unknown = sorted(set(config) - {f.name for f in fields(cls)})
        if unknown:
            raise InputError(f"unknown key {unknown[0]}", "detector.tiles")
        return cls(**config)


def tiles(tiling: Tiling, height: int, width: int, region: np.ndarray | None = None) -> np.ndarray:
    """Return the tiles of a picture that have to be looked at.

    Args:
        tiling: how to cut.
        height: of the picture in pixels.
        width: of the picture in pixels.
        region: (h, w) mask, nonzero where people can stand, of the picture's size or a fraction of it; None:
            anywhere.

    Returns:
        int32 array of shape (T, 4): left, top, right, bottom in pixels, row by row, the whole picture last.
    """
    xs = _spans(width, tiling.columns, tiling.overlap)
    ys = _spans(height, tiling.rows, tiling.overlap)
    boxes = [(x1, y1, x2, y2) for y1, y2 in ys for x1, x2 in xs]
    if tiling.whole and len(boxes) > 1:
        boxes.append((0, 0, width, height))
    if region is not None:
        boxes = [box for box in boxes if _reached(box, region, (height, width), tiling.headroom * height)]
    return np.array(boxes, np.int32).reshape(-1, 4)


def _spans(length: int, count: int, overlap: float) -> list[tuple[int, int]]:
    side = length / (count - (count - 1) * overlap)
    starts = np.linspace(0, length - side, count)
    return [(round(start), round(start + side)) for start in starts]


def _reached(box: tuple[int, ...], region: np.ndarray, size: tuple[int, int], headroom: float) -> bool:
    down, across = region.shape[0] / size[0], region.shape[1] / size[1]
    rows = slice(int(box[1] * down), int(np.ceil((box[3] + headroom) * down)))
    columns = slice(int(box[0] * across), int(np.ceil(box[2] * across)))
    return bool(region[rows, columns].any())


@dataclass(frozen=True, eq=False)
class Found:
    """Boxes of all tiles of one picture, in the picture's pixels.

    Attributes:
        xyxy: (N, 4) float32.
        score: (N,) float32.
        label: (N,) int.
        tile: (N,) int, which tile each was found in.
    """

    xyxy: np.ndarray
    score: np.ndarray
    label: np.ndarray
    tile: np.ndarray

    def __getitem__(self, chosen: np.ndarray) -> Found:
        """Return those that an index array or mask picks out."""
        return Found(self.xyxy[chosen], self.score[chosen], self.label[chosen], self.tile[chosen])


BORDER_PX = 3.0
"""A box that ends this near to a tile's border, inside the picture, is taken to be cut off there."""

INSIDE = 0.7
"""A cut-off box of which this share lies in a whole box of the same kind, from another tile, is a piece of it."""

ABREAST = 0.6
"""Two pieces belong together when their sides along the border agree by this intersection over union."""


def join(found: Found, places: np.ndarray, height: int, width: int) -> Found:
    """Drop pieces of people who are whole in another tile, and join pieces that face each other.

    Args:
        found: boxes after suppression within each tile.
        places: (T, 4) the tiles.
        height: of the picture in pixels.
        width: of the picture in pixels.
    """
    cut = _cut(found, places, height, width)
    pieces = cut.any(axis=1)
    if not pieces.any():
        return found
    inside = _shares(found.xyxy) > INSIDE
    other = (found.tile[:, None] != found.tile[None, :]) & (found.label[:, None] == found.label[None, :])
    redundant = pieces & (inside & other & ~pieces[None, :]).any(axis=1)
    kept = np.flatnonzero(~redundant)
    return _join_pieces(found[kept], cut[kept], other[np.ix_(kept, kept)])


def _cut(found: Found, places: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return (N, 4): is the box cut off at the left, top, right, bottom border of its tile?"""
    tile = places[found.tile].astype(np.float32)
    inner = tile > 0
    inner[:, 2:] = tile[:, 2:] < (width, height)
    return inner & (np.abs(found.xyxy - tile) < BORDER_PX)


def _shares(xyxy: np.ndarray) -> np.ndarray:
    """Return (N, N): the share of box i that lies in box j."""
    low = np.maximum(xyxy[:, None, :2], xyxy[None, :, :2])
    high = np.minimum(xyxy[:, None, 2:], xyxy[None, :, 2:])
    common = np.prod(np.maximum(high - low, 0), axis=2)
    area = np.prod(xyxy[:, 2:] - xyxy[:, :2], axis=1)
    return common / np.maximum(area, 1e-6)[:, None]


def _join_pieces(found: Found, cut: np.ndarray, other: np.ndarray) -> Found:
    """Replace the better of two facing pieces by their hull and drop the other."""
    xyxy, gone = found.xyxy.copy(), np.zeros(len(found.xyxy), bool)
    for low, across in ((0, 1), (1, 0)):
        first = np.flatnonzero(cut[:, low + 2])
        second = np.flatnonzero(cut[:, low])
        for i in first[np.argsort(-found.score[first], kind="stable")]:
            fits = [
                j for j in second if other[i, j] and not (gone[i] or gone[j]) and _faces(xyxy[i], xyxy[j], low, across)
            ]
            if fits:
                j = max(fits, key=lambda k: found.score[k])
                best, rest = (i, j) if found.score[i] >= found.score[j] else (j, i)
                xyxy[best, :2] = np.minimum(xyxy[i, :2], xyxy[j, :2])
                xyxy[best, 2:] = np.maximum(xyxy[i, 2:], xyxy[j, 2:])
                gone[rest] = True
    return Found(xyxy, found.score, found.label, found.tile)[~gone]


def _faces(first: np.ndarray, second: np.ndarray, low: int, across: int) -> bool:
    """Say whether two pieces overlap or touch along ``low`` and agree across it."""
    touching = first[low] < second[low] <= first[low + 2] < second[low + 2]
    common = min(first[across + 2], second[across + 2]) - max(first[across], second[across])
    hull = max(first[across + 2], second[across + 2]) - min(first[across], second[across])
    return bool(touching and common > ABREAST * hull)
