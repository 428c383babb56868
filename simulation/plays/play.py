"""What a play is once it is drawn: exact truth of everybody over time, and the calls that its author expects."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ontologies import registry
from ontologies.field import Field
from records.scene import Scene, parse_field, scene_of
from records.tables import table
from simulation.motion import Path

Floats = NDArray[np.float64]

TEAMS = ("home", "away")
EVENT_COLUMNS = ("t", "t_sigma", "until", "kind", "entity", "team", "other", "x", "y", "detail", "p", "source")
EXACT = 1e-4  # metres, seconds, m/s: 1-sigma of what is known by construction
HANDED = {"left": "right", "right": "left"}


@dataclass(frozen=True)
class Person:
    """One member of the cast.

    Attributes:
        entity: id.
        team: `home`, `away` or None for officials.
        kind: of the ontology: `player`, `goalie`, `official`.
        role: of the ontology, or None.
        number: on the shirt, empty for none.
        shoots: `left` or `right`, the side of the stick.
        arm_up: an official's arm is raised from the first to the second of these times, seconds.
    """

    entity: str
    team: str | None
    kind: str
    role: str | None = None
    number: str = ""
    shoots: str = "left"
    arm_up: tuple[float, float] | None = None


@dataclass(frozen=True)
class Expected:
    """What the author of the play says the right call is.

    Attributes:
        rule: rule id.
        verdict: `violation`, `clear`, or `none`: no opportunity at all.
        team: whose opportunity it is; None: anybody's.
        t: seconds, the instant of the opportunity; None: any.
        why: in words.
        entities: who commits it, where the rule names somebody.
        t_sigma: by how much t may be off, seconds.
    """

    rule: str
    verdict: str
    team: str | None
    t: float | None
    why: str
    entities: tuple[str, ...] = ()
    t_sigma: float = 0.05


@dataclass(frozen=True)
class Play:
    """Exact truth of a play, sampled evenly.

    Attributes:
        name: id of the play.
        domain: sport.
        edition: rulebook.
        attacks: which end each team attacks.
        t: seconds, shape (N,).
        cast: everybody.
        paths: of each person, by entity.
        heading: radians, by entity, shape (N,).
        ball: of the ball or puck, field metres, shape (N, 3).
        carrier: entity with the ball or puck at each time, or None, length N.
        events: rows of the `events` table.
        expected: the right calls.
        parts: body parts by entity and name, field metres, shape (N, 3).
        keys: further keys of scene.yaml.
        rows: further tables by name, each a list of rows.
        sigma: 1-sigma of positions, metres.
        velocity_sigma: 1-sigma of velocities, m/s; None: not said.
    """

    name: str
    domain: str
    edition: str
    attacks: dict[str, str]
    t: Floats
    cast: tuple[Person, ...]
    paths: dict[str, Path]
    heading: dict[str, Floats]
    ball: Floats
    carrier: tuple[str | None, ...]
    events: tuple[dict[str, Any], ...]
    expected: tuple[Expected, ...]
    parts: dict[tuple[str, str], Floats] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    sigma: float = 0.0
    velocity_sigma: float | None = None

    @property
    def puck(self) -> Floats:
        """The ball or puck on the field plane, metres, shape (N, 2)."""
        return self.ball[:, :2]

    def tracks(self) -> pa.Table:
        """Exact `tracks` rows of everybody and the ball, in order of time and id, all observed."""
        kind = "puck" if self.domain == "hockey" else "ball"
        members = [*self.cast, Person(kind, None, kind)]
        paths = [self.paths[person.entity] for person in self.cast]
        places = np.stack([*(path.xy for path in paths), self.ball[:, :2]])
        velocities = np.stack([*(path.velocity for path in paths), np.gradient(self.ball[:, :2], self.t, axis=0)])
        order = sorted(range(len(members)), key=lambda i: members[i].entity)
        count, steps = len(members), len(self.t)

        def words(values: Sequence[str | None]) -> pa.Array:
            codes = pa.array(np.tile(np.arange(count, dtype=np.int32), steps))
            return pa.DictionaryArray.from_arrays(codes, pa.array([values[i] for i in order], pa.string()))

        columns: dict[str, Any] = {
            "t": np.repeat(self.t, count),
            "entity": words([one.entity for one in members]),
            "kind": words([one.kind for one in members]),
            "team": words([one.team for one in members]),
            "role": words([one.role for one in members]),
            "number": words([one.number or None for one in members]),
        }
        for name, values in (("x", places[..., 0]), ("y", places[..., 1])):
            columns[name] = values[order].T.ravel()
        if self.ball[:, 2].any():
            height = np.full((count, steps), np.nan)
            height[-1] = self.ball[:, 2]
            columns["z"] = height[order].T.ravel()
        for name, values in (("vx", velocities[..., 0]), ("vy", velocities[..., 1])):
            columns[name] = values[order].T.ravel()
        if self.velocity_sigma is not None:
            columns["sv"] = np.full(count * steps, self.velocity_sigma)
        exact = {"sigma": np.full(count * steps, self.sigma), "common": np.zeros(count * steps)}
        return table("tracks", columns | exact | {"observed": np.ones(count * steps, np.bool_)})

    def parts_table(self) -> pa.Table:
        """Exact `parts` rows in order of time, id and name."""
        names = sorted(self.parts)
        count, steps = len(names), len(self.t)
        codes = pa.array(np.tile(np.arange(count, dtype=np.int32), steps))
        places = np.stack([self.parts[name] for name in names], axis=1).reshape(-1, 3)
        columns: dict[str, Any] = {"t": np.repeat(self.t, count)}
        for column, values in (("entity", [name[0] for name in names]), ("part", [name[1] for name in names])):
            columns[column] = pa.DictionaryArray.from_arrays(codes, pa.array(values, pa.string()))
        columns |= {name: places[:, i] for i, name in enumerate("xyz")}
        return table("parts", columns | {"sigma": np.full(count * steps, self.sigma)})

    def scene(self) -> Scene:
        """The play as a scene: exact tracks and events, everything complete."""
        keys = scene_keys(self) | self.keys
        keys |= {"schema": 1, "id": self.name, "domain": self.domain, "source": "simulation: scripted play, exact"}
        content: dict[str, Any] = {"tracks": self.tracks(), "events": table("events", _columns(self.events))}
        if self.parts:
            content["parts"] = self.parts_table()
        content |= {name: table(name, _columns(rows, None)) for name, rows in sorted(self.rows.items())}
        return scene_of(keys, content, f"play {self.name}")

    def expected_calls(self) -> dict[str, Any]:
        """The right calls as they are written beside a scene."""
        calls = [
            {"rule": want.rule, "t": want.t, "team": want.team, "verdict": want.verdict, "why": want.why}
            | ({"entities": list(want.entities)} if want.entities else {})
            for want in self.expected
        ]
        return {"schema": 1, "calls": calls}


def scene_keys(play: Play) -> dict[str, Any]:
    """What a person who has seen the whole play can say about it, as keys of scene.yaml."""
    roster = {
        team: sum(person.team == team and person.kind in ("player", "goalie") for person in play.cast) for team in TEAMS
    }
    return {"edition": play.edition, "attacks": dict(play.attacks), "roster": roster, "complete": "all"}


def _columns(rows: Iterable[Mapping[str, Any]], names: Sequence[str] | None = EVENT_COLUMNS) -> dict[str, list[Any]]:
    listed = list(rows)
    wanted = names if names is not None else list(dict.fromkeys(name for row in listed for name in row))
    if names is not None and not any("other" in row for row in listed):
        wanted = [name for name in wanted if name != "other"]
    return {name: [row.get(name) for row in listed] for name in wanted}


def field_of(play: Play) -> Field:
    """Return the field that a play is played on, of the size that its scene says."""
    return registry.field(play.domain, parse_field(play.keys.get("field"), play.name), play.edition)
