"""What hockey's rules say beyond their verdicts: coverage, where a long match is looked at, act and decision times."""

from typing import Any

import pytest

from pipeline.judging import judge
from records.scene import Scene, scene_of

KEYS = {"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}


def scene(people: dict[str, Any], events: list[dict[str, Any]], **keys: Any) -> Scene:
    """Return a scene at 20 Hz of people who go straight from one place to another in 5 s."""
    columns: dict[str, list[Any]] = {name: [] for name in ("t", "entity", "kind", "team", "x", "y", "sigma", "common")}
    for name, (start, stop) in people.items():
        for n in range(101):
            share = n / 100
            row = (5 * share, name, "puck" if name == "puck" else "player", {"h": "home", "a": "away"}.get(name[0]),
                   *(a + share * (b - a) for a, b in zip(start, stop, strict=True)), 0.03, 0.0)  # fmt: skip
            for column, value in zip(columns.values(), row, strict=True):
                column.append(value)
    table = {key: [event.get(key) for event in events] for key in ("t", "t_sigma", "kind", "entity", "team", "detail")}
    return scene_of({**KEYS, "complete": "all", **keys}, {"tracks": columns, "events": table})


def status(made: Scene, rule: str) -> set[tuple[str, str | None]]:
    return {(one.status, one.why) for one in judge(made).coverage if one.rule == rule}


def shot(**keys: Any) -> Scene:
    people = {"puck": ((-10, 5), (29, 5)), "h4": ((-11, 5), (-5, 5)), "a2": ((14, 4), (26, 4))}
    events = [{"t": 0.0, "t_sigma": 0.001, "kind": "touch", "entity": "h4", "detail": "stick"}]
    counts = {"roster": {"home": 1, "away": 1}, "strength": {"home": 6, "away": 6}}
    return scene(people, events, **(counts | keys))


def test_icing_tells_its_decision_its_sender_and_what_did_not_excuse_it() -> None:
    (call,) = [one for one in judge(shot()).calls if one.rule == "hockey.icing"]
    assert (call.verdict, call.opportunity, call.team, call.clause) == ("violation", "certain", "home", "NHL 81.1")
    assert call.t == pytest.approx((27.127 + 0.0254 + 0.0381 + 10) / 39 * 5, abs=0.02)  # the goal line is later
    assert "h4" in call.entities
    assert call.window is not None
    assert call.window[0] <= 0.0
    assert {one.value for one in call.exceptions} == {"false"}
    assert {"short-handed", "straight from a face-off", "the goalkeeper went for it"} <= {
        one.name for one in call.exceptions
    }


def test_a_race_that_lasts_longer_is_decided_at_the_dots() -> None:
    late = shot()
    people = {"puck": ((-10, 5), (35, 5)), "h4": ((-11, 5), (-5, 5)), "a2": ((10, 4), (22, 4))}
    events = [{"t": 0.0, "t_sigma": 0.001, "kind": "touch", "entity": "h4", "detail": "stick"}]
    counts = {"roster": {"home": 1, "away": 1}, "strength": {"home": 6, "away": 6}}
    (first,) = [one for one in judge(late).calls if one.rule == "hockey.icing"]
    (call,) = [one for one in judge(scene(people, events, **counts)).calls if one.rule == "hockey.icing"]
    assert call.verdict == "violation"
    assert call.t == pytest.approx((69 * 0.3048 - 10) / 12 * 5, abs=0.05)
    assert call.t > first.t - 0.5


def test_a_wave_off_is_told_at_the_goal_line() -> None:
    made = shot(strength={"home": 5, "away": 6})
    (call,) = [one for one in judge(made).calls if one.rule == "hockey.icing"]
    assert call.verdict == "clear"
    assert ("short-handed", "true") in [(one.name, one.value) for one in call.exceptions]


def test_coverage_says_what_is_missing() -> None:
    assert status(shot(), "hockey.icing") == {("judged", None)}
    assert status(shot(), "hockey.too_many_men") == {("judged", None)}
    unknown = shot(strength=None, roster=None)
    assert {why for _, why in status(unknown, "hockey.too_many_men")} == {
        "it is not known how many of home are on the ice"
    }
    assert status(scene({"h4": ((0, 0), (1, 0))}, []), "hockey.icing") == {("blind", "no puck track")}


def test_six_on_the_ice_are_not_too_many_while_nobody_knows_the_strength() -> None:
    people = {f"h{n}": ((n, n), (n, n + 1)) for n in range(6)} | {"puck": ((0, 0), (1, 1))}
    events = [{"t": 2.0, "kind": "touch", "entity": "h1", "detail": "stick"}]
    assert [one for one in judge(scene(people, events)).calls if one.rule == "hockey.too_many_men"] == []
