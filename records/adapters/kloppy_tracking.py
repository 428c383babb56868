"""Soccer tracking of many vendors, read by kloppy: one draft per period.

Option ``vendor`` chooses kloppy's loader; the other options are the loader's own arguments, files by their names in
the source folder, for example ``vendor=tracab meta_data=meta.xml raw_data=tracking.dat`` or ``vendor=metrica_csv
home_data=home.csv away_data=away.csv``. kloppy turns the vendor's coordinates into metres from the centre of the
pitch, y upwards, and the home team so that it attacks the right end all the time. A ball that the vendor calls dead
is play stopped, told as a whistle.

Where the vendor gives relative places and no size of the pitch, kloppy takes 105 x 68 m.

Needs the extra ``adapters``. Further options: ``edition``, ``roster`` (players of a team in play; by default as many as
the first frame has, if that can be a team).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import Any

import numpy as np

from records.adapters.formats import Draft
from records.errors import InputError
from records.names import unknown

LOADERS = {
    "hawkeye": ("hawkeye", "load"),
    "metrica_csv": ("metrica", "load_tracking_csv"),
    "metrica_epts": ("metrica", "load_tracking_epts"),
    "pff": ("pff", "load_tracking"),
    "secondspectrum": ("secondspectrum", "load"),
    "signality": ("signality", "load"),
    "skillcorner": ("skillcorner", "load"),
    "sportec": ("sportec", "load_tracking"),
    "statsperform": ("statsperform", "load_tracking"),
    "tracab": ("tracab", "load"),
}
OWN = ("vendor", "edition", "roster")
SYSTEM = "secondspectrum"  # kloppy's name for metres from the centre, x to the right, y upwards
SIGMA_M = {"skillcorner": 0.7}  # broadcast tracking; the others track with cameras of their own
PARTIAL = ("skillcorner",)  # only those in the picture are tracked
LEAST, MOST = 7, 11  # players of a team with which a match may go on
USUAL_SIGMA_M = 0.2
BALL_SIGMA_M = 0.3
COMMON_M = 0.1
STOP_SIGMA_S = 0.25


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per period.

    Args:
        source: the folder with the vendor's files.
        options: see the module.

    Raises:
        InputError: without kloppy or a vendor, or when kloppy cannot read the files.
    """
    vendor = options.get("vendor")
    if vendor not in LOADERS:
        raise unknown("vendor", str(vendor), LOADERS, "kloppy_tracking")
    dataset = _load(source, str(vendor), {name: value for name, value in options.items() if name not in OWN})
    for period in dataset.metadata.periods:
        frames = [frame for frame in dataset.frames if frame.period.id == period.id]
        if frames:
            yield _draft(source.name, str(vendor), period.id, frames, dataset.metadata, options)


def _load(source: Path, vendor: str, arguments: dict[str, Any]) -> Any:
    module, function = LOADERS[vendor]
    try:
        loader = getattr(import_module(f"kloppy.{module}"), function)
    except ImportError:
        raise InputError(
            "kloppy is not installed", where="kloppy_tracking", mend="pip install 'rulesight[adapters]'"
        ) from None
    if "only_alive" in signature(loader).parameters:
        arguments.setdefault("only_alive", False)  # frames of a dead ball tell when play was stopped
    with ExitStack() as opened, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it warns where it takes the usual pitch: as the module says
        try:
            files = {name: _file(source, value, opened) for name, value in arguments.items()}
            dataset = loader(**files, coordinates=SYSTEM)
            return dataset.transform(to_orientation="STATIC_HOME_AWAY")
        except Exception as error:  # kloppy and its parsers raise whatever they meet
            text = " ".join(str(error).split())[:200]
            raise InputError(f"kloppy cannot read it ({type(error).__name__}: {text})", where=str(source)) from None


def _file(source: Path, value: Any, opened: ExitStack) -> Any:
    """Return a file of the source folder, open for reading, or the argument as it is."""
    path = (source if source.is_dir() else source.parent) / str(value)
    return opened.enter_context(path.open("rb")) if isinstance(value, str) and path.is_file() else value


def _draft(name: str, vendor: str, period: int, frames: list[Any], metadata: Any, options: dict[str, Any]) -> Draft:
    sigma = SIGMA_M.get(vendor, USUAL_SIGMA_M)
    columns: dict[str, list[Any]] = {
        key: [] for key in ("t", "entity", "kind", "team", "role", "number", "x", "y", "z", "sigma", "common")
    }
    for frame in frames:
        t = frame.timestamp.total_seconds()
        ball = frame.ball_coordinates
        if ball is not None and np.isfinite([ball.x, ball.y]).all():
            _add(columns, t, "ball", "ball", None, None, None, ball.x, ball.y, getattr(ball, "z", None), BALL_SIGMA_M)
        for player, data in frame.players_data.items():
            place = data.coordinates
            if place is None or not np.isfinite([place.x, place.y]).all():
                continue
            side = player.team.ground.value
            team = side if side in ("home", "away") else None
            kind = "official" if side == "referee" else "player"
            entity = f"{side}_{player.player_id if player.jersey_no is None else player.jersey_no}"
            _add(columns, t, entity, kind, team, _role(player), player.jersey_no, place.x, place.y, None, sigma)
    pitch = metadata.pitch_dimensions
    keys = {
        "schema": 1, "id": f"{name}-p{period}", "domain": "soccer", "edition": str(options.get("edition", "ifab-2025")),
        "source": f"{vendor} through kloppy", "attacks": {"home": "right"}, "resolution": "point",
    }  # fmt: skip
    roster = _roster(columns, vendor, options.get("roster"))
    if roster is not None:
        keys["roster"] = roster
    if pitch.pitch_length and pitch.pitch_width:
        keys["field"] = {"length_m": float(pitch.pitch_length), "width_m": float(pitch.pitch_width)}
    segments, stops = _segments(frames)
    if segments:
        keys["segments"] = segments
    events = {"t": stops, "kind": ["whistle"] * len(stops), "t_sigma": [STOP_SIGMA_S] * len(stops)}
    return Draft(f"{name}-p{period}", keys, {"tracks": columns, **({"events": events} if stops else {})})


def _add(columns: dict[str, list[Any]], *values: Any) -> None:
    t, entity, kind, team, role, number, x, y, z, sigma = values
    row = (
        t,
        entity,
        kind,
        team,
        role,
        None if number is None else str(number),
        x,
        y,
        np.nan if z is None else z,
        sigma,
    )
    for column, value in zip(columns.values(), (*row, COMMON_M), strict=True):
        column.append(value)


def _role(player: Any) -> str | None:
    told = str(getattr(player, "starting_position", None) or "").lower()
    return "goalkeeper" if "goalkeeper" in told else None


def _roster(columns: dict[str, list[Any]], vendor: str, given: Any) -> dict[str, int] | None:
    """Return how many of each team play; None where the first frame does not show it."""
    if given is not None:
        return {"home": int(given), "away": int(given)}
    first = columns["t"][0] if columns["t"] else 0.0
    start = [team for t, team in zip(columns["t"], columns["team"], strict=True) if t == first]
    counts = {side: start.count(side) for side in ("home", "away")}
    whole = vendor not in PARTIAL and all(LEAST <= count <= MOST for count in counts.values())
    return counts if whole else None


def _segments(frames: list[Any]) -> tuple[list[dict[str, Any]], list[float]]:
    """Return the spans of a ball alive and dead, and when it dies; nothing where the vendor does not say."""
    states = [None if frame.ball_state is None else frame.ball_state.value for frame in frames]
    if None in states:
        return [], []
    times = [frame.timestamp.total_seconds() for frame in frames]
    spans: list[dict[str, Any]] = []
    stops: list[float] = []
    for t, state in zip(times, states, strict=True):
        kind = "live" if state == "alive" else "stopped"
        if spans and spans[-1]["kind"] == kind:
            continue
        if spans:
            spans[-1]["to"] = t
            stops += [t] if kind == "stopped" else []
        spans.append({"from": t, "to": times[-1], "kind": kind})
    return spans, stops
