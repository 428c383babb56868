"""Basketball: the court, who and what is on it, what can happen, and the rulebooks of NBA and FIBA.

Names end in left or right for -x or +x, and near or far for -y or +y. The `_inner` edge of a line is the one nearer
the centre of the court, the `_outer` edge the one farther from it. Sidelines and end lines are out of bounds, so their
inner edge counts; the lines around the lane belong to the lane; the midcourt line belongs to the backcourt of either
team.
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
from ontologies.geometry import Circle, HalfPlane, Line, RoundedRectangle, across, along, box
from ontologies.markings import ENDS, SIDES, Markings, sizes_of

WHITE = "#ffffff"
OUTSIDE_HASH_M = 0.5  # FIBA's throw-in marks are short and lie outside the court, the hash marks of the NBA inside

NBA_1 = "NBA rule 1"
NBA_10 = "NBA rule 10"
FIBA_2 = "FIBA 2024 article 2, as quoted by opensourcesports.io"
FIBA_26 = "FIBA 2024 article 26"
FIBA_28 = "FIBA 2024 article 28"


PRESETS: dict[str, dict[str, Constant]] = {
    "nba": by_name(
        Constant("length", 94.0, "ft", NBA_1),
        Constant("width", 50.0, "ft", NBA_1),
        Constant("line_width", 2.0, "in", NBA_1),
        Constant("lane_width", 16.0, "ft", "NBA rule 1, with the lines"),
        guess("lane_length", 19.0, "ft"),
        Constant("lane_extension", 4.0, "ft", "NBA 10-VI and 10-VII: beyond the end line"),
        guess("free_throw_circle_radius", 6.0, "ft"),
        guess("center_circle_radius", 6.0, "ft"),
        guess("jump_circle_radius", 2.0, "ft"),
        Constant("three_point_radius", 23.75, "ft", NBA_1),
        Constant("three_point_from_sideline", 3.0, "ft", NBA_1),
        Constant("restricted_area_radius", 4.0, "ft", NBA_1),
        guess("basket_from_end_line", 5.25, "ft"),
        guess("backboard_from_end_line", 4.0, "ft"),
        guess("backboard_width", 6.0, "ft"),
        guess("backboard_bottom", 9.5, "ft"),
        guess("backboard_height", 3.5, "ft"),
        guess("rim_height", 10.0, "ft"),
        guess("rim_radius", 9.0, "in"),
        Constant("hash_from_end_line", 28.0, "ft", NBA_1),
        guess("hash_length", 3.0, "ft"),
        guess("lane_mark_first", 7.0, "ft"),
        guess("lane_mark_second", 8.0, "ft"),
        guess("lane_mark_third", 11.0, "ft"),
        guess("lane_mark_fourth", 14.0, "ft"),
        guess("lane_mark_length", 6.0, "in"),
    ),
    "fiba": by_name(
        Constant("length", 28.0, "m", FIBA_2),
        Constant("width", 15.0, "m", FIBA_2),
        Constant("line_width", 5.0, "cm", FIBA_2),
        Constant("lane_width", 4.9, "m", FIBA_2),
        Constant("lane_length", 5.8, "m", FIBA_2),
        guess("lane_extension", 0.0, "m", "FIBA 26 knows no area beyond the end line"),
        guess("free_throw_circle_radius", 1.8, "m"),
        guess("center_circle_radius", 1.8, "m"),
        guess("jump_circle_radius", 0.0, "m"),
        Constant("three_point_radius", 6.75, "m", FIBA_2),
        Constant("three_point_from_sideline", 0.9, "m", FIBA_2),
        Constant("restricted_area_radius", 1.25, "m", "FIBA 2024: no-charge semi-circle"),
        guess("basket_from_end_line", 1.575, "m"),
        guess("backboard_from_end_line", 1.2, "m"),
        guess("backboard_width", 1.8, "m"),
        guess("backboard_bottom", 2.9, "m"),
        guess("backboard_height", 1.05, "m"),
        guess("rim_height", 3.05, "m"),
        guess("rim_radius", 22.5, "cm"),
        guess("hash_from_end_line", 8.325, "m"),
        guess("hash_length", 15.0, "cm"),
        guess("lane_mark_first", 1.75, "m"),
        guess("lane_mark_second", 2.6, "m"),
        guess("lane_mark_third", 3.0, "m"),
        guess("lane_mark_fourth", 3.85, "m"),
        guess("lane_mark_length", 10.0, "cm"),
    ),
}

_SHARED_RULES = (
    guess("ball_radius", 0.12, "m"),
    guess("imminent_exit", 0.5, "s", "one stride: how long before he is out somebody may already be leaving"),
    guess("exit_speed", 1.0, "m/s", "a slow walk: who goes straight out no slower leaves before everybody's eyes"),
    guess("continuous_motion", 1.5, "s", "the longest motion to the basket that is one act of shooting"),
    Constant("backcourt_time", 8.0, "s", "NBA 10-VIII, FIBA 28"),
    choice("midcourt_line", "backcourt", ("backcourt", "frontcourt"), "NBA 10-IX, FIBA 30"),
    guess("last_minutes", 120.0, "s", "NBA 10-IX; FIBA from background knowledge"),
    guess("new_control", 1.0, "s", "how long after a steal a jump or a stride may still carry the ball back"),
)

EDITIONS: dict[str, Edition] = {
    "nba-2025": Edition(
        "nba-2025",
        "NBA 2025-26",
        "basketball",
        "nba",
        by_name(
            *_SHARED_RULES,
            Constant("lane_time", 3.0, "s", "NBA 10-VI"),
            choice("lane_zone", "lane_extended", ("lane_extended", "lane"), "NBA 10-VI: with 4 ft beyond the end line"),
            Constant("defensive_lane_time", 3.0, "s", "NBA 10-VII"),
            guess("arms_length", 1.25, "m", "half the span of the arms, 2.1 m, and half a trunk"),
            guess("guarding_open", 0.15, "m", "how far ground points are off where arms and bodies are"),
            guess("guarding_ball", 6.0, "ft", "closely guarded, as college rules measure it; the NBA gives no figure"),
            guess("guarding_least", 0.5, "s", "2.5 m of reach at 5 m/s: who runs past does not move along"),
            guess("guarding_lasts", 1.0, "s", "2.5 m of reach at 2.5 m/s: who stays for longer moves along"),
            choice(
                "after_guarding",
                "the count begins anew",
                ("not said", "the count begins anew", "the count goes on"),
                "NBA, misunderstood rules, 2007-08: who moves along within arm's length gets a new three second count",
            ),
            choice(
                "backcourt_count_new_after",
                "jump_ball foul kick punch delay",
                ("jump_ball foul kick punch delay", "foul kick punch"),
                "NBA 10-VIII",
            ),
            choice(
                "expired_in_flight",
                "must touch the ring",
                ("must touch the ring", "must touch the ring, or the opponents gain the ball"),
                BACKGROUND,
                confirmed=False,
            ),
        ),
    ),
    "fiba-2024": Edition(
        "fiba-2024",
        "FIBA 2024",
        "basketball",
        "fiba",
        by_name(
            *_SHARED_RULES,
            Constant("lane_time", 3.0, "s", FIBA_26),
            choice("lane_zone", "lane", ("lane_extended", "lane"), FIBA_26),
            choice(
                "backcourt_count_new_after",
                "foul kick punch",
                ("jump_ball foul kick punch delay", "foul kick punch"),
                FIBA_28,
            ),
            choice(
                "expired_in_flight",
                "must touch the ring, or the opponents gain the ball",
                ("must touch the ring", "must touch the ring, or the opponents gain the ball"),
                BACKGROUND,
                confirmed=False,
            ),
        ),
    ),
}

_EVENTS = (
    *COMMON_EVENTS,
    EventKind("shot", "the act of shooting begins"),
    EventKind("release", "the ball leaves the hand on a shot"),
    EventKind("rim", "the ball touches the ring"),
    EventKind("rebound", "entity gains the ball after a shot"),
    EventKind("inbound", "the ball is thrown in"),
    EventKind("jump_ball", "an official tosses the ball between two opponents"),
)

ONTOLOGY = Ontology(
    domain="basketball",
    kinds={
        kind.name: kind
        for kind in (
            Kind("player", "a player", 0.3, PERSON_SIGMA, 10.0),
            Kind("official", "a referee", 0.5, PERSON_SIGMA, 9.0),
            Kind("ball", "the ball", 0.12, SMALL_SIGMA, 25.0, person=False),
            Kind("staff", "anyone else who belongs to a team or the hall", 0.5, PERSON_SIGMA, 9.0),
            Kind("unknown", "not known", 0.3, PERSON_SIGMA, 10.0),
        )
    },
    roles=("point_guard", "shooting_guard", "small_forward", "power_forward", "center", "guard", "forward", "referee"),
    states=("live", "stopped", "throw_in", "free_throw", "jump_ball"),
    event_kinds={kind.name: kind for kind in _EVENTS},
    parts=COMMON_PARTS,
    editions=EDITIONS,
    presets=tuple(PRESETS),
    team_size=5,
)


def field(preset: str = "nba", length_m: float | None = None, width_m: float | None = None) -> Field:
    """Build a court.

    Args:
        preset: ``nba`` or ``fiba``.
        length_m: between the inner edges of the end lines; None: the preset's, which it has to be.
        width_m: between the inner edges of the sidelines; likewise.

    Raises:
        InputError: on an unknown preset or another size.

    >>> court = field("nba")
    >>> round(court.target("lane_right").distance(court.length_m / 2 - 0.1, 0.0).item(), 2)
    0.1
    """
    sizes = sizes_of("basketball", PRESETS, preset, length=length_m, width=width_m)
    build = _Court(sizes)
    build.borders()
    build.midcourt()
    for end, sx in ENDS:
        build.lane(end, sx)
        build.arcs(end, sx)
        build.basket(end, sx)
    return build.field(
        preset, "basketball", RoundedRectangle(sizes["length"] / 2, sizes["width"] / 2), ground="#c99a5b"
    )


class _Court(Markings):
    """Collects the parts of one court; sizes in metres."""

    def __init__(self, sizes: Mapping[str, float]) -> None:
        super().__init__(sizes)
        s = self.sizes
        self.end_x, self.side_y, self.paint = s["length"] / 2, s["width"] / 2, s["line_width"]
        self.basket_x = self.end_x - s["basket_from_end_line"]

    def line(self, name: str, inner: Line, outer: Line, counts: str) -> None:
        """Add a line by its two edges; its name means the edge that counts."""
        edges = {f"{name}_inner": inner, f"{name}_outer": outer}
        counted = f"{name}_{counts}"
        self.lines[name] = PaintedLine(name, edges[counted], self.paint, WHITE, edges, counted)

    def circle(self, name: str, shape: Circle) -> None:
        self.circles[name] = PaintedCircle(name, shape, self.paint, WHITE)

    def borders(self) -> None:
        """Add sidelines and end lines, which are out of bounds, with the corners and the marks on them."""
        s, ex, sy = self.sizes, self.end_x, self.side_y
        for side, sign in SIDES:
            self.line(f"sideline_{side}", along(sign * sy, -ex, ex), along(sign * (sy + self.paint), -ex, ex), "inner")
        for end, sign in ENDS:
            self.line(f"end_line_{end}", across(sign * ex, -sy, sy), across(sign * (ex + self.paint), -sy, sy), "inner")
            for side, up in SIDES:
                self.point(f"corner_{end}_{side}", sign * ex, up * sy)
                x, length = sign * (ex - s["hash_from_end_line"]), s["hash_length"]
                outside = length < OUTSIDE_HASH_M
                stop = sy + length if outside else sy - length
                self.marks.append(Mark(f"hash_{end}_{side}", ((x, up * sy), (x, up * stop)), self.paint, WHITE))
                self.point(f"hash_{end}_{side}", x, up * sy)
        self.zone("court", box(-ex, ex, -sy, sy), "within sidelines and end lines, which are out")

    def midcourt(self) -> None:
        """Add the midcourt line, the circles around its middle, and both frontcourts, which it does not belong to."""
        s, sy, half = self.sizes, self.side_y, self.paint / 2
        edges = {"midcourt_left": across(-half, -sy, sy), "midcourt_right": across(half, -sy, sy)}
        self.lines["midcourt"] = PaintedLine("midcourt", across(0.0, -sy, sy), self.paint, WHITE, edges, "midcourt")
        for label, line in {"midcourt": across(0.0, -sy, sy), **edges}.items():
            for side, up in SIDES:
                self.point(f"{label}_{side}", line.x1, up * sy)
        self.circle("center_circle", Circle(0.0, 0.0, s["center_circle_radius"]))
        if s["jump_circle_radius"] > 0:
            self.circle("jump_circle", Circle(0.0, 0.0, s["jump_circle_radius"]))
        radius = s["center_circle_radius"]
        self.point("center", 0.0, 0.0)
        for end, sx in ENDS:
            self.point(f"center_circle_{end}", sx * radius, 0.0)
        for side, up in SIDES:
            self.point(f"center_circle_{side}", 0.0, up * radius)
        for end, sx in ENDS:
            front, back = (across(sx * x, -sy, sy) for x in (half, -half))
            self.zone(f"frontcourt_{end}", HalfPlane(front, sx > 0), "beyond the midcourt line, without it")
            self.zone(f"frontcourt_{end}_with_line", HalfPlane(back, sx > 0), "beyond the midcourt line, with it")

    def lane(self, end: str, sx: float) -> None:
        """Add lane, free-throw line and circle, and the marks along the lane."""
        s, ex = self.sizes, self.end_x
        half, top = s["lane_width"] / 2, ex - s["lane_length"]
        inner, outer = (across(sx * x, -half, half) for x in (top, top + self.paint))
        self.line(f"free_throw_line_{end}", inner, outer, "inner")
        for side, up in SIDES:
            x1, x2 = sorted((sx * top, sx * ex))
            self.line(
                f"lane_line_{end}_{side}", along(up * (half - self.paint), x1, x2), along(up * half, x1, x2), "outer"
            )
            self.point(f"lane_{end}_{side}", sx * ex, up * half)
            self.point(f"free_throw_{end}_{side}", sx * top, up * half)
            for name in ("first", "second", "third", "fourth"):
                x = sx * (ex - s[f"lane_mark_{name}"])
                stroke = ((x, up * half), (x, up * (half + s["lane_mark_length"])))
                self.marks.append(Mark(f"lane_mark_{end}_{side}_{name}", stroke, self.paint, WHITE))
                self.point(f"lane_mark_{end}_{side}_{name}", x, up * half)
        radius = s["free_throw_circle_radius"]
        self.circle(f"free_throw_circle_{end}", Circle(sx * top, 0.0, radius))
        self.point(f"free_throw_circle_{end}_top", sx * (top - radius), 0.0)
        low, high = sorted((sx * top, sx * ex))
        self.zone(f"lane_{end}", box(low, high, -half, half), "the lane with its lines")
        low, high = sorted((sx * top, sx * (ex + s["lane_extension"])))
        self.zone(f"lane_{end}_extended", box(low, high, -half, half), "the lane and what lies behind it off the court")

    def arcs(self, end: str, sx: float) -> None:
        """Add the three-point line, an arc and two straight pieces, and the restricted area under the basket."""
        s = self.sizes
        x, radius, corner = sx * self.basket_x, s["three_point_radius"], self.side_y - s["three_point_from_sideline"]
        turn = math.asin(corner / radius)
        middle = math.pi if sx > 0 else 0.0
        self.circle(f"three_point_{end}", Circle(x, 0.0, radius, middle - turn, middle + turn))
        break_x = x - sx * radius * math.cos(turn)
        for side, up in SIDES:
            x1, x2 = sorted((break_x, sx * self.end_x))
            inner, outer = along(up * (corner - self.paint), x1, x2), along(up * corner, x1, x2)
            self.line(f"three_point_line_{end}_{side}", inner, outer, "outer")
            self.point(f"three_point_{end}_{side}", sx * self.end_x, up * corner)
            self.point(f"three_point_break_{end}_{side}", break_x, up * corner)
        self.point(f"three_point_{end}_top", x - sx * radius, 0.0)
        small = s["restricted_area_radius"]
        self.circle(f"restricted_area_{end}", Circle(x, 0.0, small, middle - math.pi / 2, middle + math.pi / 2))
        self.point(f"restricted_area_{end}_top", x - sx * small, 0.0)

    def basket(self, end: str, sx: float) -> None:
        """Add ring and backboard."""
        s = self.sizes
        x, board = sx * self.basket_x, sx * (self.end_x - s["backboard_from_end_line"])
        self.circle(f"basket_{end}", Circle(x, 0.0, s["rim_radius"]))
        self.point(f"basket_{end}", x, 0.0, s["rim_height"])
        half = s["backboard_width"] / 2
        self.marks.append(Mark(f"backboard_{end}", ((board, -half), (board, half)), self.paint, WHITE))
        for side, up in SIDES:
            self.point(f"backboard_{end}_bottom_{side}", board, up * half, s["backboard_bottom"])
            self.point(f"backboard_{end}_top_{side}", board, up * half, s["backboard_bottom"] + s["backboard_height"])
