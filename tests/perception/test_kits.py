import cv2
import numpy as np
import pytest

from perception.kits import describe, descriptor, from_colour

ICE, GRASS = (232, 226, 222), (60, 120, 70)
BOX = np.array([50.0, 30.0, 90.0, 130.0])


def figure(shirt, trousers, ground, stripes=None):
    """Somebody in front of a plain ground, filling the middle of BOX."""
    image = np.full((160, 140, 3), ground, np.uint8)
    cv2.rectangle(image, (58, 45), (82, 80), shirt, -1)
    cv2.rectangle(image, (60, 80), (80, 128), trousers, -1)
    if stripes is not None:
        for x in range(58, 82, 8):
            cv2.rectangle(image, (x, 45), (x + 3, 80), stripes, -1)
    return image


def lab(colour):
    return from_colour("#" + bytes(colour[::-1]).hex())


@pytest.mark.parametrize("ground", [ICE, GRASS])
@pytest.mark.parametrize("shirt", [(120, 40, 20), (30, 120, 240), (40, 40, 200)])
def test_the_shirt_is_seen_whatever_is_behind(shirt, ground):
    kit, pixels = descriptor(figure(shirt, (30, 30, 30), ground), BOX)
    assert kit[:3] == pytest.approx(lab(shirt), abs=6)
    assert kit[6] < 25
    assert pixels > 400


def test_a_white_shirt_on_ice_does_not_vanish():
    white = (225, 225, 225)
    kit, pixels = descriptor(figure(white, (90, 40, 20), ICE), BOX)
    assert kit[:3] == pytest.approx(lab(white), abs=6)
    assert pixels > 100


def test_stripes_are_told_from_grey():
    plain, _ = descriptor(figure((128, 128, 128), (20, 20, 20), ICE), BOX)
    striped, _ = descriptor(figure((250, 250, 250), (20, 20, 20), ICE, stripes=(10, 10, 10)), BOX)
    assert striped[3] > plain[3] + 8


def test_what_is_too_small_or_outside_says_nothing():
    image = figure((120, 40, 20), (30, 30, 30), ICE)
    for box in ([50, 30, 54, 130], [50, 30, 90, 34], [200, 30, 240, 130], [-90, -50, -10, -5]):
        kit, pixels = descriptor(image, np.array(box, float))
        assert np.isnan(kit).all()
        assert pixels == 0


def test_boxes_over_the_edge_of_the_picture_are_cut():
    kits, pixels = describe(figure((120, 40, 20), (30, 30, 30), ICE), np.array([BOX, [-20, 30, 90, 400]]))
    assert kits.shape == (2, 9)
    assert not np.isnan(kits).any()
    assert (pixels > 0).all()


def test_no_boxes_give_empty_arrays():
    kits, pixels = describe(figure((0, 0, 0), (0, 0, 0), ICE), np.zeros((0, 4)))
    assert kits.shape == (0, 9)
    assert pixels.shape == (0,)


@pytest.mark.parametrize("text", ["ffffff", "#fff", "white", "#gggggg"])
def test_colours_are_written_in_one_way(text):
    with pytest.raises(ValueError, match=r"rrggbb|invalid literal"):
        from_colour(text)
