"""People on the field against hand labels: who was found, whose team is right, whose identity held.

A label is a ground point in the picture of one frame; registration takes it to the field plane, where it is
compared with the tracks in metres. A person is found when a track is matched to the label, each track to one label
at most (least total distance).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa
import yaml
from scipy.optimize import linear_sum_assignment

from records import tables
from records.errors import InputError

RADIUS_M = 1.5  # a track this close to a label may be that person
NEAR_M = 2.5  # an unmatched track further than this from every label is nobody on the field
SAME_INSTANT_S = 0.02
SMALL = ("puck", "ball")


@dataclass(frozen=True)
class Person:
    """A labelled person: the pixel where they touch the ground, and who they are."""

    id: str
    team: str  # home, away or official
    kind: str
    at: tuple[float, float]
    sigma_px: float
    occluded: bool


@dataclass(frozen=True)
class LabelledFrame:
    """Everybody on the field at one instant."""

    t: float
    people: tuple[Person, ...]


@dataclass
class PeopleScore:
    """Counts over the labelled frames.

    Attributes:
        labelled: people labelled; ``occluded`` of them mostly hidden.
        found: people matched to a track; ``occluded_found`` of the occluded ones.
        errors_m: distance of each match.
        team_right, team_wrong, team_unknown: of the people found.
        switches: times that a person's track is another one than at the person's last labelled frame.
        strangers: tracks seen where nobody is labelled: spectators, bench, staff.
        doubles: further tracks seen near a person.
        ghosts: tracks predicted, not seen, where nobody is labelled.
        notes: each miss, wrong team, stranger and switch in a line.
    """

    labelled: int = 0
    occluded: int = 0
    found: int = 0
    occluded_found: int = 0
    errors_m: list[float] = field(default_factory=list)
    team_right: int = 0
    team_wrong: int = 0
    team_unknown: int = 0
    switches: int = 0
    strangers: int = 0
    doubles: int = 0
    ghosts: int = 0
    notes: list[str] = field(default_factory=list)

    @property
    def recall(self) -> float:
        """Share of the labelled people that a track follows."""
        return self.found / self.labelled if self.labelled else float("nan")

    @property
    def team_accuracy(self) -> float:
        """Share of right teams among those not unknown."""
        known = self.team_right + self.team_wrong
        return self.team_right / known if known else float("nan")

    @property
    def unknown_share(self) -> float:
        """Share of unknown teams among the people found."""
        return self.team_unknown / self.found if self.found else float("nan")


def read_people(path: str | Path) -> tuple[LabelledFrame, ...]:
    """Read labels: ``frames: [{t, people: [{id, team, kind, at, sigma_px, occluded}]}]``.

    Raises:
        InputError: if the file is missing or a key is.
    """
    try:
        content = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
        return tuple(
            LabelledFrame(float(frame["t"]), tuple(_person(each) for each in frame["people"]))
            for frame in sorted(content["frames"], key=lambda frame: frame["t"])
        )
    except OSError as error:
        raise InputError("cannot read the labels", where=str(path)) from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"labels are not complete: {error!r}", where=str(path)) from error


def _person(row: dict) -> Person:
    u, v = row["at"]
    return Person(
        str(row["id"]), row["team"], row["kind"], (float(u), float(v)), float(row.get("sigma_px", 2.0)),
        bool(row.get("occluded", False)),
    )  # fmt: skip


def compare(
    frames: tuple[LabelledFrame, ...],
    tracks: pa.Table,
    to_field: Callable[[float, np.ndarray], np.ndarray],
    in_picture: Callable[[float, np.ndarray], np.ndarray],
) -> PeopleScore:
    """Compare tracks with labels.

    Args:
        frames: the labels.
        tracks: the ``tracks`` table.
        to_field: (t, pixels N x 2) -> field points N x 2 of the ground, nan where the frame is not registered.
        in_picture: (t, field points N x 2) -> N, whether the camera sees them.

    Returns:
        The counts; a label that cannot be put onto the field counts as missed.
    """
    rows = {name: tables.column(tracks, name) for name in ("t", "entity", "kind", "team", "x", "y", "observed")}
    person = ~np.isin(rows["kind"].astype(str), SMALL)
    score = PeopleScore()
    last: dict[str, str] = {}
    for frame in frames:
        here = {name: values[person & (np.abs(rows["t"] - frame.t) <= SAME_INSTANT_S)] for name, values in rows.items()}
        at = np.stack([here["x"], here["y"]], axis=1).astype(float)
        labels = to_field(frame.t, np.array([each.at for each in frame.people], float).reshape(-1, 2))
        _one_frame(score, frame, labels, here, at, last, in_picture(frame.t, at))
    return score


def _one_frame(
    score: PeopleScore,
    frame: LabelledFrame,
    labels: np.ndarray,
    here: dict[str, np.ndarray],
    at: np.ndarray,
    last: dict[str, str],
    visible: np.ndarray,
) -> None:
    apart = np.linalg.norm(labels[:, None] - at[None], axis=-1)
    apart = np.where(np.isnan(apart), np.inf, apart)
    pairs = _pairs(apart, _kept(frame, apart, here["entity"], last))
    for i, person in enumerate(frame.people):
        score.labelled += 1
        score.occluded += person.occluded
        if i not in pairs:
            score.notes.append(f"{frame.t:.2f} s: {person.id} not found{' (occluded)' if person.occluded else ''}")
            continue
        j = pairs[i]
        score.found += 1
        score.occluded_found += person.occluded
        score.errors_m.append(float(apart[i, j]))
        _team(score, frame.t, person, here["kind"][j], here["team"][j], here["entity"][j])
        before = last.get(person.id, here["entity"][j])
        if before != here["entity"][j]:
            score.switches += 1
            score.notes.append(f"{frame.t:.2f} s: {person.id} was {before}, is {here['entity'][j]}")
        last[person.id] = here["entity"][j]
    for j in sorted(set(range(len(at))) - set(pairs.values())):
        if visible[j]:
            _unmatched(score, frame.t, here["entity"][j], here["observed"][j], apart[:, j].min(initial=np.inf))


def _kept(frame: LabelledFrame, apart: np.ndarray, entities: np.ndarray, last: dict[str, str]) -> dict[int, int]:
    """Keep the pairs of the last frame that still hold (Bernardin and Stiefelhagen 2008, CLEAR MOT)."""
    place = {entity: j for j, entity in enumerate(entities)}
    pairs = {i: place.get(last.get(person.id, ""), -1) for i, person in enumerate(frame.people)}
    return {i: j for i, j in pairs.items() if j >= 0 and apart[i, j] <= RADIUS_M}


def _pairs(apart: np.ndarray, kept: dict[int, int]) -> dict[int, int]:
    """Match labels with tracks within the radius: what held before, then as many as possible, then the nearest."""
    if not apart.size:
        return {}
    cost = np.where(apart <= RADIUS_M, apart, 1e3)
    for i, j in kept.items():
        cost[i, :], cost[:, j], cost[i, j] = 1e3, 1e3, 0.0
    rows, columns = linear_sum_assignment(cost)
    return {int(i): int(j) for i, j in zip(rows, columns, strict=True) if cost[i, j] <= RADIUS_M}


def _team(score: PeopleScore, t: float, person: Person, kind: str | None, team: str | None, entity: str) -> None:
    said = "official" if kind == "official" else team
    if said is None:
        score.team_unknown += 1
    elif said == person.team:
        score.team_right += 1
    else:
        score.team_wrong += 1
        score.notes.append(f"{t:.2f} s: {person.id} is {person.team}, {entity} says {said}")


def _unmatched(score: PeopleScore, t: float, entity: str, observed: object, nearest: float) -> None:
    if observed is False:
        score.ghosts += 1
    elif nearest > NEAR_M:
        score.strangers += 1
        score.notes.append(f"{t:.2f} s: {entity} is seen where nobody is labelled")
    else:
        score.doubles += 1
