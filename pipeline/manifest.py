"""manifest.json: what a run was made from, so that it can be made again or be told apart."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline import fingerprint
from records.files import write_text

SCHEMA = 1
PLACES = frozenset({"video", "calibration", "annotations", "out", "cache"})  # where files lie changes no result


def write_manifest(
    folder: Path,
    clip: str,
    inputs: Mapping[str, Path],
    models: Mapping[str, Mapping[str, str]],
    config: Mapping[str, Any],
    keys: Mapping[str, Sequence[str]],
) -> None:
    """Write the manifest of a run.

    Args:
        folder: the run folder.
        clip: id of the clip.
        inputs: name to file, of everything the user gave.
        models: name to sha256, provider that really ran it, and licence.
        config: the configuration after all overrides.
        keys: stage name to the keys of its results in the cache.
    """
    content = {
        "schema": SCHEMA,
        "clip": clip,
        "inputs": {
            name: {"name": path.name, "sha256": fingerprint.of_file(path)} for name, path in sorted(inputs.items())
        },
        "models": {name: dict(models[name]) for name in sorted(models)},
        "config": {name: value for name, value in config.items() if name not in PLACES},
        "versions": dict(fingerprint.versions()),
        "stages": {name: list(keys[name]) for name in keys},
    }
    write_text(folder / "manifest.json", json.dumps(content, indent=1, sort_keys=True) + "\n")
