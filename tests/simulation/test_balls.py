"""How the network for the puck or ball learns; skipped where torch is not installed (extra `train`)."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: it comes with the extra `train`")

from perception.detectors import build  # noqa: E402
from perception.detectors.neighbours import overlaid  # noqa: E402
from perception.runtime import open_session  # noqa: E402
from records.errors import InputError  # noqa: E402
from simulation.training import balls as learning  # noqa: E402
from simulation.training.network import GREY, BallNetwork  # noqa: E402

RECIPE = learning.BallRecipe(domain="soccer", plays=1, per_play=4, batch=4, size=64, steps=3, warmup=1)


def entries(*given):
    """Noise with a white ball that was elsewhere before and after."""
    rng = np.random.default_rng(1)
    found = []
    for number in range(4):
        x = 20 + 20 * number
        pictures = [rng.integers(90, 110, (96, 128, 3)).astype(np.uint8) for _ in range(3)]
        for picture, at in zip(pictures, (x, x - 12, x + 12), strict=True):
            picture[40:48, at : at + 8] = 250
        greys = [cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY) for picture in pictures[1:]]
        encoded = [cv2.imencode(".png", one)[1].ravel() for one in (pictures[0], *greys)]
        found.append((*encoded, np.array([[x, 40, x + 8, 48, 0]], np.float32)))
    return found


def test_the_network_computes_with_the_grey_levels_that_neighbours_have():
    image = np.random.default_rng(0).integers(0, 255, (64, 64, 3)).astype(np.uint8)
    five = overlaid((image, np.eye(3)), (image, np.eye(3)), None)
    levels = BallNetwork().levels(torch.from_numpy(five.transpose(2, 0, 1)[None].astype(np.float32)))
    assert float(levels[:, 3:].abs().max()) < 0.51 / 64  # grey levels are whole numbers
    assert sum(GREY) == pytest.approx(1.0)


def test_the_network_learns_what_it_is_shown(tmp_path):
    trainer = learning.trainer_of(replace(RECIPE, steps=60), tmp_path / "none.pt")
    images, truth = learning.BallBatches(entries(), RECIPE)(0)
    assert images.shape == (4, 5, 64, 64)
    first = trainer.update(images, truth)["total"]
    for _ in range(25):
        last = trainer.update(images, truth)["total"]
    assert last < 0.5 * first


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_from_a_recipe_to_a_model_that_the_analysis_can_run(tmp_path, monkeypatch):
    monkeypatch.setattr(learning, "rendered", entries)
    figures = learning.train_balls(RECIPE, tmp_path / "run", tmp_path / "m.onnx", 1, 1, overlaid)
    assert figures["parity"] < 1e-3
    assert figures["ball_count"] == 4
    assert 0 <= figures["ball_recall_at_0.2"] <= 1
    assert (tmp_path / "run" / "soccer" / "curves.png").stat().st_size > 1000
    config = {
        "name": "m", "style": "yolox", "input": {"height": 96, "width": 128, "planes": 5}, "strides": [4],
        "labels": ["ball"], "kinds": {"ball": "ball"}, "score": 0.0,
    }  # fmt: skip
    detector = build(config, open_session(tmp_path / "m.onnx", "cpu", 1))
    (found,) = detector.detect([np.full((96, 128, 5), 100, np.uint8)])
    assert set(found.kind) <= {"ball"}
    with pytest.raises(InputError, match="another recipe"):
        learning.train_balls(replace(RECIPE, rate=0.1), tmp_path / "run", tmp_path / "m.onnx", 1, 1, overlaid)
