"""A call drawn from above shows who is named, and where."""

from typing import Any

import numpy as np

from pipeline.judging import judge
from records.scene import Scene, scene_of
from review import plan
from review.draw import MARKED


def entry(at_line: float) -> Scene:
    """Return a scene in which the puck enters at 1 s with a winger that far over the line."""
    t = np.arange(61) / 30.0
    edge = 26 * 0.3048
    people: dict[str, Any] = {"puck": edge + 10 * (t - 1), "h17": edge + at_line + 0 * t, "a4": edge + 9 + 0 * t}
    rows: dict[str, list[Any]] = {"t": [], "entity": [], "kind": [], "team": [], "x": [], "y": [], "sigma": []}
    for name, x in people.items():
        kind, team = ("puck", None) if name == "puck" else ("player", "home" if name == "h17" else "away")
        for when, along in zip(t, x, strict=True):
            across = 6.0 if name == "h17" else 0.0
            for key, value in zip(rows, (when, name, kind, team, along, across, 0.03), strict=True):
                rows[key].append(value)
    keys = {
        "schema": 1, "id": "plan", "domain": "hockey", "edition": "nhl-2025", "source": "made",
        "attacks": {"home": "right"}, "roster": {"home": 1, "away": 1}, "complete": "all",
    }  # fmt: skip
    return scene_of(keys, {"tracks": rows})


def test_whom_the_call_names_is_circled_where_he_stands() -> None:
    scene = entry(3.0)
    call = judge(scene).calls[0]
    assert call.entities == ("h17",)
    picture = plan.draw(scene, call)
    rows, columns = np.nonzero((picture == np.array(MARKED)).all(axis=2))
    scale = plan.WIDTH / (60.96 + 2 * plan.MARGIN_M)
    assert abs(columns.mean() / scale - 60.96 / 2 - plan.MARGIN_M - (26 * 0.3048 + 3.0)) < 0.2
    assert abs(25.908 / 2 + plan.MARGIN_M - rows.mean() / scale - 6.0) < 0.2


def test_the_picture_is_the_same_every_time() -> None:
    scene = entry(3.0)
    call = judge(scene).calls[0]
    assert np.array_equal(plan.draw(scene, call), plan.draw(scene, call))
