"""Landmarks that a model points at, and the homography that they agree on."""

import json

import cv2
import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from perception.registration.landmarks import PLACES, LandmarkModel, Landmarks, agreed_homography, peaks
from perception.runtime import open_session
from records.errors import InputError

SIZE, STRIDE = (512, 288), 4
COLUMNS, ROWS = SIZE[0] // STRIDE, SIZE[1] // STRIDE
SPOTS = {f"p{i}": (float(x), float(y)) for i, (x, y) in enumerate(np.random.default_rng(0).uniform(-20, 20, (9, 2)))}


def scene(pixels: np.ndarray, wrong: tuple[int, ...] = ()) -> Landmarks:
    field = np.array(list(SPOTS.values()))
    moved = pixels.copy()
    moved[list(wrong)] += 150.0
    return Landmarks(tuple(SPOTS), moved, field, np.ones(len(field)))


def seen() -> tuple[np.ndarray, np.ndarray]:
    matrix = np.array([[22.0, 6.0, 640.0], [-1.0, -12.0, 360.0], [0.0, 0.006, 1.0]])
    return matrix, cv2.perspectiveTransform(np.array(list(SPOTS.values()))[None], matrix)[0]


def test_the_middle_of_a_bump_is_found_between_the_cells():
    down, across = np.mgrid[:ROWS, :COLUMNS]
    wanted = np.array([[40.3, 20.8], [0.0, 0.0], [127.0, 70.6]])
    maps = np.stack([np.exp(-((across - x) ** 2 + (down - y) ** 2) / (2 * 1.2**2)) for x, y in wanted])
    cells, scores = peaks(maps)
    assert cells[0] == pytest.approx(wanted[0], abs=0.01)
    assert np.abs(cells - wanted).max() < 0.5  # at the edge one side is missing
    assert scores == pytest.approx(maps.reshape(3, -1).max(axis=1))


def test_landmarks_agree_on_a_homography_though_some_are_wrong():
    matrix, pixels = seen()
    found, kept = agreed_homography(scene(pixels, wrong=(2, 5)), (1280, 720))
    assert np.flatnonzero(~kept).tolist() == [2, 5]
    back = cv2.perspectiveTransform(pixels[None], found)[0]
    assert np.abs(back - np.array(list(SPOTS.values()))).max() < 1e-4
    assert np.allclose(np.linalg.inv(found) / np.linalg.inv(found)[2, 2], matrix, atol=1e-4)


def test_too_few_or_too_close_landmarks_are_no_homography():
    _, pixels = seen()
    every = scene(pixels)
    few = Landmarks(every.names[:4], every.pixels[:4], every.field[:4], every.scores[:4])
    assert agreed_homography(few, (1280, 720)) is None
    most = len(every.names) - len(every.names) // 3
    assert agreed_homography(scene(pixels, wrong=range(most, len(pixels))), (1280, 720)) is not None
    assert agreed_homography(scene(pixels, wrong=range(most - 1, len(pixels))), (1280, 720)) is None
    close = Landmarks(every.names, 600 + pixels / 50, every.field, every.scores)
    assert agreed_homography(close, (1280, 720)) is None


def model(tmp_path, count: int, notes: dict[str, str]):
    """A model that calls a cell a landmark as much as the first colour is bright there."""
    nodes = [
        helper.make_node("AveragePool", ["images"], ["small"], kernel_shape=[STRIDE, STRIDE], strides=[STRIDE, STRIDE]),
        helper.make_node("Slice", ["small", "zero", "one", "axis"], ["blue"]),
        helper.make_node("Mul", ["blue", "scale"], ["heat"]),
        helper.make_node("Concat", ["heat"] * count, ["output"], axis=1),
    ]
    values = [
        helper.make_tensor("zero", TensorProto.INT64, [1], [0]),
        helper.make_tensor("one", TensorProto.INT64, [1], [1]),
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        helper.make_tensor("scale", TensorProto.FLOAT, [1], [1 / 255]),
    ]
    graph = helper.make_graph(
        nodes, "g",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["n", 3, SIZE[1], SIZE[0]])],
        [helper.make_tensor_value_info("output", TensorProto.FLOAT, ["n", count, ROWS, COLUMNS])],
        values,
    )  # fmt: skip
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9)
    for key, value in notes.items():
        entry = made.metadata_props.add()
        entry.key, entry.value = key, value
    path = tmp_path / "landmarks.onnx"
    onnx.save(made, str(path))
    return open_session(path, "cpu", 1)


def test_a_model_says_what_it_finds_and_where(tmp_path):
    places = {"a": [1.0, 2.0], "b": [-3.0, 4.5], "c": [0.0, 6.0], "d": [5.0, 5.0]}
    session = model(tmp_path, 4, {"domain": "soccer", PLACES: json.dumps(places)})
    image = np.zeros((720, 1280, 3), np.uint8)
    cv2.circle(image, (900, 300), 9, (255, 0, 0), -1)
    found = LandmarkModel(session).find(image)
    assert found.names == ("a", "b", "c", "d")
    assert found.field.tolist() == list(places.values())
    assert np.abs(found.pixels - [900, 300]).max() < 4.0
    assert found.scores.min() > 0.5
    assert LandmarkModel(session).find(np.zeros((720, 1280, 3), np.uint8)).names == ()
    own = {"b": (-2.5, 4.0, 0.0), "c": (0.0, 0.0, 0.0), "d": (5.0, 6.0, 0.0), "e": (1.0, 1.0, 0.0)}
    here = LandmarkModel(session, own).find(image)
    assert here.names == ("b", "c", "d")
    assert here.field.tolist() == [[-2.5, 4.0], [0.0, 0.0], [5.0, 6.0]]
    own.pop("d")
    assert LandmarkModel(session, own).find(image).names == ()  # two alone are no field


def test_other_models_are_refused(tmp_path):
    with pytest.raises(InputError, match="does not say which landmarks"):
        LandmarkModel(model(tmp_path, 2, {}))
    with pytest.raises(InputError, match="output"):
        LandmarkModel(
            model(tmp_path, 2, {"domain": "soccer", PLACES: json.dumps({"a": [0, 0], "b": [1, 1], "c": [2, 2]})})
        )
