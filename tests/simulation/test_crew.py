"""Plays are rendered by several processes at once, where there are several plays and cores."""

import pytest

from records.errors import InputError
from rulesight import crew
from simulation.plays.registry import cases

CLEAR = {"weather": "clear", "light": "usual", "interlaced": False, "close_up": False, "quality": 25}


def test_one_play_needs_no_other_process(monkeypatch, tmp_path):
    monkeypatch.setattr(crew, "_pool", lambda processes: pytest.fail("processes were started"))
    monkeypatch.setattr(crew, "_render", lambda job: tmp_path / f"{job[1]}-{job[2]}-{job[3]}")
    case = cases("soccer")["offside_ahead_of_the_ball"]
    (clip,) = crew.Crew(1).render([case], 1, (5, None), tmp_path, CLEAR | {"camera": "high"})
    assert clip.name == f"offside_ahead_of_the_ball-{case.editions[0]}-5"


def test_what_is_wrong_in_another_process_is_said_in_one_line(monkeypatch, tmp_path):
    monkeypatch.setattr(crew, "_cores", lambda: 2)
    case = cases("soccer")["offside_ahead_of_the_ball"]
    clips = crew.Crew(2).render([case], 2, (5, None), tmp_path, CLEAR | {"camera": "blimp"})
    with pytest.raises(InputError, match="unknown camera of soccer 'blimp'"):
        next(clips)
