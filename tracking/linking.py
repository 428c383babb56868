"""Offline: pieces of one person's track are joined over gaps, and doubles are dropped."""

from dataclasses import dataclass

import numpy as np

from tracking.association import Sightings, contained, match
from tracking.smoothing import Path

_APART = 1e6


@dataclass(frozen=True)
class Linking:
    """When two tracks are one.

    Attributes:
        gap_s: longest gap that is bridged.
        gate: greatest cost: squared Mahalanobis distance over the gap, plus the logarithm of the determinant of its
            covariance at scale 1 (twice the negative log likelihood but for a constant: where anything fits,
            nothing is proved), plus what gap and kit add.
        speed: greatest mean speed over the gap, unit / s at scale 1.
        wander_speed: 1-sigma of each velocity component of somebody who is not seen, unit / s at scale 1.
        wander_s: time over which a velocity is forgotten.
        gap_weight: squared distance that a second of gap counts as.
        kit_scale: distance of two kits (tracking.teams.scaled) that counts as entirely different.
        kit_weight: squared distance that an entirely different kit counts as.
        split_kit: a track is cut where the kits before and after are this far apart, and such tracks are never joined.
        split_least: sightings that a side needs for that.
        double_share: a track is a double if, over this share of its sightings, ...
        double_overlap: ... its box shares this much of the smaller box with that of a longer track, ...
        double_distance: ... and lies within this squared Mahalanobis distance of it.
    """

    gap_s: float = 2.0
    gate: float = 9.0
    speed: float = 9.0
    wander_speed: float = 3.5
    wander_s: float = 1.5
    gap_weight: float = 1.0
    kit_scale: float = 2.0
    kit_weight: float = 8.0
    split_kit: float = 1.0
    split_least: int = 8
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
    known = np.array([path.observed.sum() >= settings.split_least for path in paths])
    starts = np.array([times[path.steps[0]] for path in paths])
    for i, path in enumerate(paths):
        gaps = starts - times[path.steps[-1]]
        for j in np.flatnonzero((gaps > 0) & (gaps <= settings.gap_s)):
            scale = float(np.median(sightings.scales[path.rows[path.observed]]))
            squared = _bridge(path, paths[j], gaps[j], scale, settings)
            apart = np.linalg.norm(kits[i] - kits[j])
            if apart > settings.split_kit and known[i] and known[j]:
                continue
            kit = apart / settings.kit_scale
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
    """Return how badly the end of one track and the start of another fit over a gap.

    Both velocities are followed for half the gap and forgotten on the way (Ornstein-Uhlenbeck): after a second or two
    out of sight, where somebody was heading says little.
    """
    dimensions = after.states.shape[1] // 2
    moved = np.linalg.norm((after.states[0] - before.states[-1])[: min(2, dimensions)])
    half = gap / 2 / settings.wander_s
    reach = settings.wander_s * -np.expm1(-half)
    wander = (settings.wander_speed * scale * settings.wander_s) ** 2
    wander *= 2 * half - 3 + 4 * np.exp(-half) - np.exp(-2 * half)
    ahead = np.hstack([np.eye(dimensions), reach * np.eye(dimensions)])
    back = np.hstack([np.eye(dimensions), -reach * np.eye(dimensions)])
    off = back @ after.states[0] - ahead @ before.states[-1]
    spread = ahead @ before.covariances[-1] @ ahead.T + back @ after.covariances[0] @ back.T
    spread += 2 * wander * np.eye(dimensions)
    if moved > settings.speed * scale * gap + 2 * np.sqrt(spread[0, 0] + spread[1, 1]):
        return _APART
    return float(off @ np.linalg.solve(spread, off) + np.linalg.slogdet(spread / scale**2)[1])


def split(sightings: Sightings, labels: np.ndarray, settings: Linking) -> np.ndarray:
    """Cut tracks where the kit changes: there two people of different teams were taken for one.

    Returns:
        New labels; the later part of a cut track gets a label of its own.
    """
    labels = labels.copy()
    waiting = list(range(labels.max(initial=-1) + 1))
    while waiting:
        name = waiting.pop()
        rows = np.flatnonzero((labels == name) & ~np.isnan(sightings.kits).any(axis=1))
        cut = _change(sightings.kits[rows], settings)
        if cut is not None:
            new = labels.max() + 1
            labels[(labels == name) & (np.arange(len(labels)) >= rows[cut])] = new
            waiting += [name, int(new)]
    return labels


def _change(kits: np.ndarray, settings: Linking) -> int | None:
    """Return where a sequence of kits (n x K) falls into two different ones, or None."""
    count, least = len(kits), settings.split_least
    if count < 2 * least:
        return None
    total, squares = np.cumsum(kits, axis=0), np.cumsum((kits**2).sum(axis=1))
    first = np.arange(least, count - least + 1)
    before, after = total[first - 1], total[-1] - total[first - 1]
    inner = squares[-1] - (before**2).sum(axis=1) / first - (after**2).sum(axis=1) / (count - first)
    cut = int(first[np.argmin(inner)])
    apart = np.linalg.norm(np.median(kits[:cut], axis=0) - np.median(kits[cut:], axis=0))
    return cut if apart > settings.split_kit else None


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
