"""Models of torchvision: which output is which, and detectors that were trained through a framework."""

from types import SimpleNamespace

import numpy as np
import pytest
from hydra import compose, initialize_config_module
from model_files import constant
from omegaconf import OmegaConf

from evaluation.trained import AsAnalyzed, Reading, choose_scores, figures_of
from perception.detectors import build
from perception.detectors.styles import Style, decode, fitted
from perception.runtime import Tensor, open_session
from records.errors import InputError
from simulation.training.dataset import Sample, classes_of

BOXES = np.array([[10, 20, 50, 100], [200, 40, 230, 90], [300, 150, 420, 260], [0, 0, 9, 9]], np.float32)
SCORES = np.array([0.9, 0.5, 0.2, 0.99], np.float32)
LABELS = np.array([1, 0, 1, 3])
CONFIG = {
    "name": "t",
    "style": "torchvision",
    "input": {"height": 320, "width": 448, "colour": "rgb", "scale": 1 / 255},
    "labels": ["a", "b", "c", "d"],
    "kinds": {"a": "player", "b": "official"},
    "score": 0.3,
}


def model(tmp_path, **outputs):
    given = outputs or {"boxes": BOXES, "scores": SCORES, "labels": LABELS}
    return constant(tmp_path / "m.onnx", (3, 320, 448), given)


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0)])
def test_boxes_scores_and_labels_are_read_in_any_order(tmp_path, order):
    names, values = ("boxes", "scores", "labels"), (BOXES, SCORES, LABELS)
    path = model(tmp_path, **{names[at]: values[at] for at in order})
    pictures = [np.zeros((320, 448, 3), np.uint8)] * 3
    for found in build(CONFIG, open_session(path, "cpu")).detect(pictures):
        assert found.kind == ["official", "player"]
        assert found.score == pytest.approx([0.9, 0.5])
        assert found.xyxy == pytest.approx(BOXES[:2])


def test_labels_are_known_by_their_type_where_outputs_have_no_names():
    shapes = {"x": ((1, 3, 8, 8), np.float32), "1": ((None,), np.int64), "2": ((None, 4), np.float32)}
    shapes["3"] = ((None,), np.float32)
    picture, *outputs = (Tensor(name, shape, np.dtype(kind)) for name, (shape, kind) in shapes.items())
    checked = []
    session = SimpleNamespace(
        batch=1, inputs=[picture], outputs=outputs, path="m", require=lambda *a: checked.append(a)
    )
    style = fitted(Style("torchvision", 8, 8, 4, (0, 1), np.float32([0.3, 0.3, np.inf, np.inf])), session)
    assert (style.labels_at, style.boxes_at) == (0, 1)
    assert checked[0][1] == [(None,), (None, 4), (None,)]
    boxes, score, label = decode(style, [LABELS, BOXES, SCORES])[0]
    assert (boxes.tolist(), score.tolist(), label.tolist()) == (BOXES[:2].tolist(), SCORES[:2].tolist(), [1, 0])


def test_models_of_another_layout_are_refused(tmp_path):
    with pytest.raises(InputError, match="the model's output"):
        build(CONFIG, open_session(model(tmp_path, boxes=BOXES, scores=SCORES), "cpu"))
    with pytest.raises(InputError, match="the model's output"):
        build(CONFIG, open_session(model(tmp_path, boxes=BOXES[None], scores=SCORES, labels=LABELS), "cpu"))
    with pytest.raises(InputError, match="the model's output"):
        build({**CONFIG, "style": "ultralytics"}, open_session(model(tmp_path), "cpu"))


def test_a_model_of_many_pictures_at_once_is_refused():
    picture = Tensor("images", (None, 3, 8, 8), np.dtype(np.float32))
    session = SimpleNamespace(batch=None, inputs=[picture], outputs=[picture] * 3, path="m")
    with pytest.raises(InputError, match="any number of pictures at once"):
        fitted(Style("torchvision", 8, 8, 1, (0,), np.zeros(1)), session)


def trained(tmp_path, framework):
    """A file as a training through a framework writes it, that finds a player, a ball and a false one."""
    boxes = np.array([[10, 20, 50, 100], [200, 40, 206, 46], [300, 150, 306, 156]], np.float32)
    scores, labels = np.array([0.6, 0.7, 0.3]), np.array([0, 3, 3])
    if framework == "torchvision":
        return model(tmp_path, boxes=boxes, scores=scores, labels=labels)
    columns = np.zeros((1, 8, 3), np.float32)
    columns[0, :4] = np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1).T
    columns[0, 4 + labels, range(3)] = scores
    return model(tmp_path, output0=columns)


def picture():
    boxes = np.array([[10, 20, 50, 100], [200, 40, 206, 46]], np.float32)
    return Sample(np.zeros((320, 448, 3), np.uint8), boxes, np.array([0, 3]), np.zeros(2, bool))


@pytest.mark.parametrize("framework", ["torchvision", "ultralytics"])
@pytest.mark.parametrize("domain", ["soccer", "hockey"])
def test_the_settings_that_are_told_are_those_that_were_measured(tmp_path, framework, domain):
    reading = Reading(framework, trained(tmp_path, framework), domain, {"player": 0.41, "ball": 0.2})
    with initialize_config_module("configs", version_base="1.3"):
        told = compose("analyze", overrides=[f"domain={domain}", *reading.arguments()])
    assert OmegaConf.to_container(told.detector) == reading.config()
    assert ("goalie" in reading.config()["kinds"]) == (domain == "hockey")
    assert f"'detector.labels={str(list(classes_of(domain))).replace(chr(39), '')}'" in reading.line()


@pytest.mark.parametrize("framework", ["torchvision", "ultralytics"])
def test_what_is_measured_is_what_analyze_runs(tmp_path, framework):
    reading = Reading(framework, trained(tmp_path, framework), "soccer", dict.fromkeys(classes_of("soccer"), 0.02))
    runner = AsAnalyzed(reading.detector(1), "soccer")
    assert runner(picture().image).labels.tolist() == [3, 0, 3]
    scores = choose_scores(runner, [picture()], "soccer")
    assert scores == pytest.approx({"player": 0.6, "ball": 0.7})


def test_figures_rest_on_the_pictures_to_test_on(tmp_path, monkeypatch):
    samples = {"choose": [picture()], "test": [picture()] * 10}
    monkeypatch.setattr("evaluation.trained._samples", lambda which: iter(samples[which[0]]))
    path = trained(tmp_path, "torchvision")
    figures, reading = figures_of("torchvision", path, "soccer", {"choose": ["choose"], "test": ["test"]}, 1)
    assert (figures["pictures"], figures["player_ap50"], figures["ball_recall_at_0.2"]) == (10, 1, 1)
    assert reading.config()["score"] == pytest.approx({"player": 0.6, "official": 0.5, "ball": 0.7})
