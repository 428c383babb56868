"""Rain darkens the grass and puts lamps into it, snow whitens it, and lines can still be seen."""

from dataclasses import replace

import numpy as np
import pytest

from ontologies import soccer
from simulation.arena import panorama_of
from simulation.clips import Clip
from simulation.ground import COVERS, cover_of
from simulation.plays import registry
from simulation.turf import Turf
from simulation.weather import WEATHERS, Conditions

PX_M = 6


@pytest.fixture(scope="module")
def field():
    return soccer.field("ifab")


@pytest.fixture(scope="module")
def dry(field):
    return Turf(3, stripe_m=0.0, wear=0.0, apron_m=4.0).paint(field, PX_M)


def middle(picture):
    """Mean grey levels of grass beside the half-way line, and of the line."""
    height, width = picture.shape[:2]
    rows = picture[height // 2 + 30 : height // 2 + 130, :, :3]
    grass, line = rows[:, width // 2 - 120 : width // 2 - 80], rows[:, width // 2 - 1 : width // 2 + 1]
    return float(grass.mean()), float(line.mean())


def test_rain_darkens_and_snow_whitens(dry):
    grass, line = middle(dry)
    for seed in range(4):
        wet, white = (cover_of(weather, seed).lay(dry, PX_M) for weather in ("rain", "snow"))
        assert middle(wet)[0] < 0.9 * grass
        assert middle(white)[0] > 1.5 * grass
        for covered in (wet, white):
            on_grass, on_line = middle(covered)
            assert 0.1 * (line - grass) < on_line - on_grass < line - grass
        assert wet[:, :, 3].mean() > white[:, :, 3].mean()
        assert np.array_equal(wet, cover_of("rain", seed).lay(dry, PX_M))


def test_lamps_stand_upright_in_wet_ground_only(field):
    outline = np.asarray(field.boundary.polyline(0.5))
    frame = panorama_of(outline, np.array([0.0, -70.0, 18.0]), 300.0, (0.1, 0.5), (-0.5, 0.5))
    ground = np.full((len(frame.tilts), len(frame.pans), 4), 60, np.uint8)
    ground[:, :, 3] = 200
    wet = replace(COVERS["rain"], seed=1).shine(ground, frame.tilts, frame)[:, :, 0].astype(float)
    assert wet.max() > 100
    assert wet.mean(axis=0).std() > 2 * wet.mean(axis=1).std() > 0
    assert (replace(COVERS["snow"], seed=1, wet=0.0).shine(ground, frame.tilts, frame) == 60).all()


def test_a_clip_lies_under_its_own_weather():
    play = registry.draw("soccer", "offside_ahead_of_the_ball", "ifab-2025", 4)
    covers = {weather: Clip(play, "sideline", 4, Conditions(weather)).look.stadium.cover for weather in WEATHERS}
    assert covers["clear"] is None
    assert covers["rain"].snow == 0 < covers["rain"].wet
    assert covers["snow"].snow > 0.4
