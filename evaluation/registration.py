"""Registration against field points that calibration did not use: its error, and whether it knows its error.

What lies between a held-back label and the field is the registration's error and the labeller's. The labeller stated
the second one, but nobody knows how well he clicks; the landmarks of the keyframes, which the same person marked in the
same way, tell (perception.registration.variance, estimated from the keyframes alone). A label's stated variance is that
of a plain click, the smallest that is stated, and of whatever makes this label worse than others (glass in front of it,
two lines that had to be crossed): the first part is replaced by what the keyframes tell, the second one stays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import yaml

from ontologies.field import Field
from records.errors import InputError

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
    """A named point of the field, seen at a pixel."""

    t: float
    landmark: str
    at: tuple[float, float]
    sigma_px: float


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
    """Read ``points: [{t, landmark, at, sigma_px}]``.

    Raises:
        InputError: if the file is missing or a key is.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return tuple(
            FieldPoint(float(row["t"]), row["landmark"], (float(row["at"][0]), float(row["at"][1])),
                       float(row.get("sigma_px", 1.5)))
            for row in content["points"]
        )  # fmt: skip
    except OSError as error:
        raise InputError("cannot read the held-back points", where=str(path)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"held-back points are not complete: {error!r}", where=str(path)) from error


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
    plain = min((point.sigma_px for point in points), default=0.0)
    for point in points:
        view = registration_at(point.t)
        if view is None:
            notes.append(f"{point.t:.2f} s: {point.landmark} is in a lost frame")
            continue
        uv = np.array([point.at])
        off = view.to_field(uv)[0] - np.asarray(field.landmark(point.landmark))[:2]
        jacobian = view.pixel_jacobian(uv)[0]
        spread = view.covariance_at(uv)[0] + jacobian * _click_variance(point, plain, view.mark_px) @ jacobian.T
        squared = float(off @ np.linalg.solve(spread, off))
        errors.append(float(np.hypot(*off)))
        inside += squared <= TWO_SIGMA
        if squared > TWO_SIGMA:
            notes.append(f"{point.t:.2f} s: {point.landmark} is {errors[-1]:.2f} m off, {squared**0.5:.1f} sigma")
    share = inside / len(points) if points else float("nan")
    return RegistrationScore(len(points), len(points) - len(errors), tuple(errors), share, tuple(notes))


def _click_variance(point: FieldPoint, plain: float, found: tuple[float, float] | None) -> np.ndarray:
    """Return the variance (2,) of a label across and down the picture, square pixels."""
    click = np.square((plain, plain) if found is None else found)
    return np.asarray(click + point.sigma_px**2 - plain**2)
