"""The embedded example: a legal entry, the puck comes out again, an offside entry and the whistle."""

from __future__ import annotations

from ontologies.field import Field
from simulation.plays.play import Play
from simulation.scenario import Script

LEADING_EDGE = "blue_line_right_outer"


def demo_play(field: Field) -> Play:
    """Script the play of the embedded clip (10 s, home attacks the right end).

    The home winger carries the puck in with everybody behind it. The defence wins it and sends it out of the zone,
    a home defender picks it up, and the home centre carries it in again while a team-mate is still deep in the zone.
    Every attacker is more than a metre from the leading edge when the puck crosses it. Home trails in the last minutes
    and plays six attackers with an empty net: all six are in the picture, so that nobody unseen can be offside.
    """
    script = Script("demo", "nhl-2025", 10.0, {"home": "right", "away": "left"}, field)
    _home(script)
    _away(script)
    _officials(script)
    script.puck_starts_with("h9").keeps_until(3.5)
    script.passes_to("a5", at=4.1).keeps_until(4.75)
    script.passes_to("h4", at=5.7).keeps_until(6.2)
    script.passes_to("h17", at=6.65)
    script.whistle(8.75)
    script.expect(
        "hockey.offside", "clear", "home", (LEADING_EDGE, 2.4), "h9 carries the puck in, all team-mates are behind it"
    )
    script.expect(
        "hockey.offside", "violation", "home", (LEADING_EDGE, 8.2),
        "h17 carries the puck in while h11 is metres inside the zone with both skates",
    )  # fmt: skip
    return script.play()


def _home(script: Script) -> None:
    script.skater("h9", "home", "9", role="left_wing", shoots="right", via=[
        (0, -7.5, 4.6), (1.2, -0.5, 5.2), (2.4, 6.8, 5.0), (3.5, 12.6, 3.6), (4.6, 13.2, 6.2), (5.8, 8.2, 7.6),
        (7.0, 2.6, 6.8), (8.2, 4.6, 6.8), (9.0, 8.0, 7.0), (10, 11.0, 6.6),
    ])  # fmt: skip
    script.skater("h17", "home", "17", role="center", shoots="left", via=[
        (0, -9.5, -1.5), (1.2, -4.0, -1.2), (2.4, 2.2, -0.6), (3.5, 9.0, 0.2), (4.6, 10.4, 1.2), (5.6, 6.2, 2.4),
        (6.65, 2.4, 2.2), (7.4, 3.2, 1.4), (8.2, 6.5, 0.5), (9.0, 10.8, -0.2), (10, 13.2, -0.4),
    ])  # fmt: skip
    script.skater("h11", "home", "11", role="right_wing", shoots="left", via=[
        (0, -6.5, -6.8), (1.2, -0.8, -7.2), (2.4, 4.6, -7.0), (3.5, 11.0, -6.0), (4.6, 15.4, -4.8), (5.8, 15.6, -5.6),
        (7.0, 14.2, -6.2), (8.2, 12.8, -6.4), (9.0, 12.6, -5.8), (10, 12.8, -5.2),
    ])  # fmt: skip
    script.skater("h4", "home", "4", role="defense", shoots="left", faces_puck=True, via=[
        (0, -13.5, 3.0), (1.2, -9.0, 3.2), (2.4, -3.2, 2.8), (3.5, 1.4, 1.6), (4.6, 1.2, -0.8), (5.7, -0.6, -2.2),
        (6.6, -2.2, -2.4), (8.2, 0.6, -2.8), (10, 4.4, -3.2),
    ])  # fmt: skip
    script.skater("h6", "home", "6", role="defense", shoots="right", faces_puck=True, via=[
        (0, -14.0, -5.0), (1.2, -9.5, -5.4), (2.4, -2.0, -6.4), (3.5, 3.2, -7.0), (4.6, 4.0, -7.4), (5.7, 1.0, -7.2),
        (6.6, -1.4, -6.8), (8.2, 1.0, -7.0), (10, 5.0, -7.4),
    ])  # fmt: skip
    script.skater("h21", "home", "21", role="extra_attacker", shoots="right", via=[
        (0, -12.0, 8.6), (1.2, -6.4, 8.8), (2.4, 0.2, 8.0), (3.5, 4.6, 7.6), (4.6, 4.4, 8.6), (5.8, 1.6, 9.4),
        (7.0, -1.0, 9.6), (8.2, 1.2, 9.6), (10, 5.6, 9.4),
    ])  # fmt: skip


def _away(script: Script) -> None:
    script.skater("a3", "away", "3", role="defense", shoots="left", faces_puck=True, via=[
        (0, 3.0, 2.0), (1.2, 7.0, 2.8), (2.4, 12.0, 2.6), (3.5, 16.4, 1.4), (4.6, 18.8, 2.4), (5.8, 15.4, 3.4),
        (7.0, 12.4, 3.2), (8.2, 13.2, 2.2), (9.0, 15.4, 1.4), (10, 16.6, 1.0),
    ])  # fmt: skip
    script.skater("a5", "away", "5", role="defense", shoots="right", faces_puck=True, via=[
        (0, 3.4, -4.6), (1.2, 7.2, -4.2), (2.4, 12.2, -3.4), (3.5, 16.6, -2.4), (4.1, 18.0, -1.6), (4.75, 17.4, -1.4),
        (5.8, 15.8, -2.6), (7.0, 13.0, -2.8), (8.2, 14.4, -2.6), (9.0, 16.6, -2.4), (10, 17.6, -2.2),
    ])  # fmt: skip
    script.skater("a14", "away", "14", role="center", shoots="left", via=[
        (0, -1.0, 0.6), (1.2, 3.0, 0.8), (2.4, 8.6, 1.6), (3.5, 13.4, -0.4), (4.6, 13.4, -2.6), (5.8, 8.4, -4.4),
        (7.0, 6.6, -4.4), (8.2, 10.6, -2.6), (9.0, 13.2, -2.4), (10, 15.2, -2.6),
    ])  # fmt: skip
    script.skater("a22", "away", "22", role="right_wing", shoots="right", via=[
        (0, -4.0, 8.4), (1.2, 1.0, 8.8), (2.4, 7.6, 8.4), (3.5, 12.0, 8.0), (4.6, 10.6, 8.6), (5.8, 5.8, 9.4),
        (7.0, 4.8, 9.2), (8.2, 7.2, 8.6), (10, 11.0, 8.8),
    ])  # fmt: skip
    script.skater("a8", "away", "8", role="left_wing", shoots="left", via=[
        (0, -2.6, -8.8), (1.2, 2.2, -9.4), (2.4, 8.0, -9.2), (3.5, 12.2, -8.6), (4.6, 10.8, -9.0), (5.8, 6.2, -9.4),
        (7.0, 6.0, -9.2), (8.2, 8.8, -9.0), (10, 12.4, -8.4),
    ])  # fmt: skip
    script.goalie(
        "a30", "away", "30", via=[(0, 25.4, 0.2), (2.5, 25.2, 0.8), (4.5, 25.2, -0.4), (7, 25.2, 0.2), (10, 25.0, 0.4)]
    )


def _officials(script: Script) -> None:
    script.official(
        "o1", "linesman", via=[(0, 8.6, 11.9), (2.4, 9.2, 12.0), (6, 9.0, 11.9), (10, 9.0, 11.9)], arm_up=(8.3, 10.0)
    )
    script.official("o2", "linesman", via=[(0, -8.6, 11.4), (2.4, -3.6, 11.7), (5.5, -1.6, 11.9), (10, -0.6, 11.8)])
    script.official(
        "o3", "referee", via=[(0, 16.5, 10.2), (2.4, 19.5, 10.0), (4.5, 22.2, 8.6), (7, 19.6, 9.6), (10, 20.6, 9.2)]
    )
    script.official(
        "o4", "referee", via=[(0, -15.0, 8.4), (2.4, -8.6, 8.8), (5, -2.6, 8.2), (7.5, -5.0, 8.4), (10, -3.6, 8.6)]
    )
