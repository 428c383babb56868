import numpy as np
import pytest
import yaml

from records.annotations import annotations_of
from records.calibration import read_calibration, write_calibration
from simulation.handwork import annotate_by_hand, calibrate_by_hand, hidden_by_boards
from simulation.looks import demo_look
from simulation.staging import film
from simulation.truth import detections, write_truth


@pytest.fixture(scope="module")
def shots(play, rink, look):
    return list(film(play, rink, look, range(0, 301, 30)))


def test_marks_are_near_the_truth_but_not_the_truth(shots, rink, arena, look, tmp_path):
    made = calibrate_by_hand(shots[::3], rink, arena, look, "nhl")
    write_calibration(tmp_path / "c.yaml", made)
    again = read_calibration(tmp_path / "c.yaml")
    assert len(again.keyframes) == 4
    errors = []
    for keyframe, shot in zip(again.keyframes, shots[::3], strict=True):
        assert keyframe.t == pytest.approx(shot.t, abs=1e-3)
        assert len(keyframe.points) >= 5
        for name, pixel in keyframe.points.items():
            true = shot.view.to_image(np.array([rink.landmarks[name]]))[0]
            errors.append(np.hypot(*(true - pixel)))
            assert not hidden_by_boards(true, shot.view, arena)
        for line in keyframe.on:
            ground = shot.view.to_field(np.array(line.at))
            assert np.abs(rink.target(line.line).distance(*ground.T)).max() < 0.12
    assert 0.3 < np.median(errors) < 1.5
    assert max(errors) < 4


def test_what_the_near_boards_hide_is_known(shots, arena, rink):
    view = shots[0].view
    near, far = view.to_image(np.array([[0.0, -12.8, 0.0], [0.0, 8.0, 0.0]]))
    assert hidden_by_boards(near, view, arena)
    assert not hidden_by_boards(far, view, arena)


def test_clicks_hit_the_persons_they_mean(play, shots, look):
    content = yaml.safe_load(yaml.safe_dump(annotate_by_hand(play, shots, look)))
    made = annotations_of(content)
    by_time = {round(shot.t, 4): shot for shot in shots}
    team = {person.entity: person.team or "official" for person in play.cast}
    for kit, examples in made.kits.items():
        assert len(examples) >= 2
        for example in examples:
            hit = [
                item.entity
                for item in by_time[example.t].shown
                if item.box[0] < example.at[0] < item.box[2] and item.box[1] < example.at[1] < item.box[3]
            ]
            assert kit in {team[entity] for entity in hit if entity in team}
    kinds = [event.kind for event in made.events]
    assert kinds.count("possession") == 4
    assert kinds.count("whistle") == 1
    assert all(event.at is not None for event in made.events if event.kind == "possession")


def test_truth_files_hold_what_was_shown(play, shots, tmp_path):
    boxes = detections(shots)
    assert set(boxes["kind"].to_pylist()) == {"player", "goalie", "official", "puck"}
    assert boxes.num_rows == sum(item.visible >= 0.25 for shot in shots for item in shot.shown)
    with pytest.raises(Exception, match="length"):
        write_truth(play, shots, tmp_path)  # a picture for every instant is needed


def test_the_demo_look_is_fixed():
    assert demo_look() == demo_look()
