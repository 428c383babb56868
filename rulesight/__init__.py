"""Rulesight: footage or tracking data in, rule calls that can be checked out.

The functions are loaded when they are first used, so that judging tracking data imports no video package.
"""

from __future__ import annotations

import importlib
from typing import Any

__version__ = "0.1.0"

_PUBLIC = {
    "analyze": "rulesight.api",
    "judge": "rulesight.api",
    "explain": "rulesight.api",
    "InputError": "records.errors",
    "Scene": "records.scene",
    "read_scene": "records.scene",
    "write_scene": "records.scene",
}

__all__ = ["InputError", "Scene", "__version__", "analyze", "explain", "judge", "read_scene", "write_scene"]


def __getattr__(name: str) -> Any:
    if name not in _PUBLIC:
        raise AttributeError(f"module 'rulesight' has no attribute {name!r}")
    return getattr(importlib.import_module(_PUBLIC[name]), name)


def __dir__() -> list[str]:
    return list(__all__)
