"""Scenario scripts: who is where when, as a person would tell it, turned into scenes.

A script is a yaml file. Places are metres, ``[x, y]`` or ``[x, y, z]``; x counts from the line that matters:
in hockey from the leading edge of the attacked blue line, positive inside the zone; in football from the tip
of the ball nearer the defense, positive on the defense's side; in soccer from the halfway line, positive in the
opponents' half; in basketball from the midcourt line, positive in the frontcourt. Another line is named by
``origin`` (hockey: ``center_line``). Between two times people move in straight lines. What a script does not say is
known and plain: everybody is listed, every event is listed, hockey is played at full strength, and positions are
good to ``sigma`` metres; velocities are told where ``velocities`` says how good they are.

keys: title, editions, attack (the team that attacks), toward (right or left), people {id: {t: place}}, events
[[t, kind, id or team, {more}]], expect {rule: verdict or [verdicts]}, and, to make things harder: sigma,
common, fps, roster, complete, initial, plays (false: no line of scrimmage given), parts {id: {part: {t:
place}}}, gaps {id: [from, to]}, roles, numbers, teams, view, segments, resolution,
strength (unknown: not said), benches {team: [from x, to x]} on the right of the attack, field {edition: sizes}.
Football: lineup (name of a file of the domain: people and roles that the script
adds to, changes, or with null takes out), play {column: value} of the plays table, clocks [[t, clock, value]].
Ids tell the team: h17 is home, a4 away, x3 nobody knows, o1 an official.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import yaml

from ontologies import registry
from records.scene import Scene, scene_of

HERE = Path(__file__).parent
SOON_S = 1e-4
TEAMS = {"h": "home", "a": "away"}
ORIGIN = {
    "hockey": "blue_line_{toward}_outer",
    "football": "yard_50",
    "soccer": "halfway_line",
    "basketball": "midcourt",
}


def scripts() -> list[Path]:
    """Return all scripts, sorted."""
    return sorted(HERE.glob("*/*/*.yaml"))


def load(path: Path) -> dict[str, Any]:
    """Return a script with its domain; who has one place stands there for as long as the script ``lasts``."""
    script = yaml.safe_load(path.read_text())
    if "lineup" in script:
        script = _upon(yaml.safe_load((path.parent.parent / f"{script['lineup']}.yaml").read_text()), script)
    still = {0: 0, script.get("lasts", 1): 0}
    people = {
        name: path if isinstance(path, dict) else dict.fromkeys(still, path) for name, path in script["people"].items()
    }
    script["people"] = people
    return {"domain": path.parent.parent.name, "rule": f"{path.parent.parent.name}.{path.parent.name}", **script}


def wanted(script: dict[str, Any], rule: str, edition: str) -> list[str]:
    """Return the verdicts that a script expects of a rule under an edition, in order of time."""
    expected = script["expect"].get(rule, [])
    expected = expected.get(edition, []) if isinstance(expected, dict) else expected
    return [expected] if isinstance(expected, str) else list(expected)


def _upon(base: dict[str, Any], script: dict[str, Any]) -> dict[str, Any]:
    """Return the script on top of a line-up; who is null in it is not there."""
    people = {**base["people"], **script.get("people", {})}
    kept = {name: path for name, path in people.items() if path is not None}
    return {**script, "people": kept, "roles": {**base["roles"], **script.get("roles", {})}}


def build(script: dict[str, Any], edition: str) -> Scene:
    """Return the scene that a script tells."""
    toward = script.get("toward", "right")
    attack = script.get("attack", "home")
    place = _Place(script["domain"], edition, toward, script.get("origin"))
    fps = script.get("fps", 30)
    last = max(t for path in script["people"].values() for t in path)
    times = np.arange(round(last * fps) + 1) / fps
    tracks, parts = _Columns(), _Columns()
    for name, path in script["people"].items():
        x, y, z = place(path, times)
        seen = (times >= min(path)) & (times <= max(path)) & _outside(times, script.get("gaps", {}).get(name))
        details = _details(script, name) | _velocities(script, place, path, times, seen)
        tracks.add(t=times[seen], entity=name, x=x[seen], y=y[seen], z=z[seen], **details)
    for name, own in script.get("parts", {}).items():
        for part, path in own.items():
            x, y, z = place(path, times)
            seen = (times >= min(path)) & (times <= max(path))
            parts.add(
                t=times[seen], entity=name, part=part, x=x[seen], y=y[seen], z=z[seen], sigma=script.get("sigma", 0.03)
            )
    tables: dict[str, Any] = {"tracks": tracks.columns, "events": _events(script)}
    if parts.columns:
        tables["parts"] = parts.columns
    if "view" in script:
        tables["view"] = _view(script["view"], times, place)
    if "clocks" in script:
        tables["clocks"] = {
            name: [reading[n] for reading in script["clocks"]] for n, name in enumerate(("t", "clock", "value"))
        }
    if script["domain"] == "football" and script.get("plays", True):
        tables["plays"] = _plays(script, last, attack, toward, place)
    keys = _keys(script, edition, attack, toward)
    if "benches" in script:
        keys["benches"] = _benches(script["benches"], place)
    return scene_of(keys, tables)


class _Columns:
    def __init__(self) -> None:
        self.columns: dict[str, Any] = {}

    def add(self, **values: Any) -> None:
        count = len(values["t"])
        for name, value in values.items():
            block = list(value) if isinstance(value, np.ndarray) else [value] * count
            self.columns.setdefault(name, []).extend(block)


class _Place:
    """Turns places of a script into the field frame."""

    def __init__(self, domain: str, edition: str, toward: str, origin: str | None) -> None:
        field = registry.field(domain, None, edition)
        line = field.target((origin or ORIGIN[domain]).format(toward=toward))
        self.sign = 1.0 if toward == "right" else -1.0
        self.origin = -float(line.distance(0.0, 0.0))

    def __call__(self, path: dict[float, list[float]], times: Any) -> tuple[Any, Any, Any]:
        stamps = sorted(path)
        points = [path[t] for t in stamps]
        x, y, z = (
            np.interp(times, stamps, [float(point[i]) if len(point) > i else np.nan for point in points])
            for i in range(3)
        )
        return self.x(x), self.sign * y, z

    def x(self, value: Any) -> Any:
        return self.origin + self.sign * value


def _outside(times: Any, gap: list[float] | None) -> Any:
    return np.ones(len(times), bool) if gap is None else (times <= gap[0]) | (times >= gap[1])


def _details(script: dict[str, Any], name: str) -> dict[str, Any]:
    kinds = {"puck": "puck", "ball": "ball"}
    kind = kinds.get(name, "official" if name.startswith("o") else "player")
    sigmas = script.get("sigmas", {})
    return {
        "kind": kind,
        "team": script.get("teams", {}).get(name, TEAMS.get(name[0]) if name not in kinds else None),
        "role": script.get("roles", {}).get(name),
        "number": script.get("numbers", {}).get(name, name[1:] if name[1:].isdigit() else None),
        "sigma": sigmas.get(name, script.get("sigma", 0.03)),
        "common": script.get("common", 0.0),
    }


def _velocities(
    script: dict[str, Any], place: _Place, path: dict[float, list[float]], times: Any, seen: Any
) -> dict[str, Any]:
    """Return the velocities right after each time, where the script says how well they are known."""
    if "velocities" not in script:
        return {}
    (x, y, _), (next_x, next_y, _) = place(path, times), place(path, times + SOON_S)
    return {"vx": ((next_x - x) / SOON_S)[seen], "vy": ((next_y - y) / SOON_S)[seen], "sv": script["velocities"]}


def _events(script: dict[str, Any]) -> dict[str, Any]:
    columns = _Columns()
    for t, kind, who, *more in script.get("events", []):
        given = more[0] if more else {}
        team = who if who in ("home", "away") else None
        columns.add(
            t=np.array([t]), kind=kind, entity=None if team else who, team=team,
            t_sigma=given.get("t_sigma", 0.01), until=given.get("until"), detail=given.get("detail"),
            p=given.get("p"), other=given.get("other"),
        )  # fmt: skip
    names = ("t", "kind", "entity", "team", "t_sigma", "until", "detail", "p", "other")
    return columns.columns or {name: [] for name in names}


def _view(corners: list[list[float]], times: Any, place: _Place) -> dict[str, Any]:
    columns: dict[str, Any] = {"t": times, "recall": np.full(len(times), 0.99)}
    for n, (x, y) in enumerate(corners, start=1):
        columns[f"x{n}"] = np.full(len(times), place.x(x))
        columns[f"y{n}"] = np.full(len(times), place.sign * y)
    return columns


def _benches(given: dict[str, list[float]], place: _Place) -> dict[str, Any]:
    side = "-y" if place.sign > 0 else "+y"
    return {team: {"side": side, "x": sorted(float(place.x(x)) for x in span)} for team, span in given.items()}


def _plays(script: dict[str, Any], last: float, attack: str, toward: str, place: _Place) -> dict[str, Any]:
    row = {"play": "1", "from": 0.0, "to": last, "offense": attack, "direction": toward, "los_x": place.x(0.0)}
    row = {**row, "los_sigma": script.get("los_sigma", 0.02), **script.get("play", {})}
    return {name: [value] for name, value in row.items()}


def _strength(script: dict[str, Any]) -> Any:
    """Return how many are allowed: in hockey, what is not said is full strength."""
    given = script.get("strength", {"home": 6, "away": 6} if script["domain"] == "hockey" else None)
    return None if given == "unknown" else given


def _keys(script: dict[str, Any], edition: str, attack: str, toward: str) -> dict[str, Any]:
    ids = [name for name in script["people"] if name not in ("puck", "ball")]
    counted = {team: sum(name.startswith(letter) for name in ids) for letter, team in TEAMS.items()}
    roster = script.get("roster", counted)
    complete = script.get("complete", "all")
    keys = {
        "schema": 1, "id": "scenario", "domain": script["domain"], "edition": edition, "source": script["title"],
        "attacks": {attack: toward},
    }  # fmt: skip
    optional = {"roster": None if roster == "open" else roster, "complete": None if complete == "none" else complete,
                "initial": script.get("initial"), "segments": script.get("segments"),
                "field": script.get("field", {}).get(edition), "resolution": script.get("resolution"),
                "strength": _strength(script)}  # fmt: skip
    return keys | {name: value for name, value in optional.items() if value is not None}
