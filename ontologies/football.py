"""American football: the field, who and what is on it, what can happen, the rulebooks of NFL and NCAA.

Names end in left or right for -x or +x, and near or far for -y or +y. Yard lines are named by the yards
to the nearer goal line: the 40 on the left of midfield is ``yard_left_40``. The rows of hash marks are
named by their inner ends. Sidelines, end lines and goal lines are named by the edge that counts: the white
border is out, and the goal line is in the end zone.
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
from ontologies.field import (
    Field,
    Mark,
    Numeral,
    PaintedLine,
    check_crown,
)
from ontologies.geometry import HalfPlane, Line, Strip, across, along, box
from ontologies.markings import ENDS, SIDES, Markings, sizes_of
from records.names import unknown
from records.units import IN, YD

WHITE, YELLOW = "#ffffff", "#f5c518"

_RULE_1 = "rule 1"
_PAGES = "rule 1, as quoted by merciafp.com and sportsknowhow.com"


_SHARED_GEOMETRY = (
    Constant("length", 360.0, "ft", _RULE_1),
    Constant("width", 160.0, "ft", _RULE_1),
    Constant("end_zone", 10.0, "yd", _RULE_1),
    Constant("yard_line_step", 5.0, "yd", _RULE_1),
    guess("yard_line_width", 4.0, "in"),
    Constant("border", 6.0, "ft", "NFL rule 1"),
    Constant("hash_length", 2.0, "ft", _PAGES),
    Constant("hash_width", 4.0, "in", _PAGES),
    guess("sideline_hash_gap", 4.0, "in"),
    Constant("numeral_height", 6.0, "ft", _PAGES),
    guess("pylon", 4.0, "in"),
    guess("pylon_from_end_line", 3.0, "ft"),
    Constant("crossbar_height", 10.0, "ft", _PAGES),
    Constant("goal_width", 18.5, "ft", _PAGES),
)

PRESETS: dict[str, dict[str, Constant]] = {
    "nfl": by_name(
        *_SHARED_GEOMETRY,
        Constant("hash_from_sideline", 70.75, "ft", "NFL rule 1"),
        guess("goal_line_width", 8.0, "in"),
        Constant("numeral_base_from_sideline", 12.0, "yd", "NFL rule 1"),
        guess("restraining_line_from_sideline", 15.0, "ft"),
        Constant("upright_top", 35.0, "ft", _PAGES + ": above the crossbar"),
        guess("goal_base_from_end_line", 6.5, "ft"),
        guess("try_mark", 2.0, "yd"),
    ),
    "ncaa": by_name(
        *_SHARED_GEOMETRY,
        Constant("hash_from_sideline", 60.0, "ft", "NCAA rule 1"),
        guess("goal_line_width", 8.0, "in", BACKGROUND + ": 4 or 8 in"),
        guess("numeral_base_from_sideline", 7.0, "yd", BACKGROUND + ": tops of the 6-ft numerals at the 9-yd marks"),
        guess("restraining_line_from_sideline", 12.0, "ft"),
        guess("upright_top", 20.0, "ft", BACKGROUND + ": at least 20 ft above the crossbar"),
        guess("goal_base_from_end_line", 6.5, "ft"),
        guess("try_mark", 3.0, "yd"),
    ),
}

_NFL_7 = "NFL rule 7"
_NCAA_7 = "NCAA rule 7"

FORMATION = ("players on the line", "backs and numbered linemen")
UNSATISFIED_SHIFT = ("illegal shift at the snap", "false start")
BEFORE_SNAP = ("encroachment and neutral zone infraction", "offside")

_MEASURED = BACKGROUND + ": what a track of points can tell"

_SHARED_RULES = (
    Constant("players_max", 11.0, "count", _NFL_7),
    Constant("neutral_zone_length", 11.0, "in", _NFL_7),
    Constant("set_duration", 1.0, "s", _NFL_7),
    Constant("shift_movers", 2.0, "count", _NFL_7),
    Constant("motion_players_max", 1.0, "count", _NFL_7),
    Constant("ineligible_number_min", 50.0, "count", _NFL_7),
    Constant("ineligible_number_max", 79.0, "count", _NFL_7),
    Constant("huddle_extra_duration", 3.0, "s", _NFL_7),
    Constant("play_clock", 40.0, "s", _NFL_7),
    Constant("play_clock_administrative", 25.0, "s", _NFL_7),
    guess("ball_length", 11.0, "in"),
    guess(
        "reach_in_stance",
        8.0,
        "in",
        _MEASURED + ": so far ahead of his shoulders is the mask of a man in his stance, and the hand below it",
    ),
    guess(
        "reach_upright",
        6.0,
        "in",
        _MEASURED + ": so far ahead of his shoulders is the mask of a man who stands upright",
    ),
    guess("reach_sigma", 2.0, "in", _MEASURED + ": 1-sigma of that, from man to man and neck to neck"),
    guess(
        "helmet_lead",
        0.75,
        "m",
        _MEASURED + ": a helmet is so far ahead of its man's point, seen from the waist "
        "of the snapper, which is behind his",
    ),
    guess(
        "helmet_lead_open",
        0.35,
        "m",
        _MEASURED
        + ": give or take, from two upright men by their feet, 0.4 m, to two flat backs by their shoulders, 1.1 m: "
        "the waist up to 0.7 m behind, the mask up to 0.4 m ahead",
    ),
    guess("helmet_half", 0.12, "m", BACKGROUND + ": half a helmet"),
    guess("snapper_to_ball", 0.3, "m", BACKGROUND + ": the rear tip of the ball is so far ahead of the snapper"),
    guess("under_center_across", 0.8, "m", BACKGROUND + ": a quarterback under center stands so near the snapper"),
    guess("under_center_along", 1.6, "m", BACKGROUND + ": and so near behind him"),
    guess("still_speed", 0.5, "m/s", _MEASURED + ": a standing man's shoulders sway slower, a step is faster"),
    guess("sway", 0.3, "m", _MEASURED + ": shoulders get so far without a step"),
    guess(
        "sharp_speed",
        0.1,
        "m/s",
        _MEASURED + ": velocities that are stated to be so good, at 2 sigma, were not smoothed over a beginning step",
    ),
    guess("step_time", 0.5, "s", _MEASURED + ": a walking man is a step away within so long, a swaying one is not"),
    guess("velocity_window", 0.5, "s", _MEASURED + ": a velocity is the slope over so long, about one step"),
    guess(
        "charge_speed",
        1.5,
        "m/s",
        _MEASURED + ": a man who goes forward from the line faster than he would walk up to it charges",
    ),
    guess("line_depth", 2.0, "yd", _MEASURED + ": who stood so near the line of scrimmage stood at the line"),
    guess(
        "abrupt_acceleration",
        5.0,
        "m/s2",
        _MEASURED
        + ": who starts to jog or to run gains 2 to 4 m/s in a second; only a jerk out of a stance gains more",
    ),
    guess("immediate", 1.0, "s", BACKGROUND + ": a reaction within this time is immediate"),
    guess("touch_reach", 1.0, "m", BACKGROUND + ": an arm and half a body: two men further apart do not touch"),
    guess("body_width", 0.3, "m", BACKGROUND + ": two men whose points are nearer than this touch"),
    guess("free_path", 1.0, "yd", BACKGROUND + ": nobody nearer to a path than this bars it"),
    guess("snap_report_late", 0.3, "s", "tags of tracking data, against the ball's own motion"),
    guess("snap_ball_leaves", 12.0, "in", BACKGROUND + ": a ball that is moved less is only adjusted"),
    guess("snap_ball_speed_min", 6.0, "m/s", BACKGROUND + ": of a ball snapped to a man who stands back"),
    guess("snap_ball_speed_max", 12.0, "m/s", BACKGROUND + ": of a ball snapped to a man who stands back"),
    guess(
        "snap_ball_speed_max_kick",
        20.0,
        "m/s",
        BACKGROUND + ": of a ball snapped to a punter, 15 yd in 0.7 to 0.8 s, or to a holder",
    ),
    guess(
        "start_acceleration_max",
        8.0,
        "m/s2",
        BACKGROUND + ": nobody starts faster, with the ball in his hands or without: a sprinter out of his blocks",
    ),
    guess(
        "snap_stroke",
        0.5,
        "m",
        BACKGROUND + ": over so much of the snapper's arm, at least, the ball gains its speed: from the ground under "
        "his eyes to between his feet",
    ),
)

EDITIONS: dict[str, Edition] = {
    "nfl-2025": Edition(
        "nfl-2025",
        "NFL 2025",
        "football",
        "nfl",
        by_name(
            *_SHARED_RULES,
            Constant("line_players_min", 7.0, "count", "NFL 7-5-1"),
            Constant("backfield_depth_min", 1.0, "yd", "NFL 7-5-1"),
            choice("formation", "players on the line", FORMATION, "NFL 7-5-1"),
            choice("unsatisfied_shift", "illegal shift at the snap", UNSATISFIED_SHIFT, "NFL 7-4-8"),
            choice("defensive_offside_before_snap", "encroachment and neutral zone infraction", BEFORE_SNAP, _NFL_7),
            guess(
                "stance_change",
                1.0,
                "yd",
                "NFL 2024: an eligible back who changes his stance need not stop; "
                + BACKGROUND
                + ": no further than this",
            ),
            guess("stance_change_time", 1.0, "s", BACKGROUND + ": and it takes him no longer"),
            Constant("under_center_set", 1.0, "s", "NFL 7-4-7: who goes in motion from under center stops so long"),
        ),
    ),
    "ncaa-2025": Edition(
        "ncaa-2025",
        "NCAA 2025",
        "football",
        "ncaa",
        by_name(
            *_SHARED_RULES,
            Constant("backs_max", 4.0, "count", _NCAA_7),
            Constant("line_numbered_min", 5.0, "count", _NCAA_7),
            choice("formation", "backs and numbered linemen", FORMATION, _NCAA_7),
            Constant("threatened_linemen_max", 3.0, "count", _NCAA_7),
            Constant("threatened_linemen_in_gap", 2.0, "count", _NCAA_7),
            guess(
                "lineman_width",
                0.5,
                "yd",
                BACKGROUND + ": who is so far from a lineman across the field faces him, not a gap",
            ),
            choice("unsatisfied_shift", "false start", UNSATISFIED_SHIFT, "NCAA A.R. 7-1-2 IV"),
            choice("defensive_offside_before_snap", "offside", BEFORE_SNAP, _NCAA_7),
        ),
    ),
}

_EVENTS = (
    *COMMON_EVENTS,
    EventKind("snap", "the snapper starts to hand or pass the ball back"),
    EventKind("line_set", "the offense is set on the line"),
    EventKind("contact", "entity contacts an opponent (other) or the ball"),
    EventKind("reaction", "entity of the offense reacts; other is the defender that made him"),
    EventKind("huddle_break", "the offense leaves its huddle"),
)

ONTOLOGY = Ontology(
    domain="football",
    kinds={
        kind.name: kind
        for kind in (
            Kind("player", "a player in play", 0.5, PERSON_SIGMA, 12.0),
            Kind("official", "a member of the officiating crew", 0.4, PERSON_SIGMA, 10.0),
            Kind("ball", "the ball; its radius is half its length", 5.5 * IN, SMALL_SIGMA, 35.0, person=False),
            Kind("staff", "anyone else who belongs to a team or the game", 0.5, PERSON_SIGMA, 9.0),
            Kind("unknown", "not known", 0.5, PERSON_SIGMA, 12.0),
        )
    },
    roles=(
        "quarterback",
        "center",
        "guard",
        "tackle",
        "tight_end",
        "wide_receiver",
        "running_back",
        "fullback",
        "snapper",
        "lineman",
        "back",
        "kicker",
        "punter",
        "holder",
        "returner",
        "defensive_tackle",
        "defensive_end",
        "nose_tackle",
        "linebacker",
        "cornerback",
        "safety",
        "referee",
        "umpire",
        "center_judge",
        "down_judge",
        "line_judge",
        "field_judge",
        "side_judge",
        "back_judge",
    ),
    states=("pre_snap", "live", "stopped", "huddle"),
    event_kinds={kind.name: kind for kind in _EVENTS},
    parts=COMMON_PARTS,
    editions=EDITIONS,
    presets=tuple(PRESETS),
    team_size=11,
)


def field(
    preset: str = "nfl", length_m: float | None = None, width_m: float | None = None, crown_m: float = 0.0
) -> Field:
    """Build a football field.

    Args:
        preset: ``nfl`` or ``ncaa``.
        length_m: end line to end line; None: the preset's, and no other is allowed.
        width_m: sideline to sideline; None: the preset's, and no other is allowed.
        crown_m: how much higher the middle is than the sidelines, up to 0.45 m on real fields.

    Raises:
        InputError: on an unknown preset, or a size outside what the rulebook allows.

    >>> round(field("nfl").landmarks["yard_50_hash_far"][1] / 0.3048, 6)
    9.25
    """
    sizes = sizes_of("football", PRESETS, preset, length=length_m, width=width_m)
    check_crown(crown_m)
    build = _Gridiron(sizes, crown_m)
    build.borders()
    build.yard_lines()
    build.hashes()
    build.numerals_on_lines()
    for end, sx in ENDS:
        build.goal_end(end, sx)
    build.areas()
    boundary = box(-sizes["length"] / 2, sizes["length"] / 2, -sizes["width"] / 2, sizes["width"] / 2)
    return build.field(preset, "football", boundary, ground="#4f8a3c")


class _Gridiron(Markings):
    """Collects the parts of one field; sizes in metres."""

    def __init__(self, sizes: Mapping[str, float], crown_m: float) -> None:
        super().__init__(sizes, crown_m)
        s = self.sizes
        self.end_x, self.side_y = s["length"] / 2, s["width"] / 2
        self.goal_x = self.end_x - s["end_zone"]
        self.hash_y = self.side_y - s["hash_from_sideline"]

    def line(self, name: str, shape: Line, width: float, edges: dict[str, Line], counts: str = "") -> None:
        self.lines[name] = PaintedLine(name, shape, width, WHITE, edges, counts or name)

    def borders(self) -> None:
        """Add sidelines and end lines, named by their inner edges, and the restraining lines."""
        s = self.sizes
        border, ex, sy = s["border"], self.end_x, self.side_y
        limit = s["restraining_line_from_sideline"]
        for side, sign in SIDES:
            inner = along(sign * sy, -ex, ex)
            outer = along(sign * (sy + border), -ex - border, ex + border)
            self.line(
                f"sideline_{side}", inner, border, {f"sideline_inner_{side}": inner, f"sideline_outer_{side}": outer}
            )
            for end, sx in ENDS:
                self.point(f"sideline_outer_{side}_{end}", sx * (ex + border), sign * (sy + border))
            self.restraint(f"restraining_line_{side}", along(sign * (sy + limit), -ex - limit, ex + limit))
        for end, sign in ENDS:
            inner = across(sign * ex, -sy, sy)
            outer = across(sign * (ex + border), -sy - border, sy + border)
            self.line(
                f"end_line_{end}", inner, border, {f"end_line_{end}_inner": inner, f"end_line_{end}_outer": outer}
            )
            self.restraint(f"restraining_line_{end}", across(sign * (ex + limit), -sy - limit, sy + limit))
            for side, sy_sign in SIDES:
                self.point(f"end_line_{end}_sideline_{side}", sign * ex, sy_sign * sy)
                self.point(f"end_line_{end}_hash_{side}", sign * ex, sy_sign * self.hash_y)

    def restraint(self, name: str, shape: Line) -> None:
        half = self.sizes["yard_line_width"] / 2
        edges = {f"{name}_low": shape.shifted(-half), f"{name}_high": shape.shifted(half)}
        self.lines[name] = PaintedLine(name, shape, 2 * half, YELLOW, edges, name)

    def yard_lines(self) -> None:
        """Add every fifth yard line and the goal lines, with where they meet sidelines and hash rows."""
        s = self.sizes
        width = s["yard_line_width"]
        for yard in range(-45, 50, 5):
            x = yard * YD
            name = "yard_50" if yard == 0 else f"yard_{'left' if yard < 0 else 'right'}_{50 - abs(yard)}"
            low, high = (across(x + half, -self.side_y, self.side_y) for half in (-width / 2, width / 2))
            words = ("left", "right") if yard == 0 else ("inner", "outer") if yard > 0 else ("outer", "inner")
            edges = {f"{name}_{words[0]}": low, f"{name}_{words[1]}": high}
            self.line(name, across(x, -self.side_y, self.side_y), width, edges)
            self.crossings(name, x)
        for end, sx in ENDS:
            plane = across(sx * self.goal_x, -self.side_y, self.side_y)
            back = across(sx * (self.goal_x + s["goal_line_width"]), -self.side_y, self.side_y)
            name = f"goal_line_{end}"
            self.line(name, plane, s["goal_line_width"], {f"{name}_inner": plane, f"{name}_outer": back})
            self.crossings(name, sx * self.goal_x)

    def crossings(self, name: str, x: float) -> None:
        for side, sy in SIDES:
            self.point(f"{name}_sideline_{side}", x, sy * self.side_y)
            self.point(f"{name}_hash_{side}", x, sy * self.hash_y)

    def hashes(self) -> None:
        """Add both rows of hash marks and the short marks inside the sidelines, one a yard.

        A mark runs from its inner end (nearer the middle of the field) towards the sideline. On every
        fifth yard the mark is crossed instead, since the yard line runs there.
        """
        s = self.sizes
        long, wide = s["hash_length"], s["hash_width"]
        for side, sy in SIDES:
            row = along(sy * self.hash_y, -self.goal_x, self.goal_x)
            ends = along(sy * (self.hash_y + long), -self.goal_x, self.goal_x)
            edges = {f"hash_{side}_inner": row, f"hash_{side}_outer": ends}
            self.lines[f"hash_{side}"] = PaintedLine(f"hash_{side}", row, 0.0, WHITE, edges, f"hash_{side}")
            outer = self.side_y - s["sideline_hash_gap"]
            for yard in range(-49, 50):
                x = yard * YD
                if yard % 5 == 0:
                    cross = ((x - long / 2, sy * self.hash_y), (x + long / 2, sy * self.hash_y))
                    self.marks.append(Mark(f"hash_{side}_{yard}", cross, wide, WHITE))
                    continue
                for name, start in ((f"hash_{side}_{yard}", self.hash_y), (f"side_hash_{side}_{yard}", outer - long)):
                    stroke = ((x, sy * start), (x, sy * (start + long)))
                    self.marks.append(Mark(name, stroke, wide, WHITE))

    def numerals_on_lines(self) -> None:
        """Add the numbers on both sides; their base is towards the nearer sideline."""
        s = self.sizes
        base = self.side_y - s["numeral_base_from_sideline"]
        top = base - s["numeral_height"]
        for yard in range(-40, 50, 10):
            x, text = yard * YD, str(50 - abs(yard))
            place = "50" if yard == 0 else f"{'left' if yard < 0 else 'right'}_{text}"
            for side, sy in SIDES:
                name = f"number_{place}_{side}"
                middle = sy * (base + top) / 2
                self.numerals.append(Numeral(name, text, x, middle, base - top, -sy, WHITE))
                self.point(name, x, middle)
                self.point(f"{name}_base", x, sy * base)
                self.point(f"{name}_top", x, sy * top)

    def goal_end(self, end: str, sx: float) -> None:
        """Add pylons, goal posts, the try mark and the end zone of one end."""
        s = self.sizes
        half, aside = s["goal_width"] / 2, s["pylon"] / 2
        for side, sy in SIDES:
            self.point(f"pylon_{end}_goal_{side}", sx * (self.goal_x + aside), sy * (self.side_y + aside))
            self.point(f"pylon_{end}_end_{side}", sx * (self.end_x + aside), sy * (self.side_y + aside))
            self.point(f"pylon_{end}_hash_{side}", sx * (self.end_x + s["pylon_from_end_line"]), sy * self.hash_y)
            self.point(f"crossbar_{end}_{side}", sx * self.end_x, sy * half, s["crossbar_height"])
            self.point(f"upright_top_{end}_{side}", sx * self.end_x, sy * half, s["crossbar_height"] + s["upright_top"])
        self.point(f"goal_post_{end}_base", sx * (self.end_x + s["goal_base_from_end_line"]), 0.0)
        try_x = sx * (self.goal_x - s["try_mark"])
        self.marks.append(Mark(f"try_mark_{end}", ((try_x, -YD / 2), (try_x, YD / 2)), s["hash_width"], WHITE))
        self.point(f"try_mark_{end}", try_x, 0.0)
        low, high = sorted((sx * self.goal_x, sx * self.end_x))
        self.zone(
            f"end_zone_{end}",
            box(low, high, -self.side_y, self.side_y),
            "from the goal line, which is in it, to the end line, which is not",
        )
        self.zone(f"half_{end}", HalfPlane(across(0.0, -self.side_y, self.side_y), sx > 0), "that side of midfield")

    def areas(self) -> None:
        gx, ex, sy = self.goal_x, self.end_x, self.side_y
        self.zone("field_of_play", box(-gx, gx, -sy, sy), "between goal lines and sidelines")
        self.zone("in_bounds", box(-ex, ex, -sy, sy), "within sidelines and end lines, which are out")
        self.zone(
            "between_hashes",
            Strip(along(-self.hash_y, -gx, gx), along(self.hash_y, -gx, gx)),
            "between the rows of hash marks",
        )
        self.point("center", 0.0, 0.0)


def yard_line_x(name: str) -> float:
    """Return the x of a yard line or goal line by its name, metres.

    Raises:
        InputError: if it is none.

    >>> round(yard_line_x("yard_left_40"), 3), yard_line_x("yard_50")
    (-9.144, 0.0)
    """
    names = {"yard_50": 0.0, "goal_line_left": -50 * YD, "goal_line_right": 50 * YD}
    for end, sx in ENDS:
        names.update({f"yard_{end}_{yard}": sx * (50 - yard) * YD for yard in range(1, 50)})
    if name not in names:
        raise unknown("yard line", name, names)
    return names[name]


def yard_line_name(x: float) -> str:
    """Return the name of the yard line nearest to an x of the field of play.

    >>> yard_line_name(-9.2), yard_line_name(0.1), yard_line_name(46.0)
    ('yard_left_40', 'yard_50', 'goal_line_right')
    """
    yard = math.copysign(math.floor(abs(x) / YD + 0.5), x)
    if yard == 0:
        return "yard_50"
    end = "left" if yard < 0 else "right"
    left = int(50 - abs(yard))
    return f"goal_line_{end}" if left <= 0 else f"yard_{end}_{left}"
