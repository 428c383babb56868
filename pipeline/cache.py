"""A store of stage results by content: the key says everything that the result depends on.

An entry is a folder that appears in one step (rename), so a killed run leaves either a whole entry or none.
Sums are checked when an entry is read, so a damaged one is made again, never used.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from pipeline import fingerprint
from records import tables


@dataclass(frozen=True)
class Entry:
    """One stored result.

    Attributes:
        results: table name to table.
        digests: table name to the sha256 of its file.
        status: what the stage said of itself, ``ok`` or ``degraded``.
        reason: why, for ``degraded``.
    """

    results: Mapping[str, pa.Table]
    digests: Mapping[str, str]
    status: str = "ok"
    reason: str = ""


class Cache:
    """Stage results in a folder, one folder per stage and key."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, stage: str, key: str) -> Entry | None:
        """Return the entry, or None when there is none or when its files are not what was stored."""
        place = self.folder / stage / key
        try:
            about = json.loads((place / "entry.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, json.JSONDecodeError):
            return None
        for name, digest in about["digests"].items():
            path = place / f"{name}.parquet"
            if not path.is_file() or fingerprint.of_file(path) != digest:
                return None
        results = {name: tables.read(place / f"{name}.parquet", name) for name in about["digests"]}
        return Entry(results, about["digests"], about["status"], about["reason"])

    def put(self, stage: str, key: str, entry: Entry) -> Entry:
        """Store a result and return it with the digests of its files.

        Args:
            stage: name of the stage.
            key: what the result depends on, as a hash.
            entry: the result; its ``digests`` are ignored and computed here.

        Raises:
            OSError: the folder cannot be written (full disk, no permission).
        """
        parent = self.folder / stage
        parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=parent))
        try:
            digests = {}
            for name, table in entry.results.items():
                path = fresh / f"{name}.parquet"
                tables.write(path, name, table, {"stage": stage, "key": key})
                digests[name] = fingerprint.of_file(path)
            about = {"digests": digests, "status": entry.status, "reason": entry.reason}
            (fresh / "entry.json").write_text(json.dumps(about, sort_keys=True), encoding="utf-8")
            self._place(fresh, parent / key)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        return Entry(entry.results, digests, entry.status, entry.reason)

    @staticmethod
    def _place(fresh: Path, place: Path) -> None:
        """Move a finished folder to its key; a damaged entry or one of a parallel run gives way."""
        if place.exists():
            shutil.rmtree(place)
        fresh.rename(place)

    def sweep(self) -> None:
        """Remove what a killed run left half-written."""
        for leftover in sorted(self.folder.glob("*/.new-*")):
            shutil.rmtree(leftover, ignore_errors=True)
