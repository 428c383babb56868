"""Where broadcast cameras stand and how they look: from published homographies, and as footage is drawn.

Zhang (2000): a plane seen by a camera with square pixels and a known principal point gives two equations for the focal
length, and then the pose. With both solved by least squares a view that is nearly straight on stays usable.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.io import loadmat

from ontologies import registry
from perception.registration.camera import angles
from records.units import FT, YD
from simulation.camera import View
from simulation.clips import Clip
from simulation.plays.registry import cases, draw

Matrix = NDArray[np.float64]

HD = (1280, 720)
QUANTITIES = ("height_m", "behind_m", "aside_m", "view_deg", "pan_deg", "tilt_deg", "roll_deg")
LOW, HIGH = 10, 90  # percentiles


@dataclass(frozen=True)
class Pose:
    """A camera.

    Attributes:
        centre: field metres, shape (3,).
        fx: focal length, pixels.
        pan: radians, 0 looks along +y, positive turns to +x.
        tilt: radians, positive looks down.
        roll: radians, positive turns the picture clockwise.
        width: of the picture, pixels.
    """

    centre: Matrix
    fx: float
    pan: float
    tilt: float
    roll: float
    width: int

    def quantities(self, half_width_m: float) -> dict[str, float]:
        """Return ``QUANTITIES``: metres above, behind the near touchline and from the middle line, and degrees."""
        degrees = np.degrees([2 * np.arctan(self.width / 2 / self.fx), self.pan, self.tilt, self.roll])
        view, pan, tilt, roll = (float(one) for one in degrees)
        x, y, z = (float(one) for one in self.centre)
        values = (z, -y - half_width_m, abs(x), view, abs(pan), tilt, abs(roll))
        return dict(zip(QUANTITIES, values, strict=True))


def pose_of(homography: Matrix, size: tuple[int, int]) -> Pose | None:
    """Return the camera of a homography.

    Args:
        homography: field metres to pixels, shape (3, 3), y away from the camera.
        size: width and height of the picture, whose middle is the principal point, pixels.

    Returns:
        None where no camera above the field has it.
    """
    middle = np.array([[1, 0, -(size[0] - 1) / 2], [0, 1, -(size[1] - 1) / 2], [0, 0, 1.0]]) @ homography
    (a, d), (b, e), (c, g) = middle[:, :2]
    known = np.array([a * d + b * e, a * a + b * b - d * d - e * e])
    inverse_square = -float(known @ np.array([c * g, c * c - g * g])) / float(known @ known)
    if inverse_square <= 0:
        return None
    fx = inverse_square**-0.5
    columns = np.diag([1 / fx, 1 / fx, 1.0]) @ middle
    scale = float(np.linalg.norm(columns[:, :2], axis=0).mean())
    for sign in (1.0, -1.0):
        first, second, shift = (sign * columns / scale).T
        u, _, vt = np.linalg.svd(np.column_stack([first, second, np.cross(first, second)]))
        turn = u @ vt
        centre = -turn.T @ shift
        if centre[2] > 0:
            pan, tilt, roll = angles(turn)  # a head that leans clockwise turns the picture the other way
            return Pose(centre, fx, pan, tilt, -roll, size[0])
    return None


def published(data: Path) -> Mapping[str, list[Pose]]:
    """Return the cameras of the published homographies by sport, those that have one.

    Args:
        data: folder of the real data, with ``registration/hockey_bsi`` and ``registration/worldcup2014``.
    """
    return {"hockey": _hockey(data / "registration"), "soccer": _soccer(data / "registration")}


def _hockey(folder: Path) -> list[Pose]:
    """From parts of the picture to parts of a rink of 200 by 85 feet, y down in both."""
    rink = np.array([[200 * FT, 0, -100 * FT], [0, -85 * FT, 42.5 * FT], [0, 0, 1]])
    picture = np.diag([1 / HD[0], 1 / HD[1], 1.0])
    with (folder / "hockey_bsi" / "homographies_norm.csv").open(newline="") as source:
        rows = [[float(row[f"h{i}{j}"]) for i in range(3) for j in range(3)] for row in csv.DictReader(source)]
    found = (pose_of(np.linalg.inv(rink @ np.reshape(row, (3, 3)) @ picture), HD) for row in rows)
    return [pose for pose in found if pose is not None]


def _soccer(folder: Path) -> list[Pose]:
    """From a template of 115 by 74 yards, y down, to pixels."""
    template = np.linalg.inv(np.array([[YD, 0, -57.5 * YD], [0, -YD, 37 * YD], [0, 0, 1]]))
    listed = loadmat(str(folder / "worldcup2014" / "train_val.mat"))["annotation"][0]
    found = (pose_of(np.asarray(one["homography"], float) @ template, HD) for one in listed)
    return [pose for pose in found if pose is not None]


def drawn(domain: str, camera: str, count: int) -> list[Pose]:
    """Return cameras as footage is drawn with them: one instant of a play of each seed.

    Args:
        domain: the sport.
        camera: one that it has.
        count: how many.
    """
    names = sorted(cases(domain))
    poses = []
    for seed in range(count):
        clip = Clip(draw(domain, names[seed % len(names)], None, seed), camera, seed)
        poses.append(_pose_of_view(clip.view_at(len(clip.play.t) * (seed % 7) // 7)))
    return poses


def _pose_of_view(view: View) -> Pose:
    return Pose(np.asarray(view.centre), view.fx, view.pan, view.tilt, view.roll, view.width)


def half_width(domain: str) -> float:
    """Return half the width of a sport's field, metres."""
    return registry.field(domain).width_m / 2


def spread(poses: list[Pose], domain: str) -> dict[str, tuple[float, float, float]]:
    """Return the 10th percentile, the median and the 90th percentile of each of ``QUANTITIES``."""
    rows = [pose.quantities(half_width(domain)) for pose in poses]
    found = {}
    for name in QUANTITIES:
        low, middle, high = np.percentile([row[name] for row in rows], (LOW, 50, HIGH))
        found[name] = (float(low), float(middle), float(high))
    return found
