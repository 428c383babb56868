"""Detectors as a whole, on models built here and on real ones."""

from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml
from model_files import constant, squares, zeroed
from video_files import encode

import configs
from perception.decode import read_frames
from perception.detectors import build
from perception.runtime import open_session
from records.errors import InputError

CONFIG = {
    "name": "squares",
    "style": "yolox",
    "input": {"height": 64, "width": 64},
    "strides": [8],
    "labels": ["warm", "cold"],
    "kinds": {"warm": "player", "cold": "official"},
    "score": 0.3,
}
WARM, COLD = (120, 255, 255), (255, 255, 120)


def scene(height=64, width=64, warm=(), cold=()):
    """A dark picture with bright squares of 8 pixels at (column, row) of their upper left corner."""
    image = np.full((height, width, 3), 20, np.uint8)
    for colour, places in ((WARM, warm), (COLD, cold)):
        for x, y in places:
            image[y : y + 8, x : x + 8] = colour
    return image


def detector(tmp_path, model=None, **changes):
    return build({**CONFIG, **changes}, open_session(model or squares(tmp_path / "squares.onnx"), "cpu"))


def listed(boxes):
    return sorted((kind, *np.round(box).astype(int).tolist()) for kind, box in zip(boxes.kind, boxes.xyxy, strict=True))


def test_boxes_and_kinds(tmp_path):
    (found,) = detector(tmp_path).detect([scene(warm=[(8, 16)], cold=[(40, 48)])])
    assert listed(found) == [("official", 40, 48, 48, 56), ("player", 8, 16, 16, 24)]
    assert (found.score > 0.9).all()
    assert found.score.dtype == found.xyxy.dtype == np.float32


@pytest.mark.parametrize("batch", ["n", 1, 4])
def test_many_pictures_tiles_and_batches_give_what_one_gives(tmp_path, batch):
    images = [scene(64, 112, warm=[(8 * i, 16)], cold=[(104, 8 * i)]) for i in range(5)]
    model = squares(tmp_path / "m.onnx", batch)
    tiled = detector(tmp_path, model, tiles={"columns": 2, "rows": 1, "overlap": 0.25}, batch=3)
    together = tiled.detect(images)
    for number, image in enumerate(images):
        wanted = [("official", 104, 8 * number, 112, 8 * number + 8), ("player", 8 * number, 16, 8 * number + 8, 24)]
        assert listed(together[number]) == wanted
        assert listed(tiled.detect([image])[0]) == wanted


def test_what_lies_in_two_tiles_is_found_once(tmp_path):
    tiled = detector(tmp_path, tiles={"columns": 2, "rows": 1, "overlap": 0.25})
    (found,) = tiled.detect([scene(64, 112, warm=[(48, 16), (56, 40)])])
    assert listed(found) == [("player", 48, 16, 56, 24), ("player", 56, 40, 64, 48)]


def test_only_tiles_that_people_can_reach_are_looked_at(tmp_path):
    image = scene(64, 112, warm=[(8, 16), (96, 16)])
    tiled = detector(tmp_path, tiles={"columns": 2, "rows": 1, "overlap": 0.25, "headroom": 0.1})
    left = np.zeros((64, 112), bool)
    left[:, :30] = True
    runs = []
    original = tiled.session.parts
    tiled.session.parts = lambda batch: runs.append(len(batch)) or original(batch)
    assert [box[1] for box in listed(tiled.detect([image], left)[0])] == [8]
    assert [box[1] for box in listed(tiled.detect([image], [~left])[0])] == [8, 96]
    nowhere = np.zeros_like(left)
    assert [len(boxes) for boxes in tiled.detect([image] * 3, [left, nowhere, None])] == [1, 0, 2]
    assert runs == [1, 2, 3]
    with pytest.raises(InputError, match="1 regions for 2 pictures"):
        tiled.detect([image] * 2, [left])


def test_a_thing_is_one_of_the_exclusive_kinds(tmp_path):
    raw = np.zeros((1, 64, 7), np.float32)
    raw[0, 9, :] = (0.5, 0.5, 1, 1, 1, 0.8, 0.1)
    raw[0, 10, :] = (-0.4, 0.5, 1, 1, 1, 0.1, 0.7)
    model = constant(tmp_path / "m.onnx", (3, 64, 64), {"output": raw})
    assert detector(tmp_path, model).detect([scene()])[0].kind == ["player", "official"]
    assert detector(tmp_path, model, exclusive=["player", "official"]).detect([scene()])[0].kind == ["player"]


def test_thresholds_by_kind_and_the_most_boxes(tmp_path):
    raw = np.zeros((1, 64, 7), np.float32)
    raw[0, :, 2:5] = (0, 0, 1)
    raw[0, ::2, 5], raw[0, 1::2, 6] = 0.4, 0.6
    model = constant(tmp_path / "m.onnx", (3, 64, 64), {"output": raw})
    (found,) = detector(tmp_path, model, score={"player": 0.5, "official": 0.5}).detect([scene()])
    assert set(found.kind) == {"official"}
    assert len(detector(tmp_path, model, most=5).detect([scene()])[0]) == 5


def test_same_input_same_bytes(tmp_path):
    images = [np.random.default_rng(i).integers(0, 255, (64, 112, 3), np.uint8) for i in range(3)]
    tiled = detector(tmp_path, tiles={"columns": 2, "rows": 1})
    first, second = tiled.detect(images), tiled.detect(images)
    for a, b in zip(first, second, strict=True):
        assert (a.xyxy.tobytes(), a.score.tobytes(), a.kind) == (b.xyxy.tobytes(), b.score.tobytes(), b.kind)


def test_a_black_video_changes_the_result(tmp_path):
    times = np.arange(3) / 25
    bright = encode(tmp_path / "b.mp4", [scene(warm=[(8, 16)])] * 3, times, pix_fmt="yuv444p")
    black = encode(tmp_path / "k.mp4", [np.zeros((64, 64, 3), np.uint8)] * 3, times)
    model = detector(tmp_path)
    assert [len(b) for b in model.detect([f.image for f in read_frames(bright)])] == [1, 1, 1]
    assert [len(b) for b in model.detect([f.image for f in read_frames(black)])] == [0, 0, 0]


def test_zeroed_weights_change_the_result(tmp_path):
    good = squares(tmp_path / "good.onnx")
    dead = zeroed(good, tmp_path / "dead.onnx")
    image = scene(warm=[(8, 16)])
    assert listed(detector(tmp_path, good).detect([image])[0]) != listed(detector(tmp_path, dead).detect([image])[0])


def test_a_model_of_another_layout_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"input is images float32 \[\?, 3, 64, 64\], the configuration says"):
        detector(tmp_path, input={"height": 64, "width": 128})
    with pytest.raises(InputError, match=r"output is output float32 \[\?, 64, 7\], .* \['\?', 64, 85\]"):
        detector(tmp_path, labels="coco", kinds={"person": "unknown"})
    with pytest.raises(InputError, match="the model's output"):
        detector(tmp_path, strides=[8, 16])
    with pytest.raises(InputError, match="the model's output"):
        detector(tmp_path, style="detr")
    with pytest.raises(InputError, match="the model's output"):
        detector(tmp_path, style="end2end")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"style": "yolov99"}, "unknown style 'yolov99'"),
        ({"treshold": 0.3}, "unknown key treshold"),
        ({"labels": None}, "labels is missing"),
        ({"labels": "imagenet"}, "unknown labels 'imagenet'"),
        ({"kinds": {"player": "player"}}, "no label 'player'"),
        ({"score": {"player": 0.3}}, "no score for official"),
        ({"score": 2}, "2 is not a number from 0 to 1"),
        ({"iou": "much"}, "much is not a number"),
        ({"batch": 0}, "0 is not a whole number"),
        ({"activation": "relu"}, "unknown activation 'relu'"),
    ],
)
def test_configurations_that_make_no_sense(tmp_path, changes, line):
    with pytest.raises(InputError, match=line):
        detector(tmp_path, **changes)


def outputs_of(config, rng):
    """Arrays of the shape that the style's exports have, for the class list of the configuration."""
    classes = {"coco": 80, "coco_ids": 91}.get(config["labels"]) if isinstance(config["labels"], str) else None
    classes = classes or len(config["labels"])
    height, width = config["input"]["height"], config["input"]["width"]
    if config["style"] == "yolox":
        cells = sum((height // stride) * (width // stride) for stride in config["strides"])
        return {"output": rng.random((1, cells, 5 + classes))}
    if config["style"] == "ultralytics":
        columns = rng.random((1, 4 + classes, 8400))
        columns[:, :4] *= 300
        return {"output0": columns}
    if config["style"] == "torchvision":
        corner = rng.random((50, 2)) * 300
        boxes = np.hstack([corner, corner + 40])
        return {"boxes": boxes, "scores": rng.random(50), "labels": rng.integers(0, 3, 50)}
    return {"dets": rng.random((1, 300, 4)), "labels": rng.normal(size=(1, 300, classes))}


@pytest.mark.parametrize("path", sorted(Path(configs.__path__[0]).glob("detector/*.yaml")), ids=lambda p: p.stem)
def test_every_shipped_configuration_builds(tmp_path, path):
    config = yaml.safe_load(path.read_text())
    form = config["input"]
    outputs = outputs_of(config, np.random.default_rng(0))
    model = constant(tmp_path / "m.onnx", (3, form["height"], form["width"]), outputs)
    (found,) = build(config, open_session(model, "cpu")).detect([scene(720, 1280)])
    assert 0 < len(found) <= 300
    assert set(found.kind) <= set(config["kinds"].values())
    assert (found.xyxy >= 0).all()
    assert (found.xyxy <= (1280, 720, 1280, 720)).all()


def average_precision(found, truth):
    """AP at IoU 0.5, area under the precision envelope. found: (picture, score, box), truth: picture -> boxes."""
    taken = {key: np.zeros(len(boxes), bool) for key, boxes in truth.items()}
    hits = []
    for key, _, box in sorted(found, key=lambda item: -item[1]):
        boxes = truth[key]
        low, high = np.maximum(boxes[:, :2], box[:2]), np.minimum(boxes[:, 2:], box[2:])
        common = np.prod(np.maximum(high - low, 0), axis=1)
        areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) + np.prod(box[2:] - box[:2])
        iou = np.where(taken[key], 0, common / (areas - common))
        hits.append(iou.max() >= 0.5)
        taken[key][iou.argmax()] |= hits[-1]
    right = np.cumsum(hits)
    precision = right / np.arange(1, len(hits) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float(np.sum(envelope * np.asarray(hits))) / sum(map(len, truth.values()))


@pytest.fixture
def soccer(real_data):
    """Thirty real pictures at 1280x720 and the people on them."""
    images, truth = [], {}
    for key, path in enumerate(sorted((real_data / "detection/soccer_players/valid/images").glob("*.jpg"))):
        images.append(cv2.resize(cv2.imread(str(path)), (1280, 720)))
        rows = np.loadtxt(path.parent.parent / "labels" / f"{path.stem}.txt", ndmin=2)
        people = rows[rows[:, 0] >= 1, 1:] * (1280, 720, 1280, 720)
        truth[key] = np.concatenate([people[:, :2] - people[:, 2:] / 2, people[:, :2] + people[:, 2:] / 2], axis=1)
    return images, truth


def yolox_nano(path, **changes):
    config = yaml.safe_load((Path(configs.__path__[0]) / "detector/yolox_nano.yaml").read_text())
    return build({**config, "score": 0.01, "most": 1000, **changes}, open_session(path, "cpu"))


def score_of(model, images, truth):
    found = [
        (key, score, box)
        for key, boxes in enumerate(model.detect(images))
        for score, box in zip(boxes.score, boxes.xyxy, strict=True)
    ]
    return average_precision(found, truth)


def test_people_in_real_pictures_are_found_with_tiles(real_data, soccer):
    path = real_data / "models/yolox_nano_416_coco.onnx"
    images, truth = soccer
    assert sum(map(len, truth.values())) == 653
    assert score_of(yolox_nano(path), images, truth) > 0.79
    assert score_of(yolox_nano(path, tiles=None), images, truth) < 0.4


def test_zeroed_weights_of_a_real_model_change_the_result(real_data, soccer, tmp_path):
    path = real_data / "models/yolox_nano_416_coco.onnx"
    dead = yolox_nano(zeroed(path, tmp_path / "dead.onnx"), score=0.3)
    images = soccer[0][:1]
    assert len(yolox_nano(path, score=0.3).detect(images)[0]) > 10
    assert len(dead.detect(images)[0]) == 0
    assert len(yolox_nano(path, score=0.3).detect([np.zeros_like(images[0])])[0]) == 0


@pytest.mark.parametrize("names", [("pred_logits", "pred_boxes"), ("dets", "labels")])
def test_detr_outputs_are_told_apart_even_when_they_have_one_shape(tmp_path, names):
    boxes, logits = np.full((1, 5, 4), 0.5), np.full((1, 5, 4), -9.0)
    logits[0, 2, 1] = 3
    outputs = {name: boxes if name in ("pred_boxes", "dets") else logits for name in names}
    model = constant(tmp_path / "m.onnx", (3, 64, 64), outputs)
    kinds = {"a": "player", "b": "official"}
    found = detector(tmp_path, model, style="detr", labels=["a", "b", "c", "d"], kinds=kinds).detect([scene()])
    assert listed(found[0]) == [("official", 16, 16, 48, 48)]
