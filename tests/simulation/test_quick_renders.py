"""What makes rendering quick changes nothing that is seen: panoramas of a part, smears in steps, work done ahead."""

import cv2
import numpy as np
import pytest

from simulation.ahead import ahead
from simulation.arena import build_arena
from simulation.figures import paint_people, smear
from simulation.footage import athletes_at
from simulation.footage_looks import footage_look
from simulation.looks import random_look
from simulation.patterns import capsules
from simulation.plays import registry
from simulation.staging import figures_at


def test_a_part_of_the_panorama_shows_the_same_seats_and_ice(rink, look):
    wide, narrow = (
        build_arena(rink, look.arena, look.rig.centre, 500.0, (0.13, 0.80), pans) for pans in ((-0.6, 0.6), (-0.2, 0.3))
    )
    first = round((narrow.pan0 - wide.pan0) * wide.scale)
    assert (narrow.pan0 - wide.pan0) * wide.scale == pytest.approx(first, abs=0.01)
    height, width = narrow.background.shape[:2]
    for name in ("background", "foreground"):
        part, whole = (getattr(one, name).astype(int) for one in (narrow, wide))
        assert np.abs(part - whole[:height, first : first + width]).mean() < 0.5


@pytest.mark.parametrize("motion", [(12.0, 0.0), (-20.0, 5.0), (3.0, -30.0)])
def test_a_smear_spreads_a_point_evenly_along_its_way(motion):
    image = np.zeros((101, 101, 3), np.uint8)
    image[50, 50] = 255
    seen = smear(image, np.array(motion), cv2.BORDER_CONSTANT)[:, :, 0].astype(float)
    rows, columns = np.nonzero(seen)
    assert np.ptp(columns) == pytest.approx(abs(motion[0]), abs=2)
    assert np.ptp(rows) == pytest.approx(abs(motion[1]), abs=2)
    assert np.average(columns, weights=seen[rows, columns]) == pytest.approx(50, abs=1)
    assert np.average(rows, weights=seen[rows, columns]) == pytest.approx(50, abs=1)
    assert np.corrcoef(columns, rows)[0, 1] * np.sign(motion[0] * motion[1]) > 0.9 if motion[1] else len(set(rows)) == 1


def test_what_hardly_moves_is_not_smeared():
    image = np.zeros((4, 4, 3), np.uint8)
    assert smear(image, np.array([0.5, 0.5]), cv2.BORDER_CONSTANT) is image


def test_a_limb_is_the_hull_of_its_circles():
    """Against OpenCV's hull of finely drawn circles, with a circle inside the other and both the same too."""
    angle = np.linspace(0, 2 * np.pi, 400)
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    rows = np.array([(0, 0, 30, 10, 0.4, 0.2), (5, 5, 6, 5, 0.5, 0.1), (5, 5, 5, 5, 0.3, 0.3), (0, 0, 0, 9, 0.1, 0.5)])
    limbs = capsules(rows[:, :4].reshape(-1, 2, 2), rows[:, 4:], 20.0)
    for row, found in zip(rows, limbs, strict=True):
        circles = np.vstack([row[:2] + ring * row[4] * 20, row[2:4] + ring * row[5] * 20]).astype(np.float32)
        true = cv2.contourArea(cv2.convexHull(circles))
        corners = found.astype(np.float32)
        assert 0.93 * true < cv2.contourArea(corners) < 1.001 * true
        assert cv2.contourArea(cv2.convexHull(corners)) == pytest.approx(cv2.contourArea(corners), rel=1e-3)


@pytest.mark.parametrize("domain", ["football", "hockey", "soccer"])
def test_people_painted_together_are_those_painted_one_by_one(domain):
    play = registry.draw(domain, min(registry.cases(domain)), None, 4)
    look = random_look(4) if domain == "hockey" else footage_look(4, "sideline", domain)
    people = (figures_at if domain == "hockey" else athletes_at)(play, 7, look)
    view = look.rig.look_at(*play.puck[7])
    folds = np.random.default_rng(0).integers(100, 150, (1024, 1024), dtype=np.uint8)
    together = paint_people(people, view, folds, 0.01)
    assert sum(patch is not None for patch in together) > 8
    for one, patch in zip(people, together, strict=True):
        (alone,) = paint_people([one], view, folds, 0.01)
        assert (alone is None) == (patch is None)
        if alone is not None and patch is not None:
            assert (alone.image == patch.image).all()
            assert (alone.left, alone.top) == (patch.left, patch.top)
            assert alone.box == pytest.approx(patch.box)


def test_work_ahead_keeps_order_and_raises_in_its_place():
    def items():
        yield 1
        yield 2
        raise ValueError("third")

    taken = ahead(items())
    assert [next(taken), next(taken)] == [1, 2]
    with pytest.raises(ValueError, match="third"):
        next(taken)
