"""Legal zone entries of real tracking data: no violation."""

import pytest

from evaluation import realdata
from evaluation.sequences import hockey
from records.errors import InputError


def test_without_the_data_one_line_says_so(tmp_path):
    with pytest.raises(InputError, match="no tracked zone entries"):
        hockey.evaluate(tmp_path, None)


@pytest.mark.slow
def test_legal_entries_of_real_power_plays_are_no_violations(tmp_path):
    data = realdata.folder()
    if data is None or not (data / "sequences" / "hockey").is_dir():
        pytest.skip("the real test data is not there")
    score = hockey.evaluate(data, tmp_path)
    assert all(figure.met is not False for figure in score.figures)
    assert {figure.value for figure in score.figures if "have a call" in figure.name} == {1.0}
