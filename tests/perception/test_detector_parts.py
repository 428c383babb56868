"""Cutting, fitting, decoding, suppressing and joining, each by itself."""

import numpy as np
import pytest

from perception.detectors.boxes import Boxes
from perception.detectors.fit import Input, batch, place
from perception.detectors.labels import COCO, COCO_IDS
from perception.detectors.nms import suppress
from perception.detectors.styles import Style, decode
from perception.detectors.tiling import Found, Tiling, join, tiles
from records.errors import InputError

BOXES = np.array([[10, 20, 50, 100], [200, 40, 230, 90], [300, 150, 420, 260]], np.float32)
SCORES = np.array([0.9, 0.5, 0.7], np.float32)
LABELS = np.array([1, 0, 1])


def style(name, **more):
    settings = {"height": 320, "width": 448, "classes": 3, "wanted": (0, 1), "floor": np.float32([0.3, 0.3, np.inf])}
    return Style(name, **{**settings, **more})


def centre_and_size(boxes):
    return np.concatenate([(boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]], axis=1)


def check(found):
    """The three boxes came back; nothing of the third class, nothing below the floor."""
    xyxy, score, label = found
    order = np.argsort(-score)
    assert score[order] == pytest.approx([0.9, 0.7, 0.5], abs=1e-4)
    assert label[order].tolist() == [1, 1, 0]
    assert xyxy[order] == pytest.approx(BOXES[[0, 2, 1]], abs=1e-2)


def test_yolox_grid():
    rows = []
    for stride in (8, 16, 32):
        rows += [
            (column * stride, row * stride, stride) for row in range(320 // stride) for column in range(448 // stride)
        ]
    grid = np.array(rows, float)
    raw = np.zeros((len(grid), 8), np.float32)
    for box, score, label, near in zip(centre_and_size(BOXES), SCORES, LABELS, (3, 700, len(grid) - 1), strict=True):
        x, y, stride = grid[near]
        raw[near, :2] = (box[:2] - (x, y)) / stride
        raw[near, 2:4] = np.log(box[2:] / stride)
        raw[near, 4], raw[near, 5 + label] = 0.95, score / 0.95
    raw[17, 4], raw[17, 7] = 0.9, 0.99  # a class that nobody asked for
    raw[18, 4], raw[18, 5] = 0.5, 0.5  # below the floor together
    check(decode(style("yolox"), [raw[None]])[0])


def test_ultralytics_columns():
    raw = np.zeros((7, 50), np.float32)
    raw[:4, :3] = centre_and_size(BOXES).T
    raw[4 + LABELS, range(3)] = SCORES
    raw[6, 10] = 0.99
    raw[4, 11] = 0.2
    check(decode(style("ultralytics"), [raw[None]])[0])


def test_end_to_end_rows():
    raw = np.zeros((300, 6), np.float32)
    raw[:3] = np.column_stack([BOXES, SCORES, LABELS])
    raw[3] = (0, 0, 9, 9, 0.99, 2)
    check(decode(style("end2end"), [raw[None]])[0])


@pytest.mark.parametrize("swapped", [False, True])
@pytest.mark.parametrize("activation", ["sigmoid", "softmax", "none"])
def test_detr_boxes_and_logits(activation, swapped):
    boxes = np.full((20, 4), 0.5, np.float32)
    boxes[:3] = centre_and_size(BOXES) / (448, 320, 448, 320)
    scores = np.full((20, 3), 1e-4)
    scores[range(3), LABELS] = SCORES
    scores[3, 2] = 0.99
    if activation == "sigmoid":
        logits = np.log(scores / (1 - scores))
    elif activation == "softmax":
        logits = np.log(np.concatenate([scores, 1 - scores.sum(axis=1, keepdims=True)], axis=1))
    else:
        logits = scores
    outputs = [boxes[None], logits[None].astype(np.float32)]
    found = decode(style("detr", activation=activation, boxes_at=int(swapped)), outputs[::-1] if swapped else outputs)
    check(found[0])


def test_detr_in_one_output():
    boxes = centre_and_size(BOXES) / (448, 320, 448, 320)
    scores = np.zeros((3, 3))
    scores[range(3), LABELS] = SCORES
    check(decode(style("detr", activation="none"), [np.concatenate([boxes, scores], axis=1)[None]])[0])


def test_boxes_that_are_no_numbers_are_left_out():
    raw = np.zeros((7, 2), np.float32)
    raw[:4, 0], raw[4, :] = np.nan, 0.9
    raw[:4, 1] = 5
    assert len(decode(style("ultralytics"), [raw[None]])[0][0]) == 1


@pytest.mark.parametrize("fit", ["corner", "centre", "stretch"])
@pytest.mark.parametrize("size", [(300, 500), (97, 61), (416, 416)])
def test_a_square_is_found_again_where_it_was(fit, size):
    form = Input(height=208, width=416, fit=fit, fill=0)
    height, width = size
    box = np.float32([width * 0.2, height * 0.3, width * 0.7, height * 0.8]).round()
    piece = np.zeros((height, width, 3), np.uint8)
    piece[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])] = 255
    data, placed = batch(form, [piece], np.dtype(np.float32))
    rows, columns = np.nonzero(data[0, 0] > 127)
    seen = np.float32([[columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]])
    assert placed[0].back(seen)[0] == pytest.approx(box, abs=1 + max(size) / 150)


def test_letterboxes_fill_the_rest():
    data, _ = batch(Input(height=64, width=64, fit="corner"), [np.full((32, 64, 3), 9, np.uint8)], np.dtype(np.float32))
    assert (data[0, :, :32] == 9).all()
    assert (data[0, :, 32:] == 114).all()
    data, _ = batch(Input(height=64, width=64, fit="centre"), [np.full((32, 64, 3), 9, np.uint8)], np.dtype(np.float32))
    assert (data[0, :, 16:48] == 9).all()
    assert (data[0, :, :16] == 114).all()
    assert (data[0, :, 48:] == 114).all()


def test_colours_and_levels():
    piece = np.zeros((8, 8, 3), np.uint8)
    piece[:] = (10, 20, 30)
    form = Input(8, 8, colour="rgb", fit="stretch", scale=1 / 255, mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 0.125))
    data, _ = batch(form, [piece], np.dtype(np.float32))
    wanted = (np.array([30, 20, 10]) / 255 - form.mean) / form.std
    assert data[0, :, 0, 0] == pytest.approx(wanted, abs=1e-5)


def test_the_largest_scale_that_fits():
    assert place(Input(416, 416), 400, 492) == (place(Input(416, 416), 400, 492)[0], (416, 338))


@pytest.mark.parametrize(
    "config",
    [
        {"height": 8},
        {"height": 8, "width": 8, "size": 3},
        {"height": 8, "width": 8, "colour": "grey"},
        {"height": 8, "width": 8, "mean": [0]},
        {"height": 8, "width": 8, "std": [0, 1, 1]},
    ],
)
def test_inputs_that_make_no_sense(config):
    with pytest.raises(InputError, match=r"detector\.input"):
        Input.read(config)


def test_suppression_keeps_the_best_of_each_group():
    boxes = np.float32([[0, 0, 10, 10], [1, 0, 11, 10], [1, 0, 11, 10], [50, 0, 60, 10]])
    score = np.float32([0.5, 0.9, 0.4, 0.9])
    assert suppress(boxes, score, np.array([0, 0, 1, 0]), 0.5).tolist() == [1, 3, 2]
    assert suppress(boxes, score, np.zeros(4), 0.9).tolist() == [1, 3, 0]
    assert suppress(boxes[:0], score[:0], np.zeros(0), 0.5).tolist() == []


@pytest.mark.parametrize(("columns", "rows", "overlap"), [(1, 1, 0.2), (3, 2, 0.2), (4, 3, 0.0), (2, 1, 0.5)])
@pytest.mark.parametrize("size", [(720, 1280), (97, 131)])
def test_tiles_cover_the_picture_and_overlap(columns, rows, overlap, size):
    boxes = tiles(Tiling(columns, rows, overlap), *size)
    assert len(boxes) == columns * rows
    seen = np.zeros(size, int)
    for x1, y1, x2, y2 in boxes:
        seen[y1:y2, x1:x2] += 1
    assert seen.min() == 1
    if columns > 1:
        common = boxes[0, 2] - boxes[1, 0]
        assert common == pytest.approx(overlap * (boxes[0, 2] - boxes[0, 0]), abs=2)


def test_the_whole_picture_besides():
    assert tiles(Tiling(2, 1, whole=True), 100, 200)[-1].tolist() == [0, 0, 200, 100]
    assert len(tiles(Tiling(whole=True), 100, 200)) == 1


def test_tiles_that_nobody_reaches_are_left_out():
    region = np.zeros((720, 1280), np.uint8)
    region[600:, :300] = 1
    tiling = Tiling(3, 2, 0.2, headroom=0.1)
    kept = tiles(tiling, 720, 1280, region)
    assert kept.tolist() == [tiles(tiling, 720, 1280)[3].tolist()]
    assert len(tiles(Tiling(3, 2, 0.2, headroom=0.3), 720, 1280, region)) == 2  # heads reach the tile above
    assert tiles(tiling, 720, 1280, region[::4, ::4]).tolist() == kept.tolist()
    assert tiles(tiling, 720, 1280, np.zeros((720, 1280))).shape == (0, 4)


@pytest.mark.parametrize("config", [{"columns": 0}, {"overlap": 1.0}, {"cols": 3}])
def test_tilings_that_make_no_sense(config):
    with pytest.raises(InputError, match=r"detector\.tiles"):
        Tiling.read(config)


PLACES = np.array([[0, 0, 120, 100], [80, 0, 200, 100]])


def joined(boxes, tile, label=None):
    count = len(boxes)
    found = Found(
        np.float32(boxes),
        np.linspace(0.9, 0.5, count, dtype=np.float32),
        np.zeros(count, int) if label is None else np.array(label),
        np.array(tile),
    )
    return join(found, PLACES, 100, 200).xyxy.tolist()


def test_a_piece_of_somebody_who_is_whole_next_door_goes():
    whole = [90, 10, 140, 60]
    assert joined([[90, 11, 120, 59], whole], [0, 1]) == [whole]


def test_two_pieces_become_one():
    assert joined([[60, 10, 120, 60], [80, 12, 150, 61]], [0, 1]) == [[60, 10, 150, 61]]
    assert joined([[80, 12, 150, 61], [60, 10, 120, 60]], [1, 0]) == [[60, 10, 150, 61]]


def test_neighbours_stay_two():
    apart = [[60, 10, 120, 40], [80, 50, 150, 90]]
    assert joined(apart, [0, 1]) == apart
    kinds = [[60, 10, 120, 60], [80, 12, 150, 61]]
    assert joined(kinds, [0, 1], label=[0, 1]) == kinds
    both_whole = [[84, 10, 118 - 2, 60], [100, 10, 160, 60]]
    assert joined(both_whole, [0, 1]) == both_whole


def test_a_box_at_the_edge_of_the_picture_is_not_cut_off():
    boxes = [[0, 0, 50, 100], [150, 0, 200, 100]]
    assert joined(boxes, [0, 1]) == boxes


def test_boxes_must_agree():
    with pytest.raises(ValueError, match="boxes"):
        Boxes(np.zeros((2, 4), np.float32), np.zeros(2, np.float32), ["player"])


def test_coco_in_both_countings():
    assert (len(COCO), COCO[0], COCO[32], COCO[79]) == (80, "person", "sports ball", "toothbrush")
    assert (len(COCO_IDS), COCO_IDS[1], COCO_IDS[37], COCO_IDS[90]) == (91, "person", "sports ball", "toothbrush")
