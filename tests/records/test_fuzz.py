"""Scene folders with bytes, cells and keys turned at random: they are read and judged, or refused in one line.

The short run is part of every test run; the long one goes on for ``LONG_S`` seconds. RULESIGHT_FUZZ_S and
RULESIGHT_FUZZ_SEED give other lengths and other draws.
"""

import copy
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.judging import judge
from records import tables, yamls
from records.errors import InputError
from records.scene import TABLES, read_scene, scene_of, write_scene

SHORT_S = 4.0
LONG_S = float(os.environ.get("RULESIGHT_FUZZ_S", "3600"))
SEED = int(os.environ.get("RULESIGHT_FUZZ_SEED", "0"))

CELLS = [
    "", "nan", "inf", "-inf", "1e39", "-1e308", "1e400", "0", "-1", "1", "0.1", "99999999999999999999", "true", "null",
    "None", "player", "puck", "home", "away", "h1", "left_skate", "faceoff", "touch", "whistle", "goal", "game", '"',
    "a,b", "\x00", "é", "\ud7ff", " ", "\t", "1_000", "0x10", "12:30", "x" * 5000, "\n", "\r", "'", "1,5",
]  # fmt: skip
VALUES: list[Any] = [
    None, True, False, 0, 1, -1, 6, 1e300, 10**30, float("nan"), float("inf"), "", "home", "left", "right", "all",
    "live", "nhl", "2025-01-01", [], {}, [[0, 1]], [[1, 0]], [[None, None]], [None], ["touch"], {"home": 1},
    {"from": 0}, [{"from": 0, "home": 6}], [{"from": 0.1, "to": 0.2, "kind": "live"}], {"touch": [[0, 0.1]]},
    {"home": "left", "away": "right"}, {"lane_time": {"h1": 1e9}}, {"h1": 1.0}, "hockey", "football", "soccer",
    "basketball", "nfl-2025", "ifab-2025", "nba-2025",
]  # fmt: skip


def plain() -> dict[str, Any]:
    """Return the tables of a scene with something in each of them."""
    corners = {f"{axis}{n}": [float(n)] * 2 for n in range(1, 5) for axis in "xy"}
    stamps = [0.0, 0.1, 0.2, 0.3]
    return {
        "tracks": {
            "t": [t for t in stamps for _ in range(3)],
            "entity": ["h1", "a1", "puck"] * 4,
            "kind": ["player", "goalie", "puck"] * 4,
            "team": ["home", "away", None] * 4,
            "number": ["7", None, None] * 4,
            "x": [x for n in range(4) for x in (4.0 + n, 25.0, 5.0 + 2 * n)],
            "y": [0.5, 0.0, 0.0] * 4,
            "sigma": [0.05] * 12,
            "observed": [True, None, False] + [True] * 9,
        },
        "parts": {
            "t": stamps, "entity": ["h1"] * 4, "part": ["left_skate"] * 4, "x": [4.0, 5.0, 6.0, 7.0], "y": [0.0] * 4,
        },
        "events": {
            "t": [0.0, 0.15, 0.3], "kind": ["possession", "touch", "whistle"], "entity": ["h1", "a1", None],
            "team": ["home", "away", None], "detail": [None, "stick", None], "until": [0.1, None, None],
        },
        "clocks": {"t": [0.0, 0.3], "clock": ["game", "game"], "value": [1200.0, 1199.7], "running": [True, True]},
        "plays": {"play": ["p1"], "from": [0.0], "to": [0.3], "offense": ["home"], "los_x": [0.0]},
        "view": {"t": [0.0, 0.3], **corners, "recall": [0.99, 0.99]},
        "errors": {"t": [0.0], "mode": ["m0"], **{name: [0.01] for name in ("ax", "bx", "cx", "ay", "by", "cy")}},
    }  # fmt: skip


KEYS = {
    "schema": 1,
    "id": "fuzz",
    "domain": "hockey",
    "edition": "nhl-2025",
    "attacks": {"home": "right", "away": "left"},
    "source": "made",
    "field": {"preset": "nhl"},
    "roster": {"home": 6, "away": 6},
    "strength": [{"from": 0.0, "home": 6, "away": 5}],
    "segments": [{"from": 0.0, "to": 0.3, "kind": "live"}],
    "complete": {"touch": "all", "whistle": [[0.0, 0.2]]},
    "initial": {"possession": "home"},
    "resolution": "box",
    "benches": {"home": {"side": "-y", "x": [-12, -2]}},
}


def write_plain(folder: Path, suffix: str) -> dict[str, bytes]:
    """Write the scene and return its files."""
    write_scene(scene_of(KEYS, plain()), folder)
    if suffix == "csv":
        for name in TABLES:
            tables.write(folder / f"{name}.csv", name, tables.read(folder / f"{name}.parquet", name))
            (folder / f"{name}.parquet").unlink()
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def turn_bytes(content: bytes, rng: random.Random) -> bytes:
    """Change, cut out, double or cut off some bytes."""
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8])):
        place, more = rng.randrange(len(data) + 1), rng.randrange(1, 30)
        action = rng.randrange(4)
        if action == 0:
            data[place : place + 1] = bytes([rng.randrange(256)])
        elif action == 1:
            del data[place : place + more]
        elif action == 2:
            data[place:place] = data[place : place + more]
        else:
            data[place:] = b"" if rng.random() < 0.3 else data[place:]
    return bytes(data)


def turn_cells(content: bytes, rng: random.Random) -> bytes:
    """Put other texts into some cells of a csv file."""
    lines = [line.split(",") for line in content.decode().split("\n")]
    for _ in range(rng.choice([1, 1, 2, 5])):
        line = rng.choice(lines)
        line[rng.randrange(len(line))] = rng.choice(CELLS)
    if rng.random() < 0.2:
        lines.append(rng.choice(lines))
    return "\n".join(",".join(line) for line in lines).encode("utf-8", "replace")


def turn_numbers(content: bytes, rng: random.Random) -> bytes:
    """Put other numbers where there are numbers in a csv file, or nothing."""
    lines = [line.split(",") for line in content.decode().split("\n")]
    for line in rng.sample(lines[1:], rng.randrange(len(lines))):
        places = [place for place, cell in enumerate(line) if cell.replace(".", "", 1).isdigit()]
        if places:
            line[rng.choice(places)] = rng.choice([f"{rng.uniform(-40, 40):.3f}", f"{rng.random():.2f}", "0"])
    return "\n".join(",".join(line) for line in lines).encode()


def turn_keys(content: bytes, rng: random.Random) -> bytes:
    """Put other values at some places of scene.yaml."""
    keys = yamls.loads(content.decode())
    for _ in range(rng.choice([1, 1, 2, 3])):
        place: Any = keys
        while True:
            inner = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not inner:
                break
            name = rng.choice(inner)
            if isinstance(place[name], dict | list) and place[name] and rng.random() < 0.6:
                place = place[name]
                continue
            place[name] = copy.deepcopy(rng.choice(VALUES))  # a later turn may go into it
            break
    return yamls.dumps(keys).encode()


def turned(name: str, content: bytes, rng: random.Random) -> bytes:
    """Return a file of the scene changed at random."""
    ways: list[Callable[[bytes, random.Random], bytes]] = [turn_bytes]
    if name.endswith(".csv"):
        ways += [turn_cells] * 2 + [turn_numbers] * 3
    if name.endswith(".yaml"):
        ways += [turn_keys] * 3
    return rng.choice(ways)(content, rng)


def survive(folder: Path, seconds: float, seed: int) -> dict[str, int]:
    """Turn scenes at random for some seconds; return how many were judged and how many refused."""
    rng = random.Random(seed)
    starts = {suffix: write_plain(folder / suffix, suffix) for suffix in ("csv", "parquet")}
    told, refusals = {"judged": 0, "refused": 0}, 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        suffix = rng.choice(["csv", "csv", "parquet"])
        files = dict(starts[suffix])
        for name in rng.sample(sorted(files), rng.choice([1, 1, 2])):
            files[name] = turned(name, files[name], rng)
        for name, content in files.items():
            (folder / suffix / name).write_bytes(content)
        try:
            judge(read_scene(folder / suffix))
            told["judged"] += 1
        except InputError as error:
            told["refused"] += len(str(error).splitlines())
            refusals += 1
        except BaseException:
            kept = {name: content for name, content in files.items() if content != starts[suffix][name]}
            print(f"seed {seed}, after {told}: {kept}")
            raise
    assert told["refused"] == refusals  # each in one line
    return told


def test_turned_scenes_are_judged_or_refused(tmp_path: Path) -> None:
    told = survive(tmp_path, SHORT_S, SEED)
    assert min(told.values()) > 3


@pytest.mark.slow
@pytest.mark.timeout(LONG_S + 600)
def test_turned_scenes_for_long(tmp_path: Path) -> None:
    told = survive(tmp_path, LONG_S, SEED + 1)
    assert min(told.values()) > LONG_S / 10
