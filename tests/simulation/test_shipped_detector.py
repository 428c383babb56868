"""How detections are scored, and what the shipped detector finds in renders that it has never seen."""

from pathlib import Path

import numpy as np
import pytest

import perception
from simulation.training.dataset import VALID_SEEDS, Sample, classes_of, draw_samples
from simulation.training.measure import Found, Runner, average_precision, decode_rows, iou, measure, recall_at

WEIGHTS = Path(perception.__file__).parent / "weights" / "hockey-detector.onnx"
MOST_BYTES = 10_000_000


def test_iou_of_known_boxes():
    boxes = np.array([[0, 0, 10, 10], [5, 0, 15, 10], [20, 20, 30, 30]], float)
    assert iou(boxes, boxes)[0] == pytest.approx([1, 1 / 3, 0])


def test_average_precision_counts_order_and_misses():
    assert average_precision([(0.9, True), (0.8, True)], 2) == pytest.approx(1.0)
    assert average_precision([(0.9, False), (0.8, True)], 1) == pytest.approx(0.5)
    assert average_precision([(0.9, True), (0.8, None)], 2) == pytest.approx(0.5)
    assert average_precision([], 3) == 0.0


def test_recall_stops_at_the_allowed_false_alarms():
    outcomes = [(0.9, True), (0.8, False), (0.7, True), (0.6, False), (0.5, True)]
    assert recall_at(outcomes, 3, allowed=1) == (pytest.approx(2 / 3), 0.7)
    assert recall_at(outcomes, 3, allowed=2) == (1.0, 0.5)


def test_rows_become_boxes_where_their_cells_are():
    rows = np.zeros((12 * 8 + 24 * 16, 9), np.float32)
    cell = 3 * 12 + 5  # row 3, column 5 at stride 8
    rows[cell] = [0.5, 0.5, np.log(4), np.log(8), 1, 0.9, 0.1, 0, 0]
    rows[cell + 1] = [-0.5, 0.5, np.log(4), np.log(8), 1, 0.2, 0.7, 0, 0]  # the same person, less sure
    puck = 12 * 8 + 10 * 24 + 7  # row 10, column 7 at stride 4
    rows[puck] = [0.25, 0.5, 0, 0, 1, 0, 0, 0, 0.8]
    found = decode_rows(rows, (96, 64), floor=0.1)
    assert [classes_of("hockey")[label] for label in found.labels] == ["player", "puck"]
    assert found.boxes[0] == pytest.approx([28, -4, 60, 60])
    assert found.boxes[1] == pytest.approx([27, 40, 31, 44])


def test_hidden_people_count_neither_way():
    boxes = np.array([[10, 10, 30, 60], [100, 10, 120, 60]], np.float32)
    sample = Sample(np.zeros((100, 200, 3), np.uint8), boxes, np.array([0, 0]), np.array([False, True]))

    def perfect(image):
        return Found(boxes, np.array([0.9, 0.8]), np.array([0, 0]))

    figures = measure(perfect, [sample])
    assert figures["player_ap50"] == pytest.approx(1.0)
    assert figures["player_count"] == 1


def test_the_shipped_detector_finds_people_and_puck_in_unseen_renders():
    assert WEIGHTS.stat().st_size < MOST_BYTES
    samples = [picture for seed in VALID_SEEDS[:2] for picture in draw_samples(seed, 4)]
    figures = measure(Runner(WEIGHTS), samples)
    assert figures["player_count"] > 20
    assert figures["player_ap50"] > 0.85
    assert figures["official_ap50"] > 0.85


def test_zeroed_pictures_hold_nothing():
    found = Runner(WEIGHTS)(np.zeros((720, 1280, 3), np.uint8), floor=0.3)
    assert len(found.scores) == 0
