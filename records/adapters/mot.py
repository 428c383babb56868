"""MOT text: boxes of tracked people, as MOTChallenge and most trackers write them; one scene per file.

One line per frame and box: frame, id, left, top, width, height (pixels), confidence, and then either x, y, z in the
world (the original format; -1 where there is none), or class and visibility (ground truth since MOT16). Frames count
from 1 (some sets: 0). A line with confidence 0 is no person to find and is left out, unless ``confidence=no`` says
that column 7 is something else.

Pixels say nothing about a field, so one of two has to be known:

- ``matrix``: nine numbers, row by row, that take undistorted pixels to metres in the field frame (a fixed camera). The
  point on the ground is the middle of a box's lower edge, good to ``FOOT_SIGMA`` of the box's height.
- ``world=yes``: columns 8 to 10 are metres in the field frame.

Everybody is a ``player`` of unknown team, unless ``classes`` tells more: ``1=player/home,3=goalie/home,5=official``.
Frames have no time of their own: ``fps`` says how many there are in a second, or ``seqinfo.ini`` beside the file.

Options: ``domain``, ``edition``, ``fps``, ``matrix``, ``world``, ``classes``, ``confidence``.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from records.adapters.formats import Draft
from records.errors import InputError

Floats = NDArray[np.float64]

OPTIONS = ("domain", "edition", "fps", "matrix", "world", "classes", "confidence")
EDITIONS = {"hockey": "iihf-2025", "football": "nfl-2025", "soccer": "ifab-2025", "basketball": "nba-2025"}
FOOT_SIGMA = 0.05  # of the box's height: how well the lower edge of a box says where somebody stands, 1 sigma
WORLD_SIGMA_M = 0.3  # of world coordinates, about which the format says nothing
LAYOUT = "a line holds frame, id, left, top, width, height and so on; format=list names other formats"
LEAST_COLUMNS, CLASS_COLUMN, WORLD_COLUMN = 6, 7, 7


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per file of MOT text.

    Args:
        source: a text file, or a folder of them.
        options: see the module.

    Raises:
        InputError: on lines that are no boxes, or when nothing leads from pixels to metres.
    """
    files = sorted(source.glob("*.txt")) if source.is_dir() else [source]
    for file in files:
        rows = _rows(file)
        if _yes(options.get("confidence", "yes")):
            rows = rows[~(rows[:, 6] == 0)]
        if len(rows):
            yield _draft(file, rows, options)


def _yes(value: Any) -> bool:
    return str(value).lower() in ("yes", "true", "1")


def _rows(file: Path) -> Floats:
    """Return the boxes as an array (row, at least 10 columns); what a line lacks is not a number."""
    found = []
    for number, line in enumerate(_lines(file), start=1):
        cells = [cell for cell in re.split(r"[,\s]+", line.strip()) if cell]
        if not cells:
            continue
        try:
            values = [float(cell) for cell in cells]
        except ValueError:
            raise InputError("not a line of numbers", f"{file}, line {number}", LAYOUT) from None
        if len(values) < LEAST_COLUMNS:
            raise InputError(
                f"{len(values)} numbers in a line", where=f"{file}, line {number}",
                mend="a box is: frame, id, left, top, width, height, confidence, ...",
            )  # fmt: skip
        found.append((values + [np.nan] * 10)[:10])
    rows = np.array(found, np.float64).reshape(-1, 10)
    _, first = np.unique(rows[:, :2], axis=0, return_index=True)
    result: Floats = rows[np.sort(first)]
    return result


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"not a text file ({error})", where=str(file)) from None


def _draft(file: Path, rows: Floats, options: Mapping[str, Any]) -> Draft:
    domain = str(options.get("domain", "hockey"))
    if domain not in EDITIONS:
        raise InputError(f"unknown domain '{domain}'", where="mot, domain", mend="there are: " + ", ".join(EDITIONS))
    x, y, sx, sy = _places(file, rows, options)
    kinds = [_kind(row, _classes(options.get("classes"))) for row in rows]
    known = np.isfinite(x) & np.isfinite(y)
    name = file.stem if file.stem not in ("gt", "det") else file.parent.parent.name or file.stem
    frame = rows[:, 0]
    keys = {
        "schema": 1, "id": _id(name), "domain": domain, "edition": str(options.get("edition", EDITIONS[domain])),
        "attacks": {"home": None, "away": None}, "source": f"MOT text, {file.name}", "resolution": "box",
    }  # fmt: skip
    tracks: dict[str, Any] = {
        "t": (frame - min(1.0, float(frame.min()))) / _rate(file, options),
        "entity": [f"track{value:g}" for value in rows[:, 1]],
        "kind": [kind for kind, _ in kinds],
        "team": [team for _, team in kinds],
        "x": x, "y": y, "sx": sx, "sy": sy,
    }  # fmt: skip
    return Draft(
        _id(name), keys, {"tracks": {key: list(np.array(value, object)[known]) for key, value in tracks.items()}}
    )


def _id(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "mot"


def _rate(file: Path, options: Mapping[str, Any]) -> float:
    given = options.get("fps", _sequence_rate(file))
    try:
        rate = float(given)
    except (TypeError, ValueError):
        rate = float("nan")
    if not 0 < rate < 1000:
        raise InputError("nobody says how many frames a second has", where=str(file), mend="fps=30, or seqinfo.ini")
    return rate


def _sequence_rate(file: Path) -> str | None:
    """Return the frame rate that seqinfo.ini beside the file, or a folder above, tells."""
    for folder in (file.parent, file.parent.parent):
        if (folder / "seqinfo.ini").is_file():
            parser = configparser.ConfigParser()
            try:
                parser.read(folder / "seqinfo.ini", encoding="utf-8")
            except (configparser.Error, UnicodeDecodeError) as error:
                raise InputError(
                    f"not an ini file ({type(error).__name__})", where=str(folder / "seqinfo.ini")
                ) from None
            return parser.get("Sequence", "frameRate", fallback=None)
    return None


def _places(file: Path, rows: Floats, options: Mapping[str, Any]) -> tuple[Floats, Floats, Floats, Floats]:
    """Return x, y and their 1-sigma, metres in the field frame; not a number where a point is beyond the horizon."""
    if options.get("matrix") is not None:
        return _projected(rows, _matrix(options["matrix"]))
    if _yes(options.get("world", "no")):
        world = rows[:, WORLD_COLUMN : WORLD_COLUMN + 2]
        nothing = np.all(rows[:, WORLD_COLUMN : WORLD_COLUMN + 3] == -1, axis=1) | np.isnan(world).any(axis=1)
        if nothing.all():
            raise InputError("no world coordinates in columns 8 to 10", where=str(file), mend="give a matrix instead")
        sigma = np.full(len(rows), WORLD_SIGMA_M)
        return np.where(nothing, np.nan, world[:, 0]), np.where(nothing, np.nan, world[:, 1]), sigma, sigma
    raise InputError(
        "boxes are in pixels, and nothing says where on the field that is", where=str(file),
        mend="matrix=nine numbers from pixels to metres, or world=yes when columns 8 to 10 are metres",
    )  # fmt: skip


def _matrix(value: Any) -> Floats:
    parts = re.split(r"[,;\s]+", value.strip("[] ")) if isinstance(value, str) else np.ravel(np.array(value, object))
    try:
        numbers = np.array([float(one) for one in parts if one != ""], np.float64)
    except (TypeError, ValueError):
        numbers = np.zeros(0)
    if numbers.size != 9 or not np.isfinite(numbers).all() or abs(np.linalg.det(numbers.reshape(3, 3))) < 1e-12:
        raise InputError("a matrix is nine numbers that can be inverted", where="mot, matrix")
    return numbers.reshape(3, 3)


def _projected(rows: Floats, matrix: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Return where the feet are, and how a box's error of ``FOOT_SIGMA`` shows there along x and along y."""
    u, v, sigma = rows[:, 2] + rows[:, 4] / 2, rows[:, 3] + rows[:, 5], FOOT_SIGMA * rows[:, 5]
    x, y, w = matrix @ np.array([u, v, np.ones(len(rows))])
    side = np.sign(np.median(w))  # what lies beyond the horizon has the other sign
    with np.errstate(divide="ignore", invalid="ignore"):
        x, y = np.where(w * side > 0, x / w, np.nan), np.where(w * side > 0, y / w, np.nan)
        slopes = [(matrix[:2, n] - np.array([x, y]).T * matrix[2, n]).T / w for n in (0, 1)]
    sx, sy = (np.hypot(slopes[0][n], slopes[1][n]) * sigma for n in (0, 1))
    return x, y, sx, sy


def _classes(value: Any) -> dict[int, tuple[str, str | None]]:
    """Read ``1=player/home,5=official``, or a mapping of the same."""
    pairs = (
        value.items() if isinstance(value, Mapping) else [one.split("=") for one in str(value or "").split(",") if one]
    )
    found = {}
    for pair in pairs:
        try:
            number, text = pair
            kind, _, team = str(text).partition("/")
            found[int(number)] = (kind.strip(), team.strip() or None)
        except ValueError:
            raise InputError(f"not a class: '{pair}'", where="mot, classes", mend="1=player/home,5=official") from None
    return found


def _kind(row: Floats, classes: Mapping[int, tuple[str, str | None]]) -> tuple[str, str | None]:
    number = row[CLASS_COLUMN]
    return classes.get(int(number), ("player", None)) if classes and np.isfinite(number) else ("player", None)
