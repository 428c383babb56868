"""Which side a person plays for, by the colours of the kit, decided per track.

Every sighting of a track gives a kit descriptor (perception.kits: torso L a b, their spread, trousers L a b). A track's
kit is their median over the clean sightings. Prototypes come from persons or shirt colours that somebody named, else
from clustering; they are refined on the tracks near them. A track whose kit is not clearly nearest to one prototype
stays unknown: a wrong team costs more than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

OFFICIAL = "official"
TEAMS = ("home", "away")
_SCALES = np.array([9.0, 4.0, 6.0, 5.0, 4.0, 5.0, 8.0, 4.0, 7.0])  # what matters, within one kit
_WEIGHTS = np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 1.0, 0.6, 0.6])
_MISFIT = 2.0  # scales: further than this a track wears no known kit
_WITHIN = 0.5  # scales: 1-sigma of one sighting around its kit
_CLEARLY = 0.6  # ratio of distances up to which a track helps to refine a kit
_STRIPES = np.array([43.0, 4.0, 0.0, 17.0, 5.0, 5.0, 27.0, 2.0, 2.0])  # black and white shirt, black trousers


@dataclass(frozen=True)
class Teams:
    """When a kit is clear.

    Attributes:
        ratio: distance to the nearest kit over that to the second above which a track is unknown.
        far: distance to the nearest kit, in scales, above which a track is unknown.
        least: sightings that a track needs.
        rounds: how often the prototypes are refined.
        second_look: whether people are tracked again once the kits are known, with them as a sharper cue.
        striped_officials: whether officials wear black and white stripes unless somebody names them.
    """

    ratio: float = 0.75
    far: float = 3.5
    least: int = 3
    rounds: int = 3
    second_look: bool = True
    striped_officials: bool = True


@dataclass(frozen=True)
class Vote:
    """The kit of one track.

    Attributes:
        kit: ``home``, ``away``, ``official``, or ``kit_a``, ``kit_b`` where nobody said which is which; None: unclear.
        ratio: distance to this kit over that to the next one, 0 (clear) to 1.
    """

    kit: str | None
    ratio: float

    @property
    def team(self) -> str | None:
        """``home`` or ``away``, None when unknown or not a player."""
        return self.kit if self.kit in TEAMS else None


def track_kit(kits: np.ndarray, clean: np.ndarray) -> np.ndarray:
    """Return the median descriptor of a track.

    Args:
        kits: n x 9, NaN where nothing was seen.
        clean: n, whether the box was free of others; used alone if there are at least three such.
    """
    known = ~np.isnan(kits).any(axis=1)
    use = known & clean if (known & clean).sum() >= 3 else known
    return np.median(kits[use], axis=0) if use.any() else np.full(kits.shape[1], np.nan)


def scaled(kits: np.ndarray) -> np.ndarray:
    """Return descriptors (... x 9) in scales, so that the norm of a difference is the distance of two kits."""
    return kits * np.sqrt(_WEIGHTS / _WEIGHTS.sum()) / _SCALES


def distance(kits: np.ndarray, prototype: np.ndarray) -> np.ndarray:
    """Return how far N descriptors (N x 9) are from a prototype, in scales; its NaN features do not count."""
    known = ~np.isnan(prototype)
    off = (kits[:, known] - prototype[known]) / _SCALES[known]
    weights = _WEIGHTS[known]
    return np.sqrt((off**2 * weights).sum(axis=1) / weights.sum())


def vote(
    kits: Mapping[str, np.ndarray],
    counts: Mapping[str, int],
    settings: Teams,
    examples: Mapping[str, list[np.ndarray]] | None = None,
) -> tuple[dict[str, Vote], dict[str, np.ndarray]]:
    """Decide the kit of every track.

    Args:
        kits: entity -> descriptor of the track (9, may be NaN).
        counts: entity -> number of sightings.
        settings: see Teams.
        examples: ``home``, ``away``, ``official`` -> descriptors that somebody named; a shirt colour has NaN beyond
            L, a, b.

    Returns:
        entity -> vote, and kit -> prototypes M x 9 that were compared with.
    """
    usable = sorted(name for name in kits if not np.isnan(kits[name]).any() and counts[name] >= settings.least)
    table = np.array([kits[name] for name in usable]).reshape(-1, len(_SCALES))
    weights = np.sqrt([counts[name] for name in usable])
    prototypes = _named(examples or {})
    if settings.striped_officials:
        prototypes.setdefault(OFFICIAL, _STRIPES[None])
    if not any(name in prototypes for name in TEAMS):
        prototypes.update(_clusters(table, weights, prototypes.get(OFFICIAL)))
    result = {name: Vote(None, 1.0) for name in kits}
    if len(table) and len(prototypes) > 1:
        prototypes = _refine(table, prototypes, settings)
        result.update(zip(usable, _decide(table, prototypes, settings), strict=True))
    return result, prototypes


def clear_kit(kit: np.ndarray, prototypes: Mapping[str, np.ndarray], settings: Teams) -> str | None:
    """Return the kit that a descriptor (9) clearly shows, None where it is not clear."""
    if np.isnan(kit).any() or len(prototypes) < 2:
        return None
    return _decide(kit[None], prototypes, settings)[0].kit


def likeness(kits: np.ndarray, prototypes: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return how much each of N sightings looks like each kit, N x K, on the scale of ``scaled``.

    Softer than a decision, harder than colours: shade, glass and pose move the colours of one kit a long way, but
    rarely towards the other. Two sightings that are clearly of different kits are 2 apart.
    """
    far = np.array([np.min([distance(kits, row) for row in prototypes[name]], axis=0) for name in sorted(prototypes)])
    odds = np.exp(-0.5 * (far**2 - far.min(axis=0) ** 2) / _WITHIN**2)
    return np.sqrt(2.0) * (odds / odds.sum(axis=0)).T


def _named(examples: Mapping[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    """Return kit -> prototypes: the median of its examples, then each of them."""
    result = {}
    for name in sorted(examples):
        stack = np.array([kit for kit in examples[name] if not np.isnan(kit[:3]).any()])
        if len(stack):
            full = stack[~np.isnan(stack).any(axis=1)]
            stack = full if len(full) else stack
            result[name] = np.vstack([np.median(stack, axis=0), stack])
    return result


def _clusters(table: np.ndarray, weights: np.ndarray, official: np.ndarray | None) -> dict[str, np.ndarray]:
    """Choose the two tracks whose kits, with the officials', explain all tracks best; the lighter one is ``kit_a``.

    Every pair is tried (no seed, no start value), and a track that fits no kit costs no more than ``_MISFIT``.
    """
    count = len(table)
    if count < 2:
        return {}
    apart = np.minimum(np.array([distance(table, one) for one in table]), _MISFIT)
    rest = np.full(count, _MISFIT) if official is None else np.minimum(distance(table, official[0]), _MISFIT)
    first, second = np.triu_indices(count, 1)
    cost = (np.minimum(np.minimum(apart[first], apart[second]), rest) * weights).sum(axis=1)
    best = int(np.argmin(cost))
    pair = sorted((table[first[best]], table[second[best]]), key=lambda kit: -kit[0])
    return {"kit_a": pair[0][None], "kit_b": pair[1][None]}


def _refine(table: np.ndarray, prototypes: dict[str, np.ndarray], settings: Teams) -> dict[str, np.ndarray]:
    """Move each kit's first prototype half way to the median of the tracks that are clearly its own.

    Half way, from where it started, so that a kit cannot wander off to another one.
    """
    start = {name: rows[0] for name, rows in prototypes.items()}
    for _ in range(settings.rounds):
        votes = _decide(table, prototypes, settings)
        moved = {}
        for name, rows in prototypes.items():
            own = table[[each.kit == name and each.ratio <= _CLEARLY for each in votes]]
            middle = np.median(own, axis=0) if len(own) >= 2 else start[name]
            blend = np.where(np.isnan(start[name]), middle, (start[name] + middle) / 2)
            moved[name] = np.vstack([blend if len(own) >= 2 else start[name], rows[1:]])
        prototypes = moved
    return prototypes


def _decide(table: np.ndarray, prototypes: Mapping[str, np.ndarray], settings: Teams) -> list[Vote]:
    names = sorted(prototypes)
    far = np.array([np.min([distance(table, row) for row in prototypes[name]], axis=0) for name in names])
    order = np.argsort(far, axis=0, kind="stable")
    columns = np.arange(len(table))
    nearest, second = far[order[0], columns], far[order[1], columns]
    ratio = nearest / np.maximum(second, 1e-9)
    clear = (ratio <= settings.ratio) & (nearest <= settings.far)
    return [Vote(names[order[0, i]] if clear[i] else None, float(ratio[i])) for i in range(len(table))]
