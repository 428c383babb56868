"""Rain, snow, thin light, interlaced pictures and close-ups change what is seen, never what is true."""

from dataclasses import replace

import numpy as np
import pytest

from records.errors import InputError
from simulation.camera import View
from simulation.clips import Clip
from simulation.closeup import FILLS, camera_at, close_up
from simulation.plays import registry
from simulation.slices import Slices
from simulation.staging import Shot
from simulation.truth import SEEN
from simulation.weather import Conditions, Fall, conditions, interlaced

ASKED = {"weather": "drawn", "light": "drawn", "interlaced": False, "close_up": False}


@pytest.fixture(scope="module")
def play():
    return registry.draw("soccer", "offside_ahead_of_the_ball", "ifab-2025", 4)


def grey(value: int = 90) -> np.ndarray:
    return np.full((180, 320, 3), value, np.uint8)


@pytest.mark.parametrize("weather", ["rain", "snow"])
def test_what_falls_is_bright_moves_and_is_the_same_for_the_same_seed(weather):
    seen = [Fall(weather, 3).over(grey(), t) for t in (0.0, 0.0, 0.04)]
    assert np.array_equal(seen[0], seen[1])
    assert not np.array_equal(seen[0], seen[2])
    assert seen[0].std() > 2
    assert seen[0].mean() > 90
    assert not np.array_equal(seen[0], Fall(weather, 4).over(grey(), 0.0))


def test_what_falls_falls_down():
    fall = Fall("snow", 1)
    fall._layers = fall._layers[:1]  # one distance, one speed
    fall._wind = 0.0
    first, second = (fall.over(grey(), t)[:, :, 0].astype(float) for t in (0.0, 0.1))
    down = round(fall._layers[0][0].speed_px * 0.1)
    assert np.array_equal(first[: 180 - down], second[down:])


def test_clear_weather_is_none():
    assert np.array_equal(Fall("clear", 1).over(grey(), 0.3), grey())


def test_conditions_are_drawn_or_asked_for():
    drawn = [conditions(ASKED, "soccer", seed) for seed in range(300)]
    assert 0.08 < np.mean([one.weather != "clear" for one in drawn]) < 0.25
    assert {"rain", "snow"} <= {one.weather for one in drawn}
    assert 0.08 < np.mean([one.light == "low" for one in drawn]) < 0.25
    assert all(conditions(ASKED, "hockey", seed).weather == "clear" for seed in range(50))
    assert conditions(ASKED | {"weather": "snow"}, "football", 1).weather == "snow"


@pytest.mark.parametrize(("asked", "domain", "told"), [
    ({"weather": "rain"}, "hockey", "hockey is played under a roof"),
    ({"weather": "hail"}, "soccer", "unknown weather 'hail'"),
    ({"light": "dusk"}, "soccer", "unknown light 'dusk'"),
])  # fmt: skip
def test_conditions_that_cannot_be_are_refused(asked, domain, told):
    with pytest.raises(InputError, match=told):
        conditions(ASKED | asked, domain, 0)


def shot(frame: int, value: int) -> Shot:
    return Shot(frame, frame / 50, grey(value), View((0.0, -40.0, 15.0), 0.0, 0.3, 500.0), [])


def test_two_instants_make_an_interlaced_picture():
    pictures = list(interlaced(shot(frame, 10 * frame) for frame in range(5)))
    assert [(one.frame, one.t) for one in pictures] == [(0, 0.0), (1, 0.04)]
    assert set(np.unique(pictures[1].image[0::2])) == {20}
    assert set(np.unique(pictures[1].image[1::2])) == {30}


def test_only_plays_with_instants_enough_are_interlaced(play):
    for rate, halved in ((25, False), (50, True)):
        other = replace(play, t=np.arange(len(play.t)) / rate)
        clip = Clip(other, "sideline", 4, Conditions(interlaced=True))
        assert clip.interlaced is halved
        assert len(clip.times) == (len(play.t) // 2 if halved else len(play.t))
        assert clip.labels()["frames_per_s"] == 25.0


def test_a_close_up_shows_somebody_large_from_another_place(play):
    rig = Clip(play, "sideline", 4).look.rig
    close = close_up(play, rig, 4)
    view, (x, y) = close.views[0], play.paths[close.entity].xy[close.first]
    feet, head = view.to_image(np.array([[x, y, 0.0], [x, y, 1.85]]))
    assert FILLS[0] - 0.1 < (feet[1] - head[1]) / view.height < FILLS[1] + 0.1
    assert view.centre != rig.centre
    main = [view] * len(play.t)
    cuts = [camera_at(main, close, index)[2] for index in range(len(play.t))]
    assert cuts == sorted(cuts)
    assert cuts.count(1) == close.after - close.first == len(close.views)
    assert camera_at(main, close, close.after - 1)[1] == len(close.views) - 1
    assert 0.7 < play.t[close.after] - play.t[close.first] < 2.1


def test_a_clip_with_a_cut_says_so_and_shows_somebody(play):
    clip = Clip(play, "sideline", 4, Conditions(close_up=True, light="low"))
    first = clip.close_up.first
    shots = list(clip.shots(range(first - 1, first + 1)))
    assert [(one.cut, one.close) for one in shots] == [(0, False), (1, True)]
    (seen,) = [one for one in shots[1].shown if one.entity == clip.close_up.entity]
    assert seen.visible > SEEN
    assert seen.box[3] - seen.box[1] > 250
    labels = clip.labels()
    assert labels["close_up"]["entity"] == clip.close_up.entity
    assert labels["light"] == "dark"


def test_slices_tell_dark_from_bright_and_alone_from_crowded():
    found = {}
    for value in (40, 200):
        slices = Slices(0.01)
        slices.add(shot(0, value))
        found[value] = slices.labels()
    assert (found[40]["light"], found[200]["light"]) == ("dark", "bright")
    assert found[40]["crowd"] == "sparse"
    turning = Slices(0.02)
    for frame in range(3):
        view = View((0.0, -40.0, 15.0), 0.02 * frame, 0.3, 500.0)
        turning.add(replace(shot(frame, 90), view=view))
    assert turning.labels()["motion_blur_px"] == pytest.approx(0.02 * 500 * np.cos(0.3) * 50 * 0.02, rel=0.05)
    assert turning.labels()["motion_blur"] == "smeared"
