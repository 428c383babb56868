"""A detector: a model, how it reads pictures, how its outputs are read, and how tiles are put together.

The configuration is a mapping with these keys:

``name``    what tables call the detector's results.
``style``   yolox, ultralytics, torchvision, end2end or detr; see `perception.detectors.styles`.
``model``   which file; read by `perception.models.find`, not here.
``input``   see `perception.detectors.fit.Input`.
``labels``  the model's classes in order: a list of names, or ``coco`` or ``coco_ids``.
``kinds``   label -> kind of the ontology; labels that are not listed are left out.
``score``   lowest score of interest, 0 to 1; or a mapping kind -> score.
``iou``     boxes that overlap more than this are one (within a kind, or over all kinds that ``exclusive`` lists).
``exclusive``  kinds of which a thing can be only one, for example [player, goalie, official]; default: none.
``tiles``   see `perception.detectors.tiling.Tiling`; default: the whole picture.
``batch``   most tiles in one run of the model; default 8.
``most``    most boxes of a picture, the best ones; default 300.
``strides``, ``activation``   of the styles that have them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from perception.detectors.boxes import Boxes
from perception.detectors.fit import Input, Placed, batch
from perception.detectors.labels import LABELS
from perception.detectors.nms import suppress
from perception.detectors.styles import ACTIVATIONS, Raw, Style, decode, fitted
from perception.detectors.tiling import Found, Tiling, join, tiles
from perception.runtime import Session
from records.errors import InputError

KEYS = (
    *("name", "style", "model", "input", "labels", "kinds", "score", "iou", "exclusive", "tiles", "batch", "most"),
    *("strides", "activation"),
)

CANDIDATES = 1000
"""Most boxes of one tile, the best ones, that suppression looks at."""

Region = np.ndarray | Sequence[np.ndarray | None] | None


@dataclass(frozen=True, eq=False)
class Detector:
    """A model that finds people and things in pictures; made by `build`.

    Attributes:
        name: what tables call its results.
        kinds: kind of the ontology by label number.
    """

    name: str
    session: Session
    form: Input
    style: Style
    tiling: Tiling
    kinds: Mapping[int, str]
    groups: np.ndarray
    iou: float
    batch: int
    most: int

    def detect(self, images: Sequence[np.ndarray], region: Region = None) -> list[Boxes]:
        """Find what is in pictures.

        Args:
            images: uint8 BGR pictures (H, W, 3), with further planes where the model takes more.
            region: mask (h, w) of where people can stand, for all pictures, or one (or None) per picture; tiles
                that nobody there reaches are not looked at.

        Returns:
            One `Boxes` per picture.
        """
        regions = list(region) if isinstance(region, (list, tuple)) else [region] * len(images)
        if len(regions) != len(images):
            raise InputError(f"{len(regions)} regions for {len(images)} pictures", "detector")
        places = [tiles(self.tiling, *image.shape[:2], mask) for image, mask in zip(images, regions, strict=True)]
        pieces = [
            image[y1:y2, x1:x2]
            for image, boxes in zip(images, places, strict=True)
            for x1, y1, x2, y2 in boxes.tolist()
        ]
        raw = list(self._run(pieces))
        results, at = [], 0
        for image, boxes in zip(images, places, strict=True):
            results.append(self._together(raw[at : at + len(boxes)], boxes, image.shape[:2]))
            at += len(boxes)
        return results

    def looks_everywhere(self, image: np.ndarray, region: Region) -> bool:
        """Say whether a region makes no difference to what is looked at in a picture."""
        size = image.shape[:2]
        return len(tiles(self.tiling, *size, region)) == len(tiles(self.tiling, *size))

    def _run(self, pieces: Sequence[np.ndarray]) -> Iterable[tuple[Raw, Placed]]:
        size = min(self.session.batch or self.batch, self.batch)  # inputs that wait for their turn only take memory
        for at in range(0, len(pieces), size):
            data, placed = batch(self.form, pieces[at : at + size], self.session.inputs[0].dtype)
            found = (raw for outputs in self.session.parts(data) for raw in decode(self.style, outputs))
            yield from zip(found, placed, strict=True)

    def _together(self, raw: Sequence[tuple[Raw, Placed]], places: np.ndarray, size: tuple[int, int]) -> Boxes:
        """Move the boxes of each tile into the picture, join and suppress."""
        if not raw:
            return Boxes()
        height, width = size
        found = _gathered(raw, places)
        np.clip(found.xyxy, 0, np.array([width, height] * 2, np.float32), out=found.xyxy)
        found = found[(found.xyxy[:, 2:] - found.xyxy[:, :2] >= 1).all(axis=1)]
        group = self.groups[found.label]
        if len(places) > 1:
            found = found[suppress(found.xyxy, found.score, found.tile * len(self.groups) + group, self.iou)]
            found = join(found, places, height, width)
            group = self.groups[found.label]
        found = found[suppress(found.xyxy, found.score, group, self.iou)[: self.most]]
        return Boxes(found.xyxy, found.score, [self.kinds[label] for label in found.label.tolist()])


def _gathered(raw: Sequence[tuple[Raw, Placed]], places: np.ndarray) -> Found:
    parts = []
    for number, ((xyxy, score, label), placed) in enumerate(raw):
        best = np.argsort(-score, kind="stable")[:CANDIDATES]
        moved = placed.back(xyxy[best]) + np.tile(places[number, :2], 2).astype(np.float32)
        moved = np.clip(moved, np.tile(places[number, :2], 2), np.tile(places[number, 2:], 2))
        parts.append((moved, score[best], label[best], np.full(len(best), number)))
    xyxy, score, label, tile = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Found(xyxy.astype(np.float32), score.astype(np.float32), label.astype(np.int64), tile)


def build(config: Mapping[str, object], session: Session) -> Detector:
    """Make a detector of a configuration and the session of its model.

    Raises:
        InputError: a key that is missing, unknown or makes no sense, or a model of another layout.
    """
    _check_keys(config)
    labels = _labels(config["labels"])
    kinds = _kinds(config["kinds"], labels)
    form = Input.read(config["input"])
    style = Style(
        name=str(config["style"]),
        height=form.height,
        width=form.width,
        classes=len(labels),
        wanted=tuple(sorted(kinds)),
        floor=_floor(config.get("score", 0.1), kinds, len(labels)),
        planes=form.planes,
        strides=tuple(config.get("strides") or (8, 16, 32)),
        activation=_activation(config.get("activation") or "sigmoid"),
    )
    return Detector(
        name=str(config["name"]),
        session=session,
        form=form,
        style=fitted(style, session),
        tiling=Tiling.read(config.get("tiles")),
        kinds=kinds,
        groups=_groups(kinds, config.get("exclusive") or (), len(labels)),
        iou=_between(config.get("iou", 0.5), "detector.iou"),
        batch=_count(config.get("batch", 8), "detector.batch"),
        most=_count(config.get("most", 300), "detector.most"),
    )


def _check_keys(config: Mapping[str, object]) -> None:
    unknown = sorted(set(config) - set(KEYS))
    missing = [key for key in ("name", "style", "input", "labels", "kinds") if not config.get(key)]
    if unknown:
        raise InputError(f"unknown key {unknown[0]}", "detector", f"it has {', '.join(KEYS)}")
    if missing:
        raise InputError(f"{missing[0]} is missing", "detector")


def _labels(labels: object) -> tuple[str, ...]:
    if isinstance(labels, str):
        if labels not in LABELS:
            raise InputError(f"unknown labels {labels!r}", "detector.labels", f"list them, or {', '.join(LABELS)}")
        return LABELS[labels]
    return tuple(map(str, labels))


def _kinds(kinds: Mapping[str, str], labels: Sequence[str]) -> dict[int, str]:
    unknown = sorted(set(kinds) - set(labels))
    if unknown:
        raise InputError(f"no label {unknown[0]!r}", "detector.kinds", f"the model has {', '.join(labels[:12])}")
    return {labels.index(label): str(kind) for label, kind in kinds.items()}


def _floor(score: object, kinds: Mapping[int, str], classes: int) -> np.ndarray:
    floor = np.full(classes, np.inf, np.float32)
    for label, kind in kinds.items():
        if isinstance(score, Mapping) and kind not in score:
            raise InputError(f"no score for {kind}", "detector.score")
        value = score[kind] if isinstance(score, Mapping) else score
        floor[label] = _between(value, "detector.score")
    return floor


def _groups(kinds: Mapping[int, str], exclusive: Sequence[str], classes: int) -> np.ndarray:
    """Return per label the group within which boxes suppress each other."""
    names = ["exclusive" if kinds.get(label) in exclusive else kinds.get(label, "") for label in range(classes)]
    order = sorted(set(names))
    return np.array([order.index(name) for name in names])


def _activation(name: object) -> str:
    if name not in ACTIVATIONS:
        raise InputError(f"unknown activation {name!r}", "detector.activation", f"one of {', '.join(ACTIVATIONS)}")
    return str(name)


def _between(value: object, where: str) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise InputError(f"{value} is not a number from 0 to 1", where)
    return float(value)


def _count(value: object, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InputError(f"{value} is not a whole number from 1", where)
    return value
