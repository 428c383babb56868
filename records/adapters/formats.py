"""Which formats of tracking data can be read into scenes.

Every format has a module with ``convert(source, options)``, which yields one draft per scene: a match, a
period, a play; and with ``OPTIONS``, the names of its options, unless they are another library's. A draft is
checked like any other scene when it is written.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any

from records.errors import InputError
from records.names import unknown
from records.scene import Scene, scene_of, write_scene

FORMATS: Mapping[str, str] = {
    "big_data_cup": "ice hockey tracking and play-by-play of the Big Data Cup: csv or parquet, one scene per shot",
    "big_data_bowl": "NFL Next Gen Stats tracking as in the Big Data Bowl: csv or parquet, one scene per play",
    "databallpy": "soccer matches saved by databallpy: tracking and events as parquet tables, one scene per period",
    "kloppy_tracking": "soccer tracking of many vendors through kloppy (extra: adapters), one scene per period",
    "last_row": "Last Row's soccer goals: csv, one scene per goal",
    "mot": "MOT text: boxes of tracked people, with a matrix from pixels to metres or world coordinates",
    "soccernet": "SoccerNet game-state files (JSON), one scene per clip",
    "sportvu": "SportVU tracking of NBA games: movement files (JSON), or tables of their moments",
}  # format -> what it is, one line; its module is records.adapters.<format>


@dataclass(frozen=True)
class Draft:
    """A scene about to be written.

    Attributes:
        name: of its folder.
        keys: of scene.yaml.
        tables: table -> column -> values, metres and seconds in the field frame.
    """

    name: str
    keys: Mapping[str, Any]
    tables: Mapping[str, Any]

    def scene(self) -> Scene:
        """Return the checked scene.

        Raises:
            InputError: when something in it is wrong.
        """
        return scene_of(self.keys, self.tables)


def drafts(source: str | Path, kind: str, options: Mapping[str, Any] | None = None) -> Iterator[Draft]:
    """Read tracking data of one format.

    Args:
        source: file or folder.
        kind: a key of ``FORMATS``.
        options: what the format leaves open; the format's module lists them.

    Raises:
        InputError: on an unknown format or option, a missing file, or content that is not of the format.
    """
    if kind not in FORMATS:
        raise unknown("format", kind, FORMATS)
    path = Path(source)
    if not path.exists():
        raise InputError("no such file or folder", where=str(path), mend="check the path")
    module = import_module(f"records.adapters.{kind}")
    given = dict(options or {})
    for name in given if hasattr(module, "OPTIONS") else ():
        if name not in module.OPTIONS:
            raise unknown("option", name, module.OPTIONS, where=kind)
    yield from module.convert(path, given)


def convert(source: str | Path, kind: str, out: str | Path, options: Mapping[str, Any] | None = None) -> int:
    """Write every scene of a source to ``<out>/<name>``, all of them or none, and return how many there were.

    Raises:
        InputError: as ``drafts``, or when there was no scene in the source.
    """
    found = drafts(source, kind, options)
    first = next(found, None)
    if first is None:
        raise InputError("there is no scene in it", where=str(source))
    folder = Path(out)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        scenes = Path(scratch) / "scenes"
        count = 0
        for draft in chain([first], found):
            write_scene(draft.scene(), scenes / draft.name)
            count += 1
        shutil.copytree(scenes, folder, dirs_exist_ok=True)
    return count
