"""Soccer: the pitch, who and what is on it, what can happen, and the Laws of the Game.

Names end in left or right for -x or +x, and near or far for -y or +y. Lines belong to the areas that they
bound, so the touch lines, the goal lines and the lines of both areas are named by their outer edges: the
pitch is as long and as wide as its outer edges are apart. The halfway line, which bounds two halves, is named
by its middle and has a left and a right edge.
"""

import math
from collections.abc import Mapping

from ontologies.base import (
    BACKGROUND,
    COMMON_EVENTS,
    COMMON_PARTS,
    PERSON_SIGMA,
    SMALL_SIGMA,
    Constant,
    Edition,
    EventKind,
    Kind,
    Ontology,
    by_name,
    choice,
    guess,
)
from ontologies.field import Field, Mark, PaintedCircle, PaintedLine
from ontologies.geometry import Circle, HalfPlane, Line, Polygon, across, along, box
from ontologies.markings import ENDS, SIDES, Markings, sizes_of
from records.errors import InputError

WHITE = "#ffffff"

# Between which lengths and widths pitches of international matches are: IFAB Law 1 (background knowledge).
INTERNATIONAL_M = {"length_m": (100.0, 110.0), "width_m": (64.0, 75.0)}

_LAW_1 = "IFAB Law 1, as quoted by conceptdraw.com and docplayer.net"
_LAW_11 = "IFAB Law 11"


PRESETS: dict[str, dict[str, Constant]] = {
    "ifab": by_name(
        guess("length", 105.0, "m", BACKGROUND + ": the usual size"),
        guess("width", 68.0, "m", BACKGROUND + ": the usual size"),
        Constant("length_min", 90.0, "m", _LAW_1),
        Constant("length_max", 120.0, "m", _LAW_1),
        Constant("width_min", 45.0, "m", _LAW_1),
        Constant("width_max", 90.0, "m", _LAW_1),
        Constant("line_width", 12.0, "cm", _LAW_1 + ": at most"),
        Constant("penalty_area", 16.5, "m", _LAW_1),
        Constant("goal_area", 5.5, "m", _LAW_1),
        Constant("penalty_mark", 11.0, "m", _LAW_1),
        Constant("circle_radius", 9.15, "m", _LAW_1),
        Constant("goal_width", 7.32, "m", _LAW_1),
        Constant("goal_height", 2.44, "m", _LAW_1),
        guess("goal_depth", 2.0, "m"),
        guess("corner_radius", 1.0, "m"),
        guess("corner_distance_mark", 9.15, "m"),
        guess("mark_radius", 11.0, "cm"),
    ),
}

EDITIONS: dict[str, Edition] = {
    "ifab-2025": Edition(
        "ifab-2025",
        "IFAB Laws of the Game 2025/26",
        "soccer",
        "ifab",
        by_name(
            Constant("opponents_goalwards", 2.0, "count", _LAW_11 + ": the second-last opponent"),
            choice(
                "halfway_line",
                "own half",
                ("own half", "opponents' half"),
                _LAW_11 + ": the opponents' half excludes the halfway line",
            ),
            choice("level", "onside", ("onside", "offside"), _LAW_11),
            choice(
                "arms",
                "excluded",
                ("excluded", "included"),
                _LAW_11 + ": to the bottom of the armpit, goalkeepers included",
            ),
            guess("ball_radius", 11.0, "cm", BACKGROUND + ": 68 to 70 cm around; its foremost point counts"),
            choice("contact", "first", ("first", "last"), _LAW_11 + ": the first point of contact"),
            choice(
                "contact_goalkeeper_throw",
                "last",
                ("first", "last"),
                BACKGROUND + ": 2025/26, when thrown by a goalkeeper",
                confirmed=False,
            ),
            choice("goal_kick", "no offence", ("no offence", "offence"), _LAW_11 + ".3"),
            choice("throw_in", "no offence", ("no offence", "offence"), _LAW_11 + ".3"),
            choice("corner", "no offence", ("no offence", "offence"), _LAW_11 + ".3"),
            choice(
                "deliberate_play", "resets", ("resets", "does not reset"), _LAW_11 + ".2: an opponent's deliberate play"
            ),
            choice("deliberate_save", "does not reset", ("resets", "does not reset"), _LAW_11 + ".2"),
            choice("off_the_field", "counted on the line", ("counted on the line", "not counted"), _LAW_11 + ".4"),
        ),
    ),
}

RESTARTS = ("goal_kick", "throw_in", "corner", "free_kick", "kick_off", "penalty", "dropped_ball")

_EVENTS = (
    *COMMON_EVENTS,
    EventKind("pass", "entity kicks, heads or throws the ball to a team-mate; thrown by hand until it is let go"),
    EventKind("save", "entity stops, or tries to stop, a ball that goes into or very close to the goal"),
    EventKind("restart", "entity or team puts the ball into play again", RESTARTS),
    EventKind("leave_permitted", "entity is off the field with the referee's permission", lasting=True, judgement=True),
)

ONTOLOGY = Ontology(
    domain="soccer",
    kinds={
        kind.name: kind
        for kind in (
            Kind("player", "a player, goalkeepers included", 0.6, PERSON_SIGMA, 12.0),
            Kind("official", "a referee or an assistant", 0.6, PERSON_SIGMA, 10.0),
            Kind("ball", "the ball", 0.11, SMALL_SIGMA, 45.0, person=False),
            Kind("staff", "anyone else who belongs to a team or the match", 0.6, PERSON_SIGMA, 9.0),
            Kind("unknown", "not known", 0.6, PERSON_SIGMA, 12.0),
        )
    },
    roles=(
        "goalkeeper",
        "defender",
        "midfielder",
        "forward",
        "substitute",
        "referee",
        "assistant_referee",
    ),
    states=("live", "stopped", "restart"),
    event_kinds={kind.name: kind for kind in _EVENTS},
    parts=COMMON_PARTS,
    editions=EDITIONS,
    presets=tuple(PRESETS),
    team_size=11,
)


def field(preset: str = "ifab", length_m: float | None = None, width_m: float | None = None) -> Field:
    """Build a pitch.

    Args:
        preset: ``ifab``.
        length_m: goal line to goal line, outer edges; None: the preset's; the Laws allow 90 to 120 m.
        width_m: touch line to touch line, outer edges; None: the preset's; the Laws allow 45 to 90 m.

    Raises:
        InputError: on an unknown preset, or a size outside what the Laws allow.

    >>> field("ifab", 104.9, 67.8).target("goal_line_right").x1
    52.45
    """
    sizes = sizes_of("soccer", PRESETS, preset, length=length_m, width=width_m)
    if sizes["width"] >= sizes["length"]:
        raise InputError(
            f"a pitch is longer than it is wide, not {sizes['length']:g} x {sizes['width']:g} m", where="field"
        )
    build = _Pitch(sizes)
    build.border()
    build.halfway()
    for end, sx in ENDS:
        build.areas(end, sx)
        build.penalty_mark_and_arc(end, sx)
        build.goal(end, sx)
        for side, sy in SIDES:
            build.corner(end, sx, side, sy)
    return build.field(preset, "soccer", build.boundary, ground="#4f8a3c")


class _Pitch(Markings):
    """Collects the parts of one pitch; sizes in metres."""

    def __init__(self, sizes: Mapping[str, float]) -> None:
        super().__init__(sizes)
        s = self.sizes
        self.end_x, self.side_y, self.paint = s["length"] / 2, s["width"] / 2, s["line_width"]
        self.boundary = box(-self.end_x, self.end_x, -self.side_y, self.side_y)

    def bounding(self, name: str, outer: Line, inward: float) -> None:
        """Add a line that belongs to the area it bounds; ``inward`` is the way into it along the normal, +1 or -1."""
        edges = {f"{name}_outer": outer, f"{name}_inner": outer.shifted(inward * self.paint)}
        self.lines[name] = PaintedLine(name, outer, self.paint, WHITE, edges, name)

    def ring(self, name: str, x: float, y: float, radius: float, arc: tuple[float, float] = (0.0, 2 * math.pi)) -> None:
        """Add a circle or an arc, named by the outer edge of its paint."""
        self.circles[name] = PaintedCircle(name, Circle(x, y, radius, *arc), self.paint, WHITE)

    def spot(self, name: str, x: float, y: float) -> None:
        radius = self.sizes["mark_radius"]
        self.circles[name] = PaintedCircle(name, Circle(x, y, radius), radius, WHITE, filled=True)
        self.point(name, x, y)

    def border(self) -> None:
        """Add touch lines and goal lines, the corners, and the zones of the whole pitch."""
        ex, sy = self.end_x, self.side_y
        for side, sign in SIDES:
            self.bounding(f"touch_line_{side}", along(sign * sy, -ex, ex), -sign)
        for end, sign in ENDS:
            self.bounding(f"goal_line_{end}", across(sign * ex, -sy, sy), -sign)
            for side, other in SIDES:
                self.point(f"corner_{end}_{side}", sign * ex, other * sy)
        self.zone("pitch", self.boundary, "within touch lines and goal lines, which are in it")

    def halfway(self) -> None:
        """Add the halfway line, the center circle, and the halves.

        A half is the opponents' half without the halfway line, or a team's own half with it.
        """
        sy, half, radius = self.side_y, self.paint / 2, self.sizes["circle_radius"]
        edges = {f"halfway_line_{end}": across(sx * half, -sy, sy) for end, sx in ENDS}
        self.lines["halfway_line"] = PaintedLine(
            "halfway_line", across(0.0, -sy, sy), self.paint, WHITE, edges, "halfway_line"
        )
        self.ring("center_circle", 0.0, 0.0, radius)
        self.spot("center_mark", 0.0, 0.0)
        for side, sign in SIDES:
            self.point(f"halfway_line_{side}", 0.0, sign * sy)
            self.point(f"center_circle_{side}", 0.0, sign * radius)
        for end, sx in ENDS:
            self.point(f"center_circle_{end}", sx * radius, 0.0)
            self.zone(
                f"half_{end}", HalfPlane(edges[f"halfway_line_{end}"], sx > 0), "that half without the halfway line"
            )
            other = edges[f"halfway_line_{'left' if sx > 0 else 'right'}"]
            self.zone(f"half_{end}_with_line", HalfPlane(other, sx > 0), "that half with the halfway line")

    def areas(self, end: str, sx: float) -> None:
        """Add the penalty area and the goal area of one end, by the outer edges of their lines."""
        s = self.sizes
        for name in ("penalty_area", "goal_area"):
            deep, half = s[name], s["goal_width"] / 2 + s[name]
            front = sx * (self.end_x - deep)
            self.bounding(f"{name}_front_{end}", across(front, -half, half), sx)
            low, high = sorted((front, sx * self.end_x))
            for side, sy in SIDES:
                self.bounding(f"{name}_side_{end}_{side}", along(sy * half, low, high), -sy)
                self.point(f"{name}_corner_{end}_{side}", front, sy * half)
                self.point(f"{name}_goal_line_{end}_{side}", sx * self.end_x, sy * half)
            self.zone(f"{name}_{end}", box(low, high, -half, half), f"the {name.replace('_', ' ')}, its lines included")

    def penalty_mark_and_arc(self, end: str, sx: float) -> None:
        """Add the penalty mark, and of the circle around it the arc outside the penalty area."""
        s = self.sizes
        x, radius = sx * (self.end_x - s["penalty_mark"]), s["circle_radius"]
        reach = s["penalty_area"] - s["penalty_mark"]
        turn = math.acos(reach / radius)
        middle = math.pi if sx > 0 else 0.0
        self.spot(f"penalty_mark_{end}", x, 0.0)
        self.ring(f"penalty_arc_{end}", x, 0.0, radius, (middle - turn, middle + turn))
        self.point(f"penalty_arc_top_{end}", x - sx * radius, 0.0)
        for side, sy in SIDES:
            self.point(f"penalty_arc_{end}_{side}", x - sx * reach, sy * math.sqrt(radius**2 - reach**2))

    def goal(self, end: str, sx: float) -> None:
        """Add the goal posts, the crossbar and the net of one end."""
        s = self.sizes
        front, back, half = sx * self.end_x, sx * (self.end_x + s["goal_depth"]), s["goal_width"] / 2
        for side, sy in SIDES:
            self.point(f"goal_post_{end}_{side}", front, sy * half)
            self.point(f"goal_top_{end}_{side}", front, sy * half, s["goal_height"])
        frame = ((front, half), (back, half), (back, -half), (front, -half))
        self.marks.append(Mark(f"goal_{end}", frame, self.paint, WHITE))
        self.zone(f"goal_{end}", Polygon(frame), "inside the net")

    def corner(self, end: str, sx: float, side: str, sy: float) -> None:
        """Add one corner arc, its landmarks, and the marks that show the distance from it, outside the pitch."""
        s = self.sizes
        x, y, radius = sx * self.end_x, sy * self.side_y, s["corner_radius"]
        start = {(-1.0, -1.0): 0.0, (1.0, -1.0): 0.5, (1.0, 1.0): 1.0, (-1.0, 1.0): 1.5}[sx, sy] * math.pi
        self.ring(f"corner_arc_{end}_{side}", x, y, radius, (start, start + math.pi / 2))
        self.point(f"corner_arc_touch_line_{end}_{side}", x - sx * radius, y)
        self.point(f"corner_arc_goal_line_{end}_{side}", x, y - sy * radius)
        away = radius + s["corner_distance_mark"]
        stroke = ((x + sx * 0.05, y - sy * away), (x + sx * 0.55, y - sy * away))
        self.marks.append(Mark(f"corner_mark_goal_line_{end}_{side}", stroke, self.paint, WHITE))
        stroke = ((x - sx * away, y + sy * 0.05), (x - sx * away, y + sy * 0.55))
        self.marks.append(Mark(f"corner_mark_touch_line_{end}_{side}", stroke, self.paint, WHITE))
