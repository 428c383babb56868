"""The tables: what each column is called, holds and means, checked on write and on read.

A table in memory is a ``pyarrow.Table`` with exactly the columns of its specification, in its order
and types. On disk it is parquet or csv. A null cell means that nothing is known there; a NaN in a
column that may be empty is a null.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from records.errors import InputError
from records.files import write_whole
from records.names import nearest, unknown

CODED_ROWS = 1 << 17  # of a column of words, looked at together
NUL = "\0"  # numpy takes it for the end of a text
TYPES: dict[str, Any] = {
    "f64": pa.float64(),
    "f32": pa.float32(),
    "i64": pa.int64(),
    "i32": pa.int32(),
    "str": pa.string(),
    "bool": pa.bool_(),
    "list_f64": pa.list_(pa.float64()),
}
PROVENANCE_KEY = b"rulesight"
CSV_NULLS = ("", "null", "None", "NaN", "nan", "NA")
CSV_TRUE = ("true", "True", "TRUE", "1")
CSV_FALSE = ("false", "False", "FALSE", "0")


@dataclass(frozen=True)
class Column:
    """One column: its name, type, whether it must be there, and what it means.

    Args:
        name: as in the file.
        type: a key of ``TYPES``.
        required: the column must exist.
        meaning: unit, frame of reference and what an empty cell says.
        nullable: cells may be empty; by default in the columns that are not required.
        choices: the values that a string may have; empty for any.
        low: the smallest number allowed.
        high: the greatest number allowed.
    """

    name: str
    type: str
    required: bool
    meaning: str
    nullable: bool | None = None
    choices: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None

    @property
    def may_be_null(self) -> bool:
        """Whether a cell may be empty."""
        return (not self.required) if self.nullable is None else self.nullable


@dataclass(frozen=True)
class TableSpec:
    """One table: its columns, those that no two rows may share, and those that order rows of one time."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    meaning: str = ""
    order: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The column names in order."""
        return tuple(column.name for column in self.columns)

    @property
    def schema(self) -> pa.Schema:
        """The arrow schema."""
        return pa.schema([pa.field(column.name, TYPES[column.type]) for column in self.columns])


def _must(name: str, kind: str, meaning: str, **limits: Any) -> Column:
    return Column(name, kind, True, meaning, **limits)


def _may(name: str, kind: str, meaning: str, **limits: Any) -> Column:
    return Column(name, kind, False, meaning, **limits)


LONGEST_S = 1e10  # seconds since 1970 are far below, milliseconds above
_T = _must("t", "f64", "seconds, presentation time", low=-LONGEST_S, high=LONGEST_S)
_FRAME = _must("frame", "i64", "index of the frame, for people, never a clock", low=0)
_SHOT = _must("shot", "i32", "index of the camera shot", low=0)
_ENTITY = _must("entity", "str", "stable id")
_TEAM = _may("team", "str", "home or away; null: unknown", choices=("home", "away"))
_H = tuple(f"h{row}{col}" for row in range(3) for col in range(3))

_FRAMES = TableSpec(
    "frames",
    (
        _FRAME,
        _T,
        _SHOT,
        _must(
            "quality",
            "str",
            "what the decoder or a look at the picture says",
            choices=("ok", "duplicate", "corrupt", "black", "gap"),
        ),
        _must("width", "i32", "pixels of the decoded picture, after rotation", low=0),
        _must("height", "i32", "pixels of the decoded picture, after rotation", low=0),
    ),
    key=("frame",),
    meaning="the frames of a clip",
)

_MOTION = TableSpec(
    "motion",
    (
        _FRAME,
        _T,
        _SHOT,
        _may("from_frame", "i64", "the earlier frame; null at the first of a shot and where no link was found", low=0),
        *(_may(name, "f64", "homography, picture of from_frame -> picture of this frame, pixels") for name in _H),
        _may("inliers", "i32", "corners that agree", low=0),
        _may("residual_px", "f32", "median residual of those, pixels", low=0.0),
        _may("support", "list_f64", "per cell of the picture: u, v in from_frame and number"),
    ),
    key=("frame", "from_frame"),
    meaning="how the picture moved: from the previous frame, sometimes from an earlier one too",
)

_REGISTRATIONS = TableSpec(
    "registrations",
    (
        _FRAME,
        _T,
        _SHOT,
        _must(
            "status", "str", "relative: lines seen, which ones unknown", choices=("ok", "carried", "relative", "lost")
        ),
        *(
            _may(name, "f64", "homography, undistorted image pixel -> field metres on z = 0; null when lost")
            for name in _H
        ),
        _may("k1", "f64", "lens: x_d = x_u (1 + k1 r_u^2) in (pixel - (cx, cy)) / fx"),
        _may("fx", "f64", "focal length, pixels"),
        _may("cx", "f64", "principal point, pixels"),
        _may("cy", "f64", "principal point, pixels"),
        _may("camera_x", "f64", "camera centre, field metres; null: unknown"),
        _may("camera_y", "f64", "camera centre, field metres; null: unknown"),
        _may("camera_z", "f64", "camera centre, field metres; null: unknown"),
        _may("crown_m", "f64", "height of the field surface in its middle, metres; 0: flat", low=0.0),
        _may("residual_px", "f32", "median residual at anchors, pixels", low=0.0),
        _may("mark_u_px", "f32", "1-sigma of a marked landmark across the picture, as the marks tell, pixels", low=0.0),
        _may("mark_v_px", "f32", "the same down the picture", low=0.0),
        _may("covariance", "list_f64", "81 numbers: row-major covariance of h00..h22, h of Frobenius norm 1"),
    ),
    key=("frame",),
    meaning="where each frame looks",
)

_DETECTIONS = TableSpec(
    "detections",
    (
        _must("detection", "str", "stable id"),
        _FRAME,
        _T,
        _must("kind", "str", "of the ontology"),
        _must("score", "f32", "confidence of the model", low=0.0, high=1.0),
        _must("x1", "f32", "left edge, pixels of the decoded picture"),
        _must("y1", "f32", "upper edge, pixels"),
        _must("x2", "f32", "right edge, pixels"),
        _must("y2", "f32", "lower edge, pixels"),
        _must("model", "str", "name of the model in the registry"),
    ),
    key=("detection",),
    meaning="boxes in the picture",
)

_APPEARANCE = TableSpec(
    "appearance",
    (
        _must("detection", "str", "id in detections"),
        _T,
        *(_may(f"c{n}", "f32", "kit colour descriptor; null: too few pixels") for n in range(9)),
        _must("pixels", "i32", "number of pixels it rests on", low=0),
    ),
    key=("detection",),
    meaning="what colours a box shows",
)

_OBSERVATIONS = TableSpec(
    "observations",
    (
        _T,
        _may("frame", "i64", "index of the frame", low=0),
        _may("detection", "str", "id in detections; null: annotated"),
        _may("entity", "str", "stable id, where an annotation names it"),
        _must("kind", "str", "of the ontology"),
        _may("u", "f32", "pixel of the ground point"),
        _may("v", "f32", "pixel of the ground point"),
        _may("sigma_px", "f32", "1-sigma of that pixel", low=0.0),
        _must("x", "f32", "metres, field frame"),
        _must("y", "f32", "metres, field frame"),
        _may("sxx", "f64", "own covariance, m^2", low=0.0),
        _may("sxy", "f64", "own covariance, m^2"),
        _may("syy", "f64", "own covariance, m^2", low=0.0),
        _must("source", "str", "where it comes from", choices=("detector", "annotation")),
        _may("score", "f32", "confidence", low=0.0, high=1.0),
        _may("person_px", "f32", "height in the picture of a standing person there, pixels", low=0.0),
    ),
    meaning="detections and annotated points on the field plane",
)

_TRACKS = TableSpec(
    "tracks",
    (
        _T,
        _ENTITY,
        _must("kind", "str", "of the ontology; null: unknown", nullable=True),
        _TEAM,
        _may("role", "str", "of the ontology, e.g. center"),
        _may("number", "str", "jersey number"),
        _must("x", "f32", "metres, field frame: ground point of a person, centre of a ball or puck"),
        _must("y", "f32", "metres, field frame"),
        _may("z", "f32", "metres above the surface, of a ball or puck; null: unknown"),
        _may("sigma", "f32", "own 1-sigma, metres; null: the ontology's default", low=0.0),
        _may("sx", "f32", "own 1-sigma along x, metres, instead of sigma", low=0.0),
        _may("sy", "f32", "own 1-sigma along y, metres, instead of sigma", low=0.0),
        _may("common", "f32", "1-sigma shared by the whole frame, metres; 0 only when written", low=0.0),
        _may("tau", "f32", "correlation time of the error, seconds", low=0.0),
        _may("vx", "f32", "velocity, m/s"),
        _may("vy", "f32", "velocity, m/s"),
        _may("sv", "f32", "1-sigma of the velocity, m/s", low=0.0),
        _may("observed", "bool", "false: predicted, nothing was seen"),
    ),
    key=("t", "entity"),
    meaning="entities over time on the field plane",
)

_LINKS = TableSpec(
    "links",
    (
        _T,
        _FRAME,
        _ENTITY,
        _must("detection", "str", "id in detections"),
    ),
    key=("detection",),
    meaning="which detection a track took at which time",
)

_PARTS = TableSpec(
    "parts",
    (
        _T,
        _ENTITY,
        _must("part", "str", "name of the body part, of the ontology"),
        _must("x", "f32", "metres, field frame"),
        _must("y", "f32", "metres, field frame"),
        _may("z", "f32", "metres above the surface; null: unknown"),
        _may("sigma", "f32", "own 1-sigma, metres", low=0.0),
        _may("observed", "bool", "false: predicted, nothing was seen"),
    ),
    key=("t", "entity", "part"),
    meaning="body parts where a rule turns on them",
)

_EVENTS = TableSpec(
    "events",
    (
        _T,
        _may("t_sigma", "f32", "1-sigma of t, seconds", low=0.0),
        _may("until", "f64", "end of what lasts, seconds"),
        _must("kind", "str", "of the ontology"),
        _may("entity", "str", "who"),
        _TEAM,
        _may("other", "str", "whom or what it was done to"),
        _may("x", "f32", "metres, field frame"),
        _may("y", "f32", "metres, field frame"),
        _may("detail", "str", "of the ontology, per kind"),
        _may("p", "f32", "probability that it happened", low=0.0, high=1.0),
        _may("source", "str", "who or what says so"),
    ),
    meaning="what happened when",
    order=("kind", "entity", "team", "other", "detail", "until"),
)

_CLOCKS = TableSpec(
    "clocks",
    (
        _T,
        _must("clock", "str", "which clock", choices=("game", "shot", "play")),
        _must("value", "f64", "seconds shown; null: not readable", nullable=True),
        _may("running", "bool", "whether it counts"),
        _may("sigma", "f32", "1-sigma of the value, seconds", low=0.0),
    ),
    key=("t", "clock"),
    meaning="clocks as signals, with the resolution of their display",
)

_PLAYS = TableSpec(
    "plays",
    (
        _must("play", "str", "id of the play"),
        _must("from", "f64", "seconds"),
        _must("to", "f64", "seconds"),
        _may("offense", "str", "home or away", choices=("home", "away")),
        _may("direction", "str", "the end that the offense attacks", choices=("left", "right")),
        _may("los_x", "f32", "line of scrimmage: tip of the ball nearer the defense, metres"),
        _may("los_sigma", "f32", "its 1-sigma, metres", low=0.0),
        _may("ball_y", "f32", "where the ball is spotted across the field, metres"),
        _may("down", "i32", "1 to 4", low=1, high=4),
        _may("distance", "f32", "yards to gain, as announced", low=0.0),
        _may("kick", "bool", "a kicking play"),
    ),
    key=("play",),
    meaning="football's context",
)

_VIEW = TableSpec(
    "view",
    (
        _T,
        *(
            _must(f"{axis}{n}", "f32", "corner of what the camera saw, metres, field frame")
            for n in range(1, 5)
            for axis in "xy"
        ),
        _may("recall", "f32", "share of the people inside that are tracked", low=0.0, high=1.0),
    ),
    key=("t",),
    meaning="the part of the field that the camera saw",
)

_ERRORS = TableSpec(
    "errors",
    (
        _T,
        _must("mode", "str", "name of the shared error mode; the same at every t"),
        *(
            _must(name, "f32", "displacement ax+bx*x+cx*y, ay+by*x+cy*y, metres per 1 sigma")
            for name in ("ax", "bx", "cx", "ay", "by", "cy")
        ),
    ),
    key=("t", "mode"),
    meaning="errors that everything in the frame shares",
)

_ZONES = TableSpec(
    "zones",
    (
        _T,
        _ENTITY,
        _must("target", "str", "zone, line or edge of the field"),
        _must("distance", "f32", "signed distance, metres", nullable=True),
        _must("sigma", "f32", "its 1-sigma, metres", nullable=True, low=0.0),
    ),
    key=("t", "entity", "target"),
    meaning="signed distances to zones and lines",
)

_DROPPED = TableSpec(
    "dropped",
    (
        _must("detection", "str", "id in detections"),
        _FRAME,
        _T,
        _must("reason", "str", "why it was left out"),
    ),
    meaning="detections that were left out",
)

_TRACE = TableSpec(
    "trace",
    (
        _must("stage", "str", "name of the stage"),
        _must("chunk", "i32", "index of the chunk", low=0),
        _must("clip", "str", "id of the clip"),
        _may("from", "f64", "seconds"),
        _may("to", "f64", "seconds"),
        _must("status", "str", "how it went", choices=("ok", "degraded", "missing", "failed")),
        _may("reason", "str", "why, where it is not ok"),
        _may("rows", "i64", "rows written", low=0),
        _may("seconds", "f64", "wall time", low=0.0),
    ),
    meaning="what each stage did",
)

SPECS: dict[str, TableSpec] = {
    spec.name: spec
    for spec in (
        _FRAMES,
        _MOTION,
        _REGISTRATIONS,
        _DETECTIONS,
        _APPEARANCE,
        _OBSERVATIONS,
        _TRACKS,
        _LINKS,
        _PARTS,
        _EVENTS,
        _CLOCKS,
        _PLAYS,
        _VIEW,
        _ERRORS,
        _ZONES,
        _DROPPED,
        _TRACE,
    )
}


def spec(name: str) -> TableSpec:
    """Return the specification of a table.

    Raises:
        InputError: if there is no such table.
    """
    if name not in SPECS:
        raise unknown("table", name, SPECS)
    return SPECS[name]


def table(name: str, columns: Mapping[str, Any], where: str = "") -> pa.Table:
    """Build a typed, checked table from columns.

    Args:
        name: of the table.
        columns: column name -> array-like of one length; optional columns may be left out and are
            null then; NaN and None are null.
        where: named in errors instead of the table's name.

    Returns:
        The table with all columns of its specification.

    Raises:
        InputError: on an unknown or missing column, a wrong type, length or value.

    >>> t = table("view", {"t": [0.0], **{f"{a}{n}": [0.0] for n in (1, 2, 3, 4) for a in "xy"}})
    >>> t.num_rows, t["recall"].null_count
    (1, 1)
    """
    what = spec(name)
    place = where or f"table {name}"
    for given in columns:
        if given not in what.names:
            raise unknown("column", given, what.names, place)
    _require(what, columns, place)
    lengths = {given: len(values) for given, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise InputError(f"columns of different lengths: {lengths}", where=place)
    rows = next(iter(lengths.values()), 0)
    arrays = [
        _array(column, columns[column.name], place) if column.name in columns else pa.nulls(rows, TYPES[column.type])
        for column in what.columns
    ]
    return check(name, pa.Table.from_arrays(arrays, schema=what.schema), place)


def empty(name: str) -> pa.Table:
    """Return the table without a row."""
    return spec(name).schema.empty_table()


def check(name: str, content: pa.Table, where: str = "") -> pa.Table:
    """Check a table against its specification and return it with exactly its columns and types.

    Args:
        name: of the table.
        content: any arrow table; columns that the format does not define are left out, unless their
            name looks like a misspelt one.
        where: named in errors, e.g. the file.

    Raises:
        InputError: naming the column and the first bad row, counted from 1 without the header.
    """
    what = spec(name)
    place = where or f"table {name}"
    given = content.column_names
    _known_columns(what, given, place)
    _require(what, given, place)
    arrays = []
    absent = _Nothing(content.num_rows)
    for column in what.columns:
        if column.name in given and not _is_empty(column, content):
            values = _cast(column, content.column(column.name), place)
            arrays.append(_checked(column, values, place))
        else:
            arrays.append(pa.chunked_array([absent.of(TYPES[column.type])]))
    result = pa.Table.from_arrays(arrays, schema=what.schema)
    _unique(what, result, place)
    return result


def write(path: str | Path, name: str, content: pa.Table, provenance: Mapping[str, str] | None = None) -> None:
    """Check a table and write it whole or not at all, as parquet or, by the file's ending, csv.

    Args:
        path: ends in ``.parquet`` or ``.csv``.
        name: of the table.
        content: the table.
        provenance: which model, config and input produced it; kept in the schema of a parquet file.

    Raises:
        InputError: if the table is wrong or the file cannot be written.
    """
    target = Path(path)
    checked = check(name, content, f"{target.name}")
    if target.suffix == ".csv":
        write_whole(target, lambda part: pacsv.write_csv(checked, str(part)))
        return
    if target.suffix != ".parquet":
        raise InputError(f"tables are .parquet or .csv, not '{target.suffix}'", where=str(path))
    note = json.dumps({"table": name, **dict(provenance or {})}, sort_keys=True).encode()
    stamped = checked.combine_chunks().replace_schema_metadata({PROVENANCE_KEY: note})
    write_whole(target, lambda part: pq.write_table(stamped, str(part), compression="zstd"))


def read(path: str | Path, name: str) -> pa.Table:
    """Read a table from parquet or csv and check it.

    Raises:
        InputError: if the file is missing, not a table, or wrong in a column or cell.
    """
    source = Path(path)
    if not source.is_file():
        raise InputError("no such file", where=str(path))
    try:
        content = (_read_csv if source.suffix == ".csv" else _read_parquet)(source, spec(name))
    except (pa.ArrowException, OSError, ValueError) as error:
        raise InputError(f"not a readable table: {_first_line(error)}", where=str(path)) from error
    return check(name, content, str(path))


def provenance(path: str | Path) -> dict[str, str]:
    """Return what a parquet file says about its making; empty where it says nothing.

    Raises:
        InputError: if the file is missing or not parquet.
    """
    try:
        metadata = pq.read_schema(str(path)).metadata or {}
        return _notes(metadata.get(PROVENANCE_KEY, b"{}"))
    except (pa.ArrowException, OSError, ValueError, TypeError) as error:
        raise InputError(f"not a readable table: {_first_line(error)}", where=str(path)) from error


def ordered(name: str, content: pa.Table) -> pa.Table:
    """Return the rows in order of time, then of the key; rows that are equal in that stay as they were."""
    what = spec(name)
    by = tuple(dict.fromkeys((("t",) if "t" in what.names else ("from",)) + what.key + what.order))
    if content.num_rows < 2 or _rises(content, by, strictly=False):
        return content
    numbered = content.append_column("", pa.array(np.arange(content.num_rows)))
    order = pc.sort_indices(numbered, sort_keys=[(name, "ascending") for name in (*by, "")])
    return content.take(order)


def column(content: pa.Table, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Return one column as an array.

    Args:
        content: the table.
        name: of the column.

    Returns:
        Numbers with a fraction as float64, null -> nan; whole numbers as int64, or float64 with nan
        where some are null; strings, booleans and lists as object arrays, null -> None.

    Raises:
        InputError: if the table has no such column.
    """
    if name not in content.column_names:
        raise unknown("column", name, content.column_names)
    values = content.column(name)
    if pa.types.is_floating(values.type):
        return np.asarray(fractions(content, name), dtype=np.float64)
    if pa.types.is_integer(values.type):
        if values.null_count:
            return np.asarray(values.cast(pa.float64()).to_numpy(), dtype=np.float64)
        return np.asarray(values.to_numpy(), dtype=np.int64)
    if pa.types.is_string(values.type):
        return _strings(values)
    result = np.empty(len(values), dtype=object)
    result[:] = values.to_pylist()
    return result


def fractions(content: pa.Table, name: str) -> np.ndarray[Any, np.dtype[Any]]:
    """Return a column of numbers with a fraction as it is kept, in 32 or 64 bits; null -> nan."""
    values = content.column(name)
    filled = pc.fill_null(values, float("nan")) if values.null_count else values
    return np.asarray(filled.to_numpy())


def flags(content: pa.Table, name: str, default: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return a column of yes and no, empty cells as ``default``.

    Raises:
        InputError: if the table has no such column.
    """
    if name not in content.column_names:
        raise unknown("column", name, content.column_names)
    values = content.column(name)
    if values.null_count == len(values):
        return np.full(len(values), default)
    return np.asarray(pc.fill_null(values, default).to_numpy(), dtype=np.bool_)


def coded(content: pa.Table, name: str) -> tuple[np.ndarray[Any, np.dtype[np.int32]], list[str]]:
    """Return a column of strings as numbers: for each row the place in the sorted list of its words; null: -1.

    Raises:
        InputError: if the table has no such column.

    >>> t = table("tracks", {"t": [0, 0], "entity": ["b", "a"], "kind": ["player", None], "x": [0, 0], "y": [0, 0]})
    >>> codes, words = coded(t, "kind")
    >>> codes.tolist(), words
    ([0, -1], ['player'])
    """
    if name not in content.column_names:
        raise unknown("column", name, content.column_names)
    codes, words = _dictionary(content.column(name))
    order = sorted(range(len(words)), key=words.__getitem__)
    places = np.full(len(words) + 1, -1, np.int32)  # the last one is null's
    places[order] = np.arange(len(words), dtype=np.int32)
    return places[codes], [words[place] for place in order]


def _strings(values: Any) -> np.ndarray[Any, np.dtype[Any]]:
    """Return object strings; each different one is made once, since there are few in many rows."""
    codes, known = _dictionary(values)
    words = np.empty(len(known) + 1, dtype=object)
    words[:-1] = known
    words[-1] = None
    return np.asarray(words[codes], dtype=object)


def _dictionary(values: Any) -> tuple[np.ndarray[Any, np.dtype[np.int32]], list[str]]:
    """Return for each row the place of its word; null: -1."""
    if values.null_count == len(values):
        return np.full(len(values), -1, np.int32), []
    codes, places, start = np.empty(len(values), np.int32), dict[str, int](), 0
    for chunk in values.chunks if isinstance(values, pa.ChunkedArray) else [values]:
        for first in range(0, len(chunk), CODED_ROWS):  # small enough that one's memory serves the next
            encoded = chunk.slice(first, CODED_ROWS).dictionary_encode()
            told = [places.setdefault(word, len(places)) for word in encoded.dictionary.to_pylist()]
            indices = pc.fill_null(encoded.indices, -1) if encoded.null_count else encoded.indices
            stop = start + len(encoded)
            codes[start:stop] = np.array([*told, -1], np.int32)[indices.to_numpy(zero_copy_only=False)]
            start = stop
    return codes, list(places)


def _is_empty(column: Column, content: pa.Table) -> bool:
    """Whether a column that may be empty is, throughout."""
    values = content.column(column.name)
    return not column.required and bool(values.type == TYPES[column.type]) and values.null_count == content.num_rows


class _Nothing:
    """Columns of empty cells that share their memory, which is never touched: long tables have many of them."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._zeros = pa.py_buffer(np.zeros(8 * (rows + 1), np.uint8))

    def of(self, kind: Any) -> Any:
        """Return a column of a type."""
        if pa.types.is_list(kind):
            return pa.nulls(self._rows, kind)
        buffers = [self._zeros] * (3 if pa.types.is_string(kind) else 2)
        return pa.Array.from_buffers(kind, self._rows, buffers, null_count=self._rows)


def _notes(note: bytes) -> dict[str, str]:
    return {str(key): str(value) for key, value in dict(json.loads(note)).items()}


def _require(what: TableSpec, given: Iterable[str], place: str) -> None:
    present = set(given)
    missing = [column.name for column in what.columns if column.required and column.name not in present]
    if missing:
        raise InputError(
            f"missing column {', '.join(repr(name) for name in missing)}",
            where=place,
            mend=f"table {what.name} needs: " + ", ".join(column.name for column in what.columns if column.required),
        )


def _known_columns(what: TableSpec, given: list[str], place: str) -> None:
    """Refuse doubled columns and names that look like a misspelt one: its data would be lost."""
    if len(set(given)) != len(given):
        doubled = sorted({name for name in given if given.count(name) > 1})
        raise InputError(f"column '{doubled[0]}' is there twice", where=place)
    absent = [name for name in what.names if name not in given]
    for name in given:
        if name in what.names:
            continue
        close = [
            match
            for match in nearest(name.strip().lower(), absent, 1)
            if match == name.strip().lower() or (len(name) > 3 and len(match) > 3)
        ]
        if close:
            raise InputError(f"unknown column '{name}'", where=place, mend=f"did you mean '{close[0]}'?")


def _array(column: Column, values: Any, place: str) -> Any:
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return _cast(column, pa.chunked_array([values]) if isinstance(values, pa.Array) else values, place)
    if isinstance(values, np.ndarray) and values.ndim != 1:
        raise InputError(f"column '{column.name}' has {values.ndim} dimensions, not one", where=place)
    wanted = TYPES[column.type]
    try:
        if isinstance(values, np.ndarray) and values.dtype.kind in "fiu" and column.type != "str":
            return _cast(column, pa.chunked_array([pa.array(values, from_pandas=True)]), place)
        plain = values.tolist() if isinstance(values, np.ndarray) else list(values)
        return _of_cells(_names(plain) if column.type == "str" else plain, wanted)
    except (pa.ArrowException, TypeError, ValueError, OverflowError) as error:
        raise InputError(
            f"column '{column.name}' is not of type {column.type}: {_first_line(error)}", where=place
        ) from error


def _of_cells(cells: list[Any], wanted: Any) -> Any:
    """Build an array from python values; numpy scalars and NaN among them take the slower second way."""
    try:
        return pa.array(cells, wanted, from_pandas=True)
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return pa.array([_plain(cell) for cell in cells], wanted, from_pandas=True)


def _names(cells: list[Any]) -> list[Any]:
    """Return cells with whole numbers as names."""
    if set(map(type, cells)) <= {str, type(None)}:  # nearly always, and told in a fraction of the time
        return cells
    return [str(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell for cell in cells]


def _plain(cell: Any) -> Any:
    if isinstance(cell, np.generic):
        cell = cell.item()
    return None if isinstance(cell, float) and cell != cell else cell


def _cast(column: Column, values: Any, place: str) -> Any:
    """Cast to the column's type where no value changes by it; whole numbers may be names."""
    wanted = TYPES[column.type]
    if values.type == wanted:
        return values
    try:
        if pa.types.is_dictionary(values.type):
            values = values.cast(values.type.value_type)
        if pa.types.is_floating(values.type) and not pa.types.is_floating(wanted):
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, values.type), values)
        if pa.types.is_floating(values.type) and pa.types.is_string(wanted):
            values = values.cast(pa.int64())
        has_text = pa.types.is_string(values.type) and len(values) > values.null_count
        if has_text and not pa.types.is_string(wanted):
            raise pa.ArrowInvalid("text")
        return values.cast(wanted)
    except pa.ArrowException as error:
        what = f"column '{column.name}' is {values.type}, not {column.type}"
        raise InputError(what, where=place) from error


def _checked(column: Column, values: Any, place: str) -> Any:
    kind = TYPES[column.type]
    if pa.types.is_floating(kind):
        nan = pc.is_nan(values)
        if pc.any(nan).as_py():
            values = pc.if_else(nan, pa.scalar(None, kind), values)
        _refuse(column, values, pc.is_inf(values), "is not finite", place)
    if values.null_count and not column.may_be_null:
        _refuse(column, values, pc.is_null(values), "is empty or NaN", place)
    if column.choices:
        wrong = pc.invert(pc.is_in(values, value_set=pa.array([*column.choices, None], pa.string())))
        _refuse(column, values, wrong, "is not one of " + ", ".join(column.choices), place)
    if column.low is not None:
        _refuse(column, values, pc.less(values, pa.scalar(column.low).cast(kind)), f"is below {column.low:g}", place)
    if column.high is not None:
        _refuse(
            column, values, pc.greater(values, pa.scalar(column.high).cast(kind)), f"is above {column.high:g}", place
        )
    if column.type == "str" and column.required:
        _refuse(column, values, pc.equal(values, ""), "is empty", place)
    if column.type == "str" and pc.any(pc.match_substring(pc.unique(values), NUL)).as_py():
        _refuse(column, values, pc.match_substring(values, NUL), "holds a NUL character", place)
    return values


def _refuse(column: Column, values: Any, wrong: Any, why: str, place: str) -> None:
    flags = np.asarray(
        pc.fill_null(wrong, False).to_numpy(zero_copy_only=False)
        if isinstance(wrong, pa.Array)
        else pc.fill_null(wrong, False).to_numpy(),
        dtype=bool,
    )
    if flags.any():
        row = int(flags.argmax())
        shown = values[row].as_py()
        value = "cell" if shown is None else f"{shown!r}"
        raise InputError(f"column '{column.name}', row {row + 1}: {value} {why}", where=place)


def _unique(what: TableSpec, content: pa.Table, place: str) -> None:
    if not what.key or content.num_rows < 2 or _rises(content, what.key, strictly=True):
        return
    keys = content.select(list(what.key))
    order = pc.sort_indices(keys, sort_keys=[(name, "ascending") for name in what.key])
    flags = _neighbours(keys.take(order), what.key, pc.equal)
    if flags.any():
        rows = order.to_numpy()
        second = int(max(rows[flags.argmax()], rows[flags.argmax() + 1]))
        shown = ", ".join(f"{name} {keys.column(name)[second].as_py()}" for name in what.key)
        raise InputError(f"row {second + 1}: a second row for {shown}", where=place)


def _neighbours(content: pa.Table, names: tuple[str, ...], compare: Any) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return for each row but the first whether all columns compare so with the row before."""
    result = np.ones(max(content.num_rows - 1, 0), dtype=bool)
    for name in names:
        values = content.column(name).combine_chunks()
        values = values.combine_chunks() if isinstance(values, pa.ChunkedArray) else values
        flags = pc.fill_null(compare(values.slice(1), values.slice(0, len(values) - 1)), False)
        result &= np.asarray(flags.to_numpy(zero_copy_only=False), dtype=bool)
    return result


def _rises(content: pa.Table, names: tuple[str, ...], strictly: bool) -> bool:
    """Whether the rows are in the order of these columns; without a sort, since most tables are."""
    tied = np.ones(max(content.num_rows - 1, 0), dtype=bool)
    for name in names:
        if (tied & ~_neighbours(content, (name,), pc.greater_equal)).any():
            return False
        tied &= _neighbours(content, (name,), pc.equal)
    return not (strictly and tied.any())


def _read_parquet(path: Path, what: TableSpec) -> pa.Table:
    """Read column by column, so that the memory of one that turns out to be empty serves the next."""
    found = {}
    with path.open("rb") as stream:
        file = pq.ParquetFile(stream)
        names = file.schema_arrow.names
        _known_columns(what, names, str(path))
        for column in what.columns:
            if column.name in names:
                content = file.read(columns=[column.name], use_threads=False)
                content.validate(full=True)  # text that is no UTF-8 would be found only when somebody reads it
                if not _is_empty(column, content):
                    found[column.name] = content.column(column.name).combine_chunks()
    return pa.table(found)


def _read_csv(path: Path, what: TableSpec) -> pa.Table:
    """Read every cell as text first, so that a bad one can be named by its row."""
    text = pacsv.ConvertOptions(
        strings_can_be_null=False, check_utf8=True, column_types=dict.fromkeys(_header(path), pa.string())
    )
    raw = pacsv.read_csv(str(path), convert_options=text, parse_options=pacsv.ParseOptions(newlines_in_values=True))
    _known_columns(what, raw.column_names, str(path))
    types = {column.name: column for column in what.columns}
    kept = [name for name in raw.column_names if name in types]
    return pa.table({name: _parse(types[name], raw.column(name), str(path)) for name in kept})


def _header(path: Path) -> list[str]:
    with pacsv.open_csv(str(path)) as stream:
        return list(stream.schema.names)


def _parse(column: Column, texts: Any, place: str) -> Any:
    wanted = TYPES[column.type]
    if column.type == "list_f64":
        raise InputError(f"column '{column.name}' cannot be kept in csv", where=place, mend="use parquet")
    trimmed = pc.utf8_trim_whitespace(texts)
    nulls = CSV_NULLS[:2] if column.type == "str" else CSV_NULLS
    blank = pc.is_in(trimmed, value_set=pa.array(nulls))
    filled = pc.if_else(blank, pa.scalar(None, pa.string()), trimmed)
    if column.type == "str":
        return filled
    if column.type == "bool":
        filled = _booleans(filled)
    try:
        return filled.cast(wanted)
    except pa.ArrowException as error:
        row, cell = _first_uncastable(filled, wanted)
        raise InputError(
            f"column '{column.name}', row {row}: '{cell}' is not of type {column.type}", where=place
        ) from error


def _booleans(texts: Any) -> Any:
    """Spell yes and no in the one way that arrow's cast knows; anything else is left to fail there."""
    yes = pc.is_in(texts, value_set=pa.array(CSV_TRUE))
    no = pc.is_in(texts, value_set=pa.array(CSV_FALSE))
    return pc.if_else(yes, "true", pc.if_else(no, "false", texts))


def _first_uncastable(texts: Any, wanted: Any) -> tuple[int, str]:
    for row, cell in enumerate(texts.to_pylist(), start=1):
        try:
            pa.array([cell], pa.string()).cast(wanted)
        except pa.ArrowException:
            return row, str(cell)
    return 0, ""


def _first_line(error: BaseException) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
