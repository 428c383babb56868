"""SoccerNet game-state files: who is where on the pitch in every frame of a clip (JSON).

``images`` name the frames, ``annotations`` (of the truth) or ``predictions`` (of a system) hold per frame and track
``attributes`` (``role``, ``team`` left or right, ``jersey``) and ``bbox_pitch``, metres from the centre of the pitch:
x to the right, y towards the main camera, so it is turned around here. The point on the ground is the middle of
the box's lower edge. The team called left defends the left goal and is called home here. Only who is in the picture
is there, so rosters are open, and there are no events.

Options: ``fps`` (of the clip; by default what the file says, else 25), ``edition``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from records.adapters.formats import Draft
from records.errors import InputError

OPTIONS = ("fps", "edition")
SIDES = {"left": "home", "right": "away"}
KINDS = {"player": "player", "goalkeeper": "player", "referee": "official", "ball": "ball", "other": "staff"}
SIGMA_M = 0.5  # a box's lower edge through a single-frame calibration of a broadcast camera
BALL_SIGMA_M = 2.0  # the same, of a ball that may be in the air
COMMON_M = 0.5


def convert(source: Path, options: dict[str, Any]) -> Iterator[Draft]:
    """Yield one draft per clip.

    Args:
        source: a JSON file, or a folder of them at any depth.
        options: see the module.

    Raises:
        InputError: on content that is not of the format.
    """
    for file in sorted(source.rglob("*.json")) if source.is_dir() else [source]:
        yield _draft(file, options)


def _draft(file: Path, options: dict[str, Any]) -> Draft:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        rows = content["annotations"] if "annotations" in content else content["predictions"]
        info = content.get("info") or {}
        fps = float(options.get("fps") or info.get("frame_rate") or 25.0)
        frames = {str(one["image_id"]): _number(one["file_name"]) for one in content.get("images", ())}
        tracks = _tracks(rows, frames, fps)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"no game-state file ({type(error).__name__}: {error})", where=str(file)) from None
    name = file.stem if file.stem != "Labels-GameState" else file.parent.name
    keys = {
        "schema": 1, "id": name, "domain": "soccer", "edition": str(options.get("edition", "ifab-2025")),
        "source": "SoccerNet game state", "attacks": {"home": "right"}, "resolution": "box",
    }  # fmt: skip
    return Draft(name, keys, {"tracks": tracks})


def _number(text: Any) -> int:
    """Return the frame number in a file name, or at the end of an image id."""
    found = re.findall(r"\d+", str(text))
    if not found:
        raise ValueError(f"no frame number in {text!r}")
    return int(found[-1])


def _tracks(rows: list[dict[str, Any]], frames: dict[str, int], fps: float) -> dict[str, list[Any]]:
    columns: dict[str, list[Any]] = {
        name: [] for name in ("t", "entity", "kind", "team", "role", "number", "x", "y", "sigma", "common")
    }
    seen: set[tuple[float, str]] = set()
    for row in rows:
        place, told = row.get("bbox_pitch"), row.get("attributes") or {}
        if not place or told.get("role") not in KINDS:
            continue
        image = str(row["image_id"])
        frame = frames[image] if image in frames else int(image[-6:])
        role, kind = told["role"], KINDS[told["role"]]
        entity = "ball" if kind == "ball" else f"{role[0]}{row['track_id']}"
        t = (frame - 1) / fps
        if (t, entity) in seen:
            continue
        seen.add((t, entity))
        team = SIDES.get(told.get("team") or "") if kind == "player" else None
        number = str(told["jersey"]) if kind == "player" and str(told.get("jersey") or "").isdigit() else None
        values = (
            t, entity, kind, team, "goalkeeper" if role == "goalkeeper" else None, number,
            float(place["x_bottom_middle"]), -float(place["y_bottom_middle"]),
            BALL_SIGMA_M if kind == "ball" else SIGMA_M, COMMON_M,
        )  # fmt: skip
        for column, value in zip(columns.values(), values, strict=True):
            column.append(value)
    return columns
