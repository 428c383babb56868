"""The scene: what the rules may see, in the interchange format, version 1.

A folder with ``scene.yaml`` and tables (parquet or csv) of the same names as the fields here. What is
left out is unknown, not false. Rows may come in any order and are put in order of time; an event may
lie before the first tracked instant, where it says what held when the scene started.
"""

import dataclasses
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import ArrayLike, NDArray

from records import parse, tables, yamls
from records.clock import EVERYWHEN, Span, covered, held, merged
from records.errors import InputError
from records.files import write_text
from records.names import nearest

SCHEMA = 1
TEAMS = ("home", "away")
ENDS = ("left", "right")
RESOLUTIONS = ("point", "box", "pose")
SEGMENT_KINDS = ("live", "stopped", "replay", "other")
SIDES = ("-y", "+y")
REQUIRED_KEYS = ("schema", "id", "domain", "edition", "attacks", "source")
OPTIONAL_KEYS = ("field", "roster", "strength", "segments", "complete", "initial", "resolution", "benches")
KEYS = (*REQUIRED_KEYS, *OPTIONAL_KEYS)
INITIAL_KEYS = ("possession", "last_restart", "lane_time", "backcourt_time", "control_since", "frontcourt")
TABLES = ("tracks", "parts", "events", "clocks", "plays", "view", "errors")
ANY = "*"
MOST_PEOPLE = 99  # of a team in play


@dataclass(frozen=True)
class FieldChoice:
    """Which field geometry: a preset of the ontology, and sizes where the laws allow a range.

    Args:
        preset: null: the default of the edition.
        length_m: null: the default of the preset.
        width_m: null: the default of the preset.
    """

    preset: str | None = None
    length_m: float | None = None
    width_m: float | None = None


@dataclass(frozen=True)
class Attacks:
    """Which end each team attacks from ``start`` on; None: unknown."""

    start: float
    home: str | None
    away: str | None


@dataclass(frozen=True)
class Counts:
    """A number of players of each team from ``start`` on; None: unknown."""

    start: float
    home: int | None
    away: int | None


@dataclass(frozen=True)
class Segment:
    """What goes on in a span."""

    span: Span
    kind: str


@dataclass(frozen=True)
class Bench:
    """Where a team's bench is: the side of the field and its extent along x, metres."""

    side: str
    start_x: float
    stop_x: float


@dataclass(frozen=True)
class Scene:
    """One scene: the keys of scene.yaml and its tables.

    Args:
        id: of the scene.
        domain: sport.
        edition: of the rulebook.
        attacks: which end each team attacks, in order of time.
        source: free text.
        tracks: entities over time.
        field: geometry.
        roster: how many of each team are in play, goalkeepers included, in order of time.
        strength: how many are allowed, goalkeepers included, in order of time.
        segments: live play, stoppages and so on, in order; empty: all is live.
        complete: event kind -> spans in which what is not listed did not happen; ``*`` is every kind.
        initial: state when the scene starts.
        resolution: what the tracks can support; None: not said.
        benches: team -> where its bench is.
        parts: body parts; None: no such table.
        events: what happened; None: no such table.
        clocks: clock readings; None: no such table.
        plays: football's context; None: no such table.
        view: what the camera saw; None: no such table.
        errors: shared error modes; None: no such table.
        folder: where it was read from; None: made in memory.
        schema: version of the format.
    """

    id: str
    domain: str
    edition: str
    attacks: tuple[Attacks, ...]
    source: str
    tracks: pa.Table
    field: FieldChoice = FieldChoice()
    roster: tuple[Counts, ...] = ()
    strength: tuple[Counts, ...] = ()
    segments: tuple[Segment, ...] = ()
    complete: Mapping[str, tuple[Span, ...]] = dataclasses.field(default_factory=dict)
    initial: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    resolution: str | None = None
    benches: Mapping[str, Bench] = dataclasses.field(default_factory=dict)
    parts: pa.Table | None = None
    events: pa.Table | None = None
    clocks: pa.Table | None = None
    plays: pa.Table | None = None
    view: pa.Table | None = None
    errors: pa.Table | None = None
    folder: Path | None = dataclasses.field(default=None, compare=False)
    schema: int = SCHEMA

    def attacks_at(self, team: str, t: float) -> str | None:
        """Return the end (``left`` or ``right``) that a team attacks at an instant; None: unknown."""
        end: str | None = _value_at(self.attacks, team, t)
        return end

    def attack_sign(self, team: str, t: ArrayLike) -> NDArray[np.int64]:
        """Return +1 where the team attacks the right end, -1 the left, 0 where that is unknown."""
        stamps = np.asarray(t, dtype=np.float64)
        result = np.zeros(stamps.shape, dtype=np.int64)
        for step in self.attacks:
            sign = {"right": 1, "left": -1, None: 0}[getattr(step, team)]
            result[stamps >= step.start] = sign
        return result

    def team_attacking(self, end: str, t: float) -> str | None:
        """Return the team that attacks an end at an instant; None: unknown."""
        for team in TEAMS:
            if self.attacks_at(team, t) == end:
                return team
        return None

    def roster_at(self, team: str, t: float) -> int | None:
        """Return how many of a team are in play at an instant; None: unknown."""
        count: int | None = _value_at(self.roster, team, t)
        return count

    def strength_at(self, team: str, t: float) -> int | None:
        """Return how many of a team are allowed in play at an instant; None: unknown."""
        count: int | None = _value_at(self.strength, team, t)
        return count

    def roster_over(self, team: str, t: ArrayLike) -> NDArray[np.float64]:
        """Return how many of a team are in play at each instant; nan: unknown."""
        return _values_over(self.roster, team, t)

    def strength_over(self, team: str, t: ArrayLike) -> NDArray[np.float64]:
        """Return how many of a team are allowed at each instant; nan: unknown."""
        return _values_over(self.strength, team, t)

    def spans(self, kind: str) -> tuple[Span, ...]:
        """Return the spans of one kind of segment, disjoint and in order; without segments all is live."""
        if not self.segments:
            return (EVERYWHEN,) if kind == "live" else ()
        return merged(segment.span for segment in self.segments if segment.kind == kind)

    @property
    def live(self) -> tuple[Span, ...]:
        """The spans of live play, which alone are judged."""
        return self.spans("live")

    def is_live(self, t: ArrayLike) -> NDArray[np.bool_]:
        """Return for each instant whether it lies in live play."""
        return held(self.live, t)

    def complete_spans(self, kind: str) -> tuple[Span, ...]:
        """Return the spans in which an event of the kind that is not listed did not happen."""
        return merged([*self.complete.get(ANY, ()), *self.complete.get(kind, ())])

    def is_complete(self, kind: str, start: float, stop: float) -> bool:
        """Whether all events of a kind between two instants are listed."""
        return covered(self.complete_spans(kind), start, stop)

    def complete_over(self, kind: str, t: ArrayLike) -> NDArray[np.bool_]:
        """Return for each instant whether all events of a kind there are listed."""
        return held(self.complete_spans(kind), t)

    def supports(self, resolution: str) -> bool:
        """Whether the tracks support ``point``, ``box`` or ``pose``; a table of parts is poses."""
        own = self.resolution or ("pose" if self.parts is not None else "point")
        return RESOLUTIONS.index(own) >= RESOLUTIONS.index(resolution)

    @property
    def times(self) -> NDArray[np.float64]:
        """The different instants of the tracks, seconds, in order."""
        t = tables.column(self.tracks, "t")
        return t if not len(t) else t[np.concatenate([[True], t[1:] > t[:-1]])]

    @property
    def span(self) -> Span | None:
        """From the first to the last tracked instant; None without a track."""
        times = self.times
        return Span(float(times[0]), float(times[-1])) if len(times) else None


def read_scene(folder: str | Path) -> Scene:
    """Read and check a scene folder.

    Args:
        folder: holds ``scene.yaml`` and the tables.

    Raises:
        InputError: on anything wrong in it, naming the file, and the key or column and row.
    """
    place = Path(folder)
    if not place.is_dir():
        raise InputError("no such scene folder", where=str(folder))
    keys = yamls.read_mapping(place / "scene.yaml")
    _no_misspelt_table(place)
    found: dict[str, pa.Table] = {}
    for name in TABLES:
        path = _table_path(place, name)
        if path is not None:
            found[name] = tables.read(path, name)
    if "tracks" not in found:
        raise InputError("a scene needs tracks.parquet or tracks.csv", where=str(folder))
    return _scene_of(keys, found, str(place / "scene.yaml"), place)


def scene_of(
    keys: Mapping[str, Any], content: Mapping[str, Any], where: str = "scene.yaml", folder: Path | None = None
) -> Scene:
    """Make a checked scene from the keys of scene.yaml and its tables.

    Args:
        keys: as in scene.yaml.
        content: table name -> arrow table or mapping of columns; ``tracks`` may be left out for none.
        where: the file, for errors.
        folder: where the scene lies.

    Raises:
        InputError: on anything wrong in it.

    >>> scene = scene_of({"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025",
    ...                   "attacks": {"home": "right"}, "source": ""}, {})
    >>> scene.attacks_at("away", 3.0), scene.roster_at("home", 3.0), scene.is_complete("touch", 0, 1)
    ('left', None, False)
    """
    checked = {name: _checked(name, content[name]) for name in _known_tables(content, where)}
    return _scene_of(keys, checked, where, folder)


def _scene_of(keys: Mapping[str, Any], checked: Mapping[str, pa.Table], where: str, folder: Path | None) -> Scene:
    """Make a scene from tables that are checked; the other arguments are those of ``scene_of``."""
    given = parse.mapping(keys, where, KEYS, ("schema",))
    parse.version(given["schema"], SCHEMA, "scene format", where)
    parse.mapping(keys, where, KEYS, REQUIRED_KEYS)
    ready = {name: tables.ordered(name, content) for name, content in checked.items()}
    result = Scene(
        id=parse.name(given["id"], f"{where}, id"),
        domain=parse.name(given["domain"], f"{where}, domain"),
        edition=parse.name(given["edition"], f"{where}, edition"),
        attacks=parse_attacks(given["attacks"], f"{where}, attacks"),
        source="" if given["source"] is None else parse.text(given["source"], f"{where}, source"),
        tracks=ready.pop("tracks", tables.empty("tracks")),
        field=parse_field(given.get("field"), f"{where}, field"),
        roster=parse_counts(given.get("roster"), f"{where}, roster"),
        strength=parse_counts(given.get("strength"), f"{where}, strength"),
        segments=_segments(given.get("segments"), f"{where}, segments"),
        complete=_complete(given.get("complete"), f"{where}, complete"),
        initial=_initial(given.get("initial"), f"{where}, initial"),
        resolution=None
        if given.get("resolution") is None
        else parse.choice(given["resolution"], RESOLUTIONS, f"{where}, resolution"),
        benches=_benches(given.get("benches"), f"{where}, benches"),
        folder=folder,
        **ready,
    )
    return check_tables(result)


def check_tables(scene: Scene) -> Scene:
    """Check what holds between tables and rows: one team and kind per entity, ends after starts.

    Raises:
        InputError: naming the table and the entity or row.
    """
    place = str(scene.folder) if scene.folder else f"scene {scene.id}"
    _one_team(scene, place)
    _one_kind(scene, place)
    if scene.events is not None:
        _ends_follow(scene.events, "t", "until", f"{place}, events")
    if scene.plays is not None:
        _ends_follow(scene.plays, "from", "to", f"{place}, plays")
    return scene


def write_scene(scene: Scene, folder: str | Path) -> None:
    """Write a scene folder: tables as parquet first, ``scene.yaml`` last.

    Tables that the folder held from an earlier scene and this one lacks are removed.

    Raises:
        InputError: if it cannot be written.
    """
    place = Path(folder)
    for name in TABLES:
        content = getattr(scene, name)
        if content is not None:
            tables.write(place / f"{name}.parquet", name, content, {"scene": scene.id})
        for suffix in ("csv",) if content is not None else ("csv", "parquet"):
            (place / f"{name}.{suffix}").unlink(missing_ok=True)
    write_text(place / "scene.yaml", yamls.dumps(keys_of(scene)))


def keys_of(scene: Scene) -> dict[str, Any]:
    """Return the keys of scene.yaml for a scene; what is unknown is left out."""
    keys: dict[str, Any] = {
        "schema": scene.schema,
        "id": scene.id,
        "domain": scene.domain,
        "edition": scene.edition,
        "attacks": _steps_out(scene.attacks),
        "source": scene.source,
    }
    chosen = {name: value for name, value in vars(scene.field).items() if value is not None}
    optional = {
        "field": chosen,
        "roster": _steps_out(scene.roster),
        "strength": _steps_out(scene.strength),
        "segments": [{**_span_out(segment.span), "kind": segment.kind} for segment in scene.segments],
        "complete": _complete_out(scene.complete),
        "initial": dict(scene.initial),
        "resolution": scene.resolution,
        "benches": {
            team: {"side": bench.side, "x": [bench.start_x, bench.stop_x]} for team, bench in scene.benches.items()
        },
    }
    return {**keys, **{name: value for name, value in optional.items() if value}}


def parse_field(value: Any, where: str) -> FieldChoice:
    """Read ``field: {preset, length_m, width_m}``; nothing means the default of the edition.

    Raises:
        InputError: on an unknown key or a wrong value.
    """
    if value is None:
        return FieldChoice()
    given = parse.mapping(value, where, ("preset", "length_m", "width_m"))
    return FieldChoice(
        parse.optional(given.get("preset"), parse.name, f"{where}, preset"),
        parse.optional(given.get("length_m"), _size, f"{where}, length_m"),
        parse.optional(given.get("width_m"), _size, f"{where}, width_m"),
    )


def parse_attacks(value: Any, where: str) -> tuple[Attacks, ...]:
    """Read ``attacks``, one mapping or a list of them with ``from``; one team's end gives the other's.

    Raises:
        InputError: on a wrong value, or when both teams attack the same end.
    """
    return tuple(Attacks(start, *_ends(given, place)) for start, given, place in _steps(value, where))


def parse_counts(value: Any, where: str) -> tuple[Counts, ...]:
    """Read ``roster`` or ``strength``, one mapping or a list of them with ``from``; nothing is unknown.

    Raises:
        InputError: on a wrong value.
    """
    if value is None:
        return ()
    counts = tuple(
        Counts(start, *(parse.optional(given.get(team), _people, f"{place}, {team}") for team in TEAMS))
        for start, given, place in _steps(value, where)
    )
    return counts if any(one.home is not None or one.away is not None for one in counts) else ()


def _people(value: Any, where: str) -> int:
    count = parse.whole(value, where)
    if count > MOST_PEOPLE:
        raise InputError(f"{count} people of a team", where=where, mend=f"there are at most {MOST_PEOPLE}")
    return count


def _steps(value: Any, where: str) -> list[tuple[float, dict[str, Any], str]]:
    """Return (start, keys, place) in order of time for a mapping or a list of mappings with ``from``."""
    if isinstance(value, Mapping):
        return [(_start(value, where), parse.mapping(value, where, ("from", *TEAMS)), where)]
    result = []
    for index, item in enumerate(parse.sequence(value, where), start=1):
        place = f"{where}, item {index}"
        given = parse.mapping(item, place, ("from", *TEAMS), ("from",))
        result.append((_start(given, place), given, place))
    if not result:
        raise InputError("an empty list says nothing", where=where, mend="leave the key out if it is unknown")
    starts = [start for start, _, _ in result]
    if len(set(starts)) < len(starts):
        raise InputError("two items start at the same time", where=where)
    return sorted(result, key=lambda step: step[0])


def _start(given: Mapping[str, Any], where: str) -> float:
    return -math.inf if given.get("from") is None else parse.number(given["from"], f"{where}, from")


def _ends(given: Mapping[str, Any], where: str) -> tuple[str | None, str | None]:
    home, away = (
        None if given.get(team) is None else parse.choice(given[team], ENDS, f"{where}, {team}") for team in TEAMS
    )
    if home is not None and home == away:
        raise InputError("both teams attack the same end", where=where)
    other = {"left": "right", "right": "left"}
    if home is None and away is not None:
        home = other[away]
    if away is None and home is not None:
        away = other[home]
    return home, away


def _size(value: Any, where: str) -> float:
    return parse.number(value, where, low=1.0, high=1000.0)


def parse_span(value: Any, where: str) -> Span:
    """Read a span, ``[from, to]``; null leaves that side open.

    Raises:
        InputError: if it is none.
    """
    items = parse.sequence(value, where)
    if len(items) != 2:
        raise InputError(f"a span is [from, to] in seconds, not {len(items)} numbers", where=where)
    start = -math.inf if items[0] is None else parse.number(items[0], where)
    stop = math.inf if items[1] is None else parse.number(items[1], where)
    return _span(start, stop, where)


def _span(start: float, stop: float, where: str) -> Span:
    if start > stop:
        raise InputError(f"a span must end after it starts, not [{start:g}, {stop:g}]", where=where)
    return Span(start, stop)


def _segments(value: Any, where: str) -> tuple[Segment, ...]:
    if value is None:
        return ()
    result = []
    for index, item in enumerate(parse.sequence(value, where), start=1):
        place = f"{where}, item {index}"
        given = parse.mapping(item, place, ("from", "to", "kind"), ("kind",))
        span = parse_span([given.get("from"), given.get("to")], place)
        result.append(Segment(span, parse.choice(given["kind"], SEGMENT_KINDS, f"{place}, kind")))
    result.sort(key=lambda segment: segment.span)
    for before, after in pairwise(result):
        if after.span.start < before.span.stop:
            raise InputError(f"segments overlap at {after.span.start:g} s", where=where)
    return tuple(result)


def _complete(value: Any, where: str) -> dict[str, tuple[Span, ...]]:
    """Read ``all``, a list of kinds, a list of spans for every kind, or kind -> ``all`` or spans."""
    if value is None:
        return {}
    if value == "all":
        return {ANY: (EVERYWHEN,)}
    if isinstance(value, Mapping):
        given = parse.mapping(value, where)
        return {
            (ANY if kind == "all" else kind): _complete_one(spans, f"{where}, {kind}") for kind, spans in given.items()
        }
    items = parse.sequence(value, where)
    if items and all(isinstance(item, str) for item in items):
        return dict.fromkeys((ANY if kind == "all" else kind for kind in items), (EVERYWHEN,))
    return {ANY: _complete_one(items, where)}


def _complete_one(value: Any, where: str) -> tuple[Span, ...]:
    if value is None:
        return ()
    if value == "all":
        return (EVERYWHEN,)
    if isinstance(value, str):
        raise InputError(f"'all' or a list of spans is needed here, not {value!r}", where=where)
    spans = parse.sequence(value, where)
    return merged(parse_span(item, f"{where}, item {index}") for index, item in enumerate(spans, start=1))


def _initial(value: Any, where: str) -> dict[str, Any]:
    if value is None:
        return {}
    given = parse.mapping(value, where, INITIAL_KEYS)
    checks = {
        "possession": lambda item, place: parse.choice(item, TEAMS, place),
        "last_restart": parse.name,
        "lane_time": _times_by_entity,
        "backcourt_time": lambda item, place: parse.number(item, place, low=0.0),
        "control_since": parse.number,
        "frontcourt": _truth,
    }
    return {key: checks[key](item, f"{where}, {key}") for key, item in given.items() if item is not None}


def _times_by_entity(value: Any, where: str) -> dict[str, float]:
    given = parse.mapping(value, where)
    return {entity: parse.number(item, f"{where}, {entity}", low=0.0) for entity, item in given.items()}


def _truth(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise InputError(f"true or false is needed here, not {parse.shown(value)}", where=where)
    return value


def _benches(value: Any, where: str) -> dict[str, Bench]:
    if value is None:
        return {}
    result = {}
    for team, item in parse.mapping(value, where, TEAMS).items():
        place = f"{where}, {team}"
        given = parse.mapping(item, place, ("side", "x"), ("side", "x"))
        low, high = parse.numbers(given["x"], 2, f"{place}, x")
        if low > high:
            raise InputError(f"x must rise, not [{low:g}, {high:g}]", where=f"{place}, x")
        result[team] = Bench(parse.choice(given["side"], SIDES, f"{place}, side"), low, high)
    return result


def _known_tables(content: Mapping[str, Any], where: str) -> list[str]:
    return list(parse.mapping(content, where, TABLES))


def _checked(name: str, content: Any) -> pa.Table:
    return tables.check(name, content) if isinstance(content, pa.Table) else tables.table(name, content)


def _table_path(folder: Path, name: str) -> Path | None:
    found = [path for path in (folder / f"{name}.parquet", folder / f"{name}.csv") if path.exists()]
    if len(found) > 1:
        raise InputError(f"both {name}.parquet and {name}.csv are there", where=str(folder), mend="keep one")
    return found[0] if found else None


def _no_misspelt_table(folder: Path) -> None:
    """Refuse a file whose name looks like a misspelt table: what it holds would be unknown without a word."""
    names = [f"{name}{suffix}" for name in tables.SPECS for suffix in (".csv", ".parquet")]
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() not in (".csv", ".parquet") or path.name in names:
            continue
        close = nearest(path.stem.strip().lower(), TABLES, 1)
        if close:
            raise InputError(
                "no table has this name", where=str(path), mend=f"did you mean '{close[0]}{path.suffix.lower()}'?"
            )


def _one_kind(scene: Scene, place: str) -> None:
    """Refuse an entity that is of two kinds; unknown is none."""
    seen: dict[str, str] = {}
    pairs = scene.tracks.select(["entity", "kind"]).group_by(["entity", "kind"]).aggregate([]).to_pylist()
    for pair in sorted(pairs, key=lambda item: (item["entity"], item["kind"] or "")):
        entity, kind = pair["entity"], pair["kind"]
        if kind not in (None, "unknown") and seen.setdefault(entity, kind) != kind:
            raise InputError(
                f"entity '{entity}' is both {seen[entity]} and {kind}",
                where=f"{place}, tracks",
                mend="one id is one thing; leave kind empty where it is not known",
            )


def _one_team(scene: Scene, place: str) -> None:
    """Refuse an entity that is in both teams, in the tracks or between tracks and events."""
    sources = [("tracks", scene.tracks)] + ([("events", scene.events)] if scene.events is not None else [])
    seen: dict[str, str] = {}
    for name, content in sources:
        pairs = content.select(["entity", "team"]).group_by(["entity", "team"]).aggregate([]).to_pylist()
        for pair in sorted(pairs, key=lambda item: (item["entity"] or "", item["team"] or "")):
            entity, team = pair["entity"], pair["team"]
            if entity is None or team is None:
                continue
            if seen.setdefault(entity, team) != team:
                raise InputError(f"entity '{entity}' is in both teams", where=f"{place}, {name}")


def _ends_follow(content: pa.Table, start: str, stop: str, where: str) -> None:
    begins, ends = tables.column(content, start), tables.column(content, stop)
    wrong = ends < begins
    if wrong.any():
        row = int(wrong.argmax())
        raise InputError(f"'{stop}' {ends[row]:g} lies before '{start}' {begins[row]:g}", where=where)


def _value_at(steps: Iterable[Any], team: str, t: float) -> Any:
    result = None
    for step in steps:
        if step.start > t:
            break
        result = getattr(step, team)
    return result


def _values_over(steps: Iterable[Counts], team: str, t: ArrayLike) -> NDArray[np.float64]:
    stamps = np.asarray(t, dtype=np.float64)
    result = np.full(stamps.shape, np.nan)
    for step in steps:
        count = getattr(step, team)
        result[stamps >= step.start] = np.nan if count is None else count
    return result


def _steps_out(steps: Sequence[Attacks | Counts]) -> Any:
    """Return one mapping where all time is one step, else the list; unknown values are left out."""
    known = [{team: getattr(step, team) for team in TEAMS if getattr(step, team) is not None} for step in steps]
    if len(steps) == 1 and steps[0].start == -math.inf:
        return known[0]
    return [
        {"from": None if step.start == -math.inf else step.start, **values}
        for step, values in zip(steps, known, strict=True)
    ]


def _span_out(span: Span) -> dict[str, float | None]:
    return {"from": None if span.start == -math.inf else span.start, "to": None if span.stop == math.inf else span.stop}


def _complete_out(complete: Mapping[str, tuple[Span, ...]]) -> Any:
    if dict(complete) == {ANY: (EVERYWHEN,)}:
        return "all"
    return {
        ("all" if kind == ANY else kind): "all"
        if spans == (EVERYWHEN,)
        else [list(_span_out(span).values()) for span in spans]
        for kind, spans in complete.items()
    }
