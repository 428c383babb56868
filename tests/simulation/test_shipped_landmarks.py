"""The landmark models that ship find their sport's field in pictures that training never saw, and no other."""

import json

import numpy as np
import pytest

from evaluation.landmarks import field_error
from ontologies import registry
from perception.models import WEIGHTS
from perception.registration.landmarks import LEAST_POINTS, LandmarkModel
from perception.runtime import open_session
from simulation.training.views import draw_pictures, landmarks_of, split_seeds

MODELS = sorted(WEIGHTS.glob("*-landmarks.onnx"))
# Errors on the few pictures here, metres, with room; the figures are in the cards.
USUAL_M = {"basketball": 0.1, "football": 0.3, "hockey": 0.3, "soccer": 0.7}
SEEDS = split_seeds("test", 40)[32:34]  # none of those that the card's figures rest on


@pytest.fixture(scope="module")
def pictures():
    """Pictures by sport, of two plays each."""
    sports = sorted(path.name.split("-")[0] for path in MODELS)
    return {sport: [one for seed in SEEDS for one in draw_pictures(sport, seed, 4)] for sport in sports}


@pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)
def test_a_model_knows_its_field_and_no_other(path, pictures):
    model = LandmarkModel(open_session(path, "cpu", 1))
    assert path.name == f"{model.domain}-landmarks.onnx"
    assert dict(zip(model.names, map(tuple, model.places.tolist()), strict=True)) == landmarks_of(model.domain)
    assert set(model.names) <= set(registry.field(model.domain).landmarks)
    assert json.loads(open_session(path, "cpu", 1).notes["recipe"])["domain"] == model.domain
    own = pictures[model.domain]
    errors = [error for error in (field_error(model, one) for one in own) if error is not None]
    assert len(errors) >= len(own) / 2
    assert np.median(errors) < USUAL_M[model.domain]
    for sport, others in pictures.items():
        if sport != model.domain:
            assert sum(len(model.find(one.image).names) >= LEAST_POINTS for one in others) == 0
