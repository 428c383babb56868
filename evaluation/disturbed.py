"""The tracker under disturbed detections: means over many draws in place of one figure that chance had a part in.

Identity switches on one short clip are a handful, and which of two pieces a hidden person gets hangs on single boxes.
A tracker is judged by the mean over draws in each of which every detection is missing with the same small chance; the
analysis itself is draw 0, with all detections. Only placing and tracking are done again: what the detector found and
the camera are those of the run.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import yaml

from evaluation import people
from evaluation.real import TARGETS, Figure, Places
from ontologies import registry
from perception.registration.project import by_frame
from pipeline.cache import Cache
from pipeline.contract import Work
from pipeline.fields import field_rise
from pipeline.stages import place, track
from records import tables
from records.errors import InputError
from records.scene import read_scene

MISSING = 0.03  # chance of each detection to be missing
KEPT = ("frames", "registrations", "detections")


@dataclass(frozen=True)
class Footage:
    """What tracking starts from: a run's tables up to detections, its settings, and the labels.

    Attributes:
        tables: ``frames``, ``registrations``, ``detections`` and ``appearance``.
        sources: ``annotations`` where the run had some.
        config: ``field`` and ``tracker``.
        score: tracks -> how they compare with the labels.
    """

    tables: Mapping[str, pa.Table]
    sources: Mapping[str, Path]
    config: Mapping[str, Any]
    score: Callable[[pa.Table], people.PeopleScore]


def read(run: str | Path, labels: str | Path) -> Footage:
    """Read what a run folder keeps, with the results of its detector from its cache.

    Args:
        run: the run folder, with its cache.
        labels: folder with ``people.yaml``, and with ``annotations.yaml`` if the run had it.

    Raises:
        InputError: if something is missing in either.
    """
    run, labels = Path(run), Path(labels)
    scene = read_scene(run)
    field = registry.field(scene.domain, scene.field, scene.edition)
    manifest = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
    content = {name: tables.read(run / f"{name}.parquet", name) for name in KEPT}
    content["appearance"] = pa.concat_tables(_cached(run, key) for key in manifest["stages"]["detect"])
    places = Places(content["frames"], by_frame(content["registrations"], field_rise(field)))
    frames = people.read_people(labels / "people.yaml")
    annotations = {"annotations": labels / "annotations.yaml"} if "annotations" in manifest["inputs"] else {}
    said = yaml.safe_load((run / "scene.yaml").read_text(encoding="utf-8"))
    chosen = {"domain": scene.domain, "edition": scene.edition, "field": said.get("field") or {}}
    return Footage(
        content,
        annotations,
        {"field": chosen, "tracker": manifest["config"]["tracker"]},
        lambda tracks: people.compare(frames, tracks, places.to_field, places.in_picture),
    )


def _cached(run: Path, key: str) -> pa.Table:
    entry = Cache(run / "cache").get("detect", key)
    if entry is None:
        raise InputError("the run's cache does not hold what its detector found", str(run), "analyse the clip again")
    return entry.results["appearance"]


def thinned(content: Mapping[str, pa.Table], share: float, rng: np.random.Generator) -> dict[str, pa.Table]:
    """Return the tables without some detections, each of which is missing with the chance ``share``."""
    detections = content["detections"]
    kept = rng.random(detections.num_rows) >= share
    names = set(detections.column("detection").filter(pa.array(kept)).to_pylist())
    known = [name in names for name in content["appearance"].column("detection").to_pylist()]
    return {
        **content,
        "detections": detections.filter(pa.array(kept)),
        "appearance": content["appearance"].filter(pa.array(known, pa.bool_())),
    }


def tracked(footage: Footage, content: Mapping[str, pa.Table]) -> people.PeopleScore:
    """Place and track some detections and compare the tracks with the labels."""
    placed = place.place(Work(content, footage.sources, footage.config))
    found = track.track(Work({**content, **placed}, footage.sources, footage.config))
    return footage.score(found["tracks"])


def draws(footage: Footage, repeats: int, share: float = MISSING) -> list[people.PeopleScore]:
    """Return how the tracker fares in each of some draws, the same ones every time."""
    return [
        tracked(footage, thinned(footage.tables, share, np.random.default_rng(seed))) for seed in range(1, repeats + 1)
    ]


def figures(scores: list[people.PeopleScore], domain: str) -> tuple[Figure, ...]:
    """Return the means with their targets, which are those of the clip as it is."""
    targets = TARGETS[domain]
    recall, team, unknown, strangers, switches = (
        np.array([getattr(score, name) for score in scores], float)
        for name in ("recall", "team_accuracy", "unknown_share", "strangers", "switches")
    )
    error = np.std(switches, ddof=1) / np.sqrt(len(switches)) if len(switches) > 1 else float("nan")
    named = f"mean of {len(scores)} draws without {100 * MISSING:g} % of the detections: "
    return (
        _mean(named + "tracked", recall, targets.recall, 1, "%"),
        _mean(named + "strangers", strangers, 0.0, -1),
        _mean(named + "team right", team, 0.97, 1, "%"),
        _mean(named + "unknown", unknown, targets.unknown, -1, "%"),
        _mean(named + f"switches (+- {error:.2f})", switches, targets.switches, -1),
    )


def _mean(name: str, values: np.ndarray, target: float, sign: int, unit: str = "") -> Figure:
    mean = float(np.mean(values))
    wanted = f"{100 * target:g} %" if unit == "%" else f"{target:g}"
    return Figure(name, mean, f"{'>=' if sign > 0 else '<='} {wanted}", sign * mean >= sign * target, unit)
