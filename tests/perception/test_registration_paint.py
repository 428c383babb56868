from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from registration_scenes import CENTRE, HEIGHT, WIDTH, football_shot, hockey_shot

from perception.registration import refine
from perception.registration.bundle import OnCurves, Points, Problem
from perception.registration.camera import PAN, SIZE, TILT
from perception.registration.initial import no_links
from perception.registration.project import by_frame
from perception.registration.solve import RegistrationConfig, solve

NONE = np.zeros(0, int)


@cache
def rendered(domain, frame):
    return (hockey_shot if domain == "hockey" else football_shot)().render(frame)


def problem(shot):
    """Nothing but the shape of the ground and the principal point."""
    points = Points(NONE, np.zeros((0, 3)), np.zeros((0, 2)), np.zeros((0, 2)), NONE)
    on = OnCurves(NONE, NONE, np.zeros((0, 2)), np.zeros(0), NONE, np.zeros(0, bool))
    return Problem("ptz", 1, CENTRE, points, on, no_links(), rise=shot.rise)


def spread(sigma):
    """A camera vector's covariance: pan and tilt uncertain by `sigma` radians."""
    covariance = np.zeros((SIZE, SIZE))
    covariance[PAN, PAN] = covariance[TILT, TILT] = sigma**2
    return covariance


def found_in(shot, frame, off=0.0, sigma=0.001, image=None, boxes=()):
    camera = shot.cameras[frame].copy()
    camera[PAN] += off
    look = refine.Look(rendered(shot.field.domain, frame) if image is None else image, camera, spread(sigma), boxes)
    sought = refine.Sought.of(shot.field)
    return refine.find_paint(problem(shot), look, sought, refine.RefineConfig()), sought


def off_the_line(shot, frame, found, sought):
    """Distances (N,) in metres of found pixels from the middles of their stripes."""
    ground = shot.ground(frame, found.uv)
    return np.array([
        float(sought.stripes[stripe].shape.distance(*at)) for stripe, at in zip(found.stripe, ground, strict=True)
    ])  # fmt: skip


@pytest.mark.parametrize(("make", "frame"), [(hockey_shot, 12), (hockey_shot, 50), (football_shot, 10)])
def test_paint_is_found_to_a_fraction_of_a_pixel_although_the_camera_is_off(make, frame):
    shot = make()
    found, sought = found_in(shot, frame, off=0.002)
    assert len(found.uv) > 60
    assert len({sought.stripes[one].name for one in found.stripe}) >= 3
    assert np.median(np.abs(off_the_line(shot, frame, found, sought))) < 0.03
    assert np.mean(np.abs(off_the_line(shot, frame, found, sought)) < 0.12) > 0.97


def test_what_is_too_uncertain_is_not_searched_and_said_to_be_unsure():
    found, _ = found_in(hockey_shot(), 12, sigma=0.02)
    assert len(found.uv) == 0
    assert found.unsure


def test_a_camera_that_is_off_by_more_than_it_says_finds_little_and_no_other_line():
    shot = hockey_shot()
    found, sought = found_in(shot, 50, off=0.06)
    assert len(found.uv) == 0 or np.median(np.abs(off_the_line(shot, 50, found, sought))) < 0.12


def test_a_blank_picture_holds_no_paint():
    image = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    found, _ = found_in(hockey_shot(), 12, image=image)
    assert len(found.uv) == 0


def test_behind_a_graphic_nothing_is_searched():
    box = (300.0, 200.0, 900.0, 600.0)
    found, _ = found_in(hockey_shot(), 12, boxes=[box])
    inside = (found.uv > box[:2]).all(axis=1) & (found.uv < box[2:]).all(axis=1)
    assert len(found.uv) > 20
    assert not inside.any()


def test_players_before_a_line_do_not_pull_it():
    shot = hockey_shot()
    image = rendered("hockey", 12)
    plain, sought = found_in(shot, 12, image=image)
    busy = image.copy()
    for u, v in plain.uv[::5].astype(int):
        busy[max(0, v - 25) : v + 5, max(0, u - 8) : u + 8] = (160, 60, 30)
    found, _ = found_in(shot, 12, image=busy)
    assert len(found.uv) > 0.3 * len(plain.uv)
    assert np.median(np.abs(off_the_line(shot, 12, found, sought))) < 0.04


def test_paint_corrects_what_drifts_away_from_a_single_keyframe():
    shot = hockey_shot(40)
    motion = shot.motion(noise_px=0.8, seed=5)
    calibration = shot.calibration([4], noise_px=0.5)
    images = {}

    def read(wanted):
        for frame in wanted:
            images.setdefault(frame, shot.render(frame))
            yield frame, images[frame]

    error, sure = {}, {}
    config = RegistrationConfig(refine=refine.RefineConfig(every_s=0.4))
    for name, reader in (("marks", None), ("paint", read)):
        found = by_frame(solve(motion, calibration, shot.field, config, reader).registrations, shot.rise)
        at = np.array([[400.0, 400.0], [900.0, 400.0], [640.0, 600.0]])
        error[name] = np.linalg.norm(found[36].to_field(at) - shot.ground(36, at), axis=1).max()
        sure[name] = float(np.trace(found[36].covariance_at(at)[0]))
    assert error["paint"] < 0.1
    assert error["paint"] < error["marks"]
    assert sure["paint"] < sure["marks"]


def test_paint_beside_its_place_does_not_move_the_camera_by_as_much():
    """One line painted 8 cm off: the others say so, and it is taken for what it is."""
    shot = football_shot(20)
    line = shot.field.lines["yard_left_40"]
    edges = {name: edge.shifted(0.08) for name, edge in line.edges.items()}
    moved = replace(line, shape=line.shape.shifted(0.08), edges=edges)
    painted = replace(shot, field=replace(shot.field, lines={**shot.field.lines, "yard_left_40": moved}))

    def read(wanted):
        for frame in wanted:
            yield frame, painted.render(frame)

    config = RegistrationConfig(refine=refine.RefineConfig(every_s=0.4))
    tables = solve(shot.motion(), shot.calibration([0, 19]), shot.field, config, read)
    found = by_frame(tables.registrations, shot.rise)
    at = np.array([[400.0, 400.0], [900.0, 400.0], [640.0, 600.0]])
    assert np.linalg.norm(found[10].to_field(at) - shot.ground(10, at), axis=1).max() < 0.06
