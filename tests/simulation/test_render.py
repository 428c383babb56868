import time
from dataclasses import replace

import numpy as np
import pytest

from simulation.figures import OFFICIAL_KIT, Figure, Kit, Stance, paint_people, skater_joints
from simulation.render import Bug, Renderer, Sensor, draw_bug, paint_puck
from simulation.staging import camera_motion, film, goal_lines

CLEAN = Sensor(exposure_s=0.0, noise=0.0, soften=0.0, sharpen=0.0)
RED = Kit((30, 30, 200), (40, 30, 30), (30, 30, 200), (240, 240, 240), (30, 30, 200), (30, 30, 40))
FOLDS = np.full((1024, 1024), 128, np.uint8)


@pytest.fixture(scope="module")
def view(look):
    return look.rig.look_at(8.0, -1.0)


@pytest.fixture(scope="module")
def renderer(arena, rink):
    return Renderer(arena, CLEAN, goal_lines(rink))


def test_paint_is_where_the_camera_says(renderer, view, rink):
    """The blue line's edges, found in the picture, lie on the projected edges of the ontology."""
    picture, _ = renderer.picture(view, [], None)
    gaps = []
    for y in np.linspace(-7, 10, 12):
        x = [rink.target(f"blue_line_right_{edge}").x1 for edge in ("inner", "outer")]
        here, further = (view.to_image(np.array([[x[0], at, 0.0], [x[1], at, 0.0]])) for at in (y, y + 0.1))
        v = round(here[0, 1])
        lean = (further - here)[:, 0] / (further - here)[:, 1]
        left, right = here[:, 0] + (v - here[:, 1]) * lean
        blueness = picture[v, :, 0].astype(float) - picture[v, :, 2]
        start, stop = int(left) - 14, int(right) + 16
        ice, paint = np.median(blueness[[start, stop]]), blueness[round((left + right) / 2)]
        above = np.flatnonzero(blueness[start:stop] > (ice + paint) / 2) + start
        gaps.append((above[0] - 0.5 - left, above[-1] + 0.5 - right))
    assert np.abs(gaps).max() < 1.2
    assert np.abs(np.mean(gaps, axis=0)).max() < 0.4


def test_a_figure_fills_its_box_and_stands_on_its_ground_point(renderer, view):
    figure = Figure("p", "official", (9.0, 0.0), Stance(0.3, lean=0.1, crouch=0.0, stride=0.0), OFFICIAL_KIT)
    empty, _ = renderer.picture(view, [], None)
    picture, shown = renderer.picture(view, [figure], None)
    changed = np.abs(picture.astype(int) - empty).max(axis=2) > 40
    rows, columns = np.nonzero(changed)
    x1, y1, x2, y2 = shown[0].box
    assert [columns.min(), rows.min(), columns.max()] == pytest.approx([x1, y1, x2], abs=3)
    assert rows.max() == pytest.approx(y2, abs=12)  # the mirror image on the ice
    ground = view.to_image(np.array([[9.0, 0.0, 0.0]]))[0]
    assert shown[0].ground == pytest.approx(tuple(ground))
    assert x1 < ground[0] < x2
    assert y2 - 0.12 * (y2 - y1) < ground[1] < y2 + 3
    assert shown[0].visible > 0.95


def test_the_nearer_figure_hides_the_farther_and_the_boards_hide_both(renderer, view):
    stance = Stance(0.0)
    far, near = Figure("far", "player", (9.0, 0.6), stance, RED), Figure("near", "player", (9.0, 0.0), stance, RED)
    low = Figure("low", "player", (9.0, -12.4), stance, RED)
    _, shown = renderer.picture(view, [near, far, low], None)
    share = {item.entity: item.visible for item in shown}
    assert share["near"] > 0.95
    assert share["far"] < 0.7
    assert share["low"] < 0.6
    assert [item.entity for item in shown] == ["far", "near", "low"]


def test_a_puck_on_the_ice_is_dark_and_a_body_hides_it(renderer, view):
    picture, shown = renderer.picture(view, [], (10.0, 2.0))
    u, v = (round(value) for value in shown[0].ground)
    assert picture[v - 1 : v + 2, u - 1 : u + 2].min() < 60
    assert picture[v - 12, u - 12].min() > 150
    assert shown[0].visible == pytest.approx(1.0)
    hiding = Figure("h", "player", (10.0, 0.7), Stance(np.pi / 2, crouch=0.0, lean=0.1, stride=0.0), RED)
    _, shown = renderer.picture(view, [hiding], (10.0, 2.0))
    assert {item.kind: item.visible for item in shown}["puck"] < 0.5


def test_a_fast_puck_is_longer_and_paler(view):
    still, fast = (paint_puck((10.0, 2.0), view, np.array([way, 0.0])) for way in (0.0, 0.4))
    assert fast.box[2] - fast.box[0] > 3 * (still.box[2] - still.box[0])
    assert fast.image[:, :, 3].max() < still.image[:, :, 3].max()
    assert paint_puck((300.0, 2.0), view, np.zeros(2)) is None


def test_what_is_outside_the_picture_is_not_shown(renderer, view):
    _, shown = renderer.picture(view, [Figure("gone", "player", (-25.0, 0.0), Stance(0.0), RED)], (-25.0, 0.0))
    assert shown == []


def test_motion_smears_a_figure_along_its_way(view):
    still = Figure("p", "player", (9.0, 0.0), Stance(0.0), RED)
    quick = replace(still, velocity=(10.0, 0.0))
    sharp, smeared = paint_people([still, quick], view, FOLDS, 0.02)
    assert smeared.box == sharp.box
    edge = [np.abs(np.diff(patch.image[:, :, 3].astype(int), axis=1)).max() for patch in (sharp, smeared)]
    assert edge[1] < 0.7 * edge[0]


def test_joints_are_of_human_size():
    upright = skater_joints(Stance(0.0, lean=0.0, crouch=0.0, stride=0.0))
    assert 1.65 < upright["head"][2] + 0.13 < 2.0
    bent = skater_joints(Stance(0.0, lean=0.8, crouch=0.3))
    assert bent["head"][2] < upright["head"][2] - 0.3
    for joints in (upright, bent):
        for side in ("left", "right"):
            thigh = np.linalg.norm(joints[f"hip_{side}"] - joints[f"knee_{side}"])
            assert 0.35 < thigh < 0.6
        assert joints["blade"][2] < 0.1


def test_frames_come_again_from_the_seed_and_the_clock_runs(play, rink, look):
    first, again = (next(film(play, rink, look, range(30, 31))) for _ in range(2))
    assert (first.image == again.image).all()
    assert first.shown == again.shown
    later = first.image.copy()
    draw_bug(later, look.bug, first.t + 5)
    x1, y1, x2, y2 = Bug().box
    assert (later[y1:y2, x1:x2] != first.image[y1:y2, x1:x2]).any()


def test_the_still_world_moves_against_the_pan(look):
    views = [look.rig.look_at(x, 0.0) for x in (0.0, 0.5, 1.0)]
    moved = camera_motion(views, 1, 1 / 30)
    assert moved[0] < -300
    assert abs(moved[1]) < 60


def test_painting_a_crowded_picture_is_quick(renderer, view):
    crowd = [Figure(f"p{i}", "player", (2.0 + i, -6.0 + i), Stance(0.4 * i), RED, number="8") for i in range(15)]
    renderer.picture(view, crowd, (5.0, 0.0))
    spent = []
    for _ in range(5):
        start = time.process_time()
        renderer.picture(view, crowd, (5.0, 0.0))
        spent.append(time.process_time() - start)
    assert min(spent) < 0.4
