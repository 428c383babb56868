"""An event that was marked by a pixel becomes an event of whoever was tracked there."""

import pytest

from pipeline.contract import Work
from pipeline.stages.resolve import resolve
from records import tables


@pytest.fixture
def events(tmp_path):
    """Return a function that resolves annotated events against two people who stand side by side."""
    boxes = {"d1": (100, 100, 140, 200), "d2": (150, 100, 190, 200), "d3": (100, 100, 140, 200)}
    times = {"d1": 1.0, "d2": 1.0, "d3": 2.0}
    detections = tables.table(
        "detections",
        {
            "detection": list(boxes),
            "frame": [30, 30, 60],
            "t": list(times.values()),
            "kind": ["player"] * 3,
            "score": [0.9] * 3,
            **{name: [box[n] for box in boxes.values()] for n, name in enumerate(("x1", "y1", "x2", "y2"))},
            "model": ["m"] * 3,
        },
    )
    links = tables.table(
        "links",
        {"t": [1.0, 1.0, 2.0], "frame": [30, 30, 60], "entity": ["left", "right", "later"], "detection": list(boxes)},
    )

    def run(text: str):
        path = tmp_path / "annotations.yaml"
        path.write_text("schema: 1\n" + text)
        said = []
        work = Work(
            {"detections": detections, "links": links},
            {"annotations": path},
            {},
            note=lambda status, reason: said.append(reason),
        )
        return resolve(work)["events"].to_pylist(), said

    return run


@pytest.mark.parametrize(
    ("at", "t", "who"),
    [
        ("[110, 150]", 1.0, "left"),
        ("[180, 150]", 1.05, "right"),
        ("[120, 150]", 1.95, "later"),
        ("[147, 150]", 1.0, "right"),
    ],
)
def test_who_is_tracked_at_the_pixel(events, at, t, who):
    rows, said = events(f"events: [{{t: {t}, kind: touch, at: {at}, detail: stick}}]")
    assert rows[0]["entity"] == who
    assert rows[0]["detail"] == "stick"
    assert not said


@pytest.mark.parametrize("place", ["at: [400, 400]", "at: [110, 150], t_sigma: 0.1"])
def test_nobody_there_is_said_and_the_event_stays(events, place):
    rows, said = events(f"events: [{{t: 1.5, kind: touch, team: away, {place}}}]")
    assert rows[0]["entity"] is None
    assert rows[0]["team"] == "away"
    assert said == ["nobody is tracked where the touch at 1.50 s was marked"]


def test_a_named_entity_stays_who_it_is(events):
    rows, _ = events("events: [{t: 1.0, kind: touch, entity: h9}]")
    assert rows[0]["entity"] == "h9"


def test_without_annotations_there_are_no_events():
    made = resolve(Work({}, {}, {}))
    assert made["events"].num_rows == 0
    assert made["plays"].num_rows == 0
