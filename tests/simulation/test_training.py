"""The training code's logic; skipped where torch is not installed (extra `train`)."""

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed: it comes with the extra `train`")

from records.errors import InputError  # noqa: E402
from simulation.training import train as training  # noqa: E402
from simulation.training.dataset import PEOPLE_CLASSES, SMALL, Sample  # noqa: E402
from simulation.training.network import PEOPLE, SMALL_STRIDE, Detector, Exported, split  # noqa: E402
from simulation.training.targets import assign, decode_boxes, focal_loss, giou_loss  # noqa: E402
from simulation.training.trainer import learning_rate  # noqa: E402

SIZE = 96


def sample(seed=0):
    rng = np.random.default_rng(seed)
    image = np.full((SIZE, SIZE, 3), 225, np.uint8)
    image[20:70, 30:52] = rng.integers(0, 90, 3)
    image[80:84, 70:75] = 10
    boxes = np.array([[30, 20, 52, 70], [70, 80, 75, 84], [4, 4, 20, 40]], np.float32)
    labels = np.array([PEOPLE_CLASSES.index("official"), SMALL, PEOPLE_CLASSES.index("player")])
    return Sample(image, boxes, labels, np.array([False, False, True]))


def images_of(samples):
    return torch.from_numpy(np.stack([s.image.transpose(2, 0, 1) for s in samples]).astype(np.float32))


def test_targets_peak_in_the_middle_and_ignore_what_is_to_be_ignored():
    people, small = assign([sample()], SIZE)
    assert people.heat.shape == (1, PEOPLE, SIZE // 8, SIZE // 8)
    assert np.unravel_index(int(people.heat[0].argmax()), people.heat[0].shape) == (2, 5, 5)
    assert (people.heat == 1).sum() == 1
    assert people.count[0, 0, 2, 1] == 0
    assert people.count[0, 0, 5, 5] == 1
    assert people.weight.sum() == pytest.approx(1.0, abs=1e-5)
    assert small.heat[0, 0, 82 // SMALL_STRIDE, 72 // SMALL_STRIDE] == 1
    assert small.box[0, :, 20, 18].tolist() == pytest.approx([17.5, 20.0, 18.75, 21.0])


def test_a_perfect_answer_costs_nothing_and_a_wrong_one_much():
    people, _ = assign([sample()], SIZE)
    perfect = torch.where(people.heat == 1, 20.0, -20.0)
    assert focal_loss(perfect, people.heat, people.count) < 1e-3
    assert focal_loss(-perfect, people.heat, people.count) > 10
    inside = people.weight[0, 0] > 0
    found = people.box.clone()
    assert giou_loss(found, people.box)[0, 0][inside].max() < 1e-4
    assert giou_loss(found + 50.0, people.box)[0, 0][inside].min() > 1.0


def test_boxes_are_counted_from_their_cells():
    raw = torch.zeros(1, PEOPLE + 4, 4, 6)
    box = decode_boxes(split(raw, PEOPLE)[1])
    assert box[0, :, 2, 3].tolist() == pytest.approx([3.0, 2.0, 4.0, 3.0])


def test_training_learns_one_picture(tmp_path):
    recipe = training.Recipe(steps=60, warmup=5, size=SIZE)
    trainer = training.trainer_of(recipe, tmp_path / "none.pt")
    samples = [sample()] * 4
    first = trainer.update(images_of(samples), samples)
    for _ in range(50):
        last = trainer.update(images_of(samples), samples)
    assert last["total"] < 0.35 * first["total"]


def test_a_killed_run_goes_on_as_if_nothing_had_happened(tmp_path):
    recipe = training.Recipe(steps=8, warmup=2, size=SIZE)
    batches = [[sample(seed)] * 2 for seed in range(6)]
    straight = training.trainer_of(recipe, tmp_path / "a.pt")
    for samples in batches:
        straight.update(images_of(samples), samples)
    first = training.trainer_of(recipe, tmp_path / "b.pt")
    for samples in batches[:3]:
        first.update(images_of(samples), samples)
    first.save()
    second = training.trainer_of(recipe, tmp_path / "b.pt")
    assert second.step == 3
    for samples in batches[3:]:
        second.update(images_of(samples), samples)
    for one, two in zip(straight.averaged.state_dict().values(), second.averaged.state_dict().values(), strict=True):
        assert torch.equal(one, two)
    with pytest.raises(InputError, match="another recipe"):
        training.trainer_of(training.Recipe(steps=9, size=SIZE), tmp_path / "b.pt")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_onnx_says_what_torch_says(tmp_path):
    from simulation.training.export import PARITY, export

    torch.manual_seed(0)
    assert export(Detector(), tmp_path / "m.onnx", {"licence": "test"}) < PARITY


def test_the_exported_layout_is_people_then_puck_or_ball():
    torch.manual_seed(0)
    rows = Exported(Detector().eval())(torch.zeros(1, 3, 64, 96))
    cells = (64 // 8) * (96 // 8)
    assert rows.shape == (1, cells + 4 * cells, 4 + 1 + len(PEOPLE_CLASSES) + 1)
    assert (rows[0, :cells, 5 + SMALL] == 0).all()
    assert (rows[0, cells:, 5 : 5 + PEOPLE] == 0).all()
    assert set(rows[..., 4].unique().tolist()) <= {0.0, 1.0}


def test_the_rate_warms_up_and_falls():
    recipe = training.Recipe(steps=100, warmup=10)
    rates = [learning_rate(recipe, step) for step in range(100)]
    assert rates[0] < rates[5] < rates[9]
    assert rates[10] == pytest.approx(recipe.rate)
    assert rates[-1] < 0.05 * recipe.rate
