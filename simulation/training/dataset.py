"""Training pictures: random arenas, kits, cameras and instants, with boxes; drawn from seeds, kept as JPEG.

Hockey's show random instants; those of the other sports, where who stands where is less at random, show plays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

import simulation
from ontologies.field import Field
from ontologies.hockey import field as hockey_field
from records.errors import InputError
from simulation.arena import build_arena
from simulation.looks import DEMO_SEED, random_look
from simulation.render import Renderer, Shown, draw_bug
from simulation.staging import goal_lines
from simulation.states import random_state
from simulation.training.plays import drawn_clip, evenly

PEOPLE_CLASSES = ("player", "goalie", "official")
SMALL = len(PEOPLE_CLASSES)  # label of the puck or ball
TRAIN_SEEDS = range(10_000, 20_000)
TEST_SEEDS = range(20_000, 21_000)
VALID_SEEDS = range(21_000, 22_000)
RARE = (SMALL, PEOPLE_CLASSES.index("goalie"))
HIDDEN = 0.25
HIDDEN_SMALL = 0.5


@dataclass(frozen=True)
class Sample:
    """One picture and its truth.

    Attributes:
        image: uint8 BGR, or with further planes.
        boxes: float32 (N, 4), pixels x1 y1 x2 y2, whole bodies, clipped to the picture.
        labels: int64 (N,), index in the sport's `classes_of`.
        ignore: bool (N,), too hidden to be asked for or to count against a detector.
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    ignore: np.ndarray


def classes_of(domain: str) -> tuple[str, ...]:
    """Return what a detector of a sport tells apart; the puck or ball is the last."""
    return (*PEOPLE_CLASSES, "puck" if domain == "hockey" else "ball")


def truth_arrays(
    shown: Sequence[Shown], size: tuple[int, int], waiting: Sequence[Sequence[float]] = ()
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Boxes (N, 4) clipped to the picture, labels (N,), ignore flags (N,) of what a picture shows.

    Staff and people who wait beside the field look like players: they are neither asked for nor counted.

    Args:
        shown: everybody on the field, and the puck or ball.
        size: width and height of the picture, pixels.
        waiting: boxes of people beside the field, pixels x1, y1, x2, y2.
    """
    boxes, labels, ignore = [], [], []
    entries = [(item.box, _label(item.kind), _to_ignore(item)) for item in shown]
    for box, label, uncounted in [*entries, *((box, 0, True) for box in waiting)]:
        x1, y1, x2, y2 = box
        clipped = (max(x1, 0.0), max(y1, 0.0), min(x2, size[0] - 1.0), min(y2, size[1] - 1.0))
        if clipped[2] - clipped[0] < 2 or clipped[3] - clipped[1] < 2:
            continue
        boxes.append(clipped)
        labels.append(label)
        ignore.append(uncounted)
    return (
        np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64), np.array(ignore, bool),
    )  # fmt: skip


def _label(kind: str) -> int:
    if kind == "staff":
        return PEOPLE_CLASSES.index("player")
    return PEOPLE_CLASSES.index(kind) if kind in PEOPLE_CLASSES else SMALL


def _to_ignore(item: Shown) -> bool:
    return item.kind == "staff" or item.visible < (HIDDEN_SMALL if _label(item.kind) == SMALL else HIDDEN)


def draw_samples(seed: int, count: int, domain: str = "hockey") -> Iterator[Sample]:
    """Render pictures of a sport in one arena.

    Args:
        seed: of the arena and everything in it; the demo clip's seed is refused.
        count: how many pictures.
        domain: the sport.

    Raises:
        InputError: the demo clip's seed.
    """
    if seed == DEMO_SEED:
        raise InputError("the demo clip's seed is not for training", where=f"seed {seed}", mend="take another seed")
    return draw_instants(seed, count) if domain == "hockey" else draw_play(domain, seed, count)


def draw_play(domain: str, seed: int, count: int) -> Iterator[Sample]:
    """Render pictures of one play, evenly over its time, by a camera that the seed draws.

    Args:
        domain: the sport.
        seed: of the play, its look, camera and weather.
        count: how many.
    """
    rng = np.random.default_rng([seed, 131])
    clip = drawn_clip(domain, seed, rng)
    for shot in clip.shots(evenly(clip, count)):
        image = compressed(shot.image, int(rng.integers(55, 97)))
        yield Sample(image, *truth_arrays(shot.shown, (shot.view.width, shot.view.height), shot.waiting))


def compressed(image: np.ndarray, quality: int) -> np.ndarray:
    """Return a picture as JPEG of a quality leaves it."""
    return cv2.imdecode(cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def draw_instants(seed: int, count: int, field: Field | None = None) -> Iterator[Sample]:
    """Render random pictures of one rink; every picture has its own kits, camera angle, zoom and play.

    Args:
        seed: of the arena and everything in it.
        count: how many pictures.
        field: the rink; NHL size by default.
    """
    rink = field or hockey_field("nhl")
    look = random_look(seed)
    arena = build_arena(rink, look.arena, look.rig.centre, look.rig.fx)
    renderer = Renderer(arena, look.sensor, goal_lines(rink), seed)
    rng = np.random.default_rng([seed, 5])
    for index in range(count):
        other = random_look(seed * 1000 + index)
        state = random_state(rink, other.kits, rng)
        zoom = float(look.rig.fx * rng.uniform(0.75, 1.2))
        view = look.rig.look_at(*state.aim, fx=zoom, roll=float(rng.normal(0, 0.012)))
        renderer.sensor = replace(other.sensor, noise=look.sensor.noise)
        camera = np.array([rng.normal(0, 300), rng.normal(0, 60)]) * float(rng.random() < 0.7)
        image, shown = renderer.picture(view, state.figures, state.puck, (camera, state.puck_velocity))
        if look.bug is not None:
            draw_bug(image, look.bug, 0.0)
        image = compressed(image, int(rng.integers(55, 97)))
        yield Sample(image, *truth_arrays(shown, (view.width, view.height)))


def recipe_digest(settings: object, *others: str) -> str:
    """Short hash of everything that decides what the pictures look like: the renderer's own code.

    Args:
        settings: what is asked of it.
        others: names of further modules of this room that have a part in it.
    """
    digest = hashlib.sha256(str(settings).encode())
    root = Path(simulation.__file__).parent
    own = [root / "training" / name for name in ("dataset.py", "plays.py", *others)]
    for path in [*sorted(root.glob("*.py")), *sorted(root.glob("plays/**/*.py")), *own]:
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def write_arena(folder: Path, seed: int, per_arena: int, domain: str = "hockey") -> Path:
    """Render one arena's pictures into one file, unless it is there already; returns the file."""
    path = folder / recipe_digest(per_arena) / f"{domain}-{seed}.npz"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    content: dict[str, np.ndarray] = {}
    for i, sample in enumerate(draw_samples(seed, per_arena, domain)):
        encoded = cv2.imencode(".jpg", sample.image, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
        truth = np.column_stack([sample.boxes, sample.labels, sample.ignore]).astype(np.float32)
        content |= {f"image{i:03d}": encoded.ravel(), f"truth{i:03d}": truth}
    partial = path.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez(stream, **content)
    partial.replace(path)
    return path


def read_arena(path: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    """Encoded pictures and truth rows (x1, y1, x2, y2, label, ignore) of one file."""
    with np.load(path) as content:
        count = sum(name.startswith("image") for name in content.files)
        return [(content[f"image{i:03d}"], content[f"truth{i:03d}"]) for i in range(count)]


def decode(encoded: np.ndarray, truth: np.ndarray) -> Sample:
    """Sample of one entry of `read_arena`."""
    return Sample(
        cv2.imdecode(encoded, cv2.IMREAD_COLOR), truth[:, :4].copy(), truth[:, 4].astype(np.int64), truth[:, 5] > 0.5
    )


def random_crop(sample: Sample, size: int, rng: np.random.Generator) -> Sample:
    """A square crop at a random scale, with mirrored, brighter, softer and noisier variants.

    Boxes are clipped to the crop; those of which less than a third is left are to be ignored.
    """
    scale = float(np.exp(rng.uniform(np.log(0.75), np.log(1.35))))
    window = round(size / scale)
    height, width = sample.image.shape[:2]
    window = min(window, height, width)
    scale = size / window
    x, y = _crop_corner(sample, window, (width, height), rng)
    image = _resized(sample.image[y : y + window, x : x + window], size)
    boxes = (sample.boxes - np.array([x, y, x, y])) * scale
    clipped = np.clip(boxes, 0, size - 1)
    area = np.maximum(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), 1e-6)
    left = np.prod(clipped[:, 2:] - clipped[:, :2], axis=1) / area
    keep = left > 0.02
    boxes, labels = clipped[keep].astype(np.float32), sample.labels[keep]
    ignore = sample.ignore[keep] | (left[keep] < 0.33)
    if rng.random() < 0.5:
        image = np.ascontiguousarray(image[:, ::-1])
        boxes[:, [0, 2]] = size - 1 - boxes[:, [2, 0]]
    return Sample(_disturb(image, rng), boxes, labels, ignore)


def _resized(image: np.ndarray, size: int) -> np.ndarray:
    """Resize a square picture of any number of planes; OpenCV takes no more than four at a time."""
    how = cv2.INTER_AREA if size < len(image) else cv2.INTER_LINEAR
    parts = [image[:, :, at : at + 3] for at in range(0, image.shape[2], 3)]
    return np.dstack([cv2.resize(np.ascontiguousarray(part), (size, size), interpolation=how) for part in parts])


def _crop_corner(sample: Sample, window: int, size: tuple[int, int], rng: np.random.Generator) -> tuple[int, int]:
    """Mostly somewhere with people, the puck or ball; sometimes anywhere, so that crowds are seen too."""
    width, height = size
    pick = rng.random()
    small, goalies = (np.flatnonzero((sample.labels == label) & ~sample.ignore) for label in RARE)
    if pick < 0.45 and len(small):
        box = sample.boxes[small[0]]
    elif pick < 0.65 and len(goalies):
        box = sample.boxes[goalies[0]]
    elif pick < 0.85 and len(sample.boxes):
        box = sample.boxes[int(rng.integers(len(sample.boxes)))]
    else:
        return int(rng.integers(width - window + 1)), int(rng.integers(height - window + 1))
    middle = (box[:2] + box[2:]) / 2 + rng.uniform(-0.45, 0.45, 2) * window
    corner = np.clip(middle - window / 2, 0, [width - window, height - window])
    return int(corner[0]), int(corner[1])


def _disturb(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.25:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, 1.1)))
    if rng.random() < 0.5:
        image = cv2.convertScaleAbs(image, alpha=float(rng.uniform(0.8, 1.2)), beta=float(rng.uniform(-15, 15)))
    if rng.random() < 0.3:
        image = image.copy()  # further planes than blue, green and red have no hue
        hsv = cv2.cvtColor(np.ascontiguousarray(image[:, :, :3]), cv2.COLOR_BGR2HSV)
        hsv[:, :, 0] = (hsv[:, :, 0].astype(int) + int(rng.integers(-12, 13))) % 180
        image[:, :, :3] = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    return image
