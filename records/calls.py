"""calls.json, version 1: what comes out, read and written byte-stably.

Numbers are rounded to six decimals when a record is made, so that what is written and read again is
equal to what was made.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from records import parse
from records.clock import Span
from records.errors import InputError
from records.files import read_text, write_text

SCHEMA = 1
DIGITS = 6
VERDICTS = ("violation", "clear", "undecided")
OPPORTUNITIES = ("certain", "possible")
VALUES = ("true", "false", "unknown")
STATUSES = ("judged", "blind", "not_applicable")
TEAMS = ("home", "away")


@dataclass(frozen=True)
class Margin:
    """How far the deciding atom is from flipping.

    Args:
        value: signed, in ``unit``; positive where the atom holds. Over an uncertain instant it is the weakest: the
            least of an atom that is true, the greatest of one that is false, the likeliest of an unknown one.
        sigma: its 1-sigma, same unit: the position's own error, the error shared with the frame, and the extent that
            the source leaves open (a footprint) divided by k, so that ``|value| > k * sigma`` is what makes the atom
            certain. The uncertainty of the instant is in ``value`` and not counted again.
        unit: e.g. ``m``, ``s``, ``m/s``, ``count``.
        atom: index of that atom in ``because``.
    """

    value: float
    sigma: float
    unit: str
    atom: int

    def __post_init__(self) -> None:
        _round(self, "value", "sigma")


@dataclass(frozen=True)
class Atom:
    """A piece of evidence: a statement, its value, and the margin that it rests on.

    Args:
        atom: the statement in words.
        value: ``true``, ``false`` or ``unknown``.
        t: seconds.
        margin: signed; None: not a measurement.
        sigma: its 1-sigma.
        source: the table or event that it comes from; None: nothing was observed.
    """

    atom: str
    value: str
    t: float | None = None
    margin: float | None = None
    sigma: float | None = None
    source: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.value, VALUES, "value")
        _round(self, "t", "margin", "sigma")


@dataclass(frozen=True)
class ExceptionValue:
    """An exception of the rule and its value."""

    name: str
    value: str

    def __post_init__(self) -> None:
        _one_of(self.value, VALUES, "value")


@dataclass(frozen=True)
class Flip:
    """The smallest change that flips the verdict.

    Args:
        text: in words.
        entity: who would have to be elsewhere; None: no move of one alone flips it, the text says whose together.
        t: when, seconds.
        dx: change along the field, metres.
        dy: change across the field, metres; left out of the file when None.
        dt: change of the instant, seconds; left out of the file when None.
    """

    text: str
    entity: str | None = None
    t: float | None = None
    dx: float | None = None
    dy: float | None = None
    dt: float | None = None

    def __post_init__(self) -> None:
        _round(self, "t", "dx", "dy", "dt")


@dataclass(frozen=True)
class Call:
    """One call on one opportunity of one rule.

    Args:
        id: ``rule@t/who``.
        rule: e.g. ``hockey.offside``.
        clause: of the edition, e.g. ``NHL 83.1``.
        opportunity: ``certain``, or ``possible`` when it may not have happened at all.
        verdict: ``violation``, ``clear`` or ``undecided``.
        t: seconds.
        t_sigma: its 1-sigma.
        act_t: when a delayed offence became one, seconds.
        parent: id of the call that this one belongs to.
        window: seconds that bound the evidence.
        team: whose opportunity it is.
        entities: who is involved.
        margin: of the flipping atom.
        probability: of a violation, where all it rests on is measured.
        because: the evidence.
        exceptions: and their values.
        blocked_by: the unknown atoms that stand in the way of a verdict.
        would_flip: the smallest change that flips it.
        truncated: not all blocking atoms could be tried; in the file only when true.
    """

    id: str
    rule: str
    clause: str
    opportunity: str
    verdict: str
    t: float
    t_sigma: float = 0.0
    act_t: float | None = None
    parent: str | None = None
    window: tuple[float, float] | None = None
    team: str | None = None
    entities: tuple[str, ...] = ()
    margin: Margin | None = None
    probability: float | None = None
    because: tuple[Atom, ...] = ()
    exceptions: tuple[ExceptionValue, ...] = ()
    blocked_by: tuple[Atom, ...] = ()
    would_flip: Flip | None = None
    truncated: bool = False

    def __post_init__(self) -> None:
        _one_of(self.verdict, VERDICTS, "verdict")
        _one_of(self.opportunity, OPPORTUNITIES, "opportunity")
        if self.team is not None:
            _one_of(self.team, TEAMS, "team")
        _round(self, "t", "t_sigma", "act_t", "probability")
        if self.probability is not None and not 0 <= self.probability <= 1:
            raise InputError(f"probability {self.probability:g} is not between 0 and 1", where=self.id)
        if self.window is not None:
            start, stop = (rounded(item) for item in self.window)
            if start > stop:
                raise InputError(f"window [{start:g}, {stop:g}] ends before it starts", where=self.id)
            object.__setattr__(self, "window", (start, stop))
        if self.margin is not None and not 0 <= self.margin.atom < len(self.because):
            raise InputError(f"margin names atom {self.margin.atom} of {len(self.because)}", where=self.id)


@dataclass(frozen=True)
class Coverage:
    """What a rule could do in a span: ``judged``, ``blind`` (why) or ``not_applicable``.

    An infinite end is written as null.
    """

    rule: str
    span: Span
    status: str
    why: str | None = None

    def __post_init__(self) -> None:
        _one_of(self.status, STATUSES, "status")
        ends = [item if math.isinf(item) else rounded(item) for item in (self.span.start, self.span.stop)]
        object.__setattr__(self, "span", Span(*ends))


@dataclass(frozen=True)
class Calls:
    """All calls on a scene, in order of time, rule and id, and the coverage, in order of rule and time."""

    scene: str
    domain: str
    edition: str
    engine: str
    calls: tuple[Call, ...] = ()
    coverage: tuple[Coverage, ...] = ()
    schema: int = SCHEMA

    def __post_init__(self) -> None:
        ids = [call.id for call in self.calls]
        if len(set(ids)) < len(ids):
            doubled = sorted({one for one in ids if ids.count(one) > 1})
            raise InputError(f"two calls have the id '{doubled[0]}'")
        ordered = sorted(self.calls, key=lambda call: (call.t, call.rule, call.id))
        spans = sorted(self.coverage, key=lambda one: (one.rule, one.span, one.status, one.why or ""))
        object.__setattr__(self, "calls", tuple(ordered))
        object.__setattr__(self, "coverage", tuple(spans))


def rounded(value: float) -> float:
    """Return a finite number to six decimals, without a minus before zero.

    Raises:
        InputError: if it is not finite.

    >>> rounded(1 / 3), rounded(-1e-9)
    (0.333333, 0.0)
    """
    if not math.isfinite(value):
        raise InputError(f"a finite number is needed in a call, not {value}")
    return round(float(value), DIGITS) + 0.0


def dumps(calls: Calls) -> str:
    """Return the canonical json: keys in fixed order, one line per call; the same calls, the same bytes."""
    head = {
        "schema": calls.schema,
        "scene": calls.scene,
        "domain": calls.domain,
        "edition": calls.edition,
        "engine": calls.engine,
    }
    lines = json.dumps(head, ensure_ascii=False)[:-1]
    listed = _lines(_call_out(call) for call in calls.calls)
    covered = _lines(_coverage_out(one) for one in calls.coverage)
    return f'{lines},\n "calls": [{listed}],\n "coverage": [{covered}]}}\n'


def loads(text: str, where: str = "calls.json") -> Calls:
    """Read the json; ``loads(dumps(calls)) == calls``.

    Raises:
        InputError: if it is not json, not of this version, or wrong in a key.
    """
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"not readable as json: {error}", where=where) from error
    keys = ("schema", "scene", "domain", "edition", "engine", "calls", "coverage")
    given = parse.mapping(content, where, keys, keys)
    parse.version(given["schema"], SCHEMA, "calls", where)
    calls = tuple(
        _call_in(item, f"{where}, call {index}")
        for index, item in enumerate(parse.sequence(given["calls"], where), start=1)
    )
    coverage = tuple(
        _coverage_in(item, f"{where}, coverage {index}")
        for index, item in enumerate(parse.sequence(given["coverage"], where), start=1)
    )
    scene, domain, edition, engine = (parse.text(given[key], f"{where}, {key}") for key in keys[1:5])
    return Calls(scene, domain, edition, engine, calls, coverage)


def write(path: str | Path, calls: Calls) -> None:
    """Write calls.json whole or not at all.

    Raises:
        InputError: if it cannot be written.
    """
    write_text(path, dumps(calls))


def read(path: str | Path) -> Calls:
    """Read calls.json.

    Raises:
        InputError: if it is missing or wrong.
    """
    return loads(read_text(path), str(path))


def _lines(items: Any) -> str:
    texts = [json.dumps(item, ensure_ascii=False, allow_nan=False) for item in items]
    return "\n  " + ",\n  ".join(texts) + "\n " if texts else ""


def _call_out(call: Call) -> dict[str, Any]:
    plain = ("id", "rule", "clause", "opportunity", "verdict", "t", "t_sigma", "act_t", "parent")
    result: dict[str, Any] = {name: getattr(call, name) for name in plain}
    result["window"] = None if call.window is None else list(call.window)
    result["team"] = call.team
    result["entities"] = list(call.entities)
    result["margin"] = None if call.margin is None else dict(vars(call.margin))
    result["probability"] = call.probability
    result["because"] = [dict(vars(atom)) for atom in call.because]
    result["exceptions"] = [dict(vars(one)) for one in call.exceptions]
    result["blocked_by"] = [dict(vars(atom)) for atom in call.blocked_by]
    result["would_flip"] = None if call.would_flip is None else _flip_out(call.would_flip)
    return {**result, "truncated": True} if call.truncated else result


def _flip_out(flip: Flip) -> dict[str, Any]:
    return {key: value for key, value in vars(flip).items() if value is not None or key not in ("dy", "dt")}


def _coverage_out(one: Coverage) -> dict[str, Any]:
    start, stop = (None if math.isinf(item) else item for item in (one.span.start, one.span.stop))
    return {"rule": one.rule, "from": start, "to": stop, "status": one.status, "why": one.why}


_CALL_KEYS = (
    "id",
    "rule",
    "clause",
    "opportunity",
    "verdict",
    "t",
    "t_sigma",
    "act_t",
    "parent",
    "window",
    "team",
    "entities",
    "margin",
    "probability",
    "because",
    "exceptions",
    "blocked_by",
    "would_flip",
)


def _call_in(value: Any, where: str) -> Call:
    given = parse.mapping(value, where, (*_CALL_KEYS, "truncated"), _CALL_KEYS)
    names = {key: parse.text(given[key], f"{where}, {key}") for key in _CALL_KEYS[:5]}
    window = given["window"]
    return Call(
        **names,
        t=parse.number(given["t"], f"{where}, t"),
        t_sigma=parse.number(given["t_sigma"], f"{where}, t_sigma", low=0.0),
        act_t=parse.optional(given["act_t"], parse.number, f"{where}, act_t"),
        parent=parse.optional(given["parent"], parse.text, f"{where}, parent"),
        window=None if window is None else _pair(window, f"{where}, window"),
        team=parse.optional(given["team"], parse.text, f"{where}, team"),
        entities=tuple(parse.text(item, where) for item in parse.sequence(given["entities"], where)),
        margin=parse.optional(given["margin"], _margin_in, f"{where}, margin"),
        probability=parse.optional(given["probability"], parse.number, f"{where}, probability"),
        because=_atoms_in(given["because"], f"{where}, because"),
        exceptions=_exceptions_in(given["exceptions"], f"{where}, exceptions"),
        blocked_by=_atoms_in(given["blocked_by"], f"{where}, blocked_by"),
        would_flip=parse.optional(given["would_flip"], _flip_in, f"{where}, would_flip"),
        truncated=given.get("truncated") is True,
    )


def _pair(value: Any, where: str) -> tuple[float, float]:
    start, stop = parse.numbers(value, 2, where)
    return start, stop


def _margin_in(value: Any, where: str) -> Margin:
    keys = ("value", "sigma", "unit", "atom")
    given = parse.mapping(value, where, keys, keys)
    return Margin(
        parse.number(given["value"], where),
        parse.number(given["sigma"], where, low=0.0),
        parse.text(given["unit"], where),
        parse.whole(given["atom"], where),
    )


def _atoms_in(value: Any, where: str) -> tuple[Atom, ...]:
    keys = ("atom", "value", "t", "margin", "sigma", "source")
    result = []
    for item in parse.sequence(value, where):
        given = parse.mapping(item, where, keys, keys[:2])
        result.append(
            Atom(
                parse.text(given["atom"], where),
                parse.text(given["value"], where),
                parse.optional(given.get("t"), parse.number, f"{where}, t"),
                parse.optional(given.get("margin"), parse.number, f"{where}, margin"),
                parse.optional(given.get("sigma"), parse.number, f"{where}, sigma"),
                parse.optional(given.get("source"), parse.text, f"{where}, source"),
            )
        )
    return tuple(result)


def _exceptions_in(value: Any, where: str) -> tuple[ExceptionValue, ...]:
    result = []
    for item in parse.sequence(value, where):
        given = parse.mapping(item, where, ("name", "value"), ("name", "value"))
        result.append(ExceptionValue(parse.text(given["name"], where), parse.text(given["value"], where)))
    return tuple(result)


def _flip_in(value: Any, where: str) -> Flip:
    given = parse.mapping(value, where, ("text", "entity", "t", "dx", "dy", "dt"), ("text",))
    return Flip(
        parse.text(given["text"], where),
        parse.optional(given.get("entity"), parse.text, where),
        *(parse.optional(given.get(key), parse.number, f"{where}, {key}") for key in ("t", "dx", "dy", "dt")),
    )


def _coverage_in(value: Any, where: str) -> Coverage:
    keys = ("rule", "from", "to", "status", "why")
    given = parse.mapping(value, where, keys, keys[:4])
    start = -math.inf if given["from"] is None else parse.number(given["from"], f"{where}, from")
    stop = math.inf if given["to"] is None else parse.number(given["to"], f"{where}, to")
    if start > stop:
        raise InputError(f"a span must end after it starts, not [{start:g}, {stop:g}]", where=where)
    return Coverage(
        parse.text(given["rule"], where),
        Span(start, stop),
        parse.text(given["status"], where),
        parse.optional(given.get("why"), parse.text, where),
    )


def _one_of(value: str, options: tuple[str, ...], name: str) -> None:
    if value not in options:
        raise InputError(f"{name} '{value}' is none of {', '.join(options)}", where="calls")


def _round(record: Any, *names: str) -> None:
    for name in names:
        value = getattr(record, name)
        if value is not None:
            object.__setattr__(record, name, rounded(value))
