"""Detectors trained through other frameworks, measured as `rulesight analyze` runs them, and the settings for that."""

from __future__ import annotations

import importlib.resources
import json
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from perception.detectors import Detector, build
from perception.runtime import open_session
from records import yamls
from simulation.training.dataset import PEOPLE_CLASSES, SMALL, Sample, classes_of, decode, read_arena
from simulation.training.measure import Found, matches, measure, recall_at

FLOOR = 0.02  # score from which detections are measured
FALSE_BALLS = 0.2  # a picture
LIKELY = 0.5  # score where none was measured


@dataclass(frozen=True)
class Reading:
    """How `rulesight analyze` reads a trained detector.

    Attributes:
        framework: the group's choice, ``detector=``: ultralytics or torchvision.
        path: the ONNX file.
        domain: the sport, which says what there is to be found.
        scores: least score of each class.
    """

    framework: str
    path: Path
    domain: str
    scores: Mapping[str, float]

    def kinds(self) -> list[str]:
        """Return the classes that are kinds of the sport: only hockey's goalies are one of their own."""
        return [name for name in classes_of(self.domain) if name != "goalie" or self.domain == "hockey"]

    def changes(self) -> dict[str, Any]:
        """Return the settings that differ from the group's choice, but for the file and the kinds."""
        known = self.kinds()
        ends = self.framework == "ultralytics" and _rows_of_six(self.path)
        return {
            **({"style": "end2end"} if ends else {}),
            "labels": list(classes_of(self.domain)),
            "exclusive": [name for name in known if name in PEOPLE_CLASSES],
            "score": {name: round(self.scores.get(name, LIKELY), 3) for name in known},
            "iou": 0.6,
        }

    def config(self) -> dict[str, Any]:
        """Return the detector's configuration."""
        text = importlib.resources.files("configs").joinpath(f"detector/{self.framework}.yaml").read_text("utf-8")
        base = yamls.loads(text)
        height, width = _size_of(self.path)
        kinds = {name: name for name in self.kinds()}
        form = base["input"] | {"height": height, "width": width}
        model = base["model"] | {"file": str(self.path), "domain": self.domain}
        return base | self.changes() | {"kinds": kinds, "input": form, "model": model}

    def arguments(self) -> list[str]:
        """Return the same as arguments of ``rulesight analyze``."""
        height, width = _size_of(self.path)
        told = [f"detector={self.framework}", f"detector.model.file={self.path}"]
        told += [f"detector.model.domain={self.domain}", "~detector.kinds.person"]
        told += [f"detector.input.height={height}", f"detector.input.width={width}"]
        told += [f"+detector.kinds.{name}={name}" for name in self.kinds()]
        plain = {key: json.dumps(value).replace('"', "") for key, value in self.changes().items()}
        return [*told, *(f"detector.{key}={value}" for key, value in plain.items())]

    def line(self) -> str:
        """Return them as a shell takes them."""
        return " ".join(shlex.quote(argument) for argument in self.arguments())

    def detector(self, threads: int) -> Detector:
        """Return the detector itself, on the CPU."""
        return build(self.config(), open_session(self.path, "cpu", threads))


def _size_of(path: Path) -> tuple[int, int]:
    height, width = open_session(path, "cpu", 1).inputs[0].shape[2:]
    return int(height or 0), int(width or 0)


def _rows_of_six(path: Path) -> bool:
    return open_session(path, "cpu", 1).outputs[0].shape[-1] == 6


class AsAnalyzed:
    """Runs a detector on pictures for `simulation.training.measure`.

    Args:
        detector: with kinds that are names of the sport's classes.
        domain: the sport.
    """

    def __init__(self, detector: Detector, domain: str) -> None:
        self.detector, self.classes = detector, classes_of(domain)

    def __call__(self, image: np.ndarray) -> Found:
        """Detections of a uint8 BGR picture."""
        (found,) = self.detector.detect([image])
        return Found(found.xyxy, found.score, np.array([self.classes.index(kind) for kind in found.kind], np.int64))


def figures_of(
    framework: str, path: Path, domain: str, files: Mapping[str, Sequence[Path]], threads: int
) -> tuple[dict[str, float], Reading]:
    """Measure a detector and say how to read it.

    Args:
        framework: ultralytics or torchvision.
        path: the ONNX file.
        domain: its sport.
        files: rendered arenas: those to ``choose`` scores on, and those to ``test`` on.
        threads: of ONNX Runtime.

    Returns:
        The figures of `measure` on the latter, and settings with scores that were chosen on the former: of people the
        score of the best F1, of the puck or ball the lowest at which 0.2 a picture are false.
    """
    open_wide = Reading(framework, path, domain, dict.fromkeys(classes_of(domain), FLOOR))
    runner = AsAnalyzed(open_wide.detector(threads), domain)
    scores = choose_scores(runner, _samples(files["choose"]), domain)
    return measure(runner, _samples(files["test"]), domain), Reading(framework, path, domain, scores)


def _samples(files: Iterable[Path]) -> Iterator[Sample]:
    for path in files:
        for entry in read_arena(path):
            yield decode(*entry)


def choose_scores(runner: AsAnalyzed, samples: Iterable[Sample], domain: str) -> dict[str, float]:
    """Return the score from which each class is best believed; classes that are not there have none."""
    classes = classes_of(domain)
    outcomes: list[list[tuple[float, bool | None]]] = [[] for _ in classes]
    wanted = np.zeros(len(classes), int)
    pictures = 0
    for sample in samples:
        found = runner(sample.image)
        pictures += 1
        for label, mine in enumerate(outcomes):
            mine += matches(found, sample, label)
            wanted[label] += int((~sample.ignore[sample.labels == label]).sum())
    chosen = {}
    for label, name in enumerate(classes):
        if wanted[label] and label == SMALL:
            chosen[name] = recall_at(outcomes[label], int(wanted[label]), FALSE_BALLS * pictures)[1]
        elif wanted[label]:
            chosen[name] = best_score(outcomes[label], int(wanted[label]))
    return chosen


def best_score(outcomes: Sequence[tuple[float, bool | None]], wanted: int) -> float:
    """Return the score from which on precision and recall have the greatest harmonic mean.

    >>> best_score([(0.9, True), (0.8, True), (0.4, None), (0.3, False), (0.2, False)], 2)
    0.8
    """
    counted = sorted((one for one in outcomes if one[1] is not None), key=lambda one: -one[0])
    if not any(hit for _, hit in counted):
        return LIKELY
    hits = np.cumsum([bool(hit) for _, hit in counted])
    f1 = 2 * hits / (np.arange(1, len(counted) + 1) + wanted)
    return float(counted[int(f1.argmax())][0])
