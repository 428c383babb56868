"""Zone assignment: signed distances with all their errors, and what a gap leaves open."""

from typing import Any

import numpy as np
import pytest

from ontologies import hockey
from records.errors import InputError
from records.scene import Scene, scene_of
from tracking.paths import BOUND_SIGMAS, LONGEST_GAP_S
from tracking.zones import assign, to_table

FIELD = hockey.field("nhl")
LINE = "blue_line_right_outer"
LINE_X = 26 * 0.3048
KEYS = {"schema": 1, "id": "a", "domain": "hockey", "edition": "nhl-2025", "attacks": {"home": "right"}, "source": ""}


def scene(tables: dict[str, Any] | None = None, **columns: Any) -> Scene:
    count = len(columns["t"])
    named = {"entity": ["h1"] * count, "kind": ["player"] * count, "x": [0.0] * count, "y": [0.0] * count}
    return scene_of(KEYS, {"tracks": {**named, **columns}, **(tables or {})})


def test_the_distance_is_signed_and_carries_own_and_shared_error() -> None:
    made = scene(t=[0.0, 0.1], x=[9.0, 7.0], sigma=[0.3, 0.3], common=[0.4, 0.4])
    measure = assign(made, FIELD).to("h1", LINE, np.array([0.0, 0.1]))
    assert measure.value == pytest.approx([9.0 - LINE_X, 7.0 - LINE_X])
    assert measure.own == pytest.approx([0.3, 0.3])
    assert measure.sigma == pytest.approx([0.5, 0.5])
    assert measure.normal[0] == pytest.approx([1.0, 1.0])


def test_only_the_error_across_the_line_counts() -> None:
    made = scene(t=[0.0, 0.1], sx=[0.1, 0.1], sy=[5.0, 5.0], common=[0.0, 0.0])
    assert assign(made, FIELD).to("h1", LINE, np.array([0.0])).sigma == pytest.approx([0.1])


def test_empty_cells_mean_the_defaults_of_the_ontology_and_never_certainty() -> None:
    made = scene(t=[0.0, 0.1])
    measure = assign(made, FIELD).to("h1", LINE, np.array([0.0]))
    defaults = hockey.ONTOLOGY.defaults
    assert measure.sigma == pytest.approx([np.hypot(hockey.ONTOLOGY.sigma("player"), defaults.common_m)])


def test_affine_modes_replace_the_common_error_and_grow_with_the_place() -> None:
    modes = {
        "t": [0.0],
        "mode": ["zoom"],
        "ax": [0.0],
        "bx": [0.02],
        "cx": [0.0],
        "ay": [0.0],
        "by": [0.0],
        "cy": [0.02],
    }
    made = scene({"errors": modes}, t=[0.0, 0.1], x=[10.0, 20.0], sigma=[0.0, 0.0])
    assert assign(made, FIELD).to("h1", LINE, np.array([0.0, 0.1])).sigma == pytest.approx([0.2, 0.4])


def test_a_shared_error_cancels_between_two_people() -> None:
    made = scene(
        t=[0.0, 0.0, 0.1, 0.1],
        entity=["h1", "h2"] * 2,
        x=[0.0, 3.0] * 2,
        y=[0.0, 4.0] * 2,
        sigma=[0.1] * 4,
        common=[1.0] * 4,
    )
    measure = assign(made, FIELD).between("h1", "h2", np.array([0.0]))
    assert measure.value == pytest.approx([5.0])
    assert measure.sigma == pytest.approx([np.hypot(0.1, 0.1)])


def test_between_two_samples_a_position_is_a_straight_line_and_hardly_less_certain() -> None:
    t = np.arange(0, 1.01, 0.04)
    made = scene(t=t, x=5 * t, sigma=0 * t + 0.05, common=0 * t)
    measure = assign(made, FIELD).to("h1", LINE, np.array([0.50, 0.52]))
    assert measure.value == pytest.approx([2.5 - LINE_X, 2.6 - LINE_X])
    assert measure.sigma[0] < 0.0501


def test_in_a_gap_sigma_grows_with_the_greatest_possible_speed() -> None:
    t = np.concatenate([np.arange(0, 1.01, 0.1), np.arange(2, 3.01, 0.1)])
    made = scene(t=t, x=0 * t, sigma=0 * t, common=0 * t)
    distances = assign(made, FIELD)
    sigma = distances.to("h1", LINE, np.array([1.0, 1.25, 1.5, 1.75, 2.0])).sigma
    speed = hockey.ONTOLOGY.top_speed("player")
    assert sigma == pytest.approx(speed * np.array([0, 0.25, 0.5, 0.25, 0]) / BOUND_SIGMAS, abs=1e-9)
    assert not distances.motion("h1", np.array([1.5])).seen[0]


def test_predicted_rows_are_a_gap() -> None:
    t = np.arange(0, 2.01, 0.1)
    made = scene(t=t, x=0 * t, sigma=0 * t, common=0 * t, observed=[not 0.75 < one < 1.25 for one in t])
    assert assign(made, FIELD).to("h1", LINE, np.array([1.0])).sigma[0] > 1.0


def test_beyond_the_longest_gap_nothing_is_known() -> None:
    made = scene(t=[0.0, 0.1, 0.1 + 2 * LONGEST_GAP_S], sigma=[0.1] * 3, common=[0.0] * 3)
    measure = assign(made, FIELD).to("h1", LINE, np.array([5.0]))
    assert np.isinf(measure.sigma[0])
    assert np.isnan(measure.value[0])


def test_an_entity_that_was_never_observed_is_unknown_everywhere() -> None:
    made = scene(t=[0.0, 0.1], observed=[False, False])
    assert np.isinf(assign(made, FIELD).to("h1", LINE, np.array([0.0])).sigma[0])


def test_wide_steps_are_filled_in() -> None:
    times = assign(scene(t=[0.0, 0.5, 60.0]), FIELD).times
    assert np.max(np.diff(times[times < 1])) <= 0.1 + 1e-9
    assert np.max(np.diff(times)) > 50


def test_the_zones_table_holds_each_observation_and_target() -> None:
    made = scene(t=[0.0, 0.1], x=[9.0, 7.0], sigma=[0.3, 0.3], common=[0.0, 0.0])
    table = to_table(assign(made, FIELD), [LINE, "zone_right"])
    assert table.num_rows == 4
    assert table.column("distance").to_pylist()[:2] == pytest.approx([9.0 - LINE_X, 7.0 - LINE_X], abs=1e-5)


def test_a_misspelt_target_is_named() -> None:
    with pytest.raises(InputError, match="did you mean 'blue_line_right"):
        assign(scene(t=[0.0]), FIELD).to("h1", "blue_line_rihgt", np.array([0.0]))


def test_a_scene_of_one_frame_and_an_empty_one_work() -> None:
    assert assign(scene(t=[0.0]), FIELD).to("h1", LINE, np.array([0.0])).value[0] == pytest.approx(-LINE_X)
    assert len(assign(scene_of(KEYS, {}), FIELD).times) == 0
