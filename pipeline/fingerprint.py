"""Fingerprints: what a stage's result depends on, as one hash.

A key covers the bytes of every input, the declared configuration, the versions of the libraries, and the
source of the stage's module together with every project module that it imports, directly or not.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import importlib.util
import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOMS = frozenset({"records", "ontologies", "perception", "tracking", "rules", "simulation", "pipeline"})
LIBRARIES = ("av", "filterpy", "numpy", "opencv-python", "pyarrow", "scipy")

STATEMENT = re.compile(
    r"^[ \t]*(?:from[ \t]+(?P<base>[.\w]+)[ \t]+import[ \t]+(?:\((?P<group>[^)]*)\)|(?P<rest>(?:[^\n\\]|\\\n)*))"
    r"|import[ \t]+(?P<plain>[^\n]*))",
    re.MULTILINE,
)


def of_file(path: Path) -> str:
    """Return the sha256 of a file's bytes, read in pieces."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def of_values(values: Any) -> str:
    """Return the sha256 of plain values (dicts, lists, strings, numbers) in canonical JSON."""
    text = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def of_code(module: str) -> str:
    """Return the sha256 over the sources of ``module`` and of all project modules that it imports."""
    sources = {name: of_file(Path(path)) for name, path in sorted(_closure(module).items())}
    return of_values(sources)


@functools.cache
def versions() -> Mapping[str, str]:
    """Return the installed version of Python and of every library that can change a result."""
    found = {"python": ".".join(str(part) for part in sys.version_info[:3])}
    for name in LIBRARIES:
        found[name] = importlib.metadata.version(name)
    for name in ("onnxruntime-gpu", "onnxruntime"):
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def imported_modules(module: str) -> frozenset[str]:
    """Return the names of ``module`` and of every project module that importing or running it can load."""
    return frozenset(_closure(module))


def _closure(module: str) -> dict[str, str]:
    root = module.partition(".")[0]
    found: dict[str, str] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        path = _source(name, root)
        if path is None:
            continue
        found[name] = path
        parent = name.rpartition(".")[0]
        if parent:
            waiting.append(parent)
        state = Path(path).stat()
        waiting.extend(_imports(name, path, (state.st_mtime_ns, state.st_size)))
    return found


@functools.cache
def _source(name: str, root: str) -> str | None:
    """Return the file of a module of the project or of ``root``, or None (a library, or not a module)."""
    if name.partition(".")[0] not in ROOMS | {root}:
        return None
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return spec.origin if spec is not None and spec.has_location else None


@functools.cache
def _imports(name: str, path: str, state: tuple[int, int]) -> tuple[str, ...]:
    """Return every name that an import statement of a file can load as a module, in functions too.

    Statements are found as text, which is ten times faster than parsing; what only looks like one (in a
    docstring, say) adds at most a module that is not needed.

    Args:
        name: of the module.
        path: of its file.
        state: modification time and size, so that an answer lasts no longer than the file.
    """
    del state
    package = name if Path(path).name == "__init__.py" else name.rpartition(".")[0]
    names: list[str] = []
    for found in STATEMENT.finditer(Path(path).read_text(encoding="utf-8")):
        if found["plain"] is not None:
            names.extend(_words(found["plain"]))
            continue
        base = _absolute(found["base"], package)
        names.append(base)
        names.extend(f"{base}.{word}" for word in _words(found["group"] or found["rest"]))
    return tuple(names)


def _words(text: str) -> list[str]:
    """Return the names of an import list, without what they are renamed to and without comments."""
    parts = re.sub(r"#[^\n]*", "", text).replace("\\", " ").split(",")
    return [part.split()[0] for part in parts if part.split()]


def _absolute(base: str, package: str) -> str:
    stem = base.lstrip(".")
    level = len(base) - len(stem)
    if not level:
        return base
    parts = package.split(".")
    parent = ".".join(parts[: len(parts) - level + 1])
    return f"{parent}.{stem}" if stem else parent
