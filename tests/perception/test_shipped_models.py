"""What ships: each model with a card, all of them small, the files that the configuration means."""

import re

import pytest

from ontologies.registry import DOMAINS
from perception.detectors import build
from perception.models import WEIGHTS, find, sha256
from perception.registration.landmarks import LandmarkModel
from perception.runtime import open_session
from rulesight.api import composed

FILES = sorted(WEIGHTS.glob("*.onnx"))
BALLS = ("hockey",)


def test_all_of_them_take_no_more_than_25_megabytes():
    assert sum(path.stat().st_size for path in FILES) < 25e6


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_each_has_a_card_that_says_where_it_comes_from_and_what_it_cannot_do(path):
    card = path.with_suffix(".md").read_text(encoding="utf-8")
    assert card.startswith(f"# {path.stem}\n")
    for part in ("## Where it comes from", "## How good it is", "## What it cannot do", "rulesight train"):
        assert part in card or (part == "rulesight train" and "train_detector.py" in card)
    size = float(re.search(r"([\d.]+) MB", card)[1])
    assert size == pytest.approx(path.stat().st_size / 1e6, abs=0.06)


@pytest.mark.parametrize("domain", DOMAINS)
def test_a_sport_has_its_own_detector_and_landmarks(domain):
    config = composed([f"domain={domain}", "detector=shipped"])["detector"]
    model = find(config["model"])
    assert model.path.name == f"{domain}-detector.onnx"
    assert config["model"]["sha256"] == sha256(model.path)
    detector = build(config, open_session(model.path, "cpu", 1))
    small = "puck" if domain == "hockey" else "ball"
    assert set(detector.kinds.values()) == {"player", "official", small} | ({"goalie"} if domain == "hockey" else set())
    assert LandmarkModel(open_session(WEIGHTS / f"{domain}-landmarks.onnx", "cpu", 1)).domain == domain


@pytest.mark.parametrize("domain", BALLS)
def test_a_network_for_the_puck_is_the_one_that_is_meant(domain):
    config = composed([f"domain={domain}", "ball=shipped"])["ball"]
    model = find(config["model"], group="ball")
    assert config["model"]["sha256"] == sha256(model.path)
    assert set(build(config, open_session(model.path, "cpu", 1)).kinds.values()) == {"puck"}
