"""What was reported lies on the axis where it may have happened, and where it certainly has."""

import numpy as np
import pytest

from ontologies.checks import field_of
from records.scene import scene_of
from rules import engine
from rules.context import Context
from tracking.zones import assign

KEYS = {"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}


def context(t: float, t_sigma: float, p: float | None = None) -> Context:
    """Return a scene of eleven time stamps, 0.1 s apart, with one whistle."""
    stamps = np.arange(11) / 10
    tracks = {"t": stamps, "entity": ["h1"] * 11, "kind": ["player"] * 11, "x": 0 * stamps, "y": 0 * stamps}
    events = {"t": [t], "t_sigma": [t_sigma], "kind": ["whistle"], "p": [p]}
    scene = scene_of(KEYS, {"tracks": tracks, "events": events})
    field = field_of(scene)
    found = engine.prepare(scene, field, assign(scene, field))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("t", "t_sigma", "may", "must"),
    [
        (0.5, 0.0, [0.5], [0.5]),
        (0.52, 0.0, [0.6], [0.6]),  # between two time stamps it has happened at the later one
        (0.5, 0.03, [0.5, 0.6], [0.6]),
        (0.97, 0.05, [0.9, 1.0], []),  # it may come after the last one
        (1.5, 0.0, [], []),
        (-0.5, 0.0, [0.0], [0.0]),  # what happened before the scene has happened when it starts
    ],
)
def test_an_event_may_happen_within_its_instant_and_has_at_the_first_stamp_after_it(
    t: float, t_sigma: float, may: list[float], must: list[float]
) -> None:
    play = context(t, t_sigma)
    told = play.reported("a whistle", play.listed("whistle"))
    assert np.round(play.axis[told.plane.may], 1).tolist() == may
    assert np.round(play.axis[told.plane.must], 1).tolist() == must


def test_an_unlikely_event_is_never_certain() -> None:
    play = context(0.5, 0.0, p=0.6)
    told = play.reported("a whistle", play.listed("whistle"))
    assert told.plane.may.any()
    assert not told.plane.must.any()
