"""The example in docs/plays.md runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "plays.md"


def test_the_example_runs() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})
