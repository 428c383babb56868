"""Registration against field points that calibration did not use: its error, and whether it knows its error.

What lies between a held-back label and the field is the registration's error, the labeller's, and that of the paint,
which is not quite where the book has it and on ground that is not quite of the modelled shape.

The labeller's error is measured by marking points twice, the second time without sight of the first: the label is the
mean of both, and half of what the two usually differ by is the error of that mean, whichever was marked better. How far
landmarks seem to be from their places in the keyframes, which were marked once (perception.registration.variance), is
the labeller's error and the paint's together; what is beyond the first is the second.

Where a point was marked once, the two cannot be told apart. Its stated variance is that of a plain click, the smallest
that is stated, and of whatever makes this label worse than others: the first part is replaced by what the keyframes
tell.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import yaml

from ontologies.field import Field
from records.errors import InputError

MANY = 10  # differences from which the median tells the spread
MEDIAN_TO_SIGMA = 1.4826  # of a normal distribution
TWO_SIGMA = 6.18  # squared Mahalanobis distance within which 95.4 % of two-dimensional normal errors lie


class Registration(Protocol):
    """One registered frame (perception.registration.project)."""

    @property
    def mark_px(self) -> tuple[float, float] | None:
        """1-sigma of a click across and down the picture, as the keyframes tell; None where they do not."""

    def to_field(self, uv: np.ndarray) -> np.ndarray:
        """Map pixels N x 2 to the ground N x 2."""

    def covariance_at(self, uv: np.ndarray) -> np.ndarray:
        """Return the covariance N x 2 x 2 that the registration gives to ground points."""

    def pixel_jacobian(self, uv: np.ndarray) -> np.ndarray:
        """Return metres on the ground per pixel, N x 2 x 2."""


@dataclass(frozen=True)
class FieldPoint:
    """A named point of the field, seen at a pixel.

    Attributes:
        t: seconds.
        landmark: its name.
        at: the pixel, the mean of both where it was marked twice.
        sigma_px: 1-sigma of the label as it was stated.
        measured_px: 1-sigma across and down the picture where it was marked twice.
    """

    t: float
    landmark: str
    at: tuple[float, float]
    sigma_px: float = 1.5
    measured_px: tuple[float, float] | None = None


@dataclass(frozen=True)
class RegistrationScore:
    """Errors of held-back points.

    Attributes:
        points: how many there are.
        lost: how many lie in frames without registration.
        errors_m: distances on the field of the others.
        inside: share of all points inside their own 2-sigma region; a lost one is not.
        notes: each point outside its region, in a line.
    """

    points: int
    lost: int
    errors_m: tuple[float, ...]
    inside: float
    notes: tuple[str, ...]

    @property
    def median_m(self) -> float:
        """Median error; a lost point counts as infinitely far off."""
        values = (*self.errors_m, *([float("inf")] * self.lost))
        return float(np.median(values)) if values else float("nan")


def read_points(path: str | Path) -> tuple[FieldPoint, ...]:
    """Read ``points: [{t, landmark, at, sigma_px}]``; with ``again``, a second mark, ``sigma_px`` is a pair.

    Raises:
        InputError: if the file is missing or a key is.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return tuple(_point(row) for row in content["points"])
    except OSError as error:
        raise InputError("cannot read the held-back points", where=str(path)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"held-back points are not complete: {error!r}", where=str(path)) from error


def _point(row: Mapping[str, Any]) -> FieldPoint:
    t, landmark, (u, v) = float(row["t"]), row["landmark"], map(float, row["at"])
    if "again" not in row:
        return FieldPoint(t, landmark, (u, v), float(row.get("sigma_px", 1.5)))
    other_u, other_v = map(float, row["again"])
    across, down = map(float, row["sigma_px"])
    return FieldPoint(t, landmark, ((u + other_u) / 2, (v + other_v) / 2), measured_px=(across, down))


def twice_marked_error(differences: np.ndarray) -> np.ndarray:
    """Return the 1-sigma (2,) of the mean of two marks, across and down the picture, pixels.

    The mean of two marks with the variances a and b has the variance (a + b) / 4, a quarter of that of their
    difference. Of ten points and more the median speaks, so that a mistaken one does not.

    Args:
        differences: N x 2 pixels between the marks of points of one kind.
    """
    if len(differences) >= MANY:
        spread = MEDIAN_TO_SIGMA * np.median(np.abs(differences), axis=0)
    else:
        spread = np.sqrt(np.mean(np.square(differences), axis=0))
    return np.asarray(spread / 2)


def held_back(
    points: tuple[FieldPoint, ...], field: Field, registration_at: Callable[[float], Registration | None]
) -> RegistrationScore:
    """Compare the registration with held-back points.

    Args:
        points: where named points of the field are seen.
        field: the geometry.
        registration_at: t -> the registration of that frame, None when it is lost.
    """
    errors, inside, notes = [], 0, []
    plain = min((point.sigma_px for point in points if point.measured_px is None), default=0.0)
    for point in points:
        view = registration_at(point.t)
        if view is None:
            notes.append(f"{point.t:.2f} s: {point.landmark} is in a lost frame")
            continue
        uv = np.array([point.at])
        off = view.to_field(uv)[0] - np.asarray(field.landmark(point.landmark))[:2]
        jacobian = view.pixel_jacobian(uv)[0]
        spread = view.covariance_at(uv)[0] + jacobian * _label_variance(point, plain, view.mark_px) @ jacobian.T
        squared = float(off @ np.linalg.solve(spread, off))
        errors.append(float(np.hypot(*off)))
        inside += squared <= TWO_SIGMA
        if squared > TWO_SIGMA:
            notes.append(f"{point.t:.2f} s: {point.landmark} is {errors[-1]:.2f} m off, {squared**0.5:.1f} sigma")
    share = inside / len(points) if points else float("nan")
    return RegistrationScore(len(points), len(points) - len(errors), tuple(errors), share, tuple(notes))


def _label_variance(point: FieldPoint, plain: float, found: tuple[float, float] | None) -> np.ndarray:
    """Return the variance (2,) of a label and its paint across and down the picture, square pixels."""
    if point.measured_px is not None:
        mean = np.square(point.measured_px)
        paint = 0.0 if found is None else np.maximum(np.square(found) - 2.0 * mean, 0.0)  # one mark is worse than two
        return np.asarray(mean + paint)
    click = np.square((plain, plain) if found is None else found)
    return np.asarray(click + point.sigma_px**2 - plain**2)
