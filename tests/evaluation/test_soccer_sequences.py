"""Soccer on real tracking data: units, directions and clocks are right, and nothing that stood is called."""

import pytest

from evaluation.sequences import soccer
from records.errors import InputError


def test_without_the_data_one_line_says_so(tmp_path):
    with pytest.raises(InputError, match="no such folder"):
        soccer.evaluate(tmp_path, None)


def test_a_match_and_two_goals_that_stood_are_no_violations(real_path):
    score = soccer.evaluate(real_path("sequences/soccer").parents[1], None)
    assert [figure.name for figure in score.figures if figure.met is False] == []
    decided = next(figure for figure in score.figures if "certain opportunities decided" in figure.name)
    assert decided.value > 0.4
    assert all(alarm.call.verdict != "violation" for alarm in score.alarms)
