"""Stage zones: signed distances of everybody to the zones and lines that a domain lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from ontologies.checks import field_of
from pipeline.contract import Stage, Work
from records.scene import scene_of
from tracking.zones import assign, to_table


def stage(scene_keys: Mapping[str, Any], targets: Sequence[str]) -> Stage:
    """Return the stage.

    Args:
        scene_keys: keys of scene.yaml.
        targets: zones, lines and edges of the field.
    """
    return Stage(
        name="zones",
        work=zones,
        reads=("tracks", "errors"),
        writes=("zones",),
        config={"scene": dict(scene_keys), "targets": list(targets)},
    )


def zones(work: Work) -> Mapping[str, pa.Table]:
    """Measure, at each entity's own instants, how far it is from each target, with sigma."""
    scene = scene_of(work.config["scene"], {name: work.tables[name] for name in ("tracks", "errors")})
    return {"zones": to_table(assign(scene, field_of(scene)), work.config["targets"])}
