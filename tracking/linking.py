"""Offline: pieces of one person's track are joined over gaps, and doubles are dropped."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tracking.association import Sightings, contained, match
from tracking.smoothing import Path

Wears = Callable[[np.ndarray], str | None]
"""(indices of sightings) -> the kit that they show, taken together; None where it is not clear"""

_APART = 1e6


@dataclass(frozen=True)
class Linking:
    """When two tracks are one.

    Attributes:
        gap_s: longest gap that is bridged.
        overlap_s: longest time over which both were seen, one of them as somebody or something else.
        gate: greatest cost: squared Mahalanobis distance over the gap, plus the logarithm of the determinant of its
            covariance at scale 1 (twice the negative log likelihood but for a constant: where anything fits,
            nothing is proved), plus what gap and kit add.
        speed: greatest mean speed over the gap, unit / s at scale 1.
        wander_speed: 1-sigma of each velocity component of somebody who is not seen, unit / s at scale 1.
        wander_s: time over which a velocity is forgotten.
        behind: 1-sigma of how far somebody who is hidden behind another one moves beside that one, unit at scale 1; 0:
            nobody is thought to be hidden.
        gap_weight: squared distance that a second of gap counts as.
        overlap_weight: the same for a second of sightings that have to be given up: one in ten independent ones (a
            detector's mistakes last for 0.2 s) is nobody's, which is 4.6 each.
        kit_scale: distance of two kits (tracking.teams.scaled) that counts as entirely different.
        kit_weight: squared distance that an entirely different kit counts as.
        alone: a box of which no other one shares this much of the smaller one shows one person, and hides none.
        split_kit: a track is cut where the kits before and after are this far apart, and such tracks are never joined.
        split_least: sightings that a side needs for that.
        double_share: a track is a double if, over this share of its sightings, ...
        double_overlap: ... its box shares this much of the smaller box with that of a longer track, ...
        double_distance: ... and lies within this squared Mahalanobis distance of it.
        turn_least: two tracks take turns only if chance would have shown both at once in this many frames, ...
        turn_share: ... and both were seen at once in at most this share of them, ...
        turn_s: ... and sightings that are this close in time share ``double_overlap`` of the smaller box, ...
        turn_agree: ... in this share of them.
    """

    gap_s: float = 2.0
    overlap_s: float = 0.0
    gate: float = 9.0
    speed: float = 9.0
    wander_speed: float = 3.5
    wander_s: float = 1.5
    behind: float = 1.0
    gap_weight: float = 1.0
    overlap_weight: float = 23.0
    kit_scale: float = 2.0
    kit_weight: float = 8.0
    alone: float = 0.2
    split_kit: float = 1.0
    split_least: int = 8
    double_share: float = 0.6
    double_overlap: float = 0.75
    double_distance: float = 9.0
    turn_least: float = 3.0
    turn_share: float = 0.5
    turn_s: float = 0.1
    turn_agree: float = 0.75


def link(
    times: np.ndarray,
    sightings: Sightings,
    paths: list[Path],
    labels: np.ndarray,
    settings: Linking,
    wears: Wears | None = None,
) -> np.ndarray:
    """Join tracks of one shot that are one person's: the set of joints of least total cost.

    A joint saves what it costs less than the gate. The best cover of all tracks by chains is a flow of least cost
    (Zhang, Li and Nevatia 2008), and as every joint is between two tracks, an assignment.

    Args:
        times: instants of the shot, seconds.
        sightings: what was seen.
        paths: the smoothed tracks.
        labels: n, the track of each sighting.
        settings: see Linking.
        wears: who clearly wears different kits is not joined.

    Returns:
        New labels; joined tracks take the label of the earliest. What is given up where two were seen at once gets -1.
    """
    if len(paths) < 2:
        return labels
    kits = np.array([_median_kit(sightings.kits[path.rows[path.observed]]) for path in paths])
    known = np.array([path.observed.sum() >= settings.split_least for path in paths])
    worn = [wears(path.rows[path.observed]) if wears and known[i] else None for i, path in enumerate(paths)]
    starts, ends = (np.array([times[path.steps[end]] for path in paths]) for end in (0, -1))
    lost, found = (_touched(sightings, paths, end, settings) for end in (-1, 0))
    saved = np.zeros((len(paths), len(paths)))
    for i, path in enumerate(paths):
        gaps = starts - ends[i]
        after = (gaps > -settings.overlap_s) & (gaps <= settings.gap_s) & (starts > starts[i]) & (ends > ends[i])
        apart = np.linalg.norm(kits - kits[i], axis=1)
        after &= ~((apart > settings.split_kit) & known & known[i])
        after &= np.array([None in (worn[i], kit) or worn[i] == kit for kit in worn])
        kit = np.minimum(1.0, np.nan_to_num(apart / settings.kit_scale))
        scale = float(np.median(sightings.scales[path.rows[path.observed]]))
        for j in np.flatnonzero(after):
            worth = settings.gap_weight * max(gaps[j], 0.0) + settings.kit_weight * kit[j] ** 2
            others = [paths[k] for k in sorted(lost[i] & found[j])]
            costs = [cost for cost, _, _ in _joints(times, path, paths[j], scale, settings)]
            worth += min(*costs, _hidden(path, paths[j], others, scale, settings))
            saved[i, j] = min(worth - settings.gate, 0.0)
    new = {path.label: path.label for path in paths}
    labels = labels.copy()
    for i, j in sorted(match(saved, 0.0), key=lambda pair: starts[pair[1]]):
        if saved[i, j] < 0:
            scale = float(np.median(sightings.scales[paths[i].rows[paths[i].observed]]))
            _, before, after = min(_joints(times, paths[i], paths[j], scale, settings), key=lambda joint: joint[0])
            for path, kept in ((paths[i], before), (paths[j], after)):
                labels[np.setdiff1d(path.rows[path.observed], kept.rows)] = -1
            new[paths[j].label] = new[paths[i].label]
    return np.array([new.get(int(label), -1) for label in labels], dtype=int)


def part(sightings: Sightings, pieces: np.ndarray, labels: np.ndarray, settings: Linking, wears: Wears) -> np.ndarray:
    """Take joints back where all that is before and all that is after clearly wear different kits.

    One piece is often too short for that; what a whole chain of them shows is not.

    Args:
        sightings: what was seen.
        pieces: n, labels before joining.
        labels: n, labels after joining.
        settings: see Linking.
        wears: which kit sightings show.

    Returns:
        New labels; what is after a joint that is taken back gets the label of its first piece.
    """
    labels = labels.copy()
    waiting = [int(name) for name in np.unique(labels[labels >= 0])]
    while waiting:
        rows = np.flatnonzero(labels == waiting.pop())
        starts = [int(at) for at in np.flatnonzero(np.diff(pieces[rows])) + 1]
        cuts = [(_kit_change(sightings, rows, at), at) for at in starts if _differ(rows, at, settings, wears)]
        if cuts:
            _, at = max(cuts)
            name = int(pieces[rows[at]])
            waiting += [int(labels[rows[0]]), name]
            labels[rows[at:]] = name
    return labels


def _differ(rows: np.ndarray, at: int, settings: Linking, wears: Wears) -> bool:
    """Return whether the sightings before and after a place clearly wear different kits."""
    if min(at, len(rows) - at) < settings.split_least:
        return False
    before, after = wears(rows[:at]), wears(rows[at:])
    return None not in (before, after) and before != after


def _kit_change(sightings: Sightings, rows: np.ndarray, at: int) -> float:
    """Return how much of the scatter of the kits lies between those before and those after a place."""
    known = ~np.isnan(sightings.kits[rows]).any(axis=1)
    before, after = (sightings.kits[some] for some in (rows[:at][known[:at]], rows[at:][known[at:]]))
    if not len(before) or not len(after):
        return 0.0
    apart = before.mean(axis=0) - after.mean(axis=0)
    return float(len(before) * len(after) / (len(before) + len(after)) * (apart @ apart))


def _joints(
    times: np.ndarray, before: Path, after: Path, scale: float, settings: Linking
) -> list[tuple[float, Path, Path]]:
    """Return the ways to join two tracks, each with its cost: as they are, or one cut back where both were seen."""
    gap = times[after.steps[0]] - times[before.steps[-1]]
    if gap > 0:
        return [(_bridge(before, after, gap, scale, settings), before, after)]
    found = []
    early, late = before.steps < after.steps[0], after.steps > before.steps[-1]
    for one, two in ((before.taken(early & before.observed), after), (before, after.taken(late & after.observed))):
        if len(one.steps) and len(two.steps):
            gap = times[two.steps[0]] - times[one.steps[-1]]
            lost = settings.overlap_weight * (times[before.steps[-1]] - times[after.steps[0]])
            found.append((lost + _bridge(one, two, gap, scale, settings), one, two))
    return found or [(_APART, before, after)]


def _touched(sightings: Sightings, paths: list[Path], end: int, settings: Linking) -> list[set[int]]:
    """Return for every track which others have a box that touches its own at its first (0) or last instant (-1)."""
    owner = np.full(len(sightings.step), -1)
    for k, path in enumerate(paths):
        owner[path.rows[path.observed]] = k
    found = []
    for k, path in enumerate(paths):
        row = int(path.rows[end])
        low, high = np.searchsorted(sightings.step, [sightings.step[row], sightings.step[row] + 1])
        rows = low + np.flatnonzero((owner[low:high] >= 0) & (owner[low:high] != k))
        shared = contained(sightings.boxes[[row]], sightings.boxes[rows])[0]
        found.append({int(owner[other]) for other in rows[shared >= settings.alone]})
    return found


def _hidden(before: Path, after: Path, others: list[Path], scale: float, settings: Linking) -> float:
    """Return how badly two tracks fit if who is lost at the end of one is behind somebody else until the other starts.

    Who disappears behind somebody and appears from behind the same one was there all the time, wherever those two went.
    ``others`` are the tracks whose boxes touch both ends.
    """
    best = _APART
    first, last = before.steps[-1], after.steps[0]
    for other in others:
        if settings.behind and other.steps[0] <= first < last <= other.steps[-1]:
            ends = [(before, -1, first - other.steps[0]), (after, 0, last - other.steps[0])]
            best = min(best, _beside(ends, other, scale, settings))
    return best


def _beside(ends: list[tuple[Path, int, int]], other: Path, scale: float, settings: Linking) -> float:
    """Return the cost of a joint of two tracks whose places beside a third one are compared."""
    dimensions = other.states.shape[1] // 2
    places = [path.states[end, :dimensions] - other.states[at, :dimensions] for path, end, at in ends]
    spread = (settings.behind * scale) ** 2 * np.eye(dimensions)
    for path, end, at in ends:
        spread += path.covariances[end, :dimensions, :dimensions] + other.covariances[at, :dimensions, :dimensions]
    off = places[1] - places[0]
    return float(off @ np.linalg.solve(spread, off) + np.linalg.slogdet(spread / scale**2)[1])


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


def turns(times: np.ndarray, sightings: Sightings, labels: np.ndarray, settings: Linking) -> np.ndarray:
    """Join tracks that are seen in turns: boxes of one person that end at the feet now and at the knees then.

    Two people who overlap in the picture are seen together as often as chance has it, or the nearer one all the time.
    One person under two tracks is seen as the one or as the other.

    Returns:
        New labels; joined tracks take the smaller label. Where both were seen at once, the weaker sighting gets -1.
    """
    labels = labels.copy()
    names = range(labels.max(initial=-1) + 1)
    rows_of = {name: np.flatnonzero(labels == name) for name in names}
    for second in names:
        for first in range(second):
            one, two = rows_of[first], rows_of[second]
            if len(one) and len(two) and _take_turns(times, sightings, one, two, settings):
                rows = np.concatenate([one, two])
                order = np.lexsort((-sightings.scores[rows], sightings.step[rows]))
                _, best = np.unique(sightings.step[rows[order]], return_index=True)
                labels[rows] = -1
                rows_of[first], rows_of[second] = rows[order[best]], rows[:0]
                labels[rows_of[first]] = first
                break
    return labels


def _take_turns(times: np.ndarray, sightings: Sightings, one: np.ndarray, two: np.ndarray, settings: Linking) -> bool:
    """Return whether two tracks, given by their sightings in order of time, are one person's."""
    low, high = (sightings.step[[one[end], two[end]]] for end in (0, -1))
    one, two = (rows[(sightings.step[rows] >= low.max()) & (sightings.step[rows] <= high.min())] for rows in (one, two))
    by_chance = len(one) * len(two) / max(high.min() - low.max() + 1, 1)
    at_once = len(np.intersect1d(sightings.step[one], sightings.step[two]))
    if by_chance < settings.turn_least or at_once > settings.turn_share * by_chance:
        return False
    if np.linalg.norm(_median_kit(sightings.kits[one]) - _median_kit(sightings.kits[two])) > settings.split_kit:
        return False
    apart = np.abs(times[sightings.step[one]][:, None] - times[sightings.step[two]][None])
    shared = contained(sightings.boxes[one], sightings.boxes[two])
    near = [(apart.argmin(axis=axis), axis) for axis in (0, 1)]
    gaps = np.concatenate([np.take_along_axis(apart, np.expand_dims(at, axis), axis).ravel() for at, axis in near])
    held = np.concatenate([np.take_along_axis(shared, np.expand_dims(at, axis), axis).ravel() for at, axis in near])
    held = held[gaps <= settings.turn_s] >= settings.double_overlap
    return len(held) >= settings.turn_least and bool(held.mean() >= settings.turn_agree)


def doubles(sightings: Sightings, paths: list[Path], settings: Linking) -> set[int]:
    """Return the labels of tracks that follow somebody whom a longer track follows already."""
    order = sorted(range(len(paths)), key=lambda i: (-int(paths[i].observed.sum()), paths[i].label))
    found: set[int] = set()
    for place, i in enumerate(order):
        for j in order[:place]:
            if paths[j].label in found:
                continue
            if _same(sightings, paths[j], paths[i], settings):
                found.add(paths[i].label)
                break
    return found


def _same(sightings: Sightings, longer: Path, shorter: Path, settings: Linking) -> bool:
    """Return whether the shorter track goes where the longer one goes."""
    low, high = longer.steps[0], longer.steps[-1]
    at = np.flatnonzero(shorter.observed & (shorter.steps >= low) & (shorter.steps <= high))
    needed = settings.double_share * shorter.observed.sum()
    if len(at) < needed:
        return False
    dimensions = shorter.states.shape[1] // 2
    there = shorter.steps[at] - low
    off = (shorter.states[at] - longer.states[there])[:, :dimensions]
    spread = (shorter.covariances[at] + longer.covariances[there])[:, :dimensions, :dimensions]
    squared = (off * np.linalg.solve(spread, off[..., None])[..., 0]).sum(axis=1)
    other = longer.rows[there]
    shared = _contained_pairs(sightings.boxes[shorter.rows[at]], sightings.boxes[other])
    close = (squared <= settings.double_distance) & ((other < 0) | (shared >= settings.double_overlap))
    return bool(close.sum() >= needed)


def _contained_pairs(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the intersection over the smaller box of N pairs of boxes."""
    sides = np.clip(np.minimum(first, second)[:, 2:] - np.maximum(first, second)[:, :2], 0.0, None)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    return sides.prod(axis=1) / np.maximum(np.minimum(*areas), 1e-9)
