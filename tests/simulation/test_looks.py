import numpy as np
import pytest

from records.errors import InputError
from simulation.looks import DEMO_KITS, DEMO_SEED, demo_look, kit_distance, like_the_demo, random_look
from simulation.render import Shown
from simulation.training.dataset import (
    TEST_SEEDS,
    TRAIN_SEEDS,
    VALID_SEEDS,
    Sample,
    classes_of,
    draw_samples,
    random_crop,
    truth_arrays,
)


def test_no_training_picture_shows_the_demo():
    assert DEMO_SEED not in {*TRAIN_SEEDS, *TEST_SEEDS, *VALID_SEEDS}
    assert not set(TRAIN_SEEDS) & (set(TEST_SEEDS) | set(VALID_SEEDS))
    with pytest.raises(InputError, match="demo"):
        next(draw_samples(DEMO_SEED, 1))
    for seed in (*TRAIN_SEEDS[:150], *(s * 1000 + i for s in TRAIN_SEEDS[:10] for i in range(5))):
        kits = random_look(seed).kits
        assert not like_the_demo(kits["home"]), seed
        assert not like_the_demo(kits["away"]), seed
    assert like_the_demo(DEMO_KITS["home"])
    assert demo_look().kits["away"] == DEMO_KITS["away"]


def test_looks_vary_by_seed_and_repeat():
    assert random_look(3) == random_look(3)
    kits = [random_look(seed).kits["home"] for seed in range(30)]
    gaps = [kit_distance(a, b) for i, a in enumerate(kits) for b in kits[:i]]
    assert np.median(gaps) > 60
    assert len({random_look(seed).rig.fx for seed in range(30)}) == 30


def test_boxes_are_clipped_and_hidden_things_are_ignored():
    shown = [
        Shown("a", "player", (-20.0, 10.0, 30.0, 120.0), (5.0, 118.0), 0.9),
        Shown("b", "official", (50.0, 10.0, 90.0, 120.0), (70.0, 118.0), 0.1),
        Shown("puck", "puck", (60.0, 60.0, 64.0, 63.0), (62.0, 61.5), 0.4),
        Shown("c", "player", (-60.0, 10.0, -30.0, 120.0), (-45.0, 118.0), 0.0),
    ]
    boxes, labels, ignore = truth_arrays(shown, (640, 100))
    assert boxes[0] == pytest.approx([0, 10, 30, 99])
    assert [classes_of("hockey")[label] for label in labels] == ["player", "official", "puck"]
    assert ignore.tolist() == [False, True, True]


def test_a_crop_keeps_boxes_on_their_objects():
    image = np.full((720, 1280, 3), 220, np.uint8)
    image[300:400, 600:650] = (0, 0, 255)
    sample = Sample(image, np.array([[600, 300, 650, 400]], np.float32), np.array([0]), np.array([False]))
    seen = 0
    for seed in range(40):
        crop = random_crop(sample, 320, np.random.default_rng(seed))
        assert crop.image.shape == (320, 320, 3)
        for box, ignore in zip(crop.boxes.round().astype(int), crop.ignore, strict=True):
            if ignore:
                continue
            seen += 1
            inside = crop.image[box[1] + 3 : box[3] - 2, box[0] + 3 : box[2] - 2].astype(int)
            middle = np.median(inside.reshape(-1, 3), axis=0)
            assert middle.max() - middle.min() > 120, seed  # coloured, not ice
    assert seen > 20


def test_samples_are_rendered_from_their_seed():
    first, again = (next(draw_samples(VALID_SEEDS[0], 1)) for _ in range(2))
    assert (first.image == again.image).all()
    assert (first.boxes == again.boxes).all()
    assert len(first.boxes) >= 4


@pytest.mark.parametrize("domain", ["football", "soccer", "basketball"])
def test_plays_of_the_other_sports_are_training_pictures_too(domain):
    first, second = draw_samples(VALID_SEEDS[0], 2, domain)
    assert first.image.shape == (720, 1280, 3)
    assert not np.array_equal(first.image, second.image)
    kinds = [classes_of(domain)[label] for label in first.labels]
    assert kinds.count("player") >= 3
    assert "puck" not in kinds
    assert (first.boxes[:, 2:] - first.boxes[:, :2]).min() >= 2
