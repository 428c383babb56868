"""Ice hockey: the rink, who and what is on it, what can happen, and the rulebooks of NHL and IIHF.

Names end in left or right for -x or +x, and near or far for -y or +y; the edge of a line that is nearer
the goal is its outer one, the edge nearer the centre its inner one. Players' benches are on the near side
and the scorekeeper on the far side unless a scene says otherwise.
"""

import math
from collections.abc import Mapping

from ontologies.base import (
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
from ontologies.geometry import Circle, HalfPlane, Line, Polygon, RoundedRectangle, Strip, across
from ontologies.markings import ENDS, SIDES, Markings, sizes_of

RED, BLUE = "#c8102e", "#0033a0"

NHL_1 = "NHL rule 1"
NHL_PAGES = "NHL rink, as quoted by sportsknowhow.com and dnaofsports.com"
IIHF_VI = "IIHF rulebook, appendix VI"
IIHF_1 = "IIHF 2023/24 rules 1.9 and 2.1, jaakiekkokirja.fi/digijulkaisut/icehockeyrules/35"
IIHF_PAGES = "IIHF rink, as quoted by opensourcesports.io and dlgsc.wa.gov.au"


_SHARED_GEOMETRY = (
    guess("line_width_thin", 2.0, "in"),
    guess("post_diameter", 2.375, "in"),
)

PRESETS: dict[str, dict[str, Constant]] = {
    "nhl": by_name(
        *_SHARED_GEOMETRY,
        Constant("length", 200.0, "ft", NHL_1),
        Constant("width", 85.0, "ft", NHL_1),
        Constant("corner_radius", 28.0, "ft", NHL_1),
        Constant("goal_line_from_boards", 11.0, "ft", NHL_1),
        Constant("goal_line_width", 2.0, "in", NHL_PAGES),
        Constant("blue_line_inner", 25.0, "ft", "measured on broadcast frames"),
        Constant("blue_line_width", 12.0, "in", NHL_1),
        Constant("center_line_width", 12.0, "in", NHL_1),
        Constant("end_dot_from_goal_line", 20.0, "ft", NHL_1),
        Constant("neutral_dot_from_blue_line", 5.0, "ft", NHL_1),
        Constant("dot_from_middle", 22.0, "ft", NHL_PAGES),
        guess("dot_radius", 1.0, "ft"),
        guess("center_dot_radius", 6.0, "in"),
        guess("circle_radius", 15.0, "ft"),
        guess("hash_length", 2.0, "ft"),
        guess("hash_gap", 67.0, "in"),
        guess("l_from_dot", 1.0, "ft"),
        guess("l_gap", 18.0, "in"),
        guess("l_along", 4.0, "ft"),
        guess("l_across", 34.0, "in"),
        Constant("goal_width", 6.0, "ft", NHL_PAGES),
        Constant("goal_height", 4.0, "ft", NHL_PAGES),
        guess("goal_depth", 40.0, "in"),
        guess("crease_radius", 6.0, "ft"),
        guess("crease_half_width", 4.0, "ft"),
        guess("trapezoid_at_goal_line", 22.0, "ft"),
        guess("trapezoid_at_boards", 28.0, "ft"),
        guess("referee_crease_radius", 10.0, "ft"),
    ),
    "iihf": by_name(
        *_SHARED_GEOMETRY,
        Constant("length", 60.0, "m", IIHF_VI),
        Constant("width", 30.0, "m", IIHF_VI),
        Constant("width_min", 26.0, "m", IIHF_VI),
        Constant("width_max", 30.0, "m", IIHF_VI),
        Constant("corner_radius", 8.5, "m", IIHF_VI),
        Constant("goal_line_from_boards", 4.0, "m", IIHF_VI),
        Constant("goal_line_width", 5.0, "cm", IIHF_VI),
        guess("blue_line_inner", 7.5, "m", IIHF_VI),
        Constant("blue_line_width", 30.0, "cm", IIHF_VI),
        Constant("center_line_width", 30.0, "cm", IIHF_VI),
        guess("end_dot_from_goal_line", 6.0, "m"),
        Constant("neutral_dot_from_blue_line", 1.5, "m", IIHF_PAGES),
        guess("dot_from_middle", 7.0, "m"),
        Constant("dot_radius", 30.0, "cm", IIHF_PAGES),
        guess("center_dot_radius", 15.0, "cm"),
        Constant("circle_radius", 4.5, "m", IIHF_1),
        Constant("hash_length", 60.0, "cm", IIHF_1),
        Constant("hash_gap", 1.7, "m", IIHF_1),
        Constant("l_from_dot", 30.0, "cm", IIHF_1),
        Constant("l_gap", 45.0, "cm", IIHF_1),
        Constant("l_along", 1.2, "m", IIHF_1),
        Constant("l_across", 90.0, "cm", IIHF_1),
        Constant("goal_width", 1.83, "m", IIHF_1),
        Constant("goal_height", 1.22, "m", IIHF_1),
        guess("goal_depth", 1.12, "m"),
        guess("crease_radius", 1.83, "m"),
        guess("crease_half_width", 1.22, "m"),
        guess("trapezoid_at_goal_line", 6.8, "m"),
        guess("trapezoid_at_boards", 8.6, "m"),
        guess("referee_crease_radius", 3.0, "m"),
    ),
}

_RULE_83 = "NHL rule 83"
_RULE_81 = "NHL rule 81"
_RULE_74 = "NHL rule 74"
_IIHF_NOTE = "IIHF 2025/26 to 2.3"

_STICK = "a stick of 1.6 m, an arm and a lunge"

_SHARED_RULES = (
    Constant("players_max", 6.0, "count", _RULE_74),
    Constant("blade_length", 0.3, "m", "scene format: a skate's point is the middle of its blade"),
    guess("puck_radius", 1.5, "in"),
    guess("puck_reach", 3.0, "m", _STICK),
    guess("body_reach", 1.5, "m", "two footprints and a lunge: who is further from an opponent does not touch him"),
    guess("told_apart", 2.0, "m", "two boxes nearer to each other may be one player"),
    guess("heading_speed", 1.0, "m/s", "slower than this nobody knows how a skate is turned"),
    guess("ice_contact", 0.01, "m", "a skate that is lower touches the ice"),
    guess("off_ice", 0.5, "m", "who is measured this far outside the boards is off the ice"),
    choice("skates_past_line", "both", ("both", "one"), _RULE_83),
    choice("entry_edge", "outer", ("outer", "inner"), "rule 83.1, 82.1: attacking-zone edge on entry"),
    choice("exit_edge", "inner", ("outer", "inner"), "rule 83.1, 82.1: the whole line belongs to the puck's zone"),
    choice("onside_in_the_air", "plane", ("plane", "contact"), _RULE_83),
    choice("tag_up", "contact", ("contact", "plane"), _RULE_83),
    choice("deflection_off_official", "offside", ("offside", "ignored"), _RULE_83),
    choice("delayed_offside_goal", "disallowed", ("disallowed", "allowed"), "NHL 83.4"),
    choice("icing_release_edge", "near", ("near", "far"), "rule 81.1: the puck has to contact the red line"),
    choice(
        "icing_crossing_edge",
        "outer",
        ("outer", "inner"),
        "the whole puck over the whole goal line, as for a goal",
        confirmed=False,
    ),
    choice("gain_line_with", "stick", ("stick", "any"), _RULE_81),
    choice("short_handed_may_ice", "yes", ("yes", "no"), _RULE_81),
    choice("icing_too_close", "icing", ("icing", "play on"), _RULE_81),
    guess("icing_race_longest", 15.0, "s", "a race that nobody has run by then is none that the tracks can decide"),
    guess("icing_race_speed_min", 3.0, "m/s", "a skater who stands is counted with so much: he gets going"),
    guess("icing_race_level", 0.1, "s", "who is at the puck sooner by less may be later"),
    guess("icing_clear_lead", 1.0, "m", "a lead of less at the dots may look too close to call"),
    choice("icing_official_deflection", "stays icing", ("stays icing", "no icing"), _RULE_81),
    choice("substitute_on", "both skates on the ice", ("both skates on the ice", "one skate on the ice"), _RULE_74),
)

EDITIONS: dict[str, Edition] = {
    "nhl-2025": Edition(
        "nhl-2025",
        "NHL 2025-26",
        "hockey",
        "nhl",
        by_name(
            *_SHARED_RULES,
            choice("carrier_control_with", "stick", ("stick", "any"), _RULE_83),
            choice("icing", "hybrid", ("hybrid", "automatic"), _RULE_81),
            choice("icing_race_ends_at", "end dots", ("end dots", "goal line"), _RULE_81),
            choice(
                "icing_without_a_race",
                "end dots",
                ("end dots", "defender over his blue line"),
                _RULE_81,
                confirmed=False,
            ),
            choice("icing_attainable_pass", "no wave-off", ("no wave-off", "wave-off"), _RULE_81, confirmed=False),
            guess("faceoff_distance", 15.0, "ft", "others than those who face off stay outside the circle"),
            Constant("change_distance", 5.0, "ft", _RULE_74),
        ),
    ),
    "iihf-2025": Edition(
        "iihf-2025",
        "IIHF 2025/26",
        "hockey",
        "iihf",
        by_name(
            *_SHARED_RULES,
            choice("carrier_control_with", "any", ("stick", "any"), "stated of the NHL only", confirmed=False),
            choice("icing", "hybrid", ("hybrid", "automatic"), _IIHF_NOTE),
            choice("icing_race_ends_at", "end dots", ("end dots", "goal line"), _IIHF_NOTE),
            choice(
                "icing_without_a_race",
                "defender over his blue line",
                ("end dots", "defender over his blue line"),
                _IIHF_NOTE,
            ),
            choice("icing_attainable_pass", "no wave-off", ("no wave-off", "wave-off"), _IIHF_NOTE, confirmed=False),
            guess("faceoff_distance", 4.5, "m", "others than those who face off stay outside the circle"),
            Constant("change_distance", 1.5, "m", "IIHF"),
        ),
    ),
}

_EVENTS = (
    *COMMON_EVENTS,
    EventKind("faceoff", "an official drops the puck"),
    EventKind("goal", "the puck wholly crosses the goal line in the net"),
    EventKind("gain_line", "the puck on an entity's stick contacts the center line"),
    EventKind("goalie_play", "the goalkeeper plays, feigns to play or skates towards the puck"),
    EventKind("pursuit", "entity tries to gain a loose puck", lasting=True),
    EventKind("pressure", "entity forces the puck carrier back or is about to contact him", lasting=True),
    EventKind("contact", "entity checks or otherwise touches an opponent (other)"),
    EventKind("tag_up", "entity's skate contacts the blue line while an offside is delayed"),
)

ONTOLOGY = Ontology(
    domain="hockey",
    kinds={
        kind.name: kind
        for kind in (
            Kind("player", "a skater", 0.6, PERSON_SIGMA, 12.0),
            Kind("goalie", "a goalkeeper", 0.9, PERSON_SIGMA, 9.0),
            Kind("official", "a referee or linesman", 0.6, PERSON_SIGMA, 11.0),
            Kind("puck", "the puck", 1.5 * 0.0254, SMALL_SIGMA, 50.0, person=False),
            Kind("staff", "anyone else who belongs to a team or the rink", 0.5, PERSON_SIGMA, 9.0),
            Kind("unknown", "not known", 0.9, PERSON_SIGMA, 12.0),
        )
    },
    roles=(
        "center",
        "left_wing",
        "right_wing",
        "forward",
        "left_defense",
        "right_defense",
        "defense",
        "goalkeeper",
        "extra_attacker",
        "referee",
        "linesman",
    ),
    states=("live", "stopped", "faceoff", "delayed_offside", "delayed_penalty"),
    event_kinds={kind.name: kind for kind in _EVENTS},
    parts=(*COMMON_PARTS, "left_skate", "right_skate", "stick"),
    editions=EDITIONS,
    presets=tuple(PRESETS),
    team_size=6,
)


def field(preset: str = "nhl", length_m: float | None = None, width_m: float | None = None) -> Field:
    """Build a rink.

    Args:
        preset: ``nhl`` or ``iihf``.
        length_m: end to end between the boards; None: the preset's.
        width_m: side to side; None: the preset's; the IIHF allows 26 to 30 m.

    Raises:
        InputError: on an unknown preset, or a size outside what the rulebook allows.

    >>> round(field("nhl").target("blue_line_right_outer").x1 / 0.3048, 6)
    26.0
    """
    sizes = sizes_of("hockey", PRESETS, preset, length=length_m, width=width_m)
    build = _Rink(sizes)
    build.lines_across()
    build.spots_and_circles()
    for end, sx in ENDS:
        build.goal_end(end, sx)
    build.referee_crease()
    build.zones_between_lines()
    return build.field(preset, "hockey", build.boards, ground="#f4f8fb")


class _Rink(Markings):
    """Collects the parts of one rink; sizes in metres."""

    def __init__(self, sizes: Mapping[str, float]) -> None:
        super().__init__(sizes)
        s = self.sizes
        self.boards = RoundedRectangle(s["length"] / 2, s["width"] / 2, s["corner_radius"])
        self.goal_x = s["length"] / 2 - s["goal_line_from_boards"]
        self.blue_inner = s["blue_line_inner"]
        self.blue_outer = s["blue_line_inner"] + s["blue_line_width"]
        self.thin = s["line_width_thin"]

    def line_across(self, name: str, x: float, width: float, colour: str, counts: str) -> None:
        """Add a line from boards to boards; its edges, and where all three meet the boards."""

        def at(where: float) -> Line:
            half = self.boards.half_width_at(where)
            return across(where, -half, half)

        half = width / 2
        if x == 0:
            edges = {f"{name}_left": at(-half), f"{name}_right": at(half)}
        else:
            sign = math.copysign(1.0, x)
            edges = {f"{name}_inner": at(x - sign * half), f"{name}_outer": at(x + sign * half)}
        self.lines[name] = PaintedLine(name, at(x), width, colour, edges, counts)
        for label, line in {name: at(x), **edges}.items():
            for side, sy in SIDES:
                self.point(f"{label}_{side}", line.x1, sy * abs(line.y1))

    def lines_across(self) -> None:
        s = self.sizes
        self.line_across("center_line", 0.0, s["center_line_width"], RED, "center_line")
        for end, sx in ENDS:
            middle = (self.blue_inner + self.blue_outer) / 2
            self.line_across(f"blue_line_{end}", sx * middle, s["blue_line_width"], BLUE, f"blue_line_{end}_outer")
            self.line_across(f"goal_line_{end}", sx * self.goal_x, s["goal_line_width"], RED, f"goal_line_{end}_outer")

    def spot(self, name: str, x: float, y: float, radius: float, colour: str = RED) -> None:
        self.circles[name] = PaintedCircle(name, Circle(x, y, radius), radius, colour, filled=True)
        self.point(name, x, y)

    def ring(self, name: str, x: float, y: float, colour: str) -> None:
        self.circles[name] = PaintedCircle(name, Circle(x, y, self.sizes["circle_radius"]), self.thin, colour)

    def spots_and_circles(self) -> None:
        s = self.sizes
        r, dy = s["circle_radius"], s["dot_from_middle"]
        self.spot("center_dot", 0.0, 0.0, s["center_dot_radius"], BLUE)
        self.ring("center_circle", 0.0, 0.0, BLUE)
        for suffix, x, y in (("top", 0, r), ("bottom", 0, -r), ("left", -r, 0), ("right", r, 0)):
            self.point(f"center_circle_{suffix}", x, y)
        for end, sx in ENDS:
            for side, sy in SIDES:
                neutral_x = sx * (self.blue_inner - s["neutral_dot_from_blue_line"])
                self.spot(f"neutral_dot_{end}_{side}", neutral_x, sy * dy, s["dot_radius"])
                x, y = sx * (self.goal_x - s["end_dot_from_goal_line"]), sy * dy
                self.spot(f"end_dot_{end}_{side}", x, y, s["dot_radius"])
                self.ring(f"end_circle_{end}_{side}", x, y, RED)
                for suffix, px, py in (
                    ("top", x, y + r),
                    ("bottom", x, y - r),
                    ("inner", x - sx * r, y),
                    ("outer", x + sx * r, y),
                ):
                    self.point(f"end_circle_{end}_{side}_{suffix}", px, py)
                self.hashes(f"{end}_{side}", x, y, sx)
                self.l_marks(f"{end}_{side}", x, y, sx)

    def hashes(self, place: str, x: float, y: float, sx: float) -> None:
        """Add the strokes outside a circle, parallel to the goal line.

        Landmarks are the ends: inner or outer stroke (towards the center or the goal), top or bottom of
        the circle, and the end at the circle (base) or away from it (tip).
        """
        s = self.sizes
        dx = s["hash_gap"] / 2
        base = math.sqrt(s["circle_radius"] ** 2 - dx**2)
        for stroke, toward in (("inner", -sx), ("outer", sx)):
            for edge, up in (("top", 1.0), ("bottom", -1.0)):
                start = (x + toward * dx, y + up * base)
                stop = (x + toward * dx, y + up * (base + s["hash_length"]))
                name = f"end_hash_{place}_{stroke}_{edge}"
                self.marks.append(Mark(name, (start, stop), self.thin, RED))
                self.point(f"{name}_base", *start)
                self.point(f"{name}_tip", *stop)

    def l_marks(self, place: str, x: float, y: float, sx: float) -> None:
        """Add the four double-L marks around a dot; landmarks are their corners."""
        s = self.sizes
        dx, dy = s["dot_radius"] + s["l_from_dot"], s["l_gap"] / 2
        for toward_name, toward in (("inner", -sx), ("outer", sx)):
            for edge, up in (("top", 1.0), ("bottom", -1.0)):
                corner = (x + toward * dx, y + up * dy)
                points = (
                    (corner[0] + toward * s["l_along"], corner[1]),
                    corner,
                    (corner[0], corner[1] + up * s["l_across"]),
                )
                name = f"end_l_{place}_{toward_name}_{edge}"
                self.marks.append(Mark(name, points, self.thin, RED))
                self.point(name, *corner)

    def goal_end(self, end: str, sx: float) -> None:
        """Add goal, crease, trapezoid, and the zones around the goal of one end."""
        s = self.sizes
        half = s["goal_width"] / 2
        for side, sy in SIDES:
            y = sy * (half + s["post_diameter"] / 2)
            self.point(f"goal_post_{end}_{side}", sx * self.goal_x, y)
            self.point(f"goal_top_{end}_{side}", sx * self.goal_x, y, s["goal_height"])
        back = sx * (self.goal_x + s["goal_depth"])
        front = sx * self.goal_x
        frame = ((front, half), (back, half * 0.75), (back, -half * 0.75), (front, -half))
        self.marks.append(Mark(f"goal_{end}", frame, s["post_diameter"], "#d0021b"))
        self.zone(f"goal_{end}", Polygon(frame), "inside the net")
        self.crease(end, sx)
        self.trapezoid(end, sx)

    def crease(self, end: str, sx: float) -> None:
        s = self.sizes
        r, half = s["crease_radius"], s["crease_half_width"]
        turn = math.asin(half / r)
        arc = [
            (sx * (self.goal_x - r * math.cos(a)), r * math.sin(a)) for a in (turn * (i / 12 - 1) for i in range(25))
        ]
        outline = ((sx * self.goal_x, -half), *arc, (sx * self.goal_x, half))
        self.marks.append(Mark(f"crease_{end}", outline, self.thin, RED))
        self.zone(f"crease_{end}", Polygon(outline), "the goal crease")
        self.point(f"crease_{end}_top", sx * (self.goal_x - r), 0.0)
        for side, sy in SIDES:
            self.point(f"crease_{end}_{side}", sx * self.goal_x, sy * half)
            self.point(f"crease_{end}_corner_{side}", sx * (self.goal_x - r * math.cos(turn)), sy * half)

    def trapezoid(self, end: str, sx: float) -> None:
        s = self.sizes
        boards_x, front, back = s["length"] / 2, s["trapezoid_at_goal_line"] / 2, s["trapezoid_at_boards"] / 2
        for side, sy in SIDES:
            name = f"trapezoid_{end}_{side}"
            line = Line(sx * self.goal_x, sy * front, sx * boards_x, sy * back)
            edges = {
                f"{name}_inner": line.shifted(-self._upward(line) * sy * self.thin / 2),
                f"{name}_outer": line.shifted(self._upward(line) * sy * self.thin / 2),
            }
            self.lines[name] = PaintedLine(name, line, self.thin, RED, edges, name)
            self.point(f"{name}_goal_line", line.x1, line.y1)
            self.point(f"{name}_boards", line.x2, line.y2)
        corners = ((sx * self.goal_x, -front), (sx * boards_x, -back), (sx * boards_x, back), (sx * self.goal_x, front))
        self.zone(f"trapezoid_{end}", Polygon(corners), "where a goalkeeper may play behind the goal line")
        goal_line = across(sx * (self.goal_x + s["goal_line_width"] / 2), -s["width"] / 2, s["width"] / 2)
        self.zone(f"behind_goal_{end}", HalfPlane(goal_line, sx > 0), "beyond the goal line")
        dots, post, goal = s["dot_from_middle"], s["goal_width"] / 2, sx * self.goal_x
        top = sx * (self.goal_x - s["end_dot_from_goal_line"])
        slot = ((goal, -post), (top, -dots), (top, dots), (goal, post))
        self.zone(f"slot_{end}", Polygon(slot), "between the goal posts and the end-zone dots")

    @staticmethod
    def _upward(line: Line) -> float:
        return math.copysign(1.0, line.normal[1])

    def referee_crease(self) -> None:
        """Add the half circle at the scorekeeper, on the far boards."""
        r, y = self.sizes["referee_crease_radius"], self.sizes["width"] / 2
        shape = Circle(0.0, y, r, math.pi, 2 * math.pi)
        self.circles["referee_crease"] = PaintedCircle("referee_crease", shape, self.thin, RED)
        for suffix, px, py in (("left", -r, y), ("right", r, y), ("bottom", 0.0, y - r)):
            self.point(f"referee_crease_{suffix}", px, py)

    def zones_between_lines(self) -> None:
        w = self.sizes["width"] / 2
        edge = {
            (end, which): across(sx * x, -w, w)
            for end, sx in ENDS
            for which, x in (("inner", self.blue_inner), ("outer", self.blue_outer))
        }
        self.zone("ice", self.boards, "between the boards")
        self.zone("boards", self.boards, "between the boards")
        self.zone(
            "neutral_zone", Strip(edge["left", "inner"], edge["right", "inner"]), "between the blue lines, without them"
        )
        for end, sx in ENDS:
            self.zone(f"zone_{end}", HalfPlane(edge[end, "outer"], sx > 0), "beyond the blue line, without it")
            self.zone(
                f"zone_{end}_with_line",
                HalfPlane(edge[end, "inner"], sx > 0),
                "beyond the blue line, with it: where a puck that has entered still is",
            )
            self.zone(f"half_{end}", HalfPlane(across(0.0, -w, w), sx > 0), "that side of the center line")
        for name, x, y in (
            ("boards_left", -1, 0),
            ("boards_right", 1, 0),
            ("boards_near", 0, -1),
            ("boards_far", 0, 1),
        ):
            self.point(name, x * self.sizes["length"] / 2, y * w)
