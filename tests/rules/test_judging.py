"""Judging a scene: calls and coverage, what is imported, what bad scenes say."""

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pipeline.judging import judge
from records import calls as record
from records.clock import Span
from records.errors import InputError
from records.scene import Scene, Segment, scene_of
from rules.registry import EDITIONS, RULES, Needs, domain_of, lacks, rule, rules_of

KEYS = {"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}


def entry(gap: tuple[float, float] | None = None, people: int = 1, fps: float = 30.0, **keys: Any) -> Scene:
    """Return a scene in which the puck goes from x = 0 to 20 in 2 s with a trailing attacker."""
    t = np.arange(round(2 * fps) + 1) / fps
    columns: dict[str, list[Any]] = {name: [] for name in ("t", "entity", "kind", "team", "x", "y", "sigma", "common")}
    names = ["puck", *(f"h{n}" for n in range(people))]
    for name in names:
        seen = np.ones(len(t), bool) if gap is None or name != "puck" else (t <= gap[0]) | (t >= gap[1])
        place = 10 * t[seen] - (0 if name == "puck" else 4)
        columns["t"] += list(t[seen])
        columns["x"] += list(place)
        columns["y"] += list(0 * place + names.index(name))
        for key, value in (("entity", name), ("kind", "puck" if name == "puck" else "player"),
                           ("team", None if name == "puck" else "home"), ("sigma", 0.05), ("common", 0.0)):  # fmt: skip
            columns[key] += [value] * int(seen.sum())
    return scene_of({**KEYS, "roster": {"home": people, "away": 0}, "complete": "all", **keys}, {"tracks": columns})


def coverage(scene: Scene, name: str) -> list[tuple[float, float, str, str | None]]:
    return [(one.span.start, one.span.stop, one.status, one.why) for one in judge(scene).coverage if one.rule == name]


def test_a_legal_entry_is_a_clear_call_with_its_margin_not_silence() -> None:
    (call,) = judge(entry()).calls
    assert (call.rule, call.verdict, call.opportunity, call.team) == ("hockey.offside", "clear", "certain", "home")
    assert call.clause == "NHL 83.1"
    assert call.t == pytest.approx((26 * 0.3048 + 1.5 * 0.0254) / 10, abs=1e-3)
    assert call.margin is not None
    assert call.margin.value == pytest.approx(-4, abs=0.2)
    assert call.because[call.margin.atom].margin == call.margin.value
    assert call.probability == 0.0


def test_calls_survive_the_file() -> None:
    made = judge(entry())
    assert record.loads(record.dumps(made)) == made


@pytest.mark.parametrize("domain", sorted(EDITIONS))
def test_every_rule_of_the_design_is_known_in_every_edition(domain: str) -> None:
    names = set(rules_of(domain))
    assert names == {name for name in RULES if domain_of(name) == domain}
    for name in names:
        assert set(RULES[name]) <= set(EDITIONS[domain])


def test_every_rule_says_what_it_could_do() -> None:
    spans = {one.rule: (one.status, one.why) for one in judge(entry()).coverage}
    assert set(spans) == set(rules_of("hockey"))
    assert spans["hockey.offside"] == ("judged", None)
    assert spans["hockey.icing"] == ("judged", None)


def test_an_edition_that_lacks_a_rule_says_so() -> None:
    keys = {**KEYS, "domain": "football", "edition": "ncaa-2025"}
    made = scene_of(
        keys,
        {"tracks": {"t": [0.0, 1.0], "entity": ["h1"] * 2, "kind": ["player"] * 2, "x": [0.0] * 2, "y": [0.0] * 2}},
    )
    ((_, _, status, why),) = coverage(made, "football.encroachment")
    assert status == "not_applicable"
    assert why == lacks("football.encroachment", "ncaa-2025")
    assert coverage(made, "football.illegal_formation")[0][2:] == ("blind", "no snap event")


def test_without_a_puck_the_rule_is_blind() -> None:
    made = entry()
    tracks = made.tracks.filter([name != "puck" for name in made.tracks.column("entity").to_pylist()])
    blind = replace(made, tracks=tracks)
    assert judge(blind).calls == ()
    assert coverage(blind, "hockey.offside") == [(0.0, 2.0, "blind", "no puck track")]


def test_a_puck_lost_at_the_line_is_a_blind_span_and_an_entry_at_an_uncertain_time() -> None:
    made = entry(gap=(0.4, 1.2))
    (call,) = [one for one in judge(made).calls if one.rule == "hockey.offside"]
    assert call.opportunity == "certain"
    assert call.window is not None
    assert call.window[1] - call.window[0] > 0.2
    assert [one[2] for one in coverage(made, "hockey.offside")] == ["judged", "blind", "judged"]


def test_what_only_the_time_between_two_samples_leaves_open_is_no_entry() -> None:
    t = np.arange(0.0, 6.0, 0.5)
    track = {"t": t, "entity": ["puck"] * len(t), "kind": ["puck"] * len(t), "x": 0 * t + 6.9, "y": 0 * t}
    still = {**track, "sigma": 0 * t + 0.03, "common": 0 * t}
    assert judge(scene_of(KEYS, {"tracks": still})).calls == ()
    seen = np.where(t == 3.0, 7.96, 6.9)  # and a sample that may lie in the zone is one that may have happened
    (call,) = judge(scene_of(KEYS, {"tracks": {**still, "x": seen}})).calls
    assert call.opportunity == "possible"


def test_only_live_play_is_judged() -> None:
    made = replace(entry(), segments=(Segment(Span(0.0, 0.5), "live"), Segment(Span(0.5, 2.0), "replay")))
    assert judge(made).calls == ()
    assert [one[2:] for one in coverage(made, "hockey.offside")] == [
        ("judged", None),
        ("not_applicable", "a replay, not live play"),
    ]


def test_without_tracks_everything_is_blind() -> None:
    made = judge(scene_of(KEYS, {}))
    assert made.calls == ()
    assert {one.why for one in made.coverage} == {"the scene has no tracks"}


def test_a_scene_of_one_frame_has_no_entries() -> None:
    made = scene_of(KEYS, {"tracks": {"t": [1.0], "entity": ["puck"], "kind": ["puck"], "x": [0.0], "y": [0.0]}})
    assert judge(made).calls == ()


def test_the_stricter_k_is_less_often_sure() -> None:
    assert [call.verdict for call in judge(entry(), k=2.0).calls] == ["clear"]
    assert {call.verdict for call in judge(entry(), k=60.0).calls} == {"undecided"}


@pytest.mark.parametrize("k", [0.0, -1.0, np.nan, np.inf, "two"])
def test_a_number_of_sigmas_that_makes_no_sense_is_refused(k: Any) -> None:
    with pytest.raises(InputError, match="sigma"):
        judge(entry(), k=k)


def test_a_rule_that_is_not_in_the_table_cannot_be_registered() -> None:
    with pytest.raises(InputError, match=r"hockey\.tripping"):
        rule("hockey.tripping", {}, Needs())


def test_judging_imports_no_pixels_no_plots_and_no_solver() -> None:
    heavy = ["cv2", "av", "torch", "onnxruntime", "matplotlib", "scipy", "hydra", "perception"]
    code = (
        f"import sys, pipeline.judging, rules.hockey, rules.football; print([m for m in {heavy} if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ten_seconds_take_less_than_half_a_second() -> None:
    made = entry(people=12, fps=150.0)
    judge(made)
    start = time.process_time()
    judge(made)
    assert time.process_time() - start < 0.5
