"""Pictures of fields with their landmarks, rendered from plays of any sport, kept as JPEG, and bent for training."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

import simulation
from ontologies import registry as fields
from simulation.clips import CAMERAS_OF
from simulation.plays.play import field_of
from simulation.training.plays import drawn_clip, evenly

SIZE = (512, 288)  # width and height of what a model sees, pixels
KEPT = (640, 360)  # width and height in which pictures are kept, pixels
GAP_M = 1.5  # between two landmarks that one model tells apart
JPEG_QUALITY = 92
TURN_DEG, STRETCH, SKEW = 1.5, 0.06, 0.00015  # how far pictures are bent
ZOOM = (0.8, 1.5)


@dataclass(frozen=True)
class FieldPicture:
    """A picture and where the landmarks are in it.

    Attributes:
        image: uint8 BGR, shape (360, 640, 3).
        pixels: of each landmark of the sport, in order of ``landmarks_of``, shape (K, 2); NaN where it is behind the
            camera or beyond the lens, or this field has none. They may lie outside the picture.
        places: where it is on this field, metres, shape (K, 2); NaN where it has none.
    """

    image: np.ndarray
    pixels: np.ndarray
    places: np.ndarray


def landmarks_of(domain: str) -> dict[str, tuple[float, float]]:
    """Return the landmarks on the ground of a sport's field that a model tells apart: name -> usual place, metres."""
    field = fields.field(domain)
    kept: dict[str, tuple[float, float]] = {}
    for name, place in field.landmarks.items():
        x, y, *height = (float(value) for value in place)
        if any(height) or any(np.hypot(x - a, y - b) < GAP_M for a, b in kept.values()):
            continue
        kept[name] = (x, y)
    return kept


def draw_pictures(domain: str, seed: int, count: int) -> list[FieldPicture]:
    """Render pictures of one play, evenly over its time, by a camera that the seed draws.

    Args:
        domain: the sport.
        seed: of the play, its look, camera and weather.
        count: how many.
    """
    clip = drawn_clip(domain, seed, np.random.default_rng([seed, 113]))
    places = _places(field_of(clip.play).landmarks, landmarks_of(domain))
    found = []
    for shot in clip.shots(evenly(clip, count)):
        scale = np.array([KEPT[0] / shot.view.width, KEPT[1] / shot.view.height])
        pixels = (shot.view.to_image(places) + 0.5) * scale - 0.5
        pixels[shot.view.to_camera(places)[:, 2] < 1.0] = np.nan
        found.append(FieldPicture(cv2.resize(shot.image, KEPT, interpolation=cv2.INTER_AREA), pixels, places[:, :2]))
    return found


def _places(known: Mapping[str, tuple[float, ...]], names: Iterable[str]) -> np.ndarray:
    """Return where landmarks are on a field, shape (N, 3), metres; NaN for those that it has not."""
    missing = (np.nan, np.nan)
    return np.array([(*known.get(name, missing)[:2], 0.0) for name in names])


def write_pictures(folder: Path, domain: str, seed: int, count: int) -> Path:
    """Render one play's pictures into one file, unless it is there already; return the file."""
    path = folder / _digest(count) / f"{domain}-{seed}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, np.ndarray] = {}
    for i, picture in enumerate(draw_pictures(domain, seed, count)):
        jpeg = cv2.imencode(".jpg", picture.image, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
        marks = np.hstack([picture.pixels, picture.places]).astype(np.float32)
        content |= {f"image{i:03d}": jpeg.ravel(), f"marks{i:03d}": marks}
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez(stream, **content)
    partial.replace(path)
    return path


def _digest(count: int) -> str:
    """Return a short hash of everything that decides what the pictures look like."""
    settings = [count, KEPT, JPEG_QUALITY, {domain: landmarks_of(domain) for domain in sorted(CAMERAS_OF)}]
    digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
    for path in sorted(Path(simulation.__file__).parent.rglob("*.py")):
        if path.parent.name != "training" or path.name in (Path(__file__).name, "plays.py"):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def read_pictures(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return encoded pictures and their landmarks, shape (K, 4): pixel and place; from one file."""
    with np.load(path) as content:
        count = sum(name.startswith("image") for name in content.files)
        return [(content[f"image{i:03d}"], content[f"marks{i:03d}"]) for i in range(count)]


def decoded(entry: tuple[np.ndarray, np.ndarray]) -> FieldPicture:
    """Return the picture of one entry of ``read_pictures``."""
    marks = np.asarray(entry[1], float)
    return FieldPicture(cv2.imdecode(entry[0], cv2.IMREAD_COLOR), marks[:, :2], marks[:, 2:])


def bent(picture: FieldPicture, rng: np.random.Generator) -> FieldPicture:
    """Return a picture as another camera might have taken it: turned, zoomed, shifted, skewed, and disturbed."""
    matrix = _bend(rng)
    beyond = (float(rng.uniform(0, 255)),) * 3
    image = cv2.warpPerspective(picture.image, matrix, SIZE, flags=cv2.INTER_LINEAR, borderValue=beyond)
    pixels = picture.pixels.copy()
    known = np.isfinite(pixels).all(axis=1)
    if known.any():
        pixels[known] = cv2.perspectiveTransform(pixels[known][None], matrix)[0]
    image = cv2.convertScaleAbs(image, alpha=float(rng.uniform(0.75, 1.25)), beta=float(rng.uniform(-20, 20)))
    if rng.random() < 0.3:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 1.2)))
    if rng.random() < 0.4:
        hsv = cv2.cvtColor(image, cv2.COLOR_BGR2HSV)
        hsv[:, :, 0] = (hsv[:, :, 0].astype(int) + int(rng.integers(-12, 13))) % 180
        hsv[:, :, 1] = cv2.convertScaleAbs(hsv[:, :, 1], alpha=float(rng.uniform(0.6, 1.3)))
        image = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    return FieldPicture(image, pixels, picture.places)


def _bend(rng: np.random.Generator) -> np.ndarray:
    """Return a random map from kept pictures to the model's, shape (3, 3)."""
    middle = np.array([[1, 0, -KEPT[0] / 2], [0, 1, -KEPT[1] / 2], [0, 0, 1]], float)
    zoom = SIZE[0] / KEPT[0] * float(np.exp(rng.uniform(*np.log(ZOOM))))
    turn = np.radians(float(rng.uniform(-TURN_DEG, TURN_DEG)))
    stretch = 1.0 + float(rng.uniform(-STRETCH, STRETCH))
    bend = np.array([
        [zoom * stretch * np.cos(turn), -zoom * np.sin(turn), 0],
        [zoom * np.sin(turn), zoom / stretch * np.cos(turn), 0],
        [rng.uniform(-SKEW, SKEW), rng.uniform(-SKEW, SKEW), 1],
    ])  # fmt: skip
    room = np.maximum(zoom * np.array(KEPT) - SIZE, 0.0) / 2 + 0.04 * np.array(SIZE)
    shift = np.array(SIZE) / 2 + rng.uniform(-1, 1, 2) * room
    back = np.array([[1, 0, shift[0]], [0, 1, shift[1]], [0, 0, 1]])
    return np.asarray(back @ bend @ middle)


def split_seeds(which: str, count: int) -> Sequence[int]:
    """Return seeds of plays that ``train``, ``choose`` (of what is not trained) or ``test`` uses; no two share one."""
    start = {"train": 300_000, "choose": 400_000, "test": 500_000}[which]
    return range(start, start + count)
