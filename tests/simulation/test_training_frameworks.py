"""Detectors trained through torchvision and ultralytics; skipped where those are not installed (extra `train`)."""

import importlib
import importlib.util
import json
import socket

import cv2
import numpy as np
import pytest

pytest.importorskip("torch", reason="torch is not installed: it comes with the extra `train`")

from evaluation.trained import Reading
from records.errors import InputError
from simulation.training import frameworks
from simulation.training.dataset import SMALL, Sample, classes_of, recipe_digest

SHARED = {"domain": "soccer", "arenas": 1, "per_arena": 2, "batch": 2, "size": 96, "warmup": 2}
WIDE, TALL = 320, 192


def framework(name):
    """The module that trains through a framework, where that works: one built for another torch does not load."""
    try:
        found = importlib.util.find_spec(name) if name == "ultralytics" else importlib.import_module(name)
    except (ImportError, RuntimeError) as error:
        pytest.skip(f"{name} cannot be used: {error}")
    if found is None:
        pytest.skip(f"{name} is not installed: it comes with the extra `train`")
    return importlib.import_module(f"simulation.training.through_{name}")


def sample(seed=0, size=(TALL, WIDE)):
    """Players in red on green, somebody hidden, and a ball."""
    rng = np.random.default_rng(seed)
    image = np.full((*size, 3), (60, 130, 60), np.uint8)
    boxes = [[20, 20, 42, 70], [60, 30, 82, 80], [30, 40, 55, 90], [70, 10, 76, 16]]
    for x1, y1, x2, y2 in boxes[:3]:
        image[y1:y2, x1:x2] = np.array([30, 30, 200]) + rng.integers(0, 40, 3)
    image[10:16, 70:76] = 250
    return Sample(image, np.array(boxes, np.float32), np.array([0, 0, 0, SMALL]), np.array([0, 0, 1, 0], bool))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder in which the pictures of training and test lie rendered already, and no way out to the network."""
    monkeypatch.setattr(frameworks, "INPUT", (TALL, WIDE))
    for place, seed, count in (("data", 10_000, 2), ("test", 20_000, 8), ("test", 21_000, 8)):
        path = tmp_path / "run" / place / recipe_digest(count) / f"soccer-{seed}.npz"
        path.parent.mkdir(parents=True, exist_ok=True)
        content = {}
        for number in range(count):
            one = sample(seed + number)
            content[f"image{number:03d}"] = cv2.imencode(".png", one.image)[1].ravel()
            content[f"truth{number:03d}"] = np.column_stack([one.boxes, one.labels, one.ignore]).astype(np.float32)
        np.savez(path, **content)

    def refused(*_, **__):
        raise AssertionError("a training asked for the network")

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    monkeypatch.setattr(frameworks, "render_data", _as_they_are)
    return tmp_path / "run"


def _as_they_are(folder, seeds, per_arena, domain, processes):
    return [folder / recipe_digest(per_arena) / f"{domain}-{seed}.npz" for seed in seeds]


def test_who_is_not_counted_is_painted_out_but_for_those_who_are():
    before = sample()
    after = frameworks.painted(before)
    assert after.boxes.tolist() == before.boxes[[0, 1, 3]].tolist()
    assert not after.ignore.any()
    assert (after.image[75:89, 31:54] == frameworks.GREY).all()  # of the hidden one
    assert (after.image[41:69, 31:41] == before.image[41:69, 31:41]).all()  # who stands before the hidden one
    assert (after.image[100:] == before.image[100:]).all()
    assert before.image[80, 40].tolist() != [frameworks.GREY] * 3


def test_the_model_says_what_it_is_and_the_same_each_time(tmp_path):
    onnx = importlib.import_module("onnx")
    graph = onnx.helper.make_graph([], "g", [], [])
    recipe = frameworks.Recipe(domain="soccer")
    written = []
    for date in ("today", "tomorrow"):
        model = onnx.helper.make_model(graph)
        onnx.helper.set_model_props(model, {"date": date})
        onnx.save(model, str(tmp_path / "m.onnx"))
        frameworks.stamp(tmp_path / "m.onnx", recipe, "AGPL-3.0")
        written.append((tmp_path / "m.onnx").read_bytes())
    assert written[0] == written[1]
    notes = {entry.key: entry.value for entry in onnx.load_model_from_string(written[0]).metadata_props}
    assert notes["licence"] == "AGPL-3.0"
    assert json.loads(notes["labels"]) == list(classes_of("soccer"))


def test_every_detection_has_to_be_a_candidate():
    apart = framework("torchvision").apart
    boxes, scores = np.float32([[0, 0, 9, 9], [5, 5, 8, 8]]), np.float32([[0.9, 0.1], [0.2, 0.8]])
    found = (boxes[::-1], np.float32([0.8, 0.9]), np.array([1, 0]))
    assert apart((boxes, scores), found) == 0
    assert apart((boxes + 0.5, scores), found) == pytest.approx(0.5)
    assert apart((boxes, scores), (boxes[::-1], np.float32([0.8, 0.9]), np.array([0, 0]))) == pytest.approx(0.6)
    assert apart((boxes, scores), [one[:0] for one in found]) == 0


def test_no_parity_is_refused(tmp_path):
    assert frameworks.refuse_gap(5e-4, tmp_path) == 5e-4
    for gap in (2e-3, float("nan"), float("inf")):
        with pytest.raises(InputError, match="differs"):
            frameworks.refuse_gap(gap, tmp_path)


@pytest.mark.filterwarnings("ignore")  # of torch's exporter
def test_through_torchvision_killed_gone_on_exported_and_read(folder, monkeypatch):
    through = framework("torchvision")
    monkeypatch.setattr(through, "render_data", _as_they_are)
    recipe = through.recipe_of({**SHARED, "steps": 6, "half": False}, {"backbone": "mobilenet_v3_small", "width": 32})
    through.torch.set_num_threads(1)  # sums come out another way in several threads
    batches = through.PaintedBatches(_as_they_are(folder / "data", [10_000], 2, "soccer", 1), recipe)
    straight = through.trainer_of(recipe, folder / "none.pt")
    for step in range(6):
        straight.update(*batches(step))
    (folder / "soccer").mkdir()
    killed = through.trainer_of(recipe, folder / "soccer/checkpoint.pt")
    for step in range(3):
        first = killed.update(*batches(step))
    killed.save()
    assert {"classification", "bbox_regression", "bbox_ctrness", "total"} == set(first)
    figures = through.train(recipe, folder, folder / "m.onnx", 1)
    assert figures["parity"] <= frameworks.PARITY
    state = through.torch.load(folder / "soccer/checkpoint.pt", weights_only=True)["averaged"]
    for name, weights in straight.averaged.state_dict().items():
        assert through.torch.equal(weights, state[name]), name
    detector = Reading("torchvision", folder / "m.onnx", "soccer", {}).detector(1)
    assert len(detector.detect([sample().image])) == 1
    with pytest.raises(InputError, match="another recipe"):
        through.train(through.recipe_of({**SHARED, "steps": 7}, {}), folder, folder / "m.onnx", 1)


def test_torchvision_learns_a_picture(tmp_path):
    through = framework("torchvision")
    own = {"backbone": "mobilenet_v3_small", "width": 32}
    recipe = through.recipe_of({**SHARED, "steps": 40, "rate": 0.003, "half": False}, own)
    trainer = through.trainer_of(recipe, tmp_path / "none.pt")
    one = frameworks.painted(sample(size=(96, 96)))
    images = through.torch.from_numpy(np.stack([one.image.transpose(2, 0, 1)] * 2).astype(np.float32))
    losses = [trainer.update(images, [one, one])["total"] for _ in range(40)]
    assert losses[-1] < 0.6 * losses[0]


@pytest.mark.parametrize(
    ("shared", "own", "told"),
    [
        ({}, {"backbone": "resnet19"}, "resnet18"),
        ({}, {"width": 40}, "a multiple of 32"),
        ({"size": 90}, {}, "size is 90"),
    ],
)
def test_recipes_that_torchvision_cannot_follow(folder, shared, own, told):
    through = framework("torchvision")
    with pytest.raises(InputError, match=told):
        through.train(through.recipe_of({**SHARED, **shared}, own), folder, folder / "m.onnx", 1)


@pytest.mark.filterwarnings("ignore")  # of ultralytics and torch's exporter
def test_through_ultralytics_killed_gone_on_exported_and_read(folder, monkeypatch):
    through = framework("ultralytics")
    monkeypatch.setattr(through, "render_data", _as_they_are)
    monkeypatch.setattr(through, "INPUT", (TALL, WIDE))
    monkeypatch.setattr(through, "CHOOSE_CROPS", 2)
    for name in ("YOLO_CONFIG_DIR", "MPLCONFIGDIR", "YOLO_OFFLINE", "YOLO_AUTOINSTALL", "YOLO_VERBOSE"):
        monkeypatch.setenv(name, "")  # put back afterwards
    own = {"architecture": "yolo11n.yaml", "crops": 4, "device": None}
    recipe = through.recipe_of({**SHARED, "steps": 4}, own)
    assert (recipe.epochs, recipe.per_epoch) == (2, 2)
    works = through.shutil.copyfile

    def killed(source, target):
        works(source, target)
        if target.with_suffix(".pt").exists():
            raise KeyboardInterrupt

    monkeypatch.setattr(through.shutil, "copyfile", killed)
    with pytest.raises(KeyboardInterrupt):
        through.train(recipe, folder, folder / "m.onnx", 1)
    checkpoint = folder / "soccer/checkpoint.pt"
    assert through.torch.load(checkpoint, weights_only=False)["epoch"] == 0
    monkeypatch.setattr(through.shutil, "copyfile", works)
    figures = through.train(recipe, folder, folder / "m.onnx", 1)
    assert through.torch.load(checkpoint, weights_only=False)["epoch"] == 1
    assert figures["parity"] <= frameworks.PARITY
    assert (folder / "soccer/curves.png").exists()
    detector = Reading("ultralytics", folder / "m.onnx", "soccer", {}).detector(1)
    assert len(detector.detect([sample().image])) == 1
    before = (folder / "m.onnx").read_bytes()
    through.train(recipe, folder, folder / "m.onnx", 1)  # nothing is left to do but to export
    assert (folder / "m.onnx").read_bytes() == before
    with pytest.raises(InputError, match="another recipe"):
        through.train(through.recipe_of({**SHARED, "steps": 6}, own), folder, folder / "m.onnx", 1)


def test_crops_are_written_as_ultralytics_reads_them(folder):
    through = framework("ultralytics")
    own = {"architecture": "yolo11n.yaml", "crops": 4, "device": None}
    files = _as_they_are(folder / "data", [10_000], 2, "soccer", 1)
    told = through.write_crops(files, through.recipe_of({**SHARED, "steps": 4}, own), folder / "crops")
    assert json.loads(told.read_text())["names"] == {str(i): name for i, name in enumerate(classes_of("soccer"))}
    pictures = sorted((folder / "crops/images").rglob("*.jpg"))
    assert len({path.name for path in pictures}) == 4 + 32
    for path in pictures:
        text = (folder / "crops/labels" / path.parent.name / f"{path.stem}.txt").read_text()
        rows = np.array(text.split(), float).reshape(-1, 5)  # a crop may show nobody
        assert cv2.imread(str(path)).shape == (96, 96, 3)
        assert set(rows[:, 0]) <= {0, SMALL}
        assert ((rows[:, 1:] >= 0) & (rows[:, 1:] <= 1)).all()


@pytest.mark.parametrize(
    ("own", "told"),
    [({"architecture": "yolo11n.pt"}, "give a .yaml"), ({"start": "/nowhere.pt"}, "nothing is fetched")],
)
def test_weights_are_never_fetched(folder, own, told):
    through = framework("ultralytics")
    with pytest.raises(InputError, match=told):
        through.train(through.recipe_of(SHARED, {"device": None, **own}), folder, folder / "m.onnx", 1)
