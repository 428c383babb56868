"""Shapes on the field plane with signed distance and its gradient, all vectorised.

Metres, field frame: origin at the centre of the field, +x to the right, +y away from the main camera.
A distance is positive inside an area. A line's distance is that to the whole straight line, positive on
its +x side, or on its +y side where the line runs along x. A gradient is the direction of steepest
rise of the distance and has length one; where that direction is not unique, one of them is returned.
Formulas: https://iquilezles.org/articles/distfunctions2d/ with the sign turned.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
SLACK = 1e-12
ON_EDGE = 1e-9


class Shape(Protocol):
    """Anything with a signed distance."""

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the signed distance of points, metres, of the broadcast shape of x and y."""
        ...

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector (nx, ny) along which the distance rises, of that same shape."""
        ...

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points along the outline, N x 2, at most ``step_m`` apart; closed where the shape is."""
        ...


@dataclass(frozen=True)
class Line:
    """A straight line, painted from (x1, y1) to (x2, y2)."""

    x1: float
    y1: float
    x2: float
    y2: float

    @property
    def normal(self) -> tuple[float, float]:
        """The unit normal towards +x, or towards +y for a line along x."""
        length = math.hypot(self.x2 - self.x1, self.y2 - self.y1)
        nx, ny = (self.y2 - self.y1) / length, -(self.x2 - self.x1) / length
        if nx < -SLACK or (abs(nx) <= SLACK and ny < 0):
            nx, ny = -nx, -ny
        return nx + 0.0, ny + 0.0

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the signed distance to the whole straight line."""
        px, py = _points(x, y)
        nx, ny = self.normal
        return np.asarray((px - self.x1) * nx + (py - self.y1) * ny)

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit normal at each point."""
        px, _ = _points(x, y)
        nx, ny = self.normal
        return np.broadcast_to(np.float64(nx), px.shape), np.broadcast_to(np.float64(ny), px.shape)

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points from end to end."""
        return _walk([(self.x1, self.y1), (self.x2, self.y2)], step_m)

    def shifted(self, metres: float) -> "Line":
        """Return the parallel line that lies ``metres`` along the normal."""
        nx, ny = self.normal
        dx, dy = metres * nx, metres * ny
        return Line(self.x1 + dx, self.y1 + dy, self.x2 + dx, self.y2 + dy)


@dataclass(frozen=True)
class Circle:
    """A disc; painted as its outline, all of it or an arc.

    Args:
        x: of the centre.
        y: of the centre.
        radius: metres.
        start: angle where the painted arc starts, radians from +x towards +y.
        stop: angle where it stops.
    """

    x: float
    y: float
    radius: float
    start: float = 0.0
    stop: float = 2 * math.pi

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance to the whole circle, positive inside."""
        px, py = _points(x, y)
        return np.asarray(self.radius - np.hypot(px - self.x, py - self.y))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector towards the centre; +x at the centre itself."""
        px, py = _points(x, y)
        return _unit(self.x - px, self.y - py)

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points along the painted arc."""
        count = max(2, math.ceil(abs(self.stop - self.start) * self.radius / step_m) + 1)
        angles = np.linspace(self.start, self.stop, count)
        return np.column_stack([self.x + self.radius * np.cos(angles), self.y + self.radius * np.sin(angles)])


@dataclass(frozen=True)
class Polygon:
    """An area within straight edges, corner after corner; the last joins the first."""

    corners: tuple[tuple[float, float], ...]

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance to the nearest edge, positive inside."""
        px, py = _points(x, y)
        nearest, _, _, inside = self._nearest(px, py)
        return np.asarray(np.where(inside, nearest, -nearest))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector away from the nearest edge inside, towards it outside, inwards on it."""
        px, py = _points(x, y)
        _, gx, gy, _ = self._nearest(px, py)
        return gx, gy

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points along all edges, back to the first corner."""
        return _walk([*self.corners, self.corners[0]], step_m)

    def _nearest(self, px: Floats, py: Floats) -> tuple[Floats, Floats, Floats, NDArray[np.bool_]]:
        """Return distance to the outline, the gradient, and who is inside (even-odd rule)."""
        best = np.full(px.shape, np.inf)
        bx, by = np.zeros(px.shape), np.zeros(px.shape)
        edge_x, edge_y = np.zeros(px.shape), np.zeros(px.shape)
        turn = self._turn()
        inside = np.zeros(px.shape, dtype=bool)
        for (ax, ay), (cx, cy) in zip(self.corners, self.corners[1:] + self.corners[:1], strict=True):
            ex, ey = cx - ax, cy - ay
            along = np.clip(((px - ax) * ex + (py - ay) * ey) / (ex * ex + ey * ey), 0.0, 1.0)
            dx, dy = px - (ax + along * ex), py - (ay + along * ey)
            length = np.hypot(dx, dy)
            closer = length < best
            best, bx, by = np.where(closer, length, best), np.where(closer, dx, bx), np.where(closer, dy, by)
            edge = turn * math.hypot(ex, ey)
            edge_x, edge_y = np.where(closer, -ey / edge, edge_x), np.where(closer, ex / edge, edge_y)
            if ay != cy:
                inside ^= ((py < ay) != (py < cy)) & (px < ax + (py - ay) * ex / ey)
        sign = np.where(inside, 1.0, -1.0)
        gx, gy = _unit(sign * bx, sign * by)
        on_edge = best <= ON_EDGE
        return best, np.where(on_edge, edge_x, gx), np.where(on_edge, edge_y, gy), inside

    def _turn(self) -> float:
        """Return +1 where the corners run against the clock, else -1."""
        pairs = zip(self.corners, self.corners[1:] + self.corners[:1], strict=True)
        return math.copysign(1.0, sum(ax * by - bx * ay for (ax, ay), (bx, by) in pairs))


@dataclass(frozen=True)
class RoundedRectangle:
    """A rectangle around the origin with rounded corners: half its length, half its width, corner radius."""

    half_x: float
    half_y: float
    radius: float = 0.0

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance to the outline, positive inside."""
        px, py = _points(x, y)
        qx, qy = self._corner(px, py)
        outside = np.hypot(np.maximum(qx, 0.0), np.maximum(qy, 0.0))
        return np.asarray(self.radius - outside - np.minimum(np.maximum(qx, qy), 0.0))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector away from the outline inside, towards it outside."""
        px, py = _points(x, y)
        qx, qy = self._corner(px, py)
        corner = (qx > 0) & (qy > 0)
        gx = np.where(corner, qx, np.where(qx >= qy, 1.0, 0.0))
        gy = np.where(corner, qy, np.where(qx >= qy, 0.0, 1.0))
        return _unit(-np.where(px < 0, -1.0, 1.0) * gx, -np.where(py < 0, -1.0, 1.0) * gy)

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points around, against the clock, back to the first."""
        ax, ay, r = self.half_x - self.radius, self.half_y - self.radius, self.radius
        count = max(2, math.ceil(r * math.pi / 2 / step_m) + 1)
        quarter = np.linspace(0.0, math.pi / 2, count)
        points: list[tuple[float, float]] = []
        for turn, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
            angles = quarter + turn * math.pi / 2
            points += [(sx * ax + r * math.cos(a), sy * ay + r * math.sin(a)) for a in angles]
        return _walk([*points, points[0]], step_m)

    def half_width_at(self, x: float) -> float:
        """Return the y > 0 of the outline at x, metres; 0 where there is none.

        >>> round(RoundedRectangle(10.0, 5.0, 2.0).half_width_at(0.0), 3)
        5.0
        """
        into = abs(x) - (self.half_x - self.radius)
        if into <= 0:
            return self.half_y
        if into > self.radius:
            return 0.0
        return self.half_y - self.radius + math.sqrt(self.radius**2 - into**2)

    def _corner(self, px: Floats, py: Floats) -> tuple[Floats, Floats]:
        return np.abs(px) - (self.half_x - self.radius), np.abs(py) - (self.half_y - self.radius)


@dataclass(frozen=True)
class HalfPlane:
    """One side of a line: the side where the line's distance is positive, or the other.

    Args:
        line: the border.
        positive: which side is inside.
    """

    line: Line
    positive: bool = True

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance to the border, positive inside."""
        value = self.line.distance(x, y)
        return value if self.positive else -value

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector away from the border into the area."""
        nx, ny = self.line.gradient(x, y)
        return (nx, ny) if self.positive else (-nx, -ny)

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points along the border."""
        return self.line.polyline(step_m)


@dataclass(frozen=True)
class Strip:
    """What lies between two parallel lines; ``low`` has the smaller coordinate."""

    low: Line
    high: Line

    def distance(self, x: ArrayLike, y: ArrayLike) -> Floats:
        """Return the distance to the nearer border, positive between them."""
        return np.minimum(self.low.distance(x, y), -self.high.distance(x, y))

    def gradient(self, x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
        """Return the unit vector away from the nearer border, into the strip."""
        nx, ny = self.low.gradient(x, y)
        sign = np.where(self.low.distance(x, y) <= -self.high.distance(x, y), 1.0, -1.0)
        return sign * nx, sign * ny

    def polyline(self, step_m: float = 0.25) -> Floats:
        """Return points around the painted extent of both borders."""
        corners = [
            (self.low.x1, self.low.y1),
            (self.low.x2, self.low.y2),
            (self.high.x2, self.high.y2),
            (self.high.x1, self.high.y1),
        ]
        return _walk([*corners, corners[0]], step_m)


def box(x1: float, x2: float, y1: float, y2: float) -> Polygon:
    """Return the rectangle between two x and two y."""
    return Polygon(((x1, y1), (x2, y1), (x2, y2), (x1, y2)))


def across(x: float, y1: float, y2: float) -> Line:
    """Return a line across the field at one x."""
    return Line(x, y1, x, y2)


def along(y: float, x1: float, x2: float) -> Line:
    """Return a line along the field at one y."""
    return Line(x1, y, x2, y)


def _points(x: ArrayLike, y: ArrayLike) -> tuple[Floats, Floats]:
    px, py = np.broadcast_arrays(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    return px, py


def _unit(dx: Floats, dy: Floats) -> tuple[Floats, Floats]:
    length = np.hypot(dx, dy)
    safe = np.where(length > SLACK, length, 1.0)
    return np.where(length > SLACK, dx / safe, 1.0), np.where(length > SLACK, dy / safe, 0.0)


def _walk(corners: list[tuple[float, float]], step_m: float) -> Floats:
    pieces = []
    for (ax, ay), (bx, by) in pairwise(corners):
        count = max(1, math.ceil(math.hypot(bx - ax, by - ay) / step_m))
        share = np.arange(count) / count
        pieces.append(np.column_stack([ax + share * (bx - ax), ay + share * (by - ay)]))
    return np.vstack([*pieces, np.array([corners[-1]], dtype=np.float64)])
