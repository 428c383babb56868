"""Each effect of the sensors does what its knob says, alone, and the scene that comes out says so itself."""

from __future__ import annotations

import importlib.resources
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.judging import judge
from records import tables, yamls
from records.errors import InputError
from records.scene import Scene, read_scene, scene_of
from simulation.plays import registry
from simulation.plays.folders import write_play
from simulation.sensors import (
    Confusions,
    Events,
    FalseTracks,
    Frames,
    Gaps,
    Misses,
    Position,
    Registration,
    Sensors,
    Unknowns,
    View,
    parse,
    sense,
)
from simulation.sensors.settings import GROUPS

FPS = 20
PEOPLE = {"h1": (-10.0, 3.0), "h2": (5.0, -6.0), "h3": (20.0, 9.0), "a1": (12.0, 0.0), "a2": (-25.0, -9.0)}


def truth(seconds: float = 60.0, moving: dict[str, np.ndarray] | None = None, **keys: object) -> Scene:
    """Everybody stands still, but who is given another path (time, 2)."""
    t = np.arange(round(seconds * FPS)) / FPS
    rows: dict[str, list[object]] = {name: [] for name in ("t", "entity", "kind", "team", "role", "number", "x", "y")}
    places = {name: np.tile(place, (len(t), 1)) for name, place in PEOPLE.items()} | (moving or {})
    places["puck"] = np.column_stack([20.0 * np.sin(t / 5.0), np.zeros(len(t))])
    for name, place in places.items():
        kind, team = ("puck", None) if name == "puck" else ("player", {"h": "home", "a": "away"}[name[0]])
        values = (t, name, kind, team, None, name[1:] if team else None, place[:, 0], place[:, 1])
        for column, value in zip(rows, values, strict=True):
            rows[column].extend(value if isinstance(value, np.ndarray) else [value] * len(t))
    rows |= {"sigma": [0.0] * len(rows["t"]), "common": [0.0] * len(rows["t"])}
    events = {"t": np.arange(1.0, seconds, 1.0).tolist(), "t_sigma": [0.0] * (round(seconds) - 1)}
    events |= {"kind": ["touch"] * len(events["t"]), "entity": ["h1"] * len(events["t"])}
    base = {"schema": 1, "id": "sensed", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}}
    more = {"source": "", "roster": {"home": 3, "away": 2}, "complete": "all"}
    return scene_of(base | more | keys, {"tracks": rows, "events": events})


TRUTH = truth()


def column(scene: Scene, name: str, entity: str | None = None, table: str = "tracks") -> np.ndarray:
    rows = getattr(scene, table)
    values = tables.column(rows, name)
    return values if entity is None else values[tables.column(rows, "entity") == entity]


def errors(sensed: Scene, entity: str, exact: Scene = TRUTH) -> np.ndarray:
    """(time, 2) metres."""
    return np.column_stack([column(sensed, axis, entity) - column(exact, axis, entity) for axis in "xy"])


def test_all_knobs_off_change_nothing() -> None:
    assert sense(TRUTH, Sensors()) is TRUTH


def test_the_same_seed_gives_the_same_scene() -> None:
    sensors = Sensors(position=Position(0.2), misses=Misses(0.1), gaps=Gaps(10.0), false_tracks=FalseTracks(10.0))
    one, again, other = (sense(TRUTH, sensors, seed) for seed in (1, 1, 2))
    assert one.tracks.equals(again.tracks)
    assert not one.tracks.equals(other.tracks)


def test_own_noise_has_the_sigma_and_the_correlation_time_it_says() -> None:
    exact = truth(seconds=900.0)
    sensed = sense(exact, Sensors(position=Position(sigma_m=0.3, ball_sigma_m=0.1, tau_s=0.5)), seed=3)
    found = np.concatenate([errors(sensed, name, exact) for name in PEOPLE], axis=1)
    assert found.std() == pytest.approx(0.3, rel=0.05)
    assert abs(found.mean()) < 0.02
    later = found[FPS // 2 :]
    assert np.mean(found[: len(later)] * later) / found.var() == pytest.approx(np.exp(-1.0), abs=0.05)
    pairs = np.corrcoef(found.T)[np.triu_indices(found.shape[1], 1)]
    assert np.abs(pairs).max() < 0.15  # everybody's own, along and across
    assert errors(sensed, "puck", exact).std() == pytest.approx(0.1, rel=0.1)
    assert column(sensed, "sigma", "h1") == pytest.approx(0.3)
    assert column(sensed, "tau", "h1") == pytest.approx(0.5)


def test_white_noise_is_not_correlated() -> None:
    found = errors(sense(TRUTH, Sensors(position=Position(0.3, tau_s=0.0))), "h1")
    assert abs(np.corrcoef(found[1:, 0], found[:-1, 0])[0, 1]) < 0.1


def test_a_sigma_that_was_stated_before_counts_on_top() -> None:
    columns = {name: column(TRUTH, name) for name in TRUTH.tracks.column_names}
    rough = tables.table("tracks", columns | {"sigma": np.full(TRUTH.tracks.num_rows, 0.4)})
    scene = replace(TRUTH, tracks=rough)
    assert column(sense(scene, Sensors(position=Position(0.3))), "sigma") == pytest.approx(0.5)


def test_a_misstated_sigma_leaves_the_noise_as_it_is() -> None:
    honest = sense(TRUTH, Sensors(position=Position(0.2), registration=Registration(0.1)))
    bold = sense(TRUTH, Sensors(position=Position(0.2), registration=Registration(0.1), claimed=0.5))
    assert np.array_equal(column(honest, "x"), column(bold, "x"))
    assert column(bold, "sigma") == pytest.approx(0.1)
    assert column(bold, "ax", table="errors").max() == pytest.approx(column(honest, "ax", table="errors").max() / 2)


def test_the_shared_error_is_shared_and_larger_along_the_field() -> None:
    exact = truth(seconds=900.0)
    sensed = sense(exact, Sensors(registration=Registration(sigma_m=0.1, along=3.0, tau_s=1.0)), seed=5)
    one, other = errors(sensed, "h1", exact), errors(sensed, "a2", exact)
    assert one == pytest.approx(other, abs=1e-4)
    assert one[:, 0].std() == pytest.approx(0.3, rel=0.12)
    assert one[:, 1].std() == pytest.approx(0.1, rel=0.12)
    later = one[FPS:, 0]
    assert np.mean(one[: len(later), 0] * later) / one[:, 0].var() == pytest.approx(np.exp(-1.0), abs=0.12)


def test_affine_errors_grow_from_the_middle_as_the_table_says() -> None:
    exact = truth(seconds=900.0)
    sensed = sense(exact, Sensors(registration=Registration(affine_m=0.2, along=2.0, tau_s=0.5)), seed=5)
    for name, (x, y) in PEOPLE.items():
        rows = column(sensed, "t", table="errors") == 0.0
        ax, bx, cx, ay, by, cy = (
            column(sensed, key, table="errors")[rows] for key in ("ax", "bx", "cx", "ay", "by", "cy")
        )
        stated = np.hypot.reduce(ax + bx * x + cx * y), np.hypot.reduce(ay + by * x + cy * y)
        assert errors(sensed, name, exact).std(axis=0) == pytest.approx(stated, rel=0.15)
    assert errors(sensed, "h3", exact)[:, 0].std() > 1.5 * errors(sensed, "h3", exact)[:, 1].std()


def test_misses_come_in_bursts_and_in_the_share_asked_for() -> None:
    exact = truth(seconds=600.0)
    sensed = sense(exact, Sensors(misses=Misses(share=0.2, ball_share=0.0, burst_s=0.5)), seed=2)
    t = column(exact, "t", "h1")
    seen = np.concatenate([np.isin(t, column(sensed, "t", name)) for name in PEOPLE])
    assert 1.0 - seen.mean() == pytest.approx(0.2, abs=0.03)
    begins = np.sum(~seen[1:] & seen[:-1])
    assert np.sum(~seen) / FPS / begins == pytest.approx(0.5, abs=0.1)
    assert len(column(sensed, "t", "puck")) == len(t)
    assert sensed.roster == exact.roster


def test_the_roster_is_opened_when_whole_people_can_be_missed() -> None:
    sensors = Sensors(misses=Misses(whole=0.5))
    sensed = sense(TRUTH, sensors, seed=1)
    gone = set(PEOPLE) - set(column(sensed, "entity"))
    assert 0 < len(gone) < len(PEOPLE)
    assert sensed.roster_at("home", 1.0) is None
    assert sense(TRUTH, replace(sensors, roster="kept"), seed=1).roster == TRUTH.roster
    assert sense(TRUTH, Sensors(roster="open")).roster_at("away", 1.0) is None


def test_who_stands_behind_another_is_lost_from_this_camera_only() -> None:
    t = np.arange(10 * FPS) / FPS
    behind = {"h2": np.tile([12.0, 1.5], (len(t), 1))}  # a1 stands at (12, 0), the camera far on the near side
    exact = truth(seconds=10.0, moving=behind)
    near = sense(exact, Sensors(misses=Misses(occluded=1.0, camera=(12.0, -30.0, 12.0))))
    assert len(column(near, "t", "h2")) == 0
    assert len(column(near, "t", "a1")) == len(t)
    aside = sense(exact, Sensors(misses=Misses(occluded=1.0, camera=(-30.0, 0.0, 12.0))))
    assert len(column(aside, "t", "h2")) == len(t)
    above = sense(exact, Sensors(misses=Misses(occluded=1.0, camera=(12.0, -2.0, 40.0))))
    assert len(column(above, "t", "h2")) == len(t)


def test_false_tracks_come_at_their_rate_and_are_nobodys() -> None:
    exact = truth(seconds=600.0)
    sensed = sense(exact, Sensors(false_tracks=FalseTracks(per_minute=20.0, length_s=2.0)), seed=4)
    ghosts = sorted(set(column(sensed, "entity")) - set(column(exact, "entity")))
    assert len(ghosts) == pytest.approx(200, abs=30)
    lengths = [len(column(sensed, "t", name)) / FPS for name in ghosts]
    assert np.mean(lengths) == pytest.approx(2.0, abs=0.4)
    rows = np.isin(column(sensed, "entity").astype(str), ghosts)
    assert set(column(sensed, "kind")[rows]) == {"staff", "unknown"}
    assert set(column(sensed, "team")[rows]) == {None}
    named = sense(exact, Sensors(false_tracks=FalseTracks(20.0, named=1.0)), seed=4)
    assert set(column(named, "kind")) == {"player", "puck"}


def crossing() -> Scene:
    """h1 skates past h2 at 3 s and past a1 at 6 s, h1 with the puck from 2 s on, and to 8 s."""
    t = np.arange(10 * FPS) / FPS
    x = np.interp(t, [0.0, 3.0, 6.0, 10.0], [-10.0, 5.0, 12.0, 20.0])
    y = np.interp(t, [0.0, 3.0, 6.0, 10.0], [-6.0, -6.0, 0.3, 0.3])
    scene = truth(seconds=10.0, moving={"h1": np.column_stack([x, y])})
    possession = {
        "t": [2.0],
        "t_sigma": [0.0],
        "kind": ["possession"],
        "entity": ["h1"],
        "team": ["home"],
        "until": [8.0],
    }
    return replace(scene, events=tables.table("events", possession))


def test_an_honest_tracker_ends_both_tracks_where_it_lost_count() -> None:
    sensed = sense(crossing(), Sensors(confusions=Confusions(chance=1.0, within_m=1.0)))
    assert set(column(sensed, "entity")) == {"h1", "h1~1", "h2", "h2~1", "h3", "a1", "a2", "puck"}
    assert column(sensed, "t", "h1").max() < 3.1
    assert column(sensed, "t", "h1~1").min() > 2.9
    assert set(column(sensed, "team", "h1~1")) == {"home"}
    assert set(column(sensed, "number", "h1~1")) == {None}
    told = sensed.events.to_pylist()
    assert [row["entity"] for row in told] == ["h1", "h1~1"]
    assert told[0]["until"] == told[1]["t"]  # the carry goes on
    assert told[1]["until"] == 8.0


def test_kits_that_do_not_tell_leave_the_team_open() -> None:
    sensed = sense(crossing(), Sensors(confusions=Confusions(1.0, kits_tell=False)))
    assert set(column(sensed, "entity")) == {"h1", "h1~1", "h1~2", "h2", "h2~1", "h3", "a1", "a1~1", "a2", "puck"}
    assert set(column(sensed, "team", "h1~1")) == {"home"}  # both were home
    assert set(column(sensed, "team", "h1~2")) == {None}
    assert set(column(sensed, "team", "a1~1")) == {None}
    assert [row["entity"] for row in sensed.events.to_pylist()] == ["h1", "h1~1", "h1~2"]


def test_hidden_swaps_exchange_the_tracks_and_say_nothing() -> None:
    exact = crossing()
    within = sense(exact, Sensors(confusions=Confusions(1.0, hidden=1.0)))
    assert set(column(within, "entity")) == set(column(exact, "entity"))
    assert column(within, "x", "h2")[-1] == pytest.approx(20.0, abs=0.2)  # now follows h1
    assert column(within, "x", "a1") == pytest.approx(column(exact, "x", "a1"))
    across = sense(exact, Sensors(confusions=Confusions(1.0, hidden=1.0, kits_tell=False)))
    assert column(across, "x", "a1")[-1] == pytest.approx(20.0, abs=0.2)
    assert set(column(across, "team", "a1")) == {"away"}


def test_chance_of_a_confusion_is_a_rate() -> None:
    scenes = [sense(crossing(), Sensors(confusions=Confusions(0.5, kits_tell=False)), seed) for seed in range(40)]
    lost = [sum("~" in name for name in set(column(one, "entity"))) for one in scenes]
    assert np.mean(lost) == pytest.approx(2.0, abs=0.6)  # two passes, two tracks each, half of the time


def test_people_who_stand_together_all_along_are_not_confused() -> None:
    t = np.arange(5 * FPS) / FPS
    exact = truth(seconds=5.0, moving={"h2": np.tile([12.4, 0.0], (len(t), 1))})
    sensed = sense(exact, Sensors(confusions=Confusions(1.0)))
    assert set(column(sensed, "entity")) == set(column(exact, "entity"))


def test_in_a_gap_nothing_is_seen_and_nothing_is_claimed() -> None:
    exact = truth(seconds=120.0)
    sensed = sense(exact, Sensors(gaps=Gaps(per_minute=5.0, length_s=2.0)), seed=1)
    steps = np.diff(sensed.times)
    gaps = steps[steps > 1.5]
    assert 5 <= len(gaps) <= 15
    assert gaps.min() > 1.9
    start = sensed.times[:-1][steps > 1.5][0]
    assert not sensed.is_complete("touch", start + 0.5, start + 1.0)
    assert sensed.is_complete("touch", sensed.times[0], sensed.times[0] + 0.5) == (start > 0.6)
    noted = column(sensed, "t", table="events")
    assert not np.any([(noted > t + 0.1) & (noted < t + 1.9) for t in sensed.times[:-1][steps > 1.5]])
    hidden = sense(exact, Sensors(gaps=Gaps(5.0, 2.0, hidden=True)), seed=1)
    assert hidden.is_complete("touch", 0.0, 120.0)
    assert np.array_equal(hidden.times, sensed.times)


def test_what_lasts_is_known_until_the_gap() -> None:
    for seed in range(20):
        sensed = sense(crossing(), Sensors(gaps=Gaps(per_minute=6.0, length_s=0.5)), seed)
        for row in sensed.events.to_pylist():
            assert sensed.is_complete("loose", row["t"], row["until"] - 1e-9)


def test_fewer_frames_at_times_that_are_known() -> None:
    sensed = sense(TRUTH, Sensors(frames=Frames(fps=5.0, jitter=0.2)))
    steps = np.diff(sensed.times)
    assert len(sensed.times) == pytest.approx(60 * 5, abs=2)
    assert steps.std() > 0.02
    assert errors(replace(TRUTH, tracks=TRUTH.tracks), "h1").max() == 0.0
    assert set(sensed.times) <= set(TRUTH.times)


def test_shares_of_unknown_traits() -> None:
    found = [sense(TRUTH, Sensors(unknowns=Unknowns(team=0.5, kind=0.2, number=1.0)), seed) for seed in range(30)]
    teams = [set(column(one, "team", name)) == {None} for one in found for name in PEOPLE]
    kinds = [set(column(one, "kind", name)) == {"unknown"} for one in found for name in PEOPLE]
    assert np.mean(teams) == pytest.approx(0.5, abs=0.15)
    assert np.mean(kinds) == pytest.approx(0.2, abs=0.12)
    assert set(column(found[0], "number")) == {None}
    assert set(column(found[0], "kind", "puck")) == {"puck"}


def test_missed_events_withdraw_the_claim_for_their_kinds() -> None:
    exact = truth(seconds=600.0)
    sensed = sense(exact, Sensors(events=Events(missed=0.3, kinds=("touch",))))
    assert 1 - sensed.events.num_rows / exact.events.num_rows == pytest.approx(0.3, abs=0.06)
    assert not sensed.is_complete("touch", 1.0, 2.0)
    assert sensed.is_complete("faceoff", 1.0, 2.0)
    hidden = sense(exact, Sensors(events=Events(missed=0.3, kinds=("touch",), hidden=True)))
    assert hidden.is_complete("touch", 1.0, 2.0)
    assert hidden.events.num_rows == sensed.events.num_rows


def test_events_late_together_and_each_of_its_own() -> None:
    short, exact = truth(seconds=5.0), truth(seconds=300.0)
    before = column(short, "t", table="events")
    lag = [
        column(sense(short, Sensors(events=Events(lag_s=0.2)), seed), "t", table="events") - before
        for seed in range(30)
    ]
    assert all(one.std() < 1e-9 for one in lag)
    assert np.std([one.mean() for one in lag]) == pytest.approx(0.2, abs=0.06)
    sensed = sense(exact, Sensors(events=Events(lag_s=0.3, jitter_s=0.4)))
    assert column(sensed, "t_sigma", table="events") == pytest.approx(0.5)
    jittered = sense(exact, Sensors(events=Events(jitter_s=0.1)))
    jitter = column(jittered, "t", table="events") - column(exact, "t", table="events")
    assert jitter.std() == pytest.approx(0.1, rel=0.15)


def test_a_panning_view_shows_what_it_says() -> None:
    sensed = sense(TRUTH, Sensors(view=View(width_m=20.0)))
    t, low, high = (column(sensed, name, table="view") for name in ("t", "x1", "x2"))
    assert high - low == pytest.approx(20.0)
    x, at = column(sensed, "x"), column(sensed, "t")
    assert np.all((x >= np.interp(at, t, low) - 1e-4) & (x <= np.interp(at, t, high) + 1e-4))
    assert 0 < len(column(sensed, "t", "a2")) < len(TRUTH.times)
    blurred = sense(TRUTH, Sensors(view=View(20.0), misses=Misses(share=0.1)))
    assert column(blurred, "recall", table="view").max() < 0.9


def test_turning_one_knob_leaves_the_draws_of_the_others() -> None:
    alone = sense(TRUTH, Sensors(position=Position(0.2)), seed=6)
    mixed = Sensors(position=Position(0.2), misses=Misses(0.2), frames=Frames(10.0), false_tracks=FalseTracks(30.0),
                    events=Events(0.2), gaps=Gaps(5.0), unknowns=Unknowns(0.3))  # fmt: skip
    both = sense(TRUTH, mixed, seed=6)
    where = {(t, name): x for t, name, x in zip(*(column(alone, one) for one in ("t", "entity", "x")), strict=True)}
    rows = [(t, name, x) for t, name, x in zip(*(column(both, one) for one in ("t", "entity", "x")), strict=True)]
    kept = [(where[t, name], x) for t, name, x in rows if (t, name) in where]
    assert len(kept) > 1000
    assert all(a == b for a, b in kept)
    louder = sense(TRUTH, Sensors(position=Position(0.4)), seed=6)
    assert errors(louder, "h1") == pytest.approx(2 * errors(alone, "h1"), abs=1e-4)


def test_what_comes_out_is_a_scene_that_can_be_judged() -> None:
    sensors = Sensors(
        position=Position(0.1), registration=Registration(0.05, affine_m=0.05), misses=Misses(0.1, occluded=0.5),
        false_tracks=FalseTracks(10.0), confusions=Confusions(0.5), gaps=Gaps(5.0, 0.5), frames=Frames(10.0, 0.2),
        unknowns=Unknowns(0.2, 0.1, 0.1, 0.1), events=Events(0.1, 0.05, 0.05), view=View(40.0),
    )  # fmt: skip
    assert judge(sense(crossing(), sensors)).scene == "sensed"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"position": {"sigma_m": -1}}, "sigma_m is -1"),
        ({"position": {"sigma": 1}}, "did you mean 'sigma_m'"),
        ({"misses": {"share": 1.5}}, "give a number from 0 to 1"),
        ({"misses": {"camera": [0, 0, 1]}}, "higher than a person"),
        ({"gaps": 3}, "give its knobs"),
        ({"fog": {}}, "unknown knob 'fog'"),
        ({"roster": "kpt"}, "did you mean 'kept'"),
        ({"claimed": "low"}, "claimed is 'low'"),
    ],
)
def test_a_wrong_knob_is_refused_in_one_line(given: dict[str, object], told: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(given)
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["none", "broadcast", "tactical"])
def test_the_configurations_are_sensors(name: str) -> None:
    file = importlib.resources.files("configs") / "sensors" / f"{name}.yaml"
    given = yamls.loads(file.read_text(encoding="utf-8"))
    assert (parse(given) == Sensors()) == (name == "none")
    for group, kind in GROUPS.items():
        assert set(given[group]) == {one.name for one in fields(kind)}


def test_a_drawn_play_is_written_with_what_the_sensors_say_of_it(tmp_path: Path) -> None:
    play = registry.draw("hockey", sorted(registry.cases("hockey"))[0])
    write_play(play, tmp_path / "plain")
    assert not (tmp_path / "plain" / "sensed").exists()
    write_play(play, tmp_path / "play", Sensors(position=Position(0.3)))
    truth, sensed = read_scene(tmp_path / "play"), read_scene(tmp_path / "play" / "sensed")
    assert column(sensed, "sigma").max() == pytest.approx(0.3, abs=0.01)
    assert truth.tracks.num_rows == sensed.tracks.num_rows
    assert judge(sensed).domain == "hockey"


def test_generated_plays_can_be_sensed() -> None:
    play = registry.draw("hockey", sorted(registry.cases("hockey"))[0])
    sensors = Sensors(
        Position(0.1), Registration(0.1), confusions=Confusions(1.0), frames=Frames(10.0), view=View(40.0)
    )
    sensed = sense(play.scene(), sensors, seed=1)
    assert 0 < sensed.tracks.num_rows < play.scene().tracks.num_rows
    assert sensed.errors is not None
