"""Plays as footage: paint and people are where the camera says, and a seed decides everything else."""

from dataclasses import replace

import numpy as np
import pytest

from ontologies import football
from ontologies import registry as ontology
from records.errors import InputError
from simulation.arena import STRIP_PX_M, wall_strip
from simulation.athletes import Athlete, joints, paint_ball, standing
from simulation.figures import OFFICIAL_KIT, Kit
from simulation.footage import athletes_at, bench, boxes_of, film
from simulation.footage_looks import CAMERAS, UNLIKE, footage_look
from simulation.looks import kit_distance
from simulation.plays import registry
from simulation.render import Renderer, Sensor
from simulation.stadium import build_stadium

CLEAN = Sensor(exposure_s=0.0, noise=0.0, soften=0.0, sharpen=0.0)
RED = Kit((30, 30, 200), (200, 200, 200), (30, 30, 200), (240, 240, 240), (30, 30, 200), (30, 30, 40))
SCALE = 900.0


@pytest.fixture(scope="module")
def gridiron():
    return football.field("nfl")


@pytest.fixture(scope="module")
def view():
    look = footage_look(4)
    return replace(look.rig, fx=SCALE, k1=-0.03).look_at(12.0, -2.0)


@pytest.fixture(scope="module")
def renderer(gridiron, view):
    look = footage_look(4).stadium
    turf = replace(look.surface, ends=None, logo=None, wear=0.0, stripe_m=0.0)
    plain = replace(look, rows=4, texture_px_m=25, surface=turf)
    arena = build_stadium(gridiron, plain, view.centre, SCALE, (view.pan - 0.8, view.pan + 0.8), (0.05, 1.0))
    return Renderer(arena, CLEAN, (), 0, paint_ball, mirrors=False)


@pytest.fixture(scope="module")
def empty(renderer, view):
    return renderer.picture(view, [], None)[0]


def test_yard_lines_are_painted_where_the_camera_says(empty, view, gridiron):
    """The bright middle of every yard line in the picture lies on the projected line of the ontology."""
    gaps = []
    for name in ("yard_50", "yard_right_40", "yard_right_30"):
        x = gridiron.lines[name].shape.x1
        for y in np.linspace(-14, 14, 9):
            u, v = view.to_image(np.array([[x, y, 0.0]]))[0]
            row, column = round(v), round(u)
            strip = empty[row, column - 8 : column + 9].astype(float).sum(axis=1)
            lean = view.to_image(np.array([[x, y + 0.1, 0.0]]))[0] - (u, v)
            middle = np.average(np.arange(-8, 9), weights=np.maximum(strip - np.median(strip) - 40, 0) + 1e-9)
            gaps.append(column + middle - (u + (row - v) * lean[0] / lean[1]))
    assert abs(np.mean(gaps)) < 0.4
    assert np.abs(gaps).max() < 1.5


def test_a_player_fills_his_box_and_stands_on_his_ground_point(renderer, view, empty):
    xy = (9.0, -3.0)
    athlete = Athlete("p", "player", xy, -1.2, standing(xy, -1.2), RED, "football", number="54")
    picture, shown = renderer.picture(view, [athlete], None)
    strong = np.abs(picture.astype(int) - empty).max(axis=2) > 60
    rows, columns = np.nonzero(strong)
    x1, y1, x2, y2 = shown[0].box
    assert rows.min() == pytest.approx(y1, abs=3)
    assert [columns.min(), columns.max()] == pytest.approx([x1, x2], abs=5)
    ground = view.to_image(np.array([[*xy, 0.0]]))[0]
    assert shown[0].ground == pytest.approx(tuple(ground))
    assert x1 < ground[0] < x2
    assert y2 - 0.2 * (y2 - y1) < ground[1] < y2 + 2
    high = view.to_image(np.array([[*xy, 1.85]]))[0, 1]
    assert y1 == pytest.approx(high, abs=0.06 * (y2 - y1) + 2)


def test_a_hand_on_the_ground_is_drawn_there(renderer, view, empty):
    xy = (9.0, -3.0)
    low = standing(xy, 0.0)
    low |= {"head": np.array([9.45, -3.0, 0.9]), "torso": np.array([8.85, -3.0, 0.8])}
    down = low | {"right_hand": np.array([9.5, -3.15, 0.0])}
    pictures = [
        renderer.picture(view, [Athlete("p", "player", xy, 0.0, parts, RED, "football")], None)[0]
        for parts in (low, down)
    ]
    u, v = (round(float(value)) for value in view.to_image(np.array([[9.5, -3.15, 0.04]]))[0])
    changed = np.abs(pictures[1].astype(int) - pictures[0]).max(axis=2)[v - 2 : v + 1, u - 2 : u + 3]
    assert changed.max() > 50


def test_bones_keep_their_lengths_and_a_stride_lifts_one_foot():
    for speed, phase in ((0.0, 0.0), (3.0, 0.7), (8.0, 2.0)):
        parts = standing((1.0, 2.0), 0.4, speed, phase)
        found = joints(parts, 0.4, 0.2)
        for side in ("left", "right"):
            thigh = np.linalg.norm(found[f"knee_{side}"] - found[f"hip_{side}"])
            shin = np.linalg.norm(found[f"ankle_{side}"] - found[f"knee_{side}"])
            assert 0.4 < thigh < 0.56
            assert 0.38 < shin < 0.54
        assert min(parts["left_foot"][2], parts["right_foot"][2]) == 0.0


@pytest.mark.parametrize("camera", sorted(CAMERAS))
def test_a_clip_shows_the_play_and_its_seed_gives_the_same_bytes(camera, gridiron):
    play = registry.draw("football", "offside_lines_up_over_the_tip", "nfl-2025", 2)
    at = int(np.flatnonzero(np.linalg.norm(np.diff(play.ball, axis=0), axis=1) > 0.05)[0])
    look = footage_look(5, camera)
    look = replace(look, rig=replace(look.rig, fx=look.rig.fx / 2, width=640, height=360))
    look = replace(look, stadium=replace(look.stadium, rows=4, texture_px_m=8), bug=None)
    first, second = (next(film(play, gridiron, look, range(at, at + 1))) for _ in range(2))
    assert (first.image == second.image).all()
    names = [one.entity for one in first.shown]
    assert "ball" in names
    inside = [one for one in first.shown if 0 < one.ground[0] < 640 and 0 < one.ground[1] < 360]
    assert sum(one.kind == "player" for one in inside) >= (22 if camera == "high" else 14)
    assert first.image.std() > 20


@pytest.mark.parametrize(
    ("domain", "case", "ground"),
    [("soccer", "offside_level", "green"), ("basketball", "three_seconds_stays", "wood")],
)
def test_other_sports_have_their_ground_ball_and_people(domain, case, ground):
    play = registry.draw(domain, case, None, 1)
    look = footage_look(3, "sideline", domain)
    look = replace(look, rig=replace(look.rig, fx=look.rig.fx / 4, width=320, height=180), bug=None)
    look = replace(look, stadium=replace(look.stadium, rows=4, texture_px_m=8), sensor=CLEAN)
    shot = next(film(play, ontology.field(domain, None, play.edition), look, range(30, 31)))
    blue, green, red = shot.image[80:150].reshape(-1, 3).mean(axis=0)
    assert green > max(blue, red) if ground == "green" else red > green > blue
    assert sum(one.kind == "player" for one in shot.shown) >= {"soccer": 12, "basketball": 8}[domain]
    assert "ball" in [one.kind for one in shot.shown]


def test_looks_come_from_their_seed_and_teams_differ():
    assert footage_look(3, "high") == footage_look(3, "high")
    assert footage_look(3) != footage_look(4)
    for seed in range(12):
        kits = footage_look(seed).kits
        assert kit_distance(kits["home"], kits["away"]) >= UNLIKE
        assert kits["official"] == OFFICIAL_KIT
    with pytest.raises(InputError, match=r"unknown camera 'sidelines'.*did you mean 'sideline'"):
        footage_look(1, "sidelines")


def test_who_waits_beside_the_field_is_in_his_box(gridiron, view):
    look = replace(footage_look(4), benched=1.0)
    waiting = bench(gridiron, look, "football")[:40:8]
    plain = replace(look.stadium, rows=4, texture_px_m=8)
    spans = (view.pan - 0.8, view.pan + 0.8), (0.05, 1.0)
    pictures = []
    for people in ((), waiting):
        arena = build_stadium(gridiron, plain, view.centre, SCALE, *spans, people)
        pictures.append(Renderer(arena, CLEAN, (), 0, paint_ball, mirrors=False).picture(view, [], None)[0])
    painted = np.abs(pictures[1].astype(int) - pictures[0]).max(axis=2) > 20
    everywhere = painted.sum()
    boxes = boxes_of(waiting, view)
    assert len(boxes) >= 2
    for x1, y1, x2, y2 in boxes:
        inside = painted[max(round(y1), 0) : round(y2) + 1, max(round(x1), 0) : round(x2) + 1]
        assert inside.mean() > 0.2
        painted[max(round(y1) - 2, 0) : round(y2) + 3, max(round(x1) - 2, 0) : round(x2) + 3] = False
    assert painted.sum() < 0.02 * everywhere


def test_staff_are_not_players_on_the_field():
    play = registry.draw("football", "offside_lines_up_over_the_tip", "nfl-2025", 2)
    kinds = {person.entity: person.kind for person in play.cast}
    people = athletes_at(play, 0, footage_look(2))
    assert {one.entity: one.kind for one in people} == kinds
    assert "staff" in kinds.values()


@pytest.mark.parametrize("length", [3.641, 10.961, 300.0])
def test_boards_end_anywhere_between_two_joints(length):
    """At 3.641 and 10.961 m a joint lies in the last, broken pixel."""
    strip = wall_strip(footage_look(4).stadium.stands, np.random.default_rng(1), length, 1.0)
    assert strip.shape[1] == int(length * STRIP_PX_M)
