"""How a landmark model learns; skipped where torch is not installed (extra `train`)."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: it comes with the extra `train`")

from perception.registration.landmarks import LandmarkModel, peaks  # noqa: E402
from perception.runtime import open_session  # noqa: E402
from records.errors import InputError  # noqa: E402
from simulation.training import field_landmarks as learning  # noqa: E402
from simulation.training.field_landmarks import STRIDE, LandmarkRecipe, bumps, losses  # noqa: E402
from simulation.training.views import SIZE, landmarks_of  # noqa: E402

RECIPE = LandmarkRecipe(domain="soccer", plays=1, per_play=2, foreign=1, batch=2, steps=2, warmup=1)


def test_bumps_stand_where_the_landmarks_are_seen():
    pixels = np.array([[100.0, 60.0], [np.nan, np.nan], [-30.0, 20.0], [511.0, 287.0]])
    heat = bumps(pixels)
    assert heat.shape == (4, SIZE[1] // STRIDE, SIZE[0] // STRIDE)
    assert heat.reshape(4, -1).max(axis=1).tolist() == [1.0, 0.0, 0.0, 1.0]
    cells, _ = peaks(heat[:1])
    assert (cells[0] + 0.5) * STRIDE - 0.5 == pytest.approx(pixels[0], abs=0.5)


def test_a_perfect_answer_costs_nothing():
    heat = torch.from_numpy(bumps(np.array([[100.0, 60.0], [300.0, 200.0]])))[None]
    right = torch.where(heat == 1, 20.0, -20.0)
    assert losses(right, heat)["total"] < 1e-3
    assert losses(-right, heat)["total"] > 10


def test_the_network_learns_one_picture(tmp_path):
    rng = np.random.default_rng(0)
    image = torch.from_numpy(rng.integers(0, 255, (1, 3, SIZE[1], SIZE[0])).astype(np.float32))
    heat = np.zeros((1, len(landmarks_of("soccer")), SIZE[1] // STRIDE, SIZE[0] // STRIDE), np.float32)
    heat[0, 3, 20, 40] = heat[0, 7, 50, 100] = 1.0
    trainer = learning.trainer_of(replace(RECIPE, steps=40), tmp_path / "none.pt")
    first = trainer.update(image, torch.from_numpy(heat))["total"]
    for _ in range(14):
        last = trainer.update(image, torch.from_numpy(heat))["total"]
    assert last < 0.5 * first


def test_pictures_of_other_sports_have_nothing_to_be_found():
    jpeg = cv2.imencode(".jpg", np.full((360, 640, 3), 90, np.uint8))[1].ravel()
    own = [(jpeg, np.full((len(landmarks_of("soccer")), 2), 200.0))]
    batches = learning.FieldBatches(own, own, replace(RECIPE, foreign_share=1.0))
    assert batches(0)[1].max() == 0
    assert learning.FieldBatches(own, own, replace(RECIPE, foreign_share=0.0))(0)[1].max() == 1
    images, heat = batches(3)
    assert images.shape == (2, 3, SIZE[1], SIZE[0])
    assert torch.equal(batches(3)[0], images)
    assert heat.shape[1] == len(landmarks_of("soccer"))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_a_recipe_to_a_model_that_knows_its_landmarks(tmp_path, monkeypatch):
    jpeg = cv2.imencode(".jpg", np.full((360, 640, 3), 90, np.uint8))[1].ravel()

    def entries(folder, domain, seeds, recipe, processes):
        pixels = np.random.default_rng(1).uniform(50, 300, (len(landmarks_of(domain)), 2))
        return [(jpeg, pixels)] * recipe.per_play

    monkeypatch.setattr(learning, "rendered", entries)
    figures = learning.train_landmarks(RECIPE, tmp_path / "run", tmp_path / "m.onnx", 1)
    assert figures["parity"] < 1e-3
    assert (tmp_path / "run" / "soccer" / "curves.png").stat().st_size > 1000
    assert figures["megabytes"] < 3
    model = LandmarkModel(open_session(tmp_path / "m.onnx", "cpu", 1))
    assert model.names == tuple(landmarks_of("soccer"))

    after = replace(RECIPE, domain="basketball", after="soccer")
    start = tmp_path / "run" / "soccer" / "checkpoint.pt"
    learnt = torch.load(start, weights_only=True)["averaged"]
    begun = learning.trainer_of(after, tmp_path / "none.pt", start).model.state_dict()
    assert all(torch.equal(begun[name], learnt[name]) for name in begun if not name.startswith(learning.LAST))
    assert not torch.equal(begun["head.1.weight"], learnt["head.1.weight"])
    with pytest.raises(InputError, match="has not run"):
        learning.train_landmarks(replace(RECIPE, after="hockey"), tmp_path / "run", tmp_path / "n.onnx", 1)
