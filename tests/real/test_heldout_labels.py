"""The stated errors of held-back points are those that their two marks have."""

from pathlib import Path

import numpy as np
import pytest
import yaml

from evaluation.registration import read_points, twice_marked_error

LABELS = Path(__file__).parent
KINDS = {
    "hockey": ("dot_far", "dot_near", ""),  # dots on the far and the near side, and what is no dot
    "football_1": ("number", "sideline", "hash"),
    "football_2": ("number", "sideline", "hash"),
}
PLACE_PX = {"number": 3.9}  # the tops of numbers are not painted where the book has them


def kind_of(clip, landmark):
    place = landmark.replace("_left", "").replace("_right", "")
    return next(kind for kind in KINDS[clip] if kind in place)


@pytest.mark.parametrize("clip", KINDS)
def test_the_stated_error_is_the_measured_one(clip):
    path = LABELS / clip / "heldout.yaml"
    rows = yaml.safe_load(path.read_text(encoding="utf-8"))["points"]
    for kind in KINDS[clip]:
        here = [row for row in rows if kind_of(clip, row["landmark"]) == kind]
        apart = np.array([np.subtract(row["again"], row["at"]) for row in here])
        error = np.hypot(twice_marked_error(apart), PLACE_PX.get(kind, 0.0))
        assert np.array([row["sigma_px"] for row in here]) == pytest.approx(np.tile(error, (len(here), 1)), abs=0.006)
    middle = np.array([np.add(row["again"], row["at"]) / 2 for row in rows])
    assert np.array([point.at for point in read_points(path)]) == pytest.approx(middle)
