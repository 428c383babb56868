"""The examples in docs/sensors.md run, and its table of knobs names those that there are."""

import dataclasses
import re
from pathlib import Path

from simulation.sensors.settings import GROUPS

PAGE = Path(__file__).parents[2] / "docs" / "sensors.md"


def test_the_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})


def test_every_knob_is_in_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for group, knobs in GROUPS.items():
        assert f"`{group}." in text
        for knob in dataclasses.fields(knobs):
            assert f"`{knob.name}`" in text or f".{knob.name}`" in text, knob.name
