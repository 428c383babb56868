"""Metrics against counts made by hand, and against figures that others published."""

import numpy as np
import pytest

from evaluation import detection, mot, people, registration
from evaluation.people import LabelledFrame, Person
from ontologies import hockey
from records import tables
from records.errors import InputError


def labelled(t, *rows):
    return LabelledFrame(t, tuple(Person(name, team, "player", at, 2.0, False) for name, team, at in rows))


def tracks(*rows):
    names = ("t", "entity", "kind", "team", "x", "y", "observed")
    return tables.table("tracks", dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def compared(frames, found):
    return people.compare(frames, found, lambda _, uv: uv, lambda _, xy: np.abs(xy[:, 0]) < 50)


def test_people_are_counted_by_hand():
    frames = (
        labelled(0.0, ("a", "home", (0.0, 0.0)), ("b", "away", (5.0, 0.0)), ("c", "official", (9.0, 0.0))),
        labelled(1.0, ("a", "home", (1.0, 0.0)), ("b", "away", (6.0, 0.0)), ("d", "home", (-9.0, 0.0))),
    )
    found = tracks(
        (0.0, "p1", "player", "home", 0.2, 0.0, True),
        (0.0, "p2", "player", "home", 5.0, 0.3, True),  # wrong team
        (0.0, "p3", "official", None, 9.0, 1.0, True),
        (0.0, "p4", "player", None, 20.0, 0.0, True),  # nobody there
        (0.0, "p5", "player", None, 60.0, 0.0, True),  # not in the picture
        (0.0, "puck", "puck", None, 20.0, 5.0, True),
        (1.0, "p6", "player", "home", 1.1, 0.0, True),  # a has changed track
        (1.0, "p2", "player", None, 6.0, 0.0, False),
        (1.0, "p7", "player", "away", 7.6, 0.0, True),  # a second one near b
        (1.0, "p8", "player", "away", 30.0, 0.0, False),
    )
    score = compared(frames, found)
    assert (score.labelled, score.found) == (6, 5)
    assert (score.team_right, score.team_wrong, score.team_unknown) == (3, 1, 1)
    assert (score.switches, score.strangers, score.doubles, score.ghosts) == (1, 1, 1, 1)
    assert score.recall == pytest.approx(5 / 6)
    assert score.team_accuracy == pytest.approx(3 / 4)
    assert len(score.notes) == 4


def test_a_pair_that_holds_is_kept_though_another_is_nearer():
    frames = (labelled(0.0, ("a", "home", (0.0, 0.0))), labelled(1.0, ("a", "home", (0.0, 0.0))))
    found = tracks(
        (0.0, "p1", "player", "home", 0.0, 0.0, True),
        (1.0, "p1", "player", "home", 1.0, 0.0, True),
        (1.0, "p2", "player", "home", 0.1, 0.0, True),
    )
    assert compared(frames, found).switches == 0


def test_labels_that_are_not_complete_are_refused(tmp_path):
    place = tmp_path / "people.yaml"
    with pytest.raises(InputError, match="cannot read"):
        people.read_people(place)
    place.write_text("frames: [{t: 0, people: [{id: a}]}]")
    with pytest.raises(InputError, match="not complete"):
        people.read_people(place)
    with pytest.raises(InputError, match="not complete"):
        registration.read_points(place)


class Shifted:
    """Pixels are decimetres; the registration is off by `off` and says `sigma`, and how well marks are clicked."""

    def __init__(self, off, sigma, mark_px=None):
        self.off, self.sigma, self.mark_px = off, sigma, mark_px

    def to_field(self, uv):
        return uv / 10 + (self.off, 0.0)

    def covariance_at(self, uv):
        return np.tile(self.sigma**2 * np.eye(2), (len(uv), 1, 1))

    def pixel_jacobian(self, uv):
        return np.tile(np.eye(2) / 10, (len(uv), 1, 1))


@pytest.mark.parametrize(("off", "sigma", "inside"), [(0.1, 0.2, 1.0), (0.9, 0.2, 0.0), (0.9, 0.5, 1.0)])
def test_held_back_points_know_their_error(off, sigma, inside):
    field = hockey.field("nhl")
    x, y = field.landmark("end_dot_left_far")[:2]
    points = (registration.FieldPoint(0.0, "end_dot_left_far", (10 * x, 10 * y), 0.5),)
    score = registration.held_back(points, field, lambda _: Shifted(off, sigma))
    assert score.median_m == pytest.approx(off)
    assert score.inside == inside
    lost = registration.held_back(points, field, lambda _: None)
    assert (lost.lost, lost.median_m, lost.inside) == (1, float("inf"), 0.0)


@pytest.mark.parametrize(("mark_px", "stated", "inside"), [
    (None, (1.0, 1.0), 1.0),  # 2 px off, 1 px stated
    ((0.5, 3.0), (1.0, 1.0), 0.0),  # off across the picture, where the keyframes know better
    ((3.0, 0.5), (0.1, 0.1), 1.0),
    ((0.5, 0.5), (1.0, 3.0), 0.5),  # what one label has beyond a plain click stays
])  # fmt: skip
def test_the_keyframes_say_how_well_labels_are_clicked(mark_px, stated, inside):
    field = hockey.field("nhl")
    x, y = field.landmark("end_dot_left_far")[:2]
    points = tuple(registration.FieldPoint(0.0, "end_dot_left_far", (10 * x, 10 * y), sigma) for sigma in stated)
    score = registration.held_back(points, field, lambda _: Shifted(0.2, 1e-3, mark_px))
    assert score.inside == inside


@pytest.mark.parametrize(("mark_px", "measured", "inside"), [
    (None, (1.0, 0.1), 1.0),  # 2 px off across, and two sigma are 2.5
    (None, (0.7, 0.1), 0.0),
    ((1.0, 0.1), (0.7, 0.1), 0.0),  # all that the keyframes' landmarks are off by is the click of one mark, nearly
    ((1.3, 0.1), (0.7, 0.1), 1.0),  # 1.3^2 - 2 * 0.7^2 + 0.7^2 = 1.1^2
])  # fmt: skip
def test_the_error_of_points_marked_twice_is_theirs_and_that_of_the_paint(mark_px, measured, inside):
    field = hockey.field("nhl")
    x, y = field.landmark("end_dot_left_far")[:2]
    points = (registration.FieldPoint(0.0, "end_dot_left_far", (10 * x, 10 * y), measured_px=measured),)
    score = registration.held_back(points, field, lambda _: Shifted(0.2, 1e-3, mark_px))
    assert score.inside == inside


def test_points_marked_twice_are_read(tmp_path):
    place = tmp_path / "heldout.yaml"
    place.write_text("points: [{t: 1, landmark: a, at: [1, 2], again: [2, 4], sigma_px: [0.5, 0.2]}]")
    assert registration.read_points(place) == (
        registration.FieldPoint(1.0, "a", (1.5, 3.0), measured_px=(0.5, 0.2)),
    )  # fmt: skip
    place.write_text("points: [{t: 1, landmark: a, at: [1, 2], again: [2, 4], sigma_px: 0.5}]")
    with pytest.raises(InputError, match="not complete"):
        registration.read_points(place)


def test_two_marks_tell_the_error_of_their_mean():
    rng = np.random.default_rng(3)
    one, two = rng.normal(0, (0.3, 0.1), (4000, 2)), rng.normal(0, (0.9, 0.1), (4000, 2))
    true = np.std((one + two) / 2, axis=0)
    assert registration.twice_marked_error(two - one) == pytest.approx(true, rel=0.05)
    apart = np.vstack([(two - one)[:99], [[40.0, 40.0]]])
    assert registration.twice_marked_error(apart) == pytest.approx(true, rel=0.3)  # one mistaken mark
    assert registration.twice_marked_error(np.array([[2.0, 0.0], [0.0, 2.0]])) == pytest.approx([0.5**0.5] * 2)


def test_average_precision_by_hand():
    boxes = np.array([[0, 0, 10, 10], [20, 0, 30, 10], [50, 0, 60, 10], [0, 1, 10, 11]], float)
    found = [(boxes, np.array([0.9, 0.6, 0.8, 0.5]))]
    score = detection.average_precision(found, [boxes[:2]])
    assert score.ap == pytest.approx(0.5 * 1.0 + 0.5 * 2 / 3)  # hit, miss, hit, and a second hit of the same
    assert (score.precision, score.recall, score.threshold) == (pytest.approx(2 / 3), 1.0, 0.6)
    assert detection.average_precision([(np.zeros((0, 4)), np.zeros(0))], [boxes]).ap == 0.0


def test_a_perfect_track_scores_all():
    rows = np.array([[k, name, 10 * name, k, 20, 40] for k in range(1, 11) for name in (1, 2)], float)
    full = mot.score(rows, rows, 10)
    assert (full["MOTA"], full["IDF1"], full["switches"]) == (100, 100, 0)
    swapped = rows.copy()
    swapped[10:, 1] = 3 - swapped[10:, 1]
    half = mot.score(rows, swapped, 10)
    assert (half["switches"], half["IDF1"]) == (2, 50)


@pytest.fixture
def sequences(real_data):
    return real_data / "tracking"


@pytest.mark.parametrize(
    ("name", "idf1", "mota"), [("TUD-Campus", 0.557659, 0.526462), ("TUD-Stadtmitte", 0.644619, 0.564014)]
)
def test_figures_of_motmetrics_are_reproduced(sequences, name, idf1, mota):
    folder = sequences / "motmetrics" / name
    truth, tracked = (np.loadtxt(folder / f"{each}.txt", delimiter=",") for each in ("gt", "test"))
    score = mot.score(truth[truth[:, 6] != 0, :6], tracked[:, :6], int(max(truth[:, 0].max(), tracked[:, 0].max())))
    assert score["IDF1"] == pytest.approx(100 * idf1, abs=1e-4)
    assert score["MOTA"] == pytest.approx(100 * mota, abs=1e-4)


def test_sort_is_beaten_with_its_own_detections(sequences):
    sort = {"TUD-Campus": (60.7, 6), "ETH-Sunnyday": (72.4, 22), "KITTI-17": (71.1, 9), "KITTI-13": (43.8, 16)}
    found = {}
    for name in sort:
        one = mot.read_sequence(sequences / "MOT15-train" / name)
        found[name] = mot.score(one.truth, mot.tracked(one), one.frames)
    assert all(found[name]["IDF1"] > sort[name][0] for name in sort)
    assert sum(found[name]["switches"] for name in sort) < sum(switches for _, switches in sort.values())
