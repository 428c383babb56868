"""A long scene is worked through in blocks, and its distances are made where they are asked for: nothing changes."""

import pytest
from corpus import corpus, editions
from script import build

from pipeline.judging import judge
from rules import kleene
from tracking import paths, zones

EVERY = 40  # one scenario of so many


@pytest.mark.parametrize("domain", ["hockey", "football", "soccer", "basketball"])
def test_calls_do_not_depend_on_the_size_of_blocks(domain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    scenes = [build(one, editions(one)[0]) for one in corpus(domain)[::EVERY]]
    whole = [judge(scene) for scene in scenes]
    for module in (kleene, paths, zones):
        monkeypatch.setattr(module, "BLOCK", 16)
    assert len(scenes) > 1
    assert [judge(scene) for scene in scenes] == whole
