"""Valid but odd scenes: what a source may leave out, or say strangely, without being wrong."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from ontologies import registry
from records import tables
from records.scene import TABLES, Scene, keys_of, scene_of

Columns = dict[str, list[Any]]
Content = dict[str, Columns]
Change = Callable[[random.Random, dict[str, Any], Content], None]
BALLS = ("ball", "puck")


def odd(scene: Scene, seed: int) -> tuple[list[str], Scene]:
    """Return a scene with up to four odd changes, and their names.

    Raises:
        InputError: when the changes together are no scene any more.
    """
    rng = random.Random(seed)
    keys, content = dict(keys_of(scene)), {}
    for name in TABLES:
        table = getattr(scene, name)
        if table is not None:
            content[name] = {one: tables.column(table, one).tolist() for one in table.column_names}
    chosen = rng.sample(CHANGES, rng.randint(1, 4))
    for change in chosen:
        if content["tracks"]["t"]:
            change(rng, keys, content)
    return [change.__name__ for change in chosen], scene_of(keys, content)


def _keep(columns: Columns, kept: list[bool]) -> Columns:
    return {name: [v for v, keep in zip(values, kept, strict=True) if keep] for name, values in columns.items()}


def _tracks(content: Content, kept: list[bool]) -> None:
    if any(kept):
        content["tracks"] = _keep(content["tracks"], kept)


def _people(content: Content) -> list[str]:
    return sorted(set(content["tracks"]["entity"]))


def thinned(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Few of the samples are left."""
    share = rng.choice([0.5, 0.2, 0.05])
    _tracks(content, [rng.random() < share for _ in content["tracks"]["t"]])


def people_gone(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Some are not tracked; their events stay."""
    gone = set(rng.sample(_people(content), rng.randint(1, len(_people(content)))))
    _tracks(content, [who not in gone for who in content["tracks"]["entity"]])


def only_the_ball(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Nobody is tracked but the ball or the puck."""
    _tracks(content, [who in BALLS for who in content["tracks"]["entity"]])


def one_frame(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """There is one instant."""
    t = rng.choice(content["tracks"]["t"])
    _tracks(content, [one == t for one in content["tracks"]["t"]])


def only_a_stretch(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """The scene begins later and ends earlier; its events stay."""
    low, high = sorted(rng.sample(content["tracks"]["t"], 2)) if len(content["tracks"]["t"]) > 1 else (0.0, 9.0)
    _tracks(content, [low <= t <= high for t in content["tracks"]["t"]])


def a_gap_for_all(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Nothing is seen for a while."""
    low = rng.uniform(0.0, 5.0)
    high = low + rng.choice([0.3, 2.0, 30.0])
    _tracks(content, [not low < t < high for t in content["tracks"]["t"]])


def nobody_named(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Teams, roles, numbers or kinds are not known."""
    column = rng.choice(["team", "role", "number", "kind"])
    share = rng.choice([0.3, 1.0])
    unknown = {who for who in _people(content) if rng.random() < share}
    tracks = content["tracks"]
    if column in tracks:
        who = tracks["entity"]
        tracks[column] = [None if one in unknown else v for one, v in zip(who, tracks[column], strict=True)]


def another_sigma(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Errors are not said, or nothing, or enormous."""
    sigma = rng.choice([None, 0.0, 5.0, 1e3])
    for column in ("sigma", "common"):
        content["tracks"][column] = [sigma] * len(content["tracks"]["t"])


def everybody_elsewhere(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Positions jump about."""
    for column in ("x", "y"):
        content["tracks"][column] = [v + rng.gauss(0.0, 2.0) for v in content["tracks"][column]]


def at_another_time(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """The tracks are at another time than everything else."""
    shift = rng.choice([-3.0, 0.37, 1e5, -1e4])
    content["tracks"]["t"] = [t + shift for t in content["tracks"]["t"]]


def fewer_tables(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Some optional tables are not there."""
    for name in TABLES[1:]:
        if rng.random() < 0.5:
            content.pop(name, None)


def fewer_events(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Some events are not listed."""
    events = content.get("events", {"t": []})
    content["events"] = _keep(events, [rng.random() < 0.5 for _ in events["t"]])


def events_at_odd_times(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Events lie elsewhere, also before and after the scene, more or less exactly."""
    events = content.get("events")
    if not events or not events["t"]:
        return
    spread = rng.choice([0.5, 5.0])
    events["t"] = [t + rng.uniform(-spread, spread) for t in events["t"]]
    events["t_sigma"] = [rng.choice([None, 0.0, 0.1, 1.0]) for _ in events["t"]]
    if "until" in events:
        events["until"] = [
            None if u is None or u != u else max(u, t) for u, t in zip(events["until"], events["t"], strict=True)
        ]


def vague_events(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """It is not known who did what, or not for sure."""
    events = content.get("events")
    if not events:
        return
    for column in ("entity", "team", "other", "detail", "until"):
        if column in events:
            events[column] = [None if rng.random() < 0.5 else v for v in events[column]]
    events["p"] = [rng.choice([None, 0.0, 0.5, 1.0]) for _ in events["t"]]


def events_of_any_kind(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Events of the ontology that no scenario has come in."""
    kinds = sorted(registry.ontology(keys["domain"]).event_kinds)
    count = rng.randint(1, 5)
    low, high = min(content["tracks"]["t"]), max(content["tracks"]["t"])
    more = {
        "t": [rng.uniform(low - 1.0, high + 1.0) for _ in range(count)],
        "kind": [rng.choice(kinds) for _ in range(count)],
        "entity": [rng.choice([None, *_people(content)]) for _ in range(count)],
    }
    events = content.get("events", {})
    size = len(events.get("t", []))
    names = {*events, *more}
    content["events"] = {n: [*events.get(n, [None] * size), *more.get(n, [None] * count)] for n in names}


def fewer_keys(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Much of scene.yaml is not said."""
    for key in ("roster", "strength", "complete", "initial", "benches", "segments", "resolution"):
        if rng.random() < 0.5:
            keys.pop(key, None)
    if rng.random() < 0.3:
        keys["attacks"] = {}


def odd_numbers(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """There are fewer or more in play than are tracked, or it changes."""
    keys["roster"] = rng.choice(
        [{"home": 0, "away": 0}, {"home": 20}, {"away": 3}, [{"from": 1.0, "home": 6, "away": 5}]]
    )


def odd_segments(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """Play is live for a while only."""
    kinds = [rng.choice(["live", "stopped", "replay", "other"]) for _ in range(3)]
    keys["segments"] = [
        {"from": 1.0 * n, "to": 1.0 * n + rng.choice([0.0, 1.0]), "kind": k} for n, k in enumerate(kinds)
    ]


def another_edition(rng: random.Random, keys: dict[str, Any], content: Content) -> None:
    """The scene is judged under another rulebook of its domain."""
    keys["edition"] = rng.choice(sorted(registry.ontology(keys["domain"]).editions))


CHANGES: list[Change] = [
    thinned,
    people_gone,
    only_the_ball,
    one_frame,
    only_a_stretch,
    a_gap_for_all,
    nobody_named,
    another_sigma,
    everybody_elsewhere,
    at_another_time,
    fewer_tables,
    fewer_events,
    events_at_odd_times,
    vague_events,
    events_of_any_kind,
    fewer_keys,
    odd_numbers,
    odd_segments,
    another_edition,
]
