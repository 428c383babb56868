"""Scenarios of the soccer corpus as scripts that a test may change."""

import sys
from pathlib import Path
from typing import Any

from records.scene import Scene

SCENARIOS = Path(__file__).parents[1] / "scenarios"
sys.path.insert(0, str(SCENARIOS))

from script import build, load  # noqa: E402


def corpus(name: str) -> dict[str, Any]:
    """Return a script of the corpus."""
    return load(SCENARIOS / "soccer" / "offside" / f"{name}.yaml")


def play(script: dict[str, Any]) -> Scene:
    """Return the scene of a script."""
    return build(script, "ifab-2025")
