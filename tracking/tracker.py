"""The tracker: observations on the field plane to tracks of people and of the puck or ball.

Shot by shot: what geometry excludes is dropped (tracking.filtering), the rest is associated, joined and smoothed
(tracking.association, linking, smoothing); then teams are voted over all tracks (tracking.teams), and the puck or ball
is followed on its own (tracking.objects). The errors that a frame shares are not in the observations' own covariance
and so not in the tracks' sigma: they travel in the ``errors`` table.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa

from records import tables
from tracking import association, filtering, linking, objects, smoothing, teams
from tracking.association import Sightings
from tracking.footing import Region, View, clearance
from tracking.settings import TrackerSettings
from tracking.smoothing import Path

KIT = tuple(f"c{n}" for n in range(9))
OBJECT_KINDS = ("puck", "ball")
GENERIC_KINDS = ("unknown", "person")
UNCONFIRMED = "seen too briefly for a track"
DOUBLE = "a second track of the same person"
NOT_OK = "frame is not usable"
_UNKNOWN_M2 = 0.25  # own variance of an observation that states none
_SNAP_S = 0.002  # an annotated time this close to a frame means that frame
_EXAMPLE_S = 0.2  # an example of a kit is looked for in the boxes of a track this close in time
_AROUND_S = 0.5  # and described by the sightings this close in time
_NAMED_M = 1.5  # an annotated person within this distance of a track is that track


@dataclass(frozen=True)
class Footage:
    """Tables and registrations of one clip."""

    frames: pa.Table
    observations: pa.Table
    detections: pa.Table
    appearance: pa.Table
    views: Mapping[int, View]


@dataclass(frozen=True)
class Ground:
    """What the tracker knows of the field: its edge, the creases if any, and where benches are."""

    boundary: Region
    creases: tuple[Region, ...] = ()
    benches: tuple[filtering.Bench, ...] = ()


@dataclass(frozen=True)
class Example:
    """A person who wears a kit: a pixel on them at a time, or the colour of the shirt (L, a, b)."""

    kit: str
    t: float | None = None
    at: tuple[float, float] | None = None
    colour: tuple[float, float, float] | None = None


@dataclass(frozen=True)
class Tracking:
    """What the tracker returns: three tables, and the kit vote of every person."""

    tracks: pa.Table
    links: pa.Table
    dropped: pa.Table
    votes: Mapping[str, teams.Vote]


@dataclass
class _Clip:
    """The columns of one clip, aligned with the rows of the observations."""

    frame_t: np.ndarray
    frame_shot: np.ndarray
    frame_ok: np.ndarray
    frame_name: np.ndarray
    columns: dict[str, np.ndarray]
    boxes: np.ndarray
    kits: np.ndarray
    frame_size: np.ndarray  # width and height
    place: np.ndarray  # row in frames of each observation, -1 for none

    @classmethod
    def read(cls, footage: Footage) -> "_Clip":
        frames = footage.frames
        name = tables.column(frames, "frame").astype(int)
        observed = footage.observations
        columns = {each: tables.column(observed, each) for each in observed.column_names}
        row_of = {int(frame): row for row, frame in enumerate(name)}
        place = np.array([row_of.get(_whole(frame), -1) for frame in columns["frame"]], dtype=int)
        box_of = _rows(footage.detections, "detection", ("x1", "y1", "x2", "y2"))
        kit_of = _rows(footage.appearance, "detection", KIT)
        none, bare = np.full(4, np.nan), np.full(len(KIT), np.nan)
        found = columns["detection"]
        kits = np.array([kit_of.get(each, bare) for each in found]).reshape(-1, len(KIT))
        return cls(
            tables.column(frames, "t"),
            tables.column(frames, "shot").astype(int),
            tables.column(frames, "quality") == "ok",
            name,
            columns,
            np.array([box_of.get(each, none) for each in found]).reshape(-1, 4),
            kits,
            np.stack([tables.column(frames, each).astype(float) for each in ("width", "height")], axis=1),
            place,
        )

    def noise(self, rows: np.ndarray) -> np.ndarray:
        unknown = {"sxx": _UNKNOWN_M2, "sxy": 0.0, "syy": _UNKNOWN_M2}
        sxx, sxy, syy = (np.nan_to_num(self.columns[each][rows], nan=value) for each, value in unknown.items())
        return np.stack([np.stack([sxx, sxy], -1), np.stack([sxy, syy], -1)], -2)

    def positions(self, rows: np.ndarray) -> np.ndarray:
        return np.stack([self.columns["x"][rows], self.columns["y"][rows]], axis=1).astype(float)


@dataclass
class _Seen:
    """When somebody was seen: a name, instants, and the observation at each, -1 where there was none."""

    name: str
    times: np.ndarray
    rows: np.ndarray


@dataclass
class _Person(_Seen):
    """One finished track of a person."""

    shot: int
    path: Path


@dataclass
class _Work:
    """What has been found so far."""

    people: list[_Person] = field(default_factory=list)
    dropped: dict[int, str] = field(default_factory=dict)


def track(footage: Footage, ground: Ground, settings: TrackerSettings, examples: tuple[Example, ...] = ()) -> Tracking:
    """Track everybody on the field, and the puck or ball.

    Args:
        footage: the clip's tables and registrations.
        ground: the field.
        settings: see tracking.settings.
        examples: which kit is which, if a person said so.

    Returns:
        Tables ``tracks`` (``observed`` false between sightings, ``common`` null), ``links`` (detection of each observed
        instant) and ``dropped`` (the other detections, each with its reason), and the kit votes.
    """
    clip = _Clip.read(footage)
    work = _Work()
    shots = [
        _shot(clip, footage.views, ground, settings, int(shot), work.dropped) for shot in np.unique(clip.frame_shot)
    ]
    if settings.teams.second_look:
        _sharpen(clip, shots, ground, settings, examples)
    for shot in shots:
        _follow(clip, shot, ground, settings, work)
    _name(clip, work)
    votes, _ = _votes(clip, work.people, settings.teams, examples)
    rows = [_person_rows(clip, one, votes[one.name], ground, settings) for one in work.people]
    rows += _object_rows(clip, settings, work)
    return Tracking(_join_rows(rows), _links(clip, work), _dropped(clip, work), votes)


@dataclass
class _Shot:
    """What was seen of people in one shot, after geometry has had its say.

    Attributes:
        number: of the shot.
        times: its instants.
        rows: n observations that stay, in order of time.
        sightings: n, the same.
        evidence: n, what geometry says of them.
        boxes: predicts boxes for the association.
        inside: n, whether the box is further from every edge of the picture than it is high.
        wears: which kit some of the sightings show, once the kits are known.
    """

    number: int
    times: np.ndarray
    rows: np.ndarray
    sightings: Sightings
    evidence: filtering.Evidence
    boxes: "_BoxesInView"
    inside: np.ndarray
    wears: linking.Wears | None = None


def _shot(
    clip: _Clip,
    views: Mapping[int, View],
    ground: Ground,
    settings: TrackerSettings,
    shot: int,
    dropped: dict[int, str],
) -> _Shot:
    """Collect the sightings of people in one shot; what geometry excludes goes to ``dropped`` with its reason."""
    frames = np.flatnonzero(clip.frame_shot == shot)
    rows = np.flatnonzero(_of_shot(clip, shot) & _is_person(clip))
    rows = rows[np.argsort(clip.place[rows], kind="stable")]
    evidence = _evidence(clip, views, ground, rows)
    why = filtering.reasons(evidence, ground.boundary, settings.filtering, ground.benches)
    why[~clip.frame_ok[clip.place[rows]]] = NOT_OK
    cut = _drop_composites(clip, rows, evidence.height_ratio, why)
    dropped.update({int(row): reason for row, reason in zip(rows, why, strict=True) if reason is not None})
    kept = np.equal(why, None)
    rows, evidence = rows[kept], _taken(evidence, kept)
    sightings = _sightings(clip, rows, cut[kept], frames[0])
    boxes = _BoxesInView(clip, views, frames, sightings, rows)
    height = sightings.boxes[:, 3] - sightings.boxes[:, 1]
    space = np.column_stack([sightings.boxes[:, :2], clip.frame_size[clip.place[rows]] - sightings.boxes[:, 2:]])
    inside = space.min(axis=1) > height
    return _Shot(shot, clip.frame_t[frames], rows, sightings, evidence, boxes, inside)


def _sharpen(
    clip: _Clip, shots: list[_Shot], ground: Ground, settings: TrackerSettings, examples: tuple[Example, ...]
) -> None:
    """Look at the kits first: how much a sighting looks like each of them is a sharper cue than its colours."""
    people = []
    for shot in shots:
        labels = association.associate(shot.times, shot.sightings, settings.association, shot.boxes)
        labels = linking.split(shot.sightings, labels, settings.linking)
        for label in range(labels.max(initial=-1) + 1):
            here = np.flatnonzero(labels == label)
            when = shot.times[shot.sightings.step[here]]
            if _track_reason(_taken(shot.evidence, here), when, ground, settings) is None:
                people.append(_Seen(f"{shot.number}-{label}", when, shot.rows[here]))
    _, prototypes = _votes(clip, people, settings.teams, examples)
    if len(prototypes) > 1:
        for shot in shots:
            shot.sightings = replace(shot.sightings, kits=teams.likeness(clip.kits[shot.rows], prototypes))
            shot.wears = _wearing(clip, shot, prototypes, settings)


def _wearing(
    clip: _Clip, shot: _Shot, prototypes: Mapping[str, np.ndarray], settings: TrackerSettings
) -> linking.Wears:
    """Return what says which kit some sightings of a shot clearly show, taken together."""
    everybody = np.ones(len(shot.rows), bool)
    clean = association.covered(shot.sightings, everybody) < settings.linking.alone

    def wears(rows: np.ndarray) -> str | None:
        kit = teams.track_kit(clip.kits[shot.rows[rows]], clean[rows])
        return teams.clear_kit(kit, prototypes, settings.teams)

    return wears


def _follow(clip: _Clip, shot: _Shot, ground: Ground, settings: TrackerSettings, work: _Work) -> None:
    """Find the tracks of people in one shot."""
    times, rows, sightings = shot.times, shot.rows, shot.sightings
    labels = association.agreed(times, sightings, settings.association, shot.boxes)
    cut = linking.split(sightings, labels, settings.linking)
    cut = linking.turns(times, sightings, cut, settings.linking)
    paths = smoothing.smooth(times, sightings, cut, settings.smoothing)
    joined = linking.link(times, sightings, paths, cut, settings.linking, shot.wears)
    if shot.wears is not None:
        joined = linking.part(sightings, cut, joined, settings.linking, shot.wears)
    paths = smoothing.smooth(times, sightings, joined, settings.smoothing)
    again = linking.link(times, sightings, paths, joined, settings.linking, shot.wears)
    if not np.array_equal(again, joined):
        paths = smoothing.smooth(times, sightings, again, settings.smoothing)
    work.dropped.update({int(row): UNCONFIRMED for row in rows[labels < 0]})
    work.dropped.update({int(row): DOUBLE for row in rows[(labels >= 0) & (cut < 0)]})
    double = linking.doubles(sightings, paths, settings.linking)
    for path in paths:
        seen = path.rows[path.observed]
        when = times[path.steps[path.observed]]
        evidence = _taken(shot.evidence, seen)
        reason = DOUBLE if path.label in double else _track_reason(evidence, when, ground, settings)
        if reason is not None:
            work.dropped.update({int(row): reason for row in rows[seen]})
            continue
        path = path.filled(times, settings.output.fill_s)
        ends = [settings.output.beyond_s if shot.inside[seen[end]] else 0.0 for end in (0, -1)]
        path = smoothing.extended(times, path, ends, settings.smoothing)
        own = np.where(path.observed, rows[path.rows], -1)
        work.people.append(_Person("", times[path.steps], own, shot.number, path))


def _name(clip: _Clip, work: _Work) -> None:
    """Name people in the order in which they appear, or as somebody annotated them."""
    work.people.sort(key=lambda one: (one.times[0], one.shot, one.path.label))
    for number, one in enumerate(work.people, start=1):
        one.name = f"person-{number:03d}"
    _name_annotated(clip, work)


def _drop_composites(clip: _Clip, rows: np.ndarray, ratio: np.ndarray, why: np.ndarray) -> np.ndarray:
    """Add reasons for boxes that show a part of a person or several people; returns the boxes, cut where they must."""
    score = np.nan_to_num(clip.columns["score"][rows].astype(float))
    kept, boxes = np.flatnonzero(np.equal(why, None)), clip.boxes[rows]
    for here in np.split(kept, np.flatnonzero(np.diff(clip.place[rows[kept]])) + 1):
        why[here], boxes[here] = filtering.composites(boxes[here], score[here], ratio[here])
    return boxes


def _of_shot(clip: _Clip, shot: int) -> np.ndarray:
    return (clip.place >= 0) & (clip.frame_shot[np.maximum(clip.place, 0)] == shot)


def _is_person(clip: _Clip) -> np.ndarray:
    return (clip.columns["source"] == "detector") & ~np.isin(clip.columns["kind"].astype(str), OBJECT_KINDS)


def _evidence(clip: _Clip, views: Mapping[int, View], ground: Ground, rows: np.ndarray) -> filtering.Evidence:
    """Collect what geometry says about some observations, in order of their frames."""
    boxes, xy, noise = clip.boxes[rows], clip.positions(rows), clip.noise(rows)
    height = boxes[:, 3] - boxes[:, 1]
    middle = np.stack([boxes[:, [0, 2]].mean(axis=1), boxes[:, [1, 3]].mean(axis=1)], axis=1)
    seen, cameras = np.full((len(rows), 2), np.nan), np.full((len(rows), 3), np.nan)
    places, starts = np.unique(clip.place[rows], return_index=True)
    for place, start, stop in zip(places, starts, np.append(starts, len(rows))[1:], strict=True):
        view = views.get(int(clip.frame_name[place]))
        if view is not None and view.camera is not None:
            seen[start:stop], cameras[start:stop] = view.to_field(middle[start:stop]), view.camera
    over = clearance(seen, cameras, ground.boundary)
    person = clip.columns["person_px"][rows].astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = height / person
    mean, half = (noise[:, 0, 0] + noise[:, 1, 1]) / 2, (noise[:, 0, 0] - noise[:, 1, 1]) / 2
    worst = np.sqrt(mean + np.hypot(half, noise[:, 0, 1]))
    return filtering.Evidence(xy[:, 0], xy[:, 1], worst, ratio, over)


def _taken(evidence: filtering.Evidence, at: np.ndarray) -> filtering.Evidence:
    return filtering.Evidence(*(getattr(evidence, name)[at] for name in evidence.__dataclass_fields__))


def _track_reason(
    evidence: filtering.Evidence, times: np.ndarray, ground: Ground, settings: TrackerSettings
) -> str | None:
    """Return why a track is dropped as a whole, or None."""
    output = settings.output
    if len(times) < output.least_sightings or times[-1] - times[0] < output.least_s:
        return UNCONFIRMED
    return filtering.track_reason(evidence, ground.boundary, settings.filtering)


def _sightings(clip: _Clip, rows: np.ndarray, boxes: np.ndarray, first: int) -> Sightings:
    score = np.nan_to_num(clip.columns["score"][rows].astype(float), nan=1.0)
    return Sightings(
        clip.place[rows] - first, clip.positions(rows), clip.noise(rows), boxes, score,
        teams.scaled(clip.kits[rows]), np.ones(len(rows)),
    )  # fmt: skip


class _BoxesInView:
    """Where the boxes of tracks are expected: the last box, moved as the ground point moves in the picture."""

    def __init__(
        self, clip: _Clip, views: Mapping[int, View], frames: np.ndarray, sightings: Sightings, rows: np.ndarray
    ) -> None:
        self.views = [views.get(int(name)) for name in clip.frame_name[frames]]
        self.boxes = sightings.boxes
        self.feet = np.stack([clip.columns["u"][rows], clip.columns["v"][rows]], axis=1).astype(float)

    def __call__(self, step: int, states: np.ndarray, last: np.ndarray) -> np.ndarray:
        boxes = self.boxes[last]
        view = self.views[step]
        if view is None or not len(last):
            return boxes
        shift = view.to_image(states[:, :2]) - self.feet[last]
        shift = np.where(np.isnan(shift).any(axis=1)[:, None], 0.0, shift)
        return boxes + np.hstack([shift, shift])


def _name_annotated(clip: _Clip, work: _Work) -> None:
    """Give a track the name of the person who was annotated where it is."""
    columns = clip.columns
    said = np.flatnonzero((columns["source"] == "annotation") & ~np.isin(columns["kind"].astype(str), OBJECT_KINDS))
    taken: set[str] = set()
    for row in said:
        near = [(_off(clip, one, row), one.name, one) for one in work.people]
        close = [each for each in near if each[0] <= _NAMED_M and each[1] not in taken]
        name = columns["entity"][row]
        if close and name is not None and name not in taken:
            min(close, key=lambda each: each[:2])[2].name = str(name)
            taken.add(str(name))


def _off(clip: _Clip, one: _Person, row: int) -> float:
    """Return how far a track is from an annotated point, less 2 sigma of the point; inf where it is not there."""
    k = int(np.argmin(np.abs(one.times - clip.columns["t"][row])))
    if abs(one.times[k] - clip.columns["t"][row]) > 0.1:
        return float("inf")
    at = np.array([row])
    own = np.sqrt(np.trace(clip.noise(at)[0]) / 2)
    return float(np.linalg.norm(one.path.states[k, :2] - clip.positions(at)[0]) - 2 * own)


def _votes(
    clip: _Clip, people: Sequence[_Seen], settings: teams.Teams, examples: tuple[Example, ...]
) -> tuple[dict[str, teams.Vote], dict[str, np.ndarray]]:
    clean = _clean(clip, people)
    kits, counts = {}, {}
    for one in people:
        seen = one.rows[one.rows >= 0]
        kits[one.name] = teams.track_kit(clip.kits[seen], clean[seen])
        counts[one.name] = len(seen)
    return teams.vote(kits, counts, settings, _named(clip, people, examples))


def _named(clip: _Clip, people: Sequence[_Seen], examples: tuple[Example, ...]) -> dict[str, list[np.ndarray]]:
    """Return the descriptors that examples give to each kit; a sighting that is named for two kits counts for none.

    A person is described by the sightings around the time of the example: a track may be somebody else's later.
    """
    result: dict[str, list[np.ndarray]] = {}
    said: dict[int, set[str]] = {}
    around: dict[int, np.ndarray] = {}
    for example in examples:
        if example.colour is not None:
            bare = np.full(len(KIT) - 3, np.nan)
            result.setdefault(example.kit, []).append(np.concatenate([np.array(example.colour, float), bare]))
            continue
        found = _person_at(clip, people, example)
        if found is not None:
            one, row = found
            said.setdefault(row, set()).add(example.kit)
            around[row] = one.rows[(one.rows >= 0) & (np.abs(one.times - example.t) <= _AROUND_S)]
    for row in sorted(said):
        if len(said[row]) == 1:
            near = around[row]
            result.setdefault(said[row].pop(), []).append(teams.track_kit(clip.kits[near], np.ones(len(near), bool)))
    return result


def _clean(clip: _Clip, people: Sequence[_Seen]) -> np.ndarray:
    """Return for every observation whether its box is free of the boxes of other tracks."""
    rows = np.concatenate([one.rows[one.rows >= 0] for one in people]) if people else np.array([], dtype=int)
    rows = rows[np.argsort(clip.place[rows], kind="stable")]
    result = np.zeros(len(clip.place), bool)
    for here in np.split(rows, np.flatnonzero(np.diff(clip.place[rows])) + 1):
        shared = association.contained(clip.boxes[here], clip.boxes[here])
        np.fill_diagonal(shared, 0.0)
        result[here] = shared.max(axis=1, initial=0.0) < 0.2
    return result


def _person_at(clip: _Clip, people: Sequence[_Seen], example: Example) -> tuple[_Seen, int] | None:
    """Return whose box holds the pixel of an example, and which sighting: the one whose middle is nearest to it."""
    best, found = np.inf, None
    for one in people:
        seen = np.flatnonzero(one.rows >= 0)
        k = int(seen[np.argmin(np.abs(one.times[seen] - example.t))])
        x1, y1, x2, y2 = clip.boxes[one.rows[k]]
        off = np.hypot(example.at[0] - (x1 + x2) / 2, example.at[1] - (y1 + y2) / 2)
        inside = x1 <= example.at[0] <= x2 and y1 <= example.at[1] <= y2
        if inside and abs(one.times[k] - example.t) <= _EXAMPLE_S and off < best:
            best, found = off, (one, int(one.rows[k]))
    return found


def _person_rows(
    clip: _Clip, one: _Person, vote: teams.Vote, ground: Ground, settings: TrackerSettings
) -> dict[str, np.ndarray]:
    """Make the rows of the tracks table for one person."""
    path = one.path
    count = len(path.steps)
    bias = settings.output.bias_m
    kind = _kind(clip, one, vote, ground, settings)
    team = vote.team if kind != "official" else None
    return {
        "t": one.times,
        "entity": np.full(count, one.name, dtype=object),
        "kind": np.full(count, kind, dtype=object),
        "team": np.full(count, team, dtype=object),
        "tau": np.full(count, settings.smoothing.tau_s),
        **_state_columns(path.states, path.covariances, bias),
        "observed": path.observed,
    }


def _state_columns(states: np.ndarray, covariances: np.ndarray, bias: float) -> dict[str, np.ndarray]:
    return {
        "x": states[:, 0],
        "y": states[:, 1],
        "sx": np.sqrt(covariances[:, 0, 0] + bias**2),
        "sy": np.sqrt(covariances[:, 1, 1] + bias**2),
        "vx": states[:, 2],
        "vy": states[:, 3],
        "sv": np.sqrt((covariances[:, 2, 2] + covariances[:, 3, 3]) / 2),
    }


def _kind(clip: _Clip, one: _Person, vote: teams.Vote, ground: Ground, settings: TrackerSettings) -> str:
    """Decide the kind: what a detector says that tells kinds apart, else the kit and the place."""
    seen = one.rows[one.rows >= 0]
    kinds, weights = clip.columns["kind"][seen].astype(str), np.nan_to_num(clip.columns["score"][seen].astype(float))
    totals = {kind: float(weights[kinds == kind].sum()) for kind in sorted(set(kinds))}
    kind = max(totals, key=lambda each: (totals[each], each))
    if kind not in GENERIC_KINDS:
        return kind
    if vote.kit == teams.OFFICIAL:
        return "official"
    if settings.output.crease_share > 0 and _stays_in_crease(one, ground, settings):
        return "goalie"
    return "unknown" if vote.kit is None else "player"


def _stays_in_crease(one: _Person, ground: Ground, settings: TrackerSettings) -> bool:
    x, y = one.path.states[:, 0], one.path.states[:, 1]
    shares = [np.mean(crease.distance(x, y) > -settings.output.crease_margin_m) for crease in ground.creases]
    return max(shares, default=0.0) >= settings.output.crease_share


def _object_rows(clip: _Clip, settings: TrackerSettings, work: _Work) -> list[dict[str, np.ndarray]]:
    """Follow the puck or ball; returns rows of the tracks table."""
    found = []
    kinds = clip.columns["kind"].astype(str)
    for kind in sorted(set(kinds) & set(OBJECT_KINDS)):
        for shot in np.unique(clip.frame_shot):
            times = clip.frame_t[clip.frame_shot == shot]
            rows = np.flatnonzero((kinds == kind) & _in_span(clip, times) & ~np.isnan(clip.columns["x"].astype(float)))
            spots = _spots(clip, rows, times)
            used: set[int] = set()
            for stretch in objects.choose(spots, settings.objects):
                used.update(stretch)
                found.append(_object_path(times, spots, stretch, kind, settings))
            reason = f"not on the path of the {kind}"
            work.dropped.update({int(row): reason for k, row in enumerate(rows) if k not in used})
    return found


def _in_span(clip: _Clip, times: np.ndarray) -> np.ndarray:
    return (clip.columns["t"] >= times[0] - _SNAP_S) & (clip.columns["t"] <= times[-1] + _SNAP_S)


def _spots(clip: _Clip, rows: np.ndarray, times: np.ndarray) -> objects.Spots:
    t = clip.columns["t"][rows].astype(float)
    nearest = times[np.argmin(np.abs(times[None] - t[:, None]), axis=1)] if len(rows) else t
    t = np.where(np.abs(nearest - t) <= _SNAP_S, nearest, t)
    pinned = clip.columns["source"][rows] == "annotation"
    score = np.nan_to_num(clip.columns["score"][rows].astype(float), nan=1.0)
    return objects.Spots(t, clip.positions(rows), clip.noise(rows), score, pinned)


def _object_path(
    times: np.ndarray, spots: objects.Spots, stretch: list[int], kind: str, settings: TrackerSettings
) -> dict[str, np.ndarray]:
    t, states, covariances, seen = objects.path(times, spots, stretch, settings.objects)
    return {
        "t": t,
        "entity": np.full(len(t), kind, dtype=object),
        "kind": np.full(len(t), kind, dtype=object),
        "team": np.full(len(t), None, dtype=object),
        "tau": np.full(len(t), settings.smoothing.tau_s),
        **_state_columns(states, covariances, 0.0),
        "observed": seen,
    }


def _join_rows(rows: list[dict[str, np.ndarray]]) -> pa.Table:
    rows = [each for each in rows if len(each["t"])]
    if not rows:
        return tables.empty("tracks")
    joined = {name: np.concatenate([each[name] for each in rows]) for name in rows[0]}
    order = np.lexsort((joined["entity"].astype(str), joined["t"]))
    return tables.table("tracks", {name: values[order] for name, values in joined.items()})


def _links(clip: _Clip, work: _Work) -> pa.Table:
    found = [(row, one.name) for one in work.people for row in one.rows[one.rows >= 0]]
    found.sort(key=lambda each: (clip.place[each[0]], each[1]))
    rows = np.array([row for row, _ in found], dtype=int)
    return tables.table("links", {
        "t": clip.columns["t"][rows], "frame": clip.frame_name[clip.place[rows]],
        "entity": [name for _, name in found], "detection": clip.columns["detection"][rows],
    })  # fmt: skip


def _dropped(clip: _Clip, work: _Work) -> pa.Table:
    rows = [row for row in sorted(work.dropped) if clip.columns["detection"][row] is not None and clip.place[row] >= 0]
    rows.sort(key=lambda row: (clip.place[row], clip.columns["detection"][row]))
    return tables.table("dropped", {
        "detection": [clip.columns["detection"][row] for row in rows],
        "frame": [int(clip.frame_name[clip.place[row]]) for row in rows],
        "t": [float(clip.columns["t"][row]) for row in rows],
        "reason": [work.dropped[row] for row in rows],
    })  # fmt: skip


def _rows(content: pa.Table, key: str, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Index some columns of numbers by a column of ids."""
    numbers = np.stack([tables.column(content, name).astype(float) for name in names], axis=1)
    return dict(zip(tables.column(content, key), numbers, strict=True))


def _whole(value: float | None) -> int:
    return -1 if value is None or value != value else int(value)
