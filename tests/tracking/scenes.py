"""Small made-up footage for the tracker: a flat camera that shows 20 pixels a metre, people as boxes."""

import numpy as np

from records import tables
from tracking.tracker import KIT, Footage, Ground

SCALE, WIDTH, HEIGHT = 20.0, 1280, 720
HOME = np.array([38, 18, -4, 15, 11, 12, 36, 12, -11.0])
AWAY = np.array([55, 6, -1, 15, 2, 3, 52, 5, -3.0])
OFFICIAL = np.array([43, 4, 0, 17, 5, 5, 28, 2, 2.0])


class FlatView:
    """Looks straight at a field of 60 by 30 m whose x runs right and whose y runs up the picture."""

    camera = None

    def to_field(self, uv, z=None):
        return (np.asarray(uv, float) - (WIDTH / 2, HEIGHT / 2)) * (1, -1) / SCALE

    def to_image(self, points):
        return np.asarray(points, float)[:, :2] * (1, -1) * SCALE + (WIDTH / 2, HEIGHT / 2)

    def surface(self, xy):
        return np.zeros(len(xy))


class Rectangle:
    """Signed distance to a rectangle around the origin, positive inside."""

    def __init__(self, x=30.0, y=15.0):
        self.x, self.y = x, y

    def distance(self, x, y):
        return np.minimum(self.x - np.abs(x), self.y - np.abs(y))


GROUND = Ground(Rectangle())


def footage(times, people, seed=0, sigma=0.1, puck=()):
    """Make footage.

    people: list of (path(t) -> (x, y) or None, kit); puck: rows (t, x, y, source, score).
    """
    rng = np.random.default_rng(seed)
    found = {name: [] for name in ("detection", "frame", "t", "kind", "score", "x1", "y1", "x2", "y2", "model")}
    looks = {name: [] for name in ("detection", "t", *KIT, "pixels")}
    placed = {name: [] for name in (
        "t", "frame", "detection", "entity", "kind", "u", "v", "sigma_px", "x", "y", "sxx", "sxy", "syy", "source",
        "score", "person_px",
    )}  # fmt: skip
    view = FlatView()
    for frame, t in enumerate(times):
        for number, (path, kit) in enumerate(people):
            at = path(t)
            if at is None:
                continue
            x, y = np.asarray(at) + rng.normal(0, sigma, 2)
            u, v = view.to_image(np.array([[x, y]]))[0]
            name = f"d{frame:04d}-{number:02d}"
            add(found, (name, frame, t, "unknown", 0.8, u - 8, v - 36, u + 8, v, "made"))
            add(looks, (name, t, *(kit + rng.normal(0, 2, 9)), 100))
            own = sigma**2
            add(placed, (t, frame, name, None, "unknown", u, v, 2.0, x, y, own, 0.0, own, "detector", 0.8, 36.0))
    for t, x, y, source, score in puck:
        frame = int(np.argmin(np.abs(np.asarray(times) - t)))
        add(placed, (t, frame, None, "puck", "puck", 0, 0, 2.0, x, y, 0.04, 0.0, 0.04, source, score, None))
    count = len(times)
    frames = {"frame": range(count), "t": times, "shot": [0] * count, "quality": ["ok"] * count,
              "width": [WIDTH] * count, "height": [HEIGHT] * count}  # fmt: skip
    return Footage(
        tables.table("frames", frames), tables.table("observations", placed), tables.table("detections", found),
        tables.table("appearance", looks), {frame: view for frame in range(count)},
    )  # fmt: skip


def add(columns, values):
    for name, value in zip(columns, values, strict=True):
        columns[name].append(value)
