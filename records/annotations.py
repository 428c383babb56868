"""The annotations file: what a person adds where perception cannot see it yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

from records import parse, tables, yamls
from records.calibration import Pixel, pixel
from records.errors import InputError
from records.scene import KEYS, TEAMS

SCHEMA = 1
KITS = (*TEAMS, "official")
DEFAULT_SIGMA_PX = 4.0
DEFAULT_T_SIGMA = 0.05
SCENE_KEYS = tuple(key for key in KEYS if key not in ("schema", "id", "domain"))


@dataclass(frozen=True)
class KitExample:
    """What a kit looks like: a pixel on a person who wears it, or a shirt colour.

    Args:
        t: seconds of the picture; None with a colour.
        at: pixel on the person; None with a colour.
        colour: red, green, blue, 0 to 255; None with a pixel.
    """

    t: float | None = None
    at: Pixel | None = None
    colour: tuple[int, int, int] | None = None


@dataclass(frozen=True)
class AnnotatedPoint:
    """An entity seen in the picture by a person.

    Args:
        t: seconds.
        entity: stable id.
        kind: of the ontology.
        at: pixel of its ground point (of its centre for a ball or puck).
        sigma_px: 1-sigma, pixels.
        z: metres above the surface.
    """

    t: float
    entity: str
    kind: str
    at: Pixel
    sigma_px: float = DEFAULT_SIGMA_PX
    z: float = 0.0


@dataclass(frozen=True)
class AnnotatedEvent:
    """An event seen or heard by a person; ``at`` names the tracked person at that pixel, else ``entity``.

    Args:
        t: seconds.
        kind: of the ontology.
        t_sigma: 1-sigma of t, seconds.
        until: end of what lasts, seconds.
        at: pixel on the tracked person who did it.
        entity: who did it.
        team: whose it is.
        other: whom it was done to.
        x: metres, field frame.
        y: metres, field frame.
        detail: of the ontology.
        p: probability that it happened.
    """

    t: float
    kind: str
    t_sigma: float = DEFAULT_T_SIGMA
    until: float | None = None
    at: Pixel | None = None
    entity: str | None = None
    team: str | None = None
    other: str | None = None
    x: float | None = None
    y: float | None = None
    detail: str | None = None
    p: float | None = None


@dataclass(frozen=True)
class Annotations:
    """All that a person added: kits, points, events, rows of the plays table, and keys of scene.yaml as written."""

    kits: Mapping[str, tuple[KitExample, ...]] = field(default_factory=dict)
    points: tuple[AnnotatedPoint, ...] = ()
    events: tuple[AnnotatedEvent, ...] = ()
    scene: Mapping[str, Any] = field(default_factory=dict)
    plays: pa.Table = field(default_factory=lambda: tables.empty("plays"))


def read_annotations(path: str | Path) -> Annotations:
    """Read and check an annotations file; kinds are checked by ``ontologies.checks``.

    Raises:
        InputError: on anything wrong in it, naming the file and the key.
    """
    return annotations_of(yamls.read_mapping(path), str(path))


def annotations_of(content: Mapping[str, Any], where: str = "annotations") -> Annotations:
    """Make checked annotations from the keys of the file.

    Raises:
        InputError: on anything wrong in it.
    """
    given = parse.mapping(content, where, ("schema", "kits", "points", "events", "plays", "scene"), ("schema",))
    parse.version(given["schema"], SCHEMA, "annotations format", where)
    kits = parse.mapping(given.get("kits") or {}, f"{where}, kits", KITS)
    points = [
        _point(item, f"{where}, point {index}")
        for index, item in enumerate(parse.sequence(given.get("points") or [], where), start=1)
    ]
    events = [
        _event(item, f"{where}, event {index}")
        for index, item in enumerate(parse.sequence(given.get("events") or [], where), start=1)
    ]
    _no_doubles(points, where)
    return Annotations(
        {kit: _kit_examples(items, f"{where}, kits, {kit}") for kit, items in kits.items()},
        tuple(sorted(points, key=lambda point: (point.t, point.entity))),
        tuple(sorted(events, key=lambda event: event.t)),
        parse.mapping(given.get("scene") or {}, f"{where}, scene", SCENE_KEYS),
        _plays(given.get("plays") or [], f"{where}, plays"),
    )


def _plays(value: Any, where: str) -> pa.Table:
    names = tables.spec("plays").names
    rows = [
        parse.mapping(item, f"{where}, row {index}", names)
        for index, item in enumerate(parse.sequence(value, where), start=1)
    ]
    return tables.table("plays", {name: [row.get(name) for row in rows] for name in names}, where)


def _no_doubles(points: list[AnnotatedPoint], where: str) -> None:
    seen = set()
    for point in points:
        if (point.t, point.entity) in seen:
            raise InputError(f"two points for '{point.entity}' at {point.t:g} s", where=where)
        seen.add((point.t, point.entity))


def _kit_examples(value: Any, where: str) -> tuple[KitExample, ...]:
    return tuple(_kit(item, where) for item in parse.sequence(value, where))


def _kit(value: Any, where: str) -> KitExample:
    if isinstance(value, str):
        return KitExample(colour=_colour(value, where))
    given = parse.mapping(value, where, ("t", "at"), ("t", "at"))
    return KitExample(parse.number(given["t"], f"{where}, t"), pixel(given["at"], f"{where}, at"))


def _colour(value: str, where: str) -> tuple[int, int, int]:
    digits = value.removeprefix("#")
    if len(digits) != 6 or any(digit not in "0123456789abcdefABCDEF" for digit in digits):
        raise InputError(f"a colour is '#rrggbb', not {value!r}", where=where)
    red, green, blue = (int(digits[start : start + 2], 16) for start in (0, 2, 4))
    return red, green, blue


def _point(value: Any, where: str) -> AnnotatedPoint:
    needed = ("t", "entity", "kind", "at")
    given = parse.mapping(value, where, (*needed, "sigma_px", "z"), needed)
    return AnnotatedPoint(
        parse.number(given["t"], f"{where}, t"),
        parse.name(given["entity"], f"{where}, entity"),
        parse.name(given["kind"], f"{where}, kind"),
        pixel(given["at"], f"{where}, at"),
        parse.number(given.get("sigma_px", DEFAULT_SIGMA_PX), f"{where}, sigma_px", low=0.0),
        parse.number(given.get("z", 0.0), f"{where}, z"),
    )


def _event(value: Any, where: str) -> AnnotatedEvent:
    known = ("t", "kind", "t_sigma", "until", "at", "entity", "team", "other", "x", "y", "detail", "p")
    given = parse.mapping(value, where, known, ("t", "kind"))

    def maybe(key: str, read: Any) -> Any:
        return parse.optional(given.get(key), read, f"{where}, {key}")

    result = AnnotatedEvent(
        parse.number(given["t"], f"{where}, t"),
        parse.name(given["kind"], f"{where}, kind"),
        parse.number(given.get("t_sigma", DEFAULT_T_SIGMA), f"{where}, t_sigma", low=0.0),
        maybe("until", parse.number),
        maybe("at", pixel),
        maybe("entity", parse.name),
        maybe("team", lambda item, place: parse.choice(item, TEAMS, place)),
        maybe("other", parse.name),
        maybe("x", parse.number),
        maybe("y", parse.number),
        maybe("detail", parse.text),
        maybe("p", lambda item, place: parse.number(item, place, 0.0, 1.0)),
    )
    if result.until is not None and result.until < result.t:
        raise InputError(f"until {result.until:g} lies before t {result.t:g}", where=where)
    if result.at is not None and result.entity is not None:
        raise InputError("an event names its entity or a pixel on it, not both", where=where)
    return result
