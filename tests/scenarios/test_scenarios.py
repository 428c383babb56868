"""Every scenario script gets the verdict that a person who knows the rule gives it."""

from typing import Any

import pytest
from script import HERE, build, load, scripts, wanted

from pipeline.judging import judge

CASES = [
    pytest.param(load(path), edition, id=f"{path.relative_to(HERE).with_suffix('')}/{edition}")
    for path in scripts()
    for edition in load(path)["editions"]
]


@pytest.mark.parametrize(("script", "edition"), CASES)
def test_verdict(script: dict[str, Any], edition: str) -> None:
    calls = judge(build(script, edition)).calls
    for rule in script["expect"]:
        assert [call.verdict for call in calls if call.rule == rule] == wanted(script, rule, edition), script["title"]
