import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ontologies.geometry import Circle, HalfPlane, Line, Polygon, RoundedRectangle, Strip, across, along, box

SHAPES = {
    "line across": across(3.0, -5.0, 5.0),
    "line along": along(-2.0, -9.0, 9.0),
    "line slanting": Line(1.0, 2.0, 4.0, -3.0),
    "circle": Circle(1.0, -2.0, 4.5),
    "box": box(-3.0, 5.0, -1.0, 2.0),
    "polygon": Polygon(((0.0, 0.0), (4.0, 1.0), (3.0, 5.0), (1.5, 2.0), (-2.0, 4.0))),
    "polygon with the clock": Polygon(((0.0, 0.0), (0.0, 3.0), (2.0, 3.0), (2.0, 0.0))),
    "rink": RoundedRectangle(10.0, 5.0, 3.0),
    "half plane": HalfPlane(across(2.0, -5.0, 5.0), positive=False),
    "strip": Strip(across(-3.0, -5.0, 5.0), across(4.0, -5.0, 5.0)),
}
coordinate = st.floats(-15.0, 15.0, allow_nan=False)


@pytest.mark.parametrize("name", SHAPES)
@given(x=coordinate, y=coordinate)
@settings(max_examples=120, deadline=None)
def test_gradient_is_the_slope_of_the_distance(name, x, y):
    """Finite differences agree with the gradient wherever the distance is smooth."""
    shape, h = SHAPES[name], 1e-6
    nx, ny = (float(part) for part in shape.gradient(x, y))
    assert math.hypot(nx, ny) == pytest.approx(1.0, abs=1e-9)
    sides = [
        (float(shape.distance(x, y)) - float(shape.distance(x - dx, y - dy))) / h
        for dx, dy in ((h, 0.0), (-h, 0.0), (0.0, h), (0.0, -h))
    ]
    smooth = abs(sides[0] + sides[1]) < 1e-3 and abs(sides[2] + sides[3]) < 1e-3
    if smooth:
        assert sides[0] == pytest.approx(nx, abs=2e-3)
        assert sides[2] == pytest.approx(ny, abs=2e-3)


@pytest.mark.parametrize("name", SHAPES)
@given(x=coordinate, y=coordinate, dx=st.floats(-1.0, 1.0), dy=st.floats(-1.0, 1.0))
@settings(max_examples=60, deadline=None)
def test_distance_changes_no_faster_than_the_point_moves(name, x, y, dx, dy):
    shape = SHAPES[name]
    change = float(shape.distance(x + dx, y + dy)) - float(shape.distance(x, y))
    assert abs(change) <= math.hypot(dx, dy) + 1e-9


@pytest.mark.parametrize("name", SHAPES)
def test_outline_has_distance_zero(name):
    points = SHAPES[name].polyline(0.3)
    distance = SHAPES[name].distance(points[:, 0], points[:, 1])
    assert np.abs(distance).max() < 1e-9 or name == "strip"
    assert np.hypot(*np.diff(points, axis=0).T).max() <= 0.3 + 1e-9 or name == "strip"


@pytest.mark.parametrize(
    ("name", "inside", "outside"),
    [
        ("circle", (1.0, -2.0), (6.0, -2.0)),
        ("box", (0.0, 0.0), (0.0, 3.0)),
        ("polygon", (2.0, 1.5), (1.5, 3.0)),
        ("polygon with the clock", (1.0, 1.0), (-1.0, 1.0)),
        ("rink", (9.0, 3.5), (9.7, 4.7)),
        ("half plane", (1.0, 0.0), (3.0, 0.0)),
        ("strip", (0.0, 99.0), (5.0, 0.0)),
    ],
)
def test_areas_are_positive_inside(name, inside, outside):
    assert SHAPES[name].distance(*inside) > 0 > SHAPES[name].distance(*outside)


def test_lines_are_positive_on_their_right_or_far_side_however_they_are_drawn():
    for line in (across(1.0, -3.0, 3.0), across(1.0, 3.0, -3.0)):
        assert line.distance(2.0, 0.0) == pytest.approx(1.0)
        assert line.gradient(0.0, 0.0) == (1.0, 0.0)
    for line in (along(1.0, -3.0, 3.0), along(1.0, 3.0, -3.0)):
        assert line.distance(0.0, 3.0) == pytest.approx(2.0)
        assert line.gradient(0.0, 0.0) == (0.0, 1.0)


def test_rink_distance_is_exact_in_a_corner():
    rink = RoundedRectangle(10.0, 5.0, 3.0)
    on_arc = (7.0 + 3.0 * math.cos(0.7), 2.0 + 3.0 * math.sin(0.7))
    assert rink.distance(*on_arc) == pytest.approx(0.0, abs=1e-12)
    assert rink.half_width_at(on_arc[0]) == pytest.approx(on_arc[1])
    assert rink.half_width_at(10.5) == 0.0
    assert rink.distance(10.0, 5.0) == pytest.approx(3.0 - math.hypot(3.0, 3.0))


def test_gradient_on_a_polygon_edge_points_inwards():
    for corners in (((0, 0), (2, 0), (2, 2), (0, 2)), ((0, 0), (0, 2), (2, 2), (2, 0))):
        nx, ny = Polygon(corners).gradient([1.0, 0.0, 1.0, 2.0], [0.0, 1.0, 2.0, 1.0])
        assert nx.tolist() == [0.0, 1.0, 0.0, -1.0]
        assert ny.tolist() == [1.0, 0.0, -1.0, 0.0]


def test_distances_broadcast():
    x, y = np.zeros((4, 1)), np.zeros(3)
    for shape in SHAPES.values():
        assert shape.distance(x, y).shape == (4, 3)
        assert [part.shape for part in shape.gradient(x, y)] == [(4, 3), (4, 3)]
