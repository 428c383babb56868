"""Legal zone entries of real tracking data: no violation."""

import pytest

from evaluation.sequences import hockey
from records.errors import InputError


def test_without_the_data_one_line_says_so(tmp_path):
    with pytest.raises(InputError, match="no tracked zone entries"):
        hockey.evaluate(tmp_path, None)


@pytest.mark.slow
def test_legal_entries_of_real_power_plays_are_no_violations(real_path, tmp_path):
    score = hockey.evaluate(real_path("sequences/hockey").parents[1], tmp_path)
    assert all(figure.met is not False for figure in score.figures)
    assert {figure.value for figure in score.figures if "have a call" in figure.name} == {1.0}
