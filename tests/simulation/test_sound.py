"""What is heard of a play: where whistles are, how they sound, and what is no whistle."""

import numpy as np
import pytest
from scipy import signal

from simulation.plays.registry import cases, drawn
from simulation.sound import PEA_HZ, RATE, soundtrack, whistle


def a_play(domain: str, case: str, seed: int = 0):
    found = cases(domain)[case]
    return drawn(found, found.editions[0], seed)


@pytest.fixture(scope="module")
def stopped():
    return a_play("football", "delay_of_game_timeout")


def tone(samples: np.ndarray, low: float, high: float) -> float:
    """How far the strongest pitch in a band stands out of the band, decibels."""
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / RATE)
    band = spectrum[(hertz >= low) & (hertz <= high)]
    return float(10 * np.log10(band.max() / np.median(band)))


@pytest.mark.parametrize("seed", range(5))
def test_a_whistle_is_heard_when_it_is_blown_and_the_offset_is_over(stopped, seed):
    sound = soundtrack(stopped, seed)
    (blown,) = [one for one in sound.heard if one.what == "whistle"]
    told = [event["t"] for event in stopped.events if event["kind"] == "whistle"]
    assert [blown.t] == told
    first = round((blown.t + sound.offset_s) * RATE)
    heard = sound.samples[first : round((blown.until + sound.offset_s) * RATE)].sum(axis=1)
    before = sound.samples[first - len(heard) : first].sum(axis=1)
    around = 0.85 * blown.hertz, 1.05 * blown.hertz
    assert tone(heard, *around) > tone(before, *around) + 6.0
    assert 2000.0 <= blown.hertz <= 4500.0


def test_the_offset_moves_everything_that_is_heard(stopped):
    offsets = {soundtrack(stopped, seed).offset_s for seed in range(20)}
    assert len(offsets) > 15
    assert min(offsets) < -0.05
    assert max(offsets) > 0.1


def test_a_pea_makes_the_tone_warble():
    wave = whistle(3000.0, 0.8, np.random.default_rng(0))
    loud = np.abs(signal.hilbert(wave))[round(0.2 * RATE) : round(0.7 * RATE)]
    beat = np.abs(np.fft.rfft(loud - loud.mean()))
    hertz = np.fft.rfftfreq(len(loud), 1 / RATE)
    assert PEA_HZ[0] * 0.9 <= hertz[beat.argmax()] <= PEA_HZ[1] * 1.1
    assert loud.min() < 0.7 * loud.max()


def test_sound_is_as_long_as_its_clip_and_never_clipped(stopped):
    sound = soundtrack(stopped, 1)
    step = float(np.median(np.diff(stopped.t)))
    assert len(sound.samples) == round((stopped.t[-1] - stopped.t[0] + step) * RATE)
    assert float(np.abs(sound.samples).max()) == pytest.approx(0.8, abs=1e-5)


def test_the_same_seed_sounds_the_same(stopped):
    assert np.array_equal(soundtrack(stopped, 3).samples, soundtrack(stopped, 3).samples)
    assert not np.array_equal(soundtrack(stopped, 3).samples, soundtrack(stopped, 4).samples)


@pytest.mark.parametrize(("domain", "case", "what"), [
    ("hockey", "offside_winger_ahead_of_the_carrier", "knock"),
    ("basketball", "three_seconds_stays", "knock"),
    ("soccer", "offside_ahead_of_the_ball", "knock"),
])  # fmt: skip
def test_what_is_heard_is_written_down_in_order(domain, case, what):
    truth = soundtrack(a_play(domain, case), 2).truth()
    heard = truth["heard"]
    assert what in {one["what"] for one in heard}
    assert [one["t"] for one in heard] == sorted(one["t"] for one in heard)
