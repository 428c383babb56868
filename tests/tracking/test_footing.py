"""Where feet are, and who is on the field, seen by a camera with a height."""

import numpy as np
import pytest
from scenes import Rectangle

from tracking import filtering, footing
from tracking.filtering import Evidence, Filtering

CAMERA = np.array([0.0, -33.0, 10.0])
BOUNDARY = Rectangle(30, 13)
FOCAL, TILT = 1000.0, np.arctan2(10, 33)


class Camera:
    """A pinhole camera beside the field, looking across it and down."""

    camera = CAMERA
    down = np.array([0, -np.sin(TILT), -np.cos(TILT)])
    forward = np.array([0, np.cos(TILT), -np.sin(TILT)])

    def to_image(self, points):
        points = np.asarray(points, float)
        if points.shape[1] == 2:
            points = np.column_stack([points, np.zeros(len(points))])
        ray = points - CAMERA
        depth = ray @ self.forward
        return np.column_stack([640 + FOCAL * ray[:, 0] / depth, 360 + FOCAL * ray @ self.down / depth])

    def to_field(self, uv, z=0.0):
        uv = np.asarray(uv, float)
        across, below = (uv[:, 0] - 640) / FOCAL, (uv[:, 1] - 360) / FOCAL
        ray = self.forward + across[:, None] * np.array([1.0, 0, 0]) + below[:, None] * self.down
        reach = ((0.0 if z is None else z) - CAMERA[2]) / ray[:, 2]
        return CAMERA[:2] + reach[:, None] * ray[:, :2]

    def surface(self, xy):
        return np.zeros(len(xy))


VIEW = Camera()


def person(x, y, base=0.0, height=footing.SEEN_M, seen_from=0.0):
    """The box of somebody standing at (x, y) on something `base` high, visible above `seen_from` metres."""
    low, high = VIEW.to_image(np.array([[x, y, base + seen_from], [x, y, base + height]]))
    half = 0.2 * abs(high[1] - VIEW.to_image(np.array([[x, y, base]]))[0, 1])
    return [low[0] - half, high[1], low[0] + half, low[1]]


def above_boards(y):
    """The height from which somebody at y is seen over the near boards."""
    return CAMERA[2] - (CAMERA[2] - 1.07) * (y - CAMERA[1]) / (-13 - CAMERA[1])


def placed(box, barrier_m=1.07, height=2000):
    found = footing.ground_points(np.array([box]), VIEW, BOUNDARY, height, barrier_m)
    return found, VIEW.to_field(found.uv)[0]


@pytest.mark.parametrize(("x", "y"), [(0, 0), (-12, 8), (10, -8)])
def test_feet_in_sight_are_behind_the_lower_edge(x, y):
    found, at = placed(person(x, y))
    assert not found.hidden[0]
    away = np.array([x, y]) - CAMERA[:2]
    assert at == pytest.approx([x, y] + footing.TOE_M * away / np.linalg.norm(away), abs=1e-6)
    tall = VIEW.to_image(np.array([[x, y, 0.0], [x, y, footing.PERSON_M]]))
    assert found.person_px[0] == pytest.approx(tall[0, 1] - tall[1, 1], rel=1e-6)


def test_feet_behind_the_boards_are_below_the_head():
    found, at = placed(person(3, -12, seen_from=above_boards(-12)))
    assert found.hidden[0]
    assert at == pytest.approx([3, -12], abs=0.15)
    plain, _ = placed(person(3, -8))
    assert found.sigma_px[0, 1] > 2 * plain.sigma_px[0, 1]


def test_feet_below_the_picture_are_below_the_head():
    box = person(0, -8)
    box[3] = 0.5 * (box[1] + box[3])
    found, at = placed(box, barrier_m=0.0, height=box[3])
    assert found.hidden[0]
    assert at == pytest.approx([0, -8], abs=0.05)


def sigma_of(boxes, believed=None):
    return footing.ground_points(np.array(boxes), VIEW, BOUNDARY, 2000, 1.07, believed).sigma_px


def test_a_nearer_person_over_the_feet_makes_them_uncertain():
    half_hidden, nearer, aside = person(0, 2, seen_from=0.8), person(0.2, 0.8), person(4, 0.8)
    alone = sigma_of([half_hidden])[0]
    assert sigma_of([half_hidden, aside])[0] == pytest.approx(alone)
    covered = sigma_of([half_hidden, nearer])
    assert covered[0, 0] == pytest.approx(alone[0])
    true = VIEW.to_image(np.array([[0.0, 2.0, 0.0]]))[0, 1]
    assert alone[1] < 0.5 * (true - half_hidden[3]) < covered[0, 1]
    assert covered[1] == pytest.approx(sigma_of([nearer])[0])
    assert sigma_of([half_hidden, nearer], np.array([True, False]))[0] == pytest.approx(alone)


def test_in_a_wide_box_the_feet_may_be_anywhere():
    box = person(0, 2)
    wide = [box[0] - 40, box[1], box[2] + 40, box[3]]
    narrow_sigma, wide_sigma = sigma_of([box])[0], sigma_of([wide])[0]
    assert wide_sigma[0] > 3 * narrow_sigma[0]
    assert wide_sigma[1] == pytest.approx(narrow_sigma[1])


def test_without_a_camera_centre_the_lower_edge_stands():
    class Bare(Camera):
        camera = None

    found = footing.ground_points(np.array([person(3, -12)]), Bare(), BOUNDARY, 720, 1.07)
    assert not found.hidden[0]
    assert np.isnan(found.person_px[0])
    assert not footing.passes_below(found.uv, Bare(), BOUNDARY, 99.0)[0]


def clearance(uv):
    return footing.clearance(VIEW.to_field(uv), np.broadcast_to(VIEW.camera, (len(uv), 3)), BOUNDARY)


def test_clearance_is_the_height_over_the_near_edge():
    over = VIEW.to_image(np.array([[5.0, -13.0, 1.5], [-4.0, -13.0, 0.3], [0.0, -20.0, 0.0]]))
    assert clearance(over[:2]) == pytest.approx([1.5, 0.3], abs=0.02)
    assert clearance(over[2:])[0] < 0
    nowhere = footing.clearance(np.full((2, 2), 3.0), np.array([[np.nan] * 3, [0.0, -90.0, 20.0]]), BOUNDARY)
    assert np.isnan(nowhere).tolist() == [True, False]


def test_an_edge_far_from_the_camera_is_found_too():
    camera = np.broadcast_to([0.0, -150.0, 40.0], (700, 3))
    ground = np.column_stack([np.linspace(-20, 20, 700), np.full(700, 5.0)])
    expected = 40.0 * (1.0 - (150.0 - 13.0) / 155.0)
    assert footing.clearance(ground, camera, BOUNDARY) == pytest.approx(np.full(700, expected), abs=0.05)


def test_whether_a_line_of_sight_passes_below_a_height_is_what_its_clearance_says():
    across, down = np.meshgrid(np.linspace(-300, 1600, 30), np.linspace(100, 900, 40))
    uv = np.column_stack([across.ravel(), down.ravel()])
    for height in (0.3, 1.07, 3.0):
        below = footing.passes_below(uv, VIEW, BOUNDARY, height)
        with np.errstate(invalid="ignore"):
            assert np.array_equal(below, clearance(uv) < height)
        assert 0 < below.sum() < len(uv)


def test_boxes_of_many_frames_at_once_are_those_of_each():
    people = np.array([person(3, -12), person(-2, -11.5), person(8, 0), person(8.2, 0.3), person(0, 5)])
    frame = np.array([0, 0, 1, 1, 4])
    whole = footing.ground_points(people, VIEW, BOUNDARY, 720, 1.07, frame=frame)
    for number in np.unique(frame):
        here = frame == number
        one = footing.ground_points(people[here], VIEW, BOUNDARY, 720, 1.07)
        assert np.array_equal(whole.uv[here], one.uv)
        assert np.array_equal(whole.sigma_px[here], one.sigma_px)


def reason(box, settings=None):
    settings = settings or Filtering(barrier_m=1.07)
    found, at = placed(box, settings.barrier_m)
    middle = np.array([[(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]])
    over = clearance(middle)
    evidence = Evidence(at[:1], at[1:], np.array([0.3]), (box[3] - box[1]) / found.person_px, over)
    return filtering.reasons(evidence, BOUNDARY, settings)[0]


def test_people_on_the_ice_are_kept_wherever_they_stand():
    near = [person(x, y, seen_from=above_boards(y)) for x, y in ((3, -12), (-2, -11.5), (8, -12.5))]
    boxes = [person(0, 0), person(-8, 12.6), person(5, -9), *near]
    assert [reason(box) for box in boxes] == [None] * len(boxes)


def test_the_crowd_in_front_and_the_benches_behind_are_dropped():
    crowd = [person(0, -13.8 - 0.85 * row, base=-0.2 + 0.35 * row, height=1.3) for row in range(6)]
    assert None not in [reason(box) for box in crowd]
    assert {reason(box) for box in crowd} <= {filtering.BARRIER, filtering.OUTSIDE, filtering.SIZE}
    assert reason(person(-5, 14.5, base=0.5, seen_from=0.6)) == filtering.OUTSIDE


def test_wrong_sizes_are_dropped():
    high, low = person(0, 0, height=4.0), person(0, 0, height=0.4)
    assert [reason(box) for box in (high, low)] == [filtering.SIZE] * 2


def test_benches_are_dropped_where_they_are_given():
    evidence = Evidence(np.array([0.0, 9.0]), np.array([13.5, 13.5]), np.full(2, 0.2), np.ones(2), np.full(2, np.nan))
    bench = filtering.Bench((-2, 2), (13, 15))
    assert filtering.reasons(evidence, BOUNDARY, Filtering(), (bench,)).tolist() == [filtering.BENCH, None]


def test_unregistered_and_unsure_points_are_dropped():
    evidence = Evidence(np.array([np.nan, 0.0]), np.zeros(2), np.array([0.2, 9.0]), np.ones(2), np.full(2, np.nan))
    said = filtering.reasons(evidence, BOUNDARY, Filtering()).tolist()
    assert said == [filtering.UNREGISTERED, filtering.UNSURE]


def test_a_part_gives_way_to_the_whole_and_a_group_to_its_members():
    whole, part, apart = [100, 100, 140, 200], [105, 105, 135, 150], [300, 100, 340, 200]
    scores = np.array([0.9, 0.4, 0.4])
    said, _ = filtering.composites(np.array([whole, part, apart], float), scores, np.array([1.0, 0.45, 1.0]))
    assert said.tolist() == [None, filtering.PART, None]
    left, right, both = [100, 100, 140, 200], [150, 110, 190, 210], [98, 98, 192, 212]
    table, scores = np.array([left, right, both], float), np.array([0.8, 0.7, 0.6])
    said, _ = filtering.composites(table, scores, np.array([1, 1, 1.15]))
    assert said.tolist() == [None, None, filtering.SEVERAL]


def test_a_better_box_of_two_people_does_not_swallow_them():
    left, right, both = [100, 100, 140, 200], [150, 110, 190, 210], [98, 90, 192, 240]
    table, scores = np.array([left, right, both], float), np.array([0.5, 0.5, 0.9])
    said, _ = filtering.composites(table, scores, np.array([1, 1, 1.5]))
    assert said.tolist() == [None, None, filtering.SEVERAL]


def composites(boxes: list[list[float]], scores: list[float]) -> tuple[list[str | None], np.ndarray]:
    """Sort out boxes where a standing person is 80 px tall."""
    table = np.array(boxes, float)
    said, cut = filtering.composites(table, np.array(scores), (table[:, 3] - table[:, 1]) / 80)
    return said.tolist(), cut


def test_a_box_around_two_people_is_cut_down_to_the_nearer_one() -> None:
    both, nearer, farther = [284, 242, 337, 361], [285, 293, 322, 356], [300, 243, 338, 303]
    said, cut = composites([both, nearer, farther], [0.67, 0.38, 0.28])
    assert said == [None, filtering.PART, None]
    np.testing.assert_allclose(cut, [[284, 293, 337, 361], nearer, farther])


def test_a_box_that_two_better_ones_share_is_dropped() -> None:
    said, cut = composites([[0, 0, 50, 120], [0, 60, 50, 120], [0, 0, 50, 58]], [0.5, 0.6, 0.4])
    assert said[0] == filtering.SEVERAL
    np.testing.assert_allclose(cut[0], [0, 0, 50, 120])


def test_a_person_of_usual_height_is_not_cut() -> None:
    whole = [0, 0, 50, 90]
    said, cut = composites([whole, [0, 48, 50, 90], [0, 0, 50, 40]], [0.9, 0.2, 0.2])
    assert said == [None, filtering.PART, filtering.PART]
    np.testing.assert_allclose(cut[0], whole)
