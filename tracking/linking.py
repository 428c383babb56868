"""Offline: pieces of one person's track are joined over gaps, and doubles are dropped."""

from dataclasses import dataclass

import numpy as np

from tracking import kalman
from tracking.association import Sightings, contained, match
from tracking.smoothing import Path

_APART = 1e6


@dataclass(frozen=True)
class Linking:
    """When two tracks are one.

    Attributes:
        gap_s: longest gap that is bridged.
        gate: greatest squared Mahalanobis distance between the end of one (position and velocity, predicted over the
            gap) and the start of the other.
        speed: greatest mean speed over the gap, unit / s at scale 1.
        acceleration: spectral density of the acceleration in gaps, unit^2 / s^3 at scale 1.
        gap_weight: squared distance that a second of gap counts as.
        kit_scale: difference of two kits (descriptor units) that counts as entirely different.
        kit_weight: squared distance that an entirely different kit counts as.
        double_share: a track is a double if, over this share of its sightings, ...
        double_overlap: ... its box shares this much of the smaller box with that of a longer track, ...
        double_distance: ... and lies within this squared Mahalanobis distance of it.
    """

    gap_s: float = 2.0
    gate: float = 16.0
    speed: float = 9.0
    acceleration: float = 8.0
    gap_weight: float = 1.0
    kit_scale: float = 60.0
    kit_weight: float = 8.0
    double_share: float = 0.6
    double_overlap: float = 0.75
    double_distance: float = 9.0


def link(
    times: np.ndarray, sightings: Sightings, paths: list[Path], labels: np.ndarray, settings: Linking
) -> np.ndarray:
    """Join tracks of one shot that are one person's.

    Args:
        times: instants of the shot, seconds.
        sightings: what was seen.
        paths: the smoothed tracks.
        labels: n, the track of each sighting.
        settings: see Linking.

    Returns:
        New labels; joined tracks take the label of the earliest.
    """
    if len(paths) < 2:
        return labels
    kits = np.array([_median_kit(sightings.kits[path.rows[path.observed]]) for path in paths])
    cost = np.full((len(paths), len(paths)), _APART)
    starts = np.array([times[path.steps[0]] for path in paths])
    for i, path in enumerate(paths):
        gaps = starts - times[path.steps[-1]]
        for j in np.flatnonzero((gaps > 0) & (gaps <= settings.gap_s)):
            scale = float(np.median(sightings.scales[path.rows[path.observed]]))
            squared = _bridge(path, paths[j], gaps[j], scale, settings)
            kit = np.linalg.norm(kits[i] - kits[j]) / settings.kit_scale
            worth = squared + settings.gap_weight * gaps[j]
            worth += settings.kit_weight * min(1.0, 0.0 if np.isnan(kit) else kit) ** 2
            cost[i, j] = worth if worth <= settings.gate else _APART
    new = {path.label: path.label for path in paths}
    for i, j in sorted(match(cost, settings.gate), key=lambda pair: starts[pair[1]]):
        new[paths[j].label] = new[paths[i].label]
    return np.array([new.get(int(label), -1) for label in labels], dtype=int)


def _median_kit(kits: np.ndarray) -> np.ndarray:
    known = kits[~np.isnan(kits).any(axis=1)]
    return np.median(known, axis=0) if len(known) else np.full(kits.shape[1], np.nan)


def _bridge(before: Path, after: Path, gap: float, scale: float, settings: Linking) -> float:
    """Return the squared Mahalanobis distance of two states, the first carried over the gap."""
    densities = np.array([settings.acceleration * scale**2])
    state, covariance = kalman.predict(before.states[-1:], before.covariances[-1:], gap, densities)
    off = after.states[0] - state[0]
    dimensions = len(off) // 2
    moved = np.linalg.norm((after.states[0] - before.states[-1])[: min(2, dimensions)])
    spread = covariance[0] + after.covariances[0]
    if moved > settings.speed * scale * gap + 2 * np.sqrt(spread[0, 0] + spread[1, 1]):
        return _APART
    return float(off @ np.linalg.solve(spread, off))


def doubles(sightings: Sightings, paths: list[Path], settings: Linking) -> set[int]:
    """Return the labels of tracks that follow somebody whom a longer track follows already."""
    boxes_at = [dict(zip(path.steps.tolist(), path.rows.tolist(), strict=True)) for path in paths]
    order = sorted(range(len(paths)), key=lambda i: (-int(paths[i].observed.sum()), paths[i].label))
    found: set[int] = set()
    for place, i in enumerate(order):
        for j in order[:place]:
            if paths[j].label in found:
                continue
            if _same(sightings, paths[j], boxes_at[j], paths[i], settings):
                found.add(paths[i].label)
                break
    return found


def _same(sightings: Sightings, longer: Path, row_at: dict[int, int], shorter: Path, settings: Linking) -> bool:
    """Return whether the shorter track goes where the longer one goes."""
    low, high = longer.steps[0], longer.steps[-1]
    at = [k for k in range(len(shorter.steps)) if shorter.rows[k] >= 0 and low <= shorter.steps[k] <= high]
    needed = settings.double_share * shorter.observed.sum()
    if len(at) < needed:
        return False
    close = 0
    dimensions = shorter.states.shape[1] // 2
    for k in at:
        step = int(shorter.steps[k])
        off = shorter.states[k, :dimensions] - longer.states[step - low, :dimensions]
        spread = (shorter.covariances[k] + longer.covariances[step - low])[:dimensions, :dimensions]
        if off @ np.linalg.solve(spread, off) > settings.double_distance:
            continue
        other = row_at[step]
        boxes = sightings.boxes[[shorter.rows[k], other]]
        close += other < 0 or contained(boxes[:1], boxes[1:])[0, 0] >= settings.double_overlap
    return close >= needed
