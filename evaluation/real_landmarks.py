"""A landmark model on real pictures: is its field where people marked it, and is it silent in other sports.

Soccer: pictures with up to 32 keypoints of the pitch, marked by hand, which are themselves 0.3 m off in the median
(their field, and how they were marked). Hockey: pictures with a published homography.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from evaluation.landmarks import Finder, misplaced
from perception.decode import open_video
from records.units import FT

SIZE = (1280, 720)
CLIPS: Mapping[str, tuple[str, ...]] = {
    "basketball": ("basketball/halfcourt_2p.mp4",),
    "football": ("american_football/cfb_clip1.mp4", "american_football/cfb_clip2.mp4"),
    "hockey": ("hockey/BUF-EDM_frames_0-279.mp4",),
    "soccer": ("soccer/soccer_08fd33_4.mp4",),
}
EVERY_S = 0.5  # between two pictures of a clip


@dataclass(frozen=True)
class RealPicture:
    """A real picture, and points of its field.

    Attributes:
        image: uint8 BGR.
        pixels: of points of the field, shape (N, 2).
        field: where those are, metres, shape (N, 2).
    """

    image: np.ndarray
    pixels: np.ndarray
    field: np.ndarray


def measure_real(model: Finder, data: Path) -> dict[str, float]:
    """Return what a model finds in real pictures.

    Args:
        model: of a sport.
        data: the folder of the real test data.

    Returns:
        For its own sport, where some pictures are marked: share of those with a homography, and the median and 90th
        percentile over pictures of the median distance between marked points and where it puts them, metres; for
        every other sport landmarks found in a picture.
    """
    marked = list(marked_pictures(model.domain, data))
    errors = [error for error in (field_error(model, picture) for picture in marked) if error is not None]
    figures = {"marked_pictures": float(len(marked))} if marked else {}
    if marked:
        figures["registered"] = len(errors) / len(marked)
    if errors:
        figures |= {"median_m": float(np.median(errors)), "p90_m": float(np.percentile(errors, 90))}
    for other in sorted(CLIPS):
        if other != model.domain:
            found = [len(model.find(image).names) for image in pictures(other, data)]
            figures |= {f"false_in_{other}": float(np.mean(found)), f"pictures_of_{other}": float(len(found))}
    return figures


def field_error(model: Finder, picture: RealPicture) -> float | None:
    """Return by how much marked points lie off where a model puts them, the median in metres; None without a field."""
    height, width = picture.image.shape[:2]
    return misplaced(model.find(picture.image), (width, height), picture.pixels, picture.field)


def pictures(domain: str, data: Path) -> Iterator[np.ndarray]:
    """Yield real pictures of a sport: those that are marked, and some of its clips."""
    yield from (picture.image for picture in marked_pictures(domain, data))
    for name in CLIPS[domain]:
        source = open_video(data / "video" / name)
        wanted = np.arange(source.times[0], source.times[-1], EVERY_S)
        for frame in source.at(np.unique(np.searchsorted(source.times, wanted)).tolist()):
            yield frame.image


def marked_pictures(domain: str, data: Path) -> Iterator[RealPicture]:
    """Yield the pictures of a sport whose field is known; football and basketball have none."""
    if domain == "soccer":
        yield from _keypoints(data / "registration" / "soccer_kp32")
    if domain == "hockey":
        yield from _homographies(data / "registration" / "hockey_bsi")


def _keypoints(folder: Path) -> Iterator[RealPicture]:
    """Pictures stretched to squares; places count from the far left corner, y towards the camera."""
    with (folder / "pitch_points_105x68.csv").open(newline="") as source:
        places = np.array([(float(row["x_m"]) - 52.5, 34.0 - float(row["y_m"])) for row in csv.DictReader(source)])
    for path in sorted((folder / "valid" / "images").glob("*.jpg")):
        label = folder / "valid" / "labels" / f"{path.stem}.txt"
        points = np.array(label.read_text().split()[5:], float).reshape(-1, 3)
        seen = points[:, 2] > 0
        yield RealPicture(_read(path), points[seen, :2] * SIZE - 0.5, places[seen])


def _homographies(folder: Path) -> Iterator[RealPicture]:
    """From pixels over the picture's size to shares of a rink of 200 by 85 ft, y down; points on a grid of pixels."""
    with (folder / "homographies_norm.csv").open(newline="") as source:
        known = {row["frame"]: _matrix(row) for row in csv.DictReader(source)}
    for path in sorted((folder / "frames").glob("*.png")):
        if path.name in known:
            grid = np.stack(np.meshgrid(np.linspace(0.1, 0.9, 9), np.linspace(0.2, 0.8, 7)), axis=-1).reshape(-1, 2)
            share = cv2.perspectiveTransform(grid[None], known[path.name])[0]
            inside = ((share > 0) & (share < 1)).all(axis=1)
            places = (share - 0.5) * (200 * FT, -85 * FT)
            yield RealPicture(_read(path), grid[inside] * SIZE - 0.5, places[inside])


def _matrix(row: Mapping[str, str]) -> np.ndarray:
    return np.array([float(row[f"h{i}{j}"]) for i in range(3) for j in range(3)]).reshape(3, 3)


def _read(path: Path) -> np.ndarray:
    return cv2.resize(np.asarray(cv2.imread(str(path))), SIZE, interpolation=cv2.INTER_AREA)


def lines(figures: Mapping[str, float]) -> Sequence[str]:
    """Return figures as lines of text."""
    return [f"  {name:22} {value:.3g}" for name, value in figures.items()]
