"""Every example in docs/rules.md runs."""

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "rules.md"


def test_the_examples_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    assert blocks
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), {})
