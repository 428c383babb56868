import cv2
import numpy as np
import pytest

from perception.motion import MotionConfig, MotionTracker

SIZE = (640, 360)
GRID = np.stack(np.meshgrid(np.linspace(60, 580, 5), np.linspace(60, 300, 4)), -1).reshape(-1, 2)


def world(seed=0):
    """A wide textured place."""
    rng = np.random.default_rng(seed)
    grey = cv2.resize(rng.integers(30, 220, (90, 180), np.uint8), (1440, 720), interpolation=cv2.INTER_CUBIC)
    for _ in range(400):
        at = (int(rng.integers(1440)), int(rng.integers(720)))
        cv2.rectangle(grey, at, (at[0] + 12, at[1] + 9), int(rng.integers(256)), -1)
    return cv2.merge([grey] * 3)


def to_world(step, speed=6.0):
    """Picture -> world of frame `step`: a pan with a slow zoom and a little turn."""
    zoom, turn = 1.0 + 0.002 * step, 0.0005 * step
    x, y = 150.0 + speed * step, 120.0 + 1.5 * step
    return np.array([[zoom, -turn, x], [turn, zoom, y], [1e-6 * step, 0.0, 1.0]])


def frames(count, place=None, speed=6.0):
    place = world() if place is None else place
    for step in range(count):
        yield cv2.warpPerspective(place, to_world(step, speed), SIZE, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)


def mapped(matrix, points):
    seen = np.column_stack([points, np.ones(len(points))]) @ matrix.T
    return seen[:, :2] / seen[:, 2:]


def followed(images, config=None, masks=(), people=(), shots=None):
    tracker = MotionTracker(config or MotionConfig())
    for number, image in enumerate(images):
        tracker.step(image, {"frame": number, "t": number / 25, "shot": shots[number] if shots else 0}, masks, people)
    return tracker


def rows(tracker):
    for row in tracker.table().to_pylist():
        if row["from_frame"] is not None:
            yield row, np.array([row[f"h{i}{j}"] for i in range(3) for j in range(3)]).reshape(3, 3)


def worst(tracker, speed=6.0):
    """Largest error in pixels of any link, short and long."""
    short, long = [0.0], [0.0]
    for row, matrix in rows(tracker):
        truth = np.linalg.inv(to_world(row["frame"], speed)) @ to_world(row["from_frame"], speed)
        error = np.linalg.norm(mapped(matrix, GRID) - mapped(truth, GRID), axis=1).max()
        (long if row["frame"] - row["from_frame"] > 1 else short).append(error)
    return max(short), max(long)


def test_a_pan_is_followed_to_a_fraction_of_a_pixel_and_long_links_do_not_drift():
    tracker = followed(frames(35))
    short, long = worst(tracker)
    assert short < 0.3
    assert long < 0.5
    spans = {row["frame"] - row["from_frame"] for row, _ in rows(tracker)}
    assert {1, 10} <= spans


def test_the_support_says_where_the_corners_were():
    for row, _ in rows(followed(frames(3))):
        cells = np.array(row["support"]).reshape(-1, 3)
        assert cells[:, 2].sum() == row["inliers"]
        assert (cells[:, :2] >= 0).all()
        assert (cells[:, :2] < SIZE).all()
        assert len(cells) >= 8


def test_every_frame_has_a_row_and_the_first_of_a_shot_no_link():
    place, other = world(0), world(9)
    images = [*frames(6, place), *frames(6, other)]
    table = followed(images, shots=[0] * 6 + [1] * 6).table()
    linked = dict(zip(table.column("frame").to_pylist(), table.column("from_frame").to_pylist(), strict=True))
    assert sorted(linked) == list(range(12))
    assert linked[0] is None
    assert linked[6] is None
    assert linked[7] == 6


def test_people_that_move_do_not_pull():
    images = []
    for step, image in enumerate(frames(25)):
        for person in range(8):
            at = (40 + 75 * person + 9 * step * (-1) ** person) % 600
            texture = np.random.default_rng(person).integers(0, 255, (110, 32, 3), np.uint8)
            image[140:250, at : at + 32] = texture[:, : 640 - at]
        images.append(image)
    short, long = worst(followed(images))
    assert short < 0.4
    assert long < 0.8


def test_players_who_run_slowly_where_little_else_is_seen_do_not_bend_the_picture():
    """Stands fill the top; below, players move with the camera by less than a pixel a frame more than a few marks."""
    place = world()
    place[230:] = 110
    rng = np.random.default_rng(7)
    for x, y in rng.uniform((150, 240), (900, 480), (90, 2)).astype(int):
        cv2.rectangle(place, (int(x), int(y)), (int(x) + 7, int(y) + 5), 235, -1)
    images = []
    for step, image in enumerate(frames(32, place, 1.5)):
        for person in range(10):
            texture = np.random.default_rng(person).integers(0, 255, (12, 4, 3), np.uint8)
            texture = cv2.resize(texture, (28, 84), interpolation=cv2.INTER_CUBIC)
            x, y = 20.0 + 61 * person - (0.6 + 0.03 * person) * step, 130.0 + 70 * (person % 3) - 1.5 * step
            shift = np.array([[1.0, 0.0, x], [0.0, 1.0, y]])
            cover = cv2.warpAffine(np.full((84, 28), 255, np.uint8), shift, SIZE)
            image = np.where(cover[:, :, None] > 127, cv2.warpAffine(texture, shift, SIZE), image)
        images.append(image)
    short, long = worst(followed(images), 1.5)
    assert short < 0.2
    assert long < 0.2


def test_a_graphic_that_stays_is_found_and_left_out():
    bug = np.random.default_rng(4).integers(0, 255, (60, 260, 3), np.uint8)
    bug = cv2.resize(cv2.resize(bug, (26, 6)), (260, 60), interpolation=cv2.INTER_NEAREST)
    images = list(frames(45))
    for image in images:
        image[20:80, 190:450] = bug
    tracker = followed(images)
    cells = np.array(tracker.graphics())
    assert len(cells) >= 5
    middle = (cells[:, :2] + cells[:, 2:]) / 2
    assert np.mean((middle > (180, 10)).all(1) & (middle < (460, 90)).all(1)) > 0.9
    assert worst(tracker)[0] < 0.4


def test_masks_keep_corners_out():
    box = (0.0, 0.0, 640.0, 180.0)
    for row, _ in rows(followed(frames(4), masks=[box])):
        cells = np.array(row["support"]).reshape(-1, 3)
        assert (cells[:, 1] > 170).all()


def test_without_texture_there_is_no_link_and_the_chain_goes_on_behind():
    images = list(frames(16))
    images[7] = np.full_like(images[7], 90)
    table = followed(images).table()
    first = {}
    for frame, source in zip(table.column("frame").to_pylist(), table.column("from_frame").to_pylist(), strict=True):
        first.setdefault(frame, source)
    assert first[7] is None
    assert first[8] == 6
    blank = followed([np.full_like(images[0], 90)] * 4).table()
    assert blank.column("from_frame").null_count == 4


def test_a_picture_that_stands_still_gives_the_identity():
    image = next(frames(1))
    for _, matrix in rows(followed([image] * 12)):
        assert np.abs(mapped(matrix, GRID) - GRID).max() < 0.02


def test_the_same_frames_give_the_same_table():
    assert followed(frames(14)).table().equals(followed(frames(14)).table())


@pytest.mark.parametrize("size", [(853, 481), (320, 179)])
def test_odd_sizes_are_followed(size):
    images = [cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in frames(5)]
    scale = np.diag([size[0] / SIZE[0], size[1] / SIZE[1], 1.0])
    for row, matrix in rows(followed(images, MotionConfig(height=300))):
        truth = np.linalg.inv(to_world(row["frame"])) @ to_world(row["from_frame"])
        truth = scale @ truth @ np.linalg.inv(scale)
        points = GRID * np.diag(scale)[:2]
        assert np.linalg.norm(mapped(matrix, points) - mapped(truth, points), axis=1).max() < 0.6
