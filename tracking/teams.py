"""Which side a person plays for, by the colours of the kit, decided per track.

Every sighting of a track gives a kit descriptor (perception.kits: torso L a b, their spread, legs L a b). A track's kit
is their median over the clean sightings. Prototypes come from persons or shirt colours that somebody named, else
from clustering; they are refined on the tracks near them. A track whose kit is not clearly nearest to one prototype stays
unknown: a wrong team costs more than none.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

OFFICIAL = "official"
TEAMS = ("home", "away")
_SCALES = np.array([9.0, 5.0, 7.0, 6.0, 4.0, 4.0, 10.0, 5.0, 7.0])  # descriptor units that matter, within one kit
_WEIGHTS = np.array([1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.6, 0.6, 0.6])
_STRIPES = np.array([42.0, 2.0, 0.0, 17.0, 6.0, 8.0, 29.0, 1.0, 2.0])  # black and white shirt, black trousers


@dataclass(frozen=True)
class Teams:
    """When a kit is clear.

    Attributes:
        ratio: distance to the nearest kit over that to the second above which a track is unknown.
        far: distance to the nearest kit, in scales, above which a track is unknown.
        least: sightings that a track needs.
        rounds: how often the prototypes are refined.
        striped_officials: whether officials wear black and white stripes unless somebody names them.
    """

    ratio: float = 0.8
    far: float = 3.5
    least: int = 3
    rounds: int = 3
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
) -> dict[str, Vote]:
    """Decide the kit of every track.

    Args:
        kits: entity -> descriptor of the track (9, may be NaN).
        counts: entity -> number of sightings.
        settings: see Teams.
        examples: ``home``, ``away``, ``official`` -> descriptors that somebody named; a shirt colour has NaN beyond L, a, b.

    Returns:
        entity -> vote.
    """
    usable = sorted(name for name in kits if not np.isnan(kits[name]).any() and counts[name] >= settings.least)
    table = np.array([kits[name] for name in usable]).reshape(-1, len(_SCALES))
    prototypes = _named(examples or {})
    if settings.striped_officials:
        prototypes.setdefault(OFFICIAL, _STRIPES)
    if not any(name in prototypes for name in TEAMS):
        prototypes.update(_clusters(table, prototypes.get(OFFICIAL)))
    result = {name: Vote(None, 1.0) for name in kits}
    if len(table) and len(prototypes) > 1:
        result.update(zip(usable, _decide(table, _refine(table, prototypes, settings), settings), strict=True))
    return result


def _named(examples: Mapping[str, list[np.ndarray]]) -> dict[str, np.ndarray]:
    result = {}
    for name in sorted(examples):
        stack = np.array([kit for kit in examples[name] if not np.isnan(kit[:3]).any()])
        if len(stack):
            full = stack[~np.isnan(stack).any(axis=1)]
            result[name] = np.median(full if len(full) else stack, axis=0)
    return result


def _clusters(table: np.ndarray, official: np.ndarray | None) -> dict[str, np.ndarray]:
    """Find two kits among the tracks that are not near the officials': the two that are furthest apart, then k-means."""
    players = table if official is None else table[distance(table, official) > 1.6]
    if len(players) < 2:
        return {}
    apart = np.array([distance(players, one) for one in players])
    first, second = np.unravel_index(int(np.argmax(np.minimum(apart, 8.0))), apart.shape)
    centres = players[[first, second]]
    for _ in range(10):
        near = np.argmin([distance(players, centre) for centre in centres], axis=0)
        if len(np.unique(near)) < 2:
            break
        centres = np.array([np.median(players[near == k], axis=0) for k in (0, 1)])
    lighter = np.argsort(-centres[:, 0])
    return {"kit_a": centres[lighter[0]], "kit_b": centres[lighter[1]]}


def _refine(table: np.ndarray, prototypes: dict[str, np.ndarray], settings: Teams) -> dict[str, np.ndarray]:
    """Move each prototype to the median of the tracks that are clearly its own."""
    for _ in range(settings.rounds):
        votes = _decide(table, prototypes, settings)
        moved = {}
        for name, old in prototypes.items():
            own = table[[each.kit == name for each in votes]]
            moved[name] = np.median(own, axis=0) if len(own) >= 2 else old
        prototypes = moved
    return prototypes


def _decide(table: np.ndarray, prototypes: dict[str, np.ndarray], settings: Teams) -> list[Vote]:
    names = sorted(prototypes)
    far = np.array([distance(table, prototypes[name]) for name in names])
    order = np.argsort(far, axis=0, kind="stable")
    columns = np.arange(len(table))
    nearest, second = far[order[0], columns], far[order[1], columns]
    ratio = nearest / np.maximum(second, 1e-9)
    clear = (ratio <= settings.ratio) & (nearest <= settings.far)
    return [
        Vote(names[order[0, i]] if clear[i] else None, float(ratio[i])) for i in range(len(table))
    ]
